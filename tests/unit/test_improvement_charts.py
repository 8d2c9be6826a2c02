"""Run and control charts: lines and rules equal the reference, edges of the rules, phases, guards, and words."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.improvement import ChartError, Point, chart, cusum, false_alarm_rate
from pace_analysis.improvement.rules import (
    Phase,
    anhoej_limits,
    longest_and_crossings,
    one_side,
    runs_limits,
    trend,
    two_of_three,
    zone,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "oracles" / "spc_reference.json").read_text(encoding="utf-8"))
INPUTS = REFERENCE["inputs"]
TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


def series(values, **options):
    return [Point(f"p{place}", value, **options) for place, value in enumerate(values, start=1)]


def shares():
    return [Point(f"p{place}", k / n, k, n) for place, (k, n) in enumerate(zip(INPUTS["k"], INPUTS["n"], strict=True))]


def phase_of(values, centre=0.0, reach=np.inf):
    value = np.array(values, float)
    full = np.full(value.shape, float(centre))
    return Phase(value, full, full - reach, full + reach)


@pytest.mark.parametrize("baseline", [24, 12])
@pytest.mark.parametrize(("name", "kind", "screen"), [
    ("p_base{}", "p", True), ("pp_base{}_screenTRUE", "p-prime", True), ("pp_base{}_screenFALSE", "p-prime", False),
    ("i_base{}_screenTRUE", "xmr", True), ("i_base{}_screenFALSE", "xmr", False), ("run_base{}", "run", True),
])
class TestReference:
    def test_lines(self, name, kind, screen, baseline):
        known = REFERENCE[name.format(baseline)]
        points = shares() if kind in ("p", "p-prime") else series(INPUTS["y"])
        made = chart(points, kind, baseline=baseline, screen=screen, limits="sigma").points
        np.testing.assert_allclose(made["value"], known["y"], **TOLERANCE)
        np.testing.assert_allclose(made["centre"], known["cl"], **TOLERANCE)
        for column, limit in (("upper", "ucl"), ("lower", "lcl")):
            np.testing.assert_allclose(made[column], np.array(known[limit], float), **TOLERANCE)

    def test_runs(self, name, kind, screen, baseline):
        known = REFERENCE[name.format(baseline)]
        points = shares() if kind in ("p", "p-prime") else series(INPUTS["y"])
        made = chart(points, kind, baseline=baseline, screen=screen, limits="sigma")
        assert longest_and_crossings(made.points["side"].to_numpy()) == (known["longest"], known["crossings"])
        assert anhoej_limits(known["n_useful"]) == (known["longest_max"], known["crossings_min"])
        assert any(signal.rule != "beyond limits" for signal in made.signals) == known["runs_signal"]


@pytest.mark.parametrize("kind", ["t", "g"])
def test_times_and_cases_between_equal_the_reference(kind):
    made = chart(series(INPUTS["gaps"]), kind).points
    for column, line in (("centre", "cl"), ("upper", "ucl"), ("lower", "lcl")):
        np.testing.assert_allclose(made[column], REFERENCE[kind][line], **TOLERANCE)


def test_anhoej_limits_equal_the_reference():
    known = REFERENCE["anhoej_limits"]
    assert [anhoej_limits(n) for n in known["n"]] == list(zip(known["longest_max"], known["crossings_min"], strict=True))


@pytest.mark.parametrize("name", REFERENCE["mdc"])
def test_plot_the_dots_equal_the_reference(name):
    known = REFERENCE["mdc"][name]
    made = chart(series(known["y"]), "xmr", rules="mdc7", baseline=12 if name.endswith("fix12") else None)
    points = made.points
    np.testing.assert_allclose(points["centre"], known["mean"], **TOLERANCE)
    np.testing.assert_allclose(points["lower"], known["lpl"], **TOLERANCE)
    np.testing.assert_allclose(points["upper"], known["upl"], **TOLERANCE)
    outside = (points["value"] > points["upper"]) | (points["value"] < points["lower"])
    assert outside.tolist() == known["outside"] and points["side"].tolist() == known["rel"]
    phase = Phase(*(points[column].to_numpy() for column in ("value", "centre", "lower", "upper")))
    assert (zone(phase, 2) & ~outside.to_numpy()).tolist() == known["close"]
    for key, rule in (("trend7", trend(7, ties_break=True)), ("shift7", one_side(7, skips=False))):
        fired = {place for signal in rule(phase) for place in range(signal.first, signal.last + 1)}
        assert sorted(fired) == np.flatnonzero(known[key]).tolist(), key
    fired = {place for signal in two_of_three(counts_beyond=False)(phase) for place in range(signal.first, signal.last + 1) if known["close"][place]}
    assert sorted(fired) == np.flatnonzero(known["two3"]).tolist()


@pytest.mark.parametrize(("useful", "allowed"), [(10, (3, 9)), (14, (4, 12)), (16, (5, 13)), (24, (8, 18)), (30, (11, 21)), (40, (15, 27)),
                                                 (50, (19, 33)), (60, (24, 38))])
def test_limits_of_the_number_of_runs(useful, allowed):
    assert runs_limits(useful) == allowed


class TestEdgesOfTheRules:
    def test_a_point_on_the_line_neither_counts_nor_breaks_a_run(self):
        assert one_side(6, skips=True)(phase_of([1, 1, 1, 0, 1, 1])) == []
        (signal,) = one_side(6, skips=True)(phase_of([1, 1, 1, 0, 1, 1, 1]))
        assert (signal.first, signal.last) == (0, 6)

    def test_equal_neighbours_are_passed_over_in_a_trend_and_break_that_of_plot_the_dots(self):
        values = [1, 2, 3, 3, 4, 5]
        (signal,) = trend(5, ties_break=False)(phase_of(values))
        assert (signal.first, signal.last, signal.direction) == (0, 5, 1)
        assert trend(5, ties_break=True)(phase_of(values)) == []

    def test_falling_is_rising_turned_over(self):
        (signal,) = trend(5, ties_break=False)(phase_of([5, 4, 3, 2, 1]))
        assert signal.direction == -1

    def test_two_of_three_needs_all_three_on_one_side(self):
        assert two_of_three(counts_beyond=False)(phase_of([2.5, -0.1, 2.5], reach=3)) == []
        assert len(two_of_three(counts_beyond=False)(phase_of([2.5, 0.1, 2.5], reach=3))) == 1

    def test_points_beyond_the_limits_count_in_the_set_of_2023_only(self):
        phase = phase_of([3.5, 0.1, 2.5], reach=3)
        assert two_of_three(counts_beyond=False)(phase) == [] and len(two_of_three(counts_beyond=True)(phase)) == 1


@pytest.mark.parametrize("rules", ["anhoej", "ihi", "mdc7", "mdc6", "mdc_2023", "nelson"])
@pytest.mark.parametrize("level", [1.0, 0.4])
def test_equal_points_give_no_signal_and_never_fail(rules, level):
    made = chart([Point(f"p{i}", level, round(30 * level), 30) for i in range(20)], "p", rules=rules, target=0.95, better="up")
    assert made.signals == () and made.variation.name == "common cause"
    assert (made.assurance.name if made.assurance else None) == ("consistently passes" if level == 1 else None)


class TestGuards:
    def test_few_points_get_no_rule_and_the_chart_says_so(self):
        made = chart(series([1] * 5 + [9] * 6), rules="ihi")
        assert made.signals == () and made.false_alarm is None
        assert made.guards == ("No rule was applied: there are 11 points, and rules need 12.",)

    def test_two_points_are_refused(self):
        with pytest.raises(ChartError, match="at least 3 points; 2 can be used"):
            chart(series([1, 2]))

    def test_small_denominators_and_rare_events_are_pointed_to_the_right_chart(self):
        small = chart([Point(f"p{i}", (i % 3) / 8, i % 3, 8) for i in range(14)], "p")
        assert "rolling twelve months" in small.guards[0]
        rare = chart([Point(f"p{i}", float(i % 7 == 0), 30 * (i % 7 == 0), 30) for i in range(14)], "p")
        assert "T or G chart" in rare.guards[0]

    @pytest.mark.parametrize(("options", "says"), [
        ({"kind": "pie"}, "no kind of chart 'pie'"), ({"rules": "ihl"}, "no set of rules 'ihl'"), ({"rebase": ["p99"]}, "No point is labelled 'p99'"),
        ({"baseline": 2}, "A baseline needs at least 3 points"), ({"kind": "p"}, "needs the denominator"),
    ])
    def test_mistakes_get_one_clear_message(self, options, says):
        with pytest.raises(ChartError, match=says):
            chart(series(range(15)), **options)

    def test_labels_are_not_used_twice(self):
        with pytest.raises(ChartError, match="Two points are labelled 'p1'"):
            chart([*series([1, 2, 3]), Point("p1", 4)])


class TestPhases:
    def test_baseline_and_new_baseline_go_together(self):
        values = [10.0 + i % 2 for i in range(12)] + [20.0 + i % 2 for i in range(14)]
        made = chart(series(values), baseline=8, rebase=["p13"])
        centres = made.points.groupby("phase")["centre"].unique()
        assert centres[0].tolist() == [10.5] and centres[1].tolist() == [20.5]
        assert made.signals == (), "the rules look at the latest phase"

    def test_a_frozen_line_is_not_moved_by_later_points(self):
        made = chart(series([1, 2] * 6 + [9] * 12), baseline=12)
        assert made.points["centre"].unique().tolist() == [1.5]
        assert made.signals and made.signals[0].direction == 1

    def test_a_sustained_run_suggests_a_new_baseline_and_applies_none(self):
        made = chart(series([1, 2] * 6 + [9] * 9), baseline=12)
        assert "p13" in made.suggestion or "p12" in made.suggestion
        assert made.points["phase"].eq(0).all()


def test_a_short_last_run_does_not_say_which_way_a_series_went():
    values = [1.0] * 10 + [9.0] * 9 + [0.0]
    made = chart(series(values), baseline=8, better="up")
    few = [signal for signal in made.signals if signal.rule == "few crossings"]
    assert few and few[0].direction == 0 and made.variation.name != "concern"


def test_signals_name_their_points_and_improvement_needs_a_direction():
    values = [1, 2] * 6 + [9] * 12
    up, down, neither = (chart(series(values), baseline=12, better=better) for better in ("up", "down", None))
    assert (up.variation.name, down.variation.name, neither.variation.name) == ("improvement", "concern", "special cause")
    assert "p24" in up.signals[0].words


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), min_size=12, max_size=30), st.sampled_from(["anhoej", "ihi", "mdc7", "nelson"]))
def test_a_series_turned_over_gives_the_signals_turned_over(values, rules):
    up, down = (chart(series([sign * value for value in values]), "xmr", rules=rules) for sign in (1, -1))
    told = [[(signal.rule, signal.first, signal.last, sign * signal.direction) for signal in made.signals] for made, sign in ((up, 1), (down, -1))]
    assert told[0] == told[1]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), min_size=12, max_size=30), st.integers(0, 29), st.integers(-50, 50))
def test_an_immature_point_changes_nothing(values, place, extra):
    points = series(values)
    with_one = [*points[:place], Point("new", extra, mature=False), *points[place:]]
    plain, more = chart(points, "xmr", rules="nelson"), chart(with_one, "xmr", rules="nelson")
    kept = more.points[more.points["label"] != "new"]
    assert kept["centre"].tolist() == plain.points["centre"].tolist()
    assert [(s.rule, s.words) for s in plain.signals] == [(s.rule, s.words) for s in more.signals]


def test_a_cusum_tells_a_change_of_odds_and_resets_at_nothing():
    before, after = [(8, 20)] * 8, [(13, 20)] * 8
    points = [Point(f"p{i}", k / n, k, n) for i, (k, n) in enumerate(before + after)]
    made = cusum(points, 0.4)
    assert not made["signal"][:8].any() and made["signal"][8:].any() and (made["cusum"] >= 0).all()
    by_hand = 13 * np.log(2) - 20 * np.log(1 - 0.4 + 0.8)
    assert made["cusum"].iloc[8] - made["cusum"].iloc[7] == pytest.approx(by_hand)
    with pytest.raises(ChartError, match="baseline share between 0 and 1"):
        cusum(points, 1.0)


class TestFalseAlarms:
    """Of stable series of about 20 children a point at 50%: the table, a new simulation, and the published figures agree."""

    @pytest.mark.parametrize(("rules", "kind", "points", "published"), [
        ("ihi", "run", 12, 0.119), ("ihi", "run", 24, 0.350), ("anhoej", "run", 24, 0.029), ("anhoej", "run", 12, 0.015), ("mdc7", "xmr", 24, 0.206),
    ])
    def test_the_table_holds_what_is_published(self, rules, kind, points, published):
        assert false_alarm_rate(rules, kind, points) == pytest.approx(published, abs=0.03)

    @pytest.mark.parametrize(("rules", "kind"), [("anhoej", "run"), ("ihi", "run"), ("mdc7", "xmr")])
    def test_a_new_simulation_gives_the_table(self, rules, kind):
        generator = np.random.default_rng(5)
        draws = 300
        children = generator.integers(16, 24, (draws, 16), endpoint=True)
        fired = sum(bool(chart(series(row), kind, rules=rules).signals) for row in generator.binomial(children, 0.5) / children)
        rate = false_alarm_rate(rules, kind, 16)
        assert abs(fired / draws - rate) < 4 * np.sqrt(rate * (1 - rate) / draws) + 0.005

    def test_outside_the_table_nothing_is_said(self):
        assert false_alarm_rate("none", "run", 20) is None and false_alarm_rate("anhoej", "run", 500) is None
