"""One contract for all rules: their own examples are their test."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pace_analysis.tables.rules import RULES, Joined, rule
from pace_analysis.tables.schema import TABLES, CareTables, Extract


def table(name: str, rows=()) -> pd.DataFrame:
    """A canonical table from rows of text; columns left out are blank."""
    frame = pd.DataFrame([{column.name: row.get(column.name) or "" for column in TABLES[name]} for row in rows])
    frame = frame.reindex(columns=[column.name for column in TABLES[name]]).set_axis(range(2, len(rows) + 2))
    dates = {column.name: "datetime64[ns]" for column in TABLES[name] if column.kind == "date"}
    return frame.replace("", None).astype(dates).fillna({c: "" for c in frame if c not in dates}).astype(
        {c: object for c in frame if c not in dates}
    )


def tables(**rows) -> Joined:
    frames = {name: table(name, rows.get(name, ())) for name in TABLES}
    return Joined.of(CareTables(**frames, extract=Extract("test", "canonical", date(2015, 9, 30))))


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_finds_its_broken_example_and_not_its_mended_one(code):
    rule = RULES[code]
    broken = rule.found(tables(**rule.given | {rule.table: rule.broken}))
    mended = rule.found(tables(**rule.given | {rule.table: rule.mended}))
    assert broken.dtype == mended.dtype == bool
    assert broken.tolist() == [False] * (len(rule.broken) - 1) + [True]
    assert mended.tolist() == [False] * len(rule.mended)


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_says_what_is_wrong_and_what_to_do(code):
    rule = RULES[code]
    assert rule.code == code and rule.severity in ("error", "warning")
    assert rule.says.endswith(".") and rule.remedy.endswith(".")
    assert rule.broken and rule.mended
    assert set(rule.fields) <= {column.name for column in TABLES[rule.table]}


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_takes_empty_tables(code):
    assert RULES[code].found(tables()).tolist() == []


def test_rules_that_cannot_work_are_refused_when_written():
    fields = {"table": "period", "severity": "error", "says": "", "remedy": "", "broken": [], "mended": []}
    with pytest.raises(ValueError, match="already registered"):
        rule("P01", fields=["period_id"], **fields)(lambda period: period)
    with pytest.raises(ValueError, match="does not exist"):
        rule("P98", fields=["period_ids"], **fields)(lambda period: period)
    with pytest.raises(ValueError, match="does not exist"):
        rule("P99", fields=["period_id"], **fields)(lambda placement: placement)


def test_lookups_mean_the_first_row_of_a_repeated_number():
    joined = tables(
        child=[{"child_id": "1", "date_of_birth": "2010-01-01"}, {"child_id": "1", "date_of_birth": "2011-01-01"}],
        period=[{"period_id": "a", "child_id": "1"}, {"period_id": "b", "child_id": "2"}],
    )
    assert joined.child_of_period.tolist() == [0, -1]
    assert joined.birth.tolist() == [pd.Timestamp(2010, 1, 1), pd.NaT]


def overlaps_one_by_one(period: pd.DataFrame) -> list[bool]:
    """The later of two overlapping periods of a child, found by comparing every pair."""
    rows = list(period.reset_index().itertuples())
    found = []
    for row in rows:
        earlier = [
            other for other in rows
            if other.child_id == row.child_id and "short_break" not in (row.kind, other.kind)
            and (other.start_date, other.end, other.index) < (row.start_date, row.end, row.index)
        ]
        found.append(any(other.end > row.start_date for other in earlier))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_overlaps_are_those_of_every_pair_in_any_order_of_rows(seed):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp(2012, 1, 1) + pd.to_timedelta(rng.integers(0, 30, 25), unit="D")
    period = table("period", [{}] * 25).assign(
        child_id=rng.choice(["1", "2", "3"], 25),
        kind=rng.choice(["away", "home", "short_break"], 25, p=[0.5, 0.3, 0.2]),
        start_date=start, end_date=start + pd.to_timedelta(rng.integers(0, 9, 25), unit="D"),
    )
    period["end_date"] = period["end_date"].mask(rng.random(25) < 0.1)
    expected = overlaps_one_by_one(period.assign(end=period["end_date"].fillna(pd.Timestamp(2200, 1, 1))))
    assert RULES["P04"].function(period).tolist() == expected
