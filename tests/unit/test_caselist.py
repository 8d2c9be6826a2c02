"""Who waits where: ten children by hand, the sample held to the follow-up, and nothing that a gate would let out."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from test_care import recommended, tables

from pace_analysis.aims import eligible
from pace_analysis.answers.board import BANDS as BOARD_BANDS
from pace_analysis.caselist import AHEAD_DAYS, BANDS, TO_FIX, CaseList, pack
from pace_analysis.errors import DisclosureRefused, SettingsError
from pace_analysis.publish import disclosure as gate
from pace_analysis.settings import load_aim
from pace_analysis.study import Study, open_study
from pace_analysis.tables.check import check, set_aside

START = "2015-01-01"


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study("exampleshire", "2015Q3", identified=True)


@pytest.fixture(scope="module")
def cases(study) -> CaseList:
    return pack(study)


def met(period: str, milestone: str, day: str) -> dict:
    return {"period_id": period, "milestone": milestone, "date": day, "route": ""}


def of(study: Study, care) -> Study:
    """The study with other children, checked as an extract is."""
    report = check(care)
    kept, accounts = set_aside(care, report)
    return replace(study, tables=kept, check=report, accounts=accounts)


@pytest.fixture(scope="module")
def by_hand(study) -> CaseList:
    """Ten children; six months from 30 March 2015 end on 30 September, the data cut."""
    starts = {"over": START, "over by a day": "2015-03-29", "last day": "2015-03-30",
              "first review today": "2015-08-19", "first review over": "2015-08-18",
              "review skipped": "2015-08-01", "at panel": START,
              "no decision recorded": START, "left": START, "order": START}
    ended = {"left": {"end_date": "2015-06-01"}}
    return pack(of(study, tables(
        [{"period_id": name, "start_date": day, **ended.get(name, {})} for name, day in starts.items()],
        [
            met("over", "first_review", "2015-02-01"), met("over by a day", "first_review", "2015-04-01"),
            met("last day", "first_review", "2015-09-30"),
            met("review skipped", "rehabilitation_ruled_out", "2015-09-20"),
            recommended("at panel", "2015-08-01", "adoption"), met("at panel", "panel", "2015-09-01"),
            met("no decision recorded", "panel", "2015-09-20"),
            recommended("order", "2015-04-01", "adoption"), met("order", "order_granted", "2015-09-01"),
        ],
    )))


def column(cases: CaseList, name: str) -> dict:
    return cases.waiting.set_index("child_id")[name].dropna().to_dict()


class TestTenChildrenByHand:
    def test_only_children_in_care_and_still_on_the_way_are_listed(self, by_hand):
        assert set(by_hand.waiting["child_id"]) == {
            "over", "over by a day", "last day", "first review today", "first review over", "review skipped",
            "at panel", "no decision recorded",
        }

    def test_days_to_the_limit_count_its_last_day_as_left(self, by_hand):
        left = column(by_hand, "days_to_limit")
        assert left["over"] == (date(2015, 7, 1) - date(2015, 9, 30)).days == -91
        assert (left["over by a day"], left["last day"]) == (-1, 0)
        assert left["no decision recorded"] == -91 and "at panel" not in left
        assert by_hand.over == 3

    def test_days_waiting_and_days_in_stage_are_whole_days_to_the_data_cut(self, by_hand):
        waiting, stage = column(by_hand, "days_waiting"), column(by_hand, "days_in_stage")
        assert (waiting["over"], stage["over"]) == (272, 241)
        assert (waiting["last day"], stage["last day"]) == (184, 0)
        assert (waiting["at panel"], stage["at panel"]) == (272, 29)

    def test_the_stage_names_the_partner_who_holds_it(self, by_hand):
        held = {partner: set(frame["child_id"]) for partner, frame in by_hand.by_partner()}
        assert held["agency decision maker"] == {"at panel", "no decision recorded"}
        assert held["legal services"] == {"review skipped"}
        assert list(held) == ["social work", "legal services", "agency decision maker"]

    def test_the_next_clock_is_one_whose_step_is_still_ahead(self, by_hand):
        due = {child: str(day.date()) for child, day in column(by_hand, "clock_due").items()}
        assert due == {"first review today": "2015-09-30", "first review over": "2015-09-29", "at panel": "2015-09-15",
                       "no decision recorded": "2015-10-04"}
        assert column(by_hand, "clock")["at panel"] == "agency decision"
        assert by_hand.clocks_over == 2

    def test_longest_over_comes_first_and_children_without_a_limit_last(self, by_hand):
        assert by_hand.waiting["child_id"].tolist() == [
            "over", "no decision recorded", "over by a day", "last day", "review skipped", "first review over",
            "first review today", "at panel",
        ]

    def test_bands_count_everyone_without_a_decision_whatever_the_stage(self, by_hand):
        assert by_hand.bands.loc["39 to 51 weeks"].to_dict() == {
            "first-review": 0, "return-home": 0, "planning-meeting": 0, "recommendation": 0, "agency-decision": 0,
        }
        assert by_hand.bands.loc["26 to 38 weeks", ["return-home", "agency-decision"]].tolist() == [3, 1]
        assert by_hand.bands.to_numpy().sum() == 7 and column(by_hand, "decided")["at panel"]

    def test_limits_ahead_reach_from_the_data_cut_over_six_weeks(self, by_hand):
        found = [(str(row.due.date()), row.days_left, row.limit, row.child_id) for row in by_hand.ahead.itertuples()]
        assert found == [("2015-09-30", 0, "aim", "last day"), ("2015-09-30", 0, "first review", "first review today"),
                         ("2015-10-04", 4, "agency decision", "no decision recorded")]
        assert (by_hand.ahead_until - by_hand.as_at).days == AHEAD_DAYS == 42

    def test_the_edge_of_six_weeks_is_within_and_the_day_after_is_not(self, study):
        # six months from these days end on 11 and 12 November 2015
        care = tables([{"period_id": "in", "start_date": "2015-05-11"},
                       {"period_id": "out", "start_date": "2015-05-12"}],
                      [met("in", "first_review", "2015-06-01"), met("out", "first_review", "2015-06-01")])
        assert pack(of(study, care)).ahead[["child_id", "days_left"]].to_numpy().tolist() == [["in", 42]]


class TestTheSample:
    def test_children_without_a_decision_are_those_of_the_follow_up(self, study, cases):
        follow = study.decision
        undecided = cases.waiting.index[~cases.waiting["decided"]]
        assert set(undecided) == set(follow.frame.index[follow.waiting])
        assert cases.bands.to_numpy().sum() == follow.waiting.sum() == len(undecided)

    def test_days_over_and_left_are_those_of_the_aim(self, study, cases):
        aim = load_aim(study.authority.aim)
        follow = eligible(study, aim)
        waiting = follow.frame[follow.waiting]
        due = pd.Series(aim.within.due(waiting["started"].to_numpy()), index=waiting.index)
        left = cases.waiting["days_to_limit"].dropna()
        assert set(left.index) == set(waiting.index)
        assert (left == (due - pd.Timestamp(study.as_at)).dt.days.reindex(left.index)).all()
        assert cases.over == int((due < pd.Timestamp(study.as_at)).sum()) > 0

    def test_the_bands_are_those_of_the_board_report(self, study, cases):
        assert [(name, 7 * weeks - 1) for name, weeks in list(BANDS.items())[:-1]] == [
            (name, last) for name, (_, last) in list(BOARD_BANDS.items())[:-1]]
        assert list(BANDS) == list(BOARD_BANDS)
        days = study.decision.frame.loc[study.decision.waiting, "last_day"]
        counted = [int(days.between(*band).sum()) for band in BOARD_BANDS.values()]
        assert cases.bands.sum(axis=1).tolist() == counted

    def test_every_listed_child_is_held_by_one_partner(self, cases):
        held = [child for _, frame in cases.by_partner() for child in frame["child_id"]]
        assert sorted(held) == sorted(cases.waiting["child_id"]) and len(held) > 200

    def test_a_cohort_of_the_aim_has_a_limit_and_the_others_are_listed_without(self, study, cases):
        young = load_aim(study.authority.aim).model_copy(update={"age_under": 5})
        fewer = pack(study, young)
        assert len(fewer.waiting) == len(cases.waiting)
        assert 0 < fewer.waiting["days_to_limit"].notna().sum() < cases.waiting["days_to_limit"].notna().sum()


class TestRestricted:
    def test_no_profile_lets_the_list_through_the_gate(self, cases):
        for internal in (True, False):
            with pytest.raises(DisclosureRefused, match="CaseList has not passed"):
                gate.publishable(cases, internal=internal)
        assert cases.release == "INTERNAL"

    def test_it_holds_no_date_of_birth_and_no_name(self, study, cases):
        born = set(study.tables.child["date_of_birth"])
        frames = (cases.waiting, cases.bands, cases.ahead, cases.to_fix)
        dates = {frame[name].name for frame in frames for name in frame if frame[name].dtype.kind == "M"}
        assert dates == {"clock_due", "due"}
        words = " ".join(str(cell) for frame in frames for cell in frame.select_dtypes("object").to_numpy().ravel())
        assert not [day for day in born if day.strftime("%Y-%m-%d") in words]
        assert not any("birth" in name or "name" in name for frame in frames for name in map(str, frame))


class TestDataToFix:
    def test_children_without_a_decision_come_before_other_children_and_the_cap_is_counted(self, study, cases):
        assert len(cases.to_fix) == TO_FIX
        assert cases.to_fix_more == len(study.check.findings) - TO_FIX > 0
        undecided = set(cases.waiting.loc[~cases.waiting["decided"], "child_id"])
        listed = set(cases.waiting["child_id"])
        far = [0 if child in undecided else 1 if child in listed else 2 for child in cases.to_fix["child_id"]]
        assert far == sorted(far) and 0 in far

    def test_errors_come_first_and_a_row_set_aside_still_names_its_record(self, study):
        care = tables(
            [{"period_id": "ends before it starts", "start_date": START, "end_date": "2014-12-01"},
             {"period_id": "alone", "start_date": START}],
            children=[{"child_id": "ends before it starts", "date_of_birth": "2012-01-01"},
                      {"child_id": "alone", "date_of_birth": "2012-01-01", "sibling_group": "s"}],
        )
        found = pack(of(study, care))
        assert found.waiting["child_id"].tolist() == ["alone"]
        assert found.to_fix["severity"].iloc[0] == "error" and found.to_fix["id"].iloc[0] == "ends before it starts"
        assert found.to_fix["child_id"].iloc[0] == ""
        assert found.to_fix["severity"].is_monotonic_increasing
        assert "alone" in set(found.to_fix.loc[found.to_fix["severity"] == "warning", "child_id"])
        assert all(found.to_fix["remedy"]) and found.to_fix_more == 0

    def test_what_a_rule_of_the_whole_table_counted_is_said(self):
        lag = open_study("exampleshire", "2015Q2")
        fix = pack(replace(lag, check=lag.check.only(["M27"]))).to_fix
        assert fix[["row", "id", "child_id"]].to_numpy().tolist() == [[0, "", ""]]
        assert "7 recommendations in the six weeks" in fix["says"].iloc[0]


def test_nobody_waiting_is_an_empty_list(study):
    empty = pack(of(study, tables([{"period_id": "left", "start_date": START, "end_date": "2015-06-01"}])))
    assert empty.waiting.empty and empty.ahead.empty and list(empty.by_partner()) == []
    assert (empty.bands.to_numpy().sum(), empty.over, empty.clocks_over) == (0, 0, 0)


def test_an_authority_without_an_aim_is_told_which_there_are(study):
    aimless = replace(study, authority=study.authority.model_copy(update={"aim": ""}))
    with pytest.raises(SettingsError, match="no aim"):
        pack(aimless)
