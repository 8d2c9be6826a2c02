"""What a released report leaves behind in the authority's private folder, so that the next one can say what changed.

``releases/<quarter>/account-RESTRICTED.jsonl``: a line on how the figures were counted, one line a row of the extract
(keyed hashes, see :mod:`.rows`), one line a main figure with the hashed periods counted in it. It holds no id, date or
other value of a child, and lets the extract itself be deleted when it is no longer needed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pace_analysis import __version__
from pace_analysis.compare.mainfigures import main_figures
from pace_analysis.compare.rows import COLUMNS, as_known, hashed, hashed_ids, row_hashes
from pace_analysis.dates import Quarter
from pace_analysis.errors import InputError, UsageError
from pace_analysis.extract.keyed import key_file
from pace_analysis.ledger import Ledger, ledger_path
from pace_analysis.pathways import load_pathway
from pace_analysis.publish.earlier import Key
from pace_analysis.settings import Aim, Definitions, load_aim, private_folder
from pace_analysis.study import Study

NAME = "account-RESTRICTED.jsonl"
FORM = 1


@dataclass(frozen=True)
class Account:
    """How a released report counted, and what.

    Attributes
    ----------
    quarter : Quarter
    known_to, covers_from : date
        Data cut and window of its extract.
    definitions, aim, year_starts
        How its figures were counted.
    made_by : str
        Version of the code, and digest of the pathway.
    key_print : str
        Hash that tells one key of the ids from another.
    rows : DataFrame
        As of :func:`pace_analysis.compare.rows.row_hashes`.
    counted : mapping of figure to set of hashed periods
    released : mapping of figure to key
        What the ledger calls each figure.
    share : float or None
    """

    quarter: Quarter
    known_to: date
    covers_from: date | None
    definitions: Definitions
    aim: Aim
    year_starts: int
    made_by: str
    key_print: str
    rows: pd.DataFrame
    counted: Mapping[Key, frozenset[str]]
    released: Mapping[Key, Key]
    share: float | None

    @property
    def text(self) -> str:
        """The text of the file: JSON Lines."""
        stated = {name: getattr(self.aim, name) for name in Aim.model_fields}
        aim = {name: str(value) if name in ("within", "share") else value for name, value in stated.items()}
        head = {
            "form": FORM,
            "quarter": str(self.quarter),
            "known_to": self.known_to,
            "covers_from": self.covers_from,
            "definitions": self.definitions.model_dump(),
            "aim": aim,
            "year_starts": self.year_starts,
            "made_by": self.made_by,
            "key_print": self.key_print,
            "share": self.share,
        }
        rows = ({"row": list(row)} for row in self.rows[COLUMNS].itertuples(index=False, name=None))
        counted = (
            {"figure": list(figure), "periods": sorted(self.counted[figure]), "released": list(self.released[figure])}
            for figure in sorted(self.counted)
        )
        encode = json.JSONEncoder(sort_keys=True, default=_plain).encode
        return "".join(encode(line) + "\n" for line in (head, *rows, *counted))


def account_of(study: Study) -> Account:
    """Take the account of a study, whose ids are keyed."""
    key, aim = key_file(study.authority.slug), load_aim(study.authority.aim)
    extract, found = study.tables.extract, main_figures(study, aim)
    return Account(
        quarter=study.quarter,
        known_to=extract.as_at,
        covers_from=extract.covers_from,
        definitions=study.authority.definitions,
        aim=aim,
        year_starts=study.authority.year_starts_in_month,
        made_by=f"{__version__} {_pathway(study)}",
        key_print=key_print(key),
        rows=row_hashes(as_known(study.tables, extract.as_at), key),
        counted=hashed_sets(found.counted, key),
        released=found.released,
        share=found.share,
    )


def hashed_sets(counted: Mapping[Key, frozenset[str]], key: bytes) -> dict[Key, frozenset[str]]:
    """Return sets of period ids as sets of their keyed hashes."""
    ids = pd.Index(sorted(frozenset().union(*counted.values())), dtype=object)
    names = dict(zip(ids, hashed_ids(ids, key, "period"), strict=True))
    return {figure: frozenset(map(names.__getitem__, periods)) for figure, periods in counted.items()}


def key_print(key: bytes) -> str:
    """Return a hash by which two keys are told apart, and neither is known."""
    return hashed(["the key of the ids"], key)[0]


def account_path(authority: str, quarter: Quarter) -> Path:
    """Where the account of a quarter is kept."""
    return private_folder(authority) / "releases" / str(quarter) / NAME


def latest_before(authority: str, quarter: Quarter) -> Account | None:
    """Account of the last report released of a quarter before this one; None when there is none."""
    earlier = [found for found in kept_quarters(authority) if found < quarter]
    return read_account(authority, earlier[-1]) if earlier else None


def kept_quarters(authority: str) -> list[Quarter]:
    """Quarters of which an account is kept, oldest first."""
    folder = private_folder(authority) / "releases"
    names = (path.parent.name for path in folder.glob(f"*/{NAME}"))
    return sorted(Quarter.parse(name) for name in names if re.fullmatch(r"\d{4}Q[1-4]", name))


def read_account(authority: str, quarter: Quarter) -> Account:
    """Read the account of a quarter.

    Raises
    ------
    UsageError
        If none is kept; the message tells a report that was never released from one whose account is missing.
    LedgerError
        If none is kept, and the ledger is damaged.
    InputError
        If the file is not as it was written.
    """
    path = account_path(authority, quarter)
    if not path.is_file():
        raise _not_kept(authority, quarter)
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError, UsageError):
        raise InputError(
            "The account of a released report cannot be used.",
            where=f"releases/{quarter}/{NAME}",
            remedy="Put it back from a backup. Without the file, the next report says that it cannot be compared with "
            "this one, and makes no statement on what moved.",
        ) from None


def _not_kept(authority: str, quarter: Quarter) -> UsageError:
    kept = ", ".join(map(str, kept_quarters(authority))) or "none"
    releases = Ledger.open(ledger_path(authority), authority).releases()
    if any(opening.quarter == str(quarter) for opening in releases):
        return UsageError(
            f"What the report of {quarter} left behind is missing, so nothing can be compared with it.",
            where=f"quarters kept: {kept}",
            remedy=f"Put releases/{quarter}/{NAME} back from a backup, or make that report again with --force.",
        )
    return UsageError(
        f"No report of {quarter} was released, so nothing can be compared with it.",
        where=f"quarters kept: {kept}",
        remedy="Compare with one of these, or release that report first.",
    )


def _parsed(text: str) -> Account:
    head, *lines = (json.loads(line) for line in text.splitlines())
    if head["form"] != FORM:
        raise ValueError("an account of another form")
    rows = pd.DataFrame([line["row"] for line in lines if "row" in line], columns=COLUMNS, dtype=object)
    figures = {tuple(line["figure"]): line for line in lines if "figure" in line}
    opens = head["covers_from"]
    return Account(
        quarter=Quarter.parse(head["quarter"]),
        known_to=date.fromisoformat(head["known_to"]),
        covers_from=date.fromisoformat(opens) if opens else None,
        definitions=Definitions.model_validate(head["definitions"]),
        aim=Aim.model_validate(head["aim"]),
        year_starts=int(head["year_starts"]),
        made_by=head["made_by"],
        key_print=head["key_print"],
        rows=rows,
        counted={figure: frozenset(line["periods"]) for figure, line in figures.items()},
        released={figure: tuple(line["released"]) for figure, line in figures.items()},
        share=head["share"],
    )


def _pathway(study: Study) -> str:
    return hashlib.sha256(repr(load_pathway(study.authority.nation)).encode("utf-8")).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an account")
