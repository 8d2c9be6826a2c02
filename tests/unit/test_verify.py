"""A finished report is what was released, to the last byte, or the file that is not is named."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pace_analysis.dates import Quarter
from pace_analysis.errors import DisclosureRefused, OutputError
from pace_analysis.ledger import PUBLISHED, Figure, Ledger, LedgerError, ReleaseRecord
from pace_analysis.publish.profiles import PUBLIC
from pace_analysis.report.manifest import make_manifest, sha256
from pace_analysis.report.released import NAME as RELEASED
from pace_analysis.report.released import ReleasedFile
from pace_analysis.report.verify import digest, released_heads, sealed, verify

CELLS = (Figure(("waiting", "2015Q3", "under 13 weeks"), 15), Figure(("adoptions", "2014/15"), 24, PUBLISHED))
FILES = {
    "board_report.html": b"<!DOCTYPE html>\n<p>15 children</p>\n",
    "tables/waiting.csv": b"Time waited,Children\r\nunder 13 weeks,15\r\n",
    "figures/figure-1.png": b"\x89PNG\r\n\x1a\n\x00\x00",
    "figures/figure-1.svg": b"<svg/>",
    "figures/figure-1.txt": b"A line falls.",
}


def release(cells: tuple[Figure, ...], text: str, because: str = "") -> ReleaseRecord:
    quarter = Quarter(2015, 3)
    return ReleaseRecord("board-2015Q3", quarter.last_day, quarter, PUBLIC, cells, because, manifest=digest(text))


def write_report(folder: Path, ledger: Path, cells=CELLS, profile="public", because="") -> Ledger:
    """Write a report as a run does: files, figures, a place in the ledger, the manifest last."""
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / RELEASED).write_text(ReleasedFile(tuple(sorted(cells, key=lambda cell: cell.key))).text, encoding="utf-8", newline="\n")
    outputs = {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*") if path.is_file()}
    text = make_manifest(parameters={"authority": "exampleshire", "quarter": "2015Q3"}, profile=profile,
                         inputs={"data/x.csv": "0" * 64}, outputs=outputs)
    book = Ledger.open(ledger, "exampleshire")
    if profile == "public":
        record = release(cells, text, because)
        book = book.append(record)
        text = sealed(text, book.latest(record.id)[-1].head)
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
    return book


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_report(home / "reports" / "2015Q3", home / "data" / "private" / "exampleshire" / "ledger.jsonl")
    return home


@pytest.fixture
def home(written, tmp_path, monkeypatch) -> Path:
    copy = shutil.copytree(written, tmp_path / "home")
    monkeypatch.setenv("PACE_HOME", str(copy))
    monkeypatch.delenv("PACE_PRIVATE")
    return copy


@pytest.fixture
def report(home) -> Path:
    return home / "reports" / "2015Q3"


def edit(path: Path, change) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    text = json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def ledger_of(home: Path) -> Path:
    return home / "data" / "private" / "exampleshire" / "ledger.jsonl"


class TestWhole:
    def test_a_report_as_it_was_written(self, report):
        found = verify(report)
        assert (found.files, found.figures, found.head.seq, found.revised) == (6, 2, 3, ())
        assert found.text() == ("2015Q3: 6 files are as they were written.\n"
                                "2 figures are in the ledger with equal values, up to line 3.")

    def test_a_ledger_elsewhere_and_no_ledger_at_all(self, report, home, tmp_path):
        moved = ledger_of(home).parent.rename(tmp_path / "moved") / "ledger.jsonl"
        assert verify(report, ledger=moved).figures == 2
        with pytest.raises(LedgerError, match="line 3 of the ledger, which is no longer there"):
            verify(report)
        assert "not compared with a ledger" in verify(report, files_only=True).text()

    def test_a_figure_corrected_later_is_named_and_the_report_still_holds(self, report, home):
        changed = (Figure(CELLS[0].key, 20), CELLS[1])
        write_report(home / "reports" / "again", ledger_of(home), changed, because="a late record")
        assert verify(report).revised == (CELLS[0].key,)
        assert "Corrected by a later release: waiting, 2015Q3, under 13 weeks." in verify(report).text()
        assert verify(home / "reports" / "again").revised == ()

    def test_an_internal_report_is_in_no_ledger(self, home):
        folder = home / "reports" / "internal"
        write_report(folder, ledger_of(home), profile="internal")
        assert verify(folder).head is None
        (folder / "tables" / "waiting.csv").unlink()
        with pytest.raises(OutputError, match="missing: tables/waiting.csv"):
            verify(folder)

    def test_writing_the_same_report_again_ends_at_the_same_line(self, tmp_path):
        path = tmp_path / "own" / "ledger.jsonl"
        first, again = write_report(tmp_path / "first", path), write_report(tmp_path / "again", path)
        assert first == again and len(again.releases()) == 1
        manifests = [(tmp_path / name / "manifest.json").read_bytes() for name in ("first", "again")]
        assert manifests[0] == manifests[1]

    def test_heads_of_all_reports_are_gathered(self, report, home):
        write_report(home / "reports" / "internal", ledger_of(home), profile="internal")
        heads = released_heads(home / "reports")
        assert [head.seq for head in heads] == [3]
        assert Ledger.open(ledger_of(home), "exampleshire", released=heads).head == heads[0]
        assert released_heads(home / "nothing") == ()


class TestChanged:
    @pytest.mark.parametrize("name", [*FILES, RELEASED, "manifest.json"])
    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data(), flip=st.integers(1, 255))
    def test_one_flipped_byte_in_any_file_names_it(self, report, name, data, flip):
        path = report / name
        whole = path.read_bytes()
        place = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1:])
        try:
            with pytest.raises((OutputError, LedgerError)) as found:
                verify(report)
        finally:
            path.write_bytes(whole)
        # what the manifest says of other files and of the ledger can be changed in it as well
        assert name == "manifest.json" or found.value.where == f"changed: {name}"
        assert found.value.exit_code in (13, 15)

    def test_a_manifest_that_says_the_same_in_another_form_is_named(self, report):
        path = report / "manifest.json"
        path.write_text(path.read_text(encoding="utf-8").replace("\n", " ", 1), encoding="utf-8", newline="\n")
        with pytest.raises(OutputError, match="changed: .*manifest.json"):
            verify(report)

    def test_missing_and_added_files_are_named_together(self, report):
        (report / "figures" / "figure-1.svg").unlink()
        (report / "tables" / "more.csv").write_text("x")
        (report / "board_report.html").write_text("x")
        with pytest.raises(OutputError, match="not as it was written") as found:
            verify(report)
        assert found.value.where == "changed: board_report.html; missing: figures/figure-1.svg; added: tables/more.csv"
        assert found.value.exit_code == 15

    def test_no_manifest_and_no_folder(self, report):
        (report / "manifest.json").unlink()
        for folder in (report, report / "nothing"):
            with pytest.raises(OutputError, match="not the folder of a finished report"):
                verify(folder)

    @pytest.mark.parametrize("change", [
        lambda said: said["versions"].update(pandas="9.9"),
        lambda said: said.update(profile="internal"),
        lambda said: said["inputs"].clear(),
    ])
    def test_a_manifest_edited_with_care_is_found_through_the_ledger(self, report, change):
        edit(report / "manifest.json", change)
        with pytest.raises(OutputError, match="changed: .*manifest.json"):
            verify(report)

    @pytest.mark.parametrize("change", [
        lambda said: said.pop("outputs"),
        lambda said: said["parameters"].update(authority="../elsewhere"),
        lambda said: said.update(profile="none"),
        lambda said: said["ledger_head"].update(seq="3"),
        lambda said: said["ledger_head"].update(seq=True),
        lambda said: said["ledger_head"].update(seq=0),
        lambda said: said["ledger_head"].update(more=1),
        lambda said: said.update(ledger_head=None),
    ])
    def test_a_manifest_that_cannot_be_one_is_named(self, report, change):
        edit(report / "manifest.json", change)
        with pytest.raises(OutputError, match="changed: .*manifest.json"):
            verify(report)

    def test_a_public_report_without_a_place_in_the_ledger_is_refused(self, report, home):
        edit(report / "manifest.json", lambda said: said.pop("ledger_head"))
        with pytest.raises(LedgerError, match="names no line of the ledger"):
            verify(report)
        book = Ledger.open(ledger_of(home), "exampleshire")
        edit(report / "manifest.json", lambda said: said.update(ledger_head=dataclasses.asdict(book.entries[1].head)))
        with pytest.raises(LedgerError, match="No release ends at line 2"):
            verify(report)

    def test_figures_that_the_ledger_does_not_hold_are_named(self, report, home):
        """The file of figures was never what was appended, and its hash and the manifest's are both right."""
        folder = home / "reports" / "wrong"
        shown = (Figure(CELLS[0].key, 20), CELLS[1])
        path = ledger_of(home).parent / "other.jsonl"
        write_report(folder, path, shown)
        (folder / RELEASED).write_text(ReleasedFile(tuple(sorted(CELLS, key=lambda cell: cell.key))).text, encoding="utf-8", newline="\n")
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        said["outputs"][RELEASED] = sha256(folder / RELEASED)
        text = json.dumps(said)
        book = Ledger.open(path, "exampleshire").append(release(shown, text))
        (folder / "manifest.json").write_text(sealed(text, book.head), encoding="utf-8", newline="\n")
        with pytest.raises(DisclosureRefused, match="1 figure.* not as the ledger holds") as found:
            verify(folder, ledger=path)
        assert found.value.where == "waiting, 2015Q3, under 13 weeks"

    def test_an_edited_ledger_is_refused_by_line(self, report, home):
        path = ledger_of(home)
        path.write_bytes(path.read_bytes().replace(b'"value":15', b'"value":20'))
        with pytest.raises(LedgerError, match="Line 2 of the ledger was changed"):
            verify(report)

    def test_a_report_that_says_no_figures_is_refused(self, home):
        folder = home / "reports" / "silent"
        path = ledger_of(home).parent / "other.jsonl"
        write_report(folder, path)
        (folder / RELEASED).unlink()
        said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        del said["outputs"][RELEASED]
        text = json.dumps(said)
        book = Ledger.open(path, "exampleshire").append(release(CELLS, text))
        (folder / "manifest.json").write_text(sealed(text, book.head), encoding="utf-8", newline="\n")
        with pytest.raises(LedgerError, match="which figures it releases"):
            verify(folder, ledger=path)
