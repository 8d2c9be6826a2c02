from datetime import date, timedelta

import numpy as np
import pytest

from pace_analysis.dates import Limit, Quarter, ReportingYear, say_date, years_between
from pace_analysis.errors import UsageError

CENTURY = [date(1990, 1, 1) + timedelta(days=day) for day in range(36_525)]


def test_every_day_of_a_century_falls_in_exactly_one_quarter():
    for before, day in zip(CENTURY, CENTURY[1:], strict=False):
        quarter = Quarter.of(day)
        assert quarter.first_day <= day <= quarter.last_day
        assert (quarter == Quarter.of(before)) == (quarter.first_day != day)
        assert Quarter.parse(str(quarter)) == quarter


@pytest.mark.parametrize("month", range(1, 13))
def test_every_day_falls_in_exactly_one_reporting_year(month):
    for day in CENTURY[::13]:
        year = ReportingYear.of(day, month)
        assert year.first_day <= day <= year.last_day
        assert ReportingYear.of(year.last_day + timedelta(days=1), month).start_year == year.start_year + 1


def test_quarters_shift_over_years_and_say_their_months():
    assert str(Quarter(2015, 1).shift(-1)) == "2014Q4" and str(Quarter(2014, 3).shift(6)) == "2016Q1"
    assert Quarter(2015, 3).words == "July to September 2015"
    assert str(ReportingYear(2014)) == "2014/15" and str(ReportingYear(1999)) == "1999/00" and str(ReportingYear(2014, 1)) == "2014"


@pytest.mark.parametrize("text", ["15Q3", "2015Q5", "2015-Q3", "", "Q3 2015", "20153"])
def test_what_is_no_quarter_is_refused_with_the_form_to_type(text):
    with pytest.raises(UsageError, match="not understood") as refused:
        Quarter.parse(text)
    assert "2015Q3" in refused.value.remedy


def test_only_whole_reporting_years_are_complete():
    names = [str(year) for year in years_between(date(2010, 4, 1), date(2015, 9, 30))]
    assert names == ["2010/11", "2011/12", "2012/13", "2013/14", "2014/15"]
    assert [str(year) for year in years_between(date(2010, 4, 2), date(2012, 3, 30))] == []


@pytest.mark.parametrize(("start", "due"), [
    ("2014-08-31", "2015-02-28"), ("2015-08-31", "2016-02-29"), ("2015-03-31", "2015-09-30"), ("2015-01-15", "2015-07-15"),
    ("2015-08-29", "2016-02-29"), ("2014-08-28", "2015-02-28"),
])
def test_six_calendar_months_end_on_the_same_day_or_the_months_last(start, due):
    assert str(Limit(6, "months").due(np.array([start], dtype="datetime64[D]"))[0]) == due


def test_a_limit_is_never_longer_for_an_earlier_start():
    days = np.arange("2011-01-01", "2017-01-01", dtype="datetime64[D]")
    for limit in (Limit(6, "months"), Limit(12, "months"), Limit(26, "weeks"), Limit(14, "days")):
        assert (np.diff(limit.due(days)) >= np.timedelta64(0, "D")).all()
    lengths = set((Limit(6, "months").due(days) - days).astype(int))
    assert lengths == {181, 182, 183, 184}


@pytest.mark.parametrize(("text", "limit", "nominal"), [
    ("26 weeks", Limit(26, "weeks"), 182), ("6 months", Limit(6, "months"), 182), ("1 year", Limit(12, "months"), 365),
    ("14 days", Limit(14, "days"), 14), ("12 weeks", Limit(12, "weeks"), 84),
])
def test_limits_are_read_as_a_person_writes_them(text, limit, nominal):
    assert Limit.parse(text) == limit and limit.nominal_days == nominal


@pytest.mark.parametrize("text", ["six months", "0 days", "-3 weeks", "6", "6 moons", ""])
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(ValueError, match="not a time limit"):
        Limit.parse(text)


def test_a_missing_start_has_no_limit():
    assert np.isnat(Limit(6, "months").due(np.array(["NaT"], dtype="datetime64[D]")))[0]
    assert np.isnat(Limit(6, "weeks").due(np.array(["NaT"], dtype="datetime64[D]")))[0]


def test_dates_are_said_as_a_board_paper_says_them():
    assert say_date(date(2015, 11, 7)) == "7 November 2015"
