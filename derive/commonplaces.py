"""Do these words stand together in a third text, too? What unrelated stories say in one breath is no trace of copying.

"Pleaded guilty to manslaughter on the grounds of diminished responsibility" makes a place stand out in two short reports of
two crimes; what was said in court stands in every report of one trial. A background of news at large knows the words and not
the breath. So the collection is asked: of the telling words that a pair shares in one place, how many have
two other families in one place, too?
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from derive.dense import WINDOW
from derive.sets import distinct

BLOCK = WINDOW // 2
"""Telling words in a block; a window is two blocks next to each other."""
OTHERS = 2
"""So many other families must have it in one place: what one has may have been taken from the same text."""
FEW = 0.3
"""Share of the weight, in the rarest words, by which others are looked for: who has none of these has less than the rest."""


class Commonplaces:
    """In which blocks of which texts each telling word stands."""

    def __init__(self, texts: Iterable[NDArray[np.int32]], stems: NDArray[np.uint64], families: Sequence[int]) -> None:
        """`texts` are the telling words, in order, of each text that is asked about, as places in `stems` (sorted)."""
        self._stems = stems
        self._families = np.array(families, dtype=np.int64)
        keys, first = [], [0]
        for words in texts:
            blocks = first[-1] + 1 + np.arange(len(words), dtype=np.int64) // BLOCK
            keys.append(distinct(words.astype(np.int64) << 32 | blocks))
            first.append(first[-1] + 2 + len(words) // BLOCK)  # no window holds words of two texts
        self._first = np.array(first, dtype=np.int64)
        every = np.sort(np.concatenate(keys)) if keys else np.zeros(0, dtype=np.int64)
        self._starts = np.searchsorted(every >> 32, np.arange(len(stems) + 1))
        self._blocks = (every & 0xFFFFFFFF).astype(np.uint32)

    def share(self, stems: NDArray[np.uint64], weights: NDArray[np.float64], own: Collection[int]) -> float:
        """The share, by weight, of these words that `OTHERS` families but the own ones have in one window each."""
        if not len(stems):
            return 0.0
        held = [self._held(k) for k in np.searchsorted(self._stems, stems).tolist()]
        rarest = sorted(range(len(held)), key=lambda k: (len(held[k]), k))
        enough = int(np.searchsorted(np.cumsum(weights[rarest]), FEW * weights.sum())) + 1
        some = np.concatenate([held[k] for k in rarest[:enough]])
        windows, families = self._of_others(distinct(np.concatenate((some, some - np.uint32(1)))), own)
        shared = np.zeros(len(windows))
        for blocks, weight in zip(held, weights.tolist(), strict=True):
            shared += weight * (_among(blocks, windows) | _among(blocks, windows + np.uint32(1)))
        best = np.zeros(len(self._families) + 1)
        np.maximum.at(best, families, shared)
        return round(float(np.sort(best)[-OTHERS]) / float(weights.sum()), 6)

    def _held(self, stem: int) -> NDArray[np.uint32]:
        """The blocks that hold a word, sorted. A window is a block and the next, known by the first."""
        return self._blocks[self._starts[stem] : self._starts[stem + 1]]

    def _of_others(
        self, windows: NDArray[np.uint32], own: Collection[int]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """The windows of texts of no own family, and the family of each."""
        families = self._families[np.searchsorted(self._first, windows, side="right") - 1]
        others = ~np.isin(families, list(own))
        return windows[others], families[others]


def _among(blocks: NDArray[np.uint32], windows: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which of these numbers are among the blocks, sorted: as `numpy.isin`, without going through all blocks."""
    if not len(blocks):
        return np.zeros(len(windows), dtype=np.bool_)
    place = np.searchsorted(blocks, windows)
    place[place == len(blocks)] = 0
    found: NDArray[np.bool_] = blocks[place] == windows
    return found
