"""On children whose hazards are known, the headline is unbiased; the everyday averages are not."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pace_analysis.care import follow_up
from pace_analysis.care.followup import FIRST_END
from pace_analysis.dates import Quarter
from pace_analysis.everyday import EVERYONE, FINISHED_ONLY, everyday_measures
from pace_analysis.extract.sample import EXAMPLESHIRE, Entry, first_waits, share_decided, simulate, snapshot
from pace_analysis.survival import cumulative_incidence, life_table

CUT = date(2015, 9, 30)
ENTERED = (date(2014, 10, 1), date(2015, 9, 30))  # half of them have not been followed for six months
DAY = 182


@pytest.fixture(scope="module")
def councils():
    """Waits of entrants of one year in a large simulated council, seen at the data cut; and their entries."""
    lives = simulate(3, intake=10.0)
    frame = follow_up(snapshot(lives, CUT, faults=False)).frame
    first, last = map(pd.Timestamp, ENTERED)
    seen = frame[frame["started"].between(first, last)]
    entries = [wait[0] for wait in first_waits(lives) if ENTERED[0] <= wait[0].entered <= ENTERED[1]]
    assert len(seen) == len(entries) > 1_000
    return seen, entries


def outcome(frame: pd.DataFrame) -> np.ndarray:
    return np.where(frame["outcome"] == 0, 0, np.where(frame["outcome"] < FIRST_END, 1, 2))


def test_cumulative_incidence_is_unbiased_where_completed_waits_are_not(councils):
    seen, entries = councils
    truth = share_decided(EXAMPLESHIRE, DAY, entries)
    curve = cumulative_incidence(life_table(seen["last_day"].to_numpy(), outcome(seen), n_outcomes=2), interval=None)
    at_day = curve[(curve["day"] == DAY) & (curve["outcome"] == 1)].iloc[0]
    # brothers and sisters share waits, so the Greenwood error is a little too small: allow four of them
    assert abs(at_day["estimate"] - truth) < 4 * at_day["std_error"]

    known = seen[outcome(seen) > 0]
    completed = known[outcome(known) == 1]["last_day"]
    assert (completed <= DAY).sum() / len(known) > truth + 0.10, "share of children with a known outcome"
    assert (completed <= DAY).mean() > truth + 0.25, "share of the decisions made"


def test_the_median_of_completed_waits_is_too_short(councils):
    seen, entries = councils
    everyone = life_table(seen["last_day"].to_numpy(), outcome(seen), n_outcomes=2)
    curve = cumulative_incidence(everyone, interval=None)
    decided = curve[curve["outcome"] == 1].set_index("day")["estimate"]
    completed = seen.loc[outcome(seen) == 1, "last_day"]
    half = float(completed.median())
    # had the completed waits been all there is, half of all children would be decided by their median
    assert decided[int(half)] < 0.40 * 0.9 + 0.05
    assert completed.mean() < true_mean(entries) - 30, "days: mean of completed waits against the truth"


def true_mean(entries: list[Entry]) -> float:
    """Mean days to a decision among children ever decided, by the hazards alone (horizon four years)."""
    sample = entries[:: max(len(entries) // 60, 1)]
    days = np.arange(0, 1461, 7)
    shares = np.array([share_decided(EXAMPLESHIRE, int(day), sample) for day in days])
    return float(np.sum((shares[-1] - shares[:-1]) * 7) / shares[-1])


BEFORE, AFTER = ["2011Q2", "2012Q2", "2013Q2"], ["2015Q1", "2015Q2", "2015Q4"]


@pytest.fixture(scope="module")
def everyday():
    """Five measures at the end of six quarters in two large simulated councils, before and with the programme."""
    quarters = [Quarter.parse(quarter) for quarter in BEFORE + AFTER]
    frame = pd.concat([everyday_measures(seed, 36.0, quarters=quarters) for seed in (3, 4)])
    return frame.assign(programme=frame["period"].isin(AFTER))


def pooled(rows: pd.DataFrame) -> tuple[float, float]:
    """Mean bias, and its standard error were the rows of different children (nearly all are)."""
    return rows["bias"].mean(), float(np.sqrt((rows["std_error"] ** 2).sum()) / len(rows))


@pytest.mark.slow
@pytest.mark.parametrize("measure", EVERYONE)
def test_the_headline_has_a_bias_under_one_point(everyday, measure):
    rows = everyday[everyday["measure"] == measure]
    bias, std_error = pooled(rows)
    assert std_error < 0.004, "the simulation is large enough to tell"
    assert abs(bias) < 0.01
    for _, half in rows.groupby("programme"):
        bias, std_error = pooled(half)
        assert abs(bias) < 4 * std_error, "nor do before and after cancel out"


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "before", "after"), [
    ("decisions this quarter", 0.08, 0.06), ("known outcome", 0.18, 0.11), ("completed only", 0.38, 0.26),
])
def test_counting_finished_waits_alone_runs_high(everyday, measure, before, after):
    rows = everyday[everyday["measure"] == measure]
    assert measure in FINISHED_ONLY and (rows["bias"] > 0.05).all()
    assert pooled(rows[~rows["programme"]])[0] > before
    assert pooled(rows[rows["programme"]])[0] > after


@pytest.mark.slow
def test_completed_waits_hide_more_than_half_of_an_improvement(everyday):
    means = everyday.groupby(["measure", "programme"])[["value", "truth"]].mean()
    gained = means.xs(True, level="programme") - means.xs(False, level="programme")
    assert gained.loc["completed only", "value"] < 0.5 * gained.loc["completed only", "truth"]
    assert gained.loc["entry cohort", "value"] == pytest.approx(gained.loc["entry cohort", "truth"], abs=0.02)
