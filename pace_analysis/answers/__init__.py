"""The answers a board asks for, each composed of a measure, a count and the gate."""

from pace_analysis.answers.board import BoardAnswers, answers_alone, board_answers

__all__ = ["BoardAnswers", "answers_alone", "board_answers"]
