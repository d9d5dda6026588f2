"""Web archives (.warc, .warc.gz): each saved page is an article. Page by page in the helper process, with its own deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

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
    records = ArchiveIterator(stream, no_record_parse=False)
    try:
        for number, record in enumerate(records, 1):
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
            yield _page(file, number, record)
    except (ArchiveLoadFailed, OSError, ValueError, EOFError, AttributeError) as error:
        words = str(error).splitlines()[0][:80] if str(error) else type(error).__name__
        yield file.skipped("damaged", f"damaged after record {number} ({words}): what came before was read")
        return
    if not number:
        yield file.skipped("damaged", "holds no record: it was cut off or is no web archive; fetch it again")
    elif not pages:
        yield file.skipped("empty", "holds no saved page")


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
