"""One aim by kind of child: the kinds are those of the aims, and their protected parts add up."""

import pytest
from conftest import run_pace

from pace_analysis.aims import eligible, in_time
from pace_analysis.answers.cohorts import AGES, STAYS, by_cohort
from pace_analysis.errors import SettingsError
from pace_analysis.publish.disclosure import Refused, ReleasedShare
from pace_analysis.report.everyaim import every_aim
from pace_analysis.settings import load_aim, load_aims
from pace_analysis.study import open_study

AIM = "exampleshire-decision-in-six-months"


def test_ages_and_stays_are_counted_of_the_latest_year_that_is_fully_followed(study):
    exact = by_cohort(open_study("exampleshire", "2015Q3", profile="internal"), load_aim(AIM))
    follow = eligible(study, load_aim(AIM))
    cohort = follow.where(follow.frame["started"].between("2014-04-01", "2015-03-31"))
    young = cohort.where(cohort.frame["age"] <= 3)
    told = dict(exact.shares)["aged three and under"]
    assert (told.numerator, told.denominator) == (int((in_time(young, load_aim(AIM)) & young.decided).sum()), len(young.frame))
    assert sum(dict(exact.shares)[kind].denominator for kind in AGES) == len(cohort.frame)


def test_protected_parts_add_up_to_the_kinds_that_sum_them(study):
    shares = dict(by_cohort(study, load_aim(AIM)).by_age)
    young, next_, both = (shares[kind] for kind in ("aged three and under", "aged four or five", "aged five and under"))
    assert young.denominator + next_.denominator == both.denominator
    assert all(share.denominator % 5 == 0 for share in shares.values() if isinstance(share, ReleasedShare))


def test_few_children_of_a_kind_are_refused(study):
    assert isinstance(dict(by_cohort(study, load_aim(AIM)).by_stay)[STAYS[1]], Refused)


def test_an_aim_for_young_children_has_no_row_of_older_ones(study):
    kinds = dict(by_cohort(study, load_aim("aberdeen-city-placed-in-12-months")).by_age)
    assert set(kinds) == {"aged three and under", "aged four or five", "aged five and under"}


def test_every_stated_aim_is_answered_with_number_interval_verdict_and_trend(study):
    text = every_aim(study)
    for aim in load_aims().values():
        assert aim.id in text and aim.says in text
    assert text.count("trend: For children whose clock started in") == len(load_aims())
    assert "met" in text and "95% confidence interval" in text


def test_the_command_answers_or_lists():
    listed = run_pace("aims")
    assert listed.returncode == 0 and "clock: accommodated" in listed.stdout
    alone = run_pace("aims", "--authority", "exampleshire")
    assert alone.returncode == 2 and "go together" in alone.stderr


def test_an_aim_on_an_unknown_milestone_is_one_clear_message(study):
    with pytest.raises(SettingsError, match="'panell' is not a milestone") as refused:
        by_cohort(study, load_aim(AIM).model_copy(update={"finish": "panell"}))
    assert AIM in refused.value.where and "panel" in refused.value.remedy
