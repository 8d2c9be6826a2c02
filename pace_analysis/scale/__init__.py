"""Life tables of data that do not fit in memory, or that live in a database: one ``GROUP BY``, run by DuckDB.

What comes back is a :class:`~pace_analysis.survival.LifeTable`, equal to the one that
:func:`~pace_analysis.survival.life_table` counts in memory, so every estimate is the same from there on. DuckDB is an
optional extra: ``pip install pace-analysis[scale]``; so is ibis, for tables of other engines: ``[warehouse]``.
"""

from pace_analysis.scale.count import count_table
from pace_analysis.scale.counted import Counted, merge
from pace_analysis.scale.query import Waits, count_query

__all__ = ["Counted", "Waits", "count_query", "count_table", "merge"]
