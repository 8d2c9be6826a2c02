"""The national report as a folder: notebook run, page made, searched for this machine, put in place as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from pace_analysis import __version__
from pace_analysis.report import manifest
from pace_analysis.report.folders import must_be_ours, replacing
from pace_analysis.report.manifest import NATION
from pace_analysis.report.nationalpaper import WORDS
from pace_analysis.report.nationalrecord import Published, publishing, shares_of
from pace_analysis.report.quickstart import skip_slow_import
from pace_analysis.report.running import run_notebook
from pace_analysis.settings import home, private_folder, resolve
from pace_analysis.sharing import PROFILE, Pool, pool_folder, sender

NOTEBOOK = "07_national_overview.ipynb"
PAGE = "national_overview.html"


def build_national(folder: str | Path, *, public: bool = False, without: Sequence[str] = (), text: str = "", out: str = "",
                   because: str = "") -> Path:
    """Pool the shares of a folder and write the national report; returns the page's path.

    Parameters
    ----------
    folder : str or Path
        Shares as they were received.
    public : bool
        Show the pool alone, for publication; otherwise each authority beside it, for those that share.
    without : sequence of str
        Authorities to leave out.
    text, out : str, optional
        The author's words; the folder to write: ``reports/national/QUARTER`` when public, else below the private folder.
    because : str, optional
        Why a public report may be written though one of the quarter was published of other shares.

    Raises
    ------
    InputError, DisclosureRefused, UsageError
        See :func:`pace_analysis.sharing.pool_folder`, :func:`pace_analysis.sharing.national.national` and, when public,
        :func:`pace_analysis.report.nationalrecord.publishing`.
    OutputError, BusyError
        If the folder holds other files, cannot be written, or another run is writing it.
    """
    pooled = pool_folder(folder, without=without)
    parent = home() / "reports" / NATION if public else private_folder(NATION)
    target = Path(out).resolve() if out else parent / pooled.quarter
    must_be_ours(target, PAGE)  # a board report has a manifest too, and is never replaced
    parameters = {"folder": str(resolve(folder).resolve()), "public": public, "without": list(without), "text": str(text)}
    wanted = Published(pooled.quarter, shares_of(pooled), because)
    # recorded before it is put in place: a run killed in between has published nothing, and says that it has
    with replacing(target, PAGE) as aside, publishing(wanted) if public else nullcontext():
        executed = run_notebook(home() / "notebooks" / NOTEBOOK, {**parameters, "out": str(aside.resolve())})
        (aside / PAGE).write_text(_page(executed, pooled, public), encoding="utf-8", newline="\n")
        _search(aside)
        words = _manifest(pooled, resolve(folder), {**parameters, "quarter": wanted.quarter, "shares": wanted.shares}, aside)
        (aside / manifest.NAME).write_text(words, encoding="utf-8", newline="\n")
    return target / PAGE


def _page(executed, pooled: Pool, public: bool) -> str:
    skip_slow_import()
    from pace_analysis.report.exporter import BoardPaperExporter

    executed.metadata["pace"] = {"internal": not public}
    said = f"pace_analysis {__version__}, {len(pooled.shares)} shares to {pooled.quarter}"
    return BoardPaperExporter().from_notebook_node(executed, resources={"provenance": said})[0]


def _search(folder: Path) -> None:
    from pace_analysis.report.leakcheck import Needles, leakcheck

    leakcheck(folder, needles=Needles.of(None)).refuse()


def _manifest(pooled: Pool, folder: Path, parameters: dict[str, object], aside: Path) -> str:
    root, text = home().resolve(), resolve(str(parameters["text"]) or WORDS)
    shares = [file for file in sorted(folder.glob("*.json")) if sender(file) not in pooled.without]
    inputs = {manifest.shown_path(path, root, role): manifest.sha256(path)
              for path, role in ({file: "share" for file in shares} | {text: "text"}).items()}
    stated = parameters | {"authority": NATION, "folder": manifest.shown_path(folder, root, "shares"), "text": manifest.shown_path(text, root, "text")}
    return manifest.make_manifest(parameters=stated, profile=PROFILE, inputs=inputs, outputs=manifest.outputs_of(aside))
