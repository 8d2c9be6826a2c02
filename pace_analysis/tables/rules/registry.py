"""What a rule is, and the one dict that holds all rules.

A rule is a decorated function. Its arguments name what it reads: ``child``, ``period``, ``milestone``,
``change``, ``extract``, or a lookup across tables, all attributes of
:class:`~pace_analysis.tables.rules.joined.Joined`. It returns one boolean a row of its own table, True where the
rule is broken. A rule of the whole table returns instead what it counted, in words, and ``""`` where it is kept.
Beside it stand its examples, which one contract test runs for every rule: the last row of ``broken`` is found, no
row of ``mended`` is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from pace_analysis.tables.rules.joined import Joined
from pace_analysis.tables.schema import TABLES

Severity = Literal["error", "warning"]
Rows = Sequence[Mapping[str, str | None]]
RuleFunction = Callable[..., "pd.Series | np.ndarray | str"]

RULES: dict[str, Rule] = {}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it says, what to do, and the function that finds the rows that break it.

    Attributes
    ----------
    code : str
        Letter of the subject (C child, P period, M milestone, T test of change, A age, S siblings) and a number,
        never used again for another rule.
    table, fields : str, tuple of str
        The table whose rows are found, and the columns to look at.
    severity : "error" or "warning"
        A row with an error cannot be counted; a warning leaves it in.
    says, remedy : str
        One sentence each, without any value of a row.
    also : str
        Published rule that finds the same, such as ``"903 rule 501"``; ``""`` where there is none.
    whole_table : bool
        The rule is about the table, not about a row of it; such a rule can only warn.
    broken, mended : rows
        Examples as mappings of column to text; columns left out are blank.
    given : mapping of table to rows
        Rows of other tables that both examples stand beside.
    reads : tuple of str
        The function's arguments.
    """

    code: str
    table: str
    fields: tuple[str, ...]
    severity: Severity
    says: str
    remedy: str
    broken: Rows
    mended: Rows
    given: Mapping[str, Rows]
    function: RuleFunction
    reads: tuple[str, ...]
    also: str = ""
    whole_table: bool = False

    def found(self, tables: Joined) -> np.ndarray:
        """Return one boolean a row of the rule's table, True where the row breaks the rule."""
        return np.asarray(self._result(tables), dtype=bool)

    def counted(self, tables: Joined) -> str:
        """Return what a rule of the whole table counted, in words; ``""`` where the table keeps it."""
        return str(self._result(tables))

    def _result(self, tables: Joined) -> pd.Series | np.ndarray | str:
        return self.function(*(getattr(tables, name) for name in self.reads))


def rule(
    code: str,
    *,
    table: str,
    fields: Sequence[str],
    severity: Severity,
    says: str,
    remedy: str,
    broken: Rows,
    mended: Rows,
    given: Mapping[str, Rows] = MappingProxyType({}),
    also: str = "",
    whole_table: bool = False,
) -> Callable[[RuleFunction], RuleFunction]:
    """Register the decorated function as rule ``code``; the function itself is returned unchanged.

    Raises
    ------
    ValueError
        If the code is taken, a field or argument does not exist, or a rule of the whole table is an error: a
        mistake of the rule's author.
    """

    def register(function: RuleFunction) -> RuleFunction:
        reads = tuple(inspect.signature(function).parameters)
        columns = {column.name for column in TABLES[table]}
        if code in RULES:
            raise ValueError(f"rule {code} is already registered")
        if not set(fields) <= columns or not set(reads) <= {*TABLES, "extract", *vars(Joined)}:
            raise ValueError(f"rule {code} names a field or argument that does not exist")
        if whole_table and severity == "error":
            raise ValueError(f"rule {code} is about the whole table and can only warn")
        words = (tuple(fields), severity, says, remedy)
        examples = (tuple(broken), tuple(mended), dict(given))
        RULES[code] = Rule(code, table, *words, *examples, function, reads, also, whole_table)
        return function

    return register
