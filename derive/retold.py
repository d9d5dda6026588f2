"""Which stretches of two texts tell the same, sentence by sentence, though hardly three words in a row are left?

Sentences are compared as bags of word stems, weighed by how few sentences of the pair hold them (tf-isf). Two that are
similar, and each other's best or nearly so, are a seed; seeds near each other on both sides are a stretch, as long as the
whole stretch is similar and about as long in both texts; it then grows by weaker seeds at its edges.
The idea of sentence seeds, clustering by gap and validation by the cosine of the whole is Sanchez-Perez, Sidorov and
Gelbukh, A winning approach to text alignment for text reuse detection at PAN 2014; boundaries and growth are our own.

What was condensed or shuffled has no such stretches: its sentences come from all over the other text. There the evidence is a
*block*: sentences in a row of which each is near to some sentence of the other text, far nearer than the rest of its own
text is. That the two are on one topic makes the rest near, too, and so says nothing.

Start reading at `retold`. Thresholds of stretches were set on every 20th pair of pan13_train.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.model import Prepared
from derive.sets import counted

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
NEAR, ABOVE_USUAL = 0.2, 2.0
"""A sentence adds to a block as far as it is nearer than this, and than so many times what is usual in the pair; as near as a
seed is near in any case, or texts retold as wholes would have nothing unusual."""
CONDENSED = 3.0
"""How many times longer what is summed up is than its summary (prior; PAN 2013: 4 to 17)."""
TOLD, ABOUT_AS_LONG = 0.8, 1.5
"""A stretch that holds so much of a block, at most so many times longer on the other side, is what the block retells (M: of
pan13_train a tenth; lower shares split summaries, too)."""
SPREAD = 0.6
"""Share of the summary's words that the closest half of what it is near to spans at least: else it is one place and a stray."""


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


@dataclass(frozen=True, slots=True)
class Block:
    """Sentences in a row of one text, each near to some sentence of the other."""

    a: tuple[int, int]
    b: tuple[int, int]
    """Words of the block, and from the first to the last that they are near to: which is which depends on `short`."""
    short: int
    """0 if the block stands in `a`, 1 if in `b`."""
    score: float
    """Words of the block, each counted by how much nearer its sentence is than is usual."""
    sentences: int
    similarity: float
    """Cosine of the two as wholes."""
    condenses: bool
    """True if the block sums up what it is near to."""

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.a, self.b, self.similarity, min(end - start for start, end in (self.a, self.b)))

    def holds(self, s: Stretch) -> bool:
        """True if the stretch lies for the most part in the block, and meets what it is near to."""
        own, other = ((self.a, self.b), (self.b, self.a))[self.short]
        here, there = ((s.a, s.b), (s.b, s.a))[self.short]
        return _mostly_in(here, own) and there[0] < other[1] and other[0] < there[1]

    def is_told_by(self, s: Stretch) -> bool:
        """True if the stretch tells most of the block in one place that is about as long."""
        own, here, there = ((self.a, s.a, s.b), (self.b, s.b, s.a))[self.short]
        inside = min(own[1], here[1]) - max(own[0], here[0])
        return inside > TOLD * (own[1] - own[0]) and there[1] - there[0] < ABOUT_AS_LONG * (here[1] - here[0])

    def crosses(self, s: Stretch) -> bool:
        """True if the other text retells elsewhere what the block is near to."""
        own, other = ((self.a, self.b), (self.b, self.a))[self.short]
        here, there = ((s.a, s.b), (s.b, s.a))[self.short]
        return not _mostly_in(here, own) and there[0] < other[1] and other[0] < there[1]


@dataclass(frozen=True, slots=True)
class Retold:
    """All that shows that one text retells the other, sentence by sentence."""

    stretches: tuple[Stretch, ...] = ()
    block: Block | None = None

    def places(self) -> list[Stretch]:
        """The stretches, with a summary in place of those it is made of."""
        block = self.block
        if block is None or not block.condenses or any(block.crosses(s) or block.is_told_by(s) for s in self.stretches):
            return list(self.stretches)
        return [block.stretch, *(s for s in self.stretches if not block.holds(s))]


Seeds = NDArray[np.int64]
"""Pairs of sentences, one a row."""
Box = tuple[int, int, int, int]


def retold(a: Prepared, b: Prepared, *, authored: bool) -> Retold:
    """The retold stretches of two texts, the longest first, and the block that stands out most.

    `authored`: authored words alone are looked at, else quotations too.
    """
    left, right = _sentences(a, authored), _sentences(b, authored)
    if left is None or right is None:
        return Retold()
    table = _Table(left, right)
    strong, all_seeds = table.seeds()
    boxes = [table.grown(box, all_seeds) for box in table.valid(strong, WIDEST_GAP)]
    found = [table.stretch(box) for box in dict.fromkeys(boxes)]
    kept = _without_overlaps(sorted(found, key=lambda s: (-s.words, s.a, s.b)))
    return Retold(tuple(s for s in kept if not any(_outdone(s, k) for k in kept)), table.block())


@dataclass(frozen=True, slots=True)
class _Bags:
    """A text as bags of stems: `word[k]` is a position, in sentence `sentence[k]`, with stem `stem[k]`."""

    word: NDArray[np.int64]
    sentence: NDArray[np.int64]
    stem: NDArray[np.int64]


def _sentences(p: Prepared, authored: bool) -> _Bags | None:
    """The words looked at, in sentences of three or more (shorter ones join the one before)."""
    keep = np.flatnonzero(p.authored if authored else ~p.blocked)
    if not len(keep):
        return None
    numbers = p.sentences[keep]
    first = np.concatenate(([True], numbers[1:] != numbers[:-1]))
    numbers, lengths = np.cumsum(first) - 1, np.diff(np.append(np.flatnonzero(first), len(keep)))
    joins = lengths < SHORTEST_SENTENCE
    joins[0] = False
    numbers = (np.cumsum(~joins) - 1)[numbers]
    return _Bags(keep, numbers, p.words.stems(STEM)[keep])


class _Table:
    """All sentences of two texts against each other.

    Products of two texts need the stems that both hold, lengths need all: matrices have columns for the shared ones alone.
    """

    def __init__(self, a: _Bags, b: _Bags) -> None:
        self.a, self.b = a, b
        # Numbered as they come, the shared ones first: a stem's own number differs from process to process.
        stems, shared = kernel.numbered(np.concatenate((a.stem, b.stem)), len(a.stem))
        self.stems, distinct = [stems[: len(a.stem)], stems[len(a.stem) :]], int(stems.max()) + 1
        held = [_held(bags.sentence, s, distinct) for bags, s in zip((a, b), self.stems, strict=True)]
        frequency = np.bincount(np.concatenate([h.stem for h in held]), minlength=distinct).astype(np.float64)
        self.rarity = np.log(sum(h.sentences for h in held) / frequency)
        weights = [h.table(np.asarray(h.count * self.rarity[h.stem], dtype=np.float64), shared) for h in held]
        norms = [np.sqrt(np.bincount(h.sentence, (h.count * self.rarity[h.stem]) ** 2)) for h in held]
        whole = np.maximum(norms[0], 1e-12)[:, None] * np.maximum(norms[1], 1e-12)[None, :]
        # Rounded, so that no last bit of another machine's sums tips a threshold.
        self.cosine = np.round(weights[0] @ weights[1].T / whole, 6)
        there = [h.table(np.ones(len(h.stem)), shared).astype(np.float32) for h in held]  # exact for such counts
        sizes = [np.bincount(h.sentence) for h in held]
        self.dice = 2 * (there[0] @ there[1].T) / (sizes[0][:, None] + sizes[1][None, :])
        self.starts = [
            np.searchsorted(bags.sentence, np.arange(h.sentences + 1)) for bags, h in zip((a, b), held, strict=True)
        ]

    def seeds(self) -> tuple[Seeds, Seeds]:
        """Sentence pairs that are similar and nearly each other's best; and all that are similar."""
        similar = (self.cosine > COSINE) & (self.dice > DICE)
        cosine = np.where(similar, self.cosine, 0.0)
        best = np.maximum(cosine.max(axis=1)[:, None], cosine.max(axis=0)[None, :])
        return np.argwhere(similar & (cosine >= NEAR_BEST * best)), np.argwhere(similar)

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
        i, j = seeds.T
        while True:
            i0, i1, j0, j1 = box
            near = seeds[(i0 - GROW <= i) & (i < i1 + GROW) & (j0 - GROW <= j) & (j < j1 + GROW)]
            wider = _box(np.vstack((near, [(i0, j0), (i1 - 1, j1 - 1)])))
            if wider == box or self.ratio(wider) > RATIO:
                return box
            box = wider

    def block(self) -> Block | None:
        """Of both texts' blocks the one that stands out more (of `b`, if they do alike)."""
        blocks = [b for b in (self._block(1), self._block(0)) if b]
        return max(blocks, key=lambda b: b.score, default=None)

    def _block(self, side: int) -> Block | None:
        """The run of sentences of one text with the largest sum of what each adds (Kadane's walk)."""
        table = self.cosine if side == 0 else self.cosine.T
        near, partner = table.max(axis=1), table.argmax(axis=1)
        least = min(COSINE, max(NEAR, ABOVE_USUAL * _median(near)))
        added = np.round(np.diff(self.starts[side]) * (near - least), 4)
        before = np.concatenate(([0.0], np.cumsum(added)))
        lowest = np.minimum.accumulate(before)
        end = int((before - lowest).argmax())
        start = int(before[: end + 1].argmin())
        if end == start:
            return None
        there = np.sort(partner[start:end][near[start:end] >= least])
        other = (int(there[0]), int(there[-1]) + 1)
        box = (start, end, *other) if side == 0 else (*other, start, end)
        score = round(float(before[end] - before[start]), 4)
        s = self.stretch(box)
        if 2 * (other[1] - other[0]) > table.shape[1]:  # what sums up more than half of a text sums up the text
            whole = self.stretch((*(0, len(self.cosine)), *box[2:]) if side else (*box[:2], *(0, len(self.cosine.T))))
            s = replace(s, a=whole.a, b=whole.b)
        return Block(s.a, s.b, side, score, end - start, s.similarity, self._condenses(side, start, end, there))

    def _condenses(self, side: int, start: int, end: int, there: NDArray[np.int64]) -> bool:
        """Whether the sentences `there` (sorted) span far more words than the block, and not for the sake of a few of them."""
        words, other = self.starts[side][end] - self.starts[side][start], self.starts[1 - side]
        half = -(-len(there) // 2)
        closest = (other[there[half - 1 :] + 1] - other[there[: len(there) - half + 1]]).min()
        return bool(other[there[-1] + 1] - other[there[0]] >= CONDENSED * words and closest > SPREAD * words)

    def lengths(self, box: Box) -> tuple[int, int]:
        i0, i1, j0, j1 = box
        return int(self.starts[0][i1] - self.starts[0][i0]), int(self.starts[1][j1] - self.starts[1][j0])

    def ratio(self, box: Box) -> float:
        short, long = sorted(self.lengths(box))
        return long / max(1, short)

    def similarity(self, box: Box) -> float:
        """The cosine of both sides as wholes."""
        i0, i1, j0, j1 = box
        x, y = (
            np.bincount(stems[start[low] : start[high]], minlength=len(self.rarity)) * self.rarity
            for stems, start, low, high in zip(self.stems, self.starts, (i0, j0), (i1, j1), strict=True)
        )
        return round(float(x @ y) / max(1e-12, math.sqrt(float(x @ x)) * math.sqrt(float(y @ y))), 6)

    def stretch(self, box: Box) -> Stretch:
        i0, i1, j0, j1 = box
        (a0, a1), (b0, b1) = (
            (int(bags.word[start[low]]), int(bags.word[start[high] - 1]) + 1)
            for bags, start, low, high in ((self.a, self.starts[0], i0, i1), (self.b, self.starts[1], j0, j1))
        )
        return Stretch((a0, a1), (b0, b1), self.similarity(box), min(self.lengths(box)))


@dataclass(frozen=True, slots=True)
class _Held:
    """Which stems each sentence holds, how often: three columns of one table."""

    sentence: NDArray[np.int64]
    stem: NDArray[np.int64]
    count: NDArray[np.int64]

    @property
    def sentences(self) -> int:
        return int(self.sentence[-1]) + 1

    def table(self, values: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
        """The values, a row a sentence, a column a stem: the first `columns` stems alone."""
        table = np.zeros((self.sentences, columns))
        there = self.stem < columns
        table[self.sentence[there], self.stem[there]] = values[there]
        return table


def _held(sentence: NDArray[np.int64], stem: NDArray[np.int64], stems: int) -> _Held:
    keys, counts = counted(sentence * stems + stem)
    return _Held(keys // stems, keys % stems, counts)


def _median(values: NDArray[np.float64]) -> float:
    """The median; `numpy.median` takes ten times as long over a few values."""
    ordered, middle = np.sort(values), len(values) // 2
    return float(ordered[middle] if len(values) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _box(seeds: Seeds) -> Box:
    (i0, j0), (i1, j1) = seeds.min(axis=0).tolist(), seeds.max(axis=0).tolist()
    return i0, i1 + 1, j0, j1 + 1


def _clusters(seeds: Seeds, gap: int) -> list[Seeds]:
    """Seeds no further apart than the gap on either side, cut on one side after the other until nothing changes."""
    if not len(seeds):
        return []
    waiting, done = [(seeds, 0, 0)], []
    while waiting:
        group, side, unchanged = waiting.pop()
        group = group[np.lexsort((group[:, 1 - side], group[:, side]))]
        ends = [*(np.flatnonzero(group[1:, side] - group[:-1, side] > gap) + 1).tolist(), len(group)]
        parts = [group[low:high] for low, high in zip([0, *ends], ends, strict=False)]
        if len(parts) == 1 and unchanged:
            done.append(group)
        else:
            waiting += [(part, 1 - side, int(len(parts) == 1)) for part in parts]
    return sorted(done, key=lambda group: min(group.tolist()))


def _without_overlaps(stretches: list[Stretch]) -> list[Stretch]:
    """Without those that lie for the most part in a longer one, on both sides."""
    kept: list[Stretch] = []
    for s in stretches:
        if not any(_mostly_in(s.a, k.a) and _mostly_in(s.b, k.b) for k in kept):
            kept.append(s)
    return kept


def _outdone(s: Stretch, k: Stretch) -> bool:
    """True if the other text tells the larger part of s elsewhere, and better."""
    return any(
        _mostly_in(x, y) and not (v[0] < w[1] and w[0] < v[1]) and s.similarity < k.similarity
        for x, y, v, w in ((s.a, k.a, s.b, k.b), (s.b, k.b, s.a, k.a))
    )


def _mostly_in(x: tuple[int, int], y: tuple[int, int]) -> bool:
    return 2 * (min(x[1], y[1]) - max(x[0], y[0])) > x[1] - x[0]
