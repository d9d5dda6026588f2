"""What an archive answers, in words and as JSON: where a story came from, who made something of it, what is undecided."""

from __future__ import annotations

import json
import textwrap

from derive.archive import Answer, Match
from derive.model import Document, plain
from derive.report.labels import printable

WIDTH = 100
SHOWN = 2
"""Passages quoted for each match; all of them are in the JSON and in `derive explain`."""
_SAYS = {
    "source": "it was made from",
    "derivative": "made from it:",
    "common source": "shares an unseen source with",
    "undecided": "shares text with (who was first is undecided)",
}
_KINDS = {"quotation": "shares a quotation with", "facts": "tells the same selection of facts as"}


def answer_text(answer: Answer, stored: int, document: Document) -> str:
    """The answer for a person: one line a match, with what is shared and the longest passages."""
    name = printable(answer.id)
    if not answer.matches:
        return f"{name}: nothing in common with any of the {stored:,} articles in the archive\n"
    lines = [f"{name}: {len(answer.matches)} of {stored:,} articles in the archive share something with it"]
    for match in answer.matches:
        lines += _match_lines(answer, match)
    if answer.truncated:
        lines.append("  More articles share something; only those that share most were compared (--limit).")
    return "\n".join(lines) + "\n"


def _match_lines(answer: Answer, match: Match) -> list[str]:
    witness = answer.lineage.witness(match.id)
    known = ", ".join(printable(x) for x in (witness.source, witness.published) if x)
    says = _KINDS.get(match.comparison.reuse, _SAYS[match.role])
    sure = f" ({match.probability:.0%})" if match.comparison.reuse == "text" and match.role != "undecided" else ""
    shares = f"{match.share_of_query:.0%} of it stands there, {match.share_of_match:.0%} of that one in it"
    lines = [f"  {says} {printable(match.id)}{f' [{known}]' if known else ''}{sure}: {shares}"]
    text = answer.lineage.witness(match.comparison.a).text
    longest = sorted(match.comparison.passages, key=lambda p: (p.a.start - p.a.end, p.a.start))[:SHOWN]
    for passage in longest:
        words = printable(" ".join(passage.a.of(text).split()))
        lines.append(f"      {passage.kind}: \u201c{textwrap.shorten(words, WIDTH, placeholder=' …')}\u201d")
    return lines


def answer_json(answer: Answer) -> str:
    """The answer as one JSON object, keys in a stated order."""
    matches = [
        {
            "id": m.id,
            "role": m.role,
            "share_of_query": m.share_of_query,
            "share_of_match": m.share_of_match,
            "probability": m.probability,
            "comparison": plain(m.comparison),
        }
        for m in answer.matches
    ]
    origins = plain(answer.lineage.origins)
    return json.dumps(
        {"id": answer.id, "matches": matches, "origins": origins, "truncated": answer.truncated}, ensure_ascii=False
    )
