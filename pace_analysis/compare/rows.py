"""Rows of an extract as keyed hashes: found again, and seen as changed, without their values.

A hash is keyed BLAKE2b (RFC 7693) under the authority's own key, so that nobody without it can try out numbers or
dates. The end of a period of care counts as a row of its own: it is recorded later than the period's start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from pace_analysis.tables.schema import TABLES, CareTables

BYTES = 8  # 64 bits, as for keyed ids
COLUMNS = ["table", "id", "child", "content"]
END = "period end"
PLACE = re.compile(r"^\d+-(?=[0-9a-f]{16}$)")  # what a keyed id begins with, and what differs from one extract to the next
SAME, CORRECTED, LATE, DELETED = "same", "corrected", "late", "deleted"
_PARTS = {
    "child": ("child", ["child_id"]),
    "period": ("period", ["period_id"]),
    END: ("period", ["period_id"]),
    "milestone": ("milestone", ["period_id", "milestone"]),
}  # table read, and what finds a row again
_ENDING = ["end_date", "end_reason"]


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows of two extracts, told apart.

    Attributes
    ----------
    before, after : DataFrame
        :data:`COLUMNS` and ``status``: before ``same``, ``corrected`` or ``deleted``; after ``same``, ``corrected`` or
        ``late``.
    """

    before: pd.DataFrame
    after: pd.DataFrame

    def children(self, status: str) -> frozenset[str]:
        """Hashed numbers of the children of whom a row, before or after, is of a status."""
        found = [frame.loc[frame["status"] == status, "child"] for frame in (self.before, self.after)]
        return frozenset(pd.concat(found))

    def ids(self, table: str, status: str) -> frozenset[str]:
        """Hashed ids of the rows of a table that are of a status, before or after."""
        frames = (self.before, self.after)
        return frozenset(
            pd.concat([frame.loc[(frame["table"] == table) & (frame["status"] == status), "id"] for frame in frames])
        )


def hashed(texts: Iterable[str], key: bytes) -> list[str]:
    """Return the keyed hash of each text, in hexadecimal."""
    keyed, hashes = hashlib.blake2b(digest_size=BYTES, key=key), []
    for text in texts:
        one = keyed.copy()  # the key is mixed in once
        one.update(text.encode("utf-8"))
        hashes.append(one.hexdigest())
    return hashes


def hashed_ids(ids: pd.Series | pd.Index, key: bytes, kind: str) -> pd.Series:
    """Return the keyed hash of each id of a kind (``child`` or ``period``); equal for one id in all extracts."""
    ids = pd.Series(ids, dtype=object)
    different = ids.unique()
    hashes = hashed((f"{kind}\x1f{PLACE.sub('', str(text))}" for text in different), key)
    return ids.map(dict(zip(different, hashes, strict=True))).astype(object)  # an empty column would become one of numbers


def row_hashes(tables: CareTables, key: bytes) -> pd.DataFrame:
    """Hash every row of the tables child, period and milestone.

    Returns
    -------
    DataFrame, rows in the order of the tables
        :data:`COLUMNS`, all text: ``id`` finds the row again, ``content`` changes with any value of it, ``child`` is
        whose it is (empty for a milestone of no period).
    """
    whose = dict(zip(tables.period["period_id"], hashed_ids(tables.period["child_id"], key, "child"), strict=True))
    return pd.concat([_hashed_table(tables, name, whose, key) for name in _PARTS], ignore_index=True)


def as_known(tables: CareTables, day: date) -> CareTables:
    """Return what an extract of ``day`` would have held of these rows: nothing that is dated later."""
    until = pd.Timestamp(day)
    begun = ~(tables.period["start_date"] > until)
    ends_later = tables.period["end_date"] > until
    period = tables.period.assign(
        end_date=tables.period["end_date"].mask(ends_later), end_reason=tables.period["end_reason"].mask(ends_later, "")
    )[begun]
    later = tables.period[~begun]
    milestone = tables.milestone[
        ~(tables.milestone["date"] > until) & ~tables.milestone["period_id"].isin(later["period_id"])
    ]
    not_yet = set(later["child_id"]) - set(period["child_id"])
    return replace(
        tables, child=tables.child[~tables.child["child_id"].isin(not_yet)], period=period, milestone=milestone
    )


def matched(before: pd.DataFrame, after: pd.DataFrame, *, later: Collection[str] = ()) -> Matched:
    """Tell the rows of two extracts apart.

    Rows of equal id and content are the same. Of what is left, rows of equal id are one row that was corrected, as many
    as there are on both sides; others are late (after) or deleted (before). ``later`` are ids that the later extract
    holds with a date after the earlier one's cut: a row that went there was corrected too.
    """
    one, other = _paired(before, after, ["table", "id", "content"])
    left = [
        frame[~same].sort_values(["table", "id", "content"], kind="stable")
        for frame, same in ((before, one), (after, other))
    ]
    changed = [frame.index[pair] for frame, pair in zip(left, _paired(*left, ["table", "id"]), strict=True)]
    gone = _with_status(before, one, changed[0], DELETED)
    moved_on = (gone["status"] == DELETED) & gone["id"].isin(later)
    return Matched(
        gone.assign(status=gone["status"].mask(moved_on, CORRECTED)), _with_status(after, other, changed[1], LATE)
    )


def without(tables: CareTables, status: pd.Series) -> CareTables:
    """Return tables without the rows whose ``status`` is late; a late end of a period is taken back.

    ``status`` is that of :func:`row_hashes` of the same tables, in its order.
    """
    late, at = {}, 0
    ended = tables.period["end_date"].notna().to_numpy()
    for name, size in (
        ("child", len(tables.child)),
        ("period", len(tables.period)),
        (END, int(ended.sum())),
        ("milestone", len(tables.milestone)),
    ):
        late[name] = (status.iloc[at : at + size] == LATE).to_numpy()
        at += size
    reopened = np.zeros(len(tables.period), dtype=bool)
    reopened[ended] = late[END]
    period = tables.period.assign(
        end_date=tables.period["end_date"].mask(reopened), end_reason=tables.period["end_reason"].mask(reopened, "")
    )[~late["period"]]
    return replace(tables, period=period, milestone=tables.milestone[~late["milestone"]])


def _hashed_table(tables: CareTables, name: str, whose: dict[str, str], key: bytes) -> pd.DataFrame:
    source, found_by = _PARTS[name]
    frame = getattr(tables, source)
    if name == END:
        frame = frame[frame["end_date"].notna()]
    content = [column.name for column in TABLES[source] if column.name not in found_by]
    content = _ENDING if name == END else [column for column in content if name != "period" or column not in _ENDING]
    ids = frame[found_by[0]]
    child = hashed_ids(ids, key, "child") if source == "child" else ids.map(whose).fillna("")
    found = hashed_ids(ids, key, source if source == "child" else "period")
    if name == "milestone":
        found = pd.Series(hashed(found + "\x1f" + frame["milestone"], key), index=frame.index, dtype=object)
    told = pd.Series(name, index=frame.index, dtype=object)
    for column in content:
        told = told + "\x1f" + _texts(frame[column])
    return pd.DataFrame({"table": name, "id": found, "child": child, "content": hashed(told, key)}, columns=COLUMNS)


def _texts(column: pd.Series) -> pd.Series:
    if column.dtype.kind == "M":
        days = np.datetime_as_string(column.to_numpy(dtype="datetime64[D]"))
        return pd.Series(days, column.index, dtype=object).mask(column.isna(), "")
    return column.map({text: PLACE.sub("", str(text)) for text in column.unique()}).astype(object)


def _paired(before: pd.DataFrame, after: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Whether each row has a partner on the other side: the first by these columns with the first, and so on."""
    one, other = (
        pd.MultiIndex.from_arrays([*(frame[name] for name in by), frame.groupby(by).cumcount()])
        for frame in (before, after)
    )
    return one.isin(other), other.isin(one)


def _with_status(frame: pd.DataFrame, same: np.ndarray, corrected: pd.Index, otherwise: str) -> pd.DataFrame:
    status = pd.Series(np.where(same, SAME, otherwise), index=frame.index)
    status[corrected] = CORRECTED
    return frame.assign(status=status)
