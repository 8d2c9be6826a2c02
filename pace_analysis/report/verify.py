"""A finished report held against its manifest and the ledger: is it what was released, to the last byte?

A public report holds every figure that it releases in ``released.json``, and its manifest names the ledger's head. The
ledger in turn holds the SHA-256 of the manifest without that head, so that neither can be changed alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pace_analysis.errors import OutputError, UsageError
from pace_analysis.ledger import FIGURES, Figure, Entry, Head, Key, Ledger, LedgerError, ledger_path
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.report import manifest
from pace_analysis.report.released import AGAIN, read_released

HEAD = "ledger_head"


@dataclass(frozen=True, slots=True)
class Verified:
    """A report that is as it was written.

    Attributes
    ----------
    report : str
        Name of its folder.
    files : int
        Outputs whose hashes agree.
    figures : int
        Figures that the ledger holds with equal values.
    head : Head or None
        Where its release ends in the ledger; None when the ledger was not asked.
    revised : tuple of Key
        Figures that a later release corrected.
    draft : bool
        Whether it is a draft, which no ledger holds.
    """

    report: str
    files: int
    figures: int = 0
    head: Head | None = None
    revised: tuple[Key, ...] = ()
    draft: bool = False

    def text(self) -> str:
        """Say in words what was compared."""
        lines = [f"{self.report}: {self.files} files are as they were written."]
        if self.draft:
            lines.append("It is a draft: it was never recorded as released.")
        elif self.head is None:
            lines.append("Its figures were not compared with a ledger.")
        else:
            lines.append(f"{self.figures} figures are in the ledger with equal values, up to line {self.head.seq}.")
        lines += [f"Corrected by a later release: {', '.join(key)}." for key in self.revised]
        return "\n".join(lines)


def verify(folder: Path, *, ledger: Path | None = None, files_only: bool = False) -> Verified:
    """Check a finished report against its manifest, and one that is public against the ledger.

    Parameters
    ----------
    folder : Path
        Of the report.
    ledger : Path, optional
        The authority's own by default.
    files_only : bool
        Do not ask the ledger, which readers of a report do not hold.

    Raises
    ------
    OutputError
        A file was changed, is missing or was added; ``where`` names it.
    LedgerError
        The ledger is damaged, or does not hold what the report releases.
    UsageError
        The report is of a nation, which has no ledger.
    """
    text, said = read_manifest(folder / manifest.NAME)
    _must_be_as_written(folder, said["outputs"])
    files = len(said["outputs"])
    public = HEAD in said or PROFILES[said["profile"]].protects
    if files_only or not public or said["parameters"].get("draft"):
        return Verified(folder.name, files, draft=bool(said["parameters"].get("draft")))
    head = head_of(said)
    if head is None and said["parameters"]["authority"] == manifest.NATION:
        raise UsageError("The report of a nation is in no ledger.", where=folder.name, remedy="Compare its files alone: add --files-only.")
    if head is None:
        raise LedgerError("The report names no line of the ledger.", where=_where(folder, manifest.NAME), remedy=AGAIN)
    authority = said["parameters"]["authority"]
    book = Ledger.open(ledger or ledger_path(authority), authority, released=[head])
    part = _part(book, head)
    if part[0].manifest != digest(text):
        raise _not_as_written([f"changed: {manifest.NAME}"])
    figures = {figure.key: figure for figure in read_released(folder).figures}
    _must_agree(figures, part)
    now = book.cells()
    revised = tuple(key for key, cell in figures.items() if now[key].value != cell.value)
    return Verified(folder.name, files, len(figures), head, revised)


def digest(text: str) -> str:
    """SHA-256 of a manifest's text without the ledger's head: what the ledger keeps of it."""
    said = {name: value for name, value in json.loads(text).items() if name != HEAD}
    return hashlib.sha256(_dumped(said).encode("utf-8")).hexdigest()


def sealed(text: str, head: Head) -> str:
    """Return a manifest's text with the ledger's head in it."""
    return _dumped(json.loads(text) | {HEAD: asdict(head)})


def released_heads(reports: Path, *others: Path) -> tuple[Head, ...]:
    """Heads in the manifests of all reports in a folder of reports, and of others; OutputError when one was changed."""
    folders = finished(reports)
    folders += [folder for folder in others if (folder / manifest.NAME).is_file() and folder not in folders]
    heads = (head_of(read_manifest(folder / manifest.NAME)[1]) for folder in folders)
    return tuple(head for head in heads if head)


def finished(reports: Path) -> list[Path]:
    """Folders of the reports that lie in a folder of reports, by name."""
    # what a run was killed over lies in a folder with a dot before its name, finished or not
    return sorted(path.parent for path in reports.glob(f"[!.]*/{manifest.NAME}"))


def read_manifest(path: Path) -> tuple[str, dict[str, Any]]:
    """Read a manifest, as text and as what it says; OutputError when there is none or it is not as it was written."""
    if not path.is_file():
        raise OutputError("This is not the folder of a finished report.", remedy="Name the folder of a report.",
                          where=f"missing: {path.parent.name}/{path.name}")
    try:
        text = path.read_bytes().decode("utf-8")
        said = json.loads(text)
        if _dumped(said) != text or not _usable(said):
            raise ValueError("not as it was written")
    except OSError as error:
        raise OutputError(f"The manifest cannot be read: {error.strerror}.", where=path.parent.name) from None
    except (ValueError, RecursionError):
        raise _not_as_written([f"changed: {path.parent.name}/{path.name}"]) from None
    return text, said


def _usable(said: Any) -> bool:
    if not isinstance(said, dict) or not all(_is_words(said.get(name)) for name in ("code", "inputs", "outputs", "versions")):
        return False
    if "pace_analysis" not in said["code"] or not isinstance(said.get("parameters"), dict):
        return False
    slug = re.fullmatch(r"[a-z0-9-]{1,64}", str(said["parameters"].get("authority")))
    return slug is not None and said.get("profile") in PROFILES


def _is_words(part: Any) -> bool:
    return isinstance(part, dict) and all(isinstance(value, str) for value in part.values())


def _must_be_as_written(folder: Path, outputs: Mapping[str, str]) -> None:
    try:
        found = manifest.outputs_of(folder)
    except OSError as error:
        raise OutputError(f"The report cannot be read: {error.strerror}.", where=folder.name) from None
    if wrong := manifest.differences(outputs, found):
        raise _not_as_written(wrong)


def _not_as_written(wrong: list[str]) -> OutputError:
    return OutputError("The report is not as it was written.", where="; ".join(wrong), remedy=AGAIN)


def head_of(said: Mapping[str, Any]) -> Head | None:
    """Return the line of the ledger that a manifest names, if any; OutputError when it is not as it was written."""
    try:
        return Head.of(said[HEAD]) if HEAD in said else None
    except ValueError:
        raise _not_as_written([f"changed: {manifest.NAME}"]) from None


def _part(book: Ledger, head: Head) -> tuple[Entry, ...]:
    part = next((part for part in map(book.part, book.releases()) if part[-1].seq == head.seq), None)
    if part is None:
        raise LedgerError(f"No release ends at line {head.seq} of the ledger, which the report names.", remedy=AGAIN)
    return part


def _must_agree(figures: Mapping[Key, Figure], part: tuple[Entry, ...]) -> None:
    held = {entry.key: (entry.value, entry.method) for entry in part if entry.kind in FIGURES}
    shown = {key: (cell.value, cell.method) for key, cell in figures.items()}
    wrong = sorted(key for key in held.keys() | shown.keys() if held.get(key) != shown.get(key))
    if wrong:
        raise LedgerError(f"{len(wrong)} figure(s) of the report are not as the ledger holds them.",
                          where="; ".join(", ".join(key) for key in wrong[:3]), remedy=AGAIN)


def _where(folder: Path, name: str) -> str:
    return f"{folder.name}/{name}"


def _dumped(said: Any) -> str:
    # as manifest.make_manifest writes it
    return json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
