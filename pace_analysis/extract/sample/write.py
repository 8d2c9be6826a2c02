"""Write the invented council's extracts, with the truth beside them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from pace_analysis.dates import Quarter
from pace_analysis.errors import OutputError, UsageError
from pace_analysis.extract.sample.about import MARK, readme, truth_toml
from pace_analysis.extract.sample.lives import SEED, simulate
from pace_analysis.extract.sample.snapshot import COVERS_FROM, SOURCE, count_faults, snapshot
from pace_analysis.extract.sample.truth import EXAMPLESHIRE
from pace_analysis.tables.schema import TABLES, CareTables

QUARTERS = ("2015Q2", "2015Q3")
ABOUT = ("README.md", "truth.toml")
EXTRACT_FILES = (*(f"{name}.csv" for name in TABLES), "extract.toml")


def write_sample(folder: Path, *, seed: int = SEED, quarters: tuple[str, ...] = QUARTERS) -> list[Path]:
    """Write one extract a quarter, the known hazards and a description into ``folder``.

    Parameters
    ----------
    folder : Path
        Made where it does not exist. A sample written before is replaced; anything else is left alone.
    seed : int
        The same seed gives the same bytes.
    quarters : tuple of str
        Quarters at whose last day the council's system is read, such as ``2015Q3``.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    UsageError
        When there is no quarter, or one the council has no extract of.
    OutputError
        When the folder holds anything but a sample, or cannot be written. What was there is then untouched.
    """
    folder = Path(os.path.abspath(folder))
    _refuse_other_content(folder)
    texts = _texts(seed, quarters)
    try:
        _replace(folder, texts)
    except OSError as error:
        raise OutputError(
            "The sample could not be written.",
            where=f"{folder}: {error.strerror or error}",
            remedy="Choose a folder that you may write to.",
        ) from error
    return [folder / name for name in texts]


def _texts(seed: int, quarters: tuple[str, ...]) -> dict[str, str]:
    names = tuple(dict.fromkeys(str(Quarter.parse(quarter)) for quarter in quarters))
    if not names:
        raise UsageError("No quarter was asked for.", remedy="Name at least one, for example 2015Q3.")
    lives, texts, counts = simulate(seed), {}, {}
    for name in names:
        as_at = Quarter.parse(name).last_day
        texts |= {f"{name}/{file}": text for file, text in extract_texts(snapshot(lives, as_at, seed=seed)).items()}
        counts[name] = count_faults(lives, as_at, seed=seed)
    texts["truth.toml"] = truth_toml(EXAMPLESHIRE, seed)
    texts["README.md"] = readme(EXAMPLESHIRE, seed, names, COVERS_FROM, counts)
    return texts


def extract_texts(tables: CareTables) -> dict[str, str]:
    """Files of an extract by name, as the canonical format has them."""
    texts = {
        f"{name}.csv": frame.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n") for name, frame in tables
    }
    extract = tables.extract
    texts["extract.toml"] = (
        f'source = "{extract.source}"\nas_at = {extract.as_at}\ncovers_from = {extract.covers_from}\n'
    )
    return texts


def _refuse_other_content(folder: Path) -> None:
    """Replacing a folder deletes what it holds: so everything in it must be known to come from here."""
    if not folder.exists() and not folder.is_symlink():
        return
    strangers = [folder.name] if not folder.is_dir() or folder.is_symlink() else _strangers(folder)
    if strangers:
        raise OutputError(
            f"The folder '{folder.name}' holds something else than a sample.",
            where=f"{folder}: {', '.join(strangers[:3])}",
            remedy="Choose a new or an empty folder.",
        )


def _strangers(folder: Path) -> list[str]:
    files = sorted(path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink())
    is_sample = _starts_with(folder / "truth.toml", MARK)
    return [str(path.relative_to(folder)) for path in files if not (is_sample and _is_ours(folder, path))]


def _is_ours(folder: Path, path: Path) -> bool:
    """True for the files this module writes; an extract counts only when it says that it is invented."""
    if path.is_symlink():
        return False
    if path.parent == folder:
        return path.name in ABOUT
    in_extract = path.parent.parent == folder and path.name in EXTRACT_FILES
    return in_extract and _starts_with(path.with_name("extract.toml"), f'source = "{SOURCE}"')


def _starts_with(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes().startswith(text.encode())


def _replace(folder: Path, texts: dict[str, str]) -> None:
    """Write everything beside the folder first; swap at the end, so that no half-written sample is ever seen."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fresh, old = beside / "new", beside / "old"
        for name, text in texts.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        if folder.exists():
            os.replace(folder, old)
        try:
            os.replace(fresh, folder)
        except OSError:
            if old.exists():
                os.replace(old, folder)
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
