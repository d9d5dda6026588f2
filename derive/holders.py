"""Which texts, or families of near-verbatim texts, hold a shingle? What is rare in a collection, and what stands elsewhere, too.

`Postings` lists the holders of each code that stands in several texts, and lets texts meet in them; most codes stand in
one text alone and take no room. `Holders` asks the postings of families.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.commonplaces import Commonplaces
from derive.sets import counted, distinct

Codes = NDArray[np.int64] | NDArray[np.int32]


MANY = 25
"""Families that hold a shingle from which on it says nothing about who is related (prior)."""


class Postings:
    """The codes that stand in two sets or more, each with the positions of these sets."""

    def __init__(self, sets: Sequence[Codes]) -> None:
        """Each of the sets is sorted and holds a code once."""
        self.sizes = np.array([len(codes) for codes in sets], dtype=np.int64)
        self.codes = distinct(_in_several(sets, int(self.sizes.sum())))
        own = [self.places(codes) for codes in sets]
        self.offsets = np.concatenate(([0], np.cumsum([len(places) for places in own], dtype=np.int64)))
        self.postings = np.concatenate(own) if own else np.zeros(0, dtype=np.int32)
        """Of each set, one after the other, the places of its codes among `codes`."""
        del own
        order = np.argsort(self.postings, kind="stable")
        self.owners = np.repeat(np.arange(len(self.sizes), dtype=np.int32), np.diff(self.offsets))[order]
        counts = np.bincount(self.postings, minlength=len(self.codes))
        self.starts = np.concatenate(([0], np.cumsum(counts)))

    def places(self, codes: Codes) -> NDArray[np.int32]:
        """The places of those of these codes that stand in several sets."""
        if not len(self.codes):
            return np.zeros(0, dtype=np.int32)
        place = np.searchsorted(self.codes, codes)
        place[place == len(self.codes)] = 0
        return np.asarray(place[self.codes[place] == codes], dtype=np.int32)

    def meetings(self, *, common: int, neighbours: int, rare: int, least: int, worth: float) -> list[tuple[int, int]]:
        """Pairs of sets (i < j), sorted, that meet in enough postings (`kernel.collection_reference.meetings`)."""
        pairs = kernel.meetings(
            self.starts, self.owners, self.offsets, self.postings, self.sizes, common, neighbours, rare, least, worth
        )
        return list(zip(*pairs.tolist(), strict=True))


class Elsewhere(Protocol):
    """What is asked of a collection about the shingles that a pair shares; `Holders` says it."""

    def counts(self, codes: NDArray[np.int64]) -> NDArray[np.int64]: ...

    def elsewhere(self, codes: NDArray[np.int64], own: Collection[int]) -> float: ...

    def relatives(self, codes: NDArray[np.int64], share: float, least: int) -> list[int]: ...

    def told(self, stems: NDArray[np.uint64], weights: NDArray[np.float64], own: Collection[int]) -> float: ...


class Holders:
    """The shingles of a collection, each with the families that hold it (a family counts once, however many copies)."""

    def __init__(
        self, sets: Sequence[Codes], members: Mapping[int, Sequence[int]], commonplaces: Commonplaces | None = None
    ) -> None:
        """`sets` are the codes of each document that may be matched; `members` maps a family to its documents."""
        self._commonplaces = commonplaces
        self._families = np.array(list(members), dtype=np.int64)
        self._postings = Postings([_united([sets[i] for i in m]) for m in members.values()])

    def counts(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """In how many families each of these codes stands; every one must be in the collection."""
        known = self._postings.codes
        if not len(known):
            return np.ones(len(codes), dtype=np.int64)
        place = np.searchsorted(known, codes)
        place[place == len(known)] = 0
        starts = self._postings.starts
        return np.where(known[place] == codes, starts[place + 1] - starts[place], 1)

    def elsewhere(self, codes: NDArray[np.int64], own: Collection[int]) -> float:
        """The largest share of these codes that one other family holds."""
        owners = self._owners(self._postings.places(codes))
        others = owners[~reduce(np.logical_or, (owners == k for k in own), np.zeros(len(owners), dtype=np.bool_))]
        return round(int(counted(others)[1].max()) / len(codes), 6) if len(others) else 0.0

    def relatives(self, codes: NDArray[np.int64], share: float, least: int) -> list[int]:
        """The families that hold such a share of these codes and so many, those aside that more than `MANY` hold."""
        p = self._postings
        places = p.places(codes)
        owners, counts = counted(self._owners(places[p.starts[places + 1] - p.starts[places] <= MANY]))
        found: list[int] = owners[counts >= max(share * len(codes), least)].tolist()
        return found

    def told(self, stems: NDArray[np.uint64], weights: NDArray[np.float64], own: Collection[int]) -> float:
        """The share of these telling words that other families have in one place, too (`Commonplaces.share`)."""
        return self._commonplaces.share(stems, weights, own) if self._commonplaces else 0.0

    def _owners(self, places: NDArray[np.int32]) -> NDArray[np.int64]:
        """The families in these postings, one after the other."""
        p = self._postings
        counts = p.starts[places + 1] - p.starts[places]
        first = p.starts[places] - np.cumsum(counts) + counts  # where each posting would begin if all were one
        return self._families[p.owners[np.repeat(first, counts) + np.arange(int(counts.sum()))]]


def _in_several(sets: Sequence[Codes], size: int) -> NDArray[np.int64]:
    """The codes that stand in several sets, sorted, some of them more than once; the sets, of `size` codes, are not kept."""
    every = np.empty(size, dtype=np.int64)
    at = 0
    for codes in sets:
        every[at : at + len(codes)] = codes
        at += len(codes)
    every.sort()
    return np.asarray(every[1:][every[1:] == every[:-1]], dtype=np.int64)


def _united(sets: Sequence[Codes]) -> Codes:
    return sets[0] if len(sets) == 1 else np.unique(np.concatenate(sets))
