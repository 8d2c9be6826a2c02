"""Quarters, reporting years and calendar limits, all in whole days."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from pace_analysis.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

MONTH_NAMES = calendar.month_name


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A calendar quarter, such as 2015Q3 (July to September 2015)."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if self.number not in (1, 2, 3, 4) or not 1900 <= self.year <= 9998:
            raise ValueError(f"no such quarter: {self.year}Q{self.number}")

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read ``YYYYQn``; raises :class:`UsageError` with the form to type."""
        match = re.fullmatch(r"(19\d\d|[2-8]\d{3})Q([1-4])", str(text).strip().upper())
        if not match:
            raise UsageError(
                f"Quarter '{text}' is not understood.",
                remedy="Write the calendar year, Q and 1 to 4, for example 2015Q3 (July to September 2015).",
            )
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, day: date) -> Quarter:
        """Return the quarter that holds ``day``."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.shift(1).first_day - timedelta(days=1)

    def shift(self, quarters: int) -> Quarter:
        """Return the quarter so many quarters later (earlier when negative)."""
        year, index = divmod(4 * self.year + self.number - 1 + quarters, 4)
        return Quarter(year, index + 1)

    @property
    def words(self) -> str:
        """Months in words: ``July to September 2015``."""
        month = 3 * self.number - 2
        return f"{MONTH_NAMES[month]} to {MONTH_NAMES[month + 2]} {self.year}"

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"


@dataclass(frozen=True, order=True, slots=True)
class ReportingYear:
    """Twelve months from the first day of ``start_month``, named ``2014/15``."""

    start_year: int
    start_month: int = 4

    @classmethod
    def of(cls, day: date, start_month: int = 4) -> ReportingYear:
        """Return the reporting year that holds ``day``."""
        return cls(day.year - (day.month < start_month), start_month)

    @property
    def first_day(self) -> date:
        return date(self.start_year, self.start_month, 1)

    @property
    def last_day(self) -> date:
        return ReportingYear(self.start_year + 1, self.start_month).first_day - timedelta(days=1)

    def __str__(self) -> str:
        if self.start_month == 1:
            return str(self.start_year)
        return f"{self.start_year}/{(self.start_year + 1) % 100:02d}"


def years_between(first: date, last: date, start_month: int = 4) -> Iterator[ReportingYear]:
    """Yield every reporting year that lies wholly within ``first``..``last``."""
    year = ReportingYear.of(first, start_month)
    while year.last_day <= last:
        if year.first_day >= first:
            yield year
        year = ReportingYear(year.start_year + 1, start_month)


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit such as 26 weeks or 6 calendar months; the last day still counts.

    Calendar months end on the same day of the month, or on the month's last day where
    that day does not exist (31 August + 6 months = 28 or 29 February).
    """

    number: int
    unit: Literal["days", "weeks", "months"]

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read ``"26 weeks"``, ``"6 months"``, ``"1 year"`` or ``"14 days"``; ValueError otherwise."""
        match = re.fullmatch(r"\s*(\d{1,4})\s+(day|week|month|year)s?\s*", str(text))
        if not match or int(match[1]) == 0:
            raise ValueError(f"'{text}' is not a time limit; write for example \"26 weeks\", \"6 months\" or \"14 days\"")
        number, unit = int(match[1]), match[2]
        return cls(12 * number, "months") if unit == "year" else cls(number, f"{unit}s")

    @property
    def nominal_days(self) -> int:
        """Days of the limit on the life table's clock; six calendar months are 182 days there."""
        return {"days": 1, "weeks": 7}.get(self.unit, 0) * self.number or int(self.number * 365.25 / 12)

    def due(self, start: np.ndarray) -> np.ndarray:
        """Last day within the limit, for an array of start days (``datetime64[D]``, NaT stays NaT)."""
        import numpy as np  # late: settings need limits and no numpy

        start = np.asarray(start, dtype="datetime64[D]")
        if self.unit != "months":
            return start + self.nominal_days
        month = start.astype("datetime64[M]")
        day_of_month = (start - month.astype("datetime64[D]")).astype("int64")
        due_month = month + self.number
        days_in_due_month = ((due_month + 1).astype("datetime64[D]") - due_month.astype("datetime64[D]")).astype("int64")
        due = due_month.astype("datetime64[D]") + np.minimum(day_of_month, days_in_due_month - 1)
        return np.where(np.isnat(start), np.datetime64("NaT", "D"), due)

    def __str__(self) -> str:
        return f"{self.number} {self.unit if self.number != 1 else self.unit[:-1]}"


def say_date(day: date) -> str:
    """Write a date as a board paper does: ``17 November 2015``."""
    return f"{day.day} {MONTH_NAMES[day.month]} {day.year}"
