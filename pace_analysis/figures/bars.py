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

HATCHES = ("", "//", "..", "", "", "\\\\", "")


def waiting(answers: BoardAnswers) -> ReportFigure | Refused:
    """Children waiting at the data cut, one bar a band of weeks."""
    table = answers.waiting
    if isinstance(table, Refused):
        return table
    figure, axes = style.blank(left=0.2, bottom=0.2, height=2.6)
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
        subtitle=f"Children waiting for a permanence decision on {say_date(answers.as_at)}, by time since accommodated, to the nearest 5.",
        source=answers.source,
        alt=alttext.bars_alt(table),
        data=pd.DataFrame({"Time waited": table.rows, "Children": said}),
        release=table.release,
    )


def routes(answers: BoardAnswers) -> ReportFigure | Refused:
    """How the wait stood at the limit, one stacked bar an entry year."""
    table = answers.progress.cohorts
    if isinstance(table, Refused):
        return table
    states = [*answers.progress.routes, LEFT, WAITING]
    names = [*(answers.route_names[route] for route in answers.progress.routes), LEFT, WAITING]
    figure, axes = style.blank(right=0.69, bottom=0.12)
    base = [0] * len(table.rows)
    colours = ("#0b5c6b", "#3f8896", "#79b0ba", "#b5d5da", "#e3eef0", "#c2571a", "#d5dbde")
    for state, name, colour, hatch in zip(states, names, _pick(colours, len(states)), _pick(HATCHES, len(states)), strict=True):
        counts = [table.cell(year, state) for year in table.rows]
        axes.bar(range(len(base)), counts, bottom=base, color=colour, edgecolor="white", linewidth=0.8, hatch=hatch, width=0.62, label=name)
        base = [below + shown for below, shown in zip(base, counts, strict=True)]
    axes.set_xticks(range(len(base)), table.rows)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=style.TEXT_SIZE)
    style.label(axes, y="Children accommodated")
    return ReportFigure(
        "routes", figure,
        headline=f"How the wait stood {answers.progress.aim.within} after children were accommodated, by year of entry",
        subtitle="Decisions by route, children who left without one, and children with no decision yet. Counts are rounded to 5.",
        source=answers.source,
        alt=alttext.routes_alt(table, states, names),
        data=pd.DataFrame({"Year of entry": table.rows,
                           **{name: [table.words(year, state) for year in table.rows] for state, name in zip(states, names, strict=True)}}),
        release=table.release,
    )


def _pick(choices: tuple, wanted: int) -> tuple:
    # the last two (left, no decision yet) keep their look whatever the number of routes
    return (*choices[: wanted - 2], *choices[-2:])
