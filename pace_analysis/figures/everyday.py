"""Why not the simple average: everyday measures beside the truth, on invented children."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from pace_analysis.dates import Quarter
from pace_analysis.everyday import DAY, EVERYONE, FINISHED_ONLY, PROGRAMME_START
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish.disclosure import Release

LABELS = {**EVERYONE, **FINISHED_ONLY}
ROWS_BETWEEN = 2.1  # room above each quarter's dots for its title and the true share


@style.sheet()
def draw_everyday(measures: pd.DataFrame) -> ReportFigure:
    """Dots by measure, one block a quarter, with the truth as a line; ``measures`` from ``everyday_measures``.

    INTERNAL: its numbers are of invented children and never passed the disclosure gate, which alone may publish.
    """
    blocks = [(Quarter.parse(period), block) for period, block in measures.groupby("period", sort=False)]
    rows = sum(len(block) + ROWS_BETWEEN for _, block in blocks)
    figure, axes = style.blank(height=0.6 + 0.29 * rows, left=0.37, right=0.95, bottom=0.11, top=1.0)
    places, top = [], 0.0
    for quarter, block in blocks:
        top += ROWS_BETWEEN
        places += _block(axes, top, quarter, block)
        top += len(block)
    axes.set_yticks(places, [LABELS[name] for name in measures["measure"]])
    axes.set_ylim(top - 0.4, 0.2)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False)
    style.label(axes, x=f"Decided within {DAY} days")
    finished = measures.loc[measures["measure"].isin(list(FINISHED_ONLY)), "bias"]
    return ReportFigure(
        "everyday", figure,
        headline=f"Counting finished waits alone is {100 * finished.min():.0f} to {100 * finished.max():.0f} points "
                 "above the truth",
        subtitle=f"Share of children with a decision within {DAY} days of coming into care. Filled dots count every "
                 "child, for as long as each was seen; open squares count only waits that are over. The line is the "
                 "true share, known because the children are invented.",
        source="Exampleshire, an invented council, simulated from known hazards. No real child is in it.",
        alt=_alt(blocks),
        data=_table(measures),
        release=Release.INTERNAL,
    )


def _block(axes: Axes, top: float, quarter: Quarter, block: pd.DataFrame) -> list[float]:
    """Draw one quarter from row ``top`` down, and return the rows of its measures."""
    truth, places = block["truth"].iloc[0], [top + row for row in range(len(block))]
    axes.vlines(truth, top - 0.45, places[-1] + 0.4, color=style.TARGET, linewidth=1.4, linestyle=(0, (4, 3)))
    style.write(axes, truth, top - 0.55, f"true share {truth:.0%}", color=style.TARGET, ha="center")
    # the title stands over the labels, outside the axes
    title = f"{quarter.words},\n{_when(quarter)}"
    style.write(axes, -0.02, top - 1.15, title, ha="right", va="center", fontweight="bold")
    for place, name, value in zip(places, block["measure"], block["value"], strict=True):
        everyone = name in EVERYONE
        colour = style.SERIES[0] if everyone else style.SERIES[1]
        axes.plot([truth, value], [place, place], color=colour, linewidth=1.2)
        axes.plot(value, place, color=colour, marker="o" if everyone else "s", markersize=7, linestyle="none",
                  markerfacecolor=colour if everyone else "white", markeredgewidth=1.6)
        style.write(axes, max(value, truth) + 0.025, place, f"{value:.0%}", va="center")
    return places


def _when(quarter: Quarter) -> str:
    return "before the programme" if quarter.last_day < PROGRAMME_START else "with the programme"


def _alt(blocks: list[tuple[Quarter, pd.DataFrame]]) -> str:
    said = []
    for quarter, block in blocks:
        values = [f"{name} {value:.0%}" for name, value in zip(block["measure"], block["value"], strict=True)]
        said.append(f"{quarter.words}, {_when(quarter)}: true share {block['truth'].iloc[0]:.0%}; {', '.join(values)}.")
    return f"Dot chart of the share decided within {DAY} days by five measures. {' '.join(said)}"


def _table(measures: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Quarter": measures["period"],
        "Who is counted": measures["measure"].map(LABELS),
        "Measure": measures["measure"],
        "Share": [f"{value:.0%}" for value in measures["value"]],
        "True share": [f"{truth:.0%}" for truth in measures["truth"]],
        "Points too high": [f"{100 * bias:+.0f}" for bias in measures["bias"]],
    })
