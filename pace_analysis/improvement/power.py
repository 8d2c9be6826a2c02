"""How long until a change can be told from chance? `python benchmarks/power.py --write` makes the table again.

Simulated: 8 quarters before the change, decisions at about one in 420 days of waiting (rising slowly), children leaving
at one in 700; the change multiplies the rate of decisions for every child from its day on; a log-rank test at 5%,
two-sided. By ``exposure`` the days before are tested against the days after, of all children; by ``cohort`` children
who started before, up to the change, against those who started after it. The table gives the first quarter after the
change at which four in five tests show it. Where power grows slowly (ratio 1.5 at an intake of 20, ratio 1.25 at 80)
the simulation's own error is two to three quarters.
"""

from __future__ import annotations

from math import ceil, log
from types import MappingProxyType

from pace_analysis.improvement.series import ChartError

INTAKES = (10, 20, 40, 80)  # children a quarter
MOST_QUARTERS = 16
DESIGNS = ("exposure", "cohort")
QUARTERS: MappingProxyType[tuple[str, float], tuple[int | None, ...]] = MappingProxyType({
    ("exposure", 1.25): (None, None, None, 9),
    ("exposure", 1.5): (None, 12, 3, 2),
    ("exposure", 2.0): (5, 2, 1, 1),
    ("cohort", 1.25): (None, None, None, 11),
    ("cohort", 1.5): (None, 14, 5, 3),
    ("cohort", 2.0): (7, 4, 3, 2),
})
AS_FAST = MappingProxyType({1.25: "a quarter as fast again", 1.5: "half as fast again", 2.0: "twice as fast"})


def quarters_to_tell(intake: float, hazard_ratio: float, *, design: str = "exposure") -> int | None:
    """Quarters after a change until it shows with a chance of 80%.

    None if not within 16 quarters, or for an intake below the smallest tabulated. Between tabulated intakes the smaller
    one's number is given. ChartError for a ratio or design that is not tabulated.
    """
    _check_simulated(hazard_ratio, design)
    place = sum(intake >= size for size in INTAKES) - 1
    return None if place < 0 else QUARTERS[design, hazard_ratio][place]


def power_sentence(intake: float, hazard_ratio: float = 1.5) -> str:
    """Say how many quarters it takes to tell, at an intake that is named by the tabulated one below it.

    ChartError for a ratio that is not tabulated.
    """
    _check_simulated(hazard_ratio, DESIGNS[0])
    faster = AS_FAST[hazard_ratio]
    size = max((size for size in INTAKES if size <= intake), default=INTAKES[0])
    quarters = quarters_to_tell(size, hazard_ratio)
    if intake < size:
        when = "not show within four years" if quarters is None else f"need more than {quarters} quarters to show"
        return f"With fewer than {size} children a quarter, even a change that makes decisions {faster} would {when}."
    at = f"At an intake of {size} children a quarter or somewhat more, a change that makes decisions {faster}"
    if quarters is None:
        return f"{at} would not show within four years."
    return f"{at} shows in {quarters} quarter{'' if quarters == 1 else 's'}, four times in five."


def events_needed(hazard_ratio: float, share_after: float = 0.5) -> int:
    """Decisions needed to tell a ratio with a chance of 80% at 5%, if so large a share of them falls after the change.

    Source: Schoenfeld (1981), Biometrika 68, 316-319. ChartError for an impossible ratio or share.
    """
    if hazard_ratio <= 0 or hazard_ratio == 1 or not 0 < share_after < 1:
        raise ChartError("Give a ratio above 0 other than 1, and a share between 0 and 1.")
    return ceil((1.959964 + 0.841621) ** 2 / (share_after * (1 - share_after) * log(hazard_ratio) ** 2))


def _check_simulated(hazard_ratio: float, design: str) -> None:
    if (design, hazard_ratio) not in QUARTERS:
        raise ChartError(f"The power of a ratio of {hazard_ratio} by '{design}' was not simulated.",
                         remedy=f"Ratios: {', '.join(map(str, AS_FAST))}; designs: {', '.join(DESIGNS)}.")
