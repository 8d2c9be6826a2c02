"""The bar that says which step of a long command is running, where somebody looks at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable


def steps(names: tuple[str, ...], quiet: bool = False) -> Callable[[str], None]:
    """Return what is to be told the name of each step as it begins; it shows nothing when ``quiet`` or in a pipe."""
    if quiet or not sys.stderr.isatty():
        return lambda name: None
    from tqdm import tqdm

    bar = tqdm(total=len(names), file=sys.stderr, bar_format="{desc:<16} {bar:20} {n_fmt}/{total_fmt} {elapsed}", leave=False)

    def step(name: str) -> None:
        bar.set_description_str(name, refresh=False)
        bar.update()
        bar.refresh()  # update() alone shows nothing of a step that follows at once

    return step
