"""The run chart of the headline: quarter by quarter, against a baseline from before the programme, with the changes marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from pace_analysis.aims import Progress
from pace_analysis.dates import Quarter
from pace_analysis.improvement import Chart, Point, chart
from pace_analysis.publish import disclosure as gate
from pace_analysis.study import Study

BASELINE_AT_LEAST = 8  # quarters: the fewest that a frozen centre line may rest on
POINTS_AT_LEAST = 3
TOO_FEW = gate.Refused("too-few-quarters", "Not shown: fewer than three quarters hold enough decisions to be published.")


@dataclass(frozen=True)
class RunChart:
    """A run chart made of released quarterly shares alone.

    Attributes
    ----------
    chart : Chart or Refused
    quarters : tuple of Quarter
        One a point, oldest first.
    baseline : int
        First points that the centre line was frozen on; 0 when all points make it.
    changes : tuple of (number, date)
        Where the tests of change in the register began, numbered as the register is printed.
    """

    chart: Chart | gate.Refused
    quarters: tuple[Quarter, ...]
    baseline: int
    changes: tuple[tuple[int, date], ...]


def run_chart(study: Study, progress: Progress) -> RunChart:
    """Chart the share of each quarter; a quarter that is not over, or could not be shown, takes part in no rule."""
    quarters = tuple(quarter for quarter, _ in progress.quarters)
    points = [_point(study, quarter, result) for quarter, result in progress.quarters]
    start = study.authority.programme_start
    before = sum(quarter.last_day < start for quarter in quarters) if start else 0
    baseline = before if sum(point.value is not None for point in points[:before]) >= BASELINE_AT_LEAST else 0
    shown = sum(point.value is not None and point.mature for point in points)
    made = TOO_FEW if shown < POINTS_AT_LEAST else chart(
        points, "run", rules=study.authority.chart_rules, baseline=baseline or None, target=float(progress.aim.share), better="up"
    )
    return RunChart(made, quarters, baseline, _begun(study))


def numbered_register(register: pd.DataFrame) -> pd.DataFrame:
    """The register in the order in which it is printed, numbered from 1."""
    ordered = register.sort_values(["start_date", "title"], kind="stable")
    return ordered.assign(number=range(1, len(ordered) + 1))


def _point(study: Study, quarter: Quarter, result: gate.ReleasedPeriodShare | gate.Refused) -> Point:
    value = None if isinstance(result, gate.Refused) else result.percent / 100
    return Point(str(quarter), value, mature=quarter.last_day <= study.as_at)


def _begun(study: Study) -> tuple[tuple[int, date], ...]:
    rows = numbered_register(study.tables.change)
    begun = rows[(rows["start_date"] <= pd.Timestamp(study.as_at)) & (rows["status"] != "planned")]
    return tuple(zip(begun["number"], begun["start_date"].dt.date, strict=True))
