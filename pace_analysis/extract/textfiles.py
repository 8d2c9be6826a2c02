"""CSV files to text, exactly or not at all.

Every value stays text: ``NA`` is a name, ``00123`` keeps its zeros. A file is UTF-8 (with or without byte
order mark) or UTF-16 with its mark; Windows-1252 is accepted only where the bytes cannot be UTF-8, and said.
Text that was once decoded wrongly and saved so (``Ã«`` for ``ë``) is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import name_shown

MAX_BYTES = 200 * 1024 * 1024
SNIFFED = 64 * 1024
UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# what UTF-8 becomes when it is read as Windows-1252: a lead byte's letter, then one of the continuation bytes' signs
NONSENSE = re.compile("[ÂÃ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|ï»¿")
SAVE_AS = "Save the file again as 'CSV UTF-8 (comma delimited)'."


@dataclass(frozen=True)
class TextTable:
    """One table as text.

    Attributes
    ----------
    name : str
        File or sheet, as messages say it.
    frame : DataFrame
        Text without surrounding spaces, ``""`` when blank; the index is the row number (header = row 1).
    blank_rows : int
        Rows read in which every cell is blank; they are not in ``frame``.
    notes : tuple of str
        What a report must say of the reading.
    """

    name: str
    frame: pd.DataFrame
    blank_rows: int = 0
    notes: tuple[str, ...] = ()


def csv_files(folder: Path) -> list[Path]:
    """CSV files directly in ``folder``, by name."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() == ".csv" and file.is_file())


def header_of(path: Path) -> tuple[str, ...]:
    """Column names of a CSV file, for recognising its format; empty when they cannot be made out."""
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")
    if "\0" in text:
        return ()
    try:
        return tuple(name.strip() for name in next(csv.reader(io.StringIO(text, newline="")), ()))
    except csv.Error:
        return ()


def read_csv(path: Path) -> TextTable:
    """Read one CSV file as text.

    Raises
    ------
    InputError
        For bytes that are no text, a NUL, a line with another number of values than the header, an unclosed
        quotation mark, or a column name that is blank or repeated; file and line are named.
    """
    text, notes = _read_text(path)
    records = ((line, record) for line, record in _records(text, path.name) if record)
    header = [name.strip() for name in next(records, (1, []))[1]]
    check_header(header, path.name)
    numbers, rows, blank = [], [], 0
    for line, record in records:
        if len(record) != len(header):
            raise _ragged(path.name, line, len(record), len(header))
        values = list(map(str.strip, record))
        if any(values):
            numbers.append(len(rows) + blank + 2)
            rows.append(values)
        else:
            blank += 1
    frame = pd.DataFrame(rows, columns=header, index=pd.Index(numbers, dtype="int64"), dtype=object)
    return TextTable(path.name, frame, blank, notes)


def read_rows(path: Path) -> tuple[list[list[str]], tuple[str, ...]]:
    """Every row of a CSV file as a spreadsheet would show it, blank ones included, and what a report must say.

    Raises
    ------
    InputError
        As :func:`read_csv` does of the text; the number of values in a row is left to the caller.
    """
    text, notes = _read_text(path)
    return [record for _, record in _records(text, path.name)], notes


def check_header(header: list[str], name: str) -> None:
    """Refuse a header without names, with a blank name, or with one name twice."""
    if not any(header):
        raise InputError("The table is empty: there are no column names.", where=name, remedy="Export it again.")
    if "" in header:
        raise InputError(
            f"Column {header.index('') + 1} has no name.", where=f"{name}, row 1", remedy="Name it or delete it."
        )
    twice = [column for i, column in enumerate(header) if column in header[:i]]
    if twice:
        raise InputError(
            f"Column '{name_shown(twice[0])}' stands in the header twice.",
            where=f"{name}, row 1",
            remedy="Rename or delete one of them.",
        )


def _read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and what must be said of it."""
    if path.stat().st_size > MAX_BYTES:
        raise InputError("The file is larger than 200 MB.", where=path.name, remedy="Export fewer columns or years.")
    text, notes = _decode(path.read_bytes(), path.name)
    spoilt = {"\0": "a NUL character: it is no text", NONSENSE: "letters that a wrong encoding has spoilt"}
    for sign, says in spoilt.items():
        found = re.search(sign, text)
        if found:
            where = f"{path.name}, line {text.count(chr(10), 0, found.start()) + 1}"
            raise InputError(f"The file holds {says}.", where=where, remedy=SAVE_AS)
    if text and not text.endswith(("\n", "\r")):
        notes += (f"{path.name} does not end with a line break: if it was cut off, its last value is not whole.",)
    return text, notes


def _decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file and a note where it was not UTF-8."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, notes = "utf-16", (f"{name} was read as UTF-16, as its byte order mark says.",)
    else:
        encoding, notes = "utf-8-sig", ()
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        text, notes = _decode_windows(raw, name, error)
    return text, notes


def _decode_windows(raw: bytes, name: str, error: UnicodeDecodeError) -> tuple[str, tuple[str, ...]]:
    """Read Windows-1252 where no part of the file is UTF-8: a mixture would turn names into nonsense."""
    line = raw.count(b"\n", 0, error.start) + 1
    where = f"{name}, line {line}"
    if error.encoding.startswith("utf-16") or UTF8_SEQUENCE.search(raw):
        raise InputError("The file mixes encodings or is damaged.", where=where, remedy=SAVE_AS) from error
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError("The file's encoding is not known.", where=where, remedy=SAVE_AS) from error
    return text, (f"{name} is not UTF-8 and was read as Windows-1252.",)


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line a record starts on and its values; none for a line without any character."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                "A quotation mark is not closed, or stands within a value.",
                where=f"{name}, line {line}",
                remedy='Write a quotation mark within a value twice (""), and close every quoted value.',
            ) from error
        yield line, record
        line = reader.line_num + 1


def _ragged(name: str, line: int, found: int, expected: int) -> InputError:
    return InputError(
        f"The line has {found} values; the header has {expected}.",
        where=f"{name}, line {line}",
        remedy="Look for a comma inside a value without quotation marks, or a line broken in two, and export again.",
    )
