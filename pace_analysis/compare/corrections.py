"""What a released report says of a figure, and whether that was corrected after its first release: from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pace_analysis.dates import Quarter
from pace_analysis.ledger import Entry, Ledger
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.earlier import Key
from pace_analysis.publish.profiles import profile

SHARE: Key = ("period share",)


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure, or a pair of them, that a report first released as ``first`` and then corrected, in words."""

    first: str
    because: str

    @property
    def words(self) -> str:
        """What stands beside the figure as it is now."""
        return f"first released as {self.first}; corrected: {self.because}"


def said_by(book: Ledger, quarter: Quarter, key: Key) -> tuple[Entry, ...]:
    """Lines of a figure in the releases of a quarter's report, the first release first; empty when it was not shown."""
    return tuple(entry for entry in book.history(key) if entry.quarter == str(quarter))


def correction(
    book: Ledger, quarter: Quarter, keys: Sequence[Key], words: Callable[[Entry], str] | None = None
) -> Correction | None:
    """Whether the report of a quarter corrected any of some figures, which stand in it as ``a`` or ``a of b``.

    ``words`` says a figure in words, by default a count of children. None when each is as it was first released, or one
    was never shown.
    """
    lines = [said_by(book, quarter, key) for key in keys]
    if not all(lines) or all(line[0].value == line[-1].value for line in lines):
        return None
    made = zip(keys, lines, strict=True)
    reasons = (reason for key, line in made for reason in reasons_of(book, key, line[0], line[-1]))
    first = " of ".join((words or _count)(line[0]) for line in lines)
    return Correction(first, "; ".join(dict.fromkeys(reasons)))


def reasons_of(book: Ledger, key: Key, first: Entry, last: Entry | None = None) -> list[str]:
    """Why a figure was corrected after one of its lines, until another or today; each reason once."""
    until = last.seq if last else len(book.entries)
    made = (entry for entry in book.history(key) if first.seq < entry.seq <= until and entry.kind == "revision")
    return list(dict.fromkeys(entry.because for entry in made))


def share_key(book: Ledger, quarter: Quarter) -> Key | None:
    """Key of the percentage that the report of a quarter shows of that quarter's own rates; None when it shows none."""
    found = (entry.key for entry in reversed(book.entries) if entry.quarter == str(quarter) and entry.key[:1] == SHARE)
    return next((key for key in found if key[3] == str(quarter) and key[-1] == "percent"), None)


def last_released(book: Ledger, before: Quarter) -> Quarter | None:
    """Latest quarter before another of which a report was released."""
    quarters = {Quarter.parse(opening.quarter) for opening in book.releases()}
    return max((quarter for quarter in quarters if quarter < before), default=None)


def percent(entry: Entry) -> str:
    """A percentage in words."""
    return f"{entry.value}%"


def _count(entry: Entry) -> str:
    """A count as it was printed, by the profile that it was released under."""
    return gate.release_count(entry.value, what=entry.key[0], profile=profile(entry.profile)).words
