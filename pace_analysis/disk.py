"""Files that are the old one or the new one, whole, whenever a run or the power is cut off, and one run at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pace_analysis.errors import BusyError

ANYBODY, OWNER = 0o666, 0o600  # who may read a file, less what the system takes off


def write_settled(path: Path, data: bytes, mode: int = ANYBODY) -> None:
    """Write a file that does not exist yet and bring it to the disk; OSError when it cannot be."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes, mode: int = ANYBODY) -> None:
    """Put a file in the place of another, or of none.

    It is written aside first; what a run that was cut off left there, the next one takes away. OSError when it cannot be
    written: the other is then untouched, and nothing is left aside.
    """
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.unlink(missing_ok=True)
        write_settled(aside, data, mode)
        os.replace(aside, path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    settle(path.parent)


def place_new(aside: Path, path: Path) -> bool:
    """Give a file its name unless another has it by now, as somebody may have saved one meanwhile; False when one has."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError:
        # not every disk can give a file two names: there the name is taken first, and the file moved to it
        try:
            if os.name != "nt":
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
                os.replace(aside, path)
            else:
                os.rename(aside, path)  # takes the place of nothing there
        except FileExistsError:
            return False
    settle(path.parent)
    return True


def settle(folder: Path) -> None:
    """Bring the list of a folder's files to the disk, where folders can be opened: only then a rename survives a power cut."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def alone(path: Path, what: str, remedy: str = "Wait until it has finished, then run again.", where: str = "") -> Iterator[None]:
    """Keep other runs away from a file or folder; its lock lies beside it and is taken away afterwards.

    Raises
    ------
    BusyError
        Another run holds it; ``what`` says so.
    OSError
        The lock cannot be written.
    """
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        with lock:
            try:
                yield
            finally:
                Path(lock.lock_file).unlink(missing_ok=True)
    except Timeout:
        raise BusyError(what, where=where or str(path), remedy=remedy) from None
