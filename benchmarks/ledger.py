"""What protecting one report and auditing three years of them cost, on the sample, in one run.

Run ``python benchmarks/ledger.py``. Wall-clock seconds: of the answers of a board report, the part spent on rounding and
auditing its tables; then the joint audit of twelve quarterly reports of the sample's ledger, beside working out the
answers of one. Trust ratios, not seconds.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from pace_analysis.answers import board_answers
from pace_analysis.dates import Quarter
from pace_analysis.ledger import Ledger, ReleaseRecord, joint_audit, ledger_path
from pace_analysis.publish.disclosure import tables
from pace_analysis.study import open_study

WHO, LAST, QUARTERS = "exampleshire", Quarter(2015, 3), 12


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds a call takes, and what it returns."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made


def protecting() -> tuple[float, float]:
    """Seconds that the answers of the last report take, and those of them that rounding its tables takes."""
    spent, round_table = [], tables.round_table

    def counted(*given: Any) -> Any:
        seconds, made = timed(lambda: round_table(*given))
        spent.append(seconds)
        return made

    study = open_study(WHO, str(LAST))
    tables.round_table = counted
    try:
        whole, _ = timed(lambda: board_answers(study))
    finally:
        tables.round_table = round_table
    return whole, sum(spent)


def released() -> Ledger:
    """The ledger after a report of each quarter."""
    for back in reversed(range(QUARTERS)):
        study = open_study(WHO, str(LAST.shift(-back)), f"data/sample/{WHO}/{LAST}")
        answers = board_answers(study)
        record = ReleaseRecord(f"board-report-{study.quarter}", study.as_at, study.quarter, study.profile, answers.figures,
                               sums=answers.sums)
        book = Ledger.open(ledger_path(WHO), WHO).append(record)
    return book


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PACE_PRIVATE"] = folder
        whole, rounding = protecting()
        book = released()
        audit, result = timed(lambda: joint_audit(book))
        opening, _ = timed(lambda: Ledger.open(ledger_path(WHO), WHO))
    print("| what | seconds | x the answers of one report |\n|---|--:|--:|")
    for what, cost in (("answers of one report", whole), ("of these, tables rounded and audited", rounding),
                       (f"joint audit of {result.releases} reports, {result.figures} figures", audit),
                       (f"reading and checking their ledger, {len(book.entries)} lines", opening)):
        print(f"| {what} | {cost:.2f} | {cost / whole:.2f} |")
