"""What recording does to the truth: every fault, its rate, and what a record looks like on a given day.

Each fault is decided from the seed and the record alone, never from the day it is looked at. Two snapshots are
therefore consistent: a record missing from the first for lateness is in the second, a wrong date is put right.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

FAULTS = MappingProxyType({
    "not_recorded_yet": "start, end or milestone that happened before the data cut and was recorded after it",
    "never_recorded": "milestone that is never recorded",
    "date_to_be_corrected": "date recorded wrongly, and not yet corrected at the data cut",
    "date_corrected": "date recorded wrongly at first, and corrected before the data cut",
    "duplicate_row": "review or referral recorded twice, the second time some days later",
    "duplicate_removed": "such a second record, removed before the data cut",
    "decision_overwritten": "first recommendation replaced by that of the new plan: the decision looks late",
    "destination_not_recorded": "period that ended, destination not recorded",
    "start_reason_not_recorded": "period whose start reason was not recorded",
})

# Share recorded late, and by how many days at least and at most; all else is recorded on the day.
LATENESS = MappingProxyType({"start": (0.15, 2, 21), "end": (0.30, 3, 42), "milestone": (0.40, 3, 42)})
NEVER_RECORDED = MappingProxyType({
    "report_complete": 0.20,
    "panel": 0.10,
    "permanence_planning_meeting": 0.10,
    "matched": 0.10,
    "advice_hearing": 0.10,
    "first_review": 0.05,
    "rehabilitation_ruled_out": 0.05,
    "kinship_options_decided": 0.05,
    "permanence_recommendation": 0.01,
})
WRONG_DATE = 0.04  # of milestones and ends; off by up to three weeks, put right 20 to 240 days after recording
CORRECTED_AFTER = (20, 240)
OFF_BY = 21
RECORDED_TWICE = MappingProxyType({"first_review": 0.04, "reporter_referral": 0.04})
REMOVED_AFTER = (60, 500)
OVERWRITTEN = 0.30  # of plans that were reversed and replaced by another
DESTINATION_NOT_RECORDED = 0.02
START_REASON_NOT_RECORDED = 0.03
CERTAIN_ENDS = ("adopted", "kinship_order", "turned_18", "died")  # taken from an order or a certificate


@dataclass(frozen=True, slots=True)
class Register:
    """The case-management system on the evening of ``as_at``, kept with faults or without."""

    seed: int
    as_at: date
    faults: bool = True

    def chance(self, *record: str) -> float:
        """Uniform number in [0, 1) that belongs to one record and one question about it."""
        key = "|".join((str(self.seed), *record)).encode()
        return int.from_bytes(hashlib.blake2b(key, digest_size=6).digest()) / 2**48

    def happens(self, rate: float, *record: str) -> bool:
        """True for a share ``rate`` of all records, always the same ones."""
        return self.faults and self.chance(*record) < rate

    def days(self, low: int, high: int, *record: str) -> timedelta:
        """Whole number of days from ``low`` to ``high`` that belongs to one record."""
        return timedelta(days=low + int(self.chance(*record) * (high - low + 1)))

    def recorded_on(self, what: str, key: str, day: date) -> date:
        """Day on which something of ``day`` was written down."""
        share, soonest, latest = LATENESS[what]
        late = self.happens(share, "late", what, key)
        return day + self.days(soonest, latest, "lag", what, key) if late else day

    def date_shown(self, key: str, day: date, recorded: date, earliest: date, latest: date) -> tuple[date, str]:
        """Date the record shows, and the fault if any; a wrong date stays within ``earliest`` and ``latest``."""
        if day < earliest or not self.happens(WRONG_DATE, "wrong", key):
            return day, ""
        low = max(earliest, day - timedelta(days=OFF_BY))
        high = min(latest, recorded, day + timedelta(days=OFF_BY))
        wrong = low + self.days(0, (high - low).days, "off", key)
        if wrong == day:
            return day, ""
        if self.as_at >= recorded + self.days(*CORRECTED_AFTER, "corrected", key):
            return day, "date_corrected"
        return wrong, "date_to_be_corrected"
