"""Parts of the report used alone: papermill, nbconvert and the kernel without our command, and the page's own promises."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from browser import Browser
from conftest import ROOT, need_tool

PROVENANCE = re.compile(r"\n<p>pace_analysis [^<]*</p>")
TYPES = """authority: str = "exampleshire"
quarter: str = ""
text: str = ""
"""
ASKED = {"authority": "0123", "quarter": "Ng\u00f2's <b> & \"Sons\"", "text": "True"}
LARGEST_PAGE = 400 * 1000  # bytes


def page_of(folder: Path) -> str:
    return (folder / "board_report.html").read_text(encoding="utf-8")


def run_module(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    run = subprocess.run([sys.executable, "-m", *arguments], cwd=cwd, capture_output=True, text=True, timeout=120,
                         env={**os.environ, "PACE_HOME": str(ROOT), "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0, run.stderr
    return run


def test_papermill_and_nbconvert_make_the_page_that_the_command_makes(sample_report, tmp_path):
    run_module("papermill", "notebooks/02_board_report.ipynb", str(tmp_path / "out.ipynb"), "-r", "authority", "exampleshire",
               "-r", "quarter", "2015Q3", "--no-progress-bar")
    run_module("nbconvert", "--to", "board_paper", "out.ipynb", cwd=tmp_path)
    alone, ours = (tmp_path / "out.html").read_text(encoding="utf-8"), page_of(sample_report)
    assert len(PROVENANCE.findall(ours)) == 1 and not PROVENANCE.search(alone)
    assert alone == PROVENANCE.sub("", ours)


def test_nbconvert_alone_takes_the_accent_of_the_authority_that_papermill_ran_for(tmp_path, monkeypatch):
    from pace_analysis.report.exporter import accent_of

    (tmp_path / "data" / "authorities").mkdir(parents=True)
    (tmp_path / "data" / "authorities" / "north.toml").write_text('name = "North"\naccent = "#7a1f5c"\n', encoding="utf-8")
    monkeypatch.setenv("PACE_HOME", str(tmp_path))
    assert accent_of({"metadata": {"papermill": {"parameters": {"authority": "north"}}}}) == "#7a1f5c"
    for other in ({"authority": "south"}, {"authority": 7}, {"authority": ["north"]}, {}):
        assert accent_of({"metadata": {"papermill": {"parameters": other}}}) == ""
    assert accent_of({"metadata": {}}) == ""


def test_a_kernel_is_spoken_to_in_cipher_and_gets_every_word_as_a_word(tmp_path):
    """In a process of its own: what a kernel warns of goes to its stderr, not into the notebook."""
    told = """import json
from ipykernel.connect import get_connection_info
print(json.dumps([authority, quarter, text, sorted(json.loads(get_connection_info()))]))"""
    cells = [nbformat.v4.new_code_cell(TYPES, id="p", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell(told, id="c")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "words.ipynb")
    code = f"""import pathlib
from pace_analysis.report.running import run_notebook
print(run_notebook(pathlib.Path("words.ipynb"), {ASKED!r}).cells[-1].outputs[0].text)"""
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0, run.stderr
    *values, connection = json.loads(run.stdout)
    assert values == list(ASKED.values())
    assert {"curve_publickey", "curve_secretkey"} <= set(connection)
    assert "WARNING" not in run.stderr


def test_the_page_is_small_runs_nothing_and_its_policy_allows_its_style_alone(sample_report):
    page = page_of(sample_report)
    assert len(page.encode("utf-8")) <= LARGEST_PAGE
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert policy.replace("&#39;", "'") == allowed
    assert not re.search(r"<script|\s(?:style|on\w+)=|https?://", re.sub(r">[^<]*<", "><", page.replace(style, "")))


@pytest.mark.parametrize("width", [1280, 640], ids=["wide", "half as wide"])
def test_words_of_twice_the_size_never_make_the_page_scroll_sideways(sample_report, tmp_path, width):
    chromium = need_tool("chromium", "chromium-browser", "google-chrome")
    with Browser(chromium, tmp_path / "profile") as browser:
        browser.open(sample_report / "board_report.html", width=width)
        size = "parseFloat(getComputedStyle(document.body).fontSize)"
        before = browser.value(size)
        browser.value("document.documentElement.style.fontSize = 2 * parseFloat(getComputedStyle(document.documentElement).fontSize) + 'px'")
        assert browser.value(size) == pytest.approx(2 * before)
        assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
        cut = """[...document.querySelectorAll('h1, h2, p, dd, li, figcaption')].filter(e => e.checkVisibility() &&
            e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.outerHTML.slice(0, 80)).join()"""
        assert browser.value(cut) == ""
