"""No renderer takes anything but answers that passed the gate; no message of a fault holds a value of a child."""

import dataclasses
import shutil
import types

import pandas as pd
import pytest
from conftest import ROOT, run_pace

from pace_analysis.errors import DisclosureRefused
from pace_analysis.figures import FIGURES, draw
from pace_analysis.publish.disclosure import release_table
from pace_analysis.publish.profiles import PROFILES
from pace_analysis.report.facts import facts
from pace_analysis.report.paper import open_paper
from pace_analysis.report.tables import tables

RENDERERS = {**{f"figure {name}": lambda thing, name=name: draw(name, thing) for name in FIGURES},
             "facts": facts, "tables": tables}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
class TestEveryRenderer:
    def test_refuses_a_raw_frame(self, render, study):
        for raw in (study.tables.child, study.decision.frame, study.decision, study, pd.DataFrame({"children": [3]}), {}):
            with pytest.raises(DisclosureRefused, match="has not passed the disclosure gate"):
                render(raw)

    def test_refuses_what_only_looks_like_answers(self, render, answers):
        alike = types.SimpleNamespace(**{name: getattr(answers, name) for name in answers.__dataclass_fields__})
        with pytest.raises(DisclosureRefused, match="SimpleNamespace"):
            render(alike)

    def test_takes_answers(self, render, answers):
        assert render(answers)


def test_the_paper_refuses_a_raw_frame(study):
    with pytest.raises(DisclosureRefused):
        open_paper(study, study.decision.frame)


@pytest.mark.parametrize("name", ["waiting", "unknown_start", "adoptions", "changes", "quality", "curves", "effects"])
def test_answers_refuse_any_part_that_is_raw_or_unprotected(answers, name):
    raw = pd.DataFrame({"children": [3, 4]})
    unprotected = release_table(raw, title="T", profile=PROFILES["internal"])
    for thing in (raw, unprotected):
        several = {"curves": ((None, thing),), "effects": (types.SimpleNamespace(parts=(thing,)),)}
        with pytest.raises(DisclosureRefused):
            dataclasses.replace(answers, **{name: several.get(name, thing)})


FAULTS = {  # table, column, and what stands in row 7 instead: None takes the column away
    "a day that is none": ("child", "date_of_birth", "31/02/2012"),
    "a birth date in the future": ("child", "date_of_birth", "2031-01-01"),
    "no child": ("child", "child_id", ""),
    "no birth date column": ("child", "date_of_birth", None),
    "a child twice": ("child", "child_id", "row 8"),
    "a period twice": ("period", "period_id", "row 8"),
    "a period of nobody": ("period", "child_id", "nobody's"),
    "a start that is text": ("period", "start_date", "last spring"),
    "a start after the end": ("period", "start_date", "2015-09-29"),
    "an end before birth": ("period", "end_date", "1999-01-01"),
    "an unknown reason": ("period", "end_reason", "eloped"),
    "an unknown kind": ("period", "kind", "camp"),
    "no start": ("period", "start_date", ""),
    "no period column": ("period", "period_id", None),
    "a milestone of no period": ("milestone", "period_id", "nobody's"),
    "an unknown milestone": ("milestone", "milestone", "recomendation"),
    "a milestone on no day": ("milestone", "date", ""),
    "a milestone on a day that is none": ("milestone", "date", "2015-13-01"),
    "an unknown route": ("milestone", "route", "sea"),
    "no milestone column": ("milestone", "milestone", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_by_rule_and_row_and_never_by_a_value_of_a_child(fault, tmp_path):
    folder = shutil.copytree(ROOT / "data" / "sample" / "exampleshire" / "2015Q3", tmp_path / "extract")
    table, column, value = FAULTS[fault]
    rows = pd.read_csv(folder / f"{table}.csv", dtype=str, keep_default_na=False)
    secrets = {*rows.iloc[5:9].filter(["child_id", "period_id", "date_of_birth", "sibling_group"]).to_numpy().ravel()} - {""}
    if value is None:
        rows = rows.drop(columns=column)
    else:
        rows.loc[7, column] = rows.loc[8, column] if value == "row 8" else value
    rows.to_csv(folder / f"{table}.csv", index=False)
    run = run_pace("report", "--authority", "exampleshire", "--quarter", "2015Q3", "--data", str(folder), "--dry-run")
    said = run.stdout + run.stderr
    if run.returncode:
        assert "Traceback" not in said and table in said
    assert not [secret for secret in secrets if secret in said]
