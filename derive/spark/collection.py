"""Articles as rows; and what all of them together show to be furniture.

Furniture is asked one paragraph at a time: of the articles that have it the first ones in order are put before the very
function that looks at a whole collection on one machine (`derive.lexer.learned_of`), which says the same of this paragraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Window
from pyspark.sql import functions as F

from derive import kernel
from derive.furniture import ASKED, FURNITURE_WORDS, LEARNED_IN, LOOKED_AT, TAIL_IN, Learned, common_end, learned
from derive.lexer import hidden, last_words, learned_of, lex, rules
from derive.spark.frames import Row, chunks, groups, in_groups, mapped
from derive.spark.stages import Stages

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TEXTS = 128
"""Texts that are read at once."""


def lexed(texts: Iterable[Row]) -> dict[str, NDArray[Any]]:
    """The columns of `kernel.Lexer` for these rows."""
    rows = list(texts)
    lexer = kernel.Lexer(rules(), lex)
    lexer.add([row["text"] for row in rows], [row["title"] for row in rows])
    return dict(lexer.columns())


def signed(number: int) -> int:
    """An unsigned number of 64 bits as one of Spark's, in the same order."""
    return int(number) - (1 << 63)


def furniture(stages: Stages, texts: DataFrame, name: str = "furniture") -> Learned:
    """What the collection shows to be furniture; `texts` (at, text, title) in the order in which they are looked at."""
    paragraphs = stages.table(f"{name}-paragraphs", lambda: _paragraphs(texts))
    whole = stages.table(name, lambda: _whole(paragraphs.where("not last"), texts))
    keys = frozenset(row.key for row in whole.collect())
    tails = stages.table(f"{name}-tails", lambda: _tails(paragraphs.where("last"), texts, keys))
    return learned(
        (int(key) + (1 << 63) for key in keys),
        [tuple(word + (1 << 63) for word in row.words) for row in tails.collect()],
    )


def _paragraphs(texts: DataFrame) -> DataFrame:
    """Of each article its short paragraphs, and (`last`) the end of its last one with the key of that paragraph."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, TEXTS):
            columns = lexed(some)
            covered = hidden(columns)
            offsets = columns["key_offsets"]
            for k, row in enumerate(some):
                own = slice(int(offsets[k]), int(offsets[k + 1]))
                keys, out = columns["keys"][own].tolist(), covered[own].tolist()
                short = (columns["sizes"][own] > 0) & (columns["sizes"][own] <= FURNITURE_WORDS)
                seen: dict[int, bool] = {}
                for key, off in zip(np.array(keys, dtype=object)[short], np.array(out, dtype=bool)[short], strict=True):
                    seen[key] = seen.get(key, True) and bool(off)
                for key, off in seen.items():
                    yield {"key": signed(key), "at": row["at"], "hidden": off, "last": False, "paragraph": None}
                tail = int(columns["tails"][k])
                if tail and not out[-1]:
                    paragraph = signed(keys[-1])
                    yield {"key": signed(tail), "at": row["at"], "hidden": False, "last": True, "paragraph": paragraph}

    return mapped(
        texts.select("at", "text", "title"), "key long, at long, hidden boolean, last boolean, paragraph long", work
    )


def _first(rows: DataFrame, most: int) -> DataFrame:
    """Of each key the first so many articles. Spark cuts off the others before it sends them to one place."""
    order = Window.partitionBy("key").orderBy("at")
    return rows.withColumn("n", F.row_number().over(order)).where(F.col("n") <= most).select("key", "at")


def _whole(paragraphs: DataFrame, texts: DataFrame) -> DataFrame:
    """The keys of the paragraphs that are furniture."""
    shown = F.min(F.when(~F.col("hidden"), F.col("at")))
    counts = paragraphs.groupBy("key").agg(F.count("at").alias("holders"), shown.alias("shown"))
    often = counts.where((F.col("holders") >= LEARNED_IN) & F.col("shown").isNotNull())
    asked = _first(paragraphs.join(often.select("key"), "key"), LOOKED_AT)
    # Whether all holders hide it is asked of all of them: one that does not is among those that are looked at.
    asked = asked.union(often.select("key", F.col("shown").alias("at"))).distinct()

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("key",)):
            key = group[0]["key"]
            if key + (1 << 63) in learned_of(lexed(group)).paragraphs:
                yield {"key": key}

    return mapped(in_groups(asked.join(texts.select("at", "text", "title"), "at"), ("key",), ("at",)), "key long", work)


def _tails(ends: DataFrame, texts: DataFrame, whole: frozenset[int]) -> DataFrame:
    """The words (digests) of the ends that last paragraphs have in common."""
    often = ends.groupBy("key").agg(F.count("at").alias("holders")).where(F.col("holders") >= TAIL_IN).select("key")
    first = _first(ends.join(often, "key"), ASKED).join(ends.select("key", "at", "paragraph"), ["key", "at"])
    known = ends.sparkSession.sparkContext.broadcast(whole)

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("key",)):
            own = [row for row in group if row["paragraph"] not in known.value]
            columns = lexed(own)
            if end := common_end([last_words(columns, k).tolist() for k in range(len(own))]):
                yield {"words": [signed(word) for word in end]}

    return mapped(
        in_groups(first.join(texts.select("at", "text", "title"), "at"), ("key",), ("at",)), "words array<long>", work
    )
