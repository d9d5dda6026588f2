"""Disjoint groups of numbers, joined pair by pair: which of these belong together?"""

from __future__ import annotations

from collections import defaultdict


class Groups:
    """Disjoint groups of the numbers 0..n-1 (union-find); a group's name is its smallest member."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        i, j = self.find(i), self.find(j)
        self._parent[max(i, j)] = min(i, j)

    def members(self) -> dict[int, list[int]]:
        """Group name -> its members in order, groups in order of their names."""
        members: dict[int, list[int]] = defaultdict(list)
        for i in range(len(self._parent)):
            members[self.find(i)].append(i)
        return dict(members)
