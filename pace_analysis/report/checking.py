"""What an analyst sees of a check: format, rows accounted for, findings by rule, the worst rows. Never published."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from io import BytesIO
from pathlib import Path

import pandas as pd

from pace_analysis.dates import say_date
from pace_analysis.disk import replace_file
from pace_analysis.errors import DataRulesError, InputError, OutputError, UsageError
from pace_analysis.extract import read_extract
from pace_analysis.extract.ssda903 import read_return
from pace_analysis.report.blocks import FORMULA_STARTS
from pace_analysis.settings import resolve
from pace_analysis.tables.check import CheckReport, Finding, check, set_aside
from pace_analysis.tables.rules import RULES
from pace_analysis.tables.schema import CareTables

WORST = 10
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a terminal would obey such a character, a workbook cannot hold it
MARK = "RESTRICTED"
TITLE = f"{MARK}: holds the numbers of children. For the people who correct the records, never for a report."
SHEET_ROWS = 1_048_576 - 2  # rows of a sheet less the title and the headings


@dataclass(frozen=True)
class Checked:
    """One extract, read and checked.

    Attributes
    ----------
    tables : CareTables
        The extract as read.
    report : CheckReport
        Every finding of the rules reported on.
    accounts : DataFrame
        Rows read, used and set aside by table, and rows set aside by reason; always by all rules.
    repairs : DataFrame or None
        Every value that a repair changed, old and new; None when nothing was to be repaired. Restricted.
    """

    tables: CareTables
    report: CheckReport
    accounts: pd.DataFrame
    repairs: pd.DataFrame | None = None

    @property
    def by_rule(self) -> pd.DataFrame:
        """Rules that found something, errors first."""
        rules = self.report.by_rule()
        return rules[rules["findings"] > 0].reset_index(drop=True)

    @property
    def worst(self) -> pd.DataFrame:
        """The ten worst findings, one row each; ``row`` is ``"all"`` where it is the table. Restricted: holds ids."""
        return pd.DataFrame([
            {"rule": f.rule, "table": f.table, "row": f.row or "all", "id": f.id, "says": f.says, "counted": f.counted}
            for f in self.report.worst(WORST)
        ], columns=["rule", "table", "row", "id", "says", "counted"])

    def only(self, rules: Iterable[str]) -> Checked:
        """Return the findings of some rules alone; no rule named means all. The accounts stay those of all rules.

        Raises
        ------
        UsageError
            If there is no such rule; the nearest is named.
        """
        rules = tuple(rules)
        return replace(self, report=self.report.only(rules)) if rules else self

    def exit_code(self, max_errors: int = 0) -> int:
        """Exit code of the command: 12 with more than ``max_errors`` errors, otherwise 0."""
        return DataRulesError.exit_code if self.report.errors > max_errors else 0

    def text(self) -> str:
        """Return the summary as lines for the analyst's screen. Restricted: holds ids."""
        extract, report = self.tables.extract, self.report
        window = f", covering from {say_date(extract.covers_from)}" if extract.covers_from else ""
        lines = [f"{extract.source}: read as {extract.form}, data to {say_date(extract.as_at)}{window}"]
        lines += [f"  {note}" for note in (*extract.definitions, *extract.notes)]
        lines += [f"  not read: {count:,} x {reason}" for reason, count in extract.set_aside]
        lines += _account_lines(self.accounts)
        lines.append(f"{report.errors:,} errors, {report.warnings:,} warnings")
        lines += [
            f"  {row.rule}  {row.severity:7} {row.findings:>7,}  {row.says}{f' ({row.also})' if row.also else ''}"
            for row in self.by_rule.itertuples()
        ]
        worst = report.worst(WORST)
        if worst:
            lines.append(f"The {len(worst)} worst of {len(report.findings):,} findings, one of each rule first:")
            lines += [line for finding in worst for line in _finding_lines(finding)]
        return "\n".join(CONTROL.sub("\ufffd", line) for line in lines)

    def to_json(self) -> str:
        """Return counts by rule and by table as JSON: no row, no id."""
        extract, report = self.tables.extract, self.report
        told = {
            "source": extract.source,
            "form": extract.form,
            "as_at": extract.as_at.isoformat(),
            "errors": report.errors,
            "warnings": report.warnings,
            "rules": report.by_rule().to_dict("records"),
            "accounts": self.accounts.to_dict("index"),
            "not_read": [{"reason": reason, "rows": count} for reason, count in extract.set_aside],
        }
        return json.dumps(told, ensure_ascii=False, indent=2)

    def write(self, path: str | Path) -> Path:
        """Write every finding for the people who correct the records, as CSV or XLSX by the name's ending.

        The file is restricted, since it holds ids: it says so in its first line (and in the name of the sheet),
        and its name ends in ``-RESTRICTED``. No cell can run as a formula. A log of repairs is written beside it.

        Returns
        -------
        Path
            The file written, under the name it was given.

        Raises
        ------
        UsageError
            If the name ends neither in ``.csv`` nor in ``.xlsx``.
        OutputError
            If the file cannot be written; what was there is untouched.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in (".csv", ".xlsx"):
            raise UsageError(f"Findings are written as .csv or .xlsx, not as '{path.suffix}'.", where=path.name,
                             remedy=f"Write for example {path.stem}.csv.")
        if not path.stem.endswith(f"-{MARK}"):
            path = path.with_name(f"{path.stem}-{MARK}{path.suffix}")
        content = _csv(self._for_file()) if ending == ".csv" else _xlsx(self._for_file(), path)
        _put_in_place(content, path)
        if self.repairs is not None:
            beside = path.with_name(f"{path.stem.removesuffix(f'-{MARK}')}-repairs-{MARK}.csv")
            _put_in_place(_csv(self.repairs.map(neutral)), beside)
        return path

    def _for_file(self) -> pd.DataFrame:
        """Every finding in the rule's words, each cell harmless; no row number where it is the whole table."""
        findings = self.report.findings
        words = {name: findings["rule"].map({code: getattr(rule, name) for code, rule in RULES.items()})
                 for name in ("says", "remedy", "also")}
        rows = findings["row"].astype(object).where(findings["row"] != 0, "")
        return findings.assign(row=rows, **words).map(neutral)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"


def check_extract(path: str | Path, *, repair: bool = False) -> Checked:
    """Read an extract and run every rule over it; raises InputError if it cannot be read or recognised.

    ``repair`` mends the named defects of an SSDA903 return first and keeps the log of it.
    """
    found = resolve(path)
    quarters = sorted(folder.name for folder in found.glob("[12]???Q[1-4]")) if found.is_dir() else []
    if quarters:
        raise InputError(f"'{found.name}' holds one extract a quarter: {', '.join(quarters)}.", where=str(path),
                         remedy=f"Name one of them: pace check {Path(path) / quarters[-1]}")
    tables = read_extract(found, repair=repair)
    log = read_return(found.resolve(), repair=True).repairs if repair else None
    report = check(tables)
    return Checked(tables, report, set_aside(tables, report)[1], log)


def neutral(cell: object) -> object:
    """Return a cell that a spreadsheet shows as text instead of running it as a formula."""
    if not isinstance(cell, str):
        return cell
    return CONTROL.sub("\ufffd", f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell)


def _account_lines(accounts: pd.DataFrame) -> Iterator[str]:
    """Rows of each table: read = used + set aside, then the reasons."""
    reasons = accounts.columns.drop(["read", "used", "set_aside"])
    for table, row in accounts.iterrows():
        yield f"  {table:10} {row['read']:>8,} rows read = {row['used']:>8,} used + {row['set_aside']:>6,} set aside"
        for reason in reasons[row[reasons] > 0]:
            words = f"{reason}: {RULES[reason].says}" if reason in RULES else f"their {reason}"
            yield f"  {'':10} {row[reason]:>8,} {words}"


def _finding_lines(finding: Finding) -> tuple[str, str]:
    where = f"row {finding.row} (id {finding.id})" if finding.row else "table"
    counted = f" {finding.counted}." if finding.counted else ""
    return f"  {finding.rule}  {finding.table} {where}: {finding.says}{counted}", f"       {finding.remedy}"


def _csv(findings: pd.DataFrame) -> bytes:
    return "\n".join([TITLE, findings.to_csv(index=False, lineterminator="\n")]).encode()


def _xlsx(findings: pd.DataFrame, path: Path) -> bytes:
    if len(findings) > SHEET_ROWS:
        raise OutputError(f"A sheet cannot hold {len(findings):,} findings.", where=str(path),
                          remedy="Write them as .csv, or look at some rules alone.")
    content = BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl") as book:
        findings.to_excel(book, sheet_name=MARK, index=False, startrow=1)
        sheet = book.sheets[MARK]
        sheet["A1"] = TITLE
        sheet.freeze_panes = "A3"
        for row in sheet.iter_rows(min_row=3):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # never a formula, an error value or a number
    return content.getvalue()


def _put_in_place(content: bytes, path: Path) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise OutputError(f"The findings cannot be written: {error.strerror}.", where=str(path),
                          remedy="Check that the folder exists and the file is not open elsewhere.") from None
