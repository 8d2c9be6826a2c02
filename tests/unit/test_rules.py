"""One contract for all rules: their own examples are their test."""

import math
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pace_analysis.tables.rules import RULES, Joined, rule
from pace_analysis.tables.rules.whole import chance_of_so_few
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


FIRST_ROW_STAYS = ("C01", "C06", "M08", "P01", "T03")  # of rows alike, the one that stands first is used
OF_ROWS = sorted(code for code, rule in RULES.items() if not rule.whole_table)
OF_TABLES = sorted(set(RULES) - set(OF_ROWS))


@pytest.mark.parametrize("code", OF_ROWS)
def test_every_rule_finds_its_broken_example_and_not_its_mended_one(code):
    rule = RULES[code]
    broken = rule.found(tables(**rule.given | {rule.table: rule.broken}))
    mended = rule.found(tables(**rule.given | {rule.table: rule.mended}))
    assert broken.dtype == mended.dtype == bool
    assert broken.tolist() == [False] * (len(rule.broken) - 1) + [True]
    assert mended.tolist() == [False] * len(rule.mended)


@pytest.mark.parametrize("code", OF_TABLES)
def test_every_rule_of_a_table_counts_its_broken_example_and_not_its_mended_one(code):
    rule = RULES[code]
    assert rule.severity == "warning"
    assert any(letter.isdigit() for letter in rule.counted(tables(**rule.given | {rule.table: rule.broken})))
    assert rule.counted(tables(**rule.given | {rule.table: rule.mended})) == ""


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_says_what_is_wrong_and_what_to_do(code):
    rule = RULES[code]
    assert rule.code == code and rule.severity in ("error", "warning")
    for sentence in (rule.says, rule.remedy):
        assert sentence.endswith(".") and ". " not in sentence and sentence[0].isupper()
    assert rule.broken and rule.mended
    assert set(rule.fields) <= {column.name for column in TABLES[rule.table]}


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_rule_takes_empty_tables(code):
    rule = RULES[code]
    assert rule.counted(tables()) == "" if rule.whole_table else rule.found(tables()).tolist() == []


@pytest.mark.parametrize("code", sorted(set(OF_ROWS) - set(FIRST_ROW_STAYS)))
def test_no_rule_depends_on_the_order_of_rows(code):
    rule = RULES[code]
    joined = tables(**rule.given | {rule.table: rule.broken})
    turned = {name: frame.iloc[::-1] for name, frame in joined}
    again = rule.found(Joined.of(CareTables(**turned, extract=joined.extract)))
    assert again.tolist() == rule.found(joined).tolist()[::-1]


def test_there_are_rules_enough_and_each_says_something_of_its_own():
    assert len(RULES) >= 45
    assert len({rule.says for rule in RULES.values()}) == len(RULES)
    assert {code[0] for code in RULES} == set("ACMPST")


def test_rules_that_are_published_for_the_903_return_carry_its_number():
    published = {code: rule.also for code, rule in RULES.items() if rule.also}
    assert published["P04"] == "903 rule 501" and published["M14"] == "903 rule 331"
    assert all(re.fullmatch(r"903 rules? \d{3}( and \d{3})?", also) for also in published.values())


def test_rules_that_cannot_work_are_refused_when_written():
    fields = {"table": "period", "severity": "error", "says": "", "remedy": "", "broken": [], "mended": []}
    with pytest.raises(ValueError, match="already registered"):
        rule("P01", fields=["period_id"], **fields)(lambda period: period)
    with pytest.raises(ValueError, match="does not exist"):
        rule("P98", fields=["period_ids"], **fields)(lambda period: period)
    with pytest.raises(ValueError, match="does not exist"):
        rule("P99", fields=["period_id"], **fields)(lambda placement: placement)
    with pytest.raises(ValueError, match="can only warn"):
        rule("P97", fields=["period_id"], whole_table=True, **fields)(lambda period: "")


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
    joined = Joined.of(CareTables(table("child"), period, table("milestone"), table("change"), tables().extract))
    assert RULES["P04"].found(joined).tolist() == expected


def found(code: str, **rows) -> list[bool]:
    return RULES[code].found(tables(**rows)).tolist()


def periods(*rows: tuple[str, str, str | None]) -> list[dict[str, str | None]]:
    """Periods of child 1: kind, start, end."""
    return [{"period_id": str(i), "child_id": "1", "kind": kind, "start_date": start, "end_date": end}
            for i, (kind, start, end) in enumerate(rows)]


def test_a_gap_is_counted_from_the_latest_end_and_short_breaks_are_in_no_chain():
    rows = periods(
        ("away", "2014-01-01", "2014-06-01"),
        ("short_break", "2014-06-02", "2014-12-01"),
        ("away", "2014-06-03", "2014-07-01"),
        ("away", "2014-07-01", "2014-08-01"),
        ("away", "2014-08-29", "2014-09-01"),
        ("away", "2014-09-30", None),
    )
    assert found("P10", period=rows) == [False, False, True, True, False, False]
    assert found("P11", period=rows) == [False, False, False, False, True, False]
    assert not any(found("P04", period=rows))


def test_a_period_nested_in_an_earlier_one_does_not_hide_the_overlap_after_it():
    days = [("2014-01-01", "2014-12-01"), ("2014-02-01", "2014-03-01"), ("2014-06-01", None)]
    rows = periods(*(("away", *pair) for pair in days))
    assert found("P04", period=rows) == [False, True, True]
    assert not any(found("P10", period=rows))


def test_every_period_after_a_death_is_found():
    days = [("2014-01-01", "2014-03-01"), ("2014-05-01", "2014-06-01"), ("2014-08-01", None)]
    rows = periods(*(("away", *pair) for pair in days))
    rows[0]["end_reason"], rows[1]["end_reason"] = "died", "home"
    assert found("P13", period=rows) == [False, True, True]


def test_a_period_from_home_is_not_asked_for_what_the_window_leaves_out():
    rows = [{"period_id": "a", "child_id": "1", "kind": "away", "start_date": "2014-06-01",
             "start_reason": "from_home_supervision"}]
    assert found("P12", period=rows) == [False]  # the extract holds no supervision at home at all
    rows.append({"period_id": "b", "child_id": "2", "kind": "home", "start_date": "2014-06-01"})
    joined = tables(period=rows)
    assert RULES["P12"].found(joined).tolist() == [True, False]
    late = Extract("test", "canonical", date(2015, 9, 30), covers_from=date(2014, 6, 1))
    assert RULES["P12"].found(Joined.of(CareTables(**dict(joined), extract=late))).tolist() == [False, False]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("M11", "permanence_recommendation"), ("M12", "permanence_recommendation"), ("M23", "report_complete"),
        ("M24", "panel"),
    ],
)
def test_a_stage_that_the_extract_never_records_is_not_missing(code, absent):
    example = RULES[code].broken
    assert found(code, milestone=example)[-1]
    assert not any(found(code, milestone=[row for row in example if row["milestone"] != absent]))


def test_a_second_decision_after_a_reversal_is_no_repetition_and_a_third_without_one_is():
    days = [("agency_decision", "2014-01-01"), ("plan_reversed", "2014-03-01"), ("agency_decision", "2014-03-01"),
            ("agency_decision", "2014-05-01"), ("agency_decision", "2014-05-01"), ("panel", "2014-06-01")]
    rows = [{"period_id": "a", "milestone": name, "date": day} for name, day in days]
    assert found("M18", milestone=rows) == [False, False, False, True, False, False]


def test_siblings_are_compared_within_one_family_one_day_and_their_first_recommendation():
    child = [{"child_id": name, "sibling_group": "k" if name < "5" else ""} for name in "123456"]
    period = [{"period_id": name, "child_id": name, "kind": "away", "start_date": "2014-01-01"} for name in "123456"]
    period[3]["start_date"] = "2014-01-02"  # came into care on another day
    rows = [("1", "2014-03-01", "adoption"), ("2", "2014-04-01", "home"), ("2", "2015-04-01", "adoption"),
            ("3", "2015-03-01", "not_known"), ("4", "2015-03-01", "home"), ("5", "2014-03-01", "home"),
            ("6", "2015-03-01", "adoption"), ("none", "2015-03-01", "home")]
    milestone = [{"period_id": a, "milestone": "permanence_recommendation", "date": b, "route": c} for a, b, c in rows]
    given = {"child": child, "period": period, "milestone": milestone}
    assert found("S01", **given) == [False, True] + [False] * 6
    assert found("S02", **given) == [False, False, False, True] + [False] * 4


def fall(recent: int, before: int, covers_from: date | None = None) -> str:
    """What the rule of the recording lag says of so many recommendations in the last six weeks and the year before."""
    days = pd.date_range("2014-08-21", "2015-08-10", periods=before).append(pd.DatetimeIndex(["2015-09-30"] * recent))
    rows = [{"milestone": "permanence_recommendation", "date": str(day.date())} for day in days]
    joined = tables(milestone=rows)
    extract = Extract("test", "canonical", date(2015, 9, 30), covers_from=covers_from)
    return RULES["M27"].counted(Joined.of(CareTables(**dict(joined), extract=extract)))


def test_the_fall_of_the_last_weeks_is_held_against_poisson_by_the_year_before():
    assert fall(9, 156) == ""  # 18 expected: 9 or fewer have a chance of 1.5%
    said = "8 recommendations in the six weeks before the data cut; the year before leads to expect 18"
    assert fall(8, 156) == said  # 0.7%
    assert fall(0, 20) == ""  # too few to tell
    assert fall(8, 156, covers_from=date(2014, 8, 7)) == said
    assert fall(8, 156, covers_from=date(2014, 9, 1)) == ""  # the extract does not hold the year before


@pytest.mark.parametrize(("count", "expected"), [(0, 4.6), (8, 18.0), (3, 0.5), (40, 60.0), (900, 1000.0)])
def test_poisson_tails_agree_with_a_second_implementation(count, expected):
    from scipy.stats import poisson

    assert math.isclose(chance_of_so_few(count, expected), poisson.cdf(count, expected), rel_tol=1e-9)
    assert chance_of_so_few(count, 0) == 1 and chance_of_so_few(-1, expected) == 0


def test_what_a_table_rule_counts_is_said_with_its_day():
    rows = [{"period_id": str(i), "start_date": "2014-04-01"} for i in range(12)] + [{"period_id": "x"}]
    assert RULES["P21"].counted(tables(period=rows)) == "12 of 12 periods on 2014-04-01"
