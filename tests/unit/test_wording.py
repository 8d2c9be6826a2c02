"""Every computed sentence, from results the gate made."""

from fractions import Fraction

import pandas as pd
import pytest

from pace_analysis.publish import alttext, disclosure as gate, methodnote, wording
from pace_analysis.publish.profiles import profile
from pace_analysis.settings import Definitions, load_aim
from pace_analysis.survival import life_table

PUBLIC = profile("public")
AIM = Fraction(95, 100)


def share(numerator: int, denominator: int):
    return gate.release_share(numerator, denominator, what="children", profile=PUBLIC, target=True)


def position(result) -> str:
    return wording.aim_position(result, year="2014/15", within="6 months", target=AIM, by=" by 31 December 2015")


def test_the_aims_sentence_holds_denominator_interval_and_verdict():
    assert position(share(80, 160)) == (
        "Of the 160 children accommodated in 2014/15, 50% (80 of 160) had a decision within 6 months, which is below the 95% "
        "aimed at by 31 December 2015. The 95% confidence interval runs from 42% to 58%: the aim is not met."
    )


@pytest.mark.parametrize(("numerator", "denominator", "words"), [
    (190, 200, "reaches the 95%"), (190, 200, "cannot be told yet"), (185, 200, "is below the 95%"), (185, 200, "cannot be told yet"),
    (995, 1000, "the aim is met"), (100, 200, "the aim is not met"),
])
def test_a_share_at_the_aim_reaches_it_but_need_not_prove_it(numerator, denominator, words):
    assert words in position(share(numerator, denominator))


def test_a_refusal_stands_in_the_place_of_the_sentence():
    refused = share(3, 7)
    assert isinstance(refused, gate.Refused)
    assert position(refused) == refused.sentence and refused.sentence.startswith("Not shown")


def test_a_difference_is_claimed_only_when_the_intervals_are_apart():
    rising = wording.aim_trend([("2013/14", share(40, 200)), ("2014/15", share(120, 200))])
    assert "20% (40 of 200)" in rising and "do not overlap: the rise" in rising
    falling = wording.aim_trend([("2013/14", share(120, 200)), ("2014/15", share(40, 200))])
    assert "do not overlap: the fall" in falling
    level = wording.aim_trend([("2013/14", share(100, 200)), ("2014/15", share(105, 200))])
    assert "may be chance" in level
    assert "no earlier year" in wording.aim_trend([("2014/15", share(100, 200))])


def test_decisions_made_carry_their_warning():
    assert "not children's waits" in wording.decisions_made(share(30, 40), within="6 months", words="July to September 2015")


def test_the_curves_sentences_read_the_released_points():
    days = [50] * 20 + [120] * 40 + [200] * 40
    curve = gate.release_curve(life_table(days, [1] * 60 + [0] * 40, n_outcomes=2), what="children", profile=PUBLIC,
                               labels=("decided", "left"))
    assert wording.decided_by(curve, 26, year="2014/15").startswith("By 26 weeks 60%")
    assert wording.half_decided(curve, year="2014/15").startswith("Half of the children accommodated in 2014/15")
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
