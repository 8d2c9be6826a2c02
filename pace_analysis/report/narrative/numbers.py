"""Numbers that an author typed by hand, and the fact that each of them is or was.

A typed number does not move with the data. Dates, years, quarters and the limit of the aim are left alone, and so is
what an author vouches for: ``{typed: 12}``. Up to ten, numbers in words are ordinary English and left alone too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from pace_analysis.dates import MONTH_NAMES, Limit
from pace_analysis.report.blocks import Fact
from pace_analysis.report.narrative.prose import Prose, Remark, prose
from pace_analysis.report.text import TextPaper

SHORT = 40  # characters of a fact that is a number rather than a sentence
NAMED = 2  # facts named in one remark
MONTHS = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTH_NAMES[1:])
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
SAID_DATE = rf"\b(?:{DAY}(?: to | and | or | ?[–-] ?))?{DAY} (?:{MONTHS})\b(?: \d{{4}})?"
DATE = rf"{SAID_DATE}|\b\d{{1,2}}/\d{{1,2}}/\d{{4}}\b|\b\d{{4}}-\d\d-\d\d\b"
YEAR = r"\b(?:19|20)\d\d(?:[/–-](?:\d{4}|\d\d)|Q[1-4]|s)?\b(?![.,]?\d|%)"
TEENS = "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ONES = "one two three four five six seven eight nine".split()
WORDED = rf"\b(?:{'|'.join(TEENS)}|(?:{'|'.join(TENS)})(?:[ -](?:{'|'.join(ONES)}))?)(?![\w-])"
DIGITS = r"(?<![\w.,])(?:\d[\d.,]*\d|\d)"
UNIT = r"(?:[ -](?P<unit>day|week|month|year)s?\b)?"
NUMBER = re.compile(rf"{DATE}|{YEAR}|(?P<number>{DIGITS}|(?i:{WORDED}))(?P<percent> ?%| per ?cent\b)?{UNIT}")
LABEL = re.compile(r"\b(table|figure) $", re.IGNORECASE)


class Number(NamedTuple):
    """What was written, its amount, whether it is a percentage, its unit of time, and where it starts."""

    written: str
    amount: str
    percent: bool
    unit: str
    start: int

    @property
    def same(self) -> tuple[str, bool]:
        """Equal for numbers that say the same: ``37`` and thirty-seven, ``40%`` and 40 per cent."""
        return self.amount, self.percent


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers in a text, without dates, years and quarters."""
    for match in NUMBER.finditer(text):
        if match["number"]:
            written = match["number"] + (match["percent"] or "")
            yield Number(written, _amount(match["number"]), bool(match["percent"]), match["unit"] or "", match.start())


def typed_numbers(parsed: TextPaper, facts: Mapping[str, Fact], earlier: Mapping[str, Fact] | None = None,
                  quarter: str = "") -> list[Remark]:
    """Every number typed by hand in title, headings, paragraphs and lists, each with the fact to write instead.

    Parameters
    ----------
    parsed : TextPaper
        The author's words.
    facts : mapping
        The facts of this quarter.
    earlier : mapping, optional
        Those of an earlier quarter, and ``quarter``, its name: a number that was a fact then is told as one.
    """
    now, before = _holders(facts), _holders(earlier or {})
    limit = _days(facts["aim_limit"].text) if "aim_limit" in facts else None
    return [
        Remark("typed", part.place, part.line(found.start), f"types {_told(part, found, now, before, facts, quarter)}")
        for part in prose(parsed) if not part.head
        for found in numbers(part.text)
        if not (found.unit and limit and _days(f"{found.amount} {found.unit}") == limit)
    ]


def is_short(fact: Fact) -> bool:
    """Whether a fact is a number or a few words, rather than a sentence."""
    return len(fact.text) <= SHORT and not fact.text.endswith(".")


def _told(part: Prose, found: Number, now: Mapping, before: Mapping, facts: Mapping[str, Fact], quarter: str) -> str:
    label = LABEL.search(part.text[: found.start])
    if label:
        return f"the number of a {label[1].lower()}: write {{{label[1].lower()}:name}}, which is numbered by position."
    holders = now.get(found.same, [])
    still = {fact.key for fact in holders}
    moved = [fact for fact in before.get(found.same, []) if fact.key in facts and fact.key not in still]
    if holders and is_short(holders[0]):
        return f"{found.written}: write {{{holders[0].key}}}, which is {holders[0].text}."
    if moved and is_short(moved[0]):
        return f"{found.written}: it was {{{moved[0].key}}} in {quarter}, now {facts[moved[0].key].text}."
    if holders:
        return f"{found.written}, which {_names(holders)} {'says' if len(holders) == 1 else 'say'} too."
    if moved:
        return f"{found.written}: {_names(moved)} said so in {quarter}, and no fact does now."
    return f"{found.written}: no fact has it. If it is right, write {{typed: {found.written}}}."


def _holders(facts: Mapping[str, Fact]) -> dict[tuple[str, bool], list[Fact]]:
    """For each number, the facts whose words hold it, the shortest first."""
    held: dict[tuple[str, bool], list[Fact]] = {}
    for fact in sorted(facts.values(), key=lambda each: len(each.text)):
        for same in dict.fromkeys(found.same for found in numbers(fact.text)):
            held.setdefault(same, []).append(fact)
    return held


def _names(facts: list[Fact]) -> str:
    return " and ".join(f"{{{fact.key}}}" for fact in facts[:NAMED])


def _amount(written: str) -> str:
    word = written.lower().replace("-", " ")
    if word in TEENS:
        return str(11 + TEENS.index(word))
    tens, _, one = word.partition(" ")
    if tens in TENS:
        return str(20 + 10 * TENS.index(tens) + (ONES.index(one) + 1 if one else 0))
    plain = written.replace(",", "")
    return f"{Decimal(plain).normalize():f}" if re.fullmatch(r"\d+(\.\d+)?", plain) else written


def _days(text: str) -> int | None:
    try:
        return Limit.parse(text).nominal_days
    except ValueError:
        return None
