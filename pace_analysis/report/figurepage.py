"""Figures for authors: one as the files an author pastes from, and a page that shows them all.

Figures come through the same gate as a report's, and their files are searched for children as a report's are. Only a
report is audited together with all that is public, and recorded as released.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from pace_analysis import __version__
from pace_analysis.answers import BoardAnswers, answers_alone, board_answers
from pace_analysis.dates import Quarter, say_date
from pace_analysis.errors import DisclosureRefused, UsageError, nearest
from pace_analysis.figures import FIGURES, ReportFigure, draw
from pace_analysis.ledger import PUBLISHED
from pace_analysis.publish.disclosure import Refused, Release
from pace_analysis.publish.profiles import profile as profile_named
from pace_analysis.report.blocks import Head, TableBlock
from pace_analysis.report.figurebook import figure_block, figure_files
from pace_analysis.report.figurefolder import figure_folder, marked, put, usual_folder
from pace_analysis.report.html import INTERNAL, head_html
from pace_analysis.report.printed import STAMP
from pace_analysis.settings import load_authority
from pace_analysis.study import Study, open_study

PAGE = "figures.html"
UNRELEASED = ("Not recorded as released: only pace report audits and records a release. "
              "Make the report before you give a figure to anybody.")
RELEASED = "Every number is recorded as released."
CSS = """
main h2 { padding-left: 0; }
.lift { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 0.5rem 2rem; }
.lift img { width: 100%; height: auto; border: 1px solid var(--rule); }
.lift dl { margin: 0; }
.lift dt { color: var(--quiet); font-size: 0.86rem; }
.lift dd { margin: 0 0 0.6rem; overflow-wrap: anywhere; }
@media screen and (max-width: 640px) { .lift { grid-template-columns: minmax(0, 1fr); } }
@media print { section { break-inside: avoid; } }
"""
THUMBNAIL = 320  # pixels across, where no style sheet says otherwise


@dataclass(frozen=True)
class FigureList:
    """Every figure of a report, to choose from; in a notebook it displays as the page does.

    Attributes
    ----------
    answers : BoardAnswers
    figures : dict of str to ReportFigure or Refused
        By the name an author types.
    """

    answers: BoardAnswers
    figures: dict[str, ReportFigure | Refused]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        plain = "\n".join(f"{name}: {_headline(drawn)}" for name, drawn in self.figures.items())
        return {"text/html": self.html(), "text/plain": plain}

    def html(self) -> str:
        """Return a section for each figure: thumbnail, name, headline, what it shows, alt text, how to lift it."""
        return "\n".join(self._section(name, drawn) for name, drawn in self.figures.items())

    def page(self, remark: str = "") -> str:
        """Return the whole page, in the board paper's look; it loads nothing and runs nothing."""
        from jinja2 import Environment, FileSystemLoader

        from pace_analysis.report.exporter import TEMPLATES, accent_rules, content_policy, print_rules

        told, internal = self.answers, not self.answers.profile.protects
        title = f"Figures of {told.authority.name}, {told.quarter.words}"
        notices = tuple(filter(None, (told.authority.notice, remark)))
        day = f"Data to {say_date(told.as_at)}"
        head = Head("Authors of board papers", day, (told.authority.name,), title, notices, internal)
        stamp = STAMP if internal else ""
        css = (TEMPLATES / "board" / "style.css").read_text(encoding="utf-8") + CSS
        css += accent_rules(told.authority.accent) + print_rules(title, stamp)
        # the parts are escaped here, as the template expects
        environment = Environment(loader=FileSystemLoader(TEMPLATES / "board"), autoescape=False)
        return environment.get_template("index.html.j2").render(resources={"board": {
            "title": escape(title), "head": head_html(head), "body": self.html(), "css": css,
            "csp": content_policy(css), "stamp": stamp,
            "provenance": escape(f"pace_analysis {__version__}, {told.source}"),
        }}) + "\n"

    def _section(self, name: str, drawn: ReportFigure | Refused) -> str:
        told, anchor = self.answers, f"figure-{name}"
        command = f"pace figure {name} --authority {told.authority.slug} --quarter {told.quarter}"
        said = {"Name": f"<code>{escape(name)}</code>"}
        if isinstance(drawn, Refused):
            said["Why it is not shown"], image = escape(drawn.sentence), ""
        else:
            said |= {"What it shows": escape(drawn.subtitle), "Alt text": escape(drawn.alt),
                     "To lift it": f"<code>{escape(command)}</code>"}
            code = b64encode(drawn.svg()).decode("ascii")
            image = f'<img width="{THUMBNAIL}" alt="{escape(drawn.alt)}" src="data:image/svg+xml;base64,{code}">\n'
        terms = "\n".join(f"<div><dt>{term}</dt><dd>{words}</dd></div>" for term, words in said.items())
        heading = f'<h2 id="{anchor}">{escape(_headline(drawn))}</h2>'
        body = f'<div class="lift">\n{image}<dl>\n{terms}\n</dl>\n</div>'
        return f'<section aria-labelledby="{anchor}">\n{heading}\n{body}\n</section>'


@dataclass(frozen=True)
class Lift:
    """A study opened to lift figures from, and the folder that takes them."""

    study: Study
    answers: BoardAnswers
    folder: Path

    @property
    def remark(self) -> str:
        """Whether what is lifted may be given to anybody yet."""
        if not self.study.profile.protects:
            return INTERNAL
        public = self.study.earlier.released
        ours = [figure for figure in self.answers.figures if figure.method != PUBLISHED]
        released = all(public.get(figure.key) == figure.value for figure in ours)
        return RELEASED if released else UNRELEASED

    def write(self, files: Mapping[str, bytes]) -> tuple[Path, ...]:
        """Search files, by name, for children of the extract, then put them into the folder; returns their paths.

        Where nothing is protected nothing is searched for, and each file's name says that it is not for publication.

        Raises
        ------
        DisclosureRefused
            A child or this machine can be found in a file; nothing is written.
        OutputError, BusyError
            A file cannot be written.
        """
        return _write(self.folder, files, self.study, protects=self.study.profile.protects)


def open_lift(authority: str, quarter: str, data: str = "", *, profile: str = "", drop_errors: bool = False,
              out: str = "") -> Lift:
    """Open a study to lift figures from.

    Parameters
    ----------
    authority, quarter, data, profile, drop_errors
        Those of :func:`pace_analysis.study.open_study`, whose errors are raised.
    out : str, optional
        The folder to write into; ``reports/AUTHORITY/QUARTER-figures`` by default, in the authority's private folder
        where the profile does not protect.

    Raises
    ------
    OutputError
        The folder is that of a finished report, to which nothing is added, or is among the reports and the profile does
        not protect.
    """
    folder = _folder(authority, quarter, profile, out)
    study = open_study(authority, quarter, data, profile=profile, drop_errors=drop_errors)
    return Lift(study, board_answers(study), folder)


def must_be_known(name: str) -> None:
    """Raise UsageError with the nearest name unless there is such a figure."""
    if name not in FIGURES:
        raise UsageError(f"There is no figure '{name[:64]}'.", where="pace figures shows every figure",
                         remedy=nearest(name, FIGURES))


def list_figures(answers: BoardAnswers) -> FigureList:
    """Draw every figure; DisclosureRefused for anything but answers that passed the gate."""
    told = answers_alone(answers)
    return FigureList(told, {name: draw(name, told) for name in FIGURES})


def files_of(drawn: ReportFigure | Refused, name: str = "") -> dict[str, bytes]:
    """Return a figure as files by name: SVG, PNG at true size, words, data; DisclosureRefused if it is not shown."""
    if isinstance(drawn, Refused):
        raise DisclosureRefused(drawn.sentence, where=f"figure {name}".strip(), remedy="There is nothing to lift.")
    block = figure_block(drawn)
    return figure_files(replace(block, data=_marked_rows(block.data)) if block.internal else block, drawn.png())


def save_figure(drawn: ReportFigure | Refused, folder: str | Path, study: Study) -> str:
    """Write a figure's files into ``folder``, from a notebook, as the command would; nothing when it is empty.

    Parameters
    ----------
    drawn : ReportFigure or Refused
    folder : str or Path
    study : Study
        The study that the figure was drawn from: the files are searched for its children.

    Raises
    ------
    DisclosureRefused
        The figure is not shown, or a child or this machine can be found in a file.
    OutputError, BusyError
        A file cannot be written, or not into this folder: see :func:`open_lift`.
    """
    if not folder:
        return "Nothing was written: no folder was named."
    files = files_of(drawn)
    protects = study.profile.protects and drawn.release is not Release.INTERNAL
    written = _write(figure_folder(folder, protects=protects), files, study, protects=protects)
    return f"Wrote {', '.join(path.name for path in written)}. {UNRELEASED if protects else INTERNAL}"


def _folder(authority: str, quarter: str, profile: str, out: str) -> Path:
    settings, name = load_authority(authority), f"{Quarter.parse(quarter)}-figures"
    protects = profile_named(profile or settings.policy.profile).protects
    return figure_folder(out or usual_folder(settings.slug, protects=protects) / name, protects=protects)


def _write(folder: Path, files: Mapping[str, bytes], study: Study, *, protects: bool) -> tuple[Path, ...]:
    if protects:
        _search(files, study)
    return put(folder, files if protects else {marked(name): content for name, content in files.items()})


def _marked_rows(data: TableBlock) -> TableBlock:
    """Say in every row that it is not for publication: rows are copied without the name of their file."""
    return replace(data, header=tuple((*row, "Status") for row in data.header),
                   rows=tuple((*row, INTERNAL) for row in data.rows))


def _headline(drawn: ReportFigure | Refused) -> str:
    return "Not shown" if isinstance(drawn, Refused) else drawn.headline


def _search(files: Mapping[str, bytes], study: Study) -> None:
    from pace_analysis.report.leakcheck import Needles, days_reported, leakcheck

    # looked for under the ids of the extract, which the study opened to answer no longer holds
    named = open_study(study.authority.slug, str(study.quarter), str(study.path), profile=study.profile.name,
                       drop_errors=True, identified=True)
    with tempfile.TemporaryDirectory(prefix="pace-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        leakcheck(Path(folder), needles=Needles.of(named.tables, allowed=days_reported(named))).refuse()
