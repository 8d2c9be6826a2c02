"""How much faster do some children leave than others? Cox's regression, mostly from counts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.errors import nearest
from pace_analysis.survival.checks import check_waits, whole_numbers
from pace_analysis.survival.compare import quadratic_form
from pace_analysis.survival.covariates import Term, check_complete, coded, strata_codes
from pace_analysis.survival.errors import SurvivalInputError
from pace_analysis.survival.intervals import EXACT, check_interval
from pace_analysis.survival.lifetable import LifeTable
from pace_analysis.survival.likelihood import Design, contributions, design, fit, total

if TYPE_CHECKING:
    import pandas as pd

TIES = ("efron", "breslow")


@dataclass(frozen=True)
class CoxModel:
    """Hazard ratios, and what is needed to test them.

    Attributes
    ----------
    coefficients : DataFrame, one row a column of the model
        ``covariate``, ``level`` (empty for a number), ``coefficient``, ``std_error``, ``hazard_ratio``, ``lower``,
        ``upper``, ``z``, ``p_value``. A ratio of 2 is leaving at twice the rate, on any day, of the level of
        reference; of a number, of a child with one less of it.
    loglik : (float, float)
        Log partial likelihood without the covariates and with them.
    score : float
        Score statistic of all covariates together, on ``degrees_of_freedom``.
    events : int
        Exits that the ratios rest on.
    ties : str
        ``efron`` or ``breslow``.
    terms : tuple of Term
        Covariates, in the order given.
    """

    coefficients: pd.DataFrame
    loglik: tuple[float, float]
    score: float
    events: int
    ties: str
    level: float
    terms: tuple[Term, ...]
    design: Design = field(repr=False)

    @property
    def degrees_of_freedom(self) -> int:
        """Columns of the model."""
        return len(self.coefficients)

    def summary(self) -> str:
        """Say the model in plain words: a sentence a ratio, and whether the ratios change as days go by."""
        from pace_analysis.survival.proportional import proportional_hazards

        lines = [f"Rates of leaving compared on {self.events} exits; each ratio holds the other covariates equal."]
        rows = self.coefficients.to_dict("records")
        for term in self.terms:
            lines += [_sentence(row, term, self.level) for row in rows[term.columns]]
        chance = proportional_hazards(self)["p_value"].iloc[-1]
        if chance < 1 - self.level:
            lines.append(f"The ratios change as days go by (p = {chance:.2g}): read each as an average over the days.")
        else:
            lines.append(f"That the ratios change as days go by is not shown (p = {chance:.2g}).")
        return "\n".join(lines)


def cox(
    waits: LifeTable | pd.DataFrame,
    covariates: pd.DataFrame | Sequence[str],
    *,
    outcome: int | None = None,
    strata: Sequence[str] = (),
    ties: str = "efron",
    level: float = 0.95,
) -> CoxModel:
    """Compare rates of leaving by covariates, each with the others held equal.

    Parameters
    ----------
    waits : LifeTable or DataFrame
        Counts whose groups are covariate patterns; or rows with columns ``last_day``, ``outcome`` and, if some are
        seen late, ``first_day``. A covariate that changes during a wait is given by splitting the row: the part
        before ends censored, the part after starts the next day.
    covariates : DataFrame or sequence of str
        For a table, a frame with one row a group, its index the labels; for rows, names of columns. Numbers enter as
        they are; text, categories and yes or no as levels compared with the first.
    outcome : int, optional
        Leaving by this outcome, the others taken as censoring; by default leaving by any.
    strata : sequence of str
        Columns within whose combinations rates are compared, each with a baseline of its own.
    ties : str
        ``efron`` (nearer the truth when many leave on one day) or ``breslow``.
    level : float
        Coverage of the intervals.

    Returns
    -------
    CoxModel
        Rows with a covariate that is not in whole numbers are fitted by lifelines (Efron's ties only), and all else
        from the counts of each pattern; standard errors and tests come from one partial likelihood either way.

    Raises
    ------
    SurvivalInputError
        If a covariate is missing, unknown, has one level, is collinear with others or has no bounded ratio; if
        nobody leaves; or for waits that cannot be counted.

    Source
    ------
    Cox (1972), J. R. Stat. Soc. B 34, 187-220; ties of Efron (1977), J. Am. Stat. Assoc. 72, 557-565, and of Breslow
    (1974), Biometrics 30, 89-99.

    Examples
    --------
    >>> import pandas as pd
    >>> from pace_analysis.survival import life_table
    >>> table = life_table([10, 20, 20, 30, 45, 60], [1, 1, 1, 0, 1, 1], group=list("aababb"))
    >>> model = cox(table, pd.DataFrame({"kind": ["a", "b"]}, index=["a", "b"]))
    >>> model.coefficients[["covariate", "level", "hazard_ratio"]].round(3).to_dict("records")
    [{'covariate': 'kind', 'level': 'b', 'hazard_ratio': 0.365}]
    """
    check_interval(EXACT, level)
    if ties not in TIES:
        raise SurvivalInputError(f"Ties '{ties}' are not known.", remedy=nearest(ties, TIES))
    if isinstance(waits, LifeTable):
        terms, what = _of_table(waits, covariates, outcome, strata)
        smooth = None
    else:
        terms, what, smooth = _of_rows(waits, list(covariates), outcome, strata)
    names = [label for term in terms for label in term.labels]
    if smooth is None:
        coefficients = fit(what, ties, names)
    else:
        from pace_analysis.survival.continuous import fit_by_lifelines

        coefficients = fit_by_lifelines(what, ties, names, *smooth)
    return _model(what, terms, coefficients, ties, level)


def _of_table(
    table: LifeTable, covariates: pd.DataFrame, outcome: int | None, strata: Sequence[str]
) -> tuple[tuple[Term, ...], Design]:
    lost = [label for label in table.groups if label not in covariates.index]
    if lost or not covariates.index.is_unique:
        raise SurvivalInputError(
            f"{len(lost)} of {len(table.groups)} groups have no row of covariates, or one has several.",
            where=f"The first is group '{lost[0]}'." if lost else "",
            remedy="Give one row a group; the index holds the labels of the groups.",
        )
    frame = covariates.loc[list(table.groups)].reset_index(drop=True)
    matrix, terms = coded(frame, [name for name in frame.columns if name not in strata])
    _check_outcome(outcome, table.outcomes)
    exits = table.exits.sum(axis=1)
    events = table.exits[:, 1:].sum(axis=1) if outcome is None else table.exits[:, outcome]
    entries, exits, events = ((*np.nonzero(counts), counts[counts > 0]) for counts in (table.entered, exits, events))
    return terms, design(matrix, strata_codes(frame, strata), entries, exits, events)


def _of_rows(
    rows: pd.DataFrame, covariates: list[str], outcome: int | None, strata: Sequence[str]
) -> tuple[tuple[Term, ...], Design, tuple | None]:
    """Terms, counts, and what lifelines needs if a covariate is not in whole numbers."""
    import pandas as pd

    for name in ("last_day", "outcome"):
        check_complete(rows, name)
    first = whole_numbers(rows["first_day"], "first_day") if "first_day" in rows else None
    last, kind = whole_numbers(rows["last_day"], "last_day"), whole_numbers(rows["outcome"], "outcome")
    largest, _ = check_waits(last, kind, first, None)
    _check_outcome(outcome, largest)
    matrix, terms = coded(rows, covariates)
    stratum = strata_codes(rows, strata)
    left = kind > 0 if outcome is None else kind == outcome
    first = np.zeros(last.size, np.int64) if first is None else first.astype(np.int64)
    smooth = (matrix != np.floor(matrix)).any()
    if smooth:
        pattern, chosen = np.arange(last.size), slice(None)
    else:
        pattern = pd.DataFrame(np.column_stack([stratum, matrix])).groupby(list(range(1 + matrix.shape[1]))).ngroup()
        pattern = pattern.to_numpy()
        chosen = np.unique(pattern, return_index=True)[1]
    one = np.ones(last.size)
    last = last.astype(np.int64)
    events = pattern[left], last[left], one[left]
    what = design(matrix[chosen], stratum[chosen], (pattern, first, one), (pattern, last, one), events)
    return terms, what, (matrix, stratum, first, last, left) if smooth else None


def _check_outcome(outcome: int | None, outcomes: int) -> None:
    if outcome is not None and outcome not in range(1, outcomes + 1):
        raise SurvivalInputError(f"The waits count outcomes 1 to {outcomes}, not '{outcome}'.")


def _model(what: Design, terms: tuple[Term, ...], coefficients: np.ndarray, ties: str, level: float) -> CoxModel:
    import pandas as pd
    from scipy.special import erfc, ndtri

    without, score, information = total(contributions(what, np.zeros(coefficients.size), ties))
    loglik, _, spread = total(contributions(what, coefficients, ties))
    error = np.sqrt(np.diag(np.linalg.inv(spread)))
    reach = float(ndtri((1 + level) / 2)) * error
    z = coefficients / error
    table = pd.DataFrame(
        {"covariate": [term.name for term in terms for _ in term.labels]}
        | {"level": [level for term in terms for level in (term.levels[1:] or ("",))]}
        | {"coefficient": coefficients, "std_error": error, "hazard_ratio": np.exp(coefficients)}
        | {"lower": np.exp(coefficients - reach), "upper": np.exp(coefficients + reach)}
        | {"z": z, "p_value": erfc(np.abs(z) / np.sqrt(2))}
    )
    statistic, _ = quadratic_form(score, information)
    return CoxModel(table, (without, loglik), statistic, int(what.events.sum()), ties, level, terms, what)


def _sentence(row: dict, term: Term, level: float) -> str:
    who = f"{term.name}: {row['level']} against {term.levels[0]}" if term.levels else f"{term.name}: each one more"
    interval = f"{level:.0%} interval {row['lower']:.2f} to {row['upper']:.2f}"
    if row["lower"] <= 1 <= row["upper"]:
        said = "a difference that may be chance"
    else:
        said = "faster" if row["hazard_ratio"] > 1 else "slower"
    return f"{who}: leaves at {row['hazard_ratio']:.2f} times the rate ({interval}): {said}."
