from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from pace_analysis.care import Histories, follow_up, periods_of_care
from pace_analysis.care.followup import OUTCOMES
from pace_analysis.care.periods import birthday, completed_years
from pace_analysis.errors import SettingsError
from pace_analysis.settings import Definitions
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table

AS_AT = date(2015, 9, 30)


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[column.name for column in TABLES[name]], dtype="object")
    for column in TABLES[name]:
        if column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name], format="%Y-%m-%d")
        else:
            frame[column.name] = frame[column.name].fillna("")
    return frame


def tables(periods: list[dict], milestones: list[dict] = (), children: list[dict] | None = None,
           covers_from: date | None = None) -> CareTables:
    """Care tables from short rows; a child born in 2012 is made for every period."""
    periods = [{"kind": "away", "child_id": row["period_id"], "end_reason": "home" if row.get("end_date") else "", **row}
               for row in periods]
    children = children or [{"child_id": row, "date_of_birth": "2012-01-01"} for row in {p["child_id"]: 1 for p in periods}]
    return CareTables(
        child=table("child", children),
        period=table("period", periods),
        milestone=table("milestone", list(milestones)),
        change=empty_table("change"),
        extract=Extract("test", "canonical", AS_AT, covers_from),
    )


def recommended(period: str, day: str, route: str = "home") -> dict:
    return {"period_id": period, "milestone": "permanence_recommendation", "date": day, "route": route}


def waits(follow) -> dict[str, tuple]:
    return {row.Index: (row.first_day, row.last_day, OUTCOMES[row.outcome]) for row in follow.frame.itertuples()}


def test_each_kind_of_ending_on_a_calendar_worked_by_hand():
    care = tables(
        [
            {"period_id": "decided", "start_date": "2015-01-01"},
            {"period_id": "same day", "start_date": "2015-01-01"},
            {"period_id": "left", "start_date": "2015-01-01", "end_date": "2015-01-31"},
            {"period_id": "died", "start_date": "2015-01-01", "end_date": "2015-01-31", "end_reason": "died"},
            {"period_id": "decision after leaving", "start_date": "2015-01-01", "end_date": "2015-01-31"},
            {"period_id": "decided and home at once", "start_date": "2015-01-01", "end_date": "2015-01-31"},
            {"period_id": "before birth", "start_date": "2015-01-01"},
            {"period_id": "waiting", "start_date": "2015-09-30"},
        ],
        [
            recommended("decided", "2015-07-02", "adoption"),
            recommended("same day", "2015-01-01", ""),
            recommended("decision after leaving", "2015-02-01"),
            recommended("decided and home at once", "2015-01-31"),
            recommended("before birth", "2014-12-01", "kinship"),
        ],
    )
    follow = follow_up(care)
    assert waits(follow) == {
        "decided": (0, 182, "adoption"),
        "same day": (0, 0, "not_known"),
        "left": (0, 30, "left_care"),
        "died": (0, 30, "died"),
        "decision after leaving": (0, 30, "left_care"),
        "decided and home at once": (0, 30, "home"),
        "before birth": (0, 0, "kinship"),
        "waiting": (0, 0, "censored"),
    }
    assert list(follow.frame.index[follow.frame["pre_birth"]]) == ["before birth"]
    assert list(follow.frame.index[follow.waiting]) == ["waiting"]


def test_a_decision_dated_after_the_data_cut_is_not_known_yet():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}], [recommended("a", "2015-06-01")])
    assert waits(follow_up(care, as_at=date(2015, 5, 31))) == {"a": (0, 150, "censored")}
    assert waits(follow_up(care, as_at=date(2015, 6, 1))) == {"a": (0, 151, "home")}
    assert waits(follow_up(care, definitions=Definitions(recording_lag_days=122))) == {"a": (0, 150, "censored")}


def test_a_later_data_cut_never_removes_a_decision():
    care = tables(
        [{"period_id": str(n), "start_date": f"2015-0{1 + n % 6}-0{1 + n % 9}"} for n in range(30)],
        [recommended(str(n), f"2015-0{2 + n % 7}-15") for n in range(0, 30, 2)],
    )
    decided = [set(f.frame.index[f.decided]) for f in (follow_up(care, as_at=date(2015, m, 28)) for m in range(2, 10))]
    assert all(earlier <= later for earlier, later in zip(decided, decided[1:]))
    assert decided[0] < decided[-1]


def test_a_child_in_care_when_the_window_opens_enters_late():
    care = tables(
        [{"period_id": "late", "start_date": "2010-03-30"}, {"period_id": "gone", "start_date": "2010-01-01", "end_date": "2010-03-31"}],
        [recommended("late", "2010-04-01")], covers_from=date(2010, 4, 1))
    follow = follow_up(care)
    assert waits(follow) == {"late": (2, 2, "home")}
    assert follow.left_out["ended before the extract's window opens"] == 1


def test_the_eighteenth_birthday_ends_a_wait():
    children = [{"child_id": "a", "date_of_birth": "1997-03-01"}]
    care = tables([{"period_id": "a", "start_date": "2015-01-01", "end_date": "2015-06-01"}], children=children)
    assert waits(follow_up(care)) == {"a": (0, 59, "aged_out")}
    assert waits(follow_up(care, definitions=Definitions(ends_that_censor=("turned_18",)))) == {"a": (0, 59, "censored")}


def test_short_breaks_and_home_supervision_are_counted_and_left_out():
    care = tables([
        {"period_id": "a", "child_id": "1", "start_date": "2014-01-01", "end_date": "2014-02-01"},
        {"period_id": "b", "child_id": "1", "start_date": "2015-01-01"},
        {"period_id": "c", "child_id": "2", "start_date": "2015-01-01", "kind": "short_break"},
        {"period_id": "d", "child_id": "2", "start_date": "2015-02-01", "kind": "home"},
        {"period_id": "e", "child_id": "3", "start_date": "2015-02-01", "start_reason": "before_extract"},
    ])
    each = periods_of_care(care)
    assert list(each.frame["stay"]) == [1, 2]
    assert dict(each.left_out) == {"short break": 1, "supervised at home, not accommodated": 1,
                                   "began before the extract, on a day it does not hold": 1}
    first = periods_of_care(care, reentry="first")
    assert list(first.frame.index) == ["a"]
    assert first.left_out["second or later period of a child"] == 1


def test_a_ratifying_review_moves_the_decision_only_when_asked():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}], [
        recommended("a", "2015-02-01"),
        {"period_id": "a", "milestone": "ratifying_review", "date": "2015-03-01"},
    ])
    assert waits(follow_up(care))["a"][1] == 31
    assert waits(follow_up(care, definitions=Definitions(recommendation="ratified")))["a"][1] == 59


def test_a_period_life_table_sees_only_the_days_of_the_quarter():
    care = tables(
        [{"period_id": p, "start_date": d} for p, d in [("before", "2015-06-01"), ("in", "2015-08-01"), ("after", "2015-09-01")]],
        [recommended("before", "2015-07-10"), recommended("in", "2015-09-15")])
    seen = follow_up(care).during(date(2015, 7, 1), date(2015, 8, 31))
    assert waits(seen) == {"before": (30, 39, "home"), "in": (0, 30, "censored")}


def test_follow_up_to_a_day_censors_at_its_end():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}], [recommended("a", "2015-02-01")])
    assert waits(follow_up(care).up_to(30)) == {"a": (0, 30, "censored")}
    assert waits(follow_up(care).up_to(31)) == {"a": (0, 31, "home")}


def test_a_second_clock_starts_at_a_milestone():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}, {"period_id": "b", "start_date": "2015-01-01"}], [
        recommended("a", "2015-02-01", "adoption"),
        {"period_id": "a", "milestone": "agency_decision", "date": "2015-02-11", "route": "adoption"},
    ])
    follow = follow_up(care, start="permanence_recommendation", finish="agency_decision")
    assert waits(follow) == {"a": (0, 10, "adoption")}
    assert follow.left_out["clock never started"] == 1


def test_an_unknown_milestone_names_the_nearest():
    with pytest.raises(SettingsError, match="agency_decision"):
        follow_up(tables([{"period_id": "a", "start_date": "2015-01-01"}]), finish="agency_decison")


def test_ages_and_birthdays_of_leap_day_children():
    born = pd.Series(pd.to_datetime(["2012-02-29", "2012-02-29", "2012-03-01"]))
    on = pd.Series(pd.to_datetime(["2013-02-28", "2013-03-01", "2013-02-28"]))
    assert list(completed_years(born, on)) == [0, 1, 0]
    assert list(birthday(born, 1).dt.strftime("%Y-%m-%d")) == ["2013-03-01", "2013-03-01", "2013-03-01"]
    assert str(birthday(born, 4)[0].date()) == "2016-02-29"


def test_row_order_changes_nothing():
    care = tables([{"period_id": str(n), "start_date": f"2015-01-{n + 1:02d}"} for n in range(20)],
                  [recommended(str(n), f"2015-03-{n + 1:02d}") for n in range(0, 20, 3)])
    shuffled = CareTables(care.child.sample(frac=1, random_state=1), care.period.sample(frac=1, random_state=2),
                          care.milestone.sample(frac=1, random_state=3), care.change, care.extract)
    assert_frame_equal(follow_up(care).frame, follow_up(shuffled).frame)


def test_supervision_at_home_that_led_to_accommodation_starts_the_clock_only_when_asked():
    care = tables([
        {"period_id": "h", "child_id": "1", "start_date": "2015-01-01", "end_date": "2015-01-31", "kind": "home"},
        {"period_id": "a", "child_id": "1", "start_date": "2015-02-01"},
        {"period_id": "g", "child_id": "2", "start_date": "2015-01-01", "end_date": "2015-01-25", "kind": "home"},
        {"period_id": "b", "child_id": "2", "start_date": "2015-02-01"},
    ], [recommended("a", "2015-03-01"), recommended("b", "2015-03-01")])
    assert waits(follow_up(care)) == {"a": (0, 28, "home"), "b": (0, 28, "home")}
    looked_after = follow_up(care, definitions=Definitions(clock_starts="looked_after"))
    assert waits(looked_after) == {"a": (0, 59, "home"), "b": (0, 28, "home")}


def test_care_may_end_at_sixteen():
    children = [{"child_id": "a", "date_of_birth": "1999-03-01"}, {"child_id": "b", "date_of_birth": "1998-12-01"}]
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}, {"period_id": "b", "start_date": "2015-01-01"}], children=children)
    follow = follow_up(care, definitions=Definitions(care_ends_at_age=16))
    assert waits(follow) == {"a": (0, 59, "aged_out")}
    assert follow.left_out["already 16 when the clock started"] == 1
    assert set(waits(follow_up(care)).values()) == {(0, 272, "censored")}


@pytest.mark.parametrize("reason", ["home", "kinship", "adopted", "moved_away", "not_known"])
def test_any_end_may_censor_instead_of_compete(reason):
    care = tables([{"period_id": "a", "start_date": "2015-01-01", "end_date": "2015-01-31", "end_reason": reason}])
    assert waits(follow_up(care))["a"][2] in ("left_care", "moved_away")
    assert waits(follow_up(care, definitions=Definitions(ends_that_censor=(reason,)))) == {"a": (0, 30, "censored")}


def test_an_end_that_does_not_exist_names_the_nearest():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}])
    with pytest.raises(SettingsError, match="moved_awy") as refused:
        follow_up(care, definitions=Definitions(ends_that_censor=("moved_awy",)))
    assert refused.value.remedy == "Did you mean 'moved_away'?"


def test_a_stay_of_unknown_start_still_makes_the_next_one_a_return():
    care = tables([
        {"period_id": "a", "child_id": "1", "start_date": "2014-01-01", "end_date": "2014-02-01", "start_reason": "before_extract"},
        {"period_id": "b", "child_id": "1", "start_date": "2015-01-01"},
    ])
    assert list(periods_of_care(care).frame["stay"]) == [2]


def test_histories_find_each_clock_once_and_as_follow_up_does():
    care = tables([{"period_id": "a", "start_date": "2015-01-01"}, {"period_id": "b", "start_date": "2015-03-01"}],
                  [recommended("a", "2015-02-01"), {"period_id": "a", "milestone": "placed", "date": "2015-06-01"}])
    definitions = Definitions(recording_lag_days=30)
    histories = Histories(care, definitions, AS_AT)
    for clock in (("accommodated", "permanence_recommendation"), ("permanence_recommendation", "placed")):
        found = histories.waits(*clock)
        alone = follow_up(care, start=clock[0], finish=clock[1], as_at=AS_AT, definitions=definitions)
        assert_frame_equal(found.frame, alone.frame)
        assert (found.as_at, found.left_out) == (alone.as_at, alone.left_out)
        assert histories.waits(*clock) is found


def test_histories_of_an_unknown_end_are_refused():
    with pytest.raises(SettingsError, match="not a way to leave care"):
        Histories(tables([{"period_id": "a", "start_date": "2015-01-01"}]), Definitions(ends_that_censor=("lost",)))
