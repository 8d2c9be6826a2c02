"""The answers a board asks for, each composed of a measure, a count and the gate."""

from pace_analysis.answers.board import BoardAnswers, board_answers

__all__ = ["BoardAnswers", "board_answers"]
