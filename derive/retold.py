"""Which stretches of two texts tell the same, sentence by sentence, though hardly three words in a row are left?

Sentences are compared as bags of word stems, weighed by how few sentences of the pair hold them (tf-isf). Two that are
similar, and each other's best or nearly so, are a seed; seeds near each other on both sides are a stretch, as long as the
whole stretch is similar and about as long in both texts; it then grows by weaker seeds at its edges.
The idea of sentence seeds, clustering by gap and validation by the cosine of the whole is Sanchez-Perez, Sidorov and
Gelbukh, A winning approach to text alignment for text reuse detection at PAN 2014; boundaries and growth are our own.

Start reading at `retold`. Thresholds were set on every 20th pair of pan13_train.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.model import Prepared

COSINE, DICE = 0.3, 0.2
"""Least similarity of two sentences that seed a stretch: by weight, and by plain share of stems."""
NEAR_BEST = 0.85
"""A seed is at least so near to the best seed of either of its sentences: what is similar to everything seeds nothing."""
WIDEST_GAP = 5
"""Sentences without a seed that a stretch may span; narrowed until the stretch is similar as a whole."""
WHOLE = 0.4
"""Least cosine of a stretch as a whole."""
RATIO, LOOSE_RATIO = 3.5, 4.0
"""How much longer one side may be; the looser one for neighbouring seeds alone."""
GROW = 2
"""Sentences at the edges within which weaker seeds are taken in."""
STEM = 6
"""Letters of a word that count: a stem that needs no knowledge of the language."""
SHORTEST_SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words `a[0]` to `a[1]` (not included) of one text retell words `b[0]` to `b[1]` of the other."""

    a: tuple[int, int]
    b: tuple[int, int]
    similarity: float
    """Cosine of the two as wholes."""
    words: int
    """Words of the shorter side that were looked at."""

    def meets(self, other: Stretch) -> bool:
        """True if the two overlap on both sides."""
        return all(x[0] < y[1] and y[0] < x[1] for x, y in ((self.a, other.a), (self.b, other.b)))


Seeds = list[tuple[int, int]]
Box = tuple[int, int, int, int]


def retold(a: Prepared, b: Prepared, *, authored: bool) -> list[Stretch]:
    """The retold stretches of two texts, the longest first.

    `authored`: authored words alone are looked at, else quotations too.
    """
    left, right = _sentences(a, authored), _sentences(b, authored)
    if left is None or right is None:
        return []
    table = _Table(left, right)
    strong, all_seeds = table.seeds()
    boxes = [table.grown(box, all_seeds) for box in table.valid(strong, WIDEST_GAP)]
    found = [table.stretch(box) for box in dict.fromkeys(boxes)]
    return _without_overlaps(sorted(found, key=lambda s: (-s.words, s.a, s.b)))


@dataclass(frozen=True, slots=True)
class _Bags:
    """A text as bags of stems: `word[k]` is a position, in sentence `sentence[k]`, with stem `stem[k]`."""

    word: NDArray[np.int64]
    sentence: NDArray[np.int64]
    stem: list[str]


def _sentences(p: Prepared, authored: bool) -> _Bags | None:
    """The words looked at, in sentences of three or more (shorter ones join the one before)."""
    keep = np.flatnonzero(p.authored if authored else ~p.blocked)
    if not len(keep):
        return None
    numbers = p.sentences[keep]
    _, numbers, lengths = np.unique(numbers, return_inverse=True, return_counts=True)
    joins = lengths < SHORTEST_SENTENCE
    joins[0] = False
    numbers = (np.cumsum(~joins) - 1)[numbers]
    return _Bags(keep, numbers, [p.words.strings[k][:STEM] for k in keep.tolist()])


class _Table:
    """All sentences of two texts against each other."""

    def __init__(self, a: _Bags, b: _Bags) -> None:
        self.a, self.b = a, b
        ids: dict[str, int] = {}
        stems = [np.array([ids.setdefault(s, len(ids)) for s in bags.stem], dtype=np.int64) for bags in (a, b)]
        counts = [_counts(bags.sentence, s, len(ids)) for bags, s in zip((a, b), stems, strict=True)]
        held = [c > 0 for c in counts]
        frequency = held[0].sum(axis=0) + held[1].sum(axis=0)
        rarity = np.log((len(held[0]) + len(held[1])) / frequency)
        self.weights = [c * rarity for c in counts]
        norms = [np.maximum(np.linalg.norm(w, axis=1), 1e-12) for w in self.weights]
        # Rounded, so that no last bit of another machine's sums tips a threshold.
        self.cosine = np.round(self.weights[0] @ self.weights[1].T / norms[0][:, None] / norms[1][None, :], 6)
        sizes = [h.sum(axis=1) for h in held]
        shared = held[0].astype(np.float64) @ held[1].T.astype(np.float64)
        self.dice = 2 * shared / (sizes[0][:, None] + sizes[1][None, :])
        self.starts = [
            np.searchsorted(bags.sentence, np.arange(len(c) + 1)) for bags, c in zip((a, b), counts, strict=True)
        ]

    def seeds(self) -> tuple[Seeds, Seeds]:
        """Sentence pairs that are similar and nearly each other's best; and all that are similar."""
        similar = (self.cosine > COSINE) & (self.dice > DICE)
        cosine = np.where(similar, self.cosine, 0.0)
        best = np.maximum(cosine.max(axis=1)[:, None], cosine.max(axis=0)[None, :])
        return _pairs(similar & (cosine >= NEAR_BEST * best)), _pairs(similar)

    def valid(self, seeds: Seeds, gap: int) -> list[Box]:
        """The clusters of the seeds that hold as wholes; the others are cut at narrower gaps."""
        found: list[Box] = []
        for cluster in _clusters(seeds, gap):
            box = _box(cluster)
            ratio = self.ratio(box)
            if self.similarity(box) >= WHOLE and (ratio <= RATIO or (gap == 0 and ratio <= LOOSE_RATIO)):
                found.append(box)
            elif gap > 0:
                found += self.valid(cluster, gap - 1)
        return found

    def grown(self, box: Box, seeds: Seeds) -> Box:
        """The box with the weaker seeds at its edges, as long as both sides stay about as long."""
        while True:
            i0, i1, j0, j1 = box
            near = [(i, j) for i, j in seeds if i0 - GROW <= i < i1 + GROW and j0 - GROW <= j < j1 + GROW]
            wider = _box([*near, (i0, j0), (i1 - 1, j1 - 1)])
            if wider == box or self.ratio(wider) > RATIO:
                return box
            box = wider

    def lengths(self, box: Box) -> tuple[int, int]:
        i0, i1, j0, j1 = box
        return int(self.starts[0][i1] - self.starts[0][i0]), int(self.starts[1][j1] - self.starts[1][j0])

    def ratio(self, box: Box) -> float:
        short, long = sorted(self.lengths(box))
        return long / max(1, short)

    def similarity(self, box: Box) -> float:
        """The cosine of both sides as wholes."""
        i0, i1, j0, j1 = box
        x, y = self.weights[0][i0:i1].sum(axis=0), self.weights[1][j0:j1].sum(axis=0)
        return round(float(x @ y / max(1e-12, float(np.linalg.norm(x) * np.linalg.norm(y)))), 6)

    def stretch(self, box: Box) -> Stretch:
        i0, i1, j0, j1 = box
        (a0, a1), (b0, b1) = (
            (int(bags.word[start[low]]), int(bags.word[start[high] - 1]) + 1)
            for bags, start, low, high in ((self.a, self.starts[0], i0, i1), (self.b, self.starts[1], j0, j1))
        )
        return Stretch((a0, a1), (b0, b1), self.similarity(box), min(self.lengths(box)))


def _counts(sentence: NDArray[np.int64], stem: NDArray[np.int64], stems: int) -> NDArray[np.float64]:
    """How often each sentence (row) holds each stem (column)."""
    rows = int(sentence[-1]) + 1
    flat = np.bincount(sentence * stems + stem, minlength=rows * stems)
    return flat.reshape(rows, stems).astype(np.float64)


def _pairs(mask: NDArray[np.bool_]) -> Seeds:
    i, j = np.nonzero(mask)
    return list(zip(i.tolist(), j.tolist(), strict=True))


def _box(seeds: Iterable[tuple[int, int]]) -> Box:
    i, j = zip(*seeds, strict=True)
    return min(i), max(i) + 1, min(j), max(j) + 1


def _clusters(seeds: Seeds, gap: int) -> list[Seeds]:
    """Seeds no further apart than the gap on either side, cut on one side after the other until nothing changes."""
    if not seeds:
        return []
    waiting, done = [(seeds, 0, 0)], []
    while waiting:
        group, side, unchanged = waiting.pop()
        group = sorted(group, key=lambda s: (s[side], s[1 - side]))
        parts = [[group[0]]]
        for seed in group[1:]:
            if seed[side] - parts[-1][-1][side] <= gap:
                parts[-1].append(seed)
            else:
                parts.append([seed])
        if len(parts) == 1 and unchanged:
            done.append(group)
        else:
            waiting += [(part, 1 - side, int(len(parts) == 1)) for part in parts]
    return sorted(done, key=min)


def _without_overlaps(stretches: list[Stretch]) -> list[Stretch]:
    """Without those that lie for the most part in a longer one, on both sides."""
    kept: list[Stretch] = []
    for s in stretches:
        if not any(_mostly_in(s.a, k.a) and _mostly_in(s.b, k.b) for k in kept):
            kept.append(s)
    return kept


def _mostly_in(x: tuple[int, int], y: tuple[int, int]) -> bool:
    return 2 * (min(x[1], y[1]) - max(x[0], y[0])) > x[1] - x[0]
