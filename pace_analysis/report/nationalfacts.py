"""Facts and tables of the national report, by the names that its text places."""

from __future__ import annotations

from pace_analysis.dates import Quarter, say_date
from pace_analysis.figures.national import WEEKS, source
from pace_analysis.publish import wording
from pace_analysis.publish.disclosure import Refused, ReleasedCurve
from pace_analysis.report.blocks import Fact, TableBlock
from pace_analysis.sharing.combine import CONTRIBUTORS, DOMINANT
from pace_analysis.sharing.national import INSIDE, LEAST, TOO_FEW, National
from pace_analysis.sharing.pool import NATIONAL
from pace_analysis.sharing.share import Share

QUALITY = ("period, rows used", "period, rows set aside", "findings that are errors", "findings that are warnings")
METHOD = ("This is no league table. Small authorities move widely by chance, so each is held against the limits that chance sets for its "
          "number of children. The limits take children to be decided one by one; brothers and sisters are often decided together, so "
          "that true limits are a little wider, and a mark just outside is weak evidence.")
HIDDEN = "How each authority stands beside the nation is told to the authorities that share, in a version of their own."
NOTHING_ELSE = "Nothing else was left out."


def national_facts(answers: National) -> dict[str, Fact]:
    """Return every fact by its key; a refused result says why in its place."""
    pool, curve = answers.pool, answers.curve
    cut = Quarter.parse(pool.quarter).last_day
    facts = (
        Fact("as_at", say_date(cut), cut.isoformat(), "Last day counted."),
        Fact("readers", "Everyone who plans for permanence" if answers.public else "Authorities that share their counts",
             "public" if answers.public else "authorities", "Whom the report is for."),
        Fact("nation_position", _nation(answers), _value(curve), "Share decided and left within 182 days, from the pooled life table."),
        Fact("half_position", _half(curve), _value(curve), "When half were no longer waiting, to the grid of the curve."),
        Fact("trend_position", wording.aim_trend(answers.years, whose="children accommodated"), str(len(answers.years)),
             "Share decided within 26 weeks, of the last two entry years that every authority counted."),
        Fact("funnel_position", _funnel(answers), str(len(pool.shares)), "Authorities outside the limits of the funnel plot."),
        Fact("funnel_method", HIDDEN if answers.public else METHOD, "binomial", "How authorities are held against the nation."),
        Fact("contributors_position", f"The figures are of {len(pool.contributors)} authorities that sent rounded counts to "
             f"{pool.quarter}: no row, no child and no date of one was sent.", str(len(pool.contributors)), "Authorities pooled."),
        Fact("rule_contributors", f"Fewer than {CONTRIBUTORS} contributors: no nation, region, year, route, stage or stretch of the curve "
             f"is shown that rests on fewer than {CONTRIBUTORS} authorities.", str(CONTRIBUTORS), "Least number of authorities."),
        Fact("rule_dominance", f"Dominance: nothing is shown of which one authority holds more than {DOMINANT:.0%} of the children.",
             str(DOMINANT), "Largest part of one authority."),
        Fact("rule_definitions", "Differing definitions: a share of another quarter, clock, nation, pathway or definition stops the pool and "
             f"is named; all {len(pool.shares)} shares here agree.", str(len(pool.shares)), "Shares that agree."),
        Fact("left_out", " ".join(_left_out(answers)) or NOTHING_ELSE, str(len(_left_out(answers))), "What was left out, and why."),
        Fact("accuracy", "Shares hold counts rounded to the middle of six. Pooled, this moves the share decided by 26 weeks by some 0.3 "
             "percentage points for 3,000 children and by 1.5 for 800: at fewer than 1,000 children read the figures as orientation only.",
             "0.003", "Median error of pooling against exact counts, from docs/pooling.md."),
    )
    return {fact.key: fact for fact in facts}


def national_tables(answers: National) -> dict[str, TableBlock]:
    """Return every table by its name; a public report leaves out what is of one authority alone."""
    return {"regions": _regions(answers), "definitions": _definitions(answers), "contributors": _contributors(answers)}


def _nation(answers: National) -> str:
    curve = answers.curve
    if isinstance(curve, Refused):
        return curve.sentence
    at = curve.at_anchor
    return (f"Within {WEEKS} weeks of being accommodated, {wording.percent(at['estimate_1'])} of children had a permanence decision (95% "
            f"confidence interval {wording.percent(at['lower_1'])} to {wording.percent(at['upper_1'])}), "
            f"{wording.percent(at['estimate_2'])} had left without one, and {wording.percent(at['waiting'])} were still waiting.")


def _value(curve: ReleasedCurve | Refused) -> str:
    if isinstance(curve, Refused):
        return curve.code
    at = curve.at_anchor
    return f"{at['estimate_1']:.4f}"


def _half(curve: ReleasedCurve | Refused) -> str:
    if isinstance(curve, Refused):
        return curve.sentence
    window = curve.median()
    if window is None:
        return "More than half were still waiting when the curve ends."
    return f"Half were no longer waiting somewhere between week {window[0] // 7} and week {window[1] // 7}."


def _funnel(answers: National) -> str:
    told = answers.funnel
    if isinstance(told, Refused):
        return f"Each authority beside the nation. {told.sentence}"
    outside = told.drawn[told.drawn["position"] != INSIDE]
    if outside.empty:
        return f"No authority's share for {told.year} is further from the nation's than chance and rounding explain."
    named = [f"{row.name} has {row.position}" for row in outside.itertuples()]
    lie = f"{wording.number(len(outside))} {'lies' if len(outside) == 1 else 'lie'}"
    return (f"Of {len(told.drawn)} authorities with children enough to be placed, {lie} outside the limits of chance for {told.year}: "
            f"{wording.series(named)}.")


def _left_out(answers: National) -> list[str]:
    pool, said = answers.pool, []
    if pool.without:
        said.append(f"Left out by choice: {wording.series(pool.without)}.")
    said += [f"The region {region} is withheld. {why}" for region, why in pool.withheld.items()]
    apart = sorted({year.year for one in pool.shares for year in one.years} - {year for year, _ in answers.years})
    if apart:
        said.append(f"Entry years that not every authority counted, or that are nearly one authority's: {wording.series(apart)}.")
    for part in ("routes", "stages"):
        if missing := sum(not getattr(one, part) for one in pool.shares):
            said.append(f"{wording.number(missing).capitalize()} of {len(pool.shares)} shares hold no {part}: beside their other counts they would tell too much.")
    told = answers.funnel
    if not isinstance(told, Refused) and (small := int((told.authorities["position"] == TOO_FEW).sum())):
        verb = "authority is" if small == 1 else "authorities are"
        said.append(f"{wording.number(small).capitalize()} {verb} not drawn in the funnel plot, with fewer than {LEAST} children accommodated in {told.year}.")
    return said


def _regions(answers: National) -> TableBlock:
    caption = f"Decided and left within {WEEKS} weeks, by region"
    rows = tuple(_region(name, curve) for name, curve in ((NATIONAL, answers.curve), *answers.regions))
    header = ("Region", "Children, rounded", "Decided", "95% interval", "Left without a decision", "Still waiting")
    return TableBlock("regions", caption, (header,), tuple((_named(row[0]), *row[1:]) for row in rows), source=source(answers),
                      notes=("From the pooled life tables, of children of all years. Regions are in order of name.",))


def _region(name: str, curve: ReleasedCurve | Refused) -> tuple[str, ...]:
    if isinstance(curve, Refused):
        return (name, *["not shown"] * 5)
    at = curve.at_anchor
    return (name, f"{curve.n:,}", wording.percent(at["estimate_1"]), f"{wording.percent(at['lower_1'])} to {wording.percent(at['upper_1'])}",
            wording.percent(at["estimate_2"]), wording.percent(at["waiting"]))


def _definitions(answers: National) -> TableBlock:
    one = answers.pool.shares[0]
    stated = {"nation": one.nation, "clock": "accommodated to permanence decision", "pathway": f"{one.pathway}, version {one.pathway_version}",
              **{key.replace("_", " "): value or "none" for key, value in one.definitions}}
    rows = tuple((key.capitalize(), value) for key, value in stated.items())
    return TableBlock("definitions", "What all shares agree on", (("Definition", "Value"),), rows, source=source(answers))


def _contributors(answers: National) -> TableBlock:
    caption, shares = "Contributors and the quality of their data", answers.pool.shares
    made = f"Shares made with {wording.series(sorted({one.made_with for one in shares}))}."
    if answers.public:
        rows = tuple((one.name, _named(one.region)) for one in shares)
        return TableBlock("contributors", "Contributors", (("Authority", "Region"),), rows, source=source(answers), notes=(made,))
    header = ("Authority", "Region", "Children", "Bins, days", "Periods used", "Set aside", "Errors", "Warnings")
    return TableBlock("contributors", caption, (header,), tuple(map(_contributor, shares)), source=source(answers), internal=True,
                      notes=("All counts are rounded to the middle of six: 3 stands for 1 to 6. Warnings are findings that leave a row in use.",
                             made))


def _contributor(one: Share) -> tuple[str, ...]:
    quality = dict(one.quality)
    counts = [f"{quality[what]:,}" if what in quality else "not stated" for what in QUALITY]
    return (one.name, _named(one.region), f"{one.counts.children:,}", str(one.counts.width), *counts)


def _named(region: str) -> str:
    return region[:1].upper() + region[1:] or "none"  # North East keeps its second capital
