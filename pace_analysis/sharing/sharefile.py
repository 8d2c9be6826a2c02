"""A share as a JSON file: small, readable, and refused when it is not exactly what was written.

The form is published as ``data/schemas/share-1.schema.json``. The file carries a digest of its content, which shows a
change by accident; it is no signature, so send shares by a way that is safe.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from pace_analysis.dates import Quarter
from pace_analysis.disk import replace_file
from pace_analysis.errors import DisclosureRefused, InputError, OutputError, UsageError
from pace_analysis.sharing.midpoint import SERIES, GridCounts
from pace_analysis.sharing.share import Share, YearCounts

FORM = "pace_analysis share 1"
STAMP = "Not for publication. Rounded counts for pooling, between data controllers only."
MAX_BYTES = 50_000
ASK_AGAIN = "Ask the authority to make and send the share again."
TEXTS = ("authority", "name", "nation", "region", "quarter", "measure", "pathway", "pathway_version", "made_with", "notice")


def share_text(share: Share) -> str:
    """Return a share as JSON text; DisclosureRefused when it is 50 kB or more."""
    document = _document(share)
    document["digest"] = _digest(document)
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    if len(text.encode()) >= MAX_BYTES:
        raise DisclosureRefused(f"The share is {len(text.encode()) // 1000} kB; it should be under 50.",
                                where=f"share of {share.name}", remedy="Shorten the period that the extract covers.")
    return text


def write_share(share: Share, folder: str | Path) -> Path:
    """Write a share into a folder, in place of an earlier one of the same quarter; returns the file.

    Raises
    ------
    OutputError
        If it cannot be written; an earlier share is then untouched.
    """
    path = Path(folder) / f"share-{share.authority}-{share.quarter}.json"
    text = share_text(share)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        raise OutputError(f"The share cannot be written: {error.strerror}.", where=str(folder),
                          remedy="Check that the folder is not read-only and has room, or write elsewhere.") from None
    return path


def read_share(path: str | Path) -> Share:
    """Read one share.

    Raises
    ------
    InputError
        If the file cannot be read, is too large, is no JSON, is of another form, was changed after it was written, or
        holds what no share may hold.
    """
    path = Path(path)
    document = _parsed(path)
    if not isinstance(document, dict) or not str(document.get("form", "")).startswith("pace_analysis share"):
        raise InputError("The file is no share.", where=path.name, remedy="Keep other files out of the folder.")
    if document["form"] != FORM:
        raise InputError(f"The share is of the form '{str(document['form'])[:40]}', and this version reads '{FORM}'.",
                         where=path.name, remedy="Use one version of pace_analysis everywhere, and share again.")
    stated = document.pop("digest", "")
    if stated != _digest(document):
        raise InputError("The share was changed after it was written.", where=path.name, remedy=ASK_AGAIN)
    try:
        share = _share(document)
        fits = _document(share) == document
    except (KeyError, TypeError, ValueError, AttributeError, UsageError, DisclosureRefused) as error:
        why = error.what if isinstance(error, DisclosureRefused) else "A part is missing or of another kind."
        raise InputError(f"The share cannot be used. {why}", where=path.name, remedy=ASK_AGAIN) from None
    if not fits:
        raise InputError("The share holds more than a share may hold.", where=path.name, remedy=ASK_AGAIN)
    return share


def content_digest(share: Share) -> str:
    """SHA-256 of all that a share says but the version that made it, however its file is named or laid out."""
    return _digest({key: value for key, value in _document(share).items() if key != "made_with"})


def _document(share: Share) -> dict[str, Any]:
    plain = asdict(share)
    return {
        "form": FORM,
        "stamp": STAMP,
        **{key: plain[key] for key in TEXTS},
        "definitions": dict(share.definitions),
        "counts": {"width": share.counts.width, **{name: list(getattr(share.counts, name)) for name in SERIES}},
        "years": [asdict(year) for year in share.years],
        "routes": dict(share.routes),
        "stages": dict(share.stages),
        "quality": dict(share.quality),
    }


def _share(document: dict[str, Any]) -> Share:
    if any(type(document[key]) is not str for key in TEXTS):
        raise TypeError("a text is expected")
    if str(Quarter.parse(document["quarter"])) != document["quarter"]:
        raise ValueError("a quarter is expected")
    if any(type(value) is not str for value in document["definitions"].values()):
        raise TypeError("a text is expected")
    counts = document["counts"]
    series = {name: tuple(counts[name]) for name in SERIES}
    numbers = [counts["width"], *(number for one in series.values() for number in one)]
    if any(type(number) is not int for number in numbers):
        raise TypeError("a whole number is expected")
    names = {field.name for field in fields(YearCounts)}
    if any(set(year) != names or type(year["year"]) is not str for year in document["years"]):
        raise ValueError("an entry year is expected")
    return Share(
        **{key: document[key] for key in TEXTS},
        definitions=tuple(document["definitions"].items()),
        counts=GridCounts(counts["width"], **series),
        years=tuple(YearCounts(**year) for year in document["years"]),
        routes=tuple(document["routes"].items()),
        stages=tuple(document["stages"].items()),
        quality=tuple(document["quality"].items()),
    )


def _digest(document: dict[str, Any]) -> str:
    return sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _parsed(path: Path) -> Any:
    try:
        size = path.stat().st_size
        if size >= MAX_BYTES:
            raise InputError(f"The file is {size // 1000} kB, and a share under 50.", where=path.name, remedy=ASK_AGAIN)
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", where=path.name) from None
    except (ValueError, RecursionError):
        raise InputError("The file is no JSON, or is damaged.", where=path.name, remedy=ASK_AGAIN) from None


def _no_number(name: str) -> Any:
    raise ValueError(name)
