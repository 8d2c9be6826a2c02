"""A share: rounded counts on the common grid, audited when made, small, and refused when it is not as written."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pace_analysis.errors import DisclosureRefused, InputError, OutputError, UsageError
from pace_analysis.pathways import load_pathway
from pace_analysis.settings import home
from pace_analysis.sharing import (
    GridCounts,
    YearCounts,
    grid_counts,
    midpoint,
    read_share,
    share,
    share_text,
    write_share,
)
from pace_analysis.sharing.midpoint import SERIES, is_midpoint, stay_hidden
from pace_analysis.sharing.share import version_of
from pace_analysis.sharing.sharefile import MAX_BYTES, _digest
from pace_analysis.survival import life_table

SCHEMA_FILE = home() / "data" / "schemas" / "share-1.schema.json"
SCHEMA = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def sample(study):
    return share(study, region="north")


def table(children, seed=1, longest=400):
    generator = np.random.default_rng(seed)
    last = generator.integers(0, longest, children)
    first = generator.integers(0, 1 + last // 2)
    return life_table(last, generator.integers(0, 3, children), first_day=first, n_outcomes=2)


class TestRounding:
    def test_a_count_becomes_the_middle_of_its_six(self):
        assert midpoint(np.arange(14)).tolist() == [0, *[3] * 6, *[9] * 6, 15]

    @given(st.integers(0, 10**6))
    def test_it_is_within_three_and_never_one_or_two(self, count):
        rounded = int(midpoint(count))
        assert abs(rounded - count) <= 3
        assert rounded not in (1, 2)
        assert is_midpoint(np.array(rounded))
        assert (rounded == 0) == (count == 0)

    def test_by_hand_what_stands_beside_the_whole_may_narrow_a_part(self):
        # five routes of at least one child each, six decided at most: nearly every route is one child
        assert not stay_hidden([3, 3, 3, 3, 3], 3, add_up=True)
        assert stay_hidden([3, 3], 9, add_up=True)
        assert stay_hidden([21, 9, 0, 15], 45, add_up=True)
        # shown as 3, of a whole of at least 25 beside 9, 9 and 0: 25 - 12 - 12 is at least 1, so all six values stay
        assert stay_hidden([9, 9, 3, 0], 27, add_up=True)
        assert not stay_hidden([3, 3], 15, add_up=True)  # thirteen at least, so more than six each: no such share
        assert not stay_hidden([3, 3, 3, 3], 3, add_up=False)


class TestGrid:
    @given(st.integers(1, 300), st.integers(0, 20))
    @settings(max_examples=30, deadline=None)
    def test_every_edge_is_within_three_of_the_truth_and_182_is_an_edge(self, children, seed):
        exact = table(children, seed)
        counts = grid_counts(exact)
        assert counts.width == (14 if children >= 60 else 91)
        assert 182 in counts.edges
        late = exact.entered[0].copy()
        late[0] = 0
        for name, daily in zip(SERIES, (late, *exact.exits[0]), strict=True):
            at = np.minimum(counts.edges, len(daily) - 1)
            assert np.abs(np.array(getattr(counts, name)) - np.cumsum(daily)[at]).max() <= 3
            assert getattr(counts, name)[-1] == midpoint(daily.sum())

    def test_the_longest_wait_does_not_show(self):
        short = life_table([10] * 60 + [300], [1] * 61, n_outcomes=2)
        long = life_table([10] * 60 + [3_000], [1] * 61, n_outcomes=2)
        assert grid_counts(short).edges[-1] == 308
        assert grid_counts(long).edges[-1] == 3_010
        hidden = life_table([10] * 61 + [3_000], [1] * 62, n_outcomes=2)  # the 62nd of 61 to 66: no step
        assert grid_counts(hidden).edges[-1] == 182

    @pytest.mark.parametrize("wrong", [
        {"decided": (3, 4)}, {"decided": (9, 3)}, {"decided": (3,)}, {"decided": (0, 2.5)},
        {"width": 7}, {"left": (0, -3)},
    ])
    def test_counts_that_rounding_does_not_give_cannot_be_made(self, wrong):
        good = {"width": 91, "entered_late": (0, 3), "censored": (0, 0), "decided": (3, 9), "left": (0, 3)}
        assert GridCounts(**good).children == 12
        with pytest.raises(DisclosureRefused):
            GridCounts(**good | wrong)

    def test_one_group_of_two_outcomes_is_shared(self):
        with pytest.raises(DisclosureRefused, match="one group, two outcomes"):
            grid_counts(life_table([1, 2], [1, 1], group=["a", "b"], n_outcomes=2))


class TestShare:
    def test_it_fits_the_published_schema_and_is_small(self, sample):
        text = share_text(sample)
        assert len(text.encode()) < 10_000 < MAX_BYTES
        SCHEMA.validate(json.loads(text))

    def test_it_holds_no_child_no_period_and_no_date(self, study, sample):
        text = share_text(sample)
        strings = {word for word in text.replace('"', " ").split()}
        assert not strings & {*study.tables.child["child_id"], *study.tables.period["period_id"]}
        dates = study.tables.period["start_date"].dt.strftime("%Y-%m-%d")
        assert not any(day in text for day in {*dates, study.as_at.isoformat()})

    def test_every_number_is_rounded(self, sample):
        document = json.loads(share_text(sample))
        numbers = [*document["routes"].values(), *document["stages"].values(), *document["quality"].values()]
        numbers += [number for name in SERIES for number in document["counts"][name]]
        numbers += [year[key] for year in document["years"] for key in ("children", "decided", "left")]
        assert len(numbers) > 400
        assert is_midpoint(np.array(numbers)).all()

    def test_by_six_months_it_agrees_with_the_entry_years(self, study, sample):
        frame = study.decision.frame
        exact = ((frame["last_day"] <= 182) & frame["outcome"].between(1, 5)).sum()
        assert abs(sample.counts.by_six_months("decided") - exact) <= 3
        assert [year.year for year in sample.years][-1] == "2014/15"

    def test_an_exact_number_cannot_be_shared(self, sample):
        with pytest.raises(DisclosureRefused, match="not rounded"):
            replace(sample, routes=(("home", 4),))
        with pytest.raises(DisclosureRefused, match="not rounded"):
            replace(sample, years=(YearCounts("2014/15", 63, 1, 3),))
        with pytest.raises(DisclosureRefused, match="larger than the whole"):
            replace(sample, years=(YearCounts("2014/15", 3, 9, 0),))

    def test_routes_that_narrow_the_counts_cannot_be_shared(self, sample):
        few = GridCounts(91, (0, 0), (9, 9), (3, 3), (3, 3))
        with pytest.raises(DisclosureRefused, match="narrow what its counts hide"):
            replace(sample, counts=few, years=(), routes=tuple((route, 3) for route, _ in sample.routes))

    def test_stages_count_everyone_waiting_and_only_beside_the_decision(self, study, sample):
        waiting = int(study.decision.waiting.sum())
        assert abs(sum(number for _, number in sample.stages) - waiting) <= 3 * len(sample.stages)
        assert [stage for stage, _ in sample.stages] == [
            stage.id for stage in load_pathway("scotland").until("permanence_recommendation")]
        assert share(study, measure_id="court").stages == ()
        few = GridCounts(91, (0, 0), (3, 3), (9, 9), (3, 3))
        with pytest.raises(DisclosureRefused, match="narrow what its counts hide"):
            replace(sample, counts=few, years=(), routes=(), stages=(("a", 3), ("b", 3), ("c", 3), ("d", 3)))

    def test_an_unknown_clock_is_named_with_the_nearest(self, study):
        with pytest.raises(UsageError, match="no measure 'decisions'"):
            share(study, measure_id="decisions")

    def test_the_version_of_a_pathway_follows_its_stages_not_its_words(self):
        scotland = load_pathway("scotland")
        assert version_of(scotland) == version_of(replace(scotland, title="In other words"))
        assert version_of(scotland) != version_of(replace(scotland, stages=scotland.stages[:-1]))


class TestFile:
    def test_what_is_written_is_read_back(self, sample, tmp_path):
        path = write_share(sample, tmp_path / "new")
        assert path.name == "share-exampleshire-2015Q3.json"
        assert read_share(path) == sample
        assert path == write_share(sample, tmp_path / "new")
        assert [file.name for file in path.parent.iterdir()] == [path.name]

    def test_it_is_byte_for_byte_the_same_each_time(self, study, sample):
        assert share_text(share(study, region="north")) == share_text(sample)

    @pytest.mark.parametrize("spoil", [
        lambda text: text.replace('"decided": 39', '"decided": 45'), lambda text: text[: len(text) // 2],
        lambda text: text.replace("{", "[", 1), lambda text: "", lambda text: "[1]", lambda text: "NaN",
        lambda text: text.replace("share 1", "share 2"), lambda text: "[" * 100_00, lambda text: text + " " * MAX_BYTES,
    ])
    def test_a_spoilt_file_is_refused_by_name(self, sample, tmp_path, spoil):
        path = write_share(sample, tmp_path)
        text = path.read_text(encoding="utf-8")
        assert spoil(text) != text
        path.write_text(spoil(text), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read_share(path)
        assert path.name in str(caught.value)

    @pytest.mark.parametrize(("change", "says"), [
        ({"form": "pace_analysis share 9"}, "this version reads"),
        ({"children": [{"id": "1"}]}, "holds more than a share may hold"),
        ({"routes": {"home": 4}}, "not rounded"),
        ({"years": [{"year": "2014/15"}]}, "missing or of another kind"),
        ({"quarter": "2015Q7"}, "missing or of another kind"),
        ({"authority": 7}, "missing or of another kind"),
        ({"definitions": {"reentry": 1}}, "missing or of another kind"),
    ])
    def test_a_digest_made_anew_does_not_let_a_wrong_share_in(self, sample, tmp_path, change, says):
        path = write_share(sample, tmp_path)
        document = json.loads(path.read_text(encoding="utf-8")) | change
        del document["digest"]
        path.write_text(json.dumps(document | {"digest": _digest(document)}), encoding="utf-8")
        with pytest.raises(InputError, match=says):
            read_share(path)

    def test_every_part_is_needed(self, sample, tmp_path):
        path = write_share(sample, tmp_path)
        whole = json.loads(path.read_text(encoding="utf-8"))
        for key in whole:
            document = {name: value for name, value in whole.items() if name not in (key, "digest")}
            digest = {"digest": _digest(document)} if key != "digest" else {}
            path.write_text(json.dumps(document | digest), encoding="utf-8")
            with pytest.raises(InputError):
                read_share(path)
            assert not SCHEMA.is_valid({name: value for name, value in whole.items() if name != key})

    def test_a_file_that_is_not_there_and_a_folder_that_cannot_be(self, sample, tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            read_share(tmp_path / "none.json")
        (tmp_path / "file").touch()
        with pytest.raises(OutputError, match="cannot be written"):
            write_share(sample, tmp_path / "file")

    def test_the_schema_refuses_an_exact_number(self, sample):
        document = json.loads(share_text(sample))
        for number in (1, 2, 4, 6, 12, 3.5, True):
            assert not SCHEMA.is_valid(document | {"routes": {"home": number}})
