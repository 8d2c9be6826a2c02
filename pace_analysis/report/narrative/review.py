"""An author's words held against the facts of their quarter and of an earlier one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pace_analysis.dates import Quarter
from pace_analysis.errors import SettingsError, nearest
from pace_analysis.report.blocks import Fact
from pace_analysis.report.narrative.numbers import is_short, numbers, typed_numbers
from pace_analysis.report.narrative.prose import Remark, prose
from pace_analysis.report.narrative.quarters import still_says
from pace_analysis.report.text import TextPaper

MOVES_ALWAYS = {"quarter", "quarter_months", "as_at"}
NUMBERS_TOLD = 3  # of a sentence that moved; more are not told one by one
COUNTED = re.compile(r"\d+(?!\d*-)")  # a value that is a number, a pair or a year, and no day
WRONG = ("typed", "unknown")  # kinds of remark that --strict refuses


@dataclass(frozen=True, slots=True)
class Review:
    """What an author should look at.

    Attributes
    ----------
    where : str
        Name of the file.
    quarter, earlier : Quarter
        Whose facts the words were held against; ``compared`` says whether those of the earlier one were there.
    remarks : tuple of Remark
        In the order of the page.
    moved : tuple of str
        Facts that the text uses and that say something else than in the earlier quarter, one line each.
    """

    where: str
    quarter: Quarter
    earlier: Quarter
    compared: bool
    remarks: tuple[Remark, ...]
    moved: tuple[str, ...]

    def text(self) -> str:
        """All of it in words, one line each."""
        lines = [remark.text for remark in self.remarks]
        lines = lines or [f"{self.where}: no number is typed by hand, and nothing speaks of {self.earlier}."]
        if not self.compared:
            lines.append(f"There is no report to {self.earlier} to say which facts moved; pace report makes one.")
        elif self.moved:
            lines.append(f"Facts in the text that moved since {self.earlier}, and follow by themselves:")
            lines += [f"  {line}" for line in self.moved]
        return "\n".join(lines)

    def refuse(self) -> None:
        """Raise SettingsError when a number is typed by hand or a fact is unknown."""
        wrong = [remark for remark in self.remarks if remark.kind in WRONG]
        if wrong:
            what = "1 number in the text is" if len(wrong) == 1 else f"{len(wrong)} numbers in the text are"
            raise SettingsError(f"{what} typed by hand, or no fact's.", where=f"{self.where}, line {wrong[0].line}",
                                remedy="Write the fact in braces, or {typed: ...} around what you vouch for.")


def review(parsed: TextPaper, *, facts: Mapping[str, Fact], quarter: Quarter, earlier: Quarter,
           earlier_facts: Mapping[str, Fact] | None = None) -> Review:
    """Hold an author's words against the facts.

    Parameters
    ----------
    parsed : TextPaper
        The words.
    facts : mapping
        Facts of ``quarter``.
    earlier : Quarter
        The quarter that the words may still speak of.
    earlier_facts : mapping, optional
        Its facts, from its report; None when there is none.
    """
    before = earlier_facts or {}
    moved = {
        key: _moved(before[key], fact)
        for key, fact in facts.items()
        if key in before and key not in MOVES_ALWAYS and before[key].text != fact.text
    }
    found = [
        *_unknown(parsed, facts),
        *typed_numbers(parsed, facts, before, str(earlier)),
        *still_says(parsed, earlier, quarter),
        *_beside(parsed, moved),
    ]
    used = dict.fromkeys(piece.value for part in prose(parsed) for piece in part.facts)
    return Review(
        parsed.where, quarter, earlier, compared=earlier_facts is not None,
        remarks=tuple(sorted(found, key=lambda remark: remark.line)),
        moved=tuple(f"{{{key}}} {moved[key]}" for key in used if key in moved),
    )


def _unknown(parsed: TextPaper, facts: Mapping[str, Fact]) -> Iterator[Remark]:
    for part in prose(parsed):
        for piece in part.facts:
            if piece.value not in facts:
                says = f"names {{{piece.value}}}, which is no fact. {nearest(piece.value, facts)}"
                yield Remark("unknown", part.place, piece.line, says)


def _beside(parsed: TextPaper, moved: Mapping[str, str]) -> Iterator[Remark]:
    """Facts that moved beside words of the author's own, which may no longer fit."""
    for part in prose(parsed):
        if part.commented:
            for piece in part.facts:
                if piece.value in moved:
                    says = f"speaks beside {{{piece.value}}}, which {moved[piece.value]}: do the words still fit?"
                    yield Remark("moved", part.place, piece.line, says)


def _moved(old: Fact, new: Fact) -> str:
    if is_short(old) and is_short(new):
        return f"was {old.text}, now {new.text}"
    if old.value != new.value and COUNTED.match(old.value) and COUNTED.match(new.value):
        return f"was {old.value}, now {new.value}"
    was, now = ([found.written for found in numbers(fact.text)] for fact in (old, new))
    gone, come = [each for each in was if each not in now], [each for each in now if each not in was]
    if not (gone and come) or max(len(gone), len(come)) > NUMBERS_TOLD:
        return "is in other words now"
    return f"was {', '.join(gone)}, now {', '.join(come)}"
