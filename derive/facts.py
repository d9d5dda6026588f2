"""Names and figures: a rewrite that kept no sentence still keeps its source's selection of facts. How much of it is shared?

A document's facts are its names (capitalised in mid-sentence) and its numbers, outside quotations and exclusions, in the
normaliser's one form. The containment of A's facts in B is weighed by rarity in the collection. Two reports of one event
share many facts anyway, so a pair is judged against what is usual between articles of its event (`relative`).

It finds the family, not the parent, says nothing about direction, and breaks when names and figures are changed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import median

from derive.model import Facts, Prepared

Selection = frozenset[str]


def facts_of(prepared: Prepared) -> Selection:
    """The names and numbers of a document, each once."""
    strings = prepared.words.strings
    free = prepared.authored
    return frozenset(
        word
        for word, name, counts in zip(strings, prepared.names, free, strict=True)
        if counts and (name or word[0].isdigit()) and len(word) > 1
    )


class FactTable:
    """What the facts of a collection weigh, and what is usual between two of its documents."""

    def __init__(self, documents: Sequence[Prepared], family: Sequence[int]) -> None:
        """`family[i]` numbers the near-verbatim family of document i: its members count once."""
        self.facts = [facts_of(p) for p in documents]
        self._family = family
        self._holders: dict[str, set[int]] = defaultdict(set)
        for facts, f in zip(self.facts, family, strict=True):
            for fact in facts:
                self._holders[fact].add(f)
        self._count = len(set(family))
        self._usual: dict[int, float | None] = {}

    def weight(self, fact: str) -> float:
        """Rarity in the collection; all alike where a collection is too small to tell."""
        if self._count < 4:
            return 1.0
        return math.log((self._count + 1) / len(self._holders[fact]))

    def containment(self, i: int, j: int) -> float:
        """The weighed share of document i's facts that document j has."""
        whole = sum(self.weight(f) for f in sorted(self.facts[i]))
        return sum(self.weight(f) for f in sorted(self.facts[i] & self.facts[j])) / whole if whole else 0.0

    def score(self, i: int, j: int) -> float:
        """The mean of both containments."""
        return (self.containment(i, j) + self.containment(j, i)) / 2

    def exclusive(self, i: int, j: int) -> list[str]:
        """Facts of both documents that no other family of the collection has, sorted."""
        own = {self._family[i], self._family[j]}
        return sorted(f for f in self.facts[i] & self.facts[j] if self._holders[f] <= own)

    def usual(self, i: int) -> float | None:
        """The median score of document i with the other families of its event; None if there are fewer than three."""
        if i not in self._usual:
            best: dict[int, float] = {}
            for j in self._neighbours(i):
                best[self._family[j]] = max(best.get(self._family[j], 0.0), self.score(i, j))
            self._usual[i] = median(best.values()) if len(best) >= 3 else None
        return self._usual[i]

    def _neighbours(self, i: int) -> list[int]:
        """The documents of other families that share at least three facts with document i: its event."""
        if self._count > 400:  # an event cannot be told by comparing with everything; postings come with the engine
            return []
        shared = Counter(
            j
            for j, facts in enumerate(self.facts)
            if self._family[j] != self._family[i] and len(facts & self.facts[i]) >= 3
        )
        return sorted(shared)

    def compare(self, i: int, j: int) -> Facts:
        """The pair's shared facts, rounded as printed."""
        usual = (self.usual(i), self.usual(j))
        relative = None
        if usual[0] is not None and usual[1] is not None:
            relative = round(self.score(i, j) - (usual[0] + usual[1]) / 2, 4)
        return Facts(
            round(self.containment(i, j), 4),
            round(self.containment(j, i), 4),
            len(self.facts[i] & self.facts[j]),
            relative,
        )
