"""How alike a council's words and ours are, from 0 to 1, and which are nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from pace_analysis.extract.tracker.aliases import FILLERS

ENOUGH = 0.82  # from here a match is taken
WORTH = 0.7  # below this two texts are not compared in full
SHORT = 5  # letters from which two words may be alike without being the same: lac is not laac
JOIN = " / "  # between the rows of a heading


class Match(NamedTuple):
    """How alike a text is to a name (0 to 1), the name, and the alias of it that was compared."""

    score: float
    name: str
    alias: str


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """Words of a text in lower case, without punctuation and filler words."""
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", "").replace("’", ""))
    return " ".join(word for word in words if word not in FILLERS)


def ranked(text: str, names: Mapping[str, Iterable[str]]) -> list[Match]:
    """Every name with its alias most like ``text``, nearest first; the name itself is an alias.

    The whole of a heading is compared, and its last row alone, which counts a little less.
    """
    last = text.rpartition(JOIN)[2]
    candidates = ((plain(text), 1.0), (plain(last), 0.95)) if last != text else ((plain(text), 1.0),)
    found = []
    for name, aliases in names.items():
        scored = (
            (max(weight * alike(words, plain(alias)) for words, weight in candidates), alias)
            for alias in (name.replace("_", " "), *aliases)
        )
        score, alias = max(scored, key=lambda one: one[0])
        found.append(Match(score, name, alias))
    return sorted(found, key=lambda match: -match.score)


def alike(one: str, other: str) -> float:
    """Share of the letters that two plain texts have in common; words of up to four letters are alike or not."""
    if one == other:
        return float(bool(one))
    if min(len(one), len(other)) < SHORT:
        return 0.0
    return _share(one, other)


@lru_cache(maxsize=200_000)
def _share(one: str, other: str) -> float:
    if sorted(one.split()) == sorted(other.split()):
        return 0.98
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() < WORTH or matcher.quick_ratio() < WORTH:
        return 0.0
    return matcher.ratio()
