"""What several stages do with rows: number them in order, let articles meet, bring texts together, find what hangs together.

A row's `at` is its place: a 64-bit number that grows with the order, with gaps. Python works on Arrow batches, so that the
kernel sees many articles at once; a group of rows comes to it as a list, and no more than one is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import Column, DataFrame

Row = dict[str, Any]

BLOCK = 16
"""Bits of the places in a row that one task looks at of a code which stands in many articles."""
ROWS = 256
"""Rows that go back to Spark at a time."""
MEETINGS = 1 << 18
"""Meetings that go back to Spark at a time."""


def mapped(frame: DataFrame, schema: str, work: Callable[[Iterator[Row]], Iterator[Row]]) -> DataFrame:
    """`work` over the rows of each partition; it yields rows of the schema ("name type, name type")."""
    columns = [column.split() for column in schema.split(", ")]

    def run(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow as pa

        form = pa.schema([(name, _arrow(kind)) for name, kind in columns])
        for rows in chunks(work(row for batch in batches for row in batch.to_pylist()), ROWS):
            yield pa.RecordBatch.from_pylist(rows, form)

    return frame.mapInArrow(run, schema)


def _arrow(kind: str) -> pyarrow.DataType:
    """Arrow's name for one of Spark's types."""
    import pyarrow as pa

    if kind.startswith("array<"):
        return pa.list_(_arrow(kind[6:-1]))
    kinds = {"string": pa.string, "binary": pa.binary, "boolean": pa.bool_, "long": pa.int64, "double": pa.float64}
    return kinds[kind]()


def in_groups(frame: DataFrame, by: Sequence[str], order: Sequence[Column | str]) -> DataFrame:
    """Rows of one group in one partition, one after the other, in this order."""
    return frame.repartition(*by).sortWithinPartitions(*by, *order)


def groups(rows: Iterator[Row], by: Sequence[str]) -> Iterator[list[Row]]:
    """Rows of `in_groups`, group by group."""
    group: list[Row] = []
    for row in rows:
        if group and any(row[name] != group[0][name] for name in by):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def chunks(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """So many at a time."""
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) >= size:
            yield some
            some = []
    if some:
        yield some


def in_order(frame: DataFrame, *by: str, place: str = "at") -> DataFrame:
    """The rows sorted, each with its place. It must be written as it is: the places belong to this way of cutting."""
    return frame.repartitionByRange(*by).sortWithinPartitions(*by).withColumn(place, F.monotonically_increasing_id())


# -- who meets


def meetings(postings: DataFrame, most: int, neighbours: int, hubs: DataFrame | None = None) -> DataFrame:
    """Two places `i` < `j` and the `holders` of the code in which they meet: a row for every meeting.

    `postings` are distinct (code, at). All holders of a code meet, if they are no more than `most`; else each meets its
    next `neighbours`, and `hubs` (code, hub), if they are given: then the hub in place of neighbours. So a code that stands
    everywhere makes work in proportion to its holders, and it is shared out among tasks by blocks of places.
    """
    held = postings.join(postings.groupBy("code").agg(F.count("at").alias("holders")).where("holders > 1"), "code")
    few = held.where(F.col("holders") <= most).groupBy("code", "holders").agg(F.collect_list("at").alias("own"))
    pairs: DataFrame = few.select("own").mapInArrow(_all_pairs, "i long, j long, holders long")
    many = held.where(F.col("holders") > most).withColumn("block", F.shiftright("at", BLOCK))
    if hubs is not None:
        many = many.join(hubs, "code")
        linked = many.where("at != hub")
        pairs = pairs.union(linked.select(F.least("at", "hub"), F.greatest("at", "hub"), "holders"))
    if not neighbours:
        return pairs
    near = _neighbours(many, neighbours)
    if hubs is not None:
        near = near.where("i != hub and j != hub")
    return pairs.union(near.select("i", "j", "holders"))


def _all_pairs(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        own = batch.column("own")
        lengths, values = own.value_lengths().to_numpy(), own.flatten().to_numpy()
        starts = np.cumsum(lengths) - lengths
        for length in np.unique(lengths).tolist():
            i, j = np.triu_indices(length, 1)
            begins = starts[lengths == length]
            step = max(1, MEETINGS // len(i))
            for low in range(0, len(begins), step):
                held = np.sort(values[begins[low : low + step, None] + np.arange(length)], axis=1)
                n = np.full(held.shape[0] * len(i), length, dtype=np.int64)
                yield pa.RecordBatch.from_pydict({"i": held[:, i].ravel(), "j": held[:, j].ravel(), "holders": n})


def _neighbours(many: DataFrame, neighbours: int) -> DataFrame:
    """Each place of a code with the next ones: inside its block, then over the blocks' edges."""
    inside = Window.partitionBy("code", "block").orderBy("at")
    whole = Window.partitionBy("code", "block")
    ranked = many.withColumn("n", F.row_number().over(inside)).withColumn("size", F.count("at").over(whole))
    edges = ranked.where((F.col("n") <= neighbours) | (F.col("n") > F.col("size") - neighbours))
    across = Window.partitionBy("code").orderBy("at")
    return _next(ranked, inside, neighbours).union(_next(edges, across, neighbours, over_edges=True))


def _next(frame: DataFrame, window: Any, neighbours: int, *, over_edges: bool = False) -> DataFrame:
    """Each row with the next ones in its window, of another block alone where it is over the edges."""
    steps = range(1, neighbours + 1)
    places = [F.struct(*(F.lead(name, k).over(window).alias(name) for name in ("at", "block"))) for k in steps]
    ahead = (
        frame.withColumn("ahead", F.array(*places)).withColumn("next", F.explode("ahead")).where("next.at is not null")
    )
    if over_edges:
        ahead = ahead.where("next.block != block")
    return ahead.select(
        F.col("at").alias("i"), F.col("next.at").alias("j"), "holders", *{"hub"}.intersection(frame.columns)
    )


# -- texts side by side

PARTNERS = 512
"""Texts that are looked at beside one other in one task."""


def beside(pairs: DataFrame, texts: DataFrame) -> DataFrame:
    """For pairs (i, j, ...): the text at i, then the texts at all its j, in one partition; work on it by `side_by_side`."""
    some = pairs.withColumn("part", F.pmod(F.hash("j"), F.lit(1 << 30)))
    counts = some.groupBy("i").agg(F.ceil(F.count("j") / PARTNERS).alias("parts"))
    some = some.join(counts, "i").withColumn("part", F.pmod("part", F.col("parts"))).drop("parts")
    others = some.join(texts.withColumnRenamed("at", "j"), "j")
    firsts = some.select("i", "part").distinct().join(texts.withColumnRenamed("at", "i"), "i")
    both = firsts.unionByName(others, allowMissingColumns=True)
    return in_groups(both, ("i", "part"), (F.col("j").asc_nulls_first(),))


def side_by_side(rows: Iterator[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Each text with its partners."""
    for first, *others in groups(rows, ("i", "part")):
        yield first, others


# -- what hangs together


def components(edges: DataFrame) -> DataFrame:
    """For edges (i, j) the smallest place that each place hangs together with: (at, whole).

    Every partition leaves of its edges a forest; what is left is joined in one task, which holds 24 bytes for each place
    that has an edge.
    """
    forest = edges.select("i", "j").mapInArrow(_forest, "i long, j long")
    return (
        forest.coalesce(1)
        .mapInArrow(_forest, "i long, j long")
        .select(F.col("i").alias("at"), F.col("j").alias("whole"))
    )


def _forest(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
    import pyarrow as pa

    sides = [[np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]]
    for batch in batches:
        for side, name in zip(sides, ("i", "j"), strict=True):
            side.append(batch.column(name).to_numpy())
    places, smallest = connected(*map(np.concatenate, sides))
    for low in range(0, len(places), 1 << 16):
        part = slice(low, low + (1 << 16))
        yield pa.RecordBatch.from_pydict({"i": places[part], "j": smallest[part]})


def connected(i: NDArray[np.int64], j: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places that these edges have, and for each the smallest one that it hangs together with.

    >>> connected(np.array([4, 2, 7]), np.array([9, 4, 8]))
    (array([2, 4, 7, 8, 9]), array([2, 2, 7, 7, 2]))
    """
    places, index = np.unique(np.concatenate((i, j)), return_inverse=True)
    a, b = index[: len(i)], index[len(i) :]
    label = np.arange(len(places))
    while True:
        low = np.minimum(label[a], label[b])
        if (label[a] == low).all() and (label[b] == low).all():
            return places, places[label]
        for side in (a, b):
            np.minimum.at(label, label[side], low)
        while not (label == label[label]).all():
            label = label[label]
