"""The compiled kernel and the one in Python give the same answers on any text."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.kernel import reference
from derive.normalise import character_classes
from tests.conftest import ROOT

native = pytest.importorskip("derive.kernel.native", reason="the extension was not built here: no compiler")

CLASSES = character_classes()
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet="Aa1.,'’ \n\u0301sthndrU%&é日本กา\u0301\u200b\"“(:-…\U0001d7d8\ud800", max_size=60),
    st.lists(
        st.sampled_from("U.S.A U.S. 10pm 1,000th 90s 3.5 St. Dr. d'Arc l’état 21st. \n “It 'It 日本 — (".split(" "))
    ).map(" ".join),
)


def cut(kernel: object, text: str, fold: Callable[[str], str]) -> tuple[list[str], list[int], list[int]]:
    strings, starts, ends = kernel.cut(text, CLASSES, {}, fold)  # type: ignore[attr-defined]
    return strings, starts.tolist(), ends.tolist()


@settings(deadline=None)
@given(TEXTS)
@example("U.S.Army U.S.A.rmy U.S.A. A.B")
@example("10sth 10st 10s 10sx 1.2.3,4.x ١٢")
def test_both_cut_any_text_into_the_same_words(text: str) -> None:
    for fold in (str.casefold, lambda word: "" if word.isdigit() else word):
        assert cut(native, text, fold) == cut(reference, text, fold)


@settings(deadline=None)
@given(TEXTS)
@example("He left. “It rained. Dr. No said: It\u2028did … x")
def test_both_see_the_same_sentences_and_capitals(text: str) -> None:
    strings, starts, ends = reference.cut(text, CLASSES, {}, str.casefold)
    arguments = (text, tuple(strings), starts, ends, frozenset({"dr", "st"}))
    for ours, theirs in zip(native.sentences(*arguments), reference.sentences(*arguments), strict=True):
        assert np.array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    for ours, theirs in zip(native.capitals(text, starts), reference.capitals(text, starts), strict=True):
        assert np.array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("name", ["native", "reference"])
def test_either_kernel_can_be_chosen_and_is_named(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "derive", "doctor"],
        env={**os.environ, "DERIVE_KERNEL": name},
        capture_output=True,
        text=True,
    )
    assert f"{name}; normaliser" in done.stdout


def test_a_kernel_that_does_not_exist_is_refused_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import derive.kernel"],
        env={**os.environ, "DERIVE_KERNEL": "fast"},
        capture_output=True,
        text=True,
    )
    assert done.stderr.strip().endswith("DERIVE_KERNEL is 'fast'; it must be native or reference")


def test_a_scan_is_the_same_by_either_kernel() -> None:
    code = (
        "import derive, hashlib\nd = derive.read_documents(['fixtures'], skipped=[])\n"
        "print(hashlib.sha256(derive.scan(d).to_json().encode()).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "DERIVE_KERNEL": name},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("native", "reference")
    }
    assert len(found) == 1
