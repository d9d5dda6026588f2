"""Which pairs of a very large story are worth judging? For each article those with which it shares most, the earliest first.

To judge every pair of a story takes time with the square of its size, and of a thousand articles that tell the same, the few
from which one may come are those that have most of it. So in a story of more than `LARGE` articles each keeps `KEPT` others,
counted exactly over all shingles: of those that are not surely later, as an article that came later is no source of it and
keeps this one if this is one of its own. Of near copies of each other, which have about the same, the earliest counts for all.
Stories up to that size are judged whole.

Start reading at `worth_judging`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from derive.dates import Time
from derive.groups import Groups

LARGE = 150
"""Articles up to which every candidate pair of a story is judged (prior: some 11,000 pairs)."""
KEPT = 16
"""Others that an article of a larger story keeps (prior; the tree looks at no more than 24 parents of a text)."""
COPIES = 4
"""And so many of its near copies (prior): versions follow each other, and the first may stand far apart."""
STORY = 0.3
"""Share of the smaller text from which on two candidates are of one story (as a family in `derive.stories`)."""

Pair = tuple[int, int]


def worth_judging(
    proposed: Sequence[Pair],
    sets: Sequence[NDArray[np.int64]],
    times: Sequence[Time | None],
    family: Mapping[int, int],
) -> list[Pair]:
    """The candidate pairs without those inside large stories that are not worth judging, sorted.

    `sets` holds the shingles of each document, each array sorted and every value once; `family` folds near copies.
    """
    large = _large(proposed, sets)
    if not large:
        return list(proposed)
    story = {k: n for n, members in enumerate(large) for k in members}
    kept = {(i, j) for i, j in proposed if story.get(i, -1) != story.get(j, -2)}
    for members in large:
        kept.update(nearest(members, sets, times, family))
    return sorted(kept)


def _large(proposed: Iterable[Pair], sets: Sequence[NDArray[np.int64]]) -> list[list[int]]:
    """The members of each large story, in order. Nothing is counted where no document has so many candidates around it."""
    near = Groups(len(sets))
    for i, j in proposed:
        near.join(i, j)
    if max(map(len, near.members().values()), default=0) <= LARGE:
        return []
    stories = Groups(len(sets))
    for i, j in proposed:
        if stories.find(i) != stories.find(j) and _share(sets[i], sets[j]) >= STORY:
            stories.join(i, j)
    return [members for members in stories.members().values() if len(members) > LARGE]


def _share(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    return len(np.intersect1d(a, b, assume_unique=True)) / max(1, min(len(a), len(b)))


def nearest(
    members: Sequence[int],
    sets: Sequence[NDArray[np.int64]],
    times: Sequence[Time | None],
    family: Mapping[int, int],
) -> Iterator[Pair]:
    """For each article of a story those that it keeps."""
    ranked = sorted(members, key=lambda k: (_start(times[k], INFINITY), k))
    kin: dict[int, list[int]] = defaultdict(list)
    for x, k in enumerate(ranked):
        kin[family[k]].append(x)
    leads = np.zeros(len(ranked), dtype=np.bool_)
    leads[[own[0] for own in kin.values()]] = True
    starts = np.array([_start(times[k], -INFINITY) for k in ranked])
    for x, shared in enumerate(_counted([sets[k] for k in ranked])):
        k = ranked[x]
        own = np.array(kin[family[k]])
        end = time.latest if (time := times[k]) else INFINITY
        may = (starts <= end) & (shared > 0) & (np.arange(len(ranked)) != x)
        for places, most in ((np.flatnonzero(may & leads), KEPT), (own[may[own]], COPIES)):
            for y in places[np.argsort(-shared[places], kind="stable")[:most]].tolist():  # of equals the earliest
                yield min(k, ranked[y]), max(k, ranked[y])


INFINITY = float("inf")


def _start(time: Time | None, unknown: float) -> float:
    return time.earliest if time else unknown


def _counted(sets: Sequence[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """For each text how many shingles it shares with each, exactly, by the postings of all of them."""
    codes = np.concatenate(sets)
    owner = np.repeat(np.arange(len(sets), dtype=np.int32), [len(s) for s in sets])
    order = np.argsort(codes, kind="stable")
    held, begin = np.unique(codes[order], return_index=True)
    owner, end = owner[order], np.append(begin[1:], len(codes))
    for own in sets:
        place = np.searchsorted(held, own)
        rows = [owner[begin[p] : end[p]] for p in place.tolist() if end[p] - begin[p] > 1]
        counts: NDArray[np.int64] = np.bincount(np.concatenate(rows) if rows else owner[:0], minlength=len(sets))
        yield counts
