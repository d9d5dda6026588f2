"""One document -> a prepared one: cleaned, cut into words, each word marked. What is every later stage handed?

Joins the two stages that look at characters (`clean`, `normalise`) and adds what only both together can say: which words
are quoted, blocked, names, and in which sentence they stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.clean import clean, headline, page_of
from derive.furniture import NOTHING, Learned
from derive.model import Document, Exclusion, Prepared, Words
from derive.normalise import disguises, normalise

LOW_INFORMATION = 0.1
"""Fewer distinct words than this share, in a text of 50 words or more, say nothing (one word repeated)."""


def prepare(document: Document, *, learned: Learned = NOTHING, shingle_size: int = 3) -> Prepared:
    """`document` ready to be measured; `learned` is what the collection taught about furniture."""
    text = document.text
    words = normalise(text)
    page = page_of(document, words, learned)
    exclusions = clean(page)
    quoted = covered(words, [e for e in exclusions if e.kind == "quotation"])
    blocked = covered(words, [e for e in exclusions if e.kind != "quotation"])
    sentences, first = kernel.sentences(text, words.strings, words.starts, words.ends, ABBREVIATIONS)
    flags = [*document.flags, *disguises(text)]
    flags += ["repeated-paragraph"] * any(e.kind == "repeated-paragraph" for e in exclusions)
    flags += ["too-short"] * (int((~(quoted | blocked)).sum()) < shingle_size)
    flags += ["low-information"] * (not informative(words))
    return Prepared(
        document,
        words,
        exclusions,
        quoted,
        blocked,
        _names(text, words, first),
        sentences,
        tuple(sorted(set(flags))),
        hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        headline(document, page.blocks),
    )


def informative(words: Words) -> bool:
    """False for a text that says one thing over and over."""
    return len(words) < 50 or len(set(words.strings)) >= LOW_INFORMATION * len(words) ** 0.8


def covered(words: Words, exclusions: Iterable[Exclusion]) -> NDArray[np.bool_]:
    """Words that lie, wholly or in part, in one of the exclusions."""
    covered = np.zeros(len(words), dtype=np.bool_)
    for exclusion in exclusions:
        low = int(np.searchsorted(words.ends, exclusion.span.start, side="right"))
        high = int(np.searchsorted(words.starts, exclusion.span.end, side="left"))
        covered[low:high] = True
    return covered


ABBREVIATIONS = frozenset("mr mrs ms dr gen sen rep gov st prof lt col sgt capt jr sr no vs us uk eu un".split())
"""Words behind which a point ends no sentence."""


def _names(text: str, words: Words, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Capitalised in mid-sentence and never in lower case; at a sentence's start, if it is a name elsewhere.

    None at all in scripts without capitals or where most words have one (a text in capitals).
    """
    capital, low = kernel.capitals(text, words.starts)
    if not len(capital) or capital.sum() > 0.6 * len(capital):
        return np.zeros(len(words), dtype=np.bool_)
    strings = words.strings
    small = {strings[k] for k in np.flatnonzero(low & ~capital).tolist()}
    elsewhere = {strings[k] for k in np.flatnonzero(capital & ~first).tolist()} - small
    names = np.zeros(len(words), dtype=np.bool_)
    names[[k for k in np.flatnonzero(capital).tolist() if strings[k] in elsewhere]] = True
    return names
