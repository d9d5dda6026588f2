"""How right is derive on a data set whose truth is known? Detection, alignment, direction, each beside a trivial baseline.

A data set is a folder with `docs.jsonl[.gz]` (id, text, published?, source?) and `truth.jsonl[.gz]` (derived, source, level?,
spans?). Each pair of the truth is judged among all documents, as a scan would judge it, with whatever settings are given:
nothing is fitted to the set. A `level` of `NEGATIVE` marks a pair that is not derived.

Start reading at `evaluate`. Alignment is measured as in Potthast, Stein, Barrón-Cedeño and Rosso, An evaluation framework
for plagiarism detection (2010): plagdet = F1 of character precision and recall / log2(1 + granularity).
"""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.errors import InputError
from derive.lineage import Judged
from derive.model import Document, Span
from derive.params import Params
from derive.pipeline import Examined, Progress, examine

NEGATIVE = frozenset({"non", "none-negative", "same-event", "quotation"})
SpanPair = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class TruePair:
    """One line of the truth. `spans` are (in the derived text, in the source), None where the set marks none."""

    derived: str
    source: str
    level: str
    directed: bool
    spans: tuple[SpanPair, ...] | None

    @property
    def positive(self) -> bool:
        return self.level not in NEGATIVE


def load(folder: Path) -> tuple[list[Document], list[TruePair]]:
    """The documents and the truth of a data set. Raises `InputError` naming the file that is missing or broken."""
    documents = documents_of(folder)
    known = {d.id for d in documents}
    truth = []
    for row in _lines(folder, "truth.jsonl"):
        spans = row.get("spans")
        pairs = tuple((Span(d, d + dn), Span(s, s + sn)) for d, dn, s, sn in spans) if spans is not None else None
        pair = TruePair(row["derived"], row["source"], row.get("level", "derived"), not row.get("undirected"), pairs)
        if pair.derived in known and pair.source in known and pair.derived != pair.source:
            truth.append(pair)
    return documents, truth


def documents_of(folder: Path) -> list[Document]:
    """The documents of a data set. Raises `InputError` as `load`."""
    return [
        Document(str(d["id"]), d["text"], d.get("title"), d.get("published"), d.get("source"))
        for d in _lines(folder, "docs.jsonl")
    ]


def _lines(folder: Path, name: str) -> Iterable[dict[str, Any]]:
    for path, opened in ((folder / name, open), (folder / f"{name}.gz", gzip.open)):
        if path.exists():
            try:
                with opened(path, "rt", encoding="utf-8") as file:
                    yield from (json.loads(line) for line in file if line.strip())
            except (OSError, ValueError, KeyError) as error:
                raise InputError(f"{path}: not a data set that can be read ({error})") from error
            return
    raise InputError(f"{folder}: there is no {name} or {name}.gz in it")


def evaluate(
    folder: Path, *, params: Params | None = None, progress: Progress | None = None, jobs: int = 1
) -> dict[str, Any]:
    """All scores of a data set as plain data (what `--format json` prints)."""
    documents, truth = load(folder)
    pairs = sorted({(min(t.derived, t.source), max(t.derived, t.source)) for t in truth})
    examined = examine(documents, params=params, also=pairs, search=False, progress=progress, jobs=jobs)
    cases = _cases(examined, truth)
    return {
        "dataset": folder.name,
        "documents": len(documents),
        "pairs": len(truth),
        "detection": _detection(cases),
        "alignment": _alignment(cases),
        "direction": _direction(cases),
    }


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


def _cases(examined: Examined, truth: Sequence[TruePair]) -> list[Case]:
    place = {d.id: k for k, d in enumerate(examined.documents)}
    cases = []
    for t in truth:
        i, j = place[t.source], place[t.derived]
        cases.append(Case(t, examined.pairs[min(i, j), max(i, j)], i < j))
    return cases


# -- detection


def _detection(cases: Sequence[Case]) -> dict[str, Any]:
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


def _alignment(cases: Sequence[Case]) -> dict[str, Any] | None:
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


def _direction(cases: Sequence[Case]) -> dict[str, Any] | None:
    """How often a direction was stated, how often rightly; beside length and dates. None where the set has none."""
    directed = [c for c in cases if c.truth.positive and c.truth.directed]
    stated = [c for c in cases if c.judged.direction.verdict in ("a_to_b", "b_to_a")]
    if not directed:
        return {"pairs": 0, "stated where there is none": len(stated), "of": len(cases)} if cases else None
    answered = [c for c in directed if c in stated]
    right = [c for c in answered if c.judged.direction.verdict == ("a_to_b" if c.forward else "b_to_a")]
    wrong_and_sure = [c for c in answered if c not in right and c.judged.direction.probability >= 0.9]
    regimes: dict[str, int] = defaultdict(int)
    for c in directed:
        regimes[c.judged.direction.regime] += 1
    longer = sum(_longer_is_source(c) for c in directed)
    return {
        "pairs": len(directed),
        "answered": round(len(answered) / len(directed), 4),
        "accuracy": round(len(right) / len(answered), 4) if answered else None,
        "wrong at .9 or more": len(wrong_and_sure),
        "regimes": dict(sorted(regimes.items())),
        "baselines": {
            "longer is source": round(longer / len(directed), 4),
            "shorter is source": round(1 - longer / len(directed), 4),
        },
    }


def _longer_is_source(case: Case) -> bool:
    m = case.judged.pair.measured
    a, b = int(m.a.prepared.authored.sum()), int(m.b.prepared.authored.sum())
    return (a > b) == case.forward
