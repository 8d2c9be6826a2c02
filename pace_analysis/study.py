"""A study: one authority's extract, checked, cut at one quarter's end, ready to be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from pace_analysis.care import FollowUp, Histories, periods_of_care
from pace_analysis.dates import Quarter, ReportingYear, say_date, years_between
from pace_analysis.errors import DataRulesError, InputError
from pace_analysis.extract.keyed import key_file
from pace_analysis.ledger import earlier
from pace_analysis.measures import MEASURES
from pace_analysis.publish.earlier import NOTHING, Earlier
from pace_analysis.publish.profiles import Profile, must_be_as_stated
from pace_analysis.publish.profiles import profile as profile_named
from pace_analysis.readings import reading
from pace_analysis.settings import Authority, extract_path, load_authority
from pace_analysis.tables.check import CheckReport, set_aside
from pace_analysis.tables.schema import CareTables


@dataclass(frozen=True)
class Study:
    """One authority to the last day of one quarter.

    Attributes
    ----------
    tables : CareTables
        The extract without the rows that break error rules.
    check : CheckReport
        Every finding of the extract as read.
    accounts : DataFrame
        Rows read, used and set aside by table; read = used + set aside.
    as_at : date
        Last day used: the quarter's last day less the recording lag.
    profile : Profile
        How results are protected.
    earlier : Earlier
        Figures of the authority that are public already; empty under a profile that does not protect.
    path : Path
        File or folder that the extract was read from.
    """

    authority: Authority
    quarter: Quarter
    tables: CareTables
    check: CheckReport
    accounts: pd.DataFrame
    as_at: date
    profile: Profile
    earlier: Earlier = NOTHING
    path: Path = Path()

    @property
    def scheme(self) -> str:
        """Short digest of the definitions that every figure rests on: under others it is another figure."""
        authority = self.authority
        return scheme(authority.nation, f"year from month {authority.year_starts_in_month}",
                      *(f"{name}={value}" for name, value in sorted(authority.definitions.model_dump().items())))

    @property
    def terms(self) -> dict[str, Profile | Earlier]:
        """On what terms the gate protects: the profile, and what is public already."""
        return {"profile": self.profile, "earlier": self.earlier}

    @cached_property
    def decision(self) -> FollowUp:
        """Waits from accommodated to permanence decision."""
        return self.follow("decision")

    def follow(self, measure: str) -> FollowUp:
        """Return the waits of a measure by its id."""
        clock = MEASURES[measure]
        return self.follow_clock(clock.start, clock.finish)

    def follow_clock(self, start: str, finish: str) -> FollowUp:
        """Return the waits from one milestone to another, by this authority's definitions; found once, so not to be changed."""
        return self.histories.waits(start, finish)

    @cached_property
    def histories(self) -> Histories:
        """Events of each child and waits on every clock, by this authority's definitions."""
        return Histories(self.tables, self.authority.definitions, self.quarter.last_day)

    @property
    def first_day(self) -> date:
        """First day from which every child in care is in the extract."""
        return self.tables.extract.covers_from or self.tables.period["start_date"].min().date()

    def complete_years(self, until: date | None = None) -> list[ReportingYear]:
        """Reporting years that lie wholly within the extract, the last ending by ``until`` (the data cut)."""
        return list(years_between(self.first_day, until or self.as_at, self.authority.year_starts_in_month))

    def adoptions(self) -> pd.Series:
        """Children adopted in each complete reporting year, oldest first (exact counts: not for publication)."""
        periods = periods_of_care(self.tables).frame
        adopted = periods.loc[periods["end_reason"] == "adopted", "end"]
        years = self.complete_years()
        counts = [int(adopted.between(pd.Timestamp(y.first_day), pd.Timestamp(y.last_day)).sum()) for y in years]
        return pd.Series(counts, index=[str(year) for year in years], name="adoptions", dtype="int64")


def scheme(*stated: str) -> str:
    """Short digest of how something is counted: eight hexadecimal digits."""
    return hashlib.sha256("\n".join(stated).encode("utf-8")).hexdigest()[:8]


def open_study(authority: str, quarter: str, data: str = "", *, profile: str = "", drop_errors: bool = False,
               revise: Sequence[str] = (), identified: bool = False) -> Study:
    """Read, check and cut one authority's extract.

    Parameters
    ----------
    authority : str
        Name of a file in ``data/authorities``, without ``.toml``.
    quarter : str
        Last quarter to include, ``YYYYQn``.
    data : str, optional
        Extract to read; the authority's own by default. Of a folder of quarters, the first that reaches this one.
    profile : str, optional
        Disclosure profile; the authority's own by default.
    drop_errors : bool
        Go on without the rows that break error rules; they are counted and the report says so.
    revise : sequence of str
        Measures whose figures released before may be corrected, such as ``aim`` or ``period share``.
    identified : bool
        Keep the ids of the extract, for lists that stay in the authority; by default they are keyed hashes.

    Raises
    ------
    LedgerError
        The ledger of what was released is lost or was changed.
    UsageError, SettingsError, InputError
        Unknown authority or quarter, wrong settings, an extract that cannot be read or ends before the quarter.
    DataRulesError
        The extract breaks error rules and ``drop_errors`` is false.
    """
    settings, until = load_authority(authority), Quarter.parse(quarter)
    path = extract_path(settings, until, data)
    found = reading(path, repair=settings.repair_return)
    if not identified:
        found = found.keyed(key_file(settings.slug))
    tables, report = found.tables, found.check
    _must_cover(tables, until, path)
    if report.errors and not drop_errors:
        raise broken_rules(report, path)
    kept, accounts = set_aside(tables, report)
    level, policy = profile_named(profile or settings.policy.profile), settings.policy
    must_be_as_stated(profile_named(policy.profile), policy.threshold, policy.base, f"data/authorities/{settings.slug}.toml, [policy]")
    cut = Histories(kept, settings.definitions, until.last_day).cut
    public = replace(earlier(settings.slug, revise=revise), overridden=policy.overridden) if level.protects else NOTHING
    return Study(settings, until, kept, report, accounts, cut, level, public, path)


def broken_rules(report: CheckReport, path: Path) -> DataRulesError:
    """Return the error that names the first broken rule of an extract and how to see them all."""
    worst = report.worst(1)[0]
    return DataRulesError(
        f"{path.name} was read, but {report.errors:,} findings break rules ({worst.rule} first: {worst.says})",
        where=f"table {worst.table}, row {worst.row}",
        remedy=f"{worst.remedy} See them all with: pace check {path}. "
               "Or go on without those rows: --drop-errors (the report says how many).",
    )


def _must_cover(tables: CareTables, quarter: Quarter, path: Path) -> None:
    as_at, opens = tables.extract.as_at, tables.extract.covers_from
    if not len(tables.period):
        raise InputError("The extract holds no period of care.", where=path.name, remedy="Check the selection of the export.")
    if opens and quarter.first_day < opens:
        raise InputError(f"The extract opens on {say_date(opens)}, after {quarter} begins ({say_date(quarter.first_day)}).",
                         where=path.name, remedy="Ask for a later quarter, or take an extract that reaches further back.")
    if as_at < quarter.last_day:
        raise InputError(
            f"The extract ends on {say_date(as_at)}, before {quarter} does ({say_date(quarter.last_day)}).",
            where=path.name,
            remedy=f"Ask for {Quarter.of(as_at).shift(0 if Quarter.of(as_at).last_day == as_at else -1)}, or take a newer extract.",
        )
