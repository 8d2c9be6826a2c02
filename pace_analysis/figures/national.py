"""Figures of the national report: the pool's curve, years, routes and stages, and a funnel of authorities."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from pace_analysis.figures import style
from pace_analysis.figures.refusal import withheld
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.improvement.funnel import LEVELS, funnel_limits
from pace_analysis.publish import wording
from pace_analysis.publish.disclosure import Refused, ReleasedShare, ReleasedTable
from pace_analysis.sharing.national import INSIDE, Funnel, National

WEEKS, LAST_WEEK = 26, 104
LEAST_WIDTH = 60  # children, of a funnel's axis
MOST_LABELS = 12  # names that fit beside the marks outside the limits
LIMIT_LINES = (("95% limits", "--"), ("99.8% limits", "-"))


def funnel(answers: National) -> ReportFigure | Refused:
    """Each authority's share by its number of children, with the limits of chance about the nation's."""
    told = answers.funnel
    if isinstance(told, Refused):
        return told
    figure, axes = style.blank(height=3.6, right=0.84, bottom=0.14)
    _limits(axes, told)
    _marks(axes, told)
    style.percent_axis(axes)
    style.label(axes, x=f"Children accommodated in {told.year}", y=f"Decided within {WEEKS} weeks")
    return ReportFigure(
        "funnel", figure,
        headline=_funnel_headline(told),
        subtitle=f"Share of children accommodated in {told.year} who had a decision within {WEEKS} weeks, one mark an authority, by "
                 f"number of children. Line: the nation's share. Limits: where 95% and 99.8% of authorities would lie by chance alone "
                 "if all had that share (exact binomial, interpolated; Spiegelhalter 2005). Diamonds are outside whatever the rounding "
                 "of counts hides. An authority that is outside is a reason to ask why, not a judgement, and the order means nothing.",
        source=source(answers),
        alt=_funnel_alt(told),
        data=_funnel_table(told),
        release=told.release,
    )


def national_curve(answers: National) -> ReportFigure | Refused:
    """Decided and left without a decision by week, with intervals; what is over still waits."""
    curve = answers.curve
    if isinstance(curve, Refused):
        return curve
    points = curve.points[curve.points["day"] <= 7 * LAST_WEEK]
    figure, axes = style.blank(right=0.82)
    weeks = [0.0, *(points["day"] / 7)]
    for number, (name, dashes) in enumerate((("decided", "-"), ("left without\na decision", "--")), start=1):
        colour = style.SERIES[number - 1]
        shares = [0.0, *points[f"estimate_{number}"]]
        axes.plot(weeks, shares, color=colour, linestyle=dashes, linewidth=2)
        axes.fill_between(weeks, [0, *points[f"lower_{number}"]], [0, *points[f"upper_{number}"]], facecolor=(colour, 0.2), linewidth=0)
        style.write(axes, weeks[-1] + 1, shares[-1], name, va="center")
    axes.axvline(WEEKS, color=style.GREY, linewidth=0.8, linestyle=":")
    style.write(axes, WEEKS + 1, 0.96, f"{WEEKS} weeks", color=style.GREY, va="center")
    axes.set_xlim(0, weeks[-1])
    axes.set_xticks(range(0, int(weeks[-1]) + 1, 13))
    style.percent_axis(axes)
    style.label(axes, x="Weeks since accommodated", y="Share of children")
    at, last = curve.at_anchor, points.iloc[-1]
    return ReportFigure(
        "national_curve", figure,
        headline=f"By week {WEEKS}, {wording.percent(at['estimate_1'])} had a decision; by week {int(last['day']) // 7}, "
                 f"{wording.percent(last['estimate_1'])}",
        subtitle=f"Cumulative incidence among all {curve.what}, whatever year they came in, from the pooled life table. What is left "
                 "to 100% is still waiting. Shaded: 95% confidence interval, which leaves out the rounding of shares.",
        source=source(answers),
        alt=f"Line chart by weeks since accommodated. Decided rises from 0% to {wording.percent(at['estimate_1'])} by week {WEEKS} and "
            f"{wording.percent(last['estimate_1'])} by week {int(last['day']) // 7}; left without a decision rises to "
            f"{wording.percent(at['estimate_2'])} and {wording.percent(last['estimate_2'])}.",
        data=_curve_table(points),
        release=curve.release,
    )


def national_years(answers: National) -> ReportFigure | Refused:
    """Share decided within 26 weeks by year of entry, with intervals."""
    shown = [(year, result) for year, result in answers.years if isinstance(result, ReleasedShare)]
    if not shown:
        return answers.years[-1][1] if answers.years else wording.NO_YEAR_FOLLOWED
    figure, axes = style.blank(height=2.6, bottom=0.12)
    places, shares = np.arange(len(shown)), np.array([result.numerator / result.denominator for _, result in shown])
    reach = np.array([[share - result.lower, result.upper - share] for share, (_, result) in zip(shares, shown, strict=True)]).T
    axes.errorbar(places, shares, yerr=reach, color=style.SERIES[0], linewidth=1.6, elinewidth=1.2, capsize=4, marker="o", markersize=5.5)
    for place, (_, result) in zip(places, shown, strict=True):
        style.write(axes, place, result.upper + 0.02, f"{result.percent}%", ha="center", va="bottom")
    axes.set_xlim(-0.5, len(shown) - 0.4)
    axes.set_xticks(places, [year for year, _ in shown])
    style.percent_axis(axes)
    style.label(axes, y=f"Decided within {WEEKS} weeks")
    (first, old), (last, new) = shown[0], shown[-1]
    return ReportFigure(
        "national_years", figure,
        headline=f"{new.percent}% of the children accommodated in {last} had a decision within {WEEKS} weeks"
                 + (f"; {old.percent}% of those of {first}" if last != first else ""),
        subtitle=f"Share decided within {WEEKS} weeks by year of entry, and its 95% confidence interval. Only years that every authority "
                 "counted, and whose children were all followed so long.",
        source=source(answers),
        alt=f"Points by year of entry, with intervals: {wording.series([f'{year} {result.percent}%' for year, result in shown])}.",
        data=pd.DataFrame({"Year of entry": [year for year, _ in shown], "Decided, rounded": [result.numerator for _, result in shown],
                           "Children, rounded": [result.denominator for _, result in shown],
                           "Share": [f"{result.percent}%" for _, result in shown],
                           "95% interval": [wording.interval(result) for _, result in shown]}),
        release=new.release,
    )


def national_routes(answers: National) -> ReportFigure | Refused:
    """Children decided, one bar a route."""
    return _bars("national_routes", answers, answers.routes, "Route", "{} of the decisions were by the route '{}'",
                 "Children with a decision, by route, whenever it was made. Counts are rounded, and of the authorities whose shares "
                 "hold routes.")


def national_stages(answers: National) -> ReportFigure | Refused:
    """Children waiting at the end of the quarter, one bar a stage."""
    return _bars("national_stages", answers, answers.stages, "Stage", "{} of the waiting children were at the stage '{}'",
                 "Children without a decision at the end of the quarter, by stage of the pathway, in its order. Counts are rounded, and of "
                 "the authorities whose shares hold stages.")


def source(answers: National) -> str:
    """Where every figure of the report is from."""
    return f"shares of {len(answers.pool.contributors)} authorities to {answers.pool.quarter}, pooled"


NATIONAL_FIGURES: dict[str, Callable[[National], ReportFigure | Refused]] = {
    "national_curve": national_curve, "national_years": national_years, "funnel": funnel, "national_routes": national_routes,
    "national_stages": national_stages,
}


@style.sheet()
def draw_national(answers: National) -> dict[str, ReportFigure]:
    """Draw every figure of the national report, by name; one that may not be shown says why in its place."""
    drawn = {name: make(answers) for name, make in NATIONAL_FIGURES.items()}
    return {name: withheld(name, each, source(answers)) if isinstance(each, Refused) else each for name, each in drawn.items()}


def _widest(told: Funnel) -> float:
    return 1.08 * max([LEAST_WIDTH, *told.drawn["children"]])


def _marks(axes: Axes, told: Funnel) -> None:
    """A ring for each authority between the limits, a diamond with its name for each outside."""
    drawn, widest = told.drawn, _widest(told)
    outside = drawn["position"] != INSIDE
    for some, marker, colour, face in ((drawn[~outside], "o", style.SERIES[0], "white"), (drawn[outside], "D", *[style.SERIES[1]] * 2)):
        axes.plot(some["children"], some["decided"] / some["children"], linestyle="none", marker=marker, markersize=6, color=colour,
                  markerfacecolor=face, zorder=4)
    for row in drawn[outside].head(MOST_LABELS).itertuples():
        style.write(axes, row.children - 0.02 * widest, row.decided / row.children, row.name, ha="right", va="center",
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=3)
    axes.set_xlim(0, widest)


def _funnel_table(told: Funnel) -> pd.DataFrame:
    rows = told.authorities
    return pd.DataFrame({
        "Authority, by number of children": rows["name"], "Children, rounded": rows["children"], "Decided, rounded": rows["decided"],
        "Share": [wording.percent(row.decided / row.children) if row.children else "none" for row in rows.itertuples()],
        "Beside the nation": rows["position"]})


def _limits(axes: Axes, told: Funnel) -> None:
    widest = _widest(told)
    sizes = np.arange(5, int(widest) + 1)
    axes.axhline(told.share, color=style.GREY, linewidth=1.3)
    style.write(axes, widest * 1.01, told.share, f"nation {wording.percent(told.share)}", color=style.GREY, va="center")
    heights = []
    for level, (name, dashes) in zip(LEVELS, LIMIT_LINES, strict=True):
        lower, upper = funnel_limits(told.share, sizes, level)
        for line in (lower, upper):
            axes.plot(sizes, line, color=style.GREY, linewidth=1, linestyle=dashes)
        heights.append((float(upper[-1]), name))
    for height, (_, name) in zip(style.spread([height for height, _ in heights], 0.08, 1.0), heights, strict=True):
        style.write(axes, widest * 1.01, height, name, color=style.GREY, va="center")


def _funnel_headline(told: Funnel) -> str:
    count = int((told.drawn["position"] != INSIDE).sum())
    if not count:
        return f"No authority's share for {told.year} is further from the nation's than chance explains"
    verb = "is" if count == 1 else "are"
    return f"{wording.number(count).capitalize()} of {len(told.drawn)} authorities {verb} further from the nation's share than chance explains"


def _funnel_alt(told: Funnel) -> str:
    outside = told.drawn[told.drawn["position"] != INSIDE]
    named = [f"{row.name} ({wording.percent(row.decided / row.children)}, {row.position})" for row in outside.head(5).itertuples()]
    said = f"Outside: {wording.series(named)}." if named else "All lie between the limits."
    return (f"Funnel plot of {len(told.drawn)} authorities about the nation's share of {wording.percent(told.share)}, limits narrowing as "
            f"authorities get larger. {said}")[:600]


def _bars(name: str, answers: National, table: ReleasedTable | Refused, heading: str, most: str, subtitle: str) -> ReportFigure | Refused:
    if isinstance(table, Refused):
        return table
    column = table.columns[0]
    counts, labels = [table.cell(row, column) for row in table.rows], [str(row) for row in table.rows]
    figure, axes = style.blank(left=0.36, bottom=0.2, height=0.9 + 0.36 * len(labels))
    axes.barh(range(len(counts)), counts, color=style.SERIES[0], height=0.62)
    whole = max(table.cell(table.total, column), 1)
    said = [f"{count:,}" if count else table.words(row, column) for row, count in zip(table.rows, counts, strict=True)]
    shares = [wording.percent(count / whole) if count else "not shown" for count in counts]
    for place, (count, words, part) in enumerate(zip(counts, said, shares, strict=True)):
        style.write(axes, count + max(counts) * 0.01, place, f"{words} ({part})" if count else words, va="center")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlim(0, 1.3 * max(max(counts), 1))  # room for the words beside the longest bar
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.invert_yaxis()
    axes.grid(visible=False)
    style.label(axes, x="Children")
    largest = counts.index(max(counts))
    return ReportFigure(
        name, figure,
        headline=most.format(shares[largest], labels[largest]),
        subtitle=subtitle, source=source(answers),
        alt=f"Bar chart. {table.title}: {wording.series([f'{label} {words}' for label, words in zip(labels, said, strict=True)])}.",
        data=pd.DataFrame({heading: labels, "Children, rounded": said, "Share": shares}),
        release=table.release,
    )


def _curve_table(points: pd.DataFrame) -> pd.DataFrame:
    shown = points[(points["day"] % 91 == 0) | (points.index == points.index[-1])]
    columns = {"Decided": "estimate_1", "Left without a decision": "estimate_2", "Still waiting": "waiting"}
    return pd.DataFrame({"By week": (shown["day"] // 7).astype(int), **{name: shown[column].map(wording.percent)
                                                                       for name, column in columns.items()}})
