"""The return as one XML file (root ``EXPSSDA903``), to the same tables of text as its CSV files.

The parser is the standard library's, fed in pieces: one child is held at a time. A document type declaration,
and with it every entity that could be expanded, is refused before anything of it is read. Row 2 of a table is
its first element in the file, as it would be in a CSV file.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from xml.parsers.expat import ErrorString

import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.dates_in import name_shown
from pace_analysis.extract.textfiles import MAX_BYTES, SNIFFED, TextTable

ROOT, CHILD, HEADER, EPISODE = "EXPSSDA903", "CHILD", "HEADER", "EPISODE"
GROUPS = MappingProxyType({
    "AREVIEW": "reviews", "AMISSING": "missing", "PERMANENCE": "previous_permanence", "OC2": "oc2",
    "AD_PLACED": "placed_for_adoption",
})
WITHIN_HEADER = ("ad1", "oc3", "uasc")  # tables whose columns stand in the header itself, for children who have any
OF_EVERY_CHILD = frozenset({"CHILD", "DOB", "SEX"})
CSV_NAMES = MappingProxyType({"CHILDID": "CHILD", "PL": "PLACE"})
FLAGS = frozenset({"UASC"})  # elements of the header that no CSV file has
DEEPEST = 5
EXPORT_AGAIN = "Export the return again, as XML or as CSV files."
Record = dict[str, str]


class _FoundRoot(Exception):
    """Ends the parsing as soon as the name of the root element is known."""


class _Root:
    """Parser target that stops at the root element, or at a declaration that names it."""

    def doctype(self, name: str, *_: object) -> None:
        raise _FoundRoot(name)

    def start(self, tag: str, _: object) -> None:
        raise _FoundRoot(tag)


def is_return(path: Path) -> bool:
    """Whether the root element of ``path`` is that of the return."""
    if path.suffix.lower() != ".xml" or not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(SNIFFED)
    try:
        ET.XMLParser(target=_Root()).feed(start)
    except _FoundRoot as found:
        return _local(found.args[0]) == ROOT
    except (ET.ParseError, LookupError, ValueError):
        pass
    return False


def read_xml(
    path: Path, layout: Mapping[str, tuple[str, ...]], name: str
) -> tuple[dict[str, TextTable], tuple[str, ...]]:
    """Read a return as XML into tables of text with the columns of ``layout``.

    Parameters
    ----------
    path, name : Path, str
        The file, and how messages name it.
    layout : mapping of table to columns

    Returns
    -------
    dict of table to TextTable
        Every table that XML can hold, those without a row included.
    tuple of str
        Elements that are not known, counted.

    Raises
    ------
    InputError
        For a document type declaration, XML that is damaged or nested too deeply, text beside elements, or an element
        that stands twice where one belongs.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InputError("The file is larger than 200 MB.", where=name, remedy="Export fewer years.")
    target = _Children(name, layout)
    parser = ET.XMLParser(target=target)
    try:
        with path.open("rb") as file:
            while piece := file.read(SNIFFED):
                parser.feed(piece)
        parser.close()
    except ET.ParseError as error:
        what = f"The XML is damaged ({ErrorString(error.code)})."
        raise InputError(what, where=f"{name}, line {error.position[0]}", remedy=EXPORT_AGAIN) from error
    except (LookupError, ValueError) as error:
        raise InputError("The XML's encoding is not known.", where=name, remedy="Save it again as UTF-8.") from error
    tables = {
        table: _text(f"{name}, {table}", rows, layout[table]) for table, rows in target.rows.items()
    }
    strange = (f"{name}: {count} elements {name_shown(tag)} are not known and were not read."
               for tag, count in sorted(target.strange.items()) if count)
    return tables, tuple(strange)


def _text(name: str, rows: list[Record], columns: tuple[str, ...]) -> TextTable:
    index = pd.RangeIndex(2, len(rows) + 2)
    values = {column: [row.get(column, "") for row in rows] for column in columns}
    return TextTable(name, pd.DataFrame(values, index=index, dtype=object))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Children:
    """Parser target that turns each child's elements into rows; it holds one child's records at a time."""

    def __init__(self, name: str, layout: Mapping[str, tuple[str, ...]]) -> None:
        self.name, self.layout = name, layout
        self.rows: dict[str, list[Record]] = {
            table: [] for table in ("header", "episodes", *GROUPS.values(), *WITHIN_HEADER)
        }
        self.strange: Counter[str] = Counter()
        self._path: list[str] = []
        self._text: list[str] = []
        self._leaf = False
        self._header: Record = {}
        self._records: list[tuple[str, Record]] = []  # episodes and groups of the child being read

    def doctype(self, *_: object) -> None:
        what = "The XML declares a document type; such files are not read, for its entities could unpack without end."
        raise InputError(what, where=self.name, remedy="Delete the line that begins with <!DOCTYPE.")

    def start(self, tag: str, _: object) -> None:
        self._refuse_text()
        self._path.append(_local(tag))
        depth = len(self._path)
        if depth > DEEPEST or self._path[0] != ROOT:
            raise self._refuse("The XML is nested deeper than a return is")
        if depth == 2:
            self._header, self._records = {}, []
        elif depth == 3 and self._path[2] == EPISODE:
            self._records.append(("episodes", {}))
        elif depth == DEEPEST and self._leaf:
            self._records.append((GROUPS.get(self._path[3], ""), {}))
        self._leaf = True

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, _: str) -> None:
        tag, depth = self._path[-1], len(self._path)
        if self._leaf and depth > 3:
            self._keep(tag, depth)
        elif depth == 2:
            self._finish(tag)
        else:
            self._refuse_text()
        self._text, self._leaf = [], False
        self._path.pop()

    def close(self) -> None:
        """The rows are in ``rows``."""

    def _keep(self, tag: str, depth: int) -> None:
        """Put the value of an element without elements of its own into the record it belongs to."""
        value, column = "".join(self._text).strip(), CSV_NAMES.get(tag, tag)
        if depth == DEEPEST:
            table, record = self._records[-1]
        elif self._path[2] == HEADER:
            table, record = "header", self._header
        elif self._path[2] == EPISODE:
            table, record = self._records[-1]
        else:
            table, record = "", {}
        if not self._known(table, column):
            self.strange[tag] += bool(value)
        elif column in record:
            raise self._refuse(f"The element {tag} stands twice in one {self._path[-2]}")
        record[column] = value

    def _known(self, table: str, column: str) -> bool:
        tables = ("header", *WITHIN_HEADER) if table == "header" else (table,) if table else ()
        return column in FLAGS or any(column in self.layout[name] for name in tables)

    def _finish(self, tag: str) -> None:
        """Make rows of a whole child."""
        self._refuse_text()
        if tag != CHILD:
            self.strange[tag] += 1
            return
        header = self._header
        everyone = {column: header.get(column, "") for column in OF_EVERY_CHILD}
        self.rows["header"].append(header)
        for table, record in self._records:
            if table:
                self.rows[table].append(everyone | record)
        for table in WITHIN_HEADER:
            if any(header.get(column) for column in set(self.layout[table]) - OF_EVERY_CHILD):
                self.rows[table].append(header)

    def _refuse_text(self) -> None:
        if "".join(self._text).strip():
            raise self._refuse("Text stands beside elements")
        self._text = []

    def _refuse(self, what: str) -> InputError:
        child = len(self.rows["header"]) + 1
        return InputError(f"{what}.", where=f"{self.name}, child number {child} in the file", remedy=EXPORT_AGAIN)
