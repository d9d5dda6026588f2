"""Two shingled documents -> what they share, counted exactly. Is it reuse, and of which kind?

The definitions are Broder's (1997): resemblance |A∩B|/|A∪B|, containment of A in B |A∩B|/|A|, over the sets of word
shingles that are left after exclusions. Whether a share is reuse is judged by rules (`REUSE`, first that holds), each
with its reason: much shared wording; less, but a long run or many telling phrases that no other document has; a long
shared quotation. The thresholds and where they came from stand in `derive.params`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from derive.align import Run, runs
from derive.dense import Dense, closest, dense
from derive.holders import Elsewhere
from derive.model import Facts, Reuse, Shingled, Telling
from derive.params import Params
from derive.retold import Retold, Stretch, retold


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of a pair, before anything is concluded from them."""

    a: Shingled
    b: Shingled
    shared: int
    """|A∩B|, distinct authored shingles."""
    base: float
    """Share of the smaller text's shingles, names and stock phrases out: what relatedness is judged by."""
    runs: tuple[Run, ...]
    exclusive_run: int
    """Words of the longest shared authored run that no other document has."""
    exclusive_shingles: int
    """Shared authored shingles of content words that no other document has."""
    elsewhere: float
    """The largest part of what counts in `base` that one other family of the collection has, too."""
    quoted_run: int
    """Words of the longest shared run in quotation marks on both sides."""
    cited_run: int
    """Words of the longest shared run in quotation marks on one side: one text quotes the other, or what it says."""
    facts: Facts | None
    dense: Dense | None
    """The place where they share most rare words."""
    retold: Retold
    """Authored sentences that tell the same; looked for where the wording leaves it open."""
    commonplace: float = 0.0
    """The largest share of the rare words of `dense` that one unrelated text has in one place, too."""

    @property
    def closest(self) -> Stretch | None:
        """The words of the place where they share most rare words."""
        return closest(self.a.telling, self.b.telling) if self.dense else None

    @property
    def containment_of_a_in_b(self) -> float:
        return round(self.shared / len(self.a.distinct), 4) if len(self.a.distinct) else 0.0

    @property
    def containment_of_b_in_a(self) -> float:
        return round(self.shared / len(self.b.distinct), 4) if len(self.b.distinct) else 0.0

    @property
    def resemblance(self) -> float:
        union = len(self.a.distinct) + len(self.b.distinct) - self.shared
        return round(self.shared / union, 4) if union else 0.0


KIN = ((0.12, 0), (0.07, 25))
"""Share of a text's phrases, and their number, from which on the family that has them, too, is no third party: as
`Params.related`, or as `Params.probable` where it is more than one formula (M: at .12 alone a heavy rewrite of
clough_stevenson is lost to other rewrites of its source, and a few passages of pan13_train are)."""
COMMONPLACE, TOLD_ELSEWHERE = 0.5, 0.8
"""From this share on, what stands together in one place of unrelated texts makes no place stand out, and no sentences (M: on
pairs of guardian read by hand; no derived pair of clough_stevenson is lost, 7 of 637 in every fifth pair of pan13_train)."""
BY_CHANCE = 0.3
"""A share that some text of a large collection has without any reason (M: the median of real pairs of guardian)."""
ENOUGH = 0.12
"""From this base on nobody asks further."""
WORTH_A_LOOK = 0.2
"""Least share of rare words in one place for which sentences are compared (M: of pan13_train 4 pairs in 3,000 are lost by it,
and half of the comparing is spared)."""


def measure(
    a: Shingled, b: Shingled, facts: Facts | None, holders: Elsewhere | None = None, own: Collection[int] = ()
) -> Measured:
    """Counts what `a` and `b` share. `own` are the families the two belong to (one or two).

    `holders` is None when the two are judged alone: then everything they share is theirs alone.
    """
    common = np.intersect1d(a.distinct, b.distinct, assume_unique=True)
    plain = np.intersect1d(a.plain, b.plain, assume_unique=True)
    smaller = min(len(a.distinct), len(b.distinct))
    found = runs(a, b)
    rare = _rare(plain, holders, own)
    base = len(plain) / smaller if smaller else 0.0
    place = dense(a.telling, b.telling)
    quoted = bool(a.prepared.quoted.any() or b.prepared.quoted.any())
    measured = Measured(
        a,
        b,
        len(common),
        base,
        tuple(found),
        _longest_exclusive(a, b, found, rare),
        len(rare.intersection(a.codes[a.content].tolist())),
        holders.elsewhere(plain, own) if holders else 0.0,
        max((_longest(a, b, run, _both_quoted) for run in found if quoted), default=0),
        max((_longest(a, b, run, _either_quoted) for run in found if quoted), default=0),
        facts,
        place,
        retold(a.prepared, b.prepared, authored=True) if _open_question(base, place) else Retold(),
    )
    if holders is None or base >= ENOUGH or not _shows_anything(measured):
        return measured
    return _without_commonplaces(measured, holders, own)


def _shows_anything(m: Measured) -> bool:
    return _tells(m, RETOLD) or stands_out(m) or _close(m) or _block(m)


def _without_commonplaces(m: Measured, holders: Elsewhere, own: Collection[int]) -> Measured:
    """What retold sentences and the dense place say, less what unrelated texts of the collection say in one place, too."""
    kin = {*own, *(family for t in (m.a, m.b) for least in KIN for family in holders.relatives(t.plain, *least))}

    def elsewhere(s: Stretch) -> float:
        x, y = (_within(t, words) for t, words in ((m.a.telling, s.a), (m.b.telling, s.b)))
        stems, at, _ = np.intersect1d(m.a.telling.stem[x], m.b.telling.stem[y], return_indices=True)
        return holders.told(stems, m.a.telling.weight[x][at], kin)

    block = m.retold.block
    if block is not None:
        share = elsewhere(block.stretch)
        own_part = 1 - max(0.0, share - BY_CHANCE) / (1 - BY_CHANCE)
        block = replace(block, score=round(block.score * own_part, 4)) if share < TOLD_ELSEWHERE else None
    least = min(RETOLD[0], BACKED[0])
    told = tuple(s for s in m.retold.stretches if s.words < least or elsewhere(s) < TOLD_ELSEWHERE)
    place = m.closest
    return replace(m, retold=Retold(told, block), commonplace=elsewhere(place) if place else 0.0)


def _within(t: Telling, words: tuple[int, int]) -> slice:
    return slice(*np.searchsorted(t.word, words).tolist())


def _open_question(base: float, place: Dense | None) -> bool:
    """True where something is shared and not enough to be sure: there sentences are compared as bags of words."""
    return base < ENOUGH and place is not None and place.share >= WORTH_A_LOOK


def _rare(common: NDArray[np.int64], holders: Elsewhere | None, own: Collection[int]) -> set[int]:
    """The shared codes that stand in no other family."""
    if holders is None or not len(common):
        return set(common.tolist())
    return set(common[holders.counts(common) <= len(own)].tolist())


Mask = Callable[[Shingled, Shingled, Run], NDArray[np.bool_]]


def _either_quoted(a: Shingled, b: Shingled, run: Run) -> NDArray[np.bool_]:
    n = run.length
    here, there = slice(run.a, run.a + n), slice(run.b, run.b + n)
    free = ~(a.prepared.blocked[here] | b.prepared.blocked[there])
    return (a.prepared.quoted[here] | b.prepared.quoted[there]) & free


def _both_quoted(a: Shingled, b: Shingled, run: Run) -> NDArray[np.bool_]:
    n = run.length
    return a.prepared.quoted[run.a : run.a + n] & b.prepared.quoted[run.b : run.b + n]


def _longest(a: Shingled, b: Shingled, run: Run, mask: Mask) -> int:
    """The longest stretch of a run's words for which the mask holds."""
    best = current = 0
    for holds in mask(a, b, run).tolist():
        current = current + 1 if holds else 0
        best = max(best, current)
    return best


def _longest_exclusive(a: Shingled, b: Shingled, found: list[Run], rare: set[int]) -> int:
    """Words of the longest authored stretch that holds a shingle which no other document has."""
    size = len(a.prepared.words) - len(a.codes) + 1
    best = 0
    for run in found:
        if run.length <= best:
            continue
        positions = range(run.a, run.a + run.length - size + 1)
        current, seen = 0, False
        for k, other in zip(positions, range(run.b, run.b + len(positions)), strict=True):
            if a.authored[k] and b.authored[other]:
                current, seen = current + 1, seen or int(a.codes[k]) in rare
                if seen:
                    best = max(best, current + size - 1)
            else:
                current, seen = 0, False
    return best


# -- is it reuse?

FACTS_SHARED = 14
FACTS_SHARE = 0.5
FACTS_ABOVE = 0.15
"""A retelling: so many shared facts, half of what both texts name, so far above what is usual in its event (M: by false alarms
alone: none of 325 independent reports in the newsroom benchmark, 1 of 150 same-event pairs of basil; a share of .4 to .55 or a
distance of .05 to .2 would do as well)."""


RETOLD = (30, 0.56)
"""A stretch of so many words, so similar, is reuse by itself (M: no same-event pair of basil reaches .54, no unrelated
answer of clough_stevenson both)."""
STANDS_OUT = 0.1
"""What stands out by less than this is as near as the rest of the two texts, so no formula."""
TOGETHER: tuple[tuple[float, float, float, float, int], ...] = (
    (0.2, 15.0, 1.0, 4.0, 2),
    (0.2, 15.0, 1.0, 6.5, 1),
    (0.1, 0.0, 0.12, 6.0, 2),
)
"""Two signs that are weak alone. A place that stands out by so much, with shared words of so much weight, where no more than
so much is usual, and a block with so high a score, of so many sentences, are reuse together (M: 6 of 1,000 unrelated pairs of
PAN, 1 of 150 same-event pairs of basil, 2 of 141 independent ones of the newsroom benchmark's first half; by the place
alone 9, 1 and 7; `benchmarks/thresholds.py` has them beside others)."""
CLOSE = (0.53, 34.0)
"""Or a place that is so close, whatever the rest shares (M: no same-event pair of basil reaches .52 or 33)."""
BLOCK = (13.0, 5)
"""A block of sentences with so high a score, so many of them, is reuse by itself (M: no same-event pair of basil reaches 12.2
with three sentences or more, no unrelated answer of clough_stevenson has five)."""
BACKED = (60, 0.5)
"""A stretch that backs up a long run or rare phrases which stand in no other document (M: 0 of basil; prior)."""


def _text(m: Measured, p: Params) -> bool:
    if retells(m, p):
        return True
    long_run = m.base >= p.probable and m.exclusive_run >= p.probable_run
    rare = m.exclusive_run >= p.exclusive_run or m.exclusive_shingles >= p.exclusive_shingles
    return (long_run or (m.base >= p.possible and rare)) and _tells(m, BACKED)


def retells(m: Measured, params: Params) -> bool:
    """True if one text surely tells what the other does: then what is retold in other words is worth showing."""
    return m.base >= params.related or _tells(m, RETOLD) or stands_out(m) or _close(m) or _block(m)


def stands_out(m: Measured) -> bool:
    """True if in one place they share far more rare words than elsewhere, and sentences in a row are nearer, too."""
    place, block = m.dense, m.retold.block
    return (
        place is not None
        and m.commonplace < COMMONPLACE
        and block is not None
        and any(
            place.above >= above
            and place.weight >= weight
            and place.usual <= usual
            and block.score >= score
            and block.sentences >= sentences
            for above, weight, usual, score, sentences in TOGETHER
        )
    )


def _close(m: Measured) -> bool:
    share, weight = CLOSE
    place = m.dense
    if place is None or place.share < share or place.weight < weight:
        return False
    return m.commonplace < COMMONPLACE or place.above < STANDS_OUT


def _block(m: Measured) -> bool:
    """True if sentences in a row are far nearer to the other text than the rest is."""
    score, sentences = BLOCK
    return m.retold.block is not None and m.retold.block.score >= score and m.retold.block.sentences >= sentences


def _tells(m: Measured, least: tuple[int, float]) -> bool:
    """True if some stretch is long and similar enough."""
    return any(s.words >= least[0] and s.similarity >= least[1] for s in m.retold.stretches)


def _facts(m: Measured, p: Params) -> bool:
    f = m.facts
    if f is None or f.relative is None:
        return False
    mean = (f.containment_of_a_in_b + f.containment_of_b_in_a) / 2
    return f.shared >= FACTS_SHARED and mean >= FACTS_SHARE and f.relative >= FACTS_ABOVE


def _quotation(m: Measured, p: Params) -> bool:
    return m.quoted_run >= p.quoted_run or m.cited_run >= p.cited_run


REUSE: tuple[tuple[Reuse, Callable[[Measured, Params], bool]], ...] = (
    ("text", _text),
    ("facts", _facts),
    ("quotation", _quotation),
)


def reuse(measured: Measured, params: Params) -> Reuse:
    """The first kind of reuse whose rule holds, else "none"."""
    return next((kind for kind, rule in REUSE if rule(measured, params)), "none")
