"""Searching a folder's files for what must not be in them. What is found is counted and never repeated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.errors import DisclosureRefused, InputError
from pace_analysis.report.leakcheck.decode import pieces
from pace_analysis.report.leakcheck.needles import WORD, Needle, Needles, days_in
from pace_analysis.report.leakcheck.packed import MAX_UNPACKED, Budget

HOMES = ("/home/", "/users/", "/root/")
SOMEBODYS_HOME = re.compile(rf"(?<![\w.<])(?:[a-z]:)?(?:{'|'.join(HOMES)})[^\s/\"'<>]+")
DECIMALS = re.compile(r"\.(?!0(?!\d))\d")  # not the .0 of a whole number that was read as a decimal one
CHILD = frozenset({"child id", "period id", "sibling group", "birth date", "single date", "name"})
Found = set[tuple[str, str]]  # kind, and the value found


@dataclass(frozen=True, slots=True)
class Leak:
    """How many different values of one kind stand at one place; never which.

    Attributes
    ----------
    file : str
        Path below the folder; where the path itself gives something away, the file's place in the list of all.
    where : str
        The way to the text inside the file, such as ``svg > base64 > text``.
    kind : str
        child id, period id, sibling group, birth date, single date, name, machine path, user name or host name.
    count : int
    """

    file: str
    where: str
    kind: str
    count: int

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}, {self.count:,} different, in {self.where}"


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be searched, so that nothing found there does not mean that nothing is there."""

    file: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.file}: {self.where} not searched: {self.says}"


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """What a search of a folder found.

    Attributes
    ----------
    files : int
        Files searched.
    leaks : tuple of Leak
    notes : tuple of Note
        Parts that could not be searched.
    left_out : tuple of str
        Sentences on values too short to look for.
    """

    files: int
    leaks: tuple[Leak, ...]
    notes: tuple[Note, ...]
    left_out: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """True if everything was searched and nothing found."""
        return not (self.leaks or self.notes)

    def text(self) -> str:
        """Return the result as lines for the analyst's screen; it tells no value."""
        head = (f"{self.files:,} files searched: {len(self.leaks):,} places with leaks, "
                f"{len(self.notes):,} parts not searched")
        return "\n".join([head, *(f"  {found}" for found in (*self.leaks, *self.notes, *self.left_out))])

    def refuse(self) -> None:
        """Raise DisclosureRefused if anything was found or could not be searched; the first place is named."""
        if self.leaks:
            first = min(self.leaks, key=lambda leak: leak.kind not in CHILD)
            what = "tells of a child" if first.kind in CHILD else "tells of this machine"
            raise DisclosureRefused(f"A file {what} ({first.kind}), so nothing may be published.",
                                    where=f"{first.file}, in {first.where} (places in all: {len(self.leaks):,})",
                                    remedy="Look for it first in the author's text, in the settings and in the Word "
                                           "reference document.")
        if self.notes:
            raise DisclosureRefused("A file could not be searched for leaks, so nothing may be published.",
                                    where=str(self.notes[0]), remedy="Install what is missing, or leave the file out.")


def leakcheck(folder: Path, *, needles: Needles) -> LeakCheck:
    """Search every file of a folder, decoded, for what must not be published.

    A path into anybody's home folder is a leak too. Not read: text drawn into the pixels of a picture, and numbers that
    stand for days, as in a spreadsheet's cells.

    Parameters
    ----------
    folder : Path
        The folder; or one file.
    needles : Needles
        What to look for.

    Raises
    ------
    InputError
        If there is no such folder, a file cannot be opened, or it unpacks to over 200 MB or 100 times its size.
    """
    if not folder.exists():
        raise InputError(f"There is no folder '{folder.name}'.", where=str(folder.parent), remedy="Check the path.")
    leaks, notes = [], []
    paths = [folder] if folder.is_file() else sorted(_files(folder))
    for number, path in enumerate(paths, start=1):
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        given_away = _by_kind(found(name, needles))
        shown = f"file {number} of {len(paths)} in order of name" if given_away else name
        leaks += [Leak(shown, "file name", kind, count) for kind, count in given_away]
        budget = Budget(shown)
        leaks += [Leak(shown, where, kind, count) for where, kind, count in _in_file(path, needles, budget)]
        notes += [Note(shown, where, says) for where, says in dict.fromkeys(budget.notes)]
    return LeakCheck(len(paths), tuple(leaks), tuple(notes), needles.left_out)


def found(text: str, needles: Needles) -> Found:
    """Return what of the needles a text holds, as (kind, value); for this package alone, since it holds values."""
    folded = " ".join(text.casefold().split())
    hits: Found = set()
    if not needles.words.keys().isdisjoint(WORD.findall(folded)):
        for word in WORD.finditer(folded):
            hits |= {(needle.kind, needle.text) for needle in needles.words.get(word[0], ())
                     if _stands_at(needle, folded, word.start() - needle.at)}
    if needles.days:
        hits |= {(needles.days[day], day.isoformat()) for day in days_in(folded) if day in needles.days}
    slashed = folded.replace("\\", "/")
    hits |= {("machine path", path) for path in needles.paths if _holds_path(slashed, path)}
    if any(part in slashed for part in HOMES):
        hits |= {("machine path", match[0]) for match in SOMEBODYS_HOME.finditer(slashed)}
    return hits


def _in_file(path: Path, needles: Needles, budget: Budget) -> Iterator[tuple[str, str, int]]:
    """Yield ``(where, kind, count)``; a value met again at the same place counts once."""
    hits: dict[str, Found] = {}
    try:
        if path.stat().st_size > MAX_UNPACKED:
            budget.notes.append(("file", f"it is larger than {MAX_UNPACKED // 2**20} MB"))
            return
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"A file cannot be opened: {error.strerror or 'the system refuses'}.", where=budget.file,
                         remedy="Close it in other programs and check that you may read it.") from None
    for where, text in pieces(data, budget, path.suffix.lower().removeprefix(".")):
        hits.setdefault(where, set()).update(found(text, needles))
    for where, held in hits.items():
        yield from ((where, kind, count) for kind, count in _by_kind(held))


def _by_kind(hits: Found) -> list[tuple[str, int]]:
    kinds = [kind for kind, _ in hits]
    return [(kind, kinds.count(kind)) for kind in sorted(set(kinds))]


def _files(folder: Path) -> Iterator[Path]:
    for root, _, names in os.walk(folder):
        yield from (Path(root) / name for name in names)


def _stands_at(needle: Needle, text: str, at: int) -> bool:
    """Whether a value stands there as a whole word, and a number not as the decimals of another."""
    end = at + len(needle.text)
    if at < 0 or not text.startswith(needle.text, at):
        return False
    before, after = text[max(at - 2, 0) : at], text[end : end + 3]
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    is_decimal = before[-1:] == "." and before[:1].isdigit() or DECIMALS.match(after) is not None
    return not (is_decimal and needle.text.isdigit())


def _holds_path(text: str, path: str) -> bool:
    at = text.find(path)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(path) : at + len(path) + 1]
        if not (before.isalnum() or before in ("<", ".", "_")) and not (after.isalnum() or after in ("_", "-")):
            return True
        at = text.find(path, at + 1)
    return False
