"""Measures: one clock each, asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from pace_analysis.errors import UsageError, nearest


@dataclass(frozen=True, slots=True)
class Measure:
    """One clock: from which milestone to which. Leaving care first competes; the data cut censors."""

    id: str
    title: str
    start: str
    finish: str
    question: str


def _register(*measures: Measure) -> MappingProxyType[str, Measure]:
    return MappingProxyType({measure.id: measure for measure in measures})


MEASURES = _register(
    Measure("decision", "Accommodated to permanence decision", "accommodated", "permanence_recommendation",
            "How long do children wait for a decision on where they will live for good?"),
    Measure("agency-decision", "Permanence decision to agency decision", "permanence_recommendation", "agency_decision",
            "How long after the review's recommendation does the agency decide?"),
    Measure("panel", "Return home ruled out to panel", "rehabilitation_ruled_out", "panel",
            "How long after return home is ruled out does the panel consider the child?"),
    Measure("court", "Agency decision to court application", "agency_decision", "court_lodged",
            "How long after the agency decision is the court asked?"),
    Measure("order", "Court application to final order", "court_lodged", "order_granted",
            "How long does the court take?"),
    Measure("placed", "Permanence decision to final placement", "permanence_recommendation", "placed",
            "How long after the decision does the child move to the family they will stay with?"),
)


def measure(name: str) -> Measure:
    """Return the measure called ``name``; UsageError names the nearest when there is none."""
    if name not in MEASURES:
        raise UsageError(f"There is no measure '{name}'.", remedy=nearest(name, MEASURES))
    return MEASURES[name]
