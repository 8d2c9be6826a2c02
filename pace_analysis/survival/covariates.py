"""Covariates of a regression: columns of a frame as numbers, one column a level after the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.checks import refuse_rows
from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Term:
    """One covariate: its name, its levels with that of reference first (none for a number), its first column."""

    name: str
    levels: tuple[str, ...]
    start: int

    @property
    def columns(self) -> slice:
        """Columns of the covariate among all."""
        return slice(self.start, self.start + max(len(self.levels) - 1, 1))

    @property
    def labels(self) -> list[str]:
        """One label a column."""
        return [f"{self.name}: {level}" for level in self.levels[1:]] or [self.name]


def coded(frame: pd.DataFrame, names: Sequence[str]) -> tuple[np.ndarray, tuple[Term, ...]]:
    """Turn covariates into numbers, shape (rows, columns), and say which columns are whose.

    A number stays one column. Anything else (text, categories, yes or no) is a category: one column of 0 and 1 for
    each level but the first, in sorted order or in that of the categories.

    Raises
    ------
    SurvivalInputError
        If there is none, one is not there, is missing in some row, or has one level only.
    """
    if not names:
        raise SurvivalInputError("There is no covariate.", remedy="Name one or more that are not strata.")
    columns, terms = [], []
    for name in names:
        check_complete(frame, name)
        coded_as, levels = _one(frame[name], name)
        terms.append(Term(str(name), levels, len(columns)))
        columns += coded_as
    return np.column_stack(columns), tuple(terms)


def strata_codes(frame: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Number the combinations of strata from 0, one number a row."""
    for name in names:
        check_complete(frame, name)
    if not names:
        return np.zeros(len(frame), np.int64)
    return frame.groupby(list(names), sort=True, observed=True).ngroup().to_numpy()


def check_complete(frame: pd.DataFrame, name: str) -> None:
    """Raise :class:`SurvivalInputError` unless a column is there and has a value in every row."""
    if name not in frame.columns:
        raise SurvivalInputError(f"There is no column '{name}'.", remedy=nearest(str(name), map(str, frame.columns)))
    missing = frame[name].isna().to_numpy()
    refuse_rows(len(frame), lambda block: missing[block], f"`{name}` is missing.", "Leave such rows out, or say why.")


def _one(column: pd.Series, name: str) -> tuple[list[np.ndarray], tuple[str, ...]]:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float)
        refuse_rows(values.size, lambda block: ~np.isfinite(values[block]), f"`{name}` is not a finite number.")
        return [values], ()
    codes, found = pd.factorize(column, sort=True)
    if len(found) < 2:
        raise SurvivalInputError(f"Covariate '{name}' has one level only, '{found[0]}': there is nothing to compare.")
    return [(codes == level).astype(float) for level in range(1, len(found))], tuple(map(str, found))
