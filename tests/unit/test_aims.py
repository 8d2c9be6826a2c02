"""Progress towards an aim on the sample: denominators, maturity, filters, and the exact numbers behind the protected ones."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from pace_analysis import aims
from pace_analysis.answers.board import BANDS, adoptions_by_year, board_answers, waiting_bands
from pace_analysis.care.followup import FIRST_END
from pace_analysis.dates import Limit
from pace_analysis.errors import DataRulesError, DisclosureRefused, InputError, SettingsError
from pace_analysis.publish import disclosure as gate
from pace_analysis.publish.earlier import Earlier
from pace_analysis.settings import Aim, load_aim
from pace_analysis.study import Study, open_study
from pace_analysis.survival import share_by


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study("exampleshire", "2015Q3")


@pytest.fixture(scope="module")
def aim() -> Aim:
    return load_aim("exampleshire-decision-in-six-months")


def test_only_years_whose_last_entrant_was_followed_to_the_limit_are_mature(study, aim):
    years = [str(year) for year in aims.mature_years(study, aim)]
    assert years == ["2010/11", "2011/12", "2012/13", "2013/14", "2014/15"]
    longer = aim.model_copy(update={"within": Limit(184, "days")})
    assert [str(year) for year in aims.mature_years(study, longer)] == years[:-1]


def test_cohort_counts_are_every_entrant_once(study, aim):
    counts = aims.cohort_counts(study, study.decision, aim)
    started = study.decision.frame["started"]
    for year in aims.mature_years(study, aim):
        entrants = started.between(pd.Timestamp(year.first_day), pd.Timestamp(year.last_day)).sum()
        assert counts.loc[str(year)].sum() == entrants


def test_the_cohort_share_agrees_with_the_life_table_up_to_the_months_lengths(study, aim):
    exact = aims.cohort_counts(study, study.decision, aim).loc["2013/14"]
    decided = exact.drop([aims.LEFT, aims.WAITING]).sum() / exact.sum()
    entered = study.decision.frame["started"].between("2013-04-01", "2014-03-31")
    table = aims.decision_table(study.decision.where(entered))
    early, late = (share_by(table, day, outcome=1)["estimate"].iloc[0] for day in (181, 184))
    assert early - 1e-9 <= decided <= late + 1e-9


def test_protected_shares_stay_close_to_the_exact_ones(study, aim):
    progress = aims.progress(study, aim)
    exact = aims.cohort_counts(study, study.decision, aim)
    for year, share in progress.years:
        row = exact.loc[str(year)]
        assert abs(share.numerator - row.drop([aims.LEFT, aims.WAITING]).sum()) < 5
        assert abs(share.denominator - row.sum()) < 5
    assert isinstance(progress.headline, gate.ReleasedShare)
    assert progress.verdict.verdict == "not met" and not progress.verdict.reaches


def test_the_three_ways_have_three_denominators(study, aim):
    progress = aims.progress(study, aim)
    headline, made, quarter = progress.headline, progress.decisions_made, progress.quarters[-1][1]
    assert "2014/15" in headline.what and "decisions made" in made.what and "in care in July to September 2015" in quarter.what
    decided = study.decision.where(study.decision.decided)
    in_quarter = decided.ended.between("2015-07-01", "2015-09-30").sum()
    assert abs(made.denominator - in_quarter) < 5


def test_the_period_share_is_close_to_the_exact_period_life_table(study, aim):
    for quarter, shown in aims.quarterly_shares(study, study.decision, aim):
        seen = study.decision.during(quarter.first_day, quarter.last_day)
        exact = share_by(aims.decision_table(seen), 182, outcome=1)["estimate"].iloc[0]
        assert isinstance(shown, gate.ReleasedPeriodShare)
        assert abs(shown.estimate - exact) < 0.09, quarter


def test_quarters_before_the_extract_opens_are_left_out(study, aim):
    shown = [str(quarter) for quarter, _ in aims.quarterly_shares(study, study.decision, aim)]
    assert shown[0] == "2010Q4" and shown[-1] == "2015Q3" and len(shown) == 20
    early = open_study("exampleshire", "2012Q1")
    assert str(aims.quarterly_shares(early, early.decision, aim)[0][0]) == "2010Q2", "the first that the extract covers"


def test_a_series_of_which_many_quarters_are_too_small_is_withheld_whole(study, aim):
    few = study.decision.where(study.decision.frame["child_id"].str[-1] == "7")
    shown = aims.quarterly_shares(study, few, aim)
    assert shown and {share for _, share in shown} == {aims.SELECTIVE}


def test_filters_keep_the_children_the_aim_is_about(study, aim):
    young = aims.eligible(study, aim.model_copy(update={"age_under": 6})).frame
    assert young["age"].max() == 5 and len(young) < len(study.decision.frame)
    first = aims.eligible(study, aim.model_copy(update={"stay": "first"})).frame
    again = aims.eligible(study, aim.model_copy(update={"stay": "returning"})).frame
    assert (first["stay"] == 1).all() and (again["stay"] > 1).all()
    assert len(first) + len(again) == len(study.decision.frame)
    adopted = aims.eligible(study, aim.model_copy(update={"routes": ("adoption",)})).frame
    assert set(adopted["outcome"]) == {4} and FIRST_END > 4


@pytest.mark.parametrize("aim_id", ["aberdeen-city-panel-in-12-weeks", "aberdeen-city-placed-in-12-months",
                                    "renfrewshire-decision-in-six-months"])
def test_other_sites_aims_are_answered_by_the_same_code(study, aim_id):
    progress = aims.progress(study, load_aim(aim_id))
    assert len(progress.cohorts) == len(progress.years) >= 4
    assert all(isinstance(table, gate.ReleasedTable | gate.Refused) for _, table in progress.cohorts)
    assert progress.aim.share in (Fraction(9, 10), Fraction(19, 20))


def test_a_limit_in_months_is_tried_as_weeks_and_days(study, aim):
    assert [str(limit) for limit in aims.other_limits(aim.within)] == ["26 weeks", "183 days"]
    assert aims.other_limits(Limit(12, "weeks")) == ()
    progress = aims.progress(study, aim)
    assert [count.words for _, count in progress.sensitivity] == ["fewer than 5"] * 2
    exact = aims.sensitivity(open_study("exampleshire", "2015Q3", profile="internal"), study.decision, aim)
    assert all(0 <= count.count < 5 for _, count in exact)


def test_waiting_bands_hold_every_child_still_waiting(study):
    table = waiting_bands(study, study.decision)
    assert table.rows == tuple(BANDS)
    assert abs(table.cell(table.total, "children") - study.decision.waiting.sum()) < 5
    edges = [band for band in BANDS.values()]
    assert all(high + 1 == low for (_, high), (low, _) in zip(edges, edges[1:]))


def test_known_public_figures_are_shown_as_published(study):
    table = adoptions_by_year(study)
    assert table.is_known and [table.cell(year, "children adopted") for year in table.rows] == [16, 18, 11, 17, 24]
    assert table.cell(table.total, "children adopted") == 86


def test_an_adoption_count_that_differs_from_the_published_one_is_refused(study):
    published = {("adoptions", "2010/11"): 15, ("adoptions", "2011/12"): 18}
    told = replace(study, earlier=Earlier(published=published))
    assert adoptions_by_year(told).code == "differs-from-published"


def test_an_internal_study_gives_exact_numbers_that_may_not_be_published():
    study = open_study("exampleshire", "2015Q3", profile="internal")
    answers = board_answers(study)
    exact = aims.cohort_counts(study, study.decision, answers.progress.aim)
    assert answers.progress.headline.denominator == exact.loc["2014/15"].sum()
    assert answers.progress.headline.release == gate.Release.INTERNAL


def test_nothing_that_did_not_pass_the_gate_becomes_an_answer(study):
    answers = board_answers(study)
    with pytest.raises(DisclosureRefused, match="DataFrame"):
        replace(answers, waiting=pd.DataFrame({"children": [3]}))
    internal = board_answers(open_study("exampleshire", "2015Q3", profile="internal"))
    with pytest.raises(DisclosureRefused, match="INTERNAL"):
        replace(answers, waiting=internal.waiting)


def test_an_earlier_quarter_is_cut_from_a_later_extract():
    study = open_study("exampleshire", "2015Q2", "data/sample/exampleshire/2015Q3")
    assert study.as_at == date(2015, 6, 30)
    assert study.decision.ended.max() <= pd.Timestamp("2015-06-30")
    assert str(aims.mature_years(study, load_aim("exampleshire-decision-in-six-months"))[-1]) == "2013/14"


def test_what_was_shown_of_a_year_does_not_change_when_its_children_are_followed_further(study):
    before = board_answers(open_study("exampleshire", "2015Q2", "data/sample/exampleshire/2015Q3"))
    after = board_answers(study)
    tables = {str(year): table.cells for year, table in after.progress.cohorts}
    assert len(before.progress.cohorts) == 4
    for year, table in before.progress.cohorts:
        pd.testing.assert_frame_equal(table.cells, tables[str(year)])
    curves = dict(after.curves)
    shared = [(year, curve) for year, curve in before.curves if year in curves]
    assert len(shared) == 2
    for year, curve in shared:
        pd.testing.assert_frame_equal(curve.points, curves[year].points.iloc[: len(curve.points)])


def test_a_quarter_before_the_extract_opens_is_refused():
    with pytest.raises(InputError, match="opens on 1 April 2010"):
        open_study("exampleshire", "2010Q1")


def test_an_aim_on_another_clock_is_refused_for_the_board_report(study):
    other = replace(study, authority=study.authority.model_copy(update={"aim": "aberdeen-city-panel-in-12-weeks"}))
    with pytest.raises(SettingsError, match="aberdeen-city-panel-in-12-weeks"):
        board_answers(other)


def test_children_whose_first_day_is_unknown_are_said_to_be_missing():
    study = open_study("ssda903-test", "2018Q1", "tests/data/ssda903/return_2018", drop_errors=True)
    assert board_answers(study).unknown_start.count > 0


def test_an_extract_that_ends_before_the_quarter_is_refused():
    with pytest.raises(InputError, match="ends on 30 September 2015"):
        open_study("exampleshire", "2015Q4", "data/sample/exampleshire/2015Q3")


def test_a_study_without_an_extract_says_where_to_name_one():
    with pytest.raises(SettingsError, match="has no extract"):
        open_study("ssda903-test", "2018Q1")


def test_broken_rules_stop_a_study_unless_told_otherwise():
    path = "tests/data/ssda903/return_2018"
    with pytest.raises(DataRulesError, match="break rules"):
        open_study("ssda903-test", "2018Q1", path)
    study = open_study("ssda903-test", "2018Q1", path, drop_errors=True)
    assert (study.accounts["read"] == study.accounts["used"] + study.accounts["set_aside"]).all()
    assert study.accounts["set_aside"].sum() > 0 and np.isin("period", study.accounts.index)
