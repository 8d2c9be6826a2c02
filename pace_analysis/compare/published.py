"""What changed since the last released report, as far as it may be published.

The children waiting are one table: who waited then, who has entered and left the count since and why, who waits now.
The two sums are figures that are public, so the parts are rounded beside them and the audit knows how they hang
together. An entry year, and the decisions of a quarter that is over, stay as they were released; what is published of
them is how many children late records and corrections would move. Where the last report was itself corrected, its first
figure and the reason stand beside the corrected one: see :mod:`.corrections`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from pace_analysis.compare.account import Account, latest_before
from pace_analysis.compare.corrections import SHARE, Correction, correction, last_released, percent, said_by, share_key
from pace_analysis.compare.mainfigures import ALL, DECISIONS, DECISIONS_IN_TIME, ENTRY, IN_TIME, WAITING
from pace_analysis.compare.moves import METHOD, NEW, TIME, Moves, reconcile
from pace_analysis.compare.rows import CORRECTED, DELETED, LATE
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, SettingsError
from pace_analysis.ledger import Ledger, LedgerError, ledger_path
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.earlier import Earlier, Key
from pace_analysis.study import Study

STAYED = "waiting then and now"
BESIDE_WAITING = STAYED  # first word of the keys of that table, which --revise takes
CAME, ENTERED_LATE, ENTERED_OTHERWISE = (
    "came into care",
    "recorded late",
    "counted after a correction or a change of method",
)
LEFT, LEFT_LATE = "decided or left", "found to be decided or gone by a late record"
LEFT_OTHERWISE = "no longer counted after a correction or a change of method"
ENTERED, GONE = (CAME, ENTERED_LATE, ENTERED_OTHERWISE), (LEFT, LEFT_LATE, LEFT_OTHERWISE)
MOVED_LATE, MOVED_OTHERWISE = "by late records", "by corrections"
NOTHING_EARLIER = gate.Refused(
    "nothing-earlier", "There is nothing to compare with: no report of an earlier quarter has been released."
)
NOT_SHOWN_THEN = gate.Refused(
    "not-released", "Not compared: the last report or this one does not show how many children wait."
)
Pair = tuple[gate.ReleasedCount, gate.ReleasedCount]
_ENTERS = {NEW: CAME, TIME: CAME, LATE: ENTERED_LATE}
_LEAVES = {NEW: LEFT, TIME: LEFT, LATE: LEFT_LATE}


@dataclass(frozen=True)
class WhatChanged:
    """From the last released report to this one; every part has passed the gate.

    Attributes
    ----------
    before, after : Quarter or None, Quarter
        Quarters compared; None when there is nothing to compare with.
    last : Quarter or None
        Quarter of the last report released of an earlier one, whether it can be compared with or not.
    waiting : ReleasedTable or Refused
        Children waiting: one column; rows :data:`STAYED`, :data:`ENTERED` and :data:`GONE`, each named by
        :meth:`label`; the sums of then and now.
    year : str
        Latest entry year that the last report showed; empty when it showed none.
    year_then, decisions_then : pair of ReleasedCount, or None
        What the last report shows of that year, and of the decisions of its quarter: those in time, and all.
    share_then : str
        What it shows of the share at its quarter's own rates; empty when it shows none, or nothing is protected.
    corrected : mapping of figure to Correction
        Which of its figures are not as it first released them: :data:`WAITING`, the year and the decisions by the
        second of their pair, :data:`SHARE`.
    places : ReleasedTable or Refused
        Children of that year whose place in its figures late records and corrections would move.
    decisions : ReleasedTable or Refused
        The same of the decisions made in the quarter of the last report.
    method : tuple of str
        What changed in how the figures are counted, in words.
    """

    before: Quarter | None
    after: Quarter
    waiting: gate.ReleasedTable | gate.Refused
    year: str = ""
    year_then: Pair | None = None
    decisions_then: Pair | None = None
    share_then: str = ""
    corrected: Mapping[Key, Correction] = field(default_factory=dict)
    places: gate.ReleasedTable | gate.Refused = NOTHING_EARLIER
    decisions: gate.ReleasedTable | gate.Refused = NOTHING_EARLIER
    method: tuple[str, ...] = ()
    last: Quarter | None = None

    @property
    def year_figure(self) -> Key:
        """The children of :attr:`year`, as a figure."""
        return (ENTRY, self.year, ALL)

    @property
    def parts(self) -> tuple[gate.Released | gate.Refused, ...]:
        """Every released part."""
        return self.waiting, self.places, self.decisions, *(self.year_then or ()), *(self.decisions_then or ())

    def label(self, part: str) -> str:
        """Row of :attr:`waiting` that counts a part."""
        return f"{part}, {self.before} to {self.after}"


def what_changed(
    study: Study, waiting: gate.ReleasedTable | gate.Refused, account: Account | None = None
) -> WhatChanged:
    """Compare a study with a report that was released, by default the last one of an earlier quarter; through the gate.

    ``waiting`` is the released table of the children who wait now. Raises InputError when the account of that report is
    damaged; a report that cannot be compared with says so in its place.
    """
    slug, found = study.authority.slug, account or latest_before(study.authority.slug, study.quarter)
    last = found.quarter if found else None
    try:
        book = Ledger.open(ledger_path(slug), slug)
        last = last if account else max(filter(None, (last, last_released(book, study.quarter))), default=None)
        if last is None:
            return WhatChanged(None, study.quarter, NOTHING_EARLIER)
        if found is None or found.quarter < last:
            lost = f"The report of {last} cannot be compared with: what it left behind is missing."
            return _cannot(study, last, "no-account", lost)
        return _compared(study, found, reconcile(found, study), waiting, book)
    except (SettingsError, InputError, LedgerError) as error:
        # of a damaged ledger, only a report that is not protected gets as far as this
        named = last or "an earlier report"
        return _cannot(study, last, "not-comparable", f"Not compared with {named}: {error.what}")


def _cannot(study: Study, last: Quarter | None, code: str, sentence: str) -> WhatChanged:
    refused = gate.Refused(code, sentence)
    return WhatChanged(None, study.quarter, refused, places=refused, decisions=refused, last=last)


def _compared(
    study: Study, account: Account, moves: Moves, waiting: gate.ReleasedTable | gate.Refused, book: Ledger
) -> WhatChanged:
    year = max((figure[1] for figure in account.counted if figure[0] == ENTRY), default="")
    cohort, made = [(ENTRY, year, IN_TIME), (ENTRY, year, ALL)], [DECISIONS_IN_TIME, DECISIONS]
    share = share_key(book, account.quarter)
    return WhatChanged(
        account.quarter,
        study.quarter,
        _waiting(study, account, moves, waiting),
        year,
        _then(study, account, cohort, book),
        _then(study, account, made, book),
        percent(said_by(book, account.quarter, share)[-1]) if share and study.profile.protects else "",
        _corrected(account, (cohort, made), book),
        _moved(study, moves, cohort, f"children of {year} whose place would change", year),
        _moved(study, moves, made, f"decisions of {account.quarter} whose place would change", "decisions made"),
        moves.method,
        account.quarter,
    )


def _corrected(account: Account, pairs: Sequence[Sequence[Key]], book: Ledger) -> dict[Key, Correction]:
    """Figures of the report of the account that are not as it first released them."""
    named = {figures[-1]: [account.released.get(figure, ()) for figure in figures] for figures in ([WAITING], *pairs)}
    found = {figure: correction(book, account.quarter, keys) for figure, keys in named.items()}
    if share := share_key(book, account.quarter):
        found[SHARE] = correction(book, account.quarter, [share], percent)
    return {figure: made for figure, made in found.items() if made}


def _then(study: Study, account: Account, figures: Sequence[Key], book: Ledger) -> Pair | None:
    """What the report of the account shows of some figures, as it stands; None when it does not show one."""
    if study.profile.protects:
        lines = [said_by(book, account.quarter, account.released.get(figure, ())) for figure in figures]
        found = [line[-1].value if line else None for line in lines]
    else:
        found = [len(account.counted[figure]) if figure in account.counted else None for figure in figures]
    if None in found:
        return None
    # without a key: shown as that report shows it, though a later one may have corrected it
    inside, every = (
        gate.release_count(value, what="/".join(figure), profile=study.profile)
        for figure, value in zip(figures, found, strict=True)
    )
    return inside, every


def _waiting(
    study: Study, account: Account, moves: Moves, now: gate.ReleasedTable | gate.Refused
) -> gate.ReleasedTable | gate.Refused:
    told = WhatChanged(account.quarter, study.quarter, NOTHING_EARLIER)
    days = [day.isoformat() for day in (account.definitions.cut(account.quarter.last_day), study.as_at)]
    key = (BESIDE_WAITING, *account.released[WAITING][1:], study.scheme)
    before = study.earlier.released.get(account.released[WAITING])
    if isinstance(now, gate.Refused) or (study.profile.protects and before is None):
        return NOT_SHOWN_THEN
    settled = moves.settled(WAITING)
    named = [_part(reason, change) for reason, change in zip(settled["reason"], settled["change"], strict=True)]
    stayed = moves.counted[0][WAITING] & moves.counted[1][WAITING]
    counts = (
        pd.Series(named, dtype=object).value_counts().reindex([STAYED, *ENTERED, *GONE], fill_value=0).astype("int64")
    )
    counts[STAYED] = len(stayed)
    groups = {days[0]: [STAYED, *GONE], days[1]: [STAYED, *ENTERED]}
    shown = {} if before is None else {(*key, days[0]): before, (*key, days[1]): now.cell(now.total, now.total)}
    table = gate.release_table(
        counts.rename(told.label).to_frame("children"),
        title="Children waiting for a decision, then and now",
        profile=study.profile,
        row_groups={day: [told.label(part) for part in parts] for day, parts in groups.items()},
        key=key,
        axis="rows",
        span=" or ".join(days),
        earlier=_beside(study.earlier, shown),
    )
    if isinstance(table, gate.Refused) and table.code == "differs-from-released":
        # a correction of the last report's count does not reach this table: the figures to correct have its name
        return replace(table, sentence=f"{table.sentence} They are called '{BESIDE_WAITING}'.")
    return table


def _beside(earlier: Earlier, shown: Mapping[Key, int]) -> Earlier:
    """Figures public already, with the two sums: to correct the children waiting is to correct this table of them."""
    also = {BESIDE_WAITING} if WAITING[0] in earlier.revise else set()
    return replace(earlier.beside(shown), revise=earlier.revise | also)


def _part(reason: str, change: int) -> str:
    return _ENTERS.get(reason, ENTERED_OTHERWISE) if change > 0 else _LEAVES.get(reason, LEFT_OTHERWISE)


def _moved(
    study: Study, moves: Moves, figures: Sequence[Key], title: str, name: str
) -> gate.ReleasedTable | gate.Refused:
    """Children who enter or leave one of some figures by late records, and by corrections, deletions or the method."""
    steps = moves.steps[
        moves.steps["figure"].isin(figures) & moves.steps["reason"].isin((CORRECTED, DELETED, LATE, METHOD))
    ]
    last = steps.drop_duplicates("period", keep="last")["reason"]
    counts = pd.Series({MOVED_LATE: int((last == LATE).sum()), MOVED_OTHERWISE: int((last != LATE).sum())}).to_frame(
        "children"
    )
    return gate.release_table(
        counts, title=title, axis="rows", key=("would change", name, str(moves.before), str(moves.after)), **study.terms
    )
