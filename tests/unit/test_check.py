"""Every defect is found once under its own rule; what is set aside is accounted for to the last row."""

import time
from datetime import date

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.tables.check import Finding, check, set_aside
from pace_analysis.tables.rules import RULES
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table


def frame(name: str, **columns) -> pd.DataFrame:
    """A canonical table from its filled columns."""
    size = len(next(iter(columns.values())))
    made = empty_table(name).reindex(range(2, size + 2))
    for column in TABLES[name]:
        values = columns.get(column.name, pd.NaT if column.kind == "date" else "")
        made[column.name] = pd.to_datetime(values) if column.kind == "date" else values
    return made


def sound(children: int, seed: int = 1) -> CareTables:
    """Tables that break no rule: one closed period and three milestones in order for every child."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"{i:06d}" for i in range(children)], dtype=object)
    born = pd.Timestamp(2005, 1, 1) + pd.to_timedelta(rng.integers(0, 1000, children), unit="D")
    start = pd.Timestamp(2012, 1, 1) + pd.to_timedelta(rng.integers(0, 700, children), unit="D")
    steps = ["permanence_recommendation", "panel", "agency_decision"]
    return CareTables(
        child=frame("child", child_id=ids, date_of_birth=born),
        period=frame(
            "period", period_id=ids, child_id=ids, kind="away", start_date=start,
            end_date=start + pd.Timedelta(days=400), end_reason="home",
        ),
        milestone=frame(
            "milestone", period_id=np.repeat(ids, 3), milestone=np.tile(np.array(steps, dtype=object), children),
            date=np.repeat(start.to_numpy(), 3) + np.tile(np.array([100, 150, 160], dtype="timedelta64[D]"), children),
        ),
        change=empty_table("change"),
        extract=Extract("test", "canonical", date(2015, 9, 30)),
    )


def found(tables: CareTables) -> list[tuple[str, int]]:
    return list(check(tables).findings[["rule", "row"]].itertuples(index=False, name=None))


def changed(tables: CareTables, name: str, row: int, **values) -> CareTables:
    """The tables with values of one row replaced."""
    frames = {key: value.copy() for key, value in tables}
    for column, value in values.items():
        frames[name].loc[row, column] = pd.Timestamp(value) if value and column.endswith(("date", "birth")) else value
    return CareTables(**frames, extract=tables.extract)


def test_sound_tables_have_no_finding_and_lose_no_row():
    tables = sound(20)
    report = check(tables)
    assert (report.errors, report.warnings, report.worst()) == (0, 0, ())
    assert report.counts == {"child": 20, "period": 20, "milestone": 60, "change": 0}
    used, accounts = set_aside(tables, report)
    assert all(len(frame) == report.counts[name] for name, frame in used)
    assert accounts["set_aside"].sum() == 0 and used.extract == tables.extract


@pytest.mark.parametrize(
    ("name", "row", "values", "expected"),
    [
        ("child", 5, {"date_of_birth": "1979-12-31"},
         [("A01", 5), ("C02", 5), ("A03", 5), ("A07", 11), ("A07", 12), ("A07", 13)]),
        ("period", 5, {"child_id": "000000", "start_date": "2011-01-01"}, [("P04", 2), ("C03", 5)]),
        ("period", 5, {"child_id": "none"}, [("P02", 5), ("C03", 5)]),
        ("period", 5, {"end_date": "2011-01-01"}, [("P03", 5), ("M06", 11), ("M06", 12), ("M06", 13)]),
        ("period", 5, {"end_date": "2015-10-01"}, [("P06", 5)]),
        ("period", 5, {"end_reason": ""}, [("P07", 5)]),
        ("period", 5, {"end_date": None}, [("P08", 5)]),
        ("milestone", 11, {"period_id": "none"}, [("M01", 11)]),
        ("milestone", 11, {"date": "2015-10-01"}, [("M02", 11), ("M06", 11), ("M07", 12)]),
        ("milestone", 11, {"date": "2010-01-01"}, [("M03", 11)]),
        ("milestone", 12, {"milestone": "permanence_recommendation"}, [("M05", 12), ("M24", 13)]),
    ],
)
def test_each_defect_is_found_under_its_rule_in_its_row(name, row, values, expected):
    assert found(changed(sound(20), name, row, **values)) == expected


def test_the_worst_findings_come_first_in_the_rules_words():
    report = check(changed(changed(sound(20), "period", 5, end_reason=""), "period", 7, end_date="2011-01-01"))
    rule = RULES["P03"]
    assert report.worst(1) == (Finding("P03", "error", "period", 7, "000005", rule.says, rule.remedy),)
    assert [finding.severity for finding in report.worst(9)] == ["error"] + ["warning"] * 4
    assert (report.errors, report.warnings) == (1, 4)


def test_findings_by_rule_hold_no_child_and_every_rule():
    report = check(changed(sound(20), "period", 7, end_date="2011-01-01"))
    by_rule = report.by_rule()
    assert list(by_rule.columns) == ["rule", "severity", "table", "says", "remedy", "also", "findings"]
    assert set(by_rule["rule"]) == set(RULES)
    assert by_rule.loc[by_rule["findings"] > 0, ["rule", "findings"]].values.tolist() == [["P03", 1], ["M06", 3]]
    assert not by_rule.astype(str).apply(lambda column: column.str.contains("000005")).any().any()


def test_a_child_takes_its_periods_along_and_a_period_its_milestones():
    tables = changed(changed(sound(20), "child", 5, date_of_birth="2016-01-01"), "milestone", 2, date="2016-01-01")
    used, accounts = set_aside(tables, check(tables))
    assert "000003" not in set(used.child["child_id"]) | set(used.period["child_id"]) | set(used.milestone["period_id"])
    # the period starts before the (wrong) birth: its own rule comes before the child it followed
    expected = pd.DataFrame(
        {"read": [20, 20, 60, 0], "used": [19, 19, 56, 0], "set_aside": [1, 1, 4, 0],
         "C02": [1, 0, 0, 0], "M02": [0, 0, 1, 0], "P05": [0, 1, 0, 0], "period set aside": [0, 0, 3, 0]},
        index=pd.Index(["child", "period", "milestone", "change"], name="table"),
    )
    assert_frame_equal(accounts, expected)
    assert dict(used.extract.set_aside)["milestone: period set aside"] == 3
    assert check(used).errors == 0


def test_a_repeated_number_loses_its_later_row_only():
    tables = changed(sound(20), "child", 5, child_id="000000")
    used, accounts = set_aside(tables, check(tables))
    assert used.child["child_id"].tolist().count("000000") == 1
    assert "000000" in set(used.period["child_id"])
    assert accounts.loc["child", "C01"] == 1 and accounts.loc["period", "P02"] == 1


@pytest.mark.parametrize("seed", range(10))
def test_rows_read_are_rows_used_and_rows_set_aside(seed):
    rng = np.random.default_rng(seed)
    tables = sound(60, seed)
    shuffled = {
        name: value.assign(**{
            column.name: value[column.name].where(rng.random(len(value)) < 0.9, rng.permutation(value[column.name]))
            for column in TABLES[name]
        })
        for name, value in tables
    }
    tables = CareTables(**shuffled, extract=tables.extract)
    report = check(tables)
    used, accounts = set_aside(tables, report)
    assert report.errors > 0
    assert (accounts["read"] == accounts["used"] + accounts["set_aside"]).all()
    assert (accounts["set_aside"] == accounts.iloc[:, 3:].sum(axis=1)).all()
    assert accounts["read"].to_dict() == report.counts
    assert accounts["used"].to_dict() == {name: len(value) for name, value in used}
    assert sum(count for _, count in used.extract.set_aside) == accounts["set_aside"].sum()
    assert not {"P01", "P02", "M01", "C01"} & set(check(used).findings["rule"])


def test_two_hundred_thousand_rows_take_under_two_seconds():
    tables = sound(40_000)
    start = time.process_time()
    report = check(tables)
    assert time.process_time() - start < 2
    assert sum(report.counts.values()) == 200_000 and report.errors == 0
