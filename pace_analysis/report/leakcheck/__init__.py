"""Looking for children and machines in finished files: all is decoded, then searched for what an extract holds."""

from pace_analysis.report.leakcheck.needles import Needles, days_in, days_reported
from pace_analysis.report.leakcheck.search import Leak, LeakCheck, Note, leakcheck

__all__ = ["Leak", "LeakCheck", "Needles", "Note", "days_in", "days_reported", "leakcheck"]
