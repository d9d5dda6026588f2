"""Other names for outlets and authors: nothing that names them is left, and everything still stands where it stood."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.cli import cli
from derive.model import Document, Span
from derive.report.anonymise import Pseudonyms, anonymised
from derive.report.dot import lineage_dot
from derive.report.html import lineage_html
from derive.report.json import lineage_json
from tests.conftest import ROOT, load_story

STORY = "Engineers at the old weir warned three times that the sluice was cracked, and the council sent nobody to look."
NAMED = Document(
    "valleypost/2026/weir.txt",
    "By Ann Farrow and Bo Lind\n\n"
    f"BRACK (NW) — {STORY} The Valley Post has seen the letters, first found by Northern Wire reporters.\n\n"
    "Write to ann.farrow@valleypost.example or see https://www.valleypost.example/weir?a=1. Follow @valleypost today.\n\n"
    "Reporting by Ann Farrow; editing by Carl Odd Berg",
    title="The sluice that nobody mended | Valley Post",
    source="The Valley Post",
    author="Ann Farrow, Bo Lind",
    url="https://www.valleypost.example/weir",
)
WIRE = Document("nw.txt", f"BRACK (NW) — {STORY} It is not the only one.", source="Northern Wire")
LEAKS = re.compile(r"valley.?post|northern.?wire|farrow|\blind\b|\bberg\b|\bnw\b|nw\.txt", re.I)


def test_no_outlet_author_address_or_path_is_left_in_any_report() -> None:
    documents = [NAMED, WIRE]
    told = anonymised(derive.scan(documents), documents)
    for report in (lineage_json(told), lineage_dot(told), lineage_html(told), told.summary()):
        assert LEAKS.findall(report) == []
    assert {w.source for w in told.documents} == {"Outlet 1", "Outlet 2"}
    assert all(STORY in w.text for w in told.documents)


def test_spans_move_with_the_words_they_mark() -> None:
    documents = load_story("dam-inquiry").documents()
    before = derive.scan(documents)
    names = Pseudonyms(before.documents, documents)
    after = names.lineage(before)
    texts = {w.id: w.text for w in before.documents}
    new = {w.id: w.text for w in after.documents}
    for c, d in zip(before.comparisons, after.comparisons, strict=True):
        assert (d.a, d.b) == (names.id(c.a), names.id(c.b))
        for p, q in zip(c.passages, d.passages, strict=True):
            old = p.a.of(texts[c.a])
            if names.words(old) == old:
                assert q.a.of(new[d.a]) == old
    for w in before.documents:
        other = after.witness(names.id(w.id))
        for e, f in zip(w.excluded, other.excluded, strict=True):
            if e.kind == "quotation" and names.words(e.span.of(w.text)) == e.span.of(w.text):
                assert f.span.of(other.text) == e.span.of(w.text)


def test_figures_and_verdicts_stay_as_they_were() -> None:
    documents = load_story("dam-inquiry").documents()
    before = derive.scan(documents)
    after = anonymised(before, documents)
    assert [c.containment_of_a_in_b for c in before.comparisons] == [c.containment_of_a_in_b for c in after.comparisons]
    assert [c.direction.verdict for c in before.comparisons] == [c.direction.verdict for c in after.comparisons]
    assert len(after.edges) == len(before.edges)
    text = lineage_html(after)
    for name in {d.source for d in documents}:
        assert name not in text


def test_the_names_are_the_same_for_any_order() -> None:
    documents = load_story("dam-inquiry").documents()
    lineage = derive.scan(documents)
    mixed = random.Random(2).sample(documents, len(documents))
    assert lineage_json(anonymised(lineage, documents)) == lineage_json(anonymised(derive.scan(mixed), mixed))


@pytest.mark.parametrize(
    ("outlet", "text", "told"),
    [
        ("Echo", "An echo of what the Echo said.", "An echo of what the Outlet 1 said."),
        ("The Valley Post", "valley-post, VALLEY POST, ValleyPost", "Outlet 1, Outlet 1, Outlet 1"),
        ("River Daily News", "He told RDN so.", "He told Outlet 1 so."),
        ("北方日報", "據北方日報報道", "據Outlet 1報道"),
        ("bbc", "The BBC said", "The Outlet 1 said"),
        ("A.", "a (b.c) A", "a (b.c) A"),
        ("...", "so ... on", "so ... on"),
    ],
)
def test_an_outlet_is_found_as_it_is_written(outlet: str, text: str, told: str) -> None:
    found = Pseudonyms([Document("x.txt", "", source=outlet)])
    assert found.words(text) == told


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_any_name_in_any_text_can_be_replaced_and_no_span_leaves_it(text: str, outlet: str, author: str) -> None:
    document = Document("d", f"{outlet} {text} {author}", source=outlet, author=author)
    names = Pseudonyms([document], [document])
    told = names._replaced(document.text, names._everywhere, [(Span(0, len(document.text)), True)])
    for start in range(len(document.text)):
        moved = told.span(Span(start, start + 1))
        assert 0 <= moved.start <= moved.end <= len(told.text)


def test_the_command_line_anonymises_scan_explain_and_export(tmp_path: Path) -> None:
    story = ROOT / "fixtures" / "dam-inquiry"
    given = ["--metadata", str(story / "metadata.csv"), "--anonymise"]
    out = tmp_path / "out"
    done = CliRunner().invoke(cli, ["scan", str(story), "--out", str(out), *given], standalone_mode=False)
    assert not done.exception
    for path in sorted(out.iterdir()):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"Valley Post|valley-post|Northern Wire|River Journal|quiet-copy", text), path.name
    ids = [d["id"] for d in json.loads((out / "lineage.json").read_text(encoding="utf-8"))["documents"]]
    assert ids == [f"article-{k:02}" for k in range(1, 16)]
    pair = ["explain", "wire.txt", "valley-post.txt", "--in"]
    told = CliRunner().invoke(cli, [*pair, str(story), *given], standalone_mode=False).output
    assert "article-" in told
    assert not re.search(r"Valley Post|valley-post|Northern Wire|wire\.txt", told)
    plain = tmp_path / "plain"
    CliRunner().invoke(cli, ["scan", str(story), "--out", str(plain), *given[:2]], standalone_mode=False)
    stored = str(plain / "lineage.json")
    for command in ([*pair, stored, "--anonymise"], ["export", stored, "--to", "csv", "--anonymise"]):
        told = CliRunner().invoke(cli, command, standalone_mode=False).output
        assert "article-" in told
        assert not re.search(r"Valley Post|valley-post|Northern Wire|wire\.txt", told), command
