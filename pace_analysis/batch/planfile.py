"""A plan: which authorities, which quarters, and how each is read. TOML in, tasks out; unknown keys are refused.

::

    title = "All councils"
    authorities = ["council-01", "council-02"]   # with the defaults

    [defaults]
    quarters = ["2015Q2", "2015Q3"]
    drop_errors = true
    also = "docx,xlsx"                           # forms beside the page

    [[authority]]                                # with settings of its own
    name = "council-03"
    quarters = ["2015Q3"]
    data = "data/private/council-03.xlsx"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pace_analysis.dates import Quarter
from pace_analysis.errors import SettingsError, UsageError, nearest
from pace_analysis.report import build
from pace_analysis.report.formats import asked_forms
from pace_analysis.settings import authorities, read_toml, resolve

TOP = {"title": str, "authorities": list, "defaults": dict, "authority": list}
OPTIONS = {"quarters": list, "data": str, "text": str, "profile": str, "drop_errors": bool, "also": str, "reference": str}
OWN = {"name": str, **OPTIONS}
WORDS = {str: "words in quotation marks", list: "a list in brackets", dict: "a table", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Task:
    """One report to make; the options are those of ``pace report``."""

    authority: str
    quarter: str
    data: str = ""
    text: str = ""
    profile: str = ""
    drop_errors: bool = False
    also: str = ""
    reference: str = ""

    @property
    def name(self) -> str:
        """Whose report, to which quarter."""
        return f"{self.authority} {self.quarter}"

    @property
    def plan(self) -> build.Plan:
        """What its run needs, as ``pace report`` resolves it; raises the PaceError of whatever is missing."""
        return build.plan(self.authority, self.quarter, data=self.data, text=self.text, profile=self.profile,
                          drop_errors=self.drop_errors, also=self.also, reference=self.reference)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A plan as it was read.

    Attributes
    ----------
    name : str
        Of the file, without ``.toml``.
    title : str
    chains : tuple of tuple of Task
        One chain an authority, its quarters from the oldest: each builds on what the one before released.
    """

    name: str
    title: str
    chains: tuple[tuple[Task, ...], ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All reports, in the order of the plan."""
        return tuple(task for chain in self.chains for task in chain)


def load_plan(path: str | Path) -> BatchPlan:
    """Read and check a plan.

    Raises
    ------
    SettingsError
        The file cannot be read, holds an unknown key or a value of the wrong kind, names nobody, or an authority twice.
    UsageError
        It names an authority or a quarter that does not exist.
    """
    file = resolve(path)
    if not file.is_file():
        beside = [other.name for other in file.parent.glob("*.toml")] if file.parent.is_dir() else []
        raise SettingsError(f"There is no plan '{file.name}'.", where=str(path), remedy=nearest(file.name, beside))
    said = read_toml(file)
    _must_fit(said, TOP, file.name)
    defaults = said.get("defaults", {})
    _must_fit(defaults, OPTIONS, f"{file.name}, [defaults]")
    own = [*({"name": name} for name in said.get("authorities", [])), *said.get("authority", [])]
    numbered = enumerate(own, start=1)
    chains = tuple(_chain(each, defaults, f"{file.name}, authority {number}") for number, each in numbered)
    if not chains:
        raise SettingsError("The plan names no authority.", where=file.name,
                            remedy='Add a line such as authorities = ["exampleshire"].')
    _must_differ((chain[0].authority for chain in chains), file.name)
    return BatchPlan(file.stem, said.get("title", file.stem), chains)


def _chain(own: Any, defaults: Mapping[str, Any], where: str) -> tuple[Task, ...]:
    _must_fit(own, OWN, where)
    said, known = {**defaults, **own}, authorities()
    name = said.get("name", "")
    if name not in known:
        raise UsageError(f"There is no authority '{str(name)[:64]}'.", where=where, remedy=nearest(str(name), known))
    quarters = sorted({str(_named(where, Quarter.parse, str(each))) for each in said.get("quarters", [])})
    if not quarters:
        raise SettingsError(f"The plan names no quarter for '{name}'.", where=where,
                            remedy='Add quarters = ["2015Q3"] there or to [defaults].')
    options = {key: said[key] for key in OPTIONS if key in said and key != "quarters"}
    _named(where, asked_forms, options.get("also", ""), options.get("reference", ""))
    return tuple(Task(name, quarter, **options) for quarter in quarters)


def _named(where: str, read: Callable[..., Any], *said: str) -> Any:
    """What a function reads; its error says where in the plan."""
    try:
        return read(*said)
    except UsageError as error:
        raise UsageError(error.what, where=where, remedy=error.remedy) from None


def _must_fit(said: Any, known: Mapping[str, type], where: str) -> None:
    if not isinstance(said, Mapping):
        raise SettingsError("An authority with settings of its own is a table.", where=where,
                            remedy="Write [[authority]] above it.")
    for key, value in said.items():
        if key not in known:
            raise SettingsError(f"'{key}' is not a known setting.", where=where, remedy=nearest(key, known))
        if type(value) is not known[key]:
            raise SettingsError(f"The setting '{key}' cannot be used: it must be {WORDS[known[key]]}.", where=where)


def _must_differ(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SettingsError(f"The plan names '{name}' twice.", where=where,
                                remedy="Name it once, with all its quarters.")
        seen.add(name)
