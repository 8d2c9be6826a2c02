"""What an aim still needs, in whole numbers, and the limits that fall."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from pace_analysis.aims import decision_table, eligible
from pace_analysis.errors import UsageError
from pace_analysis.outlook import Limits, limits_ahead, limits_falling, still_needed
from pace_analysis.settings import load_aim
from pace_analysis.study import open_study
from pace_analysis.survival import forecast

TARGET = Fraction(95, 100)


def test_a_target_that_can_be_met_says_how_many_of_those_open():
    told = still_needed(80, 100, 18, TARGET)
    assert (told.verdict, told.number, told.share, told.best) == ("possible", 15, Fraction(15, 18), Fraction(98, 100))


def test_exactly_enough_is_possible_and_one_less_is_out_of_reach():
    assert still_needed(80, 100, 15, TARGET).verdict == "possible"
    assert still_needed(80, 100, 14, TARGET).verdict == "out of reach"


def test_nineteen_of_twenty_is_reached_exactly():
    assert still_needed(19, 20, 0, TARGET).verdict == "already reached"


@pytest.mark.parametrize("numbers", [(-1, 10, 2), (5, 10, 6), (0, 0, 0)])
def test_numbers_that_are_no_parts_are_refused(numbers):
    with pytest.raises(UsageError, match="cannot be parts"):
        still_needed(*numbers, TARGET)


DUE = np.array(["2015-08-01", "2015-09-30", "2015-10-01", "2015-12-31", "2016-01-01"], dtype="datetime64[D]")
LIMITS = Limits(date(2015, 9, 30), np.array([200, 183, 182, 91, 90]), DUE)
NEXT = date(2015, 12, 31)


def test_a_limit_that_ends_on_the_day_of_the_cut_is_over_and_the_last_day_of_the_quarter_still_falls_in_it():
    assert (LIMITS.over, LIMITS.falling(NEXT), LIMITS.later(NEXT)) == (2, 2, 1)


def test_a_span_counts_its_last_day_and_not_the_day_before_it_opens():
    assert limits_falling(DUE, after=date(2015, 8, 1), last=date(2015, 10, 1)) == 2
    assert limits_falling(DUE, after=date(2016, 1, 1), last=date(2016, 3, 1)) == 0


def test_a_forecast_asks_about_everybody_to_the_date():
    waited, ahead = LIMITS.until(NEXT)
    assert (waited.tolist(), ahead.tolist()) == ([200, 183, 182, 91, 90], [92] * 5)


def test_a_forecast_in_time_asks_to_the_limit_and_of_those_not_over_alone():
    waited, ahead = LIMITS.in_time_until(NEXT)
    assert (waited.tolist(), ahead.tolist()) == ([182, 91, 90], [1, 92, 92])


@pytest.fixture(scope="module")
def sample():
    return open_study("exampleshire", "2015Q3", identified=True)


@pytest.fixture(scope="module")
def aim():
    return load_aim("exampleshire-decision-in-six-months")


def test_every_child_waiting_in_the_sample_is_over_or_falls_in_the_quarter_or_later(sample, aim):
    limits = limits_ahead(sample, aim)
    parts = (limits.over, limits.falling(NEXT), limits.later(NEXT))
    assert sum(parts) == limits.waited.size == 72
    assert parts[:2] == (16, 20)


def test_the_day_of_a_wait_is_counted_from_its_start(sample, aim):
    follow = eligible(sample, aim)
    started = follow.frame.loc[follow.waiting, "started"]
    assert limits_ahead(sample, aim).waited.tolist() == (pd.Timestamp(sample.as_at) - started).dt.days.tolist()


def test_what_the_past_year_foresaw_came_about(sample, aim):
    before, now = open_study("exampleshire", "2014Q3", identified=True), eligible(sample, aim)
    then, limits, by = eligible(before, aim), limits_ahead(before, aim), date(2014, 12, 31)
    past_year = then.during(date(2013, 10, 1), before.as_at)
    told = forecast(decision_table(past_year), *limits.until(by), seed=1)
    decided = (now.decided & (now.ended <= pd.Timestamp(by))).reindex(then.frame.index[then.waiting])
    assert told.children == len(decided)
    assert told.lower <= decided.sum() <= told.upper
