"""The commands for authors: one figure as files to paste from, and a page that shows them all."""

from __future__ import annotations

from collections.abc import Callable

import click

from pace_analysis.options import authority_option, data_option, quarter_option

PROFILE_HELP = "Disclosure profile: public, strict, health or internal."
OUT_HELP = "Folder to write; reports/AUTHORITY/QUARTER-figures by default, in the private folder for internal."


def _options(command: Callable) -> Callable:
    shared = (
        authority_option, quarter_option, data_option,
        click.option("--profile", default="", metavar="NAME", help=PROFILE_HELP),
        click.option("--drop-errors", is_flag=True, help="Go on without the rows that break rules."),
        click.option("--out", default="", metavar="FOLDER", help=OUT_HELP),
    )
    for option in reversed(shared):
        command = option(command)
    return command


@click.command(epilog="Example: pace figure decided_by_week --authority exampleshire --quarter 2015Q3")
@click.argument("name")
@_options
def figure(name: str, out: str, **asked: str | bool) -> None:
    """Write one figure to lift: SVG, PNG for Word at its true size, caption, alt text, source, and its data as CSV."""
    from pace_analysis.report import figurepage

    figurepage.must_be_known(name)
    lift = figurepage.open_lift(**asked, out=out)
    for path in lift.write(figurepage.files_of(figurepage.draw(name, lift.answers), name)):
        click.echo(path)
    click.echo(lift.remark, err=True)


@click.command(epilog="Example: pace figures --authority exampleshire --quarter 2015Q3")
@_options
def figures(out: str, **asked: str | bool) -> None:
    """Write one page that shows every figure, with its name, its headline and its alt text."""
    from pace_analysis.report import figurepage

    lift = figurepage.open_lift(**asked, out=out)
    page = figurepage.list_figures(lift.answers).page(lift.remark)
    for path in lift.write({figurepage.PAGE: page.encode("utf-8")}):
        click.echo(path)
    click.echo(lift.remark, err=True)
