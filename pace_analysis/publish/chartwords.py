"""Sentences on a run chart: improved or worse only when a rule says so, and which."""

from __future__ import annotations

from pace_analysis.improvement import Chart
from pace_analysis.publish.wording import number

RULE_SETS = {"anhoej": "Anhoej's rules", "ihi": "the rules of the Institute for Healthcare Improvement", "mdc7": "the plot-the-dots rules (7 points)",
             "mdc6": "the plot-the-dots rules (6 points)", "mdc_2023": "the plot-the-dots rules of 2023", "nelson": "Nelson's rules"}
WHOLE = "That is said of the whole series, not of its latest quarter, and does not say what caused it."
CHANGES_NUMBERED = "Numbers mark the quarters in which the changes of the register began."


def headline(chart: Chart, percent: int, quarter: str, within: str) -> str:
    """Latest quarter, and whether the series shows a change; no full stop."""
    return f"{percent}% decided within {within} in {quarter}: {verdict(chart)}"


def verdict(chart: Chart) -> str:
    """Few words: a signal, none, or too few points to say."""
    if chart.guards and not chart.signals:
        return "too few quarters to tell a change from chance"
    if not chart.signals:
        return "no sign of change beyond chance"
    return {"improvement": "the series has improved by more than chance usually gives",
            "concern": "the series has worsened by more than chance usually gives"}.get(
        chart.variation.name, "the series has changed by more than chance usually gives")


def signal(chart: Chart) -> str:
    """Whole sentence: which rule fired, or that none did."""
    if chart.signals:
        fired = " ".join(found.words.rstrip(".") + "." for found in chart.signals)
        return f"{verdict(chart)[:1].upper()}{verdict(chart)[1:]}. {fired} {WHOLE}"
    if chart.guards:
        return " ".join(chart.guards)
    return "No rule fired: what moves in the series is within what chance alone would give."


def subtitle(chart: Chart, baseline: int, within: str, *, numbered: bool) -> str:
    """What is drawn, by which rules, and how often those are wrong; ``numbered`` where changes of the register are marked."""
    line = f"Grey line: median of the {number(baseline)} quarters before the programme, dashed where extended. " if baseline else \
        "Grey line: median of all quarters. "
    return (f"Share of children who would be decided within {within} if the rates of that quarter held. {line}{rules(chart)}"
            f"{f' {CHANGES_NUMBERED}' if numbered else ''}")


def rules(chart: Chart) -> str:
    """The rule set and its own false-alarm rate."""
    if chart.guards or chart.rules not in RULE_SETS:
        return "No rule was applied to it."
    told = f"Signals by {RULE_SETS[chart.rules]}"
    if chart.false_alarm is None:
        return f"{told}."
    return f"{told}, which give a false alarm on about {max(1, round(100 * chart.false_alarm))} in a hundred charts of this length."
