"""The loops over a collection in plain Python: what the compiled ones must equal, and what is used where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive.hashing import xxh64_lanes

Numbers = NDArray[np.int64]


def windows(digests: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """XXH64 of each `size` digests in a row."""
    if len(digests) < size:
        return np.zeros(0, dtype=np.uint64)
    return xxh64_lanes(sliding_window_view(digests, size))


def smallest(hashes: NDArray[np.uint32], a: NDArray[np.uint32], b: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The smallest of a * h + b mod 2^32 over the hashes h, for each a and b; 2^32 - 1 where there are no hashes."""
    found = np.full(len(a), 0xFFFFFFFF, dtype=np.uint32)
    with np.errstate(over="ignore"):
        for start in range(0, len(hashes), 4096):
            block = hashes[start : start + 4096, None] * a[None, :] + b[None, :]
            np.minimum(found, block.min(axis=0), out=found)
    return found


def meetings(
    starts: Numbers,
    owners: NDArray[np.int32],
    offsets: Numbers,
    postings: NDArray[np.int32],
    sizes: Numbers,
    common: int,
    neighbours: int,
    rare: int,
    least: int,
    worth: float,
) -> Numbers:
    """Pairs of owners (i < j; two rows, sorted) that meet in enough postings.

    Posting r is `owners[starts[r]:starts[r + 1]]`, ascending; owner i stands in `postings[offsets[i]:offsets[i + 1]]`.
    In a posting of more than `common` owners each meets its next `neighbours` alone. A pair is found that meets `least`
    times, so often in postings of `rare` owners at most, or in the share `worth` of the smaller one's `sizes`.
    """
    place = np.zeros(len(starts), dtype=np.int64)
    found: list[Numbers] = []
    for i in range(len(offsets) - 1):
        own = postings[offsets[i] : offsets[i + 1]]
        low, high = starts[own] + place[own] + 1, starts[own + 1]
        place[own] += 1
        holders = high - starts[own]
        last = np.where(holders <= common, high, np.minimum(high, low + neighbours))
        lengths = np.maximum(last - low, 0)
        at = np.repeat(low - np.cumsum(lengths) + lengths, lengths) + np.arange(int(lengths.sum()))
        met, again = np.unique(owners[at], return_inverse=True)
        counts = np.bincount(again, minlength=len(met))
        rarely = np.bincount(again, weights=np.repeat(holders <= rare, lengths), minlength=len(met))
        keep = (counts >= least) & ((rarely >= least) | (counts >= worth * np.minimum(sizes[i], sizes[met])))
        found.append(np.stack((np.full(int(keep.sum()), i, dtype=np.int64), met[keep].astype(np.int64))))
    return np.concatenate(found, axis=1) if found else np.zeros((2, 0), dtype=np.int64)


class Text:
    """What of a text its figures with another one are counted on.

    `distinct` and `plain` are sorted codes; `codes` those of all its shingles, of which `open_` may be matched; `quoted` one
    value a word; `stems` and `weights` of its telling words in order, `half` of which make half a window.
    """

    def __init__(
        self,
        distinct: Numbers,
        plain: Numbers,
        codes: Numbers,
        open_: NDArray[np.bool_],
        quoted: NDArray[np.bool_],
        stems: NDArray[np.uint64],
        weights: NDArray[np.float64],
        size: int,
        half: int,
    ) -> None:
        self.distinct, self.plain, self.quoted, self.size = distinct, plain, quoted, size
        self.places: dict[int, list[int]] = {}
        for k in np.flatnonzero(open_).tolist():
            self.places.setdefault(int(codes[k]), []).append(k)
        count = max(1, -(-len(stems) // half) - 1)
        self.windows: list[dict[int, float]] = [{} for _ in range(count)]
        for k, (stem, weight) in enumerate(zip(stems.tolist(), weights.tolist(), strict=True)):
            for w in (k // half - 1, k // half):
                if 0 <= w < count:
                    self.windows[w][stem] = weight

    def meet(self, other: Text, occurrences: int) -> tuple[int, int, float, int, int]:
        """Shared distinct codes, shared plain ones, the largest share of two windows, the longest quotations in runs.

        The share is the weight of the stems of both windows by that of the heavier one. The quotations are words in a row
        that are quoted on both sides, and on one at least, in a run of shared open shingles; of a shingle's places in the
        other text `occurrences` are followed.
        """
        both = len(np.intersect1d(self.distinct, other.distinct, assume_unique=True))
        plain = len(np.intersect1d(self.plain, other.plain, assume_unique=True))
        return both, plain, self._densest(other), *self._quotations(other, occurrences)

    def _densest(self, other: Text) -> float:
        best = 0.0
        for x in self.windows:
            for y in other.windows:
                shared = sum(weight for stem, weight in x.items() if stem in y)
                best = max(best, shared / max(sum(x.values()), sum(y.values()), 1))
        return best

    def _quotations(self, other: Text, occurrences: int) -> tuple[int, int]:
        places = {
            (i, j) for code, own in self.places.items() for i in own for j in other.places.get(code, [])[:occurrences]
        }
        best = [0, 0]
        for i, j in sorted(places):
            if (i - 1, j - 1) in places:
                continue
            length = self.size
            while (i + length - self.size + 1, j + length - self.size + 1) in places:
                length += 1
            here, there = self.quoted[i : i + length], other.quoted[j : j + length]
            for k, mask in enumerate((here & there, here | there)):
                best[k] = max(best[k], _longest(mask))
        return best[0], best[1]


def numbered(values: NDArray[np.int64], n: int) -> tuple[NDArray[np.int64], int]:
    """The values numbered as they come, those first that stand both among the first `n` and among the others; how many do."""
    distinct, first, place = np.unique(values, return_index=True, return_inverse=True)
    both = (first < n) & np.isin(distinct, values[n:])
    numbers = np.empty(len(distinct), dtype=np.int64)
    numbers[np.lexsort((first, ~both))] = np.arange(len(distinct))
    return numbers[place], int(both.sum())


def shared_runs(
    a: Numbers, open_a: NDArray[np.bool_], b: Numbers, open_b: NDArray[np.bool_], occurrences: int
) -> NDArray[np.int64]:
    """Maximal runs of equal open codes, one a column: its place in `a`, in `b`, its length; in the order of their places.

    Of a code's many open places in `b` the first `occurrences` are followed.
    """
    order = np.flatnonzero(open_b)
    order = order[np.argsort(b[order], kind="stable")]
    here = np.flatnonzero(open_a)
    low = np.searchsorted(b[order], a[here], side="left")
    counts = np.minimum(np.searchsorted(b[order], a[here], side="right") - low, occurrences)
    i = np.repeat(here, counts)
    j = order[np.repeat(low - np.cumsum(counts) + counts, counts) + np.arange(len(i))]
    by_diagonal = np.lexsort((i, j - i))
    i, j = i[by_diagonal], j[by_diagonal]
    first = np.flatnonzero(np.concatenate(([True], (np.diff(j - i) != 0) | (np.diff(i) != 1)))[: len(i)])
    found = np.stack((i[first], j[first], np.diff(np.append(first, len(i)))))
    return found[:, np.lexsort((found[1], found[0]))]


def shared_weights(
    a: NDArray[np.uint64],
    a_weights: NDArray[np.float64],
    b: NDArray[np.uint64],
    b_weights: NDArray[np.float64],
    half: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The weight of the stems that each two windows of two texts share, a row a window of `a`; of all in each window."""
    stems = np.intersect1d(a, b)
    held = _held(a, stems, half), _held(b, stems, half)
    weights = np.zeros(len(stems))
    weights[np.searchsorted(stems, a[np.isin(a, stems)])] = a_weights[np.isin(a, stems)]
    return (held[0] * weights) @ held[1].T, _weights(a, a_weights, half), _weights(b, b_weights, half)


def _windows(words: int, half: int) -> int:
    return max(1, -(-words // half) - 1)


def _held(own: NDArray[np.uint64], stems: NDArray[np.uint64], half: int) -> NDArray[np.float64]:
    """For each window, which of the (sorted) stems stand in it."""
    windows = _windows(len(own), half)
    held = np.zeros((windows, len(stems)))
    there = np.flatnonzero(np.isin(own, stems))
    place = np.searchsorted(stems, own[there])
    for shift in (0, 1):  # each word stands in the window that begins with its half, and in the one before
        row = there // half - shift
        fits = (row >= 0) & (row < windows)
        held[row[fits], place[fits]] = 1
    return held


def _weights(own: NDArray[np.uint64], weights: NDArray[np.float64], half: int) -> NDArray[np.float64]:
    """The weight of each window's distinct stems."""
    stems, first = np.unique(own, return_index=True)
    return np.asarray(_held(own, stems, half) @ weights[first], dtype=np.float64)


def _longest(mask: NDArray[Any]) -> int:
    """The most true values in a row."""
    best = current = 0
    for holds in mask.tolist():
        current = current + 1 if holds else 0
        best = max(best, current)
    return best
