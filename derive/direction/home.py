"""A borrowed passage is not at home in the borrower: does its language fit one text's remainder better than the other's?

Asked only of local reuse between texts that are otherwise strangers; of two reports of one event it says little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from derive.data import stopwords
from derive.direction.pair import THIN, TRAVELS, Pair, strangers, told, towards, words
from derive.model import Evidence, Regime


def at_home(pair: Pair, kind: Regime) -> list[Evidence]:
    """A borrowed passage is not at home in the borrower: does its language fit one text's remainder better?"""
    if kind != "local":
        return []
    a, b = pair.sides
    masks = told(pair)
    sides = [words(p, side) for p, m in zip((a, b), masks, strict=True) for side in (m, ~m)]
    if not _long_enough(*sides):
        return []
    others = strangers(pair, masks)
    # The score is the dearest figure of a pair: it is counted only where it is asked for.
    if not others and pair.measured.elsewhere > TRAVELS:
        detail = (
            "what the two share stands in a third article, too: of one event's passage that travels no home can be told"
        )
        return [Evidence("home", "neither", 0.0, False, detail)]
    if not others and pair.measured.base < THIN:
        detail = "too little is shared to ask which text the passages are at home in"
        return [Evidence("home", "neither", 0.0, False, detail)]
    z, overlap = home_score(*sides)
    host = a.id if z > 0 else b.id
    if others:
        detail = (
            f"the shared passages fit the rest of {host} better (home score {z:+.1f}; the rest is on different topics)"
        )
        weight = min(3.5, 0.5 + 2.2 * abs(z)) if abs(z) >= 0.4 else 0.0
        return [Evidence("home", towards(z) if weight else "neither", round(weight, 2), True, detail)]
    if abs(z) >= 3 or (overlap < 0.35 and abs(z) >= 1):
        detail = f"the shared passages fit the rest of {host} clearly better (home score {z:+.1f}, same event or topic)"
        return [Evidence("home", towards(z), 1.4, False, detail)]
    detail = f"the shared passages fit both texts about equally well (home score {z:+.1f}, same event or topic)"
    return [Evidence("home", "neither", 0.0, False, detail)]


MOST, LEAST_REST, LEAST_SHARED = 600, 40, 20
"""Words of a remainder that are looked at; fewest words of a remainder, and shared, for which it is asked."""


def _long_enough(shared_a: list[str], rest_a: list[str], shared_b: list[str], rest_b: list[str]) -> bool:
    return min(len(rest_a), len(rest_b)) >= LEAST_REST and min(len(shared_a), len(shared_b)) >= LEAST_SHARED


def home_score(shared_a: list[str], rest_a: list[str], shared_b: list[str], rest_b: list[str]) -> tuple[float, float]:
    """(z, topic overlap): z > 0 says that the shared words are at home in A.

    Remainders are compared at equal size m = min(|rest_a|, |rest_b|, 600), because a longer one fits anything better; z adds
    the differences of character-trigram cross-entropy (per 0.3 bit) and of content-word recall (per 0.1).
    """
    m = min(len(rest_a), len(rest_b), MOST)
    fits = (_fits(shared_a, _windows(rest_a, m)), _fits(shared_b, _windows(rest_b, m)))
    (rec_a, ce_a), (rec_b, ce_b) = (tuple(sum(x) / len(x) for x in zip(*f, strict=True)) for f in fits)
    content_a, content_b = _content(rest_a), _content(rest_b)
    smaller = min(len(content_a), len(content_b))
    overlap = len(content_a & content_b) / smaller if smaller else 0.0
    return (ce_a - ce_b) / 0.3 + (rec_a - rec_b) / 0.1, overlap


def _windows(rest: list[str], m: int) -> list[list[str]]:
    """The whole, or four windows of m words spread evenly."""
    if len(rest) <= m:
        return [rest]
    return [rest[i * (len(rest) - m) // 3 :][:m] for i in range(4)]


def _fits(shared: list[str], windows: list[list[str]]) -> list[tuple[float, float]]:
    """For each window the recall of the shared content words; minus the cross-entropy of the shared trigrams under it."""
    told, trigrams = _content(shared), sorted(_trigrams(shared).items())
    whole = max(1, sum(n for _, n in trigrams))
    found = []
    for window in windows:
        recall = len(told & _content(window)) / len(told) if told else 0.0
        q = _trigrams(window)
        total = sum(q.values()) + 0.5 * 5000
        bits = sum(n * math.log2((q[g] + 0.5) / total) for g, n in trigrams)
        found.append((recall, bits / whole))
    return found


def _content(words: Sequence[str]) -> set[str]:
    return {w for w in words if len(w) > 2 and w not in stopwords()}


def _trigrams(words: Sequence[str]) -> Counter[str]:
    joined = " ".join(words)
    return Counter(joined[i : i + 3] for i in range(len(joined) - 2))
