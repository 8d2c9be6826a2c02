"""Made-up rows whose counts are known, so that an engine that was never tried shows that it counts as DuckDB does."""

from __future__ import annotations

from datetime import date

from pace_analysis.scale.counted import AFTER_CUT, BEFORE_WINDOW, NEVER_STARTED, NO_DATE, NO_GROUP
from pace_analysis.scale.query import Waits, count_query, literal

WAITS = Waits("start", ("decided", "left"), as_at=date(2016, 3, 10), covers_from=date(2016, 1, 3), by="label")
ROWS = (  # start, decided (kept as text), left, label
    ("2015-12-30", "2016-02-29", "2016-02-29", "a"),
    ("2015-12-30", "", "2016-03-10", "a"),
    ("2016-01-05", "2016-01-02", None, "b"),
    ("2016-01-05", "2016-03-11", None, "b"),
    ("2016-01-05", None, None, "b"),
    ("2015-12-01", None, "2015-12-31", "b"),
    ("2016-03-11", None, None, "b"),
    (None, "2016-01-05", None, "b"),
    ("0001-01-01", None, None, "a"),
    ("2016-01-05", None, None, ""),
)
CELLS = frozenset({  # group, kind, day, rows
    ("a", 0, 4, 2), ("a", 2, 61, 1), ("a", 3, 71, 1), ("b", 2, 0, 1), ("b", 1, 65, 2),
    ("b", BEFORE_WINDOW, 0, 1), ("b", AFTER_CUT, 0, 1), ("b", NEVER_STARTED, 0, 1), ("a", NO_DATE, 0, 1),
    (None, NO_GROUP, 0, 1),
})


def known_query() -> str:
    """Return the query that counts ``ROWS``; its answer is ``CELLS``, in any order."""
    rows = " UNION ALL ".join(
        f"SELECT {_value(start, 'DATE')} AS start, {_value(decided, 'VARCHAR')} AS decided, {_value(left, 'DATE')} AS "
        f'"left", {literal(label)} AS label' for start, decided, left, label in ROWS)
    return count_query(f"({rows})", WAITS, text_dates=frozenset({"decided"}))


def _value(text: str | None, kind: str) -> str:
    return f"CAST({'NULL' if text is None else literal(text)} AS {kind})"
