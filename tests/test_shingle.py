"""Shingles, their public hashes, and the sketch."""

import numpy as np
import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

import derive
from derive.hashing import xxh64_lanes
from derive.model import Document
from derive.params import Params
from derive.prepare import prepare
from derive.shingle import Vocabulary
from derive.sketch import sketch


@given(st.lists(st.lists(st.integers(0, 2**64 - 1), min_size=5, max_size=5), min_size=1, max_size=5), st.integers(1, 5))
def test_hashes_of_lanes_are_xxh64_of_their_bytes(rows: list[list[int]], width: int) -> None:
    lanes = np.array(rows, dtype=np.uint64)[:, :width]
    expected = [xxhash.xxh64_intdigest(b"".join(int(x).to_bytes(8, "little") for x in row)) for row in lanes]
    assert [int(h) for h in xxh64_lanes(lanes)] == expected


def test_a_shingles_hash_can_be_computed_by_anyone() -> None:
    words = ["the", "dam", "leaked"]
    digests = [xxhash.xxh64_intdigest(w.encode()).to_bytes(8, "little") for w in words]
    assert [int(h) for h in derive.shingle_hashes("The dam leaked!")] == [xxhash.xxh64_intdigest(b"".join(digests))]


def test_golden_hashes_have_not_changed() -> None:
    """Whoever changes these must raise the normaliser's version: stored fingerprints would no longer be comparable."""
    hashes = [f"{int(h):016x}" for h in derive.shingle_hashes("The dam leaked on Monday night.")]
    assert hashes == GOLDEN_HASHES


GOLDEN_HASHES = ["2c72f9ff39680851", "3249d2c02c9ca572", "a1fbccf2e0d8d601", "f202cce1f600070b"]


def test_excluded_words_make_no_shingle() -> None:
    quoted = 'The mayor said "the dam is safe for now" on Monday night in town.'
    words = {"the dam is", "dam is safe"}
    assert words.isdisjoint({" ".join(w) for w in _authored(quoted)})


def _authored(text: str) -> list[tuple[str, ...]]:
    p = prepare(Document("d", text))
    s = Vocabulary(3).shingle(p)
    return [p.words.strings[i : i + 3] for i in np.flatnonzero(s.authored).tolist()]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_equal_codes_are_equal_words_for_any_shingle_size(size: int) -> None:
    text = "the dam leaked and the dam leaked again and again before the dam leaked for good and the town left"
    p = prepare(Document("d", text))
    s = Vocabulary(size).shingle(p)
    words = [p.words.strings[i : i + size] for i in range(len(p.words) - size + 1)]
    assert len(set(s.codes.tolist())) == len(set(words))
    assert len(s.codes) == len(words)


def test_sketches_are_datasketchs_bit_for_bit() -> None:
    datasketch = pytest.importorskip("datasketch")
    for text in ("The dam leaked on Monday night.", "One two three four " * 50, "a b"):
        hashes = derive.shingle_hashes(text)
        theirs = datasketch.MinHash(128, seed=1, hashfunc=lambda h: h & 0xFFFFFFFF, scheme="affine32")
        for h in hashes.tolist():
            theirs.update(h)
        assert (theirs.hashvalues == sketch(hashes)).all()


def test_sketches_estimate_resemblance_within_their_theory() -> None:
    generator = np.random.default_rng(7)
    pool = generator.integers(0, 2**63, 3000).astype(np.uint64)
    a, b = pool[:2000], pool[1000:]
    estimate = (sketch(a, 512) == sketch(b, 512)).mean()
    assert abs(estimate - 1 / 3) < 4 * (1 / 3 * 2 / 3 / 512) ** 0.5


@pytest.mark.parametrize("bad", [{"shingle_size": 0}, {"bands": 7}, {"assume": "shrink"}, {"related": 2}])
def test_settings_out_of_range_are_refused_with_a_sentence(bad: dict) -> None:
    with pytest.raises(derive.DeriveError, match="must"):
        Params(**bad)
