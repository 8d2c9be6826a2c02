"""Many reports at once: the plan, the order, what fails, what is left as it is, and what a warm worker forgets."""

import gc
import importlib.util
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from batches import home_of, work
from clusters import dask_cluster
from conftest import ROOT, contents, run_pace

from pace_analysis.batch import summary, worker
from pace_analysis.batch.drive import FAILED, MADE, SKIPPED, drive
from pace_analysis.batch.planfile import Task, load_plan
from pace_analysis.batch.progress import Lines, Live
from pace_analysis.batch.run import _size
from pace_analysis.batch.workers import ClusterExecutor, Workers
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, OutputError, SettingsError, UsageError
from pace_analysis.extract.sample import COUNCILS, councils, write_councils
from pace_analysis.extract.sample.councils import QUARTERS, lives_of, plan_text
from pace_analysis.ledger import Ledger, ReleaseRecord, ledger_path
from pace_analysis.publish.keys import Figure
from pace_analysis.publish.profiles import profile as profile_named

NOBODY = type("Nobody", (), {"finished": lambda self, result: None, "beat": lambda self, running, left: None})()


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> Path:
    """A home of three councils, the second with an extract that cannot be read; nothing is reported yet."""
    folder = home_of(tmp_path_factory.mktemp("home") / "three", 3)
    (folder / "data" / "extracts" / "council-02" / "2015Q3" / "period.csv").write_text("no column of ours\n1\n", encoding="utf-8")
    return folder


def batch(home: Path, *more: str) -> subprocess.CompletedProcess:
    return run_pace("batch", "data/plans/councils.toml", "--jobs", "1", *more, cwd=home, PACE_HOME=str(home),
                    PACE_PRIVATE=str(home / "data" / "private"))


@pytest.fixture(scope="module")
def first(three) -> subprocess.CompletedProcess:
    """The first run of the plan of three."""
    return batch(three)


class TestAWholePlan:
    def test_one_that_fails_stops_nobody_and_is_named(self, three, first):
        assert first.returncode == 3, first.stderr
        assert first.stdout.strip() == str(three / "reports" / "councils.html")
        assert re.search(r"council-02 2015Q3 +failed\n", first.stderr) and "2 made, 1 failed, of 3" in first.stderr
        assert "1 of 3 reports are missing.\n  council-02 2015Q3\n" in first.stderr and "Traceback" not in first.stderr
        assert not (three / "reports" / "council-02" / "2015Q3").exists()

    def test_every_report_is_that_of_a_single_run_to_the_byte(self, three, first, tmp_path):
        """Of the second that its worker made: the notebook runs without a kernel, after another, yet nothing differs."""
        alone = shutil.copytree(three, tmp_path / "alone", ignore=shutil.ignore_patterns("reports", "private"))
        private, council = alone / "data" / "private", "council-03"
        run = run_pace("report", "--authority", council, "--quarter", "2015Q3", "--drop-errors", cwd=alone, PACE_HOME=str(alone),
                       PACE_PRIVATE=str(private))
        assert run.returncode == 0, run.stderr
        assert contents(alone / "reports" / council) == contents(three / "reports" / council)
        kept = three / "data" / "private" / council / "ledger.jsonl"
        assert (private / council / "ledger.jsonl").read_bytes() == kept.read_bytes()

    def test_the_page_links_what_there_is_and_says_what_the_reports_release(self, three, first):
        page = (three / "reports" / "councils.html").read_text(encoding="utf-8")
        links = re.findall(r'href="([^#"]*)"', page)
        assert links == [f"council-0{number}/2015Q3/board_report.html" for number in (1, 3)]
        assert all((three / "reports" / link).is_file() for link in links)
        assert "failed: the extract cannot be read" in page and "2 of 3 reports are released;" in page
        assert "<script" not in page and 'lang="en-GB"' in page and page.count("<caption") == page.count("<table") == 1
        assert all("scope=" in cell for cell in re.findall(r"<th\b[^>]*>", page))
        assert str(three) not in page

    def test_its_verdict_and_its_rows_are_those_of_the_report(self, three, first):
        folder = three / "reports" / "council-01" / "2015Q3"
        facts = {fact["key"]: fact for fact in json.loads((folder / "facts.json").read_text(encoding="utf-8"))["facts"]}
        year = facts["aim_trend"]["value"]
        verdict = facts["aim_verdict"]["text"] + ("" if year == "none" or facts["aim_verdict"]["text"] == "not shown" else f" ({year})")
        figures = json.loads((folder / "released.json").read_text(encoding="utf-8"))["figures"]
        aside, = [each["value"] for each in figures if each["key"][0] == "rows of the extract" and each["key"][3:] == ["set aside"]]
        page = (three / "reports" / "councils.html").read_text(encoding="utf-8")
        line = page.split('scope="row">Council 01<')[1].split("</tr>")[0]
        assert f"<td>{verdict}</td>" in line and f"<td>{f'about {aside:,}' if aside else 'none or few'} of " in line

    def test_the_page_says_nothing_of_a_report_that_is_not_as_it_was_released(self, three, first, tmp_path):
        home = shutil.copytree(three, tmp_path / "home")
        path = home / "reports" / "council-01" / "2015Q3" / "facts.json"
        path.write_bytes(path.read_bytes() + b" ")
        assert summary._released(path.parent) is None and summary._released(three / "reports" / "council-01" / "2015Q3")

    def test_only_what_is_missing_or_changed_is_made_again(self, three, first, tmp_path):
        home = shutil.copytree(three, tmp_path / "again")
        extract = home / "data" / "extracts" / "council-02"
        shutil.rmtree(extract)
        shutil.copytree(home / "data" / "extracts" / "council-01", extract)
        before = contents(home / "reports" / "council-01")
        stamp = (home / "reports" / "council-01" / "2015Q3" / "manifest.json").stat().st_mtime_ns
        run = batch(home)
        assert run.returncode == 0, run.stderr
        assert "1 made, 2 up to date, of 3" in run.stderr
        assert contents(home / "reports" / "council-01") == before
        assert (home / "reports" / "council-01" / "2015Q3" / "manifest.json").stat().st_mtime_ns == stamp
        page = (home / "reports" / "councils.html").stat().st_mtime_ns
        nothing = batch(home)
        assert nothing.returncode == 0 and "Up to date" in nothing.stderr and "made," not in nothing.stderr
        assert (home / "reports" / "councils.html").stat().st_mtime_ns == page

    def test_up_to_date_is_told_without_reading_an_extract(self, three, first):
        code = ("import sys; from pace_analysis.batch.planfile import load_plan\n"
                "from pace_analysis.batch.run import is_unchanged\n"
                "plan = load_plan('data/plans/councils.toml')\n"
                "print([is_unchanged(task) for task in plan.tasks], 'pandas' in sys.modules)")
        run = subprocess.run([sys.executable, "-c", code], cwd=three, capture_output=True, text=True,
                             env={**os.environ, "PACE_HOME": str(three), "PACE_PRIVATE": str(three / "data" / "private")})
        assert run.stdout.strip() == "[True, False, True] False", run.stderr


class TestACluster:
    @pytest.fixture
    def address(self, tmp_path_factory):
        if importlib.util.find_spec("distributed") is None:
            if os.environ.get("PACE_CI"):
                pytest.fail("distributed is missing, though the lock holds it")
            pytest.skip("distributed is not installed on this machine")
        with dask_cluster(tmp_path_factory.mktemp("cluster"), workers=1) as cluster:
            yield cluster.address

    def test_makes_the_same_reports_through_its_executor(self, three, first, address, tmp_path):
        home = shutil.copytree(three, tmp_path / "home", ignore=shutil.ignore_patterns("reports", "private"))
        run = batch(home, "--dask", address)
        assert run.returncode == 3 and "2 made, 1 failed, of 3" in run.stderr, run.stderr
        assert contents(home / "reports") == contents(three / "reports")

    def test_that_is_not_there_is_named(self):
        run = subprocess.run([sys.executable, "-c", ABSENT], capture_output=True, text=True, cwd=ROOT)
        assert "UsageError" in run.stdout and "pip install 'pace-analysis[dask]'" in run.stdout


ABSENT = """
import sys
sys.modules["distributed"] = None  # as where it is not installed
from pace_analysis.batch.workers import cluster
from pace_analysis.errors import UsageError
try:
    with cluster("tcp://localhost:8786"): pass
except UsageError as error:
    print("UsageError", error)
"""


class TestUnchangedIsNotSaidOf:
    @pytest.fixture
    def home(self, three, first, tmp_path, monkeypatch) -> Path:
        home = shutil.copytree(three, tmp_path / "home")
        monkeypatch.setenv("PACE_HOME", str(home))
        monkeypatch.setenv("PACE_PRIVATE", str(home / "data" / "private"))
        monkeypatch.chdir(home)
        return home

    @staticmethod
    def unchanged(**options) -> bool:
        from pace_analysis.batch.run import is_unchanged

        return is_unchanged(Task("council-01", "2015Q3", **{"drop_errors": True, **options}))

    def test_but_of_a_report_as_it_was_made(self, home):
        assert self.unchanged()

    def test_other_options(self, home):
        assert not self.unchanged(drop_errors=False)

    @pytest.mark.parametrize("name", ["data/extracts/council-01/2015Q3/child.csv", "data/text/board_report.md",
                                      "data/authorities/council-01.toml", "reports/council-01/2015Q3/tables/routes.csv",
                                      "notebooks/02_board_report.ipynb", "data/private/council-01/ledger.jsonl"])
    def test_a_file_that_changed(self, home, name):
        path = home / name
        path.write_bytes(path.read_bytes() + b"\n")
        assert not self.unchanged()

    def test_a_ledger_that_is_lost(self, home):
        (home / "data" / "private" / "council-01" / "ledger.head").unlink()
        assert not self.unchanged()

    def test_a_figure_that_a_later_report_corrects(self, home):
        """Later lines of the ledger change nothing of what was released before, until one corrects it."""
        book = Ledger.open(ledger_path("council-01"), "council-01")
        cell = next(entry for entry in book.entries if entry.kind == "cell" and entry.method == "rounded")
        profile = profile_named("public")

        def later(value: int, because: str) -> ReleaseRecord:
            figure = Figure(cell.key, value, "rounded")
            return ReleaseRecord("another-report", date(2015, 12, 31), Quarter(2015, 4), profile, (figure,), because=because)

        book = book.append(later(cell.value, ""))
        assert self.unchanged()
        book.append(later(cell.value + profile.base, "Late records."))
        assert not self.unchanged()

    def test_a_later_release_of_the_same_report(self, home):
        book = Ledger.open(ledger_path("council-01"), "council-01")
        figure = Figure(("a figure", "of its own"), 20, "rounded")
        book.append(ReleaseRecord("board-report-2015Q3", date(2015, 9, 30), Quarter(2015, 3), profile_named("public"), (figure,)))
        assert not self.unchanged()

    def test_an_extract_that_is_nearer(self, home):
        extracts = home / "data" / "extracts" / "council-01"
        (extracts / "2015Q3").rename(extracts / "2015Q4")
        assert not self.unchanged()


class OfACourse:
    """A client whose connection is in one state after the other; it calls at once."""

    def __init__(self, course):
        self.course = iter(course)

    @property
    def status(self):
        self.now = next(self.course, getattr(self, "now", ""))
        return self.now

    def get_executor(self, pure):
        return self

    def submit(self, fn, *args):
        return fn(*args)


class TestTheOrderOfWork:
    def tasks(self, *names: str) -> list[list[Task]]:
        return [[Task(name, "2015Q2"), Task(name, "2015Q3")] for name in names]

    def test_quarters_of_one_authority_come_one_after_the_other(self, tmp_path):
        chains = self.tasks("a", "b", "c")
        with ThreadPoolExecutor(4) as executor:
            results = drive(chains, executor, 4, work, args=(str(tmp_path),), limit=60, watcher=NOBODY)
        assert {result.status for result in results.values()} == {MADE} and len(results) == 6
        for older, newer in chains:
            assert int((tmp_path / f"{older.name}.txt").read_text()) < int((tmp_path / f"{newer.name}.txt").read_text())

    def test_a_worker_that_dies_or_takes_too_long_costs_its_own_authority_only(self, tmp_path):
        with Workers(2, ready=os.getpid) as executor:
            results = drive(self.tasks("killed", "slow", "a", "odd", "b"), executor, 2, work, args=(str(tmp_path),), limit=8,
                            watcher=NOBODY)
        told = {task.name: (result.status, str(result.error)) for task, result in results.items()}
        assert [told[f"{name} {quarter}"][0] for name in "ab" for quarter in ("2015Q2", "2015Q3")] == [MADE] * 4
        for name, why in (("killed", "ended before the report did"), ("slow", "longer than 8 seconds"), ("odd", "ValueError")):
            assert told[f"{name} 2015Q2"][0] == FAILED and why in told[f"{name} 2015Q2"][1]
            assert told[f"{name} 2015Q3"][0] == SKIPPED and f"because {name} 2015Q2 failed" in told[f"{name} 2015Q3"][1]
        assert "4711" not in str(told)

    def test_a_cluster_that_has_gone_is_a_failure_of_each_report(self, tmp_path):
        gone = ThreadPoolExecutor(1)
        gone.shutdown()
        results = drive([[Task("a", "2015Q3")], [Task("b", "2015Q3")]], gone, 1, work, args=("",), limit=1, watcher=NOBODY)
        assert [result.status for result in results.values()] == [FAILED, FAILED]

    @pytest.mark.parametrize("course", [["closing"], ["connecting", "connecting", "closed"], ["closed"]])
    def test_a_cluster_whose_scheduler_is_gone_is_handed_nothing(self, course):
        with pytest.raises(ConnectionError):
            ClusterExecutor(OfACourse(course)).submit(abs, -1)

    def test_a_scheduler_that_comes_back_is_waited_for(self):
        assert ClusterExecutor(OfACourse(["connecting", "connecting", "running", "running"])).submit(abs, -1) == 1

    @pytest.mark.slow
    def test_after_the_command_was_killed_the_next_run_completes(self, three, first, tmp_path):
        home = shutil.copytree(three, tmp_path / "killed")
        shutil.rmtree(home / "reports")
        shutil.rmtree(home / "data" / "private")
        command = [sys.executable, "-m", "pace_analysis", "batch", "data/plans/councils.toml", "--jobs", "1"]
        run = subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "PACE_HOME": str(home), "PACE_PRIVATE": str(home / "data" / "private")})
        give_up = time.monotonic() + 120
        while not list(home.glob("reports/*/.*.new-*")) and time.monotonic() < give_up:
            time.sleep(0.1)
        run.send_signal(signal.SIGKILL)
        run.wait()
        time.sleep(2)  # its workers notice
        again = batch(home)
        assert again.returncode == 3 and "council-02 2015Q3 \n" not in again.stderr
        for council in ("council-01", "council-03"):
            assert contents(home / "reports" / council) == contents(three / "reports" / council)


def test_the_size_of_a_chain_is_that_of_its_extracts_and_nothing_where_it_cannot_be_told():
    one, both = ([Task("exampleshire", quarter) for quarter in quarters] for quarters in (["2015Q2"], ["2015Q2", "2015Q3"]))
    parts = [path.stat().st_size for path in (ROOT / "data/sample/exampleshire/2015Q3").glob("*.*")]
    assert _size(both) - _size(one) == sum(parts) > 0
    assert _size([Task("nobody", "2015Q3")]) == 0


class TestAPlan:
    def plan(self, tmp_path, text: str) -> Path:
        path = tmp_path / "plan.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_has_chains_in_the_order_of_quarters_with_defaults_and_own_settings(self, tmp_path):
        said = ('authorities = ["exampleshire"]\n[defaults]\nquarters = ["2015Q3", "2015Q2"]\ndrop_errors = true\n'
                '[[authority]]\nname = "ssda903-test"\nquarters = ["2018Q1"]\ndata = "x"\nalso = "docx,pdf"\n')
        plan = load_plan(self.plan(tmp_path, said))
        assert plan.chains == ((Task("exampleshire", "2015Q2", drop_errors=True), Task("exampleshire", "2015Q3", drop_errors=True)),
                               (Task("ssda903-test", "2018Q1", data="x", drop_errors=True, also="docx,pdf"),))

    @pytest.mark.parametrize(("said", "kind", "words"), [
        ('authorites = ["exampleshire"]', SettingsError, "Did you mean 'authorities'?"),
        ('authorities = ["exampelshire"]\n[defaults]\nquarters = ["2015Q3"]', UsageError, "Did you mean 'exampleshire'?"),
        ('authorities = ["exampleshire"]\n[defaults]\nquarters = ["15Q3"]', UsageError, "15Q3"),
        ('authorities = ["exampleshire"]', SettingsError, "no quarter for 'exampleshire'"),
        ('[defaults]\nquarters = "2015Q3"', SettingsError, "a list in brackets"),
        ('[[authority]]\nname = "exampleshire"\nquarter = ["2015Q3"]', SettingsError, "Did you mean 'quarters'?"),
        ('authorities = ["exampleshire", "exampleshire"]\n[defaults]\nquarters = ["2015Q3"]', SettingsError, "twice"),
        ('authorities = ["exampleshire"]\n[defaults]\nquarters = ["2015Q3"]\nalso = "docs"', UsageError, "Did you mean 'docx'?"),
        ('[defaults]\nquarters = ["2015Q3"]\nalso = "docx"\nreference = "a.docx"\n[[authority]]\nname = "exampleshire"\nalso = "pdf"',
         UsageError, 'reference = ""'),
        ("", SettingsError, "names no authority"), ("authorities = [", SettingsError, "not valid TOML"),
    ])
    def test_says_what_is_wrong_with_it(self, tmp_path, said, kind, words):
        with pytest.raises(kind) as raised:
            load_plan(self.plan(tmp_path, said))
        assert words in str(raised.value) and "plan.toml" in str(raised.value)

    def test_that_is_not_there_is_named_with_the_nearest(self):
        with pytest.raises(SettingsError, match="Did you mean 'thirty-two.toml'"):
            load_plan("data/plans/thirty-tow.toml")

    def test_of_the_sample_is_the_one_that_is_written_with_the_councils(self):
        text = (ROOT / "data" / "plans" / "thirty-two.toml").read_text(encoding="utf-8")
        assert text == plan_text(councils(), QUARTERS)
        assert len(tomllib.loads(text)["authorities"]) == COUNCILS == 32

    def test_is_asked_of_the_command_without_a_cluster_package(self, tmp_path):
        run = run_pace("batch", "data/plans/none.toml")
        assert run.returncode == 10 and "There is no plan 'none.toml'." in run.stderr


class TestCouncils:
    def test_are_of_all_sizes_and_the_same_each_time(self):
        made = councils()
        assert (made[0].children, made[-1].children) == (40, 1500) and sorted(made, key=lambda one: one.children) == list(made)
        assert lives_of(made[3]) == lives_of(made[3]) and len(lives_of(made[3])) < len(lives_of(made[9]))

    def test_are_not_written_over_anything(self, tmp_path):
        (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="not empty"):
            write_councils(tmp_path, 1)
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


HOSTILE = """
import os, random, sys, warnings
import matplotlib, numpy, pandas
import matplotlib.pyplot as plt
import pace_analysis.figures.style as style, pace_analysis.figures as figures
matplotlib.rcParams["font.size"] = 31
plt.figure()
style.WIDTH = 2.0
figures.FIGURES.clear()
pandas.set_option("display.max_rows", 3)
warnings.simplefilter("ignore")
random.seed(1); numpy.random.seed(1); numpy.seterr(all="ignore")
os.environ["PACE_HOSTILE"] = "1"; sys.path.insert(0, "nowhere")
os.chdir("/")
"""


class TestAWarmWorker:
    def run(self, *cells: str):
        from papermill.engines import papermill_engines

        from pace_analysis.batch.asnew import as_new
        from pace_analysis.batch.engine import NAME

        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata={"papermill": {}})
        with as_new():
            engine = papermill_engines.get_engine(NAME)
            return engine.execute_notebook(made, "python3", progress_bar=False).cells

    @staticmethod
    def state() -> dict:
        """All that a report may change and the next must not see; which backend draws on screens is told once for good."""
        import matplotlib
        from matplotlib import pyplot

        from pace_analysis.figures import FIGURES, style

        return {"rc": {name: value for name, value in matplotlib.rcParams.items() if name != "backend"},
                "module": (style.WIDTH, dict(FIGURES)), "pandas": pd.get_option("display.max_rows"), "numpy": np.geterr(),
                "filters": list(warnings.filters), "random": (random.getstate(), np.random.get_state()[1].tolist()),
                "process": (dict(os.environ), list(sys.path), os.getcwd(), sys.modules["__main__"]), "open": pyplot.get_fignums()}

    def test_forgets_what_a_notebook_changed(self):
        self.run("import pace_analysis.figures")  # imports, which stay
        before = self.state()
        cell, = self.run(HOSTILE)
        assert [output.ename for output in cell.outputs if output.output_type == "error"] == []
        after = self.state()
        assert {name: after[name] for name in after if after[name] != before[name]} == {}

    def test_gives_the_outputs_of_a_kernel(self):
        cells = self.run("import sys\nprint('said')\nprint('warned', file=sys.stderr)\n1 + 1",
                         "display({'text/plain': 'shown'}, raw=True)\n_", "1 / 0", "'never'")
        first, second, third, fourth = (cell.outputs for cell in cells)
        assert [(out.output_type, out.get("name")) for out in first] == [("stream", "stdout"), ("stream", "stderr"), ("execute_result", None)]
        assert first[0].text == "said\n" and first[2].data == {"text/plain": "2"} and first[2].execution_count == 1
        assert second[0].output_type == "display_data" and second[0].data == {"text/plain": "shown"}
        assert (third[0].output_type, third[0].ename, third[0].evalue) == ("error", "ZeroDivisionError", "division by zero")
        assert fourth == [] and cells[3].execution_count is None

    def test_warns_in_the_second_report_as_in_the_first(self, recwarn):
        cell = "from pace_analysis.figures import style\nexec(compile('import warnings; warnings.warn(\"once\")', 'x', 'exec'), vars(style))"
        for _ in range(2):
            assert self.run(cell)[0].outputs == []
        assert [str(each.message) for each in recwarn] == ["once", "once"]

    def test_that_cannot_import_everything_collects_garbage_still(self, monkeypatch):
        monkeypatch.setattr(worker, "skip_slow_import", lambda: None)
        monkeypatch.setattr(worker, "import_module", lambda name: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            worker.warm_up.__wrapped__()
        assert gc.isenabled()

    def test_reads_the_files_that_reports_have(self):
        """Their names are written down a second time, because importing where they are defined takes a second."""
        from pace_analysis.report import released, unchanged
        from pace_analysis.report.narrative import factsfile

        assert summary.FACTS == factsfile.NAME and summary.RELEASED == unchanged.RELEASED == released.NAME


class TestProgress:
    def test_is_a_table_below_the_lines_on_a_terminal_and_lines_elsewhere(self):
        import io

        from pace_analysis.batch.drive import Result

        failed = Result(Task("a", "2015Q3"), FAILED, InputError("No.", where="there", remedy="Do this."))
        shown = {}
        for kind in (Lines, Live):
            stream = io.StringIO()
            watcher = kind(stream, 2)
            watcher.beat({"b 2015Q3": 61.0}, 0)
            watcher.finished(failed)
            watcher.close()
            shown[kind] = stream.getvalue()
        assert shown[Lines] == "a 2015Q3                         failed\n    No.\n    there\n    Do this.\n1 failed, of 2; 0:00\n"
        assert "b 2015Q3" in shown[Live] and "1:01" in shown[Live] and "\x1b[2F\x1b[J" in shown[Live]
        assert shown[Live].endswith(shown[Lines])
