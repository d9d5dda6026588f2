"""Beyond one machine: the stages of `derive.find_pairs` on Apache Spark, to the same pairs.

    import derive.spark
    pairs = derive.spark.find_pairs(spark.read.parquet("articles/"), output="hdfs:///derive/pairs")

A stage's loops are the same functions as on a laptop, run over the rows of a partition; what needs the whole collection is a
join. Every stage is written as Parquet under `output` and is not made again while it is there (`derive.spark.stages`).

Start reading at `derive.spark.pairs`. Needs the extra `derive-news[spark]` and Java 17; every executor must have derive
installed, since its kernel is compiled (`docs/scale.md`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from derive import __version__
from derive.errors import InputError, MissingExtra
from derive.params import Params

try:
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F
except ImportError as error:
    raise MissingExtra("derive spark needs pyspark: pip install 'derive-news[spark]'") from error

from derive.spark.pairs import PairStages
from derive.spark.read import read
from derive.spark.stages import Say, Stages

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["find_pairs", "keep_skipped", "read", "session"]


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


NAMED = 20
"""Records that are named of those which were not read."""


def session(master: str | None = None) -> SparkSession:
    """A session on `master`, that of spark-submit, or all cores of this machine; executors here have this very Python."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("derive").config("spark.ui.showConsoleProgress", "false")
    found = (builder.master(master) if master else builder).getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def keep_skipped(documents: DataFrame, output: str) -> list[str]:
    """Writes what `read` could not read to `output`/skipped; a line for each of the first, and one for the rest."""
    skipped = documents.where("reason is not null").select("path", "reason", "message")
    skipped.write.mode("overwrite").parquet(f"{output.rstrip('/')}/skipped")
    kept = documents.sparkSession.read.parquet(f"{output.rstrip('/')}/skipped")
    count = kept.count()
    lines = [f"skipped ({row.reason}): {row.message}" for row in kept.orderBy("message").limit(NAMED).collect()]
    return [*lines, *[f"and {count - NAMED} more skipped; all of them are in {output}/skipped"] * (count > NAMED)]


def _columns(dataframe: DataFrame, needed: tuple[str, ...], optional: tuple[str, ...]) -> DataFrame:
    """These columns as strings; null where an optional one is missing."""
    if missing := [name for name in needed if name not in dataframe.columns]:
        raise InputError(f"the table has no column {' or '.join(missing)}; it has {', '.join(dataframe.columns)}")
    there = [
        F.col(n).cast("string").alias(n) if n in dataframe.columns else F.lit(None).cast("string").alias(n)
        for n in (*needed, *optional)
    ]
    return dataframe.select(*there).withColumn("text", F.coalesce("text", F.lit("")))


def _made_from(documents: DataFrame, params: Params, asked: dict[str, Any]) -> dict[str, Any]:
    """What decides the content of every stage. The input goes in by a sum over its rows, whatever their order.

    Raises `InputError` for ids that are missing, or not each article's own.
    """
    total = F.sum(F.xxhash64(*documents.columns).cast("decimal(38,0)")).cast("string")
    row = documents.agg(F.count(F.lit(1)), F.count_distinct("id"), total).first()
    assert row is not None
    rows, ids, checksum = row
    if rows != ids:
        again = documents.groupBy("id").count().where("count > 1 or id is null").orderBy("id").first()
        raise InputError(f"{rows - ids} articles have no id of their own, such as {again.id!r}: give each its own")
    return {"version": __version__, "settings": params.as_dict(), **asked, "input": [rows, checksum]}


def _temporary(spark: SparkSession) -> str:
    """A folder on the default file system that is gone when the session is."""
    context = spark.sparkContext
    path = context._jvm.org.apache.hadoop.fs.Path(f"/tmp/derive-{context.applicationId}-{id(object())}")
    path.getFileSystem(context._jsc.hadoopConfiguration()).deleteOnExit(path)
    return str(path.toString())
