"""Releasing a report: audited together with all that is public, recorded in the ledger, laid before who decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pace_analysis.errors import DisclosureRefused
from pace_analysis.extract.keyed import key_file, keyed_ids
from pace_analysis.ledger import Audit, Ledger, LedgerError, OverrideRecord, ReleaseRecord, joint_audit, ledger_path
from pace_analysis.ledger.lines import RESTORE
from pace_analysis.publish.profiles import profile
from pace_analysis.report.accounts import keep_account
from pace_analysis.report.folders import write_aside
from pace_analysis.report.released import ReleasedFile, read_released
from pace_analysis.report.signoff import signoff_page
from pace_analysis.report.verify import digest, released_heads, sealed
from pace_analysis.settings import home, load_authority, private_folder

if TYPE_CHECKING:
    from pace_analysis.report.build import Plan
    from pace_analysis.study import Study

SIGN_OFF, NOTEBOOK = "sign-off-RESTRICTED.html", "board_report.ipynb"


def opened(plan: Plan) -> Ledger | None:
    """Open the ledger that a report adds to; None for a report whose numbers are not protected.

    Raises
    ------
    LedgerError
        The ledger is lost or was changed, or does not hold a report that was released.
    """
    if not plan.protects:
        return None
    book = _open(plan.authority.slug, plan.folder)
    profiles = {entry.profile for entry in book.releases()} - {plan.profile}
    if profiles:
        raise LedgerError(f"Figures were released before under the profile '{min(profiles)}', and this report asks for "
                          f"'{plan.profile}': side by side they could be told apart.", where=book.path.name,
                          remedy=f"Keep the profile '{min(profiles)}' for this authority.")
    return book


def release(plan: Plan, book: Ledger, folder: Path, text: str, executed: Any, study: Study) -> str:
    """Audit what a finished folder releases beside all that is public, and record it; returns the sealed manifest.

    A draft is audited, and not recorded. The executed notebook, the sign-off page and the account for the next report,
    which is taken of ``study``, go to the private folder.

    Raises
    ------
    DisclosureRefused
        The audit finds a count that can be worked out to be small.
    LedgerError, BusyError, OutputError
        See :meth:`pace_analysis.ledger.Ledger.append`.
    """
    found = read_released(folder)
    record = ReleaseRecord(f"board-report-{plan.quarter}", plan.quarter.last_day, plan.quarter, profile(plan.profile), found.figures,
                           because=plan.because, manifest=digest(text), sums=found.sums, overrides=_overrides(plan, found))
    grown = book.grown(record)
    audit = joint_audit(grown)
    _must_pass(audit)
    private = private_folder(plan.authority.slug) / "releases" / plan.folder.name
    if plan.parameters["draft"]:
        _write_notebook(executed, private / NOTEBOOK)
        return text
    book = book.keep(grown)
    _write_notebook(executed, private / NOTEBOOK)
    page = signoff_page(plan.authority, book, record.id, audit=audit, refusals=found.refused)
    write_aside(private / SIGN_OFF, page.encode("utf-8"))
    # after the ledger, so that a run killed in between keeps it when run again
    keyed = replace(study, tables=keyed_ids(study.tables, key_file(study.authority.slug)))
    keep_account(keyed, again=bool(plan.because))
    return sealed(text, book.latest(record.id)[-1].head)


def audit_all(authority: str) -> str:
    """Audit everything an authority released, and say the result; DisclosureRefused when it does not pass."""
    slug = load_authority(authority).slug
    audit = joint_audit(_open(slug))
    _must_pass(audit)
    return audit.words if audit.releases else f"Nothing of {slug} was ever released through this ledger."


def _overrides(plan: Plan, found: ReleasedFile) -> tuple[OverrideRecord, ...]:
    return tuple(OverrideRecord((made.result,), made.because, made.by) for made in plan.authority.policy.overrides
                 if made.result in found.overridden)


def _open(slug: str, *folders: Path) -> Ledger:
    """Open a ledger that must hold every release there are traces of: in finished reports, and in the private folder."""
    heads = released_heads(home() / "reports" / slug, *folders)
    book = Ledger.open(ledger_path(slug), slug, released=(head for head in heads if head.authority == slug))
    signed = sorted(path.parent.name for path in (private_folder(slug) / "releases").glob(f"*/{SIGN_OFF}"))
    if signed and not book.entries:
        raise LedgerError("The ledger is lost: the private folder holds sign-off pages, and no ledger.",
                          where=f"data/private/{slug}/releases/{signed[0]}", remedy=RESTORE)
    return book


def _must_pass(audit: Audit) -> None:
    if not audit.passed:
        raise DisclosureRefused(audit.words, where="; ".join(", ".join(key) for key in audit.exposed[:3]),
                                remedy="Nothing is released. Show less of these: fewer categories, or years together.")


def _write_notebook(executed: Any, path: Path) -> None:
    import nbformat

    write_aside(path, nbformat.writes(executed).encode("utf-8"))
