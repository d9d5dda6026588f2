"""One story, all its texts together: how probable is each parent of each text?

Within a component of documents that share text the cost of v having come from u is what v has and u has not. Up to
`Params.dense_component` texts (`UNTIMED` where most have no exact time) every way to connect them is weighed (`posterior`), so
that circles of texts whose order is not known are weighed rightly. A larger story is taken in the order of its clocks: then no
circle is possible, the parents of different texts are independent, and each text's `CANDIDATES` best parents, counted exactly,
are all that is kept. There a text without an exact time is nobody's parent, and what would speak for it is left open.

Start reading at `weigh`.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from derive.dates import Time, order
from derive.direction import Pair
from derive.groups import Groups
from derive.model import Direction, Evidence, Shingled
from derive.params import Params
from derive.posterior import column_error, tree_posterior

COST = 12.0
"""Shingles that make an arrow e times less likely (direction.md, section 3)."""
ROOT = 1e-6
"""Weight of having no parent in the component."""
CHECK = 1e-6
"""How far the parents of a text may be from adding up to one."""
UNTIMED = 1000
"""Texts up to which every way is weighed where most have no exact time: there no clock puts them in order (17 s of one core
for 1,000)."""
CANDIDATES = 24
"""Parents that are kept of each text in a story too large to weigh every way (prior; the next best costs more)."""
LEAST = 1e-9
"""Chances below this are nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair of document positions with its direction."""

    pair: Pair
    direction: Direction


Pairs = Mapping[tuple[int, int], Judged]


@dataclass(frozen=True, slots=True)
class Parents:
    """What is known of one component's parents; documents are positions."""

    chance: Mapping[int, Mapping[int, float]]
    """For each text its possible parents, each with its probability."""
    none: Mapping[int, float]
    """For each text the probability that it has none here."""
    note: str = ""
    """Why no arrow may be drawn, if none may."""


FURTHER = frozenset({"version", "turn", "siblings"})
"""Evidence that does not come from the pair itself."""


def further(judged: Judged) -> tuple[Evidence, ...]:
    """The evidence that came from outside the pair, to be kept when it is weighed anew."""
    return tuple(e for e in judged.direction.evidence if e.name in FURTHER)


def judged_pair(pairs: Pairs, u: int, v: int) -> Judged | None:
    return pairs.get((min(u, v), max(u, v)))


def components_of(copies: Sequence[Sequence[int]], pairs: Pairs) -> list[list[int]]:
    """Representatives that share text, directly or through others; single ones left out."""
    heads = [g[0] for g in copies]
    place = {u: k for k, u in enumerate(heads)}
    groups = Groups(len(heads))
    for (i, j), judged in sorted(pairs.items()):
        if judged.pair.reuse == "text" and i in place and j in place:
            groups.join(place[i], place[j])
    return [[heads[k] for k in members] for members in groups.members().values() if len(members) > 1]


def weigh(
    component: Sequence[int],
    documents: Sequence[Shingled],
    pairs: Pairs,
    near: Mapping[int, Sequence[int]],
    first: Mapping[int, Time | None],
    params: Params,
) -> Parents:
    """The probability of each parent in one component. `near`: who shares text with whom; `first`: when first published."""
    size = len(component)
    timed = 2 * sum(_exact(first[v]) for v in component) > size
    large = size > (params.dense_component if timed else max(UNTIMED, params.dense_component))
    weights: dict[int, dict[int, float]] = {}
    open_: dict[int, float] = {}
    for v in component:
        ways = [w for u in near[v] if (w := _way(u, v, documents, pairs, first, params, large))]
        if large:
            ways = heapq.nsmallest(CANDIDATES, ways, key=lambda w: (w[0], -w[1], documents[w[2]].prepared.sha256, w[2]))
        best = min((cost for cost, *_ in ways), default=0)
        weight = {u: float(np.exp(-min(60.0, (cost - best) / COST) + leaning / 2)) for cost, leaning, u in ways}
        vague = {u for u in weight if large and not _exact(first[u])}
        weights[v] = {u: w for u, w in weight.items() if u not in vague}
        open_[v] = ROOT + sum(weight[u] for u in sorted(vague))
    if large:
        return _independent(component, weights, open_)
    return _all_trees(component, weights)


def _way(
    u: int,
    v: int,
    documents: Sequence[Shingled],
    pairs: Pairs,
    first: Mapping[int, Time | None],
    params: Params,
    large: bool,
) -> tuple[int, float, int] | None:
    """(cost, log-odds of the pair for this direction, u), None if the dates forbid it."""
    if _forbidden(first[u], first[v], params) or (large and _after(first[u], first[v])):
        return None
    judged = judged_pair(pairs, u, v)
    assert judged is not None
    if _against_assumption(judged, u < v):
        return None
    return len(documents[v].distinct) - judged.pair.measured.shared, lean(judged, u < v), u


def _against_assumption(judged: Judged, forward: bool) -> bool:
    """True if the pair runs the other way by what was declared of the collection, and nothing outweighs that: else costs,
    which always favour texts that shorten, would have the last word."""
    other = "b" if forward else "a"
    assumed = any(e.name == "assume" and e.favours == other for e in judged.direction.evidence)
    return assumed and lean(judged, forward) < 0


def _exact(time: Time | None) -> bool:
    return time is not None and time.exact


def _after(source: Time | None, target: Time | None) -> bool:
    """True if, by their clocks, the source is not the earlier of two texts whose times are exact."""
    if source is None or target is None or not (source.exact and target.exact):
        return False
    return source.earliest >= target.earliest


def _all_trees(component: Sequence[int], weights: Mapping[int, Mapping[int, float]]) -> Parents:
    n = len(component)
    place = {u: x for x, u in enumerate(component)}
    matrix = np.zeros((n, n))
    for v, ways in weights.items():
        for u, weight in ways.items():
            matrix[place[u], place[v]] = weight
    edges, root = tree_posterior(matrix, np.full(n, ROOT))
    note = ""
    if (error := column_error(edges, root)) > CHECK or not np.isfinite(edges).all():
        note = f"the posterior of a story of {n} articles failed its check (error {error:.1g}): no arrow is drawn in it"
        edges, root = np.nan_to_num(edges), np.nan_to_num(root)
    chance = {v: {u: p for u in ways if (p := float(edges[place[u], place[v]])) > LEAST} for v, ways in weights.items()}
    return Parents(chance, {v: float(root[place[v]]) for v in component}, note)


def _independent(
    component: Sequence[int], weights: Mapping[int, Mapping[int, float]], open_: Mapping[int, float]
) -> Parents:
    whole = {v: open_[v] + sum(w for _, w in sorted(ways.items())) for v, ways in weights.items()}
    chance = {v: {u: w / whole[v] for u, w in ways.items() if w > LEAST * whole[v]} for v, ways in weights.items()}
    note = ""
    if not any(chance.values()):
        note = (
            f"a story of {len(component)} articles without exact times is too large to weigh: no arrow is drawn in it"
        )
    return Parents(chance, {v: open_[v] / whole[v] for v in component}, note)


def neighbours(pairs: Pairs) -> dict[int, list[int]]:
    """For each document those with which it shares text, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for (i, j), judged in sorted(pairs.items()):
        if judged.pair.reuse == "text":
            found[i].append(j)
            found[j].append(i)
    return found


def nearest(component: Sequence[int], documents: Sequence[Shingled], pairs: Pairs) -> list[tuple[int, int]]:
    """For each text of a story that could not be weighed: the connection to the text that it shares most with."""
    members = set(component)
    best: dict[int, tuple[int, str, tuple[int, int]]] = {}
    for (i, j), judged in sorted(pairs.items()):
        if judged.pair.reuse == "text" and i in members and j in members:
            for own, other in ((i, j), (j, i)):
                rank = (-judged.pair.measured.shared, documents[other].prepared.sha256, (i, j))
                best[own] = min(best.get(own, rank), rank)
    return sorted({pair for _, _, pair in best.values()})


def first_times(
    component: Sequence[int], times: Sequence[Time | None], copies: Sequence[Sequence[int]]
) -> list[Time | None]:
    """When the words of each representative were first published."""
    members = {g[0]: g for g in copies}
    return [_earliest([times[m] for m in members[u]]) for u in component]


def _earliest(times: list[Time | None]) -> Time | None:
    """The earliest believed time of a group of copies."""
    return min((t for t in times if t is not None), key=lambda t: (t.earliest, t.latest), default=None)


def _forbidden(source: Time | None, target: Time | None, params: Params) -> bool:
    """True if the dates say that the target was there before the source."""
    return source is not None and target is not None and order(source, target, params.tie_minutes * 60) > 0


def lean(judged: Judged, forward: bool) -> float:
    """The pair's log-odds for this direction against the other."""
    total = sum(
        e.log_odds * (1 if e.favours == "a" else -1) for e in judged.direction.evidence if e.favours in ("a", "b")
    )
    return total if forward else -total
