"""What a report was made from: hashes of inputs and outputs, parameters, versions. Written last; no clock, no path of a machine."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pace_analysis import __version__
from pace_analysis.errors import InputError
from pace_analysis.settings import home

NAME = "manifest.json"
NATION = "national"  # stands for an authority in the report of a nation
OUTSIDE = "outside/"  # what the place of a file begins with that lies outside the project
PACKAGES = ("jinja2", "lifelines", "lxml", "matplotlib", "nbclient", "nbconvert", "numpy", "openpyxl", "pandas", "papermill",
            "pillow", "python-docx", "scipy", "seaborn", "typst")
MAPPING = ".mapping.toml"  # as in extract.tracker.mapping, slow to import


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def outputs_of(folder: Path) -> dict[str, str]:
    """Hex digest of every file below a folder but its manifest, by path from there."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    found = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: sha256(path) for name, path in found.items() if name != NAME}


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Say which of some hashed files are no longer as they were: ``changed: ...``, ``missing: ...``, ``added: ...``."""
    return [
        *(f"changed: {name}" for name in before if name in now and now[name] != before[name]),
        *(f"missing: {name}" for name in before if name not in now),
        *(f"added: {name}" for name in now if name not in before),
    ]


def shown_path(path: Path, root: Path, role: str) -> str:
    """Path below ``root``, or ``outside/role/name`` for a file that lies elsewhere: never a path of this machine."""
    found = path.resolve()
    return found.relative_to(root).as_posix() if found.is_relative_to(root) else f"{OUTSIDE}{role}/{found.name}"


def must_be_here(name: str, value: str) -> None:
    """Raise InputError when a parameter of a manifest names a file that lay outside the project."""
    if value.startswith(OUTSIDE):
        raise InputError(f"The report was made from a file that lay elsewhere: '{Path(value).name}'.",
                         where=f"{NAME}, parameter '{name}'", remedy=f"Say where it lies now with --{name}.")


def input_files(path: Path) -> list[Path]:
    """Files of an extract: the file itself with the mapping beside it, or all files of its folder and of those in it."""
    if path.is_file():
        own = path.with_name(path.stem + MAPPING)
        return [path, *([own] if own.is_file() else sorted(path.parent.glob(f"*{MAPPING}")))]
    folders = [path, *sorted(below for below in path.iterdir() if below.is_dir() and not below.name.startswith("."))]
    return [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]


def make_manifest(*, parameters: Mapping[str, Any], profile: str, inputs: dict[str, str], outputs: dict[str, str],
                  compared_with: str = "") -> str:
    """Return the manifest as JSON text, keys sorted; ``compared_with`` is the quarter of an earlier report, if any."""
    manifest = {
        "code": {"pace_analysis": __version__, "source": code_version()},
        "compared_with": compared_with,
        "inputs": inputs,
        "outputs": outputs,
        "parameters": dict(parameters),
        "profile": profile,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }
    return json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def code_version() -> str:
    """Digest of the package's own source files and notebooks, so that an edited copy never passes for a release."""
    sources = _own_sources() | {f"notebooks/{path.name}": path.read_bytes() for path in (home() / "notebooks").glob("*.ipynb")}
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(name.encode())
        digest.update(sources[name])
    return digest.hexdigest()


@cache
def _own_sources() -> dict[str, bytes]:
    """The package's files by their path within it, read once: what runs was imported, and is not what a later edit makes of it."""
    root = Path(__file__).resolve().parents[1]
    own = [*root.rglob("*.py"), *root.rglob("templates/*/*"), *root.rglob("*.mplstyle")]
    # by the path within the project: where that lies, and what its folder is called, may not show
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in own}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
