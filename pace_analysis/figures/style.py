"""How every figure looks: sizes in inches for an A4 column; fonts and colours are those of ``board.mplstyle``."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_FILE = Path(__file__).with_name("board.mplstyle")
SHEET = MappingProxyType(dict(matplotlib.rc_params_from_file(_FILE, use_default_template=False)))
WIDTH, HEIGHT = 6.7, 2.9  # a full text column of an A4 page with 20 mm margins, five figures to two pages
INK, GREY, LIGHT = SHEET["text.color"], SHEET["axes.edgecolor"], SHEET["grid.color"]
SERIES = tuple(SHEET["axes.prop_cycle"].by_key()["color"])
TARGET = "#8c2f39"
EDGE = MappingProxyType({"edgecolor": INK, "linewidth": 0.7})  # parts that touch: two light fills still have a border
TEXT_SIZE = SHEET["font.size"]  # points: 9 and more where the page indents a figure


def sheet() -> AbstractContextManager[None]:
    """Draw and save in the house look, whatever the machine's ``matplotlibrc`` says; a context or a decorator."""
    return matplotlib.rc_context(SHEET)


@sheet()
def blank(*, width: float = WIDTH, height: float = HEIGHT, left: float = 0.115, right: float = 0.97,
          bottom: float = 0.15, top: float = 0.95) -> tuple[Figure, Axes]:
    """Return a figure and its axes with the house look; margins are shares of the figure's width and height."""
    figure = Figure(figsize=(width, height))
    axes = figure.subplots()
    figure.subplots_adjust(left=left, right=right, bottom=bottom, top=top)
    return figure, axes


def label(axes: Axes, *, x: str = "", y: str = "") -> None:
    """Set axis labels in the house size, ``$`` printed as typed."""
    axes.set_xlabel(x, fontsize=TEXT_SIZE, color=INK, parse_math=False)
    axes.set_ylabel(y, fontsize=TEXT_SIZE, color=INK, parse_math=False)


def write(axes: Axes, x: float, y: float, text: str, **options) -> None:
    """Write text at a place of the data, in the house size, ``$`` printed as typed."""
    axes.text(x, y, text, **{"fontsize": TEXT_SIZE, "color": INK, "parse_math": False, **options})


def percent_axis(axes: Axes) -> None:
    """Make the y axis run from 0% to 100%."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])


def spread(wanted: list[float], apart: float, highest: float) -> list[float]:
    """Move heights, given from the lowest, until neighbours are ``apart`` and none is above ``highest``."""
    places: list[float] = []
    for height in wanted:
        places.append(max(height, places[-1] + apart) if places else height)
    for index in reversed(range(len(places))):
        places[index] = min(places[index], highest - apart * (len(places) - 1 - index))
    return places
