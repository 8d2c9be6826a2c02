"""Time to a permanence decision for looked after children: the public names.

Each is imported when first used, so that ``import pace_analysis`` and ``pace --help`` stay instant.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Quarter": "dates",
    "read_extract": "extract",
    "check": "tables.check",
    "life_table": "survival",
    "kaplan_meier": "survival",
    "cumulative_incidence": "survival",
    "share_by": "survival",
    "quantile": "survival",
    "open_study": "study",
    "load_aim": "settings",
    "progress": "aims",
    "board_answers": "answers",
    "everyday_measures": "everyday",
    "draw": "figures",
    "draw_completeness": "figures",
    "draw_everyday": "figures.everyday",
    "open_paper": "report.paper",
    "list_figures": "report.figurepage",
    "save_figure": "report.figurepage",
    "check_extract": "report.checking",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'pace_analysis' has no attribute '{name}'")
    return getattr(import_module(f"pace_analysis.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
