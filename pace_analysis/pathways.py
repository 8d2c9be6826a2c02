"""The journey as data: milestones in order, the stage between each two, who holds it, and the clocks of the law.

One file a pathway, ``data/pathways/<name>.toml``; an authority takes that of its nation. Whether its milestones exist
is checked where they are looked up, in :mod:`pace_analysis.care.stays`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from pace_analysis.dates import Limit
from pace_analysis.errors import SettingsError, nearest
from pace_analysis.settings import _as_limit, _build, _Frozen, home, read_toml

ID = r"^[a-z0-9-]{1,64}$"
DECIDED, FINISHED, LEFT = "decided", "finished", "left"  # states that end a wait; no stage may be called so


class PathwayStage(_Frozen):
    """One stage: from the day of one milestone to that of the next, and the partner who holds it."""

    id: str = Field(pattern=ID)
    title: str = Field(min_length=1)
    start: str
    finish: str
    partner: str = Field(min_length=1)

    @field_validator("id")
    @classmethod
    def _is_no_end(cls, name: str) -> str:
        if name in (DECIDED, FINISHED, LEFT):
            raise ValueError(f"'{name}' is what the end of a wait is called; choose another id")
        return name


class PathwayClock(_Frozen):
    """One limit that regulations set between two milestones, for each child."""

    id: str = Field(pattern=ID)
    says: str
    start: str
    finish: str
    within: Annotated[Limit, BeforeValidator(_as_limit)]
    source: str = Field(min_length=1)
    status: Literal["stated", "recalled"] = "stated"


class _PathwayFile(_Frozen):
    name: str
    title: str = Field(min_length=1)
    decision: str
    stage: tuple[dict[str, Any], ...] = Field(min_length=1)
    clock: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Pathway:
    """Stages that follow one another from the start of the wait to the last milestone.

    Attributes
    ----------
    name, title : str
    decision : str
        Milestone on the way that is the permanence decision.
    stages : tuple of PathwayStage
        In order: each starts at the milestone that the one before finishes at.
    clocks : tuple of PathwayClock
        Those whose wording was found. One marked as recalled stays in the file and is in no result.
    """

    name: str
    title: str
    decision: str
    stages: tuple[PathwayStage, ...]
    clocks: tuple[PathwayClock, ...] = ()

    @property
    def file(self) -> str:
        """Name of the file that states the pathway, for messages."""
        return f"{self.name}.toml"

    @property
    def milestones(self) -> tuple[str, ...]:
        """Milestones in order, the one that starts the wait first."""
        return (self.stages[0].start, *(stage.finish for stage in self.stages))

    @property
    def before_decision(self) -> tuple[PathwayStage, ...]:
        """Stages that end at or before the decision."""
        return self.until(self.decision)

    @property
    def after_decision(self) -> tuple[PathwayStage, ...]:
        """Stages that start at or after the decision."""
        return self.stages[len(self.before_decision):]

    def until(self, milestone: str) -> tuple[PathwayStage, ...]:
        """Return the stages up to a milestone of the pathway; SettingsError names the nearest when it is on none."""
        reached = self.milestones[1:]
        if milestone not in reached:
            raise SettingsError(f"No stage of the pathway '{self.name}' finishes at '{milestone}'.", where=self.file,
                                remedy=nearest(milestone, reached))
        return self.stages[: reached.index(milestone) + 1]


def pathway_names() -> list[str]:
    """Names of all pathways that have a file."""
    return sorted(path.stem for path in (home() / "data" / "pathways").glob("*.toml"))


def load_pathway(name: str) -> Pathway:
    """Read one pathway.

    Raises
    ------
    SettingsError
        If there is none of that name; if a key is unknown, missing or wrong; if two stages or clocks share an id; if
        the stages are not one chain (a gap, a fork, a cycle); or if the decision is not on it. Each names file and key.
    """
    if name not in pathway_names():
        raise SettingsError(f"There is no pathway '{name[:64]}'.", remedy=nearest(name, pathway_names()),
                            where="data/pathways holds one file for each pathway")
    path = home() / "data" / "pathways" / f"{name}.toml"
    file = _build(_PathwayFile, read_toml(path), path)
    if file.name != name:
        raise SettingsError(f"The pathway is called '{file.name}', but its file {path.name}.",
                            where=f"{path.name}, key 'name'",
                            remedy=f"Write name = \"{name}\", or rename the file.")
    stages = _each(PathwayStage, file.stage, path, "stage")
    clocks = _each(PathwayClock, file.clock, path, "clock")
    _check_chain(stages, path)
    if file.decision not in [stage.finish for stage in stages]:
        raise SettingsError(f"The decision '{file.decision}' is not on the pathway.",
                            where=f"{path.name}, key 'decision'",
                            remedy=nearest(file.decision, [stage.finish for stage in stages]))
    stated = tuple(clock for clock in clocks if clock.status == "stated")
    return Pathway(name, file.title, file.decision, stages, stated)


def _each(model: type[_Frozen], tables: Iterable[dict[str, Any]], path: Path, kind: str) -> tuple[Any, ...]:
    made = tuple(_build(model, table, path, f"{kind} {number}") for number, table in enumerate(tables, start=1))
    ids = [each.id for each in made]
    for number, found in enumerate(ids, start=1):
        if found in ids[: number - 1]:
            raise SettingsError(f"Two {kind}s have the id '{found}'.", where=f"{path.name}, {kind} {number}, key 'id'",
                                remedy="Rename one of them.")
    return made


def _check_chain(stages: tuple[PathwayStage, ...], path: Path) -> None:
    passed = [stages[0].start]
    for number, stage in enumerate(stages, start=1):
        where = f"{path.name}, stage {number}"
        if stage.start != passed[-1]:
            fork = stage.start in passed
            raise SettingsError(
                f"The stage '{stage.id}' starts at '{stage.start}', "
                + ("as another stage does." if fork else f"but the stage before it finishes at '{passed[-1]}'."),
                where=f"{where}, key 'start'",
                remedy="Stages form one chain, written in order. "
                + ("Leave one of the two out." if fork else f"Start it at '{passed[-1]}', or write the stage between."),
            )
        if stage.finish in passed:
            raise SettingsError(
                f"The stage '{stage.id}' finishes at '{stage.finish}', which is already behind it: a circle.",
                where=f"{where}, key 'finish'",
                remedy="Let each stage finish at a milestone that no earlier stage holds.",
            )
        passed.append(stage.finish)
