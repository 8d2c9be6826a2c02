"""Quarter on quarter: every main figure that moved is explained to the last child, and no child is let out."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import stat
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT, run_pace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pace_analysis.aims import cohort_counts, eligible
from pace_analysis.answers import board_answers
from pace_analysis.care.followup import DECISIONS
from pace_analysis.care.milestones import RECOMMENDATION
from pace_analysis.compare import REASONS, account_of, account_path, read_account, reconcile, what_changed
from pace_analysis.compare.account import _parsed
from pace_analysis.compare.mainfigures import ALL, ENTRY, IN_TIME, WAITING, main_figures
from pace_analysis.compare.moves import METHOD, NEW, TIME
from pace_analysis.compare.published import ENTERED, GONE, STAYED
from pace_analysis.compare.rows import CORRECTED, DELETED, END, LATE, as_known, matched, row_hashes
from pace_analysis.dates import Quarter
from pace_analysis.errors import DataRulesError, InputError, OutputError, SettingsError, UsageError
from pace_analysis.extract import sample
from pace_analysis.extract.keyed import key_file
from pace_analysis.ledger import Ledger, LedgerError, ReleaseRecord, joint_audit, ledger_path
from pace_analysis.publish.disclosure import Refused
from pace_analysis.publish.wording import number
from pace_analysis.report import manifest
from pace_analysis.report.accounts import HEADER, compare_reports, keep_account
from pace_analysis.report.comparing import ALIKE, STAYS
from pace_analysis.report.facts import facts
from pace_analysis.report.named import named_report
from pace_analysis.report.provenance import hashes, sources
from pace_analysis.report.tables import tables
from pace_analysis.report.verify import sealed
from pace_analysis.settings import extract_path, load_aim, load_authority, resolve
from pace_analysis.study import Study, open_study
from pace_analysis.tables.check import check, set_aside
from pace_analysis.tables.schema import CareTables

WHO = "exampleshire"
Q2, Q3 = date(2015, 6, 30), date(2015, 9, 30)


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    """A private folder of the module's own, so that all its tests share one key of the ids."""
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(autouse=True)
def shared_key(private, monkeypatch):
    monkeypatch.setenv("PACE_PRIVATE", str(private))


@pytest.fixture(scope="module")
def studies(private) -> dict[str, Study]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_PRIVATE", str(private))
        return {quarter: open_study(WHO, quarter) for quarter in ("2015Q2", "2015Q3")}


@pytest.fixture(scope="module")
def account(private, studies):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_PRIVATE", str(private))
        return account_of(studies["2015Q2"])


@pytest.fixture(scope="module")
def moves(private, studies, account):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_PRIVATE", str(private))
        return reconcile(account, studies["2015Q3"])


def adds_up(table: pd.DataFrame) -> bool:
    return bool((table[["before", *REASONS]].sum(axis=1) == table["after"]).all())


def counts_of(study: Study) -> dict:
    """Main figures counted another way: from the report's own tables of exact counts."""
    aim = load_aim(study.authority.aim)
    counts = cohort_counts(study, eligible(study, aim), aim)
    found = {(ENTRY, year, ALL): int(row.sum()) for year, row in counts.iterrows()}
    found |= {(ENTRY, year, IN_TIME): int(row[list(DECISIONS)].sum()) for year, row in counts.iterrows()}
    return found | {WAITING: int(study.decision.waiting.sum())}


class TestSampleSnapshots:
    def test_every_figure_adds_up_from_what_was_reported_to_what_is_reported(self, moves, studies):
        assert adds_up(moves.table)
        first, last = counts_of(studies["2015Q2"]), counts_of(studies["2015Q3"])
        for figure in first.keys() | last.keys():
            row = moves.table.loc[[figure]].iloc[0]
            assert (row["before"], row["after"]) == (first.get(figure, 0), last.get(figure, 0)), figure

    def test_a_year_that_became_due_is_explained_by_time_alone(self, moves):
        row = moves.table.loc[[(ENTRY, "2014/15", ALL)]].iloc[0]
        assert row["before"] == 0 and row["after"] == row[TIME] > 100

    def test_waiting_was_moved_by_new_children_late_records_and_time(self, moves):
        row = moves.table.loc[[WAITING]].iloc[0]
        assert row[NEW] > 20 and row[TIME] < -20 and row[LATE] < 0 and row[METHOD] == 0

    def test_each_child_whose_place_changed_has_one_reason(self, moves):
        settled = moves.settled(WAITING)
        row = moves.table.loc[[WAITING]].iloc[0]
        assert settled["period"].is_unique
        assert settled["change"].sum() == row["after"] - row["before"]

    def test_what_is_not_a_count_adds_up_too(self, moves, studies):
        aim = load_aim(studies["2015Q2"].authority.aim)
        steps = [value for _, value in moves.shares]
        assert (
            steps[0] == main_figures(studies["2015Q2"], aim).share
            and steps[-1] == main_figures(studies["2015Q3"], aim).share
        )

    def test_rows_of_the_earlier_extract_are_found_again(self, account, studies):
        known = as_known(studies["2015Q3"].tables, account.known_to)
        rows = matched(account.rows, row_hashes(known, key_file(WHO)))
        assert (rows.before["status"] == "same").mean() > 0.99
        late = rows.after[rows.after["status"] == LATE]
        assert set(late["table"]) == {"child", "period", END, "milestone"}


class TestTheAccount:
    def test_is_read_as_it_was_written(self, account):
        again = _parsed(account.text)
        assert again.rows.equals(account.rows[again.rows.columns])
        assert replace(again, rows=None) == replace(account, rows=None)

    def test_holds_no_id_and_no_date_of_a_child(self, account):
        raw = open_study(WHO, "2015Q2", identified=True).tables
        words = {word for line in map(json.loads, account.text.splitlines()[1:]) for word in _strings(line)}
        days = {
            f"{day:%Y-%m-%d}"
            for frame in (raw.period["start_date"], raw.child["date_of_birth"], raw.milestone["date"])
            for day in frame
        }
        assert not words & days - {f"{account.known_to}"}  # the data cut is in a figure's own name
        assert not words & (set(raw.child["child_id"]) | set(raw.period["period_id"]))

    def test_of_identified_ids_holds_none_either(self):
        study = open_study(WHO, "2015Q2", identified=True)
        assert set(study.tables.period["period_id"]).isdisjoint(row_hashes(study.tables, key_file(WHO))["id"])

    def test_is_written_for_its_owner_alone_and_kept_as_first_released(self, studies, tmp_path, monkeypatch):
        shutil.copy(os.path.join(os.environ["PACE_PRIVATE"], WHO, "id.key"), _folder(tmp_path / WHO))
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        path = keep_account(studies["2015Q2"])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path == account_path(WHO, Quarter(2015, 2))
        path.write_text("as first released")
        assert keep_account(studies["2015Q2"]).read_text() == "as first released"
        assert keep_account(studies["2015Q2"], again=True).read_text() != "as first released"

    def test_that_is_damaged_is_refused_with_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        account_path(WHO, Quarter(2015, 2)).parent.mkdir(parents=True)
        for text in ("", "{}", '{"form": 2}\n', "no JSON"):
            account_path(WHO, Quarter(2015, 2)).write_text(text)
            with pytest.raises(InputError, match="account of a released report") as raised:
                read_account(WHO, Quarter(2015, 2))
            assert "the next report says that it cannot be compared" in raised.value.remedy

    def test_of_another_key_or_a_later_extract_is_refused(self, account, studies):
        with pytest.raises(SettingsError, match="key of the ids"):
            reconcile(replace(account, key_print="other"), studies["2015Q3"])
        later = account_of(studies["2015Q3"])
        with pytest.raises(InputError, match="older"):
            reconcile(later, studies["2015Q2"])


def test_a_definition_that_changed_is_named_and_adds_up(account, studies):
    study = studies["2015Q3"]
    first_only = study.authority.definitions.model_copy(update={"reentry": "first"})
    moved = reconcile(account, replace(study, authority=study.authority.model_copy(update={"definitions": first_only})))
    assert moved.method == ("the definition 'reentry'",)
    assert adds_up(moved.table) and moved.table.loc[[(ENTRY, "2013/14", ALL)]].iloc[0][METHOD] < 0


# --- random edits -----------------------------------------------------------------------------------------------------

REASON_OF = {
    "late milestone": LATE,
    "late end": LATE,
    "late child": LATE,
    "other date": CORRECTED,
    "other route": CORRECTED,
    "no milestone": DELETED,
    "no period": DELETED,
    "no child": DELETED,
    "open again": DELETED,
}
edits = st.lists(st.tuples(st.sampled_from(sorted(REASON_OF)), st.integers(0, 10**6)), min_size=2, max_size=12)
cuts = st.sampled_from([Q2, Q3])


@cache
def small() -> dict[date, CareTables]:
    """The truth of sixty children on two days; the second also has what happened in between."""
    lives = sample.simulate()[800:1040:4]
    return {day: sample.snapshot(lives, day, faults=False) for day in (Q2, Q3)}


@cache
def small_study(day: date) -> Study:
    tables, _ = set_aside(small()[day], check(small()[day]))
    made = open_study(WHO, "2015Q3")
    return replace(made, tables=tables, quarter=Quarter.of(day), as_at=day)


@cache
def small_account():
    return account_of(small_study(Q2))


def edited(tables: CareTables, edit: str, number: int) -> CareTables:
    """Make one edit that concerns the time up to the earlier data cut; nothing where there is nothing to edit."""
    period, milestone, child = tables.period, tables.milestone, tables.child
    old = period[(period["start_date"] <= pd.Timestamp(Q2)) & (period["kind"] == "away")].reset_index(drop=True)
    dated = milestone.index[(milestone["date"] <= pd.Timestamp(Q2)) & milestone["period_id"].isin(old["period_id"])]
    made = milestone.loc[dated].index[milestone.loc[dated, "milestone"] == RECOMMENDATION]
    one = old.iloc[number % len(old)]
    row = made[number % len(made)]
    if edit == "late milestone":
        undecided = old[old["end_date"].isna() & ~old["period_id"].isin(milestone.loc[made, "period_id"])]
        one = undecided.iloc[number % len(undecided)]
        day = min(one["start_date"] + pd.Timedelta(days=number % 300), pd.Timestamp(Q2))
        new = {"period_id": one["period_id"], "milestone": RECOMMENDATION, "date": day, "route": "kinship"}
        return replace(tables, milestone=pd.concat([milestone, pd.DataFrame([new], index=[10**6 + len(milestone)])]))
    if edit == "late end" and pd.isna(one["end_date"]):
        return _with_period(tables, one, end_date=pd.Timestamp(Q2), end_reason="home")
    if edit == "open again" and one["end_date"] <= pd.Timestamp(Q2):
        return _with_period(tables, one, end_date=pd.NaT, end_reason="")
    if edit == "late child":
        name = f"9{number:07d}"
        born = child["date_of_birth"].iloc[number % len(child)]
        more = {"child_id": name, "date_of_birth": born, "sex": "F", "sibling_group": ""}
        stay = {**one.to_dict(), "period_id": f"{name}-1", "child_id": name, "end_date": pd.NaT, "end_reason": ""}
        return replace(
            tables,
            child=pd.concat([child, pd.DataFrame([more], index=[10**6 + len(child)])]),
            period=pd.concat([period, pd.DataFrame([stay], index=[10**6 + len(period)])]).drop_duplicates("period_id"),
        )
    if edit == "other date":
        day = milestone.at[row, "date"] - pd.Timedelta(days=30 + number % 300)
        return replace(tables, milestone=milestone.assign(date=milestone["date"].mask(milestone.index == row, day)))
    if edit == "other route":
        return replace(
            tables, milestone=milestone.assign(route=milestone["route"].mask(milestone.index == row, "adoption"))
        )
    if edit == "no milestone":
        return replace(tables, milestone=milestone.drop(index=row))
    if edit == "no period":
        return _without_periods(tables, {one["period_id"]})
    if edit == "no child":
        gone = _without_periods(tables, set(period.loc[period["child_id"] == one["child_id"], "period_id"]))
        return replace(gone, child=child[child["child_id"] != one["child_id"]])
    return tables


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits, cuts)
def test_random_edits_add_up_and_have_their_reason(chosen, cut):
    """Some four hundred edits, two to twelve at a time, with and without a quarter that passes."""
    study = small_study(cut)
    tables = study.tables
    for edit, number in chosen:
        tables = edited(tables, edit, number)
    study = replace(study, tables=tables)
    moves = reconcile(small_account(), study)
    assert adds_up(moves.table)
    last = counts_of(study)
    assert {figure: row for figure, row in moves.table["after"].items() if figure in last} == last
    since = {NEW, TIME} if cut == Q3 else set()
    assert reasons_in(moves) <= allowed({REASON_OF[edit] for edit, _ in chosen}) | since


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits)
def test_a_report_that_was_corrected_in_between_is_what_is_compared(chosen):
    """The edits are made in a corrected report of the earlier quarter, whose account takes the place of the first."""
    study = small_study(Q2)
    tables = study.tables
    for edit, number in chosen:
        tables = edited(tables, edit, number)
    corrected = replace(study, tables=tables)
    moves = reconcile(account_of(corrected), small_study(Q3))
    assert adds_up(moves.table)
    first = counts_of(corrected)
    assert {figure: row for figure, row in moves.table["before"].items() if figure in first} == first
    # what was put in is gone again, or has a later date by now; what was taken out is back, as if recorded late
    undone = {LATE: {DELETED, CORRECTED}, DELETED: {LATE}, CORRECTED: {CORRECTED}}
    reasons = set().union(*(undone[REASON_OF[edit]] for edit, _ in chosen))
    assert reasons_in(moves) <= allowed(reasons) | {NEW, TIME}


def reasons_in(moves) -> set[str]:
    return set(moves.steps["reason"])


def allowed(reasons: set[str]) -> set[str]:
    """A row taken out and another of its kind put in is one row that was corrected."""
    return reasons | ({CORRECTED} if {LATE, DELETED} <= reasons else set())


def test_the_edits_do_move_figures():
    """Otherwise what adds up above would say nothing."""
    study = small_study(Q2)
    for edit in REASON_OF.keys() - {"other route"}:
        again = (replace(study, tables=edited(study.tables, edit, number)) for number in (150, 157, 171, 185, 200, 230))
        assert any(set(reconcile(small_account(), one).steps["reason"]) == {REASON_OF[edit]} for one in again), edit


def test_a_date_corrected_to_after_the_earlier_data_cut_is_a_correction():
    tables = small_study(Q3).tables
    row = tables.milestone.index[tables.milestone["date"] <= pd.Timestamp(Q2)][0]
    later = replace(
        tables,
        milestone=tables.milestone.assign(
            date=tables.milestone["date"].mask(tables.milestone.index == row, pd.Timestamp(Q3))
        ),
    )
    before, known = (row_hashes(as_known(one, Q2), key_file(WHO)) for one in (tables, later))
    ids = frozenset(row_hashes(later, key_file(WHO))["id"]) - frozenset(known["id"])
    for ids_later, expected in ((ids, CORRECTED), (frozenset(), DELETED)):
        changed = matched(before, known, later=ids_later).before
        assert changed.loc[changed["status"] != "same", "status"].tolist() == [expected]


# --- what may be published --------------------------------------------------------------------------------------------


def record(name: str, answers, **more) -> ReleaseRecord:
    """What a report releases."""
    day, profile = answers.quarter.last_day, answers.profile
    return ReleaseRecord(name, day, answers.quarter, profile, answers.figures, sums=answers.sums, **more)


@pytest.fixture(scope="module")
def released(private, studies):
    """Answers of 2015Q3 after a release of 2015Q2, with the ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_PRIVATE", str(private))
        keep_account(studies["2015Q2"])
        first = board_answers(studies["2015Q2"])
        book = Ledger.open(ledger_path(WHO), WHO).append(record("first", first))
        return first, board_answers(open_study(WHO, "2015Q3")), book


def test_an_extract_without_an_end_or_a_milestone_has_an_account(studies):
    tables = studies["2015Q2"].tables
    going_on = replace(tables, period=tables.period[tables.period["end_date"].isna()], milestone=tables.milestone.iloc[:0])
    account = account_of(replace(studies["2015Q2"], tables=going_on))
    assert set(account.rows["table"]) == {"child", "period"}
    assert set(account.rows.dtypes.map(str)) == {"object"}


class TestWhatIsPublished:
    def test_nothing_is_compared_where_nothing_was_released(self, released):
        first, _, _ = released
        assert "nothing to compare with" in tables(first)["what_changed"].rows[0][1]
        assert facts(first)["compared_with"].text == "no earlier report"
        assert facts(first)["counted_alike"].value == "none"

    def test_waiting_adds_up_in_the_numbers_shown(self, released):
        first, second, _ = released
        told = second.moved.waiting
        shown = {part: told.cell(second.moved.label(part), "children") for part in (STAYED, *ENTERED, *GONE)}
        then, now = (told.cell(day.isoformat(), "children") for day in (Q2, Q3))
        assert then - sum(shown[part] for part in GONE) + sum(shown[part] for part in ENTERED) == now
        assert (then, now) == tuple(one.waiting.cell("total", "total") for one in (first, second))
        assert all(value % 5 == 0 for value in shown.values())

    def test_every_number_passed_the_gate_and_the_audit(self, released):
        _, second, book = released
        assert joint_audit(book.grown(record("second", second))).passed
        assert set(second.moved.parts) <= set(second.parts)

    def test_words_are_those_of_a_board(self, released):
        _, second, _ = released
        table, told = tables(second)["what_changed"], facts(second)
        assert "35 more had come into care" in table.rows[0][3] and "fewer than 5" in table.rows[0][3]
        assert told["compared_with"].text == "the report of April to June 2015"
        assert told["counted_alike"].text == ALIKE in table.notes
        assert told["counted_alike"].value == "alike"
        assert "New: every child of the year" in next(row for row in table.rows if "2014/15" in row[0])[3]

    def test_a_figure_shown_then_is_shown_as_it_was(self, released):
        first, second, _ = released
        then = second.moved.year_then
        assert (
            f"{then[0].words} of {then[1].words}"
            == f"{first.progress.headline.numerator} of {first.progress.headline.denominator}"
        )

    def test_a_correction_of_released_figures_does_not_touch_those_of_the_last_report(self, released):
        told = what_changed(open_study(WHO, "2015Q3", revise=["decisions made"]), released[1].waiting)
        assert told.waiting.cells.equals(released[1].moved.waiting.cells)

    def test_a_fact_that_is_a_whole_number_says_that_number(self, released):
        for answers in released[:2]:
            whole = [fact for fact in facts(answers).values() if fact.value.isdigit()]
            assert "changes_effect" in {fact.key for fact in whole}
            for fact in whole:
                words = set(re.findall(r"\w+(?:\.\w+)*", fact.text.lower()))
                assert words & {fact.value, number(int(fact.value))}, fact

    def test_a_report_whose_account_is_missing_is_not_said_never_to_have_been(
        self, released, studies, tmp_path, monkeypatch
    ):
        shutil.copytree(account_path(WHO, Quarter(2015, 2)).parents[2], tmp_path / WHO)
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        account_path(WHO, Quarter(2015, 2)).unlink()
        told = what_changed(studies["2015Q3"], released[1].waiting)
        lost = "The report of 2015Q2 cannot be compared with: what it left behind is missing."
        assert {part for part in told.parts} == {Refused("no-account", lost)}
        said = facts(replace(released[1], moved=told))
        assert said["compared_with"].text == "no report, as that of April to June 2015 cannot be compared with"
        assert said["counted_alike"].value == "none"
        with pytest.raises(UsageError, match="What the report of 2015Q2 left behind is missing"):
            read_account(WHO, Quarter(2015, 2))

    def test_the_account_of_an_older_report_does_not_stand_for_one_that_is_missing(
        self, account, released, studies, tmp_path, monkeypatch
    ):
        shutil.copytree(account_path(WHO, Quarter(2015, 2)).parents[2], tmp_path / WHO)
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        account_path(WHO, Quarter(2015, 2)).unlink()
        older = account_path(WHO, Quarter(2015, 1))
        older.parent.mkdir(parents=True)
        older.write_text(replace(account, quarter=Quarter(2015, 1)).text)
        assert what_changed(studies["2015Q3"], released[1].waiting).waiting.code == "no-account"

    def test_a_key_that_was_lost_is_said_and_stops_no_report(self, released, studies, tmp_path, monkeypatch):
        shutil.copytree(account_path(WHO, Quarter(2015, 2)).parents[2], tmp_path / WHO)
        (tmp_path / WHO / "id.key").write_bytes(b"k" * 32)
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        told = what_changed(studies["2015Q3"], released[1].waiting)
        assert isinstance(told.waiting, Refused) and "key of the ids" in told.waiting.sentence


REASON = "Fourteen children were counted twice"


@pytest.fixture(scope="module")
def corrected(private, released, tmp_path_factory):
    """The private folder after 2015Q2 was released again with fourteen children fewer, and answers of 2015Q3 then."""
    folder = tmp_path_factory.mktemp("corrected")
    shutil.copytree(private, folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACE_PRIVATE", str(folder))
        again = fewer(open_study(WHO, "2015Q2", revise=["waiting"]))
        first = board_answers(again)
        Ledger.open(ledger_path(WHO), WHO).append(record("first", first, because=REASON))
        keep_account(again, again=True)
        return folder, first, board_answers(fewer(open_study(WHO, "2015Q3")))


def fewer(study: Study) -> Study:
    """The study without fourteen of the children who waited at the earlier data cut."""
    waited = open_study(WHO, "2015Q2").decision
    return replace(study, tables=_without_periods(study.tables, set(waited.frame.index[waited.waiting][:14])))


class TestACorrectedReport:
    """2015Q2 was released with 80 children waiting, then corrected to 65."""

    def test_is_shown_with_what_it_said_first_and_why(self, corrected):
        _, first, second = corrected
        told = f"65 (first released as 80; corrected: {REASON})"
        table, said = tables(second)["what_changed"], facts(second)
        assert first.waiting.cell("total", "total") == 65
        assert [row[1] for row in table.rows] == [told, "65 of 145", "not yet due", "20 of 35", "56%"]
        assert table.notes[1] == STAYS
        assert table.notes[2].startswith("The report of 2015Q2 was corrected after its first release")
        assert f"(first released as 80; corrected: {REASON})" in said["waiting_moved"].text

    def test_adds_up_from_the_corrected_figure(self, corrected):
        told = corrected[2].moved
        shown = {part: told.waiting.cell(told.label(part), "children") for part in (STAYED, *ENTERED, *GONE)}
        assert shown[STAYED] + sum(shown[part] for part in GONE) == 65
        assert shown[STAYED] + sum(shown[part] for part in ENTERED) == corrected[2].waiting.cell("total", "total")

    def test_is_no_correction_where_the_value_is_the_same(self, released):
        assert not released[1].moved.corrected and STAYS == tables(released[1])["what_changed"].notes[-1]

    def test_is_told_apart_in_the_exact_table_and_on_the_screen(self, corrected, monkeypatch):
        monkeypatch.setenv("PACE_PRIVATE", str(corrected[0]))
        made = compare_reports("2015Q2", "2015Q3", WHO)
        rows = csv.DictReader(made.path.read_text(encoding="utf-8-sig").splitlines())
        waiting = next(row for row in rows if row["figure"] == "waiting")
        assert waiting["before"] == str(len(read_account(WHO, Quarter(2015, 2)).counted[WAITING]))
        assert (waiting["first_released"], waiting["released_before"]) == ("80", "65")
        assert waiting["revised_because"] == REASON
        assert f"Children waiting: first released as 80; corrected: {REASON}." in made.text

    def test_of_which_a_later_one_was_made_already_names_what_else_to_correct(
        self, corrected, released, private, tmp_path, monkeypatch
    ):
        """2015Q3 was released before the correction: its table of then and now holds 80."""
        shutil.copytree(private, tmp_path, dirs_exist_ok=True)
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        book = Ledger.open(ledger_path(WHO), WHO).append(record("second", released[1]))
        book.append(record("first", corrected[1], because=REASON))
        shutil.copy(corrected[0] / WHO / "releases" / "2015Q2" / account_path(WHO, Quarter(2015, 2)).name,
                    account_path(WHO, Quarter(2015, 2)))
        study = fewer(open_study(WHO, "2015Q3"))
        told = what_changed(study, corrected[2].waiting).waiting
        assert told.code == "differs-from-released"
        assert told.sentence.endswith("They are called 'waiting then and now'.")
        for name in ("waiting", "waiting then and now"):
            revised = replace(study, earlier=replace(study.earlier, revise=frozenset({name})))
            assert what_changed(revised, corrected[2].waiting).waiting.cell(Q2.isoformat(), "children") == 65


def test_a_figure_of_the_year_that_a_report_corrects_is_said_to_be_corrected(released):
    answers = released[1]
    assert "Corrected" not in tables(answers)["what_changed"].rows[1][3]
    year, _ = answers.progress.years[-2]
    assert str(year) == answers.moved.year
    latest = answers.progress.years[-1][1]
    other = tuple((each, latest if each == year else share) for each, share in answers.progress.years)
    row = tables(replace(answers, progress=replace(answers.progress, years=other)))["what_changed"].rows[1]
    assert row[1] != row[2] and row[3].startswith("Corrected in this report. ")


class TestTheCommand:
    def test_prints_what_may_be_published_and_keeps_exact_counts_private(self, released, private):
        run = run_pace("compare", "2015Q2", "2015Q3", "--authority", WHO, PACE_PRIVATE=str(private))
        assert run.returncode == 0, run.stderr
        path = private / WHO / "releases" / "2015Q3" / "compared-with-2015Q2-RESTRICTED.csv"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.name in run.stderr
        header, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
        assert tuple(header) == HEADER
        for row in rows[:-1]:
            before, *changes, after = map(int, row[1 : 3 + len(REASONS)])
            assert before + sum(changes) == after
        points = [float(cell) for cell in rows[-1][1 : 2 + len(REASONS)] if cell]
        assert sum(points) == pytest.approx(float(rows[-1][2 + len(REASONS)]), abs=0.03)
        assert "fewer than 5" in run.stdout and "36" not in run.stdout
        assert "2015Q2 to 2015Q3, protected; not recorded as released:" in run.stdout

    def test_says_what_is_missing(self, private):
        for asked, error in (
            (("2015Q2", "2015Q3"), "not clear whose"),
            (("2014Q1", "2015Q3", WHO), "No report of 2014Q1 was released"),
            (("last", "2015Q3", WHO), "not understood"),
        ):
            with pytest.raises(UsageError, match=error):
                compare_reports(*asked)

    def test_says_as_released_once_the_ledger_holds_every_figure(self, released, private, tmp_path, monkeypatch):
        shutil.copytree(private, tmp_path, dirs_exist_ok=True)
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path))
        Ledger.open(ledger_path(WHO), WHO).append(record("second", released[1]))
        assert compare_reports("2015Q2", "2015Q3", WHO).text.startswith("2015Q2 to 2015Q3, as released:")


def finished(folder, quarter: str, *, head=None, profile="public", inputs=(), **asked):
    """The folder of a report: its manifest, as a run writes it."""
    who = load_authority(WHO)
    extract = extract_path(who, Quarter.parse(quarter), asked.get("data", ""))
    found = hashes(sources(who, extract, resolve(who.text))) | dict(inputs)
    stated = {"authority": WHO, "quarter": quarter, "data": "", "text": "", "draft": False, "drop_errors": False}
    text = manifest.make_manifest(parameters=stated | asked, profile=profile, inputs=found, outputs={})
    folder.mkdir(parents=True)
    (folder / manifest.NAME).write_text(sealed(text, head) if head else text, encoding="utf-8")
    return str(folder)


class TestFoldersOfReports:
    def test_say_whose_and_of_which_quarter_and_which_inputs_changed(self, released, tmp_path):
        first = finished(tmp_path / "a", "2015Q2", head=released[2].head)
        child, lost = "data/sample/exampleshire/2015Q3/child.csv", "data/aims/lost.toml"
        last = finished(tmp_path / "b", "2015Q3", inputs={child: "0" * 64, lost: "1" * 64})
        text = compare_reports(first, last).text
        assert text.startswith("2015Q2 to 2015Q3")
        said = ["Not as it was when the report of 2015Q3 was made:", f"  changed: {child}", f"  missing: {lost}"]
        assert text.splitlines()[-3:] == said

    def test_say_by_which_profile_and_rows_their_figures_were_counted(self, released, tmp_path):
        extract = tmp_path / "extract"
        shutil.copytree(ROOT / "data" / "sample" / WHO / "2015Q3", extract)
        with (extract / "milestone.csv").open("a", encoding="utf-8") as lines:
            lines.write("nobody-1,permanence_recommendation,2015-07-01,kinship\n")
        last = finished(tmp_path / "b", "2015Q3", data=str(extract), profile="internal", drop_errors=True)
        text = compare_reports("2015Q2", last).text
        assert text.startswith("2015Q2 to 2015Q3, exact numbers, not for publication:") and "36 more" in text
        assert "Not as it was" not in text
        with pytest.raises(DataRulesError):
            compare_reports("2015Q2", "2015Q3", WHO, str(extract))

    def test_are_refused_where_nothing_was_released(self, released, tmp_path):
        head = released[2].head
        for name, made in (
            ("draft", finished(tmp_path / "draft", "2015Q2", draft=True)),
            ("not released", finished(tmp_path / "internal", "2015Q2", profile="internal")),
            ("no such report", "reports/nowhere/2015Q2"),
        ):
            with pytest.raises(UsageError, match=f"(?i){name}"):
                compare_reports(made, "2015Q3", WHO)
        other = finished(tmp_path / "other", "2015Q2", head=replace(head, sha256="0" * 64))
        with pytest.raises(LedgerError, match="no longer there"):
            compare_reports(other, "2015Q3", WHO)
        (tmp_path / "empty").mkdir()
        with pytest.raises(OutputError, match="not the folder of a finished report"):
            compare_reports(str(tmp_path / "empty"), "2015Q3", WHO)
        with pytest.raises(UsageError, match="draft"):
            compare_reports("2015Q2", finished(tmp_path / "later", "2015Q3", draft=True))
        with pytest.raises(InputError, match="lay elsewhere"):
            compare_reports("2015Q2", _elsewhere(finished(tmp_path / "moved", "2015Q3")))

    def test_that_were_corrected_since_say_so(self, released, corrected, tmp_path, monkeypatch):
        first = named_report(finished(tmp_path / "a", "2015Q2", head=released[2].head))
        assert first.must_be_released(released[2]) == []
        monkeypatch.setenv("PACE_PRIVATE", str(corrected[0]))
        told = first.must_be_released(Ledger.open(ledger_path(WHO), WHO))
        assert len(told) == 1 and told[0].startswith("The report of 2015Q2 was corrected after this folder was made")


def _elsewhere(folder: str) -> str:
    path = Path(folder) / manifest.NAME
    text = path.read_text(encoding="utf-8").replace('"data": ""', '"data": "outside/data/extract"')
    path.write_text(text, encoding="utf-8")
    return folder


def _strings(value) -> list[str]:
    if isinstance(value, dict):
        return [word for part in value.values() for word in _strings(part)]
    return [word for part in value for word in _strings(part)] if isinstance(value, list) else [str(value)]


def _folder(path):
    path.mkdir(parents=True)
    return path


def _with_period(tables: CareTables, one: pd.Series, **values) -> CareTables:
    period = tables.period.copy()
    for name, value in values.items():
        period.loc[period["period_id"] == one["period_id"], name] = value
    return replace(tables, period=period)


def _without_periods(tables: CareTables, gone: set[str]) -> CareTables:
    return replace(
        tables,
        period=tables.period[~tables.period["period_id"].isin(gone)],
        milestone=tables.milestone[~tables.milestone["period_id"].isin(gone)],
    )
