"""The fields of a council's headers and footers: page numbers stay, what names people, files or dates goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from pace_analysis.report.word.names import w

PAGE_NUMBER = re.compile(
    r'\s*(?:PAGE|NUMPAGES|SECTION|SECTIONPAGES)(?:\s+\\[*#]\s*(?:\w{1,20}|"[#0,. -]{0,20}"))*\s*', re.IGNORECASE
)
LINK = re.compile(r"\s*HYPERLINK\b", re.IGNORECASE)


def clean_fields(story: Any) -> None:
    """Take out of a header or footer every field but page numbers; a link becomes the words it shows.

    A field that is not closed goes, with all that follows: what it would have shown cannot be told from other words.
    """
    for simple in list(story.iter(w("fldSimple"))):
        code = simple.get(w("instr"), "")
        if LINK.match(code):
            unwrap(simple)
        elif not PAGE_NUMBER.fullmatch(code):
            _drop(simple)
    for part in _unwanted(story):
        _drop(part)


def unwrap(element: Any) -> None:
    """Put what is in an element in its place."""
    for child in list(element):
        element.addprevious(child)
    _drop(element)


@dataclass
class _Field:
    """One field while it is read: what it tells Word to do, and the pieces of runs that it is made of."""

    code: str = ""
    code_parts: list[Any] = field(default_factory=list)
    shown: list[Any] = field(default_factory=list)
    is_shown: bool = False

    def take(self, part: Any) -> None:
        (self.shown if self.is_shown else self.code_parts).append(part)

    def unwanted(self) -> list[Any]:
        if PAGE_NUMBER.fullmatch(self.code):
            return []
        return self.code_parts if LINK.match(self.code) else [*self.code_parts, *self.shown]


def _unwanted(story: Any) -> list[Any]:
    """Every piece of a run that belongs to a field which is not kept, or to none though it should."""
    gone, inside = [], []
    for part in story.iter():
        kind = part.get(w("fldCharType")) if part.tag == w("fldChar") else ""
        if kind == "begin":
            inside.append(_Field())
        elif not inside and part.tag in (w("fldChar"), w("instrText")):
            gone.append(part)
        if not inside or part.getparent().tag != w("r") or part.tag == w("rPr"):
            continue
        for one in inside[:-1]:
            one.take(part)
        if kind == "separate":
            inside[-1].is_shown = True
        # the mark between code and words, and the last one, go with the code
        (inside[-1].code_parts.append if kind else inside[-1].take)(part)
        if part.tag == w("instrText"):
            inside[-1].code += part.text or ""
        if kind == "end":
            gone += inside.pop().unwanted()
    return gone + [part for one in inside for part in (*one.code_parts, *one.shown)]


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.getparent().remove(element)
