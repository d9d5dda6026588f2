"""How fast are pairs found, how many of those planted?  python benchmarks/pairs.py CORPUS [MIN_CONTAINMENT] [HOW_MANY] [JOBS]

CORPUS holds texts.txt (texts separated by U+001E) and truth.json (the planted derivations with their exact containment);
or it is a file docs.jsonl[.gz], which shows speed and memory alone. CPU seconds from a list of strings to the table,
imports and reading of the files excluded; the memory is what the peak adds to that of the list (Linux). Set
DERIVE_KERNEL=reference to measure without the compiled kernel. With 'stream' for JOBS the texts are read from the file
as they are needed, and the memory is that of the whole process.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import derive
from derive import kernel


def main(corpus: Path, threshold: float, most: int | None, jobs: str) -> None:
    derive.find_pairs(["Words to load what is loaded once. " * 9] * 3)
    stream = jobs == "stream"
    texts = texts_of(corpus) if stream else list(texts_of(corpus))[:most]
    size = None if stream else sum(len(t.encode()) for t in texts) / 1e6
    before = 0 if stream else memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    wall, start = time.perf_counter(), time.process_time()
    table = derive.find_pairs(texts, min_containment=threshold, jobs=2 if stream else int(jobs))
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    added = memory("VmHWM") - before
    rate = f"{size:.1f} MB: {size / seconds:.1f} MB/s, {added / size:.2f} x the text" if size else "streamed"
    print(f"{kernel.name} kernel, {rate}; {seconds:.2f} s CPU, {wall:.1f} s, +{added:.0f} MB; {len(table):,} pairs")
    if corpus.is_dir():
        recall(corpus, set(zip(table.a.tolist(), table.b.tolist(), strict=True)), most or 10**9)


def texts_of(corpus: Path) -> Iterator[str]:
    """The texts one after the other."""
    if corpus.is_dir():
        rest = ""
        with open(corpus / "texts.txt", encoding="utf-8", newline="") as file:
            while block := file.read(1 << 22):
                *whole, rest = (rest + block).split("\x1e")
                yield from whole
        yield rest
        return
    with gzip.open(corpus, "rt") if corpus.suffix == ".gz" else open(corpus, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def memory(which: str) -> float:
    """Megabytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(which + ":")) / 1024


def recall(folder: Path, found: set[tuple[int, int]], texts: int) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    planted, hits = Counter[str](), Counter[str]()
    for row in truth["pairs"]:
        pair = dict(zip(truth["fields"], row, strict=True))
        ends = min(pair["child"], pair["parent"]), max(pair["child"], pair["parent"])
        if ends[1] < texts:
            kinds = [pair["kind"], *(["C>=.5"] if pair["containment_child"] >= 0.5 else [])]
            planted.update(kinds)
            hits.update(kinds if ends in found else [])
    print("found of those planted:", ", ".join(f"{k} {hits[k] / n:.4f}" for k, n in sorted(planted.items())))


if __name__ == "__main__":
    _, corpus, threshold, most, jobs = [*sys.argv, *["0.5", "0", "1"][len(sys.argv) - 2 :]]
    main(Path(corpus), float(threshold), int(most) or None, jobs)
