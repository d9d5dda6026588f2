"""Two shingled documents -> the passages that both have, with their places in the untouched texts.

Two ways lead to a passage. Shared shingles that follow each other on both sides make a run (the same words in a row), and
runs near each other a chain, whose gaps are what was changed. Where two texts are known to retell each other, the
stretches of `retold` are passages, cut to their runs where the wording is kept, and chains fill what they leave. Moved
blocks stay passages of their own, and one passage may have several places in the other text.

Start reading at `align`. `runs` is also what relatedness is judged by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from derive import kernel
from derive.data import stopwords
from derive.model import Passage, PassageKind, Shingled
from derive.retold import Stretch

GAP = 10
"""Words that may stand between two runs of one passage, on either side."""
LEAST_WORDS = 4
"""Shorter runs are shown only inside a longer passage."""
MINOR = 0.75
"""From this similarity of their words on, two passages differ in details only."""
BESIDE_STRETCHES = 16
"""Least words of a run that is shown beside retold stretches: there shorter ones are chance."""
LEAST_STRETCH = 150
"""Characters of a retold stretch that is shown (the shortest case of PAN 2013)."""
JOIN = 50
"""Words that may stand between two retold places that are one passage (M: granularity on pan13_train)."""
KEPT_WORDING = 0.75
"""Share of a stretch's words that stand in runs, from which on the runs say where it begins and ends."""
MOVED = 30
"""Words of a chain that is shown by itself where a stretch holds several in another order."""
OCCURRENCES = 8
"""Places of one shingle in the other text that are followed."""


@dataclass(frozen=True, slots=True)
class Run:
    """The same `length` words in a row, from word `a` in one text and word `b` in the other."""

    a: int
    b: int
    length: int


def runs(a: Shingled, b: Shingled) -> list[Run]:
    """All maximal runs of shared open shingles, in order of their place in `a`."""
    extra = len(a.prepared.words) - len(a.codes)  # shingle size - 1
    found = kernel.shared_runs(a.codes, a.open, b.codes, b.open, OCCURRENCES)
    return [Run(i, j, n + extra) for i, j, n in found.T.tolist()]


def align(
    a: Shingled, b: Shingled, found: list[Run] | None = None, stretches: Sequence[Stretch] = ()
) -> tuple[Passage, ...]:
    """The passages of `a` and `b`, in order of their place in `a`.

    `found` are their `runs`, if known; `stretches` the retold ones (over quotations, too) of a pair known to retell.
    """
    chains = _chains(_without_echoes(runs(a, b) if found is None else found))
    verbatim = [_place(c) for c in chains if sum(r.length for r in c) >= MOVED]
    own = [s for s in stretches if not any(_echoes((s.a, s.b), place) for place in verbatim)]
    places = _joined([place for s in own for place in _places(a, b, s, chains)])
    least = BESIDE_STRETCHES if places else LEAST_WORDS
    for chain in chains:
        place = _place(chain)
        if _worth_showing(a, b, chain, least) and not any(_inside(place, other) for other in places):
            places.append(place)
    if stretches:
        places = _joined(places)
    return tuple(sorted((_passage(a, b, *place) for place in places), key=lambda p: (p.a, p.b)))


Place = tuple[tuple[int, int], tuple[int, int]]
"""Words of `a` and of `b`: first, and last plus one."""


def _place(chain: list[Run]) -> Place:
    first, last = chain[0], chain[-1]
    return (first.a, last.a + last.length), (first.b, last.b + last.length)


def _joined(places: list[Place]) -> list[Place]:
    """Places that follow each other closely on both sides, in the same order, made one."""
    found: list[Place] = []
    for place in sorted(places):
        while near := next((p for p in found if _follows(p, place)), None):
            found.remove(near)
            place = _hull(near, place)
        found.append(place)
    return sorted(found)


def _follows(x: Place, y: Place) -> bool:
    """True if the two are near each other on both sides; and in the same order, where both are long enough to have moved."""
    near = all(y[k][0] <= x[k][1] + JOIN and x[k][0] <= y[k][1] + JOIN for k in (0, 1))
    crossed = (x[0][0] - y[0][0]) * (x[1][0] - y[1][0]) < 0 and (x[0][1] - y[0][1]) * (x[1][1] - y[1][1]) < 0
    return near and not (crossed and min(p[k][1] - p[k][0] for p in (x, y) for k in (0, 1)) >= MOVED)


def _hull(x: Place, y: Place) -> Place:
    (a0, a1), (b0, b1) = ((min(x[k][0], y[k][0]), max(x[k][1], y[k][1])) for k in (0, 1))
    return (a0, a1), (b0, b1)


def _inside(x: Place, y: Place) -> bool:
    """True if the larger part of x lies in y, on either side."""
    return any(_mostly_in(x[k], y[k]) for k in (0, 1))


def _echoes(x: Place, y: Place) -> bool:
    """True if the larger part of x lies in y on one side, and none of it on the other: y has it, word for word."""
    return any(_mostly_in(x[k], y[k]) and not _overlap(x[1 - k], y[1 - k]) for k in (0, 1))


def _mostly_in(x: tuple[int, int], y: tuple[int, int]) -> bool:
    return 2 * _overlap(x, y) > x[1] - x[0]


def _overlap(x: tuple[int, int], y: tuple[int, int]) -> int:
    return max(0, min(x[1], y[1]) - max(x[0], y[0]))


def _places(a: Shingled, b: Shingled, s: Stretch, chains: list[list[Run]]) -> list[Place]:
    """Where a retold stretch is shown: whole; cut to its runs where they make up most of it; its blocks if they moved."""
    inside = [c for c in chains if all(_within(r.a, r.length, s.a) and _within(r.b, r.length, s.b) for r in c)]
    words = sum(r.length for c in inside for r in c)
    place: Place = (s.a, s.b)
    if words > KEPT_WORDING * min(s.a[1] - s.a[0], s.b[1] - s.b[0]):
        blocks = [_place(c) for c in inside if sum(r.length for r in c) >= MOVED]
        if [p[1] for p in blocks] != sorted(p[1] for p in blocks):
            return blocks
        spots = [_place(c) for c in inside]
        place = (
            (min(p[0][0] for p in spots), max(p[0][1] for p in spots)),
            (min(p[1][0] for p in spots), max(p[1][1] for p in spots)),
        )
    spans = (a.prepared.words.span(place[0][0], place[0][1] - 1), b.prepared.words.span(place[1][0], place[1][1] - 1))
    return [place] if min(x.end - x.start for x in spans) >= LEAST_STRETCH else []


def _within(start: int, length: int, words: tuple[int, int]) -> bool:
    return words[0] <= start and start + length <= words[1]


def _without_echoes(found: list[Run]) -> list[Run]:
    """Runs that lie in a longer run on both sides' words already taken, or on one side and are short, say nothing more."""
    kept: list[Run] = []
    covered_a: set[int] = set()
    covered_b: set[int] = set()
    for run in sorted(found, key=lambda r: (-r.length, r.a, r.b)):
        here = set(range(run.a, run.a + run.length))
        there = set(range(run.b, run.b + run.length))
        new_a, new_b = len(here - covered_a), len(there - covered_b)
        # A run is an echo if one side is told already, unless it is long enough to be a second use of that passage.
        if min(new_a, new_b) * 2 < run.length and (run.length < 12 or max(new_a, new_b) * 2 < run.length):
            continue
        kept.append(run)
        covered_a |= here
        covered_b |= there
    return sorted(kept, key=lambda r: (r.a, r.b))


def _chains(found: list[Run]) -> list[list[Run]]:
    """Runs near each other on both sides, in the same order, joined."""
    chains: list[list[Run]] = []
    for run in found:
        for chain in reversed(chains[-6:]):
            last = chain[-1]
            gap_a, gap_b = run.a - last.a - last.length, run.b - last.b - last.length
            if -2 <= gap_a <= GAP and -2 <= gap_b <= GAP and run.a > last.a and run.b > last.b:
                chain.append(run)
                break
        else:
            chains.append([run])
    return chains


def _worth_showing(a: Shingled, b: Shingled, chain: list[Run], least: int) -> bool:
    """Some words in a row that are more than names and stop words."""
    longest = max(chain, key=lambda r: r.length)
    if longest.length < least:
        return False
    words, names = a.prepared.words.strings, a.prepared.names
    stop = stopwords()
    here = range(longest.a, longest.a + longest.length)
    telling = sum(1 for k in here if words[k] not in stop and not names[k])
    return telling >= (2 if longest.length < 6 else 1)


def _passage(a: Shingled, b: Shingled, words_a: tuple[int, int], words_b: tuple[int, int]) -> Passage:
    here, there = slice(*words_a), slice(*words_b)
    wa, wb = a.prepared.words, b.prepared.words
    similarity = Indel.normalized_similarity(wa.strings[here], wb.strings[there])
    kind: PassageKind = "identical" if similarity == 1 else "minor" if similarity >= MINOR else "reworded"
    shares = (a.prepared.quoted[here].mean(), b.prepared.quoted[there].mean())
    return Passage(
        wa.span(here.start, here.stop - 1), wb.span(there.start, there.stop - 1), kind, bool(max(shares) >= 0.5)
    )
