"""Every computed sentence, from results the gate made."""

from fractions import Fraction

import pandas as pd
import pytest

from pace_analysis.publish import alttext, disclosure as gate, methodnote, wording
from pace_analysis.publish.binomial import difference
from pace_analysis.publish.profiles import profile
from pace_analysis.settings import Definitions, load_aim
from pace_analysis.survival import life_table

PUBLIC = profile("public")
AIM = Fraction(95, 100)


def share(numerator: int, denominator: int):
    return gate.release_share(numerator, denominator, what="children", profile=PUBLIC, target=True)


def position(numerator: int, denominator: int, *, so_far: bool = False) -> str:
    counts = pd.DataFrame([[numerator, denominator - numerator]], columns=["yes", "no"])
    verdict = gate.verdict_from(gate.release_table(counts, title="children", profile=PUBLIC), 0, ["yes"], AIM, what="the aim")
    return wording.aim_position(share(numerator, denominator), verdict, year="2014/15", within="6 months", aim="95% by 31 December 2015",
                                so_far=so_far)


def test_the_aims_sentence_holds_denominator_interval_and_verdict():
    assert position(80, 160, so_far=True) == (
        "Of the 160 children accommodated in 2014/15, 50% (80 of 160) had a decision within 6 months; the aim is 95% by 31 December "
        "2015. The 95% confidence interval runs from 42% to 58%. The aim is not met so far."
    )


@pytest.mark.parametrize(("numerator", "denominator", "words"), [
    (190, 200, "The share reaches the aim, but whether"), (184, 200, "The share is below the aim, but whether"),
    (995, 1000, "The aim is met."), (100, 200, "The aim is not met."),
    # the verdict is judged on the pair as it is shown, so that it tells nothing more
    (57, 60, "The share is below the aim"), (118, 120, "The aim is met."),
    (150, 150, "All or nearly all of the children accommodated in 2014/15 had a decision within 6 months"), (150, 150, "The aim is met."),
    (1, 150, "None or nearly none"), (30, 40, "There are too few children to say whether the aim is met."),
])
def test_a_share_at_the_aim_reaches_it_but_need_not_prove_it(numerator, denominator, words):
    assert words in position(numerator, denominator)


def test_a_refusal_stands_in_the_place_of_the_sentence():
    assert position(3, 7) == share(3, 7).sentence and position(3, 7).startswith("Not shown")


def test_a_difference_comes_with_its_interval_and_is_claimed_only_away_from_nothing():
    rising = wording.aim_trend([("2013/14", share(40, 200)), ("2014/15", share(120, 200))])
    assert "20% (40 of 200)" in rising and "40 percentage points more" in rising and "larger than chance" in rising
    falling = wording.aim_trend([("2013/14", share(120, 200)), ("2014/15", share(40, 200))])
    assert "40 percentage points fewer" in falling and "larger than chance" in falling
    level = wording.aim_trend([("2013/14", share(100, 200)), ("2014/15", share(105, 200))])
    assert "may be chance" in level
    assert "no earlier year" in wording.aim_trend([("2014/15", share(100, 200))])


def test_the_interval_of_a_difference_is_newcombes():
    # Newcombe (1998), table II, example (a), method 10: 56/70 against 48/80
    assert [round(part, 4) for part in difference((48, 80), (56, 70))] == [0.2, 0.0524, 0.3339]


def test_decisions_made_carry_their_warning():
    assert "not children's waits" in wording.decisions_made(share(30, 40), within="6 months", words="July to September 2015")


def test_the_curves_sentences_read_the_released_points():
    days = [50] * 20 + [120] * 40 + [120] * 10 + [200] * 30
    curve = gate.release_curve(life_table(days, [1] * 60 + [2] * 10 + [0] * 30, n_outcomes=2), what="children", profile=PUBLIC,
                               labels=("decided", "left"))
    assert wording.decided_by(curve, 26, year="2014/15").startswith("By week 26, 60%")
    assert wording.half_decided(curve, year="2014/15").endswith("somewhere between week 14 and week 26.")
    assert "60% by week 26" in alttext.curves_alt([("2014/15", curve)], 26)
    assert "60% have a decision" in alttext.stack_alt(curve, year="2014/15")


def test_counts_are_words_where_they_are_protected():
    table = gate.release_table(pd.DataFrame({"children": [2, 40, 23]}, index=["short", "long", "longer"]), title="Waiting",
                               profile=PUBLIC, row_groups={"26 weeks or more": ["long", "longer"]})
    said = wording.waiting_position(table, on="30 September 2015", long="26 weeks or more")
    assert "65 children were waiting" in said and "had been waiting for 26 weeks or more" in said
    assert "fewer than 5" in alttext.bars_alt(table)


def test_changes_are_counted_in_words():
    register = pd.DataFrame({"status": ["implemented", "testing", "testing", "planned"]})
    assert wording.changes_position(register) == "Of four changes, one is now usual practice, two are being tested and one is due to start."
    assert wording.changes_position(register.iloc[:0]) == "No test of change is recorded."


def test_the_method_note_states_the_definitions_that_change_numbers():
    aim = load_aim("exampleshire-decision-in-six-months")
    plain = methodnote.method(Definitions(), aim)
    assert "first recommends" in plain and "also a child's second" in plain and "182 days" in plain
    chosen = methodnote.method(Definitions(recommendation="ratified", reentry="first", recording_lag_days=28,
                                           ends_that_censor=("moved_away",)), aim)
    assert "ratifies" in chosen and "only a child's first" in chosen and "last 28 days" in chosen and "taken over by another authority" in chosen


def test_the_note_on_protection_names_what_was_done():
    assert "multiples of 5" in methodnote.protection(PUBLIC)
    assert "not for publication" in methodnote.protection(profile("internal"))
