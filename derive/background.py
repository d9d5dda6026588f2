"""How common is a word, or a phrase, in news at large? A small table answers, beside whatever the collection itself shows.

Ten articles cannot tell that "according to a statement" is a stock phrase. The table (`data/background.npz`) holds 64-bit
hashes with the number of documents each was counted in, and no words: shingles by their public hash (`shingle.py`), word
stems by XXH64. Only what stands in 20 or more documents of at least two collections is in it; whatever is not in it counts
as rare. `tools/background.py` rebuilds it from any folders.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

LEAST = 20
"""Documents in which something must stand to be in the table."""
STEM = 6
"""Letters of a word that count: a stem that needs no knowledge of the language."""


GRAIN = 1 / 1024
"""Weights are whole multiples of GRAIN nats: their sums are exact in any order, on any machine."""


@cache
def _table() -> dict[str, NDArray[np.uint64]]:
    with (files("derive.data") / "background.npz").open("rb") as file, np.load(file, allow_pickle=False) as table:
        return {name: table[name] for name in table.files}


def stock(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which of these shingle hashes are stock phrases."""
    known = _table()["phrases"]
    place = np.searchsorted(known, hashes)
    place[place == len(known)] = 0
    return np.asarray(known[place] == hashes, dtype=np.bool_)


def rarity(stems: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The weight of each word stem (digests): ln(documents / documents that hold it) / GRAIN, rounded."""
    table = _table()
    known, counts = table["words"], table["word_counts"]
    place = np.searchsorted(known, stems)
    place[place == len(known)] = 0
    held = np.where(known[place] == stems, counts[place], LEAST)
    return np.asarray(np.round(np.log(table["documents"][0] / held) / GRAIN), dtype=np.float64)
