"""Fill an author's file with facts, tables and figures, and number all of it by position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pace_analysis.errors import SettingsError, nearest
from pace_analysis.report.blocks import (
    Block,
    Bullets,
    Fact,
    FigureBlock,
    Head,
    Logo,
    Paper,
    Paragraph,
    Run,
    Section,
    TableBlock,
)
from pace_analysis.report.text import Piece, TextPaper, TextSection


def resolve(
    parsed: TextPaper,
    *,
    facts: Mapping[str, Fact],
    tables: Mapping[str, TableBlock],
    figures: Mapping[str, FigureBlock],
    notices: tuple[str, ...] = (),
    internal: bool = False,
    logo: Logo | None = None,
) -> Paper:
    """Put facts, tables and figures where the author named them.

    Parameters
    ----------
    facts, tables, figures : mapping
        By the name an author types. What the author does not name is left out.
    notices : tuple of str, optional
        Sentences printed before the paper.
    internal : bool, optional
        True marks the whole paper as not for publication.
    logo : Logo, optional
        Shown above the title.

    Raises
    ------
    SettingsError
        With file, line and the nearest known name: an unknown fact, table or figure, one placed twice, or a
        reference to a table or figure that the text does not place.
    """
    filler = _Filler(
        where=parsed.where,
        facts=facts,
        places={
            "table": _places(parsed, tables, "table"),
            "figure": _places(parsed, figures, "figure"),
        },
    )
    head = Head(
        to=filler.words(parsed.to),
        on=filler.words(parsed.on),
        report_by=tuple(filler.words(line) for line in parsed.report_by),
        title=filler.words(parsed.title),
        notices=notices,
        internal=internal,
        logo=logo,
    )
    return Paper(head, tuple(filler.section(i, section) for i, section in enumerate(parsed.sections, start=1)))


def _places(
    parsed: TextPaper, known: Mapping[str, TableBlock] | Mapping[str, FigureBlock], kind: str
) -> dict[str, TableBlock | FigureBlock]:
    """Number the tables (or figures) in the order in which the text places them."""
    placed: dict[str, TableBlock | FigureBlock] = {}
    for block in (block for section in parsed.sections for block in section.blocks if block.kind == kind):
        name, where = block.pieces[0].value, f"{parsed.where}, line {block.line}"
        if name not in known:
            raise SettingsError(f"There is no {kind} '{name}'.", where=where, remedy=nearest(name, known))
        if name in placed:
            remedy = f"Place it once, and write {{{kind}:{name}}} to refer to it again."
            raise SettingsError(f"The {kind} '{name}' is placed twice.", where=where, remedy=remedy)
        placed[name] = replace(known[name], name=name, number=len(placed) + 1)
    return placed


@dataclass(frozen=True, slots=True)
class _Filler:
    where: str
    facts: Mapping[str, Fact]
    places: Mapping[str, Mapping[str, TableBlock | FigureBlock]]

    def run(self, piece: Piece) -> Run:
        if piece.kind in ("words", "typed"):
            return Run(piece.value)
        where = f"{self.where}, line {piece.line}"
        if piece.kind == "fact":
            if piece.value not in self.facts:
                remedy = nearest(piece.value, self.facts)
                raise SettingsError(f"There is no fact '{piece.value}'.", where=where, remedy=remedy)
            fact = self.facts[piece.value]
            return Run(fact.text, fact=fact.key, value=fact.value)
        placed = self.places[piece.kind]
        if piece.value not in placed:
            remedy = f"Place it with [{piece.kind}: {piece.value}]. {nearest(piece.value, placed)}"
            what = f"The text refers to the {piece.kind} '{piece.value}' but does not place it."
            raise SettingsError(what, where=where, remedy=remedy)
        return Run(placed[piece.value].label, anchor=placed[piece.value].anchor)

    def runs(self, pieces: Iterable[Piece]) -> tuple[Run, ...]:
        merged: list[Run] = []
        for run in map(self.run, pieces):
            if merged and run == Run(run.text) and merged[-1] == Run(merged[-1].text):
                run = Run(merged.pop().text + run.text)
            merged.append(run)
        return tuple(merged)

    def words(self, pieces: Iterable[Piece]) -> str:
        return "".join(run.text for run in self.runs(pieces))

    def section(self, number: int, section: TextSection) -> Section:
        return Section(number, self.words(section.title), tuple(self.blocks(number, section)))

    def blocks(self, number: int, section: TextSection) -> Iterator[Block]:
        paragraphs = 0
        items: list[tuple[Run, ...]] = []
        for block in section.blocks:
            if block.kind == "bullet":
                items.append(self.runs(block.pieces))
                continue
            if items:
                yield Bullets(tuple(items))
                items = []
            if block.kind == "paragraph":
                paragraphs += 1
                yield Paragraph(f"{number}.{paragraphs}", self.runs(block.pieces))
            else:
                yield self.places[block.kind][block.pieces[0].value]
        if items:
            yield Bullets(tuple(items))
