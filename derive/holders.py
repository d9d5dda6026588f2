"""Which families of near-verbatim texts hold a shingle? What is rare in a collection, and what stands elsewhere, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from derive.model import Shingled


class Holders:
    """The shingles of a collection, each with the families that hold it (a family counts once, however many copies)."""

    def __init__(self, documents: Sequence[Shingled], members: Mapping[int, Sequence[int]]) -> None:
        """`members` maps a family's number to the positions of its documents."""
        sets = [np.unique(np.concatenate([documents[i].codes[documents[i].open] for i in m])) for m in members.values()]
        codes = np.concatenate(sets) if sets else np.zeros(0, np.int64)
        order = np.argsort(codes, kind="stable")
        self._owners = np.repeat(np.array(list(members), dtype=np.int64), [len(s) for s in sets])[order]
        self._codes, self._starts, self._counts = np.unique(codes[order], return_index=True, return_counts=True)

    def counts(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many families each of these codes stands; every one must be in the collection."""
        return np.asarray(self._counts[np.searchsorted(self._codes, codes)], dtype=np.int64)

    def elsewhere(self, codes: NDArray[np.int64], own: Collection[int]) -> float:
        """The largest share of these codes that one other family holds."""
        if not len(codes):
            return 0.0
        places = np.searchsorted(self._codes, codes)
        owners = np.concatenate([self._owners[self._starts[p] : self._starts[p] + self._counts[p]] for p in places])
        others = owners[~np.isin(owners, list(own))]
        return round(int(np.unique(others, return_counts=True)[1].max()) / len(codes), 6) if len(others) else 0.0
