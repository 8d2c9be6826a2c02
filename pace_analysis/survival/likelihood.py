"""Cox's partial likelihood from counts: of each covariate pattern, how many leave and enter on each day.

Cost is that of patterns times days with an exit, whatever the number of children. Everything is a sum over *slots*: a
slot is a day of a stratum on which somebody leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pace_analysis.survival.errors import SurvivalInputError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_TIES_ADDED = 64  # above, Efron's sums over the tied exits are taken as differences of gamma functions
MOST_STEPS = 50
SAME_STEP = 1e-9  # of a standard error: the next step would be its square
NOTHING_LEFT = 1e-9  # share of its own information that a column keeps beside those before it
UNBOUNDED = 1e-8  # share of the information at no effect: so little left means that an estimate runs away

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]  # pattern, day, children


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Who is at risk and who leaves in every slot, by covariate pattern.

    Attributes
    ----------
    covariates : ndarray, shape (patterns, columns)
        Less their mean over children.
    leaving : sparse matrix, shape (slots, patterns)
        Children at risk in the slot and not in the next of the stratum, less those the other way round; summed from
        the last slot back they are those at risk.
    events : sparse matrix, shape (slots, patterns)
        Children who leave by the outcome.
    days : ndarray of int64
        Day of each slot.
    starts : ndarray of int64
        First slot of each stratum.
    entered, ended : ndarray
        First and last days at risk of all strata together: how many on each day.
    """

    covariates: np.ndarray
    leaving: csr_matrix
    events: csr_matrix
    days: np.ndarray
    starts: np.ndarray
    entered: np.ndarray
    ended: np.ndarray

    def at_risk(self, sums: np.ndarray) -> np.ndarray:
        """Sums by pattern, shape (patterns, k), over the children at risk in each slot: shape (slots, k)."""
        leaving = self.leaving @ sums
        for start, stop in zip(self.starts, [*self.starts[1:], len(leaving)], strict=True):
            leaving[start:stop] = np.cumsum(leaving[start:stop][::-1], axis=0)[::-1]
        return leaving


def design(covariates: np.ndarray, stratum: np.ndarray, entries: Cells, exits: Cells, events: Cells) -> Design:
    """Lay counts out by slot.

    Parameters
    ----------
    covariates : ndarray, shape (patterns, columns)
    stratum : ndarray of int64, shape (patterns,)
    entries, exits, events : (pattern, day, children)
        First days at risk, last days at risk, and which of these are exits by the outcome.

    Raises
    ------
    SurvivalInputError
        If nobody leaves by the outcome.
    """
    from scipy.sparse import csr_matrix

    if not events[2].sum():
        raise SurvivalInputError("Nobody leaves by the outcome, so no rate can be compared.")
    length = int(exits[1].max()) + 1
    patterns = len(covariates)
    slots = np.unique(stratum[events[0]] * length + events[1])
    of_stratum = slots // length
    first = np.searchsorted(of_stratum, stratum)  # first slot of the stratum of each pattern

    def place(cells: Cells, side: str, back: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pattern, day, children = cells
        slot = np.searchsorted(slots, stratum[pattern] * length + day, side) - back
        there = slot >= first[pattern]  # else gone before the first slot, or there from it on
        return slot[there], pattern[there], children[there].astype(float)

    gone, came, left = place(exits, "right", 1), place(entries, "left", 1), place(events, "left", 0)
    shape = (slots.size, patterns)
    leaving = csr_matrix((gone[2], gone[:2]), shape) - csr_matrix((came[2], came[:2]), shape)
    weight = np.bincount(exits[0], exits[2], minlength=patterns)
    centred = covariates - weight @ covariates / weight.sum()
    starts = np.flatnonzero(np.diff(of_stratum, prepend=-1))
    entered, ended = (np.bincount(cells[1], cells[2], minlength=length) for cells in (entries, exits))
    return Design(centred, leaving, csr_matrix((left[2], left[:2]), shape), slots % length, starts, entered, ended)


def contributions(
    what: Design, coefficients: np.ndarray, ties: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log partial likelihood, score and information of each slot: shapes (slots,), (slots, k), (slots, k, k)."""
    x = what.covariates
    size = x.shape[1]
    predictor = x @ coefficients
    shift = predictor.max(initial=0.0)  # cancels, and keeps the exponential finite
    risk = np.exp(predictor - shift)
    moments = risk[:, None] * np.hstack([np.ones((len(x), 1)), x, (x[:, :, None] * x[:, None]).reshape(len(x), -1)])
    s, e = what.at_risk(moments), what.events @ moments
    deaths = np.asarray(what.events.sum(axis=1)).ravel()
    observed = what.events @ x
    logs, a1, a2 = _efron(s[:, 0], e[:, 0], deaths) if ties == "efron" else _breslow(s[:, 0], deaths)
    if ties == "breslow":
        e = np.zeros_like(e)
    # with phi = S0 - l/D E0, (S1 - l/D E1) / phi is e1 + u / phi, and likewise for the second moments
    scaled = e / np.where(e[:, :1] > 0, e[:, :1], 1.0)
    rest = s - scaled * s[:, :1]
    e1, u = scaled[:, 1 : size + 1], rest[:, 1 : size + 1]
    e2, v = (part[:, size + 1 :].reshape(-1, size, size) for part in (scaled, rest))
    number, a1, a2 = deaths[:, None], a1[:, None], a2[:, None]
    score = observed - number * e1 - a1 * u
    cross = e1[:, :, None] * u[:, None]
    information = (
        number[..., None] * (e2 - e1[:, :, None] * e1[:, None])
        + a1[..., None] * (v - cross - np.swapaxes(cross, 1, 2))
        - a2[..., None] * (u[:, :, None] * u[:, None])
    )
    return observed @ coefficients - deaths * shift - logs, score, information


def _breslow(s0: np.ndarray, deaths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return deaths * np.log(s0), deaths / s0, deaths / s0**2


def _efron(s0: np.ndarray, e0: np.ndarray, deaths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums over l = 0 .. D-1 of log(phi), 1/phi and 1/phi^2, where phi = S0 - l E0 / D."""
    from scipy.special import gammaln, polygamma

    sums = np.empty((3, s0.size))
    few = deaths <= MOST_TIES_ADDED
    number = deaths[few].astype(int)
    first = np.cumsum(number) - number
    nth = np.arange(number.sum()) - np.repeat(first, number)
    phi = np.repeat(s0[few], number) - nth * np.repeat(e0[few] / number, number)
    if number.size:
        sums[:, few] = np.add.reduceat(np.stack([np.log(phi), 1 / phi, 1 / phi**2]), first, axis=1)
    if not few.all():
        d, step = deaths[~few], e0[~few] / deaths[~few]
        top = s0[~few] / step + 1
        low = np.maximum(top - d, 1.0)
        sums[0, ~few] = d * np.log(step) + gammaln(top) - gammaln(low)
        sums[1, ~few] = (polygamma(0, top) - polygamma(0, low)) / step
        sums[2, ~few] = (polygamma(1, low) - polygamma(1, top)) / step**2
    return sums[0], sums[1], sums[2]


def total(parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[float, np.ndarray, np.ndarray]:
    """Log partial likelihood, score and information of all slots."""
    return float(parts[0].sum()), parts[1].sum(axis=0), parts[2].sum(axis=0)


def check_collinear(information: np.ndarray, names: list[str]) -> None:
    """Raise :class:`SurvivalInputError` naming the first column that says nothing beside those before it."""
    own = np.diag(information)
    for j, name in enumerate(names):
        others = information[:j, :j]
        explained = information[j, :j] @ np.linalg.solve(others, information[:j, j]) if j else 0.0
        if own[j] - explained <= NOTHING_LEFT * max(own[j], np.finfo(float).tiny):
            alone = own[j] <= 0
            raise SurvivalInputError(
                f"Covariate '{name}' does not vary among children at risk together."
                if alone
                else f"Covariate '{name}' is collinear: it can be worked out from the covariates before it.",
                where="" if alone else f"Before it: {', '.join(names[:j])}.",
                remedy="Leave it out.",
            )


def fit(what: Design, ties: str, names: list[str]) -> np.ndarray:
    """Return the coefficients of greatest partial likelihood, by Newton's method with halved steps.

    Raises
    ------
    SurvivalInputError
        If a covariate is collinear with others, or an estimate has no bound: nobody with some value leaves, or
        everybody who leaves has it.
    """
    coefficients = np.zeros(what.covariates.shape[1])
    loglik, score, information = total(contributions(what, coefficients, ties))
    check_collinear(information, names)
    scale = np.sqrt(np.outer(np.diag(information), np.diag(information)))
    least = np.linalg.eigvalsh(information / scale)[0]
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(information, score)
        trial = total(contributions(what, coefficients + step, ties))
        while not trial[0] >= loglik - 1e-9 * abs(loglik):
            step = step / 2
            trial = total(contributions(what, coefficients + step, ties))
        coefficients = coefficients + step
        loglik, score, information = trial
        left, axes = np.linalg.eigh(information / scale)
        if left[0] < UNBOUNDED * least:
            break
        if (np.abs(step) * np.sqrt(np.diag(information)) < SAME_STEP).all():
            return coefficients
    raise no_bound(names[int(np.argmax(np.abs(axes[:, 0])))])


def no_bound(name: str) -> SurvivalInputError:
    """Error for a column whose coefficient grows without end."""
    return SurvivalInputError(
        f"The hazard ratio of '{name}' has no bound: with some value of it nobody leaves, or only they do.",
        remedy="Join it with another level, or leave it out.",
    )
