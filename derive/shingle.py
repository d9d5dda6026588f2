"""Words -> shingles: w consecutive words (Broder 1997). Exact codes to count by, public hashes to find by.

Two faces of the same shingle. A *code* is exact within one run: equal codes mean equal words, so every printed figure is
counted on codes. A *hash* is the same everywhere and for ever: fingerprints and archives hold hashes, and what they
propose is verified on codes, because anybody can construct two texts whose public hashes collide.

The hash of a shingle is XXH64, seed 0, of the XXH64 digests (seed 0, little-endian, 8 bytes each) of its words in UTF-8:

    >>> import xxhash
    >>> words = [xxhash.xxh64_intdigest(w.encode()).to_bytes(8, "little") for w in ("the", "dam", "leaked")]
    >>> xxhash.xxh64_intdigest(b"".join(words)) == int(shingle_hashes("The dam leaked.")[0])
    True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive import kernel
from derive.background import STEM, rarity, stock
from derive.data import stopwords
from derive.hashing import digests
from derive.model import Document, Prepared, Shingled, Telling, Words
from derive.normalise import normalise
from derive.params import Params
from derive.prepare import prepare
from derive.sets import distinct


def shingle_hashes(text: str, *, params: Params | None = None) -> NDArray[np.uint64]:
    """The distinct hashes, sorted, of the text's authored shingles: what every sketch is made of (formula above)."""
    size = (params or Params()).shingle_size
    return hashes_of(prepare(Document("text", text), shingle_size=size), size)


def hashes_of(prepared: Prepared, size: int) -> NDArray[np.uint64]:
    """`shingle_hashes` of a document that is already prepared."""
    return distinct(_hashes(prepared, size)[_free(prepared.quoted | prepared.blocked, size)])


def all_hashes(text: str, size: int) -> NDArray[np.uint64]:
    """The distinct hashes, sorted, of all shingles of a text, those in quotations and furniture too: quick to make."""
    return distinct(_of_words(normalise(text).strings, size))


def _hashes(prepared: Prepared, size: int) -> NDArray[np.uint64]:
    """The hash of the shingle that starts at each word."""
    return _of_words(prepared.words.strings, size)


def _of_words(words: Sequence[str], size: int) -> NDArray[np.uint64]:
    return np.asarray(kernel.windows(digests(words), size), dtype=np.uint64)


def _free(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """For each window of `size` words: no word of it is in the mask."""
    return np.asarray(_many(mask, size) == 0, dtype=np.bool_)


def _many(mask: NDArray[np.bool_], size: int) -> NDArray[np.int64]:
    """For each window of `size` words: how many of them are in the mask."""
    if len(mask) < size:
        return np.zeros(0, dtype=np.int64)
    sums = np.concatenate(([0], np.cumsum(mask)))
    return np.asarray(sums[size:] - sums[:-size], dtype=np.int64)


# -- exact codes


class _Numbers(dict[str, int]):
    """Each word's number, given when it is first asked for; `words` in order of their numbers."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __missing__(self, word: str) -> int:
        found = self[word] = len(self.words)
        self.words.append(word)
        return found


class Vocabulary:
    """Numbers for the words of one collection, what is known of each word, and exact codes for shingles.

    Whatever is asked of every word of every text is answered once for each distinct word, and looked up by number.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._numbers = _Numbers()
        self._bits = 63 // size
        self._tuples: dict[tuple[int, ...], int] = {}
        self._known = 0
        """So many words the arrays below say something about; they have room for more."""
        self._digests = np.zeros(0, dtype=np.uint64)
        self._stems = np.zeros(0, dtype=np.uint64)
        self._rarity = np.zeros(0)
        self._stop = np.zeros(0, dtype=np.bool_)
        self._figure = np.zeros(0, dtype=np.bool_)
        self._short = np.zeros(0, dtype=np.bool_)

    @property
    def words(self) -> Sequence[str]:
        """The words in order of their numbers."""
        return self._numbers.words

    def stems(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The stems of all words, sorted, and for each word the place of its own there; -1 for a stop word."""
        known = self._stems[: self._known]
        found = distinct(known)
        return found, np.where(self._stop[: self._known], -1, np.searchsorted(found, known)).astype(np.int32)

    def hashes(self, document: Shingled) -> NDArray[np.uint64]:
        """The public hash of each of its shingles."""
        return np.asarray(kernel.windows(self._digests[document.ids], self.size), dtype=np.uint64)

    def shingle(self, prepared: Prepared) -> Shingled:
        """The document's shingles."""
        ids = self._ids(prepared)
        hashes = kernel.windows(self._digests[ids], self.size)
        codes = self._codes(ids)
        excluded = prepared.quoted | prepared.blocked
        authored = _free(excluded, self.size)
        formula = _free(~prepared.names, self.size) | stock(hashes)
        content = ~(self._stop[ids] | prepared.names)
        fact = ~excluded & (prepared.names | self._figure[ids]) & ~self._short[ids]
        told = np.flatnonzero(content & ~excluded)
        return Shingled(
            replace(prepared, words=Words.numbered(ids, self.words, prepared.words.starts, prepared.words.ends)),
            ids,
            codes,
            authored,
            _free(prepared.blocked, self.size),
            formula,
            _many(content, self.size) >= min(2, self.size),
            distinct(codes[authored]),
            distinct(codes[authored & ~formula]),
            distinct(ids[fact]),
            Telling(told, self._stems[ids[told]], self._rarity[ids[told]]),
        )

    def _ids(self, prepared: Prepared) -> NDArray[np.int32]:
        known = prepared.words.numbers_in(self.words)
        return self.number(prepared.words.strings) if known is None else known

    def number(self, strings: Sequence[str]) -> NDArray[np.int32]:
        """The number of each of these words."""
        ids = np.fromiter(map(self._numbers.__getitem__, strings), dtype=np.int32, count=len(strings))
        if len(self._numbers.words) > self._known:
            self._learn()
        return ids

    def _learn(self) -> None:
        """What is to be known of the words that were met since the last time."""
        new = self._numbers.words[self._known :]
        end = self._known + len(new)
        stems = digests([w[:STEM] for w in new])
        columns: dict[str, NDArray[np.generic]] = {
            "_digests": digests(new),
            "_stems": stems,
            "_rarity": rarity(stems),
            "_stop": np.array([w in stopwords() for w in new], dtype=np.bool_),
            "_figure": np.array([w[:1].isdigit() for w in new], dtype=np.bool_),
            "_short": np.array([len(w) < 2 for w in new], dtype=np.bool_),
        }
        for name, values in columns.items():
            column = getattr(self, name)
            if len(column) < end:
                column = np.concatenate((column, np.zeros(end, dtype=column.dtype)))
                setattr(self, name, column)
            column[self._known : end] = values
        self._known = end

    def _codes(self, ids: NDArray[np.int32]) -> NDArray[np.int64]:
        if len(ids) < self.size:
            return np.zeros(0, dtype=np.int64)
        code = np.zeros(len(ids) - self.size + 1, dtype=np.int64)
        for k in range(self.size):
            code = code << self._bits | ids[k : len(code) + k]
        large = _many(ids >= 1 << self._bits, self.size) > 0
        if large.any():
            # Too many words for packing: number the tuples themselves, below zero.
            windows = sliding_window_view(ids, self.size)[large]
            known = self._tuples
            code[large] = [-1 - known.setdefault(tuple(w), len(known)) for w in windows.tolist()]
        return code
