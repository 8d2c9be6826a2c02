"""Everyday measures on invented children: what is counted, what is drawn, and what is refused."""

import re

import pytest

from pace_analysis import draw_everyday, everyday_measures
from pace_analysis.care import follow_up
from pace_analysis.dates import Quarter
from pace_analysis.errors import UsageError
from pace_analysis.everyday import EVERYONE, FINISHED_ONLY
from pace_analysis.extract.sample import simulate, snapshot
from pace_analysis.publish.disclosure import Release

SEED, INTAKE = 5, 6.0
QUARTER = Quarter(2015, 2)


@pytest.fixture(scope="module")
def measures():
    return everyday_measures(SEED, INTAKE)


@pytest.fixture(scope="module")
def figure(measures):
    return draw_everyday(measures)


def test_five_measures_a_quarter_beside_one_truth(measures):
    assert list(measures.columns) == ["measure", "period", "value", "truth", "bias", "std_error"]
    for period in ("2013Q2", "2015Q2"):
        block = measures[measures["period"] == period]
        assert list(block["measure"]) == [*EVERYONE, *FINISHED_ONLY] and block["truth"].nunique() == 1
    assert (measures["bias"] == measures["value"] - measures["truth"]).all()
    assert measures["std_error"].between(0.005, 0.05).all()


def test_plain_shares_are_the_ones_counted_by_hand(measures):
    frame = follow_up(snapshot(simulate(SEED, intake=INTAKE), QUARTER.last_day, faults=False)).frame
    got = measures[measures["period"] == str(QUARTER)].set_index("measure")["value"]
    waits = [(row.started.date(), row.last_day, row.outcome, row.started.toordinal() + row.last_day)
             for row in frame.itertuples()]
    year = [wait for wait in waits if wait[0] >= Quarter(2014, 3).first_day]
    decided = [days for _, days, outcome, _ in year if 1 <= outcome <= 5]
    soon = sum(days <= 182 for days in decided)
    assert got["completed only"] == pytest.approx(soon / len(decided))
    assert got["known outcome"] == pytest.approx(soon / sum(outcome > 0 for _, _, outcome, _ in year))
    made = [days for _, days, outcome, ended in waits if 1 <= outcome <= 5 and ended >= QUARTER.first_day.toordinal()]
    assert got["decisions this quarter"] == pytest.approx(sum(days <= 182 for days in made) / len(made))


@pytest.mark.parametrize("quarter", [Quarter(2013, 3), Quarter(2014, 1), Quarter(2014, 4)])
def test_a_year_that_met_two_rates_has_no_single_truth(quarter):
    with pytest.raises(UsageError, match=str(quarter)) as refused:
        everyday_measures(SEED, INTAKE, quarters=(quarter,))
    assert "2013Q2" in refused.value.remedy and "2015Q1" in refused.value.remedy


def test_a_quarter_after_the_simulation_is_refused():
    with pytest.raises(UsageError, match="no extract"):
        everyday_measures(SEED, INTAKE, quarters=(Quarter(2016, 1),))


class TestFigure:
    def test_draws_every_value_where_it_is_and_the_truth_as_a_line(self, figure, measures):
        axes = figure.figure.axes[0]
        dots = [line for line in axes.lines if len(line.get_xdata()) == 1]
        assert [dot.get_xdata()[0] for dot in dots] == list(measures["value"])
        truths = [lines.get_segments()[0][0][0] for lines in axes.collections]
        assert truths == list(measures["truth"].unique())
        assert [tick.get_text() for tick in axes.get_yticklabels()] == [*EVERYONE.values(), *FINISHED_ONLY.values()] * 2

    def test_tells_the_two_kinds_apart_without_colour(self, figure, measures):
        dots = [line for line in figure.figure.axes[0].lines if len(line.get_xdata()) == 1]
        for dot, name in zip(dots, measures["measure"], strict=True):
            look = (dot.get_marker(), dot.get_markerfacecolor() == "white")
            assert look == (("o", False) if name in EVERYONE else ("s", True))

    def test_text_is_large_enough_to_print_and_inside_the_page(self, figure):
        figure.png(72)
        written = figure.figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
        texts = [text for text in written if text.get_text()]
        assert min(text.get_fontsize() for text in texts) >= 9
        page = figure.figure.bbox
        for text in texts:
            box = text.get_window_extent()
            assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, text.get_text()

    def test_is_never_for_publication_and_says_that_the_children_are_invented(self, figure):
        assert figure.release == Release.INTERNAL
        assert "invented" in figure.source and "invented" in figure.subtitle

    def test_headline_alt_text_and_data_say_the_numbers_drawn(self, figure, measures):
        finished = measures.loc[measures["measure"].isin(list(FINISHED_ONLY)), "bias"] * 100
        assert re.findall(r"\d+", figure.headline) == [f"{finished.min():.0f}", f"{finished.max():.0f}"]
        assert all(f"{value:.0%}" in figure.alt for value in measures["value"]) and len(figure.alt) <= 600
        assert list(figure.data["Share"]) == [f"{value:.0%}" for value in measures["value"]]

    def test_gives_the_same_bytes_twice(self, figure, measures):
        assert figure.svg() == draw_everyday(measures).svg()
