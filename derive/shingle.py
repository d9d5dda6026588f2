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

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive.background import stock, telling
from derive.hashing import digest, xxh64_lanes
from derive.model import Document, Prepared, Shingled
from derive.normalise import normalise
from derive.params import Params
from derive.prepare import prepare


def shingle_hashes(text: str, *, params: Params | None = None) -> NDArray[np.uint64]:
    """The distinct hashes, sorted, of the text's authored shingles: what every sketch is made of (formula above)."""
    size = (params or Params()).shingle_size
    return hashes_of(prepare(Document("text", text), shingle_size=size), size)


def hashes_of(prepared: Prepared, size: int) -> NDArray[np.uint64]:
    """`shingle_hashes` of a document that is already prepared."""
    return np.unique(_hashes(prepared, size)[_free(prepared.quoted | prepared.blocked, size)])


def all_hashes(text: str, size: int) -> NDArray[np.uint64]:
    """The distinct hashes, sorted, of all shingles of a text, those in quotations and furniture too: quick to make."""
    return np.unique(_of_words(normalise(text).strings, size))


def _hashes(prepared: Prepared, size: int) -> NDArray[np.uint64]:
    """The hash of the shingle that starts at each word."""
    return _of_words(prepared.words.strings, size)


def _of_words(words: Sequence[str], size: int) -> NDArray[np.uint64]:
    digests = np.array([digest(word) for word in words], dtype=np.uint64)
    if len(digests) < size:
        return np.zeros(0, dtype=np.uint64)
    return xxh64_lanes(sliding_window_view(digests, size))


def _free(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """For each window of `size` words: no word of it is in the mask."""
    if len(mask) < size:
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(~sliding_window_view(mask, size).any(axis=1), dtype=np.bool_)


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
        hashes = _hashes(prepared, self.size)
        formula = _free(~prepared.names, self.size) | stock(hashes)
        return Shingled(
            prepared,
            codes,
            hashes,
            authored,
            _free(prepared.blocked, self.size),
            formula,
            np.unique(codes[authored]),
            telling(prepared),
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
