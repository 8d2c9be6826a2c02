"""What an analyst sees of a check: format, rows accounted for, findings by rule, the worst rows. Never published."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from pace_analysis.dates import say_date
from pace_analysis.errors import InputError, OutputError
from pace_analysis.extract import read_extract
from pace_analysis.settings import resolve
from pace_analysis.tables.check import CheckReport, check, set_aside
from pace_analysis.tables.schema import CareTables

WORST = 10
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell


@dataclass(frozen=True)
class Checked:
    """One extract, read and checked.

    Attributes
    ----------
    tables : CareTables
        The extract as read.
    report : CheckReport
        Every finding.
    accounts : DataFrame
        Rows read, used and set aside by table.
    """

    tables: CareTables
    report: CheckReport
    accounts: pd.DataFrame

    @property
    def by_rule(self) -> pd.DataFrame:
        """Rules that found something, errors first."""
        rules = self.report.by_rule()
        return rules[rules["findings"] > 0].reset_index(drop=True)

    @property
    def worst(self) -> pd.DataFrame:
        """The first ten findings, one row each. Restricted: holds ids."""
        return pd.DataFrame([
            {"rule": f.rule, "table": f.table, "row": f.row, "id": f.id, "says": f.says} for f in self.report.worst(WORST)
        ], columns=["rule", "table", "row", "id", "says"])

    def text(self) -> str:
        """Return the summary as lines for the analyst's screen."""
        extract = self.tables.extract
        window = f", covering from {say_date(extract.covers_from)}" if extract.covers_from else ""
        lines = [f"{extract.source}: read as {extract.form}, data to {say_date(extract.as_at)}{window}"]
        lines += [f"  {note}" for note in (*extract.definitions, *extract.notes)]
        lines += [f"  not read: {count:,} x {reason}" for reason, count in extract.set_aside]
        lines += [f"  {name:10} {row.read:>8,} rows read, {row.used:>8,} can be used, {row.set_aside:>6,} break an error rule "
                  "or depend on one" for name, row in self.accounts.iterrows()]
        lines.append(f"{self.report.errors:,} errors, {self.report.warnings:,} warnings")
        lines += [f"  {row.rule}  {row.severity:7} {row.findings:>7,}  {row.says}" for row in self.by_rule.itertuples()]
        if len(self.worst):
            lines.append(f"First {len(self.worst)} findings:")
            lines += [f"  {row.rule}  {row.table} row {row.row} (id {row.id}): {row.says}" for row in self.worst.itertuples()]
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """Write every finding to a CSV for the case-management team; the file is restricted, it holds ids.

        Raises
        ------
        OutputError
            If the file cannot be written; what was there is untouched.
        """
        words = self.report.by_rule().set_index("rule")[["says", "remedy"]]
        findings = self.report.findings.join(words, on="rule").map(neutral)
        aside = path.with_name(f".{path.name}.new")
        try:
            findings.to_csv(aside, index=False, encoding="utf-8", lineterminator="\n")
            os.replace(aside, path)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise OutputError(f"The findings cannot be written: {error.strerror}.", where=str(path),
                              remedy="Check that the folder exists and the file is not open elsewhere.") from None

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"


def check_extract(path: str | Path) -> Checked:
    """Read an extract and run every rule over it; raises InputError if it cannot be read or recognised."""
    found = resolve(path)
    quarters = sorted(folder.name for folder in found.glob("[12]???Q[1-4]")) if found.is_dir() else []
    if quarters:
        raise InputError(f"'{found.name}' holds one extract a quarter: {', '.join(quarters)}.", where=str(path),
                         remedy=f"Name one of them: pace check {Path(path) / quarters[-1]}")
    tables = read_extract(found)
    report = check(tables)
    return Checked(tables, report, set_aside(tables, report)[1])


def neutral(cell: object) -> object:
    """Return a cell that a spreadsheet shows as text instead of running it as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
