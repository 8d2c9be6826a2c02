"""A proposed mapping as commented TOML, for a person to correct."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pace_analysis.errors import OutputError
from pace_analysis.extract.tracker.mapping import ENDING, CODED
from pace_analysis.extract.tracker.proposal import Proposal
from pace_analysis.tables.schema import CODES

HEAD = """\
# How to read {tracker}: the council's words on the left, ours on the right.
# Proposed from its headings and values. Check every line, correct or delete it, and write as_at.
# Keep the file: next quarter only as_at changes. Headings that come or go are then reported by name.
"""
AS_AT = """\
# as_at = 2015-09-30        # needed: the last day the tracker knows of; take the first # away and write the day
# source = "Anytown permanence tracker"  # what figures and tables name as their source, in place of the file
# covers_from = 2010-04-01  # first day from which every child in care is in the tracker, also those who have left
"""


def mapping_beside(path: str | Path) -> Path:
    """Where the mapping of a tracker is looked for: ``tracker.xlsx`` has ``tracker.mapping.toml``."""
    path = Path(path)
    return path.with_name(path.stem + ENDING)


def write_mapping(proposal: Proposal, path: str | Path) -> Path:
    """Write a proposed mapping as TOML and return where.

    Raises
    ------
    OutputError
        If there is a file already, which a person may have corrected, or it cannot be written.
    """
    path = Path(path)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(mapping_text(proposal))
    except FileExistsError:
        raise OutputError(
            "There is a mapping already; it is left as it is.", where=str(path), remedy="Rename or delete it first.",
        ) from None
    except OSError as error:
        raise OutputError(f"The mapping cannot be written: {error.strerror}.", where=str(path)) from None
    return path


def mapping_text(proposal: Proposal) -> str:
    """Return the TOML of a proposed mapping, which can be read once what it asks for is written."""
    mapping, why = proposal.mapping, {guess.heading: guess.why for guess in proposal.guesses}
    lines = [HEAD.format(tracker=_comment(proposal.tracker))]
    lines += [f"# LOOK: {_comment(remark)}" for remark in proposal.remarks]
    lines += [f"sheet = {_quoted(mapping.sheet)}"] if mapping.sheet else []
    lines += [f"header_rows = {list(mapping.header_rows)}", AS_AT]
    lines += ["# words in columns of dates that stand for no date", f"blanks = {_list(mapping.blanks)}", ""]
    lines += ["# columns that are not read", "ignore = ["]
    lines += [f"    {_quoted(heading)},  # {why[heading]}" for heading in mapping.ignore]
    lines += ["]", "", "[headings]  # fields of the child and the period of care"]
    lines += _lines(mapping.headings, why)
    lines += ["", "[milestones]  # several headings may hold one milestone"]
    lines += _lines(mapping.milestones, why)
    lines += ["", "[routes]  # heading of a milestone = heading of the column that holds its route"]
    lines += _lines(mapping.routes, {})
    lines += ["", "[dates]  # one form a column; a workbook's own dates are yyyy-mm-dd"]
    lines += _lines(mapping.dates, proposal.date_remarks)
    for name in dict.fromkeys((*mapping.words, *proposal.unknown_words)):
        lines += ["", *_words(name, mapping.words.get(name, {}), proposal.unknown_words.get(name, {}))]
    return "\n".join(lines) + "\n"


def _lines(table: Mapping[str, str], comments: Mapping[str, str]) -> list[str]:
    return [
        f"{_quoted(left)} = {_quoted(right)}" + (f"  # {comments[left]}" if left in comments else "")
        for left, right in table.items()
    ]


def _words(name: str, known: Mapping[str, str], unknown: Mapping[str, int]) -> list[str]:
    lines = [f"[words.{name}]  # codes: {', '.join(CODES[CODED[name]])}", *_lines(known, {})]
    return lines + [
        f"# {_quoted(word)} = \"\"  # LOOK: stands in {count:,} rows and is not known; choose its code"
        for word, count in unknown.items()
    ]


def _list(words: Iterable[str]) -> str:
    return "[" + ", ".join(_quoted(word) for word in words) + "]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Text without what may not stand in a comment."""
    return "".join(c if c.isprintable() else "?" for c in text)
