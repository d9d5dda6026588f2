"""How long does a whole scan take, where does the time go, and how much memory?  python benchmarks/scan.py TEXTS [JOBS] [MOST]

TEXTS is a folder with texts.txt (texts separated by U+001E: the benchmark's synthetic corpus) or with docs.jsonl[.gz]. From
documents in memory to the lineage; imports and reading excluded. CPU seconds are those of all processes; peak memory is that
of the largest one, texts included. With truth.json beside the texts: how many of the planted derivations are compared.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import derive
from derive import kernel
from derive.evaluate import documents_of


def main(folder: Path, jobs: int, most: int | None) -> None:
    if (folder / "texts.txt").exists():
        texts = (folder / "texts.txt").read_bytes().decode().split("\x1e")[:most]
        documents = [derive.Document(f"{k:07d}", text) for k, text in enumerate(texts)]
    else:
        documents = list(islice(documents_of(folder), most))
    size = sum(len(d.text.encode()) for d in documents) / 1e6
    derive.scan(documents[:40])  # what is loaded once is not counted
    stages: dict[str, float] = {}
    last = ["", _cpu()]

    def at(stage: str, done: int, total: int) -> None:
        stages[last[0]] = stages.get(last[0], 0.0) + _cpu() - last[1]
        last[:] = [stage, _cpu()]

    start, clock = _cpu(), time.perf_counter()
    lineage = derive.scan(documents, jobs=jobs, progress=at)
    at("", 0, 0)
    seconds, clock = _cpu() - start, time.perf_counter() - clock
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(f"{kernel.name} kernel, {jobs} jobs, {len(documents):,} texts, {size:.1f} MB:")
    print(f"{seconds:.1f} CPU s, {clock:.1f} s by the clock, {size / seconds:.2f} MB/s of CPU, peak {peak:,.0f} MB")
    print(f"{lineage.tally.candidates} candidates, {lineage.tally.related} related, {len(lineage.edges)} arrows")
    shares = ((name or "before the first stage", s) for name, s in stages.items())
    print("CPU s from each stage's first report on:", ", ".join(f"{name} {s:.1f}" for name, s in shares))
    if (folder / "truth.json").exists():
        _found(lineage, json.loads((folder / "truth.json").read_text()), len(documents))


def _cpu() -> float:
    return sum(os.times()[:4])


def _found(lineage: derive.Lineage, truth: dict, n: int) -> None:  # type: ignore[type-arg]
    compared = {(int(c.a), int(c.b)) for c in lineage.comparisons if c.reuse == "text"}
    planted, hits = Counter[str](), Counter[str]()
    for row in truth["pairs"]:
        pair = dict(zip(truth["fields"], row, strict=True))
        ends = min(pair["child"], pair["parent"]), max(pair["child"], pair["parent"])
        if ends[1] < n:
            kinds = [pair["kind"], *(["C>=.5"] if pair["containment_child"] >= 0.5 else [])]
            planted.update(kinds)
            hits.update(kinds if ends in compared else [])
    print("found of those planted:", ", ".join(f"{k} {hits[k] / n:.4f}" for k, n in sorted(planted.items())))


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 1,
        int(sys.argv[3]) if len(sys.argv) > 3 else None,
    )
