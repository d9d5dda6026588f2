"""The page's tables of articles: what was read, on which origin it stands, what was left out of it, what was not read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from derive.model import Lineage, Skipped, Witness
from derive.report.json import origin_groups
from derive.report.labels import EXCLUSION_WORDS, name, percent, printable, shorten
from derive.report.picture import moment

MAX_EXCLUDED = 400
MAX_ARTICLES = 3000
MAX_ORIGINS = 300
MAX_SKIPPED = 500
EXCERPTS = 40
"""Stretches left out that are shown of one article."""


def articles(lineage: Lineage) -> dict[str, Any]:
    """What the template `articles.html.j2` prints."""
    skipped = sorted(lineage.skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))
    return {
        **_articles(lineage),
        **_origins(lineage),
        "skipped": [_skipped(s) for s in skipped[:MAX_SKIPPED]],
        "skipped_left_out": max(0, len(skipped) - MAX_SKIPPED),
    }


def _articles(lineage: Lineage) -> dict[str, Any]:
    witnesses = sorted(lineage.documents, key=lambda w: w.id)
    copies: dict[str, list[Witness]] = {}
    for witness in witnesses:
        if witness.copies_of is not None:
            copies.setdefault(witness.copies_of, []).append(witness)
    origins: dict[str, list[int]] = {}
    for i, group in enumerate(origin_groups(lineage), 1):
        for id in group:
            origins.setdefault(id, []).append(i)
    if len(witnesses) > MAX_ARTICLES:
        # Those that are related to others stay.
        related = {id for c in lineage.comparisons for id in (c.a, c.b)} | {w.id for w in witnesses if w.copies_of}
        witnesses = sorted(
            sorted(witnesses, key=lambda w: (w.id not in related, w.id))[:MAX_ARTICLES], key=lambda w: w.id
        )
    rows = [_article(w, copies.get(w.id, []), origins.get(w.id, [])) for w in witnesses]
    excluded = [(name(w.id), _excerpts(w), max(0, len(w.excluded) - EXCERPTS)) for w in witnesses if w.excluded]
    return {
        "articles": rows,
        "articles_left_out": len(lineage.documents) - len(rows),
        "excluded": excluded[:MAX_EXCLUDED],
        "excluded_left_out": max(0, len(excluded) - MAX_EXCLUDED),
    }


def _article(witness: Witness, copies: list[Witness], origins: list[int]) -> dict[str, Any]:
    when = moment(witness.published)
    return {
        "name": name(witness.id),
        "outlet": shorten(printable(witness.source or ""), 80),
        "title": shorten(printable(witness.title or ""), 160),
        "published": (when.words if when else shorten(printable(witness.published or ""), 32)) or "no date",
        "words": f"{witness.words:,}",
        "origins": ", ".join(map(str, origins)),
        "flags": ", ".join(printable(flag) for flag in sorted(witness.flags)),
        "excluded": _excluded_shares(witness),
        "version_of": None if witness.version_of is None else name(witness.version_of),
        "copy_of": None if witness.copies_of is None else name(witness.copies_of),
        "copies": _few([name(c.id) + (f" ({shorten(printable(c.source), 40)})" if c.source else "") for c in copies]),
    }


def _few(names: list[str], limit: int = 60) -> list[str]:
    return names if len(names) <= limit else [*names[:limit], f"{len(names) - limit:,} more"]


def _excluded_shares(witness: Witness) -> str:
    """Each kind with its share of the characters."""
    sizes: Counter[str] = Counter()
    for exclusion in witness.excluded:
        sizes[exclusion.kind] += exclusion.span.end - exclusion.span.start
    whole = max(1, len(witness.text))
    return ", ".join(
        f"{EXCLUSION_WORDS[kind]} {percent(min(1.0, size / whole))}" for kind, size in sorted(sizes.items())
    )


def _excerpts(witness: Witness) -> list[tuple[str, str, str]]:
    return [
        (
            EXCLUSION_WORDS[e.kind],
            f"{e.span.start} to {e.span.end}",
            shorten(printable(" ".join(e.span.of(witness.text).split())), 160),
        )
        for e in sorted(witness.excluded)[:EXCERPTS]
    ]


def _origins(lineage: Lineage) -> dict[str, Any]:
    groups = origin_groups(lineage)
    return {
        "origins": [(i, _few([name(id) for id in group])) for i, group in enumerate(groups[:MAX_ORIGINS], 1)],
        "origins_left_out": max(0, len(groups) - MAX_ORIGINS),
    }


def _skipped(skipped: Skipped) -> tuple[str, str, str]:
    record = "" if skipped.record is None else f", record {skipped.record}"
    return (name(skipped.path) + record, printable(skipped.reason), shorten(printable(skipped.message), 300))
