"""Articles in the rows of a table: CSV, TSV, Parquet. Columns are found by the names of `derive.read.fields`."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from derive.read.decode import binary_kind, decode, is_binary, is_utf8
from derive.read.fields import text_columns
from derive.read.files import (
    HEAD_BYTES,
    MAX_DOCUMENT_BYTES,
    MAX_WHOLE_BYTES,
    File,
    Problem,
    looked_at,
    megabytes,
    read_up_to,
)
from derive.read.jsonl import record
from derive.read.worker import Coming, Helper

_DELIMITERS = ",;\t|"


def read_csv(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """Every row as a document. A table without a text column is none of articles: in a folder it is left out in silence."""
    head, stream = looked_at(stream, HEAD_BYTES)
    if kind := binary_kind(head):
        yield file.skipped("binary", kind)
        return
    if is_binary(decode(head)):
        yield file.skipped("binary", "no text: save the table as CSV in UTF-8")
        return
    text = _as_text(head, stream)
    if text is None:
        yield file.skipped(
            "too-large", f"larger than {megabytes(MAX_WHOLE_BYTES)} and not in UTF-8: convert it to UTF-8"
        )
        return
    first = decode(head).partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    usual = csv.field_size_limit(MAX_DOCUMENT_BYTES)
    rows = csv.DictReader(text, delimiter=delimiter, restkey="", restval="")
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


def _as_text(head: bytes, stream: BinaryIO) -> TextIO | None:
    """The table's characters, streamed where that is possible; None if it is too large for the other way."""
    if is_utf8(head):
        return io.TextIOWrapper(stream, encoding="utf-8-sig", errors="derive-cp1252", newline="")
    data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
    return None if len(data) > MAX_WHOLE_BYTES else io.StringIO(decode(data), newline="")


def read_parquet(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """Every row as a document, batch by batch from a helper process of its own, which holds no more than one batch."""
    place, content = file.place, b""
    if place is None:
        content = read_up_to(stream, MAX_WHOLE_BYTES + 1)
        if len(content) > MAX_WHOLE_BYTES:
            yield file.skipped("too-large", f"packed and larger than {megabytes(MAX_WHOLE_BYTES)}: unpack it")
            return
    helper = Helper()
    try:
        question = json.dumps([None if place is None else os.fsdecode(place), file.columns]).encode() + b"\n" + content
        number = 0
        while True:
            rows = helper.ask("parquet", question)
            if isinstance(rows, Problem):
                yield file.skipped(rows.reason, f"after row {number:,}: {rows.words}" if number else rows.words)
                return
            if not rows:
                break
            for row in rows:
                number += 1
                yield record(file, number, row if isinstance(row, dict) else Problem(*row))
            question = b""
        if not number:
            yield file.skipped("empty", "a table with a column of texts and no row")
    finally:
        helper.kill()
