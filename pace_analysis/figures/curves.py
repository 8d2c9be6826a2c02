"""Curves by week since accommodation. Released curves are grouped, so points are joined by lines, never drawn as steps."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from pace_analysis.answers import BoardAnswers
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish import alttext, wording
from pace_analysis.publish.disclosure import Refused, ReleasedCurve
from pace_analysis.settings import readable

LINES = ("--", "-.", "-")  # oldest to newest: told apart without colour


def decided_by_week(answers: BoardAnswers) -> ReportFigure | Refused:
    """Share of children decided by week, one line an entry year, with the aim marked."""
    curves = [(str(year), curve) for year, curve in answers.curves if isinstance(curve, ReleasedCurve)]
    if not curves:
        return _refusal(answers)
    figure, axes = style.blank(right=0.86)
    styles = list(zip(style.SERIES[::-1], LINES, strict=True))[-len(curves):]
    heights = _label_heights([_path(curve, curve.estimate_columns[0])[1][-1] for _, curve in curves])
    for (year, curve), (colour, dashes), height in zip(curves, styles, heights, strict=True):
        weeks, shares = _path(curve, curve.estimate_columns[0])
        axes.plot(weeks, shares, color=colour, linestyle=dashes, linewidth=2, marker="o", markersize=3)
        newest = year == curves[-1][0]
        style.write(axes, weeks[-1] + 0.6, height, year, color=readable(colour), weight="bold" if newest else "normal", va="center")
        if newest:
            points = curve.points
            axes.fill_between([0, *(points["day"] / 7)], [0, *points["lower_1"]], [0, *points["upper_1"]], facecolor=(colour, 0.18),
                              edgecolor=colour, linewidth=0.5)
    _mark_aim(axes, answers)
    _week_axis(axes, max(_path(curve, curve.estimate_columns[0])[0][-1] for _, curve in curves))
    style.percent_axis(axes)
    style.label(axes, x="Weeks since accommodated", y="Children with a decision")
    year, newest_curve = curves[-1]
    week, advice = answers.anchor_week, newest_curve.advice
    return ReportFigure(
        "decided_by_week", figure,
        headline=wording.decided_by(newest_curve, week, year=year),
        subtitle="Share of children with a permanence decision by weeks since accommodated, by year of entry. Children who "
                 "left without a decision stay in the denominator. Each line ends where all children of its year have been followed, or "
                 f"earlier where too few are left to show. Shaded: 95% confidence interval of {year}. {advice}".strip(),
        source=answers.source,
        alt=alttext.curves_alt(curves, week),
        data=pd.concat([_table(year, curve) for year, curve in curves], ignore_index=True),
        release=newest_curve.release,
    )


def _label_heights(ends: list[float]) -> list[float]:
    """Where each line's name goes: beside its end, and away from its neighbours."""
    order = sorted(range(len(ends)), key=ends.__getitem__)
    places = style.spread([ends[place] for place in order], 0.08, 1.0)
    return [places[order.index(line)] for line in range(len(ends))]


def where_they_stand(answers: BoardAnswers) -> ReportFigure | Refused:
    """Decided, left and still waiting by week, for the entry year followed longest: always adds to 100%."""
    curves = [(str(year), curve) for year, curve in answers.curves if isinstance(curve, ReleasedCurve)]
    if not curves:
        return _refusal(answers)
    year, curve = max(curves, key=lambda item: (item[1].points["day"].iloc[-1], item[0]))
    figure, axes = style.blank(right=0.8)
    (weeks, decided), (_, left) = (_path(curve, column) for column in curve.estimate_columns)
    waiting = [1 - a - b for a, b in zip(decided, left, strict=True)]
    areas = axes.stackplot(weeks, decided, waiting, left, colors=(style.SERIES[0], style.LIGHT, style.SERIES[2]))
    for area, hatch in zip(areas, ("", "", "//"), strict=True):
        area.set(**style.EDGE, hatch=hatch)
    ends = (decided[-1] / 2, decided[-1] + waiting[-1] / 2, 1 - left[-1] / 2)
    for height, text in zip(ends, ("decided", "still waiting", "left without\na decision"), strict=True):
        style.write(axes, weeks[-1] + 0.8, height, text, va="center")
    _week_axis(axes, weeks[-1])
    style.percent_axis(axes)
    axes.grid(visible=False)
    style.label(axes, x="Weeks since accommodated")
    return ReportFigure(
        "where_they_stand", figure,
        headline=f"Where the children accommodated in {year} stood, week by week",
        subtitle="Share decided, still waiting, and left care without a decision; the three add to 100% in every week.",
        source=answers.source,
        alt=alttext.stack_alt(curve, year=year),
        data=_table(year, curve),
        release=curve.release,
    )


def _refusal(answers: BoardAnswers) -> Refused:
    return answers.curves[-1][1] if answers.curves else wording.NO_YEAR_FOLLOWED


def _path(curve: ReleasedCurve, column: str) -> tuple[list[float], list[float]]:
    """Weeks and shares from the start of the clock, where nobody is decided yet."""
    return [0.0, *(curve.points["day"] / 7)], [0.0, *curve.points[column]]


def _mark_aim(axes: Axes, answers: BoardAnswers) -> None:
    aim = answers.progress.aim
    week, share = aim.within.nominal_days / 7, float(aim.share)
    axes.plot([week], [share], marker="D", color=style.TARGET, markersize=6, linestyle="none")
    style.write(axes, week + 1, share, f"aim: {aim.percent} within {aim.within}", color=style.TARGET, va="center")


def _week_axis(axes: Axes, last: float) -> None:
    axes.set_xlim(0, last)
    step = 13 if last > 40 else 4 if last > 13 else 2
    axes.set_xticks(range(0, int(last) + 1, step))


def _table(year: str, curve: ReleasedCurve) -> pd.DataFrame:
    decided, left = curve.estimate_columns
    points = curve.points
    return pd.DataFrame({
        "Year of entry": year,
        "By week": (points["day"] // 7).astype(int),
        "Decided": (100 * points[decided]).round().astype(int),
        "Left without a decision": (100 * points[left]).round().astype(int),
        "Still waiting": (100 * points["waiting"]).round().astype(int),
    })
