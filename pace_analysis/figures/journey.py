"""Where the children are, week by week: stages of the journey as stacked areas."""

from __future__ import annotations

import pandas as pd
from matplotlib.patches import Rectangle

from pace_analysis.answers import BoardAnswers
from pace_analysis.answers.journey import Occupancy
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish import alttext, journeywords
from pace_analysis.publish.disclosure import Refused

DECIDED, LEFT = style.SERIES[0], style.LIGHT
STAGE_COLOURS = ("#c2571a", "#cf7236", "#e0955c", "#f0c39a", "#f8e2cd")  # from the earliest stage: the longer the wait, the lighter
HATCHES = ("xx", "//", "", "||", "")  # told apart in grey as well; dots would be 200 kB
APART = 0.085  # of the height: names must not touch


def where_children_are(answers: BoardAnswers) -> ReportFigure | Refused:
    """Share of an entry year's children in each stage by weeks since accommodated; decided at the bottom."""
    told = answers.journey.occupancy
    if isinstance(told, Refused):
        return told
    names = journeywords.state_names(answers.journey.pathway)
    figure, axes = style.blank(right=0.62, bottom=0.16)
    shares = told.shares[_order(told)]
    looks = {state: look for state, look in zip(_order(told), _looks(len(told.states)), strict=True)}
    areas = axes.stackplot(shares.index, shares.to_numpy().T, colors=[colour for colour, _ in looks.values()])
    for area, (_, hatch) in zip(areas, looks.values(), strict=True):
        area.set(**style.EDGE, hatch=hatch)
    _key(axes, shares, names, looks)
    axes.set_xlim(0, shares.index[-1])
    axes.set_xticks([week for week in shares.index if week % 13 == 0])
    style.percent_axis(axes)
    axes.grid(visible=False)
    style.label(axes, x="Weeks since accommodated", y="Children")
    return ReportFigure(
        "where_children_are", figure,
        headline=journeywords.occupancy_headline(told.shares, str(told.year), names),
        subtitle=f"Stage of the journey that children accommodated in {told.year} were in, by weeks since accommodated. A stage lasts "
                 "until a later milestone is reached; the shares add to 100% in every week. Counts are rounded before "
                 "shares are worked out, so they can differ from the headline by a few points.",
        source=answers.source,
        alt=alttext.occupancy_alt(told.shares, str(told.year), names),
        data=_table(shares, names),
        release=told.release,
    )


def _order(told: Occupancy) -> list[str]:
    """From the bottom: decided, the stages from the last to the first, left."""
    *stages, decided, left = told.states
    return [decided, *stages[::-1], left]


def _looks(number: int) -> list[tuple[str, str]]:
    stages = number - 2
    picked = list(zip(STAGE_COLOURS, HATCHES, strict=True))[:stages][::-1]
    return [(DECIDED, ""), *picked, (LEFT, "\\\\")]


def _key(axes, shares: pd.DataFrame, names: dict[str, str], looks: dict[str, tuple[str, str]]) -> None:
    """Every state beside the end of its area, with its look, in the order of the areas and far enough apart to read."""
    ends = shares.iloc[-1].to_numpy()
    wanted = ends.cumsum() - ends / 2
    places = style.spread(list(wanted), APART, 1 - APART / 2)
    width = float(shares.index[-1])
    for (state, (colour, hatch)), place in zip(looks.items(), places, strict=True):
        axes.add_patch(Rectangle((1.02 * width, place - 0.02), 0.03 * width, 0.04, facecolor=colour, **style.EDGE,
                                 hatch=hatch * 2, clip_on=False))
        style.write(axes, 1.065 * width, place, names[state], va="center")


def _table(shares: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    cells = {names[state].replace("\n", " "): [f"{round(100 * share)}%" for share in shares[state]] for state in shares}
    return pd.DataFrame({"Week": list(shares.index)} | cells)
