"""Documents prepared at once are what each is prepared alone."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.bulk import prepare_all
from derive.clean import page_of
from derive.furniture import NOTHING, Learned, key_of
from derive.hashing import digest
from derive.model import Document, Prepared
from derive.normalise import normalise
from derive.prepare import prepare
from derive.shelf import unpack
from tests.test_lexer import TEXTS

FIXTURES = Path(__file__).parent.parent / "fixtures"
SENTENCES = st.lists(
    st.sampled_from(
        """Mr. Smith|met|the U.S.|envoy|Dr. No|in|Paris.|NATO|said:|"We|left."|He|ONE|\u01c5ep|(The|mill|closed)|St. Ives|A.
        |b.|per cent|The|...|?|\u2013 Then|\n\u201cYes,\u201d|SAID ANN|\r\nSo|\u3002|\u4e16\u754c|\x85Ann|\u00c9mile""".split(
            "|"
        )
    ),
    max_size=40,
).map(" ".join)
ARTICLES = st.one_of(TEXTS, SENTENCES, st.text(max_size=200))


def same(documents: list[Document], learned: Learned = NOTHING) -> None:
    words, found = prepare_all(documents, learned, 3)
    assert len(found) == len(documents)
    for document, packed in zip(documents, found, strict=True):
        one, other = prepare(document, learned=learned), unpack(packed, words)
        for f in fields(Prepared):
            x, y = getattr(one, f.name), getattr(other, f.name)
            if f.name == "words":
                assert (x.strings, x.starts.tolist(), x.ends.tolist()) == (
                    y.strings,
                    y.starts.tolist(),
                    y.ends.tolist(),
                )
            elif isinstance(x, np.ndarray):
                assert x.tolist() == y.tolist(), (f.name, document)
            else:
                assert x == y, (f.name, document)


@settings(max_examples=150, deadline=None)
@given(st.lists(ARTICLES, max_size=4), st.booleans())
def test_any_texts_are_prepared_together_as_one_by_one(texts: list[str], titled: bool) -> None:
    more = "\nand so they went to the old town hall of the small city by the river"
    same([Document(str(k), text + more * (k % 2), text[:20] if titled else None) for k, text in enumerate(texts)])


@settings(max_examples=100, deadline=None)
@given(ARTICLES, ARTICLES, st.booleans())
def test_what_the_collection_teaches_is_excluded_alike(text: str, more: str, titled: bool) -> None:
    text = text + "\n" + more + " so they went to the old town hall of the small city"
    taught = normalise(text)
    ends = np.array([digest(w) for w in taught.strings[-9:]], dtype=np.uint64)
    whole = page_of(Document("", text), taught).keys[::2]
    learned = Learned(frozenset(whole), frozenset({key_of(ends)}), frozenset({key_of(ends[1:])}))
    same([Document("a", text, text[:20] if titled else None), Document("b", more)], learned)


@pytest.mark.parametrize("story", sorted(p for p in FIXTURES.iterdir() if p.is_dir()), ids=lambda p: p.name)
def test_the_stories_of_the_fixtures_are_prepared_alike(story: Path) -> None:
    same(list(derive.read_documents([story])))
