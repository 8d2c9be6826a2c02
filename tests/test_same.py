"""Same in, same out: two builds are equal to the byte, one that nothing changed is not made again, and one can be made again."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from conftest import contents, need_tool
from crash import WHO, Place
from test_floors import HEAVY

from pace_analysis.compare import account_path
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, OutputError, ReportDiffers, UsageError
from pace_analysis.ledger import ledger_path
from pace_analysis.ledger.lines import START
from pace_analysis.report import unchanged, verify
from pace_analysis.report.build import plan, report
from pace_analysis.report.rerun import _released_since, rerun

FORMS = ("--docx", "--pdf", "--xlsx")
ELSEWHERE = {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8"}
ANOTHER_DAY = ["-f", "+1900d"]


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Place:
    """A project with a report in every form."""
    place = Place.new(tmp_path_factory.mktemp("first"))
    place.environment |= {"TZ": "Europe/London", "PYTHONHASHSEED": "1"}
    _release(place)
    return place


@pytest.fixture(scope="module")
def second(tmp_path_factory) -> Place:
    """The same in another folder, time zone, locale and hash seed, and on another day where the tool for that is there."""
    place = Place.new(tmp_path_factory.mktemp("pace_analysis") / "a longer name")
    place.environment |= ELSEWHERE
    if tool := shutil.which("faketime"):
        place.before = [tool, *ANOTHER_DAY]
    _release(place)
    return place


def _release(place: Place) -> None:
    """Make the report after that of the quarter before, so that it says what moved."""
    for more in (["--quarter", "2015Q2"], FORMS):
        assert place.run("report", *more) == (0, "")


@pytest.fixture
def place(first, tmp_path) -> Place:
    """A copy of the first to change."""
    for name in ("home", "private"):
        shutil.copytree(first.root / name, tmp_path / name)
    return Place.at(tmp_path)


@pytest.fixture
def here(place, monkeypatch) -> Place:
    """The copy, and this process working in it."""
    for name in ("PACE_HOME", "PACE_PRIVATE"):
        monkeypatch.setenv(name, place.environment[name])
    monkeypatch.chdir(place.home)
    return place


class TestTwoBuilds:
    def test_are_the_same_to_the_byte(self, first, second):
        """The manifest too: none of its fields is volatile."""
        one, other = contents(first.folder), contents(second.folder)
        kinds = {Path(name).suffix for name in one}
        assert {".html", ".svg", ".png", ".csv", ".txt", ".json", ".docx", ".pdf", ".xlsx"} <= kinds
        assert [name for name in one.keys() | other.keys() if one.get(name) != other.get(name)] == []

    def test_release_the_same(self, first, second):
        assert first.ledger.read_bytes() == second.ledger.read_bytes()

    def test_were_made_on_two_days(self, second):
        need_tool("faketime")
        said = subprocess.run([*second.before, sys.executable, "-c", "import datetime; print(datetime.date.today().year)"],
                              capture_output=True, text=True, check=True, env=second.environment)
        assert int(said.stdout) > date.today().year

    def test_do_not_tell_the_day(self, first):
        days = [date.today().strftime(form).encode() for form in ("%Y-%m-%d", "%Y%m%d", "%-d %B %Y")]
        parts = contents(first.folder)
        for name in [name for name in parts if name.endswith((".docx", ".xlsx"))]:
            with zipfile.ZipFile(first.folder / name) as packed:
                assert {entry.date_time[0] for entry in packed.infolist()} == {1980}
                parts |= {f"{name}/{part}": packed.read(part) for part in packed.namelist()}
        assert [name for name, data in parts.items() if any(day in data for day in days)] == []


class TestARunWithNothingChanged:
    def test_says_so_and_makes_nothing(self, first):
        before = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
        process = first.start("report", *FORMS)
        shown, said = process.communicate()
        assert process.returncode == 0 and said.startswith("Up to date")
        assert shown.strip() == str(first.folder / "board_report.html")
        assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == before

    def test_imports_nothing_that_takes_long(self, first):
        code = ("import sys; from pace_analysis.cli import main\n"
                f"try: main({['report', '--authority', WHO, '--quarter', '2015Q3', '--quiet', *FORMS]})\n"
                "except SystemExit as stop: assert not stop.code\n"
                "print(*{name.split('.')[0] for name in sys.modules})")
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=first.home,
                             env=first.environment)
        page, loaded = run.stdout.splitlines()
        assert page.endswith("board_report.html")
        assert HEAVY & set(loaded.split()) <= {"pydantic"}

    @pytest.mark.parametrize("change", [
        lambda place: place.words("mark"),
        lambda place: append(place.home / "data" / "sample" / WHO / "2015Q3" / "period.csv", b"\n"),
        lambda place: append(place.home / "data" / "pathways" / "scotland.toml", b"# \n"),
        lambda place: append(place.home / "notebooks" / "02_board_report.ipynb", b"\n"),
        lambda place: append(place.folder / "board_report.html", b" "),
        lambda place: (place.folder / "more.txt").write_text("x"),
        lambda place: (place.folder / "manifest.json").unlink(),
        lambda place: state(place, "versions", "pandas", "2.0.0"),
        lambda place: state(place, "parameters", "also", "docx"),
        lambda place: edit(place.ledger, b'"value":15', b'"value":20'),
        lambda place: append(place.ledger, b"{}\n"),
        lambda place: place.ledger.unlink(),
        lambda place: place.ledger.with_suffix(".head").unlink(),
        lambda place: account_path(WHO, Quarter(2015, 2)).unlink(),
    ], ids=["words", "extract", "pathway", "notebook", "page", "more", "manifest", "version", "parameter", "figure of the ledger",
            "line of the ledger", "ledger", "head", "account"])
    def test_is_noticed_to_have_changed(self, here, change):
        asked = plan(WHO, "2015Q3", also="docx,pdf,xlsx")
        assert unchanged.up_to_date(asked)
        change(here)
        assert not unchanged.up_to_date(asked)

    def test_is_not_put_in_place_when_a_file_changes_meanwhile(self, here):
        """What the page does not hold would pass for what it was made from."""
        before = contents(here.folder)
        with pytest.raises(InputError, match="was changed while") as refused:
            report(plan(WHO, "2015Q3"), lambda step: here.words("mark") if step == "make page" else None)
        assert refused.value.where == f"changed: data/text/{WHO}.md"
        assert contents(here.folder) == before

    def test_is_never_a_draft_or_a_revision(self, here):
        shutil.copytree(here.folder, here.folder.with_name("2015Q3-DRAFT"))
        state(here, "parameters", "draft", True, here.folder.with_name("2015Q3-DRAFT"))
        assert not unchanged.up_to_date(plan(WHO, "2015Q3", also="docx,pdf,xlsx", draft=True))
        state(here, "parameters", "revise", ["waiting"])
        assert not unchanged.up_to_date(plan(WHO, "2015Q3", also="docx,pdf,xlsx", because="Late."))

    def test_reads_the_files_that_it_names(self, here):
        """Their names are written down a second time, because importing where they are defined takes a second."""
        assert (unchanged.LEDGER, unchanged.HEAD, unchanged.BEFORE) == (ledger_path(WHO).name, verify.HEAD, START)


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def edit(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


def state(place: Place, part: str, name: str, value: object, folder: Path | None = None) -> None:
    """Let a manifest say something else."""
    path = (folder or place.folder) / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said[part][name] = value
    path.write_text(verify._dumped(said), encoding="utf-8")


class TestMadeAgain:
    def test_it_is_the_same(self, first):
        process = first.start("rerun")
        shown, said = process.communicate()
        assert process.returncode == 0, said
        assert shown == f"Made again: all {len(contents(first.folder)) - 1} files are the same, to the byte.\n"

    def test_it_says_where_it_differs_and_why(self, here):
        here.words("mark")
        state(here, "versions", "pandas", "2.0.0")
        state(here, "code", "source", "0" * 64)
        state(here, "parameters", "also", "")
        append(here.folder / "tables" / "waiting.csv", b" ")
        found = rerun(here.folder)
        assert {"changed: board_report.html", "missing: board_report.docx"} <= set(found.differ)
        assert [each for each in found.differ if "figures/" in each or "tables/" in each] == ["changed: tables/made_from.csv"]
        assert [each.partition(", now")[0] for each in found.reasons] == [
            f"input changed: data/text/{WHO}.md", "version of pandas: 2.0.0",
            "code: the package or its notebooks were changed within the same version"]
        assert found.edited == ("changed: tables/waiting.csv",)
        assert all(each in found.text() for each in (*found.differ, *found.reasons, *found.edited))
        with pytest.raises(ReportDiffers):
            found.must_be_same()

    def test_an_input_that_lay_elsewhere_is_asked_for(self, here):
        state(here, "parameters", "data", "outside/data/extract.xlsx")
        with pytest.raises(InputError, match="'extract.xlsx'") as caught:
            rerun(here.folder / "manifest.json")
        assert "--data" in caught.value.remedy

    def test_a_parameter_of_another_version_is_refused(self, here):
        state(here, "parameters", "colour", "red")
        with pytest.raises(OutputError, match="does not know"):
            rerun(here.folder)

    def test_what_is_no_report_is_refused(self, tmp_path):
        with pytest.raises(OutputError):
            rerun(tmp_path)
        with pytest.raises(OutputError):
            rerun(tmp_path / "manifest.json")
        with pytest.raises(UsageError, match="'board_report.html' is no manifest"):
            rerun(tmp_path / "board_report.html")

    @pytest.mark.parametrize("part", ["code", "inputs", "outputs", "versions", "parameters"])
    def test_a_manifest_of_another_form_is_refused_before_anything_is_made(self, part, tmp_path, first):
        said = json.loads((first.folder / "manifest.json").read_text(encoding="utf-8"))
        (tmp_path / "manifest.json").write_text(verify._dumped({**said, part: []}), encoding="utf-8")
        with pytest.raises(OutputError, match="not as it was written"):
            rerun(tmp_path)

    def test_a_ledger_that_never_held_it_is_a_reason_and_no_alarm(self, here):
        said = json.loads((here.folder / "manifest.json").read_text(encoding="utf-8"))
        shutil.rmtree(here.ledger.parent)
        shutil.rmtree(here.folder.parent)
        assert here.run("report", "--quarter", "2014Q4") == (0, "")
        assert _released_since(said) == ["ledger: not the one that the report was released with"]
