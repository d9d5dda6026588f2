"""The lineage as a `networkx.DiGraph`, for those who go on computing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.model import Lineage, plain
from derive.report.json import document_row

if TYPE_CHECKING:
    import networkx


def lineage_graph(lineage: Lineage) -> networkx.DiGraph[str]:
    """One node a document or unseen source (`type` tells which), one edge an arrow; attributes as in the JSON.

    An unseen source names its `children` in an attribute and has no arrows. Links lie in `graph.graph["links"]`.
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for witness in sorted(lineage.documents, key=lambda w: w.id):
        row = document_row(witness)
        graph.add_node(row.pop("id"), type="document", **row)
    for unseen in sorted(lineage.unseen_sources, key=lambda u: u.id):
        graph.add_node(unseen.id, type="unseen", children=sorted(unseen.children), probability=unseen.probability)
    for edge in sorted(lineage.edges, key=lambda e: (e.target, e.source)):
        graph.add_edge(edge.source, edge.target, probability=edge.probability, kind=edge.kind, declared=edge.declared)
    graph.graph["links"] = [plain(k) for k in sorted(lineage.links, key=lambda k: (k.a, k.b, k.kind))]
    return graph
