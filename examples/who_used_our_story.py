"""Who used our wire copy, how much of it, and is it credited? Run it on a folder of articles with a metadata.csv.

python examples/who_used_our_story.py fixtures/dam-inquiry "Northern Wire"
"""

import sys
from pathlib import Path

import derive


def main(folder: Path, outlet: str) -> None:
    documents = list(derive.read_documents([folder], metadata=folder / "metadata.csv"))
    lineage = derive.scan(documents)
    ours = {w.id for w in lineage.documents if w.source == outlet}
    for edge in lineage.edges:
        if edge.source in ours and edge.target not in ours:
            user = lineage.witness(edge.target)
            pair = lineage.comparison(edge.source, edge.target)
            assert pair is not None
            taken = pair.containment_of_a_in_b if pair.a == edge.target else pair.containment_of_b_in_a
            credited = any(e.name == "credit" for e in pair.direction.evidence)
            print(f"{user.source}: {taken:.0%} of it is ours, {'credited' if credited else 'no credit found'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
