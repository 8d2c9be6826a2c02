"""Canonical tables as a council would keep them: one wide sheet with titles, headings of two rows, and its own words.

For trying out ``pace map``, and for the test that reads back what is written here. A tracker holds less than
the tables do; :func:`as_held` says what is left:

- one date a milestone and period (the first recorded), but two of the recommendation that permanence be sought;
- the route of the two recommendations, of the agency's decision and of the order, not of the steps between;
- no tests of change.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from pace_analysis.tables.schema import TABLES, CareTables, empty_table

AGAIN = "again"  # marks the second recommendation
RECOMMENDATION = "permanence_recommendation"
# the headings under each upper heading, and what a column holds: a field, a milestone, a route, or remarks
GROUPS = MappingProxyType({
    "Child": {
        "SWIFT No": "child_id", "DoB": "date_of_birth", "Gender": "sex", "Sibling Grp": "sibling_group",
    },
    "Care episode": {
        "Episode Ref": "period_id", "Type of care": "kind", "Date started": "start_date",
        "How care began": "start_reason", "Date ended": "end_date", "Destination": "end_reason",
    },
    "Early steps": {
        "CSO at home started": "home_supervision_start", "Referral to Reporter": "reporter_referral",
        "First LAAC Review": "first_review", "Rehab ruled out": "rehabilitation_ruled_out",
        "PPM / LAM": "permanence_planning_meeting", "Kinship options": "kinship_options_decided",
    },
    "Permanence": {
        "LAAC Review recommends permanence": RECOMMENDATION, "Route": f"{RECOMMENDATION} route",
        "Revised recommendation": RECOMMENDATION + AGAIN, "Revised route": f"{RECOMMENDATION}{AGAIN} route",
        "Ratifying Review": "ratifying_review", "Permanence plan agreed": "permanence_plan_agreed",
        "CAPR complete": "report_complete", "Target date for Panel": "remarks", "A&P Panel": "panel",
        "ADM decision": "agency_decision", "Type of permanence": "agency_decision route",
        "Plan changed": "plan_reversed",
    },
    "Court": {
        "Advice hearing": "advice_hearing", "Lodged in court": "court_lodged", "Final order granted": "order_granted",
        "Order type": "order_granted route",
    },
    "Family": {"Matched": "matched", "In final placement": "placed", "CSO terminated": "supervision_ended"},
    "Notes": {"": "remarks"},
})
COLUMNS = tuple((upper, heading, what) for upper, below in GROUPS.items() for heading, what in below.items())
ROUTED = tuple(what.removesuffix(" route") for _, _, what in COLUMNS if what.endswith(" route"))
WORDS = MappingProxyType({
    "sex": {"F": "Female", "M": "Male", "O": "Other", "U": "Not known"},
    "kind": {"away": "LAAC", "home": "LAC at home", "short_break": "Short breaks"},
    "start_reason": {"new": "New", "from_home_supervision": "Was LAC at home", "transferred_in": "From other LA",
                     "before_extract": "Before tracker began", "not_known": "N/K"},
    "end_reason": {"home": "Returned home", "kinship": "Kinship carers", "kinship_order": "Kinship Care Order",
                   "adopted": "Adopted", "turned_18": "18th birthday", "died": "Died", "moved_away": "Other LA",
                   "other": "Supported accommodation", "not_known": "Not known"},
    "route": {"home": "Home", "kinship": "KCO", "permanence_order": "PO", "adoption": "Adoption",
              "not_known": "Undecided"},
})
TITLE = "Permanence tracker (all children invented)"
REMARK = "Chased social worker, reply awaited"
HEADER_ROWS = (3, 4)


def write_example(tables: CareTables, path: Path) -> Path:
    """Write ``tables`` as a council's tracker, XLSX or CSV by the file's name; what it cannot hold is left out."""
    rows = list(_rows(tables))
    if path.suffix.lower() == ".xlsx":
        _write_workbook(rows, path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:  # as a spreadsheet program saves it
            csv.writer(file).writerows(
                [f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell for cell in row] for row in rows
            )
    return path


def as_held(tables: CareTables) -> CareTables:
    """Return of ``tables`` what a tracker holds, in the order in which it is read back."""
    held = _held(tables)
    routed = held["milestone"].where(held["place"] == 0, held["milestone"] + AGAIN).isin(ROUTED)
    milestone = held.assign(route=held["route"].where(routed, ""))[[column.name for column in TABLES["milestone"]]]
    return replace(tables, milestone=milestone.reset_index(drop=True), change=empty_table("change"))


def _held(tables: CareTables) -> pd.DataFrame:
    """Milestones that the sheet has a column for; ``place`` is 0 for the first of its kind in the period, then 1."""
    milestone = tables.milestone.sort_values("date", kind="stable")
    place = milestone.groupby(["period_id", "milestone"]).cumcount()
    return milestone.assign(place=place)[(place == 0) | ((place == 1) & (milestone["milestone"] == RECOMMENDATION))]


def _rows(tables: CareTables) -> Iterator[list[Any]]:
    """Every row of the sheet: titles, headings, a row a period, a remark below them."""
    width = len(COLUMNS)
    yield [TITLE] + [""] * (width - 1)
    yield [f"Last updated {tables.extract.as_at:%d/%m/%Y}"] + [""] * (width - 1)
    uppers = [upper for upper, _, _ in COLUMNS]
    yield [upper if upper not in uppers[:i] else "" for i, upper in enumerate(uppers)]
    yield [heading for _, heading, _ in COLUMNS]
    cells: dict[str, dict[str, Any]] = {}
    for period_id, milestone, day, route, place in _held(tables).itertuples(index=False):
        what = milestone + AGAIN * place
        cells.setdefault(period_id, {})[what] = day.date()
        cells[period_id][f"{what} route"] = WORDS["route"].get(route, "")
    known = tables.period.merge(tables.child, on="child_id", how="left")
    for number, record in enumerate(known.to_dict("records")):
        found = {name: _own_word(name, value) for name, value in record.items()} | cells.get(record["period_id"], {})
        found["remarks"] = REMARK if number % 7 == 0 else ""
        yield [found.get(what, "") for _, _, what in COLUMNS]
    yield [""] * width
    yield [f"{len(known)} episodes; PPM: permanence planning meeting"] + [""] * (width - 1)


def _own_word(name: str, value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    return "" if pd.isna(value) else WORDS.get(name, {}).get(value, value)


def _write_workbook(rows: list[list[Any]], path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Tracker"
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(COLUMNS))
    first = 1
    for below in GROUPS.values():
        if len(below) > 1:
            sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=first + len(below) - 1)
        first += len(below)
    for column in sheet.iter_cols(min_row=HEADER_ROWS[-1] + 1):
        for cell in column:
            if isinstance(cell.value, date):
                cell.number_format = "dd/mm/yy"
    book.create_sheet("Summary").append(["Children", len(rows)])
    book.save(path)
