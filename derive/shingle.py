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

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import xxhash
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive.model import Document, Prepared, Shingled
from derive.params import Params
from derive.prepare import prepare


def shingle_hashes(text: str, *, params: Params | None = None) -> NDArray[np.uint64]:
    """The distinct hashes, sorted, of the text's authored shingles: what every sketch is made of (formula above)."""
    size = (params or Params()).shingle_size
    return hashes_of(prepare(Document("text", text), shingle_size=size), size)


def hashes_of(prepared: Prepared, size: int) -> NDArray[np.uint64]:
    """`shingle_hashes` of a document that is already prepared."""
    digests = np.array([_digest(word) for word in prepared.words.strings], dtype=np.uint64)
    if len(digests) < size:
        return np.zeros(0, dtype=np.uint64)
    windows = sliding_window_view(digests, size)[_free(prepared.quoted | prepared.blocked, size)]
    return np.unique(xxh64_lanes(windows))


@lru_cache(maxsize=500_000)
def _digest(word: str) -> int:
    return xxhash.xxh64_intdigest(word.encode("utf-8", "surrogatepass"))


def _free(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """For each window of `size` words: no word of it is in the mask."""
    if len(mask) < size:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(~sliding_window_view(mask, size).any(axis=1), dtype=np.bool_)


# -- XXH64 of whole 8-byte lanes (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), many rows at once

_P1, _P2, _P3, _P4, _P5 = (
    np.uint64(p)
    for p in (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    )
)
_Lanes = NDArray[np.uint64]


def xxh64_lanes(lanes: _Lanes) -> _Lanes:
    """XXH64, seed 0, of each row of 64-bit lanes read as little-endian bytes."""
    rows, width = lanes.shape
    with np.errstate(over="ignore"):
        start = 0
        if width >= 4:
            seeds = (_P1 + _P2, _P2, np.uint64(0), np.uint64(0) - _P1)
            accumulators = [np.full(rows, seed, dtype=np.uint64) for seed in seeds]
            while start + 4 <= width:
                accumulators = [_round(acc, lanes[:, start + k]) for k, acc in enumerate(accumulators)]
                start += 4
            h = np.zeros(rows, dtype=np.uint64)
            for acc, bits in zip(accumulators, (1, 7, 12, 18), strict=True):
                h = h + _rotate(acc, bits)
            for acc in accumulators:
                h = (h ^ _round(np.zeros(rows, dtype=np.uint64), acc)) * _P1 + _P4
        else:
            h = np.full(rows, _P5, dtype=np.uint64)
        h = h + np.uint64(8 * width)
        for k in range(start, width):
            h = _rotate(h ^ _round(np.zeros(rows, dtype=np.uint64), lanes[:, k]), 27) * _P1 + _P4
        h = (h ^ (h >> np.uint64(33))) * _P2
        h = (h ^ (h >> np.uint64(29))) * _P3
        return np.asarray(h ^ (h >> np.uint64(32)), dtype=np.uint64)


def _round(acc: _Lanes, lane: _Lanes) -> _Lanes:
    return _rotate(acc + lane * _P2, 31) * _P1


def _rotate(x: _Lanes, bits: int) -> _Lanes:
    return (x << np.uint64(bits)) | (x >> np.uint64(64 - bits))


# -- exact codes


class Vocabulary:
    """Numbers for the words of one collection, and from them exact codes for its shingles."""

    def __init__(self, documents: Iterable[Prepared], size: int) -> None:
        self.size = size
        self._ids: dict[str, int] = {}
        for document in documents:
            for word in document.words.strings:
                self._ids.setdefault(word, len(self._ids))
        self._bits = max(1, len(self._ids)).bit_length()
        self._tuples: dict[tuple[int, ...], int] = {}

    def shingle(self, prepared: Prepared) -> Shingled:
        """The document's shingles; every word of it must be in the vocabulary."""
        codes = self._codes(prepared)
        authored = _free(prepared.quoted | prepared.blocked, self.size)
        formula = _free(~prepared.names, self.size)
        return Shingled(
            prepared, codes, authored, _free(prepared.blocked, self.size), formula, np.unique(codes[authored])
        )

    def _codes(self, prepared: Prepared) -> NDArray[np.int64]:
        ids = np.array([self._ids[word] for word in prepared.words.strings], dtype=np.int64)
        if len(ids) < self.size:
            return np.zeros(0, dtype=np.int64)
        windows = sliding_window_view(ids, self.size)
        if self._bits * self.size <= 63:
            shifts = np.arange(self.size - 1, -1, -1, dtype=np.int64) * self._bits
            return np.asarray((windows << shifts).sum(axis=1), dtype=np.int64)
        # Too many words for packing: number the tuples themselves.
        known = self._tuples
        return np.array([known.setdefault(tuple(w), len(known)) for w in windows.tolist()], dtype=np.int64)
