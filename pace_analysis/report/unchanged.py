"""Whether a report would come out as it is: told from hashes alone, without reading the extract or importing what does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pace_analysis.report import manifest
from pace_analysis.report.build import Plan, manifest_text
from pace_analysis.settings import private_folder

# as in ledger.store, verify, ledger.lines and released, slow to import
LEDGER, HEAD, BEFORE, RELEASED = "ledger.jsonl", "ledger_head", "0" * 64, "released.json"


def up_to_date(plan: Plan) -> bool:
    """Whether the folder holds what a run would write: same inputs, parameters, code and versions, and its release stands.

    Files that were changed, a ledger that was changed, a draft and a revision are never up to date. A draft depends on
    the ledger, which its manifest does not name. What was released before a later report stays as it was, so a ledger that
    went on changes nothing, unless it corrects a figure that this report shows, or holds a later release of this report.
    """
    if plan.parameters["draft"] or plan.parameters["revise"]:
        return False
    try:
        said = json.loads((plan.folder / manifest.NAME).read_bytes())
        outputs = manifest.outputs_of(plan.folder)
    except (OSError, ValueError):
        return False
    if not isinstance(said, dict):
        return False
    head = said.pop(HEAD, None)
    if said != json.loads(manifest_text(plan, outputs)):
        return False
    return not plan.protects or _stands(plan, head)


def _stands(plan: Plan, head: Any) -> bool:
    """Whether a ledger is whole to its own head and holds the line that a report names, and no line after it touches the report."""
    ledger, authority = private_folder(plan.authority.slug) / LEDGER, plan.authority.slug
    try:
        *lines, rest = ledger.read_bytes().split(b"\n")
        kept = json.loads(ledger.with_suffix(".head").read_bytes())
        figures = json.loads((plan.folder / RELEASED).read_bytes())["figures"]
        shown = {tuple(figure["key"]): figure["value"] for figure in figures}
    except (OSError, ValueError, TypeError, KeyError):
        return False
    heads, before = [], BEFORE
    for line in lines:
        # a quotation mark within a value has a backslash before it, so that this can stand in one place only
        if f'"prev":"{before}"'.encode("ascii") not in line:
            return False
        before = hashlib.sha256(line).hexdigest()
        heads.append({"authority": authority, "seq": len(heads) + 1, "sha256": before})
    if rest or heads[-1:] != [kept] or head not in heads:
        return False
    return not any(_touches(line, f"board-report-{plan.quarter}", shown) for line in lines[head["seq"]:])


def _touches(line: bytes, release: str, shown: Mapping[tuple[str, ...], int]) -> bool:
    """Whether a line opens a later release of a report, or corrects a figure so that it is no longer as the report shows it."""
    if b'"kind":"revision"' in line:
        said = json.loads(line)
        return shown.get(tuple(said["key"]), said["value"]) != said["value"]
    return f'"release":"{release}"'.encode() in line
