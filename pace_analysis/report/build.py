"""One report: notebook and parameters in; HTML page, figures, tables and manifest out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pace_analysis import errors
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, NotebookError, OutputError, UsageError, nearest
from pace_analysis.publish.profiles import profile as profile_named
from pace_analysis.report import manifest
from pace_analysis.report.folders import must_be_ours, replacing
from pace_analysis.report.quickstart import skip_slow_import
from pace_analysis.settings import Authority, aims_files, home, load_authority, private_folder, resolve
from pace_analysis.study import extract_path

NOTEBOOK = "02_board_report.ipynb"
PAGE = "board_report.html"
STEPS = ("run notebook", "make page", "write manifest", "search for leaks", "audit and release")
CELL_SECONDS = 600  # a cell that takes longer hangs; nothing here does

Step = Callable[[str], None]


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

    def summary(self) -> str:
        """List in words what would be done."""
        verb = "replace" if self.folder.exists() else "write"
        return "\n".join([
            f"Board report of {self.authority.name} to {self.quarter} ({self.quarter.words})",
            f"  extract    {self.extract}",
            f"  words      {self.text}",
            f"  notebook   {self.notebook}",
            f"  profile    {self.profile}",
            f"  would {verb} {self.folder}: {PAGE}, figures/, tables/, {manifest.NAME}",
        ])


def plan(authority: str, quarter: str, *, data: str = "", text: str = "", profile: str = "", out: str = "",
         drop_errors: bool = False, draft: bool = False, revise: Sequence[str] = (), because: str = "") -> Plan:
    """Resolve everything a run needs; raises the PaceError of whatever is missing.

    A ``draft`` is not recorded as released, and says so. ``revise`` names the measures whose figures released before are
    corrected, ``because`` why.
    """
    settings, until = load_authority(authority), Quarter.parse(quarter)
    level = profile_named(profile or settings.policy.profile)
    extract = extract_path(settings, until, data)
    words = resolve(text or settings.text)
    for path, what in ((extract, "extract"), (words, "text file")):
        if not path.exists():
            raise _missing(path, what)
    if because != " ".join(because.split()) or not because.isprintable():
        raise UsageError("The reason for a correction is one line of printable words.", where="--because")
    reports = home() / "reports" / settings.slug if level.protects else private_folder(settings.slug) / "reports"
    folder = Path(out).resolve() if out else reports / str(until)
    if folder == Path.cwd().resolve() or folder == home().resolve():
        raise OutputError("The report would take the place of the whole current folder.", where=str(folder),
                          remedy="Name a folder below it with --out.")
    if not level.protects or draft:
        folder = folder.with_name(f"{folder.name}-{'DRAFT' if level.protects else 'NOT-FOR-PUBLICATION'}")
    parameters = {"authority": settings.slug, "quarter": str(until), "data": str(data), "text": str(text),
                  "profile": level.name, "drop_errors": drop_errors, "revise": list(revise), "draft": draft}
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
    open_paper(study, text=asked["text"], draft=asked["draft"])


def report(plan: Plan, step: Step = lambda name: None) -> Path:
    """Run the notebook and write the report folder; returns the page's path.

    An earlier report stays untouched until the new one is complete, and for good if anything fails.
    """
    from pace_analysis.report import releasing

    book = releasing.opened(plan)
    with replacing(plan.folder, manifest.NAME) as aside:
        step("run notebook")
        executed = run_notebook(plan.notebook, {**plan.parameters, "folder": str(aside.resolve())})
        step("make page")
        page, _ = export(executed, plan)
        (aside / PAGE).write_text(page, encoding="utf-8", newline="\n")
        step("write manifest")
        text = _manifest(plan, aside)
        (aside / manifest.NAME).write_text(text, encoding="utf-8", newline="\n")
        step("search for leaks")
        if plan.protects:
            _search(plan, aside)
        step("audit and release")
        if book is not None:
            text = releasing.release(plan, book, aside, text, executed)
            (aside / manifest.NAME).write_text(text, encoding="utf-8", newline="\n")
    return plan.folder / PAGE


def run_notebook(path: Path, parameters: Mapping[str, Any]):
    """Execute a notebook through papermill and return it; a parameter it does not declare is refused first.

    Raises
    ------
    NotebookError
        Unknown parameter, or a cell failed for a reason nobody foresaw.
    PaceError
        What a cell raised, as it was raised there.
    """
    skip_slow_import()
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    declared = papermill.inspect_notebook(str(path))
    for name in parameters:
        if name not in declared:
            raise NotebookError(f"The notebook has no parameter '{name}'.", where=path.name, remedy=nearest(name, declared))
    encrypted = Config(KernelManager={"transport_encryption": "required"})
    try:
        return papermill.execute_notebook(
            str(path), None, parameters=dict(parameters), kernel_name="python3", cwd=str(Path.cwd()), progress_bar=False,
            execution_timeout=CELL_SECONDS, record_timing=False, shutdown_kernel="immediate", config=encrypted,
        )
    except PapermillExecutionError as error:
        raise _cell_error(error, path) from None


def export(executed, plan: Plan) -> tuple[str, dict]:
    """Turn an executed notebook into the page's HTML."""
    skip_slow_import()
    from pace_analysis.report.exporter import BoardPaperExporter

    executed.metadata["pace"] = {"internal": not plan.protects}
    provenance = f"pace_analysis {manifest.__version__}, data to {plan.quarter.last_day.isoformat()}, profile {plan.profile}"
    return BoardPaperExporter().from_notebook_node(
        executed, resources={"provenance": provenance, "accent": plan.authority.accent}
    )


def _manifest(plan: Plan, folder: Path) -> str:
    root, slug = home().resolve(), plan.authority.slug
    sources = {path: "extract" for path in manifest.input_files(plan.extract)} | {plan.text: "text"}
    stated = [root / "data" / "authorities" / f"{slug}.toml", root / "data" / "published" / f"{slug}.csv", *aims_files()]
    sources |= {path: "settings" for path in stated if path.exists()}
    inputs = {manifest.shown_path(path, root, role): manifest.sha256(path) for path, role in sources.items()}
    outputs = {path.relative_to(folder).as_posix(): manifest.sha256(path) for path in folder.rglob("*") if path.is_file()}
    asked = {name: manifest.shown_path(Path(value), root, name) if name in ("data", "text") and value else value
             for name, value in plan.parameters.items()}
    return manifest.make_manifest(parameters=asked, profile=plan.profile, inputs=inputs, outputs=outputs)


def _search(plan: Plan, folder: Path) -> None:
    """Refuse a report in whose files a child of the extract, or this machine, can be found."""
    from pace_analysis.report.leakcheck import Needles, days_reported, leakcheck
    from pace_analysis.study import open_study

    asked = plan.parameters
    study = open_study(asked["authority"], asked["quarter"], asked["data"], profile=plan.profile, drop_errors=asked["drop_errors"],
                       identified=True)
    typed = plan.text.read_text(encoding="utf-8")
    leakcheck(folder, needles=Needles.of(study.tables, allowed=days_reported(study), texts=[typed])).refuse()


def _missing(path: Path, what: str) -> InputError:
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    return InputError(f"There is no {what} '{path.name}'.", where=str(path.parent), remedy=nearest(path.name, beside))


def _cell_error(error, path: Path) -> errors.PaceError:
    kind = getattr(errors, str(error.ename), None)
    if isinstance(kind, type) and issubclass(kind, errors.PaceError):
        what, _, rest = str(error.evalue).partition("\n  ")
        where, _, remedy = rest.partition("\n  ")
        return kind(what, where=where, remedy=remedy)
    return NotebookError(f"Cell {error.exec_count} of the notebook failed: {error.ename}.", where=path.name,
                         remedy="Open the notebook in JupyterLab and run all cells to see why.")
