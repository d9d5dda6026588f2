"""Web archives (.warc, .warc.gz, .wet): each saved page is an article. Page by page in the helper process, with its own deadline.

Pictures, style sheets, redirects, errors and other files of a site are no articles and left out in silence.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO

from derive.read.decode import decode
from derive.read.files import MAX_DOCUMENT_BYTES, File, Item, Problem, megabytes
from derive.read.worker import Coming, Found, asked, item_of


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
            form = _form(record)
            if form is None:
                continue
            pages += 1
            with redirect_stderr(said):
                page = _page(file, number, record, form)
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


_FORMS = (("html", "html"), ("application/pdf", "pdf"))
"""What a record's type says -> the format in which a helper takes it apart."""


def _form(record: Any) -> str | None:
    """The format of a record; None for one that is no article."""
    kind = ((record.http_headers or record.rec_headers).get_header("Content-Type") or "").lower()
    if record.rec_type == "conversion" and "text/plain" in kind:  # .wet: a page's text, taken out by the crawler
        return "text"
    status = record.http_headers.get_statuscode() if record.http_headers else "200"
    return next((form for said, form in _FORMS if said in kind and status.startswith("2")), None)


def _quietly(records: Iterator[Any], said: io.StringIO) -> Iterator[Any]:
    """The records; what the library prints on the way goes to `said` and not to the terminal."""
    while True:
        with redirect_stderr(said):
            record = next(records, None)
        if record is None:
            return
        yield record


def _page(file: File, number: int, record: Any, form: str) -> Coming:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    data = record.content_stream().read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        return file.skipped("too-large", f"a page of more than {megabytes(MAX_DOCUMENT_BYTES)}", number)
    headers = record.http_headers or record.rec_headers
    stated = headers.get_header("Content-Length")
    cut = bool(stated and stated.isdigit() and not headers.get_header("Content-Encoding") and len(data) < int(stated))

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

    return next(make([{"text": decode(data)}])) if form == "text" else asked(form, data, make)
