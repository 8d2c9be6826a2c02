"""Settings of the drawing library, kept over a piece of work."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib


@contextmanager
def settings_kept() -> Iterator[None]:
    """Put every setting of matplotlib back afterwards, and leave no figure open."""
    with matplotlib.rc_context():
        try:
            yield
        finally:
            if pyplot := sys.modules.get("matplotlib.pyplot"):
                pyplot.close("all")
