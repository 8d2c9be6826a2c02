"""The champions' pack as files: stamped everywhere, private, never beside a report, and no cell that runs."""

import json
import os
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import nbformat
import openpyxl
import pandas as pd
import pytest
from browser import Browser
from conftest import ROOT, need_tool
from filelock import FileLock

from pace_analysis.caselist import CaseList, pack
from pace_analysis.errors import BusyError, NotebookError, OutputError
from pace_analysis.report.build import run_notebook
from pace_analysis.report.exporter import BoardPaperExporter
from pace_analysis.report.pack import (
    BOOK,
    MARKER,
    PAGE,
    build_pack,
    pack_folder,
    private_folder,
    save_pack,
    show_pack,
    workbook,
    write_pack,
)
from pace_analysis.report.packpage import STAMP, page_html
from pace_analysis.study import open_study

NOTEBOOK = ROOT / "notebooks" / "06_champions_pack.ipynb"


@pytest.fixture(scope="module")
def cases() -> CaseList:
    return pack(open_study("exampleshire", "2015Q3", identified=True))


@pytest.fixture(scope="module")
def page(cases) -> str:
    return page_html(cases)


@pytest.fixture(scope="module")
def nasty(cases) -> CaseList:
    """The list with two numbers that a spreadsheet or a browser would obey, and an authority of that kind."""
    waiting = cases.waiting.copy()
    waiting.iloc[:2, waiting.columns.get_loc("child_id")] = ["=HYPERLINK(1)", "<script>a\x1b"]
    named = cases.authority.model_copy(update={"name": 'A "quoted" & <b>bold</b> council'})
    return replace(cases, waiting=waiting, authority=named)


@pytest.fixture(scope="module")
def nobody(cases) -> CaseList:
    return replace(cases, waiting=cases.waiting[:0], bands=cases.bands * 0, ahead=cases.ahead[:0],
                   to_fix=cases.to_fix[:0], to_fix_more=0)


@pytest.fixture(scope="module")
def executed():
    return run_notebook(NOTEBOOK, {})


class Reader(HTMLParser):
    """Tags, addresses and cells of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags, self.addresses, self.rows = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("href", "src")]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()


class TestPage:
    def test_it_is_marked_in_title_stamp_and_print_rules(self, page):
        assert "<title>RESTRICTED: where each child waits in Exampleshire</title>" in page
        assert STAMP == "RESTRICTED: holds the numbers of children"
        assert f'<aside class="stamp" aria-label="Status"><p>{STAMP}</p></aside>' in page
        assert "@page{@top-right{content:\"RESTRICTED\\3a  holds the numbers of children\"" in page
        assert "size: A4 landscape" in page

    def test_it_runs_nothing_and_loads_nothing(self, page):
        reader = Reader(page)
        assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
        assert all(address.startswith("#") for address in reader.addresses)
        assert "default-src 'none'" in page and not re.search(r"https?:", page)

    def test_it_shows_every_child_once_among_those_held_and_the_days(self, cases, page):
        rows = [row for row in Reader(page).rows if len(row) == 8 and row[0] != "Child"]
        assert sorted(row[0] for row in rows) == sorted(cases.waiting["child_id"])
        shown = {row[0]: row for row in rows}
        worst = cases.waiting.iloc[0]
        assert shown[worst["child_id"]][5] == f"−{-worst['days_to_limit']}"
        assert [row[7] for row in rows if row[7].endswith(", over")] != []
        assert len([row for row in rows if row[7].endswith(", over")]) == cases.clocks_over

    def test_it_says_that_partners_stand_for_teams_and_what_each_limit_is(self, cases, page):
        assert "names no team, so children are grouped by the partner" in page
        assert "(SSI 2009/210), regulation 45(2)" in page and "Held by legal services: 40 children" in page
        assert f"And {cases.to_fix_more} more" in page

    def test_hostile_words_are_words(self, nasty):
        html = page_html(nasty)
        assert "<script" not in html and "&lt;script&gt;a\ufffd" in html
        assert "<b>" not in html and "A &quot;quoted&quot; &amp; &lt;b&gt;" in html

    def test_an_empty_list_is_a_page_too(self, nobody):
        html = page_html(nobody)
        assert "Nobody waits." in html and "No limit falls by 11 November 2015" in html
        assert "found nothing to put right" in html and "On this list: 0 children, 0 without" in html

    def test_rows_set_aside_are_told_where_there_are_errors(self, cases, page):
        wrong = cases.to_fix.assign(severity="error")
        said = "Rows that break error rules are set aside"
        assert said in page_html(replace(cases, to_fix=wrong)) and said not in page


class TestWorkbook:
    def test_each_sheet_is_marked_frozen_and_filtered(self, cases):
        book = openpyxl.load_workbook(BytesIO(workbook(cases)))
        assert book.sheetnames == ["RESTRICTED who waits where", "RESTRICTED waiting bands", "RESTRICTED limits ahead",
                                   "RESTRICTED data to fix"]
        for sheet in book:
            assert sheet["A1"].value.startswith("RESTRICTED") and sheet.freeze_panes == "B3"
            assert STAMP in (sheet.oddHeader.center.text, sheet.oddFooter.center.text)
            assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == STAMP
            assert sheet.auto_filter.ref.startswith("A2:") and sheet.page_setup.orientation == "landscape"

    def test_it_holds_what_the_list_holds(self, cases):
        sheets = pd.read_excel(BytesIO(workbook(cases)), sheet_name=None, skiprows=1, dtype={"child_id": str})
        read = sheets["RESTRICTED who waits where"]
        assert read["child_id"].tolist() == cases.waiting["child_id"].tolist()
        assert read["days_in_stage"].tolist() == cases.waiting["days_in_stage"].tolist()
        assert read["clock_due"].notna().sum() == cases.waiting["clock_due"].notna().sum() > 0
        assert read["decided"].value_counts()["no"] == cases.bands.to_numpy().sum()
        bands = sheets["RESTRICTED waiting bands"]
        assert bands["Deciding on return home"].tolist() == cases.bands["return-home"].tolist()
        assert len(sheets["RESTRICTED data to fix"]) == len(cases.to_fix)

    def test_no_cell_is_a_formula(self, nasty, nobody):
        book = openpyxl.load_workbook(BytesIO(workbook(nasty)))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert not [cell.value for cell in cells if cell.data_type == "f"]
        assert {"'=HYPERLINK(1)", "<script>a\ufffd"} <= {cell.value for cell in cells}
        assert openpyxl.load_workbook(BytesIO(workbook(nobody)))["RESTRICTED limits ahead"].max_row == 2


class TestFolder:
    def test_it_is_written_below_the_private_folder_by_default(self, cases, tmp_path, monkeypatch):
        monkeypatch.setenv("PACE_HOME", str(tmp_path))
        assert pack_folder(cases) == tmp_path / "data" / "private" / "exampleshire" / "packs" / "2015-09-30"
        rules = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        assert "/data/private/*" in rules and "*-RESTRICTED.*" in rules

    def test_files_say_restricted_and_are_the_owners_alone(self, cases, tmp_path):
        page, book = write_pack(cases, tmp_path / "pack")
        assert (page.name, book.name) == (PAGE, BOOK)
        assert all(path.stem == "champions_pack-RESTRICTED" for path in (page, book))
        assert sorted(path.name for path in page.parent.iterdir()) == sorted([PAGE, BOOK, MARKER])
        assert [path.name for path in tmp_path.iterdir()] == ["pack"]
        if os.name == "posix":
            assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
            assert {stat.S_IMODE(path.stat().st_mode) for path in page.parent.iterdir()} == {0o600}
        marker = (page.parent / MARKER).read_text(encoding="utf-8")
        assert json.loads(marker)["as_at"] == "2015-09-30"
        assert not [child for child in cases.waiting["child_id"] if child in marker]

    def test_an_earlier_pack_is_replaced_and_stays_while_another_run_writes(self, cases, tmp_path):
        page, _ = write_pack(cases, tmp_path / "pack")
        (page.parent / "note.txt").write_text("of the earlier pack", encoding="utf-8")
        with FileLock(tmp_path / ".pack.lock"), pytest.raises(BusyError):
            write_pack(cases, page.parent)
        assert (page.parent / "note.txt").exists() and page.stat().st_size > 10_000
        write_pack(cases, page.parent)
        assert not (page.parent / "note.txt").exists() and page.exists()

    def test_a_folder_of_something_else_is_never_replaced(self, cases, tmp_path):
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "a.png").write_bytes(b"x")
        with pytest.raises(OutputError, match="not a folder of an earlier"):
            write_pack(cases, tmp_path / "photos")
        assert (tmp_path / "photos" / "a.png").read_bytes() == b"x"

    @pytest.mark.parametrize("place", ["report/pack", "report", "report/a/b/pack", "pack"])
    def test_it_is_refused_in_and_beside_a_board_report(self, tmp_path, place):
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "manifest.json").write_text("{}", encoding="utf-8")
        with pytest.raises(OutputError) as refused:
            private_folder(tmp_path / place)
        assert "board report" in refused.value.what or place == "report"
        assert [path.name for path in tmp_path.rglob("*")] == ["report", "manifest.json"]

    def test_it_is_refused_around_a_board_report(self, cases, tmp_path):
        page, _ = write_pack(cases, tmp_path / "pack")
        (page.parent / "2015Q3").mkdir()
        (page.parent / "2015Q3" / "manifest.json").write_text("{}", encoding="utf-8")
        with pytest.raises(OutputError, match="in or beside a board report"):
            write_pack(cases, page.parent)
        assert (page.parent / "2015Q3" / "manifest.json").exists()

    def test_it_is_refused_among_the_reports_even_through_a_link(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PACE_HOME", str(tmp_path))
        (tmp_path / "reports").mkdir()
        (tmp_path / "elsewhere").symlink_to(tmp_path / "reports")
        for folder in ("reports", "reports/exampleshire/pack", "elsewhere/pack"):
            with pytest.raises(OutputError, match="among the reports") as refused:
                private_folder(tmp_path / folder)
            assert "data/private" in refused.value.remedy
        assert private_folder(tmp_path / "data" / "private" / "x") == tmp_path / "data" / "private" / "x"

    def test_the_current_folder_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for folder in ("", ".", tmp_path):
            with pytest.raises(OutputError, match="whole current folder"):
                private_folder(folder)

    def test_one_call_reads_checks_and_writes_and_a_wrong_place_is_refused_before_reading(self, tmp_path):
        page = build_pack("exampleshire", "2015Q2", out=str(tmp_path / "pack"))
        assert page == tmp_path / "pack" / PAGE and "Data to 30 June 2015" in page.read_text(encoding="utf-8")
        with pytest.raises(OutputError, match="among the reports"):
            build_pack("no-such-authority", "2015Q2", out=str(ROOT / "reports" / "pack"))


class TestNotebook:
    def test_it_writes_nothing_unless_a_folder_is_named(self, executed, cases, tmp_path):
        last = executed.cells[-1].outputs[0]
        assert "Nothing was written" in last.data["text/plain"]
        assert save_pack(cases, "") == "Nothing was written: no folder was named."
        assert save_pack(cases, tmp_path / "pack") == f"Wrote {PAGE} and {BOOK}."

    @pytest.mark.parametrize("internal", [False, True])
    def test_the_exporter_of_board_papers_refuses_it_under_every_profile(self, executed, internal):
        executed.metadata["pace"] = {"internal": internal}
        with pytest.raises(NotebookError, match="<aside>, which a board paper may not"):
            BoardPaperExporter().from_notebook_node(executed)

    def test_even_without_its_stamp_the_pack_says_that_it_is_internal(self, cases):
        shown = re.sub(r"<aside.*?</aside>", "", show_pack(cases).html)
        output = nbformat.v4.new_output("display_data", data={"text/html": shown})
        cell = nbformat.v4.new_code_cell("pack", id="c", outputs=[output])
        with pytest.raises(NotebookError, match="INTERNAL"):
            BoardPaperExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))


def test_it_prints_across_a4_with_the_stamp_on_every_page(cases, tmp_path):
    page, _ = write_pack(cases, tmp_path / "pack")
    with Browser(need_tool("chromium", "chromium-browser", "google-chrome"), tmp_path / "profile") as browser:
        browser.open(page, width=1280)
        assert browser.messages == []
        assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
        assert browser.value("getComputedStyle(document.querySelector('.stamp')).position") == "sticky"
        pdf = browser.pdf()
        browser._ask("Emulation.setEmulatedMedia", media="print")
        # an element of fixed position is printed on every page, also by browsers that know no margin boxes
        assert browser.value("getComputedStyle(document.querySelector('.stamp')).position") == "fixed"
    found = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)
    assert {tuple(round(float(part)) for part in match.split()) for match in found} == {(0, 0, 842, 595)}
