"""How complete an extract is: for the analyst's own screen, never for a report."""

from __future__ import annotations

import pandas as pd

from pace_analysis.care import periods_of_care
from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish.disclosure import Release
from pace_analysis.tables.schema import CODES, CareTables


def milestone_completeness(tables: CareTables) -> pd.DataFrame:
    """Share of periods away from home with each milestone recorded, by quarter accommodated (milestones as rows)."""
    periods = periods_of_care(tables).frame
    quarter = periods["start"].dt.to_period("Q").astype(str)
    recorded = pd.crosstab(tables.milestone["period_id"], tables.milestone["milestone"]).reindex(periods.index, fill_value=0) > 0
    present = [name for name in CODES["milestone"] if name in recorded]
    return recorded[present].groupby(quarter).mean().T


@style.sheet()
def draw_completeness(tables: CareTables) -> ReportFigure:
    """Heat map of :func:`milestone_completeness`; a fall in the last quarters is recording lag."""
    import seaborn as sns  # late: no report draws with it

    shares = milestone_completeness(tables)
    figure, axes = style.blank(width=9, height=0.8 + 0.32 * len(shares), left=0.28, right=1.0, bottom=0.14, top=0.98)
    sns.heatmap(shares, ax=axes, vmin=0, vmax=1, cmap="crest", linewidths=0.4, linecolor="white",
                cbar_kws={"label": "share of periods with the milestone recorded"})
    axes.set_yticks([row + 0.5 for row in range(len(shares))], [name.replace("_", " ") for name in shares.index], rotation=0)
    style.label(axes, x="Quarter accommodated")
    return ReportFigure(
        "completeness", figure,
        headline="Milestones recorded, by quarter accommodated",
        subtitle="Share of periods away from home. Later milestones need time to happen: compare quarters, not rows.",
        source=tables.extract.source,
        alt="Heat map of the share of periods with each milestone recorded, one row a milestone and one column a quarter.",
        data=shares.round(2).reset_index(),
        release=Release.INTERNAL,
    )
