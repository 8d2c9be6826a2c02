"""Keyed ids: numbers of children, periods and sibling groups replaced by hashes that only the key's holder can make.

The key is 32 random bytes in ``data/private/<authority>/id.key``, readable by its owner alone. The same id gives the
same keyed id for as long as the key is kept; without the key nobody can try out numbers to find a child's.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pace_analysis.disk import OWNER, place_new, write_settled
from pace_analysis.errors import InputError, OutputError, SettingsError
from pace_analysis.settings import private_folder
from pace_analysis.tables.schema import CareTables

NAME = "id.key"
KEY_BYTES = 32
DIGITS = 16  # hexadecimal: 64 bits, so that two of 10,000 ids are alike once in 10^11 keys
KINDS = ("child_id", "period_id", "sibling_group")


def keyed_ids(tables: CareTables, key: bytes) -> CareTables:
    """Replace every child id, period id and sibling group by its keyed id; a blank stays blank.

    Rows keep their order and their numbers in the file read, and equal ids stay equal, so that every count, wait and
    estimate stays what it was.

    Parameters
    ----------
    tables : CareTables
        Tables as read.
    key : bytes
        The authority's key, as :func:`key_file` gives it.

    Raises
    ------
    InputError
        If two different ids would be given the same keyed id.
    SettingsError
        If the key is not 32 bytes long.
    """
    _check_size(key, "keyed ids")
    columns = {kind: [frame[kind] for _, frame in tables if kind in frame.columns] for kind in KINDS}
    new = {kind: keyed(pd.concat(found).unique(), key, kind) for kind, found in columns.items()}
    frames = {
        name: frame.assign(**{kind: frame[kind].map(new[kind]) for kind in KINDS if kind in frame.columns})
        for name, frame in tables
    }
    return replace(tables, **frames)


def keyed(ids: Iterable[str], key: bytes, kind: str, digits: int = DIGITS) -> dict[str, str]:
    """Return the keyed id of each id: its place among them in order, and a hash; a blank stays blank.

    The place keeps keyed ids in the order of the ids, so that nothing that goes by order changes with the key. The hash
    is the first ``digits`` of HMAC-SHA256 (RFC 2104) in hexadecimal, and stays the same from one extract to the next.
    ``kind`` is hashed with the id, so that a child and a sibling group of the same number do not look alike. Raises
    InputError if two ids would be given the same hash.
    """
    texts = sorted({text for text in ids if text})
    new = {text: made[:digits] for text, made in zip(texts, _digests(texts, key, kind), strict=True)}
    if len(set(new.values())) < len(new):
        raise InputError(f"Two different values of {kind} would be given the same keyed id.", where="keyed ids",
                         remedy=f"Rename {NAME} in the authority's private folder, so that a new key is made.")
    width = len(str(len(texts)))
    return {"": ""} | {text: f"{place:0{width}d}-{new[text]}" for place, text in enumerate(texts, start=1)}


def key_file(authority: str) -> bytes:
    """Return the key of an authority, made at first use.

    Parameters
    ----------
    authority : str
        Whose; the key is kept in its private folder (:func:`pace_analysis.settings.private_folder`).

    Returns
    -------
    bytes
        32 random bytes, held in ``id.key`` with mode 0600. The file is put in place whole: of two runs that make it at
        once, both return the same key.

    Raises
    ------
    SettingsError
        If the file is not 32 bytes long.
    OutputError
        If the file can be neither read nor made.
    """
    path = private_folder(authority) / NAME
    shown = f"data/private/{authority}/{NAME}"
    try:
        if not path.exists():
            _make(path)
        path.chmod(0o600)
        key = path.read_bytes()
    except OSError as error:
        raise OutputError(f"The key of the ids cannot be read or made: {error.strerror or 'the system refuses'}.",
                          where=shown, remedy="Check that the folder is yours and can be written to.") from None
    _check_size(key, shown)
    return key


def _make(path: Path) -> None:
    """Write a key beside its place, then put it there unless another run was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{NAME}.new-{os.getpid()}-{threading.get_ident()}")
    aside.unlink(missing_ok=True)  # of a run that was cut off
    try:
        write_settled(aside, secrets.token_bytes(KEY_BYTES), OWNER)
        place_new(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _check_size(key: bytes, where: str) -> None:
    if len(key) != KEY_BYTES:
        raise SettingsError(f"The key of the ids is damaged: {len(key)} bytes instead of {KEY_BYTES}.", where=where,
                            remedy=f"Restore {NAME} from a backup. Without one, rename it: a new key is made, and "
                                   "keyed ids no longer match those of earlier private lists.")


def _digests(texts: Iterable[str], key: bytes, kind: str) -> Iterator[str]:
    begun = hmac.new(key, f"{kind}\0".encode(), hashlib.sha256)  # the key is mixed in once
    for text in texts:
        one = begun.copy()
        one.update(text.encode())
        yield one.hexdigest()
