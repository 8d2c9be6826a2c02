"""Whatever ends a run, the earlier report is whole, the message says what happened, and the next run succeeds."""

import fcntl
import json
import os
import pty
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from conftest import ROOT, contents
from crash import HOOK, WHO, Place, loop, table

from pace_analysis import errors
from pace_analysis.cli import STOPPED
from pace_analysis.errors import NotebookError
from pace_analysis.ledger import Ledger
from pace_analysis.report.running import run_notebook

REPLACE = """
from pathlib import Path
from pace_analysis.report import folders

if {plain}:  # a system that cannot exchange two folders
    folders.ctypes = None
with folders.replacing(Path({folder!r}), "mark.json") as aside:
    for name in ("page.html", "sub/table.csv", "mark.json"):
        (aside / name).parent.mkdir(exist_ok=True)
        (aside / name).write_text({says!r})
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    """A project with one finished report; tests leave it as it is."""
    found = Place.new(tmp_path_factory.mktemp("crash"))
    found.words("mark0x")
    code, said = found.run()
    assert code == 0, said
    return found


@pytest.fixture
def intact(place):
    """Hold the report and its ledger against what they were, after whatever the test does."""
    before, book = contents(place.folder), place.ledger.read_bytes()
    place.words("mark1x")
    yield
    place.words("mark0x")
    assert contents(place.folder) == before and place.ledger.read_bytes() == book
    assert place.left_over() in ([], [".2015Q3.lock"])
    assert place.run("verify") == (0, "")


def with_cell(place: Place, source: str):
    """Put a cell into the place's notebook, before the study is opened; returns how to take it out again."""
    path = place.home / "notebooks" / "02_board_report.ipynb"
    before = path.read_text(encoding="utf-8")
    notebook = json.loads(before)
    at = next(number for number, cell in enumerate(notebook["cells"]) if "open_study" in "".join(cell["source"]))
    notebook["cells"][at]["source"] = [source]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return lambda: path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("plain", [False, True], ids=["exchanged", "renamed twice"])
def test_a_folder_is_the_old_or_the_new_whichever_step_is_the_last(tmp_path, plain):
    (tmp_path / "sitecustomize.py").write_text(HOOK)
    folder, seen, path = tmp_path / "out" / "2015Q3", set(), os.pathsep.join([str(tmp_path), str(ROOT)])

    def replace(says: str, at: int) -> int:
        code = REPLACE.format(folder=str(folder), says=says, plain=plain)
        return subprocess.run([sys.executable, "-c", code], capture_output=True, env={
            **os.environ, "PYTHONPATH": path, "PACE_KILL_AT": str(at or ""), "PACE_KILL_BELOW": str(tmp_path / "out")}).returncode

    assert replace("old", 0) == 0
    for at in range(1, 100):
        code = replace("new", at)
        gone = not folder.exists()
        assert not gone or (plain and (folder.parent / ".2015Q3.old").exists())
        if code == 0:
            break
        assert code == -signal.SIGKILL
        if not gone:
            seen.add(says := {*contents(folder).values()}.pop())
            assert contents(folder) == dict.fromkeys(("page.html", "sub/table.csv", "mark.json"), says)
        assert replace("old", 0) == 0
        assert [one.name for one in folder.parent.iterdir()] == ["2015Q3"]
    assert at > 8 and seen == {b"old", b"new"}


@pytest.mark.usefixtures("intact")
class TestTheEarlierReportIsIntactAfter:
    @pytest.mark.parametrize(("cell", "says"), [
        ("1 / 0", "of the notebook failed: ZeroDivisionError"),
        ("import os; os._exit(3)", "The kernel that ran the notebook ended"),
    ], ids=["a cell that fails", "the death of the kernel"])
    def test_a_notebook_that_does_not_end_well(self, place, cell, says):
        undo = with_cell(place, cell)
        code, said = place.run()
        undo()
        assert code == NotebookError.exit_code and says in said and "Traceback" not in said

    @pytest.mark.parametrize("size", [60_000, 150_000], ids=["in the notebook", "at the page"])
    def test_a_full_disk(self, place, size):
        # no file may grow beyond the size, which ends a write as a full disk does
        code, said = place.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        assert code == errors.OutputError.exit_code and "cannot be written" in said and "Traceback" not in said

    def test_a_second_run_at_once_and_ctrl_c(self, place):
        undo = with_cell(place, "import time; time.sleep(60)")
        first = place.start()
        wait_for(place.folder.with_name(".2015Q3.lock"), first)
        wait_for(place.folder.with_name(f".2015Q3.new-{first.pid}"), first)
        code, said = place.run()
        assert code == errors.BusyError.exit_code and "Another run" in said
        first.send_signal(signal.SIGINT)
        try:
            _, said = first.communicate(timeout=30)
        finally:
            first.kill()
            undo()
        assert first.returncode == STOPPED and said.startswith("pace: Stopped.") and "Traceback" not in said


def wait_for(path: Path, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.02)


def test_a_cell_that_takes_too_long_is_stopped(tmp_path):
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import time; time.sleep(60)")])
    nbformat.write(notebook, tmp_path / "slow.ipynb")
    with pytest.raises(NotebookError, match="took too long"):
        run_notebook(tmp_path / "slow.ipynb", {}, seconds=1)


def test_what_is_done_meanwhile_stops_the_notebook_when_it_fails(tmp_path):
    import nbformat

    said = tmp_path / "said"
    cells = [nbformat.v4.new_code_cell(f"import time; time.sleep(5); open({str(said)!r}, 'w')")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "slow.ipynb")

    def meanwhile() -> None:
        raise errors.InputError("The extract is gone.")

    with pytest.raises(errors.InputError, match="gone"):
        run_notebook(tmp_path / "slow.ipynb", {}, meanwhile=meanwhile)
    assert not said.exists()


def test_a_report_that_was_recorded_and_not_put_in_place_is_put_there_by_the_next_run(place, tmp_path):
    shutil.copytree(place.home, tmp_path / "home")
    shutil.copytree(place.root / "hook", tmp_path / "hook")
    fresh = Place.at(tmp_path)
    shutil.rmtree(fresh.home / "reports")
    assert fresh.run(to="/2015Q3")[0] == -signal.SIGKILL
    book = fresh.ledger.read_bytes()
    assert Ledger.open(fresh.ledger, WHO).releases() and not fresh.folder.exists() and len(fresh.left_over()) == 2
    assert fresh.run() == (0, "")
    assert fresh.ledger.read_bytes() == book and fresh.run("verify") == (0, "") and fresh.left_over() == []
    assert contents(fresh.folder)["board_report.html"] == contents(place.folder)["board_report.html"]


@pytest.mark.slow
def test_six_kills_leave_the_old_report_or_the_new(tmp_path):
    seed = int(time.time())
    seen = loop(Place.new(tmp_path), kills=6, seed=seed)
    assert not [what for _, what in seen if "whole" not in what and what not in (
        "finished before", "left a folder beside it", "next run finished")], f"seed {seed}\n{table(seen)}"


def test_the_steps_are_named_on_a_terminal(place):
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    undo = with_cell(place, "study = None")
    asked = ["report", "--authority", WHO, "--quarter", "2015Q3", "--out", str(place.root / "pty" / "2015Q3")]
    process = subprocess.Popen([sys.executable, "-m", "pace_analysis", *asked], cwd=place.home, env=place.environment,
                               stdout=follower, stderr=follower)
    process.wait(timeout=60)
    undo()
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert re.search(r"run notebook .*1/5", shown)


def test_the_documentation_lists_every_exit_code():
    said = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    listed = {int(code): name for code, name in re.findall(r"^\| (\d+) \| (?:`(\w+)`)?", said, re.MULTILINE)}
    kinds = {kind.exit_code: name for name, kind in vars(errors).items()
             if isinstance(kind, type) and issubclass(kind, errors.PaceError) and kind is not errors.PaceError}
    assert listed == {0: "", 1: "", **kinds, STOPPED: ""}
    for code, name in kinds.items():
        assert re.search(rf"{name}\s+{code}\b", errors.__doc__)
