"""The life table counted by a database engine: identical to that counted in memory, whatever the rows and parts."""

import random
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import date, timedelta
from itertools import permutations

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pace_analysis.care.followup import FIRST_END, follow_up
from pace_analysis.care.periods import periods_of_care
from pace_analysis.errors import InputError, UsageError
from pace_analysis.extract import read_extract
from pace_analysis.scale import Counted, count_table, merge
from pace_analysis.scale.known import CELLS, known_query
from pace_analysis.settings import home
from pace_analysis.survival import SurvivalInputError, life_table
from pace_analysis.tables.check import check, set_aside

ORIGIN = date(2015, 1, 1)
CLOCK = {"origin": "start", "finish": ("decided", "left")}
unhurried = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

some_days = st.none() | st.integers(-3, 30)
waits = st.tuples(st.none() | st.integers(0, 15), some_days, some_days, st.sampled_from("abc"))
cohorts = st.lists(waits, min_size=1, max_size=40)
cuts = st.integers(0, 30)
windows = st.none() | st.integers(0, 12)


def day(number):
    return None if number is None else ORIGIN + timedelta(days=number)


def frame_of(rows):
    columns = dict(zip(("start", "decided", "left", "group"), zip(*rows, strict=True), strict=True))
    group = columns.pop("group")
    dates = {name: pd.to_datetime(pd.Series([day(value) for value in values])) for name, values in columns.items()}
    return pd.DataFrame({**dates, "group": group})


def by_hand(rows, cut, opens):
    """The conventions in plain Python: rows of (first, last, outcome, group), and what is left out."""
    kept, left_out = [], {}
    for start, decided, left, group in rows:
        ends = [(at, outcome) for outcome, at in enumerate((decided, left), start=1) if at is not None and at <= cut]
        at, outcome = min(ends, default=(cut, 0))
        if start is None:
            reason = "clock never started"
        elif start > cut:
            reason = "started after the data cut"
        else:
            first, last = max((opens or 0) - start, 0), max(at - start, 0)
            reason = "ended before the extract's window opens" if first > last else ""
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            kept.append((first, last, outcome, group))
    return kept, left_out


def in_memory(kept):
    first, last, outcome, group = (list(column) for column in zip(*kept, strict=True))
    return life_table(last, outcome, first_day=first, group=group, n_outcomes=2)


def count(source, cut=30, opens=None, **more):
    return count_table(source, **CLOCK, as_at=day(cut), covers_from=day(opens), by="group", **more)


@given(rows=cohorts, cut=cuts, opens=windows)
@unhurried
def test_the_counts_are_those_of_the_path_in_memory(rows, cut, opens):
    opens = None if opens is None else min(opens, cut)
    kept, left_out = by_hand(rows, cut, opens)
    counted = count(frame_of(rows), cut, opens)
    assert counted.left_out == left_out
    assert counted.rows == len(rows)
    if kept:
        assert counted.table == in_memory(kept)
    else:
        assert counted.counts is None


@given(rows=cohorts, labels=st.lists(st.integers(0, 3), min_size=40, max_size=40), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_parts_add_to_the_whole_in_any_order_and_grouping(rows, labels, seed):
    frame, part = frame_of(rows), pd.Series(labels[: len(rows)])
    parts = [count(frame[part == label], 20, 5) for label in range(4)]
    random.Random(seed).shuffle(parts)
    a, b, c, d = parts
    whole = count(frame, 20, 5)
    assert merge(parts) == whole == (a + b) + (c + d) == a + (b + (c + d))
    assert whole + Counted() == whole == Counted() + whole
    assert merge([]) == Counted()


def test_of_exits_on_one_day_the_first_named_counts():
    rows = [(0, 5, 5, "a")]
    assert count(frame_of(rows)).table.exits[0, :, 5].tolist() == [0, 1, 0]
    reversed_finish = count_table(frame_of(rows), origin="start", finish=("left", "decided"), as_at=day(30))
    assert reversed_finish.table.exits[0, :, 5].tolist() == [0, 1, 0]


class TestSources:
    rows = [(0, 9, None, "a"), (2, None, 4, "b"), (None, 3, None, "a"), (1, -2, None, "a"), (3, None, None, "b")]
    expected = in_memory(by_hand(rows, 30, None)[0])

    @pytest.mark.parametrize("name", ["waits.csv", "waits.parquet", "odd name [1]*.csv", "o'clock.parquet"])
    def test_files_and_frames_give_the_same_table(self, tmp_path, name):
        path, frame = tmp_path / name, frame_of(self.rows)
        frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path, index=False)
        assert count(path).table == count(str(path)).table == count(frame).table == self.expected

    def test_a_sign_in_a_name_is_no_pattern(self, tmp_path):
        for name in ("w*.csv", "waits.csv", "w1.csv", "w[1].csv"):
            frame_of(self.rows).to_csv(tmp_path / name, index=False)
        assert count(tmp_path / "w*.csv").table == count(tmp_path / "w[1].csv").table == self.expected
        assert count(tmp_path).rows == 4 * len(self.rows)

    def test_a_folder_of_files_is_their_sum(self, tmp_path):
        frame = frame_of(self.rows)
        for part in (0, 1):
            (tmp_path / f"part={part}").mkdir()
            frame[part::2].to_parquet(tmp_path / f"part={part}" / "0.parquet", index=False)
        assert count(tmp_path).table == self.expected

    def test_a_table_of_an_open_database_is_counted_there(self):
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE stays AS SELECT 'a' AS \"group\", DATE '2015-01-01' AS start, "
                               "DATE '2015-01-08' AS decided, NULL::DATE AS \"left\"")
            counted = count("stays", connection=connection)
            assert connection.execute("SELECT COUNT(*) FROM stays").fetchone() == (1,)  # still open
        assert counted.table.exits[0, 1, 7] == 1

    def test_only_rows_that_hold_the_values_asked_for_are_counted(self):
        counted = count(frame_of(self.rows), where={"group": "b"})
        assert counted.table.groups == ("b",)
        assert counted.rows == 2

    def test_nothing_is_left_beside_the_source(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        count(frame_of(self.rows))
        assert not list(tmp_path.iterdir())


class TestMilestones:
    periods = pd.DataFrame({"period_id": ["1", "2", "3"], "start": pd.to_datetime(["2015-01-01"] * 3),
                            "left": pd.to_datetime([None, "2015-01-04", None]), "group": "a"})
    steps = pd.DataFrame({"period_id": ["1", "1", "2", "9"], "milestone": ["panel", "panel", "panel", "panel"],
                          "date": pd.to_datetime(["2015-01-09", "2015-01-06", "2015-01-05", "2015-01-02"])})

    def test_the_first_date_of_each_period_counts(self, tmp_path):
        expected = life_table([5, 3, 30], [1, 2, 0], group=["a"] * 3, n_outcomes=2)
        clock = {"origin": "start", "finish": ("panel", "left"), "as_at": day(30), "by": "group"}
        assert count_table(self.periods, milestones=self.steps, **clock).table == expected
        for name in ("periods", "steps"):
            getattr(self, name).to_csv(tmp_path / f"{name}.csv", index=False)
        assert count_table(tmp_path / "periods.csv", milestones=tmp_path / "steps.csv", **clock).table == expected

    def test_a_milestone_that_never_occurs_is_a_mistake(self):
        with pytest.raises(InputError, match="'pannel' is neither a column nor a milestone"):
            count_table(self.periods, milestones=self.steps, origin="start", finish=("pannel",), as_at=day(30))

    def test_a_milestone_without_a_date_is_refused(self):
        steps = self.steps.assign(date=self.steps["date"].where(self.steps["period_id"] != "1"))
        with pytest.raises(InputError, match="holds what is no date"):
            count_table(self.periods, milestones=steps, origin="start", finish=("panel",), as_at=day(30))

    def test_the_second_source_must_have_its_columns(self):
        with pytest.raises(InputError, match="no column 'period_id'"):
            count_table(self.periods, milestones=self.steps[["milestone", "date"]], origin="start", finish=("panel",),
                        as_at=day(30))


def test_the_sample_extract_gives_the_table_of_its_follow_up(tmp_path):
    read = read_extract(home() / "data" / "sample" / "exampleshire" / "2015Q3")
    tables, _ = set_aside(read, check(read))
    waits = follow_up(tables)
    decided, ended = waits.decided, waits.frame["outcome"] >= FIRST_END
    expected = life_table(waits.frame["last_day"], 1 * decided + 2 * ended, first_day=waits.frame["first_day"],
                          n_outcomes=2)
    periods = periods_of_care(tables).frame
    periods = periods[~(periods["end"] < periods["start"]) & ~(periods["of_age"] <= periods["start"])]
    periods[["start", "end", "of_age"]].to_csv(tmp_path / "periods.csv")
    tables.milestone.to_csv(tmp_path / "milestones.csv", index=False)
    counted = count_table(tmp_path / "periods.csv", milestones=tmp_path / "milestones.csv", origin="start",
                          finish=("permanence_recommendation", "end", "of_age"), as_at=waits.as_at,
                          covers_from=tables.extract.covers_from).table
    assert np.array_equal(counted.entered, expected.entered)
    assert np.array_equal(counted.exits[:, 1], expected.exits[:, 1])
    assert np.array_equal(counted.exits[:, 2] + counted.exits[:, 3], expected.exits[:, 2])


@contextmanager
def backend_with(engine, rows, kind="DATE"):
    """An ibis backend that holds the rows as the table `stays`."""
    values = [", ".join("NULL" if value is None else f"'{day(value)}'" for value in dates) + f", '{group}'" for *dates, group in rows]
    backend = getattr(ibis, engine).connect()
    backend.raw_sql(f'CREATE TABLE stays (start {kind}, decided {kind}, "left" {kind}, "group" VARCHAR)')
    backend.raw_sql(f"INSERT INTO stays VALUES {', '.join(f'({each})' for each in values)}")
    try:
        yield backend
    finally:
        backend.disconnect()


class TestOtherEngines:
    rows = [(0, 9, None, "a"), (2, None, 4, "b"), (None, 3, None, "a"), (1, -2, None, "a"), (3, None, None, "b")]

    @given(engine=st.sampled_from(["sqlite", "duckdb"]), kind=st.sampled_from(["DATE", "TIMESTAMP", "VARCHAR"]), rows=cohorts,
           cut=cuts, opens=windows)
    @unhurried
    def test_the_counts_are_those_of_the_path_in_memory(self, engine, kind, rows, cut, opens):
        opens = None if opens is None else min(opens, cut)
        kept, left_out = by_hand(rows, cut, opens)
        with backend_with(engine, rows, kind) as backend:
            assert count("stays", cut, opens, connection=backend) == Counted(in_memory(kept) if kept else None, left_out)

    def test_an_address_is_opened_counted_and_closed(self, tmp_path):
        frame = frame_of(self.rows).assign(group=[1, 2, 1, 1, 2])
        with closing(sqlite3.connect(tmp_path / "waits.db")) as base:
            frame.to_sql("stays", base, index=False)
        (tmp_path / "waits.db").chmod(0o444)
        counted = count("stays", connection=f"sqlite://{(tmp_path / 'waits.db').as_posix()}", where={"group": "1"})
        assert counted == count(frame, where={"group": "1"})
        assert counted.table.groups == (1,)
        assert [path.name for path in tmp_path.iterdir()] == ["waits.db"]

    def test_milestones_are_joined_there(self):
        with backend_with("sqlite", [(0, None, None, "a"), (0, None, 3, "a"), (0, None, None, "a")]) as backend:
            backend.raw_sql("CREATE VIEW periods AS SELECT rowid AS period_id, * FROM stays")
            backend.raw_sql("CREATE TABLE steps (period_id INTEGER, milestone VARCHAR, date DATE)")
            backend.raw_sql("INSERT INTO steps VALUES (1, 'panel', '2015-01-09'), (1, 'panel', '2015-01-06'), (2, 'panel', '2015-01-05')")
            clock = {"origin": "start", "finish": ("panel", "left"), "as_at": day(30), "by": "group"}
            counted = count_table("periods", milestones="steps", connection=backend, **clock)
            assert counted.table == life_table([5, 3, 30], [1, 2, 0], group=["a"] * 3, n_outcomes=2)
            backend.raw_sql("UPDATE steps SET date = '2015-02-31' WHERE period_id = 2")
            with pytest.raises(InputError, match="holds what is no date"):
                count_table("periods", milestones="steps", connection=backend, **clock)

    @pytest.mark.parametrize("kind", ["DATE", "VARCHAR"])
    @pytest.mark.parametrize("text", ["2015-02-31", "31/02/2015", "2015", "now", "2015-1-5"])
    def test_a_date_that_is_none_is_refused_though_the_engine_keeps_it(self, kind, text):
        with backend_with("sqlite", self.rows, kind) as backend:
            backend.raw_sql(f"UPDATE stays SET start = '{text}' WHERE rowid = 1")
            with pytest.raises(InputError, match="holds what is no date") as caught:
                count("stays", connection=backend)
        assert text not in str(caught.value).replace("YYYY-MM-DD", "")

    def test_a_misspelt_table_is_named_with_the_nearest(self):
        with backend_with("sqlite", self.rows) as backend, pytest.raises(InputError, match="no table 'stay'") as caught:
            count("stay", connection=backend)
        assert "Did you mean 'stays'?" in str(caught.value)

    def test_a_frame_is_not_taken_there_nor_shown(self):
        with backend_with("sqlite", self.rows) as backend, pytest.raises(InputError, match="its own tables alone") as caught:
            count(frame_of(self.rows), connection=backend)
        assert "2015" not in str(caught.value)

    def test_what_the_engine_cannot_count_is_said_without_its_message(self):
        with backend_with("sqlite", self.rows) as backend:
            backend.raw_sql("CREATE VIEW broken AS SELECT * FROM stays WHERE abs(-9223372036854775807 - length(start) / 10) > 0")
            with pytest.raises(InputError, match=r"sqlite cannot count this \(OperationalError\)") as caught:
                count("broken", connection=backend)
        assert caught.value.exit_code == 11
        assert "overflow" not in str(caught.value)

    def test_an_engine_that_miscounts_what_is_known_is_refused(self):
        with backend_with("sqlite", self.rows) as backend:
            backend.con.create_function("julianday", 1, lambda text: 0)
            with pytest.raises(InputError, match="miscounts rows whose counts are known"):
                count("stays", connection=backend)

    def test_what_is_known_is_what_duckdb_counts(self):
        with duckdb.connect() as connection:
            assert set(connection.execute(known_query()).fetchall()) == CELLS

    def test_an_address_that_does_not_open_is_not_shown(self):
        with pytest.raises(InputError, match="cannot be opened") as caught:
            count("stays", connection="nosuch://user:secret@host/base")
        assert "secret" not in str(caught.value)

    def test_without_ibis_the_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "ibis", None)
        with pytest.raises(InputError, match="needs the package ibis") as caught:
            count("stays", connection="sqlite://waits.db")
        assert "pip install 'pace-analysis[warehouse]'" in str(caught.value)

    def test_a_connection_of_neither_package_is_refused(self):
        with closing(sqlite3.connect(":memory:")) as base, pytest.raises(UsageError, match="neither DuckDB nor ibis"):
            count("stays", connection=base)

    def test_ibis_is_imported_by_who_asks_for_it_alone(self):
        code = ("import sys, pandas, datetime; from pace_analysis.scale import count_table; day = datetime.date(2015, 1, 1);"
                "count_table(pandas.DataFrame({'a': [day], 'b': [day]}), origin='a', finish=('b',), as_at=day);"
                "sys.exit('ibis' in sys.modules)")
        assert subprocess.run([sys.executable, "-c", code]).returncode == 0


class TestMistakes:
    frame = frame_of([(0, 5, None, "a"), (1, None, None, "b")])

    def test_a_date_that_is_none_is_refused_without_being_shown(self, tmp_path):
        spoilt = self.frame.astype(str).replace({"2015-01-06": "31/02/2015", "NaT": ""})
        spoilt.to_csv(tmp_path / "waits.csv", index=False)
        with pytest.raises(InputError, match="holds what is no date") as caught:
            count(tmp_path / "waits.csv")
        assert "1 row" in str(caught.value)
        assert "31/02" not in str(caught.value)

    def test_a_row_without_a_group_is_refused(self):
        for blank in (None, ""):
            with pytest.raises(SurvivalInputError, match="`by` is missing"):
                count(self.frame.assign(group=["a", blank]))

    def test_a_wait_of_over_a_hundred_years_is_refused(self):
        with pytest.raises(SurvivalInputError, match="a hundred years"):
            count(self.frame.assign(start=pd.to_datetime(["1900-01-01", "2015-01-01"])))

    def test_a_misspelt_column_is_named_with_the_nearest(self):
        with pytest.raises(InputError, match="no column 'strat'") as caught:
            count_table(self.frame, origin="strat", finish=("left",), as_at=day(9))
        assert "Did you mean 'start'?" in str(caught.value)

    def test_a_column_of_numbers_is_no_date(self):
        with pytest.raises(InputError, match="'start' does not hold dates"):
            count(self.frame.assign(start=[1, 2]))

    def test_a_damaged_file_is_refused_by_name_alone(self, tmp_path):
        (tmp_path / "waits.parquet").write_bytes(b"PAR1 and no more")
        with pytest.raises(InputError, match="cannot read or count this") as caught:
            count(tmp_path / "waits.parquet")
        assert str(tmp_path) not in str(caught.value)

    def test_a_folder_of_nothing_or_of_both_kinds_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no file of waits"):
            count(tmp_path)
        (tmp_path / "a.csv").touch()
        (tmp_path / "b.parquet").touch()
        with pytest.raises(InputError, match="both Parquet and CSV"):
            count(tmp_path)

    def test_too_little_memory_says_how_to_give_more(self, tmp_path):
        with pytest.raises(InputError, match="OutOfMemory") as caught:
            count(self.frame.iloc[[0, 1] * 50_000], memory="1MB")
        assert "memory='2GB'" in str(caught.value)

    def test_a_clock_that_cannot_be_is_refused(self):
        with pytest.raises(UsageError, match="needs a tuple of columns"):
            count_table(self.frame, origin="start", finish=(), as_at=day(9))
        with pytest.raises(UsageError, match="after the data cut"):
            count(self.frame, cut=3, opens=4)

    def test_a_count_of_nothing_says_what_was_left_out(self):
        counted = count(self.frame.assign(start=pd.NaT))
        with pytest.raises(SurvivalInputError, match="no wait to count") as caught:
            _ = counted.table
        assert "2 clock never started" in str(caught.value)

    def test_counts_of_other_outcomes_do_not_add(self):
        with pytest.raises(SurvivalInputError, match="same outcomes"):
            count(self.frame) + count_table(self.frame, origin="start", finish=("left",), as_at=day(9))


def test_every_order_of_three_parts_gives_one_sum():
    parts = [count(frame_of([(0, number, None, label)])) for number, label in enumerate("abc")]
    sums = [merge(order) for order in permutations(parts)]
    assert all(each == sums[0] for each in sums)
