"""What is packed and made whole again is the same, here and in another process, and what was not used lately is let go."""

from __future__ import annotations

import pickle
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive import shelf as module
from derive.model import Document, Prepared, Shingled
from derive.params import Params
from derive.prepare import prepare
from derive.shelf import Shelf, pack, unpack
from derive.shingle import Vocabulary

FIXTURES = Path(__file__).parent.parent / "fixtures"
ODD = "Café “quoted” — don't. \n\n    KYIV, Nov 11 (AP) - Ann Lee left\n" + " " * 70_000 + "far away. Then 1,000 more."


def same(a: Prepared, b: Prepared) -> None:
    for f in fields(Prepared):
        x, y = getattr(a, f.name), getattr(b, f.name)
        if f.name == "words":
            assert (x.strings, x.starts.tolist(), x.ends.tolist()) == (y.strings, y.starts.tolist(), y.ends.tolist())
        elif isinstance(x, np.ndarray):
            assert x.tolist() == y.tolist(), f.name
        else:
            assert x == y, f.name


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=200), st.just(ODD)))
def test_any_text_comes_out_of_its_packing_as_it_went_in(text: str) -> None:
    prepared, vocabulary = prepare(Document("d", text)), Vocabulary(3)
    numbers = vocabulary.number(prepared.words.strings)
    same(prepared, unpack(pack(prepared, numbers), vocabulary.words))


def filled() -> Shelf:
    shelf = Shelf(Params())
    for document in derive.read_documents([FIXTURES / "dam-inquiry"]):
        prepared = prepare(document)
        shelf.add(pack(prepared, shelf.vocabulary.number(prepared.words.strings)))
    return shelf


def arrays(whole: Shingled) -> list[list[int]]:
    return [getattr(whole, f.name).tolist() for f in fields(Shingled) if isinstance(getattr(whole, f.name), np.ndarray)]


def test_documents_are_the_same_whether_they_stayed_whole_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before = [arrays(whole) for whole in filled()]
    monkeypatch.setattr(module, "WHOLE", 500)
    shelf = filled()
    assert sum(len(w.ids) for w in shelf._used.values()) < 1500
    assert [arrays(shelf[k]) for k in range(len(shelf))] == before


def test_a_shelf_in_another_process_holds_the_same() -> None:
    shelf = filled()
    copy = pickle.loads(pickle.dumps(shelf))
    assert [arrays(whole) for whole in copy] == [arrays(whole) for whole in shelf]
