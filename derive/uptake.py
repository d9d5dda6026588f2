"""Who used our story, how much of it, how soon, and is it credited? For an agency, from a lineage and its documents.

An article *rests on* a story of ours where arrows lead from it, directly or over others. Where the text cannot tell who was
first, or both may rest on a source that is not here, that is what is said: an uptake report accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from derive.clean import paragraphs
from derive.dates import read_time
from derive.direction import credit_to
from derive.errors import InputError
from derive.model import Comparison, Document, Lineage, Prepared, Span
from derive.prepare import prepare

Relation = Literal["rests on it", "direction undecided", "same unseen source"]
Credit = Literal["credited", "credit removed", "uncredited"]
KEPT = 0.3
"""A paragraph of which passages cover this share of the characters was kept, if in other words (prior)."""


@dataclass(frozen=True, slots=True)
class Use:
    """One article of another outlet, and the story of ours that it shares most with."""

    story: str
    article: str
    outlet: str
    relation: Relation
    stayed: float
    """How much of our story stands in the article."""
    share: float
    """How much of the article stands in our story."""
    lag_minutes: int | None
    """From our publication to theirs; None where either is not known to the minute."""
    credit: Credit
    phrase: str | None
    """The words that credit us."""
    cut: tuple[int, ...]
    """Our paragraphs that are not in the article, counted from 1."""
    added: tuple[int, ...]
    """The article's paragraphs that are not ours, counted from 1."""


@dataclass(frozen=True, slots=True)
class Uptake:
    """All uses of one outlet's stories, by story and then by how much stayed."""

    source: str
    stories: tuple[str, ...]
    uses: tuple[Use, ...]

    def outlets(self) -> list[tuple[str, int, int]]:
        """Outlet, articles that use a story, articles of them that credit it; the most active first."""
        names = sorted({u.outlet for u in self.uses})
        rows = [
            (n, sum(u.outlet == n for u in self.uses), sum(u.outlet == n and u.credit == "credited" for u in self.uses))
            for n in names
        ]
        return sorted(rows, key=lambda row: (-row[1], row[0]))


def uptake(documents: Sequence[Document], lineage: Lineage, source: str) -> Uptake:
    """The uses of `source`'s stories. Raises `InputError` if no document is from that outlet, naming those there are."""
    by_id = {d.id: d for d in documents}
    ours = {d.id for d in documents if d.source is not None and d.source.casefold() == source.casefold()}
    if not ours:
        known = sorted({d.source for d in documents if d.source})
        hint = (
            f"there are {', '.join(known[:8])}" if known else "no article names its outlet: give them with --metadata"
        )
        raise InputError(f"no article is from {source!r}; {hint}")
    below = {id: _below(lineage, id) for id in ours}
    best: dict[str, tuple[float, str, Comparison]] = {}
    for c in lineage.comparisons:
        for mine, other, share in ((c.a, c.b, c.containment_of_b_in_a), (c.b, c.a, c.containment_of_a_in_b)):
            if mine in ours and other not in ours and c.reuse == "text":
                rank = (share + (other in below[mine]), mine)
                if other not in best or rank > best[other][:2]:
                    best[other] = (*rank, c)
    uses = [_use(by_id, lineage, mine, other, c, other in below[mine], source) for other, (_, mine, c) in best.items()]
    return Uptake(source, tuple(sorted(ours)), tuple(sorted(uses, key=lambda u: (u.story, -u.stayed, u.article))))


def _below(lineage: Lineage, id: str) -> set[str]:
    """All documents that arrows lead to from this one."""
    children: dict[str, list[str]] = {}
    for e in lineage.edges:
        children.setdefault(e.source, []).append(e.target)
    found: set[str] = set()
    waiting = [id]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def _use(
    by_id: dict[str, Document], lineage: Lineage, mine: str, other: str, c: Comparison, rests: bool, source: str
) -> Use:
    story, article = by_id[mine], by_id[other]
    first = c.a == mine
    stayed, share = (c.containment_of_a_in_b, c.containment_of_b_in_a)
    own, theirs = ([p.a for p in c.passages], [p.b for p in c.passages])
    if not first:
        stayed, share, own, theirs = share, stayed, theirs, own
    common = c.direction.verdict == "common_source" or any(
        {mine, other} <= set(u.children) for u in lineage.unseen_sources
    )
    relation: Relation = "rests on it" if rests else "same unseen source" if common else "direction undecided"
    ours, used = prepare(story), prepare(article)
    phrase = credit_to(used, source)
    credit: Credit = "credited" if phrase else "credit removed" if _signed(ours) else "uncredited"
    return Use(
        mine,
        other,
        article.source or "(outlet unknown)",
        relation,
        stayed,
        share,
        _lag(story, article),
        credit,
        phrase,
        _untouched(ours, own),
        _untouched(used, theirs),
    )


def _signed(story: Prepared) -> bool:
    """Whether the story carries a credit or an agency's mark that its users could have kept."""
    return any(e.kind in ("credit", "dateline") for e in story.exclusions)


def _lag(story: Document, article: Document) -> int | None:
    (start, _), (end, _) = read_time(story.published), read_time(article.published)
    if start is None or end is None or start.latest - start.earliest > 60 or end.latest - end.earliest > 60:
        return None
    return round((end.earliest - start.earliest) / 60)


def _untouched(p: Prepared, spans: list[Span]) -> tuple[int, ...]:
    """Paragraphs of the text's own prose, counted from 1, of which the spans cover less than `KEPT`."""
    left = []
    outside = [e.span for e in p.exclusions if e.kind != "quotation"]
    blocks = [b for b in paragraphs(p.document.text) if _covered(b, outside) < 0.5 * (b.end - b.start)]
    for number, block in enumerate(blocks, 1):
        if _covered(block, spans) < KEPT * (block.end - block.start):
            left.append(number)
    return tuple(left)


def _covered(block: Span, spans: list[Span]) -> int:
    """How many characters of the block lie in one of the spans."""
    there = bytearray(block.end - block.start)
    for s in spans:
        low, high = max(s.start, block.start) - block.start, min(s.end, block.end) - block.start
        there[max(0, low) : max(0, high)] = b"\1" * max(0, high - max(0, low))
    return sum(there)
