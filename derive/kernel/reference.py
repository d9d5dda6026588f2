"""The kernel in plain Python: what the compiled one must equal, and what is used where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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


FURNITURE, COVERED, REACHES, TITLE, SHORT = 1, 2, 4, 8, 16
"""What a paragraph is by itself: site furniture; nothing of it counts; the word before it ends in it; it has the title's
words; it may be a headline (the last two of the first paragraphs alone)."""
CREDIT, REPEATED = 2, 4
"""The same, of a lexer with places: a credit line; told before in this text."""
QUOTED, BLOCKED, NAME, SENTENCE = 1, 2, 4, 8
"""Marks of a word: in quotation marks, excluded otherwise, a name, the first of its sentence."""
PLACES = "starts ends marks quotations quotation_offsets strange datelines begins kinds signed spelt".split()
EXCLUDED = np.uint32(1 << 31)
"""In a word's number: the word leaves the count."""
DENSE = 1 << 62


class Lexer:
    """Texts -> numbered words and paragraphs, text after text. `columns` gives all of it.

    `rules` are the facts about characters and paragraphs (`derive.lexer.Rules`), `slow` lexes one text (`derive.lexer.lex`).
    """

    def __init__(self, rules: Any, slow: Callable[[str, str | None], Any], places: bool = False) -> None:
        """With `places` every text is left to whoever asks (`strange`): here nothing is quicker than the long way."""
        self._rules, self._slow, self._places = rules, slow, places
        self._numbers: dict[str, int] = {}
        self._digests: list[int] = [0]
        self._ids: list[NDArray[np.uint32]] = []
        self._rows: list[tuple[int, int, int]] = []
        self._paragraphs: list[tuple[int, int, int, int, int]] = []
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

    def add(self, texts: Sequence[str], titles: Sequence[str | None] | None = None) -> None:
        """Lexes these texts; `titles`, one a text or None, may show which paragraph is the headline."""
        for text, title in zip(texts, titles or [None] * len(texts), strict=True):
            if self._places:
                self._ids.append(np.zeros(0, dtype=np.uint32))
                self._end_text([], 1, 0)
            else:
                self.append(self._slow(text, title))

    def append(self, lexed: Any) -> None:
        """The columns of a text that was lexed already (`derive.lexer.Lexed`)."""
        ids = np.array([self.number(w) for w in lexed.words], dtype=np.uint32)
        ids[np.array(lexed.out, dtype=np.bool_)] |= EXCLUDED
        self._ids.append(ids)
        self._paragraphs += zip(lexed.keys, lexed.sizes, lexed.flags, lexed.lengths, lexed.bare, strict=True)
        self._end_text(lexed.keys, lexed.informative, lexed.tail)

    def _end_text(self, keys: Sequence[int], informative: int, tail: int) -> None:
        self._key_offsets.append(len(self._paragraphs))
        outline = xxhash.xxh64_intdigest(np.array(keys, dtype="<u8").tobytes())
        self._rows.append((informative, outline, tail))

    def columns(self) -> dict[str, NDArray[Any]]:
        """What was found, one array a column. The lexer is of no use afterwards.

        ids          words of all texts, with EXCLUDED where a word leaves the count whatever the collection says
        offsets      where each text's begin, and where the last ends
        digests      XXH64 of each word by its number; 0 for number 0, which no word has
        informative  0 where a text says one thing over and over
        outlines     a number made of a text's keys
        tails        the key of the last 8 words of a text's last paragraph, if that has more
        keys, sizes, flags, lengths, bare   of all paragraphs: key, words, what it is, characters, those without space around
        key_offsets  where each text's paragraphs begin

        With `places` also:

        starts, ends, marks   of all words: their characters, and what they are (QUOTED, BLOCKED, NAME, SENTENCE)
        quotations   first character and end of each quotation; those of a text begin at twice its `quotation_offsets` / 2
        strange      1 for a text that is left out
        datelines    of each text first character and end of its dateline, or -1, -1
        begins, kinds, signed   of all paragraphs: first character; FURNITURE, CREDIT, REPEATED; where the sign-off begins or -1
        spelt        the words in order of their numbers from 1, each behind the end of a line and the last before one
        """
        informative, outlines, tails = zip(*self._rows, strict=True) if self._rows else ((), (), ())
        keys, *others = zip(*self._paragraphs, strict=True) if self._paragraphs else ((), (), (), (), ())
        sizes, flags, lengths, bare = (np.array(column, dtype=np.uint32) for column in others)
        return self._no_places() | {
            "ids": np.concatenate(self._ids) if self._ids else np.zeros(0, dtype=np.uint32),
            "offsets": np.cumsum([0, *map(len, self._ids)], dtype=np.int64),
            "digests": np.array(self._digests, dtype=np.uint64),
            "informative": np.array(informative, dtype=np.uint32),
            "outlines": np.array(outlines, dtype=np.uint64),
            "tails": np.array(tails, dtype=np.uint64),
            "keys": np.array(keys, dtype=np.uint64),
            "sizes": sizes,
            "flags": flags,
            "lengths": lengths,
            "bare": bare,
            "key_offsets": np.array(self._key_offsets, dtype=np.int64),
        }

    def _no_places(self) -> dict[str, NDArray[Any]]:
        """The columns of places, of texts that are all left out."""
        if not self._places:
            return {}
        nothing: dict[str, NDArray[Any]] = {name: np.zeros(0, dtype=np.int32) for name in PLACES}
        several: dict[str, NDArray[Any]] = {
            "quotation_offsets": np.zeros(len(self._rows) + 1, dtype=np.int64),
            "strange": np.ones(len(self._rows), dtype=np.uint32),
            "datelines": np.full(2 * len(self._rows), -1, dtype=np.int32),
            "spelt": np.array([10], dtype=np.uint8),
        }
        return nothing | several


Numbers = NDArray[np.uint32]
Hashes = NDArray[np.uint64]


def exclude(ids: Numbers, lows: Places, highs: Places) -> None:
    """Marks the words from low to high, of each of these ranges, as excluded."""
    for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
        ids[low:high] |= EXCLUDED


def contents(ids: Numbers, starts: Places, ends: Places, digests: Hashes) -> Hashes:
    """A number made of each text's authored words (XXH64 of their digests, 0 wherever something is left out between two)."""
    known = digests.astype("<u8")
    texts = (authored(ids[low:high]) for low, high in zip(starts.tolist(), ends.tolist(), strict=True))
    return np.array([xxhash.xxh64_intdigest(known[text].tobytes()) for text in texts], dtype=np.uint64)


def authored(ids: Numbers) -> Numbers:
    """The words of one text that are not excluded, a 0 wherever something was left out between two of them."""
    out = ids & EXCLUDED != 0
    places = np.flatnonzero(~out)
    if not len(places):
        return np.zeros(0, dtype=np.uint32)
    ids, out = ids[places[0] : places[-1] + 1], out[places[0] : places[-1] + 1]
    kept = ~out | ~np.concatenate(([True], out[:-1]))
    return np.asarray(np.where(out, np.uint32(0), ids)[kept], dtype=np.uint32)


def sample(
    ids: Numbers, starts: Places, ends: Places, digests: Hashes, size: int, bits: int, below: int
) -> tuple[Hashes, Places]:
    """Shingles whose public hash is at most `below`, as hash << bits | text, and each text's shingles in all.

    Where most are taken, those that stand once in all texts are left out.
    """
    hashes, owners, windows = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)], []
    for k, (low, high) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        own = _windows(ids[low:high], size)
        windows.append(len(own))
        if len(own):
            found = xxh64_lanes(digests[own])
            found = found[found <= np.uint64(below)]
            hashes.append(found)
            owners.append(np.full(len(found), k, dtype=np.uint64))
    found = np.concatenate(hashes)
    packed = found << np.uint64(bits) | np.concatenate(owners)
    if below > DENSE:
        _, place, times = np.unique(found, return_inverse=True, return_counts=True)
        packed = packed[times[place] > 1]
    return packed, np.array(windows, dtype=np.int64)


def _windows(ids: Numbers, size: int) -> Numbers:
    """Rows of `size` words in a row with nothing left out between them."""
    if len(ids) < size:
        return np.zeros((0, size), dtype=np.uint32)
    windows = sliding_window_view(ids, size)
    return np.asarray(windows[(windows < EXCLUDED).all(axis=1)], dtype=np.uint32)


distinct = np.unique


def crowds(packed: Hashes, bits: int, rare: int) -> Places:
    """Of each text, the shingles that stand in more than `rare` texts; `packed` as in `runs`."""
    _, lengths = _runs(packed, bits)
    return np.bincount(_owners(packed, bits)[np.repeat(lengths > rare, lengths)], minlength=1 << bits)


def _runs(packed: Hashes, bits: int) -> tuple[Places, Places]:
    """Where each shingle's texts begin, and how many they are."""
    above = packed >> np.uint64(bits)
    starts = np.flatnonzero(np.concatenate(([True], above[1:] != above[:-1]))[: len(above)])
    return starts, np.diff(np.append(starts, len(above)))


def _owners(packed: Hashes, bits: int) -> Places:
    return (packed & np.uint64((1 << bits) - 1)).astype(np.int64)


def runs(packed: Hashes, bits: int, rare: int, neighbours: int, crowd: Places, low: int, high: int) -> Hashes:
    """Pairs of texts, as first << 32 | second, once for every sampled shingle that they share, low <= first < high.

    `packed` are distinct, sorted numbers: a shingle's hash above, the text it stands in in the lowest `bits`. A shingle in
    more than `rare` texts links each of them to its next `neighbours` and to the one with most such shingles (`crowd`).
    """
    owners = _owners(packed, bits)
    starts, lengths = _runs(packed, bits)
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
    found = np.concatenate(keys)
    firsts = found >> np.uint64(32)
    return found[(firsts >= np.uint64(low)) & (firsts < np.uint64(high))]


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
