"""CLAS-shaped extracts (Scotland's return of looked after children): a folder of CSV files, one a block.

Child, episode and placement blocks are needed; legal reasons and permanence are read where they are there. A block is
recognised by its headings, and every code by the mapping in the folder: the return's own numeric codes are not
public, and none is assumed. The return's year runs from 1 August to 31 July.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from pace_analysis.dates import ReportingYear, say_date
from pace_analysis.errors import InputError
from pace_analysis.extract.accounts import Account, set_aside_of
from pace_analysis.extract.clas.blocks import Block, find_blocks, read_block
from pace_analysis.extract.clas.mapping import FILE, LABELS, NEEDED, REMEDY, ClasMapping, load_mapping
from pace_analysis.extract.clas.milestones import DEFINITION, of_legal_reasons, of_permanence, together
from pace_analysis.extract.clas.periods import periods
from pace_analysis.extract.dates_in import name_shown
from pace_analysis.extract.facts import read_facts
from pace_analysis.extract.textfiles import csv_files
from pace_analysis.tables.schema import CareTables, Extract, empty_table

SAYS = f"a folder with the child, episode and placement blocks of CLAS as CSV files, and {FILE}"
NAMES = frozenset(label for labels in LABELS.values() for label in labels.values())
FIRST_MONTH = 8
NO_CHILD, NO_START = "without a child's number", "without a first day"


def recognise(path: Path) -> bool:
    """Whether the folder holds a mapping for CLAS, or the three needed blocks by the return's own labels."""
    return path.is_dir() and ((path / FILE).is_file() or set(NEEDED) <= set(find_blocks(path, load_mapping(path))))


def read(path: Path, *, as_at: date | None = None, covers_from: date | None = None) -> CareTables:
    """Read a folder of blocks; days given win over those in ``extract.toml``.

    Raises
    ------
    InputError
        If there is no mapping, a block is missing, a file cannot be read exactly, or a code is not in the mapping.
    """
    if not (path / FILE).is_file():
        raise InputError("Nothing says what the codes mean.", where=path.name, remedy=REMEDY)
    mapping, facts = load_mapping(path), read_facts(path)
    files = find_blocks(path, mapping)
    missing = [block for block in NEEDED if block not in files]
    if missing:
        headings = ", ".join(mapping.headings[missing[0]].values())
        what = f"No file is the {missing[0]} block."
        raise InputError(what, where=path.name, remedy=f"Its headings are: {headings}.")
    blocks = {block: read_block(file, mapping, block) for block, file in files.items()}
    child, of_children = _children(blocks["child"], mapping)
    period, of_care, said_of_periods = _care(blocks["episode"], blocks["placement"], mapping)
    parts, of_milestones = [], ()
    for block, made_of in (("permanence", of_permanence), ("legal_reason", of_legal_reasons)):
        if block in blocks:
            made, booked = made_of(blocks[block], period, mapping)
            parts, of_milestones = parts + made, (*of_milestones, booked)
    milestone, said_of_milestones = together(parts)
    accounts = (of_children, *of_care, *of_milestones)
    cut, said_of_cut = (as_at or facts.as_at, ()) if as_at or facts.as_at else _data_cut(period, path.name)
    extract = Extract(
        source=facts.source or path.name,
        form="clas",
        as_at=cut,
        covers_from=covers_from or facts.covers_from or ReportingYear.of(cut, FIRST_MONTH).first_day,
        definitions=(DEFINITION, *said_of_cut),
        notes=(
            *said_of_periods, *said_of_milestones, *_unread(path, files),
            *(note for block in blocks.values() for note in block.text.notes),
            *(booked.sentence() for booked in accounts),
        ),
        set_aside=set_aside_of(accounts),
    )
    return CareTables(child, period, milestone, empty_table("change"), extract)


def _unread(folder: Path, files: Mapping[str, Path]) -> tuple[str, ...]:
    """Name CSV files that are no block; their headings may be a child's data."""
    others = [file for file in csv_files(folder) if file not in files.values()]
    return tuple(f"{name_shown(file.name)} has the headings of no block and was not read." for file in others)


def _children(block: Block, mapping: ClasMapping) -> tuple[pd.DataFrame, Account]:
    number, born = block.values("id_number"), block.days("date_of_birth")
    reasons = pd.Series("", index=number.index).mask(born.isna(), "without a date of birth")
    reasons = reasons.mask(number == "", NO_CHILD)
    child = pd.DataFrame({
        "child_id": number,
        "date_of_birth": born,
        "sex": block.meanings("gender", mapping),
        "sibling_group": pd.Series("", index=number.index, dtype=object),
    })[reasons == ""]
    return child, block.account(reasons)


def _care(
    episodes: Block, placements: Block, mapping: ClasMapping
) -> tuple[pd.DataFrame, tuple[Account, ...], tuple[str, ...]]:
    """Period table, and the accounts of the two blocks it is made of."""
    episode = pd.DataFrame({
        "child_id": episodes.values("id_number"),
        "start": episodes.days("start_date"),
        "end": episodes.days("end_date"),
        "destination": episodes.meanings("destination", mapping),
    })
    placement = pd.DataFrame({
        "child_id": placements.values("id_number"),
        "start": placements.days("start_date"),
        "kind": placements.meanings("placement_type", mapping),
    })
    placements.days("end_date")  # a placement ends where the next begins; its own end must be a date all the same
    of_episodes = _unusable(episode)
    of_placements = _unusable(placement).mask(placement["kind"] == "", "without a type")
    period, unplaced, outside, said = periods(episode[of_episodes == ""], placement[of_placements == ""])
    of_episodes.update(unplaced)
    of_placements.update(outside)
    return period, (episodes.account(of_episodes), placements.account(of_placements)), said


def _unusable(frame: pd.DataFrame) -> pd.Series:
    reasons = pd.Series("", index=frame.index).mask(frame["start"].isna(), NO_START)
    return reasons.mask(frame["child_id"] == "", NO_CHILD)


def _data_cut(period: pd.DataFrame, source: str) -> tuple[date, tuple[str, ...]]:
    """31 July that closes the return's year of the latest day, and a sentence that says so."""
    latest = pd.concat([period["start_date"], period["end_date"]]).max()
    if pd.isna(latest):
        raise InputError("No episode holds a date.", where=source, remedy="Give as_at, the last day it knows of.")
    cut = ReportingYear.of(latest.date(), FIRST_MONTH).last_day
    return cut, (f"The data cut is taken to be {say_date(cut)}, the end of the latest year of the return.",)
