"""Web archives (.warc, .warc.gz): each saved page is an article. Page by page in the helper process, with its own deadline."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO

from derive.model import Skipped
from derive.read.files import MAX_DOCUMENT_BYTES, File, Item, Problem, megabytes
from derive.read.worker import Awaited, Coming, Found, asked, item_of


def read_warc(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """The HTML responses, in order; damage is named with its offset, and what came before it is kept."""
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        yield file.skipped("missing-extra", "reading it needs the package warcio: pip install 'derive-news[formats]'")
        return
    number = pages = 0
    said = io.StringIO()
    records = ArchiveIterator(stream)
    try:
        for number, record in enumerate(_quietly(records, said), 1):
            if not record.rec_type:
                yield file.skipped("damaged", "a record without a type: the file was cut off; fetch it again", number)
                return
            if record.rec_type not in ("response", "resource", "conversion"):
                continue
            kind = (record.http_headers or record.rec_headers).get_header("Content-Type") or ""
            status = record.http_headers.get_statuscode() if record.http_headers else "200"
            if "html" not in kind.lower() or not status.startswith("2"):
                continue
            pages += 1
            with redirect_stderr(said):
                page = _page(file, number, record)
            yield page
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, AttributeError) as error:
        words = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        yield file.skipped("damaged", f"damaged after record {number} ({words}): what came before was read")
        return
    if records.err_count and number:
        words = "the length of a record is not the one that its header says: text may be missing; fetch it again"
        yield file.skipped("damaged", words)
    if not number:
        yield file.skipped("damaged", "holds no record: it was cut off or is no web archive; fetch it again")
    elif not pages:
        yield file.skipped("empty", "holds no saved page")


def _quietly(records: Iterator[Any], said: io.StringIO) -> Iterator[Any]:
    """The records; what the library prints on the way goes to `said` and not to the terminal."""
    while True:
        with redirect_stderr(said):
            record = next(records, None)
        if record is None:
            return
        yield record


def _page(file: File, number: int, record: object) -> Skipped | Awaited:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""  # type: ignore[attr-defined]
    data = record.content_stream().read(MAX_DOCUMENT_BYTES + 1)  # type: ignore[attr-defined]
    if len(data) > MAX_DOCUMENT_BYTES:
        return file.skipped("too-large", f"a page of more than {megabytes(MAX_DOCUMENT_BYTES)}", number)
    stated = record.http_headers.get_header("Content-Length") if record.http_headers else None  # type: ignore[attr-defined]
    encoded = record.http_headers and record.http_headers.get_header("Content-Encoding")  # type: ignore[attr-defined]
    cut = bool(stated and stated.isdigit() and not encoded and len(data) < int(stated))

    def make(found: Found | Problem) -> Iterator[Item]:
        if isinstance(found, Problem):
            yield file.skipped(found.reason, found.words, number)
            return
        fields = found[0]
        if "problem" not in fields:
            fields.setdefault("url", address)
            if cut:
                fields["flags"] = [*fields.get("flags", []), "truncated"]
        yield item_of(file, number, fields)

    return asked("html", data, make)
