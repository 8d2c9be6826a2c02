"""A mapping proposed from headings and values: what it guesses, what it leaves to a person, how it is used."""

import tomllib
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pace_analysis.errors import InputError, OutputError
from pace_analysis.extract import read_extract
from pace_analysis.extract.tracker import TrackerMapping, load_mapping, mapping_beside, propose_mapping, write_mapping
from pace_analysis.extract.tracker.example import HEADER_ROWS, REMARK, as_held, write_example
from pace_analysis.extract.tracker.matching import alike, plain
from pace_analysis.extract.tracker.proposal import Proposal
from pace_analysis.extract.tracker.writing import mapping_text
from pace_analysis.tables.schema import CODES

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "sample" / "exampleshire" / "2015Q3"
LITTLE = ROOT / "tests" / "data" / "tracker" / "little_council.csv"
AS_AT = {"as_at": date(2015, 9, 30), "covers_from": date(2010, 4, 1)}
KEYS = ["period_id", "date", "milestone"]


@pytest.fixture(scope="module")
def sample():
    return read_extract(SAMPLE)


@pytest.fixture(scope="module")
def trackers(sample, tmp_path_factory):
    folders = {suffix: tmp_path_factory.mktemp(suffix) for suffix in ("xlsx", "csv")}
    return {suffix: write_example(sample, folder / f"tracker.{suffix}") for suffix, folder in folders.items()}


@pytest.fixture(scope="module")
def proposals(trackers):
    return {suffix: propose_mapping(path) for suffix, path in trackers.items()}


def sheet(tmp_path, text: str) -> Path:
    path = tmp_path / "tracker.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_sample_kept_as_a_tracker_is_read_back_by_the_proposed_mapping(sample, trackers, proposals, suffix):
    mapping = write_mapping(proposals[suffix], mapping_beside(trackers[suffix]))
    text = mapping.read_text(encoding="utf-8")
    assert '# "Other LA" = ""  # LOOK: stands in 2 rows' in text
    with pytest.raises(InputError, match="The word 'Other LA' is not in the mapping"):
        read_extract(trackers[suffix], **AS_AT)
    mapping.write_text(text.replace('# "Other LA" = ""', '"Other LA" = "moved_away"'), encoding="utf-8")

    read, held = read_extract(trackers[suffix], **AS_AT), as_held(sample)
    for found, expected in ((read.child, held.child), (read.period, held.period)):
        assert_frame_equal(found.reset_index(drop=True), expected.reset_index(drop=True))
        assert found.index[0] == HEADER_ROWS[-1] + 1
    found, expected = (frame.sort_values(KEYS).reset_index(drop=True) for frame in (read.milestone, held.milestone))
    assert_frame_equal(found, expected)
    assert sum(count for _, count in read.extract.set_aside) == 2, "the blank row and the remark below the table"
    assert REMARK not in " ".join(frame.to_string() for _, frame in read)


def test_what_a_tracker_cannot_hold_is_counted(sample):
    held, every = as_held(sample).milestone, sample.milestone
    again = every.duplicated(["period_id", "milestone"]) & (every["milestone"] != "permanence_recommendation")
    assert len(every) - len(held) == again.sum() == 10
    routed = {"permanence_recommendation", "agency_decision", "order_granted"}
    assert set(held.loc[held["route"] != "", "milestone"]) == routed


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_every_heading_of_the_example_is_guessed_right(proposals, suffix):
    proposal = proposals[suffix]
    mapping = proposal.mapping
    assert mapping.header_rows == HEADER_ROWS
    assert set(mapping.headings.values()) == {
        "child_id", "date_of_birth", "sex", "sibling_group", "period_id", "kind", "start_date", "start_reason",
        "end_date", "end_reason",
    }
    assert set(mapping.milestones.values()) == set(CODES["milestone"])
    assert mapping.milestones["Permanence / Revised recommendation"] == "permanence_recommendation"
    assert mapping.routes == {
        "Permanence / LAAC Review recommends permanence": "Permanence / Route",
        "Permanence / Revised recommendation": "Permanence / Revised route",
        "Permanence / ADM decision": "Permanence / Type of permanence",
        "Court / Final order granted": "Court / Order type",
    }
    assert mapping.ignore == ("Permanence / Target date for Panel", "Notes")
    assert set(mapping.dates.values()) == {"yyyy-mm-dd" if suffix == "xlsx" else "dd/mm/yyyy"}
    routes = {"PO": "permanence_order", "KCO": "kinship", "Home": "home", "Adoption": "adoption"}
    assert mapping.words["route"] == routes
    assert all(guess.why for guess in proposal.guesses)


def test_a_proposal_says_of_every_guess_why_and_never_shows_a_name():
    text = mapping_text(propose_mapping(LITTLE))
    assert '"Surname",  # may hold names or remarks, which are never read' in text
    assert '"Permanence / Panel due",  # says what is hoped for' in text
    assert '"Accom\'d" = "start_date"  # 100% like \'accomd\'; 5 of 6 rows filled, 100% of the values are days' in text
    assert 'blanks = ["n/a", "tbc"]' in text
    assert not any(name in text for name in ("Neill", "Sample", "Exemplar", "Muster", "rang"))


def test_the_proposal_for_the_little_council_is_the_mapping_a_person_wrote_but_for_choices(tmp_path):
    written = load_mapping(LITTLE.with_name("little_council.mapping.toml"))
    proposed = load_mapping(write_mapping(propose_mapping(LITTLE), tmp_path / "x.mapping.toml"))
    for name in ("headings", "milestones", "words", "ignore", "header_rows"):
        assert getattr(proposed, name) == getattr(written, name), name
    assert proposed.as_at is None


@pytest.mark.parametrize(
    ("values", "form", "remark"),
    [
        (["01/02/2015", "03/04/2015"], "dd/mm/yyyy", "also be a day as mm/dd/yyyy: the UK order is taken"),
        (["13/02/2015", "03/04/2015"], "dd/mm/yyyy", ""),
        (["02/13/2015", "03/04/2015"], "mm/dd/yyyy", ""),
        (["1/2/2015", "23/4/2015"], "d/m/yyyy", ""),
        (["2015-02-13", "2015-04-03"], "yyyy-mm-dd", ""),
        (["13.02.2015", "03.04.2015"], "dd.mm.yyyy", ""),
        (["13 Feb 2015", "3 April 2015"], "d month yyyy", ""),
        (["13/02/2015", "14/02/2015", "15/02/2015", "16/02/2015", "17/02/15"], "dd/mm/yyyy", "LOOK: 1 of 5 different values"),
    ],
)
def test_the_form_of_a_column_of_dates_is_the_one_that_all_values_have(tmp_path, values, form, remark):
    rows = "".join(f"{i},2012-02-20,{value}\n" for i, value in enumerate(values))
    proposal = propose_mapping(sheet(tmp_path, f"Child ID,DOB,Panel\n{rows}"))
    assert proposal.mapping.dates["Panel"] == form
    assert remark in proposal.date_remarks.get("Panel", "") and bool(remark) == ("Panel" in proposal.date_remarks)


def test_words_alone_do_not_make_a_column_what_its_values_cannot_be(tmp_path):
    header = "Child ID,DOB,Panel,First review,Start date,Mystery\n"
    text = header + "1,2012-02-20,yes,,2014-05-01,2015-01-01\n2,2012-03-20,no,,2014-06-01,\n"
    proposal = propose_mapping(sheet(tmp_path, text))
    assert "Panel" in proposal.mapping.ignore and "Mystery" in proposal.mapping.ignore
    assert proposal.mapping.milestones == {"First review": "first_review"}
    assert "No heading was found for end_date: name it under [headings]." in proposal.remarks


def test_the_sheet_with_the_headings_is_chosen(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Guidance", "How to fill in the tracker"])
    tracker = book.create_sheet("Children")
    tracker.append(["Child ID", "DOB", "Date accommodated", "Panel"])
    tracker.append([41000, date(2012, 2, 1), date(2014, 5, 1), 42000])
    book.save(tmp_path / "tracker.xlsx")
    proposal = propose_mapping(tmp_path / "tracker.xlsx")
    assert (proposal.mapping.sheet, proposal.mapping.header_rows) == ("Children", (1,))
    assert proposal.mapping.milestones == {"Panel": "panel"}
    assert any("Sheets not read: 1" in remark for remark in proposal.remarks)


def test_a_file_without_known_headings_is_refused(tmp_path):
    with pytest.raises(InputError, match="No row of 'tracker.csv' looks like headings"):
        propose_mapping(sheet(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(InputError, match="no file 'none.csv'"):
        propose_mapping(tmp_path / "none.csv")


def test_a_mapping_that_exists_is_never_overwritten(tmp_path):
    path = tmp_path / "little_council.mapping.toml"
    path.write_text("mine")
    with pytest.raises(OutputError, match="left as it is"):
        write_mapping(propose_mapping(LITTLE), path)
    assert path.read_text() == "mine"
    with pytest.raises(OutputError, match="cannot be written"):
        write_mapping(propose_mapping(LITTLE), tmp_path / "none" / "x.mapping.toml")


def test_short_words_are_alike_only_when_they_are_the_same():
    assert plain("Date of the A&P Panel") == "a p panel".removeprefix("a ")
    assert alike("lac", "laac") == 0.0
    assert alike("panel date", "date panel") > 0.9
    assert 0.8 < alike("destination", "destinaton") < 1


HEADINGS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12).map(
    lambda text: " ".join(text.split())).filter(bool)


@settings(max_examples=60, deadline=None)
@given(st.lists(HEADINGS, min_size=5, max_size=5, unique=True), HEADINGS)
def test_any_heading_survives_the_toml(names, word):
    mapping = TrackerMapping(
        file="", headings=dict(zip(names[:4], ("child_id", "date_of_birth", "start_date", "end_date"), strict=True)),
        milestones={names[4]: "panel"}, words={"sex": {word: "F"}}, ignore=(), sheet=word,
    )
    text = mapping_text(Proposal(f"{word}.csv", mapping, (), {}, {"route": {word: 2}}, (word,)))
    read = tomllib.loads(text)
    assert (read["headings"], read["milestones"]) == (dict(mapping.headings), dict(mapping.milestones))
    assert (read["sheet"], read["words"]) == (word, {"sex": {word: "F"}, "route": {}})
