"""A table beside the articles that says what they do not say themselves: title, date, outlet, address.

One CSV row an article, found by `path` (the id, or the place relative to the table's folder) or by `id`. What the table
says wins over what the article says. A row that leads to no article is told, and so is one that cannot be read.

Start reading at `read_metadata`.
"""

from __future__ import annotations

import csv
import io
import os
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.errors import InputError
from derive.model import Document, Skipped
from derive.read.decode import binary_kind, decode
from derive.read.fields import NAMES, described, key
from derive.read.files import MAX_WHOLE_BYTES, File, NotRegularError, Record, failure, opened, read_up_to, spell

_KEYS = ("path", "id")
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: which article, and what is said of it."""

    line: int
    path: str
    id: str
    says: dict[str, str]


class Sidecar:
    """The table, and which of its rows have led to an article so far."""

    def __init__(self, name: str, folder: bytes, rows: Sequence[Row], problems: Sequence[Skipped]) -> None:
        self._name = name
        self._folder = folder
        self._rows = rows
        self._used: set[int] = set()
        self._problems = [*problems]
        self._by_path: dict[str, Row] = {}
        self._by_id: dict[str, Row] = {}
        for row in rows:
            self._enter(row)

    def describe(self, file: File, record: Record) -> Document:
        """The document with what the table says of it; an own id leads to its row before the file's path does."""
        row = self._by_id.get(record.document.id)
        if row is None and (beside := self._beside(file)) and (record.number is None or not beside.id):
            row = beside
        if row is None:
            return record.document
        self._used.add(row.line)
        return replace(record.document, **described(row.says))

    def claim(self, file: File) -> None:
        """Notes that the file was found, although it could not be read: its row is not to blame."""
        if row := self._beside(file):
            self._used.add(row.line)

    def problems(self, excludes: Callable[[str], bool]) -> Iterator[Skipped]:
        """Rows that could not be used, and those that led nowhere (unless their articles were excluded)."""
        yield from self._problems
        for row in self._rows:
            if row.line not in self._used and not any(name and excludes(name) for name in (row.path, row.id)):
                words = f"no article was read that is called {row.path or row.id}: check the spelling"
                yield self._skipped("not-found", row.line, words)

    def _enter(self, row: Row) -> None:
        is_new = False
        for name, table in ((row.id, self._by_id), (row.path and posixpath.normpath(row.path), self._by_path)):
            is_new |= bool(name) and table.setdefault(name, row) is row
        if not is_new:
            self._used.add(row.line)
            first = self._by_id.get(row.id) or self._by_path[posixpath.normpath(row.path)]
            words = f"a second row for {row.path or row.id}: line {first.line} is used, take one of them out"
            self._problems.append(self._skipped("bad-record", row.line, words))

    def _beside(self, file: File) -> Row | None:
        """The row of a file by its place relative to the table's folder, else by its id."""
        row = None
        if file.place is not None and os.path.splitdrive(file.place)[0] == os.path.splitdrive(self._folder)[0]:
            row = self._by_path.get(spell(os.path.relpath(file.place, self._folder)))
        return row or self._by_path.get(file.id)

    def _skipped(self, reason: str, line: int, words: str) -> Skipped:
        return Skipped(self._name, line, reason, f"{self._name}:{line}: {words}")


def read_metadata(path: str | os.PathLike[str]) -> Sidecar:
    """The table in this CSV file; InputError if it is none."""
    place = os.path.realpath(os.fsencode(path))
    name = spell(os.path.basename(place))
    rows: list[Row] = []
    problems: list[Skipped] = []
    lines = _cells(name, _text(File(name, place)))
    header = _header(name, next(lines, (0, []))[1])
    for line, cells in lines:
        row = _row(name, line, header, cells)
        if isinstance(row, Row):
            rows.append(row)
        else:
            problems.append(row)
    return Sidecar(name, os.path.dirname(place), rows, problems)


def _text(file: File) -> str:
    try:
        with opened(file) as stream:
            data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
    except (OSError, NotRegularError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{file.id}: there is no such metadata file: check the spelling") from None
        raise InputError(f"{file.id}: {failure(error).words}") from None
    text = decode(data)
    if binary_kind(data) or "\0" in text or len(data) > MAX_WHOLE_BYTES:
        raise InputError(f"{file.id}: not a table: metadata is a CSV file with a header line")
    return text


def _cells(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line of the table that is not blank, with its number."""
    delimiter = max(_DELIMITERS, key=text.lstrip().partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InputError(f"{name}:{lines.line_num}: the table cannot be read ({error}): mend this line") from None


def _header(name: str, cells: list[str]) -> list[str]:
    header = [key(cell) for cell in cells]
    known = {alias for aliases in NAMES.values() for alias in aliases}
    if not set(header) & set(_KEYS) or not set(header) & known:
        raise InputError(
            f"{name}: its first line must name the columns: path or id, and title, published, source or url"
        )
    return header


def _row(name: str, line: int, header: list[str], cells: list[str]) -> Row | Skipped:
    if any(cells[len(header) :]):
        words = f"{len(cells)} cells under {len(header)} columns: put quotes around a cell that holds the separator"
        return Skipped(name, line, "bad-record", f"{name}:{line}: {words}")
    says = dict(zip(header, cells, strict=False))
    path, id = says.get("path", ""), says.get("id", "")
    if not path and not id:
        return Skipped(
            name, line, "bad-record", f"{name}:{line}: neither a path nor an id: say which article it is about"
        )
    return Row(line, path, id, says)
