"""The board paper: the author's words, the facts, the tables and the figures, put together and numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pace_analysis.answers import BoardAnswers, answers_alone, board_answers
from pace_analysis.errors import OutputError, SettingsError
from pace_analysis.figures import FIGURES, ReportFigure, draw, withheld
from pace_analysis.publish.disclosure import Refused
from pace_analysis.report import facts as fact_book
from pace_analysis.report import formats
from pace_analysis.report import tables as table_book
from pace_analysis.report.blocks import Fact, Paper
from pace_analysis.report.figurebook import figure_block, figure_files
from pace_analysis.report.html import csv_text, fragment
from pace_analysis.report.narrative.factsfile import write_facts
from pace_analysis.report.narrative.forward import words_path
from pace_analysis.report.logo import read_logo
from pace_analysis.report.numbering import resolve
from pace_analysis.report.printed import About, figures_of, tables_of
from pace_analysis.report.provenance import made_from
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

    def save(self, folder: str | Path, also: str = "", reference: str | Path = "") -> str:
        """Write ``figures/`` (SVG, PNG, caption, alt text), ``tables/`` (CSV), ``facts.json`` and ``released.json`` below ``folder``.

        Nothing when it is empty. ``facts.json`` holds every fact with its words, ``released.json`` every number that is
        released, and what was refused.

        Parameters
        ----------
        folder : str or Path
        also : str, optional
            Other forms of the paper to write, as in ``docx,pdf,xlsx``; see :mod:`pace_analysis.report.formats`.
        reference : str or Path, optional
            A council's DOCX that lends its styles to the Word files.

        Raises
        ------
        OutputError
            If a file cannot be written.
        UsageError, InputError
            See :func:`pace_analysis.report.formats.printed_forms`.
        """
        if not folder:
            return "Nothing was written: no folder was named."
        root = Path(folder)
        try:
            for name in ("figures", "tables"):
                (root / name).mkdir(parents=True, exist_ok=True)
            for table in tables_of(self.paper):
                (root / "tables" / f"{table.name}.csv").write_bytes(csv_text(table).encode("utf-8-sig"))
            write_released(self.answers, root)
            write_facts(fact_book.facts(self.answers), root)
            pictures = {figure.name: figure.png() for figure in self.figures}
            for block in figures_of(self.paper):
                for name, content in figure_files(block, pictures[block.name]).items():
                    (root / "figures" / name).write_bytes(content)
            for name, content in self.printed(also, reference, pictures).items():
                (root / name).write_bytes(content)
        except OSError as error:
            raise OutputError(f"A figure or table cannot be written: {error.strerror}.", where=str(root)) from None
        return f"Wrote {len(self.figures)} figures and {len(tables_of(self.paper))} tables."

    def printed(self, also: str, reference: str | Path = "", pictures: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
        """Return the other forms of the paper, by file name; ``pictures`` are the PNGs of its figures where they are drawn already."""
        if pictures is None:
            pictures = {figure.name: figure.png() for figure in self.figures} if also else {}
        about = About(self.answers.authority.name, self.answers.as_at, self.answers.authority.accent)
        return formats.printed_forms(self.paper, pictures, about, also, reference)


def open_paper(study: Study, answers: BoardAnswers | None = None, text: str = "", *, draft: bool = False) -> BoardPaper:
    """Put a board paper together.

    Parameters
    ----------
    study : Study
        Whose paper.
    answers : BoardAnswers, optional
        The released answers; worked out from the study when not given.
    text : str, optional
        The author's file; by default that of the quarter, else the authority's own.
    draft : bool
        Whether to say that the paper is not released.

    Raises
    ------
    SettingsError
        If the text cannot be read, or names a fact, table or figure that does not exist; if the logo cannot be used.
    """
    answers = board_answers(study) if answers is None else answers_alone(answers)
    if draft:
        answers = replace(answers, source=f"Draft, not released: {answers.source}")
    words = words_path(study.authority, study.quarter, text)
    parsed = read_text(words)
    placed = [block.pieces[0].value for section in parsed.sections for block in section.blocks if block.kind == "figure"]
    drawn = {name: _draw(name, answers) for name in placed if name in FIGURES}
    notices = tuple(notice for notice in (study.authority.notice, DRAFT if draft else "") if notice)
    paper = resolve(
        parsed, facts=fact_book.facts(answers), tables=table_book.tables(answers) | {"made_from": made_from(study.authority, study.path, words)},
        figures={name: figure_block(figure) for name, figure in drawn.items()} if drawn or placed else {},
        notices=notices, internal=not study.profile.protects, logo=read_logo(study.authority),
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
