"""Damaged files by the thousand: does any reader, or the kernel, raise, hang or say nothing? Figures in RELIABILITY.md.

python -m benchmarks.fuzz [SECONDS] [SEED]
python -m benchmarks.fuzz --guided SECONDS SEED      guided by coverage, with atheris (pip install atheris)

The seeds are one story in every format (`tests/test_formats.py`). Each round changes one of them: bytes flipped, cut, repeated,
inserted from a list of what parsers stumble over, or spliced from another format. What comes out is prepared and compared, too;
every tenth text is held against both kernels. A file that fails is kept in the working directory, named by its digest.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import derive
from derive.kernel import reference
from derive.model import Skipped
from derive.normalise import character_classes
from derive.prepare import prepare
from tests.test_formats import FORMATS

TOKENS = (
    *(
        b"<",
        b">",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE",
        b"<!ENTITY a 'b'>",
        b"&a;",
        b"&#0;",
        b"&#x110000;",
        b"</p>",
    ),
    *(
        b"<p",
        b"<div>" * 400,
        b'"',
        b"'",
        b"\\",
        b"\\ud800",
        b"{",
        b"}",
        b"[" * 2000,
        b"]",
        b",",
        b":",
        b"null",
        b"NaN",
        b"1e999",
    ),
    *(
        b"\0",
        b"\r",
        b"\n",
        b"\x1a",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\x80" * 9,
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ),
    *(
        "\u202e\u0301\u200b\ufdfa".encode() * 40,
        b"---\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 99999999999\r\n",
        b"=?utf-8?b?",
    ),
    *(
        b"charset=utf-7",
        b"charset=idna",
        b"charset=undefined",
        b"charset=zlib",
        b"endobj",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"PAR1",
    ),
)
CLASSES = character_classes()
SLOW = 22.0
"""Seconds from which on a file counts as hanging: the helper's deadline and a little."""


def token(rng: random.Random) -> bytes:
    found = rng.choice(TOKENS)
    return found if isinstance(found, bytes) else bytes([found])


def changed(data: bytes, others: list[bytes], rng: random.Random) -> bytes:
    """The bytes after one to six changes."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 7)):
        at, kind = rng.randrange(len(out) + 1), rng.randrange(7)
        end = min(len(out), at + rng.randrange(1, 200))
        if kind == 0 and at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del out[at:end]
        elif kind == 2:
            out[at:at] = token(rng)
        elif kind == 3:
            out[at:at] = out[at:end] * rng.randrange(1, 20)
        elif kind == 4:
            del out[at:]
        elif kind == 5:
            other = rng.choice(others)
            start = rng.randrange(len(other))
            out[at:end] = other[start : start + rng.randrange(1, 500)]
        else:
            out[at:end] = rng.randbytes(end - at)
    return bytes(out)


def kernels_agree(text: str) -> None:
    """Raises if the compiled kernel cuts this text otherwise than the one in Python."""
    try:
        from derive.kernel import native
    except ImportError:
        return
    ours, theirs = (
        [part if isinstance(part, list) else part.tolist() for part in k.cut(text, CLASSES, {}, str.casefold)]
        for k in (native, reference)
    )
    if ours != theirs:
        raise AssertionError("the kernels differ")


def guided(seconds: int, seed: int) -> None:
    """The same under atheris, which is guided by coverage: readers of text in this process, without helpers."""
    import atheris

    from derive.read.files import File
    from derive.read.jsonl import read_json
    from derive.read.mail import messages
    from derive.read.newsxml import articles
    from derive.read.tables import read_csv
    from derive.read.text import read_text

    # By function: all was imported long ago, and atheris' own hook sees only what is imported after it.
    for name in [n for n in sys.modules if n.startswith(("derive.read", "derive.normalise", "derive.clean"))]:
        for thing in vars(sys.modules[name]).values():
            for function in (thing, *(vars(thing).values() if inspect.isclass(thing) else ())):
                if inspect.isfunction(function) and function.__module__ == name:
                    atheris.instrument_func(function)
    readers = (("x.md", read_text), ("x.jsonl", read_json), ("x.csv", read_csv))
    parsers = (articles, messages)

    def one(data: bytes) -> None:
        if not data:
            return
        kind, rest = data[0] % (len(readers) + len(parsers)), data[1:]
        if kind < len(readers):
            name, read = readers[kind]
            # Markup in a record would ask a helper: it is fuzzed above.
            for item in read(File(name, None, direct=True), io.BytesIO(rest.replace(b"html", b"h"))):
                if isinstance(item, Skipped):
                    assert "\n" not in item.message
                elif hasattr(item, "document"):
                    prepare(item.document)
                    kernels_agree(item.document.text)
        else:
            found = worker_answer(parsers[kind - len(readers)], rest)
            assert isinstance(found, list)

    with tempfile.TemporaryDirectory() as corpus:
        wanted = {
            "a.md": 0,
            "a.jsonl": 1,
            "a.json": 1,
            "a.csv": 2,
            "a.rss": 3,
            "a.xml": 3,
            "a.newsml": 3,
            "a.nitf": 3,
            "a.eml": 4,
        }
        for name, kind in wanted.items():
            (Path(corpus) / name).write_bytes(bytes([kind]) + FORMATS[name][0]())
        options = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            "-timeout=25",
            "-max_len=20000",
            "-rss_limit_mb=3000",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], one)
        atheris.Fuzz()


def worker_answer(parse: Callable[[bytes], list[object]], data: bytes) -> list[object]:
    """As the helper answers: whatever a library throws costs that file alone; what is found must fit into JSON."""
    try:
        found = parse(data)
    except (MemoryError, RecursionError):
        return []
    except Exception as error:
        THROWN[type(error).__name__] += 1
        return []
    json.dumps(found)
    return found


THROWN: Counter[str] = Counter()


def main() -> int:
    if sys.argv[1:2] == ["--guided"]:
        guided(int(sys.argv[2]), int(sys.argv[3]))
        return 0
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    seeds = {name: make() for name, (make, _) in FORMATS.items()}
    others = list(seeds.values())
    truth = derive.Document("plain", seeds["a.txt"].decode())
    count: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    slowest, faults, start = (0.0, ""), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        while time.monotonic() - start < seconds:
            name = rng.choice(sorted(seeds))
            data = changed(seeds[name], others, rng)
            file = Path(place) / name
            file.write_bytes(data)
            skipped: list[Skipped] = []
            began = time.monotonic()
            try:
                documents = list(derive.read_documents([file], skipped=skipped))
                for document in documents:
                    prepare(document)
                    if count["files"] % 10 == 0:
                        derive.compare(truth, document)
                        kernels_agree(document.text)
                if not documents and not skipped:
                    raise AssertionError("nothing is said of it")
                if any("\n" in s.message or len(s.message) > 3000 for s in skipped):
                    raise AssertionError("a message of several lines")
            except Exception:
                faults += 1
                kept = f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}-{name}"
                Path(kept).write_bytes(data)
                print(f"{kept}: {traceback.format_exc(limit=-3)}", flush=True)
            took = time.monotonic() - began
            if took > SLOW:
                faults += 1
                Path(f"fuzz-slow-{hashlib.sha256(data).hexdigest()[:12]}-{name}").write_bytes(data)
            slowest = max(slowest, (took, name))
            count["files"] += 1
            count["documents"] += len(documents)
            reasons.update(s.reason for s in skipped)
            file.unlink()
    print(
        f"seed {seed}: {count['files']:,} damaged files in {seconds:.0f} s, {count['documents']:,} documents, {faults} faults"
    )
    print(
        f"skipped: {', '.join(f'{r} {n:,}' for r, n in reasons.most_common())}; slowest {slowest[0]:.1f} s ({slowest[1]})"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
