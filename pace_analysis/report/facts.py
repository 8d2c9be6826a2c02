"""Every fact an author may place in a text, by name: ``{aim_position}``. All are made of released results."""

from __future__ import annotations

from pace_analysis.aims import LEFT, Progress
from pace_analysis.answers import BoardAnswers, answers_alone
from pace_analysis.dates import say_date
from pace_analysis.publish import methodnote, wording
from pace_analysis.publish.disclosure import Refused, ReleasedCurve, ReleasedPeriodShare, ReleasedShare
from pace_analysis.report.blocks import Fact
from pace_analysis.report.comparing import change_facts
from pace_analysis.report.journeyfacts import journey_facts
from pace_analysis.report.narrative.definitions import defined

NOT_SHOWN = "[not shown]"


def facts(answers: BoardAnswers) -> dict[str, Fact]:
    """Return every fact by its key; a refused result says why in its place."""
    answers_alone(answers)
    return defined([*_places(answers), *_aim(answers), *_curves(answers), *_counts(answers), *journey_facts(answers), *change_facts(answers),
                    *_method(answers)])


def _places(answers: BoardAnswers) -> list[Fact]:
    quarter, authority = answers.quarter, answers.authority
    return [
        Fact("authority", authority.name, authority.slug),
        Fact("quarter", str(quarter), str(quarter)),
        Fact("quarter_months", quarter.words, str(quarter)),
        Fact("as_at", say_date(answers.as_at), answers.as_at.isoformat()),
        Fact("aim", answers.progress.aim.says, answers.progress.aim.id),
        Fact("aim_limit", str(answers.progress.aim.within), str(answers.progress.aim.within)),
    ]


def _aim(answers: BoardAnswers) -> list[Fact]:
    progress, within = answers.progress, str(answers.progress.aim.within)
    aim, headline = progress.aim, progress.headline
    target = aim.percent + (f" by {say_date(aim.by)}" if aim.by else "")
    year = str(progress.years[-1][0]) if progress.years else ""
    latest = progress.quarters[-1][1] if progress.quarters else wording.TOO_FEW_QUARTERS
    position = wording.aim_position(headline, progress.verdict, year=year, within=within, aim=target,
                                    so_far=aim.by is not None and answers.as_at < aim.by)
    months = answers.quarter.words
    return [
        Fact("aim_position", position, _share_value(headline)),
        Fact("aim_share", wording.share(headline), _share_value(headline)),
        Fact("aim_verdict", "not shown" if isinstance(progress.verdict, Refused) else progress.verdict.verdict, _share_value(headline)),
        Fact("aim_trend", wording.aim_trend(progress.years), year or "none"),
        Fact("quarter_position", wording.quarter_position(latest, within=within, words=months), _period_value(latest)),
        Fact("quarterly_trend", wording.quarterly_trend(progress.quarters), _period_value(latest)),
        Fact("decisions_made", wording.decisions_made(progress.decisions_made, within=within, words=months),
             _share_value(progress.decisions_made)),
        Fact("routes_position", wording.routes_position(progress.latest, year=year, within=within, routes=progress.routes,
                                                        names=answers.route_names, left=LEFT), year or "none"),
    ]


def _curves(answers: BoardAnswers) -> list[Fact]:
    year, curve = answers.curves[-1] if answers.curves else ("", wording.NO_YEAR_FOLLOWED)
    week = answers.anchor_week
    shown = isinstance(curve, ReleasedCurve)
    share = wording.percent(wording.decided_at(curve, 7 * week)) if shown else NOT_SHOWN
    longest = max((c for _, c in answers.curves if isinstance(c, ReleasedCurve)), key=lambda c: c.points["day"].iloc[-1],
                  default=curve)
    whose = next((str(y) for y, c in answers.curves if c is longest), "")
    half = wording.half_decided(longest, year=whose) or NOT_SHOWN
    return [
        Fact("decided_by_week", _by_week(wording.decided_by(curve, week, year=str(year)), answers), share),
        Fact("decided_by_26_weeks", share, share),
        Fact("half_decided", half, whose or "none"),
    ]


def _counts(answers: BoardAnswers) -> list[Fact]:
    waiting, adoptions, changes = answers.waiting, answers.adoptions, answers.changes.frame
    on = say_date(answers.as_at)
    total = "" if isinstance(waiting, Refused) else waiting.words(waiting.total, waiting.columns[0])
    return [
        Fact("waiting_position", wording.waiting_position(waiting, on=on, long=answers.long_wait), total or "none"),
        Fact("waiting_total", total or NOT_SHOWN, total or "none"),
        Fact("adoptions_position", wording.adoptions_position(adoptions), "none" if isinstance(adoptions, Refused) else "shown"),
        Fact("changes_position", wording.changes_position(changes), str(len(changes))),
    ]


def _method(answers: BoardAnswers) -> list[Fact]:
    return [
        Fact("data_quality", methodnote.data_quality(answers.quality, answers.quality_notes, answers.source, answers.unknown_start), "shown"),
        Fact("method", methodnote.method(answers.authority.definitions, answers.progress.aim), "shown"),
        Fact("sensitivity", _sensitivity(answers.progress), "shown"),
        Fact("protection", methodnote.protection(answers.profile), answers.profile.name),
    ]


def _by_week(sentence: str, answers: BoardAnswers) -> str:
    if sentence.endswith("."):
        return sentence  # a refusal
    within = answers.progress.aim.within
    taken = f", with {within} taken as {answers.anchor_week} weeks" if within.unit == "months" else ""
    return f"{sentence}{taken}; week by week and before rounding, it can differ by a point or two from the headline."


def _sensitivity(progress: Progress) -> str:
    return methodnote.sensitivity(str(progress.aim.within), progress.sensitivity, [str(year) for year, _ in progress.cohorts])


def _share_value(result: ReleasedShare | Refused) -> str:
    return "none" if isinstance(result, Refused) else f"{result.numerator}/{result.denominator}"


def _period_value(result: ReleasedPeriodShare | Refused) -> str:
    return "none" if isinstance(result, Refused) else str(result.percent)
