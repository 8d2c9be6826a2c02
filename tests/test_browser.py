"""The page in a real browser: on a wide screen, on a phone, on A4, by keyboard, and by the rules of WCAG 2.2 AA."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from browser import Browser
from conftest import ROOT, need_tool, run_pace
from PIL import Image

from pace_analysis.batch.planfile import BatchPlan
from pace_analysis.batch.summary import Row, page_html
from pace_analysis.report.blocks import Bullets, FigureBlock, Head, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.exporter import BoardPaperExporter
from pace_analysis.report.html import fragment
from pace_analysis.report.logo import read_logo
from pace_analysis.report.nationalbuild import build_national
from pace_analysis.settings import Authority, contrast_on_white, load_authority

AXE = (ROOT / "tests" / "data" / "axe" / "axe.min.js").read_text(encoding="utf-8")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
VIEWS = {"wide": (1280, ""), "phone": (320, ""), "print": (794, "print")}  # width in pixels, medium
QUICK = ("03_one_figure", "04_methods_by_hand")
UNFOLD = "document.querySelectorAll('details:not([open])').forEach(folded => folded.open = true) || true"
HOSTILE = ("<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "</style><script>window.hit=1</script>",
           '"><svg/onload=window.hit=1>', "{{7*7}}", "Ab" * 5000)


class Reader(Browser):
    """The browser with what these tests ask of it besides."""

    def show(self, page: Path, view: str) -> None:
        """Open a page as one of ``VIEWS``, with everything that folds unfolded."""
        width, medium = VIEWS[view]
        self._ask("Emulation.setEmulatedMedia", media=medium)
        self.open(page, width=width)
        self.value(UNFOLD)

    def violations(self, *tags: str, without: tuple[str, ...] = ()) -> list[str]:
        """Return the rules of axe-core that the page breaks, each with the first element that breaks it.

        The tool is put in from outside: the page's own policy, which stays in force, allows no script.
        """
        options = {"runOnly": list(tags), "rules": {rule: {"enabled": False} for rule in without}}
        asked = f"""{AXE}; axe.run(document, {json.dumps(options)}).then(found => ({{
            passed: found.passes.length, broken: found.violations.map(rule => rule.id + ': ' + rule.nodes[0].html)}}))"""
        found = self._ask("Runtime.evaluate", expression=asked, awaitPromise=True, returnByValue=True)["result"]["value"]
        assert found["passed"] > 5, "axe-core looked at nothing"
        return found["broken"]

    def press(self, key: str, code: int) -> None:
        """Press a key and let it go."""
        for kind in ("rawKeyDown", "keyUp"):
            self._ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def save_by_click(self, selector: str, file: Path) -> bytes:
        """Click a download link as a person would, and return what was saved as ``file``."""
        self._ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(file.parent))
        x, y = self.value(f"""(() => {{ const link = document.querySelector({json.dumps(selector)});
            link.scrollIntoView({{block: 'center'}}); const box = link.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2] }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self._ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        patience = time.monotonic() + 20
        while not file.exists() and time.monotonic() < patience:  # it has another name until it is whole
            time.sleep(0.02)
        return file.read_bytes()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromium = need_tool("chromium", "chromium-browser", "google-chrome")
    with Reader(chromium, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(sample_report) -> Path:
    return sample_report / "board_report.html"


def must_be_accessible(browser: Reader, page: Path) -> None:
    """Fail unless a page keeps every rule of axe-core in every view, and asks for nothing."""
    for view in VIEWS:
        browser.messages.clear()
        browser.show(page, view)
        assert browser.messages == []
        assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
        paper = ("target-size",) if view == "print" else ()  # nobody aims at a link on paper
        assert browser.violations(*WCAG, "best-practice", without=paper) == [], view


@pytest.mark.parametrize("view", ["wide", "phone"])
def test_the_page_shows_everything_without_scrolling_sideways_or_asking_for_anything(browser, page, view):
    browser.messages.clear()
    browser.show(page, view)
    assert browser.messages == []
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.value("Array.from(document.images).every(image => image.complete && image.naturalWidth > 0)")
    assert browser.value("document.querySelectorAll('h1').length") == 1
    assert len(browser.screenshot()) > 50_000


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_wrong_with_the_report(browser, page, view):
    browser.show(page, view)
    paper = ("target-size",) if view == "print" else ()  # nobody aims at a link on paper
    assert browser.violations(*WCAG, "best-practice", without=paper) == []


def test_axe_would_find_what_is_wrong(browser, page, tmp_path):
    broken = page.read_text(encoding="utf-8").replace(' lang="en-GB"', "").replace("alt=", "data-alt=")
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    browser.show(tmp_path / "broken.html", "wide")
    assert {rule.split(":")[0] for rule in browser.violations(*WCAG)} == {"html-has-lang", "image-alt"}


def test_axe_finds_nothing_wrong_with_the_champions_pack(browser, tmp_path):
    run = run_pace("pack", "--authority", "exampleshire", "--quarter", "2015Q3", "--out", str(tmp_path / "pack"))
    assert run.returncode == 0, run.stderr
    (pack,) = (tmp_path / "pack").glob("*.html")
    for view in VIEWS:
        browser.show(pack, view)
        assert browser.violations(*WCAG, without=("target-size",) if view == "print" else ()) == [], view


def test_axe_finds_nothing_wrong_with_the_page_of_a_batch(browser, tmp_path):
    plan = BatchPlan("many", "Many <councils>", ())
    rows = [Row("Council 01", "2015Q3", "released", "council-01/2015Q3/board_report.html", "not met (2014/15)", "none or few of 1,215 rows set aside"),
            Row("Council 02", "2015Q3", "failed: the extract cannot be read; an earlier one is there", "council-02/2015Q3/board_report.html"),
            Row("Council 03", "2015Q3", "left out: an earlier quarter failed")]
    (tmp_path / "many.html").write_text(page_html(plan, rows, "0" * 12), encoding="utf-8")
    must_be_accessible(browser, tmp_path / "many.html")


@pytest.mark.parametrize("public", [False, True], ids=["for those who share", "public"])
def test_axe_finds_nothing_wrong_with_the_national_report(browser, tmp_path, public):
    must_be_accessible(browser, build_national(ROOT / "data" / "sample" / "nation", public=public, out=str(tmp_path / "2015Q3")))


@pytest.mark.parametrize("name", [
    pytest.param(path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
])
def test_axe_finds_nothing_wrong_with_what_a_notebook_shows(browser, tmp_path, monkeypatch, name):
    """Without a theme, for that of nbconvert (grey prompts, colours of code) is not ours to mend."""
    from nbconvert import HTMLExporter

    from pace_analysis.report.build import run_notebook

    monkeypatch.chdir(ROOT)
    shown, _ = HTMLExporter(template_name="basic").from_notebook_node(run_notebook(ROOT / "notebooks" / f"{name}.ipynb", {}))
    executed = tmp_path / f"{name}.html"
    executed.write_text(f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{name}</title></head>'
                        f"<body><main>{shown}</main></body></html>", encoding="utf-8")
    for view in VIEWS:
        browser.show(executed, view)
        assert browser.violations(*WCAG) == [], view


def test_the_contrast_of_words_is_enough_to_read(browser, page):
    browser.show(page, "wide")
    colours = browser.value("""[...new Set([...document.querySelectorAll('main *, header *, nav *, footer *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => getComputedStyle(e).color))].join(';')""")
    for colour in colours.split(";"):
        assert contrast_on_white(as_hex(colour)) >= 4.5, colour


def test_headings_have_the_accent_of_the_authority(browser, page, tmp_path):
    browser.show(page, "wide")
    colour = "getComputedStyle(document.querySelector('h2')).color"
    assert as_hex(browser.value(colour)) == load_authority("exampleshire").accent
    purple = written(tmp_path, paper_of(("Words.",)), accent="#7a1f5c")
    browser.show(purple, "wide")
    assert as_hex(browser.value(colour)) == "#7a1f5c"


def test_the_keyboard_reaches_the_paper_past_the_contents(browser, page):
    browser.show(page, "wide")
    landmarks = "['header', 'nav', 'main', 'footer'].map(name => document.querySelectorAll(`body > ${name}`).length).join()"
    assert browser.value(landmarks) == "1,1,1,1"
    browser.press("Tab", 9)
    assert browser.value("document.activeElement.className") == "skip"
    assert browser.value("document.activeElement.getBoundingClientRect().x") >= 0
    browser.press("Enter", 13)
    assert browser.value("location.hash") == "#main"
    browser.press("Tab", 9)
    assert browser.value("document.querySelector('main').contains(document.activeElement)")


def test_contents_lead_to_every_section(browser, page):
    browser.show(page, "wide")
    assert browser.value("""JSON.stringify([...document.querySelectorAll('nav a')].map(a => a.textContent)) ===
        JSON.stringify([...document.querySelectorAll('section h2')].map(h => h.textContent))""")
    assert browser.value("[...document.querySelectorAll('nav a')].every(a => document.querySelector(a.getAttribute('href')))")


def test_each_figure_saves_its_data_without_a_script(browser, page, tmp_path):
    browser.messages.clear()
    for number in range(1, browser.value("document.querySelectorAll('figure').length") + 1):
        browser.show(page, "wide")
        saved = browser.save_by_click(f"#f{number} a[download]", tmp_path / f"figure-{number}.csv")
        (ours,) = page.parent.glob(f"figures/figure-{number}-*.csv")
        assert saved == ours.read_bytes()
    assert number >= 3 and browser.messages == []


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: words[:12])
def test_hostile_words_are_read_and_never_run(browser, tmp_path, words):
    hostile = written(tmp_path, paper_of((words, "x")), provenance=words)
    for view in VIEWS:
        browser.messages.clear()
        browser.show(hostile, view)
        assert browser.messages == []
        assert browser.value("typeof window.hit") == "undefined"
        assert browser.value("document.querySelector('h1').textContent") == words
        assert browser.value(f"document.body.textContent.split({json.dumps(words)}).length") > 10
        # a word of ten thousand letters in a table scrolls on a screen and is cut on paper
        assert view == "print" or browser.value("document.documentElement.scrollWidth <= window.innerWidth"), view


@pytest.mark.parametrize(("size", "shape"), [((200, 50), 4), ((4000, 40), 4), ((40, 400), 0.1)])
def test_a_logo_stands_at_the_head_fifteen_millimetres_high_and_never_beside_the_page(browser, tmp_path, size, shape):
    Image.new("RGB", size, "#0b5c6b").save(tmp_path / "logo.png")
    paper = paper_of(("A long name of a service and of its head", "x"))
    logo = read_logo(Authority(slug="north", name="North", logo=str(tmp_path / "logo.png")))
    page = written(tmp_path, replace(paper, head=replace(paper.head, logo=logo)))
    for view in VIEWS:
        browser.show(page, view)
        left, top, right, bottom = browser.value("""(() => { const box = document.querySelector('img.logo').getBoundingClientRect();
            return [box.left, box.top, box.right, box.bottom] })()""")
        assert bottom - top == pytest.approx(15 * 96 / 25.4, abs=1) and right - left <= 60 * 96 / 25.4 + 1, view
        assert (right - left) / (bottom - top) == pytest.approx(shape, abs=0.05), view
        assert left >= 0 and bottom <= browser.value("document.querySelector('h1').getBoundingClientRect().top")
        assert browser.value("document.documentElement.scrollWidth <= window.innerWidth"), view
    assert browser.violations(*WCAG, without=("target-size",)) == []


def test_a_script_that_got_into_the_page_would_not_run(browser, page, tmp_path):
    scripts = "<script>window.hit=1</script><img src=x onerror=window.hit=2>"
    torn = page.read_text(encoding="utf-8").replace("</main>", f"{scripts}</main>")
    (tmp_path / "torn.html").write_text(torn, encoding="utf-8")
    browser.show(tmp_path / "torn.html", "wide")
    assert browser.value("typeof window.hit") == "undefined"


def test_it_prints_on_a4_in_five_pages_and_an_annex_of_five(browser, page):
    browser.show(page, "wide")
    pdf = browser.pdf()
    pages = pdf.count(b"/Type /Page\n") or len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    assert 4 <= pages <= 10
    boxes = {tuple(round(float(part)) for part in match.split()) for match in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)}
    assert boxes == {(0, 0, 595, 842)}


def paper_of(words: tuple[str, ...]) -> Paper:
    """A small paper with the same words everywhere."""
    first, last = words[0], words[-1]
    table = TableBlock("t", first, ((first, last),), ((first, "4"), (last, first)), total=("All", "5"), notes=(first,),
                       source=first, number=1)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    figure = FigureBlock("f", f"Of {first}", first, f"A line falls from 100% to 40%: {first[:300]}", first, svg, table, number=1)
    runs = (Run(first), Run(first, fact="share", value=first))
    section = Section(1, first, (Paragraph("1.1", runs), Bullets((runs,)), table, figure))
    return Paper(Head(first, first, (first,), first, notices=(first,)), (section,))


def written(folder: Path, paper: Paper, **resources: str) -> Path:
    """Export a paper to a file."""
    output = nbformat.v4.new_output("display_data", data={"text/html": fragment(paper).html})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", id="c", outputs=[output])])
    file = folder / "paper.html"
    file.write_text(BoardPaperExporter().from_notebook_node(notebook, resources=resources)[0], encoding="utf-8")
    return file


def as_hex(colour: str) -> str:
    """``rgb(1, 2, 3)`` as ``#010203``."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])
