"""Which shares each public report of a nation was made of: two pools of one quarter tell, by their difference, of one authority.

The record is ``published.jsonl`` in the nation's private folder, one line a report. A finished report's manifest names its
shares too, so that a record that is lost, or was never written, is still known where the report lies in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pace_analysis.disk import alone
from pace_analysis.errors import DisclosureRefused, UsageError
from pace_analysis.report import manifest
from pace_analysis.report.folders import write_aside
from pace_analysis.settings import home, private_folder
from pace_analysis.sharing import sender

NAME, SLUG = "published.jsonl", "national"
NAMED = 3  # authorities that a message names


@dataclass(frozen=True, slots=True)
class Published:
    """One public report: its quarter, the SHA-256 of each authority's share, and why it may stand beside another."""

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
        The record cannot be written, or another run is publishing.
    """
    if wanted.because != " ".join(wanted.because.split()) or not wanted.because.isprintable():
        raise UsageError("The reason for another report of a quarter is one line of printable words.", where="--because")
    path = private_folder(SLUG) / NAME
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(path, "Another run is publishing a report of the nation."):
        recorded = _recorded(path)
        _must_not_differ(wanted, (*recorded, *_finished()))
        yield
        if wanted not in recorded:
            lines = (json.dumps(asdict(one), sort_keys=True) + "\n" for one in (*recorded, wanted))
            write_aside(path, "".join(lines).encode("utf-8"))


def shares_of(folder: Path, without: tuple[str, ...]) -> dict[str, str]:
    """SHA-256 of each share of a folder, by authority."""
    return {sender(file): manifest.sha256(file) for file in sorted(folder.glob("*.json")) if sender(file) not in without}


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
        return tuple(Published(**json.loads(line)) for line in text.splitlines())
    except (OSError, ValueError, TypeError):
        raise DisclosureRefused("The record of what was published of the nation cannot be read.", where=f"data/private/{SLUG}/{NAME}",
                                remedy="Put it back from a backup. Until then nothing of the nation may be published.") from None


def _finished() -> tuple[Published, ...]:
    """Public reports that lie where they are written."""
    found = []
    for path in sorted((home() / "reports" / SLUG).glob(f"*/{manifest.NAME}")):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            shares = {sender(Path(name)): digest for name, digest in said["inputs"].items() if name.endswith(".json")}
            found.append(Published(path.parent.name, shares))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise DisclosureRefused("A report of the nation does not say of which shares it was made.",
                                    where=f"reports/{SLUG}/{path.parent.name}/{manifest.NAME}",
                                    remedy="Put back its manifest as it was written.") from None
    return tuple(found)
