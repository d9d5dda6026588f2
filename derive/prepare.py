"""One document -> a prepared one: cleaned, cut into words, each word marked. What is every later stage handed?

Joins the two stages that look at characters (`clean`, `normalise`) and adds what only both together can say: which words
are quoted, blocked, names, and in which sentence they stand.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from derive.clean import clean
from derive.model import Document, Exclusion, Prepared, Words
from derive.normalise import disguises, normalise

LOW_INFORMATION = 0.1
"""Fewer distinct words than this share, in a text of 50 words or more, say nothing (one word repeated)."""


def prepare(document: Document, *, learned: frozenset[str] = frozenset(), shingle_size: int = 3) -> Prepared:
    """`document` ready to be measured; `learned` is what the collection taught about furniture."""
    text = document.text
    words = normalise(text)
    exclusions = clean(document, learned)
    quoted = _covered(words, [e for e in exclusions if e.kind == "quotation"])
    blocked = _covered(words, [e for e in exclusions if e.kind != "quotation"])
    sentences, first = _sentences(text, words)
    flags = [*document.flags, *disguises(text)]
    flags += ["repeated-paragraph"] * any(e.kind == "repeated-paragraph" for e in exclusions)
    flags += ["too-short"] * (int((~(quoted | blocked)).sum()) < shingle_size)
    flags += ["low-information"] * (len(words) >= 50 and len(set(words.strings)) < LOW_INFORMATION * len(words) ** 0.8)
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
    )


def _covered(words: Words, exclusions: list[Exclusion]) -> NDArray[np.bool_]:
    """Words that lie, wholly or in part, in one of the exclusions."""
    covered = np.zeros(len(words), dtype=np.bool_)
    for exclusion in exclusions:
        low = int(np.searchsorted(words.ends, exclusion.span.start, side="right"))
        high = int(np.searchsorted(words.starts, exclusion.span.end, side="left"))
        covered[low:high] = True
    return covered


_END = re.compile("[.!?…。！？]|[\r\n\x85\u2028\u2029]")
_OPEN = re.compile('["“„«「『:;–—(\\[]\\s*$')
_ABBREVIATIONS = frozenset("mr mrs ms dr gen sen rep gov st prof lt col sgt capt jr sr no vs us uk eu un".split())


def _sentences(text: str, words: Words) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The sentence number of each word, and whether a capital there says nothing (it starts a sentence or a quotation)."""
    number = np.zeros(len(words), dtype=np.int64)
    first = np.zeros(len(words), dtype=np.bool_)
    current, end = 0, 0
    for i, (word, start) in enumerate(zip(words.strings, words.starts.tolist(), strict=True)):
        gap = text[end:start] if i else "\n"
        if i and (mark := _END.search(gap)):
            before = words.strings[i - 1]
            abbreviated = mark[0] == "." and (before in _ABBREVIATIONS or len(before) == 1) and "\n" not in gap
            if not abbreviated:
                current += 1
                first[i] = True
        elif i == 0 or _OPEN.search(gap):
            first[i] = True
        number[i] = current
        end = int(words.ends[i])
        del word
    return number, first


def _names(text: str, words: Words, first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Capitalised in mid-sentence and never in lower case; at a sentence's start, if it is a name elsewhere.

    None at all in scripts without capitals or where most words have one (a text in capitals).
    """
    capital = np.array([text[s].isupper() or text[s].istitle() for s in words.starts.tolist()], dtype=np.bool_)
    if not len(capital) or capital.sum() > 0.6 * len(capital):
        return np.zeros(len(words), dtype=np.bool_)
    small = {
        word for word, c, s in zip(words.strings, capital, words.starts, strict=True) if not c and text[s].islower()
    }
    elsewhere = Counter(
        w for w, c, f in zip(words.strings, capital, first, strict=True) if c and not f and w not in small
    )
    return np.array([c and w in elsewhere for w, c in zip(words.strings, capital, strict=True)], dtype=np.bool_)
