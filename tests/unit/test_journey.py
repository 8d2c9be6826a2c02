"""Where children wait: exact answers of the sample, held to plain counting, and six children by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from test_care import recommended, tables

from pace_analysis.care.stays import stage_table
from pace_analysis.dates import ReportingYear
from pace_analysis.errors import UsageError
from pace_analysis.journey import (
    CLOCK_PARTS,
    clocks,
    journey_stays,
    milestones_met,
    occupancy_counts,
    pathway_of,
    stage_summary,
    where_time_goes,
)
from pace_analysis.study import Study, open_study
from pace_analysis.survival import SurvivalInputError, state_occupancy

YEAR = ReportingYear(2013)
DECISION = "permanence_recommendation"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study("exampleshire", "2015Q3")


def met(period: str, milestone: str, day: str) -> dict:
    return {"period_id": period, "milestone": milestone, "date": day, "route": ""}


@pytest.fixture(scope="module")
def by_hand(study) -> Study:
    """Seven children on the clock of the first review: six weeks from 1 January 2015 end on 12 February."""
    start = "2015-01-01"
    care = tables(
        [
            {"period_id": "last day", "start_date": start},
            {"period_id": "a day late", "start_date": start},
            {"period_id": "never", "start_date": start, "end_date": "2015-06-01"},
            {"period_id": "left first", "start_date": start, "end_date": "2015-02-12"},
            {"period_id": "due today", "start_date": "2015-08-19"},
            {"period_id": "due tomorrow", "start_date": "2015-08-20"},
            {"period_id": "in before the window", "start_date": "2014-12-01"},
        ],
        [
            met("last day", "first_review", "2015-02-12"), met("last day", "rehabilitation_ruled_out", "2015-02-12"),
            met("a day late", "first_review", "2015-02-13"), recommended("a day late", "2015-02-10"),
            met("in before the window", "first_review", "2015-01-01"),
            recommended("in before the window", "2015-02-01"),
        ],
        covers_from=date(2015, 1, 1),
    )
    return replace(study, tables=care)


def of_year(study: Study) -> pd.Series:
    """Waits for the decision that began in the year."""
    return study.decision.frame["started"].between(pd.Timestamp(YEAR.first_day), pd.Timestamp(YEAR.last_day))


class TestClocks:
    def test_each_child_by_hand(self, by_hand):
        review = clocks(by_hand).loc["first-review"]
        assert review[["due", *CLOCK_PARTS]].to_dict() == {
            "due": 4, "in_time": 1, "overdue": 3, "left_first": 1, "not_yet_due": 1, "began_before_extract": 1}
        assert review["share_in_time"] == 0.25
        assert (review["within"], "SSI 2009/210" in review["source"]) == ("6 weeks", True)

    def test_a_clock_that_never_ran_has_no_share(self, by_hand):
        decision = clocks(by_hand).loc["agency-decision"]
        assert decision["due"] == 0 and np.isnan(decision["share_in_time"])

    def test_every_wait_is_in_one_part(self, study):
        for name, row in clocks(study).iterrows():
            clock = next(each for each in pathway_of(study).clocks if each.id == name)
            parts = row[["due", "left_first", "not_yet_due", "began_before_extract"]].sum()
            assert parts == len(study.follow_clock(clock.start, clock.finish).frame)

    def test_a_year_is_that_of_the_children_accommodated_in_it(self, study):
        by_year = sum(clocks(study, year)["due"] for year in [ReportingYear(start) for start in range(2005, 2017)])
        assert by_year.tolist() == clocks(study)["due"].tolist()

    def test_the_sample_holds_about_as_many_in_time_as_it_was_made_with(self, study):
        """Agency decisions were drawn with 88% within 14 days."""
        row = clocks(study).loc["agency-decision"]
        assert abs(row["share_in_time"] - 0.88) < 3 * np.sqrt(0.88 * 0.12 / row["due"])


class TestMilestones:
    def test_each_way_to_be_met_by_hand(self, by_hand):
        found = milestones_met(by_hand)
        assert found.loc["first_review"].to_dict() == {
            "in_order": 1, "same_day": 1, "out_of_order": 1, "skipped": 0, "not_reached": 4}
        assert found.loc["rehabilitation_ruled_out"].to_dict() == {
            "in_order": 1, "same_day": 0, "out_of_order": 0, "skipped": 2, "not_reached": 4}
        assert found.loc[DECISION, "in_order"] == 2

    def test_every_wait_is_in_one_column(self, study):
        waits = len(study.follow_clock("accommodated", "order_granted").frame)
        assert (milestones_met(study).sum(axis=1) == waits).all()
        assert milestones_met(study).loc["order_granted", ["skipped", "out_of_order", "same_day"]].sum() == 0

    def test_who_met_a_milestone_in_order_entered_its_stage(self, study):
        """Except on the day the child leaves care, which is then where the day ends."""
        opened = journey_stays(study, YEAR).frame["next_stage"].value_counts()
        met_in_order = milestones_met(study, YEAR)["in_order"]
        for stage in pathway_of(study).stages[1:]:
            assert 0 <= met_in_order[stage.start] - opened[stage.id] <= 1


def whole(study):
    return journey_stays(study, until=DECISION)


class TestTime:
    @pytest.mark.parametrize("horizon", [91, 182, 365])
    def test_days_in_the_stages_add_to_the_horizon(self, study, horizon):
        for year in (YEAR, None):
            assert where_time_goes(study, year, horizon)["estimate"].sum() == pytest.approx(horizon, abs=1e-9)

    def test_days_are_those_counted_child_by_child(self, study):
        """Of a year that is fully followed, the mean of the evenings spent in each stage."""
        days = where_time_goes(study, YEAR, 182).set_index("stage")["estimate"]
        evenings = occupancy_counts(study, whole(study), YEAR, range(182))
        plain = evenings.div(evenings.sum(axis=1), axis=0).sum()
        assert days.tolist() == pytest.approx(plain[days.index].tolist(), abs=1e-9)

    def test_a_horizon_beyond_follow_up_is_refused(self, study):
        with pytest.raises(SurvivalInputError, match="beyond follow-up"):
            where_time_goes(study, ReportingYear(2015), 365)

    def test_a_year_without_children_is_refused(self, study):
        with pytest.raises(SurvivalInputError, match="empty"):
            where_time_goes(study, ReportingYear(2030))


class TestOccupancy:
    def test_counts_are_of_all_children_of_the_year(self, study):
        table = occupancy_counts(study, whole(study), YEAR, [0, 91, 182, 364])
        assert (table.sum(axis=1) == of_year(study).sum()).all()
        assert table.columns.tolist() == [*(stage.id for stage in pathway_of(study).before_decision), "decided", "left"]
        assert set(table.dtypes) == {np.dtype("int64")}

    def test_ends_are_those_of_the_follow_up(self, study):
        table, follow = occupancy_counts(study, whole(study), YEAR, [30, 182]), study.decision
        cohort = follow.where(of_year(study))
        for day in (30, 182):
            ended = cohort.frame["last_day"] <= day
            assert table.loc[day, "decided"] == (ended & cohort.decided).sum()
            assert table.loc[day, "left"] == (ended & ~cohort.decided).sum()

    def test_plain_shares_are_the_estimated_occupancy(self, study):
        days = [0, 1, 45, 182]
        table = occupancy_counts(study, whole(study), YEAR, days)
        estimated = state_occupancy(stage_table(journey_stays(study, YEAR, until=DECISION)))
        estimated = estimated.pivot(index="day", columns="stage", values="estimate").loc[days, table.columns]
        assert np.abs(table.div(table.sum(axis=1), axis=0) - estimated).to_numpy().max() < 1e-12

    def test_children_who_are_lost_are_left_out(self, study):
        settings = study.authority.model_copy(update={"definitions": study.authority.definitions.model_copy(
            update={"ends_that_censor": ("moved_away", "home")})})
        changed = replace(study, authority=settings)
        table = occupancy_counts(changed, whole(changed), YEAR, [0, 182])
        assert table.sum(axis=1).nunique() == 1
        assert table.sum(axis=1).iloc[0] < occupancy_counts(study, whole(study), YEAR, [0]).to_numpy().sum()

    @pytest.mark.parametrize(("year", "days"), [(2014, [0, 364]), (2015, [0]), (2009, [0])])
    def test_a_year_not_fully_followed_is_refused(self, study, year, days):
        with pytest.raises(UsageError, match="followed for"):
            occupancy_counts(study, whole(study), ReportingYear(year), days)


class TestSummary:
    def test_waiting_now_is_that_of_the_follow_up(self, study):
        summary = stage_summary(study, until=DECISION)
        assert summary["waiting_now"].sum() == study.decision.waiting.sum()
        assert summary.index.tolist() == [stage.id for stage in pathway_of(study).before_decision]

    def test_the_clock_of_a_stage_stands_beside_it(self, study):
        summary = stage_summary(study)
        assert summary.loc["panel", "clock"] == "" and np.isnan(summary.loc["panel", "share_in_time"])
        assert summary.loc["agency-decision", "share_in_time"] == clocks(study).loc["agency-decision", "share_in_time"]

    def test_by_hand(self, by_hand):
        first = stage_summary(by_hand, until=DECISION).loc["first-review"]
        # six stays began in the window; half have ended by day 42, when one leaves and one moves on
        assert first[["entered", "moved_on", "left", "waiting_now"]].tolist() == [6, 2, 2, 2]
        assert first["median_days"] == 42
        summary = stage_summary(by_hand, until=DECISION)
        # one enters the second stage on the first day of the window and is decided 31 days later; one goes past it
        assert summary["entered"].tolist() == [6, 1, 1, 0]
        assert summary["median_days"].fillna(-1).tolist() == [42, 31, -1, -1]
