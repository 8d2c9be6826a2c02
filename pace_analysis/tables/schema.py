"""The canonical tables: what every reader makes and everything after relies on.

``child`` - ``period`` (of care) - ``milestone`` - ``change`` (test of change). The written form of
this module is ``data/dictionary/columns.csv`` and ``codes.csv``; a test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

import pandas as pd

Kind = Literal["id", "text", "date", "code"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``required`` columns must be present; ``filled`` ones may hold no blank."""

    name: str
    kind: Kind
    says: str
    required: bool = False
    filled: bool = False
    codes: str = ""  # name of a code list in CODES


CODES = MappingProxyType({
    "sex": MappingProxyType({"F": "female", "M": "male", "O": "other", "U": "not known"}),
    "care_kind": MappingProxyType({
        "away": "looked after away from home (accommodated)",
        "home": "looked after at home under a supervision order",
        "short_break": "planned series of short-term placements",
    }),
    "start_reason": MappingProxyType({
        "new": "came from outside care",
        "from_home_supervision": "accommodated while already supervised at home",
        "transferred_in": "taken over from another authority",
        "before_extract": "began before the extract, on a day it does not hold",
        "not_known": "not recorded",
    }),
    "end_reason": MappingProxyType({
        "home": "returned to parents",
        "kinship": "left care to live with relatives or friends",
        "kinship_order": "a kinship care or residence order was granted",
        "adopted": "an adoption order was granted",
        "turned_18": "reached the age at which care ends",
        "died": "died",
        "moved_away": "taken over by another authority",
        "other": "left care for another reason",
        "not_known": "left care, destination not recorded",
    }),
    "route": MappingProxyType({
        "home": "remain at or return home",
        "kinship": "kinship care order",
        "permanence_order": "permanence order",
        "adoption": "adoption",
        "not_known": "route not recorded",
    }),
    "milestone": MappingProxyType({
        "home_supervision_start": "supervision order at home begins",
        "reporter_referral": "referred to the Children's Reporter",
        "first_review": "first looked after child review",
        "rehabilitation_ruled_out": "review rules out return to parents",
        "permanence_planning_meeting": "permanence planning or legal advice meeting",
        "permanence_recommendation": "review recommends permanence, by any route, home included (national 2)",
        "ratifying_review": "second review that ratifies the recommendation",
        "kinship_options_decided": "kinship options ruled in or out",
        "permanence_plan_agreed": "permanence plan agreed",
        "report_complete": "adoption and permanence report complete",
        "panel": "adoption and permanence panel considers the child",
        "agency_decision": "agency decision maker approves (national 3)",
        "advice_hearing": "children's hearing gives advice to the court",
        "court_lodged": "application lodged in court (national 4)",
        "matched": "child matched with a permanent family",
        "placed": "child living in the final placement",
        "order_granted": "final order granted (national 5)",
        "plan_reversed": "the permanence decision is changed",
        "supervision_ended": "supervision order terminated",
    }),
    "change_status": MappingProxyType({
        "planned": "due to start",
        "testing": "being tested",
        "implemented": "adopted as usual practice",
        "abandoned": "stopped",
    }),
})

NATIONAL_MILESTONES = MappingProxyType({
    1: "accommodated",  # the start of a period of care away from home
    2: "permanence_recommendation",
    3: "agency_decision",
    4: "court_lodged",
    5: "order_granted",
})

TABLES = MappingProxyType({
    "child": (
        Column("child_id", "id", "the authority's own number for the child, as text", True, True),
        Column("date_of_birth", "date", "date of birth", True, True),
        Column("sex", "code", "sex as recorded", codes="sex"),
        Column("sibling_group", "text", "same text for brothers and sisters in care together"),
    ),
    "period": (
        Column("period_id", "id", "number of this period of care, unique in the table", True, True),
        Column("child_id", "id", "the child, as in the child table", True, True),
        Column("kind", "code", "where the child is looked after", True, True, "care_kind"),
        Column("start_date", "date", "first day of the period; for care away from home the day accommodated",
               True, True),
        Column("start_reason", "code", "how the period began", codes="start_reason"),
        Column("end_date", "date", "last day of the period; blank while it continues", True),
        Column("end_reason", "code", "where the child went; blank while the period continues", True, codes="end_reason"),
    ),
    "milestone": (
        Column("period_id", "id", "the period of care, as in the period table", True, True),
        Column("milestone", "code", "what happened", True, True, "milestone"),
        Column("date", "date", "the day it happened", True, True),
        Column("route", "code", "route to permanence, for a recommendation, decision or order", codes="route"),
    ),
    "change": (
        Column("change_id", "id", "short name of the test of change", True, True),
        Column("title", "text", "what is done differently", True, True),
        Column("partner", "text", "who leads it"),
        Column("stage", "text", "the part of the journey it should shorten"),
        Column("applies_to", "text", "which children"),
        Column("start_date", "date", "first day of the test, or the day it is due to start", True),
        Column("end_date", "date", "last day of the test; blank while it continues"),
        Column("status", "code", "how far it has come", True, True, "change_status"),
    ),
})


@dataclass(frozen=True, slots=True)
class Extract:
    """What an extract says of itself.

    Attributes
    ----------
    source : str
        Name of the file or folder read, without its path.
    form : str
        Name of the format it was recognised as.
    as_at : date
        Data cut: nothing after this day is known.
    covers_from : date or None
        First day the extract covers; children already in care then enter late. None: no such limit.
    definitions : tuple of str
        What a report must say of the format: which dates stand for which milestone. No counts, no names.
    notes : tuple of str
        What the reader met and did, for the analyst only (encoding, rows skipped, small counts).
    set_aside : tuple of (reason, count)
        Rows read that no table holds, by reason.
    """

    source: str
    form: str
    as_at: date
    covers_from: date | None = None
    definitions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    set_aside: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CareTables:
    """The four canonical tables of one extract, columns as in :data:`TABLES`.

    Dates are ``datetime64[ns]`` at midnight (NaT when blank); all else is text (``""`` when blank).
    Optional columns are always present. The frame index is the row number in the file read
    (header = row 1), so that a finding can name it. Frames are shared: copy before changing.
    """

    child: pd.DataFrame
    period: pd.DataFrame
    milestone: pd.DataFrame
    change: pd.DataFrame
    extract: Extract = field(compare=False)

    def __post_init__(self) -> None:
        for name, columns in TABLES.items():
            found, expected = list(getattr(self, name).columns), [column.name for column in columns]
            if found != expected:
                raise ValueError(f"table '{name}' must have the columns {expected}, not {found}")

    def __iter__(self):
        """Yield ``(name, frame)`` in the order of :data:`TABLES`."""
        return ((name, getattr(self, name)) for name in TABLES)


def empty_table(name: str) -> pd.DataFrame:
    """Return table ``name`` without rows, with its columns and dtypes."""
    return pd.DataFrame({
        column.name: pd.Series(dtype="datetime64[ns]" if column.kind == "date" else "object") for column in TABLES[name]
    })
