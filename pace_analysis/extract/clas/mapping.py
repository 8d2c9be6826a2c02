"""The mapping that a folder of CLAS blocks needs: which heading is what, and what the council's codes mean.

The return's numeric codes are not public, so none stands here: a copy of
``data/dictionary/clas_mapping_template.toml``, named ``clas_mapping.toml``, lies beside the files. Headings are
compared without regard to capitals, spaces and signs: ``EPISODE_START_DATE`` is ``Episode start date``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from pace_analysis.errors import InputError, nearest
from pace_analysis.extract.dates_in import LONGEST
from pace_analysis.extract.facts import read_toml
from pace_analysis.tables.schema import CODES

FILE = "clas_mapping.toml"
REMEDY = f"Copy data/dictionary/clas_mapping_template.toml beside the files as {FILE}, and write your codes into it."
NONE = "none"  # a legal reason that is no milestone
LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "child": {"id_number": "ID number", "date_of_birth": "Date of birth", "gender": "Gender"},
    "episode": {
        "id_number": "ID number", "start_date": "Episode start date", "end_date": "Episode end date",
        "destination": "Destination on discharge",
    },
    "placement": {
        "id_number": "ID number", "start_date": "Placement start date", "end_date": "Placement end date",
        "placement_type": "Placement type",
    },
    "legal_reason": {
        "id_number": "ID number", "start_date": "Legal reason start date", "end_date": "Legal reason end date",
        "legal_reason": "Legal reason",
    },
    "permanence": {
        "id_number": "ID number", "recommendation_date": "Permanence recommendation date",
        "agency_decision_date": "Agency decision date", "court_lodged_date": "Court application lodged date",
        "final_order_date": "Final order date", "order_type": "Order type",
    },
})
NEEDED = ("child", "episode", "placement")
OPTIONAL = frozenset({  # fields that a council may lack: its mapping gives them the heading ""
    ("child", "gender"), ("placement", "end_date"), ("legal_reason", "end_date"),
    ("permanence", "agency_decision_date"), ("permanence", "court_lodged_date"), ("permanence", "final_order_date"),
    ("permanence", "order_type"),
})
MEANINGS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "gender": tuple(CODES["sex"]),
    "destination": tuple(CODES["end_reason"]),
    "placement_type": tuple(CODES["care_kind"]),
    "order_type": tuple(CODES["route"]),
    "legal_reason": (NONE, *CODES["milestone"], *(f"order_granted/{route}" for route in CODES["route"])),
})


@dataclass(frozen=True, slots=True)
class ClasMapping:
    """Headings by block and field, and meanings by list and code (folded to lower case)."""

    headings: Mapping[str, Mapping[str, str]]
    codes: Mapping[str, Mapping[str, str]]

    def columns_of(self, header: Collection[str]) -> dict[str, dict[str, str]]:
        """Blocks whose every heading is in ``header``: the column of each field, by block."""
        known = {fold(name): name for name in header}
        return {
            block: {field: known[fold(heading)] for field, heading in fields.items() if heading}
            for block, fields in self.headings.items()
            if all(fold(heading) in known for heading in fields.values() if heading)
        }

    def meaning(self, values: pd.Series, field: str, *, file: str) -> pd.Series:
        """Canonical meaning of each code, ``""`` for a blank.

        Raises
        ------
        InputError
            For a code that the mapping does not hold, with file, row, column and value.
        """
        known = {"": ""} | dict(self.codes[field])
        folded = values.str.casefold()
        strange = values[~folded.isin(known)]
        if len(strange):
            raise InputError(
                f"The code '{strange.iloc[0][:LONGEST]}' is not in the mapping.",
                where=f"{file}, row {strange.index[0]}, column {values.name}",
                remedy=f"Add it to [codes.{field}] in {FILE}; a code may mean: {', '.join(MEANINGS[field])}.",
            )
        return folded.map(known)


def fold(heading: str) -> str:
    """A heading without capitals, spaces and signs."""
    return re.sub("[^a-z0-9]", "", heading.casefold())


def load_mapping(folder: Path) -> ClasMapping:
    """Read the mapping in ``folder``; without one, the headings are the labels and no code is known.

    Raises
    ------
    InputError
        If it is no TOML, or names a block, field, list or meaning that does not exist.
    """
    given = read_toml(folder / FILE, remedy='Write lines such as "code in your file" = "meaning".')
    _known(given, ("headings", "codes"), "")
    headings = _tables(given, "headings")
    _known(headings, LABELS, "headings.")
    for block, fields in headings.items():
        _known(fields, LABELS[block], f"headings.{block}.")
        for field, heading in fields.items():
            if not fold(heading) and (heading or (block, field) not in OPTIONAL):
                what = f"The heading of {field} in the {block} block is blank."
                raise InputError(what, where=f"{FILE}, headings.{block}", remedy="Write the heading your file has.")
    codes = _tables(given, "codes")
    _known(codes, MEANINGS, "codes.")
    for field, meanings in codes.items():
        for code, meaning in meanings.items():
            _known([meaning], MEANINGS[field], f"codes.{field}, '{code}' = ")
    return ClasMapping(
        {block: dict(fields) | headings.get(block, {}) for block, fields in LABELS.items()},
        {field: {code.casefold(): meaning for code, meaning in codes.get(field, {}).items()} for field in MEANINGS},
    )


def _tables(given: Mapping[str, Any], part: str) -> dict[str, dict[str, str]]:
    """Tables of texts under one heading of the file."""
    tables = given.get(part, {})
    for name, values in tables.items() if isinstance(tables, dict) else [(part, None)]:
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            what = f"[{part}.{name}] must hold lines of text = text."
            raise InputError(what, where=FILE, remedy='Write for example "04" = "away".')
    return tables


def _known(words: Collection[str], known: Collection[str], where: str) -> None:
    unknown = [word for word in words if word not in known]
    if unknown:
        place = f"{FILE}, {where}{unknown[0]}"
        raise InputError(f"'{unknown[0]}' is not known.", where=place, remedy=nearest(unknown[0], known))
