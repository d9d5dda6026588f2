"""Which texts were compiled from several that have nothing to do with each other, and which part came from whom?

A text made of two reports shares less with each than a rewrite of one would, so that each by itself looks like a second
report of the same event. What gives it away is the whole: its possible sources fall into *strands* that share nothing with
each other, and each strand has much that the others lack. Each is then judged by the part of the text that the others
leave to it, and within each strand the tree says who the parent is.

Start reading at `strands`; `judged_by_part` weighs the pairs, `by_strand` shares out the tree's chances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from derive.dates import Time, came_before
from derive.direction import decide
from derive.direction.pair import THIN, Pair, told
from derive.groups import Groups
from derive.model import Shingled
from derive.params import Params
from derive.trees import Judged, Pairs, Parents, further, judged_pair

BRINGS = (20, 0.06)
"""A strand has so many shingles of a text, and this share of them, that no other strand has: half of what makes two texts
related, as at least two share one (prior)."""

Strands = Mapping[int, Sequence[Sequence[int]]]
"""For each compiled text its possible sources, in groups that share nothing with each other; what brings most first."""


def strands(
    component: Sequence[int],
    near: Mapping[int, Sequence[int]],
    documents: Sequence[Shingled],
    pairs: Pairs,
    first: Mapping[int, Time | None],
    params: Params,
) -> dict[int, list[list[int]]]:
    """The texts of a component that were compiled. `near`: who shares text with whom; `first`: when first published.

    Texts are taken in the order of their times, so that an earlier compilation does not tie the strands of a later one.
    """
    found: dict[int, list[list[int]]] = {}
    for v in sorted(component, key=lambda v: (_start(first[v]), documents[v].prepared.sha256, documents[v].id)):
        # Without times or credits a text from which two took different parts looks the same.
        tie = params.tie_minutes * 60
        sources = [
            u
            for u in near[v]
            if u not in found and (came_before(first[u], first[v], tie) or _said_to_be_source(u, v, pairs))
        ]
        told_apart = [_brought(v, group, documents) for group in _unrelated(sources, pairs, params)]
        whole = sorted(told_apart, key=lambda s: (-len(s[1]), documents[s[0][0]].prepared.sha256))
        kept = [group for group, held in whole if _brings(held, [h for _, h in whole if h is not held], documents[v])]
        if len(kept) > 1:
            found[v] = kept
    return found


def _said_to_be_source(u: int, v: int, pairs: Pairs) -> bool:
    judged = judged_pair(pairs, u, v)
    return judged is not None and judged.direction.verdict == ("a_to_b" if u < v else "b_to_a")


def _start(time: Time | None) -> float:
    return time.earliest if time else float("inf")


def _unrelated(sources: Sequence[int], pairs: Pairs, params: Params) -> list[list[int]]:
    """The sources in groups that share no text with each other. A few shared shingles that a third has tie nothing."""
    groups = Groups(len(sources))
    for x, u in enumerate(sources):
        for y in range(x):
            judged = judged_pair(pairs, u, sources[y])
            if judged and judged.pair.reuse == "text" and not _slight(judged.pair, params):
                groups.join(x, y)
    return [[sources[k] for k in members] for members in groups.members().values()]


def _slight(pair: Pair, params: Params) -> bool:
    return pair.measured.base < params.possible and pair.measured.elsewhere > 0.99


def _brought(v: int, group: list[int], documents: Sequence[Shingled]) -> tuple[list[int], NDArray[np.int64]]:
    """The group, and the shingles of v that it has; whoever has most of them stands first."""
    own = documents[v].distinct
    held = {u: np.intersect1d(own, documents[u].distinct, assume_unique=True) for u in group}
    ranked = sorted(group, key=lambda u: (-len(held[u]), documents[u].prepared.sha256, documents[u].id))
    return ranked, np.unique(np.concatenate([held[u] for u in group]))


def _brings(held: NDArray[np.int64], others: Sequence[NDArray[np.int64]], text: Shingled) -> bool:
    alone = np.setdiff1d(held, np.concatenate(others) if others else held[:0], assume_unique=False)
    least, share = BRINGS
    return len(alone) >= max(least, share * len(text.distinct))


# -- judged by the part that the other strands leave


def judged_by_part(found: Strands, pairs: Pairs, anchors: Mapping[int, int]) -> dict[tuple[int, int], Judged]:
    """The pairs of compiled texts and their possible sources, weighed by the part that the other strands leave to each.

    What else the text has came from the others, so it says nothing of a pair that each has much that the other lacks.
    `anchors`: the copy of each text that its arrows hang by.
    """
    weighed = {}
    for v, groups in found.items():
        taken = [_told_by(v, group[0], pairs) for group in groups]  # who has most of it
        for k, group in enumerate(groups):
            others = np.logical_or.reduce([mask for n, mask in enumerate(taken) if n != k]) & ~taken[k]
            for u in group:
                for i, j in {(u, v), (anchors[u], anchors[v])}:
                    place = (min(i, j), max(i, j))
                    if judged := pairs.get(place):
                        weighed[place] = _for_its_part(judged, "a" if i > j else "b", 1 - _share(others, v, u, pairs))
    return weighed


def _told_by(v: int, u: int, pairs: Pairs) -> NDArray[np.bool_]:
    """The words of v that it tells as u does."""
    return told(pairs[min(u, v), max(u, v)].pair)[int(u < v)]


def _share(mask: NDArray[np.bool_], v: int, u: int, pairs: Pairs) -> float:
    """The share of v's authored words under the mask."""
    free = pairs[min(u, v), max(u, v)].pair.sides[int(u < v)].authored
    return float((mask & free).sum() / max(1, free.sum()))


def _for_its_part(judged: Judged, side: str, part: float) -> Judged:
    """The pair as if the text on this side were so much shorter; and never so thin that the two may be mere reports of one
    event, as this text did draw on others."""
    m = judged.pair.measured
    sizes = {"a": len(m.a.distinct), "b": len(m.b.distinct)}
    whole = min(sizes.values())
    sizes[side] = max(1, round(part * sizes[side]))
    base = min(1.0, max(THIN, m.base * whole / min(sizes.values())))
    pair = replace(judged.pair, measured=replace(m, base=base), kept=None)
    return Judged(pair, decide(pair, further(judged)))


# -- within each strand one parent


def by_strand(parents: Parents, found: Strands) -> list[dict[int, dict[int, float]]]:
    """The chances of each text's parents, strand by strand: first those of all texts, then those that compiled ones add."""
    rounds: list[dict[int, dict[int, float]]] = [{v: dict(ways) for v, ways in parents.chance.items()}]
    for v, groups in sorted(found.items()):
        for k, group in enumerate(groups):
            ways = {u: p for u in group if (p := parents.chance[v].get(u, 0.0))}
            whole = sum(p for _, p in sorted(ways.items()))
            if k == len(rounds):
                rounds.append({})
            rounds[k][v] = {u: p / whole for u, p in ways.items()}
    return rounds
