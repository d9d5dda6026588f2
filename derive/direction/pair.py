"""A pair whose direction is asked for, and the questions about it that every piece of evidence may put.

Its regime says which part of the texts is shared, by features that do not tell the two sides apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.dates import Time
from derive.measure import Measured
from derive.model import Favours, Passage, Prepared, Regime, Reuse
from derive.params import Params


@dataclass(frozen=True, slots=True)
class Pair:
    """All that is known of two documents when their direction is asked for."""

    measured: Measured
    reuse: Reuse
    times: tuple[Time | None, Time | None]
    exclusive_facts: tuple[str, ...]
    """Names and figures that these two have and no other document of the collection."""
    passages: tuple[Passage, ...]
    """What they share, where something is reuse."""
    params: Params
    kept: tuple[float, float] | None = None
    """The share of a's names and figures that b has, and of b's that a has (`facts.FactTable.kept`)."""

    @property
    def sides(self) -> tuple[Prepared, Prepared]:
        return self.measured.a.prepared, self.measured.b.prepared


THIN = 0.15
"""Below this share of the smaller text two articles on one event may well have met in a third (prior)."""


def regime(m: Measured) -> Regime:
    """Which part of the texts is shared: nothing to speak of, nearly all words, most sentences, or a passage."""
    cover_a, cover_b = covered(m, "a"), covered(m, "b")
    if min(int(cover_a.sum()), int(cover_b.sum())) < 15:
        return "none"
    (share_a, told_a), (share_b, told_b) = _coverage(m.a.prepared, cover_a), _coverage(m.b.prepared, cover_b)
    short_is_a = int(m.a.prepared.authored.sum()) <= int(m.b.prepared.authored.sum())
    share_short, told_short, told_long = (share_a, told_a, told_b) if short_is_a else (share_b, told_b, told_a)
    if share_short > 0.85 and told_long >= 0.25:
        return "verbatim"
    if told_short >= 0.5 and told_long >= 0.25:
        return "rewrite"
    return "local"


def covered(m: Measured, side: str) -> NDArray[np.bool_]:
    """The authored words of one side that stand in a shingle of both."""
    this, other = (m.a, m.b) if side == "a" else (m.b, m.a)
    shared = _among(this.codes, other.distinct) & this.authored
    cover = np.zeros(len(this.prepared.words), dtype=np.bool_)
    for k in range(len(cover) - len(this.codes) + 1 if len(this.codes) else 0):
        cover[k : k + len(this.codes)] |= shared
    return cover


def _among(codes: NDArray[np.int64], held: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these codes stand among the sorted `held`."""
    if not len(held):
        return np.zeros(len(codes), dtype=np.bool_)
    place = np.searchsorted(held, codes)
    place[place == len(held)] = 0
    return np.asarray(held[place] == codes, dtype=np.bool_)


def _coverage(p: Prepared, cover: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of the authored words that is covered; share of the sentences of 6 words or more that is covered by a quarter."""
    free = p.authored
    if not free.any():
        return 0.0, 0.0
    lengths = np.bincount(p.sentences[free])
    hits = np.bincount(p.sentences[free], weights=cover[free].astype(float), minlength=len(lengths))
    long = lengths >= 6
    told = float((hits[long] / lengths[long] >= 0.25).mean()) if long.any() else 0.0
    return float(cover[free].mean()), told


# -- besides what they share


TRAVELS = 0.8
"""Where one other article has so much of what is shared, no host can be told (M: 14 of 300 wire siblings of helsinki_news
would get a direction without this, 3 with it)."""

KIN, NAMES_WEIGH = 0.16, 0.25
"""Two texts are strangers, but for what they share, while the usual share of rare words plus a quarter of the share of names
they have in common besides is below `KIN` (M: so .61 of pan13_train's pairs with a passage are answered, .99 rightly; .016 of
the wire siblings of helsinki_news; none of pep_replaces; 3 of 150 same-event pairs of basil, none of them called reuse)."""


def kinship(m: Measured, told: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> float:
    """How much two texts have in common besides the words they tell alike: 0 nothing, .3 and more one event or subject."""
    if m.dense is None:
        return 1.0
    names = [
        {w for w, free in zip(s.prepared.words.strings, s.prepared.names & ~mask, strict=True) if free}
        for s, mask in zip((m.a, m.b), told, strict=True)
    ]
    fewer = min(map(len, names))
    return m.dense.usual + NAMES_WEIGH * (len(names[0] & names[1]) / fewer if fewer else 0.0)


def strangers(pair: Pair, told: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> bool:
    """True if the two texts are about different things, but for what they share."""
    return kinship(pair.measured, told) < KIN


def told(pair: Pair) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The words of each side that are shared word by word or stand in a passage."""
    masks = covered(pair.measured, "a"), covered(pair.measured, "b")
    for passage in pair.passages:
        for mask, p, span in zip(masks, pair.sides, (passage.a, passage.b), strict=True):
            mask[np.searchsorted(p.words.starts, span.start) : np.searchsorted(p.words.starts, span.end)] = True
    return masks


def words(p: Prepared, mask: NDArray[np.bool_]) -> list[str]:
    """The authored words under the mask, in order."""
    keep = mask & p.authored
    return [w for w, k in zip(p.words.strings, keep, strict=True) if k]


# -- wording


def towards(sign: float) -> Favours:
    return "a" if sign > 0 else "b"


def titles(pair: Pair) -> tuple[str, str]:
    a, b = pair.sides
    return a.id, b.id


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def title_case(name: str) -> str:
    return " ".join(w[:1].upper() + w[1:] for w in name.split())
