"""One file, one article: plain text and Markdown.

The text is the file's, untouched, for passages are offsets into it; only a Markdown file may open with a block that
describes it (front matter), and its text begins below that.

Start reading at `read_text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from derive.model import Document
from derive.read.decode import binary_kind, decode, is_binary, is_blank
from derive.read.fields import described
from derive.read.files import MAX_DOCUMENT_BYTES, File, Item, Problem, Record, megabytes, read_up_to


def read_text(file: File, stream: BinaryIO) -> Iterator[Item]:
    """The file as one document."""
    text = _text(stream)
    if isinstance(text, Problem):
        yield file.skipped(text.reason, text.words)
    else:
        yield Record(None, Document(file.id, text, path=file.id))


def read_markdown(file: File, stream: BinaryIO) -> Iterator[Item]:
    """As `read_text`; a block of `key: value` lines between two `---` above the text describes it and is not part of it."""
    for item in read_text(file, stream):
        yield _below_front_matter(file, item.document) if isinstance(item, Record) else item


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


# Front matter.

_LINE = r"(?:[\w-]+[ \t]*:[^\r\n]*|[ \t]+[^\r\n]*|-[ \t][^\r\n]*|\#[^\r\n]*|)(?:\r\n|\n|\r)"
_FRONT_MATTER = re.compile(
    rf"---[ \t]*(?:\r\n|\n|\r)(?P<lines>(?:(?!---[ \t]*[\r\n]){_LINE}){{1,200}}?)(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"
)


def _below_front_matter(file: File, document: Document) -> Item:
    block = _FRONT_MATTER.match(document.text)
    fields = described(_front_matter(block["lines"])) if block else {}
    if block is None or not fields:
        return Record(None, document)
    body = document.text[block.end() :]
    if is_blank(body):
        return file.skipped("empty", "holds no text below its front matter")
    return Record(None, Document(file.id, body, path=file.id, **fields))


def _front_matter(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.splitlines():
        key, colon, value = line.partition(":")
        if colon and not line[0].isspace():
            found[key.strip().lower()] = value.strip().strip("\"'")
    return found
