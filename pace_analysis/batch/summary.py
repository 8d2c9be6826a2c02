"""The page of a batch: every report with its state, its verdict on the aim and the rows set aside, and a link to it.

Only what the reports themselves release is shown. Why a report failed is said by kind: the words of an error may hold a
count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from pace_analysis import __version__
from pace_analysis.batch.drive import FAILED, MADE, SKIPPED, UNCHANGED, Result
from pace_analysis.batch.planfile import BatchPlan, Task
from pace_analysis.disk import replace_file
from pace_analysis.errors import (
    BusyError,
    DataRulesError,
    DisclosureRefused,
    InputError,
    NotebookError,
    OutputError,
    PaceError,
    SettingsError,
)
from pace_analysis.publish.profiles import profile
from pace_analysis.report import build, manifest
from pace_analysis.report.unchanged import HEAD, RELEASED
from pace_analysis.settings import home, load_authority

HEADER = ("Authority", "Quarter", "Report", "Aim", "Data quality")
KINDS = {  # the most special first
    DataRulesError: "the extract breaks rules", DisclosureRefused: "refused by disclosure control",
    InputError: "the extract cannot be read", SettingsError: "its settings cannot be used",
    BusyError: "another run was writing it", OutputError: "it could not be written",
    NotebookError: "the notebook failed or was stopped", PaceError: "see the messages of the run",
}
FACTS = "facts.json"  # as in report.narrative.factsfile, slow to import
NONE, NO_REPORT, ON_RECORD = "not shown", "no report", "released"
NOTES = (
    "In the order of the plan; this is not a ranking. Authorities differ in the children they look after and in their "
    "aims.",
    "Aim: the verdict that the report itself gives, for its latest year of entry. Data quality: rows of the extract "
    "that break rules and are set aside, as the report shows them, rounded so that no child can be recognised.",
)
CSS = """
.tbl { margin-left: 0; }
td:not(.num) { min-width: 6rem; }
td:nth-child(odd) { min-width: 9rem; }
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One report on the page; ``link`` is empty where there is none to read."""

    name: str
    quarter: str
    state: str
    link: str = ""
    verdict: str = NO_REPORT
    aside: str = NO_REPORT


@dataclass(frozen=True, slots=True)
class Released:
    """What a released report says of its aim and its data, in its own words."""

    verdict: str
    aside: str


def write_summary(plan: BatchPlan, results: Mapping[Task, Result]) -> Path:
    """Write ``reports/PLAN.html`` and return its path; a page that would come out the same is left as it is.

    Raises
    ------
    OutputError
        The page cannot be written.
    """
    path = home() / "reports" / f"{plan.name}.html"
    rows = [row_of(results[task]) for task in plan.tasks]
    digest = _digest(plan, rows)
    try:
        if path.is_file() and digest in path.read_text(encoding="utf-8"):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, page_html(plan, rows, digest).encode("utf-8"))
    except OSError as error:
        raise OutputError(f"The page of the batch cannot be written: {error.strerror or error}.", where=path.name,
                          remedy="Check that the folder of reports is not read-only and has room.") from None
    return path


def row_of(result: Result) -> Row:
    """Collect what may be said of a report."""
    task, name = result.task, result.task.authority
    try:
        authority = load_authority(task.authority)
        name, level = authority.name, profile(task.profile or authority.policy.profile)
    except PaceError as error:
        return Row(name, task.quarter, _state(Result(task, FAILED, result.error or error)))
    folder = home() / "reports" / authority.slug / task.quarter
    if not level.protects:
        return Row(name, task.quarter, f"{_state(result)}, not for publication")
    released = _released(folder)
    link = f"{authority.slug}/{task.quarter}/{build.PAGE}" if released is not None else ""
    if released is None or result.status not in (MADE, UNCHANGED):
        return Row(name, task.quarter, _state(result) + ("; an earlier one is there" if link else ""), link)
    return Row(name, task.quarter, ON_RECORD, link, released.verdict, released.aside)


def page_html(plan: BatchPlan, rows: list[Row], digest: str) -> str:
    """Return the page in the look of a board paper; it loads nothing and runs nothing."""
    from jinja2 import Environment, FileSystemLoader

    from pace_analysis.report.exporter import TEMPLATES, content_policy, print_rules

    board, title = TEMPLATES / "board", escape(plan.title)
    css = (board / "style.css").read_text(encoding="utf-8") + CSS + print_rules(plan.title, "")
    template = Environment(loader=FileSystemLoader(board), autoescape=False).get_template("index.html.j2")
    head = f'<header class="head">\n<h1>{title}</h1>\n</header>'
    # the parts are escaped here, as the template expects
    return template.render(resources={"board": {
        "title": title, "head": head, "body": _body(rows), "css": css, "csp": content_policy(css), "stamp": "",
        "provenance": f"pace_analysis {__version__}, {len(rows)} reports, {digest}"}})


def _body(rows: list[Row]) -> str:
    released = sum(row.state == ON_RECORD for row in rows)
    said = f"{released} of {len(rows)} reports are released" + ("." if released == len(rows) else "; the others are below, with the reason.")
    header = "".join(f'<th scope="col">{name}</th>' for name in HEADER)
    lines = "\n".join(map(_line, rows))
    notes = "\n".join(f'<p class="note">{note}</p>' for note in NOTES)
    return "\n".join([
        f"<p>{said}</p>",
        '<div class="tbl" id="table-reports">',
        '<div class="scroll" role="region" aria-labelledby="reports-cap" tabindex="0">',
        '<table>\n<caption id="reports-cap"><span class="cap">Reports of this plan</span></caption>',
        f"<thead>\n<tr>{header}</tr>\n</thead>\n<tbody>\n{lines}\n</tbody>\n</table>\n</div>",
        f"{notes}\n</div>",
    ])


def _line(row: Row) -> str:
    name, words = escape(row.name), escape(row.state)
    report = f'{words}: <a href="{escape(row.link)}">report of {name} to {row.quarter}</a>' if row.link else words
    cells = (row.quarter, report, escape(row.verdict), escape(row.aside))
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _state(result: Result) -> str:
    if result.status == SKIPPED:
        return "left out: an earlier quarter failed"
    if result.status == FAILED:
        return f"failed: {next(words for kind, words in KINDS.items() if isinstance(result.error, kind))}"
    return "made"


def _released(folder: Path) -> Released | None:
    """What a report says that is recorded as released, and is as it was written; None where there is no such report."""
    try:
        said = json.loads((folder / manifest.NAME).read_bytes())
        texts = {name: (folder / name).read_bytes() for name in (FACTS, RELEASED)}
        if HEAD not in said or any(said["outputs"][name] != _sha256(text) for name, text in texts.items()):
            return None
        facts = {fact["key"]: fact for fact in json.loads(texts[FACTS])["facts"]}
        rows = {tuple(figure["key"][3:]): figure["value"] for figure in json.loads(texts[RELEASED])["figures"]
                if figure["key"][0] == "rows of the extract"}
        return Released(_verdict(facts["aim_verdict"]["text"], facts["aim_trend"]["value"]), _aside(rows))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _verdict(words: str, year: str) -> str:
    return words if words == NONE or year == "none" else f"{words} ({year})"


def _aside(rows: Mapping[tuple[str, ...], int]) -> str:
    if ("set aside",) not in rows or () not in rows:
        return NONE
    few = rows["set aside",]
    return f"{f'about {few:,}' if few else 'none or few'} of {rows[()]:,} rows set aside"


def _digest(plan: BatchPlan, rows: list[Row]) -> str:
    said: Any = [__version__, plan.title, [[getattr(row, name) for name in Row.__slots__] for row in rows]]
    return _sha256(json.dumps(said).encode("utf-8"))[:12]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
