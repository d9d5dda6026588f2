"""Containment, resemblance and kinds of reuse: exact, both ways, after exclusions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.model import Document

STORY = (
    "The Orlham council voted late on Monday to close the river bridge for repairs that engineers expect to last until "
    "spring. Traffic will be sent round by the old mill road, which residents say is too narrow for lorries. The works "
    "were first planned nine years ago, after a survey found rust in four of the six main cables, but the money was "
    "spent on the swimming baths instead."
)
OTHER = (
    "A fisherman from the lower harbour has won a prize for the oldest working boat in the county, a wooden sloop that "
    "his grandmother bought for the price of two cows. He repairs it each winter with timber from his own orchard."
)
words = st.sampled_from("dam leak town night river bridge council mayor water rain flood gate mill road stone".split())
texts = st.lists(words, max_size=60).map(" ".join)


def naive(a: str, b: str) -> tuple[float, float, float]:
    def shingles(text: str) -> set[tuple[str, ...]]:
        w = text.split()
        return {tuple(w[i : i + 3]) for i in range(len(w) - 2)}

    x, y = shingles(a), shingles(b)
    both = len(x & y)
    return (
        round(both / len(x), 4) if x else 0.0,
        round(both / len(y), 4) if y else 0.0,
        round(both / len(x | y), 4) if x | y else 0.0,
    )


@given(texts, texts)
def test_containments_are_exactly_those_of_the_sets(a: str, b: str) -> None:
    c = derive.compare(a, b)
    assert (c.containment_of_a_in_b, c.containment_of_b_in_a, c.resemblance) == naive(a, b)


@given(texts, texts)
@settings(max_examples=50)
def test_comparing_the_other_way_round_swaps_the_sides_and_nothing_else(a: str, b: str) -> None:
    there, back = derive.compare(a, b), derive.compare(b, a)
    assert there.containment_of_a_in_b == back.containment_of_b_in_a
    assert there.reuse == back.reuse
    swapped = {"a_to_b": "b_to_a", "b_to_a": "a_to_b"}.get(back.direction.verdict, back.direction.verdict)
    assert there.direction.verdict == swapped
    assert there.direction.probability == back.direction.probability


def test_an_identical_article_in_other_furniture_is_contained_whole() -> None:
    a = f"Bridge closes\n\nORLHAM (NW) - {STORY}\n\nSign up for our newsletter today."
    b = f"Leave a comment\n\n{STORY} (NW)\n\nRead more: Five facts about bridges\n\n\u00a9 2026 Post. All rights reserved."
    c = derive.compare(a, b)
    assert (c.containment_of_a_in_b, c.containment_of_b_in_a) == (1.0, 1.0)


def test_two_articles_that_share_only_furniture_share_nothing() -> None:
    foot = "\n\nLeave a Reply\n\nYour email address will not be published. Required fields are marked *"
    c = derive.compare(STORY + foot, OTHER + foot)
    assert (c.containment_of_a_in_b, c.reuse, c.passages) == (0.0, "none", ())


def test_a_shared_statement_alone_is_a_quotation_and_no_text() -> None:
    said = "\u201cWe will open the bridge again when the last of the six cables has been replaced and not a day before\u201d"
    c = derive.compare(f"{STORY} {said}, the mayor said.", f"{OTHER} {said}, he read on the wireless.")
    assert c.reuse == "quotation"
    assert c.containment_of_a_in_b == 0.0
    assert [p.quoted for p in c.passages] == [True]


def test_without_dates_or_credits_a_copy_stays_undecided() -> None:
    c = derive.compare(STORY, STORY + " " + OTHER)
    assert c.reuse == "text"
    assert c.direction.verdict == "undecided"


def test_an_earlier_date_decides_where_text_is_shared() -> None:
    early = Document("early", STORY, published="2026-03-01T08:00:00Z")
    late = Document("late", STORY + " " + OTHER, published="2026-03-01T12:00:00Z")
    assert derive.compare(early, late).direction.verdict == "a_to_b"
    assert derive.compare(late, early).direction.verdict == "b_to_a"


@pytest.mark.parametrize("date", ["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "yesterday", "2026-02-31", ""])
def test_a_date_that_cannot_be_believed_decides_nothing(date: str) -> None:
    strange = Document("strange", STORY, published=date)
    late = Document("late", STORY + " " + OTHER, published="2026-03-01T12:00:00Z")
    assert derive.compare(strange, late).direction.verdict == "undecided"


def test_a_declared_assumption_is_named_in_the_verdict() -> None:
    params = derive.Params(assume="condense")
    c = derive.compare(STORY, STORY[: len(STORY) // 2], params=params)
    assert c.direction.verdict == "a_to_b"
    assert "assumed: rewrites shorten" in c.direction.evidence[0].detail
    assert (
        derive.compare(STORY, STORY[: len(STORY) // 2], params=derive.Params(assume="grow")).direction.verdict
        == "b_to_a"
    )


def test_a_credit_to_the_other_outlet_is_evidence_with_its_words() -> None:
    wire = Document("wire", STORY, source="Northern Wire")
    paper = Document("paper", f"{OTHER} The closure was first reported by Northern Wire. {STORY}", source="Post")
    c = derive.compare(wire, paper)
    assert c.direction.verdict == "a_to_b"
    assert any(e.name == "credit" and "first reported by Northern Wire" in e.detail for e in c.direction.evidence)


@pytest.mark.parametrize("text", ["", "one", "one two", "\u200b", "!!!"])
def test_texts_too_short_for_a_shingle_match_nothing(text: str) -> None:
    c = derive.compare(text, text)
    assert (c.containment_of_a_in_b, c.resemblance, c.reuse) == (0.0, 0.0, "none")


def test_one_word_repeated_ten_thousand_times_matches_nothing_in_a_collection() -> None:
    lineage = derive.scan([Document("a", "buffalo " * 10_000), Document("b", "buffalo " * 9_000), Document("c", STORY)])
    assert lineage.comparisons == ()
    assert all("low-information" in w.flags for w in lineage.documents[:2])
