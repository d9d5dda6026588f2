"""Rare words that stand together: seen where sentences were shuffled, silent where only the topic is shared."""

from __future__ import annotations

import numpy as np

from derive.background import rarity, stock
from derive.dense import closest, dense
from derive.hashing import digest
from derive.model import Document, Prepared, Telling
from derive.prepare import prepare
from derive.shingle import Vocabulary, shingle_hashes

SOURCE = """The orchard ladder snapped beside the cider press while a hired picker reached for the topmost russets.
Splinters lodged in his forearm and the foreman drove him to the cottage hospital before the dew had dried.
Nurses picked walnut bark and varnish out of the wound with tweezers and sent him home wearing a sling."""
SHUFFLED = """Wearing a sling, the picker came home: tweezers in hand, nurses had taken varnish and walnut bark out of
his wound. Splinters were in the forearm. Before dew dried, hospital: the foreman drove. Reaching topmost for russets,
hired, he had stood beside the press for cider; the ladder of the orchard snapped."""
HOST = " ".join(
    f"On day {n} the {w} committee weighed {x} tariffs against {y} subsidies and adjourned without {z}."
    for n, (w, x, y, z) in enumerate(
        zip(
            "harbour transport pension museum railway fisheries census lottery canal forestry aviation tourism".split(),
            "copper timber barley glass wool cement rubber sugar linen zinc cotton nickel".split(),
            "ferry tram nursery gallery signal trawler survey ticket barge sawmill runway hotel".split(),
            "quorum agreement minutes ceremony applause rancour figures winners traffic saplings delay visitors".split(),
            strict=True,
        )
    )
)


def _of(text: str) -> Prepared:
    return prepare(Document("text", text))


def telling(prepared: Prepared) -> Telling:
    return Vocabulary(3).shingle(prepared).telling


def test_a_shuffled_passage_in_a_foreign_host_stands_out() -> None:
    both = telling(_of(SOURCE)), telling(_of(f"{HOST}\n\n{SHUFFLED}\n\n{HOST}"))
    place = dense(*both)
    assert place is not None
    assert place.above > 0.3
    found = _of(f"{HOST}\n\n{SHUFFLED}\n\n{HOST}").words.strings[slice(*closest(*both).b)]
    assert {"varnish", "tweezers", "russets"} <= set(found)
    assert "quorum" not in found


def test_texts_that_share_no_word_share_no_place() -> None:
    assert dense(telling(_of(SOURCE)), telling(_of("Twelve envoys signed treaties yesterday."))) is None


def test_empty_texts_share_no_place() -> None:
    assert dense(telling(_of("")), telling(_of(SOURCE))) is None


def test_the_order_of_the_two_changes_no_figure() -> None:
    a, b = telling(_of(SOURCE)), telling(_of(f"{HOST} {SHUFFLED}"))
    there, back = dense(a, b), dense(b, a)
    assert there
    assert back
    assert (there.share, there.weight, there.usual) == (back.share, back.weight, back.usual)
    assert closest(a, b).a == closest(b, a).b


def test_a_stock_phrase_is_known_and_a_new_one_is_not() -> None:
    known = stock(shingle_hashes("It happened according to the police at one of the many."))
    assert known.any()
    assert not stock(shingle_hashes("russets splinter varnish sling")).any()


def test_rare_words_weigh_more_than_common_ones() -> None:
    stems = np.array([digest("govern"), digest("russet")], dtype=np.uint64)
    common, rare = rarity(stems).tolist()
    assert rare > common > 0


def test_names_and_stop_words_tell_nothing() -> None:
    places = telling(_of("We saw how Marta Quill and the picker met. Later Marta Quill left.")).word
    words = _of("We saw how Marta Quill and the picker met. Later Marta Quill left.").words.strings
    assert {"marta", "quill", "the", "and"}.isdisjoint(words[k] for k in places.tolist())
