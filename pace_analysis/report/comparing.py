"""What changed since the last report, in words a board understands: the table ``what_changed`` and its facts."""

from __future__ import annotations

from collections.abc import Iterator

from pace_analysis.answers import BoardAnswers
from pace_analysis.compare import WhatChanged, published
from pace_analysis.compare.corrections import SHARE
from pace_analysis.compare.mainfigures import DECISIONS, WAITING
from pace_analysis.dates import Quarter
from pace_analysis.publish import wording
from pace_analysis.publish.disclosure import Refused, ReleasedPeriodShare, ReleasedShare, ReleasedTable
from pace_analysis.publish.earlier import Key
from pace_analysis.report.blocks import Fact, TableBlock

CAPTION = "What changed since the last report"
NOT_SHOWN = "not shown"
ALIKE = "Counted by the same definitions and the same version of the program as in the last report."
STAYS = "A year or a quarter that is over stays as released. Where a figure was corrected, this table says so."
_PARTS = (  # what happened to the children of a part; "{why}" is a correction, or also a change of method
    (published.CAME, "had come into care and {were} waiting"),
    (published.LEFT, "{were} decided or had left care"),
    (published.ENTERED_LATE, "{were} recorded late as waiting"),
    (published.LEFT_LATE, "{were} found by a late record to be decided or gone"),
    (published.ENTERED_OTHERWISE, "{were} added by {why}"),
    (published.LEFT_OTHERWISE, "{were} taken out by {why}"),
)


def what_changed(answers: BoardAnswers) -> TableBlock:
    """Main figures of the last report and of this one, and why each moved."""
    told, internal = answers.moved, not answers.profile.protects
    if told.before is None:
        rows = ((CAPTION, _sentence(told, "")),)
        return TableBlock("what_changed", CAPTION, (("Result", "Why it is not shown"),), rows, internal=internal)
    header = ("Figure", f"Report of {told.before}", f"This report, of {told.after}", "Why it moved")
    return TableBlock(
        "what_changed", f"{CAPTION}, of {told.before.words}", (header,), tuple(_rows(answers)),
        notes=(method_words(told), STAYS, *_correction_note(told)), source=answers.source, internal=internal)


def _rows(answers: BoardAnswers) -> Iterator[tuple[str, str, str, str]]:
    told, progress = answers.moved, answers.progress
    within, quarters = progress.aim.within, dict(progress.quarters)
    then, now = _waiting_then_and_now(told)
    yield "Children waiting for a decision", _as_corrected(told, WAITING, then), now, waiting_why(told)
    for year, share in progress.years:
        figure = f"Children of {year} decided within {within}"
        if str(year) == told.year:
            yield figure, *_year_then_and_now(told, share)
        elif str(year) > told.year:
            why = f"New: every child of the year has now been followed for {within}."
            yield figure, "not yet due", _share(share), why
    yield (
        f"Decisions of the quarter made within {within}", _as_corrected(told, DECISIONS, _then(told.decisions_then)),
        _share(progress.decisions_made), f"Another quarter. {_why_moved(told, told.decisions)}")
    then = told.share_then or NOT_SHOWN if answers.profile.protects else _period(quarters, told.before)
    yield (
        "Share decided at the quarter's own rates", _as_corrected(told, SHARE, then), _period(quarters, told.after),
        "Each quarter's share follows from the decisions of that quarter alone.")


def change_facts(answers: BoardAnswers) -> list[Fact]:
    """What this report is compared with, what moved the children waiting, late records, and how figures are counted."""
    told = answers.moved
    before = str(told.before) if told.before else "none"
    alike = "changed" if told.method else "alike"
    return [
        Fact("compared_with", _compared_with(told), before),
        Fact("waiting_moved", _sentence(told, waiting_why(told)), before),
        Fact("late_records", late_words(told), before),
        Fact(
            "counted_alike",
            method_words(told) if told.before else _sentence(told, ""),
            alike if told.before else "none",
        ),
    ]


def corrected_words(told: WhatChanged) -> list[str]:
    """What of the last report was corrected after it was first released, and why: a line for each figure."""
    names = {
        WAITING: "Children waiting",
        told.year_figure: f"Children of {told.year}",
        DECISIONS: f"Decisions of {told.before}",
        SHARE: f"Share at the rates of {told.before}",
    }
    return [f"{names[figure]}: {made.words}." for figure, made in told.corrected.items()]


def waiting_why(told: WhatChanged) -> str:
    """What moved the number of children waiting; parts too small to show are named together."""
    table = told.waiting
    if isinstance(table, Refused):
        return table.sentence
    column, why = table.columns[0], "a correction or the change of method" if told.method else "a correction"
    shown = [
        (table.cell(told.label(part), column), table.words(told.label(part), column), phrase) for part, phrase in _PARTS
    ]
    said = [
        (
            words
            + (" more " if phrase is _PARTS[0][1] else " ")
            + phrase.format(were="was" if count == 1 else "were", why=why)
        )
        for count, words, phrase in shown
        if count
    ]
    small = [phrase.format(were="were", why=why) for count, _, phrase in shown if not count]
    if small and table.profile.protects:
        few = next(words for count, words, _ in shown if not count)
        said.append(f"{few} {'each ' if len(small) > 1 else ''}{wording.series(small)}")
    return "; ".join(said or ["nobody entered or left the count"]) + "."


def late_words(told: WhatChanged) -> str:
    """What late records and corrections would move in the latest entry year of the last report, and in its quarter."""
    if told.before is None:
        return _sentence(told, "")
    whose = (f"the children of {told.year}", told.places), (f"the decisions of {told.before.words}", told.decisions)
    return " ".join(f"Of {who}: {_would_move(table)}" for who, table in whose if told.year or table is told.decisions)


def method_words(told: WhatChanged) -> str:
    """Whether figures are counted as in the last report."""
    return f"Counted otherwise than in the last report: {wording.series(told.method)} changed." if told.method else ALIKE


def _compared_with(told: WhatChanged) -> str:
    if told.before:
        return f"the report of {told.before.words}"
    return f"no report, as that of {told.last.words} cannot be compared with" if told.last else "no earlier report"


def _correction_note(told: WhatChanged) -> tuple[str, ...]:
    said = f"The report of {told.before} was corrected after its first release"
    return (f"{said}: see in brackets what it said first, and why.",) if told.corrected else ()


def _as_corrected(told: WhatChanged, figure: Key, words: str) -> str:
    """A figure of the last report; where it was corrected, with what that report said first and why."""
    made = told.corrected.get(figure)
    return f"{words} ({made.words})" if made else words


def _year_then_and_now(told: WhatChanged, share: ReleasedShare | Refused) -> tuple[str, str, str]:
    """The latest entry year that the last report showed; it moves only where a later report corrects it."""
    then, now, why = _then(told.year_then), _share(share), _why_moved(told, told.places)
    if NOT_SHOWN not in (then, now) and then != now:
        why = f"{'Counted otherwise' if told.method else 'Corrected'} in this report. {why}"
    return _as_corrected(told, told.year_figure, then), now, why


def _waiting_then_and_now(told: WhatChanged) -> tuple[str, str]:
    table = told.waiting
    if isinstance(table, Refused):
        return NOT_SHOWN, NOT_SHOWN
    then, now = (table.words(day, table.columns[0]) for day in table.row_groups)
    return then, now


def _why_moved(told: WhatChanged, table: ReleasedTable | Refused) -> str:
    return f"Since the report of {told.before}: {_would_move(table)}"


def _would_move(table: ReleasedTable | Refused) -> str:
    if isinstance(table, Refused):
        return table.sentence
    late, other = (table.words(part, table.columns[0]) for part in (published.MOVED_LATE, published.MOVED_OTHERWISE))
    return f"late records would move {late} and corrections {other}."


def _then(pair: published.Pair | None) -> str:
    return f"{pair[0].words} of {pair[1].words}" if pair else NOT_SHOWN


def _share(result: ReleasedShare | Refused) -> str:
    return NOT_SHOWN if isinstance(result, Refused) else f"{result.numerator} of {result.denominator}"


def _period(quarters: dict[Quarter, ReleasedPeriodShare | Refused], quarter: Quarter) -> str:
    result = quarters.get(quarter)
    return f"{result.percent}%" if isinstance(result, ReleasedPeriodShare) else NOT_SHOWN


def _sentence(told: WhatChanged, words: str) -> str:
    if isinstance(told.waiting, Refused):
        return told.waiting.sentence
    then, now = _waiting_then_and_now(told)
    since = words.removesuffix(".")
    corrected = told.corrected.get(WAITING)
    first = f" ({corrected.words})" if corrected else ""
    return (
        f"At the last report {then} children were waiting for a decision{first}. Since then {since}; "
        f"{now} are waiting now."
    )
