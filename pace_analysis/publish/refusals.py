"""What is printed in the place of a result that is not shown, one sentence a code; and what may never be asked for."""

from __future__ import annotations

from types import MappingProxyType
from typing import NoReturn

import numpy as np

from pace_analysis.errors import DisclosureRefused
from pace_analysis.publish import grouping
from pace_analysis.survival import LifeTable

SENTENCES = MappingProxyType({
    "too-few-children": "Not shown: {what}. Results for fewer than {least} could point at single children.",
    "too-few-exits": "Not shown: {what}. Too few of them had a decision in that time to show it without pointing "
                     "at single children.",
    "one-group": "Not shown: {what}. All or nearly all of them, or none or nearly none, are in one group, and that "
                 "would say something about each child.",
    "cannot-be-rounded": "Not shown: {what}. The counts are too small to be rounded so that they still add up.",
    "differs-from-published": "Not shown: {what}. A number counted in this extract differs from the figure already "
                              "published; find out which is right before either is printed again.",
    "differs-from-released": "Not shown: {what}. The numbers of this extract no longer fit figures released before; they "
                             "can be shown once those are corrected.",
    "not-followed": "Not shown: {what}. Not one of them has been followed for {weeks} yet.",
    "cannot-be-grouped": "Not shown: {what}. Nobody or too few had left in one way, or were still waiting, after {weeks}; "
                         "taken together with another year they may be shown.",
})


def sentence(code: str, what: str, *, least: int = 0, day: int = 0) -> str:
    """Return the sentence of a code: about whom, the smallest number allowed, the day that was asked for."""
    weeks = f"{day // 7} weeks" if day % 7 == 0 else f"{day} days"
    named = what[:1].lower() + what[1:] if what[1:2].islower() else what
    return SENTENCES[code].format(what=named, least=least, weeks=weeks)


def days_of(table: LifeTable, what: str) -> dict[str, np.ndarray]:
    """Counts by day of a life table of one group from day 0; DisclosureRefused for any other table."""
    if len(table.groups) != 1:
        never("A life table is released one group at a time.", where=what, remedy="Use table.select(group).")
    if table.start_day:
        never("A life table is released from day 0 only.", where=what, remedy="Give the gate the table of everyone.")
    return grouping.daily(table)


def never(what: str, *, where: str = "", remedy: str = "") -> NoReturn:
    """Refuse what may never be asked for, whatever the counts."""
    raise DisclosureRefused(what, where=where, remedy=remedy)
