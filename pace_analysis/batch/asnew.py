"""A process that has made a report, put back as it was before: what one report changes, the next must not see.

Put back are the working folder, the environment, the search path of imports, filters and registries of warnings, both
generators of random numbers, options of numpy and pandas, settings and open figures of matplotlib, and every name of
this package's own modules, with the entries of their lists, sets and dictionaries. Attributes that a notebook sets on a
class are not.
"""

from __future__ import annotations

import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

OURS = "pace_analysis"


@contextmanager
def as_new() -> Iterator[None]:
    """Put the process back as it was, however the work ends."""
    from pace_analysis.figures.asbefore import settings_kept

    with ExitStack() as after:
        # entering it also empties the registries of warnings given, so that a second report warns as the first did
        after.enter_context(warnings.catch_warnings())
        after.enter_context(settings_kept())
        for put_back in (_surroundings(), _numbers(), _options(), _modules()):
            after.callback(put_back)
        yield


def _surroundings() -> Callable[[], None]:
    folder, environment, path = os.getcwd(), dict(os.environ), list(sys.path)

    def put_back() -> None:
        os.chdir(folder)
        if os.environ != environment:
            os.environ.clear()
            os.environ.update(environment)
        sys.path[:] = path

    return put_back


def _numbers() -> Callable[[], None]:
    import numpy as np

    drawn, generated, errors, printed = random.getstate(), np.random.get_state(), np.geterr(), np.get_printoptions()

    def put_back() -> None:
        random.setstate(drawn)
        np.random.set_state(generated)
        np.seterr(**errors)
        np.set_printoptions(**printed)

    return put_back


def _options() -> Callable[[], None]:
    import pandas as pd

    before = _pandas_options()

    def put_back() -> None:
        # pandas.reset_option("all") takes a quarter of a second
        for name, value in _pandas_options().items():
            if value != before[name]:
                pd.set_option(name, before[name])

    return put_back


def _pandas_options() -> dict[str, Any]:
    import pandas as pd

    found, groups = {}, [("", pd.options)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some options are about to go
        while groups:
            above, group = groups.pop()
            for name in dir(group):
                value = getattr(group, name)
                if type(value) is type(pd.options):
                    groups.append((f"{above}{name}.", value))
                else:
                    found[above + name] = value
    return found


def _modules() -> Callable[[], None]:
    kept = {name: (module, dict(vars(module)), _entries(module)) for name, module in list(sys.modules.items())
            if module is not None and name.partition(".")[0] == OURS}

    def put_back() -> None:
        for name, (module, names, entries) in kept.items():
            sys.modules[name] = module
            for added in vars(module).keys() - names.keys():
                delattr(module, added)
            vars(module).update(names)
            for holder, before in entries:
                if holder != before:
                    _refill(holder, before)

    return put_back


def _entries(module: ModuleType) -> list[tuple[Any, Any]]:
    return [(value, value.copy()) for name, value in vars(module).items()
            if type(value) in (dict, list, set) and not name.startswith("__")]


def _refill(holder: Any, before: Any) -> None:
    holder.clear()
    (holder.extend if isinstance(holder, list) else holder.update)(before)
