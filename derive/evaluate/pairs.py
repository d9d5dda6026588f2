"""How right are the answers about single pairs? Detection, passages, direction, each beside a trivial baseline.

Start reading at `detection`. Alignment is measured as in Potthast, Stein, Barrón-Cedeño and Rosso, An evaluation framework
for plagiarism detection (2010): plagdet = F1 of character precision and recall / log2(1 + granularity).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.dates import Time, order
from derive.evaluate.figures import Answer, answered, share
from derive.evaluate.truth import SpanPair, TruePair
from derive.measure import Measured
from derive.model import Direction, Span
from derive.pipeline import Examined
from derive.trees import Judged


@dataclass(frozen=True, slots=True)
class Case:
    """A true pair, how it was judged, and whether the derived text is its `b` side."""

    truth: TruePair
    judged: Judged
    forward: bool

    @property
    def found(self) -> bool:
        return self.judged.pair.reuse in ("text", "facts")

    @property
    def share(self) -> float:
        """The larger containment: the baseline's score."""
        m = self.judged.pair.measured
        return max(m.containment_of_a_in_b, m.containment_of_b_in_a)


def cases_of(examined: Examined, truth: Sequence[TruePair]) -> list[Case]:
    place = {d.id: k for k, d in enumerate(examined.documents)}
    cases = []
    for t in truth:
        i, j = place[t.source], place[t.derived]
        cases.append(Case(t, examined.pairs[min(i, j), max(i, j)], i < j))
    return cases


# -- detection


def detection(cases: Sequence[Case]) -> dict[str, Any]:
    """Precision, recall and F1 over all pairs, recall or false alarms by level, and the best threshold on containment."""
    levels: dict[str, dict[str, Any]] = {}
    for level in sorted({c.truth.level for c in cases}):
        own = [c for c in cases if c.truth.level == level]
        kinds = {k: sum(c.judged.pair.reuse == k for c in own) for k in ("text", "facts", "quotation", "none")}
        levels[level] = {"pairs": len(own), "derived": own[0].truth.positive, **kinds}
    scores = _f1(sum(c.found and c.truth.positive for c in cases), sum(c.found for c in cases), _positives(cases))
    return {**scores, "levels": levels, "baseline": _threshold_baseline(cases)}


def _positives(cases: Sequence[Case]) -> int:
    return sum(c.truth.positive for c in cases)


def _f1(right: int, answered: int, wanted: int) -> dict[str, float]:
    precision, recall = right / answered if answered else 0.0, right / wanted if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _threshold_baseline(cases: Sequence[Case]) -> dict[str, float]:
    """3-gram containment with the threshold that is best on this very set: what a tool must beat without fitting."""
    ranked = sorted(cases, key=lambda c: -c.share)
    best, right = {"threshold": 0.0, **_f1(0, 0, 0)}, 0
    for k, case in enumerate(ranked, 1):
        right += case.truth.positive
        last = k == len(ranked) or ranked[k].share < case.share
        if last and (score := _f1(right, k, _positives(cases)))["f1"] > best["f1"]:
            best = {"threshold": case.share, **score}
    return best


# -- alignment


def alignment(cases: Sequence[Case]) -> dict[str, Any] | None:
    """plagdet and its parts, over all pairs and by level; None where the set marks no spans."""
    marked = [c for c in cases if c.truth.spans is not None]
    if not marked:
        return None
    rows = [(c.truth.level, list(c.truth.spans or ()), _passages(c)) for c in marked]
    levels = sorted({level for level, true, _ in rows if true})
    return {
        **_plagdet([(true, found) for _, true, found in rows]),
        "levels": {name: _plagdet([(t, f) for level, t, f in rows if level == name]) for name in levels},
    }


def _passages(case: Case) -> list[SpanPair]:
    """What derive shows of a pair, the derived side first."""
    return [(p.b, p.a) if case.forward else (p.a, p.b) for p in case.judged.pair.passages]


def _plagdet(pairs: Sequence[tuple[list[SpanPair], list[SpanPair]]]) -> dict[str, float]:
    precisions: list[float] = []
    recalls: list[float] = []
    granularities: list[int] = []
    for true, found in pairs:
        precisions += [_covered(f, true) for f in found]
        for t in true:
            recalls.append(_covered(t, found))
            hits = sum(_meet(t, f) for f in found)
            granularities += [hits] * (hits > 0)
    precision = sum(precisions) / len(precisions) if precisions else 0.0
    recall = sum(recalls) / len(recalls) if recalls else 0.0
    granularity = sum(granularities) / len(granularities) if granularities else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "plagdet": round(f1 / math.log2(1 + granularity), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "granularity": round(granularity, 4),
        "cases": len(recalls),
    }


def _meet(x: SpanPair, y: SpanPair) -> bool:
    return x[0].overlap(y[0]) > 0 and x[1].overlap(y[1]) > 0


def _covered(pair: SpanPair, others: Sequence[SpanPair]) -> float:
    """The share of a pair's characters, both sides together, that lie in the pairs it meets."""
    met = [o for o in others if _meet(pair, o)]
    both = sum(_union(pair[side], [o[side] for o in met]) for side in (0, 1))
    return both / max(1, sum(s.end - s.start for s in pair))


def _union(span: Span, others: Sequence[Span]) -> int:
    """How many characters of the span lie in any of the others."""
    total, at = 0, span.start
    for other in sorted(others):
        low, high = max(at, other.start), min(span.end, other.end)
        if high > low:
            total += high - low
            at = high
    return total


# -- direction


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair whose direction was asked for. `forward`: b derives from a; None if neither derives from the other."""

    direction: Direction
    forward: bool | None
    a_is_longer: bool
    a_is_earlier: bool | None = None

    @property
    def stated(self) -> bool:
        return self.direction.verdict in ("a_to_b", "b_to_a")

    @property
    def leans_forward(self) -> bool | None:
        """Which way the answer goes, or would go if it had to be given; None where nothing speaks for either."""
        if self.stated:
            return self.direction.verdict == "a_to_b"
        score = sum(e.log_odds * {"a": 1, "b": -1}.get(e.favours, 0) for e in self.direction.evidence)
        return score > 0 if score else None


def asked_of(cases: Sequence[Case]) -> list[Asked]:
    """The direction of each case as the pair alone is judged."""
    return [
        Asked(
            c.judged.direction,
            c.forward if c.truth.positive else None,
            a_is_longer(c.judged.pair.measured),
            a_is_earlier(c.judged.pair.times),
        )
        for c in cases
        if c.truth.directed
    ]


def a_is_longer(m: Measured) -> bool:
    """Whether the a side has more words, its quotations counted and furniture not."""
    return int((~m.a.prepared.blocked).sum()) > int((~m.b.prepared.blocked).sum())


def a_is_earlier(times: tuple[Time | None, Time | None]) -> bool | None:
    """What the dates say; None where they are missing, not believed, or do not decide."""
    a, b = times
    sign = order(a, b, 1) if a and b else 0
    return sign < 0 if sign else None


def direction(pairs: Sequence[Asked]) -> dict[str, Any] | None:
    """How often a direction was stated, how often rightly, how surely; beside length and dates. None without any pair.

    A direction stated where there is none counts as wrong in everything but `accuracy`.
    """
    if not pairs:
        return None
    directed = [p for p in pairs if p.forward is not None]
    neither = [p for p in pairs if p.forward is None]
    stated = [p for p in directed if p.stated]
    right = sum(p.leans_forward == p.forward for p in stated)
    answers = [
        Answer(p.direction.probability, p.leans_forward == p.forward, p.stated, p.forward is not None)
        for p in [*directed, *(n for n in neither if n.stated)]
        if p.leans_forward is not None
    ]
    longer = sum(p.a_is_longer == p.forward for p in directed)
    dated = [p for p in directed if p.a_is_earlier is not None]
    return {
        "pairs": len(directed),
        "answered": share(len(stated), len(directed)),
        "accuracy": share(right, len(stated)),
        "stated where there is none": share(sum(n.stated for n in neither), len(neither)),
        **answered(answers, len(directed)),
        "regimes": dict(sorted(Counter(p.direction.regime for p in directed).items())),
        "baselines": {
            "longer is source": share(longer, len(directed)),
            "shorter is source": share(len(directed) - longer, len(directed)),
            "earlier is source": share(sum(p.a_is_earlier == p.forward for p in dated), len(dated)),
        },
    }
