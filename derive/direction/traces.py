"""What copying leaves behind: a quotation cut short, another house's spelling, another outlet's furniture or address.

Each trace is looked for in both directions and counts only where it is found in one. Weights are priors; how often each was
right stands in benchmarks/ACCURACY.md. Surnames that nobody introduced were tried and left out: right in 13 of 26 cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from derive.direction.credits import outlet_name
from derive.direction.pair import Pair, told
from derive.model import Evidence, Favours, Prepared, Regime
from derive.normalise import house_spelling

Trace = Callable[[Prepared, Prepared, NDArray[np.bool_]], str | None]
"""(source, target, the target's words that the two tell alike) -> a sentence, or None where there is no trace."""


LEAN = 0.7
"""What all habits of wording together may weigh: too little for a verdict of their own, as an update completes a quotation
that was cut before, and siblings differ in the same ways (prior)."""


def left_behind(pair: Pair, kind: Regime) -> list[Evidence]:
    """The traces of copying that only one of the two shows."""
    (a, b), (told_a, told_b) = pair.sides, told(pair)
    found: list[Evidence] = []
    leans = LEAN
    for name, weight, look in TRACES:
        ways: tuple[tuple[Favours, str | None], ...] = (("a", look(a, b, told_b)), ("b", look(b, a, told_a)))
        seen = [(favours, detail) for favours, detail in ways if detail]
        if len(seen) == 1:
            if weight <= LEAN:
                weight, leans = min(weight, leans), max(0.0, leans - weight)
            favours, detail = seen[0]
            found.append(Evidence(name, favours if weight else "neither", weight, False, detail))
    return found


# -- quotations

QUOTED = 5
"""Words of a quotation that count as one (prior)."""
CUT = 4
"""Words that must have been cut from it (prior)."""


def _cut_quotation(source: Prepared, target: Prepared, shared: NDArray[np.bool_]) -> str | None:
    """A quotation of the target is a piece of one in the source, and the rest of that is nowhere in the target."""
    longer = list(_quotations(source))
    if not longer:
        return None
    grams = set(_grams(target.words.strings))
    cut = [
        short
        for short in _quotations(target)
        for long in longer
        if len(short) >= QUOTED and _cut_from(short, long, grams)
    ]
    if not cut:
        return None
    example = " ".join(cut[0][:8])
    return f"{target.id} has a quotation cut short that {source.id} has in full: \u201c{example} ...\u201d"


def _quotations(p: Prepared) -> Iterator[tuple[str, ...]]:
    for e in p.exclusions:
        if e.kind == "quotation":
            first, last = np.searchsorted(p.words.starts, [e.span.start, e.span.end])
            yield p.words.strings[first:last]


def _cut_from(short: tuple[str, ...], long: tuple[str, ...], grams: set[tuple[str, ...]]) -> bool:
    if len(long) < len(short) + CUT:
        return False
    for k in range(len(long) - len(short) + 1):
        if long[k : k + len(short)] == short:
            left, right = long[:k], long[k + len(short) :]
            return not grams.intersection([*_grams(left), *_grams(right)])
    return False


def _grams(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return (words[k : k + 3] for k in range(len(words) - 2))


# -- house style

MARKS = 2
"""Words in a house's spelling that show its habit (prior)."""
RULE = 0.8
"""Share of them that must agree (prior)."""


def _stray_spelling(source: Prepared, target: Prepared, shared: NDArray[np.bool_]) -> str | None:
    """What the target shares is spelt as the source spells, and the rest of the target as the source never does."""
    own = _habit(target, ~shared)
    borrowed = _habit(target, shared) if own else None
    if borrowed is None or own == borrowed or _habit(source, np.ones(len(source.words), dtype=np.bool_)) != borrowed:
        return None
    theirs = borrowed
    return f"{target.id} is spelt the {own} way, but what it shares with {source.id} the {theirs} way, as all of {source.id} is"


def _habit(p: Prepared, where: NDArray[np.bool_]) -> str | None:
    """ "British" or "American" if enough words tell and nearly all agree."""
    text = p.document.text
    spans = zip(p.words.starts[where].tolist(), p.words.ends[where].tolist(), strict=True)
    habits = [h for start, end in spans if (h := house_spelling(text[start:end].casefold()))]
    for habit in ("American", "British"):
        if habits.count(habit) >= max(MARKS, RULE * len(habits)):
            return habit
    return None


# -- another outlet's own


def _furniture(source: Prepared, target: Prepared, shared: NDArray[np.bool_]) -> str | None:
    """The source's outlet is named in the furniture of a text that is another outlet's."""
    theirs, own = (outlet_name(p.document.source) for p in (source, target))
    if not own or not theirs or len(theirs) < LONG_NAME or theirs in own or own in theirs:
        return None
    for e in target.exclusions:
        line = " ".join(e.span.of(target.document.text).split())
        if e.kind == "furniture" and re.search(rf"\b{re.escape(theirs)}\b", line.casefold()):
            return f"furniture of {source.document.source} is left in {target.id}: \u201c{line[:80]}\u201d"
    return None


LONG_NAME = 6
"""Letters of an outlet's name that is not found in other lines by chance (prior)."""


def _address(source: Prepared, target: Prepared, shared: NDArray[np.bool_]) -> str | None:
    """The target holds the source's own address, and is not another version of it."""
    url = source.document.url
    if not url or url == target.document.url:
        return None
    address = re.sub(r"^https?://(?:www\.)?|[?#].*$|/$", "", url)
    if "/" not in address or address.casefold() not in target.document.text.casefold():
        return None
    return f"{target.id} gives the address of {source.id}: {address}"


TRACES: tuple[tuple[str, float, Trace], ...] = (
    ("address", 2.5, _address),
    ("furniture", 1.5, _furniture),
    ("cut_quotation", 0.7, _cut_quotation),
    ("stray_spelling", 0.7, _stray_spelling),
)
