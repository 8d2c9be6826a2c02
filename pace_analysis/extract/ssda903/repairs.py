"""Named defects of episodes from several years' returns, found always and mended when asked.

A return is a snapshot of one year: a child's episode that is open in one year's file must come back in the
next year's, closed or still open. What does not fit is classified, by the neighbours in the child's history:

======== =====================================================  =====================================
RULE_1   open in an earlier return, and another episode follows  ends where the next starts, with X1
RULE_1A  open in an earlier return; the child starts anew later  ends on 31 March of its return's year, or
                                                                 the day before the new start; reason E99
RULE_2   open in an earlier return, and nothing follows          ends on 31 March of that year; reason E99
RULE_3   open in an earlier return, same as a neighbour          left out
RULE_3A  open in an earlier return; a later one replaced it      left out
RULE_4   ends after the next starts, which is of a later return  ends where the next starts
RULE_5   goes on (X1) and ends before the next, later one        ends where the next starts
======== =====================================================  =====================================

An end with E99 is known no better than to the year, and its reason is not known. Source: the description of these
rules in SocialFinanceDigitalLabs/liia-tools-pipeline, ``docs/fix_episodes.md``. Its change of
REASON_PLACE_CHANGE is left out, for no table holds that column.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.extract.ssda903.codes import CONTINUES, MENDED, STARTS

SAYS = MappingProxyType({
    "RULE_1": "open in an earlier return, and another episode follows",
    "RULE_1A": "open in an earlier return, and the child starts anew later",
    "RULE_2": "open in an earlier return, and nothing follows",
    "RULE_3": "open in an earlier return, and same as a neighbour",
    "RULE_3A": "open in an earlier return, and replaced by a later one",
    "RULE_4": "ends after the next one starts, which is of a later return",
    "RULE_5": "goes on (X1), and ends before the next one of a later return starts",
})
LEFT_OUT = ("RULE_3", "RULE_3A")
LOG = ("file", "row", "child_id", "rule", "column", "old", "new")
ALIKE = ("RNE", "LS", "PLACE", "PLACE_PROVIDER", "PL_POST", "URN")  # what makes two episodes the same
DAY = pd.Timedelta(days=1)


def repair(care: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mend the named defects of ``care``.

    Parameters
    ----------
    care : DataFrame
        Episodes in order of child and first day, each first day once, with LA, YEAR, FILE and ROW.

    Returns
    -------
    DataFrame
        The episodes that stay, mended, in the same order.
    DataFrame, one row a value changed
        ``file``, ``row``, ``child_id``, ``rule``, ``column``, ``old``, ``new``; the column is ``""`` where the whole
        episode is left out. Rows of single children: for the analyst's own eyes.
    """
    rule = open_too_long(care)
    first = _mend_open(care, rule)
    log = [_changes(care, first, rule)]
    kept = first[~rule.isin(LEFT_OUT)]
    rule = ill_fitting(kept)
    mended = kept.assign(DEC=kept["DEC"].mask(rule != "", _next(kept)["DECOM"]))
    log.append(_changes(kept, mended, rule))
    return mended, pd.concat(log, ignore_index=True)


def open_too_long(care: pd.DataFrame) -> pd.Series:
    """Rule of each episode that is open although its authority has sent a later return, ``""`` for the others."""
    before, after = _before(care), _next(care)
    newest = care.groupby("LA")["YEAR"].transform("max")
    too_long = care["DEC"].isna() & (care["YEAR"] < newest)
    twin = _alike(care, before) | _alike(care, after)
    rules = [
        (too_long & twin, "RULE_3"),
        (too_long & (before["YEAR"] > care["YEAR"]), "RULE_3A"),
        (too_long & after["DECOM"].isna(), "RULE_2"),
        (too_long & (after["RNE"] == STARTS), "RULE_1A"),
        (too_long, "RULE_1"),
    ]
    return pd.Series(np.select([mask for mask, _ in rules], [name for _, name in rules], ""), index=care.index)


def ill_fitting(care: pd.DataFrame) -> pd.Series:
    """Rule of each closed episode that does not meet the next one of a later return, ``""`` for the others."""
    after = _next(care)
    superseded = care["DEC"].notna() & (care["YEAR"] < after["YEAR"])
    overlaps = superseded & (care["DEC"] > after["DECOM"])
    gap = superseded & (care["DEC"] < after["DECOM"]) & (care["REC"] == CONTINUES)
    return pd.Series(np.select([overlaps, gap], ["RULE_4", "RULE_5"], ""), index=care.index)


def _next(care: pd.DataFrame) -> pd.DataFrame:
    """The child's next episode beside each episode; blank where there is none."""
    return care.shift(-1).where(care["CHILD"] == care["CHILD"].shift(-1))


def _before(care: pd.DataFrame) -> pd.DataFrame:
    return care.shift().where(care["CHILD"] == care["CHILD"].shift())


def _alike(care: pd.DataFrame, other: pd.DataFrame) -> pd.Series:
    return (care[list(ALIKE)] == other[list(ALIKE)]).all(axis=1)


def _mend_open(care: pd.DataFrame, rule: pd.Series) -> pd.DataFrame:
    following = _next(care)["DECOM"]
    year_end = pd.to_datetime(pd.DataFrame({"year": care["YEAR"].clip(lower=1900), "month": 3, "day": 31}))
    earlier = year_end.where(year_end < following - DAY, following - DAY)
    end = care["DEC"].mask(rule == "RULE_1", following).mask(rule == "RULE_1A", earlier)
    end = end.mask(rule == "RULE_2", year_end)
    reason = care["REC"].mask(rule == "RULE_1", CONTINUES).mask(rule.isin(["RULE_1A", "RULE_2"]), MENDED)
    return care.assign(DEC=end, REC=reason)


def _changes(old: pd.DataFrame, new: pd.DataFrame, rule: pd.Series) -> pd.DataFrame:
    """Log of what differs between two states of the same episodes, and of those left out."""
    parts = []
    for column in ("DEC", "REC"):
        was, now = _as_text(old[column]), _as_text(new[column])
        changed = (rule != "") & ~rule.isin(LEFT_OUT) & (was != now)
        parts.append(_log(old, rule, changed, column, was, now))
    parts.append(_log(old, rule, rule.isin(LEFT_OUT), "", "", "left out"))
    return pd.concat(parts).sort_index(kind="stable")


def _log(
    care: pd.DataFrame, rule: pd.Series, rows: pd.Series, column: str, old: pd.Series | str, new: pd.Series | str
) -> pd.DataFrame:
    said = pd.DataFrame({
        "file": care["FILE"], "row": care["ROW"], "child_id": care["CHILD"], "rule": rule, "column": column,
        "old": old, "new": new,
    })
    return said.loc[rows, list(LOG)]


def _as_text(values: pd.Series) -> pd.Series:
    return values.dt.strftime("%Y-%m-%d").fillna("") if values.name == "DEC" else values
