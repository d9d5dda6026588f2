"""The documents of a collection, kept small: a few bytes a word, made whole again when one is asked for.

A shingled document takes forty bytes a word, and of a large collection most documents are looked at twice: when they are
read, and when they are reported. So a shelf keeps what cannot be computed again (which words, where, how marked) packed,
and beside it the sets by which texts find each other; the rest is made from the packed form, and what was used last stays.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import overload
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from derive.commonplaces import Commonplaces
from derive.kernel.reference import BLOCKED, NAME, QUOTED, SENTENCE
from derive.model import Document, Exclusion, Prepared, Shingled, Words
from derive.params import Params
from derive.sets import distinct
from derive.shingle import Vocabulary
from derive.sketch import sketch

WHOLE = 4_000_000
"""Words of the documents that stay whole (some 70 bytes a word)."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A prepared document: its words as numbers, and in one byte or a few their places and marks."""

    document: Document
    numbers: NDArray[np.int32]
    steps: NDArray[np.unsignedinteger]
    """For each word the characters since the one before, and its length, in the narrowest type that holds them."""
    marks: NDArray[np.uint8]
    exclusions: tuple[Exclusion, ...]
    flags: tuple[str, ...]
    sha256: str
    headline: str | None

    @property
    def id(self) -> str:
        return self.document.id


def pack(prepared: Prepared, numbers: NDArray[np.int32]) -> Packed:
    """`prepared` with its words as these numbers."""
    words = prepared.words
    steps = steps_of(words.starts, words.ends)
    first = np.diff(prepared.sentences, prepend=-1) > 0
    marks = QUOTED * prepared.quoted + BLOCKED * prepared.blocked + NAME * prepared.names + SENTENCE * first
    return Packed(
        prepared.document,
        numbers,
        steps.astype(np.min_scalar_type(int(steps.max(initial=0)))),
        marks.astype(np.uint8),
        prepared.exclusions,
        prepared.flags,
        prepared.sha256,
        prepared.headline,
    )


def steps_of(starts: NDArray[np.signedinteger], ends: NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """For each word the characters since the one before, and its length."""
    steps = np.empty((2, len(starts)), dtype=np.int64)
    steps[0] = starts
    steps[0, 1:] -= ends[:-1]
    steps[1] = ends - starts
    return steps


def unpack(packed: Packed, table: Sequence[str]) -> Prepared:
    """What was packed; `table` holds the word of each number."""
    steps = packed.steps.astype(np.int32)
    ends = np.cumsum(steps.sum(axis=0), dtype=np.int32)
    marks = packed.marks
    return Prepared(
        packed.document,
        Words.numbered(packed.numbers, table, ends - steps[1], ends),
        packed.exclusions,
        (marks & QUOTED) > 0,
        (marks & BLOCKED) > 0,
        (marks & NAME) > 0,
        np.cumsum(marks & SENTENCE > 0, dtype=np.int32) - 1,
        packed.flags,
        packed.sha256,
        packed.headline,
    )


@dataclass(frozen=True, slots=True)
class Sets:
    """By what a document finds others: each array sorted, each value once."""

    open: NDArray[np.int64]
    """Codes of the shingles that may be matched."""
    telling: NDArray[np.bool_]
    """Which of them are more than a formula somewhere in the text."""
    facts: NDArray[np.int32]
    size: int
    """Distinct shingles that count."""
    content: bytes
    """The same for texts with the same words after exclusions."""


class Shelf(Sequence[Shingled]):
    """The shingled documents of a collection, by position."""

    def __init__(self, params: Params) -> None:
        self.vocabulary = Vocabulary(params.shingle_size)
        self._params = params
        self.packed: list[Packed] = []
        self.sets: list[Sets] = []
        self.sketches: list[NDArray[np.uint32]] = []
        """Of each document with a shingle that counts; of the others an empty array."""
        self._used: OrderedDict[int, Shingled] = OrderedDict()
        self._words = 0
        self._alive: WeakValueDictionary[int, Shingled] = WeakValueDictionary()

    def __getstate__(self) -> dict[str, object]:
        """Without the documents made whole: another process makes its own."""
        return {**self.__dict__, "_used": OrderedDict(), "_words": 0, "_alive": None}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _alive=WeakValueDictionary())

    def add(self, packed: Packed) -> None:
        """Puts a document behind the others; its words are numbered as in `vocabulary`."""
        whole = self.vocabulary.shingle(unpack(packed, self.vocabulary.words))
        self.packed.append(packed)
        open_, telling = whole.codes[whole.open], ~whole.formula[whole.open]
        codes = distinct(open_)
        told = np.zeros(len(codes), dtype=np.bool_)
        told[np.searchsorted(codes, open_[telling])] = True
        content = sha256(whole.ids[packed.marks & BLOCKED == 0].tobytes()).digest()
        self.sets.append(Sets(codes, told, whole.facts, len(whole.distinct), content))
        hashes = distinct(self.vocabulary.hashes(whole)[whole.authored])
        none = np.zeros(0, dtype=np.uint32)
        self.sketches.append(sketch(hashes, self._params.permutations, self._params.seed) if len(hashes) else none)
        self._keep(len(self.packed) - 1, whole)

    def __len__(self) -> int:
        return len(self.packed)

    def commonplaces(self, documents: Sequence[int], families: Sequence[int]) -> Commonplaces:
        """Where the telling words of these documents stand; each has its family."""
        stems, numbers = self.vocabulary.stems()
        return Commonplaces((self._telling_words(k, numbers) for k in documents), stems, families)

    def _telling_words(self, k: int, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        packed = self.packed[k]
        found: NDArray[np.int32] = numbers[packed.numbers[packed.marks & (QUOTED | BLOCKED | NAME) == 0]]
        return found[found >= 0]

    @overload
    def __getitem__(self, k: int) -> Shingled: ...
    @overload
    def __getitem__(self, k: slice) -> list[Shingled]: ...
    def __getitem__(self, k: int | slice) -> Shingled | list[Shingled]:
        if isinstance(k, slice):
            return [self[n] for n in range(*k.indices(len(self)))]
        if not 0 <= k < len(self.packed):
            raise IndexError(k)
        whole = self._alive.get(k)
        if whole is None:
            whole = self.vocabulary.shingle(unpack(self.packed[k], self.vocabulary.words))
        self._keep(k, whole)
        return whole

    def forget_sketches(self) -> None:
        """Frees what only finds near copies."""
        self.sketches.clear()

    def _keep(self, k: int, whole: Shingled) -> None:
        """Remembers a document as the last one used, and forgets those that were not used for longest."""
        self._alive[k] = whole
        if k in self._used:
            self._used.move_to_end(k)
            return
        self._used[k] = whole
        self._words += len(whole.ids)
        while self._words > WHOLE and len(self._used) > 2:
            _, old = self._used.popitem(last=False)
            self._words -= len(old.ids)

    @property
    def ids(self) -> list[str]:
        """The documents' ids."""
        return [p.document.id for p in self.packed]


class Findable(Sequence[NDArray[np.int64]]):
    """The codes by which each of some documents of a shelf can be found, made when they are asked for."""

    def __init__(self, shelf: Shelf, places: Sequence[int]) -> None:
        self._shelf, self._places = shelf, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, k: int) -> NDArray[np.int64]: ...
    @overload
    def __getitem__(self, k: slice) -> list[NDArray[np.int64]]: ...
    def __getitem__(self, k: int | slice) -> NDArray[np.int64] | list[NDArray[np.int64]]:
        if isinstance(k, slice):
            return [self[n] for n in range(*k.indices(len(self)))]
        place = self._places[k]
        if "low-information" in self._shelf.packed[place].flags:
            return np.zeros(0, dtype=np.int64)
        sets = self._shelf.sets[place]
        return sets.open[sets.telling]
