"""Newsletters and saved pages that are mails inside: .eml, mbox, .mht. The helper process runs this (`worker.py`)."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from typing import Any

from derive.read.decode import decode
from derive.read.html import page, text_of

_FROM = re.compile(rb"(?m)^From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[A-Za-z-]{2,40}:)")


def messages(data: bytes) -> list[dict[str, Any]]:
    """Each message of a mailbox, or the only one."""
    starts = [m.end() for m in _FROM.finditer(data)] if data.startswith(b"From ") else []
    if not starts:
        return [_message(data)]
    ends = [*[m.start() for m in _FROM.finditer(data)][1:], len(data)]
    return [_message(data[s:e].replace(b"\n>From ", b"\nFrom ")) for s, e in zip(starts, ends, strict=True)]


def _message(data: bytes) -> dict[str, Any]:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    said = {
        "id": _header(message, "Message-ID").strip("<>"),
        "title": _header(message, "Subject"),
        "published": _header(message, "Date"),
        "source": _header(message, "From").partition("<")[0].strip(' "') or _header(message, "From"),
        "url": _header(message, "Snapshot-Content-Location") or _header(message, "Content-Location"),
    }
    said = {name: value for name, value in said.items() if value}
    saved_page = "url" in said
    parts = [p for p in message.walk() if not p.is_multipart()]
    plain = _part(parts, "text/plain")
    markup = _part(parts, "text/html")
    if markup is not None and (saved_page or plain is None):
        found = page(text_of(markup))
        if saved_page:
            said = {n: v for n, v in said.items() if n == "url"}
        return {**said, **found} if saved_page else {**found, **said}
    return {**said, "text": decode(plain).replace("\r\n", "\n").strip()} if plain is not None else {**said, "text": ""}


def _part(parts: list[Any], kind: str) -> bytes | None:
    """The bytes of the first part of this kind, in UTF-8 where its own encoding is known."""
    for part in parts:
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            data = part.get_payload(decode=True) or b""
            try:
                return bytes(data).decode(part.get_content_charset() or "utf-8").encode("utf-8")
            except (LookupError, UnicodeDecodeError):
                return bytes(data)
    return None


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, IndexError, AttributeError):  # the parser of hostile headers gives up so
        return ""
