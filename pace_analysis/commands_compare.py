"""The command that says why numbers moved from one report to the next."""

from __future__ import annotations

import click

from pace_analysis.options import data_option


@click.command(epilog="Example: pace compare 2015Q2 2015Q3 --authority exampleshire")
@click.argument("before")
@click.argument("after")
@click.option("--authority", default="", metavar="NAME", help="Whose reports, where both are named by their quarter.")
@data_option
@click.option("--drop-errors", is_flag=True, help="Go on without the rows that break rules.")
def compare(before: str, after: str, authority: str, data: str, drop_errors: bool) -> None:
    """Explain every main figure that moved between two reports, named by quarter or by folder."""
    from pace_analysis.report.accounts import compare_reports

    result = compare_reports(before, after, authority, data, drop_errors=drop_errors)
    click.echo(result.text)
    click.echo(f"Exact counts (restricted): {result.path}", err=True)
