"""One report: notebook and parameters in; HTML page, figures, tables and manifest out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, OutputError, must_be_one_line, nearest
from pace_analysis.publish.profiles import profile as profile_named
from pace_analysis.report import formats, manifest
from pace_analysis.report.figurefolder import MARK, among_reports, usual_folder
from pace_analysis.report.folders import must_be_ours, replacing
from pace_analysis.report.logo import read_logo
from pace_analysis.report.narrative.forward import words_path
from pace_analysis.report.provenance import compared_with, hashes, sources
from pace_analysis.report.quickstart import skip_slow_import
from pace_analysis.report.running import run_notebook
from pace_analysis.settings import Authority, extract_path, home, load_authority, resolve

NOTEBOOK = "02_board_report.ipynb"
PAGE = "board_report.html"
COMPOSING = ("run notebook", "make page", "write manifest")
STEPS = (*COMPOSING, "search for leaks", "audit and release")

Step = Callable[[str], None]
Run = Callable[..., Any]  # a notebook is executed as by running.run_notebook


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run reads and where it writes; nothing has been done yet."""

    authority: Authority
    quarter: Quarter
    extract: Path
    text: Path
    notebook: Path
    folder: Path
    parameters: Mapping[str, Any]
    profile: str
    because: str = ""

    @property
    def protects(self) -> bool:
        """Whether its numbers are protected."""
        return profile_named(self.profile).protects

    @property
    def page(self) -> Path:
        """Where its page is, or will be."""
        return self.folder / PAGE

    def summary(self) -> str:
        """List in words what would be done."""
        verb, also = "replace" if self.folder.exists() else "write", formats.names(self.parameters["also"])
        return "\n".join([
            f"Board report of {self.authority.name} to {self.quarter} ({self.quarter.words})",
            f"  extract    {self.extract}",
            f"  words      {self.text}",
            f"  notebook   {self.notebook}",
            f"  profile    {self.profile}",
            f"  would {verb} {self.folder}: {', '.join((PAGE, *also, 'figures/', 'tables/', manifest.NAME))}",
        ])


def plan(authority: str, quarter: str, *, data: str = "", text: str = "", profile: str = "", out: str = "",
         drop_errors: bool = False, draft: bool = False, revise: Sequence[str] = (), because: str = "", also: str = "",
         reference: str = "") -> Plan:
    """Resolve everything a run needs; raises the PaceError of whatever is missing.

    A ``draft`` is not recorded as released, and says so. ``revise`` names the measures whose figures released before are
    corrected, ``because`` why. ``also`` and ``reference`` are those of :func:`~pace_analysis.report.formats.printed_forms`.
    """
    settings, until = load_authority(authority), Quarter.parse(quarter)
    level = profile_named(profile or settings.policy.profile)
    extract = extract_path(settings, until, data)
    words = words_path(settings, until, text)
    also = ",".join(formats.asked_forms(also, reference))
    needed = {extract: "extract", words: "text file"} | ({resolve(reference): "reference document"} if reference else {})
    for path, what in needed.items():
        if not path.exists():
            raise _missing(path, what)
    read_logo(settings)  # refused here, before a kernel starts
    must_be_one_line(because, "The reason for a correction", "--because")
    folder = Path(out).resolve() if out else usual_folder(settings.slug, protects=level.protects) / str(until)
    if not level.protects and among_reports(folder):
        raise OutputError("Numbers that are not protected may not lie among the reports.", where=str(folder),
                          remedy="Leave --out away: such a report is written to the private folder.")
    if folder == Path.cwd().resolve() or folder == home().resolve():
        raise OutputError("The report would take the place of the whole current folder.", where=str(folder),
                          remedy="Name a folder below it with --out.")
    if not level.protects or draft:
        folder = folder.with_name(f"{folder.name}-{'DRAFT' if level.protects else MARK}")
    parameters = {"authority": settings.slug, "quarter": str(until), "data": str(data), "text": str(text),
                  "profile": level.name, "drop_errors": drop_errors, "revise": list(revise), "draft": draft, "also": also,
                  "reference": str(reference)}
    return Plan(settings, until, extract, words, home() / "notebooks" / NOTEBOOK, folder, parameters, level.name, because)


def rehearse(plan: Plan) -> None:
    """Read, check and compose everything a report needs, and write nothing; raises what the report would raise."""
    from pace_analysis.report.paper import open_paper
    from pace_analysis.report.releasing import opened
    from pace_analysis.study import open_study

    opened(plan)
    must_be_ours(plan.folder, manifest.NAME)
    asked = plan.parameters
    study = open_study(asked["authority"], asked["quarter"], asked["data"], profile=plan.profile,
                       drop_errors=asked["drop_errors"], revise=asked["revise"])
    open_paper(study, text=asked["text"], draft=asked["draft"]).printed(asked["also"], asked["reference"])


def report(plan: Plan, step: Step = lambda name: None, run: Run = run_notebook) -> Path:
    """Run the notebook and write the report folder; returns the page's path.

    ``run`` executes a notebook, as :func:`pace_analysis.report.running.run_notebook` does. An earlier report stays untouched
    until the new one is complete, and for good if anything fails.
    """
    from pace_analysis.report import releasing
    from pace_analysis.report.leakcheck import leakcheck

    book = releasing.opened(plan)
    with replacing(plan.folder, manifest.NAME) as aside:
        executed, text, study = compose(plan, aside, step, run)
        step("search for leaks")
        if study is not None:
            leakcheck(aside, needles=_needles(plan, study)).refuse()
        step("audit and release")
        if book is not None:
            text = releasing.release(plan, book, aside, text, executed, study)
            (aside / manifest.NAME).write_text(text, encoding="utf-8", newline="\n")
    return plan.page


def compose(plan: Plan, folder: Path, step: Step = lambda name: None, run: Run = run_notebook) -> tuple[Any, str, Any]:
    """Write everything of a report into an empty folder, releasing nothing.

    Returns
    -------
    tuple
        The executed notebook, the manifest's text, and the study with the ids that the extract came with, of which a
        published file may hold none (None where nothing is protected).
    """
    ready: dict[str, Any] = {}
    read = _inputs(plan)

    def meanwhile() -> None:
        # the kernel works on another core: what this process needs afterwards is imported and read by then
        from pace_analysis.report import exporter  # noqa: F401  heavy

        ready["study"] = _identified(plan) if plan.protects else None

    step("run notebook")
    executed = run(plan.notebook, {**plan.parameters, "folder": str(folder.resolve())}, meanwhile=meanwhile)
    step("make page")
    page, _ = export(executed, plan)
    (folder / PAGE).write_text(page, encoding="utf-8", newline="\n")
    step("write manifest")
    text = manifest_text(plan, manifest.outputs_of(folder))
    _must_be_as_read(read, json.loads(text)["inputs"])
    (folder / manifest.NAME).write_text(text, encoding="utf-8", newline="\n")
    return executed, text, ready["study"]


def export(executed, plan: Plan) -> tuple[str, dict]:
    """Turn an executed notebook into the page's HTML."""
    skip_slow_import()
    from pace_analysis.report.exporter import BoardPaperExporter

    executed.metadata["pace"] = {"internal": not plan.protects}
    provenance = f"pace_analysis {manifest.__version__}, data to {plan.quarter.last_day.isoformat()}, profile {plan.profile}"
    return BoardPaperExporter().from_notebook_node(
        executed, resources={"provenance": provenance, "accent": plan.authority.accent}
    )


def manifest_text(plan: Plan, outputs: dict[str, str]) -> str:
    """Return the manifest of a report, less what only its release can add."""
    root = home().resolve()
    asked = {name: manifest.shown_path(resolve(value), root, name) if name in ("data", "text", "reference") and value else value
             for name, value in plan.parameters.items()}
    return manifest.make_manifest(parameters=asked, profile=plan.profile, inputs=_inputs(plan), outputs=outputs,
                                  compared_with=compared_with(plan.authority.slug, plan.quarter))


def _inputs(plan: Plan) -> dict[str, str]:
    reference = plan.parameters["reference"]
    return hashes(sources(plan.authority, plan.extract, plan.text, resolve(reference) if reference else None))


def _must_be_as_read(read: dict[str, str], now: dict[str, str]) -> None:
    if changed := manifest.differences(read, now):
        raise InputError("A file was changed while the report was made from it.", where=changed[0], remedy="Run again.")


def _identified(plan: Plan):
    from pace_analysis.study import open_study

    asked = plan.parameters
    return open_study(asked["authority"], asked["quarter"], asked["data"], profile=plan.profile, drop_errors=asked["drop_errors"],
                      identified=True)


def _needles(plan: Plan, study):
    """What a published file may hold none of."""
    from pace_analysis.report.leakcheck import Needles, days_reported

    typed = plan.text.read_text(encoding="utf-8")
    return Needles.of(study.tables, allowed=days_reported(study), texts=[typed])


def _missing(path: Path, what: str) -> InputError:
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    return InputError(f"There is no {what} '{path.name}'.", where=str(path.parent), remedy=nearest(path.name, beside))
