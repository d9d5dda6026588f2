"""How fast are pairs found, and how many of the planted ones?  python benchmarks/pairs.py CORPUS [MIN_CONTAINMENT] [HOW_MANY]

CORPUS holds texts.txt (texts separated by U+001E) and truth.json (the planted derivations with their exact containment).
CPU seconds of one process from a list of strings to the table, imports and reading of the files excluded. Set
DERIVE_KERNEL=reference to measure without the compiled kernel.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import derive
from derive import kernel


def main(folder: Path, threshold: float, most: int | None) -> None:
    texts = (folder / "texts.txt").read_bytes().decode().split("\x1e")[:most]
    truth = json.loads((folder / "truth.json").read_text())
    derive.find_pairs(texts[:40])  # what is loaded once is not counted
    size = sum(len(t.encode()) for t in texts) / 1e6
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    table = derive.find_pairs(texts, min_containment=threshold)
    seconds = time.process_time() - start
    added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{kernel.name} kernel, {len(texts):,} texts, {size:.1f} MB: {seconds:.2f} s, {size / seconds:.1f} MB/s, +{added:.0f} MB"
    )
    found = set(zip(table.a.tolist(), table.b.tolist(), strict=True))
    planted, hits = Counter[str](), Counter[str]()
    for row in truth["pairs"]:
        pair = dict(zip(truth["fields"], row, strict=True))
        ends = min(pair["child"], pair["parent"]), max(pair["child"], pair["parent"])
        if ends[1] < len(texts):
            kinds = [pair["kind"], *(["C>=.5"] if pair["containment_child"] >= 0.5 else [])]
            planted.update(kinds)
            hits.update(kinds if ends in found else [])
    print("found of those planted:", ", ".join(f"{k} {hits[k] / n:.4f}" for k, n in sorted(planted.items())))


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        float(sys.argv[2]) if len(sys.argv) > 2 else 0.5,
        int(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
