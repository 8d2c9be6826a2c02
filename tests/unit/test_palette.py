"""Every figure can be read on white paper, by people with low vision and in a grey copy; artists are read, never pixels."""

from itertools import combinations, pairwise

import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.text import Text

from pace_analysis.answers import board_answers
from pace_analysis.figures import FIGURES, bars, curves, draw, journey, style
from pace_analysis.settings import contrast_on_white
from pace_analysis.study import open_study

WORDS, MARKS = 4.5, 3  # contrast: WCAG 2.2, criteria 1.4.3 and 1.4.11
GREY_STEP = 1.5  # contrast of two plain fills that are still told apart in a grey copy


@pytest.fixture(scope="module")
def drawn():
    answers = board_answers(open_study("exampleshire", "2015Q3"))
    return {name: draw(name, answers).figure for name in FIGURES}


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, through that of each with white."""
    low, high = sorted((contrast_on_white(one), contrast_on_white(other)))
    return high / low


def parts(figure) -> list[tuple[str, str, str]]:
    """Fill, edge and hatch of every area and bar, in the order in which they touch."""
    axes = figure.axes[0]
    areas = [(area.get_facecolor()[0], area.get_edgecolor()[0], area.get_hatch()) for area in axes.collections
             if area.get_facecolor()[0][3] == 1]
    drawn_bars = [(bar.get_facecolor(), bar.get_edgecolor(), bar.get_hatch()) for group in axes.containers for bar in group]
    return [(to_hex(fill), to_hex(edge), hatch or "") for fill, edge, hatch in areas or drawn_bars]


def told_apart_in_grey(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[1] != other[1] or contrast(one[0], other[0]) >= GREY_STEP


@pytest.mark.parametrize("name", FIGURES)
class TestEveryFigure:
    def test_words_can_be_read(self, name, drawn):
        colours = {to_hex(text.get_color()) for text in drawn[name].findobj(Text) if text.get_text().strip()}
        assert colours and min(map(contrast_on_white, colours)) >= WORDS, colours

    def test_lines_and_points_can_be_seen(self, name, drawn):
        axes = drawn[name].axes[0]
        colours = {to_hex(line.get_color()) for line in axes.lines} | {to_hex(axes.spines["left"].get_edgecolor())}
        assert min(map(contrast_on_white, colours)) >= MARKS, colours

    def test_areas_and_bars_have_a_border_that_can_be_seen(self, name, drawn):
        fills = parts(drawn[name])
        assert all(max(map(contrast_on_white, (fill, edge))) >= MARKS for fill, edge, _ in fills)
        for (fill, edge, _), (beside, *_) in pairwise(fills):
            assert fill == beside or max(contrast(fill, beside), contrast(edge, fill), contrast(edge, beside)) >= MARKS

    def test_parts_are_told_apart_in_a_grey_copy(self, name, drawn):
        looks = {(fill, hatch) for fill, _, hatch in parts(drawn[name])}
        alike = [pair for pair in combinations(sorted(looks), 2) if not told_apart_in_grey(*pair)]
        assert alike == []

    def test_lines_are_told_apart_in_a_grey_copy(self, name, drawn):
        lines = [line for line in drawn[name].axes[0].lines if len(line.get_xdata()) > 2 and line.get_linestyle() != "None"]
        assert len({line.get_linestyle() for line in lines}) == len({to_hex(line.get_color()) for line in lines})


def test_a_band_of_confidence_has_an_edge_that_can_be_seen(drawn):
    (band,) = drawn["decided_by_week"].axes[0].collections
    assert band.get_facecolor()[0][3] < 0.5 and band.get_edgecolor()[0][3] == 1
    assert contrast_on_white(to_hex(band.get_edgecolor()[0])) >= MARKS


@pytest.mark.parametrize("looks", [
    [(journey.DECIDED, ""), *zip(journey.STAGE_COLOURS, journey.HATCHES, strict=True), (journey.LEFT, "\\\\")],
    list(zip(bars.COLOURS, bars.HATCHES, strict=True)),
    list(zip(style.SERIES, curves.LINES[::-1], strict=True)),
], ids=["stages", "routes", "series"])
def test_the_whole_palette_is_told_apart_in_a_grey_copy_not_only_what_the_sample_uses(looks):
    assert [pair for pair in combinations(looks, 2) if not told_apart_in_grey(*pair)] == []


def test_hatches_can_be_seen_on_their_fills():
    looks = [*zip(journey.STAGE_COLOURS, journey.HATCHES, strict=True), *zip(bars.COLOURS, bars.HATCHES, strict=True)]
    assert all(contrast(style.EDGE["edgecolor"], fill) >= MARKS for fill, hatch in looks if hatch)


def test_the_inks_of_the_house_can_be_read():
    assert min(map(contrast_on_white, (style.INK, style.GREY, style.TARGET))) >= WORDS
    assert min(map(contrast_on_white, style.SERIES)) >= MARKS
    assert to_rgba(style.EDGE["edgecolor"])[3] == 1
