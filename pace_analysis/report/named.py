"""A report as it is named on the command line: by its quarter, or by the folder that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pace_analysis.dates import Quarter
from pace_analysis.errors import UsageError
from pace_analysis.ledger import Head, Ledger
from pace_analysis.report import manifest
from pace_analysis.report.narrative.forward import words_path
from pace_analysis.report.provenance import hashes, sources
from pace_analysis.report.verify import HEAD, read_manifest
from pace_analysis.settings import resolve
from pace_analysis.study import Study

ELSEWHERE = tuple(f"missing: {manifest.OUTSIDE}{role}/" for role in ("text", "reference"))


@dataclass(frozen=True, slots=True)
class NamedReport:
    """A report by its quarter and, where it was named by its folder, what the manifest there says."""

    quarter: Quarter
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def _asked(self) -> Mapping[str, Any]:
        return self.said.get("parameters", {})

    @property
    def authority(self) -> str:
        """Whose it is; empty when named by its quarter, as all that follows."""
        return self._asked.get("authority", "")

    @property
    def profile(self) -> str:
        """How its numbers were protected."""
        return self.said.get("profile", "")

    @property
    def drop_errors(self) -> bool:
        """Whether it was made without the rows that break rules."""
        return bool(self._asked.get("drop_errors"))

    @property
    def extract(self) -> str:
        """The extract that was named for it; InputError where that lay outside the project."""
        named = str(self._asked.get("data", ""))
        manifest.must_be_here("data", named)
        return named

    def must_be_released(self, book: Ledger) -> list[str]:
        """Raise unless the ledger holds the report, if it is named by its folder; returns what to remark.

        UsageError for a report that was not released, LedgerError for one of another ledger.
        """
        if not self.said:
            return []
        try:
            head = Head.of(self.said.get(HEAD))
        except (TypeError, ValueError):
            raise UsageError(
                f"The report of {self.quarter} names no line of a ledger: it was not released.",
                remedy="Only what was released is compared with. Name a released report first.",
            ) from None
        book.must_hold(head)
        later = [entry for entry in book.entries[head.seq :] if entry.quarter == str(self.quarter)]
        if not any(entry.kind == "revision" for entry in later):
            return []
        since = f"The report of {self.quarter} was corrected after this folder was made"
        return [f"{since}; the correction is what is compared."]

    def changed_inputs(self, study: Study) -> list[str]:
        """Say which files the report was made from are not what they were; nothing if it is named by its quarter."""
        if not self.said:
            return []
        typed, styles = (str(self._asked.get(name, "")) for name in ("text", "reference"))
        words = words_path(study.authority, study.quarter, typed)
        found = sources(study.authority, study.path, words, resolve(styles) if styles else None)
        now = hashes({path: role for path, role in found.items() if path.is_file()})
        # where words and styles lay elsewhere, nobody says where they lie now; they move no figure
        every = manifest.differences(self.said.get("inputs", {}), now)
        differ = [each for each in every if not each.startswith(ELSEWHERE)]
        if not differ:
            return []
        return [f"Not as it was when the report of {self.quarter} was made:", *(f"  {each}" for each in differ)]


def named_report(text: str) -> NamedReport:
    """Understand the name of a report.

    Raises
    ------
    UsageError
        There is no such report, it is a draft, or the quarter is not understood.
    OutputError
        The folder holds no finished report, or its manifest was changed.
    """
    path = Path(text)
    if not (path / manifest.NAME).is_file():
        try:
            return NamedReport(Quarter.parse(text))
        except UsageError as error:
            if not path.is_dir():
                raise (error if path.name == text else _missing(text)) from None
    said = read_manifest(path / manifest.NAME)[1]
    if said["parameters"].get("draft"):
        raise UsageError(
            "A draft cannot be compared: it was never released.",
            where=path.name,
            remedy="Name a quarter, or the folder of a released report.",
        )
    return NamedReport(Quarter.parse(str(said["parameters"].get("quarter"))), said)


def _missing(text: str) -> UsageError:
    remedy = "Name a quarter, such as 2015Q3, or the folder of a finished report."
    return UsageError("There is no such report.", where=text, remedy=remedy)
