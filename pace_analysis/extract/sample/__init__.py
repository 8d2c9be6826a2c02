"""Exampleshire, an invented council: lives simulated from known hazards, and extracts taken of them.

Children's lives are simulated first; snapshots then show what a case-management system would, with the faults
real systems have. The hazards are known, so that every estimator can be tested for bias.
"""

from pace_analysis.extract.sample.councils import COUNCILS, Council, councils, whole_families, write_councils
from pace_analysis.extract.sample.faults import FAULTS
from pace_analysis.extract.sample.lives import SEED, Life, first_waits, simulate
from pace_analysis.extract.sample.snapshot import count_faults, snapshot
from pace_analysis.extract.sample.truth import (
    EXAMPLESHIRE,
    Entry,
    Truth,
    cumulative_incidence,
    mean_incidence,
    share_decided,
)
from pace_analysis.extract.sample.write import extract_texts, write_sample

__all__ = [
    "COUNCILS",
    "EXAMPLESHIRE",
    "FAULTS",
    "SEED",
    "Council",
    "Entry",
    "Life",
    "Truth",
    "councils",
    "count_faults",
    "cumulative_incidence",
    "extract_texts",
    "first_waits",
    "mean_incidence",
    "share_decided",
    "simulate",
    "snapshot",
    "whole_families",
    "write_councils",
    "write_sample",
]
