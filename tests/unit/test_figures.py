"""Figures: what is drawn is what was released, and every figure speaks. Artists are read, never pixels."""

import io
import re

import numpy as np
import pytest
from matplotlib.image import imread

from pace_analysis.errors import UsageError
from pace_analysis.figures import FIGURES, draw, draw_completeness, withheld
from pace_analysis.publish.disclosure import Refused, Release


@pytest.mark.parametrize("name", FIGURES)
class TestEveryFigure:
    def test_carries_headline_subtitle_source_alt_and_data(self, name, answers):
        figure = draw(name, answers)
        assert figure.name == name and figure.release == Release.PUBLISHED
        assert all(len(words) > 15 for words in (figure.headline, figure.subtitle, figure.source))
        assert 40 < len(figure.alt) <= 600 and figure.alt != figure.headline
        assert len(figure.data) > 1

    def test_gives_the_same_bytes_twice_without_date_or_hidden_text(self, name, answers):
        first, second = draw(name, answers).svg(), draw(name, answers).svg()
        assert first == second
        assert b"<!--" not in first and b"<dc:date>" not in first and b"<script" not in first
        assert draw(name, answers).png() == draw(name, answers).png()

    def test_png_says_its_true_size_to_a_word_processor(self, name, answers):
        png = draw(name, answers).png()
        at = png.index(b"pHYs") + 4
        assert abs(int.from_bytes(png[at : at + 4], "big") - 300 / 0.0254) < 2

    @pytest.mark.parametrize("dpi", [60, 300])
    def test_png_holds_the_pixels_that_matplotlib_draws_and_is_no_larger(self, name, answers, dpi):
        figure, usual = draw(name, answers), io.BytesIO()
        figure.figure.savefig(usual, format="png", dpi=dpi, facecolor="white")
        png = figure.png(dpi)
        expected = imread(io.BytesIO(usual.getvalue()), format="png")
        assert (imread(io.BytesIO(png), format="png") == expected[:, :, :3]).all() and (expected[:, :, 3] == 1).all()
        assert len(png) < 1.15 * len(usual.getvalue())

    def test_text_is_large_enough_to_print(self, name, answers):
        figure = draw(name, answers).figure
        sizes = [text.get_fontsize() for text in figure.findobj(lambda artist: hasattr(artist, "get_fontsize")) if text.get_text()]
        assert min(sizes) >= 9


def test_the_curve_joins_the_released_points_and_starts_at_nothing(answers):
    axes = draw("decided_by_week", answers).figure.axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) > 1]
    shown = [curve for _, curve in answers.curves]
    assert len(lines) == len(shown) == 3
    for line, curve in zip(lines, shown, strict=True):
        expected = np.column_stack([[0, *(curve.points["day"] / 7)], [0, *curve.points[curve.estimate_columns[0]]]])
        np.testing.assert_allclose(line.get_xydata(), expected)
        assert line.get_drawstyle() == "default"
    assert len({line.get_linestyle() for line in lines}) == 3, "told apart without colour"


def test_every_day_drawn_lies_on_the_grid_of_fortnights(answers):
    days = {int(day) for _, curve in answers.curves for day in curve.points["day"]}
    assert days and all(day % 14 == 0 for day in days) and 182 in days


def test_the_run_chart_draws_each_released_share_its_centre_line_and_the_changes(answers):
    axes = draw("run_chart", answers).figure.axes[0]
    released = [share.estimate for _, share in answers.progress.quarters]
    assert any(list(line.get_ydata()) == released for line in axes.lines)
    levels = {tuple(line.get_ydata()) for line in axes.lines if line.get_linestyle() != "None"}
    centre = answers.run.chart.points["centre"].iloc[0]
    assert (centre, centre) in levels and answers.run.baseline == 13
    words = " ".join(text.get_text() for text in axes.texts)
    begun = [number for number, _ in answers.run.changes]
    assert begun == list(range(1, 9)) and all(str(number) in words for number in begun)


def test_the_areas_of_the_stages_are_the_released_shares_in_order(answers):
    axes = draw("where_children_are", answers).figure.axes[0]
    shares = answers.journey.occupancy.shares
    heights = axes.collections[0].get_paths()[0].vertices[:, 1].max()
    assert heights == pytest.approx(shares["decided"].max())
    assert len(axes.collections) == len(shares.columns)
    hatches = {area.get_hatch() for area in axes.collections}
    assert len(hatches) > 3, "told apart without colour"


def test_no_name_touches_another(answers):
    for name in FIGURES:
        figure = draw(name, answers).figure
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
        boxes += [label.get_window_extent() for label in figure.axes[0].get_xticklabels() if "\n" in label.get_text()]
        for place, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[place + 1:]), name
            assert box.x1 <= figure.bbox.x1 + 1, name


def test_bars_are_as_long_as_the_released_counts(answers):
    axes = draw("waiting", answers).figure.axes[0]
    table = answers.waiting
    assert [bar.get_width() for bar in axes.patches] == [table.cell(row, "children") for row in table.rows]


def test_an_unknown_figure_names_the_nearest(answers):
    with pytest.raises(UsageError, match="There is no figure") as refused:
        draw("run_chat", answers)
    assert refused.value.remedy == "Did you mean 'run_chart'?"


def test_a_refused_figure_says_why_in_its_place():
    figure = withheld("routes", Refused("nobody", "Not shown: nobody was there to be counted."), "a source")
    assert "nobody was there" in figure.subtitle and "nobody was there" in figure.alt


def test_labels_print_dollar_signs_as_typed(answers, monkeypatch):
    object.__setattr__(answers, "source", "cost $5 and $6 {x_")
    assert b"<svg" in draw("waiting", answers).svg()
    assert re.search(r"\$5 and \$6", draw("waiting", answers).source)


def test_completeness_is_for_the_analyst_only(study):
    figure = draw_completeness(study.tables)
    assert figure.release == Release.INTERNAL
    assert "permanence_recommendation" in set(figure.data.iloc[:, 0])
