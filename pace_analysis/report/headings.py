"""Column headings of a table, one or more rows of them, as cells to draw or as one line a column."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from pace_analysis.report.blocks import TableBlock


@dataclass(frozen=True, slots=True)
class HeadingCell:
    """A column heading and the columns (``span``) and heading rows (``depth``) it reaches over."""

    text: str
    column: int
    span: int = 1
    depth: int = 1


def heading_cells(table: TableBlock) -> tuple[tuple[HeadingCell, ...], ...]:
    """Each heading row as the cells that start in it.

    Equal neighbours above the last row become one cell over several columns; a heading said again below itself
    becomes one cell that reaches down.
    """
    last = len(table.header) - 1
    tops = [_top(table, column) for column in range(len(table.header[-1]))]
    rows = []
    for level, row in enumerate(table.header):
        cells = []
        for start, stop in column_groups(row) if level < last else ((i, i + 1) for i in range(len(row))):
            if stop - start > 1:
                cells.append(HeadingCell(row[start], start, span=stop - start))
            elif level <= tops[start]:
                text = table.header[last][0] if start == 0 else row[start]
                cells.append(HeadingCell(text, start, depth=last - level + 1 if level == tops[start] else 1))
        rows.append(tuple(cells))
    return tuple(rows)


def plain_headings(table: TableBlock) -> tuple[str, ...]:
    """One heading a column, those over several columns in front: ``2014/15: share``."""
    columns = zip(*table.header, strict=True)
    return tuple(": ".join(text for text, _ in groupby(text for text in column if text)) for column in columns)


def column_groups(row: tuple[str, ...]) -> list[tuple[int, int]]:
    """First and past-the-last column of each heading; the first column stands alone."""
    groups = [(0, 1)]
    for _, same in groupby(row[1:]):
        start = groups[-1][1]
        groups.append((start, start + len(list(same))))
    return groups


def _top(table: TableBlock, column: int) -> int:
    """The row in which a column's own heading starts; one said again in the row below reaches down to it."""
    top = len(table.header) - 1
    while top and (column == 0 or _alone(table.header[top - 1], column, table.header[top][column])):
        top -= 1
    return top


def _alone(row: tuple[str, ...], column: int, heading: str) -> bool:
    return row[column] == heading and (column, column + 1) in column_groups(row)
