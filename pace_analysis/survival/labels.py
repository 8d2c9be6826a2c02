"""Group labels as small whole numbers, block by block, without a copy as long as the data."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pace_analysis.survival.checks import refuse_rows

MOST_CODES = 64  # whole numbers within so wide a range are their own codes; else each block is looked up


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Group labels of all rows.

    Attributes
    ----------
    values : ndarray, one value a row
        Labels; or, where there are ``names``, whole numbers that give the name when ``low`` is taken off.
    names : tuple, optional
        Labels that may occur.
    low : int
        Value of the first name.
    """

    values: np.ndarray
    names: tuple[Hashable, ...] | None = None
    low: int = 0

    @classmethod
    def of(cls, group: Any) -> Labels:
        """Labels of a column, categorical or not."""
        dtype = getattr(group, "dtype", None)
        if hasattr(dtype, "categories"):
            codes = np.asarray(getattr(group, "cat", group).codes)
            return cls(codes, tuple(dtype.categories.tolist()))
        values = np.asarray(group)
        if values.dtype.kind in "iu" and values.size:
            low, high = int(values.min()), int(values.max())
            if high - low < MOST_CODES:
                return cls(values, tuple(range(low, high + 1)), low)
        return cls(values)

    def codes(self, block: slice) -> tuple[list[Hashable], np.ndarray]:
        """Labels of a block of rows, and the position among them of each row's.

        Raises
        ------
        SurvivalInputError
            If a label is missing, in this block or another.
        """
        import pandas as pd

        if self.names is None:
            codes, found = pd.factorize(self.values[block])
            names = np.asarray(found).tolist()
        else:
            codes, names = self.values[block], list(self.names)
            codes = codes - self.low if self.low else codes
        if codes.min() < 0:
            self._refuse_missing()
        return names, codes

    def _refuse_missing(self) -> None:
        import pandas as pd

        def missing(block: slice) -> np.ndarray:
            return pd.isna(self.values[block]) if self.names is None else self.values[block] < self.low

        refuse_rows(self.values.size, missing, "`group` is missing.", "Give every row a label.")
