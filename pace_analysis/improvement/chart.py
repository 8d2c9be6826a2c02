"""Run and control charts: lines by phase, the rules on the latest phase, and guards that say when a chart cannot speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pace_analysis.errors import nearest
from pace_analysis.improvement.falsealarms import false_alarm_rate
from pace_analysis.improvement.icons import COMMON, UNTESTED, Icon, assurance_icon, variation_icon
from pace_analysis.improvement.limits import LINES, lines
from pace_analysis.improvement.rules import RULES, Phase, Signal, length, rules_for, runs
from pace_analysis.improvement.series import ChartError, Point, frame_of

FEWEST_FOR_RULES = 12
FEWEST_FOR_DOTS = 13  # the plot-the-dots tools show no icon of fewer
SUSTAINED = 9  # a run so long suggests a new baseline
FEWEST_CHILDREN = 20  # a point of a percentage chart
SHARES = ("p", "p-prime")
LIMITS = ("auto", "sigma", "exact")
BETTER = ("up", "down")


@dataclass(frozen=True)
class Chart:
    """A chart ready to draw.

    Attributes
    ----------
    kind, rules : str
    points : DataFrame, one row a point
        label, value, numerator, denominator, mature, counts (takes part), phase (from 0), basis (its phase's lines are
        made of it), centre, lower, upper (NaN where there are no limits), side (1 above the centre line, -1 below, 0 on
        it or not taking part), signal (rules that fired on it).
    signals : tuple of Signal
        Of the latest phase, positions in ``points``, labels in the words.
    variation : Icon
        "not tested" where no rule was applied.
    assurance : Icon or None
        None without a target or limits, or of too few points.
    guards : tuple of str
        Sentences: why a rule was not applied, or which chart would be right.
    suggestion : str
        Empty, or where a new baseline might start; never applied.
    false_alarm : float or None
        Chance that the rules fire on a stable series of this length and baseline.
    """

    kind: str
    rules: str
    points: pd.DataFrame
    signals: tuple[Signal, ...]
    variation: Icon
    assurance: Icon | None
    guards: tuple[str, ...]
    suggestion: str
    false_alarm: float | None

    @property
    def phases(self) -> pd.DataFrame:
        """One row a phase, so that an old line can be drawn on: first_label, last_label, centre, basis (points)."""
        return self.points.groupby("phase").agg(
            first_label=("label", "first"), last_label=("label", "last"), centre=("centre", "first"),
            basis=("basis", "sum"),
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Sentences: a change only where a rule fired, and which; else why none was applied, or no sign of change."""
        if self.signals:
            lead = {"improvement": "Improved", "concern": "Worse"}.get(self.variation.name, "Changed")
            fired = ", ".join(dict.fromkeys(signal.rule for signal in self.signals))
            return (f"{lead}, by the rule: {fired}.", *(signal.words for signal in self.signals))
        if self.guards:
            return self.guards
        if self.variation.name == UNTESTED.name:
            return (f"{UNTESTED.words.capitalize()}.",)
        return (f"No sign of change: {COMMON.words}.",)


def chart(
    points: Sequence[Point],
    kind: str = "run",
    *,
    rules: str = "anhoej",
    baseline: int | None = None,
    rebase: Sequence[str] = (),
    target: float | None = None,
    better: str | None = None,
    screen: bool = True,
    limits: str = "auto",
) -> Chart:
    """Chart a series.

    Parameters
    ----------
    points : sequence of Point
        Oldest first.
    kind : str
        ``run`` (median), ``p``, ``p-prime`` (percentages), ``xmr`` (single values), ``t``, ``g`` (time or cases between).
    rules : str
        ``anhoej``, ``ihi``, ``mdc7``, ``mdc6``, ``mdc_2023``, ``nelson`` or ``none``.
    baseline : int, optional
        First points whose lines are frozen and extended; by default every point of a phase makes its lines.
    rebase : sequence of str
        Labels at which a new phase begins, declared by a person; may be used with a baseline, which is the first's.
    target, better : float, "up" or "down", optional
    screen : bool
        Leave out extreme moving ranges, once.
    limits : str
        Of percentages: ``sigma``, ``exact``, or ``auto``, exact where few successes or failures are expected.

    Raises
    ------
    ChartError
        Fewer than three points, an unknown kind, rule set or label, a baseline of fewer than three points, a share that
        its counts do not make, or a time of 0 in a T chart.
    """
    _check(kind, rules, limits, better)
    frame = frame_of(points, needs_counts=kind in SHARES)
    _check_gaps(frame, kind)
    frame["phase"], frame["basis"] = _phases(frame, rebase), False
    exact = "mdc" if rules.startswith("mdc") and kind == "xmr" else limits
    for phase, part in frame.groupby("phase"):
        frame.loc[part.index, "basis"] = basis = _basis(part, baseline if phase == 0 else None)
        columns = (part[name].to_numpy() for name in ("value", "numerator", "denominator"))
        made = lines(kind, *columns, basis, screen=screen, exact=exact)
        for name, level in zip(("centre", "lower", "upper"), made, strict=True):
            frame.loc[part.index, name] = level
    used = frame[frame["counts"] & (frame["phase"] == frame["phase"].max())]
    latest = Phase(*(used[name].to_numpy() for name in ("value", "centre", "lower", "upper")))
    guards = _guards(frame, used, latest, kind)
    found = [signal for rule in rules_for(rules, kind) for signal in rule(latest)] if not guards else []
    signals = tuple(_named(signal, used) for signal in found)
    _mark(frame, signals)
    frame.loc[used.index, "side"] = latest.side
    rate = None if guards else false_alarm_rate(rules, kind, len(used), baseline=int(used["basis"].sum()))
    few = len(used) < (FEWEST_FOR_DOTS if rules.startswith("mdc") else FEWEST_FOR_RULES)
    untested = few or rules == "none" or bool(guards and np.ptp(used["value"]) > 0)
    variation = UNTESTED if untested else variation_icon(signals, better, int(used.index[-1]))
    assurance = None if few else assurance_icon(latest, target, better)
    return Chart(kind, rules, frame, signals, variation, assurance, guards, _suggestion(used, latest), rate)


def _check(kind: str, rules: str, limits: str, better: str | None) -> None:
    for name, known, what in ((kind, LINES, "kind of chart"), (rules, RULES, "set of rules"),
                              (limits, LIMITS, "kind of limits"), (better or "up", BETTER, "direction")):
        if name not in known:
            raise ChartError(f"There is no {what} '{name}'.", remedy=nearest(name, known))


def _check_gaps(frame: pd.DataFrame, kind: str) -> None:
    """Refuse what cannot lie between two events; the power that a T chart takes knows no 0."""
    used = frame[frame["counts"]]
    wrong = {"t": used["value"] <= 0, "g": used["value"] < 0}.get(kind)
    if wrong is not None and wrong.any():
        raise ChartError(f"A {kind.upper()} chart needs values {'above 0' if kind == 't' else 'of 0 or more'}.",
                         where=f"Point '{used['label'][wrong].iloc[0]}'.",
                         remedy="Add one day to every time, or choose the G chart." if kind == "t" else "Correct it.")


def _phases(frame: pd.DataFrame, rebase: Sequence[str]) -> np.ndarray:
    labels = list(frame["label"])
    for label in rebase:
        if label not in labels:
            raise ChartError(f"No point is labelled '{label}', so no new baseline can begin there.", remedy=nearest(label, labels))
    number = np.cumsum(frame["label"].isin(rebase).to_numpy())
    return number - number[0]  # the first point begins the first phase, named or not


def _basis(part: pd.DataFrame, baseline: int | None) -> np.ndarray:
    basis = part["counts"].to_numpy().copy()
    if baseline is not None:
        basis[max(0, baseline):] = False
    if basis.sum() < 3:
        raise ChartError(f"A baseline needs at least 3 points that can be used; this one has {int(basis.sum())}.",
                         remedy="Choose a longer baseline, or start the new one at an earlier point.")
    return basis


def _guards(frame: pd.DataFrame, used: pd.DataFrame, latest: Phase, kind: str) -> tuple[str, ...]:
    said = []
    if len(used) < FEWEST_FOR_RULES:
        said.append(f"No rule was applied: there are {len(used)} points, and rules need {FEWEST_FOR_RULES}.")
    elif np.ptp(used["value"]) == 0:
        said.append("No rule was applied: all points are equal.")
    if kind in SHARES or (kind == "run" and used[["numerator", "denominator"]].notna().all(axis=None)):
        size = used["denominator"].mean()
        extreme = ((used["value"] == 0) | (used["value"] == 1)).mean()
        if extreme > 0.5:
            said.append("No rule was applied: over half of the points are at 0% or 100%. Chart the time between the "
                        "rare events instead (T or G chart).")
        elif size < FEWEST_CHILDREN:
            said.append(f"No rule was applied: there are {size:.1f} children a point on average, and a percentage "
                        f"needs {FEWEST_CHILDREN}. Chart rolling twelve months, or each child's days (XmR chart).")
    return tuple(said)


def _named(signal: Signal, used: pd.DataFrame) -> Signal:
    first, last = (int(used.index[place]) for place in (signal.first, signal.last))
    labels = used.loc[[first, last], "label"].tolist()
    span = labels[0] if first == last else f"{labels[0]} to {labels[1]}"
    places = tuple(int(used.index[place]) for place in signal.points)
    return replace(signal, first=first, last=last, words=f"{signal.words.rstrip('.')} ({span}).", places=places,
                   first_label=labels[0], last_label=labels[1])


def _mark(frame: pd.DataFrame, signals: tuple[Signal, ...]) -> None:
    frame["side"] = 0
    names: list[list[str]] = [[] for _ in range(len(frame))]
    for signal in signals:
        for place in signal.points:
            names[place].append(signal.rule)
    frame["signal"] = [", ".join(dict.fromkeys(each)) for each in names]


def _suggestion(used: pd.DataFrame, latest: Phase) -> str:
    """Where a sustained run began, if one lasts to the end."""
    found = runs(latest.side)
    if not found or length(latest.side, found[-1]) < SUSTAINED:
        return ""
    label = used["label"].iloc[found[-1][0]]
    return f"The last {length(latest.side, found[-1])} points are on one side: if the change is understood, a new baseline might start at {label}."
