"""Where children wait, as released: parts add up, nothing unprotected gets out, later quarters change nothing."""

from dataclasses import replace

import pytest

from pace_analysis.answers.journey import LIMIT_WEEKS, journey_answers
from pace_analysis.figures.style import spread
from pace_analysis.journey import journey_stays, pathway_of, where_time_goes
from pace_analysis.publish import journeywords
from pace_analysis.publish.disclosure import Refused, ReleasedCurve, ReleasedEstimate, publishable
from pace_analysis.study import open_study


@pytest.fixture(scope="module")
def told(study):
    return journey_answers(study)


@pytest.fixture(scope="module")
def exact():
    return journey_answers(open_study("exampleshire", "2015Q3", profile="internal"))


def test_every_part_has_passed_the_gate(told):
    assert len(told.parts) > 10
    for part in told.parts:
        assert publishable(part) is part


def test_shares_of_the_stages_add_to_one_in_every_week(told):
    shares = told.occupancy.shares
    assert shares.sum(axis=1).round(12).eq(1).all()
    assert shares.index[0] == 0 and 26 in shares.index


def test_days_in_the_stages_add_to_the_whole_time(told):
    assert sum(told.occupancy.expected_days().values()) == pytest.approx(182)


def test_released_days_are_near_the_exact_ones(told, study):
    exact = where_time_goes(study, told.occupancy.year, 182).set_index("stage")["estimate"]
    for state, days in told.occupancy.expected_days().items():
        assert days == pytest.approx(exact[state], abs=8), state


def test_protection_moves_a_share_by_a_few_points_only(told, exact):
    difference = (told.occupancy.shares - exact.occupancy.shares).abs().to_numpy().max()
    assert difference < 0.04


def test_the_answers_are_the_same_twice(told):
    earlier = journey_answers(open_study("exampleshire", "2015Q3", data="data/sample/exampleshire/2015Q3"))
    assert earlier.occupancy.shares.equals(told.occupancy.shares)


def test_every_stage_has_time_gain_and_children_waiting_now(told):
    assert [answer.stage.partner for answer in told.stages] == ["social work", "social work", "legal services", "social work"]
    assert all(isinstance(answer.curve, ReleasedCurve | Refused) for answer in told.stages)
    gains = [answer.gain for answer in told.stages]
    assert all(isinstance(gain, ReleasedEstimate) and gain.lower <= gain.value <= gain.upper for gain in gains)
    longest = max(told.stages, key=lambda answer: answer.gain.value)
    assert longest.stage.title == "Deciding on return home"


def test_limits_of_the_law_are_counted_among_those_due(told, exact):
    (review, share), _ = told.clocks
    (_, known), _ = exact.clocks
    assert review.id == "first-review" and abs(share.percent - known.percent) <= 3


def test_the_busiest_stage_is_named_and_the_model_stated(told):
    ranked = sorted(((a.stage.title, a.stage.partner, a.gain) for a in told.stages), key=lambda row: -row[2].value)
    words = journeywords.blockage_position(ranked, "6 months")
    assert "deciding on return home (held by social work)" in words and "nothing else would change" in words
    assert journeywords.blockage_position([], "6 months").endswith("too few children to tell.")


def test_without_a_year_that_is_followed_long_enough_nothing_is_shown():
    early = journey_answers(open_study("exampleshire", "2010Q4"))
    assert isinstance(early.occupancy, Refused) and not early.years
    assert all(isinstance(answer.gain, Refused) and isinstance(answer.curve, Refused) for answer in early.stages)


def test_names_beside_a_figure_never_touch():
    places = spread([0.1, 0.11, 0.5, 0.97, 0.99], 0.075, 0.96)
    assert all(after - before > 0.0749 for before, after in zip(places, places[1:], strict=False))
    assert places[-1] <= 0.96


def test_a_stage_that_everybody_enters_too_late_to_be_told_of_is_not_shown(study):
    stays = journey_stays(study, until=pathway_of(study).decision).frame
    late = stays[(stays["began"] > 7 * LIMIT_WEEKS) & (stays["started"].dt.year == 2013)].iloc[0]
    tables = study.tables
    alone = replace(tables, period=tables.period[tables.period["period_id"] == late["period_id"]])
    told = journey_answers(replace(study, tables=alone))
    curve = next(answer.curve for answer in told.stages if answer.stage.id == late["stage"])
    assert isinstance(curve, Refused) and curve.code == "nobody"
