"""A check as an analyst sees it: every row accounted for, ids only in restricted files, no cell that runs."""

import csv
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pace_analysis.errors import InputError, OutputError, UsageError
from pace_analysis.report.checking import TITLE, Checked, check_extract, neutral
from pace_analysis.tables.check import check, set_aside
from pace_analysis.tables.rules import RULES
from pace_analysis.tables.schema import CareTables

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample" / "exampleshire"
NASTY = ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "\rx", "a\x1b[2J", "#N/A"]


@pytest.fixture(scope="module")
def sample() -> Checked:
    return check_extract(SAMPLE / "2015Q3")


@pytest.fixture(scope="module")
def broken(sample) -> Checked:
    """The sample with eight children under numbers that a spreadsheet or a terminal would obey."""
    child = sample.tables.child.copy()
    child.iloc[: len(NASTY), 0] = NASTY
    tables = CareTables(**dict(sample.tables) | {"child": child}, extract=sample.tables.extract)
    report = check(tables)
    return Checked(tables, report, set_aside(tables, report)[1])


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


@pytest.mark.parametrize("quarter", ["2015Q2", "2015Q3"])
def test_the_sample_breaks_no_error_rule_and_no_rule_is_noise(quarter):
    checked = check_extract(SAMPLE / quarter)
    assert checked.report.errors == 0 and checked.exit_code() == 0
    rows = checked.by_rule["table"].map(checked.report.counts)
    assert (checked.by_rule["findings"] < 0.15 * rows).all()
    assert checked.report.warnings < 0.05 * sum(checked.report.counts.values())


def test_the_text_accounts_for_every_row_and_names_rules_and_the_worst(broken):
    text = broken.text()
    assert "milestone     6,516 rows read" in text
    assert "999 rows read =      999 used +      0 set aside" in text
    aside = broken.accounts.loc["period", "set_aside"]
    assert f"= {1090 - aside:>8,} used + {aside:>6,} set aside" in text
    assert f"{broken.accounts.loc['period', 'P02']:>8,} P02: {RULES['P02'].says}" in text
    assert "their period set aside" in text
    assert f"{broken.report.errors} errors, {broken.report.warnings} warnings" in text
    assert "The 10 worst of" in text and RULES["P02"].remedy in text


def test_the_ten_worst_show_many_rules_before_many_rows_of_one(broken):
    assert broken.worst["rule"].iloc[0] == "P02" and len(broken.worst) == 10  # errors first
    assert broken.only(["C03", "M05"]).worst["rule"].tolist() == ["C03", "M05"] * 5
    warnings = sorted(code for code in broken.by_rule["rule"] if code != "P02")
    assert len(warnings) > 10 and broken.only(warnings).worst["rule"].tolist() == warnings[:10]


def test_a_terminal_is_sent_no_control_characters(broken):
    text = broken.only(["C03"]).text()
    assert "\x1b" not in text and "\r" not in text and "\t" not in text
    assert "id a\ufffd[2J" in text
    assert "a\ufffd[2J" in broken.only(["C03"])._repr_html_()


def test_findings_of_a_table_have_no_row_and_say_what_they_counted(tmp_path):
    lag = check_extract(SAMPLE / "2015Q2").only(["M27"])
    assert (lag.report.warnings, lag.report.errors) == (1, 0)
    assert lag.worst.loc[0, ["table", "row", "id"]].tolist() == ["milestone", "all", ""]
    assert "milestone table: Far fewer" in lag.text() and "7 recommendations in the six weeks" in lag.text()
    row = dict(zip(*rows_of(lag.write(tmp_path / "lag.csv"))[1:3], strict=True))
    assert (row["rule"], row["row"], row["id"]) == ("M27", "", "") and row["counted"].startswith("7 recommendations")


def test_some_rules_alone_decide_the_exit_code_and_leave_the_accounts(broken):
    errors = broken.report.errors
    assert errors > 0 and broken.exit_code() == 12
    assert broken.exit_code(errors) == 0 and broken.exit_code(errors - 1) == 12
    some = broken.only(["c03", "M05"])
    assert set(some.report.findings["rule"]) == {"C03", "M05"} == set(some.report.by_rule()["rule"])
    assert some.exit_code() == 0
    assert some.accounts is broken.accounts
    assert broken.only(()) is broken


def test_a_rule_that_does_not_exist_is_refused_with_the_nearest(broken):
    with pytest.raises(UsageError, match="There is no rule 'P99'") as refused:
        broken.only(["P01", "P99"])
    assert "Did you mean 'P" in str(refused.value)


def test_the_json_holds_counts_and_no_row_and_no_child(broken):
    text = broken.to_json()
    told = json.loads(text)
    assert (told["errors"], told["warnings"]) == (broken.report.errors, broken.report.warnings)
    assert {rule["rule"] for rule in told["rules"]} == set(RULES)
    assert sum(rule["findings"] for rule in told["rules"]) == len(broken.report.findings)
    assert {rule["rule"]: rule["also"] for rule in told["rules"]}["P04"] == "903 rule 501"
    for account in told["accounts"].values():
        assert account["read"] == account["used"] + account["set_aside"]
    ids = set(broken.report.findings["id"]) - {""}
    assert len(ids) > 100 and not [name for name in ids if json.dumps(name)[1:-1] in text and len(name) > 2]
    keys = {"rule", "severity", "table", "says", "remedy", "also", "findings"}
    assert {key for rule in told["rules"] for key in rule} == keys


def test_the_csv_is_restricted_by_name_and_first_line_and_holds_every_finding(broken, tmp_path):
    path = broken.write(tmp_path / "findings.csv")
    assert path.name == "findings-RESTRICTED.csv"
    assert broken.write(path) == path
    title, heading, *rows = rows_of(path)
    assert ",".join(title) == TITLE and TITLE.startswith("RESTRICTED")
    assert heading == ["rule", "severity", "table", "row", "id", "counted", "says", "remedy", "also"]
    assert len(rows) == len(broken.report.findings)
    assert [path.name for path in tmp_path.iterdir()] == ["findings-RESTRICTED.csv"]


def test_no_cell_of_the_csv_runs_as_a_formula(broken, tmp_path):
    rows = rows_of(broken.write(tmp_path / "findings.csv"))[1:]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {"'=1+1", "'+44", "'-1", "'@SUM(A1)"} <= {row[4] for row in rows}


def test_the_workbook_is_restricted_and_every_text_in_it_is_text(broken, tmp_path):
    path = broken.write(str(tmp_path / "findings.XLSX"))
    assert path.name == "findings-RESTRICTED.XLSX"
    sheet = openpyxl.load_workbook(path)["RESTRICTED"]
    assert sheet["A1"].value == TITLE
    table = list(sheet.iter_rows(min_row=3))
    assert len(table) == len(broken.report.findings)
    assert {cell.data_type for row in table for cell in row if cell.value is not None} == {"s", "n"}
    assert {row[3].data_type for row in table} == {"n"}
    ids = {row[4].value for row in table}
    assert {"'=1+1", "'-1", "#N/A", "a\ufffd[2J"} <= ids


def test_csv_and_workbook_hold_the_same(broken, tmp_path):
    text = pd.read_csv(broken.write(tmp_path / "a.csv"), skiprows=1, dtype=str, keep_default_na=False)
    book = pd.read_excel(broken.write(tmp_path / "a.xlsx"), skiprows=1, dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(text, book)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_extract_without_a_finding_makes_a_file_without_a_row(sample, tmp_path, ending):
    path = sample.only(["P01"]).write(tmp_path / f"none.{ending}")
    read = pd.read_csv if ending == "csv" else pd.read_excel
    assert read(path, skiprows=1).empty


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_that_cannot_be_written_leaves_what_was_there(sample, tmp_path, ending):
    with pytest.raises(OutputError, match="cannot be written"):
        sample.write(tmp_path / "none" / f"findings.{ending}")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        sample.write(tmp_path / "file" / f"findings.{ending}")
    (tmp_path / f"findings-RESTRICTED.{ending}").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        sample.write(tmp_path / f"findings.{ending}")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", f"findings-RESTRICTED.{ending}"]


@pytest.mark.parametrize("name", ["findings.txt", "findings"])
def test_another_kind_of_file_is_refused(sample, tmp_path, name):
    with pytest.raises(UsageError, match=".csv or .xlsx") as refused:
        sample.write(tmp_path / name)
    assert "findings.csv" in str(refused.value) and not list(tmp_path.iterdir())


def test_a_folder_of_quarters_is_refused_with_the_newest_to_type():
    with pytest.raises(InputError, match="one extract a quarter: 2015Q2, 2015Q3") as refused:
        check_extract(SAMPLE)
    assert refused.value.remedy.endswith("2015Q3")


@pytest.mark.parametrize("cell", ["0042", "", "a=b", 7, None, 1.5])
def test_harmless_cells_stay_as_they_are(cell):
    assert neutral(cell) is cell or neutral(cell) == cell
