"""CLAS-shaped folders: blocks known by their headings, codes by the council's mapping and by nothing else."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from pace_analysis.care import follow_up
from pace_analysis.errors import InputError
from pace_analysis.extract import clas, read_extract
from pace_analysis.extract.clas.mapping import FILE, LABELS, MEANINGS, load_mapping
from pace_analysis.tables.check import check

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "data" / "clas" / "folder"
TEMPLATE = ROOT / "data" / "dictionary" / "clas_mapping_template.toml"


@pytest.fixture
def folder(tmp_path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "council")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def periods(tables) -> list[tuple]:
    dates = {name: tables.period[name].dt.strftime("%Y-%m-%d").fillna("") for name in ("start_date", "end_date")}
    frame = tables.period.assign(**dates).drop(columns="period_id").sort_values(["child_id", "start_date"])
    return list(frame.itertuples(index=False, name=None))


def milestones(tables) -> list[tuple]:
    frame = tables.milestone.assign(date=tables.milestone["date"].dt.strftime("%Y-%m-%d"))
    return list(frame.itertuples(index=False, name=None))


def test_episodes_are_cut_where_the_child_moves_between_home_and_care():
    assert periods(clas.read(FOLDER)) == [
        ("0001", "home", "2013-10-01", "not_known", "2014-02-01", "other"),
        ("0001", "away", "2014-02-01", "from_home_supervision", "2015-05-01", "home"),
        ("0001", "home", "2015-05-01", "not_known", "", ""),
        ("0002", "away", "2014-01-10", "not_known", "2014-12-20", "adopted"),
        ("0003", "home", "2014-05-05", "not_known", "2014-06-30", "home"),
        ("0003", "away", "2015-03-01", "not_known", "", ""),
        ("0004", "short_break", "2014-09-01", "not_known", "2014-09-12", "home"),
    ]


def test_the_permanence_block_and_legal_reasons_give_the_milestones():
    assert milestones(clas.read(FOLDER)) == [
        ("0001/2013-10-01", "home_supervision_start", "2013-10-01", ""),
        ("0001/2014-02-01", "permanence_recommendation", "2014-06-20", ""),
        ("0002/2014-01-10", "permanence_recommendation", "2014-03-03", ""),
        ("0002/2014-01-10", "agency_decision", "2014-03-20", ""),
        ("0002/2014-01-10", "court_lodged", "2014-09-01", ""),
        ("0002/2014-01-10", "order_granted", "2014-12-20", "adoption"),
        ("0003/2015-03-01", "permanence_recommendation", "2015-04-20", ""),
        ("0003/2015-03-01", "agency_decision", "2015-05-01", ""),
        ("0003/2015-03-01", "court_lodged", "2015-05-15", ""),
        ("0003/2015-03-01", "order_granted", "2015-06-20", "permanence_order"),
    ]


def test_rows_read_are_rows_used_and_rows_set_aside_in_every_block():
    extract = clas.read(FOLDER).extract
    aside = {}
    for said, count in extract.set_aside:
        file, reason = said.split(": ", 1)
        aside.setdefault(file, {})[reason] = count
    assert aside == {
        "child.csv": {"without a date of birth": 1},
        "episode.csv": {
            "without a first day": 1, "without a placement, so that it is not known whether at home or away": 1,
        },
        "placement.csv": {
            "outside every episode of the child": 2, "replaced by another placement of the same first day": 1,
            "without a first day": 1,
        },
        "permanence.csv": {"of a child without a period of care": 1, "without a date to use": 1},
        "legal_reason.csv": {"of a legal reason that is no milestone": 2},
    }
    for file, reasons in aside.items():
        rows = len((FOLDER / file).read_text(encoding="utf-8").splitlines()) - 1
        assert any(
            note.startswith(f"{file}: {rows} rows read, {rows - sum(reasons.values())} used") for note in extract.notes
        )


def test_the_extract_can_be_checked_and_counted():
    tables = read_extract(FOLDER)
    assert tables.extract.form == "clas"
    assert (tables.extract.as_at, tables.extract.covers_from) == (date(2015, 7, 31), date(2014, 8, 1))
    assert check(tables).errors == 0
    waits = follow_up(tables)
    assert waits.frame["last_day"].to_dict() == {"0003/2015-03-01": 50}  # the others ended before the window opens
    assert waits.left_out["ended before the extract's window opens"] == 2
    assert follow_up(clas.read(FOLDER, covers_from=date(2013, 8, 1))).frame["last_day"].to_dict() == {
        "0001/2014-02-01": 139, "0002/2014-01-10": 52, "0003/2015-03-01": 50,
    }


def test_headings_may_be_the_council_s_own(folder):
    edit(folder / "child.csv", "Date of birth", "DoB")
    with pytest.raises(InputError, match="No file is the child block"):
        clas.read(folder)
    edit(folder / FILE, "[codes.gender]", '[headings.child]\ndate_of_birth = "DOB"\n[codes.gender]')
    assert len(clas.read(folder).child) == 5


def test_fields_that_a_council_lacks_are_blank(folder):
    edit(folder / "child.csv", "Gender", "Other")
    edit(folder / "permanence.csv", "Order type", "Other")
    blank = '[headings.child]\ngender = ""\n[headings.permanence]\norder_type = ""\n[codes.gender]'
    edit(folder / FILE, "[codes.gender]", blank)
    tables = clas.read(folder)
    assert set(tables.child["sex"]) == {""}
    assert {route for _, name, _, route in milestones(tables) if name == "order_granted"} == {"", "permanence_order"}


@pytest.mark.parametrize(("file", "value", "field", "row"), [
    ("child.csv", "g-m", "gender", 3), ("episode.csv", "d-adopted", "destination", 3),
    ("placement.csv", "p-respite", "placement_type", 10), ("legal_reason.csv", "l-s25", "legal_reason", 4),
    ("permanence.csv", "o-adoption", "order_type", 3),
])
def test_a_code_that_is_not_in_the_mapping_stops_the_reading(folder, file, value, field, row):
    edit(folder / file, value, "q-new")
    with pytest.raises(InputError, match="'q-new' is not in the mapping") as refused:
        clas.read(folder)
    assert refused.value.where == f"{file}, row {row}, column {LABELS[field_block(field)][field]}"
    assert f"[codes.{field}]" in refused.value.remedy


def field_block(field: str) -> str:
    return next(block for block, fields in LABELS.items() if field in fields)


def test_without_a_mapping_nothing_is_assumed(folder):
    (folder / FILE).unlink()
    with pytest.raises(InputError, match="Nothing says what the codes mean") as refused:
        read_extract(folder)
    assert "clas_mapping_template.toml" in refused.value.remedy


def test_the_template_can_be_copied_and_holds_no_code(folder):
    shutil.copy(TEMPLATE, folder / FILE)
    mapping = load_mapping(folder)
    assert mapping.headings == {block: dict(fields) for block, fields in LABELS.items()}
    assert mapping.codes == {field: {} for field in MEANINGS}
    with pytest.raises(InputError, match="is not in the mapping"):
        clas.read(folder)


def test_the_template_names_every_meaning_that_a_list_may_have():
    text = TEMPLATE.read_text(encoding="utf-8")
    for field in ("gender", "destination", "order_type", "placement_type"):
        above = text[: text.index(f"[codes.{field}]")].splitlines()[-1]
        assert all(meaning in above for meaning in MEANINGS[field]), field
    known = {meaning for meanings in MEANINGS.values() for meaning in meanings}
    for line in text.split("[codes.gender]", 1)[1].splitlines():
        if '" = "' in line:
            assert line.startswith('# "your code') and line.rsplit('"', 2)[1] in known


@pytest.mark.parametrize(("text", "says"), [
    ("[code.gender]\n", "'code' is not known"),
    ("[headings.chidl]\n", "'chidl' is not known"),
    ("[headings.child]\nsurname = 'x'\n", "'surname' is not known"),
    ("[headings.child]\nid_number = ''\n", "heading of id_number in the child block is blank"),
    ("[codes.sex]\n", "'sex' is not known"),
    ("[codes.gender]\n1 = 'male'\n", "'male' is not known"),
    ("[codes.gender]\n1 = 1\n", "must hold lines of text"),
    ("codes = 1\n", "must hold lines of text"),
    ("[codes\n", "cannot be read"),
])
def test_a_mapping_that_cannot_be_used_says_why(folder, text, says):
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says) as refused:
        clas.read(folder)
    assert FILE in refused.value.where


def test_two_files_of_one_block_are_refused(folder):
    shutil.copy(folder / "episode.csv", folder / "episode old.csv")
    with pytest.raises(InputError, match="Two files are the episode block"):
        read_extract(folder)


def test_files_of_no_block_are_said_not_to_be_read(folder):
    (folder / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "notes.csv has the headings of no block and was not read." in clas.read(folder).extract.notes


def test_a_date_that_cannot_be_read_shows_no_date_of_birth(folder):
    edit(folder / "child.csv", "03/06/2013", "3.6.2013")
    with pytest.raises(InputError) as refused:
        clas.read(folder)
    assert refused.value.where == "child.csv, row 3, column Date of birth" and "3.6.2013" not in str(refused.value)


def test_facts_beside_the_files_win_over_what_is_taken_from_the_data(folder):
    facts = 'source = "A council"\nas_at = 2015-09-30\ncovers_from = 2013-08-01\n'
    (folder / "extract.toml").write_text(facts, encoding="utf-8")
    extract = read_extract(folder).extract
    assert (extract.source, extract.as_at, extract.covers_from) == ("A council", date(2015, 9, 30), date(2013, 8, 1))
    assert clas.read(folder, as_at=date(2015, 8, 31)).extract.as_at == date(2015, 8, 31)


@pytest.mark.parametrize(("text", "says"), [
    ("until = 2015-09-30\n", "'until' is not known"),
    ("as_at = '30/09/2015'\n", "as_at is not a day"),
    ("as_at =\n", "cannot be read"),
])
def test_facts_that_cannot_be_used_say_why(folder, text, says):
    (folder / "extract.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        clas.read(folder)


def test_a_recommendation_on_the_day_of_accommodation_belongs_to_the_care_that_begins(folder):
    edit(folder / "permanence.csv", "20/06/2014", "01/02/2014")
    assert ("0001/2014-02-01", "permanence_recommendation", "2014-02-01", "") in milestones(clas.read(folder))
