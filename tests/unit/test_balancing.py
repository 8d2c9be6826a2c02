"""Balancing measures on children counted by hand, and on the sample."""

from dataclasses import replace

import pandas as pd
import pytest

from pace_analysis.balancing import balancing
from pace_analysis.study import open_study


@pytest.fixture(scope="module")
def sample():
    return open_study("exampleshire", "2015Q3")


def study_of(sample, periods, milestones=(), start_reason="new"):
    """The sample's study with other periods (child, start, end, reason) and milestones (period, code, date)."""
    tables = sample.tables
    period = pd.DataFrame(
        [(f"{child}-{start}", child, "away", pd.Timestamp(start), start_reason, pd.Timestamp(end or None), reason)
         for child, start, end, reason in periods], columns=list(tables.period.columns))
    names = dict.fromkeys(row[0] for row in periods)
    child = pd.DataFrame([(name, pd.Timestamp("2009-05-01"), "U", "") for name in names],
                         columns=list(tables.child.columns))
    milestone = pd.DataFrame([(*row[:2], pd.Timestamp(row[2]), "") for row in milestones],
                             columns=list(tables.milestone.columns))
    milestone["date"] = pd.to_datetime(milestone["date"])
    return replace(sample, tables=replace(tables, child=child, period=period, milestone=milestone))


def counted(study, measure, year="2012/13"):
    return next((count.numerator, count.denominator) for count in balancing(study)
                if (count.id, str(count.year)) == (measure, year))


def test_back_in_care_counts_a_return_on_the_last_day_of_twelve_months_and_not_the_day_after(sample):
    study = study_of(sample, [
        ("in time", "2012-01-01", "2012-06-01", "home"), ("in time", "2013-06-01", None, ""),
        ("late", "2012-01-01", "2012-06-01", "home"), ("late", "2013-06-02", None, ""),
        ("never", "2012-01-01", "2012-06-01", "home"),
        ("adopted", "2012-01-01", "2012-06-01", "adopted"),
    ])
    assert counted(study, "back-from-home") == (1, 3)


def test_care_that_goes_on_the_next_day_never_ended(sample):
    study = study_of(sample, [("moved", "2012-01-01", "2012-06-01", "home"), ("moved", "2012-06-02", None, "")])
    assert counted(study, "back-from-home") == (0, 0)


def test_kin_are_counted_by_themselves(sample):
    study = study_of(sample, [("one", "2012-01-01", "2012-06-01", "kinship"), ("one", "2012-09-01", None, "")])
    assert (counted(study, "back-from-kin"), counted(study, "back-from-home")) == ((1, 1), (0, 0))


def test_a_reversed_decision_counts_once_within_twelve_months(sample):
    study = study_of(sample, [(name, "2012-01-01", None, "") for name in "abc"], [
        ("a-2012-01-01", "permanence_recommendation", "2012-05-01"), ("a-2012-01-01", "plan_reversed", "2013-05-01"),
        ("b-2012-01-01", "permanence_recommendation", "2012-05-01"), ("b-2012-01-01", "plan_reversed", "2013-05-02"),
        ("c-2012-01-01", "permanence_recommendation", "2012-05-01"),
    ])
    assert counted(study, "reversed") == (1, 3)


def test_a_placement_is_disrupted_by_a_reversal_or_by_leaving_unsettled(sample):
    ends = {"reversed": (None, ""), "left": ("2012-12-01", "other"), "adopted": ("2012-12-01", "adopted"),
            "died": ("2012-12-01", "died"), "left later": ("2013-06-02", "other"), "settled": (None, "")}
    periods = [(child, "2011-01-01", *end) for child, end in ends.items()]
    placed = [(f"{child}-2011-01-01", "placed", "2012-06-01") for child in ends]
    study = study_of(sample, periods, [*placed, ("reversed-2011-01-01", "plan_reversed", "2012-10-01")])
    assert counted(study, "disrupted") == (2, 6)


def test_a_stay_that_goes_on_the_next_day_is_neither_an_exit_nor_a_disruption(sample):
    periods = [("moved", "2011-01-01", "2012-12-01", "not_known"), ("moved", "2012-12-02", None, "")]
    study = study_of(sample, periods, [("moved-2011-01-01", "placed", "2012-06-01")])
    assert (counted(study, "disrupted"), counted(study, "unknown")) == ((0, 1), (0, 0))


def test_children_who_came_before_the_extract_count_when_they_leave(sample):
    study = study_of(sample, [("a", "2010-04-01", "2012-06-01", "home"), ("a", "2012-09-01", "2012-10-01", "not_known"),
                              ("b", "2010-04-01", "2012-12-01", "other")],
                     [("b-2010-04-01", "placed", "2012-06-01")], start_reason="before_extract")
    assert (counted(study, "back-from-home"), counted(study, "unknown")) == ((1, 1), (1, 3))
    assert counted(study, "disrupted") == (1, 1)


def test_unknown_destinations_need_no_year_to_pass(sample):
    study = study_of(sample, [("a", "2012-01-01", "2014-06-01", "not_known"),
                              ("b", "2012-01-01", "2014-06-01", "home")])
    assert counted(study, "unknown", "2014/15") == (1, 2)
    assert not any(count.id == "back-from-home" and str(count.year) == "2014/15" for count in balancing(study))


def test_every_measure_of_the_sample_is_a_part_of_its_whole(sample):
    counts = balancing(sample)
    assert {count.id for count in counts} == {"back-from-home", "back-from-kin", "reversed", "disrupted", "unknown"}
    assert all(0 <= count.numerator <= count.denominator for count in counts)
    assert sum(count.denominator for count in counts if count.id == "unknown") > 400
