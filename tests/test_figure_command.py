"""``pace figure`` and ``pace figures``: one figure as files an author pastes from, and a page that shows them all."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import matplotlib
import matplotlib.style
import pytest
from click.testing import CliRunner
from conftest import ROOT, need_tool, run_pace
from crash import HOOK
from filelock import FileLock
from matplotlib.font_manager import findfont
from test_browser import VIEWS, WCAG, Reader

from pace_analysis.cli import main
from pace_analysis.errors import BusyError, DisclosureRefused, OutputError, UsageError
from pace_analysis.figures import FIGURES, draw, style
from pace_analysis.publish.disclosure import Refused
from pace_analysis.publish.earlier import Earlier
from pace_analysis.report import figurepage
from pace_analysis.report.figurepage import RELEASED, UNRELEASED, Lift, files_of, list_figures, open_lift, save_figure
from pace_analysis.report.verify import verify
from pace_analysis.settings import contrast_on_white

SAMPLE = ("--authority", "exampleshire", "--quarter", "2015Q3")
KINDS = ("csv", "png", "svg", "txt")


@pytest.fixture(scope="module")
def lift() -> Lift:
    return open_lift("exampleshire", "2015Q3")


@pytest.fixture(scope="module")
def page(lift) -> str:
    return list_figures(lift.answers).page(lift.remark)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What the command said, and the folder it wrote."""
    out = tmp_path_factory.mktemp("one") / "lifted"
    run = run_pace("figure", "run_chart", *SAMPLE, "--out", str(out))
    assert run.returncode == 0, run.stderr
    return run, out


class TestOneFigure:
    def test_is_four_files_whose_paths_are_printed(self, run):
        said, out = run
        assert sorted(said.stdout.split()) == [str(out / f"run-chart.{kind}") for kind in KINDS]
        assert sorted(path.name for path in out.iterdir()) == [f"run-chart.{kind}" for kind in KINDS]

    def test_is_the_figure_of_the_report_to_the_last_byte(self, run, sample_report):
        for kind in ("csv", "png", "svg"):
            (ours,) = (sample_report / "figures").glob(f"figure-*-run-chart.{kind}")
            assert (run[1] / f"run-chart.{kind}").read_bytes() == ours.read_bytes()

    def test_its_words_leave_the_number_to_the_author(self, run, sample_report):
        (ours,) = (sample_report / "figures").glob("figure-*-run-chart.txt")
        assert "Figure 1. " + (run[1] / "run-chart.txt").read_text(encoding="utf-8") == ours.read_text(encoding="utf-8")

    def test_word_places_its_picture_at_the_true_size(self, run):
        png = (run[1] / "run-chart.png").read_bytes()
        at = png.index(b"pHYs") + 4
        pixels = int.from_bytes(png[16:20], "big")
        assert abs(pixels / int.from_bytes(png[at : at + 4], "big") / 0.0254 - style.WIDTH) < 0.01

    def test_it_is_said_that_only_a_report_records_a_release(self, run):
        assert run[0].stderr.strip() == UNRELEASED

    def test_an_unknown_name_is_refused_with_the_nearest_and_nothing_is_written(self, tmp_path):
        run = CliRunner().invoke(main, ["figure", "run_chrt", *SAMPLE, "--out", str(tmp_path / "out")])
        assert run.exit_code == 2 and "Did you mean 'run_chart'?" in run.stderr
        assert not (tmp_path / "out").exists()


class TestTheGate:
    def test_a_figure_that_is_not_shown_is_not_lifted(self):
        with pytest.raises(DisclosureRefused, match="Too few"):
            files_of(Refused("few", "Too few children stand behind this figure."), "waiting")

    def test_nothing_but_answers_is_drawn(self):
        with pytest.raises(DisclosureRefused):
            list_figures({"waiting": 3})

    def test_a_child_in_a_file_stops_it(self, lift, tmp_path):
        rows = (ROOT / "data/sample/exampleshire/2015Q3/child.csv").read_text(encoding="utf-8-sig").splitlines()
        child = rows[1].split(",")[0]
        with pytest.raises(DisclosureRefused) as refused:
            replace(lift, folder=tmp_path / "out").write({"words.txt": f"Case {child}".encode()})
        assert child not in str(refused.value) and not (tmp_path / "out").exists()

    def test_what_does_not_pass_it_is_marked_in_folder_and_words(self, tmp_path):
        asked = ["figure", "waiting", *SAMPLE, "--profile", "internal", "--out", str(tmp_path / "mine")]
        run = CliRunner().invoke(main, asked)
        assert run.exit_code == 0 and run.stderr.strip() == "INTERNAL: not for publication."
        (folder,) = tmp_path.iterdir()
        assert folder.name == "mine-NOT-FOR-PUBLICATION"
        assert sorted(path.name for path in folder.iterdir()) == [f"waiting-NOT-FOR-PUBLICATION.{kind}" for kind in KINDS]
        (words,), (data,) = folder.glob("*.txt"), folder.glob("*.csv")
        assert words.read_text(encoding="utf-8").endswith("INTERNAL: not for publication.\n")
        heading, *rows = data.read_text(encoding="utf-8-sig").splitlines()
        assert heading.endswith(",Status") and rows and all(row.endswith(",INTERNAL: not for publication.") for row in rows)

    def test_what_does_not_pass_it_goes_to_the_private_folder_and_never_among_the_reports(self, own_private_folder):
        inside = open_lift("exampleshire", "2015Q3", profile="internal")
        assert inside.folder == own_private_folder / "exampleshire" / "reports" / "2015Q3-figures-NOT-FOR-PUBLICATION"
        (page,) = inside.write({figurepage.PAGE: b"page"})
        assert page.name == "figures-NOT-FOR-PUBLICATION.html"
        for place in ("reports", "reports/exampleshire/mine", "data/private/../../reports/mine"):
            with pytest.raises(OutputError, match="among the reports"):
                open_lift("exampleshire", "2015Q3", profile="internal", out=str(ROOT / place / "mine"))

    def test_released_is_what_the_ledger_holds_with_equal_values(self, lift):
        ours = {figure.key: figure.value for figure in lift.answers.figures if figure.method != "published"}
        assert len(ours) > 100 and lift.remark == UNRELEASED
        assert self.after(lift, ours).remark == RELEASED
        last = list(ours)[-1]
        assert self.after(lift, ours | {last: ours[last] + 5}).remark == UNRELEASED

    def after(self, lift: Lift, released: dict) -> Lift:
        return replace(lift, study=replace(lift.study, earlier=Earlier(released)))


class TestTheFolder:
    def test_of_a_finished_report_takes_nothing(self, sample_report):
        for place in (sample_report, sample_report / "figures"):
            with pytest.raises(OutputError, match="finished report"):
                open_lift("exampleshire", "2015Q3", out=str(place))

    def test_that_cannot_be_made_is_told(self, lift, tmp_path):
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        with pytest.raises(OutputError, match="cannot be written"):
            replace(lift, folder=tmp_path / "file").write({"a.txt": b"words"})
        assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"

    def test_keeps_what_else_is_in_it(self, lift, tmp_path):
        drawn = draw("waiting", lift.answers)
        assert save_figure(drawn, "", lift.study) == "Nothing was written: no folder was named."
        (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
        said = save_figure(drawn, tmp_path, lift.study)
        assert all(f"waiting.{kind}" in said for kind in KINDS) and said.endswith(UNRELEASED)
        assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", *(f"waiting.{kind}" for kind in KINDS)}

    def test_is_that_of_the_quarter_by_default(self, lift):
        assert lift.folder == ROOT / "reports" / "exampleshire" / "2015Q3-figures"


    def test_is_cleared_of_what_a_run_that_was_cut_off_left(self, lift, tmp_path):
        (tmp_path / ".figures.new-1").mkdir()
        (tmp_path / ".figures.new-1" / "a.txt").write_bytes(b"half")
        replace(lift, folder=tmp_path).write({"a.txt": b"whole"})
        assert [path.name for path in tmp_path.iterdir()] == ["a.txt"] and (tmp_path / "a.txt").read_bytes() == b"whole"

    def test_takes_one_run_at_a_time(self, lift, tmp_path):
        with FileLock(tmp_path / ".figures.lock"), pytest.raises(BusyError, match="Another run"):
            replace(lift, folder=tmp_path).write({"a.txt": b"words"})
        assert not (tmp_path / "a.txt").exists()

    def test_holds_whole_files_whichever_step_is_the_last(self, tmp_path):
        (tmp_path / "sitecustomize.py").write_text(HOOK)
        out, code = tmp_path / "out", ("from pathlib import Path; from pace_analysis.report.figurefolder import put; "
                                       "put(Path({0!r}), dict.fromkeys(('a.csv', 'a.txt'), {1}))")
        out.mkdir()

        def run(says: bytes, **asked: str) -> int:
            path = os.pathsep.join([str(tmp_path), str(ROOT)])
            return subprocess.run([sys.executable, "-c", code.format(str(out), says)], env={
                **os.environ, "PYTHONPATH": path, "PACE_KILL_BELOW": str(out), **asked}).returncode

        seen = set()
        for step in range(1, 40):
            assert run(b"old") == 0
            assert sorted(path.name for path in out.iterdir()) == ["a.csv", "a.txt"]
            ended = run(b"new", PACE_KILL_AT=str(step))
            seen.add(tuple((out / name).read_bytes() for name in ("a.csv", "a.txt")))
            if ended == 0:
                break
            assert ended == -signal.SIGKILL
        assert step > 5 and seen == {(b"old", b"old"), (b"new", b"old"), (b"new", b"new")}


class TestFromANotebook:
    """What a notebook writes is held to what the command is held to."""

    def test_a_finished_report_takes_nothing(self, lift, sample_report):
        drawn = draw("waiting", lift.answers)
        for place in (sample_report, sample_report / "figures", sample_report / "figures" / "mine"):
            with pytest.raises(OutputError, match="finished report"):
                save_figure(drawn, place, lift.study)
        assert verify(sample_report, files_only=True)

    def test_a_child_in_its_words_stops_it(self, lift, tmp_path):
        rows = (ROOT / "data/sample/exampleshire/2015Q3/child.csv").read_text(encoding="utf-8-sig").splitlines()
        child = rows[1].split(",")[0]
        drawn = replace(draw("waiting", lift.answers), alt=f"Bar chart of the case of {child}.")
        with pytest.raises(DisclosureRefused) as refused:
            save_figure(drawn, tmp_path / "out", lift.study)
        assert child not in str(refused.value) and not (tmp_path / "out").exists()

    def test_what_did_not_pass_the_gate_is_marked(self, tmp_path):
        inside = open_lift("exampleshire", "2015Q3", profile="internal")
        drawn = draw("waiting", inside.answers)
        said = save_figure(drawn, tmp_path / "mine", inside.study)
        assert said.endswith(". INTERNAL: not for publication.") and "Make the report" not in said
        assert {path.name for path in tmp_path.glob("*/*")} == {f"waiting-NOT-FOR-PUBLICATION.{kind}" for kind in KINDS}
        with pytest.raises(OutputError, match="among the reports"):
            save_figure(drawn, ROOT / "reports" / "mine", inside.study)
        assert not (ROOT / "reports" / "mine-NOT-FOR-PUBLICATION").exists()

    def test_an_unprotected_figure_stays_so_beside_a_study_that_protects(self, lift, tmp_path):
        drawn = draw("waiting", open_lift("exampleshire", "2015Q3", profile="internal").answers)
        assert save_figure(drawn, tmp_path / "mine", lift.study).endswith("INTERNAL: not for publication.")


class _Images(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.alts, self.tags = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "img":
            self.alts.append(dict(attrs)["alt"])


class TestAllFigures:
    def test_each_stands_there_with_name_headline_alt_text_and_command(self, page, lift):
        drawn = [draw(name, lift.answers) for name in FIGURES]
        assert _Images(page).alts == [figure.alt for figure in drawn]
        for figure in drawn:
            assert f">{escape(figure.headline)}</h2>" in page and page.count(escape(figure.alt)) == 2
            assert f"<code>pace figure {figure.name} --authority exampleshire --quarter 2015Q3</code>" in page
        assert UNRELEASED in page

    def test_one_that_is_not_shown_says_why(self, lift):
        listed = figurepage.FigureList(lift.answers, {"waiting": Refused("few", "Too few <children>.")})
        assert "Too few &lt;children&gt;." in listed.html() and "<img" not in listed.html()

    def test_it_runs_and_loads_nothing(self, page):
        assert not {"script", "link", "iframe", "object"} & _Images(page).tags
        assert not re.search(r"\s(?:style|on\w+)=", page) and "default-src 'none'" in page
        assert not re.search(r'(?:src|href)="(?!#|data:)', page)

    def test_the_command_writes_it(self, page, tmp_path):
        run = CliRunner().invoke(main, ["figures", *SAMPLE, "--out", str(tmp_path / "all")])
        assert run.exit_code == 0, run.stderr
        assert run.stdout.strip() == str(tmp_path / "all" / "figures.html")
        assert (tmp_path / "all" / "figures.html").read_text(encoding="utf-8") == page

    def test_axe_finds_nothing_wrong_with_it(self, page, tmp_path):
        (tmp_path / "figures.html").write_text(page, encoding="utf-8")
        with Reader(need_tool("chromium", "chromium-browser", "google-chrome"), tmp_path / "profile") as browser:
            for view in VIEWS:
                browser.show(tmp_path / "figures.html", view)
                assert browser.messages == []
                paper = ("target-size",) if view == "print" else ()
                assert browser.violations(*WCAG, "best-practice", without=paper) == [], view
                assert view == "print" or browser.value("document.documentElement.scrollWidth <= window.innerWidth")


class TestStyleSheet:
    """Fonts and colours are those of ``board.mplstyle`` and of nothing else."""

    OTHER = {"font.family": "serif", "text.color": "red", "axes.grid": False, "axes.edgecolor": "red",
             "xtick.labelsize": 4, "svg.fonttype": "none", "savefig.facecolor": "black", "axes.spines.right": True}

    @pytest.mark.parametrize("name", ["run_chart", "routes"])
    def test_the_settings_of_a_machine_change_no_figure(self, name, lift):
        usual = draw(name, lift.answers).svg()
        with matplotlib.rc_context(self.OTHER):
            assert draw(name, lift.answers).svg() == usual
            assert matplotlib.rcParams["text.color"] == "red", "what an analyst set is left as it was"

    def test_an_analyst_can_draw_in_the_same_look(self):
        with matplotlib.style.context("pace_analysis.figures.board"):
            assert {key: matplotlib.rcParams[key] for key in style.SHEET} == dict(style.SHEET)

    def test_its_words_can_be_read_and_its_marks_be_seen(self):
        assert min(map(contrast_on_white, (style.INK, style.GREY, style.TARGET))) >= 4.5
        assert min(map(contrast_on_white, style.SERIES)) >= 3

    def test_its_font_comes_with_the_drawing_library(self):
        with style.sheet():
            assert matplotlib.get_data_path() in findfont("DejaVu Sans")
        assert style.SHEET["font.family"] == ["DejaVu Sans"]


def test_the_name_is_looked_up_before_anything_is_read():
    with pytest.raises(UsageError, match="There is no figure"):
        figurepage.must_be_known("x" * 10_000)
