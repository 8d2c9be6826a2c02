"""The author's words: typed numbers are caught, numbers on the page name facts, words come forward."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from crash import HOOK
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.cli import main
from pace_analysis.dates import Quarter
from pace_analysis.errors import BusyError, OutputError, PaceError, SettingsError, UsageError
from pace_analysis.report.blocks import Fact
from pace_analysis.report.html import block_html
from pace_analysis.report.narrative import definitions, factsfile, forward
from pace_analysis.report.narrative.command import copy_words, typed_warning
from pace_analysis.report.narrative.numbers import numbers, typed_numbers
from pace_analysis.report.narrative.review import review
from pace_analysis.report.paper import open_paper
from pace_analysis.report.text import parse_text
from pace_analysis.settings import load_authority
from pace_analysis.study import open_study

HEAD = "To: The Board\nOn: 17 November 2015\nReport by: Head of Service\n\n# Permanence\n\n"
SPRING, SUMMER = Quarter(2015, 2), Quarter(2015, 3)


def fact(key: str, text: str, value: str = "x") -> Fact:
    return Fact(key, text, value, "what it is")


NOW = {each.key: each for each in (
    fact("waiting_total", "45"),
    fact("aim_share", "58% (95 of 165)", "95/165"),
    fact("aim_limit", "6 months"),
    fact("limits_position", "Of the children now waiting, 15 have already waited more than 6 months.", "15"),
    fact("still_needed", "Even then 15 of about 80 are late.", "80"),
)}
BEFORE = NOW | {each.key: each for each in (
    fact("waiting_total", "37"),
    fact("limits_position", "Of these, 25 have waited for more than 6 months.", "25"),
)}


def parsed(body: str, head: str = HEAD):
    return parse_text(head + body, "board.md")


def told(body: str, facts=NOW, earlier=None) -> list[str]:
    return [remark.text for remark in typed_numbers(parsed("## Summary\n\n" + body), facts, earlier, "2015Q2")]


@pytest.fixture(scope="module")
def paper(study):
    return open_paper(study)


@pytest.fixture(scope="module")
def spring() -> dict[str, Fact]:
    from pace_analysis.report.paper import paper_facts

    return paper_facts(open_study("exampleshire", "2015Q2"))


@pytest.fixture
def own_home(tmp_path, monkeypatch, spring):
    """A home with the sample authority, and its report to 2015Q2 as far as this part reads it."""
    for name in ("authorities", "aims", "pathways", "published", "sample", "text", "dictionary"):
        shutil.copytree(ROOT / "data" / name, tmp_path / "data" / name)
    report = tmp_path / "reports" / "exampleshire" / "2015Q2"
    report.mkdir(parents=True)
    factsfile.write_facts(spring, report)
    monkeypatch.setenv("PACE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pace(*arguments: str):
    return CliRunner().invoke(main, arguments)


def edit(home, old: str, new: str) -> None:
    path = home / "data" / "text" / "exampleshire.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# numbers --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "found"), [
    ("24 of 31", [("24", False), ("31", False)]),
    ("61%, 61 % and 61 per cent", [("61", True)] * 3),
    ("2,014 (P03) and 3.50", [("2014", False), ("3.5", False)]),
    ("Thirty-seven and twelve, not one or four", [("37", False), ("12", False)]),
    ("the twenty-first meeting", []),
    ("On 17 November 2015, 17th Nov, 1 to 30 June, 17/11/2015 and 2015-11-17", []),
    ("in 2014/15, 2013, 2015Q3, Q3 2015, the 1990s", []),
    ("1.2.3", [("1.2.3", False)]),
])
def test_numbers_are_told_from_dates_years_and_quarters(typed, found):
    assert [number.same for number in numbers(typed)] == found


@settings(max_examples=80, deadline=None)
@given(st.integers(11, 1899), st.sampled_from(["{}", "({})", "{}%", "{} children", "of {}.", "{}, and"]))
def test_every_whole_number_is_caught_however_it_is_set(number, frame):
    assert [found.amount for found in numbers("It was " + frame.format(f"{number:,}"))] == [str(number)]


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_no_text_breaks_the_search_and_what_is_found_stands_in_it(text):
    assert all(text[found.start :].startswith(found.written) for found in numbers(text))


@pytest.mark.parametrize(("body", "remark"), [
    ("Now 45 wait.", "Paragraph 1.1 (line 9) types 45: write {waiting_total}, which is 45."),
    ("One.\n\nTwo\nand 58 per cent.",
     "Paragraph 1.2 (line 12) types 58 per cent: write {aim_share}, which is 58% (95 of 165)."),
    ("One.\n\n- of 15",
     "The list under paragraph 1.1 (line 11) types 15, which {still_needed} and {limits_position} say too."),
    ("Some 37 wait.", "Paragraph 1.1 (line 9) types 37: it was {waiting_total} in 2015Q2, now 45."),
    ("Some 25 wait.", "Paragraph 1.1 (line 9) types 25: {limits_position} said so in 2015Q2, and no fact does now."),
    ("Some 99 wait.", "Paragraph 1.1 (line 9) types 99: no fact has it. If it is right, write {typed: 99}."),
    ("See Table 2.",
     "Paragraph 1.1 (line 9) types the number of a table: write {table:name}, which is numbered by position."),
    ("A 45% share.", "Paragraph 1.1 (line 9) types 45%: no fact has it. If it is right, write {typed: 45%}."),
    ("One.\n\n## Top 45\n\nTwo.", "The heading of section 2 (line 11) types 45: write {waiting_total}, which is 45."),
])
def test_a_typed_number_is_told_with_its_place_and_the_fact_to_write(body, remark):
    assert told(body, earlier=BEFORE) == [remark]


@pytest.mark.parametrize("body", [
    "{waiting_total} wait.", "{typed: 37} wait, and {typed: 3 of the 12 schools} took part.", "within six months",
    "the 6-month limit", "within 26 weeks", "within 182\ndays", "On 17 November 2015, in 2014/15.", "<!-- 37 --> None.",
    "One way of four.",
])
def test_facts_limits_dates_and_what_is_vouched_for_are_left_alone(body):
    assert told(body) == []


def test_the_head_may_hold_a_room_and_the_title_no_number_of_children():
    head = HEAD.replace("Head of Service", "Room 12").replace("# Permanence", "# Permanence for 99")
    (remark,) = typed_numbers(parsed("## Summary\n\nOne.", head), NOW)
    assert remark.text.startswith("The title (line 5) types 99")


def test_another_limit_is_not_the_aims():
    assert len(told("within 12 weeks")) == 1
    assert told("within 12 weeks", facts=NOW | {"aim_limit": fact("aim_limit", "12 weeks")}) == []


def test_what_is_vouched_for_is_printed_as_typed():
    text = HEAD + "## Summary\n\nIn {typed: 3 of the 12} schools, {{ {typed:4%} }}.\n"
    words = parse_text(text, "board.md").sections[0].blocks[0].pieces
    assert "".join(piece.value for piece in words) == "In 3 of the 12 schools, { 4% }."
    with pytest.raises(SettingsError, match="not a placeholder"):
        parsed("## Summary\n\n{typed: }")


# the page -------------------------------------------------------------------------------------------------------------


class _Prose(HTMLParser):
    """Of paragraphs and lists: the words outside facts and references, and every fact as (name, value, words)."""

    def __init__(self) -> None:
        super().__init__()
        self.outside, self.facts, self._open = [], [], []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag in ("p", "li") and (tag == "li" or named.get("class") == "para") or self._open:
            self._open.append(tag)
        if tag == "data":
            self.facts.append([named["data-fact"], named["value"], ""])

    def handle_endtag(self, tag):
        if self._open:
            self._open.pop()

    def handle_data(self, data):
        if self._open and self._open[-1] == "data":
            self.facts[-1][2] += data
        elif self._open and self._open[-1] in ("p", "li"):
            self.outside.append(data)


def prose_of(paper) -> _Prose:
    reader = _Prose()
    reader.feed(block_html(paper))
    return reader


def test_every_number_in_the_prose_of_the_page_names_its_fact(paper, tmp_path):
    paper.save(tmp_path)
    said = {each["key"]: each for each in json.loads((tmp_path / "facts.json").read_text(encoding="utf-8"))["facts"]}
    page = prose_of(paper.paper)
    assert list(numbers(" ".join(page.outside))) == []
    assert sum(len(list(numbers(words))) for _, _, words in page.facts) > 50
    for name, value, words in page.facts:
        assert (said[name]["value"], said[name]["text"]) == (value, words)


def test_a_typed_number_on_the_page_names_none(study, paper, tmp_path):
    text = (ROOT / "data" / "text" / "exampleshire.md").read_text(encoding="utf-8")
    (tmp_path / "words.md").write_text(text.replace("{waiting_position}", "Now 45 wait."), encoding="utf-8")
    page = prose_of(open_paper(study, paper.answers, str(tmp_path / "words.md")).paper)
    assert [found.written for found in numbers(" ".join(page.outside))] == ["45"]


def test_every_fact_has_a_value_and_a_definition(paper, spring):
    from pace_analysis.report.facts import facts

    known = facts(paper.answers)
    assert known.keys() == spring.keys() == definitions.DEFINITIONS.keys()
    assert all(each.value and each.definition.endswith(".") and len(each.definition) < 300 for each in known.values())


def test_pace_facts_lists_value_words_and_definition():
    run = pace("facts", "--authority", "exampleshire", "--quarter", "2015Q3")
    assert run.exit_code == 0, run.stderr
    shown = run.stdout.split("{waiting_total}\n")[1].splitlines()[:3]
    assert shown[1] == f"    value: {shown[0].strip()}"
    assert shown[2] == f"    what it is: {definitions.DEFINITIONS['waiting_total']}"


# facts.json -----------------------------------------------------------------------------------------------------------


def test_the_facts_of_a_report_are_read_back_and_a_changed_file_is_refused(tmp_path):
    factsfile.write_facts(NOW, tmp_path)
    assert factsfile.read_facts(tmp_path) == NOW
    good = (tmp_path / "facts.json").read_bytes()
    spaced, broken = good.replace(b'"45"', b'"46" '), good.replace(b"[", b"(", 1)
    renamed = good.replace(b'"key"', b'"clef"')
    for bad in (spaced, broken, renamed, b"\xff", b"[]", b"[" * 5000):
        (tmp_path / "facts.json").write_bytes(bad)
        with pytest.raises(OutputError, match="cannot be read"):
            factsfile.read_facts(tmp_path)


# quarter on quarter ---------------------------------------------------------------------------------------------------


def reviewed(body: str, head: str = HEAD, earlier=SPRING, quarter=SUMMER):
    return review(parsed(body, head), facts=NOW, quarter=quarter, earlier=earlier, earlier_facts=BEFORE)


@pytest.mark.parametrize("typed", [
    "in 2015Q2", "in Q2 2015", "in Q2 of 2015", "in the second quarter", "the second quarter of 2015",
    "April to June 2015",
    "since May 2015", "on 17 June", "by 30 June 2015", "on 30/6/2015", "on 2015-06-30", "in May", "during late April",
])
def test_what_still_speaks_of_the_earlier_quarter_is_found(typed):
    (remark,) = reviewed(f"## Summary\n\nOne.\n\nIt was so {typed} as well.\n").remarks
    assert remark.kind == "earlier" and remark.text.startswith("Paragraph 1.2 (line 11) still says '")


@pytest.mark.parametrize("typed", [
    "in 2015Q3", "May we", "children may wait", "They April fool", "in June 2014", "on 30 June 2014", "Since 2014Q2",
    "in the third quarter", "in July 2015", "the second quarter of 2014",
])
def test_other_quarters_and_the_word_may_are_not(typed):
    assert reviewed(f"## Summary\n\n{typed} as well.\n").remarks == ()


def test_the_same_months_of_another_year_are_told_apart_by_the_year():
    assert reviewed("## Summary\n\nIn May, and in May 2015.\n", earlier=Quarter(2014, 2), quarter=SPRING).remarks == ()
    assert len(reviewed("## Summary\n\nIn May 2014.\n", earlier=Quarter(2014, 2), quarter=SPRING).remarks) == 1


def test_a_meeting_before_the_quarter_ends_is_last_quarters():
    (remark,) = reviewed("## Summary\n\nOne.", HEAD.replace("17 November", "8 September")).remarks
    assert remark.text == ("The line 'On:' of the head (line 2) still says '8 September 2015', "
                           "and 2015Q3 ends on 30 September 2015.")
    assert reviewed("## Summary\n\nOne.", HEAD.replace("17 November", "31 September")).remarks == ()


def test_facts_that_moved_are_listed_and_pointed_out_beside_the_authors_own_words():
    found = reviewed("## Summary\n\n{limits_position} {aim_share}\n\nToo many: {waiting_total} wait.\n")
    assert found.moved == ("{limits_position} was 25, now 15", "{waiting_total} was 37, now 45")
    (remark,) = found.remarks
    assert remark.text == ("Paragraph 1.2 (line 11) speaks beside {waiting_total}, which was 37, now 45: "
                           "do the words still fit?")
    found.refuse()


def test_a_sentence_that_moved_without_numbers_is_told_without_them():
    calm = fact("run_chart", "No rule fired in this series of quarters.")
    worse = fact("run_chart", "The series has worsened over 8 quarters.")
    found = review(parsed("## Summary\n\n{run_chart}\n"), facts={"run_chart": worse}, quarter=SUMMER, earlier=SPRING,
                   earlier_facts={"run_chart": calm})
    assert found.moved == ("{run_chart} is in other words now",)


def test_an_unknown_fact_is_told_with_the_nearest_and_refused():
    found = reviewed("## Summary\n\n{waiting_totl} wait.\n")
    assert "names {waiting_totl}, which is no fact. Did you mean 'waiting_total'?" in found.text()
    with pytest.raises(SettingsError, match="line 9"):
        found.refuse()


def test_last_quarters_words_are_copied_once_and_marked(own_home):
    edit(own_home, "Exampleshire joined", "In 2015Q2 some 8765 children waited. Exampleshire joined")
    told, found = copy_words("exampleshire", "2015Q3", "2015Q2")
    path = Path("data/text/exampleshire-2015Q3.md")
    assert told == f"Copied exampleshire.md to {path}; pace report uses it for 2015Q3."
    text = path.read_text(encoding="utf-8")
    above = text[: text.index("In 2015Q2 some")].splitlines()[-2:]
    assert above == ["<!-- check: types 8765: no fact has it. If it is right, write {typed: 8765}. -->",
                     "<!-- check: still says '2015Q2'. -->"]
    assert found.compared and any(line.startswith("{waiting_position} was ") for line in found.moved)
    assert [remark.kind for remark in found.remarks if "8765" in remark.says] == ["typed"]

    path.write_text(text + "\nMy own words.\n", encoding="utf-8")
    told, again = copy_words("exampleshire", "2015Q3", "2015Q2")
    assert told == f"{path} is there already, and is left as it is."
    assert path.read_text(encoding="utf-8") == text + "\nMy own words.\n"
    assert again.remarks == found.remarks

    settings_, later = load_authority("exampleshire"), Quarter(2015, 4)
    typed, _ = forward.carried(settings_, SUMMER, later)
    assert "My own words." in typed and "<!-- check:" not in typed


NO_LINKS = """
def link(*names):
    raise OSError(95, "Operation not supported")

os.link = link
"""


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "no links on this disk"])
def test_words_are_copied_whole_or_not_at_all_whichever_step_is_the_last(tmp_path, linked):
    (tmp_path / "sitecustomize.py").write_text(HOOK + ("" if linked else NO_LINKS))
    path, after = tmp_path / "out" / "words.md", []
    path.parent.mkdir()
    code = (f"import os; from pathlib import Path; from pace_analysis.report.narrative.forward import write_once; "
            f"write_once(Path({str(path)!r}), 'words' * 9999)")

    def run(at: str = "") -> int:
        search = os.pathsep.join([str(tmp_path), str(ROOT)])
        return subprocess.run([sys.executable, "-c", code], env={
            **os.environ, "PYTHONPATH": search, "PACE_KILL_BELOW": str(path.parent), "PACE_KILL_AT": at}).returncode

    for at in range(1, 20):
        path.unlink(missing_ok=True)
        if run(str(at)) == 0:
            break
        after.append(path.read_text() if path.exists() else "nothing")
        assert run() == 0 and [one.name for one in path.parent.iterdir()] == ["words.md"]
    assert after[0] == "nothing" and set(after) <= {"nothing", "words" * 9999, *([] if linked else [""])} and len(after) > 2


def test_words_saved_meanwhile_are_not_overwritten(tmp_path, monkeypatch):
    path, link = tmp_path / "words.md", os.link

    def saved_first(source, target):
        Path(target).write_text("mine")
        return link(source, target)

    monkeypatch.setattr(os, "link", saved_first)
    assert not forward.write_once(path, "words")
    assert path.read_text() == "mine" and list(tmp_path.iterdir()) == [path]


def test_words_are_copied_by_one_run_at_a_time(tmp_path):
    with FileLock(tmp_path / ".words.md.lock"), pytest.raises(BusyError, match="Another run"):
        forward.write_once(tmp_path / "words.md", "words")
    assert not (tmp_path / "words.md").exists()


def test_the_report_of_a_quarter_takes_its_own_words(own_home):
    from pace_analysis.report.build import plan

    assert plan("exampleshire", "2015Q3").text.name == "exampleshire.md"
    assert forward.write_once(forward.quarter_path(load_authority("exampleshire"), SUMMER), "words")
    assert plan("exampleshire", "2015Q3").text.name == "exampleshire-2015Q3.md"
    assert plan("exampleshire", "2015Q2").text.name == "exampleshire.md"


def blocks(paper) -> list[tuple[str, str]]:
    placed = [block for section in paper.sections for block in section.blocks]
    return [(block.kind, "".join(piece.value for piece in block.pieces)) for block in placed]


def test_marks_never_change_the_page():
    within = "## S\n\nA.\n<!-- one\ntwo --> and 99 {waiting_total}.\n"
    for body in ("## S\n\nA 99\nand 98.\n- 97\n\n[table: x]\n", within):
        remarks = reviewed(body).remarks
        assert remarks
        marked = forward.marked(HEAD + body, remarks)
        assert blocks(parsed(body)) == blocks(parse_text(marked, "board.md"))
    assert marked == HEAD + body  # no mark within a comment


def test_a_remark_cannot_close_the_comment_it_stands_in():
    body = "## S\n\nA --> 99.\n"
    remark = replace(reviewed(body).remarks[0], says="a --> b <!-- c")
    marked = forward.marked(HEAD + body, [remark])
    assert "<!-- check: a - -> b < !- - c -->\nA --> 99." in marked


def test_words_cannot_come_from_a_later_quarter(own_home):
    with pytest.raises(UsageError, match="2015Q3 is not before 2015Q3"):
        copy_words("exampleshire", "2015Q3", "2015Q3")
    assert not (own_home / "data" / "text" / "exampleshire-2015Q3.md").exists()


def test_nothing_is_copied_when_the_facts_cannot_be_worked_out(own_home):
    with pytest.raises(PaceError):
        copy_words("exampleshire", "2016Q3", "2016Q2")
    assert list((own_home / "data" / "text").glob("*-20*")) == []


# the command ----------------------------------------------------------------------------------------------------------


def test_the_command_lists_and_with_strict_refuses(own_home):
    edit(own_home, "Exampleshire joined", "Some 8765 children waited. Exampleshire joined")
    asked = ("words", "--authority", "exampleshire", "--quarter", "2015Q3")
    free, strict = pace(*asked), pace(*asked, "--strict")
    assert (free.exit_code, "Paragraph 1.1 (line" in free.stdout, free.stderr) == (0, True, "")
    assert strict.exit_code == 10 and strict.stdout == free.stdout and "{typed: ...}" in strict.stderr
    assert pace(*asked, "--from", "2015Q2", "--text", "x.md").exit_code == 2


def test_a_finished_report_says_how_many_numbers_were_typed(tmp_path):
    text = tmp_path / "words.md"
    text.write_text(HEAD + "## Summary\n\nSome 99 of 45.\n", encoding="utf-8")
    assert typed_warning(text, tmp_path) == ""
    factsfile.write_facts(NOW, tmp_path)
    assert typed_warning(text, tmp_path) == "2 numbers in words.md are typed by hand and will not move with the data."
    text.write_text(HEAD + "## Summary\n\n{waiting_total}.\n", encoding="utf-8")
    assert typed_warning(text, tmp_path) == ""
