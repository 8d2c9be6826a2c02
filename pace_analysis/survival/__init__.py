"""Estimates of waits from counts per whole day; knows nothing of children, files or disclosure.

Rows are counted once into a :class:`LifeTable`, or a :class:`StageTable` of moves between stages; every estimate is a
function of the counts alone, except for regression on covariates that are not in whole numbers.
"""

from pace_analysis.survival.compare import Comparison, logrank
from pace_analysis.survival.counterfactual import gain, speed_up
from pace_analysis.survival.curves import kaplan_meier, nelson_aalen
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.exposure import quarters_since, split_at
from pace_analysis.survival.forecast import Forecast, forecast
from pace_analysis.survival.gray import gray_test
from pace_analysis.survival.incidence import cumulative_incidence
from pace_analysis.survival.interrupted import Interrupted, interrupted_series
from pace_analysis.survival.lifetable import LifeTable, life_table
from pace_analysis.survival.means import restricted_mean, restricted_mean_difference
from pace_analysis.survival.occupancy import expected_days, state_occupancy
from pace_analysis.survival.proportional import proportional_hazards
from pace_analysis.survival.regression import CoxModel, cox
from pace_analysis.survival.resampling import Bootstrap, bootstrap, bootstrap_clusters
from pace_analysis.survival.stages import StageTable, transitions
from pace_analysis.survival.summaries import conditional, quantile, share_by

__all__ = [
    "Bootstrap",
    "Comparison",
    "CoxModel",
    "Forecast",
    "Interrupted",
    "LifeTable",
    "StageTable",
    "SurvivalInputError",
    "bootstrap",
    "bootstrap_clusters",
    "conditional",
    "cox",
    "cumulative_incidence",
    "expected_days",
    "forecast",
    "gain",
    "gray_test",
    "interrupted_series",
    "kaplan_meier",
    "life_table",
    "logrank",
    "nelson_aalen",
    "proportional_hazards",
    "quantile",
    "quarters_since",
    "restricted_mean",
    "restricted_mean_difference",
    "share_by",
    "speed_up",
    "split_at",
    "state_occupancy",
    "transitions",
]
