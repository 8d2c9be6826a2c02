"""A report made again from its manifest, and held against it: where the two differ, and why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pace_analysis.errors import OutputError, ReportDiffers, UsageError
from pace_analysis.ledger import FIGURES, Ledger, LedgerError, ledger_path
from pace_analysis.report import build, manifest
from pace_analysis.report.verify import head_of, read_manifest

STATED = ("revise", "draft")  # parameters of the notebook that say how the report is released


@dataclass(frozen=True, slots=True)
class Rerun:
    """What came of making a report again.

    Attributes
    ----------
    files : int
        Outputs that its manifest names.
    differ : tuple of str
        Outputs that did not come out as they were, each as ``changed: ...``, ``missing: ...`` or ``added: ...``.
    reasons : tuple of str
        What is not as it was when the report was made: inputs, code, versions, the ledger. One sentence each.
    edited : tuple of str
        Files of the folder that are not as the manifest says; empty when only a manifest was given.
    """

    files: int
    differ: tuple[str, ...]
    reasons: tuple[str, ...]
    edited: tuple[str, ...] = ()

    def text(self) -> str:
        """Say in words where the reports differ and why."""
        if self.differ:
            lines = [f"Made again: {len(self.differ)} of {self.files} files differ.", *(f"  {each}" for each in self.differ)]
        else:
            lines = [f"Made again: all {self.files} files are the same, to the byte."]
        if self.reasons:
            lines += ["Not as it was when the report was made:", *(f"  {each}" for each in self.reasons)]
        elif self.differ:
            lines.append("Inputs, code, versions and ledger are as they were: look for what they do not cover, such as fonts.")
        if self.edited:
            lines += ["In the folder, not as its manifest says:", *(f"  {each}" for each in self.edited)]
        return "\n".join(lines)

    def must_be_same(self) -> None:
        """Raise ReportDiffers unless every file came out as it was, and the folder holds those files."""
        if self.differ or self.edited:
            raise ReportDiffers("The report is not what its manifest makes today.",
                                remedy="See above where and why." if self.reasons else "See above where.")


def rerun(path: Path, *, data: str = "", text: str = "", reference: str = "",
          step: Callable[[str], None] = lambda name: None) -> Rerun:
    """Make a report again in a temporary folder, release nothing, and compare.

    Parameters
    ----------
    path : Path
        Of the report's folder, or of a manifest alone.
    data, text, reference : str
        Where the extract, the words or the Word styles lie now; needed where the manifest says ``outside/...``.
    step : callable
        Told the name of each step.

    Raises
    ------
    UsageError
        If the path is of something else.
    OutputError
        If there is no manifest, or it was changed.
    InputError
        If an input lay outside the project, and it is not said where it lies now.
    PaceError
        Whatever making the report raises.
    """
    folder = path if path.is_dir() else None
    if folder is None and path.suffix != ".json":
        raise UsageError(f"'{path.name}' is no manifest.", remedy=f"Name the folder of the report, or the {manifest.NAME} in it.")
    _, said = read_manifest(path / manifest.NAME if folder else path)
    plan = _plan(said, {"data": data, "text": text, "reference": reference})
    with tempfile.TemporaryDirectory(prefix="pace-rerun-") as aside:
        _, made, _ = build.compose(plan, Path(aside), step)
    now = json.loads(made)
    edited = manifest.differences(said["outputs"], manifest.outputs_of(folder)) if folder else []
    return Rerun(len(said["outputs"]), tuple(manifest.differences(said["outputs"], now["outputs"])),
                 (*_reasons(said, now), *_released_since(said)), tuple(edited))


def _plan(said: Mapping[str, Any], now: Mapping[str, str]) -> build.Plan:
    asked = {**said["parameters"], **{name: value for name, value in now.items() if value}}
    for name in now:
        manifest.must_be_here(name, str(asked.get(name, "")))
    stated = {name: asked.pop(name, False) for name in STATED}
    try:
        plan = build.plan(**asked)
    except (AttributeError, TypeError):
        raise OutputError("The manifest holds parameters that this version does not know.", where=manifest.NAME,
                          remedy=f"Make it again with pace_analysis {said['code']['pace_analysis']}.") from None
    # not through plan(), which wants a reason for a revision: nothing is released here
    return replace(plan, parameters={**plan.parameters, **stated})


def _reasons(said: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    reasons = [f"input {each}" for each in manifest.differences(said["inputs"], now["inputs"])]
    for name, before in said["versions"].items():
        after = now["versions"].get(name, "not looked at")
        reasons += [f"version of {name}: {before}, now {after}"] if after != before else []
    before, after = (state.get("compared_with", "") for state in (said, now))
    if before != after:
        reasons.append(f"report compared with: {before or 'none'}, now {after or 'none'}")
    if said["code"]["pace_analysis"] != now["code"]["pace_analysis"]:
        reasons.append(f"version of pace_analysis: {said['code']['pace_analysis']}, now {now['code']['pace_analysis']}")
    elif said["code"] != now["code"]:
        reasons.append("code: the package or its notebooks were changed within the same version")
    return reasons


def _released_since(said: Mapping[str, Any]) -> list[str]:
    """What the ledger holds that it did not hold, or does not hold that it did, when the report was released."""
    authority, head = said["parameters"]["authority"], head_of(said)
    if head is None:
        return []
    book = Ledger.open(ledger_path(authority), authority)
    if not book.entries:
        return ["ledger: there is none here, so that the figures were protected anew"]
    try:
        book.must_hold(head)
    except LedgerError:
        return ["ledger: not the one that the report was released with"]
    since = [entry for entry in book.entries[head.seq:] if entry.kind in FIGURES]
    revised = sum(entry.kind == "revision" for entry in since)
    return [f"ledger: {len(since)} figures released since, of these {revised} corrected"] if since else []
