"""A ledger on disk: ``ledger.jsonl`` and ``ledger.head`` in the authority's private folder, each replaced whole.

``ledger.head`` holds the head of the last line, so that lost lines are noticed. The next head is announced in
``ledger.head.next`` before the ledger is replaced: a run killed between the two replacements is told from a line that
was added by hand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, Timeout

from pace_analysis.disk import OWNER, replace_file, settle
from pace_analysis.errors import BusyError, OutputError
from pace_analysis.ledger.lines import RESTORE, Entry, Head, LedgerError, broken_line, canonical, changed, parse
from pace_analysis.settings import private_folder

NAME = "ledger.jsonl"


def ledger_path(authority: str) -> Path:
    """Where an authority's ledger is kept."""
    return private_folder(authority) / NAME


def head_path(path: Path) -> Path:
    """Where the head of the ledger at ``path`` is kept."""
    return path.with_suffix(".head")


def read(path: Path, authority: str) -> tuple[Entry, ...]:
    """Read a ledger and hold it against its head; nothing at all is a ledger that has not begun.

    Raises
    ------
    LedgerError
        A line was changed, cut off, added or taken out, the ledger or its head is lost, or it is another authority's.
    """
    try:
        # another run may replace all three meanwhile: one of the heads then still belongs to the lines that were read
        earlier = _read_head(head_path(path))
        entries = parse(path.read_bytes()) if path.exists() else ()
        announced, head = _read_head(_next(path), strict=False), _read_head(head_path(path))
    except OSError as error:
        raise LedgerError(f"The ledger cannot be read: {error.strerror}.", where=path.name, remedy=RESTORE) from None
    end = next((one for one in (earlier, announced, head) if one and one.seq == len(entries)), None)
    if number := broken_line(entries, end):
        raise changed(number)
    other = {one.authority for one in (*entries, *([head] if head else []))} - {authority}
    if other:
        raise LedgerError(f"This is the ledger of '{min(other)}', not of '{authority}'.", where=path.name,
                          remedy="Put back the authority's own ledger and head.")
    if end is None:
        _must_be_new(entries, head)
    return entries


def write(path: Path, before: Sequence[Entry], after: Sequence[Entry]) -> None:
    """Put a longer ledger and its head in the place of the old ones; OutputError when that cannot be done."""
    try:
        if before:  # a killed run may have left the head one release behind
            replace_file(head_path(path), _head_line(before[-1].head), OWNER)
        replace_file(_next(path), _head_line(after[-1].head), OWNER)
        replace_file(path, b"".join(entry.line + b"\n" for entry in after), OWNER)
        os.replace(_next(path), head_path(path))
        settle(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the ledger; BusyError when another run does, OutputError when it cannot be held."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
            yield
    except Timeout:
        raise BusyError("Another run is writing the ledger.", where=path.name,
                        remedy="Wait until it has finished, then run again.") from None
    except OSError as error:
        raise _unwritable(path, error) from error


def _must_be_new(entries: Sequence[Entry], head: Head | None) -> None:
    if head and not entries:
        raise LedgerError(f"The ledger is lost; it had {head.seq} lines.", where=NAME, remedy=RESTORE)
    if head and len(entries) < head.seq:
        raise LedgerError(f"The ledger holds {len(entries)} of its {head.seq} lines.", where=NAME, remedy=RESTORE)
    if head:
        raise LedgerError(f"The ledger goes on after line {head.seq}, which ledger.head says is its last.", where=NAME,
                          remedy=RESTORE)
    if entries:
        raise LedgerError("The head of the ledger is lost.", where="ledger.head", remedy=RESTORE)


def _read_head(path: Path, strict: bool = True) -> Head | None:
    if not path.exists():
        return None
    data = path.read_bytes()
    try:
        head = Head.of(json.loads(data))
        if _head_line(head) != data:
            raise ValueError("not in canonical form")
    except (ValueError, TypeError, RecursionError):
        if not strict:
            return None
        raise LedgerError("The head of the ledger was changed.", where=path.name, remedy=RESTORE) from None
    return head


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"The ledger cannot be written: {error.strerror or error}.", where=path.name,
                       remedy="Check that the private folder is not read-only and has room.")


def _next(path: Path) -> Path:
    return head_path(path).with_suffix(".head.next")


def _head_line(head: Head) -> bytes:
    return canonical(asdict(head)) + b"\n"
