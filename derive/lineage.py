"""All pairs together -> who derives from whom, what stays undecided, what is missing, how many origins there are.

Within each component of documents that share text: the cost of v having come from u is what v has and u has not; the
posterior over all trees (`posterior`) gives the skeleton, which is nearly free; the arrow on it needs evidence of the
pair, which is not. An arrow is drawn only where the tree and the pair agree, both surely enough; a date that forbids it
forbids it. What is left is a link. Two texts that probably met in a third get an unseen source.

Start reading at `draw`. The graph is acyclic by construction. Origins are counted conservatively: what is undecided
counts once.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.candidates import FAMILY
from derive.compiled import Strands, by_strand, judged_by_part, strands
from derive.dates import AT_THE_TIE, Time, log_odds_before, order
from derive.direction import common_source_chance, reconsider
from derive.direction.pair import THIN
from derive.direction.published import WITHIN_THE_TIE
from derive.groups import Groups
from derive.model import (
    Direction,
    Edge,
    Evidence,
    Favours,
    Link,
    LinkKind,
    Origins,
    Shingled,
    UnseenSource,
)
from derive.params import Params
from derive.retellings import SURE as RETOLD
from derive.retellings import retellings, retold_direction
from derive.siblings import agreement, uncarried
from derive.stories import of_one_story
from derive.trees import (
    Judged,
    Pairs,
    Parents,
    components_of,
    first_times,
    judged_pair,
    lean,
    nearest,
    neighbours,
    weigh,
)

SKELETON = 0.5
"""A connection less probable than this is not drawn."""
MET_IN_A_THIRD = 0.6
"""From this probability on a common source is drawn (as a dashed node)."""
FACTS = 0.9
"""Probability of a link by names and figures (M: 47 of 47 in the first half of the newsroom benchmark, 1 false one in the 150
same-event pairs of basil)."""
WEAK = frozenset({"agency_mark", "home"})
"""Evidence that draws no arrow between two texts of which a third has something, too: a reprint carries the mark as well, and
the passage may be at home in the third."""
SECOND_PARENT = (30, 0.1)
"""A second parent carries so many shingles, and this share of the child, that the first one lacks (prior)."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The lineage in positions: what `pipeline` turns into a `Lineage`."""

    edges: tuple[Edge, ...]
    links: tuple[Link, ...]
    roots: tuple[tuple[tuple[str, float], ...], ...]
    unseen_sources: tuple[UnseenSource, ...]
    origins: Origins
    directions: Mapping[tuple[int, int], Direction]
    notes: tuple[str, ...]


def draw(
    documents: Sequence[Shingled],
    ids: Sequence[str],
    copies: Sequence[Sequence[int]],
    pairs: Pairs,
    times: Sequence[Time | None],
    declared: Sequence[tuple[int, int]],
    params: Params,
    unrelated: Mapping[tuple[int, int], int] | None = None,
    phrases: NDArray[np.int64] | None = None,
) -> Drawn:
    """The lineage of these documents. `copies`: groups with the same words, representative first; `pairs` by (i < j).

    `unrelated` are further pairs, without reuse, and how many shingles they share. `phrases` are those of the whole
    collection, where these documents are a part of it (`derive.stories`).
    """
    graph = _Graph(len(documents))
    notes: list[str] = []
    for source, target in sorted(set(declared)):
        if not graph.add(source, target, 1.0, declared=True):
            notes.append(f"declared: {ids[source]} -> {ids[target]} was left out, it would close a circle")
    pairs, left_out = _without_phrases(documents, pairs, params, phrases)
    components = components_of(copies, pairs)
    pairs = _with_turns(components, pairs, times, copies, ids)
    anchors = {group[0]: _order_copies(graph, group, pairs) for group in copies}
    sharing = neighbours(pairs)
    skeleton: dict[tuple[int, int], float] = {}
    standing: dict[int, float] = {}
    for component in components:
        heads = set(component)
        first = dict(zip(component, first_times(component, times, copies), strict=True))
        near = {u: [v for v in sharing[u] if v in heads] for u in component}
        compiled = strands(component, near, documents, pairs, first, params)
        pairs = {**pairs, **judged_by_part(compiled, pairs, anchors)}
        parents = weigh(component, documents, pairs, near, first, params)
        notes += [parents.note] * bool(parents.note)
        standing |= parents.none
        weighed = any(parents.chance.values())
        skeleton |= _undirected(parents) if weighed else dict.fromkeys(nearest(component, documents, pairs), SKELETON)
        ties = _ties(component, near, pairs, first, params)
        before = graph
        while not parents.note:
            graph = before.copy()
            verdicts = _verdicts(component, near, anchors, pairs, params)
            _add_arrows(graph, parents, compiled, verdicts, anchors, ties, params)
            _add_second_parents(graph, verdicts, anchors, documents)
            if not (doubted := _doubted(graph, component, near, compiled, anchors, documents, pairs)):
                break
            pairs = {**pairs, **doubted}
    retold = {}
    for u, v in retellings(graph.arrows, pairs, times, params):
        if graph.add(u, v, RETOLD):
            place = (min(u, v), max(u, v))
            retold[place] = retold_direction(pairs[place], u < v, ids[u], ids[v])
    pairs, explained = _apart(pairs, _explained(graph, pairs, unrelated or {}))
    directions = _with_third_witness(graph, pairs, ids) | explained | left_out | retold
    unseen, met = _unseen_sources(graph, pairs, directions, ids)
    links = _links(graph, copies, pairs, {p: c for p, c in skeleton.items() if p in pairs}, met, directions, ids)
    return Drawn(
        tuple(sorted((graph.edge(e, ids) for e in graph.arrows), key=lambda e: (e.target, e.source))),
        tuple(sorted(links, key=lambda k: (k.a, k.b, k.kind))),
        _roots(graph, links, standing, unseen, ids),
        unseen,
        _origins(graph, links, pairs, ids),
        directions,
        tuple(sorted(notes)),
    )


def _without_phrases(
    documents: Sequence[Shingled], pairs: Pairs, params: Params, phrases: NDArray[np.int64] | None
) -> tuple[Pairs, dict[tuple[int, int], Direction]]:
    """The pairs of one story; and what is said of those that share only phrases of the collection."""
    telling = {place: judged.pair for place, judged in pairs.items() if judged.pair.reuse == "text"}
    kept = of_one_story(documents, telling, params, phrases)
    found = {place: judged for place, judged in pairs.items() if place not in telling or place in kept}
    for place in sorted(place for place, wording in kept.items() if not wording):
        detail = "too little wording is shared to say who wrote it first"
        found[place] = Judged(telling[place], _undecided(pairs[place].direction, "wording", detail))
    detail = "what the two share are phrases that many otherwise unrelated articles of the collection have"
    left = sorted(telling.keys() - kept.keys())
    return found, {place: _undecided(pairs[place].direction, "phrases", detail) for place in left}


def _undecided(direction: Direction, name: str, detail: str) -> Direction:
    """The same evidence with the reason why it draws no arrow here; a common source stays one."""
    if direction.verdict == "common_source":
        return direction
    said = Evidence(name, "neither", 0.0, False, detail)
    return Direction("undecided", direction.probability, direction.regime, (*direction.evidence, said))


# -- the graph of arrows


class _Graph:
    """Arrows between positions, kept acyclic: an arrow that would close a circle is refused."""

    def __init__(self, n: int) -> None:
        self.arrows: dict[tuple[int, int], tuple[float, str, bool]] = {}
        self.parents: dict[int, list[int]] = defaultdict(list)
        self.n = n

    def add(self, u: int, v: int, probability: float, kind: str = "derived", declared: bool = False) -> bool:
        if u == v or (u, v) in self.arrows or v in self.ancestors(u):
            return False
        self.arrows[u, v] = (probability, kind, declared)
        self.parents[v].append(u)
        return True

    def copy(self) -> _Graph:
        """The same arrows, to draw more on trial."""
        made = _Graph(self.n)
        made.arrows = dict(self.arrows)
        made.parents.update({v: list(sources) for v, sources in self.parents.items()})
        return made

    def ancestors(self, v: int) -> set[int]:
        found: set[int] = set()
        todo = [v]
        while todo:
            for u in self.parents[todo.pop()]:
                if u not in found:
                    found.add(u)
                    todo.append(u)
        return found

    def edge(self, arrow: tuple[int, int], ids: Sequence[str]) -> Edge:
        probability, kind, declared = self.arrows[arrow]
        return Edge(ids[arrow[0]], ids[arrow[1]], round(probability, 3), kind, declared)  # type: ignore[arg-type]


def _verdict(pairs: Pairs, u: int, v: int) -> float:
    """The probability that v was rewritten from u, if that is the pair's verdict; else 0."""
    judged = judged_pair(pairs, u, v)
    wanted = "a_to_b" if u < v else "b_to_a"
    return judged.direction.probability if judged and judged.direction.verdict == wanted else 0.0


# -- copies


def _order_copies(graph: _Graph, group: Sequence[int], pairs: Pairs) -> int:
    """Arrows from the copy that dates or credits show to be first to the others; returns where the group hangs."""
    if len(group) == 1:
        return group[0]
    led = {u: [v for v in group if v != u and _verdict(pairs, u, v)] for u in group}
    follows = {v for targets in led.values() for v in targets}
    leaders = [u for u in group if led[u] and u not in follows]
    if len(leaders) != 1:
        return group[0]
    for v in led[leaders[0]]:
        graph.add(leaders[0], v, _verdict(pairs, leaders[0], v))
    return leaders[0]


# -- what a story's other dates say of a text whose time is not known


def _with_turns(
    components: Sequence[Sequence[int]],
    pairs: Pairs,
    times: Sequence[Time | None],
    copies: Sequence[Sequence[int]],
    ids: Sequence[str],
) -> Pairs:
    """The pairs with what the story's known times say where one time is missing, or too vague to be ordered.

    A text of unknown time is as likely to fall in any gap between the known times of its story: of the first of seven it
    is the later with 7 to 1. Without more known times it says nothing.
    """
    story = {u: component for component in components for u in component}
    first = {u: t for c in components for u, t in zip(c, first_times(c, times, copies), strict=True)}
    known = {c[0]: sorted(t.earliest for u in c if (t := first[u]) and t.exact) for c in components}
    found = dict(pairs)
    for (i, j), judged in pairs.items():
        if judged.pair.reuse != "text" or i not in story or j not in story or _dated(judged):
            continue
        for u, v in ((i, j), (j, i)):
            if said := _turn(first[u], first[v], known[story[u][0]]):
                odds, detail = said
                favours: Favours = "a" if (odds > 0) == (u < v) else "b"
                weight = abs(odds) * (1.0 if judged.pair.measured.base >= THIN else 0.5)
                told = Evidence("turn", favours, round(weight, 2), False, detail.format(u=ids[u], v=ids[v]))
                found[i, j] = Judged(judged.pair, reconsider(judged.pair, judged.direction, [told]))
    return found


def _dated(judged: Judged) -> bool:
    """Whether the two times say something of the pair by themselves."""
    return any(e.name == "published" and e.favours != "neither" for e in judged.direction.evidence)


def _turn(u: Time | None, v: Time | None, known: Sequence[int]) -> tuple[float, str] | None:
    """Log-odds that u, whose time is known, came before v, whose time is not; and the sentence that says so."""
    if u is None or not u.exact or (v is not None and v.exact):
        return None
    low, high = (known[0], known[-1]) if v is None else (v.earliest, v.latest)
    inside = known[bisect_left(known, low) : bisect_right(known, high)]
    later, earlier = len(inside) - bisect_right(inside, u.earliest), bisect_left(inside, u.earliest)
    odds = math.log((later + 1) / (earlier + 1))
    vague = "has no date that could be used" if v is None else f"has a vague one ({v.text})"
    detail = f"{{v}} {vague}; of the story's known times that it may have, {later} are later than {{u}}'s and {earlier} earlier"
    return (max(-AT_THE_TIE, min(AT_THE_TIE, odds)), detail) if later != earlier else None


# -- arrows


Verdicts = Mapping[int, Mapping[int, float]]
"""For each text those that its pair's verdict names as its source, with the probability."""


def _verdicts(
    component: Sequence[int],
    near: Mapping[int, Sequence[int]],
    anchors: Mapping[int, int],
    pairs: Pairs,
    params: Params,
) -> Verdicts:
    found = {}
    for v in component:
        ways = {
            u: p
            for u in near[v]
            if (p := _group_verdict(pairs, u, v, anchors)) >= params.arrow
            and (_bears(pairs, u, v, anchors) or not set(near[u]) & set(near[v]))
        }
        if ways:
            found[v] = ways
    return found


def _bears(pairs: Pairs, u: int, v: int, anchors: Mapping[int, int]) -> bool:
    """Whether more speaks for u as the source of v than marks and the home of a passage."""
    judged = judged_pair(pairs, anchors[u], anchors[v]) or judged_pair(pairs, u, v)
    assert judged is not None
    side = judged.direction.verdict[0]  # the "a" of "a_to_b"
    return any(e.favours == side and e.log_odds and e.name not in WEAK for e in judged.direction.evidence)


def _undirected(parents: Parents) -> dict[tuple[int, int], float]:
    """The probability of each connection, whichever way it runs."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    for v, ways in sorted(parents.chance.items()):
        for u, chance in sorted(ways.items()):
            found[min(u, v), max(u, v)] += chance
    return dict(found)


def _add_arrows(
    graph: _Graph,
    parents: Parents,
    compiled: Strands,
    verdicts: Verdicts,
    anchors: Mapping[int, int],
    ties: Mapping[int, Mapping[int, float]],
    params: Params,
) -> None:
    """An arrow where the tree and the pair's own evidence both say so; the surest first.

    What speaks for a reprint of u as the parent speaks for u, too: v derives from u directly or through it. So the chances
    of u and of what already hangs below u are added, and the arrow comes from the lowest u for which they suffice. A text
    of which it is undecided whether it hangs below u gives u its part (`_ties`); the two stay a tie. A
    compiled text is asked for a parent in each of its strands.
    """
    chances = by_strand(parents, compiled)
    tree = _Below(graph, chances[0], compiled, verdicts, anchors, ties)
    for chance in chances:
        tree.asked(chance)
        queue = [(-best[0], v, best[1]) for v in sorted(chance) if (best := tree.best(v, params.arrow))]
        heapq.heapify(queue)
        while queue:
            sure, v, u = heapq.heappop(queue)
            best = tree.best(v, params.arrow)
            if best is None:
                continue
            if (-best[0], best[1]) != (sure, u):
                heapq.heappush(queue, (-best[0], v, best[1]))
            elif graph.add(
                anchors[u], anchors[v], best[0], "second_parent" if graph.parents[anchors[v]] else "derived"
            ):
                for w in tree.hang(u, v):
                    if again := tree.best(w, params.arrow):
                        heapq.heappush(queue, (-again[0], w, again[1]))


class _Below:
    """What hangs below each text while arrows are drawn, and how much of each text's parentage that makes."""

    def __init__(
        self,
        graph: _Graph,
        chance: Mapping[int, Mapping[int, float]],
        compiled: Strands,
        verdicts: Verdicts,
        anchors: Mapping[int, int],
        ties: Mapping[int, Mapping[int, float]],
    ) -> None:
        self.compiled = compiled
        self.graph, self.verdicts, self.anchors, self.ties = graph, verdicts, anchors, ties
        self.chance = chance
        self.open = {v for v in chance if not graph.parents[anchors[v]]}
        self.below: dict[int, set[int]] = {u: {u} for u in chance}
        head = {anchors[u]: u for u in chance}
        for v in chance:
            for anchor in graph.ancestors(anchors[v]) & head.keys():
                self.below[head[anchor]].add(v)

    def asked(self, chance: Mapping[int, Mapping[int, float]]) -> None:
        """From now on one parent is looked for among these, of the texts that nobody declared a source of."""
        self.chance = chance
        self.wanted = self.open & chance.keys()

    def mass(self, u: int, v: int) -> float:
        """The chance of v to derive from u, directly or through what does."""
        below, tied = self.below[u], self.ties.get(u, {})
        parts = (
            p if k in below else p * (0.0 if u in self.below[k] else tied.get(k, 0.0))
            for k, p in sorted(self.chance[v].items())
        )
        return min(1.0, sum(parts))

    def best(self, v: int, least: float) -> tuple[float, int] | None:
        """The lowest text from which an arrow to v can be drawn now, with its probability."""
        if v not in self.wanted:
            return None
        ways = []
        for u, verdict in self.verdicts.get(v, {}).items():
            sure = min(self.mass(u, v), verdict)
            if sure >= least and u not in self.below[v] and (v not in self.compiled or self._leads(u, v)):
                ways.append((len(self.below[u]), -sure, u))
        return (-min(ways)[1], min(ways)[2]) if ways else None

    def _leads(self, u: int, v: int) -> bool:
        """Whether most of the strand hangs below u: else its texts may all, and v with them, have an unseen source."""
        others = next(set(group) for group in self.compiled[v] if u in group) - {u}
        return 2 * len(others & self.below[u]) >= len(others)

    def hang(self, u: int, v: int) -> list[int]:
        """v and what hangs below it hang below u and all above it; the texts for which that may change something."""
        self.wanted.discard(v)
        new = set(self.below[v])
        changed = set()
        for x in [x for x, own in self.below.items() if u in own]:
            self.below[x] |= new
            changed.add(x)
        return sorted(w for w, ways in self.verdicts.items() if not changed.isdisjoint(ways))


def _ties(
    component: Sequence[int],
    near: Mapping[int, Sequence[int]],
    pairs: Pairs,
    first: Mapping[int, Time | None],
    params: Params,
) -> dict[int, dict[int, float]]:
    """For x and k the chance that k derives from x, of near copies that came out too close together to say.

    Only the likelier one of the two has it. That chance draws no arrow between them: it says for which of them the
    articles speak that could have been made from either.
    """
    ties: dict[int, dict[int, float]] = defaultdict(dict)
    for x in component:
        for y in near[x]:
            judged, one, other = pairs[min(x, y), max(x, y)], first[x], first[y]
            if one is None or other is None or judged.direction.verdict != "undecided":
                continue
            if judged.pair.measured.resemblance >= FAMILY and not order(one, other, params.tie_minutes * 60):
                # The pair's own evidence has the first half of what the clocks say.
                odds = lean(judged, x < y) + log_odds_before(one, other, params.tie_minutes * 60) * (1 - WITHIN_THE_TIE)
                if odds > 0:
                    ties[x][y] = 1 / (1 + math.exp(-odds))
    return ties


def _group_verdict(pairs: Pairs, u: int, v: int, anchors: Mapping[int, int]) -> float:
    """The verdict between two groups of copies: that of the copies they hang by, where that pair was judged."""
    there = judged_pair(pairs, anchors[u], anchors[v])
    return _verdict(pairs, anchors[u], anchors[v]) if there else _verdict(pairs, u, v)


def _add_second_parents(
    graph: _Graph, verdicts: Verdicts, anchors: Mapping[int, int], documents: Sequence[Shingled]
) -> None:
    """A -> C beside A -> B -> C, where C has much of A that B lacks.

    Of a text that is not above the parent the same could be said: but what two texts have in common that a third lacks, they
    may also have from a text in between that is not here.
    """
    least, share = SECOND_PARENT
    head = {anchor: u for u, anchor in anchors.items()}
    for v, ways in verdicts.items():
        sources = graph.parents[anchors[v]]
        own = documents[v].distinct
        taken = np.concatenate([documents[head.get(u, u)].distinct for u in sources] or [own[:0]])
        above = {w for u in sources for w in graph.ancestors(u)}
        for w, sure in sorted(ways.items(), key=lambda item: (-item[1], documents[item[0]].prepared.sha256, item[0])):
            brings = np.setdiff1d(np.intersect1d(own, documents[w].distinct), taken)
            if anchors[w] in above and len(brings) >= max(least, share * len(own)):
                graph.add(anchors[w], anchors[v], sure, "second_parent")
                taken = np.concatenate([taken, brings])


UNCARRIED, AGREEMENT, SIBLINGS = 0.15, 0.12, 6.0
"""From such a share of a supposed source on that none of its rewrites carries, or such an agreement of them against it, the
log-odds (prior) that they all met in a third. M: of the sources of fixtures, clough_stevenson and the newsroom's first half,
with any two to four of their rewrites, 1 in 100 has so much that is not carried, none is agreed against; of siblings 1 in 4."""


def _doubted(
    graph: _Graph,
    component: Sequence[int],
    near: Mapping[int, Sequence[int]],
    compiled: Strands,
    anchors: Mapping[int, int],
    documents: Sequence[Shingled],
    pairs: Pairs,
) -> dict[tuple[int, int], Judged]:
    """The pairs of a supposed source and its rewrites for which their texts say that they met in a third."""
    found = {}
    head = {anchors[u]: u for u in component}
    made: dict[int, list[int]] = defaultdict(list)
    for source, target in sorted(graph.arrows):
        if source in head and target in head:
            made[head[source]].append(head[target])
    for u, rewrites in sorted(made.items()):
        whole = [v for v in rewrites if v not in compiled]  # what has little of u says little of it
        if len(whole) < 2:
            continue
        told = _met_in_a_third(u, whole, near[u], documents)
        for v in rewrites if told else ():
            place = (anchors[u], anchors[v]) if judged_pair(pairs, anchors[u], anchors[v]) else (u, v)
            i, j = min(place), max(place)
            if (i, j) in pairs and not any(e.name == "siblings" for e in pairs[i, j].direction.evidence):
                pair = pairs[i, j].pair
                found[i, j] = Judged(pair, reconsider(pair, pairs[i, j].direction, told))
    return found


def _met_in_a_third(
    u: int, rewrites: Sequence[int], near: Sequence[int], documents: Sequence[Shingled]
) -> list[Evidence]:
    """What speaks against u as the source of all these."""
    made, others = [documents[v] for v in rewrites], [documents[w] for w in near if w not in rewrites]
    lost, agreed = uncarried(documents[u], made, others), agreement(documents[u], made)
    name, count = documents[u].id, len(rewrites)
    if lost >= UNCARRIED:
        detail = f"{name} has additions ({100 * lost:.0f} % of it) that none of the {count} articles carries which share the rest"
    elif agreed >= AGREEMENT:
        detail = f"the {count} articles that would derive from {name} agree in wording that it lacks"
    else:
        return []
    return [Evidence("siblings", "common_source", SIBLINGS, False, f"{detail}: all may have an unseen source")]


# -- what the whole says of a pair


def _with_third_witness(graph: _Graph, pairs: Pairs, ids: Sequence[str]) -> dict[tuple[int, int], Direction]:
    """Two texts that both descend from a third are siblings: the pair's verdict learns it from the tree."""
    above = {v: graph.ancestors(v) for v in range(graph.n)}
    directions = {}
    for (i, j), judged in pairs.items():
        shared = above[i] & above[j]
        if judged.pair.reuse != "text" or i in above[j] or j in above[i]:
            directions[i, j] = judged.direction
            continue
        if not shared:
            directions[i, j] = _unconfirmed(judged.direction)
            continue
        nearest = min(shared, key=lambda u: (-len(above[u]), ids[u]))
        detail = f"both derive from {ids[nearest]}"
        witness = Evidence("third_witness", "common_source", 6.0, False, detail)
        directions[i, j] = reconsider(judged.pair, judged.direction, [witness])
    return directions


def _unconfirmed(direction: Direction) -> Direction:
    """A direction that no path of arrows bears out is not stated: with more articles in view, others stand nearer."""
    if direction.verdict not in ("a_to_b", "b_to_a"):
        return direction
    detail = "among all articles no line of arrows leads from one to the other: others may stand between or above them"
    return _undecided(direction, "lineage", detail)


EXPLAINED = 0.9
"""Share of what two texts have in common from which on a parent of one, that has it too, explains it."""


def _explained(graph: _Graph, pairs: Pairs, unrelated: Mapping[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Texts without a common line, of which one has from its parents about all that the two share.

    Then it is the parent that has something to do with the other, or nobody.
    """
    above = {v: graph.ancestors(v) | {v} for v in range(graph.n)}
    return [
        (i, j)
        for (i, j), judged in pairs.items()
        if judged.pair.reuse == "text"
        and not above[i] & above[j]
        and any(
            _has(pairs, unrelated, u, v, judged.pair.measured.shared)
            for x, v in ((i, j), (j, i))
            for u in above[x] - {x}
        )
    ]


def _apart(pairs: Pairs, explained: Sequence[tuple[int, int]]) -> tuple[Pairs, dict[tuple[int, int], Direction]]:
    """The pairs without those that a parent explains, and what is said of these."""
    detail = "an article from which one of the two derives has about all that they share"
    said = {place: _undecided(pairs[place].direction, "explained", detail) for place in explained}
    return {place: judged for place, judged in pairs.items() if place not in said}, said


def _unseen_sources(
    graph: _Graph,
    pairs: Pairs,
    directions: Mapping[tuple[int, int], Direction],
    ids: Sequence[str],
) -> tuple[tuple[UnseenSource, ...], dict[tuple[int, int], float]]:
    """Texts that probably met in a third which no arrow explains; and the chance for each pair."""
    above = {v: graph.ancestors(v) | {v} for v in range(graph.n)}
    met: dict[tuple[int, int], float] = {}
    for (i, j), judged in pairs.items():
        if judged.pair.reuse != "text" or above[i] & above[j]:
            continue
        chance = common_source_chance(directions[i, j], judged.pair)
        if chance >= MET_IN_A_THIRD:
            met[i, j] = round(chance, 3)
    groups = Groups(graph.n)
    for i, j in met:
        groups.join(i, j)
    found = []
    for members in groups.members().values():
        if len(members) > 1:
            chances = [p for (i, j), p in met.items() if groups.find(i) == groups.find(members[0])]
            found.append((tuple(sorted(ids[m] for m in members)), max(chances)))
    return tuple(UnseenSource(f"unseen:{k}", c, p) for k, (c, p) in enumerate(sorted(found), 1)), met


def _has(pairs: Pairs, unrelated: Mapping[tuple[int, int], int], u: int, v: int, shared: int) -> bool:
    """True if u shares with v about as much as this: then it may be what v and u's child both drew on."""
    judged = judged_pair(pairs, u, v)
    own = judged.pair.measured.shared if judged else unrelated.get((min(u, v), max(u, v)), -1)
    return own >= EXPLAINED * shared


def _links(
    graph: _Graph,
    copies: Sequence[Sequence[int]],
    pairs: Pairs,
    skeleton: Mapping[tuple[int, int], float],
    met: Mapping[tuple[int, int], float],
    directions: Mapping[tuple[int, int], Direction],
    ids: Sequence[str],
) -> list[Link]:
    """What belongs together without an arrow: the tree's undecided connections, copies, common sources, facts, quotations."""
    found: dict[tuple[int, int], tuple[LinkKind, float]] = {}
    line = {v: graph.ancestors(v) | {v} for v in range(graph.n)}
    for group in copies:
        for v in group[1:]:
            if not graph.parents[v] and not any((v, w) in graph.arrows for w in group):
                found[min(group[0], v), max(group[0], v)] = ("text", 1.0)
    for pair, probability in _connections(graph, skeleton).items():
        found[pair] = ("text", probability)
    for pair, probability in met.items():
        found[pair] = ("common_source", probability)
    for pair, judged in pairs.items():
        if judged.pair.reuse == "facts" and not line[pair[0]] & line[pair[1]]:
            found[pair] = ("facts", FACTS)
        elif judged.pair.reuse == "quotation":
            found[pair] = ("quotation", 1.0)
    found = _fewest_quotations(graph, found)
    head = {m: g[0] for g in copies for m in g}
    joined = {(min(head[u], head[v]), max(head[u], head[v])) for u, v in graph.arrows}
    links = []
    for (i, j), (kind, probability) in found.items():
        arrowed = (i, j) in graph.arrows or (j, i) in graph.arrows
        told = kind == "text" and head[i] != head[j] and (min(head[i], head[j]), max(head[i], head[j])) in joined
        if not arrowed and not told:
            a, b = sorted((ids[i], ids[j]))
            links.append(Link(a, b, kind, round(min(probability, 1.0), 3)))
    return links


def _connections(graph: _Graph, skeleton: Mapping[tuple[int, int], float]) -> dict[tuple[int, int], float]:
    """The skeleton's probable connections, and of the others the best that are needed to keep a component in one piece."""
    joined = Groups(graph.n)
    for u, v in graph.arrows:
        joined.join(u, v)
    chosen = {}
    for (u, v), probability in sorted(skeleton.items(), key=lambda item: (-item[1], item[0])):
        if probability >= SKELETON or (probability > 0 and joined.find(u) != joined.find(v)):
            chosen[min(u, v), max(u, v)] = probability
            joined.join(u, v)
    return chosen


def _fewest_quotations(
    graph: _Graph, found: dict[tuple[int, int], tuple[LinkKind, float]]
) -> dict[tuple[int, int], tuple[LinkKind, float]]:
    """Without the quotation links inside one family, and with one from each document to each family, to its first text."""
    families = Groups(graph.n)
    for i, j in [*graph.arrows, *(pair for pair, (kind, _) in found.items() if kind in ("text", "common_source"))]:
        families.join(i, j)
    above = {v: len(graph.ancestors(v)) for v in range(graph.n)}
    kept: dict[tuple[int, int], tuple[int, int]] = {}
    for i, j in sorted(pair for pair, (kind, _) in found.items() if kind == "quotation"):
        between = (min(families.find(i), families.find(j)), max(families.find(i), families.find(j)))
        if between[0] != between[1] and (
            between not in kept or above[i] + above[j] < above[kept[between][0]] + above[kept[between][1]]
        ):
            kept[between] = (i, j)
    chosen = set(kept.values())
    return {pair: link for pair, link in found.items() if link[0] != "quotation" or pair in chosen}


# -- roots and origins

JOINS: dict[LinkKind, float] = {"text": 0.0, "common_source": 0.0, "facts": 0.9}
"""Links that make two documents one origin, and from which probability on. A quotation joins nothing."""


def _joined(links: Sequence[Link], ids: Sequence[str]) -> Groups:
    """Documents whose common origin is undecided, together."""
    place = {id: k for k, id in enumerate(ids)}
    groups = Groups(len(ids))
    for link in links:
        if link.kind in JOINS and link.probability >= JOINS[link.kind]:
            groups.join(place[link.a], place[link.b])
    return groups


def _origins(graph: _Graph, links: Sequence[Link], pairs: Pairs, ids: Sequence[str]) -> Origins:
    """One origin per group of documents that nothing else leads to; a text compiled from two stands on both.

    Documents that share text for which no arrow accounts belong together: which came first is undecided.
    """
    groups = _joined(links, ids)
    line = {v: graph.ancestors(v) | {v} for v in range(graph.n)}
    for (i, j), judged in pairs.items():
        if judged.pair.reuse == "text" and not line[i] & line[j]:
            groups.join(i, j)
    below: dict[int, set[int]] = defaultdict(set)
    for u, v in graph.arrows:
        if groups.find(u) != groups.find(v):
            below[groups.find(u)].add(groups.find(v))
    over: dict[int, set[int]] = defaultdict(set)
    for g, under in below.items():
        for h in under:
            over[h].add(g)
    members = groups.members()
    found = set()
    for g in members:
        reach = _reachable(g, below)
        if (
            _reachable(g, over) - {g} <= reach
        ):  # nothing above, or only what is also below: a circle of undecided groups
            whole = sorted({ids[m] for h in reach | {g} for m in members[h]})
            found.add(tuple(whole))
    return Origins(len(found), tuple(sorted(found, key=lambda g: (-len(g), g))))


def _reachable(start: int, below: Mapping[int, set[int]]) -> set[int]:
    found: set[int] = set()
    todo = [start]
    while todo:
        for g in below.get(todo.pop(), ()):
            if g not in found:
                found.add(g)
                todo.append(g)
    return found


def _roots(
    graph: _Graph,
    links: Sequence[Link],
    standing: Mapping[int, float],
    unseen: Sequence[UnseenSource],
    ids: Sequence[str],
) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Per component of two documents or more: the candidates for its first text, likeliest first."""
    place = {id: k for k, id in enumerate(ids)}
    groups = _joined(links, ids)
    for u, v in graph.arrows:
        groups.join(u, v)
    # How many arrows lead back to it: a text that is only earliest by its date, and leads to none, stands behind.
    leads = Counter(u for v in range(graph.n) for u in graph.ancestors(v))
    found = []
    for members in groups.members().values():
        if len(members) < 2:
            continue
        # An article with a parent is no candidate; the others share what an unseen source leaves them.
        hidden = [(s.id, s.probability) for s in unseen if groups.find(place[s.children[0]]) == groups.find(members[0])]
        free = [m for m in members if not graph.parents[m]]
        left = 1 - max((p for _, p in hidden), default=0.0)
        weights = [leads[m] + standing.get(m, 1.0) + 1e-12 for m in free]
        seen = [(ids[m], round(left * w / sum(weights), 3)) for m, w in zip(free, weights, strict=True)]
        candidates = [c for c in [*hidden, *seen] if c[1] >= 0.001]
        found.append(tuple(sorted(candidates, key=lambda c: (-c[1], c[0]))))
    return tuple(sorted(found, key=lambda c: c[0][0]))
