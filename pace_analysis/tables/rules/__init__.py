"""The rules that canonical tables must keep, one module a subject.

To add a rule, write one decorated function with a broken and a mended example in the subject's module.
"""

from pace_analysis.tables.rules import (  # noqa: F401  (each registers its rules)
    ages,
    change,
    child,
    decisions,
    ends,
    milestone,
    period,
    siblings,
    stages,
    stays,
    whole,
)
from pace_analysis.tables.rules.joined import Joined
from pace_analysis.tables.rules.registry import RULES, Rule, rule

__all__ = ["RULES", "Joined", "Rule", "rule"]
