"""What moved each main figure from one quarter's report to the next: a reconciliation that adds up to the last child.

Every main figure is the size of a set of periods of care. The set is worked out by the report's own code on the later
extract, step by step nearer to it: as the earlier report counted it; with rows corrected and deleted since; with rows
recorded late; by the definitions of now; to the data cut of now. What enters or leaves the set at a step is its
contribution, so that the steps add up by construction.

The later extract is enough: of the earlier one, the account (:mod:`.account`) holds hashes that tell which rows are
new, changed or gone, and which periods were counted. A council may then delete an extract when its time is over, and a
file that was written over since cannot pass for the one that was reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from pace_analysis.compare.account import Account, account_of, hashed_sets, key_print
from pace_analysis.compare.mainfigures import MainFigures, main_figures
from pace_analysis.compare.rows import (
    CORRECTED,
    DELETED,
    LATE,
    Matched,
    as_known,
    hashed_ids,
    matched,
    row_hashes,
    without,
)
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, SettingsError
from pace_analysis.extract.keyed import key_file
from pace_analysis.publish.earlier import Key
from pace_analysis.settings import load_aim
from pace_analysis.study import Study
from pace_analysis.tables.schema import CareTables

METHOD, NEW, TIME = "method", "new", "time"
REASONS = (CORRECTED, DELETED, LATE, METHOD, NEW, TIME)
Counted = Mapping[Key, frozenset[str]]
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Moves:
    """What moved the main figures. Restricted: exact counts.

    Attributes
    ----------
    before, after : Quarter
    steps : DataFrame
        One row a period of care, figure and step that it enters or leaves at: ``figure``, ``period`` (hashed),
        ``reason`` (one of :data:`REASONS`), ``change`` (1 or -1).
    counted : pair of mappings
        Which hashed periods each figure counts, in the earlier report and now.
    shares : tuple of (reason, float), or None
        Share decided within the limit at the quarter's own rates: as reported, then after each step. Corrections,
        deletions and a new version are one step there, as a rate cannot be told apart child by child.
    method : tuple of str
        What changed in how the figures are counted, in words.
    released : mapping of figure to key
        What the ledger calls each figure of the later report.
    """

    before: Quarter
    after: Quarter
    steps: pd.DataFrame
    counted: tuple[Counted, Counted]
    shares: tuple[tuple[str, float], ...] | None
    method: tuple[str, ...]
    released: Mapping[Key, Key]

    @property
    def figures(self) -> list[Key]:
        """Every figure that either report counts, in order."""
        return sorted(self.counted[0].keys() | self.counted[1].keys())

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a figure: ``before``, the net change by each reason, ``after``, which is the sum of the others."""
        net = self.steps.pivot_table(index="figure", columns="reason", values="change", aggfunc="sum", fill_value=0)
        net = net.reindex(index=pd.Index(self.figures, tupleize_cols=False), columns=list(REASONS), fill_value=0)
        first, last = ([len(counted.get(figure, NOBODY)) for figure in self.figures] for counted in self.counted)
        return net.astype("int64").assign(before=first, after=last)[["before", *REASONS, "after"]]

    def settled(self, figure: Key) -> pd.DataFrame:
        """Periods that are in a figure in one report only, each with the reason of its last step and its change."""
        first, last = (counted.get(figure, NOBODY) for counted in self.counted)
        steps = self.steps[self.steps["figure"] == figure].drop_duplicates("period", keep="last")
        return steps[steps["period"].isin(first ^ last)]


def reconcile(account: Account, study: Study) -> Moves:
    """Explain what moved each main figure since an account was taken.

    Parameters
    ----------
    account : Account
        Of the earlier report.
    study : Study
        The later one, with keyed ids; of the same quarter, it says what a report made again would move.

    Raises
    ------
    SettingsError
        If the key of the ids is another than it was, so that no row can be found again.
    InputError
        If the study is of an earlier quarter, or its extract ends before that of the account did.
    """
    key = key_file(study.authority.slug)
    must_follow(account, study, key)
    now = account_of(study)
    known = as_known(study.tables, account.known_to)
    after = row_hashes(known, key)
    rows = matched(account.rows, after, later=frozenset(now.rows["id"]) - frozenset(after["id"]))
    as_then = _as_then(study, account)
    late = bool((rows.after["status"] == LATE).any())
    corrected = main_figures(
        replace(as_then, tables=_within(without(known, rows.after["status"]), account)), account.aim
    )
    complete = main_figures(replace(as_then, tables=_within(known, account)), account.aim) if late else corrected
    method = _method_words(account, now)
    redefined = main_figures(_by_rules_of(study, account, now), load_aim(study.authority.aim)) if method else complete
    stages = [
        account.counted,
        *(hashed_sets(found.counted, key) for found in (corrected, complete, redefined)),
        now.counted,
    ]
    steps = pd.DataFrame(
        _steps(stages, _Causes(rows, _begun_since(study, account, key))),
        columns=["figure", "period", "reason", "change"],
    )
    return Moves(
        account.quarter,
        study.quarter,
        steps,
        (account.counted, now.counted),
        _shares(account, [corrected, complete, redefined], now),
        method,
        now.released,
    )


def must_follow(account: Account, study: Study, key: bytes) -> None:
    """Raise unless the study is later than the account and its rows can be found again; see :func:`reconcile`."""
    if key_print(key) != account.key_print:
        raise SettingsError(
            "The key of the ids is not the one with which the earlier report was made, so no row can be found again.",
            where=f"report of {account.quarter}",
            remedy="Restore id.key from a backup.",
        )
    if study.quarter < account.quarter or study.tables.extract.as_at < account.known_to:
        raise InputError(
            f"The extract is older than that of the report of {account.quarter}.",
            where=study.tables.extract.source,
            remedy="Name the earlier quarter first, then the later one, and take the newest extract.",
        )


@dataclass(frozen=True)
class _Causes:
    """Why a period entered or left a figure at a step."""

    rows: Matched
    begun_since: frozenset[str]

    @cached_property
    def _child_of(self) -> dict[str, str]:
        periods = pd.concat([self.rows.before, self.rows.after])
        periods = periods[periods["table"] == "period"]
        return dict(zip(periods["id"], periods["child"], strict=True))

    @cached_property
    def _touched(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return self.rows.ids("period", DELETED), self.rows.children(CORRECTED), self.rows.children(DELETED)

    def of_rows(self, period: str) -> str:
        """A period deleted, a row of the child corrected, one deleted; or, with none of these, the method."""
        gone, corrected, deleted = self._touched
        child = self._child_of.get(period, "")
        if period in gone:
            return DELETED
        if child in corrected:
            return CORRECTED
        return DELETED if child in deleted else METHOD

    def of_time(self, period: str, change: int) -> str:
        """Came into care since, or time went on for a child who was there."""
        return NEW if change > 0 and period in self.begun_since else TIME


def _steps(stages: list[Counted], causes: _Causes) -> Iterator[tuple[Key, str, str, int]]:
    for number, (old, new) in enumerate(zip(stages[:-1], stages[1:], strict=True)):
        for figure in sorted(old.keys() | new.keys()):
            before, after = old.get(figure, NOBODY), new.get(figure, NOBODY)
            for period in sorted(before ^ after):
                change = 1 if period in after else -1
                reason = (causes.of_rows(period), LATE, METHOD, causes.of_time(period, change))[number]
                yield figure, period, reason, change


def _as_then(study: Study, account: Account) -> Study:
    """The study with the quarter, definitions and years of the account; its tables are still those of now."""
    authority = study.authority.model_copy(
        update={"definitions": account.definitions, "year_starts_in_month": account.year_starts}
    )
    return _cut(replace(study, authority=authority, quarter=account.quarter))


def _by_rules_of(study: Study, account: Account, now: Account) -> Study:
    """What was known at the account's data cut, counted for its quarter by the definitions and window of now."""
    tables = as_known(study.tables, account.known_to)
    extract = replace(tables.extract, as_at=account.known_to, covers_from=now.covers_from)
    return _cut(replace(study, quarter=account.quarter, tables=replace(tables, extract=extract)))


def _cut(study: Study) -> Study:
    return replace(study, as_at=study.authority.definitions.cut(study.quarter.last_day))


def _within(tables: CareTables, account: Account) -> CareTables:
    return replace(tables, extract=replace(tables.extract, as_at=account.known_to, covers_from=account.covers_from))


def _begun_since(study: Study, account: Account, key: bytes) -> frozenset[str]:
    """Hashed periods that began after the quarter of the account."""
    period = study.tables.period
    return frozenset(
        hashed_ids(
            period.loc[period["start_date"] > pd.Timestamp(account.quarter.last_day), "period_id"], key, "period"
        )
    )


def _shares(account: Account, stages: list[MainFigures], now: Account) -> tuple[tuple[str, float], ...] | None:
    values = [account.share, *(stage.share for stage in stages), now.share]
    if any(value is None for value in values):
        return None
    return tuple(zip(("before", CORRECTED, LATE, METHOD, TIME), values, strict=True))


def _method_words(account: Account, now: Account) -> tuple[str, ...]:
    """What changed in how figures are counted; empty when nothing did."""
    changed = [
        name
        for name in type(now.definitions).model_fields
        if getattr(account.definitions, name) != getattr(now.definitions, name)
    ]
    said = [f"the definition '{name}'" for name in changed]
    said += ["the aim"] if account.aim != now.aim else []
    said += ["the month in which the year starts"] if account.year_starts != now.year_starts else []
    said += ["the first day that the extract covers"] if account.covers_from != now.covers_from else []
    said += ["the version of the program"] if account.made_by.split()[0] != now.made_by.split()[0] else []
    said += ["the pathway"] if account.made_by.split()[-1] != now.made_by.split()[-1] else []
    return tuple(said)
