"""Do hazard ratios stay the same as days go by? The test of proportional hazards, in its score form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.compare import quadratic_form
from pace_analysis.survival.curves import day_before, product_limit
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.likelihood import Design, contributions
from pace_analysis.survival.regression import CoxModel

if TYPE_CHECKING:
    import pandas as pd

TRANSFORMS = ("km", "identity", "rank")
GLOBAL = "GLOBAL"


def proportional_hazards(
    model: CoxModel, *, transform: Literal["km", "identity", "rank"] = "km"
) -> pd.DataFrame:
    """Test, for each covariate and for all, whether its hazard ratio changes as days go by.

    A small p-value says that the ratio is an average over days on which it was not the same; then compare curves, or
    split the days.

    Parameters
    ----------
    model : CoxModel
        As :func:`cox` returns it.
    transform : str
        Scale of days on which a change is looked for: ``km`` (one minus the share waiting the day before, all strata
        together), ``identity`` (days), ``rank`` (of the last day among all last days).

    Returns
    -------
    DataFrame, one row a covariate, the last one ``GLOBAL``
        ``covariate``, ``statistic``, ``degrees_of_freedom``, ``p_value``.

    Raises
    ------
    SurvivalInputError
        If the transform is not known.

    Source
    ------
    Grambsch and Therneau (1994), Biometrika 81, 515-526; as a score test of covariate times day, as R's ``cox.zph``
    from survival 3.0 on.
    """
    import pandas as pd
    from scipy.special import chdtrc

    if transform not in TRANSFORMS:
        raise SurvivalInputError(f"Transform '{transform}' is not known.", remedy=nearest(transform, TRANSFORMS))
    coefficients = model.coefficients["coefficient"].to_numpy()
    _, score, information = contributions(model.design, coefficients, model.ties)
    when = _scale(model.design, transform)
    when = when - when.mean()  # changes nothing but rounding
    plain, mixed, squared = (np.tensordot(when**power, information, 1) for power in (0, 1, 2))
    changing = when @ score
    # information about changes left once the coefficients themselves are free
    rest = squared - mixed @ np.linalg.solve(plain, mixed)
    parts = [(term.name, term.columns) for term in model.terms] + [(GLOBAL, slice(None))]
    tests = [(name, *quadratic_form(changing[columns], rest[columns, columns])) for name, columns in parts]
    frame = pd.DataFrame(tests, columns=["covariate", "statistic", "degrees_of_freedom"])
    return frame.assign(p_value=chdtrc(frame["degrees_of_freedom"], frame["statistic"]))


def _scale(design: Design, transform: str) -> np.ndarray:
    """Value of each slot's day on the scale of the transform."""
    if transform == "identity":
        return design.days.astype(float)
    ended = np.cumsum(design.ended)
    if transform == "rank":
        return (ended - (design.ended - 1) / 2)[design.days]
    events = np.bincount(design.days, np.asarray(design.events.sum(axis=1)).ravel(), minlength=ended.size)
    survival, _ = product_limit(np.cumsum(design.entered) - ended + design.ended, events)
    return (1 - day_before(survival, 1.0))[design.days]
