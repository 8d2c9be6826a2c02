"""What the council's system shows on a day: the four canonical tables, with recording faults or without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from pace_analysis.errors import UsageError
from pace_analysis.extract.sample.changes import changes_on
from pace_analysis.extract.sample.faults import (
    CERTAIN_ENDS,
    DESTINATION_NOT_RECORDED,
    FAULTS,
    NEVER_RECORDED,
    OVERWRITTEN,
    RECORDED_TWICE,
    REMOVED_AFTER,
    START_REASON_NOT_RECORDED,
    Register,
)
from pace_analysis.extract.sample.intake import LAST_ENTRY
from pace_analysis.extract.sample.journey import Step
from pace_analysis.extract.sample.lives import SEED, Life, Stay
from pace_analysis.tables.schema import TABLES, CareTables, Extract

SOURCE = "Exampleshire case-management system (invented)"
COVERS_FROM = date(2010, 4, 1)
RECOMMENDATION = "permanence_recommendation"


@dataclass(frozen=True, slots=True)
class _Shown:
    """One period as the system shows it, and the faults in it."""

    period: tuple
    milestones: tuple[tuple, ...]
    faults: tuple[str, ...]


def snapshot(
    lives: tuple[Life, ...],
    as_at: date,
    covers_from: date = COVERS_FROM,
    *,
    seed: int = SEED,
    faults: bool = True,
) -> CareTables:
    """Return the extract the system would give on the evening of ``as_at``.

    Parameters
    ----------
    lives : tuple of Life
        From :func:`simulate`.
    as_at, covers_from : date
        Data cut, and first day of the window. Periods that ended before the window are absent; children whose
        period began before it are there with their true start and all its milestones.
    seed : int
        Decides which records are faulty; the same seed for two snapshots of one council.
    faults : bool
        False gives the truth up to ``as_at``, every record on its day.

    Raises
    ------
    UsageError
        When ``as_at`` is before the window or after the last day simulated.
    """
    child, shown = _look(lives, Register(seed, as_at, faults), covers_from)
    rows = {
        "child": child,
        "period": [one.period for one in shown],
        "milestone": sorted((row for one in shown for row in one.milestones), key=lambda row: (row[0], row[2], row[1])),
        "change": changes_on(as_at),
    }
    frames = {name: _frame(name, rows[name]) for name in TABLES}
    return CareTables(**frames, extract=Extract(SOURCE, "canonical", as_at, covers_from))


def count_faults(
    lives: tuple[Life, ...], as_at: date, covers_from: date = COVERS_FROM, *, seed: int = SEED
) -> dict[str, int]:
    """Return how many faults of each kind of ``FAULTS`` the snapshot of ``as_at`` holds, or would have held."""
    _, shown = _look(lives, Register(seed, as_at), covers_from)
    counted = Counter(fault for one in shown for fault in one.faults)
    late_starts = _not_yet_started(lives, Register(seed, as_at))
    return {fault: counted[fault] + (late_starts if fault == "not_recorded_yet" else 0) for fault in FAULTS}


def _look(lives: tuple[Life, ...], register: Register, covers_from: date) -> tuple[list[tuple], list[_Shown]]:
    if not covers_from <= register.as_at <= LAST_ENTRY:
        raise UsageError(
            f"The invented council has no extract of {register.as_at}.",
            remedy=f"Choose a day from {covers_from} to {LAST_ENTRY}.",
        )
    child, shown = [], []
    for life in lives:
        stays = [stay for stay in life.stays if _in_window(stay, register, covers_from)]
        if stays:
            child.append((life.child_id, life.born, life.sex, life.sibling_group))
            shown += [_show(stay, register) for stay in stays]
    return child, shown


def _in_window(stay: Stay, register: Register, covers_from: date) -> bool:
    known = register.recorded_on("start", stay.period_id, stay.start) if stay.kind == "away" else stay.start
    return known <= register.as_at and stay.end >= covers_from


def _not_yet_started(lives: tuple[Life, ...], register: Register) -> int:
    away = (stay for life in lives for stay in life.stays if stay.kind == "away" and stay.start <= register.as_at)
    return sum(register.recorded_on("start", stay.period_id, stay.start) > register.as_at for stay in away)


def _show(stay: Stay, register: Register) -> _Shown:
    if stay.kind != "away":
        return _show_true(stay, register)
    end, end_reason, end_faults = _end(stay, register)
    kept, lost = _not_overwritten(stay, register)
    reason, faults = stay.start_reason, [*end_faults, *lost]
    if register.happens(START_REASON_NOT_RECORDED, "start reason", stay.period_id):
        reason = "not_known"
        faults.append("start_reason_not_recorded")
    milestones = []
    for key, step in kept:
        for day, fault in _records(stay, key, step, register):
            faults += [fault] if fault else []
            milestones += [_row(stay, Step(step.milestone, day, step.route))] if day else []
    return _Shown(_period(stay, reason, end, end_reason), tuple(milestones), tuple(faults))


def _show_true(stay: Stay, register: Register) -> _Shown:
    """Supervision at home and short breaks are shown as they were: no wait starts from them."""
    end, end_reason = (stay.end, stay.end_reason) if stay.end <= register.as_at else (None, "")
    return _Shown(_period(stay, stay.start_reason, end, end_reason), tuple(_row(stay, step) for step in stay.steps), ())


def _end(stay: Stay, register: Register) -> tuple[date | None, str, tuple[str, ...]]:
    """Last day and reason as shown; an end may be a few days off, but never before the last milestone."""
    key, reason, faults = stay.period_id, stay.end_reason, []
    if stay.end > register.as_at:
        return None, "", ()
    recorded = register.recorded_on("end", key, stay.end)
    if recorded > register.as_at:
        return None, "", ("not_recorded_yet",)
    if reason in CERTAIN_ENDS:
        return stay.end, reason, ()
    earliest = max([stay.start, *(step.day for step in stay.steps)])
    end, fault = register.date_shown(f"{key} end", stay.end, recorded, earliest, stay.end)
    faults += [fault] if fault else []
    if register.happens(DESTINATION_NOT_RECORDED, "destination", key):
        reason = "not_known"
        faults.append("destination_not_recorded")
    return end, reason, tuple(faults)


def _not_overwritten(stay: Stay, register: Register) -> tuple[list[tuple[str, Step]], tuple[str, ...]]:
    """Milestones with their keys, without a first recommendation that a later one has replaced; and that fault."""
    keyed = [(f"{stay.period_id} {place} {step.milestone}", step) for place, step in enumerate(stay.steps)]
    recommended = [one for one in keyed if one[1].milestone == RECOMMENDATION]
    again = recommended[1:] if register.happens(OVERWRITTEN, "overwritten", stay.period_id) else []
    if not any(_known(key, step, register) for key, step in again):
        return keyed, ()
    return [one for one in keyed if one is not recommended[0]], ("decision_overwritten",)


def _known(key: str, step: Step, register: Register) -> bool:
    never = register.happens(NEVER_RECORDED.get(step.milestone, 0.0), "never", key)
    return not never and register.recorded_on("milestone", key, step.day) <= register.as_at


def _records(stay: Stay, key: str, step: Step, register: Register) -> Iterator[tuple[date | None, str]]:
    """Every date the system shows for one milestone (none, one or two), and what is wrong with it."""
    if step.day > register.as_at:
        return
    if not _known(key, step, register):
        never = register.happens(NEVER_RECORDED.get(step.milestone, 0.0), "never", key)
        yield None, "never_recorded" if never else "not_recorded_yet"
        return
    recorded = register.recorded_on("milestone", key, step.day)
    yield register.date_shown(key, step.day, recorded, stay.start, stay.end)
    if register.happens(RECORDED_TWICE.get(step.milestone, 0.0), "twice", key):
        second = min(step.day + register.days(1, 14, "second", key), stay.end)
        seen_from = max(recorded, second) + timedelta(days=1)
        if second > step.day and seen_from <= register.as_at:
            removed = register.as_at >= seen_from + register.days(*REMOVED_AFTER, "removed", key)
            yield (None, "duplicate_removed") if removed else (second, "duplicate_row")


def _period(stay: Stay, start_reason: str, end: date | None, end_reason: str) -> tuple:
    child_id = stay.period_id.split("-")[0]
    return (stay.period_id, child_id, stay.kind, stay.start, start_reason, end, end_reason)


def _row(stay: Stay, step: Step) -> tuple:
    return (stay.period_id, step.milestone, step.day, step.route)


def _frame(name: str, rows: list[tuple]) -> pd.DataFrame:
    """Rows as a canonical table; the index is the row a CSV of it would have, header = row 1."""
    columns = TABLES[name]
    frame = pd.DataFrame(rows, columns=[column.name for column in columns], dtype="object")
    for column in columns:
        if column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[ns]")
    return frame.set_index(pd.RangeIndex(2, 2 + len(frame)))
