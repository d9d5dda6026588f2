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

from derive.model import Shingled
from derive.params import Params
from derive.sketch import band_keys, sketch

FAMILY = 0.8
"""Resemblance from which two texts are one family while searching (near-verbatim; they are told apart again afterwards)."""
NEIGHBOURS = 3
"""Families next in the postings to which a common shingle links each family."""


class Groups:
    """Disjoint groups of the numbers 0..n-1 (union-find); a group's name is its smallest member."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        i, j = self.find(i), self.find(j)
        self._parent[max(i, j)] = min(i, j)

    def members(self) -> dict[int, list[int]]:
        """Group name -> its members in order, groups in order of their names."""
        members: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self._parent)):
            members[self.find(i)].append(i)
        return dict(members)


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


def candidate_pairs(documents: Sequence[Shingled], params: Params) -> list[tuple[int, int]]:
    """Pairs of positions (i < j) that share at least `rare_shared` shingles which propose pairs, sorted."""
    weights: dict[tuple[int, int], int] = defaultdict(int)
    usable = [d for d in documents if "low-information" not in d.prepared.flags]
    position = {id(d): i for i, d in enumerate(documents)}
    if len(usable) < 2:
        return []
    sets = [np.unique(d.codes[d.open]) for d in usable]
    codes = np.concatenate(sets)
    owners = np.repeat(np.array([position[id(d)] for d in usable]), [len(s) for s in sets])
    order = np.lexsort((owners, codes))
    codes, owners = codes[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    stops = np.concatenate((starts[1:], [len(codes)]))
    pairs = [_pairs(owners[s:e], params.common_shingle) for s, e in zip(starts, stops, strict=True) if e - s > 1]
    if not pairs:
        return []
    n = len(documents)
    keys, counts = np.unique(np.concatenate([p[:, 0] * n + p[:, 1] for p in pairs]), return_counts=True)
    del weights
    return [(int(k) // n, int(k) % n) for k in keys[counts >= params.rare_shared]]


def _pairs(where: NDArray[np.int64], common: int) -> NDArray[np.int64]:
    """The pairs that one shingle proposes among the documents that hold it (sorted)."""
    if len(where) <= common:
        i, j = np.triu_indices(len(where), 1)
    else:
        i = np.concatenate([np.arange(len(where) - step) for step in range(1, NEIGHBOURS + 1)])
        j = np.concatenate([np.arange(step, len(where)) for step in range(1, NEIGHBOURS + 1)])
    return np.stack((where[i], where[j]), axis=1).astype(np.int64)


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
