"""What a report is made from: its files with their hashes, for the manifest and as a table of the paper."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pace_analysis import __version__
from pace_analysis.dates import Quarter
from pace_analysis.report.blocks import TableBlock
from pace_analysis.report.manifest import input_files, sha256, shown_path
from pace_analysis.settings import Authority, aims_files, home, private_folder, resolve

ACCOUNT = "account-RESTRICTED.jsonl"  # as in compare.account, slow to import
DIGITS = 12  # of a hash: enough to tell two files apart, short enough to compare by eye
ROLES = {"extract": "Extract", "text": "Words of the paper", "reference": "Word styles", "logo": "Logo", "settings": "Settings"}


def sources(authority: Authority, extract: Path, text: Path, reference: Path | None = None) -> dict[Path, str]:
    """Return every file that decides what a report says, with its role: a key of :data:`ROLES`."""
    data = home() / "data"
    found = dict.fromkeys(input_files(extract), "extract") | {text: "text"}
    if reference is not None:
        found[reference] = "reference"
    if authority.logo:
        found[resolve(authority.logo)] = "logo"
    stated = [data / "authorities" / f"{authority.slug}.toml", data / "published" / f"{authority.slug}.csv", *aims_files(),
              data / "pathways" / f"{authority.nation}.toml"]
    return found | {path: "settings" for path in stated if path.exists()}


def compared_with(authority: str, quarter: Quarter) -> str:
    """Return the quarter of the released report that one of ``quarter`` is compared with; empty when there is none."""
    kept = (path.parent.name for path in (private_folder(authority) / "releases").glob(f"*/{ACCOUNT}"))
    return max((name for name in kept if re.fullmatch(r"\d{4}Q[1-4]", name) and name < str(quarter)), default="")


def hashes(found: Mapping[Path, str]) -> dict[str, str]:
    """Return the SHA-256 of each file by its path below the project, never by a path of this machine."""
    root = home().resolve()
    return {shown_path(path, root, role): sha256(path) for path, role in found.items()}


def made_from(authority: Authority, extract: Path, text: Path) -> TableBlock:
    """Return the files behind a paper as the table ``made_from``."""
    root, found = home().resolve(), sources(authority, extract, text)
    rows = tuple((shown_path(path, root, role), ROLES[role], sha256(path)[:DIGITS]) for path, role in found.items())
    return TableBlock(
        "made_from", "What this report is made from", (("File", "Part", "SHA-256, first 12 digits"),), rows,
        notes=(f"Made with pace_analysis {__version__}. manifest.json beside this report holds the hashes in full, the "
               "versions of every program used, and the hash of every file written.",),
    )
