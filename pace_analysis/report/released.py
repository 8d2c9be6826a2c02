"""``released.json``: every figure that a report releases, which are sums of which, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pace_analysis.answers import BoardAnswers
from pace_analysis.ledger import LedgerError
from pace_analysis.publish.disclosure import Refused, ReleasedShare
from pace_analysis.publish.keys import Figure, Sum

NAME = "released.json"
AGAIN = "Put back the files as they were written, or make the report again with pace report."


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """What a report releases.

    Attributes
    ----------
    figures : tuple of Figure
        In the order of their keys.
    sums : tuple of (Key, keys)
    refused : tuple of Refused
    overridden : tuple of str
        Results shown by the decision of a named person.
    """

    figures: tuple[Figure, ...]
    sums: tuple[Sum, ...] = ()
    refused: tuple[Refused, ...] = ()
    overridden: tuple[str, ...] = ()

    @classmethod
    def of(cls, answers: BoardAnswers) -> ReleasedFile:
        """Collect it from the answers of a report."""
        refused = dict.fromkeys(part for part in answers.parts if isinstance(part, Refused))
        shown = {part.what for part in answers.parts if isinstance(part, ReleasedShare) and part.is_one_group}
        return cls(answers.figures, answers.sums, tuple(refused), tuple(sorted(shown)))

    @property
    def text(self) -> str:
        """The text of the file: JSON, one figure, sum or refusal a line."""
        parts = {"overridden": list(self.overridden),
                 "figures": [_said(figure) for figure in self.figures], "refused": [_said(each) for each in self.refused],
                 "sums": [{"parts": parts, "sum": key} for key, parts in self.sums]}
        blocks = [f'"{name}": [\n' + ",\n".join(map(_line, rows)) + "\n]" for name, rows in parts.items()]
        return "{" + ",\n".join(blocks) + "}\n"


def write_released(answers: BoardAnswers, folder: Path) -> None:
    """Write the file below ``folder``; of answers that are not protected, nothing."""
    if answers.profile.protects:
        (folder / NAME).write_text(ReleasedFile.of(answers).text, encoding="utf-8", newline="\n")


def read_released(folder: Path) -> ReleasedFile:
    """Read the file of a report; LedgerError when it is missing or not as it was written."""
    try:
        text = (folder / NAME).read_bytes().decode("utf-8")
        said = json.loads(text)
        found = ReleasedFile(
            tuple(Figure(tuple(each["key"]), each["value"], each["method"]) for each in said["figures"]),
            tuple((tuple(each["sum"]), tuple(map(tuple, each["parts"]))) for each in said["sums"]),
            tuple(Refused(**each) for each in said["refused"]), tuple(said["overridden"]))
        if found.text != text:
            raise ValueError("not as it was written")
    except (OSError, ValueError, TypeError, KeyError):
        raise LedgerError("The report does not say which figures it releases.", where=f"{folder.name}/{NAME}",
                          remedy=AGAIN) from None
    return found


def _said(thing: Figure | Refused) -> dict[str, Any]:
    # dataclasses.asdict copies, at ten times the cost
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


_line = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
