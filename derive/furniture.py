"""What belongs to the site, not to the story? A collection shows it.

A short paragraph that stands in several articles which share next to nothing else, neither whole paragraphs nor words in a
row, is furniture; so is an end that many articles' last paragraphs have in common. Paragraphs are known by a number made of
their words (`key_of`), so that case, punctuation and house style make no difference, and a million articles can be asked at
once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xxhash
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive.hashing import xxh64_lanes

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
    shortest: int = TAIL_WORDS[0]
    longest: int = TAIL_WORDS[1]


NOTHING = Learned(frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class Outline:
    """The paragraphs of a collection, articles one after the other; those of article i begin at `offsets[i]`."""

    keys: NDArray[np.uint64]
    sizes: NDArray[np.uint32]
    """Words of each."""
    covered: NDArray[np.uint32]
    """1 where nothing of it counts anyway."""
    offsets: NDArray[np.int64]
    tails: NDArray[np.uint64]
    """Of each article the key of its last 8 words, if its last paragraph has more than that; else 0."""


def key_of(digests: NDArray[np.uint64]) -> int:
    """The number of a paragraph: XXH64, seed 0, of its words' XXH64 digests, 8 little-endian bytes each."""
    return xxhash.xxh64_intdigest(np.ascontiguousarray(digests, dtype="<u8").tobytes())


Digests = Callable[[int], NDArray[np.uint64]]


def learn(outline: Outline, words: Digests, last_words: Digests) -> Learned:
    """What the collection shows to be furniture.

    `words(i)` gives the digests of article i's authored words (0 wherever something was left out between two),
    `last_words(i)` those of all words of its last paragraph.
    """
    whole = _paragraphs(outline, words)
    tails = _tails(outline, whole, last_words)
    endings = frozenset(key_of(np.array(t[-TAIL_WORDS[0] :], dtype=np.uint64)) for t in tails)
    return Learned(whole, frozenset(key_of(np.array(t, dtype=np.uint64)) for t in tails), endings)


def _paragraphs(outline: Outline, words: Digests) -> frozenset[int]:
    """Keys of the short paragraphs that several articles share while sharing next to nothing else."""
    articles = np.repeat(np.arange(len(outline.offsets) - 1), np.diff(outline.offsets))
    own = np.flatnonzero(outline.sizes > 0)
    order = own[np.lexsort((articles[own], outline.keys[own]))]
    keys, homes = outline.keys[order], articles[order]
    first = np.concatenate(([True], (keys[1:] != keys[:-1]) | (homes[1:] != homes[:-1])))[: len(keys)]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
    if not len(starts):
        return frozenset()
    holders = np.add.reduceat(first.astype(np.int64), starts)
    shown = np.minimum.reduceat(outline.covered[order], starts) == 0
    worth = np.flatnonzero((holders >= LEARNED_IN) & shown & (outline.sizes[order][starts] <= FURNITURE_WORDS))
    ends = np.append(starts[1:], len(keys))
    strangers, apart = _Strangers(outline), _Apart(outline, words)
    found = set()
    for k in worth.tolist():
        low, high = int(starts[k]), int(ends[k])
        where = homes[low:high][first[low:high]][:LOOKED_AT].tolist()
        pairs = list(pairwise(where))
        if not _most(strangers(i, j) for i, j in pairs):
            continue
        if outline.sizes[order[low]] < PROSE_WORDS or _most(apart(i, j) for i, j in pairs):
            found.add(int(keys[low]))
    return frozenset(found)


def _most(answers: Iterable[bool]) -> bool:
    said = list(answers)
    return 2 * sum(said) > len(said)


class _Strangers:
    """Do two articles share little of their paragraphs? Each pair is answered once."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._contents: dict[int, Mapping[int, int]] = {}
        self._answers: dict[tuple[int, int], bool] = {}

    def __call__(self, i: int, j: int) -> bool:
        if (i, j) not in self._answers:
            here, there = self._content(i), self._content(j)
            shared = sum(words for key, words in here.items() if key in there)
            self._answers[i, j] = shared < LEARNED_SHARE * min(sum(here.values()), sum(there.values()))
        return self._answers[i, j]

    def _content(self, i: int) -> Mapping[int, int]:
        """Words of each of the article's paragraphs."""
        if i not in self._contents:
            own = slice(self._outline.offsets[i], self._outline.offsets[i + 1])
            pairs = zip(self._outline.keys[own].tolist(), self._outline.sizes[own].tolist(), strict=True)
            self._contents[i] = {key: size for key, size in pairs if size}
        return self._contents[i]


class _Apart:
    """Do two articles share few words in a row outside the paragraphs that stand in both? A rewritten story does not."""

    def __init__(self, outline: Outline, words: Digests) -> None:
        self._outline, self._words = outline, words
        self._runs: dict[int, NDArray[np.uint64]] = {}
        self._answers: dict[tuple[int, int], bool] = {}

    def __call__(self, i: int, j: int) -> bool:
        if (i, j) not in self._answers:
            here, there, common = self._three(i), self._three(j), self._common(i, j)
            shared = len(np.intersect1d(here, there, assume_unique=True)) - common
            self._answers[i, j] = shared <= PROSE_SHARE * (min(len(here), len(there)) - common)
        return self._answers[i, j]

    def _three(self, i: int) -> NDArray[np.uint64]:
        """Hashes of the runs of three authored words."""
        if i not in self._runs:
            words = self._words(i)
            rows = sliding_window_view(words, 3) if len(words) >= 3 else np.zeros((0, 3), dtype=np.uint64)
            self._runs[i] = np.unique(xxh64_lanes(rows[(rows != 0).all(axis=1)]))
        return self._runs[i]

    def _common(self, i: int, j: int) -> int:
        """Runs of three words that the paragraphs which stand in both hold, as many as their words but two for each."""
        own, other = (slice(self._outline.offsets[k], self._outline.offsets[k + 1]) for k in (i, j))
        both = np.isin(self._outline.keys[own], self._outline.keys[other]) & (self._outline.covered[own] == 0)
        return int(np.maximum(self._outline.sizes[own][both].astype(np.int64) - 2, 0).sum())


def _tails(outline: Outline, whole: frozenset[int], last_words: Digests) -> list[tuple[int, ...]]:
    """The words (digests) with which the last paragraphs of many articles end, which share next to nothing else."""
    last = outline.offsets[1:] - 1
    some = np.flatnonzero(outline.tails)
    some = some[outline.covered[last[some]] == 0]
    keys, counts = np.unique(outline.tails[some], return_counts=True)
    found = []
    for key in keys[counts >= TAIL_IN].tolist():
        own = [i for i in some[outline.tails[some] == key].tolist()[:ASKED] if int(outline.keys[last[i]]) not in whole]
        group = [last_words(i).tolist() for i in own]
        length = min((_common_tail(a, b) for a, b in pairwise(group)), default=0)
        rests = [frozenset(pairwise(words[:-length])) for words in group]
        if len(group) >= TAIL_IN and length + TAIL_WORDS[0] <= min(map(len, group)) and _differ(rests):
            found.append(tuple(group[0][-length:]))
    return found


def _common_tail(a: Sequence[int], b: Sequence[int]) -> int:
    length = TAIL_WORDS[0]
    while length < min(len(a), len(b), TAIL_WORDS[1]) and a[-length - 1] == b[-length - 1]:
        length += 1
    return length


def _differ(rests: list[frozenset[tuple[int, int]]]) -> bool:
    """True if most neighbours share little of their other word pairs."""
    pairs = list(pairwise(rests[:LOOKED_AT]))
    return 2 * sum(10 * len(a & b) < 2 * min(len(a), len(b)) for a, b in pairs) > len(pairs)
