"""The national report as a paper: its author's words, facts, tables and figures, numbered as a board paper is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pace_analysis.errors import OutputError
from pace_analysis.figures import ReportFigure
from pace_analysis.figures.national import draw_national
from pace_analysis.report.blocks import Paper
from pace_analysis.report.figurebook import figure_block, figure_files
from pace_analysis.report.html import csv_text, fragment
from pace_analysis.report.nationalfacts import national_facts, national_tables
from pace_analysis.report.numbering import resolve
from pace_analysis.report.paper import read_text
from pace_analysis.report.printed import figures_of, tables_of
from pace_analysis.sharing import National

WORDS = "data/text/national_overview.md"
BETWEEN_US = ("For the authorities that share, as their shares are: it shows each of them. For publication make it with --public, "
              "which shows the pool alone.")


@dataclass(frozen=True)
class NationalPaper:
    """A national report ready to show and to save; in a notebook it displays as the page.

    Attributes
    ----------
    paper : Paper
    figures : mapping of name to ReportFigure
    """

    paper: Paper
    figures: Mapping[str, ReportFigure]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return fragment(self.paper)._repr_mimebundle_()

    def save(self, folder: str | Path) -> str:
        """Write ``figures/`` (SVG, PNG, words, data) and ``tables/`` (CSV) below a folder; nothing where it is empty.

        Raises
        ------
        OutputError
            If a file cannot be written.
        """
        if not folder:
            return "Nothing was written: no folder was named."
        figures, tables = figures_of(self.paper), tables_of(self.paper)
        files = {f"tables/{table.name}.csv": csv_text(table).encode("utf-8-sig") for table in tables}
        for block in figures:
            found = figure_files(block, self.figures[block.name].png())
            files |= {f"figures/{name}": content for name, content in found.items()}
        try:
            for name, content in files.items():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).write_bytes(content)
        except OSError as error:
            raise OutputError(f"A figure or table cannot be written: {error.strerror}.", where=str(folder)) from None
        return f"Wrote {len(figures)} figures and {len(tables)} tables."


def open_national(answers: National, text: str = "") -> NationalPaper:
    """Put a national report together.

    Parameters
    ----------
    answers : National
    text : str, optional
        The author's file; the project's own words by default.

    Raises
    ------
    SettingsError
        If the text cannot be read, or names a fact, table or figure that does not exist.
    """
    internal = not answers.public
    figures, said = draw_national(answers), tuple(dict.fromkeys(one.notice for one in answers.pool.shares if one.notice))
    paper = resolve(read_text(text or WORDS), facts=national_facts(answers), tables=national_tables(answers),
                    figures={name: figure_block(figure) for name, figure in figures.items()},
                    notices=(*((BETWEEN_US,) if internal else ()), *said), internal=internal)
    return NationalPaper(paper, figures)
