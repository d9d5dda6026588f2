# mypy: disallow-subclassing-any=False, warn-unused-ignores=False
"""The service on a port: uvicorn, with patience for slow connections, and one line of JSON a request on stderr."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from derive.serve import LOCAL, app

HEADER_SECONDS = 10.0
"""Time that a request's headers may take to arrive."""
CONNECTIONS = 200
"""Open at a time; more are turned away."""


class Impatient(H11Protocol):
    """Closes a connection whose headers do not arrive in time; bodies are the guard's to watch."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _headers_missing(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        """From the first byte of a request to the last of its headers the clock runs."""
        if not self._headers_missing():
            self._stop()
        elif self._timer is None:
            self._timer = self.loop.call_later(HEADER_SECONDS, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self._headers_missing():
            self.transport.close()


class _Server(uvicorn.Server):
    """Says when it can be asked, and remembers that Ctrl-C ended it, which asyncio forgets."""

    interrupted = False

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.interrupted |= sig == signal.SIGINT
        super().handle_exit(sig, frame)


def is_local(host: str) -> bool:
    """Whether only this machine can reach this address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def run(
    archive: Path,
    *,
    host: str,
    port: int,
    token: str | None,
    names: tuple[str, ...],
    workers: int | None,
    ready: Callable[[], None],
) -> None:
    """Serves until it is told to stop; what is being worked on is finished. Calls `ready` once it can be asked."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    own = f"[{host}]" if ":" in host else host
    service = app(archive, token=token, hosts=(*LOCAL, own, *names), private=not is_local(host), workers=workers)
    config = uvicorn.Config(
        service,
        host=host,
        port=port,
        http=Impatient,
        ws="none",
        access_log=False,
        log_level="warning",
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=32_768,
        server_header=False,
    )
    server = _Server(config, ready)
    server.run()
    if server.interrupted:
        raise KeyboardInterrupt
