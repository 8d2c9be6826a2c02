"""Writing aside and putting in place: an output folder is always the old one or the new one, whole."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from pace_analysis.disk import OWNER, alone, replace_file, settle
from pace_analysis.errors import OutputError

ELSEWHERE = "Check that the folder is not read-only and has room, or write elsewhere with --out."
HERE, EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


@contextmanager
def replacing(folder: Path, mark: str) -> Iterator[Path]:
    """Give an empty folder to write into; on success it takes the place of ``folder``, on failure it is removed.

    ``mark`` is the file by which a folder of an earlier run is known: no other folder is ever replaced.

    Raises
    ------
    OutputError
        If the folder holds other files or cannot be written; what was there is untouched.
    BusyError
        If another run is writing the same folder.
    """
    must_be_ours(folder, mark)
    # named after the run: the kernel of a run that was killed may live on for a second, and write what it had begun
    aside, previous = folder.with_name(f".{folder.name}.new-{os.getpid()}"), folder.with_name(f".{folder.name}.old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with alone(folder, "Another run is writing this report.", "Wait until it has finished, or write elsewhere with --out."):
            try:
                _recover(folder, previous)
                aside.mkdir()
                yield aside
                _put_in_place(folder, aside, previous)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"The report cannot be written: {error.strerror or error}.", where=str(folder),
                          remedy=ELSEWHERE) from error


def write_aside(path: Path, data: bytes) -> None:
    """Write one private file, readable by its owner alone, so that it is always the old one or the new one, whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(path, data, OWNER)
    except OSError as error:
        raise OutputError(f"A file of the private folder cannot be written: {error.strerror or error}.", where=path.name,
                          remedy="Check that the private folder is not read-only and has room.") from None


def must_be_ours(folder: Path, mark: str) -> None:
    """Raise OutputError unless ``folder`` does not exist, is empty, or holds the ``mark`` of an earlier run."""
    try:
        foreign = folder.exists() and not (folder.is_dir() and ((folder / mark).is_file() or not any(folder.iterdir())))
        above = next(parent for parent in folder.resolve().parents if parent.exists())
        closed = not (above.is_dir() and os.access(above, os.W_OK))
    except OSError as error:
        raise OutputError(f"The report cannot be written: {error.strerror}.", where=str(folder), remedy=ELSEWHERE) from None
    if foreign:
        raise OutputError("This is not a folder of an earlier report, so it is not replaced.", where=str(folder),
                          remedy="Name a folder that does not exist yet with --out.")
    if closed:
        raise OutputError("The report cannot be written: the folder above cannot be written to.", where=str(folder), remedy=ELSEWHERE)


def _recover(folder: Path, previous: Path) -> None:
    # a run killed between the two renames below leaves the earlier report beside its place
    if previous.exists() and not folder.exists():
        previous.rename(folder)
    for left in (previous, *folder.parent.glob(f".{escape(folder.name)}.new-*")):
        shutil.rmtree(left, ignore_errors=True)


def _put_in_place(folder: Path, aside: Path, previous: Path) -> None:
    for path in aside.rglob("*"):
        if path.is_file():
            with path.open("rb+") as handle:
                os.fsync(handle.fileno())
        else:
            settle(path)
    settle(aside)
    if not folder.exists():
        aside.rename(folder)
    elif not _exchanged(aside, folder):
        folder.rename(previous)
        aside.rename(folder)
        shutil.rmtree(previous, ignore_errors=True)
    settle(folder.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, and say whether the system could; Linux can, on most disks."""
    try:
        exchange = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return exchange(HERE, os.fsencode(one), HERE, os.fsencode(other), EXCHANGE) == 0
