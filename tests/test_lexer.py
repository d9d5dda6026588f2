"""The compiled lexer and joins say what the plain ones say."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.clean import clean, is_like, page_of
from derive.data import rows
from derive.furniture import Learned, key_of
from derive.hashing import digest
from derive.kernel import reference
from derive.kernel.reference import EXCLUDED
from derive.lexer import FIRST, hints, judge, lex, may_be, rules, settle
from derive.model import Document
from derive.normalise import normalise
from derive.prepare import covered

native = pytest.importorskip("derive.kernel.lexer", reason="no compiled kernel here")
FIXTURES = Path(__file__).parent.parent / "fixtures"

QUOTED = st.sampled_from(
    "“We left,” she said. He said: 'not at all, sir' and \"never. 'Tis «oui» „ja“ »nein« ‘ok then’ ’ ” 5\" long\n "
    "\n— \n– \n> years' ``so'' ,,und'' &ldquo;no&#8221; \n“and \n» ｢x｣ ﹁y﹂ end.”\n".split(" ")
)
PIECES = st.one_of(
    QUOTED,
    st.text(max_size=8),
    st.sampled_from(
        """per cent|twenty one|U.S.|the|dam|&amp;|AT&T|co-\noperate|\u200b|Read more:|By Ann Lee|(AP)|KYIV, Nov 11 (AP) - |1,000th
        |\n|\n\n|Zürich|naïve|Straße|ΟΔΟΣ|Москва|мир|水曜日|ประเทศ|العربية|e\u0301|©|Copyright 2026 X. All rights reserved.|â€œ
        |Sign up for our letter.|7 comments|no.
        |it's|l’état|rock'n'roll|d‘or|ʼtis|the article|was published|You are|reading|in your inbox
        |...|\u2028|\x85|said the minister on Monday in the old town hall|%""".split("|")
    ),
)
TEXTS = st.lists(PIECES, max_size=60).map(" ".join)


def columns(kernel: Any, texts: list[str], title: str | None = None) -> dict[str, Any]:
    lexer = kernel.Lexer(rules(), lex)
    lexer.add(texts, [title] * len(texts))
    return lexer.columns()


def same(texts: list[str], title: str | None = None) -> None:
    plain, compiled = columns(reference, texts, title), columns(native, texts, title)
    assert list(plain) == list(compiled)
    for name in plain:
        if name not in ("ids", "digests"):
            assert plain[name].tolist() == compiled[name].tolist(), (name, texts)
    # Words are numbered as they are met, which no result depends on: compare what the numbers stand for.
    assert words(plain) == words(compiled), texts


def words(columns: dict[str, Any]) -> list[tuple[int, bool]]:
    ids = columns["ids"]
    return list(zip(columns["digests"][ids & ~EXCLUDED].tolist(), (ids >= EXCLUDED).tolist(), strict=True))


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, max_size=4))
def test_any_text_has_the_same_words_and_paragraphs_in_both_kernels(texts: list[str]) -> None:
    same(texts)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=3))
@example(
    ["4\U00012544", '5" \U00010000']
)  # their numerals once had one hash: the script and the digit differ by one bit each
def test_any_characters_at_all_are_read_alike_by_both_kernels(texts: list[str]) -> None:
    same(texts)


@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_titles_are_known_again_alike(text: str, more: str) -> None:
    same([text + "\n" + more, text + " so they went to the old town hall of the small city"], title=text[:20])


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.booleans())
def test_what_is_settled_for_a_collection_is_what_clean_says_of_each_text(text: str, more: str, titled: bool) -> None:
    text = text + "\n" + more + " so they went to the old town hall of the small city"
    title = text[:20] if titled else None
    taught = normalise(text)
    ends = np.array([digest(w) for w in taught.strings[-9:]], dtype=np.uint64)
    whole = page_of(Document("", text), taught).keys[::2]
    learned = Learned(frozenset(whole), frozenset({key_of(ends)}), frozenset({key_of(ends[1:])}))
    expected = covered(taught, clean(page_of(Document("", text, title), taught, learned)))
    for kernel in (reference, native):
        found = columns(kernel, [text], title)
        settle(found, learned)
        assert (found["ids"] >= EXCLUDED).tolist() == expected.tolist(), kernel


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_what_two_lexers_read_in_turn_is_what_one_reads(texts: list[str]) -> None:
    together = native.Lexer(rules(), lex)
    workers = native.Lexer(rules(), lex), native.Lexer(rules(), lex)
    for k, text in enumerate(texts):
        workers[k % 2].add([text])
        together.take(workers[k % 2])
    whole, one = together.columns(), columns(native, texts)
    assert words(whole) == words(one)
    for name in set(whole) - {"ids", "digests"}:
        assert whole[name].tolist() == one[name].tolist(), name


def test_every_article_of_the_fixtures_is_read_alike() -> None:
    texts = [p.read_bytes().decode() for p in sorted(FIXTURES.rglob("*.txt"))]
    same(texts)
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
        assert judge(line)
        first = FIRST if line[:1] in rules().starts else 0
        if tokens and line.startswith(tokens[0]):
            first = hints(tokens[0])
        assert may_be(first, reduce(or_, map(hints, tokens), 0)), line

    check()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), max_size=30), min_size=2, max_size=8), st.integers(1, 6), st.integers(0, 3))
def test_samples_joins_and_counts_are_the_same(documents: list[list[int]], size: int, rate: int) -> None:
    ids = np.array([i if i else EXCLUDED | 1 for d in documents for i in d], dtype=np.uint32)
    ends = np.cumsum([len(d) for d in documents])
    starts = ends - [len(d) for d in documents]
    digests = np.array([0, *(digest(str(k)) for k in range(1, 7))], dtype=np.uint64)
    of_plain, of_compiled = (k.contents(ids, starts, ends, digests) for k in (reference, native))
    assert of_plain.tolist() == of_compiled.tolist()
    below = (2**64 - 1) >> rate
    (plain, windows), (compiled, others) = (
        k.sample(ids, starts, ends, digests, size, 4, below) for k in (reference, native)
    )
    assert windows.tolist() == others.tolist()
    plain, compiled = np.unique(plain), native.distinct(np.sort(compiled))
    assert compiled.tolist() == np.unique(compiled).tolist()
    if below <= reference.DENSE:
        assert plain.tolist() == compiled.tolist()
    for few in (1, 2, 100):
        crowd = reference.crowds(plain, 4, few)
        pairs = np.sort(reference.runs(plain, 4, few, 2, crowd, 0, 16)).tolist()
        halves = [reference.runs(plain, 4, few, 2, crowd, low, high) for low, high in ((0, 3), (3, 16))]
        assert np.sort(np.concatenate(halves)).tolist() == pairs
        for packed in (plain, compiled):
            assert crowd.tolist() == native.crowds(packed, 4, few).tolist()
            parts = [native.runs(packed, 4, few, 2, crowd, low, high) for low, high in ((0, 3), (3, 16))]
            assert np.sort(np.concatenate(parts)).tolist() == pairs
    a, b = (np.ascontiguousarray(x) for x in np.triu_indices(len(documents), 1))
    for bits in (3, 40):
        x, y = (k.shared(ids, starts, ends, a, b, size, bits) for k in (reference, native))
        assert x.tolist() == y.tolist()
