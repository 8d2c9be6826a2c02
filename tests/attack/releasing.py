"""Every report of a council, released in order: what was written, and the truth beside it.

One process, without the notebook; what is written is what ``pace report`` writes: figures, tables, the page, the list
of released figures, and the council's ledger, from which the next report learns what is public already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pace_analysis.answers import BoardAnswers, board_answers
from pace_analysis.errors import DisclosureRefused
from pace_analysis.ledger import Ledger, ReleaseRecord, joint_audit, ledger_path
from pace_analysis.publish.cells import Key
from pace_analysis.publish.keys import Figure, Sum
from pace_analysis.publish.profiles import profile
from pace_analysis.report.accounts import keep_account
from pace_analysis.report.build import PAGE
from pace_analysis.report.html import fragment
from pace_analysis.report.paper import open_paper
from pace_analysis.settings import home
from pace_analysis.study import Study, open_study


@dataclass(frozen=True, eq=False)
class Release:
    """One report.

    Attributes
    ----------
    folder : Path
        What was written.
    figures, methods : mapping of key
        Released value of each figure, and how it was protected.
    exact : mapping of key
        The same figures unprotected, with more where the gate refused.
    sums : tuple of (key, keys)
        Which figures are sums of which.
    waits : mapping of entry year to DataFrame
        Day and outcome of every child's wait, from day 0: 1 decided, 2 left, 0 still waiting.
    shown, truth : BoardAnswers
        Released and unprotected answers.
    """

    quarter: str
    folder: Path
    figures: Mapping[Key, int]
    methods: Mapping[Key, str]
    exact: Mapping[Key, int]
    sums: tuple[tuple[Key, tuple[Key, ...]], ...]
    waits: Mapping[str, pd.DataFrame]
    shown: BoardAnswers
    truth: BoardAnswers


def release_all(council: str, quarters: Sequence[str]) -> Iterator[Release]:
    """Release one report a quarter, oldest first; one that the audit refuses is left out.

    ``PACE_HOME`` names the folder that holds the council.
    """
    for quarter in quarters:
        try:
            made = release_one(council, quarter)
        except DisclosureRefused:
            continue
        yield made


def release_one(council: str, quarter: str) -> Release:
    """Release the report of one quarter and add it to the council's ledger."""
    study = open_study(council, quarter, drop_errors=True)
    shown = board_answers(study)
    truth = board_answers(replace(study, profile=profile("internal")))
    folder = home() / "reports" / council / quarter
    paper = open_paper(study, shown)
    paper.save(folder)
    (folder / PAGE).write_text(fragment(paper.paper).html, encoding="utf-8")
    figures = {figure.key: figure for figure in shown.figures}
    _record(study, tuple(figures.values()), shown.sums)
    keep_account(study)
    return Release(
        quarter, folder, {key: figure.value for key, figure in figures.items()},
        {key: figure.method for key, figure in figures.items()}, {figure.key: figure.value for figure in truth.figures},
        shown.sums, _waits(study), shown, truth)


def _record(study: Study, figures: tuple[Figure, ...], sums: tuple[Sum, ...]) -> None:
    """Audit a report beside all that is public, and add it to the ledger; DisclosureRefused when it does not pass."""
    slug = study.authority.slug
    record = ReleaseRecord(f"{slug}-{study.quarter}", study.as_at, study.quarter, study.profile, figures, sums=sums)
    book = Ledger.open(ledger_path(slug), slug)
    audit = joint_audit(book.grown(record))
    if not audit.passed:
        raise DisclosureRefused(audit.words)
    book.append(record)


def _waits(study: Study) -> dict[str, pd.DataFrame]:
    waits = {}
    for year in study.complete_years():
        cohort = study.decision.entered(year.first_day, year.last_day).frame
        outcome = np.where(cohort["outcome"] == 0, 0, np.where(study.decision.decided.reindex(cohort.index), 1, 2))
        waits[str(year)] = pd.DataFrame({"day": cohort["last_day"].to_numpy(np.int64), "outcome": outcome})
    return waits
