"""Passages: what both texts have, where it stands in the untouched texts, how much was changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.normalise import normalise
from tests.test_compare import OTHER, STORY

sentences = st.lists(st.sampled_from((STORY + " " + OTHER).split(". ")), min_size=1, max_size=8).map(". ".join)


@given(sentences, sentences)
@settings(max_examples=60, deadline=None)
def test_passages_lie_in_their_texts_and_identical_ones_have_the_same_words(a: str, b: str) -> None:
    for p in derive.compare(a, b).passages:
        assert 0 <= p.a.start < p.a.end <= len(a)
        assert 0 <= p.b.start < p.b.end <= len(b)
        if p.kind == "identical":
            assert normalise(p.a.of(a)).strings == normalise(p.b.of(b)).strings


def test_a_copied_sentence_is_one_identical_passage() -> None:
    sentence = "Traffic will be sent round by the old mill road, which residents say is too narrow for lorries"
    (p,) = derive.compare(STORY, OTHER + " " + sentence + ".").passages
    assert (p.kind, p.quoted, p.a.of(STORY)) == ("identical", False, sentence)


def test_a_changed_word_makes_a_minor_change_and_many_make_it_reworded() -> None:
    minor = STORY.replace("engineers expect", "experts think").replace("swimming", "public")
    kinds = [p.kind for p in derive.compare(STORY, minor).passages]
    assert kinds == ["minor"]
    words = STORY.split()
    for k in range(3, len(words), 7):
        words[k : k + 2] = ["quite", "another", "wording"]
    assert "reworded" in [p.kind for p in derive.compare(STORY, " ".join(words)).passages]


def test_moved_blocks_are_passages_of_their_own() -> None:
    first, second, third, fourth = STORY.rstrip(".").split(". ")[0], *STORY.rstrip(".").split(". ")[1:], OTHER
    moved = f"{third}. {fourth} {first}. {second}."
    passages = derive.compare(STORY, moved).passages
    assert len(passages) >= 2
    assert [p.a.start for p in passages] == sorted(p.a.start for p in passages)
    assert [p.b.start for p in passages] != sorted(p.b.start for p in passages)


def test_spans_point_into_the_raw_text_with_all_that_hides_in_it() -> None:
    raw = (
        STORY.replace("bridge", "bri\u200bdge").replace("Monday", "&nbsp;Monday").replace("residents", "r\u0435sidents")
    )
    (p,) = derive.compare(STORY, raw).passages
    assert p.b.of(raw).startswith("The Orlham council")
    assert p.b.of(raw).endswith("swimming baths instead")
    assert "bri\u200bdge" in p.b.of(raw)
