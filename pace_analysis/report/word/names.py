"""Names of elements and attributes of a Word file, each with its namespace, as lxml writes them."""

from __future__ import annotations

from typing import Any

_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CHOICES = "http://schemas.openxmlformats.org/markup-compatibility/2006"
OFF = ("0", "false", "off")


def w(name: str) -> str:
    """Name of the main vocabulary: paragraphs, runs, tables, settings."""
    return f"{{{_MAIN}}}{name}"


def ws(names: str) -> frozenset[str]:
    """Several names of the main vocabulary, given as words."""
    return frozenset(map(w, names.split()))


def mc(name: str) -> str:
    """Name of the vocabulary by which one drawing is kept in two forms, for new programs and old."""
    return f"{{{_CHOICES}}}{name}"


def is_relation(attribute: str) -> bool:
    """Whether an attribute names a relation, such as to a picture."""
    return attribute.startswith(f"{{{_RELATIONS}}}")


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def is_on(setting: Any) -> bool:
    """Whether a setting that may be absent, or be there and say no, is on."""
    return setting is not None and setting.get(w("val")) not in OFF
