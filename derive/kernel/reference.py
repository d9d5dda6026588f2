"""The kernel in plain Python: what the compiled one must equal, and what is used where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
LETTER, MARK, DIGIT, SPACELESS, APOSTROPHE = 1, 2, 4, 8, 16
"""Bits of a character's class, as they stand in `classes`."""


def cut(
    text: str, classes: bytes, folded: dict[str, str], fold: Callable[[str], str]
) -> tuple[list[str], Places, Places]:
    """The words of a text, folded, and where each starts and ends; words that fold to nothing are left out.

    `classes` holds a byte of bits for every code point; `folded` remembers what `fold` made of a word.
    """
    strings: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in pattern(classes).finditer(text):
        raw = match[0]
        word = folded.get(raw)
        if word is None:
            word = folded[raw] = fold(raw)
        if word:
            strings.append(word)
            starts.append(match.start())
            ends.append(match.end())
    return strings, np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)


@cache
def pattern(classes: bytes) -> re.Pattern[str]:
    """A word, as a regular expression over our own character classes; each part takes what it can and gives nothing back."""
    table = np.frombuffer(classes, dtype=np.uint8)
    letter, mark, digit, spaceless, apostrophe = (
        _class(table & bit != 0) for bit in (LETTER, MARK, DIGIT, SPACELESS, APOSTROPHE)
    )
    return re.compile(
        f"[{digit}]++(?:[.,][{digit}]++)*+(?:(?:st|nd|rd|th|s)(?![{letter}]))?"
        f"|(?:[{letter}]\\.){{2,}}[{letter}]?(?![{letter}])"
        f"|[{letter}][{letter}{mark}]*+(?:[{apostrophe}][{letter}][{letter}{mark}]*+)*+"
        f"|[{spaceless}][{mark}]*+"
        "|[%&]"
    )


def _class(there: NDArray[np.bool_]) -> str:
    """The code points for which this is true, as the inside of a regular expression's character class."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    return "".join(f"{re.escape(chr(low))}-{re.escape(chr(high - 1))}" for low, high in edges.reshape(-1, 2).tolist())


_END = re.compile("[.!?…。！？]|[\r\n\x85\u2028\u2029]")
_OPEN = re.compile('["“„«「『:;–—(\\[]\\s*$')


def sentences(
    text: str, strings: tuple[str, ...], starts: Places, ends: Places, abbreviations: frozenset[str]
) -> tuple[Places, NDArray[np.bool_]]:
    """The sentence number of each word, and whether a capital there says nothing (it starts a sentence or a quotation)."""
    number = np.zeros(len(strings), dtype=np.int64)
    first = np.zeros(len(strings), dtype=np.bool_)
    current, end = 0, 0
    for i, (start, stop) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        gap = text[end:start] if i else "\n"
        if i and (mark := _END.search(gap)):
            before = strings[i - 1]
            abbreviated = mark[0] == "." and (before in abbreviations or len(before) == 1) and "\n" not in gap
            if not abbreviated:
                current += 1
                first[i] = True
        elif i == 0 or _OPEN.search(gap):
            first[i] = True
        number[i] = current
        end = stop
    return number, first


def capitals(text: str, starts: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which words begin with a capital (or title) letter, and which with a small one."""
    firsts = [text[s] for s in starts.tolist()]
    capital = np.array([c.isupper() or c.istitle() for c in firsts], dtype=np.bool_)
    return capital, np.array([c.islower() for c in firsts], dtype=np.bool_)
