"""What councils call the things a tracker holds: the words that a proposal of a mapping looks for.

Compared without capitals, punctuation and the words of :data:`FILLERS`. A heading that holds a word of
:data:`NEVER` or :data:`PLANNED` is no column to read, whatever else it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FILLERS = frozenset("a an at by date for in of on the to was were".split())
NEVER = frozenset({  # may hold names or free text
    "address", "comment", "comments", "forename", "forenames", "name", "names", "narrative", "note", "notes",
    "postcode", "remarks", "surname", "worker",
})
PLANNED = frozenset({  # a day that is hoped for, or a span; not what happened
    "booked", "days", "due", "expected", "months", "next", "planned", "target", "timescale", "weeks",
})


def _lists(text: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(alias.strip() for alias in words.split(",")) for name, words in text.items()})


FIELDS = _lists({
    "child_id": (
        "child id, child number, child no, child ref, person id, person number, swift number, swift no, swift id,"
        " carefirst id, carefirst number, mosaic id, eclipse id, client id, client number, case number, case no,"
        " reference number, unique reference, system id, id number, id, ref"
    ),
    "date_of_birth": "birth, dob, d o b, born, date of birth",
    "sex": "sex, gender, male female, m f",
    "sibling_group": "sibling group, sibling grp, siblings, sibling set, family group, family id, family number",
    "period_id": "period id, episode id, episode number, episode no, episode ref, care episode id, period number",
    "kind": "type of care, care type, kind of care, home or away, laac or lac, looked after type, type",
    "start_date": (
        "accommodated, accom, accomd, became lac, lac from, laac from, became accommodated, became laac, became"
        " looked after, looked after and accommodated, became looked after and accommodated, looked after, start of"
        " care, care started, care began, started, start date, admission, admitted, came into care, entered care,"
        " laac start, lac start, period start, episode start, start of episode"
    ),
    "start_reason": (
        "start reason, reason started, reason accommodated, reason for admission, how care began, how started"
    ),
    "end_date": (
        "ceased to be looked after, ceased lac, ceased laac, ceased, lac to, laac to, ceased looked after, left"
        " care, leaving care, end of care, care ended, ended, end date, discharge, discharged, laac end, lac end,"
        " period end, episode end, end of episode, no longer looked after"
    ),
    "end_reason": (
        "end reason, reason ended, destination, destination on discharge, destination on leaving, reason left care,"
        " reason for leaving, why ended, where to, left care to"
    ),
})

MILESTONES = _lists({
    "home_supervision_start": (
        "home supervision start, home supervision started, cso home, cso at home started, supervision order home,"
        " supervised at home from"
    ),
    "reporter_referral": (
        "reporter referral, referral to reporter, referred to reporter, scra referral, referred to scra, childrens"
        " reporter"
    ),
    "first_review": (
        "first review, first lac review, first laac review, first looked after child review, 1st review, 1st lac"
        " review, 1st laac review, initial review, lac review 1, 6 week review, six week review"
    ),
    "rehabilitation_ruled_out": (
        "rehabilitation ruled out, rehab ruled out, return home ruled out, no return home, rehabilitation home ruled"
        " out, return to parents ruled out"
    ),
    "permanence_planning_meeting": (
        "permanence planning meeting, ppm, legal advice meeting, lam, ppm or lam, permanence meeting, permanence"
        " planning or legal advice meeting"
    ),
    "permanence_recommendation": (
        "permanence recommendation, permanence recommended, review recommends permanence, lac review recommends"
        " permanence, laac review recommends permanence, lac review recommended permanence, lac review recommending"
        " permanence, lac permanence recommendation, permanence decision, second permanence recommendation, second"
        " recommendation, revised recommendation, later recommendation"
    ),
    "ratifying_review": (
        "ratifying review, ratified, ratifying lac review, recommendation ratified, second review ratifies, review"
        " ratified recommendation"
    ),
    "kinship_options_decided": (
        "kinship options decided, kinship options, kinship ruled in or out, kinship assessed, kinship decision,"
        " kinship explored"
    ),
    "permanence_plan_agreed": "permanence plan agreed, permanence plan, plan agreed, permanency plan agreed",
    "report_complete": (
        "report complete, report completed, permanence report complete, capr complete, adoption and permanence"
        " report complete, po report complete, form e complete, panel paperwork complete"
    ),
    "panel": (
        "panel, permanence panel, adoption and permanence panel, fostering and permanence panel, adoption panel,"
        " app, panel considered, panel held"
    ),
    "agency_decision": (
        "agency decision, agency decision maker, adm, adm decision, adm approval, adm approved, agency decision"
        " maker decision"
    ),
    "advice_hearing": (
        "advice hearing, advice to court, advice to sheriff, hearing advice, childrens hearing advice, pre court"
        " hearing, hearing gives advice to court"
    ),
    "court_lodged": (
        "court lodged, lodged, lodged in court, application lodged, application lodged in court, petition lodged, po"
        " lodged, petition lodged in court, lodged with court"
    ),
    "matched": "matched, match, matching panel, linked, linking, match approved, matched with family",
    "placed": (
        "placed, final placement, in final placement, placed with adopters, permanent placement, moved to permanent"
        " placement, placed in final placement"
    ),
    "order_granted": (
        "order granted, final order, po granted, permanence order granted, adoption order granted, granted, final"
        " order granted, kinship order granted"
    ),
    "plan_reversed": (
        "plan reversed, plan changed, decision reversed, decision changed, permanence decision changed, change of"
        " plan"
    ),
    "supervision_ended": (
        "supervision ended, cso terminated, cso ended, supervision terminated, supervision order terminated, order"
        " terminated"
    ),
})

ROUTE = (
    "route", "plan", "permanence plan", "type of plan", "plan type", "permanence route", "route to permanence",
    "route recommended", "recommended route", "type of permanence", "permanence type", "order type", "type of order",
    "revised route", "second route",
)

WORDS = MappingProxyType({
    "sex": _lists({
        "F": "female, girl, f",
        "M": "male, boy, m",
        "O": "other, non binary",
        "U": "not known, unknown, nk, n k",
    }),
    "kind": _lists({
        "away": (
            "laac, accommodated, looked after and accommodated, away, away from home, looked after away from home"
        ),
        "home": "lac at home, home, at home, looked after at home, cso at home, home supervision, supervised at home",
        "short_break": "short break, short breaks, respite, series of short breaks",
    }),
    "start_reason": _lists({
        "new": "new, new entrant, from home, from outside care, first time",
        "from_home_supervision": "from home supervision, was supervised at home, was lac at home, from cso at home",
        "transferred_in": "transferred in, from another authority, from other la, transfer in",
        "before_extract": "before tracker began, before records began",
        "not_known": "not known, unknown, nk, n k, not recorded",
    }),
    "end_reason": _lists({
        "home": "returned home, home, home with parents, return to parents, returned to parents, rehabilitated home",
        "kinship": (
            "kinship carers, kinship, kinship care, with relatives, relatives or friends, friends or relatives"
        ),
        "kinship_order": (
            "kinship care order, kinship order, kco, section 11, section 11 order, s11, residence order, kinship"
            " care order granted"
        ),
        "adopted": "adopted, adoption, adoption order, adoption order granted",
        "turned_18": "turned 18, aged out, 18th birthday, reached 18, turned eighteen, adulthood",
        "died": "died, deceased, death",
        "moved_away": (
            "other authority, another authority, transferred to other la, transferred out, moved to other la, other"
            " local authority, moved to another authority"
        ),
        "other": (
            "other, supported accommodation, own tenancy, in custody, custody, independent living, continuing care"
        ),
        "not_known": "not known, unknown, nk, n k, not recorded",
    }),
    "route": _lists({
        "home": "home, return home, remain at home, rehabilitation, home with parents, return to parents",
        "kinship": "kinship, kinship care, kinship care order, kco, kinship order, section 11, residence order, s11",
        "permanence_order": (
            "permanence order, po, permanence, permanence order with authority to adopt, poa, long term fostering"
        ),
        "adoption": "adoption, adopt, adoption order",
        "not_known": "not known, unknown, nk, n k, not recorded, undecided",
    }),
})

NO_DATE = ("n/a", "na", "n/k", "nk", "none", "not known", "not recorded", "not yet", "pending", "tbc", "tbd", "unknown",
           "to be confirmed", "not applicable", "awaited", "-", "--", "?", "x", ".")
