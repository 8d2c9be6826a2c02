"""From one quarter's report to the next: what moved each main figure, to the last child.

What a released report leaves behind for the next one: :mod:`.account`. Rows told apart without their values:
:mod:`.rows`. The main figures as sets of periods of care: :mod:`.mainfigures`. What moved them, exactly: :mod:`.moves`.
What of it may be published: :mod:`.published`. Whether a released figure was corrected: :mod:`.corrections`.
"""

from pace_analysis.compare.account import Account, account_of, account_path, latest_before, read_account
from pace_analysis.compare.moves import REASONS, Moves, reconcile
from pace_analysis.compare.published import WhatChanged, what_changed

__all__ = [
    "REASONS",
    "Account",
    "Moves",
    "WhatChanged",
    "account_of",
    "account_path",
    "latest_before",
    "read_account",
    "reconcile",
    "what_changed",
]
