"""An archive over HTTP: ask where a story came from, add one, look at a document, a pair, a lineage.

    app = derive.serve.app(Path("news.derive"), token="...")        # FastAPI; `derive serve` runs it with uvicorn

Loopback by default. Every page has a JSON twin under /api. Nothing is fetched, no parameter is a path, no article text is
logged. Each request opens the archive by itself, so reading goes on while another process adds.

    guard (who may ask, how much at once) -> routes (what is asked) -> desk (processes that work on it) -> pages, JSON
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from derive.errors import MissingExtra

if TYPE_CHECKING:
    from fastapi import FastAPI

TOKEN_BYTES = 32
"""Least length of a token."""
LOCAL = ("127.0.0.1", "localhost", "[::1]")


def app(
    archive: Path,
    *,
    token: str | None = None,
    hosts: Iterable[str] = LOCAL,
    private: bool = False,
    workers: int | None = None,
) -> FastAPI:
    """The application. Without `token` nothing can be added; with `private` reading needs it, too.

    `workers` is the number of processes that work on questions. Raises `ArchiveError` for a file that is none.
    """
    try:
        from derive.serve.routes import service
    except ImportError as error:
        raise MissingExtra("the service needs the extra: pip install 'derive-news[serve]'") from error
    return service(archive, token=token, hosts=hosts, private=private, workers=workers)
