"""Articles from Parquet and JSONL on a cluster's storage: each record is read by the function that reads it on one machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from derive.errors import InputError
from derive.model import Document, Skipped
from derive.read.fields import columns as named_columns
from derive.read.files import File, Problem, Record
from derive.read.jsonl import record, value_of
from derive.read.parquet import plain_row
from derive.read.worker import in_order
from derive.spark.frames import Row, mapped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FIELDS = (
    *("id string", "text string", "title string", "published string", "source string", "url string", "author string"),
    *("modified string", "path string", "flags array<string>", "derived_from array<string>", "version_of string"),
)
"""An article's fields, as columns."""
NAMES = tuple(field.partition(" ")[0] for field in FIELDS)
LINES = (".jsonl", ".ndjson", ".json")
PACKED = (".gz", ".bz2", ".zst")


def read(spark: SparkSession, paths: Sequence[str], columns: dict[str, str] | None = None) -> DataFrame:
    """The records under these files and folders: `FIELDS`, or `reason` and `message` of what is no article.

    A record must have an id of its own: where it stands in its file is not known on a cluster. Raises `InputError` for a
    path that holds neither Parquet nor JSONL.
    """
    said = named_columns(columns or {})
    found = [_table(spark, path, said) for path in paths]
    every = found[0]
    for other in found[1:]:
        every = every.union(other)
    return every


def _table(spark: SparkSession, path: str, said: tuple[tuple[str, str], ...]) -> DataFrame:
    is_lines = _kind(spark, path) == "lines"
    rows = spark.read.text(path) if is_lines else spark.read.parquet(path)
    folder = path.rstrip("/")

    def work(rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            place = row.pop("__file")
            name = place.rpartition(folder + "/")[2] if folder + "/" in place else place.rpartition("/")[2]
            if is_lines and not row["value"].strip("\0 \t\r\n"):
                continue
            value = value_of(row["value"]) if is_lines else plain_row(row)
            file = File(name, None, columns=said)
            coming = record(file, 0, value if not isinstance(value, list) else Problem(*value))
            for _, item in in_order([(0, coming)]):
                yield _row(item, name)

    schema = ", ".join([*FIELDS, "reason string", "message string"])
    return mapped(rows.withColumn("__file", F.input_file_name()), schema, work)


def _row(item: Record | Skipped, name: str) -> Row:
    if isinstance(item, Skipped):
        return {"path": item.path, "reason": item.reason, "message": item.message.replace(f"{name}:0", name)}
    if item.document.id == f"{name}#0":
        return {"path": name, "reason": "bad-record", "message": f"{name}: a record without an id: give each its own"}
    return {field: getattr(item.document, field) for field in NAMES}


def document(row: Row) -> Document:
    """The article of a row."""
    return Document(
        **{name: row[name] for name in NAMES if name not in ("flags", "derived_from")},
        flags=tuple(row["flags"] or ()),
        derived_from=tuple(row["derived_from"] or ()),
    )


def _kind(spark: SparkSession, path: str) -> str:
    """Whether a file, or the files of a folder, are tables or lines."""
    context = spark.sparkContext
    hadoop = context._jvm.org.apache.hadoop.fs.Path(path)
    files = hadoop.getFileSystem(context._jsc.hadoopConfiguration())
    if not files.exists(hadoop):
        raise InputError(f"{path}: there is nothing of that name")
    names = [str(status.getPath().getName()) for status in files.listStatus(hadoop)]
    bare = {name for name in map(_unpacked, names) if not name.startswith(("_", "."))}
    if any(name.endswith(".parquet") for name in bare):
        return "tables"
    if any(name.endswith(LINES) for name in bare):
        return "lines"
    raise InputError(
        f"{path}: holds no files in .parquet or {', '.join(LINES)}: on a cluster articles are read from those"
    )


def _unpacked(name: str) -> str:
    return next((name.removesuffix(end) for end in PACKED if name.endswith(end)), name)
