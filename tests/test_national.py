"""The national report: a funnel with limits of chance, the pool released, and no authority in the public version."""

import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from math import comb
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from pace_analysis.cli import main
from pace_analysis.errors import DisclosureRefused, InputError, NotebookError, OutputError, UsageError
from pace_analysis.improvement.funnel import LEVELS, funnel_limits
from pace_analysis.publish.disclosure import Refused, Release, ReleasedShare
from pace_analysis.report.exporter import BoardPaperExporter
from pace_analysis.report.manifest import make_manifest
from pace_analysis.report.nationalbuild import PAGE, build_national
from pace_analysis.report.nationalpaper import open_national
from pace_analysis.report.nationalrecord import Published, publishing, shares_of
from pace_analysis.report.verify import verify
from pace_analysis.settings import private_folder
from pace_analysis.sharing import midpoint, national, pool_folder, read_share, share, share_text, write_share
from pace_analysis.sharing.national import FAR_OUTSIDE, INSIDE, OUTSIDE, TOO_FEW, position
from tests.nation import COUNCILS, study_of

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "nation"


@pytest.fixture(scope="module")
def pooled():
    return pool_folder(SAMPLE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_national(SAMPLE, out=str(tmp_path_factory.mktemp("national") / "2015Q3"))


@pytest.fixture
def received(tmp_path):
    return Path(shutil.copytree(SAMPLE, tmp_path / "received"))


def exported(paper, *, internal=False):
    output = nbformat.v4.new_output("display_data", data=paper._repr_mimebundle_())
    cell = nbformat.v4.new_code_cell("paper", id="c", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"pace": {"internal": internal}})
    return BoardPaperExporter().from_notebook_node(notebook)[0]


class TestLimits:
    def test_by_hand_for_twenty_children_of_whom_half_are_decided(self):
        at_most = [sum(comb(20, k) for k in range(r + 1)) / 2**20 for r in range(21)]
        assert at_most[5] < 0.025 < at_most[6] and at_most[13] < 0.975 < at_most[14]
        lower = (6 - (at_most[6] - 0.025) / (at_most[6] - at_most[5])) / 20
        upper = (14 - (at_most[14] - 0.975) / (at_most[14] - at_most[13])) / 20
        found = funnel_limits(0.5, np.array([20]), 0.95)
        assert np.allclose(np.concatenate(found), [lower, upper])
        assert np.allclose([lower, upper], [0.2558, 0.6942], atol=1e-4)

    @given(st.integers(1, 600), st.floats(0.02, 0.98), st.sampled_from(LEVELS))
    @settings(max_examples=60, deadline=None)
    def test_they_lie_in_the_step_of_the_binomial_quantile(self, size, share_, level):
        lower, upper = (float(line[0]) * size for line in funnel_limits(share_, np.array([size]), level))
        tail = (1 - level) / 2
        for limit, chance in ((lower, tail), (upper, 1 - tail)):
            step = binom.ppf(chance, size, share_)
            assert max(step - 1, 0) - 1e-6 <= limit <= step + 1e-6

    def test_they_narrow_with_size_and_998_is_outside_95(self):
        sizes = np.array([50, 200, 800])
        (low, high), (lowest, highest) = (funnel_limits(0.4, sizes, level) for level in LEVELS)
        assert (np.diff(high - low) < 0).all() and (lowest < low).all() and (high < highest).all()


class TestPosition:
    @given(st.integers(25, 400), st.floats(0, 1), st.floats(0.1, 0.9))
    @settings(max_examples=100, deadline=None)
    def test_outside_holds_for_the_exact_counts_too(self, children, part, nation):
        decided = round(part * children)
        said = position(int(midpoint(decided)), int(midpoint(children)), nation)
        chances = (binom.cdf(decided, children, nation), binom.sf(decided - 1, children, nation))
        for words, tail in ((OUTSIDE, 0.025), (FAR_OUTSIDE, 0.001)):
            if said in words:
                assert chances[words.index(said)] < tail

    def test_in_words(self):
        assert position(51, 99, 0.5) == INSIDE
        assert position(3, 99, 0.5) == "far fewer than chance explains"
        assert position(93, 99, 0.5) == "far more than chance explains"
        assert position(0, 99, 0.5) == "far fewer than chance explains"
        assert position(39, 99, 0.55) == "fewer than chance explains"
        assert position(9, 15, 0.5) == TOO_FEW


class TestAnswers:
    def test_the_headline_is_of_the_latest_common_year_and_everybody(self, pooled):
        told = national(pooled).funnel
        assert told.year == "2014/15" and told.release is Release.INTERNAL
        assert told.share == pooled.years.loc["2014/15", "decided"] / pooled.years.loc["2014/15", "children"]
        assert told.authorities["children"].sum() == pooled.years.loc["2014/15", "children"]
        assert list(told.authorities["children"]) == sorted(told.authorities["children"], reverse=True)

    def test_the_council_that_was_made_slower_is_found_and_no_other(self, pooled):
        told = national(pooled).funnel
        outside = told.drawn[told.drawn["position"] != INSIDE]
        assert list(outside["name"]) == ["Marchfield"]
        assert "fewer" in outside["position"].iloc[0]

    def test_a_public_report_holds_released_results_and_no_authority(self, pooled):
        told = national(pooled, public=True)
        assert isinstance(told.funnel, Refused)
        results = [told.curve, *(curve for _, curve in told.regions), *(one for _, one in told.years), told.routes, told.stages]
        assert {one.release for one in results} == {Release.PUBLISHED}
        assert all(isinstance(one, ReleasedShare) and one.profile.name == "strict" for _, one in told.years)

    def test_another_clock_is_refused(self, pooled):
        with pytest.raises(UsageError, match="the shares count 'court'"):
            national(replace(pooled, measure="court"))

    def test_without_a_common_year_the_rest_is_told(self, pooled):
        told = national(replace(pooled, years=pooled.years.iloc[:0], routes=pooled.routes.iloc[:0]))
        html = open_national(told).paper
        assert isinstance(told.funnel, Refused) and isinstance(told.routes, Refused)
        assert "no entry year that every authority counted" in str(html)


class TestPage:
    def test_it_is_stamped_and_has_every_part(self, built):
        page = built.read_text(encoding="utf-8")
        assert built.name == PAGE and "NOT FOR PUBLICATION" in page
        reader = _Reader()
        reader.feed(page)
        assert len(reader.alts) == 5 and all(len(alt) > 40 for alt in reader.alts)
        for words in ("The nation and its councils are invented", "This is no league table", "Fewer than 3 contributors", "Dominance:",
                      "Differing definitions:", "Two of 12 shares hold no stages", "One authority is not drawn", "Spiegelhalter 2005"):
            assert words in reader.text, words
        assert "<script" not in page and not re.search(r"\brank", reader.text)

    def test_figures_tables_and_a_manifest_lie_beside_it(self, built):
        manifest = json.loads((built.parent / "manifest.json").read_text(encoding="utf-8"))
        assert sum(name.startswith("data/sample/nation/share-") for name in manifest["inputs"]) == len(COUNCILS)
        assert {"figures/figure-3-funnel.csv", "tables/contributors.csv"} <= set(manifest["outputs"])
        funnel = pd.read_csv(built.parent / "figures" / "figure-3-funnel.csv")
        assert list(funnel["Children, rounded"]) == sorted(funnel["Children, rounded"], reverse=True)
        assert str(ROOT) not in json.dumps(manifest)

    def test_its_files_can_be_verified(self, built):
        assert verify(built.parent, files_only=True).files == 24
        with pytest.raises(UsageError, match="in no ledger") as caught:
            verify(built.parent)
        assert "--files-only" in str(caught.value)

    def test_it_never_takes_the_place_of_a_board_report(self, tmp_path):
        (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
        with pytest.raises(OutputError, match="not a folder of an earlier report"):
            build_national(SAMPLE, out=str(tmp_path))
        assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]

    def test_it_is_the_same_each_time(self, pooled, built):
        again = exported(open_national(national(pooled)), internal=True)
        body = re.search(r"<section.*</section>", built.read_text(encoding="utf-8"), re.DOTALL)[0]
        assert body in again

    def test_what_shows_authorities_cannot_be_exported_for_publication(self, pooled):
        with pytest.raises(NotebookError, match="INTERNAL"):
            exported(open_national(national(pooled)))

    def test_the_public_page_shows_the_pool_alone(self, pooled):
        page = exported(open_national(national(pooled, public=True)))
        reader = _Reader()
        reader.feed(page)
        assert "NOT FOR PUBLICATION" not in page
        assert "figures of one authority are for the authorities that share" in reader.text
        for one in pooled.shares:  # a contributor is named, with its region and nothing else
            assert re.findall(rf"{one.name} \|[^\n]*", reader.rows) == [f"{one.name} | {one.region.capitalize()}"]

    def test_every_authority_missing_from_the_funnel_still_counts_in_the_nation(self, pooled):
        small = national(pooled).funnel.authorities.set_index("name").loc["Farrow Isles"]
        assert small["position"] == TOO_FEW
        assert "Farrow Isles" in pooled.contributors


class TestFaults:
    def test_one_corrupt_share_is_named_and_nothing_is_written(self, received, tmp_path):
        path = received / "share-cairnholm-2015Q3.json"
        path.write_bytes(path.read_bytes()[:-200])
        with pytest.raises(InputError) as caught:
            build_national(received, out=str(tmp_path / "out"))
        assert path.name in str(caught.value) and not (tmp_path / "out").exists()

    def test_left_out_by_choice_it_is_named_in_the_report(self, received):
        (received / "share-cairnholm-2015Q3.json").write_bytes(b"{")
        told = national(pool_folder(received, without=["cairnholm"]))
        assert "Left out by choice: cairnholm." in str(open_national(told).paper)
        assert len(told.funnel.authorities) == len(COUNCILS) - 1

    def test_two_shares_alone_are_refused(self, received):
        for path in sorted(received.glob("*.json"))[2:]:
            path.unlink()
        with pytest.raises(DisclosureRefused, match="Fewer than 3 authorities"):
            build_national(received)

    def test_the_command_says_it_in_one_message_with_its_exit_code(self, received):
        changed = read_share(received / "share-aldermoor-2015Q3.json")
        write_share(replace(changed, definitions=(("reentry", "first"), *changed.definitions[1:])), received)
        done = CliRunner().invoke(main, ["national", str(received)])
        assert done.exit_code == InputError.exit_code
        assert "Aldermoor" in done.output and "Traceback" not in done.output

    def test_pool_says_it_in_words(self):
        done = CliRunner().invoke(main, ["pool", str(SAMPLE), "--without", "marchfield"])
        assert done.exit_code == 0
        assert "11 authorities to 2015Q3" in done.output and "marchfield: left out by choice" in done.output


class TestPublishing:
    """Two public reports of one quarter, made of other shares, would tell the counts of those that differ."""

    SHARES = {"aldermoor": "a", "cairnholm": "b", "marchfield": "c"}

    @staticmethod
    def publish(shares, quarter="2015Q3", because=""):
        with publishing(Published(quarter, shares, because)):
            pass

    @staticmethod
    def write_manifest(folder, parameters):
        text = make_manifest(parameters=parameters, profile="strict", inputs={}, outputs={})
        (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")

    def test_the_same_shares_may_be_published_again_and_another_quarter_too(self):
        self.publish(self.SHARES)
        self.publish(self.SHARES)
        self.publish({"aldermoor": "d"}, quarter="2015Q4")
        assert len((private_folder("national") / "published.jsonl").read_text().splitlines()) == 2

    @pytest.mark.parametrize("shares", [{"aldermoor": "a", "cairnholm": "b"}, {**SHARES, "cairnholm": "corrected"}, {**SHARES, "new": "d"}])
    def test_others_are_refused_by_name_until_a_reason_is_given(self, shares):
        self.publish(self.SHARES)
        (differs,) = {name for name in {*shares, *self.SHARES} if shares.get(name) != self.SHARES.get(name)}
        with pytest.raises(DisclosureRefused, match="would tell the counts") as caught:
            self.publish(shares)
        assert caught.value.where == differs
        self.publish(shares, because="The first was withdrawn before the meeting.")
        self.publish(shares)
        self.publish(self.SHARES)  # published already

    def test_what_was_not_written_is_not_recorded(self):
        with pytest.raises(OSError), publishing(Published("2015Q3", self.SHARES)):
            raise OSError
        self.publish({"aldermoor": "z"})

    def test_a_finished_report_is_a_trace_where_the_record_is_lost(self, monkeypatch, tmp_path):
        folder = tmp_path / "reports" / "national" / "2015Q3"
        folder.mkdir(parents=True)
        stated = {"authority": "national", "public": True, "quarter": "2015Q3", "shares": self.SHARES}
        self.write_manifest(folder, stated)
        monkeypatch.setattr("pace_analysis.report.nationalrecord.home", lambda: tmp_path)
        self.publish(self.SHARES)
        with pytest.raises(DisclosureRefused):
            self.publish({"aldermoor": "a"})
        self.write_manifest(folder, {"authority": "national", "public": True})
        with pytest.raises(DisclosureRefused, match="does not say of which shares"):
            self.publish(self.SHARES)
        (folder / "manifest.json").write_text("{")
        with pytest.raises(OutputError, match="as it was written"):
            self.publish(self.SHARES)

    @pytest.mark.parametrize("other", [{"public": False}, {"authority": "exampleshire", "public": True}])
    def test_a_report_for_the_authorities_or_of_one_of_them_is_no_trace(self, other, monkeypatch, tmp_path):
        folder = tmp_path / "reports" / "national" / "2015Q3"
        folder.mkdir(parents=True)
        stated = {"authority": "national", "quarter": "2015Q3", "shares": self.SHARES, **other}
        self.write_manifest(folder, stated)
        monkeypatch.setattr("pace_analysis.report.nationalrecord.home", lambda: tmp_path)
        self.publish({"aldermoor": "a"})

    def test_what_a_killed_run_left_of_another_quarter_stops_nothing(self, monkeypatch, tmp_path):
        left = tmp_path / "reports" / "national" / ".2014Q4.new-12"
        left.mkdir(parents=True)
        (left / "manifest.json").write_text("{")
        monkeypatch.setattr("pace_analysis.report.nationalrecord.home", lambda: tmp_path)
        self.publish(self.SHARES)

    def test_an_authority_is_known_by_its_share_and_not_by_the_name_of_the_file(self, received):
        as_sent = shares_of(pool_folder(received))
        for file in received.glob("*.json"):
            file.rename(file.with_name(f"2015Q3-{file.name.removeprefix('share-').removesuffix('-2015Q3.json')}.json"))
        assert shares_of(pool_folder(received)) == as_sent and len(as_sent) == len(COUNCILS)

    def test_a_share_that_another_version_made_is_the_same_and_one_that_counts_otherwise_is_not(self, received):
        before = shares_of(pool_folder(received))
        for name, change in (("lochbrae", {"made_with": "pace_analysis 9"}), ("cairnholm", {"region": "east"})):
            write_share(replace(read_share(received / f"share-{name}-2015Q3.json"), **change), received)
        after = shares_of(pool_folder(received))
        assert [name for name in before if after[name] != before[name]] == ["cairnholm"]

    def test_a_private_folder_that_cannot_be_written_is_named(self, monkeypatch, tmp_path):
        (tmp_path / "file").touch()
        monkeypatch.setenv("PACE_PRIVATE", str(tmp_path / "file"))
        with pytest.raises(OutputError, match="record of what was published") as caught:
            self.publish(self.SHARES)
        assert caught.value.where == str(private_folder("national") / "published.jsonl")

    @pytest.mark.parametrize("line", ['{"quarter"', "5", "{}", '{"because": "", "quarter": "2015Q3", "shares": ["aldermoor"]}'])
    def test_a_damaged_record_stops_everything(self, line):
        self.publish(self.SHARES)
        (private_folder("national") / "published.jsonl").write_text(line)
        with pytest.raises(DisclosureRefused, match="cannot be read"):
            self.publish(self.SHARES)

    def test_a_reason_is_one_line(self):
        with pytest.raises(UsageError, match="one line"):
            self.publish(self.SHARES, because="a\nb")

    def test_a_reason_without_a_public_report_is_refused(self, tmp_path):
        done = CliRunner().invoke(main, ["national", str(SAMPLE), "--because", "Withdrawn.", "--out", str(tmp_path / "one")])
        assert done.exit_code == UsageError.exit_code and not (tmp_path / "one").exists()

    def test_the_public_report_asks_and_the_internal_one_does_not(self, received, tmp_path):
        assert build_national(received, public=True, out=str(tmp_path / "first")).exists()
        stated = json.loads((tmp_path / "first" / "manifest.json").read_text(encoding="utf-8"))["parameters"]
        assert stated["public"] and stated["quarter"] == "2015Q3" and stated["shares"] == shares_of(pool_folder(received))
        (received / "share-cairnholm-2015Q3.json").unlink()
        with pytest.raises(DisclosureRefused) as caught:
            build_national(received, public=True, out=str(tmp_path / "second"))
        assert caught.value.where == "cairnholm" and not (tmp_path / "second").exists()
        done = CliRunner().invoke(main, ["national", str(received), "--public", "--out", str(tmp_path / "second"), "--because", "Withdrawn."])
        assert done.exit_code == 0, done.output


def test_the_sample_is_what_the_simulator_makes():
    council = next(one for one in COUNCILS if one.name == "Lochbrae")
    committed = (SAMPLE / "share-lochbrae-2015Q3.json").read_text(encoding="utf-8")
    assert share_text(share(study_of(council), region=council.region)) == committed


class _Reader(HTMLParser):
    """Words of a page, cells of a row with bars between, and alt texts."""

    def __init__(self):
        super().__init__()
        self.words, self.alts, self.cells = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.alts.append(dict(attrs)["alt"])
        self.cells.append(" | " if tag == "td" else "" if tag == "th" else "\n")

    def handle_data(self, data):
        self.words.append(data)
        self.cells.append(data.strip())

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    @property
    def rows(self):
        return "".join(self.cells)
