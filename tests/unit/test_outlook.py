"""What an aim still needs, in whole numbers."""

from fractions import Fraction

import pytest

from pace_analysis.errors import UsageError
from pace_analysis.outlook import still_needed

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
