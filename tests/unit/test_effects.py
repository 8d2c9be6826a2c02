"""Did a change help? The effect is found when there is one, and a cleared backlog is not taken for one."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pace_analysis.care import FollowUp
from pace_analysis.effects import Effect, TooFew, before_after, exposure_effect, series_effect, waits_of
from pace_analysis.errors import UsageError
from pace_analysis.survival import cox, life_table, share_by, split_at

OPENS, QUARTER = pd.Timestamp("2010-01-01"), 91
CHANGE = 8 * QUARTER


def day(number: int) -> date:
    return (OPENS + pd.Timedelta(days=number)).date()


def simulated(
    generator, *, speed_up: float = 1.0, backlog: float = 1.0, a_quarter: int = 60, quarters: int = 12
) -> FollowUp:
    """Waits of children whose rate of decisions changes at ``CHANGE``: for all, or for those who wait over a year."""
    end = quarters * QUARTER
    start = np.sort(generator.integers(0, end, a_quarter * quarters))
    decided = np.full(start.size, np.iinfo(np.int32).max)
    left = generator.exponential(900, start.size).astype(int)
    open_ = np.ones(start.size, bool)
    for waited in range(end):
        now = start + waited
        rate = 1 / 350 * np.where(now >= CHANGE, speed_up * (backlog if waited > 365 else 1.0), 1.0)
        hit = open_ & (generator.random(start.size) < rate)
        decided[hit] = waited
        open_ &= ~hit & (now < end)
    wait = np.minimum(np.minimum(decided, left), end - 1 - start)
    outcome = np.where(wait == decided, 1, np.where(wait == left, 8, 0))
    started = OPENS + pd.to_timedelta(start, unit="D")
    frame = pd.DataFrame({"child_id": start.astype(str), "started": started, "first_day": 0, "last_day": wait,
                          "outcome": outcome, "age": 5, "stay": 1, "pre_birth": False})
    return FollowUp(frame, day(end - 1), {})


def period_share(follow: FollowUp, quarter: int) -> float:
    seen = waits_of(follow.during(day(quarter * QUARTER), day((quarter + 1) * QUARTER - 1)))
    table = life_table(seen["last_day"], seen["outcome"], first_day=seen["first_day"], n_outcomes=2)
    return float(share_by(table, 182, outcome=1)["estimate"].iloc[0])


def test_outcomes_are_the_finish_or_leaving_without_it():
    follow = simulated(np.random.default_rng(1))
    assert set(waits_of(follow)["outcome"]) == {0, 1, 2}
    assert (waits_of(follow)["outcome"] == 1).sum() == follow.decided.sum()


def test_the_interval_of_a_speed_up_covers_as_often_as_it_says():
    generator = np.random.default_rng(3)
    covered = []
    for _ in range(60):
        told = exposure_effect(waits_of(simulated(generator, speed_up=1.6, a_quarter=40)), day(CHANGE))
        covered.append(told.lower <= 1.6 <= told.upper)
    assert np.mean(covered) >= 0.85


def test_faster_is_said_only_when_the_interval_says_so():
    generator = np.random.default_rng(4)
    told = exposure_effect(waits_of(simulated(generator, speed_up=2.0)), day(CHANGE))
    assert told.reading == "faster" and told.decisions_before > 50 and told.decisions_after > 50
    nothing = exposure_effect(waits_of(simulated(generator, a_quarter=20)), day(CHANGE))
    assert isinstance(nothing, Effect) and nothing.reading == "cannot tell"
    assert Effect("exposure", 0.6, 0.4, 0.9, 1.0, 10, 10, 50).reading == "slower"


def test_strata_compare_within_each_authority():
    generator = np.random.default_rng(5)
    parts = [waits_of(simulated(generator, speed_up=1.6, a_quarter=30)).assign(authority=name) for name in "ab"]
    both = pd.concat(parts, ignore_index=True)
    told = exposure_effect(both, day(CHANGE), strata=("authority",))
    assert told.lower < 1.6 < told.upper and told.children == len(both)


def test_each_authority_may_begin_on_a_day_of_its_own():
    generator = np.random.default_rng(11)
    parts = [waits_of(simulated(generator, speed_up=1.8)).assign(authority=name, lag=lag)
             for name, lag in (("a", 0), ("b", 200))]
    both = pd.concat(parts, ignore_index=True)
    both["started"] += pd.to_timedelta(both["lag"], unit="D")
    began = pd.Timestamp(day(CHANGE)) + pd.to_timedelta(both["lag"], unit="D")
    told = exposure_effect(both, began, strata=("authority",))
    assert told.lower < 1.8 < told.upper and told.reading == "faster"


@pytest.mark.parametrize("number", [12 * QUARTER - 1, 20 * QUARTER, -1])
def test_few_decisions_on_one_side_are_no_effect(number):
    few = exposure_effect(waits_of(simulated(np.random.default_rng(6))), day(number))
    assert isinstance(few, TooFew) and min(few.decisions_before, few.decisions_after) < 5
    assert "not judged, from" in few.words("New form") and "at least 5 on either side" in few.words("New form")


def test_decisions_on_days_of_waiting_seen_on_one_side_only_tell_nothing():
    waits = pd.DataFrame({"started": OPENS, "first_day": 0, "last_day": [9] * 6 + [19] * 6, "outcome": 1})
    assert exposure_effect(waits, day(15)) == TooFew(0, 0)
    rows = split_at(waits_of(simulated(np.random.default_rng(10))), day(CHANGE)).reset_index(drop=True)
    assert isinstance(exposure_effect(rows, day(CHANGE)), Effect)
    one_sided = exposure_effect(rows.assign(regime=rows["exposed"]), day(CHANGE), strata=("regime",))
    assert one_sided == TooFew(0, 0), "each stratum was seen on one side only"


def test_the_p_value_is_that_of_the_interval():
    assert Effect("exposure", 1.5, 1.0, 2.25, 1.0, 9, 9, 30).p_value == pytest.approx(0.05, abs=1e-6)
    assert Effect("before and after", 0.1, 0.0, 0.2, 0.0, 9, 9, 30).p_value == pytest.approx(0.05, abs=1e-6)
    waits = waits_of(simulated(np.random.default_rng(12), speed_up=1.4))
    model = cox(split_at(waits, day(CHANGE)).reset_index(drop=True), ["exposed"], outcome=1)
    assert exposure_effect(waits, day(CHANGE)).p_value == pytest.approx(model.coefficients["p_value"].iloc[0], rel=1e-5)


def test_sentences_never_say_more_than_the_interval():
    faster = Effect("exposure", 1.62, 1.2, 2.19, 1.0, 45, 60, 200).words("New form")
    assert faster == ("New form: decisions came at 1.62 times the rate (95% interval 1.20 to 2.19), from 45 decisions "
                      "before and 60 after: faster after the change.")
    chance = Effect("series", 1.62, 0.9, 2.9, 1.0, 45, 60, 200, "Read it as an average.").words("New form")
    assert "times the rate that the quarters before led to expect (95%" in chance
    assert chance.endswith("60 after: a difference that may be chance. Read it as an average.")
    assert "faster" not in chance and "slower" not in chance
    share = Effect("before and after", -0.12, -0.2, -0.04, 0.0, 45, 30, 200).words("New form")
    assert "moved by -12 points (95% interval -20 to -4)" in share and share.endswith("slower after the change.")


def test_before_and_after_compares_spans_of_equal_length():
    told = before_after(simulated(np.random.default_rng(7), speed_up=1.8), day(CHANGE), day=182, span_days=364)
    assert told.lower > 0 and told.reading == "faster"
    assert isinstance(before_after(simulated(np.random.default_rng(7)), day(CHANGE), day=0, span_days=364), TooFew)


def test_a_difference_of_shares_is_covered_as_often_as_it_says():
    generator = np.random.default_rng(9)
    told = [before_after(simulated(generator, a_quarter=40), day(CHANGE), day=182, span_days=364) for _ in range(40)]
    assert np.mean([effect.lower <= 0 <= effect.upper for effect in told]) >= 0.85


@pytest.mark.parametrize(("quarter", "span", "says"), [
    (8, 3640, "3640 days after the change reach beyond the data, which end on"),
    (2, 364, "364 days before the change reach back beyond the data, which begin on"),
    (8, 0, "not a day long"),
    (8, -9, "not a day long"),
])
def test_spans_outside_the_data_are_refused(quarter, span, says):
    with pytest.raises(UsageError, match=says):
        before_after(simulated(np.random.default_rng(7)), day(quarter * QUARTER), day=182, span_days=span)


def test_a_step_beyond_the_slope_is_found_by_the_series():
    waits = waits_of(simulated(np.random.default_rng(8), speed_up=1.8, a_quarter=120))
    told = series_effect(waits, day(CHANGE))
    assert told.lower < 1.8 < told.upper and told.decisions_after > 100
    assert told.decisions_before + told.decisions_after == (waits["outcome"] == 1).sum()
    near = series_effect(waits, day(CHANGE), quarters=3)
    assert near.decisions_before < told.decisions_before and near.decisions_after < told.decisions_after


def test_clearing_a_backlog_does_not_move_the_headline():
    """Those who have waited over a year are decided four times as fast: decisions made in the quarter look later."""
    moved, without, made = [], [], []
    for seed in range(8):
        cleared, plain = (simulated(np.random.default_rng(seed), backlog=times, a_quarter=120) for times in (4.0, 1.0))
        moved.append(period_share(cleared, 8) - period_share(cleared, 7))
        without.append(period_share(cleared, 8) - period_share(plain, 8))
        before, after = (decided_this_quarter(cleared, quarter) for quarter in (7, 8))
        made.append(after - before)
    assert abs(np.mean(moved)) <= 0.05 and np.abs(without).max() <= 0.05
    assert np.mean(made) < -0.08


def decided_this_quarter(follow: FollowUp, quarter: int) -> float:
    first, last = (OPENS + pd.Timedelta(days=number) for number in (quarter * QUARTER, (quarter + 1) * QUARTER - 1))
    made = follow.where(follow.decided & follow.ended.between(first, last))
    return float((made.frame["last_day"] <= 182).mean())
