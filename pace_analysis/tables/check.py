"""Run every rule once over canonical tables, and set aside the rows that cannot be counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pandas as pd

from pace_analysis.errors import UsageError, nearest
from pace_analysis.tables.rules import RULES, Joined, Rule
from pace_analysis.tables.schema import TABLES, CareTables

COLUMNS = ["rule", "severity", "table", "row", "id", "counted"]
WHOLE_TABLE = 0  # in place of a row number, which begins at 2
PARENTS = MappingProxyType({"period": ("child", "child_id"), "milestone": ("period", "period_id")})


@dataclass(frozen=True, slots=True)
class Finding:
    """One row, or one table as a whole, that breaks one rule.

    Attributes
    ----------
    rule, severity, says, remedy : str
        The rule's own words.
    table : str
        Table the row is in.
    row : int
        Row number in the file read (header = row 1); :data:`WHOLE_TABLE` (0) for a finding about the table.
    id : str
        The row's child, period or change; for the analyst's own screen, never for a report. ``""`` for a table.
    counted : str
        What a rule of the whole table counted, in words; ``""`` for a row.
    """

    rule: str
    severity: str
    table: str
    row: int
    id: str
    says: str
    remedy: str
    counted: str = ""


@dataclass(frozen=True)
class CheckReport:
    """Everything the rules found in one extract.

    Attributes
    ----------
    findings : DataFrame
        One row a finding: rule, severity, table, row, id, counted; errors first, then by rule and row.
    counts : mapping of table to int
        Rows checked.
    rules : tuple of str
        Codes of the rules reported on, errors first.
    """

    findings: pd.DataFrame
    counts: Mapping[str, int]
    rules: tuple[str, ...] = field(default_factory=lambda: tuple(rule.code for rule in _in_order()))

    @property
    def errors(self) -> int:
        """Number of findings of severity error."""
        return int((self.findings["severity"] == "error").sum())

    @property
    def warnings(self) -> int:
        """Number of findings of severity warning."""
        return len(self.findings) - self.errors

    def by_rule(self) -> pd.DataFrame:
        """One row a rule, rules without a finding included: rule, severity, table, says, remedy, also, findings.

        ``also``: the published rule that finds the same. Holds counts and the rules' own words only, no row and
        no child.
        """
        found = self.findings["rule"].value_counts()
        columns = ["rule", "severity", "table", "says", "remedy", "also"]
        rows = [
            (code, *(getattr(RULES[code], name) for name in columns[1:]), int(found.get(code, 0)))
            for code in self.rules
        ]
        return pd.DataFrame(rows, columns=[*columns, "findings"])

    def worst(self, n: int = 10) -> tuple[Finding, ...]:
        """The ``n`` worst findings: errors before warnings, and one of each rule before the second of any."""
        findings = self.findings
        place = findings.groupby("rule", sort=False).cumcount()
        order = findings.assign(place=place).sort_values(["severity", "place", "rule"], kind="stable").head(n)
        return tuple(
            Finding(code, severity, table, int(row), id_, RULES[code].says, RULES[code].remedy, counted)
            for code, severity, table, row, id_, counted in order[COLUMNS].itertuples(index=False)
        )

    def only(self, codes: Iterable[str]) -> CheckReport:
        """Return the report on some rules alone; UsageError names the nearest where there is no such rule."""
        wanted = {code.upper() for code in codes}
        if unknown := sorted(wanted - set(RULES)):
            raise UsageError(f"There is no rule '{unknown[0]}'.", remedy=nearest(unknown[0], RULES))
        kept = self.findings[self.findings["rule"].isin(wanted)].reset_index(drop=True)
        return replace(self, findings=kept, rules=tuple(code for code in self.rules if code in wanted))


def check(tables: CareTables) -> CheckReport:
    """Run every rule of the registry once over ``tables``."""
    joined = Joined.of(tables)
    rows = [row for rule in _in_order() for row in _findings(rule, joined)]
    findings = pd.DataFrame(rows, columns=COLUMNS)
    return CheckReport(findings, {name: len(frame) for name, frame in tables})


def _in_order() -> list[Rule]:
    return sorted(RULES.values(), key=lambda rule: (rule.severity, rule.code))


def _findings(rule: Rule, joined: Joined) -> list[tuple[str, str, str, int, str, str]]:
    """What one rule found, a tuple of :data:`COLUMNS` a finding, by row."""
    stated = (rule.code, rule.severity, rule.table)
    if rule.whole_table:
        counted = rule.counted(joined)
        return [(*stated, WHOLE_TABLE, "", counted)] if counted else []
    broken = rule.found(joined)
    if not broken.any():
        return []
    ids = getattr(joined, rule.table)[TABLES[rule.table][0].name][broken].sort_index(kind="stable")
    return [(*stated, row, found, "") for row, found in ids.items()]


def set_aside(tables: CareTables, report: CheckReport) -> tuple[CareTables, pd.DataFrame]:
    """Return the tables without the rows that break a rule of severity error, and the accounts of it.

    A child set aside takes its periods along, a period its milestones. Every row is counted once: under
    the first rule it breaks, else under the parent it followed.

    Returns
    -------
    CareTables
        The rows that can be counted; ``extract.set_aside`` names the others by table and reason.
    DataFrame, one row a table
        ``read``, ``used``, ``set_aside`` : int, where read = used + set_aside.
        Then one integer column a reason that occurs (a rule's code, ``"child set aside"``,
        ``"period set aside"``), which add to ``set_aside``.
    """
    errors = report.findings[report.findings["severity"] == "error"].drop_duplicates(["table", "row"])
    kept: dict[str, pd.DataFrame] = {}
    reasons: dict[str, pd.Series] = {}
    for name, frame in tables:
        own = errors[errors["table"] == name].set_index("row")["rule"]
        reason = pd.Series(frame.index, index=frame.index).map(own).astype(object)
        if name in PARENTS:
            parent, key = PARENTS[name]
            orphan = ~frame[key].isin(kept[parent][key]) & reason.isna()
            reason = reason.mask(orphan, f"{parent} set aside")
        kept[name] = frame[reason.isna()]
        reasons[name] = reason.value_counts().sort_index()
    accounts = _accounts(tables, kept, reasons)
    extract = replace(tables.extract, set_aside=tables.extract.set_aside + _in_words(reasons))
    return CareTables(**kept, extract=extract), accounts


def _accounts(
    tables: CareTables, kept: Mapping[str, pd.DataFrame], reasons: Mapping[str, pd.Series]
) -> pd.DataFrame:
    """One row a table: rows read, used and set aside, then rows by reason."""
    read = pd.Series({name: len(frame) for name, frame in tables})
    used = pd.Series({name: len(frame) for name, frame in kept.items()})
    accounts = pd.DataFrame({"read": read, "used": used, "set_aside": read - used})
    for reason in sorted({reason for counted in reasons.values() for reason in counted.index}):
        accounts[reason] = [int(reasons[name].get(reason, 0)) for name in accounts.index]
    return accounts.rename_axis("table")


def _in_words(reasons: Mapping[str, pd.Series]) -> tuple[tuple[str, int], ...]:
    """Reasons as an extract names them: the table, and the rule's sentence or the parent."""
    return tuple(
        (f"{name}: {RULES[reason].says if reason in RULES else reason}", int(count))
        for name, counted in reasons.items()
        for reason, count in counted.items()
    )
