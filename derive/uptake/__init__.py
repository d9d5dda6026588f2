"""Who used our story, how much of it, how soon, and is it credited? For an agency, from a lineage and its documents.

An article *uses* a story of ours where arrows lead from it, directly or over others. Where the text cannot tell who was
first, or both may rest on a source that is not here, that is what is said, and it is counted apart: an uptake report
accuses nobody.

Start reading at `uptake`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, get_args

import numpy as np

from derive.clean import paragraphs
from derive.data import stopwords
from derive.dates import read_time
from derive.errors import InputError
from derive.groups import Groups
from derive.model import Comparison, Document, Lineage, Prepared, Span
from derive.pipeline import compare
from derive.prepare import prepare
from derive.uptake.credits import credit_to, is_credit_line

Relation = Literal["rests on it", "second hand", "direction undecided", "same unseen source", "its source"]
Credit = Literal["credited", "credit removed", "uncredited"]
KEPT = 0.3
"""A paragraph was kept, if in other words, where so much of its content words stands together in the other text (M: by
hand on fixtures/dam-inquiry; most paragraphs that a rewrite kept lie above, none of independent reports on the same day)."""
LEAST_STEMS = 3
"""And at least so many of them."""
ROOM = 2.0
"""How much longer than a paragraph the place may be in the other text in which its words are looked for."""
STEM = 6
"""Letters by which a content word is known."""
OPENING = 70
"""Characters of a paragraph by which it is recognised."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article's own prose: its number among these, from 1, and how it begins."""

    number: int
    opening: str


@dataclass(frozen=True, slots=True)
class Story:
    """A text of ours."""

    id: str
    title: str | None
    published: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """One article of another outlet, and the text of ours that it shares most with."""

    story: str
    article: str
    outlet: str
    relation: Relation
    over: tuple[str, ...]
    """The articles between the two where the story came over others."""
    stayed: float
    """How much of our story stands in the article."""
    share: float
    """How much of the article stands in our story."""
    lag_minutes: int | None
    """From our publication to theirs; None where either is not known to the minute."""
    credit: Credit
    phrase: str | None
    """The words that credit us."""
    cut: tuple[Paragraph, ...]
    """Our paragraphs that are not in the article."""
    added: tuple[Paragraph, ...]
    """The article's paragraphs that are not ours."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The uses by one outlet, or of one story."""

    name: str
    articles: int
    credited: int
    credit_removed: int
    uncredited: int
    first_lag_minutes: int | None
    """The shortest lag that is known."""
    median_stayed: float


@dataclass(frozen=True, slots=True)
class Uptake:
    """All uses of one outlet's stories, by story and then by how much stayed."""

    source: str
    stories: tuple[Story, ...]
    uses: tuple[Use, ...]
    unsure: tuple[Use, ...]
    """Articles that share text with a story and of which the text does not say that they rest on it."""

    def by_outlet(self) -> list[Summary]:
        """One line an outlet, the most active first."""
        return self._summaries({u.outlet for u in self.uses}, "outlet")

    def by_story(self) -> list[Summary]:
        """One line a story of ours that was used, the most used first."""
        return self._summaries({u.story for u in self.uses}, "story")

    def _summaries(self, names: Iterable[str], field: str) -> list[Summary]:
        rows = [_summary(n, [u for u in self.uses if getattr(u, field) == n]) for n in names]
        return sorted(rows, key=lambda row: (-row.articles, row.name))


def uptake(documents: Sequence[Document], lineage: Lineage, source: str) -> Uptake:
    """The uses of `source`'s stories. Raises `InputError` if no document is from that outlet, naming those there are.

    An article is told of once for each story that it uses: of an original and its updates, of the text it shares most with.
    """
    by_id = {d.id: d for d in documents}
    ours = {d.id for d in documents if d.source is not None and _folded(d.source) == _folded(source)}
    if not ours:
        raise InputError(f"no article is from {source!r}; {_known(documents)}")
    story_of = _stories(lineage, ours)
    ways = {id: _ways(lineage, id, by_id.keys() - ours) for id in sorted(ours)}
    best: dict[tuple[int, str], tuple[tuple[bool, float, str], Comparison]] = {}
    for mine, other, c in _pairs(lineage, by_id, ways, ours):
        share = c.containment_of_b_in_a if c.a == mine else c.containment_of_a_in_b
        rank, key = (other in ways[mine], share, mine), (story_of[mine], other)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, c)
    reader = _Reader(by_id, lineage, source)
    found = [reader.use(rank[2], other, c, ways[rank[2]].get(other)) for (_, other), (rank, c) in best.items()]
    found.sort(key=lambda u: (u.story, -u.stayed, u.article))
    uses, unsure = (tuple(u for u in found if (u.relation == "rests on it") is sure) for sure in (True, False))
    witnesses = [lineage.witness(id) for id in sorted(ours)]
    return Uptake(source, tuple(Story(w.id, w.title, w.published) for w in witnesses), uses, unsure)


def _known(documents: Sequence[Document]) -> str:
    names = sorted({d.source for d in documents if d.source})
    return f"there are {', '.join(names[:8])}" if names else "no article names its outlet: give them with --metadata"


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


# -- which articles, which story


def _stories(lineage: Lineage, ours: set[str]) -> dict[str, int]:
    """Our texts -> a number for each story; texts that were made from each other are one story."""
    places = {id: k for k, id in enumerate(sorted(ours))}
    joined = Groups(len(ours))
    for e in lineage.edges:
        if e.source in ours and e.target in ours:
            joined.join(places[e.source], places[e.target])
    return {id: joined.find(k) for id, k in places.items()}


def _ways(lineage: Lineage, id: str, others: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each of the others that arrows lead to from this one -> the articles in between, as few as there are."""
    children: dict[str, list[str]] = {}
    for e in sorted(lineage.edges, key=lambda e: (e.source, e.target)):
        children.setdefault(e.source, []).append(e.target)
    ways: dict[str, tuple[str, ...]] = {id: ()}
    waiting = [id]
    for parent in waiting:
        for child in children.get(parent, ()):
            if child not in ways:
                ways[child] = (*ways[parent], parent) if parent != id else ()
                waiting.append(child)
    return {other: ways[other] for other in others if other in ways}


def _pairs(
    lineage: Lineage, by_id: dict[str, Document], ways: dict[str, dict[str, tuple[str, ...]]], ours: set[str]
) -> Iterable[tuple[str, str, Comparison]]:
    """(text of ours, article of another, how they compare): all that share text, and all that arrows lead to."""
    told = set()
    for c in lineage.comparisons:
        for mine, other in ((c.a, c.b), (c.b, c.a)):
            if mine in ours and other not in ours and c.reuse == "text":
                told.add((mine, other))
                yield mine, other, c
    for mine, below in sorted(ways.items()):
        for other in sorted(below):
            if (
                mine,
                other,
            ) not in told:  # of a viral story not all pairs were compared; over others, little may be left
                yield mine, other, compare(by_id[mine], by_id[other], params=lineage.params)


# -- one use


class _Reader:
    """Reads articles for what an agency asks; each is prepared once."""

    def __init__(self, by_id: dict[str, Document], lineage: Lineage, source: str) -> None:
        self._by_id, self._lineage, self._source = by_id, lineage, source
        self._prepared: dict[str, Prepared] = {}

    def use(self, mine: str, other: str, c: Comparison, over: tuple[str, ...] | None) -> Use:
        story, article = self._read(mine), self._read(other)
        stayed, share = c.containment_of_a_in_b, c.containment_of_b_in_a
        if c.a != mine:
            stayed, share = share, stayed
        phrase = credit_to(article, self._source)
        return Use(
            mine,
            other,
            article.document.source or "(outlet unknown)",
            self._relation(mine, other, c, over),
            over or (),
            stayed,
            share,
            _lag(story.document, article.document),
            "credited" if phrase else "credit removed" if self._signed(story) else "uncredited",
            phrase,
            self._missing(story, article),
            self._missing(article, story),
        )

    def _read(self, id: str) -> Prepared:
        if id not in self._prepared:
            self._prepared[id] = prepare(self._by_id[id])
        return self._prepared[id]

    def _relation(self, mine: str, other: str, c: Comparison, over: tuple[str, ...] | None) -> Relation:
        if over is not None:  # over others everything of ours may have been lost
            return "rests on it" if not over or c.reuse == "text" else "second hand"
        if mine in _ways(self._lineage, other, [mine]):
            return "its source"
        unseen = any({mine, other} <= set(u.children) for u in self._lineage.unseen_sources)
        return "same unseen source" if unseen or c.direction.verdict == "common_source" else "direction undecided"

    def _signed(self, story: Prepared) -> bool:
        """Whether the story carries a credit that its users could have kept."""
        return credit_to(story, self._source) is not None or any(e.kind == "credit" for e in story.exclusions)

    def _missing(self, p: Prepared, other: Prepared) -> tuple[Paragraph, ...]:
        """Paragraphs of the text's own prose that the other has not, not in other words either."""
        # What the collection showed to be furniture stands in the lineage, not in a text prepared alone.
        outside = [e.span for e in self._lineage.witness(p.id).excluded if e.kind not in ("quotation", "dateline")]
        blocks = paragraphs(p.document.text)
        outside += [b for b in blocks if is_credit_line(b.of(p.document.text), self._source)]
        own = [b for b in blocks if _covered(b, outside) < 0.5 * (b.end - b.start)]
        stems, there = _stems(p), _stems(other)
        found = []
        for number, block in enumerate(own, 1):
            low, high = np.searchsorted(p.words.starts, (block.start, block.end)).tolist()
            wanted = frozenset(stems[low:high]) - {""}
            needed = min(len(wanted), max(LEAST_STEMS, KEPT * len(wanted)))
            if _together(wanted, there, int(ROOM * (high - low))) < needed:
                found.append(Paragraph(number, _opening(block.of(p.document.text))))
        return tuple(found)


def _stems(p: Prepared) -> list[str]:
    """Of each word the stem, of words without content nothing; in scripts whose words are single characters, these."""
    small = stopwords()
    return [w[:STEM] if w not in small and (len(w) > 2 or not w.isascii()) else "" for w in p.words.strings]


def _together(wanted: frozenset[str], stems: Sequence[str], width: int) -> int:
    """The most of the wanted stems that stand within `width` words of each other."""
    inside: Counter[str] = Counter()
    waiting: deque[int] = deque()
    best = 0
    for place, stem in enumerate(stems):
        if stem not in wanted:
            continue
        waiting.append(place)
        inside[stem] += 1
        while place - waiting[0] >= width:
            gone = stems[waiting.popleft()]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
        best = max(best, len(inside))
    return best


def _covered(block: Span, spans: Sequence[Span]) -> int:
    """How many characters of the block lie in one of the spans (which do not overlap, but for nested ones)."""
    there = np.zeros(block.end - block.start, dtype=np.bool_)
    for s in spans:
        there[max(0, s.start - block.start) : max(0, s.end - block.start)] = True
    return int(there.sum())


def _opening(paragraph: str) -> str:
    line = " ".join(paragraph.split())
    return line if len(line) <= OPENING else line[: OPENING - 2].rsplit(" ", 1)[0] + " …"


def _lag(story: Document, article: Document) -> int | None:
    (start, _), (end, _) = read_time(story.published), read_time(article.published)
    if start is None or end is None or max(t.latest - t.earliest for t in (start, end)) > 60:
        return None
    return round((end.earliest - start.earliest) / 60)


def _summary(name: str, uses: Sequence[Use]) -> Summary:
    credited, removed, uncredited = (sum(u.credit == k for u in uses) for k in get_args(Credit))
    first = min((u.lag_minutes for u in uses if u.lag_minutes is not None), default=None)
    return Summary(name, len(uses), credited, removed, uncredited, first, round(median(u.stayed for u in uses), 4))
