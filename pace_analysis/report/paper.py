"""The board paper: the author's words, the facts, the tables and the figures, put together and numbered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pace_analysis.answers import BoardAnswers, answers_alone, board_answers
from pace_analysis.errors import OutputError, SettingsError
from pace_analysis.figures import FIGURES, ReportFigure, draw, withheld
from pace_analysis.publish.disclosure import Refused
from pace_analysis.report import facts as fact_book
from pace_analysis.report import tables as table_book
from pace_analysis.report.blocks import Fact, FigureBlock, Paper, TableBlock
from pace_analysis.report.html import csv_text, fragment
from pace_analysis.report.numbering import resolve
from pace_analysis.report.released import write_released
from pace_analysis.report.text import TextPaper, parse_text
from pace_analysis.settings import resolve as resolve_path
from pace_analysis.study import Study


DRAFT = "Draft: not recorded as released, and not for publication."


@dataclass(frozen=True)
class BoardPaper:
    """A paper ready to show and to save; in a notebook it displays as the page.

    Attributes
    ----------
    paper : Paper
        Every block, numbered.
    figures : tuple of ReportFigure
        The figures the text places, in order.
    answers : BoardAnswers
        The released results that all of it is made of.
    """

    paper: Paper
    figures: tuple[ReportFigure, ...]
    answers: BoardAnswers

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return fragment(self.paper)._repr_mimebundle_()

    def save(self, folder: str | Path) -> str:
        """Write ``figures/`` (SVG, PNG, caption, alt text), ``tables/`` (CSV) and ``released.json`` below ``folder``.

        Nothing when it is empty. ``released.json`` holds every number that is released, and what was refused.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        if not folder:
            return "Nothing was written: no folder was named."
        root = Path(folder)
        try:
            for name in ("figures", "tables"):
                (root / name).mkdir(parents=True, exist_ok=True)
            for table in self._blocks(TableBlock):
                (root / "tables" / f"{table.name}.csv").write_bytes(csv_text(table).encode("utf-8-sig"))
            write_released(self.answers, root)
            for drawn, block in zip(self.figures, self._blocks(FigureBlock), strict=True):
                _save_figure(drawn, block, root / "figures")
        except OSError as error:
            raise OutputError(f"A figure or table cannot be written: {error.strerror}.", where=str(root)) from None
        return f"Wrote {len(self.figures)} figures and {len(self._blocks(TableBlock))} tables."

    def _blocks(self, kind: type) -> list:
        return [block for section in self.paper.sections for block in section.blocks if isinstance(block, kind)]


def open_paper(study: Study, answers: BoardAnswers | None = None, text: str = "", *, draft: bool = False) -> BoardPaper:
    """Put a board paper together.

    Parameters
    ----------
    study : Study
        Whose paper.
    answers : BoardAnswers, optional
        The released answers; worked out from the study when not given.
    text : str, optional
        The author's file; the authority's own by default.
    draft : bool
        Whether to say that the paper is not released.

    Raises
    ------
    SettingsError
        If the text cannot be read, or names a fact, table or figure that does not exist.
    """
    answers = board_answers(study) if answers is None else answers_alone(answers)
    if draft:
        answers = replace(answers, source=f"Draft, not released: {answers.source}")
    parsed = read_text(text or study.authority.text)
    placed = [block.pieces[0].value for section in parsed.sections for block in section.blocks if block.kind == "figure"]
    drawn = {name: _draw(name, answers) for name in placed if name in FIGURES}
    notices = tuple(notice for notice in (study.authority.notice, DRAFT if draft else "") if notice)
    paper = resolve(
        parsed, facts=fact_book.facts(answers), tables=table_book.tables(answers),
        figures={name: _figure_block(figure) for name, figure in drawn.items()} if drawn or placed else {},
        notices=notices, internal=not study.profile.protects,
    )
    return BoardPaper(paper, tuple(drawn[name] for name in placed), answers)


def paper_facts(study: Study) -> dict[str, Fact]:
    """Every fact an author may place, from a study."""
    return fact_book.facts(board_answers(study))


def read_text(path: str | Path) -> TextPaper:
    """Read an author's file; SettingsError when there is none or it cannot be understood."""
    found = resolve_path(path)
    try:
        return parse_text(found.read_text(encoding="utf-8-sig"), found.name)
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The text '{found.name}' cannot be read.", where=str(path),
                            remedy="Name a text file saved as UTF-8.") from None


def _draw(name: str, answers: BoardAnswers) -> ReportFigure:
    figure = draw(name, answers)
    return withheld(name, figure, answers.source) if isinstance(figure, Refused) else figure


def _figure_block(drawn: ReportFigure) -> FigureBlock:
    return FigureBlock(drawn.name, drawn.headline, drawn.subtitle, drawn.alt, drawn.source, drawn.svg(),
                       _data_table(drawn.name, drawn.subtitle, drawn.data))


def _data_table(name: str, caption: str, data: pd.DataFrame) -> TableBlock:
    # column by column: a row of mixed types would turn counts into 30.0
    cells = [data[column].map(str) for column in data]
    return TableBlock(f"{name}_data", caption, (tuple(map(str, data.columns)),), tuple(zip(*cells, strict=True)))


def _save_figure(drawn: ReportFigure, block: FigureBlock, folder: Path) -> None:
    stem = f"figure-{block.number}-{drawn.name.replace('_', '-')}"
    (folder / f"{stem}.svg").write_bytes(drawn.svg())
    (folder / f"{stem}.png").write_bytes(drawn.png())
    (folder / f"{stem}.txt").write_text(drawn.caption(block.number), encoding="utf-8", newline="\n")
    (folder / f"{stem}.csv").write_bytes(csv_text(block.data).encode("utf-8-sig"))
