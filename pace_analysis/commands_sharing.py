"""Commands by which authorities share counts, and a centre pools them and reports on the nation."""

from __future__ import annotations

from pathlib import Path

import click

from pace_analysis.options import authority_option, data_option, quarter_option

without_option = click.option("--without", multiple=True, metavar="NAME",
                              help="Leave this authority's share out; it is named. May be given more than once.")


@click.command(epilog="Example: pace share --authority exampleshire --quarter 2015Q3 --region north --out outbox")
@authority_option
@quarter_option
@data_option
@click.option("--measure", default="decision", metavar="NAME", help="Clock to count; pace measures lists them.")
@click.option("--region", default="", metavar="NAME", help="Region to be pooled in, spelt as in the other shares.")
@click.option("--out", default="", metavar="FOLDER", help="Where to write; shares in the private folder by default.")
@click.option("--drop-errors", is_flag=True, help="Go on without the rows that break rules.")
def share(authority: str, quarter: str, data: str, measure: str, region: str, out: str, drop_errors: bool) -> None:
    """Write rounded counts that may go to whoever pools them: no row, no child, no date. Not for publication."""
    from pace_analysis.settings import private_folder
    from pace_analysis.sharing import share as counted
    from pace_analysis.sharing import write_share
    from pace_analysis.study import open_study

    study = open_study(authority, quarter, data, drop_errors=drop_errors)
    click.echo(write_share(counted(study, measure_id=measure, region=region), out or private_folder("shares")))


@click.command("pool", epilog="Example: pace pool data/sample/nation")
@click.argument("folder", type=click.Path(path_type=Path))
@without_option
def pool_(folder: Path, without: tuple[str, ...]) -> None:
    """Add the shares of a folder into a national table, and say what it and its regions show by 26 weeks."""
    from pace_analysis.sharing import pool_folder

    click.echo(pool_folder(folder, without=without).text())


@click.command(epilog="Example: pace national data/sample/nation")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--public", is_flag=True, help="Show the pool alone, for publication: no authority's own figures.")
@without_option
@click.option("--because", default="", metavar="WORDS",
              help="Why another public report of a quarter may be written, of other shares: the earlier one was withdrawn.")
@click.option("--text", default="", metavar="FILE", help="The author's words; data/text/national_overview.md by default.")
@click.option("--out", default="", metavar="FOLDER", help="Where to write; data/private/national/QUARTER, or reports/national/QUARTER.")
def national(folder: Path, public: bool, without: tuple[str, ...], because: str, text: str, out: str) -> None:
    """Write the national report from the shares of a folder: for the authorities that share, or for publication."""
    from pace_analysis.errors import UsageError
    from pace_analysis.report.nationalbuild import build_national

    if because.strip() and not public:
        raise UsageError("A reason is given for a public report, and this one is for the authorities that share.", where="--because",
                         remedy="Add --public, or leave the reason out.")
    click.echo(build_national(folder, public=public, without=without, text=text, out=out, because=because.strip()))
