"""Last quarter's words as the start of this quarter's: copied once, marked where they may not fit, not overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pace_analysis.dates import Quarter
from pace_analysis.disk import alone, place_new, write_settled
from pace_analysis.errors import OutputError, SettingsError, UsageError
from pace_analysis.report.narrative.prose import Remark, prose
from pace_analysis.report.text import TextPaper, parse_text
from pace_analysis.settings import Authority, resolve

MARK = re.compile(r"^<!-- check: .*? -->\n", re.MULTILINE)


def words_path(authority: Authority, quarter: Quarter, text: str | Path = "") -> Path:
    """The author's file for a quarter: the one named, its own ``NAME-2015Q3.md`` beside the authority's, else the authority's."""
    if text:
        return resolve(text)
    own = quarter_path(authority, quarter)
    return own if own.is_file() else resolve(authority.text)


def quarter_path(authority: Authority, quarter: Quarter) -> Path:
    """Where a quarter's own words are, or would be."""
    return resolve(authority.text).parent / f"{authority.slug}-{quarter}.md"


def carried(authority: Authority, earlier: Quarter, quarter: Quarter) -> tuple[str, TextPaper]:
    """Read the words of an earlier quarter, without the marks of an earlier copy; returns them typed and parsed.

    Raises
    ------
    UsageError
        ``earlier`` is not before ``quarter``.
    SettingsError
        There are no such words, or they cannot be understood.
    """
    if earlier >= quarter:
        remedy = f"Write --from {quarter.shift(-1)}, or an earlier quarter."
        raise UsageError(f"{earlier} is not before {quarter}.", remedy=remedy)
    source = words_path(authority, earlier)
    try:
        typed = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The text '{source.name}' cannot be read.", where=authority.text,
                            remedy="Name a text file saved as UTF-8 in the authority's settings, key 'text'.") from None
    typed = MARK.sub("", typed)
    return typed, parse_text(typed, source.name)


def marked(typed: str, remarks: Iterable[Remark]) -> str:
    """Put each remark as a comment above the line that it is about; the page does not change.

    Where a comment there would change the page, because the line stands within one already, nothing is put.
    """
    above: dict[int, list[str]] = {}
    for remark in remarks:
        says = remark.says.replace("--", "- -").replace("<!", "< !")
        above.setdefault(remark.line, []).append(f"<!-- check: {says} -->")
    lines = [line for number, own in enumerate(typed.split("\n"), start=1) for line in (*above.get(number, ()), own)]
    text = "\n".join(lines)
    try:
        same = _words(text) == _words(typed)
    except SettingsError:
        same = False
    return text if same else typed


def write_once(path: Path, text: str) -> bool:
    """Write a file that does not exist yet, whole or not at all; False, and nothing is done, when it does.

    Raises
    ------
    OutputError
        If it cannot be written; no part of it is left.
    BusyError
        If another run is copying words to the same file.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path, "Another run is copying these words."):
            return _write_under_lock(path, text.encode("utf-8"))
    except OSError as error:
        raise _not_written(path, error) from None


def _write_under_lock(path: Path, content: bytes) -> bool:
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)  # of a run that was cut off
    if path.exists():
        return False
    try:
        write_settled(aside, content)
        return place_new(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _words(text: str) -> list[tuple[str, str, list[str]]]:
    return [(part.place, part.text, [piece.value for piece in part.facts]) for part in prose(parse_text(text, ""))]


def _not_written(path: Path, error: OSError) -> OutputError:
    return OutputError(f"The words cannot be copied: {error.strerror or error}.", where=path.name,
                       remedy="Check that the folder of the authority's text is not read-only and has room.")
