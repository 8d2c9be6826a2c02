"""The author's file: a small, strict part of Markdown, read into sections.

::

    To: Children and Young People Thematic Board
    On: 17 November 2015
    Report by: Head of Service

    # Permanence and Care Excellence

    ## Summary

    {decided_by_26_weeks}, as {figure:waiting} shows. Write {{ and }} for braces, and {typed: 12} for a number of
    your own that is meant to stay as it is.

    - a bullet belongs to the paragraph above

    [table: adoptions]
    [figure: waiting]

``<!-- remarks -->`` are skipped. Anything else is printed as it is typed. Nobody types a number of a section,
paragraph, table or figure: ``numbering.resolve`` gives them by position.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from pace_analysis.errors import SettingsError, nearest
from pace_analysis.report.blocks import KEY

LARGEST_FILE = 64 * 1024
HEAD_KEYS = {"to": "To", "on": "On", "report by": "Report by"}
BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
DIRECTIVE = re.compile(r"\[\s*(\w+)\s*:(.*)\]|\[\s*(table|figure)\b.*\]", re.IGNORECASE)
VOUCHED = re.compile(r"\s*typed\s*:\s*(.*\S)\s*", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
REMOVED = "\x00"  # stands where a comment was, so that a line of comment alone does not end a paragraph


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, words that the author vouches for, or the name of a fact, table or figure that stands in their place."""

    kind: Literal["words", "typed", "fact", "table", "figure"]
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph, a bullet, or a place for a table or figure; ``pieces`` hold its words or its name."""

    kind: Literal["paragraph", "bullet", "table", "figure"]
    pieces: tuple[Piece, ...]
    line: int


@dataclass(frozen=True, slots=True)
class TextSection:
    """A section as typed."""

    title: tuple[Piece, ...]
    blocks: tuple[TextBlock, ...]
    line: int


@dataclass(frozen=True, slots=True)
class TextPaper:
    """An author's file, read but not yet filled in; ``where`` names the file in messages."""

    where: str
    to: tuple[Piece, ...]
    on: tuple[Piece, ...]
    report_by: tuple[tuple[Piece, ...], ...]
    title: tuple[Piece, ...]
    sections: tuple[TextSection, ...]


def parse_text(text: str, where: str) -> TextPaper:
    """Read an author's file.

    Parameters
    ----------
    text : str
        The whole file, at most 64 kB.
    where : str
        Its name, for messages.

    Raises
    ------
    SettingsError
        With file and line: a missing or unknown head key, no title, text before the first section, a heading
        level, directive or brace that is not understood, an empty section, an unclosed comment, too large.
    """
    lines = _lines(text, where)
    title_at = next((i for i, (_, line) in enumerate(lines) if re.match(r"#\s", line)), None)
    if title_at is None:
        raise SettingsError("The text has no title.", where=where, remedy="Write '# ' and the title on one line.")
    head = _head(lines[:title_at], where)
    number, title = lines[title_at]
    sections = _sections(lines[title_at + 1 :], where)
    return TextPaper(
        where=where,
        to=head["To"][0],
        on=head["On"][0],
        report_by=tuple(head["Report by"]),
        title=_pieces(title[1:].strip(), number, where),
        sections=sections,
    )


def _fail(what: str, where: str, line: int, remedy: str) -> NoReturn:
    raise SettingsError(what, where=f"{where}, line {line}", remedy=remedy)


def _lines(text: str, where: str) -> list[tuple[int, str]]:
    """Number the lines from 1 and drop the comments."""
    if len(text.encode("utf-8", "replace")) > LARGEST_FILE:
        raise SettingsError("The text is larger than 64 kB.", where=where, remedy="Shorten it; figures are not pasted.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    for number, line in enumerate(text.split("\n"), start=1):
        if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", line):
            _fail("The line holds a control character.", where, number, "Delete the line and type it again.")
    text = COMMENT.sub(lambda match: REMOVED + f"\n{REMOVED}" * match[0].count("\n"), text)
    if "<!--" in text:
        line = text[: text.index("<!--")].count("\n") + 1
        _fail("A comment is not closed.", where, line, "Write --> where it ends.")
    numbered = enumerate(text.split("\n"), start=1)
    return [
        (number, line.replace(REMOVED, "").strip())
        for number, line in numbered
        if REMOVED not in line or line.replace(REMOVED, "").strip()
    ]


def _head(lines: list[tuple[int, str]], where: str) -> dict[str, list[tuple[Piece, ...]]]:
    found: dict[str, list[tuple[Piece, ...]]] = {name: [] for name in HEAD_KEYS.values()}
    key = ""
    for number, line in lines:
        match = re.match(r"([A-Za-z][A-Za-z ]{0,30}?)\s*:\s*(.*)", line)
        if match:
            key = HEAD_KEYS.get(match[1].lower(), "")
            if not key:
                _fail(f"'{match[1]}' is not a line of the head.", where, number, nearest(match[1], found))
            if found[key] and key != "Report by":
                _fail(f"'{key}:' is written twice.", where, number, "Keep one of the two lines.")
            line = match[2]
        elif line and key != "Report by":
            _fail("This line stands before the title.", where, number, "Write To:, On: or Report by: before it.")
        if line:
            found[key].append(_pieces(line, number, where))
    for name, values in found.items():
        if not values:
            raise SettingsError(f"The head has no '{name}:'.", where=where, remedy=f"Write '{name}: ...' at the top.")
    return found


def _sections(lines: list[tuple[int, str]], where: str) -> tuple[TextSection, ...]:
    starts = [i for i, (_, line) in enumerate(lines) if _is_section(line)]
    for number, line in lines[: starts[0]] if starts else lines:
        _refuse_heading(line, number, where)
        if line:
            _fail("This text stands before the first section.", where, number, "Write '## Summary' above it.")
    if not starts:
        raise SettingsError("The text has no section.", where=where, remedy="Write '## Summary' under the title.")
    sections = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        number, line = lines[start]
        blocks = tuple(_blocks(lines[start + 1 : end], where))
        if not blocks:
            _fail(f"Section '{line[2:].strip()}' is empty.", where, number, "Write a paragraph or delete the heading.")
        sections.append(TextSection(_pieces(line[2:].strip(), number, where), blocks, number))
    return tuple(sections)


def _is_section(line: str) -> bool:
    return re.match(r"##\s+\S", line) is not None


def _refuse_heading(line: str, number: int, where: str) -> None:
    if re.match(r"#\s|##", line):
        remedy = "One title '# ', then sections '## ' with a space after the signs and a name."
        _fail("This heading is not supported.", where, number, remedy)


def _blocks(lines: list[tuple[int, str]], where: str) -> Iterator[TextBlock]:
    """Group lines: blank lines, bullets and directives end what came before."""
    kind: Literal["paragraph", "bullet"] = "paragraph"
    pieces: list[Piece] = []
    seen_paragraph = False
    for number, line in [*lines, (0, "")]:
        _refuse_heading(line, number, where)
        bullet, directive = line.startswith("- "), DIRECTIVE.fullmatch(line)
        if pieces and (not line or bullet or directive):
            yield TextBlock(kind, tuple(pieces), pieces[0].line)
            pieces = []
        if directive:
            yield _directive(directive, number, where)
        elif line:
            if not pieces:
                kind = "bullet" if bullet else "paragraph"
                seen_paragraph |= not bullet
            if not seen_paragraph:
                _fail("A list needs a paragraph above it.", where, number, "Write a sentence before the first '- '.")
            space = " " if pieces else ""
            pieces.extend(_pieces(space + (line[2:].strip() if bullet else line), number, where))


def _directive(match: re.Match[str], line: int, where: str) -> TextBlock:
    kind, name = (match[1] or "").lower(), (match[2] or "").strip()
    if kind not in ("table", "figure"):
        typed = match[1] or match[3]
        remedy = nearest(kind, ("table", "figure")) if kind else f"Write [{typed.lower()}: name] with a colon."
        _fail(f"'[{typed} ...]' is not understood.", where, line, remedy)
    if not KEY.fullmatch(name):
        _fail(f"'{name}' is not a name of a {kind}.", where, line, f"Write [{kind}: name] in small letters and _.")
    return TextBlock(kind, (Piece(kind, name, line),), line)  # type: ignore[arg-type]  # checked above


def _pieces(text: str, line: int, where: str) -> tuple[Piece, ...]:
    """Split words from placeholders."""
    pieces: list[Piece] = []
    end = 0
    for match in BRACES.finditer(text):
        pieces.append(Piece("words", text[end : match.start()], line))
        end = match.end()
        if match[0] in ("{{", "}}"):
            pieces.append(Piece("words", match[0][0], line))
            continue
        vouched = VOUCHED.fullmatch(match[1] or "")
        if vouched:
            pieces.append(Piece("typed", vouched[1], line))
            continue
        before, colon, name = (part.strip() for part in (match[1] or "").rpartition(":"))
        kind = before if colon else "fact"
        if (colon and kind not in ("table", "figure")) or not KEY.fullmatch(name):
            remedy = "Write {name}, {table:name}, {figure:name} or {typed: 12}; for a brace itself write {{ or }}."
            _fail(f"'{match[0]}' is not a placeholder.", where, line, remedy)
        pieces.append(Piece(kind, name, line))  # type: ignore[arg-type]  # checked above
    pieces.append(Piece("words", text[end:], line))
    return tuple(piece for piece in pieces if piece.value)
