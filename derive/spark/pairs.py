"""`derive.find_pairs` on a cluster: the same rules, the same pairs.

    documents -> in order of content -> furniture -> lexed -> copies folded -> sample -> meetings -> counted -> pairs

Each step is that of `derive.pairs`, whose constants and functions it takes; read that first. Nothing is kept of an article
between two stages but its row, and it is lexed anew where it is counted: that takes less time than to send its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import functions as F

from derive import kernel
from derive.kernel.reference import DENSE, EXCLUDED, authored
from derive.lexer import settle
from derive.pairs import FEW, NEIGHBOURS, NO_WORDS, enough, rate_of
from derive.spark.collection import TEXTS, furniture, lexed, signed
from derive.spark.frames import Row, beside, chunks, components, in_order, mapped, meetings, side_by_side

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import Column, DataFrame

    from derive.furniture import Learned
    from derive.params import Params
    from derive.spark.stages import Stages

COLUMNS = "a string, b string, containment_of_a_in_b double, containment_of_b_in_a double, resemblance double"
FIGURES = "i long, j long, of_i long, of_j long, both long"


class PairStages:
    """The stages of one search; `pairs` is the last."""

    def __init__(self, stages: Stages, params: Params, threshold: float, everything: bool) -> None:
        self._stages, self._params, self._threshold = stages, params, threshold
        self._most = 10**18 if everything else params.viral_size
        self._few = 10**9 if everything else FEW

    def pairs(self, documents: DataFrame) -> DataFrame:
        """Rows of `COLUMNS`, a before b in order of their ids; `documents` (id, text, title)."""
        at = self._stages.table
        outlined = at("outlines", lambda: _outlines(documents))
        ranked = at("ranked", lambda: in_order(outlined, "outline", "id"))
        learned = self._stages.spark.sparkContext.broadcast(furniture(self._stages, ranked))
        texts = ranked.select("at", "text", "title")
        figures = at("texts", lambda: _lexed(ranked, learned, self._below(), self._params.shingle_size))
        members = at("copies", lambda: _copies(figures, texts, learned))
        heads = at("heads", lambda: in_order(_heads(figures, members), "outline", "contents", "at", place="place"))
        proposed = at("proposed", lambda: self._proposed(heads))

        def count(pairs: DataFrame) -> DataFrame:
            place = heads.select(F.col("place"), "at").join(texts, "at").drop("at").withColumnRenamed("place", "at")
            return _counted(pairs, place, learned, self._params.shingle_size, self._threshold)

        counted = at("counted", lambda: count(proposed))
        if self._most < 10**18:
            whole = at("stories", lambda: components(counted))
            unknown = at("unknown", lambda: _unknown(counted, whole, self._most))
            counted = counted.union(at("completed", lambda: count(unknown)))
        return at("pairs", lambda: self._table(counted, heads, members, ranked))

    def _rate(self) -> int:
        return rate_of(self._threshold)

    def _below(self) -> int:
        return (2**64 - 1) // self._rate()

    def _proposed(self, heads: DataFrame) -> DataFrame:
        """Pairs of places that share about as much of the sample as the threshold asks for."""
        bits = max(1, heads.count().bit_length())
        kept = F.lit((1 << (64 - bits)) - 1).cast("long")  # as many bits as the sample on one machine has
        postings = heads.select(F.explode("sampled").alias("code"), F.col("place").alias("at"))
        postings = postings.withColumn("code", F.col("code").bitwiseAND(kept)).distinct()
        postings = self._stages.table("sample", lambda: postings)
        common = postings.groupBy("code").agg(F.count("at").alias("holders")).where(F.col("holders") > self._few)
        crowds = postings.join(common, "code").groupBy("at").agg(F.count("code").alias("crowd"))
        crowds = self._stages.table("crowds", lambda: crowds)
        hub = F.max_by("at", F.struct("crowd", -F.col("at"))).alias("hub")
        hubs = postings.join(common.select("code"), "code").join(crowds, "at").groupBy("code").agg(hub)
        met = meetings(postings, self._few, NEIGHBOURS, hubs).groupBy("i", "j").agg(F.count("holders").alias("count"))
        dense = self._below() > DENSE
        own = F.col("windows") / self._rate() if dense else F.size("sampled").cast("double")
        sizes = heads.join(crowds.withColumnRenamed("at", "place"), "place", "left")
        sizes = sizes.select("place", own.alias("own"), F.coalesce("crowd", F.lit(0)).alias("crowd"))
        for side in ("i", "j"):
            here = sizes.select(*(F.col(n).alias(side if n == "place" else f"{n}_{side}") for n in sizes.columns))
            met = met.join(here, side)
        threshold = self._threshold

        def work(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
            import pyarrow as pa

            for batch in batches:
                columns = {name: batch.column(name).to_numpy() for name in batch.schema.names}
                own = np.minimum(columns["own_i"], columns["own_j"])
                crowd = np.minimum(columns["crowd_i"], columns["crowd_j"])
                kept = enough(columns["count"], own, crowd, threshold, dense)
                yield pa.RecordBatch.from_pydict({name: columns[name][kept] for name in ("i", "j")})

        return met.mapInArrow(work, "i long, j long")

    def _table(self, counted: DataFrame, heads: DataFrame, members: DataFrame, ranked: DataFrame) -> DataFrame:
        """Pairs of heads as pairs of articles, with the pairs inside each group of copies."""
        group = heads.select("place", F.col("at").alias("head"), F.col("size").alias("words"))
        sizes = members.groupBy("head").agg(F.count("at").alias("copies"))
        group = group.join(sizes, "head")
        member = members.join(group, "head").select("place", "head", "copies", "words", "at")
        a = member.select(*(F.col(n).alias(f"{n}_i") for n in member.columns)).withColumnRenamed("place_i", "i")
        b = member.select(*(F.col(n).alias(f"{n}_j") for n in member.columns)).withColumnRenamed("place_j", "j")
        few = F.col("copies_i") * F.col("copies_j") <= self._most
        firsts = (F.col("at_i") == F.col("head_i")) & (F.col("at_j") == F.col("head_j"))
        spread = counted.join(a, "i").join(b, "j").where(few | firsts)
        spread = spread.select(F.col("at_i").alias("i"), F.col("at_j").alias("j"), "of_i", "of_j", "both")
        words = F.col("words_i")
        several = a.where("copies_i > 1 and words_i > 0").join(b.withColumnRenamed("j", "i"), "i").where("at_i < at_j")
        inside = several.where(
            (F.col("copies_i") * F.col("copies_i") <= self._most) | (F.col("at_i") == F.col("head_i"))
        )
        inside = inside.select(
            F.col("at_i").alias("i"), F.col("at_j").alias("j"), *(words.alias(n) for n in ("of_i", "of_j", "both"))
        )
        names = ranked.select(F.col("at"), "id")
        found = spread.union(inside)
        for side, name in (("i", "a"), ("j", "b")):
            found = found.join(names.select(F.col("at").alias(side), F.col("id").alias(name)), side)
        return mapped(found.drop("i", "j"), COLUMNS, _shares)


def _shares(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        a, b, of_a, of_b, both = (row[n] for n in ("a", "b", "of_i", "of_j", "both"))
        if a > b:
            a, b, of_a, of_b = b, a, of_b, of_a
        shares = (both / of_a, both / of_b, both / (of_a + of_b - both))
        names = ("containment_of_a_in_b", "containment_of_b_in_a", "resemblance")
        yield {"a": a, "b": b, **dict(zip(names, (float(np.round(s, 4)) for s in shares), strict=True))}


def _outlines(documents: DataFrame) -> DataFrame:
    """The articles with a number made of their paragraphs: an order that has nothing to do with where they came from."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, TEXTS):
            for row, outline in zip(some, lexed(some)["outlines"].tolist(), strict=True):
                yield {**row, "outline": signed(outline)}

    return mapped(documents.select("id", "text", "title"), "id string, text string, title string, outline long", work)


def _settled(rows: list[Row], learned: Learned) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """The columns of these texts, marked with what the whole collection shows to be furniture."""
    columns = lexed(rows)
    settle(columns, learned)
    return columns


def _lexed(ranked: DataFrame, learned: object, below: int, size: int) -> DataFrame:
    """Of each article what finds copies and the sample; no words."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, TEXTS):
            columns = _settled(some, learned.value)  # type: ignore[attr-defined]
            ids, starts, ends = columns["ids"], columns["offsets"][:-1], columns["offsets"][1:]
            digests = columns["digests"]
            contents = kernel.contents(ids, starts, ends, digests).tolist()
            every = np.arange(len(some), dtype=np.int64)
            sizes = kernel.shared(ids, starts, ends, every, every, size, max(1, len(digests).bit_length()))[0].tolist()
            for k, row in enumerate(some):
                own = ids[starts[k] : ends[k]]
                free = _free(own, size)
                hashes = np.asarray(kernel.windows(digests[own & ~EXCLUDED], size), dtype=np.uint64)[free]
                counts = bool(columns["informative"][k]) and contents[k] != int(NO_WORDS)
                sampled = np.unique(hashes[hashes <= np.uint64(below)]).view(np.int64).tolist() if counts else []
                yield {
                    "at": row["at"],
                    "outline": row["outline"],
                    "contents": signed(contents[k]),
                    "counts": counts,
                    "windows": len(hashes),
                    "size": sizes[k],
                    "sampled": sampled,
                }

    schema = "at long, outline long, contents long, counts boolean, windows long, size long, sampled array<long>"
    return mapped(ranked.select("at", "outline", "text", "title"), schema, work)


def _free(ids: NDArray[np.uint32], size: int) -> NDArray[np.bool_]:
    """For each window of so many words: nothing in it is left out."""
    out = np.concatenate(([0], np.cumsum(ids & EXCLUDED != 0)))
    return np.asarray(out[size:] == out[:-size] if len(ids) >= size else np.zeros(0), dtype=np.bool_)


def _copies(figures: DataFrame, texts: DataFrame, learned: object) -> DataFrame:
    """Each article that counts, with the first one that has the same words. Equal numbers are not enough: the words decide."""
    counts = figures.where("counts").select("at", "contents")
    firsts = counts.groupBy("contents").agg(F.min("at").alias("i"))

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for first, others in side_by_side(rows):
            columns = _settled([first, *others], learned.value)  # type: ignore[attr-defined]
            words = [authored(columns["ids"][low:high]) for low, high in pairwise(columns["offsets"].tolist())]
            for row, own in zip(others, words[1:], strict=True):
                yield {"at": row["j"], "head": first["i"] if np.array_equal(own, words[0]) else row["j"]}

    again = counts.join(firsts, "contents").where("i != at").select("i", F.col("at").alias("j"))
    alone = firsts.select(F.col("i").alias("at"), F.col("i").alias("head"))
    return alone.union(mapped(beside(again, texts), "at long, head long", work))


def _heads(figures: DataFrame, members: DataFrame) -> DataFrame:
    heads = members.select(F.col("head").alias("at")).distinct()
    return figures.join(heads, "at").select("at", "outline", "contents", "windows", "size", "sampled")


def _counted(pairs: DataFrame, texts: DataFrame, learned: object, size: int, threshold: float) -> DataFrame:
    """Of these pairs those that reach the threshold, counted over all their shingles."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(side_by_side(rows), TEXTS // 4):
            texts = [row for first, others in some for row in (first, *others)]
            columns = _settled(texts, learned.value)  # type: ignore[attr-defined]
            sides: list[tuple[int, int]] = []
            for _, others in some:
                own = sides[-1][1] + 1 if sides else 0
                sides += [(own, own + 1 + k) for k in range(len(others))]
            a, b = (np.array(side, dtype=np.int64) for side in zip(*sides, strict=True))
            bits = max(1, len(columns["digests"]).bit_length())
            counts = kernel.shared(columns["ids"], columns["offsets"][:-1], columns["offsets"][1:], a, b, size, bits)
            for (one, other), (of_i, of_j, both) in zip(sides, counts.T.tolist(), strict=True):
                if both and both / max(1, min(of_i, of_j)) >= threshold:
                    yield {"i": texts[one]["i"], "j": texts[other]["j"], "of_i": of_i, "of_j": of_j, "both": both}

    return mapped(beside(pairs, texts), FIGURES, work)


def _unknown(counted: DataFrame, whole: DataFrame, most: int) -> DataFrame:
    """The pairs inside stories of three and more, up to so many, that were not counted yet."""
    sizes = whole.groupBy("whole").agg(F.count("at").alias("size")).where((F.col("size") > 2) & (F.col("size") <= most))
    inside = whole.join(sizes, "whole")
    i: Column = F.col("i")
    pairs = inside.select("whole", F.col("at").alias("i")).join(inside.select("whole", F.col("at").alias("j")), "whole")
    return pairs.where(i < F.col("j")).select("i", "j").join(counted.select("i", "j"), ["i", "j"], "left_anti")
