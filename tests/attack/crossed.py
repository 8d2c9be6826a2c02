"""Several measures of the same children held together, and what it tells that a result is not shown.

A result is left out when a count rounds to less than two steps: it is 7 or fewer. Each attack narrows a count by all that
is shown of it and by what was left out for it, and looks for one that must then lie within 1 to 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pace_analysis.publish.audit import preimage
from pace_analysis.publish.disclosure import Refused
from pace_analysis.publish.grouping import is_few
from pace_analysis.publish.keys import FURTHER, NEAREST
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.publish.rounding import nearest_interval

from .attacker import Found
from .reading import Key
from .releasing import Release

STATES = ("decided in time", "left without a decision", "no decision yet")
FEW = max(count for count in range(20) if is_few(count, PUBLIC))
Interval = tuple[int, int]


def crossed(releases: Sequence[Release]) -> Found:
    """Try every way of holding measures together that the reports of a council offer."""
    tried: dict[Key, Interval] = {}
    for release in releases:
        for name, told in (*_curves(release), *_quarters(release), *_changes(release), *_weeks(release)):
            tried[name] = told
    small = [low == high for low, high in tried.values() if low >= 1 and high < PUBLIC.threshold]
    return Found("measures and refusals together", "counts", len(tried), sum(small), len(small))


def _interval(release: Release, key: Key) -> Interval:
    value, method = release.figures[key], release.methods[key]
    if method == NEAREST:
        return nearest_interval(value, PUBLIC)
    return preimage(value, PUBLIC.base, PUBLIC.first_step, int(method == FURTHER))


def _one_of(intervals: dict[Key, Interval]) -> Iterator[tuple[Key, Interval]]:
    """Counts of which at least one is few: where only one can be, it is."""
    can_be = {key: (low, min(high, FEW)) for key, (low, high) in intervals.items() if low <= FEW}
    if len(can_be) == 1:
        yield from can_be.items()


def _curves(release: Release) -> Iterator[tuple[Key, Interval]]:
    """A curve that is not shown, beside the table of the same year."""
    for year, curve in release.shown.curves:
        keys = [key for key in release.figures if key[0] == "aim" and key[-2:] in [(str(year), state) for state in STATES]]
        if isinstance(curve, Refused) and curve.code == "cannot-be-grouped" and len(keys) == len(STATES):
            yield from _one_of({key: _interval(release, key) for key in keys})


def _quarters(release: Release) -> Iterator[tuple[Key, Interval]]:
    """A quarter that is not shown, beside the decisions made in it."""
    for quarter, share in release.shown.progress.quarters:
        for key in release.figures:
            if isinstance(share, Refused) and share.code == "too-few-exits" and key[0] == "decisions made":
                if key[-2:] == (str(quarter), "yes"):
                    yield from _one_of({key: _interval(release, key)})


def _changes(release: Release) -> Iterator[tuple[Key, Interval]]:
    """A change that is not judged for want of steps, beside the steps before and after."""
    for effect in release.shown.effects:
        keys = [key for key in release.figures if key[:2] == ("steps", effect.stage) and effect.began.isoformat() in key]
        if isinstance(effect.rate, Refused) and effect.rate.code == "too-few-exits":
            yield from _one_of({key: _interval(release, key) for key in keys})


def _weeks(release: Release) -> Iterator[tuple[Key, Interval]]:
    """Children decided or gone by some weeks: later never fewer, so that each week narrows those before and after."""
    course = release.shown.journey.occupancy
    if isinstance(course, Refused):
        return
    for state in course.states[-2:]:
        keys = [(*table.key, state) for table in course.tables]
        least, told = 0, []
        for key in keys:
            low, high = _interval(release, key)
            least = max(least, low)
            told.append((least, high))
        most = told[-1][1]
        for key, (low, high) in zip(reversed(keys), reversed(told), strict=True):
            most = min(most, high)
            yield key, (low, most)
