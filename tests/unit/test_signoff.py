"""The sign-off page says what a person decides about, and runs nothing."""

import base64
import hashlib
import re

import pytest

from pace_analysis.dates import Quarter
from pace_analysis.errors import UsageError
from pace_analysis.ledger import PUBLISHED, Audit, Figure, Ledger, OverrideRecord, ReleaseRecord
from pace_analysis.publish.disclosure import Refused
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.report.html import plain_text
from pace_analysis.report.signoff import signoff_page
from pace_analysis.settings import Authority, Policy

OWNER = Authority(slug="exampleshire", name="Exampleshire", policy=Policy(owner="Data Protection <Officer>"))
PASSED = Audit(releases=2, figures=1400, threshold=5, exposed=())
CELLS = (Figure(("waiting", "2015Q3", "under 13 weeks"), 15), Figure(("waiting", "2015Q3", "all"), 40),
         Figure(("adoptions", "2014/15"), 24, PUBLISHED))


def release(number: int, cells=CELLS, **more) -> ReleaseRecord:
    quarter = Quarter(2015, number)
    return ReleaseRecord(f"board-{quarter}", quarter.last_day, quarter, PUBLIC, cells, **more)


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger.open(tmp_path / "ledger.jsonl", "exampleshire").append(release(2, CELLS[:1]))


def words(page: str) -> str:
    return plain_text(page[page.index("<body>"):])


def test_it_counts_figures_by_measure_and_how_they_were_protected(ledger):
    said = words(signoff_page(OWNER, ledger.append(release(3)), "board-2015Q3", audit=PASSED))
    assert "Sign-off: board-2015Q3" in said
    assert "data to 30 September 2015 (2015Q3)" in said
    assert "waiting | rounded | public | 5 | 2 | 1" in said
    assert "adoptions | published | public | 1 | 1 | 0" in said
    for sentence in ("No figure released before is changed.", "Nothing was refused.", "None."):
        assert sentence in said
    assert ("Passed. 1,400 figures of 2 releases were looked at together. No count can be worked out to lie from 1 to "
            "4.") in said


def test_corrections_refusals_and_overrides_are_listed_with_their_reasons(ledger):
    made = OverrideRecord(("adoptions", "2014/15"), "Printed by the council already.", "A. Officer")
    record = release(3, (Figure(CELLS[0].key, 20),), because="A date was corrected.", overrides=(made,))
    refusals = (Refused("too-few-children", "Not shown: fewer than 30 children."),)
    said = words(signoff_page(OWNER, ledger.append(record), record.id, audit=PASSED, refusals=refusals))
    assert "Reason: A date was corrected." in said
    assert "waiting, 2015Q3, under 13 weeks | 15 | 20" in said
    assert "too-few-children | Not shown: fewer than 30 children." in said
    assert "adoptions, 2014/15 | A. Officer | Printed by the council already." in said


def test_what_stood_before_is_the_figure_and_not_that_it_was_set_aside(ledger):
    key = CELLS[0].key
    aside = ledger.append(release(3, CELLS[1:], overrides=(OverrideRecord(key, "Known.", "A. Officer"),)))
    revised = aside.append(release(4, (Figure(key, 20),), because="A late record."))
    page = signoff_page(OWNER, revised, "board-2015Q4", audit=PASSED)
    assert "waiting, 2015Q3, under 13 weeks | 15 | 20" in words(page)


def test_a_failed_audit_cannot_be_overlooked(ledger):
    failed = Audit(releases=2, figures=20, threshold=5, exposed=(("waiting", "2015Q3"),))
    assert not failed.passed and PASSED.passed
    said = words(signoff_page(OWNER, ledger, "board-2015Q2", audit=failed))
    assert ("NOT PASSED. 20 figures of 2 releases were looked at together. 1 can be worked out to lie from 1 to 4: "
            "waiting, 2015Q3.") in said


def test_who_decides_is_named_and_there_is_room_to_sign(ledger):
    page = signoff_page(OWNER, ledger, "board-2015Q2", audit=PASSED)
    assert "To Data Protection <Officer>" in words(page)
    assert "Data Protection <Officer> has read this page and agrees that the report may be published." in words(page)
    for line in ("Name", "Role", "Date", "Signature"):
        assert f'<th scope="row">{line}</th><td></td>' in page
    nameless = Authority(slug="exampleshire", name="Exampleshire")
    nobody = words(signoff_page(nameless, ledger, "board-2015Q2", audit=PASSED))
    assert "No owner of the disclosure policy is named: set [policy] owner in exampleshire.toml." in nobody
    assert "The owner of the disclosure policy has read this page" in nobody


def test_a_release_that_shows_nothing_has_a_page_too(ledger):
    page = signoff_page(OWNER, ledger.append(release(4, ())), "board-2015Q4", audit=PASSED)
    assert "No figure: every result was refused." in words(page)


def test_nothing_in_it_runs_or_loads(ledger):
    evil = "<script>alert(1)</script>"
    record = release(3, (Figure((evil, "x"), 5),), overrides=(OverrideRecord((evil,), evil, evil),))
    page = signoff_page(OWNER, ledger.append(record), record.id, audit=PASSED, refusals=(Refused(evil, evil),))
    assert "<script" not in page and evil in words(page)
    assert not re.search(r"(?:src|href)=|https?:|@import|url\(", page)
    css = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    policy = re.search(r'Policy" content="([^"]*)"', page)[1]
    assert f"sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}" in policy
    assert "default-src 'none'" in policy


def test_an_unknown_release_names_the_nearest(ledger):
    with pytest.raises(UsageError, match="Did you mean 'board-2015Q2'"):
        signoff_page(OWNER, ledger, "board-2015Q9", audit=PASSED)


def test_it_is_the_same_whenever_it_is_made(ledger):
    once, again = (signoff_page(OWNER, ledger, "board-2015Q2", audit=PASSED) for _ in range(2))
    assert once == again and "30 June 2015" in words(once)
