"""Cox's regression with covariates that are not in whole numbers, fitted by lifelines."""

from __future__ import annotations

import warnings

import numpy as np

from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.likelihood import Design, check_collinear, contributions, no_bound, total

STILL_MOVING = 1e-3  # of a coefficient: a next step so large means that it grows without end
PRECISION = {"precision": 1e-12, "r_precision": 1e-14}


def fit_by_lifelines(
    what: Design,
    ties: str,
    names: list[str],
    matrix: np.ndarray,
    stratum: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    left: np.ndarray,
) -> np.ndarray:
    """Return the coefficients that lifelines finds for rows of covariates, days and exits.

    lifelines takes a wait as open at its start, so that entry is the day before ``first_day``.

    Raises
    ------
    SurvivalInputError
        If ties are not Efron's, a covariate is collinear with others, or lifelines finds no estimate.
    """
    if ties != "efron":
        raise SurvivalInputError(
            "Covariates that are not in whole numbers are fitted with Efron's ties only.",
            remedy="Ask for ties='efron', or round the covariate.",
        )
    _, _, at_none = total(contributions(what, np.zeros(matrix.shape[1]), ties))
    check_collinear(at_none, names)
    coefficients = _fitted(names, matrix, stratum, first, last, left)
    _, score, information = total(contributions(what, coefficients, ties))
    step = np.abs(np.linalg.pinv(information) @ score)
    moving = step > STILL_MOVING * np.maximum(np.abs(coefficients), 1 / np.sqrt(np.diag(at_none)))
    if moving.any():
        raise no_bound(names[int(np.argmax(moving))])
    return coefficients


def _fitted(
    names: list[str], matrix: np.ndarray, stratum: np.ndarray, first: np.ndarray, last: np.ndarray, left: np.ndarray
) -> np.ndarray:
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    columns = [f"x{index}" for index in range(matrix.shape[1])]
    frame = pd.DataFrame(matrix, columns=columns).assign(stratum=stratum, last=last, left=left, entry=first - 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of columns that hardly vary, and of ratios without bound: checked after
            fitted = CoxPHFitter().fit(
                frame, "last", "left", entry_col="entry", strata=["stratum"], fit_options=PRECISION
            )
    except ConvergenceError:
        raise SurvivalInputError(
            "No estimate is found: with some value of a covariate nobody leaves, or only they do.",
            where=f"Covariates: {', '.join(names)}.",
            remedy="Leave one out at a time to see which.",
        ) from None
    return fitted.params_.loc[columns].to_numpy()
