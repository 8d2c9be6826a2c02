"""Whether a report would come out as it is: told from hashes alone, without reading the extract or importing what does."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pace_analysis.report import manifest
from pace_analysis.report.build import Plan, manifest_text
from pace_analysis.settings import private_folder

LEDGER, HEAD, BEFORE = "ledger.jsonl", "ledger_head", "0" * 64  # as in ledger.store, verify and ledger.lines, slow to import


def up_to_date(plan: Plan) -> bool:
    """Whether the folder holds what a run would write: same inputs, parameters, code and versions, and nothing released since.

    Files that were changed, a ledger that went on or was changed, a draft and a revision are never up to date. A draft
    depends on the ledger, which its manifest does not name.
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
    return not plan.protects or _ends_with(private_folder(plan.authority.slug) / LEDGER, plan.authority.slug, head)


def _ends_with(ledger: Path, authority: str, head: Any) -> bool:
    """Whether every line of a ledger hangs on the one before, and the last is the one that a report names."""
    try:
        *lines, rest = ledger.read_bytes().split(b"\n")
        kept = json.loads(ledger.with_suffix(".head").read_bytes())
    except (OSError, ValueError):
        return False
    before = BEFORE
    for line in lines:
        # a quotation mark within a value has a backslash before it, so that this can stand in one place only
        if f'"prev":"{before}"'.encode("ascii") not in line:
            return False
        before = hashlib.sha256(line).hexdigest()
    return not rest and head == kept == {"authority": authority, "seq": len(lines), "sha256": before}
