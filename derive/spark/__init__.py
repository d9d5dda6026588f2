"""Beyond one machine: the stages of `derive.find_pairs` and `derive.scan` on Apache Spark, to the same pairs and lineage.

    import derive.spark
    pairs = derive.spark.find_pairs(spark.read.parquet("articles/"), output="hdfs:///derive/pairs")
    lineage = derive.spark.scan(spark.read.parquet("articles/"), output="hdfs:///derive/lineage")

A stage's loops are the same functions as on a laptop, run over the rows of a partition; what needs the whole collection is a
join. Every stage is written as Parquet under `output` and is not made again while it is there (`derive.spark.stages`).

Start reading at `derive.spark.pairs`, then `derive.spark.lineage`. Needs the extra `derive-news[spark]` and Java 17; every
executor must have derive installed, since its kernel is compiled (`docs/scale.md`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derive import __version__
from derive.errors import InputError, MissingExtra
from derive.model import Skipped
from derive.params import Params

try:
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F
except ImportError as error:
    raise MissingExtra("derive spark needs pyspark: pip install 'derive-news[spark]'") from error

from derive.spark.lineage import LineageStages, whole_json
from derive.spark.pairs import PairStages
from derive.spark.read import NAMES, read
from derive.spark.stages import Say, Stages

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["find_pairs", "keep_skipped", "lineage_json", "read", "scan", "session"]


def find_pairs(
    dataframe: DataFrame,
    *,
    min_containment: float = 0.1,
    all_pairs: bool = False,
    params: Params | None = None,
    output: str | None = None,
    say: Say | None = None,
) -> DataFrame:
    """Every pair whose larger containment reaches `min_containment`, counted exactly: those of `derive.find_pairs`.

    `dataframe` has the columns `id` and `text`, and `title` where there are titles. The result has `a` and `b` (ids, a < b),
    `containment_of_a_in_b`, `containment_of_b_in_a` and `resemblance`. `output` is the folder of the stages, on storage that
    all executors see; without it they are kept in the temporary folder of Hadoop's default file system and removed at the
    end. `say` is told of every stage. Raises `InputError` for missing columns, articles that share an id, and a folder with
    stages of other settings or another input.
    """
    params = params or Params()
    documents = _columns(dataframe, ("id", "text"), ("title",))
    asked = {"job": "pairs", "min_containment": min_containment, "all_pairs": all_pairs}
    stages = Stages(
        dataframe.sparkSession, output or _temporary(dataframe.sparkSession), _made_from(documents, params, asked), say
    )
    return PairStages(stages, params, min_containment, all_pairs).pairs(documents)


LISTS = ("flags", "derived_from")
"""Fields of an article that hold several values."""


def scan(
    dataframe: DataFrame, *, params: Params | None = None, output: str | None = None, say: Say | None = None
) -> DataFrame:
    """The lineage of a collection: that of `derive.scan`, in parts.

    `dataframe` has the columns `id` and `text`, and any of the other fields of a `derive.Document`. The result has a row for
    every part of the collection that hangs together, or for a few articles that nothing ties to others: `lineage` is its
    JSON document, `notes` what could not be decided in it. `lineage_json` makes one document of all. `output`, `say` and the
    errors are those of `find_pairs`; texts of one id are versions if their times tell them apart.
    """
    params = params or Params()
    spark = dataframe.sparkSession
    documents = _columns(dataframe, ("id", "text"), tuple(n for n in NAMES if n not in ("id", "text")))
    stages = Stages(spark, output or _temporary(spark), _made_from(documents, params, {"job": "lineage"}), say)
    return LineageStages(stages, params, stages.secret()).drawn(documents)


def lineage_json(parts: DataFrame, params: Params | None = None, skipped: Sequence[Skipped] = ()) -> str:
    """The parts that `scan` gives as one document: that of `derive.scan(...).to_json()`. All of it comes to this machine."""
    return whole_json((row.lineage for row in parts.select("lineage").collect()), params or Params(), skipped)


def session(master: str | None = None) -> SparkSession:
    """A session on `master`, that of spark-submit, or all cores of this machine; executors here have this very Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("derive").config("spark.ui.showConsoleProgress", "false")
    found = (builder.master(master) if master else builder).getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def keep_skipped(documents: DataFrame, output: str) -> list[Skipped]:
    """What `read` could not read; it is written to `output`/skipped, too."""
    path = f"{output.rstrip('/')}/skipped"
    rows = documents.where("reason is not null").select("path", "reason", "message")
    rows.write.mode("overwrite").parquet(path)
    kept = documents.sparkSession.read.parquet(path).orderBy("path", "message").collect()
    return [Skipped(row.path, None, row.reason, row.message) for row in kept]


def _columns(dataframe: DataFrame, needed: tuple[str, ...], optional: tuple[str, ...]) -> DataFrame:
    """These columns as strings; null where an optional one is missing."""
    if missing := [name for name in needed if name not in dataframe.columns]:
        raise InputError(f"the table has no column {' or '.join(missing)}; it has {', '.join(dataframe.columns)}")
    there = []
    for name in (*needed, *optional):
        kind = "array<string>" if name in LISTS else "string"
        there.append((F.col(name) if name in dataframe.columns else F.lit(None)).cast(kind).alias(name))
    return dataframe.select(*there).withColumn("text", F.coalesce("text", F.lit("")))


def _made_from(documents: DataFrame, params: Params, asked: dict[str, Any]) -> dict[str, Any]:
    """What decides the content of every stage. The input goes in by a sum over its rows, whatever their order.

    Raises `InputError` for ids that are missing, or not each article's own.
    """
    total = F.sum(F.xxhash64(*documents.columns).cast("decimal(38,0)")).cast("string")
    row = documents.agg(F.count(F.lit(1)), F.count_distinct("id"), total).first()
    assert row is not None
    rows, ids, checksum = row
    if rows != ids and asked["job"] == "pairs":
        again = documents.groupBy("id").count().where("count > 1 or id is null").orderBy("id").first()
        raise InputError(f"{rows - ids} articles have no id of their own, such as {again.id!r}: give each its own")
    return {"version": __version__, "settings": params.as_dict(), **asked, "input": [rows, checksum]}


def _temporary(spark: SparkSession) -> str:
    """A folder on the default file system that is gone when the session is."""
    context = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(f"/tmp/derive-{context.applicationId}-{id(object())}")
    path.getFileSystem(context._jsc.hadoopConfiguration()).deleteOnExit(path)
    return str(path.toString())
