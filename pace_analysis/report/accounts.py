"""Accounts of released reports, kept for the next one, and the exact reconciliation of two reports. Restricted."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.answers.board import waiting_bands
from pace_analysis.compare import REASONS, Account, Moves, account_of, account_path, read_account, reconcile
from pace_analysis.compare import what_changed as compare_released
from pace_analysis.compare.mainfigures import main_figures
from pace_analysis.dates import Quarter
from pace_analysis.errors import UsageError
from pace_analysis.ledger import Entry, Ledger, ledger_path
from pace_analysis.publish.disclosure import Refused
from pace_analysis.publish.earlier import Key
from pace_analysis.report import manifest
from pace_analysis.report.checking import MARK, neutral
from pace_analysis.report.comparing import late_words, method_words, waiting_why
from pace_analysis.report.folders import write_aside
from pace_analysis.settings import load_aim, load_authority, private_folder
from pace_analysis.study import Study, open_study

HEADER = ("figure", "before", *REASONS, "after", "released_before", "released_after", "revised_because")
SHARE = "share at the quarter's own rates, percent"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two reports compared: ``text`` may be printed, ``path`` is the restricted table of exact counts."""

    text: str
    path: Path


@dataclass(frozen=True, slots=True)
class _Named:
    """A report as it was named: by its quarter, or by its folder."""

    quarter: str
    authority: str = ""
    data: str = ""

    @classmethod
    def of(cls, text: str) -> _Named:
        path = Path(text) / manifest.NAME
        if not path.is_file():
            return cls(str(Quarter.parse(text)))
        from pace_analysis.report.verify import read_manifest

        asked = read_manifest(path)[1]["parameters"]
        return cls(asked["quarter"], asked["authority"], asked["data"])


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
        Quarters, or folders of reports. The earlier one needs its account; of the later one the extract is read.
    authority : str
        Whose, where both are quarters.
    data : str, optional
        Extract of the later report.

    Raises
    ------
    UsageError
        No authority, two of them, or no account of the earlier report.
    SettingsError, InputError
        See :func:`pace_analysis.compare.reconcile` and :func:`pace_analysis.study.open_study`.
    """
    named = [_Named.of(text) for text in (before, after)]
    whose = {one.authority for one in named if one.authority} | ({authority} if authority else set())
    if len(whose) != 1:
        raise UsageError(
            "It is not clear whose reports these are." if not whose else "These are reports of two authorities.",
            where=f"{before}, {after}",
            remedy="Name two reports of one authority; with quarters, name it with --authority.",
        )
    slug = load_authority(whose.pop()).slug
    account = read_account(slug, Quarter.parse(named[0].quarter))
    study = open_study(slug, named[1].quarter, data or named[1].data, drop_errors=drop_errors)
    moves = reconcile(account, study)
    path = private_folder(slug) / "releases" / str(study.quarter) / f"compared-with-{account.quarter}-{MARK}.csv"
    write_aside(path, reconciliation_csv(moves, account, study).encode("utf-8-sig"))
    return Compared(_public_text(account, study), path)


def reconciliation_csv(moves: Moves, account: Account, study: Study) -> str:
    """Return the exact reconciliation as CSV: ``before`` and the changes by each reason add up to ``after``."""
    book = Ledger.open(ledger_path(study.authority.slug), study.authority.slug)
    cells, now = book.cells(), main_figures(study, load_aim(study.authority.aim)).released
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(HEADER)
    for figure, counts in zip(moves.figures, moves.table.to_numpy().tolist(), strict=True):
        then = account.released.get(figure, ())
        first, last = _released_as(book, then, account.quarter), cells.get(now.get(figure, ()))
        line = [
            ", ".join(figure),
            *counts,
            *("" if entry is None else entry.value for entry in (first, last)),
            _revised(book, then, first),
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
    return [f"{100 * steps[0]:.2f}", *shown, f"{100 * steps[-1]:.2f}", "", "", ""]


def _released_as(book: Ledger, key: Key, quarter: Quarter) -> Entry | None:
    """Line of a figure in the first release of a quarter."""
    return next((entry for entry in book.history(key) if entry.quarter == str(quarter)), None)


def _revised(book: Ledger, key: Key, first: Entry | None) -> str:
    """Why a figure was corrected since, with the value it was given."""
    if first is None:
        return ""
    later = [entry for entry in book.history(key) if entry.seq > first.seq and entry.kind == "revision"]
    return "; ".join(f"{entry.value}: {entry.because}" for entry in later)


def _public_text(account: Account, study: Study) -> str:
    told = compare_released(study, waiting_bands(study, study.decision), account)
    if told.before is None:
        return told.waiting.sentence if isinstance(told.waiting, Refused) else ""
    return "\n".join(
        [
            f"{told.before} to {told.after}, as it may be published:",
            f"  Children waiting: {waiting_why(told)}",
            f"  {late_words(told)}",
            f"  {method_words(told)}",
        ]
    )
