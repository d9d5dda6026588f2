"""How large is the report of a collection, and how long does a browser take to open it?

python benchmarks/report.py [--counts 5,300,2000] [--times 3] [FILE.jsonl.gz ...]

Invented stories (`synthetic.py`) up to each count, and the collections named, are scanned and their reports opened in
Chromium. "Open" is from the request for the file to the frame that follows everything the page's script does at first;
"work" is what the page's main thread computed in that time, which a busy machine does not change. Figures: REPORT.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import sync_playwright

import derive
from benchmarks.synthetic import story
from derive.model import Document, Lineage
from derive.report.html import lineage_html


def invented() -> Iterator[Document]:
    """Articles of story after story, without an end."""
    for number in count():
        for document in story(number, seed=1).documents:
            yield replace(document, id=f"story{number:04d}/{document.id}")


def collections(counts: list[int], files: list[Path]) -> Iterator[tuple[str, list[Document]]]:
    for size in counts:
        yield f"synthetic, {size:,}", list(islice(invented(), size))
    for file in files:
        yield file.parent.name, list(derive.read_documents([file], skipped=[]))


def opened(browser: Any, page_file: Path) -> tuple[float, float]:
    """Seconds until the page stands, and seconds of work for that."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(300_000)  # a busy machine is no reason to give up: work is counted, not waiting
    meter = context.new_cdp_session(page)
    meter.send("Performance.enable", {"timeDomain": "threadTicks"})
    begin = time.perf_counter()
    page.goto(page_file.as_uri())
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    took = time.perf_counter() - begin
    measured = {m["name"]: m["value"] for m in meter.send("Performance.getMetrics")["metrics"]}
    context.close()
    return took, measured["TaskDuration"]


def row(browser: Any, name: str, lineage: Lineage, page_file: Path, times: int) -> str:
    begin = time.process_time()
    page_file.write_text(lineage_html(lineage), encoding="utf-8", errors="replace")
    made = time.process_time() - begin
    runs = [opened(browser, page_file) for _ in range(times)]
    took, work = min(t for t, _ in runs), min(w for _, w in runs)
    size = page_file.stat().st_size / 1e6
    counts = f"{len(lineage.documents):,} | {len(lineage.comparisons):,}"
    return f"| {name} | {counts} | {size:.1f} | {made:.1f} | {took:.2f} | {work:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", default="5,300,2000")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder for the pages")
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    counts = [int(size) for size in options.counts.split(",") if size]
    print("| collection | articles | pairs | MB | made, s (CPU) | open, s | work, s |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        folder = options.keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (name, documents) in enumerate(collections(counts, options.files)):
            page_file = folder.resolve() / f"report-{number}.html"
            print(row(browser, name, derive.scan(documents), page_file, options.times), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
