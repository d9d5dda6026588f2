"""Arrows, ties and what is missing, on small stories made of invented words."""

from __future__ import annotations

import random

import pytest

import derive
from derive.model import Document, Lineage

_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def prose(seed: str, sentences: int = 20) -> list[str]:
    """Sentences of words that mean nothing."""
    rng = random.Random(seed)
    word = lambda: "".join(rng.choices(_SYLLABLES, k=rng.randrange(2, 4)))  # noqa: E731
    return [" ".join(word() for _ in range(12)).capitalize() + "." for _ in range(sentences)]


def rewritten(text: list[str], seed: str, keep: float = 0.8, own: int = 4) -> list[str]:
    """Most of the sentences, and some of one's own."""
    rng = random.Random(seed)
    return [s for s in text if rng.random() < keep] + prose(seed, own)


def document(name: str, sentences: list[str], published: str | None) -> Document:
    return Document(f"{name}.txt", " ".join(sentences), published=published, source=name.capitalize())


def arrows(lineage: Lineage) -> set[tuple[str, str]]:
    return {(e.source.removesuffix(".txt"), e.target.removesuffix(".txt")) for e in lineage.edges}


def test_a_copy_published_within_the_hour_takes_no_rewrite_from_its_source() -> None:
    """Source and copy stay a tie; what was made from either hangs below the one that is earlier by the clock."""
    wire = prose("wire")
    copy = [*wire[:-1], wire[-1].replace(".", " lumo.")]
    story = [document("wire", wire, "2026-03-01T10:00:00Z"), document("copy", copy, "2026-03-01T10:40:00Z")]
    story += [document(f"rewrite{k}", rewritten(wire, f"{k}"), f"2026-03-01T1{k}:30:00Z") for k in (4, 6, 8)]
    lineage = derive.scan(story)
    assert arrows(lineage) == {("wire", f"rewrite{k}") for k in (4, 6, 8)}
    assert [(k.a, k.b, k.kind) for k in lineage.links] == [("copy.txt", "wire.txt", "text")]


@pytest.mark.parametrize(("dated", "expected"), [(5, True), (1, False)])
def test_an_undated_rewrite_is_later_than_the_first_of_many_dated_articles(dated: int, expected: bool) -> None:
    wire = prose("wire", 30)
    story = [document("wire", wire, "2026-03-01T08:00:00Z"), document("undated", rewritten(wire, "u"), None)]
    story += [document(f"rewrite{k}", rewritten(wire, f"{k}"), f"2026-03-0{k}T12:00:00Z") for k in range(2, 1 + dated)]
    assert (("wire", "undated") in arrows(derive.scan(story))) is expected
