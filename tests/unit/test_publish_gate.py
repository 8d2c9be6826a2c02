"""Only the gate makes published results, and only what it made may be rendered."""

import ast
import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import pace_analysis
from pace_analysis.errors import DisclosureRefused, SettingsError
from pace_analysis.publish import released
from pace_analysis.publish.disclosure import (
    Refused,
    Release,
    publishable,
    release_count,
    release_register,
    release_share,
    release_table,
)
from pace_analysis.publish.profiles import PROFILES, PUBLIC, must_be_as_stated, profile
from pace_analysis.publish.refusals import SENTENCES, sentence
from pace_analysis.survival import life_table

PACKAGE = Path(pace_analysis.__file__).parent


def test_a_released_result_cannot_be_made_elsewhere():
    with pytest.raises(DisclosureRefused, match="by the disclosure gate only"):
        released.ReleasedShare(what="children", numerator=1, denominator=2, profile=PUBLIC, release=Release.PUBLISHED)
    with pytest.raises(DisclosureRefused, match="by the disclosure gate only"):
        released.ReleasedCount(what="children", count=1, profile=PUBLIC, release=Release.PUBLISHED, seal=object())


def test_a_released_result_cannot_be_changed():
    share = release_share(30, 60, what="children")
    with pytest.raises(dataclasses.FrozenInstanceError):
        share.numerator = 3
    with pytest.raises(DisclosureRefused):
        dataclasses.replace(share, numerator=3)


@pytest.mark.parametrize(("threshold", "base", "says"), [
    (None, None, ""), (5, 5, ""), (3, None, "states threshold 3, and the profile 'public' has 5"),
    (10, None, "or choose the profile strict"), (5, 1, "states base 1"),
])
def test_a_policy_can_state_its_numbers_and_not_change_them(threshold, base, says):
    if not says:
        return must_be_as_stated(PUBLIC, threshold, base, "policy")
    with pytest.raises(SettingsError, match=says):
        must_be_as_stated(PUBLIC, threshold, base, "policy")


def test_only_the_gate_holds_the_seal():
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if "SEAL" in (getattr(node, "id", ""), getattr(node, "attr", ""))
        or (isinstance(node, ast.ImportFrom) and "SEAL" in [name.name for name in node.names])
    }
    assert users == {"publish/released.py", "publish/disclosure/marks.py"}


def test_only_the_gate_puts_its_mark_on_results():
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "pace_analysis.publish.disclosure.marks"
        and "mark" in [name.name for name in node.names]
    }
    assert users == {"publish/disclosure/tables.py", "publish/disclosure/curves.py", "publish/disclosure/course.py", "publish/freetable.py"}


def test_what_the_gate_made_may_be_rendered():
    for result in (
        release_count(17, what="children"),
        release_table(pd.DataFrame({"a": [6]}), title="T"),
        release_share(30, 60, what="children"),
        Refused("nobody", "Not shown: nobody was waiting."),
    ):
        assert publishable(result) is result


@pytest.mark.parametrize("thing", [pd.DataFrame({"a": [1]}), {"a": 1}, 3, "3 children", life_table([3], [1])],
                         ids=lambda thing: type(thing).__name__)
def test_nothing_else_may_be_rendered(thing):
    with pytest.raises(DisclosureRefused, match="has not passed the disclosure gate"):
        publishable(thing)


def test_a_look_alike_may_not_be_rendered():
    class Forged(released.ReleasedCount):
        def __post_init__(self, seal):
            pass

    with pytest.raises(DisclosureRefused, match="Forged has not passed"):
        publishable(Forged(what="children", count=1, profile=PUBLIC, release=Release.PUBLISHED))


def test_internal_results_are_rendered_only_where_that_is_asked_for():
    share = release_share(1, 3, what="children", profile=PROFILES["internal"])
    assert share.release == Release.INTERNAL
    with pytest.raises(DisclosureRefused, match="INTERNAL"):
        publishable(share)
    assert publishable(share, internal=True) is share


@pytest.mark.parametrize("weak", [
    dataclasses.replace(PUBLIC, threshold=1),
    dataclasses.replace(PUBLIC, name="mine"),
    "public",
], ids=["weakened", "renamed", "a name"])
def test_a_profile_of_ones_own_is_refused(weak):
    with pytest.raises(DisclosureRefused, match="named profile"):
        release_count(3, what="children", profile=weak)


def test_profiles_are_found_by_name():
    assert (profile("public").threshold, profile("strict").threshold, profile("health").threshold) == (5, 10, 8)
    assert [p.name for p in PROFILES.values() if not p.protects] == ["internal"]
    with pytest.raises(SettingsError, match="Did you mean 'public'"):
        profile("publik")


@pytest.mark.parametrize("n", [-1, 2.5])
def test_what_is_not_a_count_is_refused(n):
    with pytest.raises(DisclosureRefused, match="whole number"):
        release_count(n, what="children")


def test_a_register_of_changes_passes_and_one_with_children_does_not():
    frame = pd.DataFrame({"title": ["Earlier planning meeting"], "status": ["testing"]})
    register = release_register(frame, title="Tests of change")
    assert publishable(register).frame.equals(frame)
    with pytest.raises(DisclosureRefused, match="'child_id'"):
        release_register(frame.assign(child_id="0042"), title="Tests of change")


@pytest.mark.parametrize("code", SENTENCES)
def test_every_refusal_is_a_sentence_for_a_reader(code):
    text = sentence(code, "Children accommodated in 2013/14", least=30, day=182)
    assert text.startswith("Not shown: children accommodated in 2013/14. ") and text.endswith(".")
    assert "{" not in text
    assert Refused(code, text).release == Release.PUBLISHED
