"""Where a text still speaks of an earlier quarter: its name, its months, its days, or a meeting that is over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from pace_analysis.dates import MONTH_NAMES, Quarter, say_date
from pace_analysis.report.narrative.prose import Prose, Remark, prose
from pace_analysis.report.text import TextPaper

ORDINALS = ("first", "second", "third", "fourth")
BEFORE = "in|since|until|by|during|from|to|through|between|and|of|for|late|early|mid|last|this"
DAY_OF_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({'|'.join(MONTH_NAMES[1:])}) (\d{{4}})\b")


def still_says(parsed: TextPaper, earlier: Quarter, quarter: Quarter) -> list[Remark]:
    """List where words typed by hand still speak of ``earlier``, in a text for ``quarter``.

    A comparison with the earlier quarter is found too: it may be meant, and the author decides.
    """
    said = _speaking_of(earlier, quarter)
    return [remark for part in prose(parsed) for remark in (*_mentions(part, said), *_meeting(part, quarter))]


def _mentions(part: Prose, said: re.Pattern[str]) -> Iterator[Remark]:
    found = list(said.finditer(part.text))
    if found:
        words = " and ".join(map(repr, dict.fromkeys(match["said"] for match in found)))
        yield Remark("earlier", part.place, part.line(found[0].start()), f"still says {words}.")


def _meeting(part: Prose, quarter: Quarter) -> Iterator[Remark]:
    match = DAY_OF_MONTH.search(part.text) if part.head == "On" else None
    if match is None:
        return
    try:
        day = date(int(match[3]), MONTH_NAMES[:].index(match[2]), int(match[1]))
    except ValueError:
        return
    if day <= quarter.last_day:
        says = f"still says {match[0]!r}, and {quarter} ends on {say_date(quarter.last_day)}."
        yield Remark("earlier", part.place, part.line(match.start()), says)


def _speaking_of(earlier: Quarter, quarter: Quarter) -> re.Pattern[str]:
    """A pattern whose group ``said`` is what speaks of the earlier quarter."""
    first = 3 * earlier.number - 2
    months = MONTH_NAMES[first : first + 3]
    names, numerals = "|".join(months), "|".join(f"0?{month}" for month in range(first, first + 3))
    year, number, another = earlier.year, earlier.number, earlier.number != quarter.number
    forms = [
        rf"(?i:{year} ?Q{number}|Q{number} (?:of )?{year}|{ORDINALS[number - 1]} quarter(?: of)? {year})",
        rf"{months[0]} ?(?:to|–|-) ?{months[2]} {year}|(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{names}) {year}",
        rf"\d{{1,2}}/(?:{numerals})/{year}|{year}-(?:{numerals})-\d\d",
    ]
    if another:
        # without a year; a month alone only after a word that shows that May is one
        forms.append(rf"(?i:{ORDINALS[number - 1]} quarter)(?! of \d| \d)")
        forms.append(rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|(?i:{BEFORE}))[ -](?:{names})(?! \d{{4}})")
    return re.compile(rf"\b(?P<said>{'|'.join(forms)})\b")
