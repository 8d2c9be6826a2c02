"""Notebooks in a real JupyterLab: run from the menu, every figure and table is there to be seen."""

import shutil

import nbformat
import pytest
from conftest import ROOT, need_tool
from lab import Analyst, Lab

from pace_analysis.figures import draw
from pace_analysis.report.build import run_notebook
from pace_analysis.report.figurepage import list_figures
from pace_analysis.report.paper import open_paper

OUTPUT = ".jp-OutputArea-output"
IMAGES = f"[...document.querySelectorAll('{OUTPUT} img')]"
UNTRUSTED = "board-run-by-somebody-else.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server over copies: JupyterLab saves what is opened in it."""
    folder, private = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("private")
    shutil.copy(ROOT / "notebooks" / "03_one_figure.ipynb", folder)
    nbformat.write(run_notebook(ROOT / "notebooks" / "02_board_report.ipynb", {}), folder / UNTRUSTED)
    ours = {"PACE_HOME": str(ROOT), "PYTHONPATH": str(ROOT), "PACE_PRIVATE": str(private)}
    with Lab(folder, tmp_path_factory.mktemp("lab"), **ours) as lab:
        yield lab


@pytest.fixture(scope="module")
def analyst(tmp_path_factory):
    chromium = need_tool("chromium", "chromium-browser", "google-chrome")
    with Analyst(chromium, tmp_path_factory.mktemp("profile")) as analyst:
        yield analyst


def test_run_all_shows_every_figure_with_its_alt_text_and_the_table_of_its_data(lab, analyst):
    analyst.open_notebook(lab, "03_one_figure.ipynb", height=6000)
    analyst.run_all()
    analyst.until(f"{IMAGES}.length === 7 && {IMAGES}.every(image => image.naturalWidth > 200)")
    assert analyst.value(f"{IMAGES}.every(image => image.alt.length > 40)")
    assert analyst.value(f"document.querySelectorAll('{OUTPUT} table th').length") > 10
    assert analyst.value("""[...document.querySelectorAll('.jp-OutputArea-output')].filter(output =>
        /stderr|error/.test(output.dataset.mimeType || '')).length""") == 0


def test_a_board_paper_that_somebody_else_ran_shows_its_figures_tables_and_headings(lab, analyst):
    """JupyterLab trusts no notebook that its user did not run, and shows no drawing of SVG in one."""
    analyst.open_notebook(lab, UNTRUSTED, height=12000)
    analyst.until(f"{IMAGES}.length >= 3 && {IMAGES}.every(image => image.naturalWidth > 200)")
    assert analyst.value(f"{IMAGES}.every(image => image.alt.length > 40)")
    assert analyst.value(f"document.querySelectorAll('{OUTPUT} table caption').length") >= 5
    assert analyst.value(f"document.querySelectorAll('{OUTPUT} h1').length") == 1
    assert analyst.value(f"document.querySelectorAll('{OUTPUT} th[scope]').length") > 20


class TestWhatACellShows:
    def test_a_figure_is_html_with_its_alt_text_and_words_for_a_terminal(self, answers):
        drawn = draw("waiting", answers)
        shown = drawn._repr_mimebundle_()
        assert set(shown) == {"text/html", "text/plain"} and f'alt="{drawn.alt}"' in shown["text/html"]
        assert shown["text/plain"] == drawn.caption()

    def test_the_list_of_figures_is_html_and_lines_for_a_terminal(self, answers):
        shown = list_figures(answers)._repr_mimebundle_()
        assert shown["text/html"].count("<img") == shown["text/plain"].count("\n") + 1 == 6

    def test_the_board_view_is_one_cell(self, study):
        shown = open_paper(study)._repr_mimebundle_()
        assert shown["text/html"].startswith('<div class="board"') and "1.1 " in shown["text/plain"]
