"""The ``pace`` command. Heavy packages are imported by the command that needs them, so that help stays instant."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pace_analysis.commands_batch import batch
from pace_analysis.commands_compare import compare
from pace_analysis.commands_figures import figure, figures
from pace_analysis.commands_rerun import rerun
from pace_analysis.commands_sharing import national, pool_, share
from pace_analysis.errors import PaceError
from pace_analysis.options import authority_option, data_option, quarter_option
from pace_analysis.progress import steps

STOPPED = 130  # as a shell says of a command that Ctrl-C ended
NOT_RECORDED = "Not for publication: only pace report records what it releases."
QUIET_HELP = "Print nothing but the result and problems."


class _Pace(click.Group):
    """Foreseen mistakes: what, where, remedy, and the exit code of their class; never a traceback."""

    def main(self, *args, **kwargs):
        try:
            return super().main(*args, **kwargs)
        except PaceError as error:
            click.echo(f"pace: {error}", err=True)
            sys.exit(error.exit_code)

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("pace: Stopped. Nothing is half written: run the same command again to finish.", err=True)
            sys.exit(STOPPED)


@click.group(cls=_Pace, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pace-analysis", prog_name="pace")
def main() -> None:
    """Time to a permanence decision: checked data, life tables, board papers."""


main.add_command(batch)
main.add_command(compare)
main.add_command(figure)
main.add_command(figures)
main.add_command(rerun)
main.add_command(share)
main.add_command(pool_)
main.add_command(national)


@main.command(epilog="Example: pace sample my-sample")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--councils", type=click.IntRange(1), metavar="N", help="Write N councils of all sizes, with a plan for pace batch.")
def sample(folder: Path, councils: int | None) -> None:
    """Write the invented council, so that everything can be tried before there is data."""
    from pace_analysis.extract.sample import write_councils, write_sample

    for path in write_councils(folder, councils) if councils else write_sample(folder):
        click.echo(path)


@main.command(epilog="Example: pace check data/sample/exampleshire/2015Q3 --out findings.xlsx")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Write every finding to this CSV or XLSX (restricted: it holds ids).")
@click.option("--only", multiple=True, metavar="RULE", help="Report on this rule alone; may be given more than once.")
@click.option("--max-errors", default=0, metavar="N", help="End with exit code 12 only when there are more errors than this.")
@click.option("--json", "as_json", is_flag=True, help="Print counts by rule as JSON, without rows or ids.")
@click.option("--repair", is_flag=True, help="Repair the known defects of an SSDA903 return first; every repair is logged.")
def check(path: Path, out: Path | None, only: tuple[str, ...], max_errors: int, as_json: bool, repair: bool) -> None:
    """Recognise the format of an extract and list what breaks rules."""
    from pace_analysis.report.checking import check_extract

    result = check_extract(path, repair=repair).only(only)
    click.echo(result.to_json() if as_json else result.text())
    if out:
        click.echo(f"Every finding: {result.write(out)} (restricted: it holds ids)", err=True)
    sys.exit(result.exit_code(max_errors))


@main.command("map", epilog="Example: pace map tracker.xlsx")
@click.argument("file", type=click.Path(path_type=Path))
def map_(file: Path) -> None:
    """Propose how to read a council's own spreadsheet, and write it beside the file to correct."""
    from pace_analysis.extract.tracker import mapping_beside, propose_mapping, write_mapping

    proposal = propose_mapping(file)
    click.echo(write_mapping(proposal, mapping_beside(file)))


@main.command(epilog="Example: pace measures")
def measures() -> None:
    """List the measures, each with its clock and its question."""
    from pace_analysis.measures import MEASURES

    for measure in MEASURES.values():
        click.echo(f"{measure.id:16} {measure.question}\n{'':16} clock: {measure.start} to {measure.finish}")


@main.command(epilog="Example: pace aims --authority exampleshire --quarter 2015Q3")
@click.option("--authority", default="", metavar="NAME", help="Answer every aim for this authority (with --quarter).")
@click.option("--quarter", default="", metavar="YYYYQn", help="Last quarter to include, e.g. 2015Q3.")
@data_option
def aims(authority: str, quarter: str, data: str) -> None:
    """List the aims, each with its clock, target and source; or answer them all for one authority."""
    if bool(authority) != bool(quarter):
        raise click.UsageError("--authority and --quarter go together.")
    if authority:
        from pace_analysis.report.everyaim import every_aim
        from pace_analysis.study import open_study

        click.echo(every_aim(open_study(authority, quarter, data)))
        click.echo(NOT_RECORDED, err=True)
        return
    from pace_analysis.settings import load_aims

    for aim in load_aims().values():
        by = f", by {aim.by.isoformat()}" if aim.by else ""
        click.echo(f"{aim.id}\n    {aim.says}\n    clock: {aim.start} to {aim.finish}, {aim.percent} within {aim.within}{by}"
                   f"\n    source: {aim.source}")


@main.command(epilog="Example: pace facts --authority exampleshire --quarter 2015Q3")
@authority_option
@quarter_option
@data_option
def facts(authority: str, quarter: str, data: str) -> None:
    """List every fact an author may place in a text: its words, its value for a machine, and what it is."""
    from pace_analysis.report.paper import paper_facts
    from pace_analysis.study import open_study

    for fact in paper_facts(open_study(authority, quarter, data)).values():
        click.echo(f"{{{fact.key}}}\n    {fact.text}\n    value: {fact.value}\n    what it is: {fact.definition}")
    click.echo(NOT_RECORDED, err=True)


@main.command(epilog="Example: pace words --authority exampleshire --quarter 2015Q3 --from 2015Q2")
@authority_option
@quarter_option
@data_option
@click.option("--from", "from_", default="", metavar="YYYYQn", help="Start from the words of this earlier quarter: copied once.")
@click.option("--text", default="", metavar="FILE", help="The author's words; those of the quarter by default.")
@click.option("--strict", is_flag=True, help="End with exit code 10 when a number is typed by hand.")
def words(authority: str, quarter: str, data: str, from_: str, text: str, strict: bool) -> None:
    """Find numbers typed by hand, and what still speaks of an earlier quarter; or copy last quarter's words forward."""
    from pace_analysis.report.narrative.command import check_words, copy_words

    if from_ and text:
        raise click.UsageError("--from copies the words of a quarter; --text names a file of its own. Give one of them.")
    told, result = copy_words(authority, quarter, from_, data) if from_ else ("", check_words(authority, quarter, data, text))
    if told:
        click.echo(told, err=True)
    click.echo(result.text())
    if strict:
        result.refuse()


@main.command(epilog="Example: pace report --authority exampleshire --quarter 2015Q3 --dry-run")
@authority_option
@quarter_option
@data_option
@click.option("--text", default="", metavar="FILE", help="The author's words; the authority's own by default.")
@click.option("--profile", default="", metavar="NAME", help="Disclosure profile: public, strict, health or internal.")
@click.option("--out", default="", metavar="FOLDER", help="Where to write; reports/AUTHORITY/QUARTER by default.")
@click.option("--docx", "also", flag_value="docx", multiple=True, help="Write the paper, and its figures to copy, as Word files too.")
@click.option("--pdf", "also", flag_value="pdf", multiple=True, help="Write it as an accessible PDF too.")
@click.option("--xlsx", "also", flag_value="xlsx", multiple=True, help="Write its tables and the data of its figures as a workbook too.")
@click.option("--reference", default="", metavar="FILE", help="A Word file of the council's that lends its styles (with --docx).")
@click.option("--drop-errors", is_flag=True, help="Go on without the rows that break rules; the report says how many.")
@click.option("--draft", is_flag=True, help="Make a draft: marked as such, and not recorded as released.")
@click.option("--revise", multiple=True, metavar="MEASURE", help="Correct figures of a measure released before, such as aim (with --because).")
@click.option("--because", default="", metavar="REASON", help="Why they change; kept in the ledger, printed in the next paper.")
@click.option("--dry-run", is_flag=True, help="Check everything, list what would be written, write nothing.")
@click.option("--force", is_flag=True, help="Make the report again though nothing has changed.")
@click.option("--quiet", is_flag=True, help=QUIET_HELP)
def report(authority: str, quarter: str, data: str, text: str, profile: str, out: str, also: tuple[str, ...], reference: str,
           drop_errors: bool, draft: bool, revise: tuple[str, ...], because: str, dry_run: bool, force: bool, quiet: bool) -> None:
    """Write the board report for one authority and quarter, and record what it releases."""
    from pace_analysis.report import build
    from pace_analysis.report.unchanged import up_to_date

    if bool(revise) != bool(because.strip()):
        raise click.UsageError("--revise and --because go together: say why figures released before change.")
    planned = build.plan(authority, quarter, data=data, text=text, profile=profile, out=out, drop_errors=drop_errors, draft=draft,
                         revise=revise, because=because.strip(), also=",".join(also), reference=reference)
    if dry_run:
        build.rehearse(planned)
        click.echo(planned.summary())
        return
    if not force and up_to_date(planned):
        if not quiet:
            click.echo("Up to date: nothing has changed since it was made. Make it again with --force.", err=True)
        click.echo(planned.page)
        return
    page = build.report(planned, steps(build.STEPS, quiet))
    click.echo(page)
    from pace_analysis.report.narrative.command import typed_warning

    if warning := typed_warning(planned.text, planned.folder):
        click.echo(f"{warning} List: pace words --authority {authority} --quarter {quarter}", err=True)


@main.command(epilog="Example: pace pack --authority exampleshire --quarter 2015Q3")
@authority_option
@quarter_option
@data_option
@click.option("--out", default="", metavar="FOLDER", help="Private folder to write; data/private/AUTHORITY/packs/DATE by default.")
@click.option("--drop-errors", is_flag=True, help="Go on without the rows that break rules.")
def pack(authority: str, quarter: str, data: str, out: str, drop_errors: bool) -> None:
    """Write the champions' pack: which child waits where, and what falls due. Restricted: it holds the numbers of children."""
    from pace_analysis.report.pack import build_pack

    click.echo(build_pack(authority, quarter, data, out, drop_errors))


@main.command(epilog="Example: pace leakcheck reports/exampleshire/2015Q3 --authority exampleshire --quarter 2015Q3")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--authority", default="", metavar="NAME", help="Look for the children of this authority's extract (with --quarter).")
@click.option("--quarter", default="", metavar="YYYYQn", help="Last quarter of the report, e.g. 2015Q3.")
@data_option
def leakcheck(folder: Path, authority: str, quarter: str, data: str) -> None:
    """Decode every file of a folder and search it for children of an extract and for this machine."""
    from pace_analysis.report.leakcheck import Needles, days_reported
    from pace_analysis.report.leakcheck import leakcheck as search

    if bool(authority) != bool(quarter):
        raise click.UsageError("--authority and --quarter go together.")
    needles = Needles.of(None)
    if authority:
        from pace_analysis.study import open_study

        study = open_study(authority, quarter, data, drop_errors=True, identified=True)
        needles = Needles.of(study.tables, allowed=days_reported(study))
    result = search(folder, needles=needles)
    click.echo(result.text())
    result.refuse()


@main.command(epilog="Example: pace verify reports/exampleshire/2015Q3")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--files-only", is_flag=True, help="Do not ask the ledger, which readers of a report do not hold.")
def verify(folder: Path, files_only: bool) -> None:
    """Check a finished report against its manifest and the ledger: is it what was released, to the last byte?"""
    from pace_analysis.report.verify import verify as check_report

    click.echo(check_report(folder, files_only=files_only).text())


@main.command(epilog="Example: pace audit --authority exampleshire")
@authority_option
def audit(authority: str) -> None:
    """Audit everything an authority ever released: what could somebody work out who holds it all?"""
    from pace_analysis.report.releasing import audit_all

    click.echo(audit_all(authority))


@main.command(epilog='Example: pace protect counts.csv --groups "under 12=0-4,5-11" --out shown.csv')
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--method", default="rounding", type=click.Choice(["rounding", "suppression"]), help="Rounding by default.")
@click.option("--profile", default="public", type=click.Choice(["public", "strict", "health"]), help="Disclosure profile.")
@click.option("--groups", multiple=True, metavar="NAME=LABEL,LABEL", help="A subtotal to show; may be given more than once.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the protected table to this CSV.")
def protect(file: Path, method: str, profile: str, groups: tuple[str, ...], out: Path | None) -> None:
    """Protect a table of counts of your own, CSV or XLSX, so that it may be published."""
    from pace_analysis.report.protecting import as_text, protect_file, write_csv

    table, remarks = protect_file(file, method=method, profile=profile, groups=groups)
    click.echo(as_text(table))
    for remark in remarks:
        click.echo(remark, err=True)
    if out:
        click.echo(f"Protected table: {write_csv(table, out, counts=file)}", err=True)
