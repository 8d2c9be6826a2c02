"""The page in a real browser: on a wide screen, on a phone, and on A4."""

import re

import pytest
from browser import Browser
from conftest import need_tool


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(need_tool("chromium", "chromium-browser", "google-chrome"), tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_shows_everything_without_scrolling_sideways_or_asking_for_anything(browser, sample_report, width):
    browser.messages.clear()
    browser.open(sample_report / "board_report.html", width=width)
    assert browser.messages == []
    assert browser.value("document.documentElement.scrollWidth <= window.innerWidth")
    assert browser.value("Array.from(document.images).every(image => image.complete && image.naturalWidth > 0)")
    assert browser.value("document.querySelectorAll('h1').length") == 1
    assert len(browser.screenshot()) > 50_000


def test_the_contrast_of_words_is_enough_to_read(browser, sample_report):
    browser.open(sample_report / "board_report.html", width=1280)
    colours = browser.value("""[...new Set([...document.querySelectorAll('main *, header *, footer *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
        .map(e => getComputedStyle(e).color))].join(';')""")
    for colour in colours.split(";"):
        red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
        assert contrast_with_white(red, green, blue) >= 4.5, colour


def test_it_prints_on_a4_in_four_pages_and_an_annex_of_four(browser, sample_report):
    browser.open(sample_report / "board_report.html", width=1280)
    pdf = browser.pdf()
    pages = pdf.count(b"/Type /Page\n") or len(re.findall(rb"/Type\s*/Page[^s]", pdf))
    assert 4 <= pages <= 8
    boxes = {tuple(round(float(part)) for part in match.split()) for match in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)}
    assert boxes == {(0, 0, 595, 842)}


def contrast_with_white(*colour: int) -> float:
    """Contrast ratio of WCAG 2.2 against a white page."""
    channels = [value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour]
    luminance = sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True))
    return 1.05 / (luminance + 0.05)
