"""What became of the rows of one file: rows read = rows used + rows set aside, by reason."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the rows of one file: read = used + set aside."""

    file: str
    read: int
    used: int
    set_aside: tuple[tuple[str, int], ...] = ()

    def sentence(self) -> str:
        """Say the account in one sentence."""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.set_aside)
        aside = f"; set aside: {reasons}" if reasons else ""
        return f"{self.file}: {self.read} rows read, {self.used} used{aside}."


def account(file: str, reasons: pd.Series, blank_rows: int = 0) -> Account:
    """Account of a file from one reason a row, ``""`` where the row is used, and its blank rows."""
    counted = reasons[reasons != ""].value_counts().sort_index()
    aside = tuple((reason, int(count)) for reason, count in counted.items())
    blank = (("blank", blank_rows),) if blank_rows else ()
    return Account(file, len(reasons) + blank_rows, int((reasons == "").sum()), aside + blank)


def unused(file: str, rows: int, reason: str) -> Account:
    """Account of a file of which no row is used, for one reason."""
    return Account(file, rows, 0, ((reason, rows),) if rows else ())


def set_aside_of(accounts: tuple[Account, ...]) -> tuple[tuple[str, int], ...]:
    """Reasons and counts of all accounts, as :class:`~pace_analysis.tables.schema.Extract` names them."""
    return tuple((f"{booked.file}: {reason}", count) for booked in accounts for reason, count in booked.set_aside)
