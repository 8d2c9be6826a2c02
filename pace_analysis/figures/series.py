"""Series by quarter: the run chart of the headline, with its centre line, the aim and the changes."""

from __future__ import annotations

from itertools import groupby

import pandas as pd
from matplotlib.axes import Axes

from pace_analysis.answers import BoardAnswers
from pace_analysis.answers.runchart import RunChart
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish import alttext, chartwords, wording
from pace_analysis.publish.disclosure import Refused, ReleasedPeriodShare

CHANGE_HEIGHTS = (0.87, 0.79)  # numbers of changes stand near the top, neighbours at two heights so that they do not touch


def run_chart(answers: BoardAnswers) -> ReportFigure | Refused:
    """Share decided within the limit at each quarter's own rates, against the baseline's centre line."""
    told, within = answers.run, str(answers.progress.aim.within)
    if isinstance(told.chart, Refused):
        return told.chart
    figure, axes = style.blank(bottom=0.17, right=0.85)
    points = told.chart.points
    _centre(axes, points, told)
    axes.plot(points.index, points["value"], color=style.SERIES[0], linewidth=1.6, zorder=3)
    for mature, face in ((True, style.SERIES[0]), (False, "white")):
        some = points[points["mature"] == mature]
        axes.plot(some.index, some["value"], linestyle="none", marker="o", markersize=5.5, color=style.SERIES[0], markerfacecolor=face, zorder=4)
    _aim(axes, answers, len(points))
    _changes(axes, told)
    axes.set_xlim(-0.5, len(points) - 0.5)
    axes.set_xticks(range(len(points)), _names(told))
    style.percent_axis(axes)
    style.label(axes, y=f"Decided within {within}")
    shown = [(quarter, result) for quarter, result in answers.progress.quarters if isinstance(result, ReleasedPeriodShare)]
    return ReportFigure(
        "run_chart", figure,
        headline=chartwords.headline(told.chart, shown[-1][1].percent, shown[-1][0].words, within),
        subtitle=chartwords.subtitle(told.chart, told.baseline, within, numbered=bool(_placed(told))),
        source=answers.source,
        alt=alttext.run_chart_alt(shown, chartwords.signal(told.chart), within=within),
        data=_table(shown, points),
        release=shown[-1][1].release,
    )


def _names(told: RunChart) -> list[str]:
    """Quarters, the year under the first of each; not under one that the next year's would touch."""
    first = told.quarters[0]
    return [f"Q{quarter.number}\n{quarter.year}" if quarter.number == 1 or (quarter == first and quarter.number < 4) else f"Q{quarter.number}"
            for quarter in told.quarters]


def _centre(axes: Axes, points: pd.DataFrame, told: RunChart) -> None:
    """Full where the centre line was worked out, dashed where it is only extended."""
    for _, phase in points.groupby("phase", sort=True):
        first, last = phase.index[0], phase.index[-1]
        split = min(told.baseline - 1, last) if told.baseline and first == 0 else last
        axes.plot([first - 0.4, split + 0.4], [phase["centre"].iloc[0]] * 2, color=style.GREY, linewidth=1.3)
        if split < last:
            axes.plot([split + 0.4, last + 0.4], [phase["centre"].iloc[0]] * 2, color=style.GREY, linewidth=1.3, linestyle=(0, (2, 2)))
    middle = points["centre"].iloc[-1]
    label = "median of\nbaseline" if told.baseline else "median"
    style.write(axes, len(points) - 0.4, middle, label, color=style.GREY, va="center")


def _aim(axes: Axes, answers: BoardAnswers, number: int) -> None:
    aim = answers.progress.aim
    axes.axhline(float(aim.share), color=style.TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    style.write(axes, number - 0.4, float(aim.share), f"aim {aim.percent}", color=style.TARGET, va="center")


def _changes(axes: Axes, told: RunChart) -> None:
    """A line for each quarter in which changes began, with their numbers in the register."""
    for place, (x, group) in enumerate(groupby(_placed(told), key=lambda pair: pair[0])):
        axes.axvline(x, color=style.GREY, linewidth=0.8, linestyle=":", zorder=1)
        numbers = ", ".join(str(number) for _, number in group)
        axes.text(x, CHANGE_HEIGHTS[place % 2], numbers, ha="center", va="center", fontsize=style.TEXT_SIZE, color=style.INK,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0})


def _placed(told: RunChart) -> list[tuple[int, int]]:
    """Places and numbers of the changes that began in a quarter of the chart, in the order of the places."""
    return sorted((x, number) for number, began in told.changes for x, quarter in enumerate(told.quarters)
                  if quarter.first_day <= began <= quarter.last_day)


def _table(shown: list, points: pd.DataFrame) -> pd.DataFrame:
    centre = points.set_index("label")["centre"]
    return pd.DataFrame({
        "Quarter": [str(quarter) for quarter, _ in shown],
        "Share": [f"{result.percent}%" for _, result in shown],
        "95% interval": [wording.interval(result) for _, result in shown],
        "Decisions counted": [result.decisions for _, result in shown],
        "Centre line": [f"{round(100 * centre[str(quarter)])}%" for quarter, _ in shown],
    })
