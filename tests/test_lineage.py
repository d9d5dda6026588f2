"""Arrows, ties and what is missing, on small stories made of invented words."""

from __future__ import annotations

import random

import pytest

import derive
from derive.model import Document, Lineage
from derive.params import Params

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


def dated(name: str, sentences: list[str], hour: int) -> Document:
    return document(name, sentences, f"2026-03-01T{hour:02d}:00:00Z")


def story_of_a_release(with_source: bool) -> list[Document]:
    """Three rewrites of a press release, each with a beginning of its own and with other parts left out."""
    release = prose("release", 30)
    parts = ([*range(18), *range(24, 30)], [*range(6, 30)], [*range(12), *range(18, 30)])
    rewrites = [prose(f"own{k}", 5) + [release[n] for n in part] for k, part in enumerate(parts)]
    found = [dated(f"rewrite{k}", text, 10 + 3 * k) for k, text in enumerate(rewrites)]
    return [dated("release", release, 6), *found] if with_source else found


def test_a_source_is_known_by_what_its_rewrites_carry() -> None:
    lineage = derive.scan(story_of_a_release(with_source=True))
    assert arrows(lineage) == {("release", f"rewrite{k}") for k in range(3)}
    assert lineage.unseen_sources == ()


def test_the_first_of_several_rewrites_is_not_taken_for_their_unseen_source() -> None:
    """Nobody carries its own beginning, and the others agree in what it left out."""
    lineage = derive.scan(story_of_a_release(with_source=False))
    assert arrows(lineage) == set()
    assert [u.children for u in lineage.unseen_sources] == [("rewrite0.txt", "rewrite1.txt", "rewrite2.txt")]
    assert lineage.origins.count == 1
    pair = lineage.comparison("rewrite0.txt", "rewrite1.txt")
    assert pair is not None
    assert "siblings" in {e.name for e in pair.direction.evidence}


def test_headings_and_formulas_of_one_house_make_no_story() -> None:
    """Each document is written for itself; what many have in common are short phrases."""
    formulas = [s.rstrip(".") for s in prose("house", 6)]
    rng = random.Random("order")
    documents = []
    for k in range(16):
        own = prose(f"own{k}", 8)
        for formula in rng.sample(formulas, 5):
            place = rng.randrange(len(own))
            own[place] = f"{own[place]} {formula} {' '.join(prose(f'{k}{formula}', 1)).lower()}"
        documents.append(dated(f"paper{k}", own, k))
    lineage = derive.scan(documents)
    assert lineage.edges == ()
    assert lineage.origins.count == 16


def on_a_topic(seed: str, sentences: int) -> list[str]:
    """Sentences that use the same few words again and again."""
    rng = random.Random(seed)
    topic = ["".join(rng.choices(_SYLLABLES, k=3)) for _ in range(60)]
    return [" ".join(rng.choices(topic, k=12)).capitalize() + "." for _ in range(sentences)]


@pytest.mark.parametrize(("third", "expected"), [(False, {("home", "host")}), (True, set())])
def test_a_passage_names_its_home_only_if_no_third_text_has_some_of_both(
    third: bool, expected: set[tuple[str, str]]
) -> None:
    home, host = on_a_topic("home", 30), on_a_topic("host", 30)
    passage = home[10:16]
    story = [document("home", home, None), document("host", host[:15] + passage + host[15:], None)]
    if third:
        story.append(document("third", prose("third", 20) + passage[:3] + host[5:8] + home[20:23], None))
    assert arrows(derive.scan(story)) == expected


def test_a_story_without_clocks_is_weighed_every_way_however_few_texts_clocks_would_order() -> None:
    texts = [Document(f"{k:03}", " ".join(f"word{3 * k + j}" for j in range(60))) for k in range(30)]
    few, many = (derive.scan(texts, params=Params(dense_component=n)) for n in (10, 50))
    assert few.links == many.links
    assert few.edges == many.edges


def compiled_story() -> list[Document]:
    """A wire report with two rewrites, a rival's own report, and an article made of parts of both, much of it in other words."""
    wire, rival = prose("wire", 24), prose("rival", 24)
    merger = [*wire[:5], *prose("own-a", 6), *rival[:5], *prose("own-b", 6)]
    rewrites = [dated(f"rewrite{k}", rewritten(wire, f"{k}"), 9 + k) for k in (1, 2)]
    return [dated("wire", wire, 6), *rewrites, dated("rival", rival, 7), dated("merger", merger, 20)]


def test_an_article_compiled_from_two_gets_an_arrow_from_each_with_its_part() -> None:
    lineage = derive.scan(compiled_story())
    assert {("wire", "merger"), ("rival", "merger")} <= arrows(lineage)
    parts = {e.source: e.share for e in lineage.edges if e.target == "merger.txt"}
    assert all(share is not None and 0.15 < share < 0.35 for share in parts.values())
    assert sorted(e.kind for e in lineage.edges if e.target == "merger.txt") == ["derived", "second_parent"]
    assert [set(g) & {"merger.txt", "rival.txt", "wire.txt"} for g in lineage.origins.groups] == [
        {"merger.txt", "wire.txt"},
        {"merger.txt", "rival.txt"},
    ]
    pair = lineage.comparison("merger.txt", "rival.txt")
    assert pair is not None
    assert "is its own" in pair.direction.evidence[-1].detail


def test_of_a_compiled_article_no_arrow_comes_from_another_child_of_an_unseen_source() -> None:
    release = prose("release", 30)
    rival = prose("rival", 24)
    merger = [*release[6:12], *prose("own-a", 6), *rival[:5], *prose("own-b", 6)]
    story = [*story_of_a_release(with_source=False), dated("rival", rival, 7), dated("merger", merger, 20)]
    assert {(u, v) for u, v in arrows(derive.scan(story)) if v == "merger"} <= {("rival", "merger")}


def test_a_grandparent_keeps_its_arrow_only_for_what_it_alone_has() -> None:
    """A -> C stays beside A -> B -> C where C has much of A that B left out."""
    first = prose("first", 30)
    second = first[:15] + prose("second", 6)
    for carried, expected in ((15, False), (19, True)):
        third = first[:carried] + second[15:] + prose("third", 3)
        story = [dated("first", first, 6), dated("second", second, 9), dated("third", third, 14)]
        drawn = arrows(derive.scan(story))
        assert ("second", "third") in drawn
        assert (("first", "third") in drawn) is expected


def test_within_the_hour_the_earlier_is_the_source_only_where_something_else_says_so_too() -> None:
    wire = prose("wire", 20)
    copy = [*wire[:-1], *prose("own", 1)]
    for mark, expected in (("", False), ("OSTAVIA (Lumen) - ", True)):
        agency = Document("agency.txt", mark + " ".join(wire), published="2026-03-01T10:00:00Z", source="Lumen")
        drawn = arrows(derive.scan([agency, document("copy", copy, "2026-03-01T10:30:00Z")]))
        assert (("agency", "copy") in drawn) is expected


def test_where_versions_are_declared_to_grow_the_shorter_is_the_source_although_it_is_the_longer_that_has_all() -> None:
    whole = prose("constitution", 24)
    versions = [Document(f"v{k}.txt", " ".join(whole[: 10 + 7 * k])) for k in range(3)]
    assert arrows(derive.scan(versions, params=Params(assume="grow"))) == {("v0", "v1"), ("v1", "v2")}
    assert arrows(derive.scan(versions)) == set()


def test_an_unseen_source_is_told_with_what_is_known_of_it() -> None:
    told = derive.scan(story_of_a_release(with_source=False)).summary()
    assert "words of it alike" in " ".join(told.split())
    assert "it was out by 2026-03-01T10:00:00Z" in " ".join(told.split())
    assert "Origins: 3 articles rest on an unseen source" in told


def test_a_text_that_is_earliest_by_a_false_date_and_leads_to_nothing_is_not_the_likeliest_first_one() -> None:
    """The agency's mark speaks against the false date, so neither arrow is drawn; the other arrows all lead to the agency."""
    wire = prose("wire", 24)
    agency = Document(
        "agency.txt", "OSTAVIA (Lumen) - " + " ".join(wire), published="2026-03-01T06:00:00Z", source="Lumen"
    )
    story = [agency, document("false", wire[:20], "2025-03-01T06:00:00Z")]
    story += [dated(f"rewrite{k}", rewritten(wire, f"{k}"), 8 + 2 * k) for k in range(3)]
    lineage = derive.scan(story)
    assert arrows(lineage) == {("agency", f"rewrite{k}") for k in range(3)}
    assert lineage.roots[0][0][0] == "agency.txt"
