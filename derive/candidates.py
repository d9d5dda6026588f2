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
from derive.model import Shingled
from derive.params import Params
from derive.sketch import band_keys, sketch

FAMILY = 0.8
"""Resemblance from which two texts are one family while searching (near-verbatim; they are told apart again afterwards)."""
NEIGHBOURS = 3
"""Families next in the postings to which a common shingle links each family."""


def copies(documents: Sequence[Shingled]) -> list[list[int]]:
    """Positions of the documents that have the same words after exclusions, the representative first.

    The representative has the smallest (content hash, id), whatever the order of the documents. Documents without a
    countable shingle stand alone.
    """
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        p = document.prepared
        words = tuple(w for w, counts in zip(p.words.strings, ~p.blocked, strict=True) if counts)
        alone = not len(document.distinct) or "low-information" in p.flags
        groups[("\0", str(i)) if alone else words].append(i)
    found = [sorted(g, key=lambda i: (documents[i].prepared.sha256, documents[i].id)) for g in groups.values()]
    return sorted(found)


def families(documents: Sequence[Shingled], params: Params) -> Groups:
    """Near-verbatim texts folded: they share a band of their sketches, and their resemblance is counted to be high."""
    groups = Groups(len(documents))
    bands: dict[tuple[int, bytes], int] = {}
    for i, document in enumerate(documents):
        if not len(document.distinct):
            continue
        values = sketch(np.unique(document.hashes[document.authored]), params.permutations, params.seed)
        for band in enumerate(band_keys(values, params.bands)):
            first = bands.setdefault(band, i)
            if groups.find(first) != groups.find(i) and _resemblance(documents[first], document) >= FAMILY:
                groups.join(first, i)
    return groups


def _resemblance(a: Shingled, b: Shingled) -> float:
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


def candidate_pairs(documents: Sequence[Shingled], params: Params) -> list[tuple[int, int]]:
    """Pairs of positions (i < j), sorted, that share at least `rare_shared` shingles: rare ones, or a fair share of a text.

    Shingles of names alone and stock phrases of news at large propose nothing: all reports of an event share them.
    """
    usable = [i for i, d in enumerate(documents) if "low-information" not in d.prepared.flags]
    if len(usable) < 2:
        return []
    sets = [np.unique(documents[i].codes[documents[i].open & ~documents[i].formula]) for i in usable]
    codes, owners = _postings(sets, usable)
    sizes = np.zeros(len(documents), dtype=np.int64)
    sizes[usable] = [len(s) for s in sets]
    keys, counts = _shared(codes, owners, len(documents), params.common_shingle, 1)
    rare, weights = _shared(codes, owners, len(documents), RARE, 0)
    rare_counts = np.zeros(len(keys), dtype=np.int64)
    rare_counts[np.searchsorted(keys, rare)] = weights
    smaller = np.minimum(sizes[keys // len(documents)], sizes[keys % len(documents)])
    keep = (counts >= params.rare_shared) & ((rare_counts >= params.rare_shared) | (counts >= WORTH * smaller))
    return _as_pairs(keys[keep], len(documents))


def fact_pairs(facts: Sequence[NDArray[np.int64]]) -> list[tuple[int, int]]:
    """Pairs of positions (i < j), sorted, that share several names and figures which stand in few documents.

    `facts` holds the numbers of each document's facts. It proposes the rewrites that kept no words.
    """
    codes, owners = _postings(facts, range(len(facts)))
    keys, counts = _shared(codes, owners, len(facts), FACT_HOLDERS, 0)
    return _as_pairs(keys[counts >= FACTS_SHARED], len(facts))


def _postings(sets: Sequence[NDArray[np.int64]], names: Iterable[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All codes of all sets, sorted, and the name of the set that each stands in."""
    codes = np.concatenate(sets) if len(sets) else np.zeros(0, dtype=np.int64)
    owners = np.repeat(np.array(list(names), dtype=np.int64), [len(s) for s in sets])
    order = np.lexsort((owners, codes))
    return codes[order], owners[order]


def _shared(
    codes: NDArray[np.int64], owners: NDArray[np.int64], n: int, common: int, neighbours: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of owners as keys i * n + j, sorted, and how many codes each shares.

    A code that more than `common` hold links each holder to its next few alone, or, without `neighbours`, nobody.
    """
    if not len(codes):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    lengths = np.diff(np.concatenate((starts, [len(codes)])))
    found = [np.zeros(0, dtype=np.int64)]
    for length in np.unique(lengths[lengths > 1]).tolist():
        if length > common and not neighbours:
            break
        i, j = _places(length, common)
        own = starts[lengths == length]
        # In blocks: a story's every shingle in every copy would fill the memory at once.
        for block in np.array_split(own, max(1, len(own) * len(i) // 4_000_000)):
            keys = owners[block[:, None] + i] * n + owners[block[:, None] + j]
            found.append(keys.ravel())
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    return keys, counts.astype(np.int64)


def _places(length: int, common: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which places of a posting of this length are paired: all with all, or each with its next few."""
    if length <= common:
        first, second = np.triu_indices(length, 1)
        return first.astype(np.int64), second.astype(np.int64)
    steps = range(1, NEIGHBOURS + 1)
    return (
        np.concatenate([np.arange(length - step) for step in steps]),
        np.concatenate([np.arange(step, length) for step in steps]),
    )


def _as_pairs(keys: NDArray[np.int64], n: int) -> list[tuple[int, int]]:
    return list(zip((keys // n).tolist(), (keys % n).tolist(), strict=True))


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
