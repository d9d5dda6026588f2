"""The service's few pages: plain HTML, every word from outside escaped, one small script for dropping a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from derive.archive import Answer, Match
from derive.model import Comparison, Document, Evidence, Passage
from derive.report.labels import percent
from derive.report.page import page, policy, source

_SCRIPT = source("drop.js")
POLICY = policy(_SCRIPT, form="'self'")
QUOTED = 3
"""Passages of a match that are shown at once; the rest opens on a click."""
SURE = 0.9
"""Below this probability a verdict is said with "probably"."""
_ROLES = {
    "source": "It was made from",
    "common source": "Shares an unseen source with",
    "undecided": "Shares text with, who was first is undecided:",
    "derivative": "Made from it:",
}
_REUSE = {"facts": "Tells the same selection of facts as", "quotation": "Shares a quotation with"}
_ORDER = [*_ROLES.values(), *_REUSE.values()]
_VERDICTS = {
    "a_to_b": "{b} was {probably}made from {a} ({sure} sure).",
    "b_to_a": "{a} was {probably}made from {b} ({sure} sure).",
    "common_source": "Both {probably}rest on a source that is not here ({sure} sure).",
    "undecided": "Undecided: nothing shows well enough which of them was written first.",
}
_FAVOURS = {"a": "for {a} as the source", "b": "for {b} as the source", "common_source": "for a common source",
            "neither": "says nothing"}  # fmt: skip


def front(known: Mapping[str, Any]) -> str:
    """Paste a story or drop a file, see where it comes from."""
    return page("service_front.html.j2", known=known, script=Markup(_SCRIPT))


def problem(detail: str, number: str) -> str:
    """Why there is no answer."""
    return page("service_problem.html.j2", detail=detail, number=number)


def document(d: Document) -> str:
    """One stored article."""
    known = [x for x in (d.source, d.published, d.author) if x]
    return page("service_document.html.j2", d=d, known=known, address=quote(d.id, safe=""))


def answer(found: Answer, story: Document, articles: int) -> bytes:
    """What the archive says of a story."""
    matches = sorted((_match(found, m) for m in found.matches), key=lambda row: _ORDER.index(row["says"]))
    text = page(
        "service_answer.html.j2", found=found, story=story, articles=articles, matches=matches, head=_sentence(found)
    )
    return text.encode("utf-8", "replace")


def pair(c: Comparison, first: Document, second: Document) -> bytes:
    """Two stored articles side by side."""
    a, b = (first, second) if c.a == first.id else (second, first)
    text = page(
        "service_pair.html.j2",
        c=c,
        a=a,
        b=b,
        verdict=_verdict(c, c.a, c.b),
        evidence=[_evidence(e, c.a, c.b) for e in c.direction.evidence],
        passages=_passages(c.passages, a.text, b.text),
        quote=lambda id: quote(id, safe=""),
    )
    return text.encode("utf-8", "replace")


# -- parts


def _sentence(found: Answer) -> str:
    """The answer in one sentence."""
    sources = [m for m in found.matches if m.role == "source" and m.comparison.reuse == "text"]
    if sources:
        likeliest = max(sources, key=lambda m: (m.share_of_query, m.probability))
        rest = f", and from {len(sources) - 1} more" if len(sources) > 1 else ""
        probably = "" if likeliest.probability >= SURE else "probably "
        return f"It was {probably}made from {likeliest.id} ({percent(likeliest.probability)} sure){rest}."
    if any(m.role == "common source" for m in found.matches):
        return "It shares a source with articles of the archive; that source is not here."
    if any(m.comparison.reuse == "text" and m.role == "undecided" for m in found.matches):
        return "It shares text with articles of the archive. Who was first is undecided: nothing shows it well enough."
    if any(m.role == "derivative" and m.comparison.reuse == "text" for m in found.matches):
        return "Articles of the archive were made from it."
    return "It shares no text with any article of the archive that shows where it came from."


def _match(found: Answer, m: Match) -> dict[str, Any]:
    c = m.comparison
    texts = [found.lineage.witness(id).text for id in (c.a, c.b)]
    witness = found.lineage.witness(m.id)
    passages = _passages(c.passages, *texts)
    if c.a == m.id:
        passages = [{**p, "a": p["b"], "b": p["a"]} for p in passages]
    return {
        "match": m,
        "says": _REUSE.get(c.reuse, _ROLES[m.role]),
        "sure": m.probability if c.reuse == "text" and m.role != "undecided" else None,
        "title": witness.title,
        "known": [x for x in (witness.source, witness.published) if x],
        "address": quote(m.id, safe=""),
        "passages": passages,
        "evidence": [_evidence(e, c.a, c.b) for e in c.direction.evidence],
    }


def _passages(passages: tuple[Passage, ...], a: str, b: str) -> list[dict[str, Any]]:
    """The longest first, both sides as they stand."""
    longest = sorted(passages, key=lambda p: (p.a.start - p.a.end, p.a.start))
    return [{"kind": p.kind, "quoted": p.quoted, "a": p.a.of(a), "b": p.b.of(b)} for p in longest]


def _verdict(c: Comparison, a: str, b: str) -> str:
    if c.reuse == "none":
        return "Nothing that they share shows reuse."
    if c.reuse in _REUSE:
        return {"facts": "They tell the same selection of facts.", "quotation": "All that they share are quotations."}[
            c.reuse
        ]
    probably = "" if c.direction.probability >= SURE else "probably "
    return _VERDICTS[c.direction.verdict].format(a=a, b=b, probably=probably, sure=percent(c.direction.probability))


def _evidence(e: Evidence, a: str, b: str) -> dict[str, Any]:
    return {"detail": e.detail, "favours": _FAVOURS[e.favours].format(a=a, b=b), "weight": e.log_odds}
