"""A document as a row, and back. Every record carries a checksum of itself, so that damage is named and never believed."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.archive.file import SAMPLE
from derive.dates import read_time
from derive.model import Document
from derive.params import Params
from derive.prepare import prepare
from derive.shingle import hashes_of
from derive.sketch import sketch

COLUMNS = (
    *("id", "sha256", "title", "published", "earliest", "latest", "source", "url", "author", "modified", "path"),
    *("flags", "derived_from", "words", "text", "sketch", "sampled"),
)
"""The columns that a record's checksum is made of, in its order."""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A stored document: its row number, the document, and its sampled hashes."""

    number: int
    document: Document
    sha256: str
    sampled: NDArray[np.uint64]


def row_of(document: Document, params: Params) -> Row:
    """The row of a document: its columns, then the checksum."""
    prepared = prepare(document, shingle_size=params.shingle_size)
    hashes = hashes_of(prepared, params.shingle_size)
    values = sketch(hashes, params.permutations, params.seed)
    time, _ = read_time(document.published)
    row = (
        document.id,
        prepared.sha256,
        document.title,
        document.published,
        time.earliest if time else None,
        time.latest if time else None,
        document.source,
        document.url,
        document.author,
        document.modified,
        document.path,
        json.dumps(document.flags, ensure_ascii=False),
        json.dumps(document.derived_from, ensure_ascii=False),
        len(prepared.words),
        zlib.compress(document.text.encode("utf-8", "surrogatepass"), 6),
        values.astype("<u4").tobytes(),
        sampled(hashes).astype("<u8").tobytes(),
    )
    return (*row, checksum(row))


def sampled(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hashes that stand in the postings: those that `SAMPLE` divides, whatever the document."""
    return np.asarray(hashes[hashes % np.uint64(SAMPLE) == 0], dtype=np.uint64)


def signed(hashes: NDArray[np.uint64]) -> list[int]:
    """Hashes as SQLite keeps them: signed 64-bit numbers."""
    values: list[int] = hashes.view(np.int64).tolist()
    return values


def checksum(row: Row) -> bytes:
    """BLAKE2b of the columns, each with its kind and length, so that no two rows have the same bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for value in row:
        data = (
            value if isinstance(value, bytes) else b"" if value is None else str(value).encode("utf-8", "surrogatepass")
        )
        digest.update(f"{type(value).__name__}:{len(data)}:".encode())
        digest.update(data)
    return digest.digest()


def record_of(number: int, row: Row) -> Record | None:
    """The record in a row (its columns and its checksum); None if it is not what was stored."""
    if checksum(row[:-1]) != row[-1]:
        return None
    field = dict(zip(COLUMNS, row, strict=False))
    document = Document(
        field["id"],
        zlib.decompress(field["text"]).decode("utf-8", "surrogatepass"),
        field["title"],
        field["published"],
        field["source"],
        field["url"],
        field["author"],
        field["modified"],
        field["path"],
        tuple(json.loads(field["flags"])),
        tuple(json.loads(field["derived_from"])),
    )
    return Record(number, document, field["sha256"], np.frombuffer(field["sampled"], dtype="<u8").astype(np.uint64))
