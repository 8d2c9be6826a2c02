"""Extracts as they were read and checked; within :func:`reading_once` each is read once, however often it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from pace_analysis.extract import read_extract
from pace_analysis.extract.keyed import KINDS, keyed_ids
from pace_analysis.tables.check import CheckReport, check
from pace_analysis.tables.schema import TABLES, CareTables


@dataclass(frozen=True, slots=True)
class Reading:
    """The tables of an extract, and what the rules find in them."""

    tables: CareTables
    check: CheckReport

    @property
    def copied(self) -> Reading:
        """The same in frames of its own, so that whoever changes one changes nothing for others."""
        tables = replace(self.tables, **{name: frame.copy() for name, frame in self.tables})
        return Reading(tables, replace(self.check, findings=self.check.findings.copy()))

    def keyed(self, key: bytes) -> Reading:
        """The same with keyed ids, also those of the findings; raises as :func:`pace_analysis.extract.keyed.keyed_ids` does."""
        tables, findings = keyed_ids(self.tables, key), self.check.findings.copy()
        for name, frame in tables:
            column = TABLES[name][0].name
            if column in KINDS:
                own = (findings["table"] == name) & (findings["id"] != "")
                findings.loc[own, "id"] = frame.loc[findings.loc[own, "row"], column].to_numpy()
        return Reading(tables, replace(self.check, findings=findings))


_KEPT: ContextVar[dict[tuple[Path, bool], Reading] | None] = ContextVar("kept", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Read and check each extract once until the end: for one report, made of files that must stay as they are."""
    before = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(before)


def reading(path: Path, *, repair: bool) -> Reading:
    """Read and check an extract; raises as :func:`pace_analysis.extract.read_extract` does."""
    kept, which = _KEPT.get(), (path.resolve(), repair)
    if kept is None:
        return _read(path, repair)
    if which not in kept:
        kept[which] = _read(path, repair)
    return kept[which].copied


def _read(path: Path, repair: bool) -> Reading:
    tables = read_extract(path, repair=repair)
    return Reading(tables, check(tables))
