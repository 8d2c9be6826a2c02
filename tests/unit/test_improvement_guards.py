"""What a chart refuses, what it leaves unsaid, and how often its rules are wrong with a frozen baseline."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from pace_analysis.improvement import ChartError, Point, chart, cusum, false_alarm_rate
from pace_analysis.improvement.falsealarms import BASELINES, FROZEN, POINTS, RATES

GAPS = [12, 3, 45, 21, 7, 33, 18, 5, 60, 14, 9, 27]


def series(values):
    return [Point(f"p{place}", value) for place, value in enumerate(values, start=1)]


def shares(values, children=30):
    return [Point(f"p{place}", decided / children, decided, children) for place, decided in enumerate(values, start=1)]


class TestRefusals:
    def test_a_time_of_nothing_has_no_place_in_a_t_chart(self):
        with pytest.raises(ChartError, match="above 0(.|\n)*Point 'p2'(.|\n)*G chart"):
            chart(series([12, 0, *GAPS]), "t")
        assert chart(series([12, 0, *GAPS]), "g").points["centre"].notna().all()
        with pytest.raises(ChartError, match="0 or more"):
            chart(series([12, -1, *GAPS]), "g")

    @pytest.mark.parametrize(("value", "decided"), [(40.0, 12), (1.5, 45), (0.1, 12)])
    def test_a_share_is_made_of_its_counts(self, value, decided):
        with pytest.raises(ChartError, match="numerator over its denominator(.|\n)*'odd'"):
            chart([*shares([12, 14, 16]), Point("odd", value, decided, 30)], "p")

    def test_a_share_may_be_rounded(self):
        rounded = [Point(f"p{i}", round((8 + i % 5) / 30, 2), 8 + i % 5, 30) for i in range(12)]
        assert chart(rounded, "p").guards == ()

    @pytest.mark.parametrize("make", [lambda points: chart(points, "p"), lambda points: cusum(points, 0.4)])
    def test_a_share_without_its_numerator_is_refused(self, make):
        with pytest.raises(ChartError, match="numerator of every point(.|\n)*'bare'"):
            make([*shares([12, 14, 16]), Point("bare", 0.4, None, 30)])

    @pytest.mark.parametrize(("options", "says"), [
        ({"limits": "fuzzy"}, "no kind of limits 'fuzzy'"), ({"better": "higher"}, "no direction 'higher'"),
        ({"baseline": 0}, "this one has 0"), ({"baseline": -3}, "this one has 0"),
    ])
    def test_unknown_words_and_impossible_baselines(self, options, says):
        with pytest.raises(ChartError, match=says):
            chart(series(range(15)), **options)


class TestSaysNoMoreThanItKnows:
    @pytest.mark.parametrize(("values", "options"), [
        ([1] * 5 + [9] * 6, {"rules": "ihi"}), ([1] * 5 + [9] * 9, {"rules": "none"}),
        ([1, 2] * 6, {"kind": "xmr", "rules": "mdc7"}),
    ])
    def test_without_a_rule_the_icon_claims_nothing(self, values, options):
        made = chart(series(values), better="up", **options)
        assert made.variation.name == "not tested" and "chance alone" not in " ".join(made.words)

    def test_assurance_needs_enough_points(self):
        few, enough = (chart(series([5, 5.1] * half), "xmr", rules="mdc7", target=1, better="up") for half in (6, 7))
        assert few.assurance is None and enough.assurance.name == "consistently passes"

    @pytest.mark.parametrize("kind", ["p", "p-prime", "xmr"])
    @pytest.mark.parametrize(("decided", "better", "passes"), [
        (12, "up", False), (30, "up", True), (30, "down", False), (0, "down", True),
    ])
    def test_equal_points_never_fail(self, kind, decided, better, passes):
        made = chart(shares([decided] * 20), kind, target=0.95 if better == "up" else 0.05, better=better)
        assert (made.assurance is not None and made.assurance.name == "consistently passes") == passes
        assert made.assurance is None or made.assurance.name != "consistently fails"

    def test_a_signal_that_ended_is_not_called_chance(self):
        made = chart(series([1, 2] * 3 + [9] * 9 + [1, 2, 9]), better="up", baseline=6)
        assert made.signals and "earlier" in made.variation.words
        assert made.words[0].startswith("Changed, by the rule: long run")

    def test_words_name_the_rule_and_claim_nothing_without_one(self):
        values = [1, 2] * 6 + [9] * 12
        better, worse = (chart(series(values), baseline=12, better=way).words for way in ("up", "down"))
        assert better[0].startswith("Improved, by the rule: long run")
        assert worse[0].startswith("Worse, by the rule: long run")
        calm = chart(series([3, 5, 4, 6, 3, 6, 5, 4, 6, 3, 4, 5, 3, 6]), better="up")
        assert calm.words == ("No sign of change: what moves is within what chance alone would give.",)

    def test_a_run_chart_of_few_children_is_guarded_where_counts_are_known(self):
        made = chart(shares([2, 3, 4, 3] * 4, children=8))
        assert made.guards[0].startswith("No rule was applied: there are 8.0 children a point") and made.signals == ()
        assert chart(series([2, 3, 4, 3] * 4)).guards == ()


class TestSignalsMarkTheirPoints:
    def test_two_of_three_marks_the_outer_points_alone(self):
        values = [10, 12, 11, 9, 10, 12, 11, 10, 9, 11, 10, 12, 16.4, 11.9, 16.5]
        made = chart(series(values), "xmr", rules="mdc7", better="up")
        assert made.points["signal"].tolist()[-3:] == ["two of three", "", "two of three"]
        assert (made.signals[-1].first_label, made.signals[-1].last_label) == ("p13", "p15")

    def test_an_inner_latest_point_is_common_cause(self):
        values = [10, 12, 11, 9, 10, 12, 11, 10, 9, 11, 10, 12, 15.2, 15.3, 11.9]
        made = chart(series(values), "xmr", rules="mdc7", better="up")
        assert {signal.rule: signal.points for signal in made.signals} == {"two of three": (12, 13)}
        assert made.variation.name == "common cause"

    def test_an_immature_point_inside_a_run_is_not_marked(self):
        points = [*series([1, 2] * 6 + [9] * 6), Point("late", 1, mature=False), *(Point(f"q{i}", 9) for i in range(6))]
        made = chart(points, baseline=12)
        assert made.points.loc[made.points["label"] == "late", "signal"].item() == ""
        assert made.points.loc[made.points["label"] == "q5", "signal"].item() != ""

    def test_rounding_puts_no_point_outside_lines_without_width(self):
        made = chart(series([0.1] * 3 + [0.3 - 0.2] * 9 + [0.2] * 2), "xmr", baseline=12)
        assert [signal.first for signal in made.signals if signal.rule == "beyond limits"] == [12, 13]


class TestPhases:
    def test_each_phase_keeps_its_line_and_says_what_it_is_made_of(self):
        made = chart(series([10.0, 11.0] * 6 + [20.0, 21.0] * 7), baseline=8, rebase=["p13"])
        assert made.phases["first_label"].tolist() == ["p1", "p13"]
        assert made.phases["last_label"].tolist() == ["p12", "p26"]
        assert made.phases["centre"].tolist() == [10.5, 20.5] and made.phases["basis"].tolist() == [8, 14]

    def test_naming_the_first_point_keeps_the_baseline(self):
        values = series([1, 2] * 6 + [9] * 12)
        assert chart(values, baseline=12, rebase=["p1"]).points.equals(chart(values, baseline=12).points)


def simulator():
    path = Path(__file__).resolve().parents[2] / "benchmarks" / "false_alarms.py"
    spec = importlib.util.spec_from_file_location("false_alarms", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestFalseAlarms:
    @pytest.mark.parametrize(("rules", "kind", "points", "baseline"), [
        ("anhoej", "run", 20, 12), ("anhoej", "run", 24, 8), ("ihi", "run", 20, 12), ("mdc7", "xmr", 24, 12),
        ("anhoej", "p", 24, None), ("nelson", "p", 24, None),
    ])
    def test_a_new_simulation_gives_the_tables(self, rules, kind, points, baseline):
        charts = 400
        told = false_alarm_rate(rules, kind, points, baseline=baseline)
        again = simulator().rate(rules, kind, points, baseline, charts=charts, seed=77)
        assert abs(again - told) < 4 * np.sqrt(told * (1 - told) * (1 / charts + 1 / 1000))

    def test_the_committed_tables_are_those_of_the_seed(self):
        asked = simulator()
        assert round(asked.rate("anhoej", "run", 12), 3) == RATES["anhoej", "run"][0]
        frozen = FROZEN["anhoej", "run"][BASELINES.index(12)]
        assert round(asked.rate("anhoej", "run", 20, 12), 3) == frozen[POINTS.index(20)]

    def test_a_frozen_baseline_is_wrong_more_often_and_the_chart_says_so(self):
        values = series([3, 5, 4, 6, 3, 6, 5, 4, 6, 3, 4, 5, 3, 6, 4, 5, 3, 6, 4, 5])
        frozen, free = chart(values, baseline=12).false_alarm, chart(values).false_alarm
        assert frozen == FROZEN["anhoej", "run"][BASELINES.index(12)][POINTS.index(20)] > 2 * free

    @pytest.mark.parametrize("asked", RATES)
    def test_a_baseline_of_all_points_is_none(self, asked):
        for number, points in enumerate(POINTS):
            assert false_alarm_rate(*asked, points, baseline=points) == RATES[asked][number]
            rows = [row for first, row in zip(BASELINES, FROZEN[asked], strict=True) if first >= points]
            assert all(row[number] == RATES[asked][number] for row in rows)

    def test_a_baseline_outside_the_table_gives_no_rate(self):
        assert false_alarm_rate("anhoej", "run", 24, baseline=5) is None
        assert false_alarm_rate("anhoej", "run", 32, baseline=28) is None

    def test_any_signal_is_no_rarer_than_the_published_rate_of_one_of_its_rules(self):
        for points, outside in ((12, 0.017), (16, 0.025), (24, 0.034), (32, 0.059)):
            assert RATES["nelson", "p"][POINTS.index(points)] > outside
