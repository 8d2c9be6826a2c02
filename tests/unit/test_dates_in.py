"""Dates are read exactly or refused, never guessed."""

import pandas as pd
import pytest

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import fit_of_forms, parse_dates, shape

GOLDEN = {
    "2015-02-03": "2015-02-03",
    "03/02/2015": "2015-02-03",
    "13/02/2015": "2015-02-13",
    "29/02/2012": "2012-02-29",
    "2012-02-29": "2012-02-29",
    "01/01/1900": "1900-01-01",
    "31/12/2099": "2099-12-31",
    "": None,
    "02/13/2015": "no day",
    "31/02/2015": "no day",
    "29/02/2015": "no day",
    "2015-02-29": "no day",
    "00/01/2015": "no day",
    "2015-13-01": "no day",
    "9999-12-31": "before 1850 or after 2130",
    "0015-02-03": "before 1850 or after 2130",
    "1849-12-31": "before 1850 or after 2130",
    "01/01/2131": "before 1850 or after 2130",
    "1850-01-01": "1850-01-01",
    "2130-12-31": "2130-12-31",
    "2131-02-30": "before 1850 or after 2130",
    "03/02/15": "two digits",
    "3/2/15": "two digits",
    "03-02-15": "two digits",
    "42036": "count of days",
    "42036.0": "count of days",
    "20150131": "count of days",
    "3/2/2015": "not written as a date",
    "2015-2-3": "not written as a date",
    "03.02.2015": "not written as a date",
    "03-02-2015": "not written as a date",
    "2015/02/03": "not written as a date",
    "3 Feb 2015": "not written as a date",
    "2015-02-03 00:00:00": "not written as a date",
    "2015-02-03T00:00:00Z": "not written as a date",
    "02/2015": "not written as a date",
    "NULL": "not written as a date",
    "n/a": "not written as a date",
    "٠٣/٠٢/٢٠١٥": "not written as a date",
}


def column(*values: str, name: str = "start_date") -> pd.Series:
    return pd.Series(list(values), index=range(2, len(values) + 2), name=name, dtype=object)


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items())
def test_every_way_of_writing_a_date_is_read_right_or_refused(text, expected):
    if expected is None or expected[:1].isdigit():
        read = parse_dates(column(text), file="period.csv")
        assert read.dtype == "datetime64[ns]"
        assert read.tolist() == [pd.NaT if expected is None else pd.Timestamp(expected)]
    else:
        with pytest.raises(InputError, match=expected) as refused:
            parse_dates(column(text), file="period.csv")
        assert ("Correct the day" in str(refused.value)) == (expected == "before 1850 or after 2130")


def test_a_second_form_in_the_column_is_refused_at_its_first_row():
    with pytest.raises(InputError) as refused:
        parse_dates(column("", "01/02/2015", "01/02/2015", "2015-02-03", "01/02/2015"), file="period.csv")
    assert refused.value.where == "period.csv, row 5, column start_date"
    assert "yyyy-mm-dd" in refused.value.what and "dd/mm/yyyy" in refused.value.what


def test_the_first_wrong_row_is_named_with_its_value():
    with pytest.raises(InputError) as refused:
        parse_dates(column("01/02/2015", "soon", "later"), file="period.csv")
    assert refused.value.where == "period.csv, row 3, column start_date"
    assert "'soon'" in refused.value.what and "yyyy-mm-dd" in refused.value.remedy


@pytest.mark.parametrize("value", ["30/02/2011", "12 May 2011", "12/05/11"])
def test_a_date_of_birth_is_never_printed(value):
    with pytest.raises(InputError) as refused:
        parse_dates(column(value, name="date_of_birth"), file="child.csv")
    assert value not in str(refused.value)
    assert shape(value) in refused.value.what


def test_row_numbers_and_repeated_values_are_kept():
    text = pd.Series(["01/02/2015", "", "01/02/2015"], index=[2, 5, 9], name="date", dtype=object)
    read = parse_dates(text, file="milestone.csv")
    assert read.index.tolist() == [2, 5, 9]
    assert read.notna().tolist() == [True, False, True]
    assert parse_dates(text.iloc[:0], file="milestone.csv").dtype == "datetime64[ns]"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("d/m/yyyy", "3/2/2015", "2015-02-03"),
        ("d/m/yyyy", "03/02/2015", "2015-02-03"),
        ("mm/dd/yyyy", "02/03/2015", "2015-02-03"),
        ("dd.mm.yyyy", "03.02.2015", "2015-02-03"),
        ("dd-mm-yyyy", "03-02-2015", "2015-02-03"),
        ("d month yyyy", "3 Feb 2015", "2015-02-03"),
        ("d month yyyy", "3-FEBRUARY-2015", "2015-02-03"),
        ("d month yyyy", "3 Sept 2015", "2015-09-03"),
        ("d month yyyy", "31 Feb 2015", "no day"),
        ("d/m/yyyy", "3/2/15", "two digits"),
        ("d/m/yyyy", "2015-02-03", "is written yyyy-mm-dd, and the column is declared to be d/m/yyyy"),
        ("mm/dd/yyyy", "13/02/2015", "no day"),
        ("dd/mm/yyyy", "3/2/2015", "is written d/m/yyyy"),
        ("yyyy-mm-dd", "02/03/2015", "is written dd/mm/yyyy"),
    ],
)
def test_a_declared_form_is_read_and_no_other(form, text, expected):
    if expected[:1].isdigit():
        assert parse_dates(column(text), file="x.csv", form=form).tolist() == [pd.Timestamp(expected)]
    else:
        with pytest.raises(InputError, match=expected) as refused:
            parse_dates(column(text), file="x.csv", form=form)
        assert form in refused.value.remedy


def test_forms_are_judged_by_every_value():
    fit = fit_of_forms(["03/02/2015", "13/02/2015"])
    assert (fit["dd/mm/yyyy"], fit["d/m/yyyy"], fit["mm/dd/yyyy"], fit["yyyy-mm-dd"]) == (1.0, 1.0, 0.5, 0.0)
    assert fit_of_forms([]) == {}


def test_what_is_shown_of_a_value_can_be_chosen():
    with pytest.raises(InputError) as refused:
        parse_dates(column("Sam 3/4"), file="x.csv", show=shape)
    assert "'aaa 9/9'" in refused.value.what and "Sam" not in str(refused.value)
