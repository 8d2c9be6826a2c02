"""What each collection year of the return allows: one base year, and for later years only what differs.

A collection year runs from 1 April to 31 March and is named after the year it ends in: 2018 is 2017/18. Held
here are the tables, and the code lists of the columns that are read. The reader accepts every code of every
year; a code outside the list of its row's year is said in a note.

Source: the return's schema files in SocialFinanceDigitalLabs/liia-tools-pipeline (2017, and differences for 2019 to
2027) and the rules 101, 146 and 149 of data-to-insight/csc-validator-be-903 (2022/23 to 2026/27). The two differ on
PLACE: H5 and P2 end with 2024/25 and Z1 is divided in 2025/26, as the validator has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

FIRST_YEAR, LAST_YEAR = 2017, 2027


@dataclass(frozen=True, slots=True)
class YearSpec:
    """Tables of one collection year, and its code lists by column."""

    year: int
    tables: frozenset[str]
    codes: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a collection year adds to the year before it, and what it drops; codes are parted by spaces."""

    year: int
    tables: frozenset[str] = frozenset()
    adds: Mapping[str, str] = field(default_factory=dict)
    drops: Mapping[str, str] = field(default_factory=dict)

    def on(self, before: YearSpec) -> YearSpec:
        """Return the year before with these differences."""
        columns = before.codes.keys() | self.adds.keys()
        codes = {
            column: before.codes.get(column, frozenset()) - frozenset(self.drops.get(column, "").split())
            | frozenset(self.adds.get(column, "").split())
            for column in columns
        }
        return YearSpec(self.year, before.tables | self.tables, MappingProxyType(codes))


BASE = YearSpec(
    FIRST_YEAR,
    frozenset({
        "header", "episodes", "reviews", "uasc", "oc2", "oc3", "ad1", "placed_for_adoption", "previous_permanence",
        "missing",
    }),
    MappingProxyType({
        column: frozenset(codes.split())
        for column, codes in {
            "SEX": "1 2",
            "RNE": "S L P T B U",
            "LS": "C1 C2 D1 E1 V2 V3 V4 L1 L2 L3 J1 J2 J3",
            "CIN": "N1 N2 N3 N4 N5 N6 N7 N8",
            "PLACE": "U1 U2 U3 U4 U5 U6 A3 A4 A5 A6 P1 P2 P3 H5 K1 K2 R1 R2 R3 R5 S1 T0 T1 T2 T3 T4 Z1",
            "PLACE_PROVIDER": "PR0 PR1 PR2 PR3 PR4 PR5",
            "REC": "X1 E11 E12 E2 E3 E4A E4B E13 E41 E43 E44 E5 E6 E7 E8 E9 E14 E15 E16 E17",
            "REASON_PLACE_CHANGE": "CARPL CLOSE ALLEG STAND APPRR CREQB CREQO CHILD LAREQ PLACE OTHER",
            "REASON_PLACED_CEASED": "RD1 RD2 RD3 RD4",
            "FOSTER_CARE": "0 1",
            "NB_ADOPTR": "1 2",
            "SEX_ADOPTR": "M1 F1 MM FF MF",
            "LS_ADOPTR": "L0 L11 L12 L2 L3 L4",
        }.items()
    }),
)
OVERLAYS = (
    Overlay(
        2019,
        adds={"REC": "E45 E46 E47 E48", "REASON_PLACE_CHANGE": "CUSTOD"},
        drops={"REC": "E43 E44"},
    ),
    Overlay(2024, tables=frozenset({"sw_episodes"})),
    Overlay(2025, adds={"SEX": "M F U", "PLACE": "K3"}, drops={"SEX": "1 2"}),
    Overlay(2026, adds={"PLACE": "Z11 Z12 Z13 Z14"}, drops={"PLACE": "H5 P2 Z1"}),
    Overlay(2027, tables=frozenset({"dolo"})),
)


@cache
def spec(year: int) -> YearSpec:
    """Return what collection year ``year`` allows; the first or last known year outside them."""
    found = BASE
    for overlay in OVERLAYS:
        if overlay.year <= year:
            found = overlay.on(found)
    return YearSpec(min(max(year, FIRST_YEAR), LAST_YEAR), found.tables, found.codes)


def begins(table: str) -> int:
    """First collection year whose return has ``table``."""
    return next((overlay.year for overlay in OVERLAYS if table in overlay.tables), FIRST_YEAR)
