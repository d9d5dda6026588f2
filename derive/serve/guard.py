"""What stands before every route: who may ask, how large and how slow a request may be, what is logged of it.

One ASGI layer, so that nothing is read, parsed or worked on before it has agreed.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

LARGEST = 2_000_000
"""Bytes of a request's body."""
LONGEST_ADDRESS = 8_000
"""Bytes of an address with its parameters."""
BODY_SECONDS = 30.0
"""Time that a body may take to arrive."""
SEND_SECONDS = 60.0
"""Time that an answer may take to be taken away."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all browsers send our own form with the origin "null"
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
log = logging.getLogger("derive.serve")

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class _RefusedError(Exception):
    """A request that is not handed on: status, code, words."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words


class Guard:
    """The application behind its rules; `token` is needed for adding, with `private` for everything."""

    def __init__(self, app: Asgi, *, token: str | None, hosts: Iterable[str], private: bool) -> None:
        self._follow, self._token, self._private = app, token, private
        self._hosts = frozenset(h.lower() for h in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._follow(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        number, began = secrets.token_hex(4), time.monotonic()
        scope.setdefault("state", {})["request"] = number
        said: dict[str, int] = {"status": 0}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                said["status"] = message["status"]
                message["headers"] = _with(message.get("headers", ()), number)
            await asyncio.wait_for(send(message), SEND_SECONDS)

        try:
            try:
                _check(scope, self._hosts, self._token, self._private)
                body = await _body(scope, receive)
                await self._follow(scope, _replay(body, receive), answer)
            except _RefusedError as refused:
                content = {"error": refused.code, "detail": refused.words, "request": number}
                refusal = JSONResponse(content, refused.status)
                if refused.status == 401:
                    refusal.headers["WWW-Authenticate"] = 'Bearer, Basic realm="derive", charset="UTF-8"'
                if refused.status in (408, 413):  # what is still coming is not read
                    refusal.headers["Connection"] = "close"
                await refusal(scope, receive, answer)
        except (TimeoutError, ConnectionError):
            said["status"] = said["status"] or 499  # nobody took the answer
        finally:
            _log(scope, number, said["status"], time.monotonic() - began)


def _with(headers: Iterable[tuple[bytes, bytes]], number: str) -> list[tuple[bytes, bytes]]:
    """The answer's headers with ours, where it has none of that name."""
    kept = list(headers)
    names = {name.lower() for name, _ in kept}
    ours = [(name.lower().encode(), value.encode()) for name, value in {**HEADERS, "X-Request-Id": number}.items()]
    return kept + [(name, value) for name, value in ours if name not in names]


def _log(scope: Scope, number: str, status: int, seconds: float) -> None:
    """One line of JSON a request, without addresses, parameters and text."""
    route = getattr(scope.get("route"), "path", "(none)")
    line = {"request": number, "method": scope["method"][:10], "route": route, "status": status}
    log.info(json.dumps({**line, "ms": round(1000 * seconds)}))


# -- rules


def _check(scope: Scope, hosts: frozenset[str], token: str | None, private: bool) -> None:
    """Raises for a request that is not even looked at."""
    headers = Headers(scope=scope)
    host = headers.get("host", "").lower()
    if _name(host) not in hosts:
        raise _RefusedError(421, "host", "this service does not answer to that name")
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > LONGEST_ADDRESS:
        raise _RefusedError(414, "address", f"at most {LONGEST_ADDRESS} bytes of address")
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or len(length) > 15 or int(length) > LARGEST:
        raise _RefusedError(413, "too-large", f"at most {LARGEST} bytes")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise _RefusedError(415, "encoding", "send the body as it is, not packed")
    if scope["method"] not in ("GET", "HEAD"):
        _check_writing(scope, headers, host)
    adds = scope["method"] == "POST" and scope["path"] == "/api/documents"
    if (private or adds) and not (token and _shown_token(headers, token)):
        raise _RefusedError(401, "token", "this needs the token: Authorization: Bearer TOKEN")


def _check_writing(scope: Scope, headers: Headers, host: str) -> None:
    origin = headers.get("origin")
    foreign = origin is not None and origin.lower().partition("://")[2] != host
    if foreign or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise _RefusedError(403, "origin", "another site's page may not ask this service")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] == "POST" and scope["path"].startswith("/api") and kind != "application/json":
        raise _RefusedError(415, "type", "send JSON: Content-Type: application/json")


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.partition(":")[0]


def _shown_token(headers: Headers, token: str) -> bool:
    """Whether the token comes along: as a bearer's, or as the password that a browser asks for."""
    kind, _, given = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode("utf-8", "replace").partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())


# -- bodies


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole body, as far as size and time allow."""
    size = 0
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > LARGEST:
                    raise _RefusedError(413, "too-large", f"at most {LARGEST} bytes")
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise _RefusedError(408, "slow", f"the body must arrive within {BODY_SECONDS:.0f} seconds") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hands the body out once; what comes after it is the end of the connection."""
    waiting = [body]

    async def replayed() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replayed
