"""How long until a change shows: the table, the published one, and a new simulation agree."""

import importlib.util
from pathlib import Path

import pytest

from pace_analysis.improvement import ChartError, events_needed, power_sentence, quarters_to_tell

PUBLISHED = {  # intake: quarters by exposure, by cohort; 17 stands for not within 16
    1.5: {10: (17, 17), 20: (16, 9), 40: (3, 5), 80: (1, 4)},
    2.0: {10: (4, 7), 20: (2, 4), 40: (1, 3)},
    1.25: {80: (7, 8)},
}


def script():
    path = Path(__file__).parents[2] / "benchmarks" / "power.py"
    spec = importlib.util.spec_from_file_location("power_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("ratio", "intake"), [(1.5, 10), (1.5, 40), (1.5, 80), (2.0, 10), (2.0, 20), (2.0, 40), (1.25, 80)])
def test_the_table_is_near_the_published_one(ratio, intake):
    told = quarters_to_tell(intake, ratio) or 17
    assert abs(told - PUBLISHED[ratio][intake][0]) <= 2


@pytest.mark.parametrize(("intake", "ratio"), [(40, 1.5), (20, 2.0)])
def test_a_new_simulation_reaches_the_power_at_the_quarter_of_the_table(intake, ratio):
    quarters = quarters_to_tell(intake, ratio)
    assert script().power(intake, ratio, quarters, "exposure", runs=80, seed=7) >= 0.68
    assert script().power(intake, 1.0, quarters, "exposure", runs=80, seed=7) <= 0.15, "without a change it is the size of the test"


def test_between_intakes_the_smaller_one_counts():
    assert quarters_to_tell(79.9, 1.5) == quarters_to_tell(40, 1.5)
    assert quarters_to_tell(9, 1.5) is None


def test_sentences():
    assert power_sentence(44).endswith(f"shows in {quarters_to_tell(40, 1.5)} quarters, four times in five.")
    assert "would not show within four years" in power_sentence(12)
    assert "fewer than 10 children a quarter" in power_sentence(4)


def test_decisions_needed_by_the_formula():
    assert events_needed(2.0) == 66
    assert events_needed(1.5, 0.25) > events_needed(1.5)
    with pytest.raises(ChartError, match="ratio above 0 other than 1"):
        events_needed(1.0)


def test_what_was_not_simulated_is_refused():
    with pytest.raises(ChartError, match="was not simulated"):
        quarters_to_tell(40, 3.0)
