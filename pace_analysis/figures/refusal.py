"""What stands in the place of a figure that may not be shown."""

from __future__ import annotations

import pandas as pd

from pace_analysis.figures import style
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.publish.disclosure import Refused


@style.sheet()
def withheld(name: str, refused: Refused, source: str) -> ReportFigure:
    """Draw an empty panel; the gate's sentence stands under the headline."""
    figure, axes = style.blank(height=0.5, left=0.02, right=0.98, bottom=0.05, top=0.95)
    axes.set_axis_off()
    style.write(axes, 0.5, 0.5, "not shown", color=style.GREY, ha="center", va="center")
    return ReportFigure(
        name, figure, headline="This figure is not shown", subtitle=refused.sentence, source=source,
        alt=f"An empty panel. {refused.sentence}",
        data=pd.DataFrame({"Result": [name.replace("_", " ")], "Why it is not shown": [refused.sentence]}),
        release=refused.release,
    )
