"""From checked tables to waits: periods of care, milestones, follow-up in whole closed days."""

from pace_analysis.care.followup import FollowUp, Histories, follow_up
from pace_analysis.care.periods import PeriodsOfCare, periods_of_care

__all__ = ["FollowUp", "Histories", "PeriodsOfCare", "follow_up", "periods_of_care"]
