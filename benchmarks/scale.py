"""What a life table costs when it is counted where the data lie, by number of periods.

    python benchmarks/scale.py [--write] [PERIODS ...]

Invented periods with three milestones each, as Parquet; 100,000, 1,000,000 and 10,000,000 periods by default. Every
figure is of a process of its own: wall and CPU seconds and peak memory, interpreter and imports included. ``own`` is
the same count as one bare query, without checks, late entry or rows left out. The path in memory is pandas, up to
1,000,000 periods. Needs duckdb and pyarrow. With ``--write`` the tables replace those of ``docs/scale.md``.
"""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scale.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
AS_AT, OPENS = date(2024, 3, 31), date(2010, 4, 1)
CODES = ("first_review", "permanence_recommendation", "court_lodged")
MOST_IN_MEMORY = 1_000_000
PARTITIONS = 10
CLOCK = {"origin": "start_date", "finish": (CODES[1], "end_date"), "as_at": AS_AT, "covers_from": OPENS, "by": "region"}

PERIODS = """COPY (SELECT printf('%09d-1', i) AS period_id,
  DATE '2009-01-01' + CAST(hash(i) % 5500 AS INTEGER) AS start_date,
  CASE WHEN hash(i + 1) % 10 < 6
    THEN DATE '2009-01-01' + CAST(hash(i) % 5500 + hash(i + 2) % 700 AS INTEGER) END AS end_date,
  'region ' || hash(i + 3) % 5 AS region FROM range({first}, {last}) AS r(i)) TO '{path}' (FORMAT parquet)"""
STEPS = """COPY (SELECT printf('%09d-1', i) AS period_id, milestone, DATE '2009-01-01'
  + CAST(hash(i) % 5500 + delay + hash(i + 4) % 400 AS INTEGER) AS date FROM range({first}, {last}) AS r(i),
  (VALUES ('{}', 5), ('{}', 40), ('{}', 200)) AS m(milestone, delay)) TO '{path}' (FORMAT parquet)"""
OWN = """SELECT region, least(f1, f2, DATE '{as_at}') - start_date AS last_day,
    CASE WHEN f1 <= f2 AND f1 <= DATE '{as_at}' THEN 1 WHEN f2 <= DATE '{as_at}' THEN 2 ELSE 0 END AS outcome, COUNT(*)
  FROM (SELECT region, start_date, coalesce(first, DATE '9999-12-31') AS f1, coalesce(end_date, DATE '9999-12-31') AS f2
    FROM '{folder}/periods/*.parquet' LEFT JOIN (
      SELECT period_id, MIN(date) AS first FROM '{folder}/milestones/*.parquet' WHERE milestone = '{code}' GROUP BY 1) USING (period_id)) GROUP BY ALL"""


def make(folder: Path, periods: int) -> None:
    """Write periods and milestones in ten files each, a part of the periods a file."""
    import duckdb

    step = periods // PARTITIONS
    for table, query in (("periods", PERIODS), ("milestones", STEPS)):
        (folder / table).mkdir(parents=True)
        for part in range(PARTITIONS):
            path = folder / table / f"{part}.parquet"
            duckdb.sql(query.format(*CODES, first=part * step, last=(part + 1) * step, path=path))


def by_engine(folder: Path):
    """Count by :func:`pace_analysis.scale.count_table`."""
    from pace_analysis.scale import count_table

    return count_table(folder / "periods", milestones=folder / "milestones", **CLOCK).table


def by_partition(folder: Path):
    """Count part by part and add; the cost of each part goes to stderr."""
    from pace_analysis.scale import count_table, merge

    parts, started = [], time.perf_counter()
    for part in range(PARTITIONS):
        file = f"{part}.parquet"
        parts.append(count_table(folder / "periods" / file, milestones=folder / "milestones" / file, **CLOCK))
    counted = time.perf_counter()
    table = merge(parts).table
    cost = {"part": (counted - started) / PARTITIONS, "merge": (time.perf_counter() - counted) / PARTITIONS,
            "cells": int(table.exits.size)}
    print(json.dumps(cost), file=sys.stderr)
    return table


def by_own_query(folder: Path):
    """Run the bare query with the engine's settings of the package."""
    import duckdb

    from pace_analysis.scale.count import MEMORY

    with tempfile.TemporaryDirectory() as spill:
        settings = {"memory_limit": MEMORY, "temp_directory": spill, "preserve_insertion_order": "false"}
        with duckdb.connect(config=settings) as engine:
            engine.execute(OWN.format(as_at=AS_AT, code=CODES[1], folder=folder)).fetchall()


def in_memory(folder: Path):
    """Count with pandas and :func:`pace_analysis.survival.life_table`."""
    import pandas as pd
    from pyarrow import parquet

    from pace_analysis.survival import life_table

    def read(table: str, **options) -> pd.DataFrame:
        return parquet.read_table(folder / table, **options).to_pandas(date_as_object=False)

    frame, steps = read("periods"), read("milestones", filters=[("milestone", "==", CODES[1])])
    first = frame["period_id"].map(steps.groupby("period_id")["date"].min())
    start, end, cut = frame["start_date"], frame["end_date"], pd.Timestamp(AS_AT)
    ending = pd.concat([first, end], axis=1).min(axis=1)
    outcome = np.select([~(ending <= cut), first == ending], [0, 1], 2)
    last = (ending.fillna(cut).clip(upper=cut) - start).dt.days.clip(lower=0)
    late = (pd.Timestamp(OPENS) - start).dt.days.clip(lower=0)
    kept = ((start <= cut) & (late <= last)).to_numpy()
    return life_table(last[kept], outcome[kept], first_day=late[kept], group=frame["region"][kept].astype("category"),
                      n_outcomes=2)


WAYS = {"engine": by_engine, "parts": by_partition, "own": by_own_query, "memory": in_memory}


def measure(way: str, folder: Path) -> dict[str, float]:
    """Run one way in a process of its own; seconds, peak memory in MB, and a sum over the table."""
    started = time.perf_counter()
    command = [sys.executable, __file__, "--one", way, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"wall": time.perf_counter() - started, **json.loads(run.stdout), **json.loads(run.stderr or "{}")}


def one(way: str, folder: Path) -> None:
    table = WAYS[way](folder)
    used = resource.getrusage(resource.RUSAGE_SELF)
    sign = "" if table is None else f"{table!r} {int((table.exits * np.arange(table.exits.shape[2])).sum())}"
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024, "sign": sign}))


def row(periods: int, way: str, found: dict[str, float]) -> str:
    return f"| {periods:,} | {way} | {found['wall']:.2f} | {found['cpu']:.2f} | {found['peak']:,.0f} |"


def main(sizes: list[int]) -> str:
    names = {"engine": "`count_table`", "parts": "`count_table`, ten parts, then `merge`", "own": "bare query",
             "memory": "in memory"}
    lines = ["| periods | way | wall s | CPU s | peak MB |", "|--:|---|--:|--:|--:|"]
    cpu, last, ratios = [], {}, []
    for periods in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make(folder, periods)
            ways = [way for way in WAYS if way != "memory" or periods <= MOST_IN_MEMORY]
            found = {way: measure(way, folder) for way in ways}
        signs = {found[way]["sign"] for way in ways if found[way]["sign"]}
        assert len(signs) == 1, signs  # the ways agree
        lines += [row(periods, names[way], found[way]) for way in ways]
        cpu.append(found["engine"]["cpu"])
        ratios.append(found["engine"]["cpu"] / found["own"]["cpu"])
        last = found
    steps = np.diff(np.log(cpu)) / np.diff(np.log(sizes))
    part, adding, cells = (last["parts"][key] for key in ("part", "merge", "cells"))
    lines += ["", f"Growth of CPU with the number of periods, as an exponent from size to size: "
              f"{', '.join(f'{step:.2f}' for step in steps) or 'one size only'}. "
              f"CPU against the bare query: {', '.join(f'{ratio:.2f}' for ratio in ratios)} times.",
              "", f"One part of {sizes[-1] // PARTITIONS:,} periods: {part:.2f} s; adding it to the others: "
              f"{1000 * adding:.1f} ms ({cells:,} cells of exits).",
              "", f"Python {platform.python_version()}, DuckDB {version('duckdb')}, pandas {version('pandas')}."]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        page = main([int(size) for size in sys.argv[1:] if size != "--write"] or [10**5, 10**6, 10**7])
        print(page)
        if "--write" in sys.argv:
            text = PAGE.read_text(encoding="utf-8")
            before, after = text.split(BEGIN)[0], text.split(END)[1]
            PAGE.write_text(f"{before}{BEGIN}\n\n{page}\n\n{END}{after}", encoding="utf-8")
