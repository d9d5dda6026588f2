"""A lineage for other tools: one function a format, all from the nouns alone.

Arrows run from a source to what was made from it; W3C PROV's `wasDerivedFrom` points the other way, which its file says.
Links without a direction are kept apart from arrows in every format that can tell them apart.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from shutil import which
from typing import Any

from derive.errors import DeriveError, MissingExtra
from derive.model import Lineage
from derive.report.labels import printable

_ILLEGAL_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def export(lineage: Lineage, form: str) -> bytes:
    """The lineage in one of `FORMATS`. Raises `DeriveError` where a picture cannot be drawn."""
    return FORMATS[form](lineage)


def _dot(lineage: Lineage) -> bytes:
    from derive.report.dot import lineage_dot

    return lineage_dot(lineage).encode(errors="replace")


def _svg(lineage: Lineage) -> bytes:
    from derive.report.dot import NoDrawing, draw

    try:
        return draw(_dot(lineage).decode())
    except NoDrawing as error:
        raise DeriveError(f"no picture: {error}") from error


def _png(lineage: Lineage) -> bytes:
    dot = which("dot")
    if dot is None:
        raise DeriveError("no picture: Graphviz is not installed; see derive doctor")
    try:
        done = subprocess.run([dot, "-Tpng"], input=_dot(lineage), capture_output=True, timeout=120, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise DeriveError(f"no picture: dot failed ({type(error).__name__})") from error
    return done.stdout


def _graph(lineage: Lineage) -> Any:
    """The networkx graph with plain attributes, the links as edges whose `relation` is `link`."""
    graph = lineage.to_networkx()
    links = graph.graph.pop("links")
    for _, attributes in graph.nodes(data=True):
        _flatten(attributes)
    for _, _, attributes in graph.edges(data=True):
        attributes["relation"] = "arrow"
    for link in links:
        if not graph.has_edge(link["a"], link["b"]):
            graph.add_edge(link["a"], link["b"], relation="link", kind=link["kind"], probability=link["probability"])
    return graph


def _flatten(attributes: dict[str, Any]) -> None:
    """Lists as words, nothing for None, and no character that XML forbids."""
    for name, value in list(attributes.items()):
        if value is None or isinstance(value, dict) or name == "excluded":
            del attributes[name]
        elif isinstance(value, list):
            attributes[name] = "; ".join(map(str, value))
        if isinstance(attributes.get(name), str):
            attributes[name] = _ILLEGAL_IN_XML.sub("\ufffd", attributes[name])


def _graphml(lineage: Lineage) -> bytes:
    return _written(lineage, "write_graphml")


def _gexf(lineage: Lineage) -> bytes:
    data = _written(lineage, "write_gexf")
    return re.sub(rb'(lastmodifieddate=")[^"]*', rb"\g<1>1970-01-01", data)  # the same bytes every day


def _written(lineage: Lineage, writer: str) -> bytes:
    try:
        import networkx
    except ImportError as error:
        raise MissingExtra("this format needs networkx: pip install networkx") from error
    out = io.BytesIO()
    graph = networkx.relabel_nodes(_graph(lineage), lambda id: _ILLEGAL_IN_XML.sub("\ufffd", id))
    getattr(networkx, writer)(graph, out)
    return out.getvalue()


def cell(value: object) -> str:
    """A table's cell that no spreadsheet takes for a formula.

    >>> cell("=SUM(A1)"), cell(0.5)
    ("'=SUM(A1)", '0.5')
    """
    words = "" if value is None else printable(str(value))
    return (
        f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") and not isinstance(value, int | float) else words
    )


def table(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> bytes:
    """A CSV file that spreadsheets open without running anything."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def _csv(lineage: Lineage) -> bytes:
    pairs = {frozenset((c.a, c.b)): c for c in lineage.comparisons}
    rows: list[tuple[object, ...]] = []
    for e in sorted(lineage.edges, key=lambda e: (e.target, e.source)):
        rows.append(
            (e.source, e.target, "arrow", e.kind, e.probability, e.declared, *_shares(pairs, e.source, e.target))
        )
    for k in sorted(lineage.links, key=lambda k: (k.a, k.b, k.kind)):
        rows.append((k.a, k.b, "link", k.kind, k.probability, False, *_shares(pairs, k.a, k.b)))
    columns = (
        "source",
        "target",
        "type",
        "kind",
        "probability",
        "declared",
        "share of source in target",
        "share of target in source",
    )
    return table(columns, rows)


def _shares(pairs: dict[frozenset[str], Any], a: str, b: str) -> tuple[object, object]:
    c = pairs.get(frozenset((a, b)))
    if c is None:
        return None, None
    shares = (c.containment_of_a_in_b, c.containment_of_b_in_a)
    return shares if c.a == a else (shares[1], shares[0])


def _mermaid(lineage: Lineage) -> bytes:
    names = sorted({w.id for w in lineage.documents} | {u.id for u in lineage.unseen_sources})
    place = {id: f"n{number}" for number, id in enumerate(names)}
    unseen = {u.id for u in lineage.unseen_sources}
    lines = ["flowchart LR"]
    for id in names:
        label = f"unseen source {id}" if id in unseen else id
        lines.append(f'  {place[id]}["{_mermaid_text(label)}"]')
    for e in sorted(lineage.edges, key=lambda e: (e.target, e.source)):
        lines.append(f'  {place[e.source]} -->|"{e.probability:.0%}"| {place[e.target]}')
    for u in sorted(lineage.unseen_sources, key=lambda u: u.id):
        lines += [f"  {place[u.id]} -.-> {place[child]}" for child in sorted(u.children)]
    for k in sorted(lineage.links, key=lambda k: (k.a, k.b, k.kind)):
        lines.append(f'  {place[k.a]} -.-|"{k.kind.replace("_", " ")}"| {place[k.b]}')
    return ("\n".join(lines) + "\n").encode(errors="replace")


def _mermaid_text(words: str) -> str:
    """Every character that is not a plain one as an entity: nothing in it can end the label."""
    return "".join(c if c.isalnum() or c in " ._-/" else f"#{ord(c)};" for c in printable(words))


def _prov(lineage: Lineage) -> bytes:
    """W3C PROV-JSON: documents and unseen sources are entities, arrows plain derivations (a copy elsewhere is no revision)."""
    names = sorted({w.id for w in lineage.documents} | {u.id for u in lineage.unseen_sources})
    place = {id: f"derive:d{number}" for number, id in enumerate(names)}
    witness = {w.id: w for w in lineage.documents}
    entities = {}
    for id in names:
        attributes: dict[str, Any] = {"prov:label": printable(id)}
        if id in witness:
            w = witness[id]
            said = {
                "derive:title": w.title,
                "derive:outlet": w.source,
                "derive:published": w.published,
                "derive:sha256": w.sha256,
            }
            attributes |= {name: printable(value) for name, value in said.items() if value}
        else:
            attributes["prov:type"] = "derive:UnseenSource"
        entities[place[id]] = attributes
    derivations = {}
    for number, e in enumerate(sorted(lineage.edges, key=lambda e: (e.target, e.source))):
        derivations[f"_:e{number}"] = {
            "prov:generatedEntity": place[e.target],
            "prov:usedEntity": place[e.source],
            "derive:probability": {"$": str(e.probability), "type": "xsd:double"},
            "derive:declared": {"$": str(e.declared).lower(), "type": "xsd:boolean"},
        }
    for u in sorted(lineage.unseen_sources, key=lambda u: u.id):
        for child in sorted(u.children):
            derivations[f"_:e{len(derivations)}"] = {
                "prov:generatedEntity": place[child],
                "prov:usedEntity": place[u.id],
            }
    prefix = {"derive": "https://derive.example/ns#", "xsd": "http://www.w3.org/2001/XMLSchema#"}
    found = {"prefix": prefix, "entity": entities, "wasDerivedFrom": derivations}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


FORMATS: dict[str, Callable[[Lineage], bytes]] = {
    "dot": _dot,
    "svg": _svg,
    "png": _png,
    "graphml": _graphml,
    "gexf": _gexf,
    "csv": _csv,
    "mermaid": _mermaid,
    "prov-json": _prov,
}
