"""Who lives on whom: the arrows of a lineage drawn together into a network of outlets, for Gephi.

    python examples/gephi.py derive-out/lineage.json outlets.gexf

`derive export --to gexf` gives the network of articles. Here a node is an outlet, an arrow runs from the outlet that was used
to the one that used it, and its weight is the number of articles, each counted by its probability. In Gephi: size by
`stories`, thickness by `weight`, layout ForceAtlas 2.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import networkx


def outlets(lineage: dict) -> networkx.DiGraph:
    """The network of outlets of a lineage.json; what has no outlet stands by its id."""
    outlet = {d["id"]: d["source"] or d["id"] for d in lineage["documents"]}
    graph = networkx.DiGraph()
    for name, stories in sorted(Counter(outlet.values()).items()):
        graph.add_node(name, label=name, stories=stories)
    for edge in lineage["edges"]:
        source, target = outlet[edge["source"]], outlet[edge["target"]]
        if source != target:
            before = graph.get_edge_data(source, target, {"weight": 0.0})["weight"]
            graph.add_edge(source, target, weight=round(before + edge["probability"], 3))
    return graph


def main(stored: Path, target: Path) -> None:
    graph = outlets(json.loads(stored.read_text(encoding="utf-8")))
    networkx.write_gexf(graph, target)
    used = sorted(graph.out_degree(weight="weight"), key=lambda pair: (-pair[1], pair[0]))
    print(
        f"{len(graph)} outlets, {graph.number_of_edges()} arrows; most used: {used[0][0]} ({used[0][1]:.1f} articles)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
