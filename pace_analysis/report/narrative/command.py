"""What ``pace words`` and the end of ``pace report`` do."""

from __future__ import annotations

from pathlib import Path

from pace_analysis.dates import Quarter
from pace_analysis.report.blocks import Fact
from pace_analysis.report.narrative.factsfile import NAME, facts_of, read_facts
from pace_analysis.report.narrative.forward import carried, marked, quarter_path, words_path, write_once
from pace_analysis.report.narrative.numbers import typed_numbers
from pace_analysis.report.narrative.review import Review, review
from pace_analysis.report.text import parse_text
from pace_analysis.settings import load_authority


def check_words(authority: str, quarter: str, data: str = "", text: str = "") -> Review:
    """Hold an author's words against the facts of a quarter and of the report to the quarter before.

    Parameters
    ----------
    authority, quarter, data : str
        As of :func:`pace_analysis.study.open_study`.
    text : str, optional
        The author's file; by default that of the quarter, else the authority's own.

    Raises
    ------
    PaceError
        What the study or the text raises.
    """
    from pace_analysis.report.paper import read_text

    settings, until = load_authority(authority), Quarter.parse(quarter)
    parsed = read_text(words_path(settings, until, text))
    return review(parsed, facts=_facts(authority, quarter, data), quarter=until, earlier=until.shift(-1),
                  earlier_facts=facts_of(settings.slug, until.shift(-1)))


def copy_words(authority: str, quarter: str, earlier: str, data: str = "") -> tuple[str, Review]:
    """Copy an earlier quarter's words to the quarter's own file, and review them there.

    What should be looked at is put above its line as a comment. A file that is there already is left as it is, and
    reviewed. Returns what was done, and the review.

    Raises
    ------
    UsageError
        ``earlier`` is not before ``quarter``.
    PaceError
        What the study or the text raises, or the file cannot be written.
    """
    from pace_analysis.report.paper import read_text

    settings, until, since = load_authority(authority), Quarter.parse(quarter), Quarter.parse(earlier)
    typed, parsed = carried(settings, since, until)
    against = {"facts": _facts(authority, quarter, data), "quarter": until, "earlier": since,
               "earlier_facts": facts_of(settings.slug, since)}
    path = quarter_path(settings, until)
    if write_once(path, marked(typed, review(parsed, **against).remarks)):
        told = f"Copied {parsed.where} to {path}; pace report uses it for {until}."
    else:
        told = f"{path} is there already, and is left as it is."
    return told, review(read_text(path), **against)


def typed_warning(text: Path, folder: Path) -> str:
    """Say in one sentence how many numbers of a finished report were typed by hand; empty when none was."""
    if not (folder / NAME).is_file():
        return ""
    typed = typed_numbers(parse_text(text.read_text(encoding="utf-8-sig"), text.name), read_facts(folder))
    count, verb = ("1 number", "is") if len(typed) == 1 else (f"{len(typed)} numbers", "are")
    return f"{count} in {text.name} {verb} typed by hand and will not move with the data." if typed else ""


def _facts(authority: str, quarter: str, data: str) -> dict[str, Fact]:
    from pace_analysis.report.paper import paper_facts
    from pace_analysis.study import open_study

    return paper_facts(open_study(authority, quarter, data))
