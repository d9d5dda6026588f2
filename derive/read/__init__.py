"""Articles from files, folders and standard input: where every other stage begins.

    paths -> find (files.py) -> by suffix, else by content: a reader (text.py, jsonl.py) -> one check -> documents

`READERS` is the list of formats; a new one is a new value in it. Nothing that is damaged stops the reading or is lost
in silence: it becomes a `Skipped` entry with a reason of the contract, or a `DeriveWarning` if nobody collects those.

Inside a folder every suffix of `READERS` and files without one are read, packed (.gz .bz2 .xz .zst) or not; a README.md is
an article as any other: leave it out with `exclude`. Left out in silence: hidden files, configuration (`files.CONFIGURATION`),
tables without a column of texts, and what derive itself wrote. Links are not followed. A file given by itself is read
whatever its name, if it is text. Web pages, mails, news XML and office documents are taken apart in a helper process that
is killed when it takes too long (`worker.py`).

Start reading at `read_documents`.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, BinaryIO

from derive.errors import Cancelled, DeriveWarning
from derive.model import Document, Skipped
from derive.read import fields
from derive.read.decode import binary_kind, is_text
from derive.read.files import (
    HEAD_BYTES,
    MAX_DOCUMENT_BYTES,
    File,
    Filter,
    Item,
    NotRegularError,
    Problem,
    Record,
    failure,
    find,
    looked_at,
    opened,
    standard_input,
)
from derive.read.jsonl import is_json_lines, read_json
from derive.read.metadata import Sidecar, read_metadata
from derive.read.packed import LAYERS, DamagedError, packer_of, unpacked
from derive.read.tables import read_csv, read_parquet
from derive.read.text import read_text
from derive.read.warc import read_warc
from derive.read.worker import Coming, helpers, in_order, isolated
from derive.versions import told_apart

if TYPE_CHECKING:
    from derive.pipeline import Progress

__all__ = ["MAX_DOCUMENT_BYTES", "READERS", "Reader", "read_documents"]

MAX_ID_BYTES = 1024
MAX_TOLD = 100
"""So many skipped records of one file are told one by one."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A format: the suffixes that promise it, how its first bytes show it, and how it is read."""

    name: str
    suffixes: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: Callable[[File, BinaryIO], Iterator[Coming]]


def _never(head: bytes) -> bool:
    """Only its suffix tells this format."""
    return False


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n")[:300].lower().startswith(marks)


def _holds(mark: bytes) -> Callable[[bytes], bool]:
    """A package in ZIP that holds this."""
    return lambda head: head.startswith(b"PK\x03\x04") and mark in head


def _is_news(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000].lower()
    return start.startswith((b"<?xml", b"<rss", b"<feed", b"<nitf", b"<newsitem")) and b"<html" not in start


READERS = (
    Reader("jsonl", ("jsonl", "ndjson", "json", "ninjs"), is_json_lines, read_json),
    Reader("table", ("csv", "tsv"), _never, read_csv),
    Reader("parquet", ("parquet", "pq"), _begins(b"par1"), read_parquet),
    Reader("web archive", ("warc", "arc", "wet"), _begins(b"warc/"), read_warc),
    Reader("news", ("xml", "rss", "atom", "nitf", "newsml", "wxr"), _is_news, isolated("news")),
    Reader("web page", ("html", "htm", "xhtml"), _begins(b"<!doctype html", b"<html"), isolated("html")),
    Reader(
        "mail", ("eml", "mbox", "mht", "mhtml"), _begins(b"from:", b"return-path:", b"mime-version:"), isolated("mail")
    ),
    Reader("pdf", ("pdf",), _begins(b"%pdf-"), isolated("pdf")),
    Reader("docx", ("docx",), _holds(b"word/"), isolated("docx")),
    Reader("odt", ("odt",), _holds(b"mimetypeapplication/vnd.oasis.opendocument.text"), isolated("odt")),
    Reader("text", ("txt", "text", "md", "markdown"), is_text, read_text),
)
"""In the order in which a file without a telling name is tried."""
_BY_SUFFIX = {suffix: reader for reader in READERS for suffix in reader.suffixes}

_CONTENT = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "odt": b"PK\x03\x04", "parquet": b"PAR1"}
"""How a file of these formats must begin, whatever its name says."""

_SAVE_AS_TEXT = "save the article's text as .txt, or give it as JSONL"
_UNREAD = (
    (("doc", "rtf", "epub", "pages"), f"this format is not read: {_SAVE_AS_TEXT}"),
    (("derive", "sqlite", "db"), "this format is not read here: give its articles as JSONL"),
    (("zip", "tar", "tgz", "7z", "rar"), "archives of files are not read: unpack it and give the folder"),
    (("xls", "xlsx"), "a spreadsheet is not read: save it as CSV"),
)
"""Suffixes that are known and not read, with what to do."""


def read_documents(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    metadata: str | os.PathLike[str] | None = None,
    exclude: Sequence[str] = (),
    out: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    skipped: list[Skipped] | None = None,
    stdin: BinaryIO | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[Document]:
    """The articles under these files and folders (`-`: standard input), in the order of their files' ids.

    `metadata` is a CSV file that describes articles (InputError if it is none), `exclude` holds globs on ids and names,
    `out` is a folder about to be written and therefore not read; `columns` says which field of a record or table holds what
    (`{"text": "body"}`; InputError for what is no field of a document). What cannot be read is appended to `skipped`; without
    such a list each is a `DeriveWarning`.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    globs = (exclude,) if isinstance(exclude, str) else tuple(exclude)
    leave_out = Filter(
        globs,
        None if out is None else os.path.realpath(os.fsencode(out)),
        frozenset() if metadata is None else frozenset({os.path.realpath(os.fsencode(metadata))}),
    )
    sidecar = None if metadata is None else read_metadata(metadata)
    names = fields.columns(columns or {})
    return _documents(
        given, leave_out, sidecar, names, _warn if skipped is None else skipped.append, stdin, jobs, progress
    )


def _warn(skipped: Skipped) -> None:
    warnings.warn(skipped.message, DeriveWarning, stacklevel=3)


def _documents(
    paths: Sequence[str | os.PathLike[str]],
    leave_out: Filter,
    sidecar: Sidecar | None,
    columns: tuple[tuple[str, str], ...],
    tell: Callable[[Skipped], None],
    stdin: BinaryIO | None,
    jobs: int,
    progress: Progress | None,
) -> Iterator[Document]:
    helpers(jobs)
    files, problems = find(paths, leave_out)
    files = [replace(file, columns=columns) for file in files]
    for problem in problems:
        tell(problem)
    seen = _Seen()
    coming = ((place, one) for place, file in enumerate(files) for one in _items(file, stdin))
    total, told = len(files), -1
    for place, items in groupby(in_order(coming), key=itemgetter(0)):
        file = files[place]
        if progress is not None and place * 200 // total > told:
            told = place * 200 // total
            if progress("read", place, total) is False:
                raise Cancelled(f"stopped while reading, {place} of {total} files done")
        for item in _capped(file, _checked(file, (item for _, item in items), leave_out, sidecar, seen)):
            if isinstance(item, Skipped):
                tell(item)
            else:
                yield item.document
    if progress is not None:
        progress("read", total, total)
    for problem in sidecar.problems(leave_out.excludes) if sidecar else ():
        tell(problem)


def _items(file: File, stdin: BinaryIO | None) -> Iterator[Coming]:
    """Everything that one file holds; a failure at any point is its last item."""
    problem = file.problem
    try:
        if problem is None and file.place is None:
            yield from _read(file, standard_input(stdin))
        elif problem is None:
            with opened(file) as stream:
                yield from _read(file, stream)
    except (OSError, NotRegularError) as error:
        problem = failure(error)
    if problem:
        yield file.skipped(problem.reason, problem.words)


def _read(file: File, stream: BinaryIO, layer: int = 0) -> Iterator[Coming]:
    """What a file holds: unpacked first where it is packed, then by the reader of its name or of its beginning."""
    head, stream = looked_at(stream, HEAD_BYTES)
    if packer := packer_of(head):
        if layer == LAYERS:
            yield file.skipped("unsupported", f"packed more than {LAYERS} times over: unpack it")
            return
        inner = replace(file, place=None, inner=file.stem_suffix if file.suffix == packer else file.inner)
        try:
            yield from _read(inner, unpacked(stream, packer), layer + 1)
        except ImportError:
            yield file.skipped("missing-extra", "unpacking .zst needs: pip install 'derive-news[formats]'")
        except DamagedError as error:
            yield file.skipped("damaged", str(error))
        return
    reader = _BY_SUFFIX.get(file.suffix)
    if reader is None or (mark := _CONTENT.get(reader.name, head)) != head[: len(mark)]:
        judged = _by_content(file, head)
        if isinstance(judged, Problem):
            yield file.skipped(judged.reason, judged.words)
            return
        reader = judged
    yield from reader.read(file, stream)


def _by_content(file: File, head: bytes) -> Reader | Problem:
    """Who reads a file whose name does not say it, or why nobody does."""
    for reader in READERS:
        if reader.name in _CONTENT and reader.sniff(head):
            return reader
    if kind := binary_kind(head):
        return Problem("binary", kind)
    if not is_text(head):
        return Problem("binary", f"no text: {_SAVE_AS_TEXT}, or leave it out with --exclude")
    for suffixes, words in _UNREAD:
        if file.suffix in suffixes:
            return Problem("unsupported", words)
    if file.suffix in _CONTENT:
        return Problem("damaged", f"not the .{file.suffix} file that its name says: fetch it again")
    if file.suffix and not file.direct:
        return Problem("unsupported", f"the suffix .{file.suffix} is not read: rename it to .txt, or give it as a PATH")
    return next(reader for reader in READERS if reader.sniff(head))


class _Seen:
    """Which id stands for which text, and where that was read first."""

    def __init__(self) -> None:
        self._held: dict[str, list[_Held]] = {}

    def problem(self, file: File, record: Record) -> Problem | None:
        """Why this document may not have its id; None the first time, and for another version of the same article."""
        document = record.document
        place = file.id if record.number is None else f"{file.id}:{record.number}"
        digest = hashlib.blake2b(document.text.encode("utf-8"), digest_size=16).digest()
        held = self._held.setdefault(document.id, [])
        for other in held:
            if other.digest == digest:
                return Problem("duplicate-id", f"{document.id} with the same text as at {other.place}: counted once")
        for other in held:
            if not told_apart(other.document, document):
                words = (
                    f"{document.id} is also the id of another text, at {other.place}, which is kept: give each its own "
                    "id, or the time of each version"
                )
                return Problem("duplicate-id", words)
        # Of the text only the digest is kept: a collection may be larger than memory.
        held.append(_Held(digest, place, replace(document, text="")))
        return None


@dataclass(frozen=True, slots=True)
class _Held:
    """A text that was read under an id, and where."""

    digest: bytes
    place: str
    document: Document


def _checked(
    file: File, items: Iterable[Item], leave_out: Filter, sidecar: Sidecar | None, seen: _Seen
) -> Iterator[Item]:
    """The items with what the table says of them, without those that are excluded, or whose ids will not do."""
    for item in items:
        if isinstance(item, Skipped):
            if sidecar and item.record is None:
                sidecar.claim(file)
            yield item
            continue
        if leave_out.excludes(item.document.id):
            continue
        record = replace(item, document=sidecar.describe(file, item)) if sidecar else item
        problem = _long_id(record.document.id) or seen.problem(file, record)
        yield file.skipped(problem.reason, problem.words, record.number) if problem else record


def _long_id(id: str) -> Problem | None:
    size = len(id.encode("utf-8"))
    if size <= MAX_ID_BYTES:
        return None
    return Problem("bad-record", f"its id has {size:,} bytes, {MAX_ID_BYTES:,} are allowed: give it a shorter one")


def _capped(file: File, items: Iterable[Item]) -> Iterator[Item]:
    """The items; of many skipped records the first ones and a count."""
    told = 0
    for item in items:
        is_bad_record = isinstance(item, Skipped) and item.record is not None
        told += is_bad_record
        if not is_bad_record or told <= MAX_TOLD:
            yield item
    if told > MAX_TOLD:
        yield file.skipped("bad-record", f"and {told - MAX_TOLD:,} more records that could not be read")
