"""The command that makes the reports of many authorities at once."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command(epilog="Example: pace batch data/plans/thirty-two.toml --jobs 2")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Reports made at once; one for each core by default.")
@click.option("--dask", default="", metavar="ADDRESS", help="Hand the reports to a Dask cluster that sees the same folders.")
@click.option("--time-limit", default=600.0, metavar="SECONDS", help="Longest time for one report; 600 by default.")
@click.option("--force", is_flag=True, help="Make reports again though nothing has changed.")
@click.option("--quiet", is_flag=True, help="Print nothing but the result and problems.")
def batch(plan: Path, jobs: int | None, dask: str, time_limit: float, force: bool, quiet: bool) -> None:
    """Make the reports of many authorities and quarters, those alone that are missing or changed."""
    from pace_analysis.batch.planfile import load_plan
    from pace_analysis.batch.progress import Lines, Live, Silent
    from pace_analysis.batch.run import run_batch

    planned = load_plan(plan)
    kind = Silent if quiet else Live if sys.stderr.isatty() else Lines
    watcher = kind(sys.stderr, len(planned.tasks))
    outcome = run_batch(planned, watcher, jobs=jobs or 0, dask=dask, limit=time_limit, force=force)
    watcher.close()
    if outcome.is_unchanged and not quiet:
        click.echo("Up to date: nothing has changed since the reports were made. Make them again with --force.", err=True)
    click.echo(outcome.page)
    outcome.refuse()
