"""Shingle hashes -> a MinHash sketch, the small summary by which near-verbatim copies find each other.

The values are datasketch's `affine32` MinHash bit for bit (datasketch 2.0, default scheme), over the low 32 bits of
`derive.shingle_hashes`: a team's own datasketch index can take these sketches and give its own. A sketch never decides
anything and is never printed: it only proposes copies, which are then counted exactly.
Broder, On the resemblance and containment of documents, 1997.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.errors import InputError

if TYPE_CHECKING:
    import datasketch

EMPTY = np.uint32(0xFFFFFFFF)
"""Every value of an empty document's sketch, as in datasketch."""


def sketch(hashes: NDArray[np.uint64], permutations: int = 128, seed: int = 1) -> NDArray[np.uint32]:
    """The MinHash values (uint32, one a permutation) of a document with these shingle hashes."""
    if not len(hashes):
        return np.full(permutations, EMPTY, dtype=np.uint32)
    a, b = _coefficients(permutations, seed)
    with np.errstate(over="ignore"):
        mixed = _mix((hashes & np.uint64(0xFFFFFFFF)).astype(np.uint32))
    return np.asarray(kernel.smallest(mixed, a, b), dtype=np.uint32)


def to_lean(values: NDArray[np.uint32], seed: int = 1) -> datasketch.LeanMinHash:
    """The sketch as datasketch keeps it (needs datasketch)."""
    import datasketch

    return datasketch.LeanMinHash(seed=seed, hashvalues=values.astype(np.uint64), scheme="affine32")


def from_lean(lean: datasketch.LeanMinHash, *, of_shingle_hashes: bool = False) -> NDArray[np.uint32]:
    """A datasketch sketch as ours. The caller must declare that it was made of `derive.shingle_hashes`, as nothing in a
    sketch shows it. Raises `InputError` without that, and for another scheme than affine32."""
    if not of_shingle_hashes:
        raise InputError(
            "a sketch of other hashes than derive.shingle_hashes matches nothing: declare of_shingle_hashes=True"
        )
    if lean.scheme != "affine32":
        raise InputError(f"a sketch of the scheme {lean.scheme!r}: derive has affine32 (datasketch 2.0)")
    return np.asarray(lean.hashvalues).astype(np.uint32)


def _mix(h: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """MurmurHash3's 32-bit finalizer, a bijection that spreads structured hashes."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


@cache
def _coefficients(permutations: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """a (odd) and b of each permutation a*h + b mod 2^32, drawn as datasketch draws them."""
    generator = np.random.RandomState(seed)
    a = generator.randint(0, 1 << 31, permutations, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    b = generator.randint(0, 1 << 32, permutations, dtype=np.uint32)
    return a, b
