"""What a folder says of the extract in it: ``extract.toml`` with ``source``, ``as_at`` and ``covers_from``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pace_analysis.errors import InputError, nearest

FILE = "extract.toml"
KEYS = ("source", "as_at", "covers_from")
MAX_TOML = 64 * 1024


@dataclass(frozen=True, slots=True)
class Facts:
    """Name of the source, data cut and first day covered; ``""`` and None where the folder does not say."""

    source: str = ""
    as_at: date | None = None
    covers_from: date | None = None


def read_facts(folder: Path) -> Facts:
    """Read ``extract.toml`` in ``folder``; an absent file says nothing.

    Raises
    ------
    InputError
        If it is no TOML, holds another key, or a day that is none.
    """
    facts = read_toml(folder / FILE, remedy="Write lines such as as_at = 2015-09-30.")
    unknown = [key for key in facts if key not in KEYS]
    if unknown:
        raise InputError(f"'{unknown[0]}' is not known.", where=FILE, remedy=nearest(unknown[0], KEYS))
    for key in KEYS[1:]:
        day = facts.get(key)
        if day is not None and (not isinstance(day, date) or isinstance(day, datetime)):
            raise InputError(f"{key} is not a day.", where=FILE, remedy=f"Write for example {key} = 2015-09-30.")
    return Facts(str(facts.get("source", "")), facts.get("as_at"), facts.get("covers_from"))


def read_toml(file: Path, *, remedy: str) -> dict[str, Any]:
    """Read a small TOML file; an absent one is empty, a damaged one an InputError with ``remedy``."""
    if not file.is_file():
        return {}
    if file.stat().st_size > MAX_TOML:
        raise InputError("The file is larger than 64 KB.", where=file.name, remedy=remedy)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The file cannot be read: {error}.", where=file.name, remedy=remedy) from error
