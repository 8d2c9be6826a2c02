"""What is public already: figures that a new release must repeat, or may not contradict.

A figure's key says what it counts: the measure, whose waits or which years, then the labels of the cell. A label that
is summed over is left out, so that a margin has the same key in every table that shows it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Key = tuple[str, ...]
Axis = Literal["both", "rows", "columns"]
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Earlier:
    """Figures already public, by key.

    Attributes
    ----------
    released : mapping
        What this authority released before, protected.
    published : mapping
        What others published, exactly.
    linked : mapping
        What the same report shows elsewhere.
    revise : frozenset of str
        Measures whose figures released before may change; those published or linked never do.
    overridden : frozenset of str
        Results that a named person decided to show though one group holds everybody.
    """

    released: Mapping[Key, int] = field(default_factory=dict, repr=False)
    published: Mapping[Key, int] = field(default_factory=dict, repr=False)
    linked: Mapping[Key, int] = field(default_factory=dict, repr=False)
    revise: frozenset[str] = frozenset()
    overridden: frozenset[str] = frozenset()

    @property
    def pins(self) -> dict[Key, int]:
        """Figures that keep their value."""
        kept = {key: value for key, value in self.released.items() if key[0] not in self.revise}
        return {**kept, **self.linked, **self.published}

    def kept(self, key: Key) -> dict[Key, int]:
        """Figures below ``key`` that were released before and may not change."""
        return {} if key[:1] and key[0] in self.revise else self.below(key)

    def below(self, key: Key) -> dict[Key, int]:
        """Figures released before whose key goes on from ``key``, by what follows it."""
        return {found[len(key):]: value for found, value in self.released.items() if found[:len(key)] == key}

    def beside(self, figures: Mapping[Key, int]) -> Earlier:
        """The same with figures that this report shows elsewhere; what is pinned already stays."""
        return replace(self, linked={**figures, **self.linked})


NOTHING = Earlier()


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of the cells of a table, in marginal notation: what is summed over is not named.

    Attributes
    ----------
    key : Key
        What the table counts.
    axis : str
        Whose labels are named: ``both``, ``rows`` or ``columns``. Children by route of one entry year name the columns
        alone: ``(*key, route)``, and ``key`` for their total.
    span : str
        Which rows a total sums, where later tables of the key have more.
    """

    key: Key = ()
    axis: Axis = "both"
    span: str = ""

    def cell(self, row: Hashable, column: Hashable) -> Key:
        """Key of one cell; without a key nothing is linked, so that labels of rows and columns may read alike."""
        if not self.key:
            return (str(row), str(column))
        label = self.span if self.span and row == TOTAL else row
        labels = {"both": (label, column), "rows": (label,), "columns": (column,)}[self.axis]
        return (*self.key, *(str(label) for label in labels if label != TOTAL))
