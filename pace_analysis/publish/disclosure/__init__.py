"""The gate: the only code that may call a result PUBLISHED.

Order: count, protect the counts, derive every percentage, curve, interval and median from the protected counts. What
is not yet safe is refused. A refusal that depends on the data is a value, :class:`Refused`, with a sentence to print
in the place of the result; asking for what is never allowed raises :class:`DisclosureRefused`.

What is public already (:mod:`pace_analysis.publish.earlier`) is shown as it was, and what is new is protected beside
it. Codes and sentences of refusals: :mod:`pace_analysis.publish.refusals`.
"""

from pace_analysis.publish.disclosure.course import release_course
from pace_analysis.publish.disclosure.curves import (
    GRID_DAYS,
    SIX_MONTHS,
    release_curve,
    release_estimate,
    release_period_share,
)
from pace_analysis.publish.disclosure.marks import Refused, publishable
from pace_analysis.publish.disclosure.tables import (
    release_count,
    release_register,
    release_share,
    release_table,
    share_from,
    verdict_from,
)
from pace_analysis.publish.released import (
    Release,
    Released,
    ReleasedCount,
    ReleasedCurve,
    ReleasedEstimate,
    ReleasedPeriodShare,
    ReleasedRegister,
    ReleasedShare,
    ReleasedTable,
    ReleasedVerdict,
)

__all__ = [
    "GRID_DAYS", "SIX_MONTHS", "Refused", "Release", "Released", "ReleasedCount", "ReleasedCurve", "ReleasedEstimate",
    "ReleasedPeriodShare", "ReleasedRegister", "ReleasedShare", "ReleasedTable", "ReleasedVerdict", "publishable",
    "release_count", "release_course", "release_curve", "release_estimate", "release_period_share", "release_register", "release_share",
    "release_table", "share_from", "verdict_from",
]
