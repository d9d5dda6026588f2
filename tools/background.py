"""Writes derive/data/background.npz: how common words and phrases are in news at large, as hashes with counts, no words.

    python tools/background.py FOLDER FOLDER ...

Each folder is one collection: a data set (docs.jsonl or docs.jsonl.gz) or a folder of articles. A word stem or a shingle
is kept if it stands, outside quotations and furniture, in LEAST documents or more, of at least two collections.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np

from derive.evaluate import documents_of
from derive.params import Params
from derive.pipeline import prepare_all
from derive.read import read_documents
from derive.shingle import Vocabulary, hashes_of

LEAST = 20


def main(folders: list[str]) -> None:
    phrases, words = Kept(), Kept()
    total = 0
    for folder in map(Path, folders):
        is_set = any(folder.glob("docs.jsonl*"))
        documents = list(documents_of(folder) if is_set else read_documents([folder]))
        total += len(documents)
        vocabulary = Vocabulary(Params().shingle_size)
        for prepared in prepare_all(documents, Params(), jobs=2):
            phrases.count(hashes_of(prepared, Params().shingle_size).tolist())
            words.count(set(vocabulary.shingle(prepared).telling.stem.tolist()))
        phrases.close()
        words.close()
        print(f"{folder.name}: {len(documents)} documents", file=sys.stderr)
    path = Path(__file__).parent.parent / "derive/data/background.npz"
    np.savez_compressed(
        path, documents=np.array([total]), phrases=phrases.table(), phrase_counts=phrases.counts(),
        words=words.table(), word_counts=words.counts(),
    )  # fmt: skip
    print(f"{len(phrases.table())} phrases, {len(words.table())} words, {path.stat().st_size} bytes", file=sys.stderr)


class Kept:
    """Documents and collections in which each hash stands."""

    def __init__(self) -> None:
        self.here: Counter[int] = Counter()
        self.all: Counter[int] = Counter()
        self.collections: Counter[int] = Counter()

    def count(self, hashes) -> None:
        self.here.update(hashes)

    def close(self) -> None:
        """Ends a collection."""
        self.all.update(self.here)
        self.collections.update(self.here.keys())
        self.here.clear()

    def kept(self) -> list[tuple[int, int]]:
        return sorted((h, n) for h, n in self.all.items() if n >= LEAST and self.collections[h] >= 2)

    def table(self) -> np.ndarray:
        return np.array([h for h, _ in self.kept()], dtype=np.uint64)

    def counts(self) -> np.ndarray:
        return np.array([n for _, n in self.kept()], dtype=np.uint32)


if __name__ == "__main__":
    main(sys.argv[1:])
