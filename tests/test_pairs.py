"""Every pair that shares enough is found and counted exactly, whatever the order, and however viral the story."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.errors import Cancelled
from derive.lexer import lex
from derive.pairs import PairTable

WORDS = [
    a + b + c
    for a in ("ba", "ke", "lo", "mi", "nu", "ra")
    for b in ("dor", "fen", "gal", "hos", "tim")
    for c in "aeiou"
]


def prose(seed: int, words: int) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(words))


def rows(table: PairTable) -> list[tuple[float, ...]]:
    return [tuple(row) for row in zip(*(getattr(table, name).tolist() for name in table.columns), strict=True)]


def shingles(text: str) -> set[tuple[str, ...]]:
    lexed = lex(text)
    words = ["" if out else word for word, out in zip(lexed.words, lexed.out, strict=True)]
    return {w for w in zip(words, words[1:], words[2:], strict=False) if "" not in w}


def by_hand(texts: list[str], threshold: float) -> list[tuple[float, ...]]:
    sets = [shingles(t) for t in texts]
    found = []
    for j in range(len(texts)):
        for i in range(j):
            both = len(sets[i] & sets[j])
            if both and both / min(len(sets[i]), len(sets[j])) >= threshold:
                union = len(sets[i] | sets[j])
                shares = (both / len(sets[i]), both / len(sets[j]), both / union)
                found.append((i, j, *(float(np.round(s, 4)) for s in shares)))
    return sorted(found)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_every_pair_is_the_one_that_counting_all_of_them_by_hand_finds(seed: int) -> None:
    draw = random.Random(seed)
    sources = [prose(seed + k, draw.randint(60, 200)) for k in range(4)]
    texts = list(sources)
    for k in range(8):
        words = draw.choice(sources).split()
        low = draw.randint(0, len(words) // 2)
        taken = " ".join(words[low : low + draw.randint(20, 120)])
        # Each ends in words of its own: an end that many have in common is furniture.
        texts.append(f"{prose(seed + 50 + k, draw.randint(0, 60))} {taken} {prose(seed + 900 + k, 12)}")
    assert rows(derive.find_pairs(texts, min_containment=0.1)) == by_hand(texts, 0.1)


def test_pairs_are_a_function_of_the_set_of_texts() -> None:
    texts = [prose(k % 7, 120 + k) + " " + prose(100 + k, 30) for k in range(30)]
    order = list(range(30))
    random.Random(4).shuffle(order)
    here = {(i, j): shares for i, j, *shares in rows(derive.find_pairs(texts, min_containment=0.2))}
    there = rows(derive.find_pairs([texts[k] for k in order], min_containment=0.2))
    assert len(here) == len(there) > 30
    for i, j, *shares in there:
        a, b = order[int(i)], order[int(j)]
        assert here[min(a, b), max(a, b)] == (shares if a < b else [shares[1], shares[0], shares[2]])


def test_every_partial_copy_of_a_viral_story_is_paired_with_it() -> None:
    story = prose(1, 500).split()
    draw = random.Random(2)
    copies = []
    for k in range(600):
        size = draw.randint(150, 450)
        low = draw.randint(0, 500 - size)
        copies.append(prose(1000 + k, draw.randint(20, 150)) + ". " + " ".join(story[low : low + size]))
    others = [prose(5000 + k, 200) for k in range(400)]
    texts = [*others, " ".join(story), *copies]
    table = derive.find_pairs(texts)
    paired = {int(a) + int(b) - 400 for a, b in zip(table.a, table.b, strict=True) if 400 in (a, b)}
    assert paired == set(range(401, 1001))
    assert len(table) < 40 * len(texts)


def test_furniture_that_strangers_share_makes_no_pair() -> None:
    footer = (
        "\n\nThe Marsh Paper is owned by its readers and printed on Thursdays in the old mill by the river, every week."
    )
    texts = ["\n\n".join(prose(10 * k + n, 30) for n in range(3)) + footer for k in range(30)]
    assert rows(derive.find_pairs(texts, min_containment=0.05)) == []


def test_identical_texts_are_paired_and_short_ones_are_nobody() -> None:
    table = derive.find_pairs([prose(1, 50), "a word", prose(1, 50), "", "a word", "the the the " * 40])
    assert rows(table) == [(0, 2, 1.0, 1.0, 1.0)]


def test_progress_may_stop_the_search() -> None:
    with pytest.raises(Cancelled):
        derive.find_pairs(["a text"], progress=lambda stage, done, total: False)


def test_several_threads_and_an_iterator_find_the_same() -> None:
    texts = [prose(k % 17, 120 + k) + " é’s " + prose(100 + k, 30) for k in range(200)]
    whole = rows(derive.find_pairs(texts, min_containment=0.2))
    assert len(whole) > 500
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("derive.pairs.BATCH", 3000)
        patch.setattr("derive.pairs.AT_ONCE", 50)
        for jobs in (1, 2, 3):
            assert rows(derive.find_pairs((t for t in texts), min_containment=0.2, jobs=jobs)) == whole
