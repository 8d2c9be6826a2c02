"""The only room that draws: released results in, figures with all their words out."""

from __future__ import annotations

from collections.abc import Callable

from pace_analysis.answers import BoardAnswers, answers_alone
from pace_analysis.errors import UsageError, nearest
from pace_analysis.figures import style
from pace_analysis.figures.bars import routes, waiting
from pace_analysis.figures.completeness import draw_completeness
from pace_analysis.figures.curves import decided_by_week, where_they_stand
from pace_analysis.figures.journey import where_children_are
from pace_analysis.figures.refusal import withheld
from pace_analysis.figures.reportfigure import ReportFigure
from pace_analysis.figures.series import run_chart
from pace_analysis.publish.disclosure import Refused

__all__ = ["FIGURES", "ReportFigure", "draw", "draw_completeness", "withheld"]

FIGURES: dict[str, Callable[[BoardAnswers], ReportFigure | Refused]] = {
    "decided_by_week": decided_by_week,
    "where_they_stand": where_they_stand,
    "run_chart": run_chart,
    "where_children_are": where_children_are,
    "routes": routes,
    "waiting": waiting,
}


@style.sheet()
def draw(name: str, answers: BoardAnswers) -> ReportFigure | Refused:
    """Draw one figure by name, or return the gate's refusal; UsageError names the nearest figure.

    DisclosureRefused for anything but answers that passed the gate.
    """
    if name not in FIGURES:
        raise UsageError(f"There is no figure '{name}'.", remedy=nearest(name, FIGURES))
    return FIGURES[name](answers_alone(answers))
