"""Facts on the journey, on changes and on what lies ahead."""

from __future__ import annotations

from pace_analysis.answers import BoardAnswers
from pace_analysis.answers.journey import Occupancy
from pace_analysis.dates import say_date
from pace_analysis.publish import chartwords, journeywords
from pace_analysis.publish.disclosure import Refused, ReleasedEstimate
from pace_analysis.report.blocks import Fact


def journey_facts(answers: BoardAnswers) -> list[Fact]:
    """Sentences on stages, the run chart, changes, the outlook and the balancing measures."""
    return [*_chart(answers), *_stages(answers), *_changes(answers), *_ahead(answers), *_balance(answers)]


def _chart(answers: BoardAnswers) -> list[Fact]:
    told = answers.run.chart
    if isinstance(told, Refused):
        return [Fact("run_chart_position", told.sentence, "none"), Fact("baseline_suggestion", "No new baseline is suggested.", "none")]
    return [
        Fact("run_chart_position", f"{chartwords.signal(told)} {chartwords.rules(told)}", "signal" if told.signals else "no signal"),
        Fact("baseline_suggestion", told.suggestion or "No new baseline is suggested.", "suggested" if told.suggestion else "none"),
    ]


def _stages(answers: BoardAnswers) -> list[Fact]:
    told, within = answers.journey, str(answers.progress.aim.within)
    names = journeywords.state_names(told.pathway)
    ranked = sorted(((answer.stage.title, answer.stage.partner, answer.gain) for answer in told.stages
                     if isinstance(answer.gain, ReleasedEstimate)), key=lambda row: -row[2].value)
    if isinstance(told.occupancy, Occupancy):
        goes = journeywords.where_time_goes(told.occupancy.expected_days(), str(told.occupancy.year), names)
    else:
        goes = told.occupancy.sentence
    return [
        Fact("where_time_goes", goes, "shown" if isinstance(told.occupancy, Occupancy) else "none"),
        Fact("blockage_position", journeywords.blockage_position(ranked, within), ranked[0][0] if ranked else "none"),
    ]


def _changes(answers: BoardAnswers) -> list[Fact]:
    rates = [(effect.stage, effect.rate) for effect in answers.effects]
    judged = sum(not isinstance(rate, Refused) for _, rate in rates)
    return [
        Fact("changes_effect", journeywords.changes_effect(rates), str(judged)),
        Fact("quarters_to_tell", answers.outlook.quarters_to_tell, "shown"),
    ]


def _ahead(answers: BoardAnswers) -> list[Fact]:
    told, within = answers.outlook, str(answers.progress.aim.within)
    return [
        Fact("outlook_position", journeywords.outlook_position(told.decided, told.in_time, by=say_date(told.by), within=within), told.by.isoformat()),
        Fact("limits_position", journeywords.limits_position(told.over, told.falling, within=within, until=say_date(told.next_quarter_ends)),
             told.next_quarter_ends.isoformat()),
        Fact("still_needed", told.still_needed, told.by.isoformat()),
    ]


def _balance(answers: BoardAnswers) -> list[Fact]:
    return [Fact("balancing_position", journeywords.balancing_position(answers.balancing.latest), "shown")]
