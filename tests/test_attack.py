"""The short attack: no report gives a child away, and the same attack succeeds where methods do not protect."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from attack.__main__ import END, START, measure, together, write_into
from attack.attacker import all_together, differences, numbers_of_the_gate, steps
from attack.councils import Council, quarters, spread
from attack.crossed import crossed
from attack.reading import Report, Table
from attack.releasing import Release
from attack.utility import ANYWHERE, AT_ANCHOR, INNER, MARGIN, summary

from pace_analysis.publish.disclosure import Refused

COUNCILS = (Council("council-small", 60, 100), Council("council-large", 220, 101))
YEAR = "2014/15"


@pytest.fixture(scope="module")
def measured():
    return together([measure(council, quarters(3)) for council in COUNCILS])


def test_no_attack_finds_a_child_in_any_report(measured):
    for found in measured.found:
        assert found.tried > 0, found.attack
        assert (found.exact, found.small) == (0, 0), found


def test_the_same_attack_finds_children_where_methods_do_not_protect(measured):
    for found in measured.naive:
        assert found.small >= found.exact > 0, found


def test_released_numbers_stay_near_the_exact_ones(measured):
    largest = summary(measured.errors)["largest"]
    assert largest[INNER] < 5
    assert largest[MARGIN] < 10
    assert largest[AT_ANCHOR] <= 0.3
    assert largest[ANYWHERE] <= 20


def release(figures: dict, **more) -> Release:
    """A report of figures given as key to (released, method, exact)."""
    said = {"sums": (), "waits": {}, "shown": None} | more
    return Release("2015Q4", Path(), {key: one[0] for key, one in figures.items()},
                   {key: one[1] for key, one in figures.items()}, {key: one[2] for key, one in figures.items()},
                   truth=None, **said)


def report(figures: dict | None = None, tables: tuple = (), words: str = "", curves: dict | None = None) -> Report:
    """What was read of such a report."""
    return Report(tables, (), words, figures or {}, curves or {})


def test_a_count_that_an_exact_sum_gives_away_is_found():
    total, first, second = ("t",), ("t", "a"), ("t", "b")
    figures = {total: (13, "published", 13), first: (0, "rounded", 2), second: (11, "published", 11)}
    found = all_together([release(figures, sums=((total, (first, second)),))])
    assert (found.tried, found.exact, found.small) == (1, 1, 1)


def test_a_count_that_only_a_curve_gives_away_is_found():
    total, first, second = ("aim", YEAR), ("aim", YEAR, "a"), ("aim", YEAR, "b")
    figures = {total: (35, "rounded", 33), first: (0, "rounded", 3), second: (30, "published", 30)}
    sums = ((total, (first, second)),)
    assert all_together([release(figures, sums=sums)]).exact == 0
    with_curve = figures | {("decided by day", YEAR, "n"): (33, "grouped", 33)}
    assert all_together([release(with_curve, sums=sums)]).exact == 1


def test_two_curves_that_differ_by_two_children_are_found_though_they_cut_the_days_differently():
    cuts = ({"days 0-182": 20}, {"days 0-84": 9, "days 85-182": 13})
    releases = [release({("curve", YEAR, span, "events 1"): (count, "grouped", count) for span, count in cut.items()})
                for cut in cuts]
    found = differences(releases, [report(dict(one.figures)) for one in releases])
    assert (found.tried, found.exact) == (1, 1)


def test_rounded_counts_that_move_tell_nothing():
    releases = [release({("t",): (value, "rounded", exact)}) for value, exact in ((5, 6), (10, 8))]
    found = differences(releases, [report(dict(one.figures)) for one in releases])
    assert (found.tried, found.exact, found.small) == (1, 0, 0)


def test_a_step_on_the_day_of_a_child_and_a_stretch_of_two_children_are_found():
    waits = pd.DataFrame({"day": [*range(10, 20), 100, 101, 130], "outcome": [1] * 13})
    drawn = {YEAR: ((0.0, 0.0), (28.0, 0.5), (101.0, 0.6))}
    corners, stretches = steps([release({}, waits={YEAR: waits})], [report(curves=drawn)])
    assert (corners.tried, corners.exact) == (2, 1)
    assert (stretches.tried, stretches.small) == (2, 1)


def test_counts_that_the_gate_did_not_release_are_found_in_tables_and_words():
    made = release({("t",): (15, "rounded", 14)})
    table = Table("Table 1. Children", ("Year", "Number", "Share", "Weeks"), (("2014", "3 of 15", "20%", "26"),))
    found = numbers_of_the_gate([made], [report(tables=(table,), words="15 decisions, of 4 children in 26 weeks")])
    assert (found.tried, found.exact) == (4, 2)


class TestCrossed:
    """Leaks that one measure makes of another are found."""

    def shown(self, **more):
        said = {"curves": (), "progress": SimpleNamespace(quarters=()), "effects": (),
                "journey": SimpleNamespace(occupancy=Refused("nobody", "Not shown."))}
        return SimpleNamespace(**(said | more))

    def test_a_curve_that_is_missing_for_a_count_below_five(self, monkeypatch):
        monkeypatch.setattr("attack.crossed.FEW", 4)  # what leaving it out would tell if it were left out for 1 to 4
        figures = {("aim", "a", YEAR, state): (value, "rounded", value)
                   for state, value in (("decided in time", 100), ("left without a decision", 5), ("no decision yet", 30))}
        curve = Refused("cannot-be-grouped", "Not shown.")
        one = release(figures, shown=self.shown(curves=((YEAR, curve),)))
        assert crossed([one]).small == 1
        monkeypatch.undo()
        assert crossed([one]).small == 0

    def test_weeks_in_which_fewer_are_gone_than_before(self):
        keys = [("stage", YEAR, week) for week in ("week 26", "week 30")]
        tables = tuple(SimpleNamespace(key=key) for key in keys)
        course = SimpleNamespace(states=("plan", "decided", "left"), tables=tables)
        figures = {(*key, "left"): (value, "rounded", 3) for key, value in zip(keys, (5, 0), strict=True)}
        figures |= {(*key, "decided"): (20, "rounded", 20) for key in keys}
        found = crossed([release(figures, shown=self.shown(journey=SimpleNamespace(occupancy=course)))])
        assert (found.tried, found.small) == (4, 2)


def test_councils_are_of_the_sizes_asked_for_and_share_populations():
    councils = spread(50)
    assert (councils[0].children, councils[-1].children) == (40, 400)
    assert len({council.seed for council in councils}) == 10
    assert quarters(12)[0] == "2013Q1"


def test_tables_are_put_between_the_marks_of_a_file(tmp_path):
    page = tmp_path / "measured.md"
    page.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    write_into(page, "new\n")
    assert page.read_text(encoding="utf-8") == f"before\n{START}\nnew\n{END}\nafter\n"
