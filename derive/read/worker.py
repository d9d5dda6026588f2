"""Helper processes that take apart one difficult file at a time, and can be killed.

Web pages, office documents and PDFs are read by large libraries that can be made to run for minutes or to crash. They run
here: the parent sends a format's name and the bytes, and gets back plain JSON. A helper that has worked for longer than
`seconds_for` allows, or dies, is replaced. Late, the file becomes `timeout`; dead, it is asked about once more, alone with a
fresh helper, and then becomes `crashed`. The next one is read. What counts is the helper's own work, where the system can
tell: a machine that is busy with something else loses no file.

There are as many helpers as `helpers` was told. Readers never wait for them: they yield an `Awaited`, go on, and
`in_order` puts the answers back where they belong, so that any number of helpers gives the same items in the same order.

`isolated` makes a reader of a format; `FORMATS` says which function of which module takes it apart.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeVar

from derive.model import Document
from derive.read.decode import is_blank, whole
from derive.read.files import MAX_DOCUMENT_BYTES, MAX_WHOLE_BYTES, File, Item, Problem, Record, megabytes, read_up_to

DEADLINE = 4.0
"""Seconds of work that one file may take (prior: an ordinary page takes a few thousandths; with the start of the next helper a
page that is never finished costs less than six)."""
DEADLINES = {"pdf": 20.0}
"""Formats that get more (prior: a page of a PDF takes up to a tenth of a second)."""
BYTES_A_SECOND = 2_000_000
"""Files with many articles get another second for so many bytes (prior: a tenth of what is usual)."""
PATIENCE = 30.0 if hasattr(signal, "SIGPROF") else 5.0
"""So many times as long is waited for an answer (prior). Where the helper counts its own work, that only bounds one that sleeps:
a machine with nine programs a core let honest pages wait for more than four times their due (M)."""
MEMORY = 1_500_000_000
"""Bytes of memory that a helper may use, where the system can hold it to that (prior)."""

FORMATS = {
    "html": "derive.read.html:pages",
    "mail": "derive.read.mail:messages",
    "news": "derive.read.newsxml:articles",
    "docx": "derive.read.office:docx",
    "odt": "derive.read.office:odt",
    "pdf": "derive.read.office:pdf",
    "parquet": "derive.read.parquet:rows",
}
"""Format -> the function (bytes) -> list of fields, or of problems `{"problem": [reason, words]}`."""

Found = list[Any]


def seconds_for(form: str, size: int) -> float:
    """The work that a file of this format and so many bytes may take."""
    return DEADLINES.get(form, DEADLINE) + size / BYTES_A_SECOND


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a helper was asked for, and what is to be made of its answer."""

    answer: Future[Found | Problem]
    make: Callable[[Found | Problem], Iterable[Item]]
    size: int
    """Bytes that are held until then."""


Coming = Item | Awaited
"""What readers yield: an item, or one that a helper is still at."""


def isolated(form: str) -> Callable[[File, BinaryIO], Iterator[Coming]]:
    """A reader that has a helper take the whole file apart."""

    def read(file: File, stream: BinaryIO) -> Iterator[Coming]:
        data = read_up_to(stream, MAX_WHOLE_BYTES + 1)
        if len(data) > MAX_WHOLE_BYTES:
            yield file.skipped("too-large", f"larger than {megabytes(MAX_WHOLE_BYTES)}: split it")
            return
        yield asked(form, data, partial(_items, file))

    return read


def _items(file: File, found: Found | Problem) -> Iterator[Item]:
    if isinstance(found, Problem):
        yield file.skipped(found.reason, found.words)
        return
    for number, fields in enumerate(found, 1):
        yield item_of(file, None if len(found) == 1 else number, fields)


def item_of(file: File, number: int | None, fields: dict[str, Any]) -> Item:
    """What a helper found as a document, or why it is none."""
    if "problem" in fields:
        reason, words = fields["problem"]
        return file.skipped(reason, words, number)
    text = whole(fields.pop("text", "") or "")
    if is_blank(text):
        return file.skipped("no-text", "no article text was found in it: save the text as .txt", number)
    if len(text.encode("utf-8")) > MAX_DOCUMENT_BYTES:
        return file.skipped("too-large", f"a text of more than {megabytes(MAX_DOCUMENT_BYTES)}: split it", number)
    id = whole(fields.pop("id", "") or "") or (file.id if number is None else f"{file.id}#{number}")
    lists = {name: tuple(map(whole, fields.pop(name, ()))) for name in ("flags", "derived_from")}
    said = {name: whole(str(value)) for name, value in fields.items() if value}
    return Record(number, Document(id, text, path=file.id, **said, **lists))  # type: ignore[arg-type]


def asked(form: str, data: bytes, make: Callable[[Found | Problem], Iterable[Item]]) -> Awaited:
    """A question to the next helper that is free; `make` says what becomes of its answer."""
    return Awaited(_pool.ask(form, data), make, len(data))


def take_apart(form: str, data: bytes) -> Found | Problem:
    """What the file holds, waited for."""
    return _pool.ask(form, data).result()


Tag = TypeVar("Tag")


def in_order(coming: Iterable[tuple[Tag, Coming]]) -> Iterator[tuple[Tag, Item]]:
    """The items in the order in which they were promised; so many are awaited at once as keep every helper busy."""
    waiting: deque[tuple[Tag, Coming]] = deque()
    awaited = held = 0

    def first() -> Iterator[tuple[Tag, Item]]:
        nonlocal awaited, held
        tag, one = waiting.popleft()
        if isinstance(one, Awaited):
            awaited -= 1
            held -= one.size
            yield from ((tag, item) for item in one.make(one.answer.result()))
        else:
            yield tag, one

    for tag, one in coming:
        waiting.append((tag, one))
        if isinstance(one, Awaited):
            awaited += 1
            held += one.size
        while waiting and (
            not isinstance(waiting[0][1], Awaited)
            or awaited > AHEAD * _pool.count
            or held > HELD
            or len(waiting) > MOST_WAITING
        ):
            yield from first()
    while waiting:
        yield from first()


AHEAD = 4
"""Questions per helper that may be open: enough that none is idle while the answers are used (prior)."""
HELD = 64_000_000
"""Bytes of open questions (prior)."""
MOST_WAITING = 1_000
"""Items that may wait behind an open question (prior)."""


def helpers(count: int) -> None:
    """From now on so many helpers work side by side."""
    _pool.count = max(1, count)


class _Pool:
    """Threads that each hold one helper and give it the questions in turn; both start when they are first needed."""

    def __init__(self) -> None:
        self.count = 1
        self._questions: queue.Queue[tuple[str, bytes, Future[Found | Problem]]] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._helpers: dict[int, Helper] = {}

    def ask(self, form: str, data: bytes) -> Future[Found | Problem]:
        while len(self._threads) < self.count:
            thread = threading.Thread(target=self._serve, args=(len(self._threads),), daemon=True)
            self._threads.append(thread)
            thread.start()
        answer: Future[Found | Problem] = Future()
        self._questions.put((form, data, answer))
        return answer

    def _serve(self, place: int) -> None:
        while True:
            form, data, answer = self._questions.get()
            try:
                found = self._ask(place, form, data)
                if isinstance(found, Problem) and found.reason == "crashed":
                    found = self._ask(place, form, data)
                answer.set_result(found)
            except BaseException as error:  # it belongs to whoever waits for the answer
                answer.set_exception(error)

    def _ask(self, place: int, form: str, data: bytes) -> Found | Problem:
        if place not in self._helpers:
            self._helpers[place] = Helper()
        found = self._helpers[place].ask(form, data)
        if isinstance(found, Problem) and found.reason in ("timeout", "crashed"):
            self._helpers.pop(place).kill()
        return found


class _Living:
    """Every helper that runs. When derive ends they are killed, and none starts any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] | None = set()
        atexit.register(self.end)

    def start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "PYTHONWARNINGS": "ignore",
        }
        with self._lock:
            if self._processes is None:
                raise OSError("derive is ending")
            process = subprocess.Popen(
                [sys.executable, "-m", "derive.read.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            self._processes.add(process)
            return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        with self._lock:
            if self._processes is not None:
                self._processes.discard(process)

    def end(self) -> None:
        with self._lock:
            processes, self._processes = self._processes or set(), None
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()


_living = _Living()
_HEADER = struct.Struct("<IId")
_TIMER = getattr(signal, "SIGPROF", None)
"""What ends a helper that has used up its time; Windows has no such timer."""


class Helper:
    """The other process, seen from here: requests and answers are a header (two lengths, seconds), a name and bytes."""

    def __init__(self) -> None:
        self._answers: queue.Queue[bytes | None] = queue.Queue()
        self._process = _living.start()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, form: str, data: bytes) -> Found | Problem:
        """What the helper says; after a `timeout` or `crashed` it is of no more use."""
        assert self._process.stdin is not None
        seconds = seconds_for(form, len(data))
        try:
            self._process.stdin.write(_HEADER.pack(len(form), len(data), seconds) + form.encode() + data)
            self._process.stdin.flush()
            answer = self._answers.get(timeout=PATIENCE * seconds)
        except queue.Empty:
            return _late(seconds)
        except OSError:
            answer = None
        if answer is None:
            return _late(seconds) if self._ran_out_of_time() else _CRASHED
        found = json.loads(answer)
        return Problem(*found) if found and isinstance(found[0], str) else found

    def kill(self) -> None:
        """Ends the process."""
        _living.kill(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue  # what was still to be written to the killed process is of no use to anybody

    def _ran_out_of_time(self) -> bool:
        try:
            return _TIMER is not None and self._process.wait(timeout=5.0) == -_TIMER
        except subprocess.TimeoutExpired:
            return False

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while len(header := stream.read(_HEADER.size)) == _HEADER.size:
                size = _HEADER.unpack(header)[1]
                answer = stream.read(size)
                self._answers.put(answer if len(answer) == size else None)
        except (OSError, ValueError):
            self._answers.put(None)
        self._answers.put(None)


_CRASHED = Problem("crashed", "made the library that reads it crash: save its text as .txt")


def _late(seconds: float) -> Problem:
    return Problem("timeout", f"took longer than {seconds:.0f} seconds to take apart: save its text as .txt")


_pool = _Pool()


# -- the other side


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers requests until there are none left."""
    while len(header := requests.read(_HEADER.size)) == _HEADER.size:
        name, size, seconds = _HEADER.unpack(header)
        form, data = requests.read(name).decode(), requests.read(size)
        answer = _answer(form, data, seconds)
        answers.write(_HEADER.pack(0, len(answer), 0.0) + answer)
        answers.flush()


def _answer(form: str, data: bytes, seconds: float) -> bytes:
    """What the format's function says, as JSON."""
    module, _, function = FORMATS[form].partition(":")
    try:
        take_apart = getattr(importlib.import_module(module), function)
        with _at_most(seconds):
            return json.dumps(take_apart(data)).encode("utf-8")
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        words = ["missing-extra", f"reading it needs the package {name}: pip install 'derive-news[formats]'"]
    except MemoryError:
        words = ["too-large", "needs too much memory to be taken apart: save its text as .txt"]
    except RecursionError:
        words = ["damaged", "nested too deeply: save its text as .txt"]
    except Exception as error:  # whatever a library throws at a hostile file costs that file alone
        words = ["damaged", f"cannot be taken apart ({type(error).__name__}): save its text as .txt"]
    return json.dumps(words).encode("utf-8")


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """The process ends, without a word, if it works for longer than this."""
    if _TIMER is None:
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the deadline still holds
        return
    _, highest = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY if highest == resource.RLIM_INFINITY else min(MEMORY, highest)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, which ends its helpers
    _limit_memory()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    serve(sys.stdin.buffer, out)
