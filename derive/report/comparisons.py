"""The page's pairs: the table, and for each pair its verdict, both containments, the evidence and the passages.

Passages are set side by side with what differs underlined. In every pair the source stands first; where there is none,
the earlier article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from derive.model import Comparison, Evidence, Favours, Lineage, Passage, Verdict, Witness
from derive.report.aligned import data, differing
from derive.report.labels import contained, count, name, percent, printable, shorten
from derive.report.picture import Families, moment

MAX_PAIRS = 400
MAX_ROWS = 2000
MAX_PASSAGES = 60
PRINTED_ROOM = 1_500_000
"""Bytes of passages printed as text."""
_EXCERPT = 1600
_SYMBOLS = {"identical": "=", "minor": "≈", "reworded": "≠"}
_KINDS = {"identical": "identical", "minor": "minor changes", "reworded": "reworded"}
_REUSE = {"text": "text", "quotation": "a quotation", "facts": "facts without shared text", "none": "nothing"}
_VERDICT_SIGNS = {"a_to_b": "→", "common_source": "⋎"}
FULL_BAR = 5.0
"""Log-odds (148 to 1) from which on a bar is no longer."""
HALF = 60
"""The length of such a bar."""

Segments = list[tuple[str, bool]]


def comparisons(lineage: Lineage, plan: Families) -> dict[str, Any]:
    """What the template `comparisons.html.j2` prints, and the script's data."""
    from markupsafe import Markup

    witnesses = sorted(lineage.documents, key=lambda w: w.id)
    by_id = {w.id: w for w in witnesses}
    strongest = [_source_first(c, by_id) for c in sorted(lineage.comparisons, key=lambda c: (-_strength(c), c.a, c.b))]
    listed = [c for c in strongest[:MAX_ROWS] if c.a in by_id and c.b in by_id]
    rows = [_pair(i, c, by_id) for i, c in enumerate(listed, 1)]
    room = PRINTED_ROOM
    printed = 0
    for row, comparison in zip(rows[:MAX_PAIRS], listed, strict=False):
        row["passages"], row["passages_left_out"] = _passages(comparison, by_id)
        segments = [words for p in row["passages"] for side in (p["a"], p["b"]) for words, _ in side]
        room -= sum(len(words.encode(errors="replace")) + 8 for words in segments)
        if room < 0:
            break
        row["detail"] = True
        printed += 1
    told = [
        {"said": [r["verdict"], *r["shares"], *r["facts"]], "evidence": r["evidence"], "likelihood": r["probability"]}
        for r in rows
    ]
    embedded, without = data(witnesses, listed, told, plan, lambda words: shorten(printable(words), 120))
    outlets = {r[side]["outlet"] for r in rows for side in ("first", "second")} - {""}
    return {
        "pairs": rows,
        "printed": printed,
        "pairs_without_passages": len(strongest) - printed,
        "pairs_without_texts": without,
        "pairs_left_out": max(0, len(strongest) - MAX_ROWS),
        "outlets": sorted(outlets),
        "kinds": [kind for kind in _REUSE if any(c.reuse == kind for c in listed)],
        "data": Markup(embedded),
    }


def _strength(comparison: Comparison) -> float:
    return max(comparison.containment_of_a_in_b, comparison.containment_of_b_in_a)


def _source_first(c: Comparison, witnesses: dict[str, Witness]) -> Comparison:
    """The same comparison with the source first; where there is none, the earlier one."""
    verdict = c.direction.verdict
    times = [moment(witnesses[id].published) if id in witnesses else None for id in (c.a, c.b)]
    later = verdict != "a_to_b" and times[0] is not None and times[1] is not None and times[1] < times[0]
    return _turned(c) if verdict == "b_to_a" or later else c


def _turned(c: Comparison) -> Comparison:
    """The same comparison seen from the other side."""
    verdicts: dict[Verdict, Verdict] = {"a_to_b": "b_to_a", "b_to_a": "a_to_b"}
    sides: dict[Favours, Favours] = {"a": "b", "b": "a"}
    d, facts = c.direction, c.facts
    return Comparison(
        c.b,
        c.a,
        c.containment_of_b_in_a,
        c.containment_of_a_in_b,
        c.resemblance,
        c.reuse,
        facts
        and replace(
            facts,
            containment_of_a_in_b=facts.containment_of_b_in_a,
            containment_of_b_in_a=facts.containment_of_a_in_b,
        ),
        tuple(Passage(p.b, p.a, p.kind, p.quoted) for p in c.passages),
        replace(
            d,
            verdict=verdicts.get(d.verdict, d.verdict),
            evidence=tuple(replace(e, favours=sides.get(e.favours, e.favours)) for e in d.evidence),
        ),
    )


def _pair(number: int, c: Comparison, witnesses: dict[str, Witness]) -> dict[str, Any]:
    from derive.report.explanation import verdict

    a, b = name(c.a), name(c.b)
    d, facts = c.direction, c.facts
    names = {"a": a, "b": b, "common_source": "a common source", "neither": ""}
    shares = [contained(c.containment_of_a_in_b, a, b), contained(c.containment_of_b_in_a, b, a)]
    told = [] if facts is None else [
        f"They have {count(facts.shared, 'name or figure', 'names and figures')} in common, weighed by rarity "
        f"{percent(facts.containment_of_a_in_b)} of those of the first and {percent(facts.containment_of_b_in_a)} of "
        "those of the second."
    ]  # fmt: skip
    return {
        "number": number,
        "first": _side(witnesses[c.a]),
        "second": _side(witnesses[c.b]),
        "a": a,
        "b": b,
        "shares": shares,
        "share_of_first": percent(c.containment_of_a_in_b),
        "share_of_second": percent(c.containment_of_b_in_a),
        "resemblance": percent(c.resemblance),
        "facts": told,
        "reuse": _REUSE[c.reuse],
        "verdict": verdict(c),
        "short": _short_verdict(c),
        "sign": _VERDICT_SIGNS.get(d.verdict, "?") if c.reuse == "text" else "?",
        "probability": percent(d.probability) if d.verdict != "undecided" and c.reuse == "text" else "",
        "evidence": [(*_evidence(e, names), _bar(e)) for e in d.evidence],
        "detail": False,
        "passages": [],
        "passages_left_out": 0,
    }


def _side(witness: Witness) -> dict[str, str]:
    when = moment(witness.published)
    return {
        "name": name(witness.id),
        "outlet": shorten(printable(witness.source or ""), 120),
        "when": when.words if when else "no date",
    }


def _short_verdict(c: Comparison) -> str:
    """The verdict where the two stand beside it."""
    if c.reuse == "quotation":
        return "No direction: a quotation alone"
    if c.reuse != "text" or c.direction.verdict == "undecided":
        return "Undecided which was first"
    probably = "" if c.direction.probability >= 0.9 else "probably "
    if c.direction.verdict == "common_source":
        return f"Both {probably}drew on a common source"
    return f"Second was {probably}rewritten from first"


def _passages(c: Comparison, witnesses: dict[str, Witness]) -> tuple[list[dict[str, Any]], int]:
    shown = sorted(c.passages, key=lambda p: (-(p.a.end - p.a.start), p.a, p.b))[:MAX_PASSAGES]
    shown.sort(key=lambda p: (p.a, p.b, p.kind, p.quoted))
    return [_passage(p, witnesses[c.a].text, witnesses[c.b].text) for p in shown], len(c.passages) - len(shown)


def _evidence(evidence: Evidence, names: dict[str, str]) -> tuple[str, str, str, str]:
    """What was found, what it speaks for, its weight, and where the weight comes from."""
    favours = names[evidence.favours] if evidence.log_odds else ""
    earlier = f"{favours} as the earlier text" if evidence.favours in ("a", "b") else favours
    return (
        printable(evidence.detail) or printable(evidence.name),
        earlier if favours else "nothing",
        f"{evidence.log_odds:.2f}" if favours else "0",
        "measured on known cases" if evidence.measured else "a prior, set by judgement",
    )


def _bar(evidence: Evidence) -> tuple[float, float, str]:
    """A bar for a weight: its left end from the middle, its length, and what it speaks for (a: left, b: right)."""
    size = round(HALF * min(1.0, abs(evidence.log_odds) / FULL_BAR), 1)
    side = evidence.favours if evidence.log_odds else "neither"
    return {"a": -size, "b": 0.0, "common_source": -size / 2, "neither": 0.0}[side], size, side


def _passage(passage: Passage, a: str, b: str) -> dict[str, Any]:
    left, right = _line(passage.a.of(a)), _line(passage.b.of(b))
    if passage.kind == "identical":
        sides: tuple[Segments, Segments] = ([(left, False)], [(right, False)])
    else:
        sides = differences(left, right)
    return {
        "symbol": _SYMBOLS[passage.kind],
        "kind": _KINDS[passage.kind],
        "quoted": passage.quoted,
        "a": _cut(sides[0]),
        "b": _cut(sides[1]),
        "a_at": f"{passage.a.start} to {passage.a.end}",
        "b_at": f"{passage.b.start} to {passage.b.end}",
    }


def differences(a: str, b: str) -> tuple[Segments, Segments]:
    """Both texts in runs of words, each with whether it differs from the other text.

    >>> differences("He denied the call.", "He denied any call")[0]
    [('He denied ', False), ('the ', True), ('call.', False)]
    """
    runs = differing(a, b)
    return _segments(a, runs[0]), _segments(b, runs[1])


def _segments(text: str, runs: Sequence[tuple[int, int]]) -> Segments:
    found: Segments = []
    last = 0
    for start, end in runs:
        found += [(text[last:start], False), (text[start:end], True)]
        last = end
    return [(words, differs) for words, differs in [*found, (text[last:], False)] if words]


def _line(text: str) -> str:
    """A stretch of an article on one line, with nothing invisible left."""
    return printable(" ".join(text.split()))


def _cut(segments: Segments) -> Segments:
    """The beginning and the end of a passage too long for a page."""
    size = sum(len(words) for words, _ in segments)
    if size <= _EXCERPT:
        return segments
    kept: Segments = []
    room = _EXCERPT
    for words, differs in segments:
        kept.append((words[:room], differs))
        room -= len(words)
        if room <= 0:
            break
    return [*kept, (f" … ({size - _EXCERPT:,} more characters)", False)]
