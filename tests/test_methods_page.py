"""The methods page says what the code does: its worked table, its measured figures, its names and its commands."""

import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pace_analysis import survival
from pace_analysis.publish.disclosure import release_curve, release_period_share
from pace_analysis.survival import (
    cumulative_incidence,
    kaplan_meier,
    life_table,
    nelson_aalen,
    quantile,
    restricted_mean,
    share_by,
)
from pace_analysis.survival.intervals import confidence_limits

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
DATA = ROOT / "tests" / "oracles" / "data"
SIX_CHILDREN = life_table([10, 20, 20, 30, 45, 60], [1, 1, 2, 0, 1, 0])
LIMIT = 182  # days


def table_under(heading: str) -> list[list[str]]:
    """Cells of the first table under a heading: its column titles, then its rows."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ")[0]
    lines = re.search(r"(?:^\|.*\|\n)+", section, re.MULTILINE)[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [rows[0], *rows[2:]]


def figures(heading: str, column: int) -> dict[str, str]:
    """One column of a table, by the first."""
    return {row[0]: row[column] for row in table_under(heading)[1:]}


def six_children() -> list[list[str]]:
    """The worked table as the code gives it, on the days on which somebody leaves, day 0 and none else."""
    counts = SIX_CHILDREN.counts.set_index("day")
    waiting = kaplan_meier(SIX_CHILDREN).set_index("day")
    hazard = nelson_aalen(SIX_CHILDREN).set_index("day")
    share = {j: part.set_index("day") for j, part in cumulative_incidence(SIX_CHILDREN).groupby("outcome")}
    rows = []
    for day in (0, 10, 20, 30, 45, 60):
        numbers = counts.loc[day, ["at_risk", "outcome_1", "outcome_2", "censored"]]
        estimates = [waiting.at[day, "estimate"], waiting.at[day, "std_error"], hazard.at[day, "estimate"]]
        estimates += [share[j].at[day, column] for j in (1, 2) for column in ("estimate", "std_error")]
        estimates += [share[1].at[day, column] for column in ("lower", "upper")]
        rows.append([str(day), *map(str, numbers), *(f"{value:.4f}" for value in estimates)])
    return rows


def test_the_worked_table_is_what_the_code_gives():
    shown = table_under("The worked table of six children")[1:]
    for on_page, computed in zip(shown, six_children(), strict=True):
        assert on_page == computed


def test_what_is_said_below_the_worked_table_is_so():
    section = " ".join(PAGE.split("## The worked table of six children\n")[1].split("\n## ")[0].split())
    mean = restricted_mean(SIX_CHILDREN, 40).iloc[0]
    assert f"{mean['estimate']:.2f} days (standard error {mean['std_error']:.2f})" in section
    assert f"median is day {quantile(SIX_CHILDREN, 0.5)['all']}" in section
    share = share_by(SIX_CHILDREN, 60, outcome=1).iloc[0]
    assert f"effective number at day 60 is {share['effective_number']:.2f}" in section
    naive = 1 - kaplan_meier(life_table([10, 20, 20, 30, 45, 60], [1, 1, 0, 0, 1, 0]))["estimate"].iloc[-1]
    assert f"would say {naive:.4f}" in section


@pytest.mark.parametrize("name", survival.__all__)
def test_every_public_name_is_on_the_page(name):
    assert re.search(rf"`{name}[`(]", PAGE)


class TestCommands:
    SPANS = [" ".join(span.split()) for span in re.findall(r"`((?:python|make|pace|Rscript)\s[^`]+)`", PAGE)]

    def test_there_are_some_of_each_kind(self):
        assert {command.split()[0] for command in self.SPANS} == {"python", "make", "pace", "Rscript"}

    @pytest.mark.parametrize("command", sorted(set(SPANS)))
    def test_exists(self, command):
        program, *words = command.split()
        if program == "make":
            assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        elif program == "pace":
            from pace_analysis.cli import main

            with pytest.raises(SystemExit) as end:
                main([words[0], "--help"])
            assert end.value.code == 0
        elif program == "Rscript":
            assert (ROOT / "tests" / "oracles" / words[0]).is_file()
        elif words[:2] == ["-m", "pytest"]:
            path, *names = words[2].split("::")
            text = (ROOT / path).read_text(encoding="utf-8")
            assert all(re.search(rf"(?:class|def) {name}\b", text) for name in names)
        else:
            script = (ROOT / words[0]).read_text(encoding="utf-8")
            assert all(f'"{option}"' in script for option in words[1:])

    def test_files_named_exist(self):
        named = re.findall(r"`((?:tests|docs|benchmarks|pace_analysis|notebooks)/[\w./]+)`", PAGE)
        assert named and [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.slow
def test_measured_coverage():
    """Of 4,000 cohorts a cell, and the log-log interval beside it; none given counts as not covering."""
    header, *rows = table_under("How often the intervals cover")
    for children, *cells in rows:
        for waiting, cell in zip(header[1:], cells, strict=True):
            assert cell == coverage(int(children), float(waiting)), (children, waiting)


def coverage(children: int, waiting: float) -> str:
    generator, cohorts = np.random.default_rng([children, int(100 * waiting)]), 4000
    wait = np.floor(generator.exponential(-(LIMIT + 1) / np.log(waiting), (cohorts, children))).astype(int)
    some = generator.random((cohorts, children)) < 0.3
    lost = np.where(some, generator.integers(0, 365, (cohorts, children)), 999)
    last, seen = np.minimum(wait, lost), wait <= lost
    judged = (last.max(axis=1) >= LIMIT) | seen.all(axis=1)
    group = np.repeat(np.arange(judged.sum()), children)
    table = life_table(last[judged].ravel(), seen[judged].ravel(), group=group)
    exact = share_by(table, LIMIT)
    share, std_error = (exact[[name]].to_numpy() for name in ("estimate", "std_error"))
    least, most = confidence_limits(table, "log-log", 0.95, 1 - share, std_error)
    low, high = exact["lower"].to_numpy(), exact["upper"].to_numpy()
    ours = np.mean((low <= 1 - waiting) & (1 - waiting <= high))
    theirs = np.mean((least <= waiting) & (waiting <= most))
    return f"{ours:.3f} / {theirs:.3f}"


class TestDisclosureErrors:
    SHOWN = figures("What protection costs, measured", 1)
    SCALE = 250  # days, of Weibull waits

    @pytest.mark.parametrize(("name", "entry_over"), [
        ("curve, all followed a year", 0),
        ("curve, entry spread over three years", 1095),
    ])
    def test_of_grouped_curves(self, name, entry_over):
        furthest, at_limit = [], []
        for seed in range(40):
            table = self.cohort(seed, entry_over)
            points = release_curve(table, what="children", labels=["decided", "left"]).points
            exact = kaplan_meier(table, interval=None).set_index("day")["estimate"]
            days = np.arange(points["day"].iloc[-1] + 1)
            grouped = np.interp(days, [0, *points["day"]], [1, *points["waiting"]])
            error = np.abs(grouped - exact.reindex(days).ffill())
            furthest.append(error.max())
            at_limit.append(error[LIMIT])
        anywhere, at_26_weeks = (np.quantile(values, 0.95) for values in (furthest, at_limit))
        assert self.SHOWN[name] == f"{anywhere:.3f} on the worst day, {at_26_weeks:.3f} at 26 weeks"

    def cohort(self, seed, entry_over):
        generator, children = np.random.default_rng(seed), 200
        wait = (self.SCALE * generator.weibull(1.1, children)).astype(int)
        seen_for = 1095 - generator.integers(0, entry_over, children) if entry_over else np.full(children, 365)
        kind = np.where(generator.random(children) < 0.8, 1, 2)
        return life_table(np.minimum(wait, seen_for), np.where(wait <= seen_for, kind, 0), n_outcomes=2)

    def test_of_period_shares(self):
        errors = []
        for seed in range(20):
            table = self.quarter(seed)
            shown = release_period_share(table, what="children").estimate
            errors.append(abs(shown - share_by(table, LIMIT, outcome=1)["estimate"].iloc[0]))
        assert self.SHOWN["period share"] == f"{np.median(errors):.3f} in the middle, {max(errors):.3f} at worst"

    def quarter(self, seed):
        """Everybody waiting in one quarter of an authority that 300 children a year enter."""
        generator = np.random.default_rng(seed)
        start = generator.integers(-1500, 92, round(300 * 1592 / 365))
        wait = (self.SCALE * generator.weibull(1.1, start.size)).astype(int)
        outcome = np.where(start + wait <= 91, np.where(generator.random(start.size) < 0.8, 1, 2), 0)
        first, last = np.maximum(0, -start), np.minimum(wait, 91 - start)
        seen = first <= last
        return life_table(last[seen], outcome[seen], first_day=first[seen], n_outcomes=2)


class TestLifelines:
    """Figures of another library, at the version of the lock: when it mends them, the page is to be mended too."""

    SHOWN = figures("What differs from lifelines", 2)

    @pytest.fixture(autouse=True)
    def quiet(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of ties that are moved apart
            yield

    @staticmethod
    def rows(name):
        frame = pd.read_csv(DATA / f"{name}.csv")
        return frame["last_day"].to_numpy(), frame["cause"].to_numpy()

    def test_the_version_is_that_of_the_page(self):
        from importlib.metadata import version

        assert f"lifelines {version('lifelines')}" in PAGE

    def test_incidence_moves_ties(self):
        from lifelines import AalenJohansenFitter

        last, cause = self.rows("synth_main")
        theirs = []
        for seed in range(8):
            fitter = AalenJohansenFitter(calculate_variance=False, seed=seed)
            theirs.append(float(fitter.fit(last, cause, event_of_interest=2).predict(LIMIT)))
        ours = share_by(life_table(last, cause), LIMIT, outcome=2)["estimate"].iloc[0]
        said = self.SHOWN["incidence when outcomes share a day"]
        assert said == f"{min(theirs):.4f} to {max(theirs):.4f} over 8 seeds; {ours:.4f}"

    def test_median_of_a_flat_stretch(self):
        from lifelines import KaplanMeierFitter

        last, cause = self.rows("edge_flat_median")
        theirs = KaplanMeierFitter().fit(last, cause > 0).median_survival_time_
        ours = quantile(life_table(last, cause), 0.5)["all"]
        assert self.SHOWN["median where exactly half wait"] == f"day {theirs:.0f}; day {ours}"

    def test_day_by_which_19_in_20_have_left(self):
        from lifelines import KaplanMeierFitter

        theirs = ours = 0
        for children in range(20, 401, 20):
            last, true = np.arange(1, children + 1), children * 19 // 20
            theirs += KaplanMeierFitter().fit(last, np.ones(children)).percentile(0.05) != true
            ours += quantile(life_table(last, np.ones(children, int)), 0.95)["all"] != true
        assert self.SHOWN["day by which 95% have left"] == f"wrong in {theirs} of 20; in {ours}"

    def test_error_of_a_restricted_mean(self):
        from lifelines import KaplanMeierFitter
        from lifelines.utils import restricted_mean_survival_time

        last, cause = self.rows("synth_main")
        fitted = KaplanMeierFitter().fit(last, cause > 0)
        mean, variance = restricted_mean_survival_time(fitted, 365, return_variance=True)
        ours = restricted_mean(life_table(last, cause), 365).iloc[0]
        assert mean == pytest.approx(ours["estimate"], rel=1e-9)
        said = self.SHOWN["standard error of a restricted mean"]
        assert said == f"{variance**0.5:.1f} days; {ours['std_error']:.1f} days"


def test_a_naive_comparison_with_a_target_fails_as_often_as_said():
    failed = 0
    for decided in range(1, 101):
        generator = np.random.default_rng(decided)
        in_time, late = generator.integers(0, LIMIT + 1, 19 * decided), generator.integers(LIMIT + 1, 400, decided)
        last = np.concatenate([in_time, late])
        curve = kaplan_meier(life_table(last, np.ones_like(last)), interval=None).set_index("day")
        failed += not 1 - curve.at[LIMIT, "estimate"] >= 0.95
    assert f"fails in {failed} of 100 cohorts" in PAGE


def test_the_versions_of_r_are_those_of_the_references():
    said = re.search(r"R [\d.]+, survival [\d.-]+, cmprsk [\d.-]+", PAGE)[0]
    assert said in (ROOT / "tests" / "oracles" / "README.md").read_text(encoding="utf-8")


def test_the_page_is_short_and_its_tables_are_whole():
    assert len(PAGE.splitlines()) < 260
    for block in re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1, block
