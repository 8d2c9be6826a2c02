"""The page on which a person decides: what is released, how it was protected, what was refused and what was set aside.

It stays in the authority's private folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from html import escape

from pace_analysis.dates import say_date
from pace_analysis.errors import UsageError, nearest
from pace_analysis.ledger import FIGURES, Audit, Entry, Key, Ledger
from pace_analysis.publish.disclosure import Refused
from pace_analysis.report.blocks import Block, Head, Paper, Paragraph, Run, Section, TableBlock
from pace_analysis.report.html import block_html
from pace_analysis.settings import Authority

RESTRICTED = "Restricted: this page stays in the authority's private folder."
TO_FILL_IN = ("Name", "Role", "Date", "Signature")
LINES = "#table-signature td { min-width: 20rem; height: 2.6rem; }\n"


def signoff_page(
    authority: Authority, ledger: Ledger, release: str, *, audit: Audit, refusals: Sequence[Refused] = ()
) -> str:
    """Return the sign-off page of a release as HTML that loads nothing and runs nothing.

    Parameters
    ----------
    authority : Authority
        Its policy names who decides.
    ledger, release
        The ledger that holds the release, and the release's id.
    audit : Audit
    refusals : sequence of Refused
        Results that the report does not show.

    Raises
    ------
    UsageError
        The ledger holds no such release.
    """
    part = ledger.latest(release)
    if not part:
        raise UsageError(f"The ledger holds no release '{release}'.", where=ledger.path.name,
                         remedy=nearest(release, {entry.release for entry in ledger.releases()}))
    parts: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("What is released", (_released(ledger, part),)),
        ("Corrections", _corrections(ledger, part)),
        ("Audit", (_paragraph("3.1", audit.words),)),
        ("Not shown", _refusals(refusals)),
        ("Refusals set aside", _overrides(part)),
        ("Decision", _decision(authority)),
    )
    sections = tuple(Section(number, title, blocks) for number, (title, blocks) in enumerate(parts, start=1))
    return _page(Paper(_head(authority, part[0]), sections), authority.accent)


def _head(authority: Authority, opening: Entry) -> Head:
    notices = [RESTRICTED]
    if not authority.policy.owner:
        notices.append(f"No owner of the disclosure policy is named: set [policy] owner in {authority.slug}.toml.")
    return Head(to=authority.policy.owner or "the owner of the disclosure policy",
                on=f"data to {say_date(date.fromisoformat(opening.at))} ({opening.quarter})",
                report_by=(authority.name,), title=f"Sign-off: {opening.release}", notices=tuple(notices))


def _released(ledger: Ledger, part: Sequence[Entry]) -> Block:
    figures, earlier = [entry for entry in part if entry.kind in FIGURES], _before(ledger, part)
    if not figures:
        return _paragraph("1.1", "No figure: every result was refused.")
    kind = {entry: (entry.key[0], entry.method, entry.profile, str(entry.base)) for entry in figures}
    shown = Counter(kind.values())
    again = Counter(said for entry, said in kind.items() if entry.key in earlier)
    rows = tuple((*said, str(number), str(again[said])) for said, number in shown.items())
    header = ("Measure", "Method", "Profile", "Multiples of", "Figures", "Of these released before")
    return TableBlock("released", "Figures by measure", (header,), rows)


def _corrections(ledger: Ledger, part: Sequence[Entry]) -> tuple[Block, ...]:
    revised = [entry for entry in part if entry.kind == "revision"]
    if not revised:
        return (_paragraph("2.1", "No figure released before is changed."),)
    before = _before(ledger, part)
    rows = tuple((", ".join(entry.key), str(before[entry.key]), str(entry.value)) for entry in revised)
    return (_paragraph("2.1", f"Reason: {part[0].because}"),
            TableBlock("corrections", "Figures that change", (("Figure", "Released before", "Now"),), rows))


def _before(ledger: Ledger, part: Sequence[Entry]) -> dict[Key, int]:
    """Figures as they stood before a release."""
    return {entry.key: entry.value for entry in ledger.entries[:part[0].seq - 1] if entry.kind in FIGURES}


def _refusals(refusals: Sequence[Refused]) -> tuple[Block, ...]:
    if not refusals:
        return (_paragraph("4.1", "Nothing was refused."),)
    rows = tuple((refused.code, refused.sentence) for refused in refusals)
    return (TableBlock("refusals", "Results that are not shown", (("Code", "What the report says instead"),), rows),)


def _overrides(part: Sequence[Entry]) -> tuple[Block, ...]:
    made = [entry for entry in part if entry.kind == "override"]
    if not made:
        return (_paragraph("5.1", "None."),)
    rows = tuple((", ".join(entry.key), entry.by, entry.because) for entry in made)
    return (TableBlock("overrides", "Refusals set aside by a person", (("Result", "By", "Reason"),), rows),)


def _decision(authority: Authority) -> tuple[Block, ...]:
    owner = authority.policy.owner or "The owner of the disclosure policy"
    blank = tuple((line, "") for line in TO_FILL_IN)
    return (_paragraph("6.1", f"{owner} has read this page and agrees that the report may be published."),
            TableBlock("signature", "To be filled in by hand", (("Signed off", "By"),), blank))


def _paragraph(number: str, words: str) -> Paragraph:
    return Paragraph(number, (Run(words),))


def _page(paper: Paper, accent: str) -> str:
    # nbconvert, which the exporter stands on, takes a second to import
    from pace_analysis.report.exporter import TEMPLATES, content_policy

    style = (TEMPLATES / "board" / "style.css").read_text(encoding="utf-8")
    css = f"{style}:root {{ --accent: {accent}; }}\n{LINES}"
    return "\n".join([
        "<!DOCTYPE html>",
        f'<html lang="{paper.lang}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{content_policy(css)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(paper.head.title)}</title>\n<style>{css}</style>\n</head>\n<body>",
        block_html(paper.head),
        '<main id="main">',
        *map(block_html, paper.sections),
        "</main>\n</body>\n</html>\n",
    ])
