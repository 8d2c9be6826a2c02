"""A nation without a child: each authority shares rounded counts on a common grid, and shares are pooled.

A share may go from one data controller to another under an agreement; it is not for publication. What is published is
the pool alone, and that through the gate.
"""

from pace_analysis.sharing.midpoint import GridCounts, grid_counts, midpoint
from pace_analysis.sharing.national import Funnel, National, national
from pace_analysis.sharing.pool import PROFILE, Pool, pool, pool_folder, sender
from pace_analysis.sharing.share import Share, YearCounts, share
from pace_analysis.sharing.sharefile import content_digest, read_share, share_text, write_share

__all__ = [
    "PROFILE",
    "Funnel",
    "GridCounts",
    "National",
    "Pool",
    "Share",
    "YearCounts",
    "content_digest",
    "grid_counts",
    "midpoint",
    "national",
    "pool",
    "pool_folder",
    "read_share",
    "sender",
    "share",
    "share_text",
    "write_share",
]
