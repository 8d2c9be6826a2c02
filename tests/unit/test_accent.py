"""An authority's accent colour: it can be read on a white page, or the settings are refused with one that can."""

import re

import pytest

from pace_analysis.errors import SettingsError
from pace_analysis.report.exporter import TEMPLATES, accent_rules
from pace_analysis.settings import Authority, contrast_on_white, load_authority, readable


@pytest.mark.parametrize(("colour", "ratio"), [
    ("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#777777", 4.48), ("#ff0000", 4.0), ("#0000ff", 8.59),
])
def test_contrast_is_that_of_the_published_examples(colour, ratio):
    assert contrast_on_white(colour) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("colour", ["#ffffff", "#ffd700", "#00b0f0", "#777777", "#FF0000", "#0b5c6b", "#000000"])
def test_the_readable_shade_is_the_nearest_darker_one(colour):
    shade = readable(colour)
    assert contrast_on_white(shade) >= 4.5
    channels = [[int(each[start : start + 2], 16) for start in (1, 3, 5)] for each in (colour, shade)]
    assert all(dark <= light for light, dark in zip(*channels, strict=True))
    if contrast_on_white(colour) >= 4.5:
        assert shade == colour
    else:
        assert contrast_on_white(shade) < 4.65, "not darker than it need be"


def test_an_accent_that_cannot_be_read_is_refused_with_one_that_can(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "authorities"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PACE_HOME", str(tmp_path))
    settings = folder / "north.toml"
    settings.write_text('name = "North"\naccent = "#00b0f0"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="4.5 to 1") as refused:
        load_authority("north")
    assert "north.toml, key 'accent'" in str(refused.value) and "2.47 to 1" in str(refused.value)
    offered = re.findall(r"#[0-9a-f]{6}", refused.value.what)[-1]
    assert offered == readable("#00b0f0")
    settings.write_text(f'name = "North"\naccent = "{offered}"\n', encoding="utf-8")
    assert load_authority("north").accent == offered


@pytest.mark.parametrize("accent", ["red", "#12345", "#0b5c6b;}", "#0b5c6b\nx", "url(x)"])
def test_what_is_no_colour_never_reaches_the_style_sheet(accent):
    with pytest.raises(ValueError, match="colour|pattern"):
        Authority(slug="north", name="North", accent=accent)
    with pytest.raises(ValueError, match="an accent is a colour"):
        accent_rules(accent)


def test_the_page_without_settings_has_the_accent_that_settings_have_by_default():
    style = (TEMPLATES / "board" / "style.css").read_text(encoding="utf-8")
    said = dict(re.findall(r"--(accent(?:-wash)?): (#[0-9a-f]{6});", style))
    assert said["accent"] == Authority(slug="north", name="North").accent
    assert accent_rules(said["accent"]) == f"\n:root{{--accent:{said['accent']};--accent-wash:{said['accent-wash']}}}"
