"""XXH64, seed 0: of words one by one, of rows of digests many at once. Equal to the `xxhash` package, bit for bit.

Words go through the `xxhash` package itself; rows of whole 8-byte lanes through NumPy, written from the published
specification (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xxhash
from numpy.typing import NDArray


def digest(word: str) -> int:
    """The XXH64 digest, seed 0, of a word in UTF-8."""
    return xxhash.xxh64_intdigest(word.encode("utf-8", "surrogatepass"))


REMEMBERED = 500_000
"""Words whose digest is kept; then the memory is emptied and begun anew."""


class _Digests(dict[str, int]):
    """Each word's digest, made when it is first asked for."""

    def __missing__(self, word: str) -> int:
        found = self[word] = digest(word)
        return found


_DIGESTS = _Digests()


def digests(words: Sequence[str]) -> NDArray[np.uint64]:
    """The digest of each word."""
    if len(_DIGESTS) > REMEMBERED:
        _DIGESTS.clear()
    return np.fromiter(map(_DIGESTS.__getitem__, words), dtype=np.uint64, count=len(words))


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
