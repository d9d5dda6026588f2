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
from derive.read.clippings import clippings
from derive.read.decode import binary_kind, decode, is_binary, is_blank
from derive.read.fields import described, key
from derive.read.files import MAX_DOCUMENT_BYTES, File, Item, Problem, Record, megabytes, read_up_to

MARKDOWN = ("md", "markdown")


def read_text(file: File, stream: BinaryIO) -> Iterator[Item]:
    """The file as one document; the text begins below the block that describes it, where there is one. What a press database
    exported holds many (`clippings.py`).
    """
    text = _text(stream)
    if isinstance(text, Problem):
        yield file.skipped(text.reason, text.words)
        return
    if articles := clippings(text):
        for number, article in enumerate(articles, 1):
            said: dict[str, Any] = {name: value for name, value in article.items() if value}
            yield Record(number, Document(said.pop("id", f"{file.id}#{number}"), path=file.id, **said))
        return
    start, fields = next((found for block in (_front_matter, _header) if (found := block(text))[1]), (0, {}))
    text = _without_links(text[start:]) if file.suffix in MARKDOWN else text[start:]
    if is_blank(text):
        yield file.skipped("empty", "holds no text below the lines that describe it")
    else:
        yield Record(None, Document(file.id, text, path=file.id, **fields))


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


_LINK = re.compile(
    r"(!?)\[([^\[\]]{0,1000})\](?:\([^()\s]{0,2000}(?:[ \t]+[\"'][^\r\n\"']{0,300}[\"'])?\)|\[[^\[\]\r\n]{0,200}\])"
)
_TARGET = re.compile(r"(?m)^ {0,3}\[[^\[\]\r\n]{1,200}\]:[ \t]*\S[^\r\n]*")


def _without_links(text: str) -> str:
    """Markdown as it is read: the words of links without their addresses, no pictures.

    >>> _without_links("See [the report](https://council.example/a-b) ![A crane](crane.jpg)now.")
    'See the report now.'
    """
    if "](" in text or "][" in text:
        text = _LINK.sub(lambda link: "" if link[1] else link[2], text)
    return _TARGET.sub("", text) if "]:" in text else text


# The kinds of block.

_LINE = r"(?:[\w-]+[ \t]*:[^\r\n]*|[ \t]+[^\r\n]*|-[ \t][^\r\n]*|\#[^\r\n]*|)(?:\r\n|\n|\r)"
_FRONT_MATTER = re.compile(
    rf"---[ \t]*(?:\r\n|\n|\r)(?P<lines>(?:(?!---[ \t]*[\r\n]){_LINE}){{1,200}}?)(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"
)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(?P<lines>(?:(?!\+\+\+)[^\r\n]*\r?\n){1,200})\+\+\+[ \t]*(?:\r?\n|\Z)")
_HEADER = re.compile(
    r"\s{0,20}(?P<lines>(?:[a-z][\w -]{1,24}:[^\r\n]*(?:\r\n|\n|\r)){1,30})[ \t]*(?:\r\n|\n|\r)", re.I | re.ASCII
)


_ANY_DAY = 253_402_300_799
"""What day it is must not decide what a file is."""


def _front_matter(text: str) -> tuple[int, dict[str, Any]]:
    """Where the text begins, and what the block between two `---`, or `+++`, says of it."""
    block = _FRONT_MATTER.match(text) or _TOML.match(text)
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


_PAIR = re.compile(r"([\w -]{1,60}?)[ \t]{0,20}[:=](.*)", re.S)


def _said(lines: str) -> dict[str, str]:
    """The names and values of a block; of a list below its name all entries."""
    found: dict[str, str] = {}
    name = ""
    for line in lines.splitlines():
        entry = line.strip()
        if name and not found[name] and entry.startswith("- "):
            found[name] = _bare(entry[2:])
        elif name and entry.startswith("- "):
            found[name] += f", {_bare(entry[2:])}"
        elif line[:1].strip() and (pair := _PAIR.match(line)):
            name = key(pair[1])
            found[name] = _bare(pair[2])
    return found


def _bare(value: str) -> str:
    """A value without quotation marks, or the brackets of a list.

    >>> _bare("['Mara Lind', 'Jo Falk']")
    'Mara Lind, Jo Falk'
    """
    value = value.strip()
    many = value[1:-1].split(",") if value.startswith("[") and value.endswith("]") else [value]
    return ", ".join(one.strip().strip("\"'") for one in many)
