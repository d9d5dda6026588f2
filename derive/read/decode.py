"""Bytes into text, without ever failing.

A byte order mark decides; else it is UTF-8, with every byte that is none read as Windows-1252 (so files of mixed
encodings stay whole). Nothing else is changed: line ends stay what they were, because passages are offsets into this
text. What is no text at all is told by content, whatever its name.

Start reading at `decode`.
"""

from __future__ import annotations

import codecs
import re

CONTROL_SHARE = 0.05
"""More control characters than this, and it is no text (prior: a text has none, or a stray one)."""
LOOKED_AT = 65_536
"""Characters over which that share is measured."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 stands first: its little-endian mark begins with that of UTF-16."""
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
_LONE = re.compile("[\ud800-\udfff]")

_SIGNATURES = (
    (b"%PDF-", "a PDF: save its text as .txt"),
    (b"PK\x03\x04", "a ZIP archive or an office document: unpack it, or save its text as .txt"),
    (b"PK\x05\x06", "an empty ZIP archive: nothing to read"),
    (b"\x1f\x8b", "compressed with gzip: unpack it with gunzip"),
    (b"BZh91AY", "compressed with bzip2: unpack it"),
    (b"\xfd7zXZ\x00", "compressed with xz: unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd: unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"),
    (b"\xd0\xcf\x11\xe0", "an office document: save its text as .txt"),
    (b"SQLite format 3\x00", "an SQLite database: if it is a derive archive, give it as an archive, alone"),
    (b"\xff\xd8\xff", "an image: only text is read"),
    (b"\x89PNG\r\n\x1a\n", "an image: only text is read"),
    (b"GIF87a", "an image: only text is read"),
    (b"GIF89a", "an image: only text is read"),
    (b"\x7fELF", "a program: only text is read"),
)


def is_text(head: bytes) -> bool:
    """Whether these first bytes of a file are text in any encoding."""
    return binary_kind(head) is None and not is_binary(decode(head))


def binary_kind(head: bytes) -> str | None:
    """What kind of binary file begins so, with what to do about it; None if there is no telling."""
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), None)


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing."""
    return not any(c.isprintable() and not c.isspace() for c in text)


def decode(data: bytes) -> str:
    r"""The text that these bytes are meant to be; never raises, and drops nothing but a byte order mark.

    >>> decode(b"caf\xc3\xa9, caf\xe9")
    'café, café'
    """
    mark, encoding = _encoding(data)
    return _decoded(data[len(mark) :], encoding)


def is_utf8(head: bytes) -> bool:
    """Whether what begins so is decoded as UTF-8 (with `derive-cp1252` for what is none), so that it can be streamed."""
    return _encoding(head)[1] == "utf-8"


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The mark that the bytes begin with, and their encoding."""
    marked = next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), None)
    return marked or (b"", _unmarked_utf16(data) or "utf-8")


def whole(text: str) -> str:
    """The text with lone surrogates (which no file can hold) replaced."""
    return _LONE.sub("\ufffd", text)


def is_binary(text: str) -> bool:
    """Whether what was decoded holds characters that no text has."""
    head = text[:LOOKED_AT].encode("utf-8", "surrogatepass")
    return "\0" in text or len(head) - len(head.translate(None, _CONTROLS)) > CONTROL_SHARE * len(text[:LOOKED_AT])


def _decoded(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "derive-cp1252" if encoding == "utf-8" else "replace")


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """What is not UTF-8 was most likely written on Windows; the five bytes that mean nothing there become U+FFFD."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("derive-cp1252", _as_windows_1252)


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark shows by the zero in every second byte of Latin text."""
    head = data[:4096]
    if 0 not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) * 5 < len(head) or min(even, odd):
        return None
    return "utf-16-le" if odd else "utf-16-be"
