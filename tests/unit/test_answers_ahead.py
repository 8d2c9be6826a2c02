"""The run chart, effects of changes, outlook and balancing measures as a board sees them: released, and said with care."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from pace_analysis.answers import board_answers
from pace_analysis.answers.changes import change_effects, stage_clock
from pace_analysis.publish import chartwords, journeywords
from pace_analysis.publish.disclosure import Refused, ReleasedEstimate, publishable, release_estimate
from pace_analysis.study import open_study


@pytest.fixture(scope="module")
def answers():
    return board_answers(open_study("exampleshire", "2015Q3"))


@pytest.fixture(scope="module")
def exact():
    return board_answers(open_study("exampleshire", "2015Q3", profile="internal"))


class TestRunChart:
    def test_its_points_are_the_released_shares_and_its_baseline_is_before_the_programme(self, answers):
        chart = answers.run.chart
        assert chart.points["value"].tolist() == [share.percent / 100 for _, share in answers.progress.quarters]
        assert answers.run.quarters[answers.run.baseline - 1].last_day < answers.authority.programme_start

    def test_improvement_is_said_only_with_the_rule_that_fired(self, answers):
        chart = answers.run.chart
        assert chart.signals and "crosses the centre line" in chartwords.signal(chart)
        assert chartwords.verdict(chart) == "the series has improved by more than chance usually gives"
        assert "not of its latest quarter" in chartwords.signal(chart)
        assert "false alarm" in chartwords.rules(chart)

    def test_a_year_earlier_nothing_is_claimed(self):
        early = board_answers(open_study("exampleshire", "2013Q4")).run.chart
        assert not early.signals and "No rule" in chartwords.signal(early)

    def test_too_few_quarters_give_no_chart(self):
        assert isinstance(board_answers(open_study("exampleshire", "2010Q3")).run.chart, Refused)


class TestChanges:
    def test_changes_to_one_step_that_began_together_are_judged_together(self, answers):
        grouped = {effect.stage: effect.numbers for effect in answers.effects}
        assert grouped["agency decision to court"] == (5, 6)
        assert (1, 2, 4) in [effect.numbers for effect in answers.effects]

    def test_one_that_just_began_is_not_judged(self, answers):
        latest = next(effect for effect in answers.effects if effect.numbers == (8,))
        assert isinstance(latest.rate, Refused) and latest.rate.code == "too-soon"

    def test_the_true_speed_up_of_the_sample_lies_in_the_interval(self, exact):
        first = next(effect for effect in exact.effects if 1 in effect.numbers)
        assert first.rate.lower <= 1.7 <= first.rate.upper and first.rate.lower > 1

    def test_faster_is_said_of_an_interval_above_one_alone(self, answers):
        for effect in answers.effects:
            if isinstance(effect.rate, ReleasedEstimate):
                assert (journeywords.rate_reading(effect.rate) == "faster") == (effect.rate.lower > 1)

    @pytest.mark.parametrize(("stage", "clock"), [
        ("accommodated to recommendation", ("accommodated", "permanence_recommendation")),
        ("Agency decision to court", ("agency_decision", "court_lodged")), ("first review to panel", ("first_review", "panel")),
        ("all of it", None), ("accommodated to nowhere", None),
    ])
    def test_steps_are_read_from_the_register(self, stage, clock):
        assert stage_clock(stage) == clock

    def test_a_register_without_changes_has_no_effects(self):
        study = open_study("exampleshire", "2015Q3")
        study.tables.change.drop(study.tables.change.index, inplace=True)
        assert change_effects(study) == ()


    @pytest.mark.parametrize("milestone", ["agency_decision", "permanence_recommendation"])
    def test_a_step_that_nobody_took_is_not_judged_and_stops_nothing(self, milestone):
        study = open_study("exampleshire", "2015Q3")
        without = study.tables.milestone[study.tables.milestone["milestone"] != milestone]
        told = board_answers(replace(study, tables=replace(study.tables, milestone=without)))
        assert any(isinstance(effect.rate, Refused) and effect.rate.code == "too-few-exits" for effect in told.effects)

    def test_slower_steps_are_named_like_faster_ones(self):
        slower, level = (release_estimate(*numbers, step=0.1, children=200, exits=50, what="x") for numbers in ((0.6, 0.5, 0.8), (1.1, 0.9, 1.3)))
        assert "slower since: panel (0.6 times as fast, 0.5 to 0.8)" in journeywords.changes_effect([("panel", slower), ("court", level)])
        assert "One comparison" in journeywords.changes_effect([("court", level)])

    def test_two_spellings_of_one_step_are_one_step(self):
        study = open_study("exampleshire", "2015Q3")
        register = study.tables.change.copy()
        register.loc[register["change_id"] == "C02", "stage"] = "Accommodated to Recommendation"
        assert (1, 2, 4) in [effect.numbers for effect in change_effects(replace(study, tables=replace(study.tables, change=register)))]


class TestOutlook:
    def test_the_date_is_that_of_the_aim_or_the_end_of_the_next_quarter(self, answers):
        assert answers.outlook.by.isoformat() == "2015-12-31" == answers.outlook.next_quarter_ends.isoformat()

    def test_the_forecast_is_a_part_of_those_waiting(self, exact):
        told = exact.outlook
        assert 0 <= told.in_time.value <= told.decided.value <= 72
        assert told.decided.lower < told.decided.value < told.decided.upper
        assert told.over.count + told.falling.count <= 72

    def test_protected_numbers_are_multiples_and_near_the_exact_ones(self, answers, exact):
        for name in ("decided", "in_time"):
            shown, known = getattr(answers.outlook, name), getattr(exact.outlook, name)
            assert shown.value % 5 == 0 and abs(shown.value - known.value) <= 2.5

    def test_what_the_aim_needs_and_how_long_a_change_takes_are_said(self, answers):
        assert "are still waiting within their limit" in answers.outlook.still_needed
        assert "At an intake of 40 children a quarter or somewhat more" in answers.outlook.quarters_to_tell


    @pytest.mark.parametrize("quarter", ["2011Q3", "2012Q2", "2014Q2", "2014Q3"])
    def test_what_is_needed_never_contradicts_its_own_numbers(self, quarter):
        told = board_answers(open_study("exampleshire", quarter)).outlook.still_needed
        best = re.search(r"share would be about (\d+)%", told)
        if best:
            assert ("out of reach" in told) == (int(best[1]) < 95), told


class TestBalancing:
    def test_rare_events_are_shown_as_a_protected_pair(self, answers):
        told = {measure.title: measure for measure in answers.balancing.measures}
        reversed_ = told["Decision reversed within 12 months"].by_year
        assert any(count.words.startswith("fewer than 5 of") for count in reversed_.values())
        assert "these are watched too" in journeywords.balancing_position(answers.balancing.latest)
        assert "cannot be shown" in journeywords.balancing_position([("x", "2013/14", journeywords.NOT_SHOWN)])

    def test_every_part_has_passed_the_gate(self, answers):
        for part in (*answers.balancing.parts, *answers.outlook.parts, *(p for effect in answers.effects for p in effect.parts)):
            assert publishable(part) is part


def test_days_in_whole_numbers_still_add_up():
    days = {"a": 30.6, "b": 76.6, "c": 5.4, "d": 69.4}
    assert sum(journeywords.whole_days(days).values()) == 182


def test_a_change_dated_in_the_future_is_not_drawn(answers):
    assert all(pd.Timestamp(began) <= pd.Timestamp(answers.as_at) for _, began in answers.run.changes)
