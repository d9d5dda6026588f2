"""What a lineage looks like in JSON, DOT, SVG and on a page."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.model import (
    Comparison,
    Direction,
    Edge,
    Evidence,
    Exclusion,
    Facts,
    Lineage,
    Link,
    Origins,
    Passage,
    Skipped,
    Span,
    Tally,
    UnseenSource,
    Witness,
)
from derive.params import Params
from derive.report import dot as dot_module
from derive.report import files as files_module
from derive.report import html as html_module
from derive.report.dot import NoDrawing, checked_svg, draw, lineage_dot
from derive.report.files import write_report
from derive.report.graph import lineage_graph
from derive.report.html import lineage_html
from derive.report.json import lineage_json
from derive.report.labels import HIDDEN, label, percent, printable
from derive.report.lanes import MARK_HEIGHT, MARK_WIDTH, lay_out
from derive.report.picture import DOT_ROOM, Ghost, Room, families, moment, picture

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="dot (Graphviz) is not installed")

BASE = (
    "The prime minister announced on Tuesday that the government would introduce new legislation to regulate online "
    "platforms, according to three officials familiar with the plan. “We want the platforms to answer for what they "
    "earn from,” she said. Opposition lawmakers said the proposal did not go far enough."
)


def witness(id: str, text: str = BASE, **more) -> Witness:
    values = {
        "path": id,
        "title": None,
        "published": None,
        "source": None,
        "flags": (),
        "excluded": (),
        "copies_of": None,
        **more,
    }
    sha256 = hashlib.sha256(text.encode(errors="replace")).hexdigest()
    return Witness(id=id, words=len(text.split()), sha256=sha256, text=text, **values)


def comparison(a: str, b: str, a_in_b: float, b_in_a: float, direction: Direction, **more) -> Comparison:
    values = {"reuse": "text", "facts": None, "passages": (), **more}
    resemblance = round(min(a_in_b, b_in_a) / 2, 4)
    return Comparison(a, b, a_in_b, b_in_a, resemblance, direction=direction, **values)


def lineage(documents, comparisons=(), edges=(), links=(), roots=(), unseen=(), groups=None, **more) -> Lineage:
    groups = tuple((d.id,) for d in documents) if groups is None else groups
    values = {"skipped": (), "tally": Tally(len(documents), 0, 0, 0, 0), "notes": (), "params": Params(), **more}
    return Lineage(
        tuple(documents),
        tuple(comparisons),
        tuple(edges),
        tuple(links),
        tuple(roots),
        tuple(unseen),
        Origins(len(groups), tuple(groups)),
        **values,
    )


def passage(a: str, b: str, words: str, kind="identical", quoted=False, other: str | None = None) -> Passage:
    i, j = a.index(words), b.index(other or words)
    return Passage(Span(i, i + len(words)), Span(j, j + len(other or words)), kind, quoted)


UNDECIDED = Direction("undecided", 0.55, "local", ())


def five_articles() -> Lineage:
    """Five articles on one event, as the seed articles: two unseen sources, a quotation, no arrow."""
    texts = {
        "000.txt": '(Scypre.com) – Russia has massed troops. "There was no conversation," he said.',
        "001.txt": "Trump's communications director, Steven Cheung, declined to comment. Drones hit the village.",
        "002.txt": 'The Kremlin has firmly denied reports. "There was no conversation," Peskov said of the U.S.',
        "003.txt": "Trump’s communications director, Steven Cheung, declined to confirm. 84 drones flew.",
        "004.txt": "The Kremlin has firmly denied a report. The Kremlin has firmly denied a report. No plan yet.",
    }
    t = texts
    documents = [
        witness(
            "000.txt", t["000.txt"], excluded=(Exclusion(Span(0, 14), "dateline"), Exclusion(Span(41, 68), "quotation"))
        ),
        witness("001.txt", t["001.txt"], title="Kremlin Refutes Reports of Trump’s Call to Putin on Ukraine Crisis"),
        witness("002.txt", t["002.txt"]),
        witness("003.txt", t["003.txt"]),
        witness(
            "004.txt",
            t["004.txt"],
            title="Kremlin denies reports of Putin-Trump call over Ukraine conflict",
            flags=("repeated-paragraph",),
            excluded=(Exclusion(Span(40, 79), "repeated-paragraph"),),
        ),
    ]
    evidence = (
        Evidence("mutual-loss", "common_source", 2.2, False, "each has facts of the source that the other lacks"),
        Evidence(
            "length", "neither", 0.0, True, "the longer text is the source in 99 % of one set and 22 % of another"
        ),
    )
    comparisons = [
        comparison(
            "001.txt",
            "003.txt",
            0.052,
            0.081,
            Direction("common_source", 0.9, "local", evidence),
            facts=Facts(0.31, 0.44, 9, 0.12),
            passages=(
                passage(
                    t["001.txt"],
                    t["003.txt"],
                    "Trump's communications director, Steven Cheung, declined to comment",
                    "minor",
                    other="Trump’s communications director, Steven Cheung, declined to confirm",
                ),
                passage(t["001.txt"], t["003.txt"], "Drones hit the village", "reworded", other="84 drones flew"),
            ),
        ),
        comparison(
            "002.txt",
            "004.txt",
            0.071,
            0.104,
            Direction("undecided", 0.55, "local", evidence[1:]),
            passages=(passage(t["002.txt"], t["004.txt"], "The Kremlin has firmly denied"),),
        ),
        comparison(
            "000.txt",
            "002.txt",
            0.029,
            0.04,
            UNDECIDED,
            reuse="quotation",
            passages=(passage(t["000.txt"], t["002.txt"], "There was no conversation", quoted=True),),
        ),
    ]
    return lineage(
        documents,
        comparisons,
        links=[
            Link("001.txt", "003.txt", "common_source", 0.9),
            Link("002.txt", "004.txt", "common_source", 0.65),
            Link("000.txt", "002.txt", "quotation", 0.95),
        ],
        roots=[(("000.txt", 1.0),), (("001.txt", 0.5), ("003.txt", 0.5)), (("002.txt", 0.55), ("004.txt", 0.45))],
        unseen=[
            UnseenSource("unseen:1", ("001.txt", "003.txt"), 0.9),
            UnseenSource("unseen:2", ("002.txt", "004.txt"), 0.65),
        ],
        groups=[("000.txt",), ("001.txt", "003.txt"), ("002.txt", "004.txt")],
        notes=("No article carries a time, so nothing is earlier than anything else.",),
        tally=Tally(5, 0, 9, 9, 3),
    )


def wire_story() -> Lineage:
    """Fifteen articles in two days: a wire story and what became of it, and a radio report of its own."""
    rows = [
        ("wire/0911.txt", "Wire Service", "2024-11-11T09:11:00Z"),
        ("wire/1040-update.txt", "Wire Service", "2024-11-11T10:40:00Z"),
        ("herald/story.txt", "The Herald", "2024-11-11T10:05:00Z"),
        ("gazette/a.txt", "Evening Gazette", "2024-11-11T11:30:00Z"),
        ("post/1.txt", "Daily Post", "2024-11-11T11:45:00Z"),
        ("courier/x.txt", "Courier", "2024-11-11T12:10:00Z"),
        ("blog/2024-11-12.html", "A Blog on Politics", "2024-11-12T08:00:00Z"),
        ("radio/news.txt", "Radio One", "2024-11-11T13:00:00Z"),
        ("radio/web.txt", "Radio One", "2024-11-11T15:20:00Z"),
        ("tribune/t.txt", "Tribune", "2024-11-11T18:00:00Z"),
        ("mail/m1.txt", "Morning Mail", "2024-11-12T06:30:00Z"),
        ("mail/m2.txt", "Morning Mail", "2024-11-12T09:30:00Z"),
        ("observer/o.txt", "Observer", None),
        ("echo/e.txt", "Echo", "2024-11-11"),
        ("weather/w.txt", "Weather Desk", "2024-11-11T07:00:00Z"),
    ]
    documents = [witness(id, BASE + f" Number {i}.", source=s, published=p) for i, (id, s, p) in enumerate(rows)]
    copies = [("Kurier", 10), ("Valley News", 11), ("Lakeside Times", 11), ("Northern Star", 12), ("Kurier", 13)]
    documents += [
        witness(f"copies/{i}.txt", source=s, published=f"2024-11-11T{h}:00:00Z", copies_of="wire/0911.txt")
        for i, (s, h) in enumerate(copies)
    ]
    arrows = [
        ("wire/0911.txt", "wire/1040-update.txt", 0.97, 0.91),
        ("wire/0911.txt", "herald/story.txt", 0.96, 0.62),
        ("wire/1040-update.txt", "gazette/a.txt", 0.93, 0.55),
        ("wire/1040-update.txt", "post/1.txt", 0.81, 0.34),
        ("wire/1040-update.txt", "courier/x.txt", 0.95, 0.71),
        ("herald/story.txt", "blog/2024-11-12.html", 0.88, 0.21),
        ("post/1.txt", "tribune/t.txt", 0.92, 0.47),
        ("gazette/a.txt", "mail/m1.txt", 0.9, 0.38),
        ("mail/m1.txt", "mail/m2.txt", 0.99, 0.88),
        ("courier/x.txt", "observer/o.txt", 0.79, 0.3),
    ]
    edges = [Edge(s, t, p) for s, t, p, _ in arrows]
    edges.append(Edge("post/1.txt", "mail/m1.txt", 0.84, "second_parent"))
    edges.append(Edge("copies/3.txt", "echo/e.txt", 1.0, "derived", declared=True))
    comparisons = [
        comparison(
            *sorted((s, t)),
            *((share, share / 2) if t < s else (share / 2, share)),
            Direction(
                "a_to_b" if s < t else "b_to_a",
                p,
                "rewrite",
                (Evidence("dates", "a", 4.0, False, "earlier by 54 minutes"),),
            ),
            passages=(
                Passage(Span(0, 60), Span(0, 60), "identical", False),
                Passage(Span(172, 240), Span(172, 240), "identical", True),
            ),
        )
        for s, t, p, share in arrows
    ]
    return lineage(
        documents,
        comparisons,
        edges,
        links=[
            Link("radio/news.txt", "radio/web.txt", "common_source", 0.9),
            Link("herald/story.txt", "radio/news.txt", "quotation", 0.95),
            Link("blog/2024-11-12.html", "mail/m2.txt", "facts", 0.6),
            Link("courier/x.txt", "post/1.txt", "text", 0.61),
        ],
        unseen=[UnseenSource("unseen:1", ("radio/news.txt", "radio/web.txt"), 0.78)],
        groups=[
            ("radio/news.txt", "radio/web.txt"),
            ("weather/w.txt",),
            tuple(d.id for d in documents if not d.id.startswith(("radio", "weather"))),
        ],
        skipped=(Skipped("broken.jsonl", 3, "bad-record", "not JSON"),),
        tally=Tally(20, 5, 60, 55, 11),
    )


def fifty_articles() -> Lineage:
    """Fifty articles of thirty outlets in four stories, and some that stand alone."""
    dice = random.Random(7)
    documents, edges, links, groups = [], [], [], []
    for story, size in enumerate((22, 11, 6, 3)):
        members = [f"story{story}/{i:02d}.txt" for i in range(size)]
        for i, id in enumerate(members):
            hour = 6 + story * 5 + i
            time = f"2024-11-{11 + hour // 24}T{hour % 24:02d}:{dice.randrange(60):02d}:00Z"
            documents.append(witness(id, BASE[: 200 + 5 * i], source=f"Outlet {dice.randrange(30)}", published=time))
            if i:
                edges.append(Edge(members[dice.randrange(max(1, i // 2))], id, dice.choice([0.8, 0.93, 0.97])))
            if i > 9 and i % 4 == 0:
                edges.append(Edge(members[i - 7], id, 0.8, "second_parent"))
        groups.append(tuple(members))
    alone = [f"other/{i}.txt" for i in range(8)]
    documents += [witness(id, source=f"Outlet {i}", published="2024-11-12T10:00:00Z") for i, id in enumerate(alone)]
    groups += [(id,) for id in alone]
    links += [
        Link("story0/03.txt", "story1/02.txt", "quotation", 0.9),
        Link("story2/01.txt", "story2/04.txt", "text", 0.6),
    ]
    seen = set()
    edges = [e for e in edges if not ((e.source, e.target) in seen or seen.add((e.source, e.target)))]
    comparisons = [
        comparison(
            *sorted((e.source, e.target)),
            *((0.3, 0.5) if e.source < e.target else (0.5, 0.3)),
            Direction("a_to_b", 0.9, "rewrite"),
        )
        for e in edges
    ]
    return lineage(documents, comparisons, edges, links, groups=groups)


HOSTILE = [
    'a:b:n -> pwn; pwn [URL="javascript:alert(1)" label="click me"]; x',
    "<b>Breaking</b>",
    "<img src=x onerror=alert('XSSCANARY')>",
    "<script>alert('XSSCANARY')</script>",
    "</title></style></script><script>alert('XSSCANARY')</script>",
    '" onmouseover="alert(\'XSSCANARY\')" x="',
    '"];',
    'x"]; evil [URL="javascript:alert(1)"]; y ["',
    "C:\\new\\N \\G trailing\\",
    "a\x00b\nc\rd\x0be",
    "\u202etxt.exe",
    "word " * 6000,
    "x" * 30_000,
    "{a|b|<p>c}",
    "&#60;b&#62; &amp;amp; \u00ad",
    "\ud800",
    "caf\udce9\udcff.txt",
    "\x1b[2J\x1b]0;pwn\x07",
    "node",
    "--help",
    "https://example.com:8443/a?b=1:n",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\ufffe\uffff\U0001ffff",
    "\u2028\u2029\u2066\u2067",
    "]]>",
    "<!--",
    "",
    "   ",
    "'); DROP TABLE doc;--",
    "\u0301" * 50,
]


def hostile(names: list[str]) -> Lineage:
    """A chain of articles called, published by and titled with these names, with every kind of line."""
    ids = list(dict.fromkeys(names))
    documents = [
        witness(id, f"{id} {BASE} {id}", title=id, source=id if i % 2 else None, path=id, flags=(id,))
        for i, id in enumerate(ids)
    ]
    documents = [replace(d, excluded=(Exclusion(Span(0, len(d.id)), "credit"),), published=d.id) for d in documents]
    evidence = (Evidence("x", "a", 1.0, True, ids[0]),)
    pairs = list(pairwise(ids))
    whole = {d.id: Span(0, len(d.text)) for d in documents}
    comparisons = [
        comparison(
            a, b, 0.5, 0.5, Direction("a_to_b", 0.9, "rewrite", evidence), passages=(Passage(whole[a], whole[b], k, q),)
        )
        for (a, b), k, q in zip(
            pairs, ["identical", "minor", "reworded"] * len(pairs), [True, False] * len(pairs), strict=False
        )
    ]
    kinds = ["text", "facts", "common_source", "quotation"] * len(pairs)
    return lineage(
        documents,
        comparisons,
        edges=[Edge(a, b, 0.9) for a, b in pairs[::2]],
        links=[Link(a, b, kind, 0.8) for (a, b), kind in zip(pairs[1::2], kinds, strict=False)],
        unseen=[UnseenSource(ids[0], tuple(ids[-2:]), 0.8)],
        roots=[((ids[0], 1.0),)],
        notes=(ids[0],),
        skipped=(Skipped(ids[0], 1, ids[-1], ids[0]),),
    )


SCRIPT = html_module.script()


class Page(HTMLParser):
    """What a browser would see of a page: elements, attributes, style, text."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.style = self.text = self.script = ""
        self.data = "{}"
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        elif self.open and self.open[-1] == "script":
            if self.elements[-1][1].get("type") == "application/json":
                self.data = data
            else:
                self.script += data
        else:
            self.text += data


def assert_harmless(page: str) -> Page:
    """No script but our own, no handler, no style attribute, no address but anchors of this page, nothing invisible."""
    seen = Page(page)
    assert seen.script in ("", SCRIPT)
    assert [a for t, a in seen.elements if t == "script"] in ([], [{"type": "application/json", "id": "data"}, {}])
    assert "<" not in seen.data
    json.loads(seen.data)
    for tag, attributes in seen.elements:
        assert tag not in ("img", "iframe", "object", "link", "a:href", "b", "image", "use", "form", "base")
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("style", "src", "xlink:href", "action", "srcset")
            if name == "href":
                assert value is not None
                assert re.fullmatch(r"#[a-z0-9-]+", value)
    assert "url(" not in seen.style
    assert HIDDEN.sub("", page.replace("\n", "")) == page.replace("\n", "")
    page.encode()
    return seen


def articles_of(svg: bytes) -> int:
    return sum(e.get("class") == "node article" for e in ET.fromstring(svg).iter())


def shuffled(original: Lineage, seed: int) -> Lineage:
    """The same lineage with every tuple of it in another order."""
    dice = random.Random(seed)

    def shuffle(items):
        return tuple(dice.sample(items, len(items)))

    return replace(
        original,
        documents=shuffle(
            [replace(d, excluded=shuffle(d.excluded), flags=shuffle(d.flags)) for d in original.documents]
        ),
        comparisons=shuffle([replace(c, passages=shuffle(c.passages)) for c in original.comparisons]),
        edges=shuffle(original.edges),
        links=shuffle(original.links),
        roots=shuffle([shuffle(r) for r in original.roots]),
        unseen_sources=shuffle([replace(u, children=shuffle(u.children)) for u in original.unseen_sources]),
        origins=replace(original.origins, groups=shuffle([shuffle(g) for g in original.origins.groups])),
        skipped=shuffle(original.skipped),
        notes=shuffle(original.notes),
    )


SAMPLES = [five_articles, wire_story, fifty_articles, lambda: hostile(HOSTILE)]


# -- labels


@pytest.mark.parametrize("name", HOSTILE)
def test_a_label_has_no_bare_quote_no_odd_backslash_and_nothing_invisible(name):
    made = label(name)
    assert not re.search(r'(?<!\\)(\\\\)*"', made)
    assert (len(made) - len(made.rstrip("\\"))) % 2 == 0
    assert not HIDDEN.search(made)
    assert len(made) <= 5 * 80


@pytest.mark.parametrize("name", HOSTILE)
def test_printable_text_is_one_line_without_control_characters(name):
    shown = printable(name)
    assert not HIDDEN.search(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()


def test_printable_shows_escapes_that_a_person_can_read():
    assert printable("\x1b[31m \u202e \x9b \ud800 \U000e0041") == r"\x1b[31m \u202e \x9b \ud800 \U000e0041"


def test_arabic_japanese_and_accents_are_printed_as_they_are():
    for text in ("رئيس الوزراء", "首相は火曜日", "Zoë’s café", "naïve — “quoted”"):
        assert printable(text) == text


def test_only_the_whole_is_called_100_percent():
    assert [percent(x) for x in (0, 0.0004, 0.071, 0.62, 0.9999, 1)] == [
        "0 %",
        "under 0.1 %",
        "7.1 %",
        "62 %",
        "over 99 %",
        "100 %",
    ]


# -- JSON


def test_the_json_has_the_keys_of_the_contract_in_its_order():
    text = lineage_json(wire_story())
    assert text.startswith('{"schema": 1, "derive": "0.1.0", "params": {"shingle_size": 3')
    assert text.endswith("}\n")
    found = json.loads(text)
    assert list(found) == [
        "schema", "derive", "params", "documents", "comparisons", "edges", "links", "roots", "unseen_sources",
        "origins", "skipped",
    ]  # fmt: skip
    assert list(found["documents"][0]) == [
        "id", "path", "title", "published", "source", "words", "sha256", "flags", "excluded", "copies_of",
    ]  # fmt: skip
    assert list(found["comparisons"][0]) == [
        "a", "b", "containment_of_a_in_b", "containment_of_b_in_a", "resemblance", "reuse", "facts", "passages",
        "direction",
    ]  # fmt: skip
    assert list(found["comparisons"][0]["passages"][0]) == ["a", "b", "kind", "quoted"]
    assert list(found["comparisons"][0]["direction"]) == ["verdict", "probability", "regime", "evidence"]
    assert list(found["comparisons"][0]["direction"]["evidence"][0]) == [
        "name",
        "favours",
        "log_odds",
        "measured",
        "detail",
    ]
    assert list(found["edges"][0]) == ["source", "target", "probability", "kind", "declared"]
    assert list(found["links"][0]) == ["a", "b", "kind", "probability"]
    assert list(found["unseen_sources"][0]) == ["id", "children", "probability"]
    assert list(found["origins"]) == ["count", "groups"]
    assert list(found["skipped"][0]) == ["path", "record", "reason", "message"]


def test_spans_are_pairs_of_numbers_and_roots_are_lists_per_component():
    found = json.loads(lineage_json(five_articles()))
    pair = next(c for c in found["comparisons"] if c["a"] == "002.txt")
    assert pair["passages"] == [{"a": [0, 29], "b": [0, 29], "kind": "identical", "quoted": False}]
    assert found["documents"][0]["excluded"][0] == {"kind": "dateline", "start": 0, "end": 14}
    assert found["roots"][2] == [["002.txt", 0.55], ["004.txt", 0.45]]


def test_every_document_and_comparison_has_a_line_of_its_own():
    lines = lineage_json(five_articles()).splitlines()
    assert sum(line.startswith('  {"id"') for line in lines) == 5 + 2
    assert sum(line.startswith('  {"a"') for line in lines) == 3 + 3


def test_hostile_ids_survive_the_json_and_cannot_steer_a_terminal():
    text = lineage_json(hostile(HOSTILE))
    assert not HIDDEN.search(text.replace("\n", ""))
    ids = [d["id"] for d in json.loads(text)["documents"]]
    assert sorted(i for i in HOSTILE if not re.search("[\ud800-\udfff]", i)) == sorted(
        i for i in ids if "\ufffd" not in i
    )


def test_an_empty_lineage_is_a_valid_document_in_every_format():
    empty = lineage([])
    assert json.loads(lineage_json(empty))["documents"] == []
    assert lineage_dot(empty).startswith("digraph")
    assert_harmless(lineage_html(empty))
    assert len(lineage_graph(empty)) == 0


# -- the same bytes


@pytest.mark.parametrize("sample", SAMPLES, ids=["five", "wire", "fifty", "hostile"])
@pytest.mark.parametrize("write", [lineage_json, lineage_dot, lineage_html])
def test_the_order_in_which_things_were_found_changes_no_byte(sample, write):
    original = sample()
    assert {write(shuffled(original, seed)) for seed in range(4)} == {write(original)}


def test_the_hash_seed_changes_no_byte():
    program = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1]); import test_report as t\n"
        "x = t.wire_story(); written = [f(x) for f in (t.lineage_json, t.lineage_dot, t.lineage_html)]\n"
        "print([hashlib.sha256(text.encode()).hexdigest() for text in written])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


# -- DOT and what dot makes of it


@needs_dot
@pytest.mark.parametrize("sample", SAMPLES, ids=["five", "wire", "fifty", "hostile"])
def test_dot_draws_every_article_once(sample):
    original = sample()
    svg = draw(lineage_dot(original))
    assert articles_of(svg) == sum(d.copies_of is None for d in original.documents)


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_alone_breaks_the_drawing(name):
    assert articles_of(draw(lineage_dot(hostile([name, "other", "third"])))) == 3


@needs_dot
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=300), min_size=2, max_size=5, unique=True))
def test_any_text_as_id_title_and_outlet_gives_a_drawing_and_a_harmless_page(names):
    original = hostile(names)
    svg = draw(lineage_dot(original))
    assert articles_of(svg) == len(names)
    assert_harmless(lineage_html(original))
    json.loads(lineage_json(original))


def test_input_stands_in_labels_only_and_never_as_a_name_or_an_address():
    source = lineage_dot(hostile(HOSTILE))
    unquoted = re.sub(r'"(?:\\.|[^"\\])*"', '""', source)
    assert not re.search(r"url|href|tooltip|image|pwn|evil|script", re.sub(r"label=<.*>", "", unquoted), re.I)
    nodes = re.findall(r"^\s*(\S+) (?:->|\[)", unquoted, re.M)
    assert {n for n in nodes if not re.fullmatch(r"n\d+|t\d+", n)} == {"graph", "node", "edge"}


def test_arrows_are_solid_when_sure_or_declared_and_dashed_below():
    source = lineage_dot(wire_story())
    numbers = {w.id: i for i, w in enumerate(sorted(wire_story().documents, key=lambda w: w.id))}

    def arrow(a, b):
        return re.search(rf"n{numbers[a]} -> n{numbers[b]} \[(.*)\]", source)[1]

    assert "style" not in arrow("wire/0911.txt", "herald/story.txt")
    assert '"62 %' in arrow("wire/0911.txt", "herald/story.txt").replace('" ', '"')
    assert "style=dashed" in arrow("herald/story.txt", "blog/2024-11-12.html")
    assert "style" not in arrow("wire/0911.txt", "echo/e.txt"), "declared at a copy, drawn at what it is a copy of"
    assert "also" in arrow("post/1.txt", "mail/m1.txt")


def test_copies_fold_into_one_node_that_counts_them():
    source = lineage_dot(wire_story())
    assert "×6: also Kurier, Lakeside Times, Northern Star +1" in source
    assert source.count("class=article") == 15


def test_a_common_source_link_is_not_drawn_beside_its_unseen_source():
    plan = picture(five_articles())
    assert [line.style for line in plan.lines].count("unseen") == 4
    assert "common_source" not in {line.style for line in plan.lines}
    alone = replace(five_articles(), unseen_sources=())
    assert "common_source" in {line.style for line in picture(alone).lines}


def test_five_articles_without_direction_get_no_arrow_between_them():
    assert all(not line.arrow or line.style == "unseen" for line in picture(five_articles()).lines)


def test_columns_run_with_time_and_arrows_never_against_it():
    plan = picture(wire_story())
    boxes = {b.number: b for b in plan.boxes}
    timed = sorted((b.when, b.column) for b in plan.boxes if b.when and not b.when.day_only)
    assert plan.ticks[0] == "11 Nov 2024 09:00"
    for line in plan.lines:
        if line.arrow and line.source in boxes:
            assert boxes[line.source].column < boxes[line.target].column
    hours = {}
    for when, column in timed:
        hours.setdefault(when.minutes // 180, []).append(column)
    ordered = [hours[h] for h in sorted(hours)]
    assert all(max(a) < min(b) for a, b in pairwise(ordered))


def test_an_article_of_which_only_the_day_is_known_never_stands_under_another_day():
    times = {"a": "2024-11-11T06:00:00Z", "b": "2024-11-11T09:00:00Z", "c": "2024-11-13T10:00:00Z", "d": "2024-11-12"}
    plan = picture(
        lineage(
            [witness(id, published=t) for id, t in times.items()],
            edges=[Edge("a", "d", 0.9), Edge("a", "c", 0.9), Edge("a", "b", 0.9)],
        )
    )
    assert [plan.ticks[b.column] for b in plan.boxes] == [
        "11 Nov 2024 06:00",
        "09:00",
        "13 Nov 2024 10:00",
        "12 Nov 2024",
    ]
    assert [b.column for b in plan.boxes] == [0, 1, 3, 2]


def test_an_arrow_against_the_clock_is_drawn_pointing_left():
    late, early = "2024-11-12T10:00:00Z", "2024-11-11T10:00:00Z"
    plan = picture(lineage([witness("a", published=late), witness("b", published=early)], edges=[Edge("a", "b", 0.95)]))
    assert [b.column for b in plan.boxes] == [1, 0]


@needs_dot
def test_an_arrow_against_the_clock_and_a_circle_of_copies_can_be_drawn():
    documents = [
        witness("a", published="2024-11-12T10:00:00Z"),
        witness("b", published="2024-11-11T10:00:00Z"),
        witness("c", copies_of="d"),
        witness("d", copies_of="c"),
        witness("e", copies_of="nobody"),
    ]
    odd = lineage(documents, edges=[Edge("a", "b", 0.95), Edge("b", "c", 0.9), Edge("c", "b", 0.9)])
    assert articles_of(draw(lineage_dot(odd))) == 5
    assert_harmless(lineage_html(odd))


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("2024-11-11T23:30:00-05:00", "12 Nov 2024 04:30"),
        ("2024-11-11", "11 Nov 2024"),
        ("9999-12-31T23:59:59-14:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_are_shown_in_utc_and_nonsense_is_no_time(published, words):
    when = moment(published)
    assert (when and when.words) == words


def test_a_huge_collection_is_cut_by_story_and_the_count_is_said():
    documents = [witness(f"{i:05}") for i in range(2000)]
    edges = [Edge("00000", f"{i:05}", 0.95) for i in range(1, DOT_ROOM.related + 50)]
    edges += [Edge(f"{i:05}", f"{i + 1:05}", 0.95) for i in range(1000, 1100, 2)]
    plan = picture(lineage(documents, edges=edges))
    assert len(plan.boxes) == DOT_ROOM.related
    assert plan.left_out == (
        "150 related articles not drawn for want of room, 50 smaller stories among them.",
        "1,430 more articles stand alone.",
    )
    assert "150 related articles" in lineage_dot(lineage(documents, edges=edges))


@needs_dot
def test_a_story_in_which_everything_touches_everything_is_still_drawn():
    ids = [f"{i:03}" for i in range(200)]
    links = [Link(a, b, "text", 0.6) for a in ids for b in ids if a < b]
    thick = lineage([witness(id) for id in ids], links=links, groups=[ids])
    assert picture(thick).left_out == ("19,000 lines not drawn for want of room, the least certain.",)
    assert articles_of(draw(lineage_dot(thick))) == 200
    assert_harmless(lineage_html(thick))


# -- the drawing on the page


def marks_and_courses(original: Lineage):
    """For each story its layout, the corners of every mark, and every line as stretches between corners."""
    for plan in families(original).pictures:
        layout = lay_out(plan)
        marks = {n: (x, y - MARK_HEIGHT / 2, x + MARK_WIDTH, y + MARK_HEIGHT / 2) for n, (x, y) in layout.at.items()}
        ways = []
        for c in layout.courses:
            corners = [c.start, (c.track, c.start[1]), (c.track, c.end[1]), c.end]
            ways.append((c, list(pairwise(corners))))
        yield plan, layout, marks, ways


@pytest.mark.parametrize("sample", [five_articles, wire_story, fifty_articles], ids=["five", "wire", "fifty"])
def test_no_line_runs_through_a_mark_and_no_mark_covers_another(sample):
    for _, _, marks, ways in marks_and_courses(sample()):
        for (a, one), (b, other) in combinations(marks.items(), 2):
            assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1], (a, b)
        for course, stretches in ways:
            for (x, y), (to_x, to_y) in stretches:
                low_x, high_x, low_y, high_y = *sorted((x, to_x)), *sorted((y, to_y))
                for n, (left, top, right, bottom) in marks.items():
                    if n not in (course.source, course.target):
                        apart = high_x <= left or low_x >= right or high_y <= top or low_y >= bottom
                        assert apart, (course.line, n)


@pytest.mark.parametrize("sample", [five_articles, wire_story, fifty_articles], ids=["five", "wire", "fifty"])
def test_every_outlet_has_one_lane_and_its_articles_stand_in_it(sample):
    for plan, layout, _, _ in marks_and_courses(sample()):
        names = [lane.name for lane in layout.lanes if not lane.unseen]
        assert len(names) == len(set(names))
        for thing in plan.things:
            _, y = layout.at[thing.number]
            (lane,) = (lane for lane in layout.lanes if lane.top < y < lane.bottom)
            assert lane.unseen if isinstance(thing, Ghost) else lane.name == (thing.witness.source or thing.witness.id)


def test_time_runs_to_the_right_in_the_drawing():
    for plan, layout, _, _ in marks_and_courses(wire_story()):
        timed = sorted(
            (b.when.minutes // 180, layout.at[b.number][0]) for b in plan.boxes if b.when and not b.when.day_only
        )
        assert all(x <= later for (_, x), (_, later) in pairwise(timed))


def test_copies_are_drawn_as_the_earliest_of_them():
    days = {"late": "2024-11-12T10:00:00Z", "early": "2024-11-11T08:00:00Z", "day": "2024-11-11", "never": None}
    documents = [
        witness(id, published=time, copies_of=None if id == "late" else "late") for id, time in days.items()
    ] + [witness("other", published="2024-11-13T08:00:00Z")]
    plan = families(lineage(documents, edges=[Edge("late", "other", 0.95)]))
    (story,) = plan.pictures
    box = next(b for b in story.boxes if b.copies)
    assert box.witness.id == "early"
    assert sorted(c.id for c in box.copies) == ["day", "late", "never"]
    number = {id: i for i, id in enumerate(sorted(w.id for w in documents))}
    assert plan.stands_for == {number[id]: number["early"] for id in ("day", "late", "never")}


def test_a_page_draws_a_thousand_related_articles_each_story_by_itself():
    ids = [f"{story:02}/{i:02}" for story in range(40) for i in range(25)]
    edges = [Edge(f"{id[:2]}/00", id, 0.95) for id in ids if not id.endswith("/00")]
    plan = families(lineage([witness(id) for id in ids], edges=edges))
    assert [len(p.boxes) for p in plan.pictures] == [25] * 40
    assert plan.left_out == ()
    small = families(lineage([witness(id) for id in ids], edges=edges), Room(related=60, alone=5, lines=30))
    assert small.left_out == (
        "950 related articles not drawn for want of room, 38 smaller stories among them.",
        "18 lines not drawn for want of room, the least certain.",
        "18 related articles not drawn because none of their lines is.",
    )


def test_without_dot_the_reason_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(NoDrawing, match=r"apt install graphviz \| brew install graphviz \| winget"):
        draw("digraph {}")


def fake_dot(folder: Path, monkeypatch, script: str) -> None:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for dot is a shell script")
def test_a_dot_that_hangs_is_stopped_with_its_children(tmp_path, monkeypatch):
    fake_dot(tmp_path, monkeypatch, "sleep 60 & sleep 60")
    begin = time.monotonic()
    with pytest.raises(NoDrawing, match=r"stopped after 0\.3 seconds"):
        draw("digraph {}", timeout=0.3)
    assert time.monotonic() - begin < 10


@pytest.mark.skipif(os.name != "posix", reason="the stand-in for dot is a shell script")
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("printf 'Error: \\033[31mbad\\nmore' >&2; exit 1", r"exit code 1\): Error: \\x1b\[31mbad$"),
        ("kill -SEGV $$", r"exit code -11"),
        ("echo nonsense", "cannot be read"),
        ('echo "<svg xmlns=\\"http://www.w3.org/2000/svg\\"><script/></svg>"', "element that is not allowed: script"),
    ],
)
def test_a_dot_that_fails_is_quoted_in_one_safe_line(tmp_path, monkeypatch, script, reason):
    fake_dot(tmp_path, monkeypatch, f"cat > /dev/null; {script}")
    with pytest.raises(NoDrawing, match=reason):
        draw("digraph {}")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="javascript:alert(1)"/>',
        '<g onload="alert(1)"/>',
        '<image href="file:///etc/passwd"/>',
        '<g style="fill: red"/>',
        '<g fill="url(http://evil/)"/>',
        "<foreignObject/>",
    ],
)
def test_a_drawing_with_anything_but_shapes_and_text_is_refused(inside):
    with pytest.raises(NoDrawing, match="not allowed"):
        checked_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode())


@needs_dot
def test_the_drawing_names_no_machine_no_program_and_no_outside_address():
    svg = draw(lineage_dot(wire_story())).decode()
    assert "graphviz" not in svg.lower()
    assert "<!--" not in svg
    assert set(re.findall(r"https?://[^\"]*", svg)) == {"http://www.w3.org/2000/svg"}


# -- the page


@pytest.mark.parametrize("sample", SAMPLES, ids=["five", "wire", "fifty", "hostile"])
def test_the_page_runs_nothing_and_asks_for_nothing(sample):
    assert_harmless(lineage_html(sample()))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_alone_makes_the_page_do_anything(name):
    assert_harmless(lineage_html(hostile([name, "other"])))


def test_the_policy_allows_the_page_its_own_style_and_script_and_nothing_else():
    seen = Page(lineage_html(five_articles()))
    policy = next(a["content"] for t, a in seen.elements if t == "meta" and "http-equiv" in a)
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (seen.style, seen.script)
    )
    assert (
        policy
        == html_module.policy()
        == (
            f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src 'none'; "
            "base-uri 'none'; form-action 'none'"
        )
    )


def test_every_anchor_of_the_page_leads_somewhere():
    seen = Page(lineage_html(wire_story()))
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["href"][1:] for _, a in seen.elements if "href" in a} <= set(ids)


def test_a_pair_is_told_with_both_shares_passages_and_evidence():
    seen = Page(lineage_html(five_articles()))
    for words in (
        "5.2 % of 001.txt is in 003.txt",
        "8.1 % of 003.txt is in 001.txt",
        "each has facts of the source that the other lacks",
        "a prior, set by judgement",
        "characters 0 to 67",
        "in quotation marks",
        "reworded",
        "repeated paragraph",
    ):
        assert words in seen.text


def test_the_words_are_neutral():
    for sample in SAMPLES[:3]:
        text = Page(lineage_html(sample())).text.lower()
        assert not re.search(r"plagiari|stolen|steal|theft|guilt|copied from|cheat", text)


def test_text_that_only_looks_like_markup_is_shown_as_text():
    odd = hostile(["<b>x</b>", "a&amp;b"])
    seen = Page(lineage_html(odd))
    assert "<b>x</b>" in seen.text
    assert "a&amp;b" in seen.text


def test_only_the_strongest_400_pairs_get_passages_and_the_page_says_so():
    ids = [f"{i:02}" for i in range(40)]
    pairs = [(a, b) for a in ids for b in ids if a < b]
    many = [comparison(a, b, i / 1000, i / 1000, UNDECIDED) for i, (a, b) in enumerate(pairs)]
    seen = Page(lineage_html(lineage([witness(id) for id in ids], many)))
    assert sum(t == "article" for t, _ in seen.elements) == 400
    assert "Passages are printed for the 400 strongest pairs; 380 go without." in seen.text


def test_the_drawing_on_the_page_is_an_image_with_a_title_and_a_text():
    seen = Page(lineage_html(wire_story()))
    svg = next(a for t, a in seen.elements if t == "svg" and a["class"] == "lineage")
    assert svg["role"] == "img"
    ids = {a.get("id") for t, a in seen.elements if t in ("title", "desc")}
    assert set(svg["aria-labelledby"].split()) <= ids
    assert (
        "herald/story.txt was rewritten from wire/0911.txt (96 %); 62 % of herald/story.txt is in wire/0911.txt"
        in seen.text
    )


# -- the graph


def test_the_graph_has_a_node_for_every_document_and_an_edge_for_every_arrow():
    graph = lineage_graph(wire_story())
    assert len(graph) == 20 + 1
    assert graph.number_of_edges() == 12
    assert graph.edges["wire/0911.txt", "herald/story.txt"] == {
        "probability": 0.96,
        "kind": "derived",
        "declared": False,
    }
    assert graph.nodes["unseen:1"]["children"] == ["radio/news.txt", "radio/web.txt"]
    assert graph.nodes["wire/0911.txt"]["source"] == "Wire Service"


# -- files


@needs_dot
def test_a_report_is_four_files_and_nothing_is_left_lying_about(tmp_path):
    written = write_report(wire_story(), tmp_path / "new" / "out")
    assert [p.name for p in written.paths] == ["lineage.json", "lineage.dot", "lineage.svg", "report.html"]
    assert written.problems == ()
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == sorted(p.name for p in written.paths)


def test_without_dot_the_rest_is_written_the_reason_told_and_the_old_drawing_removed(tmp_path, monkeypatch):
    (tmp_path / "lineage.svg").write_text("an older story")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    written = write_report(five_articles(), tmp_path)
    assert [p.name for p in written.paths] == ["lineage.json", "lineage.dot", "report.html"]
    assert written.problems == (f"no lineage.svg: {dot_module.INSTALL}",)
    assert not (tmp_path / "lineage.svg").exists()


def test_a_full_disk_leaves_the_old_report_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    write_report(five_articles(), tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files_module.os, "fsync", full)
    with pytest.raises(DeriveError, match=r"cannot write .*report\.html: No space left on device"):
        write_report(wire_story(), tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_file_where_the_folder_should_be_is_named_in_one_line(tmp_path):
    place = tmp_path / "out"
    place.write_text("in the way")
    with pytest.raises(DeriveError) as error:
        write_report(five_articles(), place)
    assert str(place) in str(error.value)
    assert "\n" not in str(error.value)
    assert place.read_text() == "in the way"


def test_a_folder_where_a_file_should_be_stops_everything(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(DeriveError, match="a folder stands in its place"):
        write_report(five_articles(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_importing_the_reports_costs_no_heavy_package():
    program = (
        "import sys\n"
        "import derive.report.files, derive.report.html, derive.report.dot, derive.report.graph, derive.report.json\n"
        "heavy = {'jinja2', 'graphviz', 'networkx', 'numpy', 'rapidfuzz'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
