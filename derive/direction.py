"""Who wrote it first? Evidence, one small function a piece, weighed into a verdict, or into "undecided".

Three things can be: b was rewritten from a, a from b, or both drew on a common source. Containment asymmetry says nothing
about it: it is the length ratio. So a pair is first put into a regime by symmetric features (how much of each text is
shared), which says what may be asked of it; then each piece of `EVIDENCE` gives a log-odds with a sentence; a softmax
over the three hypotheses answers only where it is sure enough. In whole-text regimes, without dates, credits or a
declared assumption, the answer is "undecided" by construction: nothing there gives weight to a direction.

Start reading at `decide`. Weights: measured where `measured` is true (PAN 2013 local reuse), else priors.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from derive.data import stopwords
from derive.dates import Time, chance_before, order
from derive.measure import Measured
from derive.model import Direction, Evidence, Favours, Passage, Prepared, Regime, Reuse, Verdict
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


def decide(pair: Pair, further: Sequence[Evidence] = ()) -> Direction:
    """The verdict on a pair with its evidence; `further` is evidence from outside the pair (the lineage)."""
    kind = regime(pair.measured)
    if pair.reuse in ("none", "quotation"):
        return Direction("undecided", 0.5, kind, ())
    evidence = [e for ask in EVIDENCE for e in ask(pair, kind)] + list(further)
    score = {"a": 0.0, "b": 0.0, "common_source": _common_source_before_evidence(pair)}
    for e in evidence:
        if e.favours != "neither":
            score[e.favours] += e.log_odds
    if pair.reuse == "facts":  # retold facts say nothing about who told them first
        return Direction("undecided", 0.5, kind, tuple(evidence))
    whole = sum(math.exp(s) for s in score.values())
    chance = {k: math.exp(s) / whole for k, s in score.items()}
    likeliest = max(("a", "b", "common_source"), key=lambda k: chance[k])
    verdicts: dict[str, Verdict] = {"a": "a_to_b", "b": "b_to_a", "common_source": "common_source"}
    if chance[likeliest] >= pair.params.arrow:
        return Direction(verdicts[likeliest], round(min(chance[likeliest], CAP), 3), kind, tuple(evidence))
    return Direction("undecided", round(max(chance["a"], chance["b"]), 3), kind, tuple(evidence))


CAP = 0.99
"""No verdict is stated as surer than this."""
THIN = 0.15
"""Below this share of the smaller text two articles on one event may well have met in a third (prior)."""


_COMMON_SOURCE = ((2 * THIN, -2.2), (THIN, -1.5), (0.0, -0.5))
"""From this share on, the log-odds of a common source before any evidence: the less is shared, the likelier (prior). Texts
on different topics that share a passage no third one has count as those that share most."""


def _common_source_before_evidence(pair: Pair) -> float:
    """Log-odds of a common source, against each direction, before any evidence (prior)."""
    declared = pair.params.assume is not None and pair.measured.base >= THIN  # said how rewrites go: so there are some
    if declared or (pair.measured.elsewhere <= TRAVELS and _strangers(pair, _told(pair))):
        return _COMMON_SOURCE[0][1]
    return next(odds for least, odds in _COMMON_SOURCE if pair.measured.base >= least)


def common_source_chance(direction: Direction, pair: Pair) -> float:
    """The probability of a common source that this evidence amounts to, whatever the verdict."""
    score = {"a": 0.0, "b": 0.0, "common_source": _common_source_before_evidence(pair)}
    for e in direction.evidence:
        if e.favours != "neither":
            score[e.favours] += e.log_odds
    return math.exp(score["common_source"]) / sum(math.exp(s) for s in score.values())


# -- regimes


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
    shared = np.isin(this.codes, other.distinct) & this.authored
    cover = np.zeros(len(this.prepared.words), dtype=np.bool_)
    for k in range(len(cover) - len(this.codes) + 1 if len(this.codes) else 0):
        cover[k : k + len(this.codes)] |= shared
    return cover


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


# -- evidence: (pair, regime) -> what it says

Ask = Callable[[Pair, Regime], list[Evidence]]


def _towards(sign: float) -> Favours:
    return "a" if sign > 0 else "b"


def _titles(pair: Pair) -> tuple[str, str]:
    a, b = pair.sides
    return a.id, b.id


LEANING = 0.75
"""Chance of being the earlier from which on two overlapping times say something (arithmetic, no measurement)."""


def _times(pair: Pair, kind: Regime) -> list[Evidence]:
    """The earlier one by more than the tie is favoured; an order within it says nothing."""
    first, second = pair.times
    if first is None or second is None:
        return []
    a, b = _titles(pair)
    way = order(first, second, pair.params.tie_minutes * 60)
    leaning = chance_before(first, second)
    if way == 0 and max(leaning, 1 - leaning) >= LEANING and (first.bare_day or second.bare_day):
        early, late = ((a, first), (b, second)) if leaning > 0.5 else ((b, second), (a, first))
        chance = max(leaning, 1 - leaning)
        detail = (
            f"{early[0]} was probably ({_percent(chance)}) published before {late[0]}: {early[1].text} and {late[1].text}, "
            "of which the zone or the hour is not known"
        )
        weight = min(2.0, math.log(chance / max(0.01, 1 - chance))) * (1.0 if pair.measured.base >= THIN else 0.5)
        return [Evidence("published", "a" if leaning > 0.5 else "b", round(weight, 2), False, detail)]
    if way == 0:
        detail = f"{first.text} and {second.text} are too close together, or too vague, to say which came first"
        return [Evidence("published", "neither", 0.0, False, detail)]
    early, late = ((a, first), (b, second)) if way < 0 else ((b, second), (a, first))
    detail = f"{early[0]} was published {early[1].text}, before {late[0]} ({late[1].text})"
    # Where little is shared, being earlier is no sign of being the source: reports of one event follow each other anyway.
    weight = 2.0 if pair.measured.base >= THIN else 1.0
    return [Evidence("published", "a" if way < 0 else "b", weight, False, detail)]


def _credit(pair: Pair, kind: Regime) -> list[Evidence]:
    """One text names the other's outlet as its source, or carries its agency sign-off."""
    found = []
    a, b = pair.sides
    ways: tuple[tuple[Prepared, Prepared, Favours], ...] = ((a, b, "b"), (b, a, "a"))
    for this, other, favours in ways:
        outlet = other.document.source
        if outlet is None or outlet == this.document.source:
            continue
        if (phrase := _names_as_source(this, outlet)) and not _names_as_source(other, outlet, sign_offs_only=True):
            detail = f"{this.id} credits {outlet}: \u201c{phrase}\u201d"
            found.append(Evidence("credit", favours, 2.5, False, detail))
        elif phrase:
            detail = f"{this.id} and {other.id} both carry {outlet}'s credit, and {other.id} is {outlet}'s"
            found.append(Evidence("credit", favours, 2.5, False, detail))
    return found if len(found) == 1 else []


def _agency_mark(pair: Pair, kind: Regime) -> list[Evidence]:
    """An agency's mark in a text that is not the agency's own makes that text a reprint: others may have the original, too.

    In a text whose outlet is unknown, or is the agency, a mark that the other lacks speaks for it: marks get lost on the
    way, seldom found.
    """
    a, b = pair.sides
    marks = [_marks(p) for p in (a, b)]
    outlets = [_initials_or_name(p.document.source) if p.document.source else None for p in (a, b)]
    own = any(_is_outlets(mark, outlet) for found in marks for mark in found for outlet in outlets if outlet)
    reprints = [(p, min(found)) for p, found, outlet in zip((a, b), marks, outlets, strict=True) if found and outlet]
    if reprints and not own and outlets[0] != outlets[1]:  # versions of one outlet are no reprints
        this, mark = reprints[0]
        detail = (
            f"{this.id} carries the mark of an agency ({mark}) and is not the agency's own: both may stand on its copy"
        )
        return [Evidence("reprint", "common_source", 3.5, False, detail)]
    if bool(marks[0]) == bool(marks[1]):
        return []
    this, mark, favours = (a, min(marks[0]), "a") if marks[0] else (b, min(marks[1]), "b")
    detail = f"the agency mark ({mark}) stands in {this.id} alone"
    return [Evidence("agency_mark", favours, 1.0, False, detail)]  # type: ignore[arg-type]


SIGNED = 40
"""Authored words that may follow an agency's sign-off: it closes the report, and little but a pitch or a correction comes
after it (M: abbreviations in brackets at a paragraph's end, taken for sign-offs, kept 31 of the 39 arrows of pep_versions that
were missing)."""


def _marks(p: Prepared) -> set[str]:
    """The agencies whose marks stand in a text's dateline, or, in capitals ("AP"), in the sign-off that closes it.

    A name in brackets at a paragraph's end is as often a person's, and capitals further up are any abbreviation.
    """
    found: set[str] = set()
    for e in p.exclusions:
        if e.kind in ("credit", "dateline"):
            closes = int(p.authored[np.searchsorted(p.words.starts, e.span.end) :].sum()) <= SIGNED
            marks = _agency_marks(e.span.of(p.document.text))
            found.update(m for m in marks if e.kind == "dateline" or (closes and m.isupper()))
    return found


def _is_outlets(mark: str, outlet: str) -> bool:
    folded = mark.casefold()
    return folded in (outlet, _initials(outlet)) or outlet.startswith(folded + " ")


def _home(pair: Pair, kind: Regime) -> list[Evidence]:
    """A borrowed passage is not at home in the borrower: does its language fit one text's remainder better?"""
    if kind != "local":
        return []
    a, b = pair.sides
    masks = _told(pair)
    score = home_score(*(_words(p, side) for p, m in zip((a, b), masks, strict=True) for side in (m, ~m)))
    if score is None:
        return []
    z, overlap = score
    host = a.id if z > 0 else b.id
    if pair.measured.elsewhere > TRAVELS:
        detail = "what the two share stands in a third article, too: a passage that travels is at home nowhere"
    elif _strangers(pair, masks):
        detail = (
            f"the shared passages fit the rest of {host} better (home score {z:+.1f}; the rest is on different topics)"
        )
        weight = min(3.5, 0.5 + 2.2 * abs(z)) if abs(z) >= 0.4 else 0.0
        return [Evidence("home", _towards(z) if weight else "neither", round(weight, 2), True, detail)]
    elif pair.measured.base < THIN:
        detail = "too little is shared to ask which text the passages are at home in"
    elif abs(z) >= 3 or (overlap < 0.35 and abs(z) >= 1):
        detail = f"the shared passages fit the rest of {host} clearly better (home score {z:+.1f}, same event or topic)"
        return [Evidence("home", _towards(z), 1.4, False, detail)]
    else:
        detail = f"the shared passages fit both texts about equally well (home score {z:+.1f}, same event or topic)"
    return [Evidence("home", "neither", 0.0, False, detail)]


TRAVELS = 0.8
"""Where one other article has so much of what is shared, no host can be told (M: 14 of 300 wire siblings of helsinki_news
would get a direction without this, 3 with it)."""
KIN, NAMES_WEIGH = 0.17, 0.25
"""Two texts are strangers, but for what they share, while the usual share of rare words plus a quarter of the share of names
they have in common besides is below `KIN` (M: so .64 of pan13_train's pairs with a passage are asked, .99 rightly; .016 of
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


def _strangers(pair: Pair, told: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> bool:
    """True if the two texts are about different things, but for what they share."""
    return kinship(pair.measured, told) < KIN


def _told(pair: Pair) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The words of each side that are shared word by word or stand in a passage."""
    masks = covered(pair.measured, "a"), covered(pair.measured, "b")
    for passage in pair.passages:
        for mask, p, span in zip(masks, pair.sides, (passage.a, passage.b), strict=True):
            mask[np.searchsorted(p.words.starts, span.start) : np.searchsorted(p.words.starts, span.end)] = True
    return masks


_BY_LENGTH = ((0.1, 2.2), (0.05, 1.6))
"""From this |ln| of the length ratio on, what the assumption weighs (M: right on 1.00/.92/.92 and .95/1.00/.87 of onestop,
clough_stevenson, pep_versions; below, .92/.40/.76: not said)."""


def _assumption(pair: Pair, kind: Regime) -> list[Evidence]:
    """What the editor declared about this collection: rewrites shorten, or versions grow."""
    assume = pair.params.assume
    if assume is None or not (kind in ("rewrite", "verbatim") or (kind == "local" and pair.measured.base >= THIN)):
        return []
    n_a, n_b = (int((~p.blocked).sum()) for p in pair.sides)
    ratio = math.log(n_a / n_b) if n_a and n_b else 0.0
    weight = next((w for least, w in _BY_LENGTH if abs(ratio) > least), 0.0)
    if not weight:
        return [Evidence("assume", "neither", 0.0, True, f"both texts are about equally long ({n_a} and {n_b} words)")]
    longer = pair.sides[0].id if ratio > 0 else pair.sides[1].id
    rule = "rewrites shorten" if assume == "condense" else "versions grow"
    sign = ratio if assume == "condense" else -ratio
    detail = f"assumed: {rule}; {longer} is the longer one ({max(n_a, n_b)} against {min(n_a, n_b)} words)"
    return [Evidence("assume", _towards(sign), weight, True, detail)]


def _shared_credit(pair: Pair, kind: Regime) -> list[Evidence]:
    """Both texts name the same third as their source."""
    a, b = pair.sides
    outlets = {_initials_or_name(s) for p in (a, b) if (s := p.document.source)}
    third = sorted((credited(a) & credited(b)) - outlets)
    if not third:
        return []
    names = ", ".join(_title_case(t) for t in third[:3])
    return [Evidence("shared_credit", "common_source", 1.0, False, f"both name the same source: {names}")]


def _mutual_loss(pair: Pair, kind: Regime) -> list[Evidence]:
    """Each text has much that the other lacks: a rewrite of one by the other would have had to lose and find it."""
    if pair.kept is None or pair.measured.base >= 2 * THIN:
        return []
    if min(len(pair.measured.a.distinct), len(pair.measured.b.distinct)) < 50:
        return []
    if max(pair.kept) >= 0.8:
        return []
    a, b = pair.sides
    detail = (
        f"each has names and figures that the other lacks ({_percent(1 - pair.kept[0])} of those in {a.id}, "
        f"{_percent(1 - pair.kept[1])} of those in {b.id}, weighed by rarity)"
    )
    return [Evidence("mutual_loss", "common_source", 0.8, False, detail)]


def _exclusive_facts(pair: Pair, kind: Regime) -> list[Evidence]:
    """Rare names and figures in the shared passages, in two texts that each lack much of the other."""
    if not _mutual_loss(pair, kind):
        return []
    a = pair.measured.a.prepared
    inside = {w for w, c in zip(a.words.strings, covered(pair.measured, "a"), strict=True) if c}
    rare = [f for f in pair.exclusive_facts if f in inside]
    if len(rare) < 3:
        return []
    listed = ", ".join(_title_case(f) for f in rare[:4])
    detail = f"names and figures that no other article has stand in the same words in both: {listed}"
    return [Evidence("exclusive_facts", "common_source", 1.6, False, detail)]


EVIDENCE: tuple[Ask, ...] = (
    _times,
    _credit,
    _agency_mark,
    _home,
    _assumption,
    _shared_credit,
    _mutual_loss,
    _exclusive_facts,
)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _title_case(name: str) -> str:
    return " ".join(w[:1].upper() + w[1:] for w in name.split())


# -- the home score (direction.md, section 2)


def home_score(
    shared_a: list[str], rest_a: list[str], shared_b: list[str], rest_b: list[str]
) -> tuple[float, float] | None:
    """(z, topic overlap): z > 0 says that the shared words are at home in A. None if a side is too short to ask.

    Remainders are compared at equal size m = min(|rest_a|, |rest_b|, 600) >= 40, because a longer one fits anything better;
    z adds the differences of character-trigram cross-entropy (per 0.3 bit) and of content-word recall (per 0.1).
    """
    m = min(len(rest_a), len(rest_b), 600)
    if m < 40 or len(shared_a) < 20 or len(shared_b) < 20:
        return None
    fit_a = [_fit(shared_a, w) for w in _windows(rest_a, m)]
    fit_b = [_fit(shared_b, w) for w in _windows(rest_b, m)]
    (rec_a, ce_a), (rec_b, ce_b) = (tuple(sum(x) / len(x) for x in zip(*f, strict=True)) for f in (fit_a, fit_b))
    content_a, content_b = _content(rest_a), _content(rest_b)
    smaller = min(len(content_a), len(content_b))
    overlap = len(content_a & content_b) / smaller if smaller else 0.0
    return (ce_a - ce_b) / 0.3 + (rec_a - rec_b) / 0.1, overlap


def _windows(rest: list[str], m: int) -> list[list[str]]:
    """The whole, or four windows of m words spread evenly."""
    if len(rest) <= m:
        return [rest]
    return [rest[i * (len(rest) - m) // 3 :][:m] for i in range(4)]


def _fit(shared: list[str], window: list[str]) -> tuple[float, float]:
    """Recall of the shared content words in the window; minus the cross-entropy of the shared trigrams under it."""
    content = _content(shared)
    recall = len(content & _content(window)) / len(content) if content else 0.0
    p, q = _trigrams(shared), _trigrams(window)
    total = sum(q.values()) + 0.5 * 5000
    bits = sum(n * math.log2((q[g] + 0.5) / total) for g, n in sorted(p.items()))
    return recall, bits / max(1, sum(p.values()))


def _content(words: Sequence[str]) -> set[str]:
    return {w for w in words if len(w) > 2 and w not in stopwords()}


def _trigrams(words: Sequence[str]) -> Counter[str]:
    joined = " ".join(words)
    return Counter(joined[i : i + 3] for i in range(len(joined) - 2))


def _words(p: Prepared, mask: NDArray[np.bool_]) -> list[str]:
    """The authored words under the mask, in order."""
    keep = mask & p.authored
    return [w for w, k in zip(p.words.strings, keep, strict=True) if k]


# -- credits

# Bounded everywhere: a page of capitals must not be searched from each of its words to its end.
_WORD = r"(?:(?:[A-Z]\.){1,4}|[A-Z][\w&’'-]{0,30})"
_NAME = rf"(?:[Tt]he )?\b{_WORD}(?:(?: (?:of|the|for|and|de|du|la|&)){{0,2}} {_WORD}){{0,6}}"
_CUES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?:first|initially|originally) )?(?:reported|published|revealed|disclosed) (?:\w+ )?by ({_NAME})",
        rf"[Aa]ccording to (?:an? )?(?:(?:\w+ )?(?:report|statement|release|copy|dispatch)s? (?:by|from|in|of) )?({_NAME})",
        rf"(?:told|tells) ({_NAME})",
        rf"({_NAME})(?:'s|’s)? (?:first |initially |earlier |exclusively )?(?:reported|reports|report|revealed)\b",
        rf"(?:statement|release|report|dispatch) (?:issued )?(?:by|from) ({_NAME})",
        rf"[Cc]iting ({_NAME})",
    )
)
_ARTICLE = re.compile(r"^(?:the|a|an) ")


@cache
def _credited(text: str) -> frozenset[tuple[str, str]]:
    found = set()
    for cue in _CUES:
        for match in cue.finditer(text):
            name = re.sub(r"(?:'s|’s)$", "", match[1].strip(" .,'’"))
            folded = _ARTICLE.sub("", " ".join(name.casefold().split()))
            if len(folded) > 3:
                found.add((folded, " ".join(match[0].split())))
    return frozenset(found)


def credited(p: Prepared) -> frozenset[str]:
    """Whom a text names as the source of its news, folded ("washington post")."""
    return frozenset(name for name, _ in _credited(p.document.text))


def credit_to(p: Prepared, outlet: str) -> str | None:
    """The phrase by which a text credits this outlet, None if it does not."""
    return _names_as_source(p, outlet)


def _names_as_source(p: Prepared, outlet: str, sign_offs_only: bool = False) -> str | None:
    """The phrase by which a text credits this outlet: words like "first reported by", or the agency's mark."""
    text = p.document.text
    name = _initials_or_name(outlet)
    if not sign_offs_only:
        for credited_name, phrase in sorted(_credited(text)):
            if name == credited_name or credited_name.startswith(name + " ") or credited_name.endswith(" " + name):
                return phrase
    for e in p.exclusions:
        if e.kind in ("credit", "dateline"):
            line = e.span.of(text)
            marks = {m.casefold() for m in _agency_marks(line)}
            if name in line.casefold() or name in marks or (_initials(outlet) in marks and len(_initials(outlet)) > 1):
                return " ".join(line.split()).strip(" —–-")
    return None


def _initials_or_name(outlet: str) -> str:
    return _ARTICLE.sub("", " ".join(outlet.casefold().split()))


def _initials(outlet: str) -> str:
    return "".join(w[0] for w in _initials_or_name(outlet).split())


_MARK = re.compile(r"[(\[]([A-Z][\w/. ]{1,25})[)\]]")


def _agency_marks(line: str) -> list[str]:
    """What stands in brackets in a dateline or sign-off: "AP", "Reuters"."""
    return [m.strip() for m in _MARK.findall(line)]
