"""How quickly does the service answer many at once, and what do slow, huge and strange requests do to it?

python benchmarks/serve.py ARCHIVE [QUESTIONS]

Run by hand; the figures stand in benchmarks/SERVICE.md. The service runs in processes of its own on loopback; a further one
adds stories while the questions are asked. Make the archive with `derive add`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from derive.archive import Archive

AT_ONCE = 32


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(archive: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "derive", "serve", str(archive), "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stderr=log)
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        try:
            yield port, process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def memory(root: int) -> int:
    """Bytes that a process and those below it hold for themselves (shared pages counted in parts)."""
    children = [pid for task in Path(f"/proc/{root}/task").iterdir() for pid in (task / "children").read_text().split()]
    lines = Path(f"/proc/{root}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return own + sum(memory(int(child)) for child in children)


def ask(port: int, body: bytes, host: str = "127.0.0.1") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("POST", "/api/query", body, {"Content-Type": "application/json", "Host": host})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def load(port: int, process: subprocess.Popen[bytes], bodies: list[bytes]) -> dict[str, object]:
    """All bodies, `AT_ONCE` at a time: times, statuses and the most memory seen."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            with contextlib.suppress(OSError):
                most[0] = max(most[0], memory(process.pid))

    def one(body: bytes) -> tuple[int, float]:
        began = time.perf_counter()
        status = ask(port, body)
        return status, time.perf_counter() - began

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, bodies))
    took = time.perf_counter() - began
    done.set()
    watcher.join()
    times = sorted(seconds for _, seconds in found)
    return {
        "questions": len(bodies),
        "statuses": dict(Counter(status for status, _ in found)),
        "answered per second": round(len(bodies) / took, 1),
        "p50 s": round(times[len(times) // 2], 2),
        "p99 s": round(times[min(len(times) - 1, int(0.99 * len(times)))], 2),
        "most memory of all processes MB": most[0] // 1_000_000,
    }


def alone(port: int, bodies: list[bytes]) -> dict[str, object]:
    """One question after the other."""
    times = []
    for body in bodies:
        began = time.perf_counter()
        assert ask(port, body) == 200
        times.append(time.perf_counter() - began)
    times.sort()
    return {"questions": len(bodies), "p50 s": round(times[len(times) // 2], 3), "p99 s": round(times[-1], 3)}


def slow_clients(port: int) -> dict[str, object]:
    """150 connections that never finish their headers; is anybody else still answered, and are they closed?"""
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(150)]
    for one in held:
        one.sendall(b"GET /api HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    began = time.perf_counter()
    status = ask(port, b'{"text": "The dam leaked on Monday night, an inquiry heard on Tuesday."}')
    meanwhile = time.perf_counter() - began
    for one in held:
        one.settimeout(60)
        one.recv(1)
    return {
        "status meanwhile": status,
        "answered meanwhile s": round(meanwhile, 2),
        "all closed after s": round(time.perf_counter() - began, 1),
    }


def large_bodies(port: int, process: subprocess.Popen[bytes]) -> dict[str, object]:
    """50 MB, twenty times at once, half of them with a stated length, half in chunks."""
    before = memory(process.pid)

    def one(stated: bool) -> str:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            length = "Content-Length: 50000000" if stated else "Transfer-Encoding: chunked"
            line.sendall(
                f"POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode()
            )
            with contextlib.suppress(OSError):
                for _ in range(500):
                    line.sendall(b"x" * 100_000 if stated else b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
            with contextlib.suppress(OSError):
                return line.recv(12).decode().rpartition(" ")[2] or "closed"
            return "closed"

    with ThreadPoolExecutor(20) as pool:
        said = Counter(pool.map(one, [True, False] * 10))
    return {"said": dict(said), "memory grew by MB": (memory(process.pid) - before) // 1_000_000}


def bodies_of(archive: Path, count: int, words: int | None) -> list[bytes]:
    """Stories of the archive, whole or so many words of them, as questions."""
    rng = random.Random(4)
    with Archive.open(archive, mode="r") as store:
        numbers = [n for (n,) in store._connection.execute("SELECT number FROM documents ORDER BY number")]
        texts = [store._record(n).document.text for n in rng.sample(numbers, count)]
    if words is not None:
        starts = [rng.randrange(max(1, len(t.split()) - words)) for t in texts]
        texts = [" ".join(t.split()[s : s + words]) for t, s in zip(texts, starts, strict=True)]
    return [json.dumps({"text": t}).encode() for t in texts]


def adding(archive: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Another process that adds 2,000 stories."""
    with (folder / "more.jsonl").open("w") as out:
        rng = random.Random(6)
        for n in range(2_000):
            text = " ".join(f"w{rng.randrange(5_000)}" for _ in range(200))
            print(json.dumps({"id": f"more-{n}", "text": text}), file=out)
    return subprocess.Popen(
        [sys.executable, "-m", "derive", "add", str(archive), str(folder / "more.jsonl"), "--no-query", "--quiet"]
    )


def main() -> None:
    given, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 320
    with tempfile.TemporaryDirectory() as name:
        archive = Path(name) / "news.derive"
        shutil.copyfile(given, archive)
        with Archive.open(archive, mode="r") as store:
            articles = len(store)
        whole, short = bodies_of(archive, count, None), bodies_of(archive, count, 60)
        result: dict[str, object] = {"articles": articles, "cores": os.cpu_count(), "load before": os.getloadavg()[0]}
        with serving(archive) as (port, process):
            alone(port, short[:4])
            result["60 words, one at a time"] = alone(port, short[:60])
            result["whole articles, one at a time"] = alone(port, whole[:60])
            result[f"60 words, {AT_ONCE} at once"] = load(port, process, short)
            result[f"whole articles, {AT_ONCE} at once"] = load(port, process, whole)
            other = adding(archive, Path(name))
            result[f"60 words, {AT_ONCE} at once, another process adding"] = load(port, process, short)
            result["adding ended with"] = other.wait(300)
            result["slow clients"] = slow_clients(port)
            result["bodies of 50 MB"] = large_bodies(port, process)
            hosts = ("evil.example", "127.0.0.1.evil.example", "localhost:1@evil.example", "[::1", "")
            result["strange hosts"] = dict(Counter(ask(port, b"{}", host) for host in hosts))
            result["still answers"] = ask(port, short[0])
        result["ended with"] = process.returncode
        result["load after"] = os.getloadavg()[0]
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
