"""What several tests share: the repository's root, one built report, and tools that CI must have."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
os.environ["PACE_PRIVATE"] = tempfile.mkdtemp(prefix="pace-private-")  # for fixtures of a module; nothing is released there


def run_pace(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run the command as a user would, output as text."""
    return subprocess.run([sys.executable, "-m", "pace_analysis", *arguments], cwd=cwd, capture_output=True, text=True,
                          env={**os.environ, "PACE_HOME": str(ROOT), **environment})


def need_tool(*names: str) -> str:
    """Path of the first tool found; skips with the reason where there is none, except in CI, which installs it."""
    for name in names:
        if path := shutil.which(name):
            return path
    if os.environ.get("PACE_CI"):
        pytest.fail(f"{names[0]} is missing, though CI installs it")
    pytest.skip(f"{names[0]} is not installed on this machine")


@pytest.fixture(autouse=True)
def own_private_folder(monkeypatch, tmp_path_factory) -> Path:
    """Give each test a private folder of its own: what one releases must not bind another."""
    folder = tmp_path_factory.mktemp("private")
    monkeypatch.setenv("PACE_PRIVATE", str(folder))
    return folder


@pytest.fixture(scope="session")
def study():
    """The sample to its last quarter, where nothing was released before; read once, so not to be changed."""
    from pace_analysis.study import open_study

    return open_study("exampleshire", "2015Q3")


@pytest.fixture(scope="session")
def answers(study):
    """What the board report of the sample answers."""
    from pace_analysis.answers import board_answers

    return board_answers(study)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path from there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def sample_report(tmp_path_factory) -> Path:
    """Folder of the sample's board report, built once by the command."""
    return _build(tmp_path_factory, "2015Q3")


@pytest.fixture(scope="session")
def second_report(tmp_path_factory) -> Path:
    """Folder of the same report, released after that of the quarter before: as ``make report`` builds it."""
    return _build(tmp_path_factory, "2015Q2", "2015Q3")


def _build(tmp_path_factory, *quarters: str) -> Path:
    private = str(tmp_path_factory.mktemp("private"))
    for quarter in quarters:
        folder = tmp_path_factory.mktemp("reports") / quarter
        run = run_pace("report", "--authority", "exampleshire", "--quarter", quarter, "--out", str(folder), PACE_PRIVATE=private)
        assert run.returncode == 0, run.stderr
        assert run.stdout.strip() == str(folder / "board_report.html")
    return folder
