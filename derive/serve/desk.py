"""Processes that work on questions: so many at a time, so many waiting, none for longer than its deadline.

What is called in them are the functions at the end of this file: an archive's path and plain values in, bytes or text out.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from derive.errors import DeriveError, InputError
from derive.model import Document

WAITING = 64
"""Questions that may wait for a process; the rest are told to come back."""
DEADLINE = 30.0
"""Seconds after which nobody waits for an answer any more."""
SLOW_DEADLINE = 60.0
"""The same for lineages and for adding, of which half of the processes may be busy at a time."""
MOST_WORKERS = 4
LARGEST_LINEAGE = 1_000
"""Articles of which a lineage is drawn on request."""
T = TypeVar("T")


class BusyError(DeriveError):
    """More questions than can be worked on, or one that takes too long."""


class RefusedError(DeriveError):
    """A question that cannot be asked."""


class Desk:
    """Hands questions about one archive to processes. To be used from one event loop."""

    def __init__(self, archive: Path, workers: int | None = None) -> None:
        self.archive = archive
        self.workers = workers or min(MOST_WORKERS, os.cpu_count() or 1)
        self._inside = 0
        self._slow = asyncio.Semaphore(max(1, self.workers // 2))
        self._pool = self._open()

    def _open(self) -> ProcessPoolExecutor:
        # Spawned: a fork would copy this process's threads' locks.
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"), _begin)

    def start(self) -> None:
        """Has every process ready before the first question comes."""
        for future in [self._pool.submit(_ready) for _ in range(self.workers)]:
            future.result()

    def close(self) -> None:
        """Lets what is being worked on end; what waits is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def ask(self, work: Callable[..., T], *given: Any) -> T:
        """`work(archive, *given)` in a process. Raises `BusyError` if there is no room for it, or no end of it."""
        return await self._limited(partial(work, self.archive, *given), DEADLINE)

    async def ask_slow(self, work: Callable[..., T], *given: Any) -> T:
        """The same for what may take long."""
        async with self._slow:
            return await self._limited(partial(work, self.archive, *given), SLOW_DEADLINE)

    async def _limited(self, work: Callable[[], T], deadline: float) -> T:
        if self._inside >= self.workers + WAITING:
            raise BusyError("too many questions at once: come back in a moment")
        try:
            future = self._pool.submit(work)
        except BrokenProcessPool:  # one of the processes was killed: the question that did it has been told so
            self._pool = self._open()
            future = self._pool.submit(work)
        self._inside += 1
        loop = asyncio.get_running_loop()
        future.add_done_callback(partial(self._left, loop))
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), deadline)
        except TimeoutError:
            future.cancel()
            raise BusyError(f"no answer within {deadline:.0f} seconds: ask for less") from None
        except BrokenProcessPool:
            raise BusyError("the question could not be worked on (it may need too much memory)") from None

    def _left(self, loop: asyncio.AbstractEventLoop, future: Future[Any]) -> None:
        """Only what has really ended makes room, not what nobody waits for any more."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._free)

    def _free(self) -> None:
        self._inside -= 1


# -- in the processes


def _begin() -> None:
    """Ctrl-C is the parent's to answer; a parent that is gone takes its processes with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_outlive_nobody, args=(parent.sentinel,), daemon=True).start()


def _outlive_nobody(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)


def _ready() -> None:
    """Loads all that a question needs."""
    import derive.archive  # noqa: F401
    from derive.pipeline import compare

    compare("The dam leaked on Monday night.", "On Monday night the dam leaked on.")


def _read(archive: Path, read: Callable[[Any], T]) -> T:
    """`read(store)` on the archive as it is now."""
    from derive.archive import Archive
    from derive.archive.file import damaged

    try:
        with Archive.open(archive, mode="r") as store:
            return read(store)
    except sqlite3.Error as error:
        raise damaged(archive, error) from error


def answer_json(archive: Path, story: Document, limit: int) -> bytes:
    from derive.report.answer import answer_json as told

    return _read(archive, lambda store: told(store.query(story, limit=limit)).encode("utf-8", "replace"))


def answer_page(archive: Path, story: Document, limit: int) -> bytes:
    from derive.serve.pages import answer

    return _read(archive, lambda store: answer(store.query(story, limit=limit), story, len(store)))


def _pair(archive: Path, a: str, b: str) -> tuple[Any, Document, Document]:
    from derive.pipeline import compare

    if a == b:
        raise RefusedError("a and b are one article: name two")

    def read(store: Any) -> tuple[Any, Document, Document]:
        first, second = store.document(a), store.document(b)
        return compare(first, second, params=store.params), first, second

    return _read(archive, read)


def pair_json(archive: Path, a: str, b: str) -> bytes:
    import json

    from derive.model import plain

    return json.dumps(plain(_pair(archive, a, b)[0]), ensure_ascii=False).encode("utf-8", "replace")


def pair_page(archive: Path, a: str, b: str) -> bytes:
    from derive.serve.pages import pair

    return pair(*_pair(archive, a, b))


def lineage(archive: Path, form: str, part: dict[str, str | None]) -> bytes:
    """The lineage of a part of the archive as `json`, `svg` or `html`."""
    from derive.pipeline import scan

    def read(store: Any) -> Any:
        documents = []
        for document in store.documents(**part):
            documents.append(document)
            if len(documents) > LARGEST_LINEAGE:
                raise RefusedError(f"more than {LARGEST_LINEAGE:,} articles: choose a smaller part")
        return scan(documents, params=store.params)

    found = _read(archive, read)
    if form == "json":
        text: str = found.to_json()
        return text.encode("utf-8", "replace")
    if form == "svg":
        from derive.report.export import export

        return export(found, "svg")
    from derive.report.html import lineage_html

    return lineage_html(found).encode("utf-8", "replace")


def add(archive: Path, stories: Sequence[Document]) -> dict[str, Sequence[str]]:
    from derive.archive import Archive

    with Archive.open(archive) as store:
        done = store.add(stories)
    return {"new": done.new, "unchanged": done.unchanged, "versions": done.versions}


def document(archive: Path, id: str) -> Document:
    """Quick: asked without a process of its own."""
    found: Document = _read(archive, lambda store: store.document(id))
    return found


def info(archive: Path) -> dict[str, Any]:
    """Quick, too."""
    known: dict[str, Any] = _read(archive, lambda store: store.info())
    return {name: value for name, value in known.items() if name != "path"}


def check_time(value: str | None, name: str) -> None:
    """Raises `RefusedError` for a date that is none."""
    from derive.dates import read_time

    if value is not None and read_time(value)[0] is None:
        raise RefusedError(f"{name} is no date that can be used: write it as 2026-03-31")


__all__ = ["BusyError", "Desk", "InputError", "RefusedError"]
