"""Lines of a ledger: what one says, how it is stored, and how each hangs on the line before.

A line is a JSON object in canonical form (keys sorted, no spaces), UTF-8, ended by LF. ``seq`` counts from 1; ``prev``
is the SHA-256 of the line before, 64 zeros for the first. A release is a line of kind ``release``, whose value is the
number of lines that follow, then its figures (``cell``, or ``revision`` where a figure released before changes), which
of them are the ``sum`` of which others, and its ``override`` lines.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from pace_analysis.dates import Quarter
from pace_analysis.errors import DisclosureRefused, UsageError
from pace_analysis.publish.earlier import Key
from pace_analysis.publish.keys import Figure, Sum
from pace_analysis.publish.profiles import Profile

PUBLISHED = "published"
FIGURES = ("cell", "revision")
KINDS = ("release", *FIGURES, "sum", "override")
OPTIONAL = ("because", "by", "manifest", "parts")
START = "0" * 64
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
RESTORE = "Restore the ledger and its head from a backup. Until then nothing may be released to the public."

Keys = tuple[Key, ...]


class LedgerError(DisclosureRefused):
    """The ledger is lost, changed or contradicted, so nothing may be released to the public."""


@dataclass(frozen=True, slots=True)
class Head:
    """Number and SHA-256 of a line: whoever holds them can tell whether that line and all before it are unchanged."""

    authority: str
    seq: int
    sha256: str

    @classmethod
    def of(cls, said: Any) -> Head:
        """Read a head from a JSON object; ValueError when it is none."""
        if not isinstance(said, Mapping) or set(said) != set(_types(cls)):
            raise ValueError("not the head of a ledger")
        head = cls(**said)
        if not typed(head) or head.seq < 1:
            raise ValueError("not the head of a ledger")
        return head


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``at`` is the data cut; ``because``, ``by``, ``manifest`` and ``parts`` are not stored when empty.

    ``parts`` are the keys of the figures that a ``sum`` adds up.
    """

    seq: int
    prev: str
    authority: str
    release: str
    at: str
    quarter: str
    kind: str
    key: Key
    value: int
    method: str
    profile: str
    base: int
    because: str = ""
    by: str = ""
    manifest: str = ""
    parts: Keys = ()

    def __post_init__(self) -> None:
        words = (self.authority, self.release, self.quarter, self.method, self.because, self.by, *self.key,
                 *(word for part in self.parts for word in part))
        printable = all(type(word) is str and word.isprintable() for word in words)
        if not (typed(self) and printable and self.kind in KINDS):
            raise ValueError("not a line of a ledger")

    @property
    def line(self) -> bytes:
        """The line as it is stored, without its end."""
        said = {name: getattr(self, name) for name in _types(Entry)}  # dataclasses.asdict copies, at ten times the cost
        return canonical({name: value for name, value in said.items() if value or name not in OPTIONAL})

    @property
    def head(self) -> Head:
        """The head of a ledger that ends here."""
        return Head(self.authority, self.seq, hashlib.sha256(self.line).hexdigest())

    @property
    def says(self) -> tuple[Any, ...]:
        """Everything but the place in the ledger and why a figure changed: equal when the same is released again."""
        reason = self.because if self.kind == "override" else ""
        return (self.release, self.at, self.quarter, self.key, self.value, self.method, self.profile, self.base,
                self.manifest, self.by, reason, self.parts)


@dataclass(frozen=True, slots=True)
class OverrideRecord:
    """A refusal that a named person set aside, and why."""

    key: Key
    because: str
    by: str

    def __post_init__(self) -> None:
        if not (self.because.strip() and self.by.strip()):
            raise UsageError("A refusal is set aside only by a named person with a reason.", where=", ".join(self.key),
                             remedy="Give both the name and the reason.")


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What one report releases.

    Attributes
    ----------
    id : str
        Name of the report; the same report made again has the same.
    at : date
        Data cut, never the day on which the report is made.
    quarter, profile
        Its last quarter, and how its figures are protected.
    cells, overrides, sums : tuple
        Figures; refusals set aside; which figures are sums of others.
    because : str
        Why figures released before change; empty when none may.
    manifest : str
        SHA-256 of the report's manifest without the ledger's head.
    """

    id: str
    at: date
    quarter: Quarter
    profile: Profile
    cells: tuple[Figure, ...]
    because: str = ""
    overrides: tuple[OverrideRecord, ...] = ()
    manifest: str = ""
    sums: tuple[Sum, ...] = ()


def canonical(said: Mapping[str, Any]) -> bytes:
    """Return a JSON object in the one form it is stored and hashed in."""
    return _CANONICAL.encode(said).encode("utf-8")


def typed(thing: Head | Entry) -> bool:
    """Whether every field holds the type it is declared with, and not one that compares equal (True for 1)."""
    return all(type(getattr(thing, name)) is kind for name, kind in _types(type(thing)).items())


def parse(data: bytes) -> tuple[Entry, ...]:
    """Read the lines of a ledger; LedgerError names the first that is not as it was written."""
    *lines, rest = data.split(b"\n")
    entries = tuple(_entry(line, number) for number, line in enumerate(lines, start=1))
    if rest:
        raise LedgerError(f"Line {len(lines) + 1} of the ledger, its last, is cut off.", remedy=RESTORE)
    return entries


def chained(lines: Iterable[Mapping[str, Any]], after: Head | None) -> Iterator[Entry]:
    """Number new lines and hang each on the one before; ValueError for what no line can hold."""
    for said in lines:
        entry = Entry(**said, seq=after.seq + 1 if after else 1, prev=after.sha256 if after else START)
        after = entry.head
        yield entry


def broken_line(entries: Sequence[Entry], end: Head | None = None) -> int:
    """Number of the first line that was changed, or before which lines were taken out; 0 when the chain holds.

    ``end`` is the head that the last line should have: with it, a change to the last line shows as well.
    """
    misnumbered = next((number for number, entry in enumerate(entries, start=1) if entry.seq != number), 0)
    if misnumbered or not entries:
        return misnumbered
    hashes = [entry.head.sha256 for entry in entries]
    said = [*(entry.prev for entry in entries), end.sha256 if end else hashes[-1]]
    links = enumerate(zip([START, *hashes], said, strict=True))
    breaks = [number for number, (made, expected) in links if made != expected]
    if not breaks:
        return 0
    # a line whose own ``prev`` was changed hangs neither on the line before nor does the next hang on it
    first = breaks[0]
    return first + 1 if first + 1 in breaks or not first else first


def changed(number: int) -> LedgerError:
    """Return the error for a line that is not as it was written."""
    return LedgerError(f"Line {number} of the ledger was changed or taken out.", remedy=RESTORE)


@cache
def _types(cls: type) -> dict[str, type]:
    return {field.name: {"str": str, "int": int, "Key": tuple, "Keys": tuple}[field.type] for field in fields(cls)}


def _entry(line: bytes, number: int) -> Entry:
    try:
        said = json.loads(line)
        parts = {"parts": tuple(map(tuple, said["parts"]))} if "parts" in said else {}
        entry = Entry(**{**said, "key": tuple(said["key"]), **parts})
        if entry.line != line:
            raise ValueError("not in canonical form")
    except (ValueError, TypeError, KeyError, RecursionError):
        raise changed(number) from None
    return entry
