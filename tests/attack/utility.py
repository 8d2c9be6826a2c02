"""What protection costs: how far the released numbers lie from the exact ones of the same extract."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from pace_analysis.answers import BoardAnswers
from pace_analysis.publish.cells import Key
from pace_analysis.publish.disclosure import ReleasedCurve, ReleasedPeriodShare, ReleasedShare
from pace_analysis.publish.keys import FURTHER, ROUNDED

from .releasing import Release

ANCHOR = 182
POINTS = "percentage points"
YEAR_SHARE, KIND_SHARE = "share in time, by entry year", "share in time, by kind of child"
QUARTER_SHARE = "share at a quarter's rates"
AT_ANCHOR, ANYWHERE, MEDIAN = "curve at 26 weeks", "curve, its largest error", "median wait outside the interval shown"
INNER, MARGIN, KEPT = "cell of a table", "total or subtotal", "count kept after a correction"
UNITS = {YEAR_SHARE: POINTS, KIND_SHARE: POINTS, QUARTER_SHARE: POINTS, AT_ANCHOR: POINTS, ANYWHERE: POINTS,
         MEDIAN: "days", INNER: "children", MARGIN: "children", KEPT: "children"}

Errors = Mapping[str, list[float]]


def errors(releases: Sequence[Release]) -> Errors:
    """Absolute errors of everything that one council released, by kind; whatever is shown twice counts once."""
    found: dict[str, list[float]] = defaultdict(list)
    curves_seen: set[str] = set()
    counts_seen: dict[Key, int] = {}
    for release in releases:
        for name, error in itertools.chain(_shares(release.shown, release.truth), _curves(release, curves_seen),
                                           _counts(release, counts_seen)):
            found[name].append(error)
    return dict(found)


def summary(found: Errors) -> pd.DataFrame:
    """How many there were, mean, 95th percentile and largest error, by kind."""
    rows = {name: (len(values), float(np.mean(values)), float(np.quantile(values, 0.95)), max(values))
            for name in UNITS if (values := found.get(name))}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["number", "mean", "p95", "largest"])


def _shares(shown: BoardAnswers, truth: BoardAnswers) -> Iterator[tuple[str, float]]:
    pairs = ((YEAR_SHARE, shown.progress.years, truth.progress.years),
             (KIND_SHARE, shown.by_cohort.shares, truth.by_cohort.shares),
             (QUARTER_SHARE, shown.progress.quarters, truth.progress.quarters))
    for name, released, exact in pairs:
        true = {str(label): share for label, share in exact}
        for label, share in released:
            if isinstance(share, ReleasedShare) and isinstance(true.get(str(label)), ReleasedShare):
                yield name, abs(share.percent - 100 * true[str(label)].numerator / true[str(label)].denominator)
            elif isinstance(share, ReleasedPeriodShare) and isinstance(true.get(str(label)), ReleasedPeriodShare):
                yield name, abs(share.percent - true[str(label)].percent)


def _curves(release: Release, seen: set[str]) -> Iterator[tuple[str, float]]:
    """Grouped curves against the daily shares of the extract that they were first made from."""
    for year, curve in release.shown.curves:
        if not isinstance(curve, ReleasedCurve) or str(year) in seen:
            continue
        seen.add(str(year))
        waits = release.waits[str(year)]
        edges, decided = [0, *curve.points["day"]], [0.0, *curve.points["estimate_1"]]
        days = np.arange(edges[-1] + 1)
        exact = _share_by(waits[waits["outcome"] == 1], days, len(waits))
        off = np.abs(np.interp(days, edges, decided) - exact)
        yield AT_ANCHOR, 100 * float(off[ANCHOR])
        yield ANYWHERE, 100 * float(off.max())
        waiting = 1 - _share_by(waits[waits["outcome"] > 0], days, len(waits))
        if (median := curve.median()) and (waiting <= 0.5).any():
            day = int(np.argmax(waiting <= 0.5))
            yield MEDIAN, float(max(median[0] - day, day - median[1], 0))


def _share_by(waits: pd.DataFrame, days: np.ndarray, n: int) -> np.ndarray:
    return np.searchsorted(np.sort(waits["day"].to_numpy()), days, side="right") / n


def _counts(release: Release, seen: dict[Key, int]) -> Iterator[tuple[str, float]]:
    margins = {parent for parent, _ in release.sums}
    for key, method in release.methods.items():
        count = release.exact.get(key)
        if method not in (ROUNDED, FURTHER) or count is None or seen.get(key) == count:
            continue
        kind = KEPT if key in seen else MARGIN if key in margins else INNER
        seen[key] = count
        yield kind, float(abs(release.figures[key] - count))
