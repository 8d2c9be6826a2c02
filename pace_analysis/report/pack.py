"""The champions' pack: the restricted list of children as one printable page and one workbook, in a private folder.

It never becomes part of a board report: the gate knows no such result, the exporter of board papers refuses its page,
and it is written neither into the reports' folder nor beside a report.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis import __version__
from pace_analysis.caselist import CaseList, pack
from pace_analysis.errors import OutputError
from pace_analysis.report import manifest
from pace_analysis.report.checking import MARK, neutral
from pace_analysis.report.folders import must_be_ours, replacing
from pace_analysis.report.html import Fragment, plain_text
from pace_analysis.report.packpage import STAMP, fragment_html, page_html, row_numbers
from pace_analysis.settings import home
from pace_analysis.study import open_study

PAGE, BOOK = f"champions_pack-{MARK}.html", f"champions_pack-{MARK}.xlsx"
MARKER = "champions_pack.json"  # by which the folder of an earlier pack is known
SHEET_TITLE = f"{STAMP}. For permanence champions and managers, never for a report."


def build_pack(authority: str, quarter: str, data: str = "", out: str = "", drop_errors: bool = False) -> Path:
    """Read an extract and write its pack; returns the page's path.

    Parameters
    ----------
    authority, quarter, data, drop_errors
        As for :func:`pace_analysis.study.open_study`, which says what is raised.
    out : str, optional
        Folder to write; ``data/private/<authority>/packs/<data cut>`` by default.

    Raises
    ------
    OutputError
        If the folder is a place for reports or holds other files, or cannot be written.
    """
    if out:
        private_folder(out)
    cases = pack(open_study(authority, quarter, data, drop_errors=drop_errors, identified=True))
    return write_pack(cases, out or pack_folder(cases))[0]


def pack_folder(cases: CaseList) -> Path:
    """Folder of a pack where none is named."""
    return home() / "data" / "private" / cases.authority.slug / "packs" / cases.as_at.isoformat()


def private_folder(folder: str | Path) -> Path:
    """Return the folder as an absolute path if a pack may be written there.

    Raises
    ------
    OutputError
        If it is the current folder or home, in the reports' folder, or in, around or beside a board report; or if it
        holds anything but an earlier pack.
    """
    target = Path(folder).resolve()
    above = [target, *target.parents]
    if target in (Path.cwd().resolve(), home().resolve()):
        raise OutputError("The pack would take the place of the whole current folder.", where=str(target),
                          remedy="Name a folder below data/private with --out.")
    if any(_same(part, home() / "reports") for part in above):
        raise _no_place("The pack is restricted and may not be written among the reports.", target)
    must_be_ours(target, MARKER)
    inside = any((part / manifest.NAME).is_file() for part in above)
    if inside or any(target.rglob(manifest.NAME)) or any(target.parent.glob(f"*/{manifest.NAME}")):
        raise _no_place("The pack is restricted and may not be written in or beside a board report.", target)
    return target


def write_pack(cases: CaseList, folder: str | Path) -> tuple[Path, Path]:
    """Write the page and the workbook into a private folder, in place of an earlier pack; returns both paths.

    The folder can be opened and the files read by their owner alone, where the system has such modes. An earlier pack
    stays untouched until the new one is complete.

    Raises
    ------
    OutputError
        See :func:`private_folder`; or if a file cannot be written.
    BusyError
        If another run is writing the same folder.
    """
    target = private_folder(folder)
    known_by = {"kind": "champions' pack", "authority": cases.authority.slug, "as_at": cases.as_at.isoformat(),
                "made_with": f"pace_analysis {__version__}"}
    contents = {PAGE: page_html(cases).encode(), BOOK: workbook(cases), MARKER: json.dumps(known_by, indent=2).encode()}
    with replacing(target, MARKER) as aside:
        aside.chmod(0o700)
        for name, content in contents.items():
            (aside / name).touch(mode=0o600)
            (aside / name).write_bytes(content)
    return target / PAGE, target / BOOK


def show_pack(cases: CaseList) -> Fragment:
    """Return what a notebook shows of a pack; the exporter of board papers refuses it."""
    html = fragment_html(cases)
    return Fragment(html, plain_text(html))


def save_pack(cases: CaseList, folder: str | Path) -> str:
    """Write the pack as :func:`write_pack` does and say where; nothing when ``folder`` is empty."""
    if not folder:
        return "Nothing was written: no folder was named."
    return f"Wrote {' and '.join(path.name for path in write_pack(cases, folder))}."


def workbook(cases: CaseList) -> bytes:
    """Return the pack as XLSX, one sheet a part; every sheet says that it is restricted, and no cell is a formula."""
    content = BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl", datetime_format="yyyy-mm-dd") as book:
        for name, frame in _sheets(cases).items():
            frame.astype(object).map(neutral).to_excel(book, sheet_name=f"{MARK} {name}", index=False, startrow=1)
            _lay_out(book.sheets[f"{MARK} {name}"])
    return content.getvalue()


def _sheets(cases: CaseList) -> dict[str, pd.DataFrame]:
    waiting = cases.waiting.drop(columns="stage").rename(columns={"title": "stage"})
    titles = {stage.id: stage.title for stage in cases.pathway.stages}
    return {
        "who waits where": waiting.assign(decided=waiting["decided"].map({True: "yes", False: "no"})),
        "waiting bands": cases.bands.rename(columns=titles).reset_index(),
        "limits ahead": cases.ahead.rename(columns={"title": "stage"}),
        "data to fix": cases.to_fix.assign(row=row_numbers(cases.to_fix)),
    }


def _lay_out(sheet: Any) -> None:
    sheet["A1"] = SHEET_TITLE
    sheet.freeze_panes = "B3"
    last = sheet.cell(max(sheet.max_row, 2), sheet.max_column).coordinate
    sheet.auto_filter.ref = f"A2:{last}"
    for part in (sheet.oddHeader, sheet.oddFooter):
        part.center.text = STAMP
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:2"
    for column in sheet.iter_cols(min_row=2):
        for cell in column:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # never a formula, an error value or a number
        longest = max(len(str(cell.value)) for cell in column)
        sheet.column_dimensions[column[0].column_letter].width = 2 + min(60, longest)


def _same(one: Path, other: Path) -> bool:
    # a file system may take Reports and reports for the same folder
    return one.samefile(other) if one.exists() and other.exists() else one == other.resolve()


def _no_place(what: str, target: Path) -> OutputError:
    return OutputError(what, where=str(target), remedy="Leave out --out, or name a folder below data/private.")
