"""`derive.scan` on a cluster: the same stages, the same lineage.

    articles -> furniture -> prepared -> copies -> versions -> families -> candidates -> nearest -> held -> compared
             -> stories -> facts -> elsewhere -> judged -> phrases -> drawn

Read `derive.pipeline.examine` first: the order is its order. What asks for one article or one pair is the very function that
is called there; what asks for the whole collection (who holds a shingle, what a name weighs, which phrases are everybody's) is
a join here. An article is prepared anew wherever it is needed: that takes less time than to send it prepared.

A shingle goes by a number of 64 bits, keyed by a secret of this output folder, so that nobody can make two of them the same
on purpose; every figure that is printed is counted on words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import functions as F

from derive import kernel
from derive.bulk import prepare_all
from derive.candidates import FACT_HOLDERS, FACTS_SHARED, FAMILY, NEIGHBOURS, RARE, WORTH, resemblance
from derive.dates import Time
from derive.direction import Pair, decide
from derive.direction.pair import TRAVELS
from derive.errors import InputError
from derive.facts import DENSE, FactTable, Holders
from derive.groups import Groups
from derive.kernel.reference import BLOCKED
from derive.measure import Measured, measure, reuse
from derive.model import Direction, Passage, Skipped, plain
from derive.nearest import LARGE, STORY, nearest
from derive.pipeline import Examined, lineage_of, passages_of, share_words, times_of, update
from derive.report.json import json_of, root_row
from derive.shelf import Shelf
from derive.sift import Sieve
from derive.spark.codec import decoded, encoded
from derive.spark.collection import furniture
from derive.spark.frames import (
    Row,
    beside,
    chunks,
    components,
    groups,
    in_groups,
    in_order,
    mapped,
    meetings,
    side_by_side,
)
from derive.spark.read import FIELDS, NAMES, document
from derive.stories import FAMILY as ONE_FAMILY
from derive.stories import MANY, in_long_runs
from derive.trees import Judged
from derive.versions import address, chains, named, version_time

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from derive.params import Params
    from derive.spark.stages import Stages

SOME = 64
"""Articles that are prepared at once."""
TOGETHER = 8
"""Bits of the places in a row of which articles that nothing ties to others are drawn together."""


@dataclass(frozen=True)
class Desk:
    """What a task needs beside its rows."""

    params: Params
    learned: Any
    """The furniture of the collection, as Spark hands it out."""
    key: bytes

    def shelf(self, rows: Iterable[Row]) -> Shelf:
        """The articles of these rows, prepared and shingled."""
        documents = [document(row) for row in rows]
        words, found = prepare_all(documents, self.learned.value, self.params.shingle_size)
        shelf = Shelf(self.params)
        numbers = shelf.vocabulary.number(words)
        for packed in found:
            shelf.add(replace(packed, numbers=numbers[packed.numbers]))
        return shelf

    def codes(self, shelf: Shelf, k: int) -> NDArray[np.int64]:
        """The numbers, the same in every task, of all shingles of an article, by the word that they start at."""
        ids = shelf[k].ids
        own, place = np.unique(ids, return_inverse=True)
        words = (shelf.vocabulary.words[n].encode("utf-8", "surrogatepass") for n in own.tolist())
        digests = [int.from_bytes(hashlib.blake2b(w, digest_size=8, key=self.key).digest(), "little") for w in words]
        windows = kernel.windows(np.array(digests, dtype=np.uint64)[place], self.params.shingle_size)
        return np.asarray(windows, dtype=np.uint64).view(np.int64)


class LineageStages:
    """The stages of one scan; `drawn` is the last."""

    def __init__(self, stages: Stages, params: Params, key: bytes) -> None:
        self._stages, self._params, self._key = stages, params, key

    def drawn(self, documents: DataFrame) -> DataFrame:
        """A row (whole, lineage, notes) for every part of the collection that hangs together."""
        at = self._stages.table
        articles = at("articles", lambda: in_order(_named(documents), "id"))
        learned = self._stages.spark.sparkContext.broadcast(furniture(self._stages, articles))
        desk = Desk(self._params, learned, self._key)
        size, ids = articles.agg(F.count(F.lit(1)), F.count_distinct("id")).first() or (0, 0)
        if size != ids:
            again = articles.groupBy("id").count().where("count > 1 or id is null").orderBy("id").first()
            raise InputError(f"two documents have the id {again and again.id!r}: give each its own")
        prepared = at("prepared", lambda: _prepared(articles, desk))
        copies = at("copies", lambda: _copies(prepared))
        versions = at("versions", lambda: _versions(articles, desk))
        families = at("families", lambda: _families(prepared, copies, versions, articles, desk))
        candidates = at("candidates", lambda: _candidates(prepared, copies, self._params))
        near = at("near", lambda: components(candidates))
        if not near.groupBy("whole").count().where(F.col("count") > LARGE).isEmpty():
            turns = versions.where("kind = 'turn'").select("at", "turn")
            texts = articles.join(families.select("at", "family"), "at").join(turns, "at", "left")
            every = candidates
            candidates = at("nearest", lambda: _nearest(every, prepared.select("at", "open"), texts))
        holders = at("holders", lambda: _holders(prepared, families))
        held = at("held", lambda: _held(prepared, holders))
        texts = articles.join(families.select("at", "family"), "at")
        compared = at("compared", lambda: _compared(candidates, texts.join(held, "at", "left"), desk, size > DENSE))
        stories = at("stories", lambda: components(_same(copies).union(_texts(compared).select("i", "j"))))
        elsewhere = at("elsewhere", lambda: _elsewhere(compared, families, holders))
        told = texts.join(stories.withColumnRenamed("whole", "story"), "at", "left")
        told = told.withColumn("story", F.coalesce("story", "at"))
        told = told.join(versions.where("kind = 'turn'").select("at", "article", "turn", "latest"), "at", "left")
        if size > DENSE:
            counts = at("facts", lambda: _fact_counts(prepared, told))
            known = _fact_totals(told)
            told = told.join(_facts_of(prepared, counts), "at", "left")
            asked = compared.where("reuse != 'none'")
            table = None
        else:
            known, asked = None, compared.where("figures is not null")
            table = self._stages.spark.sparkContext.broadcast(_fact_table(prepared, told))
        asked = asked.join(elsewhere, ["i", "j"], "left")
        judged = at("judged", lambda: _judged(asked, told, desk, table, known))
        phrases = at("phrases", lambda: _phrases(judged, articles, desk))
        wholes = at("wholes", lambda: components(_ties(judged, copies, versions, articles)))
        return at("drawn", lambda: _drawn(told, copies, versions, judged, compared, phrases, wholes, desk))


# -- one article at a time


def _named(documents: DataFrame) -> DataFrame:
    """Every version of one id under a name of its own."""
    again = documents.groupBy("id").agg(F.count(F.lit(1)).alias("n")).where("n > 1").select("id")

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("id",)):
            for one in named(document(row) for row in group):
                yield {name: getattr(one, name) for name in NAMES}

    versions = mapped(in_groups(documents.join(again, "id"), ("id",), ()), ", ".join(FIELDS), work)
    return documents.join(again, "id", "left_anti").select(*NAMES).union(versions)


def _prepared(articles: DataFrame, desk: Desk) -> DataFrame:
    """Of each article by what it finds others."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, SOME):
            shelf = desk.shelf(some)
            for k, row in enumerate(some):
                sets, packed, codes = shelf.sets[k], shelf.packed[k], desk.codes(shelf, k)
                _, first = np.unique(shelf[k].codes, return_index=True)
                place = np.searchsorted(shelf[k].codes[first], sets.open)
                opened = codes[first[place]]
                low = "low-information" in packed.flags
                words = [shelf.vocabulary.words[n] for n in shelf[k].ids[packed.marks & BLOCKED == 0].tolist()]
                content = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()
                bands = np.split(shelf.sketches[k], desk.params.bands) if len(shelf.sketches[k]) else []
                yield {
                    "at": row["at"],
                    "id": row["id"],
                    "sha256": packed.sha256,
                    "content": None if low or not sets.size else content,
                    "findable": [] if low else opened[sets.telling].tolist(),
                    "open": opened.tolist(),
                    "facts": sorted(shelf.vocabulary.words[n] for n in sets.facts.tolist()),
                    "bands": [band.astype("<u4").tobytes() for band in bands],
                }

    schema = (
        "at long, id string, sha256 string, content binary, findable array<long>, open array<long>, facts array<string>"
    )
    return mapped(articles, schema + ", bands array<binary>", work)


# -- what is one article, or nearly


def _copies(prepared: DataFrame) -> DataFrame:
    """(at, head): each article with the representative of those that have its words."""
    first = F.min(F.struct("sha256", "id", "at")).alias("first")
    firsts = prepared.where("content is not null").groupBy("content").agg(first)
    found = prepared.join(firsts, "content", "left")
    return found.select("at", F.coalesce("first.at", "at").alias("head"))


def _same(copies: DataFrame) -> DataFrame:
    return copies.where("at != head").select(F.col("head").alias("i"), F.col("at").alias("j"))


def _versions(articles: DataFrame, desk: Desk) -> DataFrame:
    """Articles at different times ("turn": at, article, turn, latest); the arrows between them ("arrow": source, target)."""

    def places(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            where = None if row["version_of"] else address(row["url"])
            if row["version_of"] or where:
                yield {"at": row["at"], "address": where, "version_of": row["version_of"]}

    some = mapped(articles, "at long, address string, version_of string", places)
    latest = some.join(articles.select(F.col("at").alias("j"), F.col("id").alias("version_of")), "version_of")
    shared = some.where("address is not null").groupBy("address").agg(F.min("at").alias("j"))
    alike = some.join(shared, "address").where("at != j")
    edges = latest.select(F.col("at").alias("i"), "j").union(alike.select(F.col("at").alias("i"), "j"))

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("whole",)):
            shelf = desk.shelf(group)
            given = [p.document for p in shelf.packed]
            told, arrows = chains(given, partial(_share_words, shelf, desk.params))
            at = [row["at"] for row in group]
            for article in told:
                for turn, k in enumerate(article):
                    last = at[article[-1]]
                    yield {
                        "kind": "turn",
                        "at": at[k],
                        "article": min(at[m] for m in article),
                        "turn": turn,
                        "latest": last,
                    }
            for i, j in arrows:
                yield {"kind": "arrow", "source": at[i], "target": at[j]}

    grouped = in_groups(components(edges).join(articles, "at"), ("whole",), ("at",))
    return mapped(grouped, "kind string, at long, article long, turn long, latest long, source long, target long", work)


def _share_words(shelf: Shelf, params: Params, i: int, j: int) -> bool:
    return share_words(shelf[i], shelf[j], params)


def _families(
    prepared: DataFrame, copies: DataFrame, versions: DataFrame, articles: DataFrame, desk: Desk
) -> DataFrame:
    """(at, head, family): near-verbatim articles, and versions of one article, folded together."""
    heads = prepared.join(copies.where("at = head").select("at"), "at")
    bands = heads.select("at", F.posexplode("bands").alias("band", "value"))
    firsts = bands.groupBy("band", "value").agg(F.min("at").alias("i"))
    alike = bands.join(firsts, ["band", "value"]).where("at != i").select("i", F.col("at").alias("j")).distinct()

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for first, others in side_by_side(rows):
            shelf = desk.shelf([first, *others])
            for k, row in enumerate(others, 1):
                if resemblance(shelf[0], shelf[k]) >= FAMILY:
                    yield {"i": first["i"], "j": row["j"]}

    near = mapped(beside(alike, articles), "i long, j long", work)
    turns = versions.where("kind = 'turn'").select("at", "article").join(copies, "at")
    one = turns.join(turns.select("article", F.col("head").alias("other")), "article").where("head < other")
    edges = near.union(one.select(F.col("head").alias("i"), F.col("other").alias("j")))
    whole = components(edges).select(F.col("at").alias("head"), F.col("whole").alias("family"))
    found = copies.join(whole, "head", "left")
    return found.select("at", "head", F.coalesce("family", "head").alias("family"))


# -- which pairs


def _candidates(prepared: DataFrame, copies: DataFrame, params: Params) -> DataFrame:
    """Pairs (i < j) worth comparing: by shared words, and by shared names and figures."""
    heads = prepared.join(copies.where("at = head").select("at"), "at")
    least = params.rare_shared
    counts = (F.count("holders").alias("met"), F.sum((F.col("holders") <= RARE).cast("long")).alias("rarely"))
    words = heads.select("at", F.explode("findable").alias("code"))
    met = meetings(words, params.common_shingle, NEIGHBOURS).groupBy("i", "j").agg(*counts).where(F.col("met") >= least)
    for side in ("i", "j"):
        met = met.join(heads.select(F.col("at").alias(side), F.size("findable").alias(f"of_{side}")), side)
    worth = F.col("met") >= F.lit(WORTH) * F.least("of_i", "of_j")
    by_words = met.where((F.col("rarely") >= least) | worth).select("i", "j")
    facts = meetings(heads.select("at", F.explode("facts").alias("code")), FACT_HOLDERS, 0)
    by_facts = facts.groupBy("i", "j").agg(F.count("holders").alias("met")).where(F.col("met") >= FACTS_SHARED)
    return _spread(by_words.union(by_facts.select("i", "j")).distinct(), copies, params.viral_size)


def _spread(pairs: DataFrame, copies: DataFrame, most: int) -> DataFrame:
    """Pairs of representatives as pairs of articles, and the pairs inside each group (`derive.candidates.spread`)."""
    sizes = copies.join(copies.groupBy("head").agg(F.count("at").alias("size")), "head")
    a = sizes.select(F.col("head").alias("i"), F.col("at").alias("a"), F.col("size").alias("of_a"))
    b = sizes.select(F.col("head").alias("j"), F.col("at").alias("b"), F.col("size").alias("of_b"))
    few = F.col("of_a") * F.col("of_b") <= most
    across = pairs.join(a, "i").join(b, "j").where(few | ((F.col("a") == F.col("i")) & (F.col("b") == F.col("j"))))
    inside = a.where("of_a > 1").join(b.withColumnRenamed("j", "i"), "i").where("a != b")
    inside = inside.where((F.col("of_a") * F.col("of_a") <= most) | (F.col("a") == F.col("i")))
    both = across.select("a", "b").union(inside.select("a", "b"))
    return both.select(F.least("a", "b").alias("i"), F.greatest("a", "b").alias("j")).distinct()


def _nearest(candidates: DataFrame, sets: DataFrame, texts: DataFrame) -> DataFrame:
    """The candidates without those inside large stories that are not worth judging (`derive.nearest`)."""
    both = candidates
    for side in ("i", "j"):
        both = both.join(sets.select(F.col("at").alias(side), F.col("open").alias(f"open_{side}")), side)
    smaller = F.greatest(F.lit(1), F.least(F.size("open_i"), F.size("open_j")))
    story = components(both.where(F.size(F.array_intersect("open_i", "open_j")) / smaller >= STORY)).persist()
    large = story.groupBy("whole").count().where(F.col("count") > LARGE).select("whole")
    story = story.join(large, "whole").withColumnRenamed("whole", "story")
    kept = candidates
    for side in ("i", "j"):
        kept = kept.join(story.select(F.col("at").alias(side), F.col("story").alias(f"story_{side}")), side, "left")
    kept = kept.where("story_i is null or story_j is null or story_i != story_j").select("i", "j")

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("story",)):
            codes = [np.sort(np.array(row["open"], dtype=np.int64)) for row in group]
            family = {k: row["family"] for k, row in enumerate(group)}
            for i, j in set(nearest(range(len(group)), codes, [_time(row) for row in group], family)):
                yield {"i": group[i]["at"], "j": group[j]["at"]}

    members = in_groups(story.join(sets, "at").join(texts, "at"), ("story",), ("at",))
    return kept.union(mapped(members, "i long, j long", work))


def _holders(prepared: DataFrame, families: DataFrame) -> DataFrame:
    """(code, family) of the shingles that several families hold."""
    heads = prepared.join(families.where("at = head"), "at")
    held = heads.select("family", F.explode("open").alias("code")).distinct()
    several = held.groupBy("code").agg(F.count("family").alias("families")).where("families > 1")
    return held.join(several, "code")


def _held(prepared: DataFrame, holders: DataFrame) -> DataFrame:
    """Of each article those of its shingles that several families hold, and how many do."""
    several = holders.select("code", "families").distinct()
    own = prepared.select("at", F.explode("open").alias("code")).join(several, "code")
    both = own.groupBy("at").agg(F.collect_list(F.struct("code", "families")).alias("held"))
    return both.select("at", F.col("held.code").alias("held"), F.col("held.families").alias("held_by"))


# -- what they share


class _Known:
    """Who else holds the shingles of one article (`derive.holders.Holders`), as the collection knows."""

    def __init__(self, codes: NDArray[np.int64], everywhere: NDArray[np.int64], row: Row) -> None:
        self._local, first = np.unique(codes, return_index=True)
        self.everywhere = everywhere[first]
        """The numbers of the article's distinct shingles, in order of the codes that they have here."""
        known = np.array(row["held"] or [], dtype=np.int64)
        order = np.argsort(known)
        counts = np.array(row["held_by"] or [], dtype=np.int64)[order]
        place = np.searchsorted(known[order], self.everywhere) if len(known) else np.zeros(len(first), dtype=np.int64)
        there = np.zeros(len(first), dtype=np.bool_)
        if len(known):
            place[place == len(known)] = 0
            there = known[order][place] == self.everywhere
        self._counts = np.where(there, counts[place] if len(known) else 1, 1)

    def places(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self._local, codes)

    def counts(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(self._counts[self.places(codes)])

    def elsewhere(self, codes: NDArray[np.int64], own: Collection[int]) -> float:
        """Asked of the whole collection later (`_elsewhere`)."""
        return 0.0

    def relatives(self, codes: NDArray[np.int64], share: float, least: int) -> list[int]:
        return []

    def told(self, stems: NDArray[np.uint64], weights: NDArray[np.float64], own: Collection[int]) -> float:
        """Not asked here: what unrelated texts say in one place, too, is known on one machine alone."""
        return 0.0


def _compared(candidates: DataFrame, texts: DataFrame, desk: Desk, sift: bool) -> DataFrame:
    """The figures of each pair; of those that are surely no reuse only how much they share."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for first, others in side_by_side(rows):
            shelf = desk.shelf([first, *others])
            sieve = Sieve(shelf)
            known = _Known(shelf[0].codes, desk.codes(shelf, 0), first)
            for k, row in enumerate(others, 1):
                found = {"i": first["i"], "j": row["j"], "reuse": "none", "base": 0.0, "plain": 0, "common": []}
                sizes = shelf.sets[0].size, shelf.sets[k].size
                found["smaller"] = min(sizes)
                if sift and not (glance := sieve.glance(0, k)).may_be_reuse(desk.params):
                    yield {**found, "shared": glance.shared}
                    continue
                own = {first["family"], row["family"]}
                measured = measure(shelf[0], shelf[k], None, known, own)
                plain = np.intersect1d(shelf[0].plain, shelf[k].plain, assume_unique=True)
                others_too = plain[known.counts(plain) > len(own)]
                yield {
                    **found,
                    "shared": measured.shared,
                    "reuse": reuse(measured, desk.params),
                    "base": measured.base,
                    "plain": len(plain),
                    "common": known.everywhere[known.places(others_too)].tolist(),
                    "figures": encoded(measured, leave_out=("a", "b")),
                }

    schema = "i long, j long, shared long, smaller long, reuse string, base double, plain long, common array<long>"
    return mapped(beside(candidates, texts), schema + ", figures string", work)


def _texts(compared: DataFrame) -> DataFrame:
    return compared.where("reuse = 'text'")


def _elsewhere(compared: DataFrame, families: DataFrame, holders: DataFrame) -> DataFrame:
    """The largest share of what a pair has in common that one other family holds, where it is more than `TRAVELS`.

    Nobody asks for less. A family with so much holds one at least of the few rarest shingles, so that the common ones need
    not be looked up in all families that have them.
    """
    pairs = compared.where((F.col("reuse") != "none") & (F.size("common") > F.lit(TRAVELS) * F.col("plain")))
    pairs = pairs.select("i", "j", "plain", "common")
    for side in ("i", "j"):
        pairs = pairs.join(families.select(F.col("at").alias(side), F.col("family").alias(f"own_{side}")), side)
    counts = holders.select("code", "families").distinct()
    each = pairs.select("i", "j", F.explode("common").alias("code")).join(counts, "code")
    ranked = each.groupBy("i", "j").agg(F.array_sort(F.collect_list(F.struct("families", "code"))).alias("ranked"))
    pairs = pairs.join(ranked, ["i", "j"])
    rarest = F.greatest(F.lit(1), F.size("ranked") - F.floor(F.lit(TRAVELS) * F.col("plain"))).cast("int")
    first = pairs.select("*", F.explode(F.slice("ranked.code", F.lit(1), rarest)).alias("code"))
    others = first.join(holders.select("code", "family"), "code").where("family != own_i and family != own_j")
    asked = others.select("i", "j", "family").distinct().join(pairs.select("i", "j", "plain", "common"), ["i", "j"])
    sets = holders.groupBy("family").agg(F.collect_list("code").alias("codes"))

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            shared = len(set(row["common"]).intersection(row["codes"]))
            yield {"i": row["i"], "j": row["j"], "elsewhere": round(shared / row["plain"], 6)}

    schema = "i long, j long, elsewhere double"
    return mapped(asked.join(sets, "family"), schema, work).groupBy("i", "j").agg(F.max("elsewhere").alias("elsewhere"))


# -- names and figures


def _fact_table(prepared: DataFrame, told: DataFrame) -> dict[str, Any]:
    """A collection so small that all pairs are weighed at once: its whole table, and the place of each article in it."""
    rows = told.join(prepared.select("at", "facts"), "at").orderBy("at").collect()
    words = sorted({fact for row in rows for fact in row.facts})
    number = {word: k for k, word in enumerate(words)}
    facts = [np.array([number[fact] for fact in row.facts], dtype=np.int32) for row in rows]
    times = [_time(row.asDict()) for row in rows]
    table = FactTable(facts, words, [row.family for row in rows], [row.story for row in rows], times)
    return {"table": table, "places": {row["at"]: k for k, row in enumerate(rows)}}


def _fact_counts(prepared: DataFrame, told: DataFrame) -> DataFrame:
    """(word, families, stories) of every name and figure."""
    each = prepared.select("at", F.explode("facts").alias("word")).join(told.select("at", "family", "story"), "at")
    return each.groupBy("word").agg(
        F.count_distinct("family").alias("families"), F.count_distinct("story").alias("stories")
    )


def _fact_totals(told: DataFrame) -> tuple[int, int]:
    """How many families and stories there are."""
    row = told.agg(F.count_distinct("family"), F.count_distinct("story")).first()
    assert row is not None
    return int(row[0]), int(row[1])


def _facts_of(prepared: DataFrame, counts: DataFrame) -> DataFrame:
    each = prepared.select("at", F.explode("facts").alias("word")).join(counts, "word")
    both = each.groupBy("at").agg(F.collect_list(F.struct("word", "families", "stories")).alias("facts"))
    names = ((F.col(f"facts.{name}")).alias(f"fact_{name}") for name in ("word", "families", "stories"))
    return both.select("at", *names)


def _few_facts(rows: Sequence[Row], totals: tuple[int, int]) -> FactTable:
    """The table of a few articles of a large collection."""
    counts: dict[str, tuple[int, int]] = {}
    for row in rows:
        for word, *held in zip(*(row[f"fact_{n}"] or [] for n in ("word", "families", "stories")), strict=True):
            counts[word] = (held[0], held[1])
    words = sorted(counts)
    number = {word: k for k, word in enumerate(words)}
    facts = [np.array(sorted(number[w] for w in row["fact_word"] or []), dtype=np.int32) for row in rows]
    families, stories = [row["family"] for row in rows], [row["story"] for row in rows]
    return FactTable(facts, words, families, stories, known=Holders(*totals, counts))


# -- passages and direction


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of a pair once it is judged, but its texts."""

    figures: str
    exclusive: tuple[str, ...]
    kept: tuple[float, float] | None
    passages: tuple[Passage, ...]
    direction: Direction


def _time(row: Row) -> Time | None:
    """When an article was published; of a later version, when that was there."""
    own = document(row)
    (time,), _ = times_of([own])
    return (version_time(own) or time) if row["turn"] else time


def _judged(asked: DataFrame, told: DataFrame, desk: Desk, table: Any, totals: tuple[int, int] | None) -> DataFrame:
    """The passages and the direction of each pair; `table` where the collection is small, else `totals`."""

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for first, others in side_by_side(rows):
            both = [first, *others]
            shelf = desk.shelf(both)
            facts = _few_facts(both, totals) if totals else table.value["table"]
            place = (
                range(len(both))
                if totals
                else [table.value["places"][row["i" if k == 0 else "j"]] for k, row in enumerate(both)]
            )
            turn = {k: (row["article"], row["turn"]) for k, row in enumerate(both) if row["article"] is not None}
            given = [p.document for p in shelf.packed]
            for k, row in enumerate(others, 1):
                x, y = place[0], place[k]
                measured = decoded(Measured, row["figures"], a=shelf[0], b=shelf[k])
                measured = replace(measured, facts=facts.compare(x, y), elsewhere=row["elsewhere"] or 0.0)
                kind = reuse(measured, desk.params)
                exclusive, kept = tuple(facts.exclusive(x, y)), facts.kept(x, y)
                passages = () if kind == "none" else passages_of(measured, desk.params)
                times = (_time(first), _time(row))
                pair = Pair(measured, kind, times, exclusive, passages, desk.params, kept)
                direction = decide(pair, update(given, turn, 0, k))
                state = _State(encoded(measured, leave_out=("a", "b")), exclusive, kept, passages, direction)
                yield {"i": first["i"], "j": row["j"], "reuse": kind, "base": measured.base, "state": encoded(state)}

    pairs = asked.select("i", "j", "figures", "elsewhere")
    return mapped(beside(pairs, told), "i long, j long, reuse string, base double, state string", work)


# -- phrases of the whole collection


def _phrases(judged: DataFrame, articles: DataFrame, desk: Desk) -> DataFrame:
    """(at, codes): of the articles that share text, the shingles that are phrases of the collection (`derive.stories`)."""
    texts = _texts(judged)
    members = texts.select(F.col("i").alias("at")).union(texts.select(F.col("j").alias("at"))).distinct()
    owners = components(texts.where(F.col("base") >= ONE_FAMILY)).withColumnRenamed("whole", "owner")
    members = members.join(owners, "at", "left").withColumn("owner", F.coalesce("owner", "at")).join(articles, "at")

    def shingles(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, SOME):
            shelf = desk.shelf(some)
            for k, row in enumerate(some):
                codes = desk.codes(shelf, k)
                counted = np.unique(codes[shelf[k].authored]).tolist()
                yield {"at": row["at"], "owner": row["owner"], "every": np.unique(codes).tolist(), "counted": counted}

    own = mapped(members, "at long, owner long, every array<long>, counted array<long>", shingles).persist()
    held = (
        own.select("owner", F.explode("counted").alias("code"))
        .distinct()
        .groupBy("code")
        .agg(F.count("owner").alias("n"))
    )
    many = held.where(F.col("n") >= MANY).select("code").persist()
    each = own.select("at", F.explode("every").alias("code")).join(many, "code")
    told = each.groupBy("at").agg(F.collect_list("code").alias("many")).join(articles, "at")

    def long_runs(rows: Iterator[Row]) -> Iterator[Row]:
        for some in chunks(rows, SOME):
            shelf = desk.shelf(some)
            for k, row in enumerate(some):
                for code in np.unique(
                    in_long_runs(desk.codes(shelf, k), np.array(row["many"], dtype=np.int64))
                ).tolist():
                    yield {"code": code}

    passages = mapped(told, "code long", long_runs).distinct()
    phrases = many.join(passages, "code", "left_anti")
    return each.join(phrases, "code").groupBy("at").agg(F.collect_list("code").alias("codes"))


# -- the lineage of what hangs together


def _ties(judged: DataFrame, copies: DataFrame, versions: DataFrame, articles: DataFrame) -> DataFrame:
    """Pairs that must be drawn together."""
    arrows = versions.where("kind = 'arrow'").select(F.col("source").alias("i"), F.col("target").alias("j"))
    turns = versions.where("kind = 'turn'").select(F.col("article").alias("i"), F.col("at").alias("j"))
    names = articles.select("at", F.explode(F.array("url", "id")).alias("name")).where(
        "name is not null and name != ''"
    )
    place = names.groupBy("name").agg(F.max("at").alias("i"))
    own = articles.select(F.col("at").alias("j"), F.explode("derived_from").alias("name")).join(place, "name")
    every = [judged.where("reuse != 'none'"), _same(copies), arrows, turns.where("i != j"), own.where("i != j")]
    found = every[0].select("i", "j")
    for other in every[1:]:
        found = found.union(other.select("i", "j"))
    return found


def _drawn(
    told: DataFrame,
    copies: DataFrame,
    versions: DataFrame,
    judged: DataFrame,
    compared: DataFrame,
    phrases: DataFrame,
    wholes: DataFrame,
    desk: Desk,
) -> DataFrame:
    """What `derive.pipeline.lineage_of` draws of each part that hangs together, as JSON."""
    alone = -1 - F.shiftright("at", TOGETHER)
    texts = told.join(wholes, "at", "left").withColumn("whole", F.coalesce("whole", alone)).join(copies, "at")
    texts = texts.join(phrases, "at", "left").withColumn("kind", F.lit("article"))
    where = texts.select("at", "whole")
    here, there = (
        where.select(F.col("at").alias(s), F.col("whole").alias(w)) for s, w in (("i", "whole"), ("j", "other"))
    )

    def within(pairs: DataFrame) -> DataFrame:
        return pairs.join(here, "i").join(there, "j").where("whole = other").drop("other")

    weighed = within(judged.select("i", "j", "state", "reuse")).withColumn("kind", F.lit("pair"))
    rest = compared.join(judged.select("i", "j"), ["i", "j"], "left_anti").select("i", "j", "shared")
    arrows = versions.where("kind = 'arrow'").select(F.col("source").alias("i"), F.col("target").alias("j"))
    rows = texts.unionByName(weighed, allowMissingColumns=True)
    for kind, pairs in (("rest", within(rest)), ("version", within(arrows))):
        rows = rows.unionByName(pairs.withColumn("kind", F.lit(kind)), allowMissingColumns=True)

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for group in groups(rows, ("whole",)):
            lineage = lineage_of(_examined(group, desk), desk.params)
            yield {"whole": group[0]["whole"], "lineage": lineage.to_json(), "notes": list(lineage.notes)}

    return mapped(
        in_groups(rows, ("whole",), ("kind", "at", "i", "j")), "whole long, lineage string, notes array<string>", work
    )


def _examined(group: list[Row], desk: Desk) -> Examined:
    """A part of the collection, as `derive.pipeline.examine` gives a whole one."""
    kinds: dict[str, list[Row]] = {"article": [], "pair": [], "rest": [], "version": []}
    for row in group:
        kinds[row["kind"]].append(row)
    rows = kinds["article"]
    shelf = desk.shelf(rows)
    place = {row["at"]: k for k, row in enumerate(rows)}
    _, notes = times_of([p.document for p in shelf.packed])
    times = tuple(map(_time, rows))
    same = Groups(len(rows))
    for k, row in enumerate(rows):
        same.join(place[row["head"]], k)
    copies = [sorted(m, key=lambda k: (shelf.packed[k].sha256, shelf.packed[k].id)) for m in same.members().values()]
    pairs = {}
    for row in kinds["pair"]:
        i, j = place[row["i"]], place[row["j"]]
        state = decoded(_State, row["state"])
        measured = decoded(Measured, state.figures, a=shelf[i], b=shelf[j])
        both = (times[i], times[j])
        pair = Pair(measured, row["reuse"], both, state.exclusive, state.passages, desk.params, state.kept)
        pairs[i, j] = Judged(pair, state.direction)
    phrases = [np.zeros(0, dtype=np.int64)]
    for k, row in enumerate(rows):
        if row["codes"]:
            phrases.append(shelf[k].codes[np.isin(desk.codes(shelf, k), np.array(row["codes"], dtype=np.int64))])
    return Examined(
        shelf,
        times,
        tuple(map(tuple, sorted(copies))),
        pairs,
        len(kinds["pair"]) + len(kinds["rest"]),
        notes,
        {(place[row["i"]], place[row["j"]]): row["shared"] for row in kinds["rest"]},
        versions={
            k: place[row["latest"]]
            for k, row in enumerate(rows)
            if row["article"] is not None and row["latest"] != row["at"]
        },
        updates=tuple((place[row["i"]], place[row["j"]]) for row in kinds["version"]),
        phrases=np.unique(np.concatenate(phrases)),
    )


# -- one lineage again


def whole_json(parts: Iterable[str], params: Params, skipped: Sequence[Skipped]) -> str:
    """The lineages (JSON) of the parts of a collection as one: what one machine writes. Unseen sources are numbered anew."""
    rows: dict[str, list[Any]] = {name: [] for name in ORDER}
    roots: list[tuple[list[list[Any]], int]] = []
    unseen: list[tuple[dict[str, Any], int]] = []
    origins: list[list[str]] = []
    for number, part in enumerate(parts):
        stored = json.loads(part)
        for name in ("documents", "comparisons", "edges", "links"):
            rows[name] += stored[name]
        roots += [(candidates, number) for candidates in stored["roots"]]
        unseen += [(source, number) for source in stored["unseen_sources"]]
        origins += stored["origins"]["groups"]
    unseen.sort(key=lambda u: (u[0]["children"], u[0]["probability"]))
    names = {(number, source["id"]): f"unseen:{k}" for k, (source, number) in enumerate(unseen, 1)}
    rows["roots"] = [root_row(tuple((names.get((n, id), id), p) for id, p in own)) for own, n in roots]
    rows["unseen_sources"] = [{**source, "id": names[n, source["id"]]} for source, n in unseen]
    ordered = {name: sorted(some, key=ORDER[name]) for name, some in rows.items()}
    return json_of(ordered, sorted(origins, key=lambda group: (-len(group), group)), list(map(plain, skipped)), params)


ORDER: dict[str, Callable[[Any], Any]] = {
    "documents": itemgetter("id"),
    "comparisons": itemgetter("a", "b"),
    "edges": itemgetter("target", "source", "kind"),
    "links": itemgetter("a", "b", "kind"),
    "roots": lambda row: min((id for id, _ in row), default=""),
    "unseen_sources": itemgetter("id"),
}
"""What the rows of the JSON stand in order of (`derive.report.json`)."""
