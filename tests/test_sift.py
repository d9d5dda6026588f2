"""A glance at a pair sees the figures that a full measurement finds, and leaves out nothing that is reuse."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

import derive
from derive import pipeline
from derive.measure import measure, reuse
from derive.model import Document, Shingled
from derive.params import Params
from derive.prepare import prepare
from derive.shingle import Vocabulary
from derive.sift import Sieve

FIXTURES = Path(__file__).parent.parent / "fixtures"
STORIES = sorted(p.name for p in FIXTURES.iterdir() if p.is_dir())


def shingled(story: str) -> list[Shingled]:
    vocabulary = Vocabulary(3)
    return [vocabulary.shingle(prepare(d)) for d in derive.read_documents([FIXTURES / story])]


@pytest.mark.parametrize("story", STORIES)
def test_a_glance_sees_what_a_full_measurement_finds(story: str) -> None:
    documents = shingled(story)
    sieve = Sieve(documents)
    for i, j in combinations(range(len(documents)), 2):
        glance, m = sieve.glance(i, j), measure(documents[i], documents[j], None)
        assert (glance.shared, glance.base) == (m.shared, m.base)
        assert (glance.quoted_run, glance.cited_run) == (m.quoted_run, m.cited_run)
        assert round(glance.share, 6) == (m.dense.share if m.dense else 0)


def everything() -> list[Document]:
    """All fixtures as one collection."""
    return list({d.id: d for story in STORIES for d in derive.read_documents([FIXTURES / story])}.values())


def test_no_pair_that_is_reuse_is_left_out() -> None:
    vocabulary = Vocabulary(3)
    documents = [vocabulary.shingle(prepare(d)) for d in everything()]
    sieve = Sieve(documents)
    pairs = list(combinations(range(len(documents)), 2))
    left_out = [(i, j) for i, j in pairs if not sieve.glance(i, j).may_be_reuse(Params())]
    assert len(left_out) > len(pairs) / 2
    for i, j in left_out:
        assert reuse(measure(documents[i], documents[j], None), Params()) == "none"


def test_a_large_collection_has_the_same_lineage_though_most_candidates_are_only_glanced_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Names and figures say nothing in a collection so large, so that all else can be compared."""
    documents = everything()
    monkeypatch.setattr("derive.facts.DENSE", 0)
    whole = derive.scan(documents)
    monkeypatch.setattr(pipeline, "DENSE", 0)
    examined = pipeline.examine(documents)
    assert examined.unrelated
    assert derive.scan(documents).to_json() == whole.to_json()
    assert derive.scan(documents).summary() == whole.summary()
