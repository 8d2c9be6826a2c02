"""The invented council: exact series, exact law, consistent extracts, committed bytes."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.care.periods import birthday as birthdays
from pace_analysis.dates import ReportingYear
from pace_analysis.errors import OutputError, UsageError
from pace_analysis.extract import sample
from pace_analysis.extract.sample import chance, truth
from pace_analysis.extract.sample.snapshot import COVERS_FROM
from pace_analysis.tables.schema import CODES, TABLES

COMMITTED = Path(__file__).parents[2] / "data" / "sample" / "exampleshire"
Q2, Q3 = date(2015, 6, 30), date(2015, 9, 30)
PUBLISHED = {"2010/11": 16, "2011/12": 18, "2012/13": 11, "2013/14": 17, "2014/15": 24}
RECOMMENDATION = "permanence_recommendation"


@pytest.fixture(scope="module")
def lives():
    return sample.simulate()


@pytest.fixture(scope="module")
def recorded(lives):
    return {day: sample.snapshot(lives, day) for day in (Q2, Q3)}


@pytest.fixture(scope="module")
def true(lives):
    return {day: sample.snapshot(lives, day, faults=False) for day in (Q2, Q3)}


@pytest.fixture(scope="module")
def many_waits():
    return sample.first_waits(sample.simulate(11, intake=6))


def away(lives):
    return [(life, stay) for life in lives for stay in life.stays if stay.kind == "away"]


def rows(frame):
    return set(map(tuple, frame.itertuples(index=False)))


# ---- the truth ----------------------------------------------------------------------------------------------


def test_incidence_of_two_days_worked_by_hand():
    newborn = sample.EXAMPLESHIRE.hazards["newborn"]
    day_0, day_1 = sum(rates[0] for rates in newborn.values()), newborn["adoption"][1]
    found = sample.cumulative_incidence(sample.EXAMPLESHIRE, 1, entered=date(2011, 1, 1), age_band="newborn")
    assert found["adoption"] == pytest.approx(newborn["adoption"][0] + (1 - day_0) * day_1, abs=1e-12)


def test_hazard_changes_on_the_day_the_programme_starts():
    hazard = sample.EXAMPLESHIRE.hazards["4-11"]["home"]

    def decided_on_day_100(entered):
        day_100, day_99 = (
            sample.cumulative_incidence(sample.EXAMPLESHIRE, day, entered=entered, age_band="4-11") for day in (100, 99)
        )
        return (day_100["home"] - day_99["home"]) / (1 - sum(day_99.values()))

    starts = sample.EXAMPLESHIRE.programme_start
    assert decided_on_day_100(starts - timedelta(days=101)) == pytest.approx(hazard[3])
    assert decided_on_day_100(starts - timedelta(days=100)) == pytest.approx(1.7 * hazard[3])


def test_everybody_still_waiting_leaves_on_the_eighteenth_birthday():
    entered, turns_18 = date(2012, 1, 1), date(2012, 1, 31)
    law = {"entered": entered, "age_band": "12-17", "turns_18": turns_18}
    assert sample.cumulative_incidence(sample.EXAMPLESHIRE, 29, **law)["turned_18"] == 0
    assert sum(sample.cumulative_incidence(sample.EXAMPLESHIRE, 30, **law).values()) == pytest.approx(1)
    assert sample.cumulative_incidence(sample.EXAMPLESHIRE, 400, **law) == pytest.approx(
        sample.cumulative_incidence(sample.EXAMPLESHIRE, 30, **law)
    )


@pytest.mark.parametrize(("entered", "low", "high"), [(date(2011, 1, 1), 0.38, 0.42), (date(2014, 6, 1), 0.55, 0.60)])
def test_share_decided_in_six_months_is_as_calibrated(lives, entered, low, high):
    entries = [entry._replace(entered=entered, turns_18=None) for entry, *_ in sample.first_waits(lives)]
    assert low < sample.share_decided(sample.EXAMPLESHIRE, 182, entries) < high
    shares = sample.mean_incidence(sample.EXAMPLESHIRE, 730, entries)
    assert sum(shares.values()) > 0.95, "nearly everybody is decided or has left within two years"


def test_impossible_hazards_are_refused():
    too_high = {**sample.EXAMPLESHIRE.hazards, "0-3": {cause: (0.2,) * 6 for cause in truth.CAUSES}}
    with pytest.raises(ValueError, match="less than 1"):
        replace(sample.EXAMPLESHIRE, hazards=too_high)
    with pytest.raises(ValueError, match="no entrant"):
        sample.share_decided(sample.EXAMPLESHIRE, 182, [])
    with pytest.raises(ValueError, match="eighteenth birthday"):
        truth.age_band(date(1990, 1, 1), date(2010, 1, 1))


@pytest.mark.parametrize(
    ("entered", "band"),
    [
        (date(2004, 2, 29), "newborn"), (date(2004, 3, 13), "newborn"), (date(2004, 3, 14), "0-3"),
        (date(2008, 2, 28), "0-3"), (date(2008, 2, 29), "4-11"), (date(2016, 2, 28), "4-11"),
        (date(2016, 2, 29), "12-17"), (date(2022, 2, 28), "12-17"),
    ],
)
def test_age_bands_change_on_birthdays(entered, band):
    assert truth.age_band(date(2004, 2, 29), entered) == band


def test_birthdays_agree_with_those_of_followup():
    born = pd.Series(pd.date_range("1996-02-27", "1997-03-02"))
    assert [truth.birthday(day.date(), 18) for day in born] == list(birthdays(born, 18).dt.date)


WINDOWS = {
    "before": (date(2009, 1, 1), date(2013, 3, 1)),
    "waiting when the programme starts": (date(2013, 3, 1), date(2014, 3, 1)),
    "with the programme": (date(2014, 3, 1), date(2016, 1, 1)),
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("day", [91, 182, 365])
def test_simulated_waits_follow_the_exact_law(many_waits, window, day):
    """Observed less expected, within four standard errors that allow for brothers and sisters planned for together."""
    first, last = WINDOWS[window]
    surplus = defaultdict(lambda: defaultdict(float))
    for entry, wait, outcome, family in many_waits:
        if not first <= entry.entered < last:
            continue
        expected = sample.mean_incidence(sample.EXAMPLESHIRE, day, [entry])
        left = sum(share for cause, share in expected.items() if cause not in truth.DECISIONS)
        for route in truth.DECISIONS:
            surplus[route][family] += (wait <= day and outcome == route) - expected[route]
        surplus["left"][family] += (wait <= day and outcome.startswith("left:")) - left
    for cause, families in surplus.items():
        by_family = np.array(list(families.values()))
        assert len(by_family) > 700
        assert abs(by_family.sum()) < 4 * np.sqrt((by_family**2).sum()), cause


def test_another_law_would_be_noticed(many_waits):
    slower = replace(sample.EXAMPLESHIRE, speed_up=1.4)
    late = [one for one in many_waits if one[0].entered >= date(2014, 3, 1)]
    observed = np.mean([wait <= 182 and not outcome.startswith("left:") for _, wait, outcome, _ in late])
    assert observed - sample.share_decided(slower, 182, [entry for entry, *_ in late]) > 0.04


def test_poisson_counts_have_their_mean_and_variance():
    rng = np.random.default_rng(5)
    counts = np.array([chance.poisson(rng, 4.0) for _ in range(4000)])
    assert counts.mean() == pytest.approx(4, abs=4 * np.sqrt(4 / 4000))
    assert counts.var() == pytest.approx(4, rel=0.12)


# ---- the lives ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [sample.SEED, 2, 77, 2015])
def test_adoptions_are_the_published_series(seed):
    stays = [stay for _, stay in away(sample.simulate(seed)) if stay.end_reason == "adopted"]
    adopted = Counter(str(ReportingYear.of(stay.end)) for stay in stays)
    assert {year: adopted[year] for year in PUBLISHED} == PUBLISHED
    assert all(("order_granted", stay.end) in {(step.milestone, step.day) for step in stay.steps} for stay in stays)


def test_too_few_children_are_refused_in_words():
    with pytest.raises(UsageError, match="too few children with an adoption plan in 2010/11"):
        sample.simulate(1, intake=0.1)


def test_intake_is_as_described(lives):
    periods = away(lives)
    a_year = Counter(stay.start.year for _, stay in periods)
    assert set(a_year) == set(range(2009, 2016)) and 140 < np.mean(list(a_year.values())) < 180
    assert 0.2 < np.mean([bool(life.sibling_group) for life in lives]) < 0.33
    assert min(Counter(life.sibling_group for life in lives if life.sibling_group).values()) >= 2
    assert sum(stay.kind == "short_break" for life in lives for stay in life.stays) > 25
    assert sum(life.born >= stay.start - timedelta(days=13) for life, stay in periods) > 90
    assert [life.child_id for life in lives] == [f"{number:05d}" for number in range(1, len(lives) + 1)]


def test_some_children_come_back_and_wait_again(lives):
    pairs = [
        (first, second)
        for life in lives
        for first, second in zip(life.stays, life.stays[1:], strict=False)
        if first.kind == second.kind == "away"
    ]
    gone = [stay for _, stay in away(lives) if stay.end_reason in ("home", "kinship") and stay.end < date(2014, 1, 1)]
    back = [first for first, _ in pairs if first.end < date(2014, 1, 1)]
    assert 0.05 < len(back) / len(gone) < 0.15
    assert all(first.end_reason in ("home", "kinship") for first, _ in pairs)
    assert all(timedelta(days=20) < second.start - first.end <= timedelta(days=730) for first, second in pairs)


def test_journeys_hold_every_kind_of_milestone_and_of_route(lives):
    steps = [step for life in lives for stay in life.stays for step in stay.steps]
    assert {step.milestone for step in steps} == set(CODES["milestone"])
    assert {step.route for step in steps if step.milestone == RECOMMENDATION} == set(truth.DECISIONS)
    reviews = [
        step.day - stay.start for _, stay in away(lives) for step in stay.steps if step.milestone == "first_review"
    ]
    assert 0.8 < np.mean([wait <= timedelta(weeks=6) for wait in reviews]) < 0.95


def test_agency_decides_mostly_within_fourteen_days_of_the_panel(lives):
    days = [{step.milestone: step.day for step in stay.steps} for _, stay in away(lives)]
    gaps = np.array([(one["agency_decision"] - one["panel"]).days for one in days if "agency_decision" in one])
    assert gaps.min() >= 0 and 0.8 < np.mean(gaps <= 14) < 1


def test_a_plan_made_before_birth_is_dated_before_accommodation(lives):
    early = [
        (life, stay)
        for life, stay in away(lives)
        if any(step.milestone == RECOMMENDATION and step.day < stay.start for step in stay.steps)
    ]
    assert 3 <= len(early) <= 25
    first = [next(step.day for step in stay.steps if step.milestone == RECOMMENDATION) for _, stay in early]
    assert all(day < life.born for day, (life, _) in zip(first, early, strict=True))
    assert all((stay.start - life.born).days < truth.NEWBORN_DAYS for life, stay in early)


def test_some_brothers_and_sisters_are_decided_on_one_day(lives):
    days = defaultdict(list)
    for life, stay in away(lives):
        decided = [step.day for step in stay.steps if step.milestone == RECOMMENDATION]
        if life.sibling_group and decided:
            days[life.sibling_group, stay.start].append(decided[0])
    families = [found for found in days.values() if len(found) > 1]
    assert 0.2 < np.mean([len(set(found)) < len(found) for found in families]) < 0.8


# ---- the extracts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [Q2, Q3])
@pytest.mark.parametrize("faulty", [True, False])
def test_extracts_break_no_obvious_rule(recorded, true, day, faulty):
    tables = (recorded if faulty else true)[day]
    child, period = tables.child.set_index("child_id"), tables.period.set_index("period_id")
    assert child.index.is_unique and period.index.is_unique and set(period["child_id"]) == set(child.index)
    for name, frame in tables:
        for column in TABLES[name]:
            if column.codes:
                assert set(frame[column.name]) <= {*CODES[column.codes], ""}
            if column.filled:
                assert not (frame[column.name].isna() | (frame[column.name] == "")).any()
    born = child["date_of_birth"].reindex(period["child_id"]).to_numpy()
    assert (period["start_date"] >= born).all() and not (period["end_date"] < period["start_date"]).any()
    assert (period["end_date"].isna() == (period["end_reason"] == "")).all()
    of_period, dates = period.reindex(tables.milestone["period_id"]), tables.milestone["date"].to_numpy()
    early = of_period["start_date"].to_numpy() - dates
    assert early.max() < np.timedelta64(100, "D")
    assert not (dates > of_period["end_date"].to_numpy()).any()
    following = period.sort_values(["child_id", "start_date"])
    same_child = following["child_id"].eq(following["child_id"].shift())
    assert (following["start_date"] > following["end_date"].shift())[same_child].all()


@pytest.mark.parametrize("day", [date(2012, 12, 31), Q2, Q3])
def test_nothing_is_dated_after_the_data_cut(lives, day):
    tables = sample.snapshot(lives, day)
    for frame in (tables.child, tables.period, tables.milestone):
        assert frame.select_dtypes("datetime").max().max() <= pd.Timestamp(day)
    assert (tables.change["start_date"] > pd.Timestamp(day)).eq(tables.change["status"] == "planned").all()


def test_children_in_care_when_the_window_opens_have_their_true_start(lives, recorded):
    period = recorded[Q3].period.set_index("period_id")
    opens = pd.Timestamp(recorded[Q3].extract.covers_from)
    assert (period["start_date"] < opens).sum() > 50
    assert not (period["end_date"] < opens).any()
    starts = {stay.period_id: pd.Timestamp(stay.start) for life in lives for stay in life.stays}
    assert period["start_date"].eq(pd.Series(starts).reindex(period.index)).all()
    assert any(stay.end < COVERS_FROM for _, stay in away(lives)), "some had left before it"


def test_faultless_extract_is_the_lives_up_to_the_day(lives, true):
    shown = {
        (stay.period_id, step.milestone, pd.Timestamp(step.day), step.route)
        for life in lives
        for stay in life.stays
        if stay.end >= COVERS_FROM
        for step in stay.steps
        if stay.start <= Q3 and step.day <= Q3
    }
    assert rows(true[Q3].milestone) == shown


def test_a_record_that_was_right_is_still_there_a_quarter_later(recorded, true):
    right = rows(recorded[Q2].milestone) & rows(true[Q2].milestone)
    lost = right - rows(recorded[Q3].milestone)
    assert {row[1] for row in lost} <= {RECOMMENDATION}, "only decisions overwritten by a new plan go missing"
    reversed_since = recorded[Q3].milestone.query("milestone == @RECOMMENDATION").set_index("period_id")["date"]
    assert all(reversed_since[row[0]] > row[2] for row in lost)
    assert rows(recorded[Q2].child) <= rows(recorded[Q3].child)
    before, now = (recorded[day].period.set_index("period_id") for day in (Q2, Q3))
    now = now.reindex(before.index)
    fixed = ["child_id", "kind", "start_date", "start_reason"]
    assert_frame_equal(now[fixed], before[fixed])
    ends = true[Q2].period.set_index("period_id")["end_date"].reindex(before.index)
    stayed = before["end_date"].eq(ends)
    assert now["end_date"][stayed].eq(before["end_date"][stayed]).all()


def test_a_quarter_later_records_were_added_corrected_and_removed(recorded, true):
    before, now = rows(recorded[Q2].milestone), rows(recorded[Q3].milestone)
    late = {row for row in now - before if row[2] <= pd.Timestamp(Q2)} & rows(true[Q2].milestone)
    wrong = before - rows(true[Q2].milestone)
    assert len(late) > 10 and wrong - now and wrong & now
    ended_late = recorded[Q3].period["end_date"] <= pd.Timestamp(Q2)
    assert ended_late.sum() > (recorded[Q2].period["end_date"] <= pd.Timestamp(Q2)).sum()


@pytest.mark.parametrize("day", [Q2, Q3])
def test_every_kind_of_fault_is_present_and_counted(lives, recorded, true, day):
    counts = sample.count_faults(lives, day)
    assert list(counts) == list(sample.FAULTS) and min(counts.values()) > 0
    shown, right = recorded[day], true[day]
    missing = counts["never_recorded"] + counts["not_recorded_yet"] + counts["decision_overwritten"]
    absent = len(right.milestone) - (len(shown.milestone) - counts["duplicate_row"])
    assert absent <= missing + 5 * (len(right.period) - len(shown.period))
    extra = rows(shown.milestone) - rows(right.milestone)
    ends = right.period.set_index("period_id")["end_date"].reindex(shown.period["period_id"]).to_numpy()
    wrong_ends = (shown.period["end_date"].notna() & (shown.period["end_date"].to_numpy() != ends)).sum()
    assert len(extra) + wrong_ends == counts["duplicate_row"] + counts["date_to_be_corrected"]
    assert (shown.period["end_reason"] == "not_known").sum() == counts["destination_not_recorded"]
    assert (shown.period["start_reason"] == "not_known").sum() == counts["start_reason_not_recorded"]


def test_recommendations_are_hardly_ever_lost_for_good(lives):
    everybody = sample.snapshot(lives, date(2015, 12, 31)).milestone
    decided = everybody[everybody["milestone"] == RECOMMENDATION]["period_id"].nunique()
    truly = sample.snapshot(lives, date(2015, 12, 31), faults=False).milestone
    assert 0.97 < decided / truly[truly["milestone"] == RECOMMENDATION]["period_id"].nunique() < 1


def test_changes_move_on_between_the_extracts(recorded):
    status = {day: recorded[day].change.set_index("change_id")["status"] for day in (Q2, Q3)}
    assert 8 <= len(status[Q3]) <= 10
    assert set(status[Q3]) == set(CODES["change_status"])
    assert (status[Q3] == "planned").sum() == 2
    assert (status[Q2] != status[Q3]).any()
    assert recorded[Q3].change["start_date"].min() == pd.Timestamp(sample.EXAMPLESHIRE.programme_start)


@pytest.mark.parametrize("day", [date(2010, 3, 31), date(2016, 1, 1)])
def test_an_extract_outside_the_years_simulated_is_refused(lives, day):
    with pytest.raises(UsageError, match="no extract of"):
        sample.snapshot(lives, day)


# ---- the files ----------------------------------------------------------------------------------------------


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_committed_sample_is_what_the_code_writes(tmp_path):
    written = sample.write_sample(tmp_path / "exampleshire")
    assert {str(path.relative_to(tmp_path / "exampleshire")) for path in written} == set(content(COMMITTED))
    assert content(tmp_path / "exampleshire") == content(COMMITTED)
    assert [path.name for path in tmp_path.iterdir()] == ["exampleshire"], "nothing is left beside it"


def test_another_seed_gives_another_council_and_replaces_a_sample(tmp_path):
    sample.write_sample(tmp_path / "s", quarters=("2014Q4",))
    first = content(tmp_path / "s")
    sample.write_sample(tmp_path / "s", seed=2, quarters=("2015Q1",))
    second = content(tmp_path / "s")
    assert "2014Q4/child.csv" not in second
    assert first["2014Q4/period.csv"] != second["2015Q1/period.csv"]


def test_committed_files_are_plain_and_state_the_truth(recorded):
    for name, text in content(COMMITTED).items():
        assert b"\r" not in text and text.endswith(b"\n"), name
    extract = tomllib.loads((COMMITTED / "2015Q3" / "extract.toml").read_text(encoding="utf-8"))
    assert (extract["as_at"], extract["covers_from"]) == (Q3, date(2010, 4, 1))
    stated = tomllib.loads((COMMITTED / "truth.toml").read_text(encoding="utf-8"))
    for age, causes in sample.EXAMPLESHIRE.hazards.items():
        assert {cause: tuple(rates) for cause, rates in stated["hazard_per_day"][age].items()} == causes
    assert (stated["speed_up"], stated["programme_start"]) == (1.7, date(2014, 3, 1))
    header = (COMMITTED / "2015Q3" / "milestone.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(column.name for column in TABLES["milestone"])
    assert (COMMITTED / "2015Q3" / "child.csv").read_text(encoding="utf-8").count("\n") == 1 + len(recorded[Q3].child)


def test_a_folder_with_anything_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="something else than a sample") as refused:
        sample.write_sample(tmp_path, quarters=("2015Q3",))
    assert "notes.txt" in refused.value.where
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["child.csv", "extract.toml"])
def test_real_data_put_into_a_sample_is_left_alone(tmp_path, name):
    sample.write_sample(tmp_path / "s", quarters=("2015Q3",))
    (tmp_path / "s" / "2016Q1").mkdir()
    (tmp_path / "s" / "2016Q1" / name).write_text('source = "our own system"\n')
    with pytest.raises(OutputError, match="something else than a sample"):
        sample.write_sample(tmp_path / "s", quarters=("2015Q3",))
    assert (tmp_path / "s" / "2016Q1" / name).exists()


def test_places_that_cannot_hold_a_folder_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path)
    for place in (tmp_path / "file", tmp_path / "link", tmp_path / "file" / "below"):
        with pytest.raises(OutputError):
            sample.write_sample(place, quarters=("2015Q3",))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_quarters_that_do_not_exist_are_refused(tmp_path):
    for quarters, says in (((), "No quarter"), (("15Q3",), "not understood"), (("2016Q1",), "no extract of")):
        with pytest.raises(UsageError, match=says):
            sample.write_sample(tmp_path / "s", quarters=quarters)
    assert not (tmp_path / "s").exists()
