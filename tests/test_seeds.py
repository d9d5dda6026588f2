"""The five seed articles, real news about one event: the hardest ordinary case. No arrow, and the reasons said.

The table was made by hand; containments are of 3-shingles without quoted words, in percent, to within one point.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import derive
from derive.model import Lineage

TABLE = {
    # pair: (of a in b, of b in a, reuse)
    ("000", "001"): (1.6, 2.0, "none"),
    ("000", "002"): (2.9, 4.0, "quotation"),
    ("000", "003"): (1.4, 2.8, "none"),
    ("000", "004"): (1.3, 2.6, "none"),
    ("001", "002"): (3.9, 4.4, "none"),
    ("001", "003"): (5.2, 8.1, "text"),
    ("001", "004"): (3.0, 4.9, "none"),
    ("002", "003"): (5.6, 7.8, "none"),
    ("002", "004"): (7.1, 10.4, "text"),
    ("003", "004"): (5.6, 5.8, "none"),
}


@cache
def scanned(folder: Path) -> Lineage:
    return derive.scan(derive.read_documents([folder]))


@pytest.fixture
def seeds(data: Path) -> Lineage:
    return scanned(data / "seeds")


def full(lineage: Lineage, digits: str) -> str:
    return next(w.id for w in lineage.documents if w.id.startswith(digits))


@pytest.mark.parametrize(("a", "b"), TABLE)
def test_containments_and_reuse_are_those_of_the_table(data: Path, seeds: Lineage, a: str, b: str) -> None:
    of_a, of_b, reuse = TABLE[a, b]
    x, y = full(seeds, a), full(seeds, b)
    found, _, _ = derive.pipeline.explain(list(derive.read_documents([data / "seeds"])), x, y)
    assert 100 * found.containment_of_a_in_b == pytest.approx(of_a, abs=1)
    assert 100 * found.containment_of_b_in_a == pytest.approx(of_b, abs=1)
    assert found.reuse == reuse


def test_there_is_no_arrow_and_no_direction_between_any_two(seeds: Lineage) -> None:
    assert seeds.edges == ()
    assert {c.direction.verdict for c in seeds.comparisons} <= {"undecided", "common_source"}


def test_001_and_003_very_probably_drew_on_a_source_that_is_not_there(seeds: Lineage) -> None:
    c = seeds.comparison(full(seeds, "001"), full(seeds, "003"))
    assert c is not None
    assert (c.reuse, c.direction.verdict) == ("text", "common_source")
    assert 0.85 <= c.direction.probability <= 0.95


def test_002_and_004_are_undecided_with_a_weaker_link_to_an_unseen_source(seeds: Lineage) -> None:
    pair = {full(seeds, "002"), full(seeds, "004")}
    c = seeds.comparison(*pair)
    assert c is not None
    assert (c.reuse, c.direction.verdict) == ("text", "undecided")
    (link,) = [k for k in seeds.links if {k.a, k.b} == pair]
    assert link.kind == "common_source"
    assert 0.6 <= link.probability < 0.75
    assert [set(s.children) for s in seeds.unseen_sources if set(s.children) == pair] == [pair]


def test_000_and_002_are_joined_by_a_quotation_alone(seeds: Lineage) -> None:
    (link,) = [k for k in seeds.links if k.kind == "quotation"]
    assert {link.a, link.b} == {full(seeds, "000"), full(seeds, "002")}


def test_there_are_three_origins(seeds: Lineage) -> None:
    assert seeds.origins.count == 3
    assert [tuple(m[:3] for m in g) for g in seeds.origins.groups] == [("001", "003"), ("002", "004"), ("000",)]


def test_the_lede_that_stands_twice_is_flagged_and_counted_once(seeds: Lineage) -> None:
    w = seeds.witness(full(seeds, "004"))
    assert "repeated-paragraph" in w.flags
    (repeat,) = [e for e in w.excluded if e.kind == "repeated-paragraph"]
    assert repeat.span.of(w.text).startswith("The Kremlin has firmly denied")


@pytest.mark.parametrize(
    ("digits", "kind", "words"),
    [
        ("000", "dateline", "(Scypre.com)"),
        ("000", "furniture", "Leave a Reply"),
        ("000", "furniture", "Your email address"),
        ("001", "furniture", "Getting your Trinity Audio player"),
        ("004", "headline", "Kremlin denies reports"),
    ],
)
def test_furniture_and_datelines_are_excluded_and_shown(seeds: Lineage, digits: str, kind: str, words: str) -> None:
    w = seeds.witness(full(seeds, digits))
    assert any(e.kind == kind and e.span.of(w.text).startswith(words) for e in w.excluded)
    assert words in seeds.summary()


@pytest.mark.parametrize(("digits", "share"), [("000", 15.5), ("001", 2.4), ("002", 7.0), ("003", 7.3), ("004", 6.6)])
def test_quoted_words_are_as_counted_by_hand(data: Path, digits: str, share: float) -> None:
    from derive.prepare import prepare

    (document,) = [d for d in derive.read_documents([data / "seeds"]) if d.id.startswith(digits)]
    assert 100 * prepare(document).quoted.mean() == pytest.approx(share, abs=0.5)


def test_the_summary_says_how_many_origins_and_why_there_is_no_arrow(seeds: Lineage) -> None:
    text = " ".join(seeds.summary().split())
    assert "5 articles, 3 independent origins." in text
    assert "No arrow is drawn" in text
    assert "Why no more" in text
