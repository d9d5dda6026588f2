"""How long do many web pages take, with one helper process and with two? Run by hand; figures in benchmarks/RELIABILITY.md.

python benchmarks/pages.py [COUNT]
"""

from __future__ import annotations

import hashlib
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import derive
from benchmarks.formats import page, story
from derive.read import worker


def furnished(text: str, number: int) -> str:
    """A page as sites make them: a menu, a list of other stories, a script, a footer."""
    links = "".join(
        f"<li><a href='/news/{k}'>Another story, number {k}, about something else</a></li>" for k in range(40)
    )
    around = f"<nav><ul>{links}</ul></nav><script>var a = {list(range(200))};</script>"
    said = f'<link rel="canonical" href="https://post.example/{number}"><meta property="og:site_name" content="Post">'
    return page(text).replace("<title>", said + "<title>").replace("<nav>", around + "<nav>", 1)


def helpers() -> int:
    """The most memory that one of the living helpers ever held, in kB (Linux only)."""
    states = [Path(f"/proc/{p.pid}/status").read_text() for p in worker._living._processes or ()]
    return max((int(s.partition("VmHWM:")[2].split()[0]) for s in states), default=0)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as place:
        size = 0
        for number in range(count):
            markup = furnished(story(rng), number)
            size += len(markup)
            (Path(place) / f"{number:06d}.html").write_text(markup, encoding="utf-8")
        print(
            f"{count:,} pages, {size / 1e6:.0f} MB\n\n| processes | s | pages/s | told | digest |\n|---|---|---|---|---|"
        )
        for jobs in (1, 2):
            told: list[int] = []
            digest = hashlib.sha256()
            start = time.perf_counter()
            for document in derive.read_documents([place], jobs=jobs, progress=lambda _, done, of: told.append(done)):  # noqa: B023
                digest.update(repr(document).encode())
            took = time.perf_counter() - start
            print(f"| {jobs} | {took:.1f} | {count / took:,.0f} | {len(told)} times | {digest.hexdigest()[:12]} |")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"\nmost memory: {most:.0f} MB here, {helpers() / 1e3:.0f} MB in a helper")


if __name__ == "__main__":
    main()
