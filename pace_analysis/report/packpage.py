"""The champions' pack as a page: A4 across, in the board paper's look, stamped as restricted on every printed page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html import escape
from typing import Any

import pandas as pd

from pace_analysis import __version__
from pace_analysis.caselist import AIM, CaseList
from pace_analysis.dates import say_date
from pace_analysis.report.blocks import Head, Paragraph, Run, Section, TableBlock
from pace_analysis.report.checking import CONTROL, MARK
from pace_analysis.report.html import BOARD, block_html

STAMP = f"{MARK}: holds the numbers of children"
NOTICE = ("For permanence champions and the managers of teams. It holds the numbers of children: keep it where their "
          "records are kept, and copy nothing from it into a report.")
AHEAD, CASES, TO_FIX = 2, 3, 4  # sections
CSS = f"""
:root {{ --measure: 66rem; }}
.tbl {{ margin-left: 0; }}
#s{CASES} :is(td, th):nth-child(6) {{ text-align: right; font-variant-numeric: tabular-nums lining-nums; }}
#s{CASES} :is(td, th):nth-child(7) {{ padding-left: 1.5rem; }}
#s{AHEAD} :is(td, th):nth-child(4), #s{TO_FIX} :is(td, th):nth-child(5) {{ text-align: left; }}
@page {{ size: A4 landscape; margin: 15mm 12mm 14mm; }}
@media print {{
  body {{ padding-left: 9mm; }}
  section + section table {{ width: 100%; font-size: 9pt; line-height: 1.3; }}
  section + section :is(td, th) {{ padding-block: 0.4mm; }}
  section + section tbody th {{ min-width: 14mm; }}
  section + section, #s{CASES} .tbl + .tbl {{ break-before: page; }}
  section + section {{ margin-top: 0; padding-top: 0; border-top: 0; }}
  .stamp {{ position: fixed; inset: 0 auto 0 0; width: 6mm; margin: 0; border: 0; border-left: 1pt solid #8c1d18; }}
  .stamp p {{ padding: 0; writing-mode: vertical-rl; white-space: nowrap; font-size: 9pt; }}
}}
"""


def fragment_html(cases: CaseList) -> str:
    """Return the pack as a notebook shows it.

    It begins as the parts of a board paper do, so that their exporter looks at it and refuses it: under every profile
    by the element of the stamp, which no board paper may hold.
    """
    stamp = f'<aside class="stamp"><p>{STAMP}</p></aside>'
    blocks = map(block_html, (_head(cases), *_sections(cases)))
    return "\n".join([f'{BOARD} lang="en-GB">', stamp, *blocks, "</div>"])


def page_html(cases: CaseList) -> str:
    """Return the whole page: A4 across, stamped on every printed page, in the board paper's look; it loads nothing."""
    from jinja2 import Environment, FileSystemLoader

    from pace_analysis.report.exporter import TEMPLATES, content_policy, print_rules

    head, data_cut = _head(cases), cases.as_at.isoformat()
    board = TEMPLATES / "board"
    css = (board / "style.css").read_text(encoding="utf-8") + CSS + print_rules(head.title, STAMP)
    # the parts are escaped here, as the template expects
    template = Environment(loader=FileSystemLoader(board), autoescape=False).get_template("index.html.j2")
    return template.render(resources={"board": {
        "title": escape(head.title), "head": block_html(head), "body": "\n".join(map(block_html, _sections(cases))),
        "css": css, "csp": content_policy(css), "stamp": STAMP,
        "provenance": escape(f"{STAMP}. pace_analysis {__version__}, {cases.source}, data to {data_cut}"),
    }})


def row_numbers(found: pd.DataFrame) -> pd.Series:
    """Row numbers of findings, ``all`` in place of 0: the finding is about the table."""
    return found["row"].astype(object).where(found["row"] != 0, "all")


def _head(cases: CaseList) -> Head:
    notices = (NOTICE, *([cases.authority.notice] if cases.authority.notice else []))
    return Head("Permanence champions and managers", f"Data to {say_date(cases.as_at)}", (cases.authority.name,),
                f"{MARK}: where each child waits in {cases.authority.name}", notices, internal=True)


def _sections(cases: CaseList) -> Iterator[Section]:
    parts = {"At a glance": _glance(cases), "Limits that fall in the next six weeks": _ahead(cases),
             "Who waits where": _cases(cases), "Data to put right this week": _to_fix(cases)}
    tables = 0
    for number, (title, parts_of) in enumerate(parts.items(), start=1):
        blocks, paragraphs = [], 0
        for part in parts_of:
            if isinstance(part, TableBlock):
                tables += 1
                blocks.append(replace(part, number=tables))
            else:
                paragraphs += 1
                blocks.append(Paragraph(f"{number}.{paragraphs}", (Run(part),)))
        yield Section(number, title, tuple(blocks))


def _glance(cases: CaseList) -> list[str | TableBlock]:
    open_now = cases.waiting[~cases.waiting["decided"]]
    later = int(open_now["stage"].isin([stage.id for stage in cases.pathway.after_decision]).sum())
    said = [
        f"On this list: {_children(len(cases.waiting))}, {len(open_now):,} without a decision and "
        f"{len(cases.waiting) - len(open_now):,} with one, not yet at the end of the pathway.",
        f"Over the limit of the aim ({cases.aim.within}): {_children(cases.over)}. Over a statutory clock: "
        f"{_children(cases.clocks_over)}.",
    ]
    if later:
        said.append(f"At a stage after the decision, though none is recorded: {_children(later)}. Record it first.")
    if (cases.to_fix["severity"] == "error").any():
        said.append("Rows that break error rules are set aside, and a child who hangs on one is not on this list: see "
                    f"section {TO_FIX}.")
    titles = {stage.id: stage.title for stage in cases.pathway.stages}
    counts = [[*row, sum(row)] for _, *row in cases.bands.itertuples()]
    rows = tuple((name, *map(str, row)) for name, row in zip(cases.bands.index, counts, strict=True))
    bands = TableBlock("bands", "Children without a decision, by completed weeks since accommodated and by stage",
                       (("Waiting", *(titles[stage] for stage in cases.bands), "All"),), rows,
                       total=("All", *(str(sum(column)) for column in zip(*counts, strict=True))))
    return [*said, bands]


def _ahead(cases: CaseList) -> list[str | TableBlock]:
    until = f"by {say_date(cases.ahead_until)}, counted from the data cut"
    if cases.ahead.empty:
        return [f"No limit falls {until}."]
    rows = tuple((say_date(row.due), str(row.days_left), _limit(cases, row.limit), _id(row.child_id), row.title,
                  row.partner) for row in cases.ahead.itertuples())
    header = ("Last day", "Days left", "Limit", "Child", "Stage", "Held by")
    notes = (f"Aim: {cases.aim.says}", *(f"{clock.says} {clock.source}." for clock in cases.pathway.clocks))
    return [TableBlock("ahead", f"Limits that fall {until}", (header,), rows, notes=notes)]


def _cases(cases: CaseList) -> list[str | TableBlock]:
    said = ("The extract names no team, so children are grouped by the partner who holds their stage, the longest over "
            "the limit first. Days to the limit of the aim: + left, − over, blank where it does not run. A child "
            "whose route needs no panel or court stays at the stage shown until care ends.")
    header = ("Child", "Stage", "Route", "Days waiting in all", "Days in stage", "Days to limit", "Next clock",
              "Its last day")
    tables = [
        TableBlock(f"cases_{place}", f"Held by {partner}: {_children(len(held))}", (header,),
                   tuple(_case(row, cases.as_at) for row in held.itertuples()))
        for place, (partner, held) in enumerate(cases.by_partner(), start=1)
    ]
    return [said, *tables] if tables else ["Nobody waits."]


def _case(row: Any, as_at: date) -> tuple[str, ...]:
    return (_id(row.child_id), row.title, row.route.replace("_", " "), f"{row.days_waiting:,}",
            f"{row.days_in_stage:,}", _signed(row.days_to_limit), row.clock, _due(row.clock_due, as_at))


def _to_fix(cases: CaseList) -> list[str | TableBlock]:
    if cases.to_fix.empty:
        return ["The check found nothing to put right."]
    found = cases.to_fix.assign(row=row_numbers(cases.to_fix).map(str))
    rows = tuple((each.rule, each.severity, each.table, each.row, _id(each.child_id or each.id), each.says, each.remedy)
                 for each in found.itertuples())
    header = ("Rule", "Kind", "Table", "Row", "Child or record", "What is wrong", "What to do")
    more = f"And {cases.to_fix_more:,} more: pace check lists them all." if cases.to_fix_more else "These are all."
    return [TableBlock("to_fix", "Errors first, then children without a decision, others on the list, and all the rest",
                       (header,), rows, notes=(more,))]


def _children(number: int) -> str:
    return "1 child" if number == 1 else f"{number:,} children"


def _limit(cases: CaseList, name: str) -> str:
    return f"aim, {cases.aim.within}" if name == AIM else name


def _id(number: str) -> str:
    return CONTROL.sub("\ufffd", number)


def _signed(days: object) -> str:
    return "" if pd.isna(days) else f"{days:+,}".replace("-", "−")


def _due(due: pd.Timestamp, as_at: date) -> str:
    if pd.isna(due):
        return ""
    return f"{say_date(due)}{', over' if due < pd.Timestamp(as_at) else ''}"
