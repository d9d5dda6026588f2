"""Work in several processes: what all of them need is handed over once, results come in order, and Ctrl-C ends it at once."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 4
"""Tasks a process that wait for it, so that results do not pile up."""

_shared: Any = None


def in_processes(
    work: Callable[[Shared, Task], Result], shared: Shared, tasks: Iterable[Task], jobs: int
) -> Iterator[Result]:
    """`work(shared, task)` for every task, in the order of the tasks; with one job, here.

    Where processes are forked, `shared` is theirs without being copied. An error in a task is raised here; whatever ends
    the iteration ends the processes.
    """
    if jobs == 1:
        for task in tasks:
            yield work(shared, task)
        return
    pool = ProcessPoolExecutor(jobs, initializer=_begin, initargs=(shared,))
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(_run, work, task))
            if len(waiting) >= AHEAD * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(shared: Any) -> None:
    global _shared
    _shared = shared
    # Ctrl-C reaches every process; the parent alone acts on it, and ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(work: Callable[[Any, Task], Result], task: Task) -> Result:
    return work(_shared, task)
