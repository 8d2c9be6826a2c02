"""Stays in stages, worked by hand, and their agreement with the follow-up of the decision."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal
from test_care import recommended, tables

from pace_analysis.aims import decision_table
from pace_analysis.care import Histories, follow_up
from pace_analysis.care.followup import FIRST_END
from pace_analysis.care import stays as cut
from pace_analysis.care.stays import Stays, stage_table, stage_waits, waiting_now
from pace_analysis.errors import SettingsError, UsageError
from pace_analysis.pathways import Pathway, PathwayStage, load_pathway
from pace_analysis.settings import Definitions
from pace_analysis.study import Study, open_study
from pace_analysis.survival import SurvivalInputError, share_by, state_occupancy

MILESTONES = ("accommodated", "first_review", "rehabilitation_ruled_out", "permanence_recommendation", "panel",
              "order_granted")
NAMES = ("new", "reviewed", "ruled-out", "decided-on", "at-panel")
PATHWAY = Pathway("short", "Short", "permanence_recommendation", tuple(
    PathwayStage(id=name, title=name, start=start, finish=finish, partner="social work")
    for name, start, finish in zip(NAMES, MILESTONES[:-1], MILESTONES[1:], strict=True)))
UNTIL = {"until": PATHWAY.decision}


def stays(care, pathway, *, as_at=None, definitions=Definitions(), until=None) -> Stays:
    return cut.stays(Histories(care, definitions, as_at), pathway, until=until)


def met(period: str, milestone: str, day: str) -> dict:
    return {"period_id": period, "milestone": milestone, "date": day, "route": ""}


def rows(found: Stays) -> dict[str, list[tuple]]:
    """Stays by period as (stage, first day, last day, next stage)."""
    made: dict[str, list[tuple]] = {}
    for row in found.frame.itertuples():
        made.setdefault(row.period_id, []).append((row.stage, row.first_day, row.last_day, row.next_stage))
    return made


@pytest.fixture
def six_children():
    """Accommodated on 1 January 2015 (day 0); 30 September 2015 is the data cut (day 272)."""
    start = "2015-01-01"
    return tables(
        [
            {"period_id": "every step", "start_date": start},
            {"period_id": "skipped and out of order", "start_date": start},
            {"period_id": "two on one day", "start_date": start},
            {"period_id": "before birth", "start_date": start},
            {"period_id": "left", "start_date": start, "end_date": "2015-03-02"},
            {"period_id": "waiting", "start_date": start},
        ],
        [
            met("every step", "first_review", "2015-01-11"),
            met("every step", "rehabilitation_ruled_out", "2015-01-31"),
            recommended("every step", "2015-03-02"), met("every step", "panel", "2015-04-11"),
            met("every step", "order_granted", "2015-06-10"),
            # ruled out on day 20 without a review; the review on day 40 opens no stage
            met("skipped and out of order", "rehabilitation_ruled_out", "2015-01-21"),
            met("skipped and out of order", "first_review", "2015-02-10"),
            recommended("skipped and out of order", "2015-02-20"),
            met("two on one day", "first_review", "2015-01-11"),
            met("two on one day", "rehabilitation_ruled_out", "2015-01-11"),
            recommended("before birth", "2014-12-01"), met("before birth", "first_review", "2015-01-11"),
            # leaves on day 60, the day of a review that changes nothing any more
            met("left", "rehabilitation_ruled_out", "2015-03-02"),
            # moves on the day of the data cut
            met("waiting", "first_review", "2015-09-30"),
        ],
    )


class TestSixChildrenByHand:
    def test_until_the_decision(self, six_children):
        assert rows(stays(six_children, PATHWAY, **UNTIL)) == {
            "every step": [("new", 0, 10, "reviewed"), ("reviewed", 11, 30, "ruled-out"),
                           ("ruled-out", 31, 60, "decided")],
            "skipped and out of order": [("new", 0, 20, "ruled-out"), ("ruled-out", 21, 50, "decided")],
            "two on one day": [("new", 0, 10, "ruled-out"), ("ruled-out", 11, 272, None)],
            "before birth": [("new", 0, 0, "decided")],
            "left": [("new", 0, 60, "left")],
            "waiting": [("new", 0, 272, "reviewed")],
        }

    def test_until_the_last_milestone(self, six_children):
        found = stays(six_children, PATHWAY)
        made = rows(found)
        assert found.states == (*NAMES, "finished", "left")
        assert made["every step"][2:] == [
            ("ruled-out", 31, 60, "decided-on"), ("decided-on", 61, 100, "at-panel"),
            ("at-panel", 101, 160, "finished"),
        ]
        assert made["skipped and out of order"][-1] == ("decided-on", 51, 272, None)
        # decided before birth: the review after it opens no stage
        assert made["before birth"] == [("new", 0, 0, "decided-on"), ("decided-on", 1, 272, None)]

    def test_the_table_counts_every_stay_and_move(self, six_children):
        table = stage_table(stays(six_children, PATHWAY, **UNTIL))
        assert table.stages == ("new", "reviewed", "ruled-out", "decided", "left")
        assert table.started.sum(axis=1).tolist() == [6, 1, 3, 0, 0]
        assert table.moved.sum(axis=2).tolist() == [[0, 2, 2, 1, 1], [0, 0, 1, 0, 0], [0, 0, 0, 2, 0], [0] * 5, [0] * 5]
        assert table.censored.sum(axis=1).tolist() == [0, 0, 1, 0, 0]

    def test_a_mask_picks_children(self, six_children):
        found = stays(six_children, PATHWAY, **UNTIL)
        one = found.frame["period_id"] == "every step"
        assert stage_table(found, where=one).started.sum() == 3
        assert stage_table(found, where=one) + stage_table(found, where=~one) == stage_table(found)
        with pytest.raises(SurvivalInputError, match="empty"):
            stage_table(found, where=found.frame["age"] > 99)

    def test_waits_on_the_clock_of_a_stage(self, six_children):
        waits = stage_waits(stays(six_children, PATHWAY, **UNTIL), "ruled-out")
        assert waits["started"].dt.strftime("%d %b").to_dict() == {
            "every step": "31 Jan", "skipped and out of order": "21 Jan", "two on one day": "11 Jan"}
        assert waits[["first_day", "last_day", "outcome"]].T.to_dict("list") == {
            "every step": [0, 30, 1], "skipped and out of order": [0, 30, 1], "two on one day": [0, 262, 0]}
        first = stage_waits(stays(six_children, PATHWAY, **UNTIL), "new")
        assert {row.Index: (row.last_day, row.outcome) for row in first.itertuples()} == {
            "every step": (10, 1), "skipped and out of order": (20, 1), "two on one day": (10, 1),
            "before birth": (0, 1), "left": (60, 2), "waiting": (272, 1),
        }

    def test_who_waits_now_and_for_how_long(self, six_children):
        now = waiting_now(stays(six_children, PATHWAY, **UNTIL))
        assert now[["stage", "days_in_stage", "days_waiting"]].to_dict("index") == {
            "two on one day": {"stage": "ruled-out", "days_in_stage": 262, "days_waiting": 272},
            "waiting": {"stage": "reviewed", "days_in_stage": 0, "days_waiting": 272},
        }

    def test_an_unknown_stage_is_named_with_the_nearest(self, six_children):
        with pytest.raises(UsageError, match="Did you mean 'reviewed'"):
            stage_waits(stays(six_children, PATHWAY), "reviews")


def test_a_child_who_waited_before_the_window_opens_enters_late_in_the_stage_of_that_morning():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}, {"period_id": "b", "start_date": "2015-01-01"}],
                  [met("a", "first_review", "2015-01-11"), recommended("a", "2015-04-11"),
                   met("b", "first_review", "2015-02-01"), met("b", "rehabilitation_ruled_out", "2015-02-11")],
                  covers_from=date(2015, 2, 1))
    found = stays(care, PATHWAY, **UNTIL)
    assert rows(found) == {
        "a": [("reviewed", 31, 100, "decided")],
        "b": [("new", 31, 31, "reviewed"), ("reviewed", 32, 41, "ruled-out"), ("ruled-out", 42, 272, None)],
    }
    waits = stage_waits(found, "reviewed")
    assert waits[["first_day", "last_day"]].to_numpy().tolist() == [[21, 90], [0, 10]]


def test_definitions_are_those_of_the_follow_up():
    moved = {"period_id": "moved", "start_date": "2015-01-01", "end_date": "2015-01-31", "end_reason": "moved_away"}
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}, moved],
                  [recommended("a", "2015-03-02"), met("a", "ratifying_review", "2015-04-11")])
    by = Definitions(recommendation="ratified", ends_that_censor=("moved_away",), recording_lag_days=30)
    found = stays(care, PATHWAY, definitions=by, **UNTIL)
    assert rows(found) == {"a": [("new", 0, 100, "decided")], "moved": [("new", 0, 30, None)]}
    assert found.as_at == date(2015, 8, 31)
    assert len(waiting_now(found)) == 0
    # on the whole pathway the ratified date opens the stage after the decision
    whole = rows(stays(care, PATHWAY, definitions=by))
    assert whole["a"] == [("new", 0, 100, "decided-on"), ("decided-on", 101, 242, None)]


def test_nobody_gives_no_stays():
    assert stays(tables([{"period_id": "a", "start_date": "2015-12-01"}]), PATHWAY).frame.empty


def test_a_pathway_that_names_no_milestone_is_refused(six_children):
    with pytest.raises(SettingsError, match="No stage of the pathway 'short' finishes at 'placed'"):
        stays(six_children, PATHWAY, until="placed")


days_of_a_child = st.tuples(*[st.none() | st.integers(-5, 40)] * 3, st.none() | st.integers(0, 40))


@given(st.lists(days_of_a_child, min_size=1, max_size=12), st.sampled_from([0, 12]))
@settings(max_examples=40, deadline=None)
def test_stays_of_any_dates_follow_one_another_to_the_end_of_the_wait(children, opens):
    def on(day: int) -> str:
        return str(date(2015, 1, 1) + pd.Timedelta(days=day))

    periods, milestones = [], []
    for number, (*days, end) in enumerate(children):
        periods.append({"period_id": str(number), "start_date": on(0), "end_date": None if end is None else on(end)})
        milestones += [met(str(number), name, on(day)) for name, day in zip(MILESTONES[1:4], days, strict=True)
                       if day is not None]
    care = tables(periods, milestones, covers_from=date(2015, 1, 1 + opens))
    found, follow = stays(care, PATHWAY, **UNTIL), follow_up(care)
    assert_agrees(found, follow)
    frame = found.frame
    same = frame["period_id"].eq(frame["period_id"].shift())
    assert (frame["first_day"][same] == frame["last_day"].shift()[same] + 1).all()
    assert (frame["stage"][same] == frame["next_stage"].shift()[same]).all()
    order = {name: place for place, name in enumerate(found.states)}
    moved = frame["next_stage"].notna()
    assert (frame["next_stage"][moved].map(order) > frame["stage"][moved].map(order)).all()


def assert_agrees(found: Stays, follow) -> None:
    """The same waits, decided, left and censored on the same days; the days of the stays add to those of the waits."""
    final = found.frame.drop_duplicates("period_id", keep="last").set_index("period_id")
    first = found.frame.drop_duplicates("period_id").set_index("period_id")
    waits = follow.frame
    assert final.index.tolist() == waits.index.tolist()
    assert first["first_day"].tolist() == waits["first_day"].tolist()
    assert final["last_day"].tolist() == waits["last_day"].tolist()
    how = np.select([final["next_stage"] == "decided", final["next_stage"] == "left"], [1, 2], 0)
    assert how.tolist() == np.select([waits["outcome"] == 0, waits["outcome"] < FIRST_END], [0, 1], 2).tolist()
    days = (found.frame["last_day"] - found.frame["first_day"] + 1).groupby(found.frame["period_id"]).sum()
    expected = (waits["last_day"] - waits["first_day"] + 1).sort_index()
    assert_series_equal(days.sort_index(), expected, check_names=False)
    assert sorted(waiting_now(found).index) == sorted(waits.index[follow.waiting])


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study("exampleshire", "2015Q3")


class TestTheSample:
    @pytest.mark.parametrize("by", [
        Definitions(),
        Definitions(recommendation="ratified", reentry="first", care_ends_at_age=16, recording_lag_days=60),
        Definitions(clock_starts="looked_after", ends_that_censor=("moved_away", "died")),
    ])
    def test_the_decision_side_is_that_of_the_follow_up(self, study, by):
        until = study.quarter.shift(-1).last_day
        pathway = load_pathway("scotland")
        found = stays(study.tables, pathway, as_at=until, definitions=by, until=pathway.decision)
        follow = follow_up(study.tables, as_at=until, definitions=by)
        assert (found.as_at, found.left_out) == (follow.as_at, follow.left_out)
        assert_agrees(found, follow)

    def test_the_share_decided_is_that_of_the_life_table(self, study):
        pathway = load_pathway("scotland")
        found = stays(study.tables, pathway, as_at=study.quarter.last_day, until=pathway.decision)
        shares = state_occupancy(stage_table(found, where=found.frame["started"].between("2013-04-01", "2014-03-31")))
        follow = study.decision.where(study.decision.frame["started"].between("2013-04-01", "2014-03-31"))
        expected = share_by(decision_table(follow), 182, outcome=1)["estimate"].item()
        decided = shares.query("stage == 'decided' and day == 182")["estimate"].item()
        assert decided == pytest.approx(expected, abs=1e-12)
