"""The JSON document of the contract, schema 1: one line a document, comparison or arrow, always the same bytes.

Arrays stand in this order: documents by id, their exclusions by place, comparisons by (a, b), their passages by place
in a, evidence as it was weighed, arrows by (target, source), links by (a, b, kind), root candidates from the likeliest,
origins from the largest (so that "origin 1" is the same in every report), everything else by its first member.
Characters that a terminal would obey are written as \\u escapes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from derive import __version__
from derive.model import Comparison, Edge, Lineage, Witness, plain
from derive.params import Params
from derive.report.labels import HIDDEN

SCHEMA = 1

_LONE = re.compile("[\ud800-\udfff]")


def lineage_json(lineage: Lineage) -> str:
    """The lineage as the contract's JSON, ending with a newline."""
    rows: dict[str, list[Any]] = {
        "documents": [document_row(w) for w in sorted(lineage.documents, key=lambda w: w.id)],
        "comparisons": [comparison_row(c) for c in sorted(lineage.comparisons, key=lambda c: (c.a, c.b))],
        "edges": [edge_row(e) for e in sorted(lineage.edges, key=lambda e: (e.target, e.source, e.kind))],
        "links": [plain(k) for k in sorted(lineage.links, key=lambda k: (k.a, k.b, k.kind))],
        "roots": sorted(
            (root_row(roots) for roots in lineage.roots), key=lambda row: min((id for id, _ in row), default="")
        ),
        "unseen_sources": [
            {"id": u.id, "children": sorted(u.children), "probability": u.probability}
            for u in sorted(lineage.unseen_sources, key=lambda u: u.id)
        ],
    }
    skipped = [plain(s) for s in sorted(lineage.skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))]
    return json_of(rows, origin_groups(lineage), skipped, lineage.params)


def json_of(rows: dict[str, list[Any]], origins: list[list[str]], skipped: list[Any], params: Params) -> str:
    """The document of rows that stand in order."""
    head = _dumps({"schema": SCHEMA, "derive": __version__, "params": params.as_dict()}).removesuffix("}")
    lines = [f" {_dumps(key)}: {_array(items)}" for key, items in rows.items()]
    lines.append(f' "origins": {_dumps({"count": len(origins), "groups": origins})}')
    lines.append(f' "skipped": {_array(skipped)}')
    return ",\n".join([head, *lines]) + "\n}\n"


def origin_groups(lineage: Lineage) -> list[list[str]]:
    """The members of each origin in the order in which reports number them from 1: the largest first, then by id."""
    return sorted((sorted(group) for group in lineage.origins.groups), key=lambda group: (-len(group), group))


def document_row(witness: Witness) -> dict[str, Any]:
    """One entry of `documents`; `version_of` stands only in those of earlier versions."""
    exclusions = sorted(witness.excluded)
    row = {
        "id": witness.id,
        "path": witness.path,
        "title": witness.title,
        "published": witness.published,
        "source": witness.source,
        "words": witness.words,
        "sha256": witness.sha256,
        "flags": sorted(witness.flags),
        "excluded": [{"kind": e.kind, "start": e.span.start, "end": e.span.end} for e in exclusions],
        "copies_of": witness.copies_of,
    }
    return row if witness.version_of is None else {**row, "version_of": witness.version_of}


def edge_row(edge: Edge) -> dict[str, Any]:
    """One entry of `edges`; `share` stands only in those of an article with several sources."""
    row: dict[str, Any] = plain(edge)
    return row if edge.share is not None else {key: value for key, value in row.items() if key != "share"}


def comparison_row(comparison: Comparison) -> dict[str, Any]:
    """One entry of `comparisons`."""
    row: dict[str, Any] = plain(comparison)
    row["passages"] = [plain(p) for p in sorted(comparison.passages, key=lambda p: (p.a, p.b, p.kind, p.quoted))]
    return row


def root_row(roots: tuple[tuple[str, float], ...]) -> list[list[Any]]:
    """The candidates of one component, the likeliest first."""
    return [[id, probability] for id, probability in sorted(roots, key=lambda r: (-r[1], r[0]))]


def _array(rows: list[Any]) -> str:
    return "[\n  " + ",\n  ".join(map(_dumps, rows)) + "\n ]" if rows else "[]"


def _dumps(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], _LONE.sub("\ufffd", text))
