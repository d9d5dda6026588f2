"""An archive over HTTP: ask where a story came from, add one, look at a document, a pair, a lineage.

    app = derive.serve.app(Path("news.derive"), token="...")        # FastAPI; `derive serve` runs it with uvicorn

Loopback by default. Every page has a JSON twin under /api. Nothing is fetched, no parameter is a path, no article text is
logged. Each request opens the archive by itself, so reading goes on while another process adds.
"""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import threading
import urllib.parse
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.archive import Archive
from derive.errors import ArchiveError, DeriveError, InputError, MissingExtra
from derive.model import Document, Lineage
from derive.serve import pages

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.responses import Response

LARGEST = 2_000_000
"""Bytes of a request's body."""
AT_ONCE = 4
"""Questions worked on at the same time; `WAITING` more may wait, the rest are told to come back."""
WAITING = 32
LARGEST_LINEAGE = 2_000
"""Articles of which a lineage is drawn on request."""
TOKEN_BYTES = 32
"""Least length of a token."""
_FIELDS = ("id", "text", "title", "published", "source", "url", "author", "modified")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_EXAMPLE = {"text": "Engineers warned three times last year that the dam was seeping, an inquiry heard.", "limit": 20}
log = logging.getLogger("derive.serve")


class BusyError(DeriveError):
    """More questions than can be worked on."""


def app(
    archive: Path, *, token: str | None = None, hosts: Iterable[str] = ("127.0.0.1", "localhost", "[::1]")
) -> FastAPI:
    """The application. Without `token` nothing can be added. Raises `ArchiveError` for a file that is none."""
    try:
        from fastapi import Body, FastAPI, Request
        from fastapi.responses import HTMLResponse, JSONResponse, Response
    except ImportError as error:
        raise MissingExtra("the service needs the extra: pip install 'derive-news[serve]'") from error
    # FastAPI looks annotations up by name among the module's globals.
    globals().update(Request=Request, Response=Response)
    Archive.open(archive, mode="r").close()
    service = FastAPI(title="derive", summary="Where did this story come from?", docs_url=None, redoc_url=None)
    gate = _Gate()
    allowed = frozenset(h.lower() for h in hosts)

    @service.middleware("http")
    async def guard(request: Request, follow: Callable[[Request], Awaitable[Response]]) -> Response:
        number = secrets.token_hex(4)
        refused = _refusal(request, allowed, token)
        if refused is None:
            try:
                response = await follow(await _bounded(request))
            except _TooLargeError:
                response = JSONResponse({"error": "too-large", "detail": f"at most {LARGEST} bytes"}, 413)
        else:
            response = JSONResponse({"error": refused[1], "detail": refused[2], "request": number}, refused[0])
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)  # the report brings a policy of its own
        log.info(
            json.dumps(
                {"request": number, "method": request.method, "route": _route(request), "status": response.status_code}
            )
        )
        return response

    @service.exception_handler(DeriveError)
    async def expected(request: Request, error: Exception) -> Response:
        kinds: dict[type[Exception], tuple[int, str]] = {
            InputError: (404, "not-found"),
            BusyError: (503, "busy"),
            ArchiveError: (500, "archive"),
        }
        status, code = kinds.get(type(error), (400, "refused"))
        detail = "the archive cannot be read" if isinstance(error, ArchiveError) else str(error)
        return JSONResponse({"error": code, "detail": detail}, status)

    def opened() -> Archive:
        return Archive.open(archive, mode="r")

    @service.get("/", response_class=HTMLResponse, include_in_schema=False)
    def front() -> str:
        with opened() as store:
            return pages.front(len(store))

    @service.get("/api", tags=["archive"])
    def info() -> dict[str, Any]:
        """How many articles there are, of which time, with which settings."""
        with opened() as store:
            return {name: value for name, value in store.info().items() if name != "path"}

    @service.post("/api/query", tags=["story"])
    def query(story: dict[str, Any] = Body(examples=[_EXAMPLE])) -> Response:  # noqa: B008
        """Where a story came from: matches with shares, passages, direction and its evidence."""
        from derive.report.answer import answer_json

        document, limit = _document(story, "story"), _limit(story)
        with gate.enter(), opened() as store:
            return Response(answer_json(store.query(document, limit=limit)), media_type="application/json")

    @service.post("/query", response_class=HTMLResponse, include_in_schema=False)
    async def query_page(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        body = (await request.body()).decode("utf-8", "replace")
        given = {name: values[0] for name, values in urllib.parse.parse_qs(body, max_num_fields=20).items()}
        return HTMLResponse(await run_in_threadpool(_asked, given))

    def _asked(given: dict[str, str]) -> str:
        document = _document(given, "story")
        with gate.enter(), opened() as store:
            return pages.answer(store.query(document), len(store))

    @service.post("/api/documents", tags=["archive"], status_code=201)
    def add(stories: list[dict[str, Any]] = Body(examples=[[{"id": "a", "text": "..."}]])) -> dict[str, Any]:  # noqa: B008
        """Adds stories (needs the token); answers once they are safely on disk."""
        documents = [_document(s, None) for s in stories]
        with gate.enter(), Archive.open(archive) as store:
            done = store.add(documents)
        return {"new": done.new, "unchanged": done.unchanged, "versions": done.versions}

    @service.get("/api/document", tags=["archive"])
    def document(id: str) -> dict[str, Any]:
        """A stored article with all that is known of it."""
        return _shown(_found(id))

    @service.get("/document", response_class=HTMLResponse, include_in_schema=False)
    def document_page(id: str) -> str:
        return pages.document(_found(id))

    def _found(id: str) -> Document:
        with opened() as store:
            return store.document(id)

    @service.get("/api/pair", tags=["archive"])
    def pair(a: str, b: str) -> dict[str, Any]:
        """Two stored articles compared: both containments, passages, direction with its evidence."""
        from derive.model import plain
        from derive.pipeline import compare

        with gate.enter(), opened() as store:
            found: dict[str, Any] = plain(compare(store.document(a), store.document(b), params=store.params))
            return found

    def _lineage(since: str | None, until: str | None, outlet: str | None, family: str | None) -> Lineage:
        from derive.pipeline import scan

        if not any((since, until, outlet, family)):
            raise DeriveError("say which part: since, until, outlet or family")
        with gate.enter(), opened() as store:
            documents = []
            for d in store.documents(since=since, until=until, outlet=outlet, family=family):
                documents.append(d)
                if len(documents) > LARGEST_LINEAGE:
                    raise DeriveError(f"more than {LARGEST_LINEAGE} articles: choose a smaller part")
            return scan(documents, params=store.params)

    @service.get("/api/lineage", tags=["lineage"])
    def lineage(
        since: str | None = None, until: str | None = None, outlet: str | None = None, family: str | None = None
    ) -> Response:
        """The lineage of a time window, an outlet or one story's family, as `derive scan` writes it."""
        return Response(_lineage(since, until, outlet, family).to_json(), media_type="application/json")

    @service.get("/lineage.svg", include_in_schema=False)
    def lineage_picture(
        since: str | None = None, until: str | None = None, outlet: str | None = None, family: str | None = None
    ) -> Response:
        from derive.report.export import export

        return Response(export(_lineage(since, until, outlet, family), "svg"), media_type="image/svg+xml")

    @service.get("/lineage", response_class=HTMLResponse, include_in_schema=False)
    def lineage_page(
        since: str | None = None, until: str | None = None, outlet: str | None = None, family: str | None = None
    ) -> Response:
        from derive.report.html import lineage_html, policy

        page = lineage_html(_lineage(since, until, outlet, family))
        return HTMLResponse(page, headers={"Content-Security-Policy": policy()})

    return service


class _Gate:
    """Lets a few in at once, has some wait, and sends the rest away."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._inside = threading.BoundedSemaphore(AT_ONCE + WAITING)

    @contextmanager
    def enter(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise BusyError("too many questions at once: come back in a moment")
        try:
            with self._places:
                yield
        finally:
            self._inside.release()


class _TooLargeError(Exception):
    """The body grew beyond the limit."""


def _refusal(request: Request, allowed: frozenset[str], token: str | None) -> tuple[int, str, str] | None:
    """Why a request is not even looked at: (status, code, words)."""
    host = request.headers.get("host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    if name not in allowed:
        return 421, "host", "this service does not answer to that name"
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LARGEST:
        return 413, "too-large", f"at most {LARGEST} bytes"
    if request.headers.get("content-encoding", "identity") != "identity":
        return 415, "encoding", "send the body as it is, not packed"
    if request.method not in ("GET", "HEAD"):
        origin = request.headers.get("origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc.lower() != host:
            return 403, "origin", "another site's page may not ask this service"
        if request.url.path.startswith("/api") and "json" not in request.headers.get("content-type", ""):
            return 415, "type", "send JSON"
    if request.method == "POST" and request.url.path == "/api/documents":
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token is None or not hmac.compare_digest(given.encode(), token.encode()):
            return 401, "token", "adding needs the token: Authorization: Bearer TOKEN"
    return None


async def _bounded(request: Request) -> Request:
    """The request with its body read, as far as the limit allows."""
    size, parts = 0, []
    async for part in request.stream():
        size += len(part)
        if size > LARGEST:
            raise _TooLargeError
        parts.append(part)
    request._body = b"".join(parts)
    return request


def _route(request: Request) -> str:
    """The route without its parameters: logs hold no ids and no text."""
    return request.url.path if len(request.url.path) < 40 else "(other)"


def _document(story: dict[str, Any], id: str | None) -> Document:
    """The story in a request. Raises `DeriveError` saying what is wrong with it."""
    if "url" in story and not story.get("text"):
        raise DeriveError("nothing is fetched: send the text")
    fields = {name: story[name] for name in _FIELDS if story.get(name) not in (None, "")}
    wrong = next((name for name, value in fields.items() if not isinstance(value, str)), None)
    if wrong:
        raise DeriveError(f"{wrong} must be a string")
    if not fields.get("text", "").strip():
        raise DeriveError("text is missing or empty")
    if "id" not in fields and id is None:
        raise DeriveError("id is missing: a stored story needs one")
    clean = {name: value.encode("utf-8", "replace").decode("utf-8") for name, value in fields.items()}
    return Document(clean.pop("id", id or ""), clean.pop("text"), **clean)


def _limit(story: dict[str, Any]) -> int:
    limit = story.get("limit", 20)
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 100:
        raise DeriveError("limit must be a number from 1 to 100")
    return limit


def _shown(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in (*_FIELDS, "flags", "derived_from")}
