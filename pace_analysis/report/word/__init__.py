"""The paper as a Word file: the same blocks as the page, with real styles, numbering, fields and descriptions."""

from __future__ import annotations

from pace_analysis.report.word.document import NOTE, NOTICE, Writer, word_document

__all__ = ["NOTE", "NOTICE", "Writer", "word_document"]
