"""Names and figures: a rewrite that kept no sentence still keeps its source's selection of facts. How much of it is shared?

A document's facts are its names (capitalised in mid-sentence) and its numbers, outside quotations and exclusions, in the
normaliser's one form. The containment of A's facts in B is weighed by rarity in the collection. Two reports of one event
share many facts anyway, so a pair is judged against what is usual between articles of its event (`relative`).

It finds the family, not the parent, says nothing about direction, and breaks when names and figures are changed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.dates import Time
from derive.model import Facts
from derive.sets import distinct

GRAIN = 1 << 20
"""Weights are whole multiples of 1/GRAIN: sums are then exact, whatever the order or the machine."""
EVENT_STORIES = 10
EVENT_SHARED = 2
"""So many shared names and figures, each in so few stories, make two articles reports of one event (prior)."""
EVENT_SPAN = 7 * 86400
"""Published further apart than this (seconds), two articles report on two events (prior)."""
MATES = 3
"""Other stories of its event that must be there to say what is usual."""
DENSE = 400
"""Up to so many documents all pairs are weighed at once; beyond, an event cannot be told by comparing with everything."""


@dataclass(frozen=True, slots=True)
class Holders:
    """How many families and stories a collection has, and how many of each hold a fact (by its word)."""

    families: int
    stories: int
    counts: Mapping[str, tuple[int, int]]


class FactTable:
    """What the facts of a collection weigh, and what is usual between two of its documents."""

    def __init__(
        self,
        facts: Sequence[NDArray[np.int32]],
        words: Sequence[str],
        family: Sequence[int],
        story: Sequence[int] | None = None,
        times: Sequence[Time | None] = (),
        known: Holders | None = None,
    ) -> None:
        """`facts` are the numbers, sorted, of each document's facts in `words`.

        `family[i]` numbers the near-verbatim family of document i, `story[i]` all that is known to share text with it: in
        what is usual, and in what is rare, each story counts once, however many have used it. `known` says how many hold
        each fact, where these documents are a few of a large collection.
        """
        self._times = times or [None] * len(facts)
        self._family = family
        self._story = family if story is None else story
        present = np.zeros(len(words), dtype=np.bool_)
        for selection in facts:
            present[selection] = True
        numbers = np.flatnonzero(present)
        names = [words[n] for n in numbers.tolist()]
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
        place = np.empty(len(order), dtype=np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        self._names = [names[k] for k in order.tolist()]
        self._facts = [np.sort(place[np.searchsorted(numbers, selection)]) for selection in facts]
        if known is None:
            self._holders, self._stories = self._count_holders(self._family), self._count_holders(self._story)
            totals = len(set(self._family)), len(set(self._story))
        else:
            held = np.array([known.counts[name] for name in self._names], dtype=np.int64).reshape(-1, 2)
            self._holders, self._stories = held[:, 0], held[:, 1]
            totals = known.families, known.stories
        self._alike = totals[0] < 4
        self._weights = self._weigh(totals[1], self._stories)
        self._by_family = self._weigh(totals[0], self._holders)
        self._whole = [int(self._weights[f].sum()) for f in self._facts]
        self._common = self._all_pairs() if known is None and len(facts) <= DENSE else None
        self._usual: dict[int, float | None] = {}

    def facts(self, i: int) -> NDArray[np.int32]:
        """The numbers of a document's facts, sorted."""
        return self._facts[i]

    def _count_holders(self, groups: Sequence[int]) -> NDArray[np.int64]:
        """In how many of these groups each fact stands."""
        members: dict[int, list[NDArray[np.int32]]] = defaultdict(list)
        for group, facts in zip(groups, self._facts, strict=True):
            members[group].append(facts)
        counts = np.zeros(len(self._names), dtype=np.int64)
        for held in members.values():
            counts[held[0] if len(held) == 1 else distinct(np.concatenate(held))] += 1
        return counts

    def _weigh(self, groups: int, holders: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rarity in the collection, in grains; all alike where a collection is too small to tell."""
        if self._alike:
            return np.full(len(holders), GRAIN, dtype=np.int64)
        counts, place = np.unique(holders, return_inverse=True)
        return np.array([round(math.log((groups + 1) / h) * GRAIN) for h in counts.tolist()], dtype=np.int64)[place]

    def _all_pairs(self) -> NDArray[np.float64]:
        """The weight of the facts that each two documents share. Whole numbers below 2^53: exact in any order."""
        held = np.zeros((len(self._facts), len(self._names)))
        for i, selection in enumerate(self._facts):
            held[i, selection] = 1
        product: NDArray[np.float64] = (held * self._weights) @ held.T
        return product

    def _shared(self, i: int, j: int) -> NDArray[np.int32]:
        return np.intersect1d(self._facts[i], self._facts[j], assume_unique=True)

    def _containments(self, i: int, j: int) -> tuple[float, float]:
        """The weighed share of i's facts that j has, and of j's that i has."""
        common = self._weights[self._shared(i, j)].sum() if self._common is None else self._common[i, j]
        return tuple(float(common) / whole if whole else 0.0 for whole in (self._whole[i], self._whole[j]))  # type: ignore[return-value]

    def kept(self, i: int, j: int) -> tuple[float, float]:
        """The share of i's facts that j has, and of j's that i has, weighed by how few families have each."""
        common = int(self._by_family[self._shared(i, j)].sum())
        wholes = (int(self._by_family[self._facts[k]].sum()) for k in (i, j))
        return tuple(common / whole if whole else 0.0 for whole in wholes)  # type: ignore[return-value]

    def score(self, i: int, j: int) -> float:
        """The mean of both containments."""
        return sum(self._containments(i, j)) / 2

    def exclusive(self, i: int, j: int) -> list[str]:
        """Facts of both documents that no other family of the collection has, sorted."""
        own = len({self._family[i], self._family[j]})
        return [self._names[f] for f in self._shared(i, j).tolist() if self._holders[f] <= own]

    def usual(self, i: int) -> float | None:
        """The lower quartile of i's scores with the other stories of its event; None if there are fewer than three.

        Not the median: rewrites that nothing else has shown yet stand among the others, at the upper end.
        """
        if i not in self._usual:
            best: dict[int, float] = defaultdict(float)
            row = np.zeros(0) if self._common is None else self._common[i]
            for j in np.flatnonzero(row).tolist():
                if self._story[j] != self._story[i] and self._one_event(i, j):
                    best[self._story[j]] = max(best[self._story[j]], self.score(i, j))
            self._usual[i] = sorted(best.values())[len(best) // 4] if len(best) >= MATES else None
        return self._usual[i]

    def _one_event(self, i: int, j: int) -> bool:
        """True if the two share names and figures that few stories have, at about the same time: they report on one event."""
        here, there = self._times[i], self._times[j]
        if here and there and max(here.earliest, there.earliest) - min(here.latest, there.latest) > EVENT_SPAN:
            return False
        return int((self._stories[self._shared(i, j)] <= EVENT_STORIES).sum()) >= EVENT_SHARED

    def compare(self, i: int, j: int) -> Facts:
        """The pair's shared facts, rounded as printed."""
        usual = (self.usual(i), self.usual(j))
        relative = None
        if usual[0] is not None and usual[1] is not None:
            relative = round(self.score(i, j) - (usual[0] + usual[1]) / 2, 4)
        of_i, of_j = self._containments(i, j)
        return Facts(round(of_i, 4), round(of_j, 4), len(self._shared(i, j)), relative)
