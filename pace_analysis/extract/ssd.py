"""Standard Safeguarding Dataset (England): a folder with ``ssd_person``, ``ssd_cla_episodes`` and ``ssd_permanence``.

Each is a CSV file, recognised by its columns; columns beside those in :data:`TABLES` are not read. A period of care is
what ``clae_cla_id`` holds together, from ``clae_entered_care_date`` on: its first day is known however far back
it lies. Legal statuses are not read, so that series of short breaks cannot be told from other care.

Source: data-to-insight/ssd-data-model, ``data/objects/ssd_person.yml``, ``ssd_cla_episodes.yml``,
``ssd_permanence.yml``. Reasons for an end are those of the SSDA903 return.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, account, set_aside_of
from pace_analysis.extract.attach import attach
from pace_analysis.extract.dates_in import parse_dates, shape
from pace_analysis.extract.facts import FILE, read_facts
from pace_analysis.extract.ssda903.codes import CONTINUES, END_REASON, SEX
from pace_analysis.extract.ssda903.milestones import ends_that_decide, numbered, rows, with_first_decisions
from pace_analysis.extract.textfiles import TextTable, csv_files, header_of, read_csv
from pace_analysis.tables.schema import CareTables, Extract, empty_table

SAYS = "a folder with the Standard Safeguarding Dataset's ssd_person, ssd_cla_episodes and ssd_permanence as CSV files"
TABLES = MappingProxyType({
    "ssd_person": ("pers_person_id", "pers_dob", "pers_sex"),
    "ssd_cla_episodes": (
        "clae_person_id", "clae_cla_id", "clae_entered_care_date", "clae_cla_episode_start_date",
        "clae_cla_episode_ceased", "clae_cla_episode_ceased_reason",
    ),
    "ssd_permanence": (
        "perm_person_id", "perm_cla_id", "perm_adm_decision_date", "perm_matched_date", "perm_placed_for_adoption_date",
        "perm_decision_reversed_date", "perm_permanence_order_date", "perm_permanence_order_type",
    ),
})
RENAMED = MappingProxyType({"clae_cla_episode_ceased_date": "clae_cla_episode_ceased"})  # as newer versions call it
NAMES = frozenset().union(*TABLES.values(), RENAMED)
PRIVATE = "pers_dob"
MILESTONES = MappingProxyType({
    "perm_adm_decision_date": "agency_decision",
    "perm_matched_date": "matched",
    "perm_placed_for_adoption_date": "placed",
    "perm_decision_reversed_date": "plan_reversed",
})
ORDER_ROUTE = MappingProxyType({
    "adoption": "adoption",
    "special guardianship": "kinship",
    "child arrangements order/ residence order": "kinship",
    "child arrangements order": "kinship",
    "residence order": "kinship",
})
MIDNIGHT = r"[T ]00:00(:00([.]0+)?)?$"  # databases export days as moments
DEFINITION = (
    "The dataset records no review that recommends permanence: the first permanence decision is the earlier of the"
    " agency's decision that the child should be placed for adoption (perm_adm_decision_date) and an end of care that"
    " is itself a decision (planned return home E4A; residence, child arrangements or special guardianship order E41,"
    " E43-E48; adoption E11, E12), on its day. Series of short breaks are not told from other care."
)
UNBOUNDED = "The extract does not say from which day on it is complete (covers_from): children who left may be missing"
OTHER_STARTS = "Periods whose episodes give several days on which care was entered, of which the earliest is used"
UNKNOWN_REASON = "Periods that end with a reason that is no code of the return, read as not known"
UNKNOWN_ORDER = "Orders of no type that the dataset lists, their route read as not known"


def recognise(path: Path) -> bool:
    """Whether a file of the folder has the columns of the episodes, and one those of the permanence table."""
    return path.is_dir() and {"ssd_cla_episodes", "ssd_permanence"} <= set(_find(path))


def read(path: Path, *, as_at: date | None = None, covers_from: date | None = None) -> CareTables:
    """Read a folder of the dataset; days given win over those in ``extract.toml``.

    Raises
    ------
    InputError
        If there is no file of persons, a file cannot be read exactly, or nothing says the data cut.
    """
    texts = {table: _text(file) for table, file in _find(path).items()}
    facts = read_facts(path)
    cut = as_at or facts.as_at
    if cut is None:
        raise InputError(
            "The extract does not say when it was made.",
            where=path.name,
            remedy=f"Write as_at = 2015-09-30 (its last day) in {FILE} beside the files, or give as_at.",
        )
    if "ssd_person" not in texts:
        needed = ", ".join(TABLES["ssd_person"][:2])
        raise InputError("No file holds the dates of birth.", where=path.name, remedy=f"Add ssd_person with {needed}.")
    child, of_children = _children(texts["ssd_person"])
    period, reasons, of_episodes, said_of_periods = _periods(texts["ssd_cla_episodes"])
    milestone, of_permanence, said_of_milestones = _milestones(texts["ssd_permanence"], period, reasons)
    accounts = (of_children, of_episodes, of_permanence)
    opens = covers_from or facts.covers_from
    notes = [note for text in texts.values() for note in text.notes]
    extract = Extract(
        source=facts.source or path.name,
        form="ssd",
        as_at=cut,
        covers_from=opens,
        definitions=(DEFINITION,),
        notes=(
            *said_of_milestones, *said_of_periods, *(() if opens else (f"{UNBOUNDED}.",)), *notes,
            *(booked.sentence() for booked in accounts),
        ),
        set_aside=set_aside_of(accounts),
    )
    return CareTables(child, period, milestone, empty_table("change"), extract)


def _find(folder: Path) -> dict[str, Path]:
    """File of each table: the one that has all its columns."""
    found: dict[str, Path] = {}
    for file in csv_files(folder):
        header = {RENAMED.get(name, name) for name in header_of(file)}
        table = next((table for table, columns in TABLES.items() if set(columns) <= header), "")
        if table and found.setdefault(table, file) != file:
            where = f"{found[table].name} and {file.name}"
            raise InputError(f"Two files have the columns of {table}.", where=where, remedy="Leave one in the folder.")
    return found


def _text(file: Path) -> TextTable:
    text = read_csv(file)
    return TextTable(text.name, text.frame.rename(columns=dict(RENAMED)), text.blank_rows, text.notes)


def _days(text: TextTable, column: str) -> pd.Series:
    values = text.frame[column].str.replace(MIDNIGHT, "", regex=True)
    return parse_dates(values, file=text.name, show=shape if column == PRIVATE else None)


def _children(text: TextTable) -> tuple[pd.DataFrame, Account]:
    frame, born = text.frame, _days(text, PRIVATE)
    reasons = pd.Series("", index=frame.index).mask(born.isna(), "without a date of birth")
    reasons = reasons.mask(frame["pers_person_id"] == "", "without a person's number")
    used = reasons == ""
    child = pd.DataFrame({
        "child_id": frame["pers_person_id"],
        "date_of_birth": born,
        "sex": frame["pers_sex"].str.upper().map(SEX).fillna("U"),
        "sibling_group": pd.Series("", index=frame.index, dtype=object),
    })[used]
    return child, account(text.name, reasons, text.blank_rows)


def _periods(text: TextTable) -> tuple[pd.DataFrame, pd.Series, Account, list[str]]:
    """Period table, the code each period ended with, the account of the episodes, and what must be said."""
    frame = text.frame
    code = frame["clae_cla_episode_ceased_reason"].str.upper().str.extract("^([A-Z][0-9A-Z]*)", expand=False)
    care = pd.DataFrame({
        "child_id": frame["clae_person_id"],
        "cla_id": frame["clae_cla_id"],
        "entered": _days(text, "clae_entered_care_date"),
        "start": _days(text, "clae_cla_episode_start_date"),
        "end": _days(text, "clae_cla_episode_ceased"),
        "reason": code.fillna(""),
    })
    reasons = pd.Series("", index=frame.index).mask(care["start"].isna(), "without a first day")
    reasons = reasons.mask(care["entered"].isna(), "without the day on which care was entered")
    reasons = reasons.mask(care["child_id"] == "", "without a person's number")
    care = care[reasons == ""]
    key = care["cla_id"].where(care["cla_id"] != "", care["entered"].dt.strftime("%Y-%m-%d"))
    care = care.assign(period_id=care["child_id"] + "/" + key).sort_values(["period_id", "start"], kind="stable")
    grouped = care.groupby("period_id", sort=False)
    first, last = grouped["entered"].min(), grouped.tail(1).set_index("period_id")
    ended = last["end"].notna() & (last["reason"] != CONTINUES)
    unknown = ended & ~last["reason"].isin(["", *END_REASON])
    opening = grouped.head(1)
    period = pd.DataFrame({
        "period_id": last.index,
        "child_id": last["child_id"],
        "kind": "away",
        "start_date": first,
        "start_reason": "new",
        "end_date": last["end"],
        "end_reason": np.where(ended, last["reason"].map(END_REASON).fillna("").mask(unknown, "not_known"), ""),
    }).set_axis(opening.index).sort_index()
    said = {OTHER_STARTS: int((grouped["entered"].nunique() > 1).sum()), UNKNOWN_REASON: int(unknown.sum())}
    notes = [f"{says}: {count}." for says, count in said.items() if count]
    return period, last["reason"].where(ended, ""), account(text.name, reasons, text.blank_rows), notes


def _milestones(
    text: TextTable, period: pd.DataFrame, reasons_of_end: pd.Series
) -> tuple[pd.DataFrame, Account, list[str]]:
    """Milestone table, the account of the permanence file, and what must be said."""
    frame = text.frame
    days = {column: _days(text, column) for column in (*MILESTONES, "perm_permanence_order_date")}
    first = pd.DataFrame(days).min(axis=1)
    named = frame["perm_person_id"] + "/" + frame["perm_cla_id"]
    period_id = named.where(named.isin(period["period_id"]), attach(frame["perm_person_id"], first, period))
    reasons = pd.Series("", index=frame.index).mask(period_id == "", "of a person without care")
    reasons = reasons.mask(first.isna(), "without a date to use")
    route = frame["perm_permanence_order_type"].str.lower().map(ORDER_ROUTE).fillna("not_known")
    ordered = rows(period_id, "order_granted", days["perm_permanence_order_date"], route)
    ends = pd.DataFrame({"day": period.set_index("period_id")["end_date"], "reason": reasons_of_end}).reset_index()
    order, decided = ends_that_decide(ends["period_id"], ends["reason"], ends["day"])
    order = order[~order["period_id"].isin(ordered["period_id"])]
    made = [rows(period_id, milestone, days[column], "adoption") for column, milestone in MILESTONES.items()]
    odd = int((ordered["route"] == "not_known").sum())
    notes = [f"{UNKNOWN_ORDER}: {odd}."] if odd else []
    milestone = numbered(with_first_decisions([*made, ordered, order, decided]))
    return milestone, account(text.name, reasons, text.blank_rows), notes
