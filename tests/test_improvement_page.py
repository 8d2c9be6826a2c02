"""The page on the journey, charts and changes says what the code holds, and its commands exist."""

import re
from pathlib import Path

import pytest

from pace_analysis.improvement import quarters_to_tell
from pace_analysis.improvement.falsealarms import BASELINES, FROZEN, POINTS, RATES

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "improvement.md").read_text(encoding="utf-8")


def table_after(words: str) -> list[list[str]]:
    """Cells of the first table after some words: its column titles, then its rows."""
    block = re.search(r"(?:^\|.*\|\n)+", PAGE.split(words, 1)[1], re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    return [rows[0], *rows[2:]]


def test_false_alarm_rates_are_those_of_the_package():
    titles, *rows = table_after("half decided:")
    assert [title.split()[0] for title in titles[1:]] == [str(number) for number in POINTS]
    for name, *rates in rows:
        rules, kind = name.replace("`", "").split(", ")
        assert [float(rate) for rate in rates] == pytest.approx(RATES[rules, kind]), name


def test_rates_of_a_frozen_line_are_those_of_the_package():
    for frozen, *rates in table_after("frozen on:")[1:]:
        known = FROZEN["anhoej", "run"][BASELINES.index(int(frozen))]
        assert [float(rate) for rate in rates] == pytest.approx(known)


def test_quarters_until_a_change_shows_are_those_of_the_package():
    for ratio, *cells in table_after("after 8 quarters of baseline:")[1:]:
        for intake, cell in zip((10, 20, 40, 80), cells, strict=True):
            told = quarters_to_tell(intake, float(ratio))
            assert cell == ("not in 16" if told is None else str(told)), (ratio, intake)


def test_every_command_runs_a_file_that_exists():
    named = re.findall(r"python (?:-m pytest )?((?:tests|benchmarks)/[\w/]+\.py)", PAGE)
    assert len(named) >= 6 and all((ROOT / name).exists() for name in named)
