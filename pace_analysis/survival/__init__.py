"""Estimates of waits from counts per whole day; knows nothing of children, files or disclosure.

Rows are counted once into a :class:`LifeTable`; every estimate is a function of its counts alone.
"""

from pace_analysis.survival.curves import kaplan_meier, nelson_aalen
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.incidence import cumulative_incidence
from pace_analysis.survival.lifetable import LifeTable, life_table
from pace_analysis.survival.summaries import conditional, quantile, share_by

__all__ = [
    "LifeTable",
    "SurvivalInputError",
    "conditional",
    "cumulative_incidence",
    "kaplan_meier",
    "life_table",
    "nelson_aalen",
    "quantile",
    "share_by",
]
