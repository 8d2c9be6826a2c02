"""The ledger of one authority: what was released, and what a new release adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from operator import index
from pathlib import Path
from typing import Any

from pace_analysis.errors import BusyError, UsageError
from pace_analysis.ledger import store
from pace_analysis.ledger.lines import (
    FIGURES,
    PUBLISHED,
    RESTORE,
    Figure,
    Entry,
    Head,
    Key,
    LedgerError,
    ReleaseRecord,
    broken_line,
    chained,
    changed,
)
from pace_analysis.publish.keys import FURTHER, NEAREST, ROUNDED
from pace_analysis.publish.profiles import Profile

REVISE = 'Leave them as they were released or, to correct them, revise: --revise --because "...".'
STEPS = (ROUNDED, FURTHER, NEAREST)
NAMED = 3  # figures that an error names


@dataclass(frozen=True, slots=True)
class Ledger:
    """One authority's ledger as it was read; appending returns the next."""

    path: Path
    authority: str
    entries: tuple[Entry, ...] = ()

    @classmethod
    def open(cls, path: Path, authority: str, *, released: Iterable[Head] = ()) -> Ledger:
        """Read and check a ledger; where there never was one, it is empty.

        Parameters
        ----------
        path, authority
            See :func:`.store.ledger_path`, and whose it is.
        released : iterable of Head
            Heads in the manifests of reports released before: the ledger must hold each.

        Raises
        ------
        LedgerError
            See :func:`.store.read` and :meth:`check`; or a released report is not in the ledger.
        """
        ledger = cls(path, authority, store.read(path, authority))
        ledger.check()
        for head in released:
            ledger.must_hold(head)
        return ledger

    @property
    def head(self) -> Head | None:
        """Head of the last line; None for an empty ledger."""
        return self.entries[-1].head if self.entries else None

    def cells(self) -> dict[Key, Entry]:
        """Latest line of every figure, revisions included."""
        return {entry.key: entry for entry in self.entries if entry.kind in FIGURES}

    def history(self, key: Key) -> tuple[Entry, ...]:
        """Every line of one figure, oldest first."""
        return tuple(entry for entry in self.entries if entry.key == key and entry.kind in FIGURES)

    def releases(self) -> tuple[Entry, ...]:
        """The line that opens each release, oldest first."""
        return tuple(entry for entry in self.entries if entry.kind == "release")

    def part(self, opening: Entry) -> tuple[Entry, ...]:
        """All lines of the release that ``opening`` opens."""
        return self.entries[opening.seq - 1:opening.seq + opening.value]

    def latest(self, release: str) -> tuple[Entry, ...]:
        """All lines of the last release of that id, whose last line's head belongs in its manifest; empty when none."""
        opening = next((entry for entry in reversed(self.releases()) if entry.release == release), None)
        return self.part(opening) if opening else ()

    def must_hold(self, head: Head) -> None:
        """Raise LedgerError unless the line that ``head`` names is there and unchanged."""
        if head.authority != self.authority:
            raise LedgerError(f"A report names the ledger of '{head.authority}', not of '{self.authority}'.",
                              remedy="Keep each authority's reports in its own folder.")
        if head.seq > len(self.entries) or self.entries[head.seq - 1].head != head:
            raise LedgerError(f"A report was released with line {head.seq} of the ledger, which is no longer there.",
                              where=self.path.name, remedy=RESTORE)

    def append(self, record: ReleaseRecord) -> Ledger:
        """Add a release on disk and return the ledger that holds it; the same release again changes nothing.

        Raises
        ------
        LedgerError
            A figure is not protected, has two values, or changes without a reason; or the ledger on disk is damaged.
        BusyError
            Another run is writing, or has released since this ledger was opened.
        OutputError
            The ledger cannot be written.
        """
        return self.keep(self.grown(record))

    def keep(self, grown: Ledger) -> Ledger:
        """Put on disk what :meth:`grown` returned of this ledger, and return it; raises as :meth:`append` does."""
        with store.locked(self.path):
            if store.read(self.path, self.authority) != self.entries:
                raise BusyError("Another run has released figures since this one began.", where=self.path.name,
                                remedy="Run again, so that the new figures are compared with those.")
            if grown is not self:
                store.write(self.path, self.entries, grown.entries)
        return grown

    def grown(self, record: ReleaseRecord) -> Ledger:
        """Return the ledger as :meth:`append` would leave it, and write nothing; raises its LedgerError."""
        try:
            new = tuple(chained(_lines(self, record), self.head))
        except (TypeError, ValueError):
            raise UsageError("A release holds words that the ledger cannot keep.", where=record.id,
                             remedy="Use one line of printable characters for each, and whole numbers.") from None
        again = [entry.says for entry in self.latest(record.id)] == [entry.says for entry in new]
        if again and all(entry.kind != "revision" for entry in new):
            return self
        return Ledger(self.path, self.authority, (*self.entries, *new))

    def check(self) -> None:
        """Raise LedgerError unless the chain holds, releases are whole, and no figure changes without a revision."""
        if number := broken_line(self.entries):
            raise changed(number)
        values: dict[Key, int] = {}
        following = iter(self.entries)
        for opening in following:
            part = (opening, *(entry for _, entry in zip(range(opening.value), following, strict=False)))
            _must_be_whole(part)
            for entry in part:
                differs = entry.kind in FIGURES and values.get(entry.key, entry.value) != entry.value
                if differs and not (entry.kind == "revision" and entry.because):
                    raise LedgerError(f"Line {entry.seq} of the ledger gives a figure another value without a reason.",
                                      where=", ".join(entry.key), remedy=RESTORE)
            values |= {entry.key: entry.value for entry in part if entry.kind in FIGURES}


def _must_be_whole(part: tuple[Entry, ...]) -> None:
    opening, *rest = part
    about = {(entry.authority, entry.release, entry.at, entry.quarter, entry.profile) for entry in part}
    kinds = opening.kind == "release" and all(entry.kind != "release" for entry in rest)
    if not (kinds and len(about) == 1 and len(rest) == opening.value):
        raise LedgerError(f"The release in line {opening.seq} of the ledger is not whole.", remedy=RESTORE)


def _lines(ledger: Ledger, record: ReleaseRecord) -> Iterator[dict[str, Any]]:
    """What the lines of a release say, but for their place in the chain."""
    figures = _figures(record)
    before = {key: entry.value for key, entry in ledger.cells().items()}
    moved = [cell.key for cell in figures if before.get(cell.key, cell.value) != cell.value]
    if moved and not record.because.strip():
        named = "; ".join(", ".join(key) for key in moved[:NAMED])
        raise LedgerError(f"{len(moved)} figure(s) released before would change.", where=named, remedy=REVISE)
    base, sums = record.profile.base, dict.fromkeys(record.sums)
    common = {"authority": ledger.authority, "release": record.id, "at": record.at.isoformat(), "quarter": str(record.quarter),
              "profile": record.profile.name}
    yield {**common, "kind": "release", "key": (), "value": len(figures) + len(sums) + len(record.overrides), "method": "",
           "base": base, "because": record.because, "manifest": record.manifest}
    for cell in figures:
        change = {"kind": "revision", "because": record.because} if cell.key in moved else {"kind": "cell"}
        yield {**common, **change, "key": cell.key, "value": index(cell.value), "method": cell.method,
               "base": base if cell.method in STEPS else 1}
    for parent, parts in sums:
        yield {**common, "kind": "sum", "key": parent, "value": len(parts), "method": "", "base": base, "parts": parts}
    for made in record.overrides:
        yield {**common, **asdict(made), "kind": "override", "value": 0, "method": "", "base": base}


def _figures(record: ReleaseRecord) -> tuple[Figure, ...]:
    """Figures of a release, each once; LedgerError for one with two values or one that is not protected."""
    if not record.profile.protects:
        raise LedgerError(f"A report of the profile '{record.profile.name}' is not released.", where=record.id,
                          remedy="Only reports that are protected belong in the ledger.")
    figures: dict[Key, Figure] = {}
    for cell in record.cells:
        if figures.setdefault(cell.key, cell).value != cell.value:
            raise LedgerError("A release gives one figure two values.", where=", ".join(cell.key))
        if cell.method != PUBLISHED and not _protected(cell, record.profile):
            raise LedgerError("A figure to be released is not protected.", where=", ".join(cell.key),
                              remedy=f"Round it under the profile '{record.profile.name}' first.")
    return tuple(figures.values())


def _protected(cell: Figure, profile: Profile) -> bool:
    """Whether a rounded figure is one of the profile's steps; other methods answer for themselves."""
    return cell.method not in STEPS or (cell.value % profile.base == 0 and not 0 < cell.value < profile.first_step)
