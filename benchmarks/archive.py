"""How fast is an archive filled and asked? Run by hand; the figures stand in benchmarks/ARCHIVE.md.

python benchmarks/archive.py COUNT [CORPUS.jsonl]

Without a corpus the articles are made here: Zipf-like words, one in ten an excerpt or an edited copy of an earlier one.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from derive.archive import BATCH, Archive
from derive.model import Document


def articles(count: int, seed: int = 1) -> Iterator[Document]:
    """Synthetic stories of 150 to 600 words; every tenth takes 60 words or more from one of the last thousand."""
    rng = random.Random(seed)
    parts = [a + b for a in "ba ko mi ru se ta vo li ne da".split() for b in "rn lt mp nd st ck sh th ng rd".split()]
    vocabulary = [a + b for a in parts for b in parts]
    weights = [1 / (k + 10) for k in range(len(vocabulary))]
    recent: list[list[str]] = []
    for number in range(count):
        words = rng.choices(vocabulary, weights, k=rng.randrange(150, 600))
        if number % 10 == 9:
            source = rng.choice(recent)
            start = rng.randrange(max(1, len(source) - 60))
            words[20:20] = source[start : start + rng.randrange(60, 300)]
        recent = [*recent[-999:], words]
        yield Document(f"{number:07d}", " ".join(words) + ".", published=f"2026-01-{1 + number % 28:02d}T12:00:00Z")


def corpus(path: Path, count: int) -> Iterator[Document]:
    with path.open(encoding="utf-8") as lines:
        for number, line in zip(range(count), lines, strict=False):
            record = json.loads(line)
            yield Document(str(record.get("id", number)), record["text"])


def main() -> None:
    count = int(sys.argv[1])
    source = corpus(Path(sys.argv[2]), count) if len(sys.argv) > 2 else articles(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "news.derive"
        asked: list[Document] = []
        batches: list[float] = []
        with Archive.open(path) as archive:
            batch: list[Document] = []
            start = time.perf_counter()
            for document in source:
                batch.append(document)
                if len(batch) == BATCH:
                    begun = time.perf_counter()
                    archive.add(batch)
                    batches.append(time.perf_counter() - begun)
                    asked += batch[:: max(1, BATCH // 4)] if len(asked) < 200 else []
                    batch = []
            archive.add(batch)
            took = time.perf_counter() - start
        size = path.stat().st_size
        rng = random.Random(2)
        with Archive.open(path, mode="r") as archive:
            times = []
            for document in asked[:200]:
                words = document.text.split()
                start_word = rng.randrange(max(1, len(words) - 60))
                question = Document("question", " ".join(words[start_word : start_word + 60]))
                begun = time.perf_counter()
                answer = archive.query(question)
                times.append((time.perf_counter() - begun, any(m.id == document.id for m in answer.matches)))
        milliseconds = sorted(1000 * t for t, _ in times)
        tenth = max(1, len(batches) // 10)
        print(
            json.dumps(
                {
                    "articles": count,
                    "added per second": round(count / took, 1),
                    "cost of the last tenth of batches over the first": round(
                        sum(batches[-tenth:]) / max(1e-9, sum(batches[:tenth])), 2
                    ),
                    "bytes per article": round(size / count),
                    "queries (60 words)": len(times),
                    "found": sum(found for _, found in times),
                    "query p50 ms": round(milliseconds[len(times) // 2], 1),
                    "query p99 ms": round(milliseconds[int(len(times) * 0.99)], 1),
                    "peak memory MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                },
                indent=1,
            )
        )


if __name__ == "__main__":
    main()
