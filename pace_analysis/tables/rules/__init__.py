"""The rules that canonical tables must keep, one module a table.

To add a rule, write one decorated function with a broken and a mended example in the table's module.
"""

from pace_analysis.tables.rules import change, child, milestone, period  # noqa: F401  (each registers its rules)
from pace_analysis.tables.rules.joined import Joined
from pace_analysis.tables.rules.registry import RULES, Rule, rule

__all__ = ["RULES", "Joined", "Rule", "rule"]
