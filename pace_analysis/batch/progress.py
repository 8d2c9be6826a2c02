"""How a batch goes on: a live table on a terminal, one line a report elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from typing import TextIO

from pace_analysis.batch.drive import FAILED, MADE, SKIPPED, UNCHANGED, Result

ERASE = "\x1b[{}F\x1b[J"  # up so many lines, then everything below


class Lines:
    """Writes a line when a report is done, with the whole reason when it failed."""

    def __init__(self, stream: TextIO, total: int) -> None:
        self.stream, self.total = stream, total
        self.counts = dict.fromkeys((MADE, UNCHANGED, FAILED, SKIPPED), 0)
        self._began = time.monotonic()

    def finished(self, result: Result) -> None:
        """Write what became of a report."""
        self.counts[result.status] += 1
        if result.status != UNCHANGED:
            self._write("\n".join(_lines(result)) + "\n")

    def beat(self, running: Mapping[str, float], left: int) -> None:
        """Nothing to write between two reports."""

    def close(self) -> None:
        """Write how many reports came to what."""
        self._write(self.total_line + "\n")

    @property
    def total_line(self) -> str:
        """So many made, failed and so on, of how many, in what time."""
        said = ", ".join(f"{number} {status}" for status, number in self.counts.items() if number)
        return f"{said or 'nothing yet'}, of {self.total}; {_clock(time.monotonic() - self._began)}"

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


class Live(Lines):
    """Keeps a table of the reports now being made below the lines of those that are done."""

    def __init__(self, stream: TextIO, total: int) -> None:
        super().__init__(stream, total)
        self._shown = 0

    def finished(self, result: Result) -> None:
        """Write what became of a report above the table."""
        self._clear()
        super().finished(result)

    def beat(self, running: Mapping[str, float], left: int) -> None:
        """Draw the table again."""
        self._clear()
        size = shutil.get_terminal_size()
        rows = [f"  {name:<40} {_clock(seconds):>8}" for name, seconds in running.items()][:max(1, size.lines - 3)]
        table = [f"{self.total_line}; {left} to come", *rows]
        self._write("".join(f"{row[:size.columns - 1]}\n" for row in table))
        self._shown = len(table)

    def close(self) -> None:
        """Take the table away and write how many reports came to what."""
        self._clear()
        super().close()

    def _clear(self) -> None:
        if self._shown:
            self._write(ERASE.format(self._shown))
            self._shown = 0


class Silent(Lines):
    """Writes of failed and skipped reports alone."""

    def finished(self, result: Result) -> None:
        """Write why a report failed."""
        if result.status in (FAILED, SKIPPED):
            super().finished(result)

    def close(self) -> None:
        """Nothing to write at the end."""


def _lines(result: Result) -> list[str]:
    made = f"  {_clock(result.made.seconds)}" if result.made else ""
    first = f"{result.task.name:<32} {result.status}{made}"
    return [first, *(f"    {line.strip()}" for line in str(result.error).splitlines())] if result.error else [first]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
