"""The kernel in plain Python: what the compiled one must equal, and what is used where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import xxhash
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from derive.hashing import xxh64_lanes

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


class Lexer:
    """Texts -> numbered authored words and paragraphs, text after text. `columns` gives all of it.

    `rules` are the facts about characters and paragraphs (`derive.lexer.Rules`), `slow` lexes one text (`derive.lexer.lex`).
    """

    def __init__(self, rules: Any, slow: Callable[[str, str | None, Any], Any]) -> None:
        self._rules, self._slow = rules, slow
        self._numbers: dict[str, int] = {}
        self._digests: list[int] = [0]
        self._ids: list[NDArray[np.uint32]] = []
        self._rows: list[tuple[int, int, int, int]] = []
        self._paragraphs: list[tuple[int, int, int]] = []
        self._key_offsets = [0]

    def __len__(self) -> int:
        return len(self._rows)

    def number(self, word: str) -> int:
        """The number of a folded word, from 1."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self._digests)
            self._digests.append(self._rules.digest(word))
        return found

    def add(self, text: str, title: str | None = None, learned: Any = None) -> None:
        """Lexes a text; `learned` is what the collection taught about furniture."""
        self.append(self._slow(text, title, learned))

    def append(self, lexed: Any) -> None:
        """The columns of a text that was lexed already (`derive.lexer.Lexed`)."""
        ids = np.array([self.number(w) if w else 0 for w in lexed.words], dtype=np.uint32)
        lanes = np.array([self._digests[i] for i in ids.tolist()], dtype="<u8")
        keys = np.array(lexed.keys, dtype="<u8")
        self._ids.append(ids)
        self._paragraphs += zip(lexed.keys, lexed.sizes, lexed.covered, strict=True)
        self._key_offsets.append(len(self._paragraphs))
        row = (xxhash.xxh64_intdigest(lanes.tobytes()), xxhash.xxh64_intdigest(keys.tobytes()), lexed.tail)
        self._rows.append((*row, lexed.informative))

    def columns(self) -> dict[str, NDArray[Any]]:
        """What was found, one array a column.

        ids          authored words of all texts, 0 wherever something was left out between two
        offsets      where each text's begin, and where the last ends
        digests      XXH64 of each word by its number; 0 for number 0
        informative  0 where a text says one thing over and over
        contents     a number made of a text's authored words: copies have the same
        keys, sizes, covered   of all paragraphs: key, words, 1 where nothing of it counts
        key_offsets  where each text's paragraphs begin
        outlines     a number made of a text's keys
        tails        the key of the last 8 words of a text's last paragraph, if that has more
        """
        contents, outlines, tails, informative = zip(*self._rows, strict=True) if self._rows else ((), (), (), ())
        keys, sizes, covered = zip(*self._paragraphs, strict=True) if self._paragraphs else ((), (), ())
        return {
            "ids": np.concatenate(self._ids) if self._ids else np.zeros(0, dtype=np.uint32),
            "offsets": np.cumsum([0, *map(len, self._ids)], dtype=np.int64),
            "digests": np.array(self._digests, dtype=np.uint64),
            "informative": np.array(informative, dtype=np.uint32),
            "contents": np.array(contents, dtype=np.uint64),
            "keys": np.array(keys, dtype=np.uint64),
            "sizes": np.array(sizes, dtype=np.uint32),
            "covered": np.array(covered, dtype=np.uint32),
            "key_offsets": np.array(self._key_offsets, dtype=np.int64),
            "outlines": np.array(outlines, dtype=np.uint64),
            "tails": np.array(tails, dtype=np.uint64),
        }


Numbers = NDArray[np.uint32]
Hashes = NDArray[np.uint64]


def sample(
    ids: Numbers, starts: Places, ends: Places, digests: Hashes, size: int, below: int
) -> tuple[Hashes, Numbers, Places]:
    """Shingles whose public hash is at most `below`: their hashes, the texts they stand in, and each text's shingles in all."""
    hashes, owners, windows = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)], []
    for k, (low, high) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        own = _windows(ids[low:high], size)
        windows.append(len(own))
        if len(own):
            found = xxh64_lanes(digests[own])
            found = found[found <= np.uint64(below)]
            hashes.append(found)
            owners.append(np.full(len(found), k, dtype=np.uint32))
    return np.concatenate(hashes), np.concatenate(owners), np.array(windows, dtype=np.int64)


def _windows(ids: Numbers, size: int) -> Numbers:
    """Rows of `size` words in a row with nothing left out between them."""
    if len(ids) < size:
        return np.zeros((0, size), dtype=np.uint32)
    windows = sliding_window_view(ids, size)
    return np.asarray(windows[(windows != 0).all(axis=1)], dtype=np.uint32)


def runs(packed: Hashes, bits: int, rare: int, neighbours: int) -> Hashes:
    """Pairs of texts, as first << 32 | second, once for every sampled shingle that they share.

    `packed` are distinct, sorted numbers: a shingle's hash above, the text it stands in in the lowest `bits`. A shingle in
    more than `rare` texts links each of them to its next `neighbours` and to the one with most such shingles.
    """
    above, owners = packed >> np.uint64(bits), (packed & np.uint64((1 << bits) - 1)).astype(np.int64)
    starts = np.flatnonzero(np.concatenate(([True], above[1:] != above[:-1]))[: len(above)])
    lengths = np.diff(np.append(starts, len(above)))
    crowded = np.repeat(lengths > rare, lengths)
    crowd = np.bincount(owners[crowded], minlength=1 << bits)
    keys = [np.zeros(0, dtype=np.uint64)]
    for length in np.unique(lengths[(lengths > 1) & (lengths <= rare)]).tolist():
        i, j = np.triu_indices(length, 1)
        own = starts[lengths == length][:, None]
        keys.append(_pair(owners[own + i].ravel(), owners[own + j].ravel()))
    for start, length in zip(starts[lengths > rare].tolist(), lengths[lengths > rare].tolist(), strict=True):
        own = owners[start : start + length]
        hub = own[np.argmax(crowd[own])]
        for step in range(1, neighbours + 1):
            first, second = own[:-step], own[step:]
            free = (first != hub) & (second != hub)
            keys.append(_pair(first[free], second[free]))
        rest = own[own != hub]
        keys.append(_pair(np.minimum(rest, hub), np.maximum(rest, hub)))
    return np.concatenate(keys)


def _pair(first: Places, second: Places) -> Hashes:
    return first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)


def shared(ids: Numbers, starts: Places, ends: Places, a: Places, b: Places, size: int, bits: int) -> Places:
    """For pairs of texts sorted by `a`: distinct shingles of `a`, of `b`, and how many both have. Exact; three rows."""
    counts = np.zeros((3, len(a)), dtype=np.int64)
    sets: dict[int, NDArray[np.uint64]] = {}

    def of(k: int) -> NDArray[np.uint64]:
        if k not in sets:
            sets[k] = np.unique(_codes(_windows(ids[starts[k] : ends[k]], size), bits))
        return sets[k]

    for p, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        both = len(np.intersect1d(of(i), of(j), assume_unique=True))
        counts[:, p] = len(of(i)), len(of(j)), both
    return counts


def _codes(windows: Numbers, bits: int) -> Hashes:
    """Each row's number: its words' numbers side by side, or, where those are too many, mixed."""
    lanes = windows.astype(np.uint64)
    if bits * windows.shape[1] > 64:
        return xxh64_lanes(np.ascontiguousarray(lanes))
    code = np.zeros(len(lanes), dtype=np.uint64)
    for k in range(windows.shape[1]):
        code = code << np.uint64(bits) | lanes[:, k]
    return code
