"""In a story of very many articles only the pairs from which something can be learned are judged."""

from __future__ import annotations

import random

import numpy as np
import pytest

import derive
from derive import nearest
from derive.dates import Time, read_time
from derive.nearest import worth_judging
from tests.test_lineage import dated, prose, rewritten


def at(minute: int) -> Time | None:
    return read_time(f"2026-03-{1 + minute // 1440:02d}T{minute % 1440 // 60:02d}:{minute % 60:02d}:00Z")[0]


def chain(size: int) -> list[np.ndarray]:
    """Sets of 100 numbers, each a step further than the one before."""
    return [np.arange(2 * k, 2 * k + 100, dtype=np.int64) for k in range(size)]


def every_pair(size: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(size) for j in range(i + 1, size)]


def test_a_story_of_moderate_size_is_judged_whole() -> None:
    size = nearest.LARGE
    pairs = every_pair(size)
    assert worth_judging(pairs, chain(size), [at(k) for k in range(size)], {k: k for k in range(size)}) == pairs


@pytest.mark.parametrize("dates", [True, False])
def test_in_a_larger_one_each_article_keeps_those_with_which_it_shares_most(dates: bool) -> None:
    size = nearest.LARGE + 50
    times = [at(k) if dates else None for k in range(size)]
    kept = worth_judging(every_pair(size), chain(size), times, {k: k for k in range(size)})
    assert len(kept) <= size * nearest.KEPT
    assert {(k, k + 1) for k in range(size - 1)} <= set(kept)
    assert max(j - i for i, j in kept) <= nearest.KEPT
    assert kept == sorted(set(kept))


def test_near_copies_stand_behind_the_earliest_of_them() -> None:
    """Two hundred near copies of one report and a rewrite: the rewrite is judged beside the report."""
    size = nearest.LARGE + 50
    sets = [np.arange(100, dtype=np.int64)] * size + [np.arange(50, 150, dtype=np.int64)]
    family = dict.fromkeys(range(size), 0) | {size: size}
    kept = worth_judging(every_pair(size + 1), sets, [at(k) for k in range(size + 1)], family)
    assert [p for p in kept if size in p] == [(0, size)]
    assert len(kept) <= size * (nearest.COPIES + 1)


def test_pairs_outside_large_stories_stay_as_they_are() -> None:
    size = nearest.LARGE + 1
    sets = [
        *chain(size),
        np.arange(10**6, 10**6 + 50, dtype=np.int64),
        np.arange(10**6 + 9, 10**6 + 50, dtype=np.int64),
    ]
    outside = [(3, size), (size, size + 1)]
    pairs = sorted([*every_pair(size), *outside])
    kept = worth_judging(pairs, sets, [None] * len(sets), {k: k for k in range(len(sets))})
    assert set(outside) <= set(kept)
    assert len(kept) < len(pairs) / 2


def test_a_thinned_story_gets_the_arrows_that_the_whole_one_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = prose("wire", 16)
    story = [dated("wire", wire, 0)] + [dated(f"rewrite{k}", rewritten(wire, f"{k}", 0.7), 2 * k) for k in range(1, 11)]
    whole = derive.scan(story)
    monkeypatch.setattr(nearest, "LARGE", 8)
    monkeypatch.setattr(nearest, "KEPT", 4)
    random.Random(1).shuffle(story)
    thinned = derive.scan(story)
    assert len(thinned.comparisons) < len(whole.comparisons)
    assert {(e.source, e.target) for e in thinned.edges} == {(e.source, e.target) for e in whole.edges}
    assert len(whole.edges) == 10
