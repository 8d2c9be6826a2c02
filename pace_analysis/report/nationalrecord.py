"""Which shares each public report of a nation was made of: two pools of one quarter tell, by their difference, of one authority.

The record is ``published.jsonl`` in the nation's private folder, one line a report. A finished report's manifest names its
shares too, so that a record that is lost, or was never written, is still known where the report lies in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pace_analysis.disk import alone
from pace_analysis.errors import DisclosureRefused, OutputError, must_be_one_line
from pace_analysis.report import manifest
from pace_analysis.report.folders import write_aside
from pace_analysis.report.manifest import NATION
from pace_analysis.report.verify import finished, read_manifest
from pace_analysis.settings import home, private_folder
from pace_analysis.sharing import Pool, content_digest

NAME = "published.jsonl"
NAMED = 3  # authorities that a message names


@dataclass(frozen=True, slots=True)
class Published:
    """One public report: its quarter, the digest of each authority's share, and why it may stand beside another."""

    quarter: str
    shares: Mapping[str, str]
    because: str = ""


@contextmanager
def publishing(wanted: Published) -> Iterator[None]:
    """Refuse a report that an earlier one of its quarter would give away, and record it when all within has gone well.

    Raises
    ------
    DisclosureRefused
        A report of the quarter was published of other shares, and no reason is given; or the record cannot be read.
    UsageError
        The reason is not one line of printable words.
    OutputError, BusyError
        The record cannot be written, a finished report was changed, or another run is publishing.
    """
    must_be_one_line(wanted.because, "The reason for another report of a quarter", "--because")
    path = private_folder(NATION) / NAME
    with ExitStack() as held:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            held.enter_context(alone(path, "Another run is publishing a report of the nation."))
        except OSError as error:
            raise OutputError(f"The record of what was published cannot be written: {error.strerror or error}.", where=str(path),
                              remedy="Check that the private folder is not read-only and has room.") from None
        recorded = _recorded(path)
        _must_not_differ(wanted, (*recorded, *_finished()))
        yield
        if wanted not in recorded:
            lines = (json.dumps(asdict(one), sort_keys=True) + "\n" for one in (*recorded, wanted))
            write_aside(path, "".join(lines).encode("utf-8"))


def shares_of(pooled: Pool) -> dict[str, str]:
    """Digest of what each share says, by the authority that the share names: its file may be called anything."""
    return {share.authority: content_digest(share) for share in pooled.shares}


def _must_not_differ(wanted: Published, published: tuple[Published, ...]) -> None:
    before = [one.shares for one in published if one.quarter == wanted.quarter]
    if not before or wanted.shares in before or wanted.because:
        return
    earlier = before[-1]
    differs = sorted(name for name in {*earlier, *wanted.shares} if earlier.get(name) != wanted.shares.get(name))
    more = f" and {len(differs) - NAMED} more" if len(differs) > NAMED else ""
    raise DisclosureRefused(
        f"A report of {wanted.quarter} was published of other shares: beside this one it would tell the counts of those that differ.",
        where=", ".join(differs[:NAMED]) + more,
        remedy='Publish with the same shares. If the earlier report was withdrawn, say so: --because "...".')


def _recorded(path: Path) -> tuple[Published, ...]:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        lines = [json.loads(line) for line in text.splitlines()]
        return tuple(Published(said["quarter"], dict(said["shares"]), said["because"]) for said in lines)
    except (OSError, ValueError, KeyError, TypeError):
        raise DisclosureRefused("The record of what was published of the nation cannot be read.", where=str(path),
                                remedy="Put it back from a backup. Until then nothing of the nation may be published.") from None


def _finished() -> tuple[Published, ...]:
    """Public reports that lie where they are written; OutputError when one is not as it was written."""
    found = []
    for folder in finished(home() / "reports" / NATION):
        said = read_manifest(folder / manifest.NAME)[1]["parameters"]
        if said["authority"] != NATION or not said.get("public"):
            continue
        if not {"quarter", "shares"} <= said.keys():
            raise DisclosureRefused("A report of the nation does not say of which shares it was made.",
                                    where=f"reports/{NATION}/{folder.name}/{manifest.NAME}", remedy="Move the report away and make it again.")
        found.append(Published(said["quarter"], said["shares"]))
    return tuple(found)
