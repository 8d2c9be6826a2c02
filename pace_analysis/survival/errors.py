"""The one error of this folder: waits or questions from which nothing can be estimated."""

from __future__ import annotations

from pace_analysis.errors import PaceError


class SurvivalInputError(PaceError, ValueError):
    """Waits that cannot be counted, or a question that the counts cannot answer.

    Rows are named by their position, counted from 0; never by a child's identifier.
    """

    exit_code = 11
