"""Percentages and verdicts come from the protected pair alone, by whole numbers and fractions."""

from fractions import Fraction
from math import comb

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish.binomial import at_least, verdict
from pace_analysis.publish.disclosure import (
    Refused,
    ReleasedShare,
    release_estimate,
    release_share,
    release_table,
    share_from,
    verdict_from,
)
from pace_analysis.publish.earlier import Earlier
from pace_analysis.publish.profiles import PROFILES

INTERNAL = PROFILES["internal"]
AIM = Fraction(95, 100)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(denominator=st.integers(0, 120), part=st.floats(0, 1))
def test_a_public_share_rests_on_a_rounded_pair_that_adds_up(denominator, part):
    numerator = round(part * denominator)
    result = release_share(numerator, denominator, what="children")
    if isinstance(result, Refused):
        assert result.code in ("too-few-children", "one-group")
        return
    assert result.numerator % 5 == result.denominator % 5 == 0
    assert abs(result.numerator - numerator) < 5 and abs(result.denominator - denominator) < 5
    assert 0 < result.numerator < result.denominator >= 10
    assert result.percent == int(Fraction(100 * result.numerator, result.denominator) + Fraction(1, 2))


def test_limits_are_those_of_clopper_and_pearson():
    share = release_share(80, 145, what="children")
    exact = binomtest(80, 145).proportion_ci(method="exact")
    assert (share.lower, share.upper) == pytest.approx((exact.low, exact.high), abs=1e-9)


@pytest.mark.parametrize(("numerator", "denominator", "target", "code"), [
    (4, 6, False, "too-few-children"),
    (0, 0, False, "too-few-children"),
    (8, 16, True, "too-few-children"),
    (40, 40, False, "one-group"),
    (0, 40, False, "one-group"),
    (99, 100, False, "one-group"),
    (1, 100, False, "one-group"),
])
def test_what_would_point_at_children_is_refused_in_a_sentence(numerator, denominator, target, code):
    refused = release_share(numerator, denominator, what="children decided within 6 months", target=target)
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.sentence.startswith("Not shown: children decided within 6 months. ")
    assert refused.sentence.endswith(".")


def test_a_numerator_beyond_its_denominator_is_never_allowed():
    with pytest.raises(DisclosureRefused, match="part of its denominator"):
        release_share(5, 4, what="children")


@pytest.mark.parametrize("children", range(20, 401, 20))
def test_exactly_95_percent_reaches_95_percent(children):
    share = release_share(19 * children // 20, children, what="children", profile=INTERNAL, target=True)
    assert share.percent == 95
    for numerator, reached in ((19 * children // 20, True), (19 * children // 20 - 1, False)):
        assert verdict_from(pair(numerator, children, INTERNAL), 0, ["yes"], AIM, what="children").reaches is reached



@pytest.mark.parametrize("target", [AIM, Fraction(1, 2), Fraction(1, 3)], ids=str)
@pytest.mark.parametrize("trials", [1, 2, 7, 20, 60, 137, 200])
def test_verdicts_agree_with_every_probability_added_up(trials, target):
    chances = [comb(trials, k) * target**k * (1 - target) ** (trials - k) for k in range(trials + 1)]
    assert sum(chances) == 1
    above, below = Fraction(1), Fraction(0)  # so many or more; so many or fewer
    for successes, chance in enumerate(chances):
        below += chance
        expected = "met" if above <= Fraction(1, 40) else "not met" if below <= Fraction(1, 40) else "cannot tell yet"
        assert at_least(successes, trials, target) == above
        assert verdict(successes, trials, target) == expected
        above -= chance


def test_a_target_of_everybody_is_missed_by_one():
    assert verdict(199, 200, Fraction(1)) == "not met"
    assert verdict(200, 200, Fraction(1)) == "cannot tell yet"


def test_a_share_of_a_table_uses_the_shown_cells():
    counts = pd.DataFrame({"home": [22, 13], "adoption": [8, 4], "waiting": [31, 48]}, index=["2013/14", "2014/15"])
    table = release_table(counts, title="How the wait stood", column_groups={"decided": ["home", "adoption"]})
    share = share_from(table, "2013/14", ["decided"], what="children decided", target=True)
    assert isinstance(share, ReleasedShare)
    assert share.numerator == table.cell("2013/14", "decided")
    assert share.denominator == table.cell("2013/14", table.total)
    with pytest.raises(DisclosureRefused, match="counted twice"):
        share_from(table, "2013/14", ["decided", "home"], what="children decided")


def test_a_row_in_one_group_keeps_its_counts_and_loses_its_percentage():
    table = release_table(pd.DataFrame({"decided": [39, 20], "waiting": [1, 22]}, index=["A", "B"]), title="T")
    assert [table.cell("A", column) for column in ("decided", "waiting", table.total)] == [40, 0, 40]
    assert share_from(table, "A", ["decided"], what="children").code == "one-group"
    assert share_from(table, "B", ["decided"], what="children").denominator in (40, 45)


class TestModelEstimates:
    def test_are_let_out_in_whole_steps_with_the_interval_outwards(self):
        told = release_estimate(12.4, 3.2, 17.1, step=5, children=200, exits=40, what="children waiting who will be decided")
        assert (told.value, told.lower, told.upper, told.step) == (10, 0, 20, 5)

    def test_keep_decimals_of_the_step(self):
        told = release_estimate(1.537, 1.21, 1.96, step=0.1, children=200, exits=40, what="speed of decisions")
        assert (told.value, told.lower, told.upper) == (1.5, 1.2, 2.0)

    @pytest.mark.parametrize(("children", "exits", "code"), [(59, 40, "too-few-children"), (200, 4, "too-few-exits")])
    def test_of_few_are_refused(self, children, exits, code):
        refused = release_estimate(0.5, 0.4, 0.6, step=0.01, children=children, exits=exits, what="gain")
        assert isinstance(refused, Refused)
        assert refused.code == code


@pytest.mark.parametrize("target", [Fraction(19, 20), Fraction(9, 10), Fraction(49, 50)])
@pytest.mark.parametrize("profile", [PROFILES["public"], PROFILES["strict"]], ids=lambda profile: profile.name)
def test_a_verdict_follows_from_what_is_shown_and_so_tells_nothing_more(target, profile):
    """Judged on exact counts, "92 of 95 reach 19 in 20, and the interval cannot tell" would prove 1 to 4 late children."""
    said = {}
    for n in range(60, 141):
        for late in range(8):
            table = pair(n - late, n, profile)
            if isinstance(table, Refused):
                continue
            told = verdict_from(table, 0, ["yes"], target, what="children")
            if isinstance(told, Refused):  # shown as fewer than 60
                assert table.cell(0, table.total) < 60
                continue
            shown = table.cell(0, "yes"), table.cell(0, table.total)
            assert said.setdefault(shown, (told.verdict, told.reaches)) == (told.verdict, told.reaches)


def pair(numerator: int, denominator: int, profile):
    counts = pd.DataFrame([[numerator, denominator - numerator]], columns=["yes", "no"])
    return release_table(counts, title="children", profile=profile)


def test_a_named_person_may_show_that_everybody_is_in_one_group():
    asked = {"numerator": 40, "denominator": 40, "what": "children of 2014/15 decided in time"}
    assert release_share(**asked).code == "one-group"
    assert release_share(**asked, earlier=Earlier(overridden=frozenset({"another result"}))).code == "one-group"
    shown = release_share(**asked, earlier=Earlier(overridden=frozenset({asked["what"]})))
    assert (shown.percent, shown.is_one_group) == (100, True)
    # too few stay too few: nobody can decide otherwise
    few = {**asked, "numerator": 4, "denominator": 4}
    assert release_share(**few, earlier=Earlier(overridden=frozenset({asked["what"]}))).code == "too-few-children"
