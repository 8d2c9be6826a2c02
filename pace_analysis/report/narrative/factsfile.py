"""``facts.json``: every fact of a report with its value, words and definition, for later quarters to say what moved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pace_analysis.dates import Quarter
from pace_analysis.errors import OutputError
from pace_analysis.report.blocks import Fact
from pace_analysis.settings import home

NAME = "facts.json"


def facts_text(facts: Mapping[str, Fact]) -> str:
    """The text of the file: JSON, one fact a line."""
    lines = (json.dumps(asdict(fact), sort_keys=True, ensure_ascii=False) for fact in facts.values())
    return '{"facts": [\n' + ",\n".join(lines) + "\n]}\n"


def write_facts(facts: Mapping[str, Fact], folder: Path) -> None:
    """Write the file below ``folder``."""
    (folder / NAME).write_text(facts_text(facts), encoding="utf-8", newline="\n")


def read_facts(folder: Path) -> dict[str, Fact]:
    """Read the file of a report; OutputError when it is missing or not as it was written."""
    try:
        text = (folder / NAME).read_bytes().decode("utf-8")
        found = {each["key"]: Fact(**each) for each in json.loads(text)["facts"]}
        if facts_text(found) != text:
            raise ValueError("not as it was written")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise OutputError("The facts of the report cannot be read.", where=f"{folder.name}/{NAME}",
                          remedy="Make the report again with pace report.") from None
    return found


def facts_of(authority: str, quarter: Quarter) -> dict[str, Fact] | None:
    """Facts of an authority's report of a quarter; None when there is no such report, or it is older than this file."""
    folder = home() / "reports" / authority / str(quarter)
    return read_facts(folder) if (folder / NAME).is_file() else None
