"""What does one story of very many articles take, and how right is its lineage?  story.py ARTICLES [KIND] [JOBS]

KIND "rewrites" (default): each article is made from an earlier one, which is likelier the wider it has been used: sentences
are dropped, put in other words and added. KIND "copies": near-verbatim copies of one report, a word in a hundred changed.
All words are invented. Times are exact. From documents in memory to the lineage; CPU seconds of all processes.
"""

from __future__ import annotations

import os
import random
import resource
import sys
import time
from datetime import UTC, datetime, timedelta

import derive
from derive.evaluate.figures import share
from derive.report.scores import figure

SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def sentences(rng: random.Random, number: int) -> list[list[str]]:
    """Sentences of words that mean nothing."""
    return [["".join(rng.choices(SYLLABLES, k=rng.randrange(2, 4))) for _ in range(12)] for _ in range(number)]


def rewritten(rng: random.Random, text: list[list[str]]) -> list[list[str]]:
    """Four sentences in five, of these every fifth in other words, and up to four of one's own."""
    kept = [s for s in text if rng.random() < 0.8] or text[:1]
    told = [sentences(rng, 1)[0] if rng.random() < 0.2 else s for s in kept]
    return told + sentences(rng, rng.randrange(5))


def copied(rng: random.Random, text: list[list[str]]) -> list[list[str]]:
    """The same with a word in a hundred changed."""
    return [[sentences(rng, 1)[0][0] if rng.random() < 0.01 else w for w in s] for s in text]


def story(size: int, kind: str) -> tuple[list[derive.Document], dict[str, str]]:
    """The articles of one story and the parent of each."""
    rng = random.Random(f"{kind}{size}")
    texts, parents = [sentences(rng, 30)], {}
    start = datetime(2026, 3, 1, 6, tzinfo=UTC)
    documents = []
    for k in range(size):
        if k:
            parent = 0 if kind == "copies" or rng.random() < 0.5 else rng.randrange(k)
            texts.append((copied if kind == "copies" else rewritten)(rng, texts[parent]))
            parents[f"{k:05d}"] = f"{parent:05d}"
        text = "\n\n".join(" ".join(s).capitalize() + "." for s in texts[k])
        moment = (start + timedelta(minutes=61 * k)).isoformat()
        documents.append(derive.Document(f"{k:05d}", text, published=moment, source=f"Outlet {k}"))
    return documents, parents


def main(size: int, kind: str, jobs: int) -> None:
    documents, parents = story(size, kind)
    derive.scan(documents[:40])  # what is loaded once is not counted
    begin, clock = _cpu(), time.perf_counter()
    lineage = derive.scan(documents, jobs=jobs)
    seconds, clock = _cpu() - begin, time.perf_counter() - clock
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    right = sum(parents.get(e.target) == e.source for e in lineage.edges)
    wrong = sum(not _descends(parents, e.target, e.source) for e in lineage.edges)
    print(f"{size:,} {kind}, {jobs} jobs: {seconds:.0f} CPU s, {clock:.0f} s by the clock, peak {peak:,.0f} MB")
    print(f"{lineage.tally.compared:,} pairs compared; parents {figure(share(right, len(parents)))}", end="; ")
    print(f"wrong arrows {figure(share(wrong, len(lineage.edges)))}; {lineage.origins.count} origins")


def _descends(parents: dict[str, str], target: str, source: str) -> bool:
    while target in parents:
        target = parents[target]
        if target == source:
            return True
    return False


def _cpu() -> float:
    return sum(os.times()[:4])


if __name__ == "__main__":
    main(
        int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "rewrites", int(sys.argv[3]) if len(sys.argv) > 3 else 1
    )
