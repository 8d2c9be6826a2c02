"""Pooling: shares of one kind add to national and regional tables near the exact ones, and no authority stands out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pace_analysis.errors import DisclosureRefused, InputError, UsageError
from pace_analysis.publish.disclosure import Release, ReleasedCurve
from pace_analysis.sharing import GridCounts, Share, YearCounts, grid_counts, midpoint, pool, pool_folder, sender, write_share
from pace_analysis.sharing.combine import pooled_table, refused
from pace_analysis.survival import LifeTable, cumulative_incidence, life_table

REGIONS = ("north", "south")


def exact(children, seed):
    generator = np.random.default_rng(seed)
    decided, left = 700 * generator.weibull(0.8, children), generator.exponential(1_200, children)
    cut = generator.integers(30, 900, children)
    last = np.minimum(np.minimum(decided, left), cut).astype(int)
    outcome = np.where(np.minimum(decided, left) > cut, 0, np.where(decided <= left, 1, 2))
    return life_table(last, outcome, first_day=generator.integers(0, 1 + last // 4), n_outcomes=2)


def made(name, table, region="north", **other):
    by = table.exits[0, :, :183].sum(axis=1)
    stated = Share(
        authority=name.lower(), name=name, nation="scotland", region=region, quarter="2015Q3", measure="decision",
        definitions=(("recommendation", "first"), ("reentry", "each")), pathway="scotland", pathway_version="0" * 12,
        counts=grid_counts(table), routes=(("home", int(midpoint(table.exits[0, 1].sum()))),),
        years=(YearCounts("2014/15", *midpoint(np.array([table.entered.sum(), by[1], by[2]])).tolist()),),
        stages=(("first-review", int(midpoint(table.exits[0, 0].sum()))),), quality=(("period, rows used", 3),), made_with="pace_analysis 0.1.0",
    )
    return replace(stated, **other)


def nation(sizes=(300, 250, 200, 180, 150, 120, 90, 40), seed=0):
    tables = [exact(size, seed + number) for number, size in enumerate(sizes)]
    return [made(f"Council{number}", table, REGIONS[number % 2]) for number, table in enumerate(tables)], tables


def decided_by(table, day):
    shares = cumulative_incidence(table, interval=None)
    return float(shares.loc[(shares["outcome"] == 1) & (shares["day"] == day), "estimate"].iloc[0])


class TestAccuracy:
    def test_the_pool_is_near_the_exact_table(self):
        shares, tables = nation()
        whole = tables[0]
        for table in tables[1:]:
            whole = whole + table
        pooled = pool(shares).national
        assert abs(pooled.entered.sum() - whole.entered.sum()) <= 9 * len(shares)
        for day, most in ((91, 0.03), (182, 0.02), (364, 0.04)):
            assert abs(decided_by(pooled, day) - decided_by(whole, day)) < most

    @given(st.lists(st.integers(10, 200), min_size=3, max_size=8), st.integers(0, 10**6))
    @settings(max_examples=25, deadline=None)
    def test_every_pool_is_a_life_table_of_all_children_counted(self, sizes, seed):
        counts = [grid_counts(exact(size, seed + number)) for number, size in enumerate(sizes)]
        table = pooled_table(counts, "all")
        if table is not None and not refused(counts):
            assert isinstance(table, LifeTable)
            assert abs(table.entered.sum() - sum(each.children for each in counts)) <= 2

    def test_by_hand(self):
        counts = [GridCounts(91, (0, 0, 0), (0, 3, 9), (3, 9, 9), (0, 3, 3)) for _ in range(3)]
        table = pooled_table(counts, "all")
        assert table.entered.sum() == 3 * (9 + 9 + 3)
        assert table.exits[0, 1, :92].sum() == 9  # decided by day 91, in three authorities of three
        assert table.exits[0, 1, :183].sum() == 27
        assert table.exits[0].sum(axis=1).tolist() == [27, 27, 9]

    def test_who_would_leave_before_entering_enters_on_that_day(self):
        table = pooled_table([GridCounts(91, (0, 9), (0, 0), (3, 9), (0, 0))] * 3, "all")
        assert table.entered.sum() == 27
        assert table.entered[0, :92].sum() == 9

    def test_more_late_entrants_than_children_still_balance(self):
        counts = [GridCounts(91, (3, 9), (0, 3), (3, 3), (0, 0)) for _ in range(3)]
        assert pooled_table(counts, "all").entered.sum() == 18


class TestRules:
    def test_it_takes_three_authorities(self):
        shares, _ = nation()
        with pytest.raises(DisclosureRefused, match="Fewer than 3 authorities"):
            pool(shares[:2])
        with pytest.raises(DisclosureRefused, match="Fewer than 3 authorities"):
            pool([])
        assert pool(shares[:3]).contributors == ("Council0", "Council1", "Council2")

    def test_an_authority_without_a_child_is_no_contributor(self):
        shares, _ = nation()
        empty = GridCounts(91, *[(0, 0)] * 4)
        with pytest.raises(DisclosureRefused, match="Fewer than 3 authorities"):
            pool([*shares[:2], replace(shares[2], counts=empty, years=(), routes=(), stages=())])

    def test_nobody_may_hold_over_nine_tenths(self):
        with pytest.raises(DisclosureRefused, match="more than 90% of the children"):
            pool(nation((2_000, 60, 60))[0])
        assert pool(nation((900, 150, 150))[0]).national.entered.sum() > 1_000

    def test_no_bin_is_of_one_authority(self):
        # of one authority nearly all are decided by day 14, of the others evenly to day 182: its step may not show
        early = GridCounts(14, *[(0,) * 13] * 2, (9_999,) * 13, (9,) * 13)
        later = GridCounts(91, (0, 0), (0, 0), (999, 1_995), (9, 9))
        decided = pooled_table([early, later, later, later], "all").exits[0, 1]
        assert decided[:15].sum() < 0.5 * 9_999
        assert np.ptp(decided[:43]) <= 1
        assert decided[:183].sum() == 9_999 + 3 * 1_995

    def test_a_kind_of_exit_of_one_authority_alone_cannot_be_shown(self):
        one = GridCounts(91, (0, 0), (0, 0), (9, 99), (9, 9))
        others = GridCounts(91, (0, 0), (0, 0), (9, 99), (0, 0))
        assert pooled_table([one, others, others], "all") is None

    def test_a_region_of_two_is_withheld_and_so_is_what_would_give_it_away(self):
        shares, _ = nation()
        moved = [replace(one, region="isles" if number < 2 else "main") for number, one in enumerate(shares)]
        pooled = pool(moved)
        assert not pooled.regions
        assert pooled.withheld["isles"].startswith("Fewer than 3")
        assert "give away" in pooled.withheld["main"]

    def test_regions_of_three_or_more_are_shown(self):
        pooled = pool(nation()[0])
        assert sorted(pooled.regions) == ["north", "south"]
        assert abs(sum(table.entered.sum() for table in pooled.regions.values()) - pooled.national.entered.sum()) <= 2

    def test_authorities_without_a_region_are_in_the_nation_alone(self):
        shares, _ = nation()
        pooled = pool([replace(one, region="" if number % 2 else "north") for number, one in enumerate(shares)])
        assert list(pooled.regions) == ["north"]

    def test_years_and_routes_add_only_where_three_stand_behind_them(self):
        shares, _ = nation()
        pooled = pool(shares)
        assert pooled.years.loc["2014/15", "children"] == sum(one.years[0].children for one in shares)
        assert pooled.routes["home"] == sum(one.routes[0][1] for one in shares)
        only = [replace(shares[0], years=(*shares[0].years, YearCounts("2013/14", 3, 3, 0))), *shares[1:]]
        assert list(pool(only).years.index) == ["2014/15"]
        assert pooled.stages["first-review"] == sum(one.stages[0][1] for one in shares)
        alone = [shares[0], *(replace(one, routes=(), stages=()) for one in shares[1:])]
        assert not len(pool(alone).routes) and not len(pool(alone).stages)

    def test_what_is_published_passes_the_gate(self):
        released = pool(nation()[0]).released()
        assert isinstance(released, ReleasedCurve)
        assert (released.release, released.profile.name) == (Release.PUBLISHED, "strict")
        assert pool(nation()[0]).released("north").what == "children of north, to 2015Q3"

    def test_the_summary_says_who_how_many_and_what_is_withheld(self):
        shares, _ = nation()
        said = pool([replace(shares[0], region="isles"), *shares[1:]]).text()
        assert "8 authorities to 2015Q3: Council0" in said
        curve = pool(shares).released().points.set_index("day")
        assert f"all authorities: {curve.loc[182, 'estimate_1']:.0%} decided" in said
        assert "isles: withheld. Fewer than 3" in said


class TestOneKind:
    @pytest.mark.parametrize(("change", "says"), [
        ({"definitions": (("recommendation", "ratified"), ("reentry", "each"))},
         "'recommendation': 'ratified' for Council3, 'first' for most"),
        ({"definitions": (("recommendation", "first"),)}, "'reentry': 'not stated' for Council3"),
        ({"pathway_version": "f" * 12}, "'pathway_version': 'ffffffffffff' for Council3"),
        ({"pathway": "england"}, "'pathway'"), ({"quarter": "2015Q2"}, "'quarter'"),
        ({"measure": "court"}, "'measure'"), ({"nation": "england"}, "'nation'"),
    ])
    def test_what_differs_is_refused_by_name(self, change, says):
        shares, _ = nation()
        shares[3] = replace(shares[3], **change)
        with pytest.raises(InputError) as caught:
            pool(shares)
        assert says in str(caught.value)
        assert "1 of 8 shares" in str(caught.value)

    def test_two_shares_of_one_authority_are_refused(self):
        shares, _ = nation()
        with pytest.raises(InputError, match="two shares of 'council0'"):
            pool([*shares, shares[0]])

    def test_the_order_of_shares_changes_nothing(self):
        shares, _ = nation()
        assert pool(shares).national == pool(reversed(shares)).national


class TestFolder:
    def test_a_folder_of_shares_is_pooled(self, tmp_path):
        shares, _ = nation()
        for one in shares:
            write_share(one, tmp_path)
        assert pool_folder(tmp_path).national == pool(shares).national

    def test_one_corrupt_share_is_named(self, tmp_path):
        paths = [write_share(one, tmp_path) for one in nation()[0]]
        paths[2].write_bytes(paths[2].read_bytes()[:-100])
        with pytest.raises(InputError, match="damaged") as caught:
            pool_folder(tmp_path)
        assert "share-council2-2015Q3.json" in str(caught.value)

    def test_what_is_damaged_can_be_left_out_by_name(self, tmp_path):
        shares, _ = nation()
        paths = [write_share(one, tmp_path) for one in shares]
        paths[2].write_bytes(b"{")
        pooled = pool_folder(tmp_path, without=["council2"])
        assert pooled.national == pool([one for one in shares if one.authority != "council2"]).national
        assert "council2: left out by choice" in pooled.text()
        with pytest.raises(UsageError, match="'council99' sent no share"):
            pool_folder(tmp_path, without=["council99"])

    def test_an_empty_folder_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="no share here"):
            pool_folder(tmp_path)


def test_the_sender_of_a_share_is_told_by_its_whole_name():
    """One authority's name may be the beginning of another's."""
    names = ("share-kirk-2015Q3.json", "share-kirk-hollow-2015Q3.json", "kirk.json")
    assert [sender(Path(name)) for name in names] == ["kirk", "kirk-hollow", "kirk"]
