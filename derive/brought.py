"""How much of an article did each of its sources bring? Disjoint: what two have counts for one, so the shares add up.

The passages that an article shares with each source are laid over it. Where they overlap the source with more of the article
has it; what no passage covers is the article's own. Furniture, datelines, credits and headlines are nobody's.

Start reading at `brought`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from derive.model import Comparison, Edge, Evidence, Span, Witness

OWN = ""
"""Stands for the article itself among those who brought something."""


def brought(target: Witness, comparisons: Iterable[Comparison]) -> dict[str, float]:
    """The share of the article's characters that each of these sources brought, what is most first; `OWN` is the rest."""
    free = bytearray(b"\1") * len(target.text)
    for e in target.excluded:
        if e.kind != "quotation":
            free[e.span.start : e.span.end] = bytes(e.span.end - e.span.start)
    whole = max(1, sum(free))
    spans = {c.a if c.b == target.id else c.b: _spans(c, target.id) for c in comparisons}
    ranked = sorted(spans, key=lambda id: (-_count(free, spans[id]), id))
    found = {}
    for id in ranked:
        found[id] = _count(free, spans[id]) / whole
        for span in spans[id]:
            free[span.start : span.end] = bytes(span.end - span.start)
    return {**found, OWN: sum(free) / whole}


def _spans(comparison: Comparison, target: str) -> list[Span]:
    return [p.a if comparison.a == target else p.b for p in comparison.passages]


def _count(free: bytearray, spans: Sequence[Span]) -> int:
    mask = bytearray(len(free))
    for s in spans:
        mask[s.start : s.end] = free[s.start : s.end]
    return sum(mask)


def with_shares(
    documents: Mapping[str, Witness], edges: Sequence[Edge], comparisons: Sequence[Comparison]
) -> tuple[tuple[Edge, ...], list[Comparison]]:
    """The arrows to articles with several sources, each with what its source brought; and their comparisons, which say so."""
    by_pair = {frozenset((c.a, c.b)): c for c in comparisons}
    sources: dict[str, list[Comparison]] = {}
    for e in edges:
        if (c := by_pair.get(frozenset((e.source, e.target)))) is not None:
            sources.setdefault(e.target, []).append(c)
    parts = {id: brought(documents[id], found) for id, found in sources.items() if len(found) > 1}
    shared = tuple(replace(e, share=_rounded(parts.get(e.target, {}).get(e.source))) for e in edges)
    told = {frozenset((e.source, e.target)): e.target for e in shared if e.share is not None}
    return shared, [
        _with_evidence(c, sentence(told[pair], parts[told[pair]])) if (pair := frozenset((c.a, c.b))) in told else c
        for c in comparisons
    ]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _with_evidence(comparison: Comparison, detail: str) -> Comparison:
    """The comparison with a reason that has no weight: it says what each source brought, not who was first."""
    told = Evidence("brought", "neither", 0.0, True, detail)
    direction = comparison.direction
    return replace(comparison, direction=replace(direction, evidence=(*direction.evidence, told)))


def sentence(target: str, parts: Mapping[str, float]) -> str:
    """What an article stands on.

    >>> sentence("c", {"a": 0.55, "b": 0.2, OWN: 0.25})
    'c stands on several articles: a has 55 % of it, b 20 %, and 25 % is its own'
    """
    first, *more = ((id, f"{100 * share:.0f} %") for id, share in parts.items() if id)
    others = "".join(f"{id} {share}, " for id, share in more)
    own = f"{100 * parts[OWN]:.0f} %"
    return f"{target} stands on several articles: {first[0]} has {first[1]} of it, {others}and {own} is its own"
