"""Every foreseen mistake, and the exit code it ends a command with.

::

    PaceError                       what, where, remedy; never a traceback
    ├── UsageError             2    the command was asked for something that does not exist
    ├── BatchIncomplete        3    some reports of a batch failed; the others are done
    ├── SettingsError         10    a settings, aims or text file cannot be used
    ├── InputError            11    an extract cannot be read or recognised
    │   (and survival.SurvivalInputError: waits that cannot be counted)
    ├── DataRulesError        12    an extract was read and breaks rules
    ├── DisclosureRefused     13    publishing would expose a child
    ├── NotebookError         14    a notebook failed or does not know a parameter
    ├── OutputError           15    an output cannot be written
    ├── BusyError             16    another run holds the output folder
    └── ReportDiffers         17    a report made again is not what it was

Anything else that escapes is a bug: exit code 1, traceback shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PaceError(Exception):
    """A foreseen mistake, said as *what* is wrong, *where*, and the *remedy*.

    Parameters
    ----------
    what : str
        One sentence: what is wrong. Never holds a child's name or date of birth.
    where : str, optional
        File, row, column or setting.
    remedy : str, optional
        What to do or type next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where, remedy)
        self.what, self.where, self.remedy = what, where, remedy

    def __reduce__(self):
        # keyword-only arguments would otherwise be lost between processes
        return (_rebuild, (type(self), self.what, self.where, self.remedy))

    def __str__(self) -> str:
        return "\n  ".join(part for part in (self.what, self.where, self.remedy) if part)


def _rebuild(cls: type[PaceError], what: str, where: str, remedy: str) -> PaceError:
    return cls(what, where=where, remedy=remedy)


class UsageError(PaceError):
    """The command was asked for something that does not exist."""

    exit_code = 2


class BatchIncomplete(PaceError):
    """Some reports of a batch failed or were left out; the others are done."""

    exit_code = 3


class SettingsError(PaceError):
    """A settings, aims or text file cannot be used."""

    exit_code = 10


class InputError(PaceError):
    """An extract cannot be read or recognised."""

    exit_code = 11


class DataRulesError(PaceError):
    """An extract was read and breaks rules of severity error."""

    exit_code = 12


class DisclosureRefused(PaceError):
    """Publishing would expose a child; the gate says why in one sentence."""

    exit_code = 13


class NotebookError(PaceError):
    """A notebook failed, or was given a parameter it does not declare."""

    exit_code = 14


class OutputError(PaceError):
    """An output cannot be written; what was there before is untouched."""

    exit_code = 15


class BusyError(PaceError):
    """Another run holds the output folder."""

    exit_code = 16


class ReportDiffers(PaceError):
    """A report that was made again is not what it was; what was printed before says where and why."""

    exit_code = 17


def must_be_one_line(words: str, what: str, where: str) -> None:
    """Raise UsageError unless words are one line of printable characters without blanks to spare; ``what`` they are."""
    if words != " ".join(words.split()) or not words.isprintable():
        raise UsageError(f"{what} is one line of printable words.", where=where)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``"Did you mean 'x'?"``, or the known words when none is near."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known: {', '.join(known)}." if known else "None is known."
