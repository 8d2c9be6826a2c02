"""``pace report --docx --pdf --xlsx``: a paper's other forms stand in its folder, held to what its page is held to."""

import io
import json
import shutil

import docx
import pytest
from conftest import ROOT, run_pace

from pace_analysis.errors import InputError, OutputError, UsageError
from pace_analysis.report import build
from pace_analysis.report.formats import FORMATS, asked_forms, names, printed_forms
from pace_analysis.report.paper import BoardPaper, open_paper
from pace_analysis.report.verify import verify
from pace_analysis.study import open_study

SAMPLE = ("--authority", "exampleshire", "--quarter", "2015Q3")
FILES = {"board_report.docx", "figures.docx", "board_report.pdf", "board_report.xlsx"}


@pytest.fixture(scope="module")
def paper() -> BoardPaper:
    return open_paper(open_study("exampleshire", "2015Q3"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Folder of the sample's report in every form."""
    folder = tmp_path_factory.mktemp("forms") / "2015Q3"
    run = run_pace("report", *SAMPLE, "--out", str(folder), "--pdf", "--docx", "--xlsx",
                   PACE_PRIVATE=str(tmp_path_factory.mktemp("private")))
    assert run.returncode == 0, run.stderr
    return folder


class TestTheFolder:
    def test_holds_every_form_and_the_manifest_its_hash(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert FILES <= set(manifest["outputs"]) and all((folder / name).stat().st_size > 10_000 for name in FILES)
        assert manifest["parameters"]["also"] == "docx,pdf,xlsx" and manifest["parameters"]["reference"] == ""

    def test_each_is_that_of_the_paper_on_the_page_to_the_last_byte(self, folder, paper):
        forms = paper.printed("docx,pdf,xlsx")
        assert set(forms) == FILES
        for name, content in forms.items():
            assert (folder / name).read_bytes() == content, name

    def test_the_page_is_the_same_with_and_without_them(self, folder, sample_report):
        assert (folder / build.PAGE).read_bytes() == (sample_report / build.PAGE).read_bytes()
        assert not FILES & {path.name for path in sample_report.iterdir()}

    def test_a_changed_form_is_no_longer_what_was_released(self, folder, tmp_path):
        assert verify(folder, files_only=True)
        copied = shutil.copytree(folder, tmp_path / "copied")
        (copied / "board_report.pdf").write_bytes((copied / "board_report.pdf").read_bytes() + b"\n")
        with pytest.raises(OutputError, match="not as it was written") as refused:
            verify(copied, files_only=True)
        assert refused.value.where == "changed: board_report.pdf"


def reference(path, words: str = "", without: str = ""):
    """A council's document: its styles, and words in the header."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = words
    if without:
        document.styles[without].delete()
    document.save(path)
    return path


class TestReference:
    def test_lends_its_header_to_both_word_files(self, paper, tmp_path):
        forms = paper.printed("docx", reference(tmp_path / "council.docx", "A council"))
        for content in forms.values():
            assert docx.Document(io.BytesIO(content)).sections[0].header.paragraphs[0].text == "A council"

    @pytest.mark.slow
    def test_a_child_in_its_header_stops_the_report(self, tmp_path):
        rows = (ROOT / "data/sample/exampleshire/2015Q3/child.csv").read_text(encoding="utf-8-sig").splitlines()
        child = rows[1].split(",")[0]
        council = reference(tmp_path / "council.docx", f"Case {child}")
        run = run_pace("report", *SAMPLE, "--out", str(tmp_path / "out"), "--docx", "--reference", str(council))
        assert run.returncode == 13 and "docx" in run.stderr and child not in run.stderr
        assert not (tmp_path / "out").exists()

    def test_what_it_lacks_is_named_before_anything_is_written(self, tmp_path):
        council = reference(tmp_path / "council.docx", without="Caption")
        planned = build.plan("exampleshire", "2015Q3", out=str(tmp_path / "out"), also="docx", reference=str(council))
        with pytest.raises(InputError, match="Caption"):
            build.rehearse(planned)
        assert list(tmp_path.iterdir()) == [council]

    def test_one_that_does_not_exist_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no reference document 'councl.docx'") as refused:
            reference(tmp_path / "council.docx")
            build.plan("exampleshire", "2015Q3", also="docx", reference=str(tmp_path / "councl.docx"))
        assert refused.value.remedy == "Did you mean 'council.docx'?"


class TestAsking:
    def test_forms_come_in_one_order_each_once(self):
        assert asked_forms("xlsx, docx,xlsx") == ("docx", "xlsx") and asked_forms("") == ()
        assert set(names(",".join(FORMATS))) == FILES

    def test_an_unknown_form_is_refused_with_the_nearest(self):
        with pytest.raises(UsageError, match="cannot be written as 'doc'") as refused:
            asked_forms("doc")
        assert refused.value.remedy == "Did you mean 'docx'?"

    def test_a_reference_without_a_word_file_is_refused(self):
        with pytest.raises(UsageError, match="none is asked for"):
            asked_forms("pdf", "council.docx")

    def test_nothing_is_made_where_nothing_is_asked_for(self, paper):
        assert printed_forms(paper.paper, {}, None, "") == {}

    def test_a_dry_run_lists_the_files(self, tmp_path):
        planned = build.plan("exampleshire", "2015Q3", out=str(tmp_path / "out"), also="xlsx,docx")
        listed = planned.summary().splitlines()[-1]
        assert listed.index("board_report.docx") < listed.index("figures.docx") < listed.index("board_report.xlsx")
        assert "pdf" not in listed
