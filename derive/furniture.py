"""What belongs to the site, not to the story? A collection shows it.

A short paragraph that stands in several articles which share next to nothing else, neither whole paragraphs nor words in a
row, is furniture; so is an end that many articles' last paragraphs have in common. Paragraphs are known by a number made of
their words (`key_of`), so that case, punctuation and house style make no difference, and a million articles can be asked at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xxhash
from numpy.typing import NDArray

FURNITURE_WORDS = 60
"""Longer paragraphs are prose."""
LEARNED_IN = 3
"""Articles in which a paragraph must stand before a collection can show that it is furniture."""
LEARNED_SHARE = 0.25
"""Articles that share more than this of their paragraphs are versions of one story, not neighbours on one site."""
PROSE_WORDS = 12
"""From so many words on a paragraph may be a story's prose: its articles must not share other words, either."""
PROSE_SHARE = 0.1
"""Articles that share more than this of the three-word runs outside their common paragraphs tell one story (M: of the
paragraphs that strangers share in helsinki_news, rewritten agency prose lies above, but for few, and site furniture below)."""
LOOKED_AT = 40
"""Articles of those with one paragraph that are asked whether they share more."""
ASKED = 400
"""Articles that end alike of which so many are looked at."""
TAIL_IN = 5
"""Articles that must end alike before the end can be furniture inside their last paragraph."""
TAIL_WORDS = (8, 160)
"""Least and most words of such an end; as many as the least must stand before it to show that the rest differs."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a collection taught: keys of whole paragraphs, keys of the ends of last paragraphs."""

    paragraphs: frozenset[int]
    tails: frozenset[int]
    endings: frozenset[int]
    """The last 8 words of each tail: whatever has a tail has one of these."""

    def has(self, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which of these paragraphs are furniture."""
        return _among(keys, np.array(sorted(self.paragraphs), dtype=np.uint64))

    def tail_of(self, digests: NDArray[np.uint64]) -> int:
        """How many words at the end of a last paragraph are furniture, the most that fit; 0 if none."""
        for length in range(min(TAIL_WORDS[1], len(digests) - 1), TAIL_WORDS[0] - 1, -1):
            if key_of(digests[len(digests) - length :]) in self.tails:
                return length
        return 0


NOTHING = Learned(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Outline:
    """The paragraphs of a collection, articles one after the other; those of article i begin at `offsets[i]`."""

    keys: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    """Words of each."""
    covered: NDArray[np.bool_]
    """True where nothing of it counts anyway."""
    offsets: NDArray[np.int64]
    tails: NDArray[np.uint64]
    """Of each article the key of its last 8 words, if its last paragraph has more than that; else 0."""
    rank: NDArray[np.int64]
    """Of each article its place in the order in which they are looked at."""


def key_of(digests: NDArray[np.uint64]) -> int:
    """The number of a paragraph: XXH64, seed 0, of its words' XXH64 digests, 8 little-endian bytes each."""
    return xxhash.xxh64_intdigest(np.ascontiguousarray(digests, dtype="<u8").tobytes())


Places = NDArray[np.int64]
Shared = Callable[[Places, Places], Places]


def learn(outline: Outline, shared: Shared, last_words: Callable[[int], NDArray[np.uint64]]) -> Learned:
    """What the collection shows to be furniture.

    `shared(i, j)` counts, for pairs of articles, the distinct runs of three authored words of the ones, of the others, and
    those that both have (three rows); `last_words(i)` gives the digests of all words of an article's last paragraph.
    """
    whole = _paragraphs(outline, shared)
    return learned(whole, _tails(outline, whole, last_words))


def learned(paragraphs: Iterable[int], tails: Sequence[Sequence[int]]) -> Learned:
    """Keys of whole paragraphs, and ends of last ones by their words' digests."""
    endings = frozenset(key_of(np.array(t[-TAIL_WORDS[0] :], dtype=np.uint64)) for t in tails)
    return Learned(frozenset(paragraphs), frozenset(key_of(np.array(t, dtype=np.uint64)) for t in tails), endings)


def _among(values: NDArray[np.uint64], some: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of the values are among these few, sorted ones."""
    found = np.zeros(len(values), dtype=np.bool_)
    if len(some):
        # Most are not: their lowest bits alone say so.
        low = np.uint64((1 << max(16, 4 + len(some).bit_length())) - 1)
        there = np.zeros(int(low) + 1, dtype=np.bool_)
        there[some & low] = True
        maybe = np.flatnonzero(there[values & low])
        found[maybe] = some[np.minimum(np.searchsorted(some, values[maybe]), len(some) - 1)] == values[maybe]
    return found


def _often(values: NDArray[np.uint64], times: int) -> NDArray[np.uint64]:
    """Values that stand there so often or more, sorted."""
    values = np.sort(values)
    return np.unique(values[times - 1 :][values[times - 1 :] == values[: max(0, len(values) - times + 1)]])


def _paragraphs(outline: Outline, shared: Shared) -> frozenset[int]:
    """Keys of the short paragraphs that several articles share while sharing next to nothing else."""
    own = np.flatnonzero((outline.sizes > 0) & (outline.sizes <= FURNITURE_WORDS))
    own = own[_among(outline.keys[own], _often(outline.keys[own], LEARNED_IN))]
    if not len(own):
        return frozenset()
    articles = np.searchsorted(outline.offsets, own, side="right") - 1
    order = np.lexsort((outline.rank[articles], outline.keys[own]))
    keys, homes, hidden = outline.keys[own][order], articles[order], outline.covered[own][order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    numbers = np.cumsum(np.concatenate(([0], keys[1:] != keys[:-1])))
    first = np.concatenate(([True], (keys[1:] != keys[:-1]) | (homes[1:] != homes[:-1])))
    nth = np.cumsum(first) - np.cumsum(first)[starts][numbers]
    holders = np.add.reduceat(first.astype(np.int64), starts)
    worth = (holders >= LEARNED_IN) & ~np.logical_and.reduceat(hidden, starts)
    asked = first & worth[numbers] & (nth < LOOKED_AT)
    homes, numbers = homes[asked], numbers[asked]
    beside = np.flatnonzero(numbers[1:] == numbers[:-1])
    beside = beside[_most(strangers(outline, homes[beside], homes[beside + 1]), numbers[beside])]
    prose = outline.sizes[own][order][starts[numbers[beside]]] >= PROSE_WORDS
    a, b = homes[beside[prose]], homes[beside[prose] + 1]
    told = beside[prose][_most(apart(outline, a, b, shared), numbers[beside[prose]])]
    return frozenset(keys[starts[numbers[np.concatenate((beside[~prose], told))]]].tolist())


def _most(answers: NDArray[np.bool_], of: Places) -> NDArray[np.bool_]:
    """Where most of the answers that belong together (`of` numbers what they belong to) are yes."""
    yes = np.bincount(of, weights=answers)
    return np.asarray((2 * yes > np.bincount(of))[of], dtype=np.bool_)


PAIRS_AT_ONCE = 20_000


def _once(a: Places, b: Places, answer: Callable[[Places, Places], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """What is answered of pairs of articles, each asked once, some at a time."""
    n = max(1, int(a.max(initial=0)), int(b.max(initial=0)) + 1)
    pairs, again = np.unique(a * n + b, return_inverse=True)
    parts = [pairs[k : k + PAIRS_AT_ONCE] for k in range(0, len(pairs), PAIRS_AT_ONCE)]
    return np.concatenate([np.zeros(0, dtype=np.bool_), *(answer(part // n, part % n) for part in parts)])[again]


def strangers(outline: Outline, a: Places, b: Places) -> NDArray[np.bool_]:
    """Of pairs of articles: do they share little of their paragraphs?"""

    def answer(a: Places, b: Places) -> NDArray[np.bool_]:
        place, pair, side, both = _paired(outline, a, b)
        # A paragraph that an article has twice counts once.
        again = np.concatenate(([False], (np.diff(pair) == 0) & (np.diff(side) == 0) & ~_changes(outline.keys[place])))
        words = np.where(again, 0, outline.sizes[place]).astype(np.float64)
        ours, theirs, shared = (
            np.bincount(pair, words * which, len(a)) for which in (side == 0, side == 1, both & (side == 0))
        )
        return np.asarray(shared < LEARNED_SHARE * np.minimum(ours, theirs), dtype=np.bool_)

    return _once(a, b, answer)


def apart(outline: Outline, a: Places, b: Places, shared: Shared) -> NDArray[np.bool_]:
    """Of pairs of articles: do they share few words in a row outside the paragraphs that stand in both? Rewrites do not."""

    def answer(a: Places, b: Places) -> NDArray[np.bool_]:
        place, pair, side, both = _paired(outline, a, b)
        # As many runs of three words as a paragraph that both have holds: its words but two.
        runs = np.maximum(outline.sizes[place].astype(np.int64) - 2, 0) * (both & (side == 0) & ~outline.covered[place])
        common = np.bincount(pair, runs, len(a))
        here, there, met = shared(a, b)
        return np.asarray(met - common <= PROSE_SHARE * (np.minimum(here, there) - common), dtype=np.bool_)

    return _once(a, b, answer)


def _paired(outline: Outline, a: Places, b: Places) -> tuple[Places, Places, NDArray[np.int8], NDArray[np.bool_]]:
    """All paragraphs with words of pairs of articles, in order of (pair, key, side): place, pair, side, whether both have it."""
    (place_a, pair_a), (place_b, pair_b) = _own(outline, a), _own(outline, b)
    place, pair = np.concatenate((place_a, place_b)), np.concatenate((pair_a, pair_b))
    side = np.repeat(np.array([0, 1], dtype=np.int8), (len(pair_a), len(pair_b)))
    order = np.lexsort((side, outline.keys[place], pair))
    place, pair, side = place[order], pair[order], side[order]
    starts = np.concatenate(([True], (np.diff(pair) != 0) | _changes(outline.keys[place])))[: len(place)]
    group = np.cumsum(starts) - 1
    both = np.bincount(group, side == 0) * np.bincount(group, side == 1) > 0
    return place, pair, side, both[group]


def _changes(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return np.asarray(keys[1:] != keys[:-1], dtype=np.bool_)


def _own(outline: Outline, articles: Places) -> tuple[Places, Places]:
    """The paragraphs with words of these articles, one after the other, and the place of each one's article among them."""
    begins, lengths = outline.offsets[articles], outline.offsets[articles + 1] - outline.offsets[articles]
    number = np.repeat(np.arange(len(articles)), lengths)
    place = np.arange(len(number)) + (begins - np.cumsum(lengths) + lengths)[number]
    some = outline.sizes[place] > 0
    return place[some], number[some]


def _tails(
    outline: Outline, whole: frozenset[int], last_words: Callable[[int], NDArray[np.uint64]]
) -> list[tuple[int, ...]]:
    """The words (digests) with which the last paragraphs of many articles end, which share next to nothing else."""
    last = outline.offsets[1:] - 1
    some = np.flatnonzero(outline.tails)
    some = some[~outline.covered[last[some]]]
    some = some[_among(outline.tails[some], _often(outline.tails[some], TAIL_IN))]
    some = some[np.lexsort((outline.rank[some], outline.tails[some]))]
    found = []
    for alike in np.split(some, np.flatnonzero(np.diff(outline.tails[some])) + 1):
        own = [i for i in alike.tolist()[:ASKED] if int(outline.keys[last[i]]) not in whole]
        if end := common_end([last_words(i).tolist() for i in own]):
            found.append(end)
    return found


def common_end(group: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The words (digests) with which these last paragraphs all end, if what stands before them differs; else none."""
    length = min((_common_tail(a, b) for a, b in pairwise(group)), default=0)
    rests = [frozenset(pairwise(words[:-length])) for words in group]
    if len(group) >= TAIL_IN and length + TAIL_WORDS[0] <= min(map(len, group)) and _differ(rests):
        return tuple(group[0][-length:])
    return ()


def _common_tail(a: Sequence[int], b: Sequence[int]) -> int:
    length = TAIL_WORDS[0]
    while length < min(len(a), len(b), TAIL_WORDS[1]) and a[-length - 1] == b[-length - 1]:
        length += 1
    return length


def _differ(rests: list[frozenset[tuple[int, int]]]) -> bool:
    """True if most neighbours share little of their other word pairs."""
    pairs = list(pairwise(rests[:LOOKED_AT]))
    return 2 * sum(10 * len(a & b) < 2 * min(len(a), len(b)) for a, b in pairs) > len(pairs)
