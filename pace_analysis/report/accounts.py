"""Accounts of released reports, kept for the next one, and the exact reconciliation of two reports. Restricted."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.answers.board import waiting_bands
from pace_analysis.compare import (
    REASONS,
    Account,
    Moves,
    WhatChanged,
    account_of,
    account_path,
    read_account,
    reconcile,
)
from pace_analysis.compare import what_changed as compare_released
from pace_analysis.compare.corrections import reasons_of, said_by
from pace_analysis.errors import UsageError
from pace_analysis.ledger import Ledger, ledger_path
from pace_analysis.publish.keys import figures
from pace_analysis.report.checking import MARK, neutral
from pace_analysis.report.comparing import corrected_words, late_words, method_words, waiting_why
from pace_analysis.report.folders import write_aside
from pace_analysis.report.named import named_report
from pace_analysis.settings import load_authority, private_folder
from pace_analysis.study import Study, open_study

RELEASED = ("first_released", "released_before", "released_after", "revised_because")
HEADER = ("figure", "before", *REASONS, "after", *RELEASED)
SHARE = "share at the quarter's own rates, percent"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two reports compared: ``text`` may be printed, ``path`` is the restricted table of exact counts."""

    text: str
    path: Path


def keep_account(study: Study, *, again: bool = False) -> Path:
    """Keep the account of a released report in the private folder, readable by its owner alone; returns its path.

    The first release of a quarter is what later ones are compared with: its account is replaced only if ``again``, as
    for a report that corrects what was released. Raises OutputError if it cannot be written.
    """
    path = account_path(study.authority.slug, study.quarter)
    if again or not path.exists():
        write_aside(path, account_of(study).text.encode("utf-8"))
    return path


def compare_reports(
    before: str, after: str, authority: str = "", data: str = "", *, drop_errors: bool = False
) -> Compared:
    """Explain every main figure of a released report that moved until a later one.

    Parameters
    ----------
    before, after : str
        Quarters, or folders of reports. The earlier one needs its account; of the later one the extract is read. A
        folder says by which profile and with which rows its report was made, and which of its inputs were changed
        since is said.
    authority : str
        Whose, where both are quarters.
    data : str, optional
        Extract of the later report.

    Raises
    ------
    UsageError
        No such report, a draft, no authority, two of them, or no account of the earlier report.
    LedgerError
        The ledger is damaged, or does not hold the earlier report.
    SettingsError, InputError
        See :func:`pace_analysis.compare.reconcile` and :func:`pace_analysis.study.open_study`; or the extract of the
        later report lay elsewhere, and it is not said where it lies now.
    """
    first, last = named_report(before), named_report(after)
    whose = {one.authority for one in (first, last) if one.authority} | ({authority} if authority else set())
    if len(whose) != 1:
        raise UsageError(
            "It is not clear whose reports these are." if not whose else "These are reports of two authorities.",
            where=f"{before}, {after}",
            remedy="Name two reports of one authority; with quarters, name it with --authority.",
        )
    slug = load_authority(whose.pop()).slug
    book = Ledger.open(ledger_path(slug), slug)
    remarks = first.must_be_released(book)
    account = read_account(slug, first.quarter)
    extract = data or last.extract
    study = open_study(
        slug, str(last.quarter), extract, profile=last.profile, drop_errors=drop_errors or last.drop_errors
    )
    moves = reconcile(account, study)
    path = private_folder(slug) / "releases" / str(study.quarter) / f"compared-with-{account.quarter}-{MARK}.csv"
    write_aside(path, reconciliation_csv(moves, account, book).encode("utf-8-sig"))
    lines = [*_public_lines(account, study, book), *remarks, *last.changed_inputs(study)]
    return Compared("\n".join(lines), path)


def reconciliation_csv(moves: Moves, account: Account, book: Ledger) -> str:
    """Return the exact reconciliation as CSV: ``before`` and the changes by each reason add up to ``after``.

    ``released_before`` is what the earlier report says now, as ``before`` is; ``first_released`` what it said first.
    """
    cells = book.cells()
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(HEADER)
    for figure, counts in zip(moves.figures, moves.table.to_numpy().tolist(), strict=True):
        then = account.released.get(figure, ())
        said = said_by(book, account.quarter, then)
        released = (*(said[:1] or (None,)), *(said[-1:] or (None,)), cells.get(moves.released.get(figure, ())))
        line = [
            ", ".join(figure),
            *counts,
            *("" if entry is None else entry.value for entry in released),
            "; ".join(reasons_of(book, then, said[0])) if said else "",
        ]
        writer.writerow([neutral(cell) for cell in line])
    if moves.shares:
        values = dict(moves.shares)
        writer.writerow([SHARE, *_share_line(values)])
    return content.getvalue()


def _share_line(values: dict[str, float]) -> list[str]:
    steps = list(values.values())
    change = {name: 100 * (new - old) for name, old, new in zip(list(values)[1:], steps[:-1], steps[1:], strict=True)}
    shown = [f"{change[reason]:+.2f}" if reason in change else "" for reason in REASONS]
    return [f"{100 * steps[0]:.2f}", *shown, f"{100 * steps[-1]:.2f}", *("" for _ in RELEASED)]


def _public_lines(account: Account, study: Study, book: Ledger) -> list[str]:
    told = compare_released(study, waiting_bands(study, study.decision), account)
    return [
        f"{told.before} to {told.after}, {_standing(told, study, book)}:",
        f"  Children waiting: {waiting_why(told)}",
        f"  {late_words(told)}",
        f"  {method_words(told)}",
        *(f"  Corrected after the first release. {line}" for line in corrected_words(told)),
    ]


def _standing(told: WhatChanged, study: Study, book: Ledger) -> str:
    """Whether what is said may be given to anybody yet: only when the ledger holds every figure of it as it is."""
    if not study.profile.protects:
        return "exact numbers, not for publication"
    cells = book.cells()
    shown = [figure for part in told.parts for figure in figures(part)]
    recorded = [figure.key in cells and cells[figure.key].value == figure.value for figure in shown]
    return "as released" if recorded and all(recorded) else "protected; not recorded as released"
