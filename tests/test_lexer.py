"""The compiled lexer and joins say what the plain ones say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.clean import is_like
from derive.data import rows
from derive.furniture import NOTHING, Learned, key_of
from derive.hashing import digest
from derive.kernel import reference
from derive.lexer import FIRST, NEEDED, hints, judge, lex, rules

native = pytest.importorskip("derive.kernel.lexer", reason="no compiled kernel here")
FIXTURES = Path(__file__).parent.parent / "fixtures"

QUOTED = st.sampled_from(
    "“We left,” she said. He said: 'not at all, sir' and \"never. 'Tis «oui» „ja“ »nein« ‘ok then’ ’ ” 5\" long\n".split(
        " "
    )
)
PIECES = st.one_of(
    QUOTED,
    st.text(max_size=8),
    st.sampled_from(
        """per cent|twenty one|U.S.|the|dam|&amp;|AT&T|co-\noperate|\u200b|Read more:|By Ann Lee|(AP)|KYIV, Nov 11 (AP) - |1,000th
        |\n|\n\n|Zürich|naïve|Straße|ΟΔΟΣ|Москва|мир|水曜日|ประเทศ|العربية|e\u0301|©|Copyright 2026 X. All rights reserved.|â€œ
        |Sign up for our letter.|7 comments|no.|...|\u2028|\x85|said the minister on Monday in the old town hall|%""".split(
            "|"
        )
    ),
)
TEXTS = st.lists(PIECES, max_size=60).map(" ".join)


def columns(kernel: Any, texts: list[str], learned: Learned | None = None, title: str | None = None) -> dict[str, Any]:
    lexer = kernel.Lexer(rules(), lex)
    for text in texts:
        lexer.add(text, title, learned)
    return lexer.columns()


def same(texts: list[str], learned: Learned | None = None, title: str | None = None) -> None:
    plain, compiled = columns(reference, texts, learned, title), columns(native, texts, learned, title)
    assert list(plain) == list(compiled)
    for name in plain:
        if name not in ("ids", "digests"):
            assert plain[name].tolist() == compiled[name].tolist(), (name, texts)
    # Words are numbered as they are met, which no result depends on: compare what the numbers stand for.
    assert plain["digests"][plain["ids"]].tolist() == compiled["digests"][compiled["ids"]].tolist(), texts


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_any_text_has_the_same_words_and_paragraphs_in_both_kernels(texts: list[str]) -> None:
    same(texts)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=3))
def test_any_characters_at_all_are_read_alike_by_both_kernels(texts: list[str]) -> None:
    same(texts)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_learned_furniture_and_titles_are_left_out_alike(text: str, more: str) -> None:
    page = lex(text + "\n" + more)
    ends = [digest(w) for w in "the old town hall of the small city".split()]
    tail = key_of(np.array(ends, dtype=np.uint64))
    learned = Learned(frozenset(page.keys[::2]), frozenset({tail}), frozenset({tail}))
    same([text + "\n" + more, text + " so they went to the old town hall of the small city"], learned, title=text[:20])


def test_every_article_of_the_fixtures_is_read_alike() -> None:
    texts = [p.read_bytes().decode() for p in sorted(FIXTURES.rglob("*.txt"))]
    same(texts, NOTHING)
    assert len(texts) > 40


@pytest.mark.parametrize(("kind", "pattern"), [row[:2] for row in rows("furniture.tsv")])
def test_no_furniture_line_is_overlooked_by_the_hints(kind: str, pattern: str) -> None:
    """Whatever a pattern matches begins with, or holds, a word that the table lists for it."""

    @settings(max_examples=60, deadline=None, database=None)
    @given(st.from_regex(f"(?:{pattern})", fullmatch=False).filter(lambda s: re.match(pattern, s) is not None))
    def check(line: str) -> None:
        line = line.replace("\n", " ").replace("\r", " ").strip()
        if not is_like(line, kind):
            return
        tokens = [m[0] for m in reference.pattern(rules().classes).finditer(line)]
        first = line[:1] in rules().starts or (tokens and line.startswith(tokens[0]) and hints(tokens[0]) & FIRST)
        assert judge(line)
        assert first or any(hints(t) & NEEDED for t in tokens), line

    check()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=30), min_size=2, max_size=8), st.integers(1, 6), st.integers(0, 3))
def test_samples_joins_and_counts_are_the_same(documents: list[list[int]], size: int, rate: int) -> None:
    ids = np.array([i for d in documents for i in d], dtype=np.uint32)
    ends = np.cumsum([len(d) for d in documents])
    starts = ends - [len(d) for d in documents]
    digests = np.array([0, *(digest(str(k)) for k in range(6))], dtype=np.uint64)
    below = (2**64 - 1) >> rate
    plain = reference.sample(ids, starts, ends, digests, size, below)
    compiled = native.sample(ids, starts, ends, digests, size, below)
    for x, y in zip(plain, compiled, strict=True):
        assert x.tolist() == y.tolist()
    packed = np.unique(plain[0] << np.uint64(4) | plain[1])
    for few in (1, 2, 100):
        x, y = (np.sort(k.runs(packed, 4, few, 2)) for k in (reference, native))
        assert x.tolist() == y.tolist()
    a, b = (np.ascontiguousarray(x) for x in np.triu_indices(len(documents), 1))
    for bits in (3, 40):
        x, y = (k.shared(ids, starts, ends, a, b, size, bits) for k in (reference, native))
        assert x.tolist() == y.tolist()
