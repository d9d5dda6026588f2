"""Does an archive survive? Kills at random moments, and flipped bits. Run by hand; figures in benchmarks/RELIABILITY.md.

python benchmarks/reliability.py [KILLS] [FLIPS]
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from derive.archive import Archive
from derive.errors import ArchiveError
from derive.model import Document

WRITER = """
import sys, derive, derive.archive as m
m.BATCH = 5
def text(i): return f'story number {i} about ' + ' '.join(f'w{i}x{k}' for k in range(60))
documents = (derive.Document(f'd{i}', text(i)) for i in range(int(sys.argv[2]), 10**6))
m.Archive.open(sys.argv[1]).add(documents, acknowledge=lambda id: print(id, flush=True))
"""


def kills(folder: Path, count: int) -> str:
    """Writers killed at random moments: is every acknowledged story there, and every record whole?"""
    path, told, rng = folder / "killed.derive", set[str](), random.Random(1)
    torn = 0
    for _ in range(count):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(len(told))],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        time.sleep(0.4 + 0.8 * rng.random())
        os.kill(process.pid, signal.SIGKILL)
        told |= set(process.communicate()[0].split())
        if path.exists():
            with Archive.open(path) as archive:
                torn += sum(1 for _ in archive.check())
    with Archive.open(path) as archive:
        held = {d.id for d in archive.documents()}
    return f"{count} kills: {len(told)} stories acknowledged, {len(told - held)} lost, {torn} records torn"


def flips(folder: Path, count: int) -> str:
    """One flipped bit each: is it found, refused, or without any effect on the stored texts?"""
    path, hurt, rng = folder / "a.derive", folder / "b.derive", random.Random(2)
    documents = [
        Document(f"d{i}", " ".join(rng.choice("abcdefghij") * rng.randrange(1, 9) for _ in range(200)))
        for i in range(40)
    ]
    with Archive.open(path) as archive:
        archive.add(documents)
        truth = list(archive.documents())
        archive._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        archive._connection.execute("PRAGMA journal_mode=DELETE")
    data = path.read_bytes()
    found = refused = harmless = wrong = 0
    for _ in range(count):
        flipped = bytearray(data)
        flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        hurt.write_bytes(flipped)
        try:
            with Archive.open(hurt, mode="r") as archive:
                if list(archive.check()):
                    found += 1
                elif list(archive.documents()) == truth:
                    harmless += 1
                else:
                    wrong += 1
        except ArchiveError:
            refused += 1
    seen = f"{found} found by check, {refused} refused at opening"
    return f"{count} flipped bits: {seen}, {harmless} without effect, {wrong} unseen"


ADDER = """
import sys, derive
archive = derive.Archive.open(sys.argv[1])
for i in range(int(sys.argv[3])):
    text = f'words of {sys.argv[2]} and {i} in a story ' + ' '.join(f'w{i}x{k}' for k in range(60))
    archive.add([derive.Document(f'{sys.argv[2]}-{i}', text)])
"""


def writers(folder: Path, count: int, adds: int) -> str:
    """Many writers and a reader at once: is every story there once, does the reader ever fail, how large gets the log?"""
    path = folder / "shared.derive"
    Archive.open(path).close()
    running = [subprocess.Popen([sys.executable, "-c", ADDER, str(path), str(k), str(adds)]) for k in range(count)]
    log = reads = failures = 0
    start = time.perf_counter()
    while any(process.poll() is None for process in running):
        wal = Path(f"{path}-wal")
        log = max(log, wal.stat().st_size if wal.exists() else 0)
        try:
            with Archive.open(path, mode="r") as archive:
                len(archive)
            reads += 1
        except ArchiveError:
            failures += 1
        time.sleep(0.05)
    took = time.perf_counter() - start
    with Archive.open(path, mode="r") as archive:
        held, faults = len({d.id for d in archive.documents()}), len(list(archive.check()))
    failed = sum(process.returncode != 0 for process in running)
    return (
        f"{count} writers x {adds} adds in {took:.0f} s: {held} stories held, {failed} writers failed, {faults} faults; "
        f"{reads} reads beside them, {failures} failed; log at most {log / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as name:
        print(kills(Path(name), numbers[0] if numbers else 200))
        print(writers(Path(name), 8, 200))
        print(flips(Path(name), numbers[1] if len(numbers) > 1 else 2000))
