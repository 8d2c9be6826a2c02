"""What reading and checking an extract costs, by format.

    python benchmarks/reading.py [ROWS]

Invented extracts whose tables hold so many rows in all (200,000 by default); XLSX has a tenth of them. A tracker
has one row a period, and 36 columns. CPU seconds, the better of two runs, and the peak memory of the process so far.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from pace_analysis.extract import read_extract
from pace_analysis.extract.tracker import mapping_beside, propose_mapping, write_mapping
from pace_analysis.extract.tracker.example import write_example
from pace_analysis.tables.check import check
from pace_analysis.tables.schema import TABLES, CareTables, Extract, empty_table

AS_AT = date(2015, 9, 30)
TOML = 'as_at = 2015-09-30\nsource = "invented"\n'


def invented(rows: int) -> CareTables:
    """Children with one period each and five milestones a period, ``rows`` rows in all."""
    generator = np.random.default_rng(2015)
    children = rows // 7
    ids = np.array([f"{i:06d}" for i in range(children)], dtype=object)
    start = np.datetime64("2010-04-01") + generator.integers(0, 1800, children)
    end = np.where(generator.random(children) < 0.6, start + generator.integers(1, 180, children), np.datetime64("NaT"))
    child = pd.DataFrame({
        "child_id": ids, "date_of_birth": start - generator.integers(0, 6000, children),
        "sex": generator.choice(["F", "M"], children), "sibling_group": "",
    })
    period = pd.DataFrame({
        "period_id": ids + "-1", "child_id": ids, "kind": "away", "start_date": start, "start_reason": "new",
        "end_date": end,
        "end_reason": np.where(np.isnat(end), "", generator.choice(["home", "adopted", "kinship"], children)),
    })
    codes = ["first_review", "permanence_recommendation", "panel", "agency_decision", "court_lodged"]
    milestone = pd.DataFrame({
        "period_id": np.repeat(ids + "-1", len(codes)), "milestone": np.tile(codes, children),
        "date": np.repeat(start, len(codes)) + np.tile(np.arange(10, 60, 10), children), "route": "",
    })
    frames = {"child": child, "period": period, "milestone": milestone}
    typed = {name: _typed(name, frame) for name, frame in frames.items()}
    return CareTables(**typed, change=empty_table("change"), extract=Extract("invented", "canonical", AS_AT))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    kinds = {column.name: "datetime64[ns]" if column.kind == "date" else "object" for column in TABLES[name]}
    return frame.astype(kinds)


def write_canonical(tables: CareTables, folder: Path, form: str) -> Path:
    """Write canonical tables as CSV or Parquet files, or one workbook; return what to read."""
    folder.mkdir()
    (folder / "extract.toml").write_text(TOML)
    frames = {name: frame for name, frame in tables if len(frame)}
    if form == "xlsx":
        with pd.ExcelWriter(folder / "extract.xlsx") as book:
            for name, frame in frames.items():
                frame.to_excel(book, sheet_name=name, index=False)
        return folder / "extract.xlsx"
    for name, frame in frames.items():
        file = folder / f"{name}.{form}"
        frame.to_csv(file, index=False) if form == "csv" else frame.to_parquet(file, index=False)
    return folder


def write_tracker(tables: CareTables, folder: Path, form: str) -> Path:
    """Write a tracker and its mapping, print what the proposal cost, and return the tracker."""
    folder.mkdir()
    path = write_example(tables, folder / f"tracker.{form}")
    start = time.process_time()
    proposal = propose_mapping(path)
    print(f"{'propose a mapping, ' + form:32}{len(tables.period):>10,} {time.process_time() - start:10.2f}")
    write_mapping(proposal, mapping_beside(path))
    return path


def measure(name: str, path: Path, rows: int) -> None:
    """Print what reading and checking cost."""
    taken = []
    for _ in range(2):
        start = time.process_time()
        tables = read_extract(path, as_at=AS_AT)
        middle = time.process_time()
        check(tables)
        taken.append((middle - start, time.process_time() - middle))
    read, checked = min(taken)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:32}{rows:>10,} {read:10.2f} {checked:10.2f} {peak:10.0f}")


def main(rows: int) -> None:
    tables, fewer = invented(rows), invented(rows // 10)
    many, few = sum(len(frame) for _, frame in tables), sum(len(frame) for _, frame in fewer)
    tracked = invented(7 * rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'':32}{'rows':>10} {'read s':>10} {'check s':>10} {'peak MB':>10}")
        measure("canonical CSV", write_canonical(tables, folder / "csv", "csv"), many)
        measure("canonical Parquet", write_canonical(tables, folder / "parquet", "parquet"), many)
        measure("canonical XLSX", write_canonical(fewer, folder / "xlsx", "xlsx"), few)
        measure("tracker XLSX", write_tracker(tables, folder / "tracker-xlsx", "xlsx"), len(tables.period))
        measure("tracker CSV", write_tracker(tracked, folder / "tracker-csv", "csv"), len(tracked.period))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
