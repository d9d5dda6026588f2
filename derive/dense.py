"""In one place, do two texts share more rare words than chance or their common topic puts there?

A reworded or shuffled passage keeps many of its source's telling words, and keeps them together. Both texts are cut into
overlapping windows of telling words (no stop words, no names); two windows share the weight of the stems that both hold,
weighed by rarity in news at large. What speaks of reuse is not a high share alone (reports of one event share their topic
everywhere) but one that stands out from what the rest of the two texts share.

Start reading at `dense`. Windows instead of sentences, so that a text whose sentences were cut, joined or shuffled is
still seen; the comparison with the rest of the pair is our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.background import GRAIN
from derive.model import Telling
from derive.retold import Stretch

WINDOW = 20
"""Telling words in a window, about 40 words of text; windows overlap by half."""
NEAR = 2
"""Windows beside the best one that belong to the same place."""
CONTEXT = 8
"""Windows that must be left to say what is usual between the two."""
UNKNOWN = 0.16
"""What is usual where they are fewer (M: the mean of same-event pairs of basil is .14)."""
KEPT = 0.6
"""A window pair with this part of the best one's share belongs to the same passage, if it is next to it."""


@dataclass(frozen=True, slots=True)
class Dense:
    """The place where two texts share most."""

    share: float
    """Weight of the stems that the two windows share, by the weight of the heavier window."""
    weight: float
    """The same in nats: so many times e rarer than nothing shared."""
    usual: float
    """Mean best share of the longer text's other windows."""

    @property
    def above(self) -> float:
        """How far the share stands out, common topic deducted."""
        return self.share - TOPIC * self.usual


TOPIC = 2.0
"""How many times the usual share is put down to the common topic."""


def dense(a: Telling, b: Telling) -> Dense | None:
    """The place where `a` and `b` share most rare words; None if they share none."""
    shared, share = _shares(a, b)
    i, j = (int(k) for k in np.unravel_index(int(share.argmax()), share.shape))
    best = float(share[i, j])
    return Dense(best, float(shared[i, j]) * GRAIN, _usual(share, i, j)) if best > 0 else None


def closest(a: Telling, b: Telling) -> Stretch:
    """The words of that place; the two must share some."""
    _, share = _shares(a, b)
    i, j = (int(k) for k in np.unravel_index(int(share.argmax()), share.shape))
    return _stretch(a, b, share, i, j)


def _shares(a: Telling, b: Telling) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each two windows share: its weight, and that by the weight of the heavier window."""
    shared, left, right = kernel.shared_weights(a.stem, a.weight, b.stem, b.weight, WINDOW // 2)
    whole = np.maximum.outer(left, right)
    return shared, np.round(shared / np.maximum(whole, 1), 6)


def _usual(share: NDArray[np.float64], i: int, j: int) -> float:
    """The mean best share of the longer text's windows that are not near the best one."""
    table, k = (share, i) if share.shape[0] >= share.shape[1] else (share.T, j)
    far = np.abs(np.arange(len(table)) - k) > NEAR
    rest = table[far]
    return float(np.round(rest.max(axis=1).mean(), 6)) if len(rest) >= CONTEXT else UNKNOWN


def _stretch(a: Telling, b: Telling, share: NDArray[np.float64], i: int, j: int) -> Stretch:
    """The words from the first to the last shared one of the best windows and of those beside them that share about as much."""
    strong = share >= KEPT * share[i, j]
    low, high, left, right = i, i + 1, j, j + 1
    while True:
        rows, columns = slice(max(0, low - 1), high + 1), slice(max(0, left - 1), right + 1)
        hits = np.argwhere(strong[rows, columns]) + np.array([rows.start, columns.start])
        wider = (int(hits[:, 0].min()), int(hits[:, 0].max()) + 1, int(hits[:, 1].min()), int(hits[:, 1].max()) + 1)
        if wider == (low, high, left, right):
            break
        low, high, left, right = wider
    half = WINDOW // 2
    here, there = slice(low * half, (high + 1) * half), slice(left * half, (right + 1) * half)
    common = np.intersect1d(a.stem[here], b.stem[there])
    in_a = a.word[here][np.isin(a.stem[here], common)]
    in_b = b.word[there][np.isin(b.stem[there], common)]
    size = min(int(in_a[-1] - in_a[0]), int(in_b[-1] - in_b[0])) + 1
    return Stretch((int(in_a[0]), int(in_a[-1]) + 1), (int(in_b[0]), int(in_b[-1]) + 1), float(share[i, j]), size)
