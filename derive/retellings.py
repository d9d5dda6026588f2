"""Whom did an article retell that kept no sentence? Names and figures say which family it belongs to, dates that it came later.

Among texts that share no wording nothing tells a parent from its other children, so an arrow comes only from a source that its
rewrites have shown to be one, and only where nearly all else that the article retells stands below that source, too. It may
have gone through one of those: then the source is its ancestor.

Start reading at `retellings`. Called once all arrows that rest on wording are drawn.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from derive.dates import Time, came_before
from derive.model import Direction, Evidence
from derive.params import Params
from derive.trees import Judged, Pairs

REWRITES = 2
"""Rewrites that show a text to be a source: with fewer nobody could have agreed against it (`derive.siblings`)."""
MOST = 0.75
"""Of what the article retells, so much stands below the source (prior: a report or two of the event may be near by chance)."""
SURE = 0.8
"""The probability of such an arrow (prior; M: in the newsroom's first half all 6 come from an ancestor, 5 from the parent)."""


def retellings(
    arrows: Collection[tuple[int, int]], pairs: Pairs, times: Sequence[Time | None], params: Params
) -> list[tuple[int, int]]:
    """(source, retelling) for each article without a parent of which names and figures, and times, say whose news it tells."""
    below = _below(arrows)
    placed = {end for arrow in arrows for end in arrow}
    has_parent = {v for _, v in arrows}
    met: dict[int, set[int]] = defaultdict(set)
    for (i, j), judged in pairs.items():
        if judged.pair.reuse in ("facts", "text"):
            met[i].add(j)
            met[j].add(i)
    found = []
    for v in sorted(met):
        if v in has_parent or v in below:
            continue
        family = met[v] & placed
        leaders = [
            u
            for u in sorted(family)
            if len(below.get(u, ())) >= REWRITES
            and len(family & (below[u] | {u})) >= MOST * len(family)
            and _retold(u, v, pairs, times, params)
        ]
        if leaders:
            found.append((max(leaders, key=lambda u: (len(below[u]), -u)), v))
    return found


def _below(arrows: Collection[tuple[int, int]]) -> dict[int, set[int]]:
    """All that derives from each text, directly or through others."""
    children: dict[int, set[int]] = defaultdict(set)
    for u, v in arrows:
        children[u].add(v)
    found: dict[int, set[int]] = {}
    for u in children:
        reached: set[int] = set()
        todo = [u]
        while todo:
            for v in children.get(todo.pop(), set()) - reached:
                reached.add(v)
                todo.append(v)
        found[u] = reached
    return found


def _retold(u: int, v: int, pairs: Pairs, times: Sequence[Time | None], params: Params) -> bool:
    judged, first, second = pairs[min(u, v), max(u, v)], times[u], times[v]
    return judged.pair.reuse == "facts" and came_before(first, second, params.tie_minutes * 60)


def retold_direction(judged: Judged, forward: bool, source: str, target: str) -> Direction:
    """The verdict on such a pair, with its reason."""
    detail = f"{target} retells the names and figures of {source}, which came first and is the source of others that tell them"
    told = Evidence("retelling", "a" if forward else "b", 1.4, False, detail)
    before = judged.direction
    return Direction("a_to_b" if forward else "b_to_a", SURE, before.regime, (*before.evidence, told))
