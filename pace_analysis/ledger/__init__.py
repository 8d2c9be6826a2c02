"""The ledger: every figure an authority ever released, in one append-only file that shows any later change.

Lines and their hash chain: :mod:`.lines`. The ledger and what a release adds to it: :mod:`.book`. Files, locks and
what survives a crash: :mod:`.store`. What is public already, as the gate is told it: :mod:`.public`. What an attacker who holds it all can work out: :mod:`.attack`.
"""

from pace_analysis.ledger.attack import Audit, joint_audit
from pace_analysis.ledger.book import Ledger
from pace_analysis.ledger.lines import (
    FIGURES,
    PUBLISHED,
    Entry,
    Figure,
    Head,
    Key,
    LedgerError,
    OverrideRecord,
    ReleaseRecord,
)
from pace_analysis.ledger.public import earlier, known_public
from pace_analysis.ledger.store import ledger_path

__all__ = [
    "FIGURES", "PUBLISHED", "Audit", "Figure", "Entry", "Head", "Key", "Ledger", "LedgerError",
    "OverrideRecord", "ReleaseRecord", "earlier", "joint_audit", "known_public", "ledger_path",
]
