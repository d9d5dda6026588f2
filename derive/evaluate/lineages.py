"""How right is a drawn lineage? Parents, wrong arrows, skeleton, roots, unseen sources, origins, beside simple rules.

What counts: an arrow is *right* if its source is a parent of its target, *skipping* if it is an ancestor further up, *wrong*
if it is neither; an arrow to the child of an unseen source is wrong unless it comes from an ancestor. The simple rules
choose for each article one parent among those that hold 8 % of its shingles or more.

Start reading at `lineages`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from derive.dates import order
from derive.direction import decide
from derive.evaluate.figures import Answer, answered, share
from derive.evaluate.pairs import Asked, a_is_earlier, a_is_longer
from derive.evaluate.truth import Story
from derive.model import Edge, Lineage
from derive.params import Params
from derive.pipeline import Examined, lineage_of
from derive.trees import Judged

SHARED = 0.05
"""Resemblance from which on a true pair is also counted among those that share text at all."""
RELATED = 0.08
"""Share of an article's shingles from which on a simple rule takes another one for its parent."""
SOLID = 0.9
"""Probability from which on an undirected connection counts as stated."""
SURE = 0.75
"""Probability from which on a first text counts as stated."""
TIE = 1
"""Seconds: what is surely later by this much is later."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A story, what was examined of it, and the lineage drawn from that."""

    story: Story
    examined: Examined
    lineage: Lineage

    @property
    def arrows(self) -> tuple[Edge, ...]:
        return self.lineage.edges


def outcome(story: Story, examined: Examined, params: Params) -> Outcome:
    """The lineage of a story as a scan draws it: without the pairs that were judged only because the truth names them."""
    pairs = {p: j for p, j in examined.pairs.items() if p not in examined.asked}
    return Outcome(story, examined, lineage_of(replace(examined, pairs=pairs), params))


def undated(examined: Examined) -> Examined:
    """The same pairs judged as if no article had a date."""
    pairs = {}
    for place, judged in examined.pairs.items():
        pair = replace(judged.pair, times=(None, None))
        pairs[place] = Judged(pair, decide(pair))
    return replace(examined, pairs=pairs, times=(None,) * len(examined.documents), notes=())


def lineages(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All scores of these lineages together."""
    edges = [(o, e) for o in outcomes for e in sorted(o.story.edges)]
    shared = [(o, e) for o, e in edges if _resemblance(o, e) >= SHARED]
    arrows = [(o, a) for o in outcomes for a in o.arrows]
    drawn = {(id(o), a.source, a.target) for o, a in arrows}
    wrong = [(o, a) for o, a in arrows if not o.story.derives(a.target, a.source)]
    answers = [
        Answer(a.probability, o.story.derives(a.target, a.source), asked=(a.source, a.target) in o.story.edges)
        for o, a in arrows
    ]
    return {
        "stories": len(outcomes),
        "parents": share(sum((id(o), *e) in drawn for o, e in edges), len(edges)),
        "parents by level": {
            level: share(sum((id(o), *e) in drawn for o, e in own), len(own))
            for level in sorted({o.story.levels[e[1]] for o, e in edges})
            for own in [[(o, e) for o, e in edges if o.story.levels[e[1]] == level]]
        },
        "parents that share text": share(sum((id(o), *e) in drawn for o, e in shared), len(shared)),
        "arrows": {
            "drawn": len(arrows),
            "right": sum((a.source, a.target) in o.story.edges for o, a in arrows),
            "skipping": len(arrows) - len(wrong) - sum((a.source, a.target) in o.story.edges for o, a in arrows),
            "wrong": share(len(wrong), len(arrows)),
            "wrong because": dict(sorted(Counter(_why_wrong(o.story, a) for o, a in wrong).items())),
            "backwards in time": sum(_backwards(o, a) for o, a in arrows),
            **answered(answers, len(edges)),
        },
        "skeleton": _skeleton(outcomes),
        "roots": _roots(outcomes),
        "unseen sources": _unseen(outcomes),
        "origins": _origins(outcomes),
        "baselines": _baselines(outcomes, len(edges)),
    }


def _place(o: Outcome) -> dict[str, int]:
    return {d.id: k for k, d in enumerate(o.examined.documents)}


def _resemblance(o: Outcome, pair: Pair) -> float:
    place = _place(o)
    a, b = (o.examined.documents[place[x]].distinct for x in pair)
    shared = len(np.intersect1d(a, b, assume_unique=True))
    return round(shared / max(1, len(a) + len(b) - shared), 4)


def _backwards(o: Outcome, arrow: Edge) -> bool:
    """Whether the believed dates say that the target was there before the source."""
    place = _place(o)
    source, target = (o.examined.times[place[x]] for x in (arrow.source, arrow.target))
    return source is not None and target is not None and order(source, target, TIE) > 0


def _why_wrong(story: Story, arrow: Edge) -> str:
    """What the two articles of a wrong arrow are to each other."""
    if story.derives(arrow.source, arrow.target):
        return "reversed"
    above = (story.line[arrow.source] & story.line[arrow.target]) - {arrow.source, arrow.target}
    if above:
        return "siblings" if above & set(story.line) else "both from an unseen source"
    return "independent"


# -- skeleton and roots


def _skeleton(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Connections without their direction: arrows, and links of shared text that are solid.

    Children of one unseen source are rightly connected, as nothing stands between them; only true edges are asked for.
    """
    stated = right = found = asked = 0
    for o in outcomes:
        solid = {frozenset((k.a, k.b)) for k in o.lineage.links if k.kind == "text" and k.probability >= SOLID}
        pairs = solid | {frozenset((a.source, a.target)) for a in o.arrows}
        true = {frozenset(e) for e in o.story.edges}
        stated += len(pairs)
        right += sum(p in true or _met_unseen(o.story, p) for p in pairs)
        found += len(pairs & true)
        asked += len(true)
    return {"precision": share(right, stated), "recall": share(found, asked)}


def _met_unseen(story: Story, pair: frozenset[str]) -> bool:
    a, b = sorted(pair)
    return any(p in story.unseen for p in set(story.parents.get(a, ())) & set(story.parents.get(b, ())))


def _roots(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Is the likeliest first text of each true family the right one, and is the right one among the candidates at all?

    A family with k first texts (a merger has two) is right if they are the k likeliest candidates.
    """
    right = held = stated = stated_right = families = 0
    for o in outcomes:
        for members, first in o.story.families:
            families += 1
            candidates = _candidates(o, members)
            names = [name for name, _ in candidates]
            hit = set(names[: len(first)]) == first
            right += hit
            held += first <= set(names)
            if candidates and candidates[0][1] >= SURE / len(first):
                stated += 1
                stated_right += hit
    return {
        "right": share(right, families),
        "among the candidates": share(held, families),
        "stated": share(stated, families),
        "right of those stated": share(stated_right, stated),
    }


def _candidates(o: Outcome, members: frozenset[str]) -> list[tuple[str, float]]:
    """The candidates of the found component that holds most of a family; a true unseen source under its true name."""
    children = defaultdict(set)
    for a in o.arrows:
        children[a.source].add(a.target)
    children.update({u.id: set(u.children) for u in o.lineage.unseen_sources})

    def reach(candidates: Sequence[tuple[str, float]]) -> set[str]:
        found, todo = set(), [name for name, _ in candidates]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(children.get(name, ()))
        return found

    lists = [(len(reach(c) & members), k) for k, c in enumerate(o.lineage.roots)]
    most, k = max(lists, key=lambda x: (x[0], -x[1]), default=(0, 0))
    if most < 2:
        return []
    named = {u.id: _true_source(o.story, u.children) or u.id for u in o.lineage.unseen_sources}
    return [(named.get(name, name), chance) for name, chance in o.lineage.roots[k]]


# -- unseen sources and origins


def _true_source(story: Story, children: Sequence[str]) -> str | None:
    """The unseen source from which all of these descend, if there is one."""
    return next((u for u, below in sorted(story.unseen.items()) if below.issuperset(children)), None)


def _unseen(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Unseen sources found; said where all that was said to come from them does not; and stories that have none."""
    asked = found = said = false = without = accused = 0
    for o in outcomes:
        named = [_true_source(o.story, u.children) for u in o.lineage.unseen_sources]
        asked += len(o.story.unseen)
        found += len(set(named) - {None})
        said += len(named)
        false += sum(name is None for name in named)
        if not o.story.unseen:
            without += 1
            accused += bool(named)
    return {
        "found": share(found, asked),
        "falsely said": share(false, said),
        "stories that have none and are said to have one": share(accused, without),
    }


def _origins(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    right = counted = 0
    too_many = too_few = 0
    groups = held = 0
    for o in outcomes:
        true, found = o.story.origins, o.lineage.origins
        said = frozenset(tuple(sorted(g)) for g in found.groups)
        right += said == true
        groups += len(true)
        held += len(true & said)
        counted += found.count == len(true)
        too_many += found.count > len(true)
        too_few += found.count < len(true)
    return {
        "number right": share(counted, len(outcomes)),
        "number and members right": share(right, len(outcomes)),
        "groups right": share(held, groups),
        "stories with too many": too_many,
        "stories with too few": too_few,
    }


# -- simple rules

Rule = Callable[[Outcome, dict[Pair, float], str, str], float | None]
"""How well `u` does as the parent of `v` (higher is better), None if it cannot be."""


def _is_longer(o: Outcome, u: str, v: str) -> bool:
    place = _place(o)
    a, b = (len(o.examined.documents[place[x]].distinct) for x in (u, v))
    return (a, u) > (b, v)


def _moment(o: Outcome, id: str) -> float | None:
    time = o.examined.times[_place(o)[id]]
    return None if time is None else (time.earliest + time.latest) / 2


def _precedes(o: Outcome, u: str, v: str) -> bool:
    first, second = _moment(o, u), _moment(o, v)
    return first is not None and second is not None and first < second


RULES: dict[str, Rule] = {
    "longer is source (the longer text with least novelty)": lambda o, held, u, v: (
        held[v, u] if _is_longer(o, u, v) else None
    ),
    "shorter is source (the shorter text with least novelty)": lambda o, held, u, v: (
        held[v, u] if _is_longer(o, v, u) else None
    ),
    "earlier is source (the earliest related text)": lambda o, held, u, v: (
        -(_moment(o, u) or 0.0) if _precedes(o, u, v) else None
    ),
    "earlier text with least novelty": lambda o, held, u, v: held[v, u] if _precedes(o, u, v) else None,
}


def _baselines(outcomes: Sequence[Outcome], edges: int) -> dict[str, Any]:
    """What each simple rule finds: parents and wrong arrows."""
    tables = [(o, *_held(o)) for o in outcomes]
    scores = {}
    for name, rule in RULES.items():
        right = wrong = drawn = 0
        for o, held, related in tables:
            for v, others in related.items():
                ranked = [(value, u) for u in others if (value := rule(o, held, u, v)) is not None]
                if ranked:
                    best = max(value for value, _ in ranked)
                    u = min(u for value, u in ranked if value == best)
                    drawn += 1
                    right += (u, v) in o.story.edges
                    wrong += not o.story.derives(v, u)
        scores[name] = {"parents": share(right, edges), "wrong": share(wrong, drawn)}
    return scores


def _held(o: Outcome) -> tuple[dict[Pair, float], dict[str, list[str]]]:
    """The share of each article that stands in each other one, of the pairs that were looked at; and who is related."""
    held: dict[Pair, float] = {}
    related: dict[str, list[str]] = defaultdict(list)
    for judged in o.examined.pairs.values():
        m = judged.pair.measured
        held[m.a.id, m.b.id], held[m.b.id, m.a.id] = m.containment_of_a_in_b, m.containment_of_b_in_a
    for (v, u), value in sorted(held.items()):
        if value >= RELATED:
            related[v].append(u)
    return held, related


# -- the pairs of stories


def relations(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Detection in stories: by the level of the derived article, and false alarms where nothing is derived.

    "to its parent" asks for each parent that is in the folder; "to its family" for any article of the same descent that is
    not its own descendant, which is all that an unseen source leaves.
    """
    levels: dict[str, list[tuple[str, str]]] = defaultdict(list)
    kinds: dict[str, dict[str, int]] = {}
    for o in outcomes:
        seen = {frozenset((c.a, c.b)): c.reuse for c in o.lineage.comparisons}
        ids = sorted(o.story.line)
        for k, a in enumerate(ids):
            for b in ids[k + 1 :]:
                row = kinds.setdefault(o.story.relation(a, b), dict.fromkeys(("text", "facts", "quotation", "none"), 0))
                row[seen.get(frozenset((a, b)), "none")] += 1
        for v in ids:
            if o.story.parents.get(v):
                kin = [u for u in ids if u != v and o.story.line[u] & o.story.line[v] and not o.story.derives(u, v)]
                best = {seen.get(frozenset((u, v)), "none") for u in kin}
                parents = [seen.get(frozenset((p, v)), "none") for p in o.story.parents[v] if (p, v) in o.story.edges]
                levels[o.story.levels[v]] += [("parent", p) for p in parents]
                if kin:
                    levels[o.story.levels[v]].append(("kin", "text" if "text" in best else min(best)))
    return {
        "levels": {name: _level(rows) for name, rows in sorted(levels.items())},
        "relations": {
            name: {"pairs": sum(row.values()), **row, "said": share(row["text"] + row["facts"], sum(row.values()))}
            for name, row in sorted(kinds.items())
        },
    }


def _level(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    found = {}
    for kind, name in (("parent", "to its parent"), ("kin", "to its family")):
        own = [reuse for k, reuse in rows if k == kind]
        hits = {r: own.count(r) for r in ("text", "facts")}
        found[name] = {**share(sum(hits.values()), len(own)), **hits}
    return found


def asked_in(outcomes: Sequence[Outcome]) -> list[Asked]:
    """The direction of every pair of articles, as the lineage states it; those that the truth leaves open are left out."""
    asked = []
    for o in outcomes:
        verdicts = {(c.a, c.b): c.direction for c in o.lineage.comparisons}
        for judged in o.examined.pairs.values():
            m = judged.pair.measured
            a, b = m.a.id, m.b.id
            if o.story.relation(a, b) != "any":
                forward = True if o.story.derives(b, a) else False if o.story.derives(a, b) else None
                direction = verdicts.get((a, b), judged.direction)
                asked.append(Asked(direction, forward, a_is_longer(m), a_is_earlier(judged.pair.times)))
    return asked
