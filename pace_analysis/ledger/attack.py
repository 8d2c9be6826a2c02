"""The joint audit: what somebody who holds every release of a ledger could work out of single small counts.

Two releases of one figure with one value are one count. A figure that was corrected is two counts, for the children
themselves may have changed; what the pair tells is judged by their difference. All sums of all releases bind the counts
together, and :func:`pace_analysis.publish.audit.bounds` gives what each can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pace_analysis.ledger.book import STEPS, Ledger
from pace_analysis.ledger.lines import FIGURES, PUBLISHED, Entry, Key
from pace_analysis.publish.audit import exposed_among, knowledge
from pace_analysis.publish.cells import CellSystem
from pace_analysis.publish.keys import FURTHER, GROUPED, IN_PART, NEAREST
from pace_analysis.publish.profiles import PROFILES, Profile
from pace_analysis.publish.rounding import nearest_interval

COUNTS = (*STEPS, IN_PART, PUBLISHED)  # methods of counts that sums bind; other figures follow from many children
EXACT = (PUBLISHED, GROUPED)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attacker who holds every release could work out.

    Attributes
    ----------
    releases, figures : int
        Looked at together.
    threshold : int
        Counts from 1 to ``threshold - 1`` are small.
    exposed : tuple of Key
        Counts known to be small, and corrections that show the move of so few children.
    """

    releases: int
    figures: int
    threshold: int
    exposed: tuple[Key, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is exposed."""
        return not self.exposed

    @property
    def words(self) -> str:
        """The result in words."""
        of = "one release" if self.releases == 1 else f"{self.releases:,} releases"
        looked = f"{self.figures:,} figures of {of} were looked at together."
        if self.passed:
            return f"Passed. {looked} No count can be worked out to lie from 1 to {self.threshold - 1}."
        return (f"NOT PASSED. {looked} {len(self.exposed):,} can be worked out to lie from 1 to {self.threshold - 1}: "
                f"{'; '.join(', '.join(key) for key in self.exposed[:3])}.")


def joint_audit(ledger: Ledger) -> Audit:
    """Audit every release of a ledger together; DisclosureRefused when its figures contradict one another."""
    held = _Held()
    for opening in ledger.releases():
        held.take(ledger.part(opening))
    if not held.cells:
        return Audit(0, 0, PROFILES["public"].threshold, ())
    profile = PROFILES[ledger.entries[-1].profile]
    few = [after.key for before, after in held.corrections if _shows_few(before, after, profile)]
    return Audit(len(ledger.releases()), len(held.cells), profile.threshold,
                 (*few, *_known_small(held, profile)))


class _Held:
    """Counts and sums of releases taken one after the other; a corrected count is a new one."""

    def __init__(self) -> None:
        self.now: dict[Key, Key] = {}  # a figure's key, to the name of the count it shows at present
        self.cells: dict[Key, Entry] = {}
        self.relations: dict[tuple[Key, tuple[Key, ...]], None] = {}
        self.corrections: list[tuple[Entry, Entry]] = []

    def take(self, part: tuple[Entry, ...]) -> None:
        """Add one release."""
        for entry in part:
            if entry.kind in FIGURES:
                self._figure(entry)
        for entry in part:
            if entry.kind == "sum":
                # a part that no figure shows is a count of its own, of which nothing is known
                names = tuple(self.now.get(key, (*key, "not shown")) for key in entry.parts)
                if entry.key in self.now:
                    self.relations[self.now[entry.key], names] = None

    def _figure(self, entry: Entry) -> None:
        before = self.cells.get(self.now.get(entry.key, ()))
        if before is None:
            self.now[entry.key] = entry.key
        elif before.value != entry.value:
            self.corrections.append((before, entry))
            self.now[entry.key] = (*entry.key, f"line {entry.seq}")
        else:
            return
        self.cells[self.now[entry.key]] = entry


def _shows_few(before: Entry, after: Entry, profile: Profile) -> bool:
    """Whether two exact values of one figure differ by a small count; rounded ones never tell."""
    exact = before.method in EXACT and after.method in EXACT
    return exact and 0 < abs(before.value - after.value) < profile.threshold


def _known_small(held: _Held, profile: Profile) -> Iterator[Key]:
    counts = {name: entry for name, entry in held.cells.items() if entry.method in COUNTS}
    values = {name: entry.value for name, entry in counts.items()}
    sums = [(parent, parts) for parent, parts in held.relations if parent in values]
    for parent, parts in sums:
        hidden = [part for part in parts if part not in values]
        for part in hidden:
            values[part] = (values[parent] - sum(values[part] for part in parts if part in values)) // len(hidden)
    if not values:
        return
    place = {name: position for position, name in enumerate(values)}
    system = CellSystem(tuple(values), np.array(list(values.values()), dtype=np.int64), tuple(place[parent] for parent, _ in sums),
                        tuple(tuple(place[part] for part in parts) for _, parts in sums))
    exact = [place[name] for name, entry in counts.items() if entry.method in EXACT]
    shown = {place[name]: entry.value for name, entry in counts.items()}
    near, far = (knowledge(system, shown, base=profile.base, first_step=profile.first_step, steps=steps, exact=exact)
                 for steps in (0, 1))
    known = {place[name]: (far if entry.method == FURTHER else near)[place[name]] for name, entry in counts.items()}
    known |= {place[name]: nearest_interval(entry.value, profile) for name, entry in counts.items() if entry.method == NEAREST}
    open_ = sorted({place[name] for name in counts} - set(exact))
    yield from (system.keys[cell] for cell in exposed_among(open_, system, known, profile.threshold, system.counts))
