"""The command that makes a report again from its manifest."""

from __future__ import annotations

from pathlib import Path

import click

from pace_analysis.progress import steps


@click.command(epilog="Example: pace rerun reports/exampleshire/2015Q3")
@click.argument("manifest", metavar="MANIFEST_OR_FOLDER", type=click.Path(path_type=Path))
@click.option("--data", default="", metavar="PATH", help="Where the extract lies now, if it lay outside the project.")
@click.option("--text", default="", metavar="FILE", help="Where the author's words lie now, if they lay outside the project.")
@click.option("--reference", default="", metavar="FILE", help="Where the Word styles lie now, if they lay outside the project.")
@click.option("--quiet", is_flag=True, help="Print nothing but the result and problems.")
def rerun(manifest: Path, data: str, text: str, reference: str, quiet: bool) -> None:
    """Make a report again from its manifest, in a temporary folder, and say where the two differ and why."""
    from pace_analysis.report.build import COMPOSING
    from pace_analysis.report.rerun import rerun as make_again

    result = make_again(manifest, data=data, text=text, reference=reference, step=steps(COMPOSING, quiet))
    click.echo(result.text())
    result.must_be_same()
