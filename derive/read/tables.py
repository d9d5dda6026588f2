"""Articles in the rows of a table: CSV, TSV, Parquet. Columns are found by the names of `derive.read.fields`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from derive.read.decode import binary_kind, decode, is_binary
from derive.read.fields import text_columns
from derive.read.files import MAX_DOCUMENT_BYTES, MAX_WHOLE_BYTES, File, megabytes, read_up_to
from derive.read.jsonl import record
from derive.read.worker import Coming

_DELIMITERS = ",;\t|"


def read_csv(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """Every row as a document. A table without a text column is none of articles: in a folder it is left out in silence."""
    data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
    if len(data) > MAX_WHOLE_BYTES:
        yield file.skipped("too-large", f"larger than {megabytes(MAX_WHOLE_BYTES)}: split it, or give it as JSONL")
        return
    if kind := binary_kind(data):
        yield file.skipped("binary", kind)
        return
    text = decode(data)
    if is_binary(text):
        yield file.skipped("binary", "no text: save the table as CSV in UTF-8")
        return
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    usual = csv.field_size_limit(MAX_DOCUMENT_BYTES)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", restval="")
    try:
        names = [name.strip().lower() for name in rows.fieldnames or []]
        if not text_columns(names, file.columns):
            if file.direct:
                words = "a table without a column of texts: name it with --map text=COLUMN, or give it with --metadata"
                yield file.skipped("unsupported", words)
            return
        rows.fieldnames = names
        number = 1
        for number, row in enumerate(rows, 2):
            yield record(file, number, {name: value for name, value in row.items() if name})
        if number == 1:
            yield file.skipped("empty", "a table with a column of texts and no row below its first line")
    except csv.Error as error:
        yield file.skipped("bad-record", f"not CSV from line {rows.line_num} on ({error}): mend it")
    finally:
        csv.field_size_limit(usual)


def read_parquet(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """Every row as a document, batch by batch."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        yield file.skipped("missing-extra", "reading it needs the package pyarrow: pip install 'derive-news[formats]'")
        return
    data = stream if stream.seekable() else io.BytesIO(read_up_to(stream, 10 * MAX_WHOLE_BYTES))
    number = 0
    try:
        table = pyarrow.parquet.ParquetFile(data)
        names = [name for name in table.schema_arrow.names if not name.startswith("__")]
        if not text_columns(names, file.columns):
            yield file.skipped("unsupported", "a table without a column of texts: name it with --map text=COLUMN")
            return
        for batch in table.iter_batches(batch_size=256, columns=names):
            for row in batch.to_pylist():
                number += 1
                yield record(file, number, {name: _plain(value) for name, value in row.items()})
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        words = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        yield file.skipped("damaged", f"not Parquet that can be read after row {number} ({words}): fetch it again")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
