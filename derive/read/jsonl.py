"""Articles as JSON records: one a line (JSONL, NDJSON), or all in one array.

Lines are streamed, so a file may be larger than memory; a bad line costs that line. Whether a file holds lines or one
value is judged by its beginning, since both come under all names. The fields' names stand in `derive.read.fields`.

Start reading at `read_json`; `record` makes a document of one record.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from typing import Any, BinaryIO

from derive.model import Document
from derive.read.decode import binary_kind, decode, is_blank, whole
from derive.read.fields import IDS, MARKUP, TEXT, declared_sources, described, key
from derive.read.files import (
    MAX_DOCUMENT_BYTES,
    MAX_WHOLE_BYTES,
    OWN_OUTPUT,
    File,
    Item,
    Problem,
    Record,
    looked_at,
    megabytes,
    read_up_to,
)
from derive.read.worker import Awaited, Coming, Found, asked

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32, where a line end is more than one byte."""
_PADDING = "\0 \t\r\n"
_CHUNK = 1 << 20
_KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}


def read_json(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """Every record of the file as a document, and every one that cannot be."""
    head, stream = looked_at(stream, MAX_DOCUMENT_BYTES)
    if head.startswith(OWN_OUTPUT):
        if file.direct:
            yield file.skipped("unsupported", "a lineage that derive wrote, no articles: see derive explain --in")
        return
    is_empty = True
    for item in _items(file, head, stream):
        is_empty = False
        yield item
    if is_empty:
        yield file.skipped("empty", "holds no records: fill it, or leave it out with --exclude")


def _items(file: File, head: bytes, stream: BinaryIO) -> Iterator[Coming]:
    """The records, read as the file's beginning asks for."""
    if kind := binary_kind(head):
        yield file.skipped("binary", kind)
    elif head.startswith(_WIDE_MARKS):
        yield from _narrowed(file, stream)
    elif _holds_lines(head, file.suffix):
        yield from _lines(file, stream)
    else:
        yield from _one_value(file, stream)


def is_json_lines(head: bytes) -> bool:
    """Whether a file without a telling name begins with a record on a line of its own."""
    start = decode(head[:8]).lstrip()
    return start.startswith("{") and (head.startswith(OWN_OUTPUT) or _is_json(decode(head).lstrip().partition("\n")[0]))


def _holds_lines(head: bytes, suffix: str) -> bool:
    """One record a line, or one value over many lines?"""
    first, _, rest = decode(head).strip(_PADDING).partition("\n")
    if _is_json(first):
        return not is_blank(rest)
    if first.startswith("["):
        return False
    return suffix in ("jsonl", "ndjson") or rest.lstrip().startswith("{")


def _is_json(text: str) -> bool:
    return not isinstance(value_of(text), Problem)


def _narrowed(file: File, stream: BinaryIO) -> Iterator[Coming]:
    """A file in UTF-16 or UTF-32, read again as UTF-8."""
    data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
    if len(data) > MAX_WHOLE_BYTES:
        yield file.skipped(
            "too-large", f"larger than {megabytes(MAX_WHOLE_BYTES)} and not in UTF-8: convert it to UTF-8"
        )
    else:
        yield from read_json(file, io.BytesIO(decode(data).encode("utf-8")))


def _lines(file: File, stream: BinaryIO) -> Iterator[Coming]:
    number = 0
    while line := stream.readline(MAX_DOCUMENT_BYTES + 1):
        number += 1
        if len(line) > MAX_DOCUMENT_BYTES:
            _drain(line, stream)
            yield file.skipped("too-large", f"a line of more than {megabytes(MAX_DOCUMENT_BYTES)}: split it", number)
        elif text := decode(line).strip(_PADDING):
            yield record(file, number, value_of(text))
        elif b"\0" in line:
            words = "nothing but NUL bytes: the file was cut off while it was written; fetch it again"
            yield file.skipped("bad-record", words, number)


def _drain(line: bytes, stream: BinaryIO) -> None:
    """Reads to the end of a line that is too long, without holding it."""
    while line and not line.endswith(b"\n"):
        line = stream.readline(_CHUNK)


def _one_value(file: File, stream: BinaryIO) -> Iterator[Coming]:
    data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
    if len(data) > MAX_WHOLE_BYTES:
        yield file.skipped("too-large", f"one value of more than {megabytes(MAX_WHOLE_BYTES)}: write one record a line")
        return
    text = decode(data).strip(_PADDING)
    value = value_of(text) if text else []
    if isinstance(value, Problem):
        yield file.skipped(value.reason, value.words)
        return
    for number, one in enumerate(_records(value, file.columns), 1):
        yield record(file, number, one)


_LISTS = (
    *("articles", "items", "results", "posts", "documents", "docs", "stories", "entries", "news", "hits"),
    *("response", "data"),
)
"""What interfaces and exports call the list of articles in their answer, or what it lies in."""


def _records(value: Any, columns: tuple[tuple[str, str], ...], depth: int = 3) -> list[Any]:
    """The records of a value: a list is one of records; an object is one, or an answer with a list of them in it."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else [value]
    named = {key(name): content for name, content in value.items()}
    says_a_text = {*TEXT, *MARKUP, *(name for _, name in columns)} & named.keys()
    for name in () if says_a_text or not depth else _LISTS:
        inside = _records(inner, columns, depth - 1) if isinstance(inner := named.get(name), dict | list) else []
        if inside and all(isinstance(one, dict) for one in inside):
            return inside
    return [value]


def value_of(text: str) -> Any:
    """The value, or a `Problem`; NaN, infinities and numbers of thousands of digits count as missing."""
    try:
        return json.loads(text, parse_constant=lambda name: None, parse_int=_integer)
    except RecursionError:
        return Problem("bad-record", "nested too deeply: no article is")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, " if error.lineno > 1 else ""
        return Problem("bad-record", f"not JSON ({error.msg}, {place}column {error.colno}): mend it")


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


def record(file: File, number: int, value: Any) -> Coming:
    """The record as a document, or why it is none; one whose text is marked up is awaited."""
    if isinstance(value, Problem):
        return file.skipped(value.reason, value.words, number)
    if not isinstance(value, dict):
        words = f'{_kind(value)}, not a record: write it as {{"id": ..., "text": ...}}'
        return file.skipped("bad-record", words, number)
    value = _renamed(value)
    value |= {field: value[name] for field, name in file.columns if name in value}
    id = _id(file, number, next((value[n] for n in IDS if value.get(n) is not None), None))
    if isinstance(id, Problem):
        return file.skipped(id.reason, id.words, number)
    make = partial(_document, file, number, id, value)
    markup = _markup(value)
    return make(_text(value)) if markup is None else _unmarked(markup, make)


def _document(file: File, number: int, id: str, value: dict[str, Any], text: str | Problem) -> Item:
    if isinstance(text, Problem):
        return file.skipped(text.reason, text.words, number)
    flags = ("truncated",) if _CUT.search(text[-40:]) else ()
    sources = declared_sources(value)
    return Record(number, Document(id, text, path=file.id, flags=flags, derived_from=sources, **described(value)))


_CUT = re.compile(r"\[\+\d+ chars\]\s*$")
"""How an interface marks that it gives only the beginning of a text."""


def _markup(fields: dict[str, Any]) -> str | None:
    """The HTML of a record whose plain text fields say nothing."""
    marked = [fields[name] for name in MARKUP if isinstance(fields.get(name), str)]
    plain = [fields[name] for name in TEXT if fields.get(name) is not None]
    return marked[0] if marked and all(isinstance(v, str) and is_blank(v) for v in plain) else None


def _unmarked(markup: str, make: Callable[[str | Problem], Item]) -> Awaited:
    """The text in a piece of HTML, by a helper."""

    def made(found: Found | Problem) -> Iterator[Item]:
        yield make(found if isinstance(found, Problem) else _stated([found[0].get("text", "")]))

    page = f"<html><body><article>{markup}</article></body></html>"
    return asked("html", page.encode("utf-8", "replace"), made)


_INSIDE = ("_source", "fields")
"""Objects in which search engines and interfaces keep the article itself."""


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    """The record's fields by `key`, whatever lists and objects its tool wraps them in."""
    for name in _INSIDE:
        if isinstance(value.get(name), dict):
            value = value[name] | value
    small: dict[str, Any] = {}
    for name, content in value.items():
        small.setdefault(key(name), content)
    for many, one in (("bodies", "body"), ("headlines", "headline")):  # ninjs 3
        if isinstance(small.get(many), list) and small.get(one) is None:
            values = [v.get("value") for v in small[many] if isinstance(v, dict)]
            marked = any(isinstance(v, dict) and "html" in str(v.get("contenttype", "")).lower() for v in small[many])
            small["bodyhtml" if marked else one] = next((v for v in values if isinstance(v, str)), None)
    for name in ("content", "title", "guid"):  # WordPress
        if isinstance(small.get(name), dict) and isinstance(said := small[name].get("rendered"), str):
            small["contenthtml" if name == "content" else name] = said if name == "content" else unescape(said)
            if name == "content":
                del small[name]
    return small


def _id(file: File, number: int, value: Any) -> str | Problem:
    """The record's own id, else one made of its place."""
    if value is None:
        return f"{file.id}#{number}"
    if isinstance(value, bool) or not isinstance(value, str | int):
        return Problem("bad-record", f"its id is {_kind(value)}: write it as a string")
    return whole(str(value)) or Problem("bad-record", "its id is empty: give it one, or leave the field out")


def _text(fields: dict[str, Any]) -> str | Problem:
    """The first text field that is not blank."""
    return _stated([fields[name] for name in TEXT if fields.get(name) is not None])


def _stated(stated: list[Any]) -> str | Problem:
    if not stated:
        return Problem("bad-record", f"no text: it is looked for under {', '.join(TEXT)}")
    value = next((value for value in stated if not (isinstance(value, str) and is_blank(value))), "")
    if not isinstance(value, str):
        return Problem("bad-record", f"its text is {_kind(value)}: write it as a string")
    if not value:
        return Problem("empty", "its text is empty: fill it or leave the record out")
    text = whole(value)
    if len(text.encode("utf-8")) > MAX_DOCUMENT_BYTES:
        return Problem("too-large", f"a text of more than {megabytes(MAX_DOCUMENT_BYTES)}: split it")
    return text


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "null")
