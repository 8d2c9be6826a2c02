"""Bars: counts of a released table."""

from __future__ import annotations

import pandas as pd

from pace_analysis.answers import BoardAnswers
from pace_analysis.aims import LEFT, WAITING
from pace_analysis.dates import say_date
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish import alttext, wording
from pace_analysis.publish.disclosure import Refused, ReleasedTable

COLOURS = ("#0b5c6b", "#3f8896", "#79b0ba", "#b5d5da", "#e3eef0", "#c2571a", "#d5dbde")
HATCHES = ("", "//", "xx", "||", "++", "\\\\", "")  # told apart in grey as well; dots would be 200 kB


def waiting(answers: BoardAnswers) -> ReportFigure | Refused:
    """Children waiting at the data cut, one bar a band of weeks."""
    table = answers.waiting
    if isinstance(table, Refused):
        return table
    figure, axes = style.blank(left=0.23, bottom=0.2, height=2.6)
    counts = [table.cell(band, table.columns[0]) for band in table.rows]
    places = range(len(counts))
    axes.barh(places, counts, color=[style.SERIES[0] if i < 2 else style.SERIES[1] for i in places], height=0.62)
    said = [table.words(band, table.columns[0]) for band in table.rows]
    for place, shown, words in zip(places, counts, said, strict=True):
        style.write(axes, shown + max(counts) * 0.01, place, words, va="center")
    axes.set_yticks(places, table.rows)
    axes.invert_yaxis()
    axes.grid(visible=False)
    style.label(axes, x="Children waiting")
    return ReportFigure(
        "waiting", figure,
        headline=wording.waiting_headline(table, long=answers.long_wait),
        subtitle=f"Children waiting for a permanence decision on {say_date(answers.as_at)}, by time since accommodated. Counts are rounded.",
        source=answers.source,
        alt=alttext.bars_alt(table),
        data=pd.DataFrame({"Time waited": table.rows, "Children": said}),
        release=table.release,
    )


def routes(answers: BoardAnswers) -> ReportFigure | Refused:
    """How the wait stood at the limit, one stacked bar an entry year."""
    progress = answers.progress
    shown = {str(year): table for year, table in progress.cohorts if isinstance(table, ReleasedTable)}
    if not shown:
        return progress.latest if isinstance(progress.latest, Refused) else wording.NO_YEAR_FOLLOWED
    states = [*progress.routes, LEFT, WAITING]
    names = [*(answers.route_names[route] for route in progress.routes), LEFT, WAITING]
    figure, axes = style.blank(right=0.66, bottom=0.12)
    base = [0] * len(shown)
    for state, name, colour, hatch in zip(states, names, _pick(COLOURS, len(states)), _pick(HATCHES, len(states)), strict=True):
        counts = [table.cell(year, state) for year, table in shown.items()]
        axes.bar(range(len(base)), counts, bottom=base, color=colour, **style.EDGE, hatch=hatch, width=0.62, label=name)
        base = [below + count for below, count in zip(base, counts, strict=True)]
    axes.set_xticks(range(len(base)), list(shown))
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=style.TEXT_SIZE)
    style.label(axes, y="Children accommodated")
    latest = list(shown.values())[-1]
    return ReportFigure(
        "routes", figure,
        headline=f"How the wait stood {progress.aim.within} after children were accommodated, by year of entry",
        subtitle="Decisions by route, children who left without one, and children with no decision yet. Counts are rounded.",
        source=answers.source,
        alt=alttext.routes_alt(latest, states, names, len(shown)),
        data=pd.DataFrame({"Year of entry": list(shown),
                           **{name: [table.words(year, state) for year, table in shown.items()]
                              for state, name in zip(states, names, strict=True)}}),
        release=latest.release,
    )


def _pick(choices: tuple, wanted: int) -> tuple:
    # the last two (left, no decision yet) keep their look whatever the number of routes
    return (*choices[: wanted - 2], *choices[-2:])
