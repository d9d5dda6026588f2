"""How fast is each format read, what does reading cost beside the kernel, and what does a bomb among pages cost?

python -m benchmarks.formats [COUNT]          every format, COUNT stories each (office documents: a tenth)
python -m benchmarks.formats --kernel [COUNT] text formats beside raw reading, both with the kernel (`prepare`) on top
python -m benchmarks.formats --bomb           100 pages, and the same with one that a library never finishes

Run by hand; figures in benchmarks/RELIABILITY.md. Work is processor time, which does not depend on what else the machine does.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from html import escape
from pathlib import Path
from zlib import crc32

import derive
from derive.model import Skipped
from derive.prepare import prepare
from derive.read import worker
from tests.test_formats import pdf, saved_page

WORDS = (
    "harbour crane storm night council engine grain river market bridge school winter ferry union clinic valley".split()
)
TIME = "2026-03-04T05:06:07+01:00"


def story(rng: random.Random) -> str:
    return "\n\n".join(
        " ".join(rng.choice(WORDS) for _ in range(rng.randrange(40, 90))).capitalize() + "." for _ in range(8)
    )


def stories(count: int) -> list[str]:
    rng = random.Random(1)
    return [story(rng) for _ in range(count)]


# -- how each format is written: (name of a file, texts) -> its bytes; a file each, or all in one


def markup(text: str) -> str:
    return "".join(f"<p>{p}</p>" for p in text.split("\n\n"))


def page(text: str) -> str:
    return (
        f"<!DOCTYPE html><html><head><title>A story</title><meta property='article:published_time' content='{TIME}'></head>"
        f"<body><nav><a href='/'>Home</a></nav><article><h1>A story</h1>{markup(text)}</article>"
        "<footer>Copyright</footer></body></html>"
    )


def mail(text: str) -> bytes:
    return f"From: Post <p@post.example>\nSubject: A story\nDate: Wed, 04 Mar 2026 05:06:07 +0100\n\n{text}\n".encode()


def lines(texts: Iterable[str]) -> bytes:
    return "\n".join(json.dumps({"text": t, "published": TIME}) for t in texts).encode()


def table(texts: Iterable[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["text", "published"], *[[t, TIME] for t in texts]])
    return out.getvalue().encode()


def columns(texts: Iterable[str]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"text": t, "published": TIME} for t in texts]), out)
    return out.getvalue()


def web_archive(texts: Iterable[str]) -> bytes:
    out = io.BytesIO()
    for number, text in enumerate(texts):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page(text).encode()
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://post.example/{number}\r\n"
        head += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        out.write(gzip.compress(head.encode() + http + b"\r\n\r\n", 1))
    return out.getvalue()


def feed(texts: Iterable[str]) -> bytes:
    items = "".join(f"<item><title>A story</title><description>{escape(markup(t))}</description></item>" for t in texts)
    return f"<rss><channel><title>Post</title>{items}</channel></rss>".encode()


def atom(texts: Iterable[str]) -> bytes:
    entries = "".join(
        f"<entry><id>{k}</id><content type='html'>{escape(markup(t))}</content></entry>" for k, t in enumerate(texts)
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>Post</title>{entries}</feed>".encode()


def wordpress(texts: Iterable[str]) -> bytes:
    items = "".join(
        f"<item><post_type>post</post_type><status>publish</status><encoded>{escape(markup(t))}</encoded></item>"
        for t in texts
    )
    return f"<rss><channel><title>Post</title>{items}</channel></rss>".encode()


def newsml(text: str) -> bytes:
    return (
        f"<newsItem guid='{crc32(text.encode())}'><itemMeta><firstCreated>{TIME}</firstCreated></itemMeta>"
        f"<contentSet><inlineXML><html><body>{markup(text)}</body></html></inlineXML></contentSet></newsItem>"
    ).encode()


def nitf(text: str) -> bytes:
    return f"<nitf><body><body.content>{markup(text)}</body.content></body></nitf>".encode()


def ninjs(text: str) -> bytes:
    return json.dumps({"headline": "A story", "versioncreated": TIME, "body_html": markup(text)}).encode()


def word(text: str) -> bytes:
    import docx

    document, out = docx.Document(), io.BytesIO()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    document.save(out)
    return out.getvalue()


def open_document(text: str) -> bytes:
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document, out = OpenDocumentText(), io.BytesIO()
    for paragraph in text.split("\n\n"):
        document.text.addElement(P(text=paragraph))
    document.write(out)
    return out.getvalue()


def zstandard(texts: Iterable[str]) -> bytes:
    import zstandard as library

    return bytes(library.compress(lines(texts)))


EACH: dict[str, tuple[str, Callable[[str], bytes], int]] = {
    "text": ("txt", str.encode, 1),
    "Markdown": ("md", lambda t: f"---\ntitle: A story\ndate: {TIME}\n---\n{t}".encode(), 1),
    "HTML": ("html", lambda t: page(t).encode(), 1),
    "saved page (.mht)": ("mht", lambda t: saved_page(page(t)), 1),
    "mail": ("eml", mail, 1),
    "NewsML-G2": ("newsml", newsml, 1),
    "NITF": ("nitf", nitf, 1),
    "ninjs": ("ninjs", ninjs, 1),
    "docx": ("docx", word, 10),
    "odt": ("odt", open_document, 10),
    "PDF": ("pdf", lambda t: pdf(t.split("\n\n")), 10),
}
"""Format -> suffix, how a story is written, and by how much fewer are measured."""
ALL: dict[str, tuple[str, Callable[[Iterable[str]], bytes]]] = {
    "JSONL": ("jsonl", lines),
    "JSONL, .gz": ("jsonl.gz", lambda texts: gzip.compress(lines(texts))),
    "JSONL, .bz2": ("jsonl.bz2", lambda texts: bz2.compress(lines(texts))),
    "JSONL, .zst": ("jsonl.zst", zstandard),
    "JSON array": ("json", lambda texts: json.dumps([{"text": t} for t in texts], indent=1).encode()),
    "CSV": ("csv", table),
    "Parquet": ("parquet", columns),
    "RSS": ("rss", feed),
    "Atom": ("atom", atom),
    "WordPress export": ("wxr", wordpress),
    "mailbox": (
        "mbox",
        lambda texts: b"".join(b"From p@post.example Wed Mar  4 05:06:07 2026\n" + mail(t) + b"\n" for t in texts),
    ),
    "web archive, .gz": ("warc.gz", web_archive),
}


def written(folder: Path, name: str, texts: list[str]) -> int:
    """Writes the stories in this format; how many."""
    if name in EACH:
        suffix, write, fewer = EACH[name]
        texts = texts[: max(1, len(texts) // fewer)]
        for number, text in enumerate(texts):
            (folder / f"{number:06d}.{suffix}").write_bytes(write(text))
    else:
        suffix, write_all = ALL[name]
        (folder / f"all.{suffix}").write_bytes(write_all(texts))
    return len(texts)


def work() -> float:
    """Seconds of work of this process and of all its helpers so far (of those that still run, on Linux only)."""
    times = os.times()
    seconds = times.user + times.system + times.children_user + times.children_system
    for process in worker._living._processes or ():
        stat = Path(f"/proc/{process.pid}/stat")
        if stat.exists():
            user, system = stat.read_text().rpartition(")")[2].split()[11:13]
            seconds += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return seconds


def formats(count: int) -> None:
    texts = stories(count)
    warm()
    print("| format | articles a second of work | MB of text |\n|---|---|---|")
    for name in (*EACH, *ALL):
        with tempfile.TemporaryDirectory() as place:
            number = written(Path(place), name, texts)
            best = 0.0
            for _ in range(3):
                skipped: list[Skipped] = []
                start = work()
                read = sum(len(d.text) for d in derive.read_documents([place], skipped=skipped))
                best = max(best, 1 / max(work() - start, 0.01))  # the clock counts hundredths
                assert not skipped, skipped[0]
            print(
                f"| {name}{', a file each' * (name in EACH)} | {number * best:,.0f} | {read * best / 1e6:.1f} |",
                flush=True,
            )


def warm() -> None:
    """Starts a helper and has it import its libraries, so that no format pays for that."""
    with tempfile.TemporaryDirectory() as place:
        for name in ("HTML", "mail", "NITF", "docx", "odt"):
            written(Path(place), name, stories(1))
        list(derive.read_documents([place]))


def raw(place: Path, name: str) -> Iterator[str]:
    """The texts, as a script that trusts its input would read them."""
    if name in ("JSONL", "JSONL, .gz"):
        unpack = gzip.open if name.endswith("gz") else open
        with unpack(next(place.iterdir()), "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["text"]
    elif name == "CSV":
        with next(place.iterdir()).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["text"]
    else:
        for path in sorted(place.iterdir()):
            text = path.read_text(encoding="utf-8")
            yield text.split("\n---\n", 1)[1] if name == "Markdown" else text


def kernel(count: int) -> None:
    """Work, not wall time: the best of three, in turns."""
    texts = stories(count)
    print("| format | raw read + kernel, s | derive + kernel, s | share |\n|---|---|---|---|")
    for name in ("text", "Markdown", "JSONL", "JSONL, .gz", "CSV"):
        with tempfile.TemporaryDirectory() as place:
            written(Path(place), name, texts)
            theirs = ours = float("inf")
            for _ in range(3):
                start = work()
                for number, text in enumerate(raw(Path(place), name)):
                    prepare(derive.Document(str(number), text))
                theirs = min(theirs, work() - start)
                start = work()
                for document in derive.read_documents([place], skipped=[]):
                    prepare(document)
                ours = min(ours, work() - start)
            print(f"| {name} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.0%} |", flush=True)


BOMB = "<html><body><p" + "".join(f" a{k}='{k}'" for k in range(120_000)) + ">text</p></body></html>"
"""The parser needs time that grows with the square of the attributes."""


def bomb() -> None:
    """One helper, started anew each time."""
    took = []
    for files in (100, 101):
        worker._pool = worker._Pool()
        with tempfile.TemporaryDirectory() as place:
            written(Path(place), "HTML", stories(100))
            if files == 101:
                (Path(place) / "000050-bomb.html").write_text(BOMB)
            skipped: list[Skipped] = []
            start, worked = time.perf_counter(), work()
            read = len(list(derive.read_documents([place], skipped=skipped)))
            took.append((time.perf_counter() - start, work() - worked))
            told = ", ".join(f"{s.path}: {s.reason}" for s in skipped)
            print(f"{files} files: {read} read in {took[-1][0]:.1f} s, {took[-1][1]:.1f} s of work; {told}")
    print(f"the bomb costs {took[1][0] - took[0][0]:.1f} s, {took[1][1] - took[0][1]:.1f} s of work")


MODES: dict[str, tuple[Callable[[int], None], int]] = {
    "--kernel": (kernel, 3000),
    "--bomb": (lambda _: bomb(), 0),
}


def main() -> None:
    words = sys.argv[1:]
    run, count = MODES[words.pop(0)] if words and words[0] in MODES else (formats, 1000)
    run(int(words[0]) if words else count)


if __name__ == "__main__":
    main()
