"""Where figures to lift are written, and how: never into a finished report, nor unprotected ones among the reports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pace_analysis.disk import alone, settle, write_settled
from pace_analysis.errors import OutputError
from pace_analysis.report import manifest
from pace_analysis.report.folders import ELSEWHERE
from pace_analysis.settings import home, private_folder

MARK = "NOT-FOR-PUBLICATION"
ASIDE = ".figures.new-"


def figure_folder(asked: str | Path, *, protects: bool) -> Path:
    """Return the folder that figures go to, marked in its name where their numbers are not protected.

    Raises
    ------
    OutputError
        The folder is that of a finished report, or is among the reports and the numbers are not protected.
    """
    folder = Path(asked).resolve()
    if not protects:
        folder = folder.with_name(folder.name if MARK in folder.name else f"{folder.name}-{MARK}")
    above = (folder, *folder.parents)
    if any((place / manifest.NAME).exists() for place in above):
        raise OutputError("This is the folder of a finished report, and nothing is added to it.", where=str(folder),
                          remedy="Name another folder.")
    if not protects and among_reports(folder):
        raise OutputError("Figures that are not protected may not be written among the reports.", where=str(folder),
                          remedy="Name no folder, or one below data/private.")
    return folder


def among_reports(folder: Path) -> bool:
    """Whether a folder is that of the reports, or below it."""
    return any(_same(place, home() / "reports") for place in (folder, *folder.parents))


def usual_folder(slug: str, *, protects: bool) -> Path:
    """Return the folder that an authority's output goes to unless another is named: private where nothing is protected."""
    return home() / "reports" / slug if protects else private_folder(slug) / "reports"


def marked(name: str) -> str:
    """The name of a file that may not be published."""
    return f"{Path(name).stem}-{MARK}{Path(name).suffix}"


def put(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write all files aside and bring them to the disk, then give each its name; returns their paths.

    A file is always the old one or the new one, whole. What a run that was cut off left aside, the next clears away.

    Raises
    ------
    OutputError
        A file cannot be written; none has changed, or those that have are whole.
    BusyError
        Another run is writing into the folder.
    """
    aside = folder / f"{ASIDE}{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "figures", "Another run is writing into this folder.",
                   "Wait until it has finished, or name another folder.", where=str(folder)):
            try:
                for left in folder.glob(f"{ASIDE}*"):
                    shutil.rmtree(left, ignore_errors=True)
                aside.mkdir()
                for name, content in files.items():
                    write_settled(aside / name, content)
                for name in files:
                    os.replace(aside / name, folder / name)
                settle(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"A figure cannot be written: {error.strerror or error}.", where=str(folder),
                          remedy=ELSEWHERE) from None
    return tuple(folder / name for name in files)


def _same(one: Path, other: Path) -> bool:
    # a file system may take Reports and reports for the same folder
    return one.samefile(other) if one.exists() and other.exists() else one == other.resolve()
