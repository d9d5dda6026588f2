"""The compiled loops over a collection say what the plain ones say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.kernel import collection_reference as reference

native = pytest.importorskip("derive.kernel.collection", reason="no compiled kernel here")

WORDS = st.lists(st.integers(0, 5), max_size=40)
"""Few words, so that two texts share rows of them."""


@given(st.lists(st.integers(0, 2**64 - 1), max_size=12), st.integers(1, 6))
def test_rows_of_words_have_the_same_hash_in_both_kernels(digests: list[int], size: int) -> None:
    lanes = np.array(digests, dtype=np.uint64)
    assert native.windows(lanes, size).tolist() == reference.windows(lanes, size).tolist()


@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_a_sketch_has_the_same_values_in_both_kernels(hashes: list[int]) -> None:
    a, b = (np.array(x, dtype=np.uint32) for x in ([1, 7, 2**31 + 1], [0, 5, 2**32 - 1]))
    values = np.array(hashes, dtype=np.uint32)
    assert native.smallest(values, a, b).tolist() == reference.smallest(values, a, b).tolist()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.frozensets(st.integers(0, 9), max_size=8), max_size=12),
    st.integers(2, 6),
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.3, 0.9]),
)
def test_the_same_texts_meet_in_both_kernels(
    held: list[frozenset[int]], common: int, neighbours: int, least: int, worth: float
) -> None:
    codes = sorted({c for h in held for c in h})
    owners = [[i for i, h in enumerate(held) if c in h] for c in codes]
    given_ = (
        np.cumsum([0, *map(len, owners)]),
        np.array([i for o in owners for i in o], dtype=np.int32),
        np.cumsum([0, *map(len, held)]),
        np.array([codes.index(c) for h in held for c in sorted(h)], dtype=np.int32),
        np.array([len(h) for h in held], dtype=np.int64),
        common,
        neighbours,
        2,
        least,
        worth,
    )
    assert native.meetings(*given_).tolist() == reference.meetings(*given_).tolist()


def text(kernel, words: list[int], quoted: list[bool], shut: list[bool], size: int, half: int):  # type: ignore[no-untyped-def]
    """A text as `derive.shingle` would describe it, of words that are numbers."""
    codes = np.array([hash(tuple(words[k : k + size])) for k in range(len(words) - size + 1)], dtype=np.int64)
    marks = np.array([*quoted, *[False] * len(words)][: len(words)], dtype=np.bool_)
    open_ = np.array([*shut, *[True] * len(codes)][: len(codes)], dtype=np.bool_)
    distinct = np.unique(codes[open_])
    stems = np.array(words, dtype=np.uint64)
    return kernel.Text(distinct, distinct[::2].copy(), codes, open_, marks, stems, stems * 3.0 + 1, size, half)


@settings(max_examples=400, deadline=None)
@given(
    WORDS, WORDS, *[st.lists(st.booleans(), max_size=40)] * 4, st.integers(1, 4), st.integers(1, 5), st.integers(1, 8)
)
def test_two_texts_have_the_same_figures_in_both_kernels(  # type: ignore[no-untyped-def]
    a, b, quoted_a, quoted_b, shut_a, shut_b, size, half, occurrences
) -> None:
    plain, compiled = (
        text(kernel, a, quoted_a, shut_a, size, half).meet(text(kernel, b, quoted_b, shut_b, size, half), occurrences)
        for kernel in (reference, native)
    )
    assert plain == pytest.approx(compiled, rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS, st.integers(1, 4))
def test_windows_share_the_same_weight_in_both_kernels(a: list[int], b: list[int], half: int) -> None:
    stems = [np.array(words, dtype=np.uint64) for words in (a, b)]
    given_ = [x for own in stems for x in (own, own.astype(np.float64) + 1)]
    for compiled, plain in zip(
        native.shared_weights(*given_, half), reference.shared_weights(*given_, half), strict=True
    ):
        assert compiled.tolist() == plain.tolist()


MASKS = st.lists(st.booleans(), min_size=40, max_size=40)


@settings(max_examples=200, deadline=None)
@given(WORDS, MASKS, WORDS, MASKS, st.integers(1, 4))
def test_texts_share_the_same_runs_in_both_kernels(
    a: list[int], open_a: list[bool], b: list[int], open_b: list[bool], occurrences: int
) -> None:
    codes = [np.array(words, dtype=np.int64) - 2 for words in (a, b)]
    masks = [np.array(mask[: len(words)], dtype=np.bool_) for mask, words in ((open_a, a), (open_b, b))]
    given_ = codes[0], masks[0], codes[1], masks[1], occurrences
    assert native.shared_runs(*given_).tolist() == reference.shared_runs(*given_).tolist()


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 9), max_size=30), st.integers(0, 30))
def test_stems_are_numbered_alike_in_both_kernels(values: list[int], n: int) -> None:
    stems = np.array(values, dtype=np.int64)
    compiled, plain = native.numbered(stems, n), reference.numbered(stems, n)
    assert (compiled[0].tolist(), compiled[1]) == (plain[0].tolist(), plain[1])
