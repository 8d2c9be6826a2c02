"""The guides, followed to the letter: each command is run, each message brought about, each file looked for.

What a guide leaves to the reader's own hands is done here by a function (:data:`BY_HAND`). A command, a quoted line or a
message that nothing here accounts for fails.
"""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from conftest import ROOT, need_tool
from filelock import FileLock

from pace_analysis.cli import main
from pace_analysis.extract import read_extract
from pace_analysis.extract.tracker.example import write_example

FIRST, FIGURE = "first-report.md", "one-figure.md"
MINE = Path("data/private/anytown")
LITTLE = ROOT / "tests" / "data" / "tracker" / "little_council.csv"
SET_UP = ("make ", "export ")  # of these two there is a test of their own
HERE = "…"  # stands in a guide for what differs from run to run


@dataclass(frozen=True)
class Guide:
    """What a guide shows: its fences in order, what stands in back quotes, and the messages of its table."""

    text: str

    @property
    def fences(self) -> list[tuple[str, list[str]]]:
        """Kind and lines of each fence."""
        found = re.findall(r"^```(\w+)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return [(kind, body.splitlines()) for kind, body in found]

    def lines(self, kind: str) -> list[str]:
        """Every line of the fences of one kind."""
        return [line for fence, body in self.fences if fence == kind for line in body]

    @property
    def inline(self) -> set[str]:
        """What stands in back quotes within sentences and tables."""
        return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", self.text, flags=re.MULTILINE | re.DOTALL)))

    @property
    def messages(self) -> list[str]:
        """First column of the table of messages."""
        rows = [row for row in self.text.split("\n## Messages\n")[1].splitlines() if row.startswith("| ")]
        return [message for row in rows for message in re.findall(r"`([^`]+)`", row.removeprefix("| ").split(" | ")[0])]


def guide(name: str) -> Guide:
    return Guide((ROOT / "docs" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """All that was printed, each line as the guides quote it in a table."""
        return [line.removeprefix("pace: ") for line in (self.err + self.out).splitlines()]


@dataclass
class Desk:
    """A reader at work in a copy of the project; ``said`` keeps what each command printed."""

    home: Path
    said: dict[str, list[Said]] = field(default_factory=dict)

    def do(self, line: str) -> Said:
        """Run one command as it is typed."""
        program, *rest = shlex.split(line)
        if program == "pace":
            run = CliRunner().invoke(main, rest)
            assert run.exception is None or isinstance(run.exception, SystemExit), run.exception
            said = Said(run.exit_code, run.stdout, run.stderr)
        elif program == "cp":
            said = Said(0, str(shutil.copy(*rest)), "")
        else:
            assert (program, rest[0]) == ("mkdir", "-p"), f"nothing here runs: {line}"
            Path(rest[1]).mkdir(parents=True)
            said = Said(0, "", "")
        self.said.setdefault(line, []).append(said)
        return said

    def change(self, path: str | Path, old: str, new: str) -> None:
        """Replace words of a text file, which must be there."""
        text = (self.home / path).read_text(encoding="utf-8")
        assert old in text, f"{path} does not hold {old}"
        (self.home / path).write_text(text.replace(old, new), encoding="utf-8")


def settle(home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Sit down in ``home``, with the private folder that a reader has."""
    monkeypatch.setenv("PACE_HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # the notebook's kernel starts in the reader's folder
    monkeypatch.delenv("PACE_PRIVATE", raising=False)
    monkeypatch.chdir(home)
    return Desk(home)


def project(home: Path) -> Path:
    """A copy of the project without the sample's extract, and with the two files that the first guide dictates."""
    for name in ("authorities", "aims", "pathways", "published", "text", "dictionary"):
        shutil.copytree(ROOT / "data" / name, home / "data" / name)
    shutil.copytree(ROOT / "notebooks", home / "notebooks")
    for kind, (named, *body) in guide(FIRST).fences:
        if kind == "toml":
            (home / named.removeprefix("# ")).write_text("\n".join(body) + "\n", encoding="utf-8")
    return home


# the spreadsheet, and what the reader does with it


def cells(sheet, heading: str) -> int:
    """The column under a heading of the lower row."""
    return next(cell.column for cell in sheet[4] if cell.value == heading)


def edit(path: Path, *changes: Callable) -> None:
    book = openpyxl.load_workbook(path)
    for change in changes:
        change(book["Tracker"])
    book.save(path)


def put(row: int, heading: str, value: object) -> Callable:
    def change(sheet) -> None:
        sheet.cell(row, cells(sheet, heading)).value = value

    return change


def swap_days(sheet) -> None:
    start, end = (sheet.cell(14, cells(sheet, heading)) for heading in ("Date started", "Date ended"))
    start.value, end.value = end.value, start.value


def messy_tracker(path: Path) -> None:
    """The sample as a council keeps it: words for days, days as words, a row twice, days the wrong way round."""
    write_example(read_extract(ROOT / "data/sample/exampleshire" / path.parent.name), path)
    edit(path, put(11, "A&P Panel", "TBC"), put(12, "First LAAC Review", "31/09/2014"),
         put(13, "First LAAC Review", "03/10/14"), put(19, "SWIFT No", None), swap_days,
         lambda sheet: sheet.append([cell.value for cell in sheet[17]]))


MENDS = (
    (put(12, "First LAAC Review", date(2010, 7, 1)),),
    (put(13, "First LAAC Review", date(2010, 1, 4)),),
    (put(19, "SWIFT No", "00016"),),
    (swap_days, lambda sheet: sheet.delete_rows(sheet.max_row)),
)


def save_first_sheet(desk: Desk) -> None:
    messy_tracker(desk.home / MINE / "2015Q2" / "tracker.xlsx")


def answer_the_mapping(desk: Desk) -> None:
    mapping = MINE / "2015Q2" / "tracker.mapping.toml"
    desk.change(mapping, "# as_at = 2015-09-30", 'source = "Anytown permanence tracker"\nas_at = 2015-06-30')
    desk.change(mapping, "# covers_from = 2010-04-01", "covers_from = 2010-04-01")
    desk.change(mapping, '# "Other LA" = ""', '"Other LA" = "moved_away"')


def type_a_number(desk: Desk) -> None:
    desk.change("data/text/anytown.md", "The Board is asked to note where", "The Board is asked to note that 110 wait, where")


def name_the_fact(desk: Desk) -> None:
    desk.change("data/text/anytown.md", "that 110 wait", "that {waiting_total} wait")
    desk.change("data/text/anytown.md", "On: date of the meeting", "On: 25 August 2015")


def save_next_sheet(desk: Desk) -> None:
    old, new = (desk.home / MINE / quarter for quarter in ("2015Q2", "2015Q3"))
    new.mkdir()
    write_example(read_extract(ROOT / "data/sample/exampleshire/2015Q3"), new / "tracker.xlsx")
    shutil.copy(old / "tracker.mapping.toml", new)
    desk.change(new / "tracker.mapping.toml", "as_at = 2015-06-30", "as_at = 2015-09-30")


def choose_before_release(desk: Desk) -> None:
    """The reader of the second guide comes early, and chooses before the report is released."""
    desk.do(guide(FIGURE).lines("sh")[0])


CHECK = f"pace check {MINE.as_posix()}/2015Q2 --out {MINE.as_posix()}/findings.xlsx"
REPORT = "pace report --authority anytown --quarter"
BY_HAND: dict[str, Callable[[Desk], None]] = {  # done before the command that stands in the guide
    f"pace map {MINE.as_posix()}/2015Q2/tracker.xlsx": save_first_sheet,
    CHECK: answer_the_mapping,
    f"{REPORT} 2015Q2 --draft": type_a_number,
    f"{REPORT} 2015Q2 --docx --pdf --xlsx": name_the_fact,
    f"pace check {MINE.as_posix()}/2015Q3": save_next_sheet,
    f"{REPORT} 2015Q3 --docx --pdf --xlsx": choose_before_release,
}


def check_and_mend(desk: Desk) -> None:
    """Run the check until nothing is left to mend."""
    for mend in (*MENDS, ()):
        desk.do(CHECK)
        edit(desk.home / MINE / "2015Q2" / "tracker.xlsx", *mend)


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> Iterator[Desk]:
    """A reader who has followed both guides."""
    with pytest.MonkeyPatch.context() as patch:
        desk = settle(project(tmp_path_factory.mktemp("home")), patch)
        for line in (*guide(FIRST).lines("sh"), *guide(FIGURE).lines("sh")):
            if line.startswith(SET_UP) or line in desk.said:
                continue
            BY_HAND.get(line, lambda desk: None)(desk)
            if line == CHECK:
                check_and_mend(desk)
            else:
                assert desk.do(line).code == 0, (line, desk.said[line][-1])
        yield desk


def matches(quoted: str, line: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, quoted.split(HERE))), line) is not None


class TestWalk:
    def test_every_command_was_run_and_nothing_is_done_by_hand_for_a_command_that_is_not_there(self, walked):
        typed = {line for name in (FIRST, FIGURE) for line in guide(name).lines("sh") if not line.startswith(SET_UP)}
        assert typed == set(walked.said) and set(BY_HAND) <= typed

    def test_the_check_says_what_the_guide_quotes_from_run_to_run(self, walked):
        quoted = next(body for kind, body in guide(FIRST).fences if kind == "text")
        runs = walked.said[CHECK]
        assert len(quoted) == len(runs) and [run.code for run in runs] == [11, 11, 11, 12, 0]
        for line, run in zip(quoted, runs, strict=True):
            assert line in (run.err + run.out).splitlines(), (line, run)

    @pytest.mark.parametrize("name", [FIRST, FIGURE])
    def test_every_quoted_line_was_printed(self, walked, name):
        printed = [line for runs in walked.said.values() for run in runs for line in (run.out + run.err).splitlines()]
        for quoted in guide(name).lines("text"):
            assert any(matches(quoted, line) for line in printed), quoted

    @pytest.mark.parametrize("name", [FIRST, FIGURE])
    def test_every_file_that_is_named_is_there(self, walked, name):
        named = {text for text in guide(name).inline if text.startswith(("data/", "reports/")) and HERE not in text}
        assert named and [text for text in named if not (walked.home / text).exists()] == []

    def test_every_command_named_in_a_sentence_is_one_that_was_run(self, walked):
        run = {line.split()[1] for line in walked.said if line.startswith("pace ")}
        named = {text for name in (FIRST, FIGURE) for text in guide(name).inline if text.startswith("pace ")}
        assert named and {text.removeprefix("pace ") for text in named} - run <= {text[5:] for text in walked.said}

    @pytest.mark.parametrize("name", [FIRST, FIGURE])
    def test_no_fence_is_passed_over(self, name):
        text = guide(name).text
        assert {kind for kind, _ in guide(name).fences} <= {"sh", "text", "toml", "powershell"}
        assert text.count("```") == 2 * len(guide(name).fences)
        assert all(line.split()[0] in ("pace", "cp", "mkdir", "make", "export") for line in guide(name).lines("sh"))

    def test_the_words_come_forward_with_their_marks(self, walked):
        assert "<!-- check: " in (walked.home / "data/text/anytown-2015Q3.md").read_text(encoding="utf-8")

    def test_the_files_of_the_report_and_of_a_figure_are_those_the_guides_list(self, walked):
        report = {path.name for path in (walked.home / "reports/anytown/2015Q2").iterdir()}
        assert {*(f"board_report.{kind}" for kind in ("html", "docx", "pdf", "xlsx")), "figures.docx"} <= report
        listed = {text for text in guide(FIGURE).inline if text.startswith("run-chart.")}
        folder = walked.home / "reports/anytown/2015Q3-figures"
        assert listed == {path.name for path in folder.glob("run-chart.*")}
        words = (folder / "run-chart.txt").read_text(encoding="utf-8").splitlines()
        assert words[2].startswith("Source: Anytown permanence tracker") and words[3].startswith("Alt text: ")

    def test_the_picture_has_the_size_that_the_guide_tells(self, walked):
        png = (walked.home / "reports/anytown/2015Q3-figures/run-chart.png").read_bytes()
        at = png.index(b"pHYs") + 4
        a_metre = int.from_bytes(png[at : at + 4], "big")
        wide, high = (100 * int.from_bytes(png[place : place + 4], "big") / a_metre for place in (16, 20))
        said = f"{wide:.1f} cm wide and {high:.1f} cm high, {a_metre * 0.0254:.0f} dots an inch"
        assert said in guide(FIGURE).text

    def test_the_names_of_the_figures_are_all_told(self):
        from pace_analysis.figures import FIGURES

        assert set(FIGURES) <= guide(FIGURE).inline


class TestSetUp:
    TWINS = {'$env:Path = "$PWD\\.venv\\Scripts;$env:Path"': 'export PATH="$PWD/.venv/bin:$PATH"'}

    def test_windows_and_the_others_do_the_same(self):
        windows, posix = guide(FIRST).lines("powershell"), guide(FIRST).lines("sh")
        for line in windows[3:]:
            assert self.TWINS.get(line, line.replace("mkdir ", "mkdir -p ")) in posix
        readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        assert set(windows[:3]) <= set(readme) and "make report" in " ".join(readme)

    def test_make_does_what_windows_is_told_to(self):
        told = subprocess.run([need_tool("make"), "--always-make", "--dry-run", "report"], cwd=ROOT, capture_output=True,
                              text=True, check=True, env={"PATH": "/usr/bin:/bin"}).stdout
        made = told.replace(" --quiet --disable-pip-version-check", "").splitlines()
        for line in guide(FIRST).lines("powershell")[1:3]:
            assert line.replace("\\", "/").replace("/Scripts/", "/bin/") in made
        assert "python3 -m venv .venv" in made

    def test_the_line_with_the_path_finds_the_command(self, tmp_path):
        pace = tmp_path / ".venv" / "bin" / "pace"
        pace.parent.mkdir(parents=True)
        pace.write_text("#!/bin/sh\n", encoding="utf-8")
        pace.chmod(0o755)
        (line,) = self.TWINS.values()
        found = subprocess.run([need_tool("sh"), "-c", f"{line}; command -v pace"], cwd=tmp_path, capture_output=True, text=True)
        assert found.stdout.strip() == str(pace)


# messages: what brings each about, at the desk of a little council or at that of the reader who has followed the guides

DRY = f"{REPORT} 2015Q2 --dry-run"
LOOK = f"pace check {MINE.as_posix()}/2015Q2"
TRACKER, MAPPING = MINE / "2015Q2/tracker.csv", MINE / "2015Q2/tracker.mapping.toml"
SETTINGS, WORDS = Path("data/authorities/anytown.toml"), Path("data/text/anytown.md")
ROW = "0042,\"O'Neill, A\",1/2/2012,1/5/2014,,30/9/2014"
Spoil = tuple[Path, str, str]
LITTLE_DESK: dict[str, tuple[str, tuple[Spoil, ...]]] = {  # the command, and what is changed before it
    "There is no authority '…'.": (DRY.replace("anytown", "anytwon"), ()),
    "There is no aim '…'.": (DRY, ((SETTINGS, "in-six-months", "in-6-months"),)),
    "There is no fact '…'.": (DRY, ((WORDS, "{aim_position}", "{aim_positoin}"),)),
    "There is no figure '…'.": ("pace figure run_chrt --authority anytown --quarter 2015Q2", ()),
    "No figure of '…' was ever released, so none can be corrected.": (f"{DRY} --revise aims --because late", ()),
    "'…' is not a known setting.": (DRY, ((SETTINGS, "programme_start", "program_start"),)),
    "The setting '…' cannot be used: ….": (DRY, ((SETTINGS, "2014-03-01", '"spring"'),)),
    "… is not valid TOML.": (DRY, ((SETTINGS, '"Anytown"', "Anytown"),)),
    "'…' is not a known field.": (LOOK, ((MAPPING, '"child_id"', '"child"'),)),
    "No heading is named for '…' (…).":
        (LOOK, ((MAPPING, '"Ceased LAC" = "end_date"\n', ""), (MAPPING, '"Ceased LAC" = "d/m/yyyy"\n', ""))),
    "Quarter '…' is not understood.": (DRY.replace("2015Q2", "Q2"), ()),
    "There is no extract that reaches ….": (DRY.replace("2015Q2", "2015Q4"), ()),
    "The extract ends on …, before … does (…).": (DRY, ((MAPPING, "as_at = 2015-09-30", "as_at = 2015-05-31"),)),
    "'anytown' holds one extract a quarter: ….": (f"pace check {MINE.as_posix()}", ()),
    "The format of '…' is not known.": (f"pace check {MINE.as_posix()}/words.csv", ()),
    "No row of '…' looks like headings.": (f"pace map {MINE.as_posix()}/words.csv", ()),
    "There is a mapping already; it is left as it is.": (f"pace map {TRACKER.as_posix()}", ()),
    "The sheet has no heading '…', which the mapping names.": (LOOK, ((TRACKER, "Accom'd", "Accommodated"),)),
    "The tracker does not say when it was last brought up to date.": (LOOK, ((MAPPING, "as_at = 2015-09-30", ""),)),
    "The word '…' is not in the mapping.": (LOOK, ((MAPPING, '"Home" = "home"', ""), (TRACKER, ",,Home,", ",,Hame,"))),
    "The word of the shape '…' is not in the mapping.": (LOOK, ((MAPPING, '"KCO" = "kinship"', ""),)),
    "The value '…' is written …, and the column is declared to be ….": (LOOK, ((TRACKER, "30/9/2014", "2014-09-30"),)),
    "The value '…' has a year of two digits.": (LOOK, ((TRACKER, "30/9/2014", "30/9/14"),)),
    "The value '…' is no day of the calendar.": (LOOK, ((TRACKER, "30/9/2014", "31/9/2014"),)),
    "The value '…' lies before 1850 or after 2130.": (LOOK, ((TRACKER, "30/9/2014", "30/9/1014"),)),
    "The value of the shape '…' is not written as a date.": (LOOK, ((TRACKER, "30/9/2014", "in autumn"),)),
    "Column '…' may hold no blank; ….": (LOOK, ((TRACKER, "1/5/2014", ""),)),
    "Two rows of one child hold different values of '…'.": (LOOK, ((TRACKER, "0044,Exemplar,,", "0044,Exemplar,4/3/2013,"),)),
    "The heading '…' stands over two columns.": (LOOK, ((TRACKER, ",Surname,", ",Accom'd,"),)),
    "A value stands in column …, which has no heading.": (LOOK, ((TRACKER, ",Surname,", ",,"),)),
    "… was read, but … findings break rules (…)": (DRY, ((TRACKER, "1/6/2014", "1/6/2015"),)),
    "This is not a folder of an earlier report, so it is not replaced.": (f"{DRY} --out data", ()),
    "The report cannot be written: ….": (f"{DRY} --out data/text/anytown.md/out", ()),
}


def without(path: Path, command: str) -> Callable[[Desk], Said]:
    def act(desk: Desk) -> Said:
        (desk.home / path).unlink()
        return desk.do(command)

    return act


def run(command: str) -> Callable[[Desk], Said]:
    return lambda desk: desk.do(command)


def a_child_in_the_words(desk: Desk) -> Said:
    folder = desk.home / "reports" / "paper"
    folder.mkdir()
    child = read_extract(desk.home / MINE / "2015Q2").child["child_id"].iloc[30]
    (folder / "words.txt").write_text(f"Case {child} waits.", encoding="utf-8")
    return desk.do("pace leakcheck reports/paper --authority anytown --quarter 2015Q2")


def a_second_run(desk: Desk) -> Said:
    from pace_analysis.report.build import plan, report

    with FileLock(desk.home / "reports/anytown/.2015Q2.lock"):
        return desk.do(f"{REPORT} 2015Q2 --force")


def a_changed_file(desk: Desk) -> Said:
    desk.change("reports/anytown/2015Q2/tables/waiting.csv", "\n", "\n ")
    return desk.do("pace verify reports/anytown/2015Q2")


def a_sheet_that_cannot_be_read(desk: Desk) -> Said:
    """A file that opens and refuses to be read, for its owner and for the system's administrator alike."""
    refusing = Path("/proc/self/mem")
    if not refusing.exists():
        pytest.skip("this system has no file that refuses to be read")
    (desk.home / TRACKER).unlink()
    (desk.home / TRACKER).symlink_to(refusing)
    return desk.do(LOOK)


def a_workbook_with_a_formula_that_failed(desk: Desk) -> Said:
    book = openpyxl.Workbook()
    with (desk.home / TRACKER).open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            book.active.append(row)
    book.active["D6"] = "#REF!"
    book.save((desk.home / TRACKER).with_suffix(".xlsx"))
    (desk.home / TRACKER).unlink()
    return desk.do(f"pace check {TRACKER.with_suffix('.xlsx').as_posix()}")


FIGURE_OF = "pace figure waiting --authority anytown --quarter 2015Q3"
OTHERS: dict[str, Callable[[Desk], Said]] = {  # at the little council's desk
    "There is no text file '…'.": without(WORDS, DRY),
    "There is no mapping for '…', which has the headings of a tracker.": without(MAPPING, f"pace check {TRACKER.as_posix()}"),
    "The extract cannot be opened: ….": a_sheet_that_cannot_be_read,
    "The value … is the error of a formula.": a_workbook_with_a_formula_that_failed,
}
DONE: dict[str, Callable[[Desk], Said]] = {  # at the desk of who has followed the guides
    "1 number in anytown.md is typed by hand and will not move with the data. …":
        lambda desk: desk.said[f"{REPORT} 2015Q2 --draft"][0],
    "A file …, so nothing may be published.": a_child_in_the_words,
    "Another run is writing this report.": a_second_run,
    "Up to date: nothing has changed since it was made. …": run(f"{REPORT} 2015Q3 --docx --pdf --xlsx"),
    "Figures were released before under the profile '…', and this report asks for '…': …": run(f"{DRY} --profile strict"),
    "The ledger is lost; it had … lines.": without(MINE / "ledger.jsonl", DRY),
    "The report is not as it was written.": a_changed_file,
    "This is not the folder of a finished report.": run("pace verify reports/anytown"),
    "… is not before ….": run("pace words --authority anytown --quarter 2015Q2 --from 2015Q3"),
    "No report of … was released, so nothing can be compared with it.": run("pace compare 2015Q1 2015Q2 --authority anytown"),
    "It is not clear whose reports these are.": run("pace compare 2015Q2 2015Q3"),
    "This is the folder of a finished report, and nothing is added to it.":
        run(f"{FIGURE_OF} --out reports/anytown/2015Q3"),
    "INTERNAL: not for publication.": run(f"{FIGURE_OF} --profile internal"),
}


def must_say(said: Said, message: str) -> None:
    assert any(matches(message, line) for line in said.lines), said
    if said.code:
        assert matches(message, said.lines[0]), said


@pytest.fixture
def little(tmp_path, monkeypatch) -> Desk:
    """A desk at which reading takes no time: the little council's tracker in the reader's folder."""
    home = project(tmp_path / "home")
    (home / TRACKER).parent.mkdir(parents=True)
    shutil.copy(LITTLE, home / TRACKER)
    shutil.copy(LITTLE.with_name("little_council.mapping.toml"), home / MAPPING)
    shutil.copy(home / "data/text/board_report.md", home / WORDS)
    (home / MINE / "words.csv").write_text("7,8\n9,10\n", encoding="utf-8")
    return settle(home, monkeypatch)


class TestMessages:
    @pytest.mark.parametrize("message", LITTLE_DESK)
    def test_of_the_way_to_a_first_report(self, message, little):
        command, spoils = LITTLE_DESK[message]
        for spoil in spoils:
            little.change(*spoil)
        must_say(little.do(command), message)

    @pytest.mark.parametrize("message", OTHERS)
    def test_of_a_file_that_is_missing(self, message, little):
        must_say(OTHERS[message](little), message)

    @pytest.mark.parametrize("message", DONE)
    def test_after_a_release(self, message, walked, tmp_path, monkeypatch):
        home = Path(shutil.copytree(walked.home, tmp_path / "home"))
        desk = settle(home, monkeypatch)
        desk.said |= walked.said
        must_say(DONE[message](desk), message)

    @pytest.mark.parametrize("name", [FIRST, FIGURE])
    def test_each_of_the_table_is_brought_about_by_a_test(self, name):
        quoted = guide(name).messages
        assert len(quoted) == len(set(quoted)) and set(quoted) <= {*LITTLE_DESK, *OTHERS, *DONE}

    def test_no_test_brings_about_what_no_guide_tells(self):
        assert {*LITTLE_DESK, *OTHERS, *DONE} == {message for name in (FIRST, FIGURE) for message in guide(name).messages}
