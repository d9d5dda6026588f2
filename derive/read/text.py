"""One file, one article: plain text and Markdown.

The text is the file's, untouched, for passages are offsets into it; only a block that describes it may stand above: front
matter in Markdown, lines such as `Date: 2026-03-04` and a blank line in plain text. The text begins below that.

Start reading at `read_text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from derive.dates import read_time
from derive.model import Document
from derive.read.decode import binary_kind, decode, is_binary, is_blank
from derive.read.fields import described, key
from derive.read.files import MAX_DOCUMENT_BYTES, File, Item, Problem, Record, megabytes, read_up_to


def read_text(file: File, stream: BinaryIO) -> Iterator[Item]:
    """The file as one document; the text begins below the block that describes it, where there is one."""
    text = _text(stream)
    if isinstance(text, Problem):
        yield file.skipped(text.reason, text.words)
        return
    start, fields = next((found for block in (_front_matter, _header) if (found := block(text))[1]), (0, {}))
    if is_blank(text[start:]):
        yield file.skipped("empty", "holds no text below the lines that describe it")
    else:
        yield Record(None, Document(file.id, text[start:], path=file.id, **fields))


def _text(stream: BinaryIO) -> str | Problem:
    data = read_up_to(stream, MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        limit = megabytes(MAX_DOCUMENT_BYTES)
        return Problem("too-large", f"larger than {limit}: split it, or give one article a line as JSONL")
    if kind := binary_kind(data):
        return Problem("binary", kind)
    text = decode(data)
    if is_binary(text):
        return Problem("binary", "no text: save its text as .txt, or leave it out with --exclude")
    return Problem("empty", "holds no text: fill it, or leave it out with --exclude") if is_blank(text) else text


# The two kinds of block.

_LINE = r"(?:[\w-]+[ \t]*:[^\r\n]*|[ \t]+[^\r\n]*|-[ \t][^\r\n]*|\#[^\r\n]*|)(?:\r\n|\n|\r)"
_FRONT_MATTER = re.compile(
    rf"---[ \t]*(?:\r\n|\n|\r)(?P<lines>(?:(?!---[ \t]*[\r\n]){_LINE}){{1,200}}?)(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"
)
_HEADER = re.compile(
    r"\s{0,20}(?P<lines>(?:[a-z][\w -]{1,24}:[^\r\n]*(?:\r\n|\n|\r)){1,30})[ \t]*(?:\r\n|\n|\r)", re.I | re.ASCII
)


_ANY_DAY = 253_402_300_799
"""What day it is must not decide what a file is."""


def _front_matter(text: str) -> tuple[int, dict[str, Any]]:
    """Where the text begins, and what the block between two `---` says of it."""
    block = _FRONT_MATTER.match(text)
    return (block.end(), described(_said(block["lines"]))) if block else (0, {})


def _header(text: str) -> tuple[int, dict[str, Any]]:
    """The same for lines above the first blank one, if two say what one says of an article, or one is a date.

    >>> _header("By: Mara Lind\\nDate: 4 March 2026\\n\\nThe cranes stand still.")
    (34, {'published': '4 March 2026', 'author': 'Mara Lind'})
    >>> _header("Update: the bakers are back at work\\n\\nThey won.")
    (0, {})
    """
    block = _HEADER.match(text)
    fields = described(_said(block["lines"])) if block else {}
    if block is None or not (len(fields) > 1 or read_time(fields.get("published"), _ANY_DAY)[0]):
        return 0, {}
    return block.end(), fields


def _said(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            found[key(name.strip())] = value.strip().strip("\"'")
    return found
