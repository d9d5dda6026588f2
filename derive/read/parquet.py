"""Rows of a Parquet file, a batch at a time. A helper process runs this (`worker.py`), one for each file, since it remembers
the file between two questions: a small file can unpack to far more than there is memory for.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from derive.read.fields import ALL, key, text_columns
from derive.read.files import MAX_DOCUMENT_BYTES, File, NotRegularError, megabytes, opened

BATCH = 64
"""Rows that are unpacked at once: so many of the longest texts that are read must fit into the helper's memory."""
ANSWER = 1_000_000
"""Characters after which an answer is sent."""

_open = ExitStack()
_batches: Iterator[list[dict[str, Any]]] = iter(())


def rows(question: bytes) -> list[Any]:
    """The next rows; none at the end. The first question says where the file is (else it follows) and what `--map` says."""
    global _batches
    if question:
        said, _, content = question.partition(b"\n")
        place, columns = json.loads(said)
        _batches = _read(place, columns, content)
    import pyarrow

    try:
        return next(_batches, [])
    except (OSError, NotRegularError, ValueError, pyarrow.ArrowException) as error:
        if isinstance(error, MemoryError):
            raise
        words = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        return ["damaged", f"not Parquet that can be read ({words}): fetch it again"]


def _read(place: str | None, columns: list[tuple[str, str]], content: bytes) -> Iterator[list[Any]]:
    import pyarrow.parquet

    source = (
        io.BytesIO(content)
        if place is None
        else _open.enter_context(opened(File("", place.encode("utf-8", "surrogateescape"))))
    )
    table = pyarrow.parquet.ParquetFile(source)
    names = [name for name in table.schema_arrow.names if not name.startswith("__")]
    if not text_columns(names, columns):
        yield ["unsupported", "a table without a column of texts: name it with --map text=COLUMN"]
        return
    said = {key(name) for _, name in columns}
    wanted = [name for name in names if key(name) in ALL or key(name) in said]
    ready: list[Any] = []
    size = 0
    for batch in table.iter_batches(batch_size=BATCH, columns=wanted):
        ready += [plain_row(row) for row in batch.to_pylist()]
        size += batch.nbytes
        if size > ANSWER or len(ready) > ANSWER // 100:
            yield ready
            ready, size = [], 0
    if ready:
        yield ready


def plain_row(row: dict[str, Any]) -> dict[str, Any] | list[str]:
    """The row as JSON can carry it, or why it is none."""
    if any(isinstance(value, str) and len(value) > MAX_DOCUMENT_BYTES for value in row.values()):
        return ["too-large", f"a text of more than {megabytes(MAX_DOCUMENT_BYTES)}: split it"]
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """Times in ISO 8601, bytes as text, lists and objects with such things in them."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
