"""Valid files damaged in fifty ways: the same tables, or one clear error with file and row; never silence.

Outcomes: ``same`` tables; ``refused`` with a PaceError that names the file (``refused at a row``: and the row);
``rule``: read, and a rule finds what was not found before; ``said``: read otherwise, and a note says that the file
may be cut off.
"""

import csv
import io
import random
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.errors import PaceError
from pace_analysis.extract import read_extract
from pace_analysis.tables.check import check

Rows = list[list[str]]
AS_AT = {"as_at": date(2015, 9, 30), "covers_from": date(2010, 4, 1)}
FILES: dict[str, Rows] = {
    "child.csv": [
        ["child_id", "date_of_birth", "sex", "sibling_group"],
        ["0042", "2012-02-01", "F", "Zoë"], ["0043", "2010-06-15", "M", "Zoë"], ["0044", "2013-03-03", "", "André"],
        ["0045", "2009-04-04", "F", ""], ["0046", "2011-11-30", "M", ""],
    ],
    "period.csv": [
        ["period_id", "child_id", "kind", "start_date", "start_reason", "end_date", "end_reason"],
        ["1", "0042", "away", "2014-05-01", "new", "", ""],
        ["2", "0043", "away", "2014-06-01", "new", "2014-12-01", "home"],
        ["3", "0044", "away", "2013-03-10", "new", "2013-08-20", "home"],
        ["4", "0044", "away", "2015-01-09", "new", "", ""],
        ["5", "0045", "away", "2013-05-05", "", "2015-06-06", "kinship_order"],
        ["6", "0046", "away", "2015-05-06", "", "", ""],
    ],
    "milestone.csv": [
        ["period_id", "milestone", "date", "route"],
        ["1", "permanence_recommendation", "2014-09-30", "adoption"], ["1", "panel", "2015-01-12", ""],
        ["4", "permanence_recommendation", "2015-07-02", "home"],
        ["5", "permanence_recommendation", "2013-10-07", "kinship"],
    ],
    "tracker.csv": [
        ["No", "DoB", "Siblings", "Accommodated", "Ceased", "Destination", "Review", "Plan", "Panel"],
        ["0042", "2012-02-01", "Zoë", "2014-05-01", "", "", "2014-09-30", "Adoption", "2015-01-12"],
        ["0043", "2010-06-15", "Zoë", "2014-06-01", "2014-12-01", "Returned home", "", "", ""],
        ["0044", "2013-03-03", "André", "2013-03-10", "2013-08-20", "Returned home", "", "", ""],
        ["0044", "2013-03-03", "André", "2015-01-09", "", "", "2015-07-02", "Home", "2015-08-03"],
        ["0045", "2009-04-04", "", "2013-05-05", "2015-06-06", "KCO", "2013-10-07", "Kinship", ""],
    ],
}
MAPPING = """\
[headings]
"No" = "child_id"
"DoB" = "date_of_birth"
"Siblings" = "sibling_group"
"Accommodated" = "start_date"
"Ceased" = "end_date"
"Destination" = "end_reason"
[milestones]
"Review" = "permanence_recommendation"
"Panel" = "panel"
[routes]
"Review" = "Plan"
[words.end_reason]
"Returned home" = "home"
"KCO" = "kinship_order"
"""
WITH_ACCENTS = ("child.csv", "tracker.csv")
ALL = tuple(FILES)
IDS = ("child_id", "period_id", "No")
OTHER_DATES = (  # every way but one of writing a day, and days that do not exist (disclosure threat T20)
    "{:%d/%m/%Y}", "{:%m/%d/%Y}", "{:%d/%m/%y}", "{:%d-%m-%Y}", "{:%d.%m.%Y}", "{:%Y/%m/%d}", "{:%Y%m%d}",
    "{:%y-%m-%d}", "{:%d %b %Y}", "{:%d-%b-%y}", "{:%B %d, %Y}", "{:%Y-%m-%d} 00:00:00", "{:%Y-%m-%d}T00:00:00Z",
    "{:%Y-%m}", "{:%Y}", "2015-2-3", "2015-02-30", "2015-13-01", "2015-00-10", "31/02/2015", "29/02/2015",
    "0015-02-03", "9999-12-31", "42036", "42036.0", "1422921600", "٢٠١٥-٠٢-٠٣", "2015–02–03", "n/a", "TBC", "NULL",
    "-", "=TODAY()",
)


def as_csv(rows: Rows, **form) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", **form).writerows(rows)
    return text.getvalue()


def folder_of(folder: Path, name: str) -> Path:
    """Write the undamaged files of which ``name`` is one; return what to read."""
    folder.mkdir()
    for file, rows in FILES.items():
        (folder / file).write_text(as_csv(rows), encoding="utf-8")
    if name == "tracker.csv":
        (folder / "tracker.mapping.toml").write_text(MAPPING)
        return folder / name
    return folder


def book_of(folder: Path) -> Path:
    """Write the canonical tables as a workbook whose days are cells of days."""
    folder.mkdir()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in ("child", "period", "milestone"):
        sheet = book.create_sheet(name)
        for row in FILES[f"{name}.csv"]:
            days = [re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in row]
            sheet.append([date.fromisoformat(v) if day else v or None for v, day in zip(row, days, strict=True)])
    book.save(folder / "extract.xlsx")
    return folder / "extract.xlsx"


def contents(path: Path):
    """Tables without the numbers and order of rows, and how many findings the rules have."""
    tables = read_extract(path, **AS_AT)
    rows = {name: sorted(map(tuple, frame.astype(str).itertuples(index=False))) for name, frame in tables}
    return rows, len(check(tables).findings), "\n".join(tables.extract.notes)


def outcome(path: Path, before) -> str:
    try:
        rows, findings, notes = contents(path)
    except PaceError as error:
        assert re.search(r"\w+\.(csv|xlsx|toml)|extract|damaged", error.where), f"no file in: {error.where}"
        assert error.what and error.remedy
        assert not re.search(r"2012-02-01|01/02/2012|Zo[eë]|Andr", str(error)), "a date of birth or a name is shown"
        return "refused at a row" if re.search(r"(row|rows|line|cell) \w?\d+", error.where) else "refused"
    if rows == before[0]:
        return "same"
    if findings > before[1]:
        return "rule"
    return "said" if "does not end with a line break" in notes else "changed silently"


# ---- damages: rows of a file and a source of chance to the bytes of a damaged file -------------------------------


def text_of(change: Callable[[str, random.Random], str | bytes]):
    def damage(rows: Rows, chance: random.Random) -> bytes:
        text = change(as_csv(rows), chance)
        return text.encode("utf-8") if isinstance(text, str) else text

    return damage


def rows_of(change: Callable[[Rows, random.Random], Rows | None], **form):
    def damage(rows: Rows, chance: random.Random) -> bytes:
        copy = [list(row) for row in rows]
        return as_csv(change(copy, chance) or copy, **form).encode("utf-8")

    return damage


def cut(text: str, chance: random.Random) -> str:
    """Cut within a line: a file cut between two lines is a shorter valid file."""
    places = [i for i in range(1, len(text)) if "\n" not in text[i - 1:i + 1]]
    return text[:chance.choice(places)]


def insert(text: str, chance: random.Random, what: str) -> str:
    place = chance.randrange(text.index("\n") + 1, len(text) - 1)
    return text[:place] + what + text[place:]


def shuffle_columns(rows: Rows, chance: random.Random) -> Rows:
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    return [[row[i] for i in order] for row in rows]


def shuffle_rows(rows: Rows, chance: random.Random) -> Rows:
    return [rows[0], *chance.sample(rows[1:], len(rows) - 1)]


def at_random_row(change: Callable[[list[str], random.Random], None]):
    def damage(rows: Rows, chance: random.Random) -> None:
        change(chance.choice(rows[1:]), chance)

    return damage


def in_column(rows: Rows, chance: random.Random, columns: list[int], change: Callable[[str], str]) -> None:
    column = chance.choice(columns)
    row = chance.choice([row for row in rows[1:] if row[column]])
    row[column] = change(row[column])


def other_date(rows: Rows, chance: random.Random) -> None:
    """Write one day another way in a column that holds several."""
    is_day = re.compile(r"\d{4}-\d\d-\d\d").fullmatch
    columns = [i for i in range(len(rows[0])) if sum(bool(is_day(row[i])) for row in rows) > 1]
    form = chance.choice(OTHER_DATES)
    in_column(rows, chance, columns, lambda value: form.format(date.fromisoformat(value)))


def hidden_character(rows: Rows, chance: random.Random) -> None:
    columns = [i for i, name in enumerate(rows[0]) if name in IDS]
    hidden = chance.choice("\u200b\u00ad\u202e\ufeff\u0007")
    in_column(rows, chance, columns, lambda value: value[:1] + hidden + value[1:])


def unknown_code(rows: Rows, chance: random.Random) -> None:
    names = ("sex", "kind", "start_reason", "end_reason", "milestone", "route", "Destination", "Plan")
    in_column(rows, chance, [i for i, name in enumerate(rows[0]) if name in names], lambda value: value + "x")


def heading(change: Callable[[str], str]):
    required = ("child_id", "date_of_birth", "period_id", "kind", "milestone", "date", "No", "DoB", "Panel")

    def damage(rows: Rows, chance: random.Random) -> None:
        place = chance.choice([i for i, name in enumerate(rows[0]) if name in required])
        rows[0][place] = change(rows[0][place])

    return damage


def drop_column(rows: Rows, chance: random.Random) -> Rows:
    needed = ("child_id", "period_id", "date", "kind", "No", "Ceased")
    gone = rows[0].index(chance.choice([name for name in rows[0] if name in needed]))
    return [row[:gone] + row[gone + 1:] for row in rows]


def blank_rows(rows: Rows, chance: random.Random) -> None:
    for _ in range(3):
        rows.insert(chance.randrange(1, len(rows) + 1), [""] * len(rows[0]))


def one_line_in_windows_1252(text: str, chance: random.Random) -> bytes:
    lines = [line.encode("utf-8") for line in text.splitlines(keepends=True)]
    place = chance.choice([i for i, line in enumerate(lines) if not line.isascii()])
    lines[place] = lines[place].decode("utf-8").encode("cp1252")
    return b"".join(lines)


def break_line(text: str, chance: random.Random) -> str:
    commas = [i for i, c in enumerate(text) if c == "," and i > text.index("\n")]
    place = chance.choice(commas)
    return text[:place] + "\n" + text[place:]


SAME, REFUSED, AT_ROW = {"same"}, {"refused", "refused at a row"}, {"refused at a row"}
CUT = {*REFUSED, "said", "rule", "same"}
DAMAGES: dict[str, tuple[Callable[[Rows, random.Random], bytes], set[str], tuple[str, ...]]] = {
    "cut within a line": (text_of(cut), CUT, ALL),
    "no last line end": (text_of(lambda text, _: text[:-1]), SAME, ALL),
    "columns shuffled": (rows_of(shuffle_columns), SAME, ALL),
    "rows shuffled": (rows_of(shuffle_rows), SAME, ("child.csv", "period.csv", "milestone.csv")),
    "byte order mark": (text_of(lambda text, _: text.encode("utf-8-sig")), SAME, ALL),
    "utf-16 with its mark": (text_of(lambda text, _: text.encode("utf-16")), SAME, ALL),
    "utf-16 without a mark": (text_of(lambda text, _: text.encode("utf-16-le")), REFUSED, ALL),
    "utf-32": (text_of(lambda text, _: text.encode("utf-32")), REFUSED, ALL),
    "windows-1252": (text_of(lambda text, _: text.encode("cp1252")), SAME, WITH_ACCENTS),
    "utf-8 taken for windows-1252": (text_of(lambda t, _: t.encode().decode("cp1252")), AT_ROW, WITH_ACCENTS),
    "two encodings": (text_of(one_line_in_windows_1252), AT_ROW, WITH_ACCENTS),
    "a NUL": (text_of(partial(insert, what="\0")), AT_ROW, ALL),
    "quotation mark not closed": (text_of(lambda text, _: text.replace("\n", '\n"', 1)), AT_ROW, ALL),
    "quoted value goes on": (text_of(lambda text, _: re.sub(r"\n(\w+),", r'\n"\1"x,', text, count=1)), AT_ROW, ALL),
    "every value quoted": (rows_of(lambda rows, _: rows, quoting=csv.QUOTE_ALL), SAME, ALL),
    "spaces around values": (rows_of(lambda rows, _: [[f" {v}\u00a0" for v in row] for row in rows]), SAME, ALL),
    "Windows line ends": (text_of(lambda text, _: text.replace("\n", "\r\n")), SAME, ALL),
    "old Macintosh line ends": (text_of(lambda text, _: text.replace("\n", "\r")), SAME, ALL),
    "semicolons": (rows_of(lambda rows, _: rows, delimiter=";"), REFUSED, ALL),
    "tabs": (rows_of(lambda rows, _: rows, delimiter="\t"), REFUSED, ALL),
    "blank rows": (rows_of(blank_rows), SAME, ALL),
    "empty lines": (text_of(lambda text, _: text.replace("\n", "\n\n")), SAME, ALL),
    "a heading twice": (rows_of(lambda rows, _: [[*row, row[0]] for row in rows]), REFUSED, ALL),
    "a heading blank": (rows_of(heading(lambda name: "")), REFUSED, ALL),
    "a heading misspelt": (rows_of(heading(lambda name: name + "e")), REFUSED, ALL),
    "a heading in capitals": (rows_of(heading(lambda name: name.swapcase())), REFUSED, ALL),
    "no headings": (rows_of(lambda rows, _: rows[1:]), REFUSED, ALL),
    "a column gone": (rows_of(drop_column), REFUSED, ALL),
    "a value more": (rows_of(at_random_row(lambda row, _: row.append("x"))), AT_ROW, ALL),
    "a value less": (rows_of(at_random_row(lambda row, _: row.pop())), AT_ROW, ALL),
    "a line broken in two": (text_of(break_line), AT_ROW, ALL),
    "a day written otherwise": (rows_of(other_date), AT_ROW, ALL),
    "a hidden character in a number": (rows_of(hidden_character), AT_ROW, ALL),
    "an unknown code": (rows_of(unknown_code), AT_ROW, ALL),
    "a row twice": (rows_of(lambda rows, chance: [*rows, chance.choice(rows[1:])]), {"rule"}, ALL),
    "an empty file": (lambda rows, chance: b"", REFUSED, ALL),
    "no text": (lambda rows, chance: chance.randbytes(400), REFUSED, ALL),
}


def zip_bomb(path: Path, chance: random.Random) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet9.xml", bytes(20_000_000))


def cut_off(path: Path, chance: random.Random) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:chance.randrange(1, len(raw))])


def flip(path: Path, chance: random.Random) -> None:
    raw = bytearray(path.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)


def in_sheet(change: Callable, path: Path, chance: random.Random) -> None:
    book = openpyxl.load_workbook(path)
    change(book["period"], chance)
    book.save(path)


def set_start(value: object):
    def change(sheet, chance) -> None:
        sheet.cell(chance.randrange(2, 8), 4).value = value

    return partial(in_sheet, change)


BOOK_DAMAGES: dict[str, tuple[Callable[[Path, random.Random], None], set[str]]] = {
    "cut off": (cut_off, REFUSED),
    "a bit flipped": (flip, {"same", *REFUSED}),
    "a zip bomb": (zip_bomb, REFUSED),
    "no workbook": (lambda path, chance: path.write_text("child_id,date_of_birth\n"), REFUSED),
    "a day as text": (set_start("01/02/2015"), AT_ROW),
    "a day with an hour": (set_start(pd.Timestamp(2015, 2, 1, 14).to_pydatetime()), AT_ROW),
    "a number that is no day": (set_start(1e9), AT_ROW),
    "a formula never calculated": (set_start("=D2+1"), AT_ROW),
    "a formula's error": (set_start("#VALUE!"), AT_ROW),
    "a value right of the headings": (partial(in_sheet, lambda s, c: s.cell(3, 9, "x") and None), AT_ROW),
    "a sheet gone": (partial(in_sheet, lambda s, c: s.parent.remove(s)), REFUSED),
    "days as plain numbers": (partial(in_sheet, lambda s, c: [
        setattr(row[3], "number_format", "General") for row in s.iter_rows(min_row=2)] and None), SAME),
}


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before")
    found = {name: contents(folder_of(folder / name, name)) for name in ALL}
    return found | {"book": contents(book_of(folder / "book"))}


def damaged(folder: Path, damage: str, name: str, seed: int, before) -> None:
    change, allowed, _ = DAMAGES[damage]
    path = folder_of(folder, name)
    (folder / name).write_bytes(change(FILES[name], random.Random(seed)))
    found = outcome(path, before[name])
    shutil.rmtree(folder)
    assert found in allowed, f"{damage} of {name}, seed {seed}: {found}"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_text_file_is_read_the_same_or_refused(tmp_path, before, damage):
    for name in DAMAGES[damage][2]:
        damaged(tmp_path / "x", damage, name, 1, before)


@pytest.mark.parametrize("damage", BOOK_DAMAGES)
def test_a_damaged_workbook_is_read_the_same_or_refused(tmp_path, before, damage):
    change, allowed = BOOK_DAMAGES[damage]
    for seed in range(3):
        path = book_of(tmp_path / str(seed))
        change(path, random.Random(seed))
        assert outcome(path, before["book"]) in allowed


@settings(max_examples=40, deadline=None, derandomize=True)
@given(damage=st.sampled_from(sorted(DAMAGES)), seed=st.integers(0, 10**6), data=st.data())
def test_chance_finds_no_damage_that_passes_in_silence(tmp_path_factory, before, damage, seed, data):
    name = data.draw(st.sampled_from(DAMAGES[damage][2]))
    damaged(tmp_path_factory.mktemp("chance") / "x", damage, name, seed, before)
