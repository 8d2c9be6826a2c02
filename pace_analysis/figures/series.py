"""Series by quarter: released shares with their intervals."""

from __future__ import annotations

from itertools import count

import pandas as pd

from pace_analysis.answers import BoardAnswers
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish import alttext, wording
from pace_analysis.publish.disclosure import Refused, ReleasedPeriodShare


def quarterly(answers: BoardAnswers) -> ReportFigure | Refused:
    """Share decided within the limit at each quarter's own rates, with intervals and the programme's start."""
    quarters = answers.progress.quarters
    shown = [(x, quarter, result) for x, (quarter, result) in zip(count(), quarters)
             if isinstance(result, ReleasedPeriodShare)]
    if len(shown) < 2:
        return wording.TOO_FEW_QUARTERS
    figure, axes = style.blank(bottom=0.14)
    places, middle = [x for x, _, _ in shown], [result.estimate for _, _, result in shown]
    axes.vlines(places, [r.lower for _, _, r in shown], [r.upper for _, _, r in shown], color=style.GREY, linewidth=1.2)
    axes.plot(places, middle, color=style.SERIES[0], linewidth=1.6, marker="o", markersize=5)
    _mark_start(axes, answers, [quarter for quarter, _ in quarters])
    target = float(answers.progress.aim.share)
    axes.axhline(target, color=style.TARGET, linewidth=1.2, linestyle=(0, (4, 3)))
    style.write(axes, 0, target - 0.035, f"aim: {answers.progress.aim.percent}", color=style.TARGET, va="top")
    axes.set_xlim(-0.4, len(quarters) - 0.6)
    axes.set_xticks(range(len(quarters)), [f"Q{q.number}\n{q.year}" if q.number == 1 or x == 0 else f"Q{q.number}"
                                           for x, (q, _) in enumerate(quarters)])
    style.percent_axis(axes)
    style.label(axes, y="Decided within the limit")
    within = answers.progress.aim.within
    return ReportFigure(
        "quarterly", figure,
        headline=f"In {shown[-1][1].words} the share decided within {within} stood at {shown[-1][2].percent}%",
        subtitle=f"Share of children who would be decided within {within} if the rates of that quarter held, for all "
                 "children in care in the quarter, with 95% confidence intervals.",
        source=answers.source,
        alt=alttext.series_alt([(quarter, result) for _, quarter, result in shown], within=str(within)),
        data=_table(shown),
        release=shown[-1][2].release,
    )


def _mark_start(axes, answers: BoardAnswers, quarters: list) -> None:
    start = answers.authority.programme_start
    if start is None or not quarters or not quarters[0].first_day <= start <= quarters[-1].last_day:
        return
    x = next(i for i, quarter in enumerate(quarters) if quarter.first_day <= start <= quarter.last_day)
    axes.axvline(x, color=style.GREY, linewidth=1, linestyle=":")
    style.write(axes, x + 0.1, 0.03, "programme starts", color=style.GREY)


def _table(shown: list) -> pd.DataFrame:
    return pd.DataFrame({
        "Quarter": [str(quarter) for _, quarter, _ in shown],
        "Share": [f"{result.percent}%" for _, _, result in shown],
        "95% interval": [wording.interval(result) for _, _, result in shown],
        "Decisions counted": [result.decisions for _, _, result in shown],
    })
