"""Which pairs are worth comparing? Copies fold together, shared rare shingles propose the rest.

`copies` groups documents with the same words after exclusions. `families` folds near-verbatim texts by LSH over their
sketches, each fold verified exactly. `candidate_pairs` joins the postings of all shingles: a pair that shares enough of
them is proposed. A shingle in very many families proposes no pair by itself, but links each family to its neighbours in
the postings, so that one story's many partial copies still hang together.

Nothing here decides: every pair proposed is counted exactly by `compare`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from derive.groups import Groups
from derive.holders import Postings
from derive.model import Shingled
from derive.params import Params
from derive.shelf import Shelf

FAMILY = 0.8
"""Resemblance from which two texts are one family while searching (near-verbatim; they are told apart again afterwards)."""
NEIGHBOURS = 3
"""Families next in the postings to which a common shingle links each family."""


def copies(shelf: Shelf) -> list[list[int]]:
    """Positions of the documents that have the same words after exclusions, the representative first.

    The representative has the smallest (content hash, id), whatever the order of the documents. Documents without a
    countable shingle stand alone.
    """
    groups: dict[bytes, list[int]] = defaultdict(list)
    for i, (p, sets) in enumerate(zip(shelf.packed, shelf.sets, strict=True)):
        alone = not sets.size or "low-information" in p.flags
        groups[str(i).encode() if alone else sets.content].append(i)
    found = [sorted(g, key=lambda i: (shelf.packed[i].sha256, shelf.packed[i].id)) for g in groups.values()]
    return sorted(found)


def families(shelf: Shelf, heads: Sequence[int], bands: int) -> Groups:
    """Near-verbatim texts folded: they share a band of their sketches, and their resemblance is counted to be high.

    The groups are of places in `heads`, which are positions on the shelf.
    """
    groups = Groups(len(heads))
    usable = [k for k, i in enumerate(heads) if len(shelf.sketches[i])]
    sketches = np.array([shelf.sketches[heads[k]] for k in usable])
    for later, before in _same_bands(sketches, bands) if usable else ():
        i, j = usable[before], usable[later]
        if groups.find(i) != groups.find(j) and resemblance(shelf[heads[i]], shelf[heads[j]]) >= FAMILY:
            groups.join(i, j)
    return groups


def _same_bands(sketches: NDArray[np.uint32], bands: int) -> list[tuple[int, int]]:
    """(i, the first sketch that has a band of sketch i), in order of i, for all bands of which i is not the first."""
    found: set[tuple[int, int]] = set()
    for band in np.split(sketches, bands, axis=1):
        rows = np.ascontiguousarray(band).view(np.dtype((np.void, band.shape[1] * band.itemsize))).ravel()
        _, first, place = np.unique(rows, return_index=True, return_inverse=True)
        later = np.flatnonzero(first[place] != np.arange(len(rows)))
        found.update(zip(later.tolist(), first[place[later]].tolist(), strict=True))
    return sorted(found)


def resemblance(a: Shingled, b: Shingled) -> float:
    """|A∩B|/|A∪B| over authored shingles, not rounded."""
    shared = len(np.intersect1d(a.distinct, b.distinct, assume_unique=True))
    return shared / max(1, len(a.distinct) + len(b.distinct) - shared)


RARE = 3
"""Families up to which a shingle is rare: a few of them shared are worth a look."""
WORTH = 0.02
"""Share of the smaller text's telling shingles from which a pair is worth a look without rare ones (M: with both rules no
silver pair of helsinki_news is lost, and of 35,584 pairs of 700 Guardian articles 937 are left to be measured)."""
FACT_HOLDERS = 25
"""Documents up to which a name or a figure says something about which event a text is on (prior)."""
FACTS_SHARED = 6
"""Such names and figures that make a pair worth a look although no words are shared (prior)."""


def candidate_pairs(sets: Sequence[NDArray[np.int64]], params: Params) -> list[tuple[int, int]]:
    """Pairs of positions (i < j), sorted, that share at least `rare_shared` shingles: rare ones, or a fair share of a text.

    `sets` holds the codes that each document can be found by. Shingles of names alone and stock phrases of news at large
    are none of them: all reports of an event share them.
    """
    return Postings(sets).meetings(
        common=params.common_shingle, neighbours=NEIGHBOURS, rare=RARE, least=params.rare_shared, worth=WORTH
    )


def fact_pairs(facts: Sequence[NDArray[np.int32]]) -> list[tuple[int, int]]:
    """Pairs of positions (i < j), sorted, that share several names and figures which stand in few documents.

    `facts` holds the numbers of each document's facts. It proposes the rewrites that kept no words.
    """
    return Postings(facts).meetings(common=FACT_HOLDERS, neighbours=0, rare=0, least=FACTS_SHARED, worth=0)


def spread(pairs: Iterable[tuple[int, int]], groups: list[list[int]], most: int) -> list[tuple[int, int]]:
    """Pairs of representatives (positions in `groups`) as pairs of documents, and the pairs inside each group.

    Every pair where that makes no more than `most`; else the representatives' pair, and a star inside a group.
    """
    found: set[tuple[int, int]] = set()
    for i, j in pairs:
        left, right = groups[i], groups[j]
        if len(left) * len(right) > most:
            left, right = left[:1], right[:1]
        found.update((min(a, b), max(a, b)) for a in left for b in right)
    for group in groups:
        inside = group if len(group) ** 2 <= most else group[:1]
        found.update((min(a, b), max(a, b)) for a in inside for b in group if a != b)
    return sorted(found)
