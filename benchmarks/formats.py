"""How fast is each format read? Run by hand; figures in benchmarks/RELIABILITY.md.

python benchmarks/formats.py [COUNT]
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import derive

WORDS = (
    "harbour crane storm night council engine grain river market bridge school winter ferry union clinic valley".split()
)


def story(rng: random.Random) -> str:
    return "\n\n".join(
        " ".join(rng.choice(WORDS) for _ in range(rng.randrange(40, 90))).capitalize() + "." for _ in range(8)
    )


def folder_of(suffix: str, wrap: Callable[[str], str]) -> Callable[[Path, list[str]], None]:
    def write(folder: Path, stories: list[str]) -> None:
        for number, text in enumerate(stories):
            (folder / f"{number:06d}.{suffix}").write_text(wrap(text), encoding="utf-8")

    return write


def page(text: str) -> str:
    body = "".join(f"<p>{p}</p>" for p in text.split("\n\n"))
    return (
        "<!DOCTYPE html><html><head><title>A story</title></head><body><nav><a href='/'>Home</a></nav><article><h1>A story</h1>"
        f"{body}</article><footer>Copyright</footer></body></html>"
    )


def write_jsonl(folder: Path, stories: list[str]) -> None:
    (folder / "all.jsonl").write_text("\n".join(json.dumps({"text": t}) for t in stories), encoding="utf-8")


def write_packed(folder: Path, stories: list[str]) -> None:
    (folder / "all.jsonl.gz").write_bytes(gzip.compress("\n".join(json.dumps({"text": t}) for t in stories).encode()))


def write_csv(folder: Path, stories: list[str]) -> None:
    with (folder / "all.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["text"], *[[t] for t in stories]])


def write_rss(folder: Path, stories: list[str]) -> None:
    items = "".join(f"<item><title>A story</title><description>{t}</description></item>" for t in stories)
    (folder / "all.rss").write_text(f"<rss><channel><title>x</title>{items}</channel></rss>", encoding="utf-8")


FORMATS: dict[str, Callable[[Path, list[str]], None]] = {
    "text, a file each": folder_of("txt", lambda text: text),
    "HTML, a file each": folder_of("html", page),
    "JSONL": write_jsonl,
    "JSONL, gzip": write_packed,
    "CSV": write_csv,
    "RSS": write_rss,
}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = random.Random(1)
    stories = [story(rng) for _ in range(count)]
    print("| format | articles/s | MB of text/s |\n|---|---|---|")
    for name, write in FORMATS.items():
        with tempfile.TemporaryDirectory() as place:
            write(Path(place), stories)
            start = time.perf_counter()
            read = sum(len(d.text) for d in derive.read_documents([place]))
            took = time.perf_counter() - start
            print(f"| {name} | {count / took:,.0f} | {read / took / 1e6:.1f} |")


if __name__ == "__main__":
    main()
