"""Pathways from their files: one chain, in order, each mistake named with its file and key."""

from pathlib import Path

import pytest

import pace_analysis
from pace_analysis.care.stays import check_milestones
from pace_analysis.dates import Limit
from pace_analysis.errors import SettingsError
from pace_analysis.pathways import load_pathway, pathway_names
from pace_analysis.settings import authorities, load_authority
from pace_analysis.tables.schema import NATIONAL_MILESTONES

SHORT = """
name = "short"
title = "A short way"
decision = "permanence_recommendation"

[[stage]]
id = "first"
title = "First"
start = "accommodated"
finish = "first_review"
partner = "social work"

[[stage]]
id = "second"
title = "Second"
start = "first_review"
finish = "permanence_recommendation"
partner = "social work"

[[stage]]
id = "third"
title = "Third"
start = "permanence_recommendation"
finish = "panel"
partner = "panel"

[[clock]]
id = "review"
says = "Soon."
start = "accommodated"
finish = "first_review"
within = "6 weeks"
source = "a regulation"
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write the short pathway, with one part replaced, into an empty home folder."""
    folder = tmp_path / "data" / "pathways"
    folder.mkdir(parents=True)
    monkeypatch.setenv("PACE_HOME", str(tmp_path))

    def short(old: str = "", new: str = "", times: int = 1) -> Path:
        assert old in SHORT
        path = folder / "short.toml"
        path.write_text(SHORT.replace(old, new, times), encoding="utf-8")
        return path

    return short


def test_stages_lie_before_and_after_the_decision(write):
    write()
    pathway = load_pathway("short")
    assert pathway.milestones == ("accommodated", "first_review", "permanence_recommendation", "panel")
    assert [stage.id for stage in pathway.before_decision] == ["first", "second"]
    assert [stage.id for stage in pathway.after_decision] == ["third"]
    assert [stage.id for stage in pathway.until("first_review")] == ["first"]
    assert pathway.clocks[0].within == Limit(6, "weeks")


def test_a_stage_is_asked_for_by_a_milestone_of_the_pathway(write):
    write()
    with pytest.raises(SettingsError, match="Did you mean 'panel'"):
        load_pathway("short").until("panels")


@pytest.mark.parametrize(("old", "new", "where", "words"), [
    ('start = "first_review"', 'start = "panel"', "short.toml, stage 2, key 'start'",
     "the stage before it finishes at 'first_review'"),
    ('start = "first_review"', 'start = "accommodated"', "short.toml, stage 2, key 'start'", "as another stage does"),
    ('finish = "panel"', 'finish = "accommodated"', "short.toml, stage 3, key 'finish'", "a circle"),
    ('finish = "panel"', 'finish = "permanence_recommendation"', "short.toml, stage 3, key 'finish'", "a circle"),
    ('decision = "permanence_recommendation"', 'decision = "permanence_recommended"', "short.toml, key 'decision'",
     "Did you mean 'permanence_recommendation'"),
    ('decision = "permanence_recommendation"', 'decision = "accommodated"', "short.toml, key 'decision'",
     "not on the pathway"),
    ('id = "second"', 'id = "first"', "short.toml, stage 2, key 'id'", "Two stages have the id 'first'"),
    ('id = "second"', 'id = "left"', "short.toml, stage 2, key 'id'", "the end of a wait"),
    ('partner = "panel"', 'partners = "panel"', "short.toml, stage 3, key 'partners'", "Did you mean 'partner'"),
    ('partner = "panel"', "", "short.toml, stage 3, key 'partner'", "missing"),
    ('within = "6 weeks"', 'within = "six weeks"', "short.toml, clock 1, key 'within'", "time limit"),
    ('name = "short"', 'name = "long"', "short.toml, key 'name'", "rename the file"),
    ('title = "A short way"', "", "short.toml, key 'title'", "missing"),
    ("[[clock]]", "[[clocks]]", "short.toml, key 'clocks'", "Did you mean 'clock'"),
    ("[[clock]]", "[clock]", "short.toml, key 'clock'", "cannot be used"),
])
def test_a_wrong_pathway_is_refused_with_its_file_and_key(write, old, new, where, words):
    write(old, new)
    with pytest.raises(SettingsError) as refused:
        load_pathway("short")
    assert where in refused.value.where
    assert words in str(refused.value)


def test_a_pathway_without_stages_is_refused(write):
    write().write_text(SHORT.split("[[stage]]")[0], encoding="utf-8")
    with pytest.raises(SettingsError, match="'stage' is missing"):
        load_pathway("short")


@pytest.mark.parametrize(("old", "where"), [
    ('finish = "panel"', "short.toml, stage 'third', key 'finish'"),
    ('finish = "first_review"\nwithin', "short.toml, clock 'review', key 'finish'"),
])
def test_an_unknown_milestone_is_named_with_the_nearest(write, old, where):
    write(old, old.replace("panel", "pannel").replace("first_review", "pannel"))
    with pytest.raises(SettingsError, match="Did you mean 'panel'") as refused:
        check_milestones(load_pathway("short"))
    assert refused.value.where == where


def test_a_clock_that_is_only_recalled_is_in_no_result(write):
    write('source = "a regulation"', 'source = "memory"\nstatus = "recalled"')
    assert load_pathway("short").clocks == ()


def test_an_unknown_pathway_is_named_with_the_nearest(write):
    write()
    with pytest.raises(SettingsError, match="Did you mean 'short'"):
        load_pathway("shorts")
    with pytest.raises(SettingsError, match="no pathway"):
        load_pathway("../authorities/north")


class TestTheFilesOfTheProject:
    @pytest.mark.parametrize("name", ["england", "scotland"])
    def test_each_names_milestones_that_exist_and_a_source_for_each_clock(self, name):
        pathway = load_pathway(name)
        check_milestones(pathway)
        assert pathway.decision == "permanence_recommendation"
        assert all(clock.source for clock in pathway.clocks)

    def test_every_authority_has_one(self):
        assert {load_authority(slug).nation for slug in authorities()} <= set(pathway_names())

    def test_scotland_runs_along_the_five_national_dates(self):
        reached = load_pathway("scotland").milestones
        assert [name for name in reached if name in NATIONAL_MILESTONES.values()] == list(NATIONAL_MILESTONES.values())

    def test_scotland_has_the_two_clocks_of_the_regulations(self):
        clocks = {(clock.start, clock.finish): str(clock.within) for clock in load_pathway("scotland").clocks}
        assert clocks == {("accommodated", "first_review"): "6 weeks", ("panel", "agency_decision"): "14 days"}

    def test_england_asks_for_no_milestone_that_the_return_cannot_date(self):
        reader = Path(pace_analysis.__file__).parent / "extract" / "ssda903" / "milestones.py"
        source = reader.read_text(encoding="utf-8")
        assert all(f'"{name}"' in source for name in load_pathway("england").milestones[1:])
