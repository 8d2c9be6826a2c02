"""Tables of the journey, of tests of change and of the balancing measures."""

from __future__ import annotations

from pace_analysis.answers import BoardAnswers
from pace_analysis.answers.journey import Occupancy, StageAnswer
from pace_analysis.dates import say_date
from pace_analysis.publish import journeywords, wording
from pace_analysis.publish.disclosure import Refused, ReleasedEstimate, ReleasedShare
from pace_analysis.report.blocks import TableBlock

ROUNDED = "Counts are rounded to multiples; they are not exact."
OVERLAP = ("Changes to one step that began within half a year of each other cannot be told apart, and are judged together; of two comparisons "
           "of one step, each takes the other's time into its own.")


def blockages(answers: BoardAnswers) -> TableBlock:
    """Stages before the decision, in order: time in them, who waits there, and what shortening would gain."""
    told = answers.journey
    names = journeywords.state_names(told.pathway)
    days = journeywords.days_shown(told.occupancy.expected_days()) if isinstance(told.occupancy, Occupancy) else {}
    rows = tuple(
        (
            names[answer.stage.id],
            answer.stage.partner,
            f"{days[answer.stage.id]}" if days else "not shown",
            journeywords.half_moved_on(answer.curve),
            journeywords.waiting_now(told.waiting, answer.stage.title),
            journeywords.gain_cell(answer.gain),
        )
        for answer in sorted(told.stages, key=_by_gain)
    )
    years = wording.series([str(year) for year in told.years]) if told.years else "no year"
    return TableBlock(
        "blockages", "Stages before the decision, and what would be gained if children moved on twice as fast",
        (("Stage", "Held by", "Days in it of the first 182", "Half had left it after", "Waiting in it now", "Gain, percentage points"),),
        rows,
        notes=(
            f"Days: average of the children accommodated in {told.occupancy.year}." if days else "",
            f"Largest gain first. Half had left the stage, and gain in children decided within {answers.progress.aim.within} (95% interval): children accommodated "
            f"in {years}. {journeywords.MODEL}",
        )[0 if days else 1:],
        source=answers.source, internal=not answers.profile.protects,
    )


def _by_gain(answer: StageAnswer) -> float:
    return -answer.gain.value if isinstance(answer.gain, ReleasedEstimate) else 0.0


def clocks(answers: BoardAnswers) -> TableBlock:
    """Limits that regulations set, and how often they were kept."""
    told = answers.journey
    year = told.years[-1] if told.years else "no complete year"
    caption = f"Limits set by regulations, children accommodated in {year}"
    if not told.clocks:
        return TableBlock("clocks", caption, (("Result", "Why it is not shown"),),
                          ((caption, f"The pathway '{told.pathway.title}' names no limit that this extract can date."),))
    rows = tuple((clock.says, *_cells(share)) for clock, share in told.clocks)
    return TableBlock("clocks", caption, (("Limit", "Kept, of those due", "Share", "95% interval"),), rows,
                      notes=tuple(f"{clock.says} {clock.source}." for clock, _ in told.clocks),
                      source=answers.source, internal=not answers.profile.protects)


def effects(answers: BoardAnswers) -> TableBlock:
    """What happened to the speed of each step after its changes began."""
    if not answers.effects:
        return TableBlock("effects", "Speed of steps after changes", (("Result", "Why it is not shown"),),
                          (("Speed of steps after changes", "No change to a step that this extract dates has begun."),))
    rows = tuple(
        (effect.stage[:1].upper() + effect.stage[1:], wording.series([str(number) for number in effect.numbers]), say_date(effect.began),
         effect.before.words, effect.after.words, journeywords.rate_cell(effect.rate), journeywords.rate_reading(effect.rate))
        for effect in answers.effects
    )
    return TableBlock(
        "effects", "Speed of steps of the journey after the changes to them began",
        (("Step", "Changes", "Began", "Steps before", "Steps since", "Times as fast", "Reading"),), rows,
        notes=(f"Changes: their numbers in the register. Times as fast: hazard ratio with its 95% confidence interval, all children at the step. "
               f"{OVERLAP} {journeywords.NO_PROOF}",),
        source=answers.source, internal=not answers.profile.protects,
    )


def balancing(answers: BoardAnswers) -> TableBlock:
    """Balancing measures by year."""
    years = [str(year) for year in answers.balancing.years]
    rows = tuple(
        (measure.title, *(measure.by_year[year].words if year in measure.by_year else "not yet" for year in years))
        for measure in answers.balancing.measures
    )
    if not rows:
        return TableBlock("balancing", "Balancing measures", (("Result", "Why it is not shown"),),
                          (("Balancing measures", "No year is far enough back to be followed for twelve months."),))
    return TableBlock("balancing", "Balancing measures, by year", (("Measure", *years),), rows,
                      notes=(ROUNDED if answers.profile.protects else "Counts are exact.",
                             " ".join(f"{measure.title}: {measure.definition}" for measure in answers.balancing.measures),),
                      source=answers.source, internal=not answers.profile.protects)


def by_cohort(answers: BoardAnswers) -> TableBlock:
    """The aim by age and by first or later stay."""
    aim, told = answers.progress.aim, answers.by_cohort
    rows = tuple((kind[:1].upper() + kind[1:], *_cells(share)) for kind, share in told.shares)
    return TableBlock("by_cohort", f"Decided within {aim.within}, by kind of child, entered in {told.year or 'no complete year'}",
                      (("Children", "Number", "Share", "95% interval"),), rows,
                      notes=("Ages when accommodated. Counts are rounded to multiples; they are not exact.",) if answers.profile.protects else (),
                      source=answers.source, internal=not answers.profile.protects)


def _cells(share: ReleasedShare | Refused) -> tuple[str, str, str]:
    if isinstance(share, Refused):
        return ("not shown", "not shown", "not shown")
    return (f"{share.numerator} of {share.denominator}", f"{share.percent}%", wording.interval(share))

