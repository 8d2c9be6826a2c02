"""Reading: an extract's files to canonical tables. Text, encodings and dates are parsed here and nowhere else."""

from pace_analysis.extract.registry import FORMATS, read_extract

__all__ = ["FORMATS", "read_extract"]
