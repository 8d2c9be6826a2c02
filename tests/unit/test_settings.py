from fractions import Fraction
from pathlib import Path

import pytest

from pace_analysis import settings
from pace_analysis.errors import SettingsError, UsageError

AIM = """
[[aim]]
id = "a"
says = "90% within 12 weeks."
start = "panel"
finish = "placed"
within = "12 weeks"
share = 0.90
source = "a paper"
"""


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty home folder with one authority."""
    for name in ("authorities", "aims"):
        (tmp_path / "data" / name).mkdir(parents=True)
    (tmp_path / "data" / "authorities" / "north.toml").write_text('name = "North"\n', encoding="utf-8")
    monkeypatch.setenv("PACE_HOME", str(tmp_path))
    return tmp_path


def write_aim(home: Path, text: str) -> None:
    (home / "data" / "aims" / "a.toml").write_text(text, encoding="utf-8")


def test_a_share_is_exact(home):
    write_aim(home, AIM.replace("0.90", "0.95"))
    assert settings.load_aim("a").share == Fraction(19, 20)
    assert settings.load_aim("a").percent == "95%"


@pytest.mark.parametrize(("old", "new", "words"), [
    ('within = "12 weeks"', 'within_week = 12', "within_week"),
    ('within = "12 weeks"', 'within = "twelve weeks"', "time limit"),
    ("share = 0.90", "share = 90", "0.95"),
    ('source = "a paper"', "", "missing"),
    ('says = "90% within 12 weeks."', 'says = "90% within 12 weeks."\nsays = "twice"', "TOML"),
])
def test_a_wrong_aim_is_refused_with_its_file_and_key(home, old, new, words):
    write_aim(home, AIM.replace(old, new))
    with pytest.raises(SettingsError, match="a.toml") as refused:
        settings.load_aims()
    assert words in str(refused.value)


def test_an_aim_that_was_never_verified_is_not_reported(home):
    write_aim(home, AIM + 'status = "recalled"\n')
    with pytest.raises(SettingsError, match="never verified"):
        settings.load_aim("a")


def test_two_aims_may_not_share_an_id(home):
    write_aim(home, AIM + AIM)
    with pytest.raises(SettingsError, match="Two aims"):
        settings.load_aims()


def test_an_unknown_nested_key_names_the_nearest(home):
    path = home / "data" / "authorities" / "north.toml"
    path.write_text('name = "North"\n[policy]\nprofil = "public"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="profil") as refused:
        settings.load_authority("north")
    assert refused.value.remedy == "Did you mean 'profile'?"


@pytest.mark.parametrize("slug", ["nort", "../north", "NORTH", "north/../north", "", "n" * 300, "con\0"])
def test_only_a_known_plain_name_is_an_authority(home, slug):
    with pytest.raises(UsageError, match="There is no authority"):
        settings.load_authority(slug)


def test_a_large_settings_file_is_a_mistake(home):
    (home / "data" / "authorities" / "north.toml").write_text("#" * 70_000, encoding="utf-8")
    with pytest.raises(SettingsError, match="64 kB"):
        settings.load_authority("north")
