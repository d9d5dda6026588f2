# mypy: disallow-untyped-decorators=False
"""What can be asked, as FastAPI describes it: each page with its JSON twin under /api."""

from __future__ import annotations

import json
import logging
import sqlite3
import urllib.parse
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from derive import __version__
from derive.archive import CANDIDATES, Archive
from derive.errors import ArchiveError, DeriveError, InputError
from derive.model import Document
from derive.serve import desk, pages
from derive.serve.desk import BusyError, Desk, RefusedError
from derive.serve.guard import Guard

LONGEST = 200_000
"""Characters of a story that is asked about or added."""
MOST_ADDED = 500
"""Stories in one request for adding."""
_FIELDS = ("id", "text", "title", "published", "source", "url", "author", "modified")
log = logging.getLogger("derive.serve")
router = APIRouter()


# -- nouns of the interface

_Short = Annotated[str, Field(max_length=1024)]
_Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class _Story(BaseModel):
    title: _Short | None = None
    published: _Short | None = None
    source: _Short | None = None
    url: _Short | None = None
    author: _Short | None = None
    modified: _Short | None = None


class Asked(_Story):
    """A story that is asked about. All but the text may be left out; what is known of it helps to say who was first."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "text": "Engineers warned three times last year that the dam was seeping, an inquiry heard on Tuesday.",
                    "published": "2026-03-05T09:00:00Z",
                    "source": "Valley Post",
                    "limit": 20,
                }
            ]
        },
    )
    text: _Text
    id: _Short = "story"
    limit: Annotated[int, Field(ge=1, le=100, description="Articles of the archive that are compared in full.")] = (
        CANDIDATES
    )


class Added(_Story):
    """A story that is added."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "examples": [{"id": "2026/heron.txt", "text": "A heron stood on the weir at Malden for three days."}]
        },
    )
    id: Annotated[str, Field(min_length=1, max_length=1024)]
    text: _Text


class Problem(BaseModel):
    """Why there is no answer."""

    error: str
    """One word for programs."""
    detail: str
    request: str
    """The number under which the log has the request."""


_PROBLEMS = {
    400: "The question cannot be asked so",
    401: "The token is missing or wrong",
    403: "Another site's page asked",
    404: "No such article",
    408: "The body came too slowly",
    413: "The body is too large",
    414: "The address is too long",
    415: "Not JSON, or packed",
    421: "Another host's name",
    503: "Too much at once, or too much for one question: come back, or ask for less",
}


def _may(*codes: int, example: Any = None, kind: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """What a route may answer, for the description."""
    always = (400, 401, 403, 408, 413, 414, 415, 421, 503)
    found: dict[int | str, dict[str, Any]] = {
        code: {"model": Problem, "description": _PROBLEMS[code]} for code in sorted({*always, *codes})
    }
    if example is not None:
        found[200] = {"content": {kind: {"example": example}}, "description": "The answer"}
    return found


_PAIR = {
    "a": "wire.txt", "b": "herald.txt", "containment_of_a_in_b": 0.41, "containment_of_b_in_a": 0.62, "resemblance": 0.33,
    "reuse": "text", "facts": None, "passages": [{"a": [0, 61], "b": [12, 73], "kind": "identical", "quoted": False}],
    "direction": {"verdict": "a_to_b", "probability": 0.87, "regime": "rewrite", "evidence": [
        {"name": "published", "favours": "a", "log_odds": 2.0, "measured": False, "detail": "wire.txt was published first"}]},
}  # fmt: skip
_ANSWER = {
    "id": "story", "matches": [{"id": "wire.txt", "role": "source", "share_of_query": 0.62, "share_of_match": 0.41,
    "probability": 0.87, "comparison": _PAIR}], "origins": {"count": 1, "groups": [["story", "wire.txt"]]}, "truncated": False,
}  # fmt: skip
_DOCUMENT: dict[str, Any] = {
    "id": "wire.txt", "text": "Inspectors at the Callow Dam recorded water seeping ...", "title": "Dam leak was logged",
    "published": "2026-03-03T19:05:00Z", "source": "Northern Wire", "url": None, "author": None, "modified": None,
    "flags": [], "derived_from": [],
}  # fmt: skip
_LINEAGE: dict[str, Any] = {
    "schema": 1, "derive": __version__, "params": {}, "documents": [], "comparisons": [], "edges": [], "links": [],
    "roots": [], "unseen_sources": [], "origins": {"count": 0, "groups": []}, "skipped": [],
}  # fmt: skip


# -- routes


@router.get("/api", tags=["archive"], responses=_may(example={"documents": 14, "outlets": 12, "words": 6021}))
async def info(request: Request) -> dict[str, Any]:
    """How many articles there are, of which time, with which settings."""
    known: dict[str, Any] = await run_in_threadpool(desk.info, _desk(request).archive)
    return known


@router.get("/", include_in_schema=False)
async def front(request: Request) -> HTMLResponse:
    known = await run_in_threadpool(desk.info, _desk(request).archive)
    return _page(pages.front(known).encode())


@router.get("/favicon.ico", include_in_schema=False)
async def icon() -> Response:
    """Browsers ask for one."""
    return Response(status_code=204)


@router.post("/api/query", tags=["story"], responses=_may(example=_ANSWER))
async def query(request: Request, story: Asked) -> Response:
    """Where a story came from: matches with shares, passages, direction and its evidence."""
    return _json(await _desk(request).ask(desk.answer_json, _document(story), story.limit))


@router.post("/query", include_in_schema=False)
async def query_page(request: Request) -> Response:
    given = _form(await request.body())
    try:
        story = Asked.model_validate({n: given[n] for n in ("text", *_FIELDS[2:]) if given.get(n, "").strip()})
    except ValueError as error:
        raise RefusedError(_wrong(error)) from None
    if given.get("format") == "json":
        return _json(await _desk(request).ask(desk.answer_json, _document(story), story.limit))
    return _page(await _desk(request).ask(desk.answer_page, _document(story), story.limit))


@router.post("/api/documents", tags=["archive"], status_code=201, responses=_may())
async def add(
    request: Request, stories: Annotated[list[Added], Field(min_length=1, max_length=MOST_ADDED)]
) -> dict[str, Any]:
    """Adds stories (needs the token); answers once they are safely on disk."""
    return await _desk(request).ask_slow(desk.add, [_document(s) for s in stories])


_Id = Annotated[str, Query(min_length=1, max_length=1024, examples=["wire.txt"])]


@router.get("/api/document", tags=["archive"], responses=_may(404, example=_DOCUMENT))
async def document(request: Request, id: _Id) -> dict[str, Any]:
    """A stored article with all that is known of it."""
    found = await run_in_threadpool(desk.document, _desk(request).archive, id)
    return {name: getattr(found, name) for name in (*_FIELDS, "flags", "derived_from")}


@router.get("/document", include_in_schema=False)
async def document_page(request: Request, id: _Id) -> HTMLResponse:
    return _page(pages.document(await run_in_threadpool(desk.document, _desk(request).archive, id)).encode())


@router.get("/api/pair", tags=["archive"], responses=_may(404, example=_PAIR))
async def pair(request: Request, a: _Id, b: _Id) -> Response:
    """Two stored articles compared: both containments, passages, direction with its evidence."""
    return _json(await _desk(request).ask(desk.pair_json, a, b))


@router.get("/pair", include_in_schema=False)
async def pair_page(request: Request, a: _Id, b: _Id) -> HTMLResponse:
    return _page(await _desk(request).ask(desk.pair_page, a, b))


_Day = Annotated[str | None, Query(max_length=100, examples=["2026-03-03"])]
_Name = Annotated[str | None, Query(max_length=1024)]


@router.get("/api/lineage", tags=["lineage"], responses=_may(404, example=_LINEAGE))
async def lineage(
    request: Request, since: _Day = None, until: _Day = None, outlet: _Name = None, family: _Name = None
) -> Response:
    """The lineage of a time window, an outlet or one story's family, as `derive scan` writes it."""
    return _json(await _drawn(request, "json", since, until, outlet, family))


@router.get("/api/lineage.svg", tags=["lineage"], responses=_may(404, example="<svg>...</svg>", kind="image/svg+xml"))
async def lineage_picture(
    request: Request, since: _Day = None, until: _Day = None, outlet: _Name = None, family: _Name = None
) -> Response:
    """The same as a picture."""
    return Response(await _drawn(request, "svg", since, until, outlet, family), media_type="image/svg+xml")


@router.get("/lineage", include_in_schema=False)
async def lineage_page(
    request: Request, since: _Day = None, until: _Day = None, outlet: _Name = None, family: _Name = None
) -> HTMLResponse:
    from derive.report.html import policy

    page = await _drawn(request, "html", since, until, outlet, family)
    twin = f'</api/lineage?{request.url.query}>; rel="alternate"; type="application/json"'
    return HTMLResponse(page, headers={"Content-Security-Policy": policy(), "Link": twin})


async def _drawn(
    request: Request, form: str, since: str | None, until: str | None, outlet: str | None, family: str | None
) -> bytes:
    part = {"since": since, "until": until, "outlet": outlet, "family": family}
    if not any(part.values()):
        raise RefusedError("say which part: since, until, outlet or family")
    desk.check_time(since, "since")
    desk.check_time(until, "until")
    asked = {name: value or None for name, value in part.items()}
    return await _desk(request).ask_slow(desk.lineage, form, asked)


# -- parts


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def _json(data: bytes) -> Response:
    return Response(data, media_type="application/json")


def _page(data: bytes) -> HTMLResponse:
    return HTMLResponse(data, headers={"Content-Security-Policy": pages.POLICY})


def _form(body: bytes) -> dict[str, str]:
    try:
        given = urllib.parse.parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        raise RefusedError("not the form of this page") from None
    return {name: values[0].replace("\r\n", "\n") for name, values in given.items()}


def _document(story: Asked | Added) -> Document:
    if not story.text.strip():
        raise RefusedError("text is empty")
    known = (story.title, story.published, story.source, story.url, story.author, story.modified)
    return Document(story.id or "story", story.text, *(value or None for value in known))  # type: ignore[arg-type]


def _wrong(error: Exception) -> str:
    """What is wrong with a question, without repeating its text."""
    faults: list[dict[str, Any]] = getattr(error, "errors", list)()
    said = [f"{'.'.join(str(part) for part in f['loc'] if part != 'body') or 'body'}: {f['msg']}" for f in faults[:3]]
    if any(f["type"] == "missing" and f["loc"][-1:] == ("text",) for f in faults):
        said.append("nothing is fetched: send the text")
    return "; ".join(said)[:500] or "not understood"


# -- the whole


def service(
    archive: Path, *, token: str | None, hosts: Iterable[str], private: bool, workers: int | None = None
) -> FastAPI:
    """The application behind its guard, with its processes; see `derive.serve.app`."""
    Archive.open(archive, mode="r").close()

    @asynccontextmanager
    async def running(service: FastAPI) -> AsyncIterator[None]:
        service.state.desk = Desk(archive, workers)
        await run_in_threadpool(service.state.desk.start)
        yield
        await run_in_threadpool(service.state.desk.close)

    made = FastAPI(
        title="derive",
        version=__version__,
        summary="Where did this story come from?",
        description="An archive of articles that answers questions. Adding needs the token; so does reading, where the "
        "service is open to other machines.",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
    )
    made.include_router(router)
    for kind in (DeriveError, RequestValidationError, HTTPException, sqlite3.Error, Exception):
        made.add_exception_handler(kind, _problem)
    made.add_middleware(Guard, token=token, hosts=hosts, private=private)
    return made


_KINDS: tuple[tuple[type[Exception], int, str], ...] = (
    (BusyError, 503, "busy"),
    (RefusedError, 400, "refused"),
    (InputError, 404, "not-found"),
    (ArchiveError, 503, "archive"),
    (sqlite3.Error, 503, "archive"),
    (RequestValidationError, 400, "refused"),
    (DeriveError, 400, "refused"),
    (Exception, 500, "fault"),
)


async def _problem(request: Request, error: Exception) -> Response:
    """An error in words: as JSON, or as a page where a person asked."""
    number = request.scope.get("state", {}).get("request", "")
    if isinstance(error, HTTPException):
        status, code, detail = error.status_code, "not-found" if error.status_code == 404 else "refused", error.detail
    else:
        status, code = next((s, c) for kind, s, c in _KINDS if isinstance(error, kind))
        detail = {
            "archive": "the archive cannot be read or written now",
            "fault": "something went wrong: the log has it under the request's number",
        }.get(code) or (_wrong(error) if isinstance(error, RequestValidationError) else str(error))
    if code in ("fault", "archive"):
        log.error(json.dumps({"request": number, "fault": type(error).__name__}))
    headers = {"Retry-After": "5"} if status == 503 else {}
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api"):
        return HTMLResponse(pages.problem(detail, number), status, {"Content-Security-Policy": pages.POLICY, **headers})
    return JSONResponse({"error": code, "detail": detail, "request": number}, status, headers)
