"""A text -> its words, numbered, and its paragraphs: all that finding pairs needs, without the rest of `prepare`.

`kernel.Lexer` does this for a whole collection. Compiled, it reads plain texts by itself and knows about characters and
paragraphs what `rules` tells it; whatever it does not understand, and every text where nothing is compiled, comes to `lex`,
which says the same by way of `normalise` and `clean`.

What only the collection can say, which paragraphs are furniture and so which line is the headline, is not in it: `settle`
marks that in the columns, once all is read. No text is needed twice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.clean import (
    BYLINES,
    HEADLINE_AMONG,
    MARKS,
    clean,
    dateline,
    is_credit,
    is_like,
    may_be_headline,
    page_of,
    same_title,
    sign_off,
)
from derive.data import rows
from derive.furniture import LEARNED_IN, NOTHING, TAIL_WORDS, Learned, Outline, key_of, learn
from derive.hashing import digest
from derive.kernel.reference import COVERED, CREDIT, EXCLUDED, FURNITURE, REACHES, SHORT, TITLE
from derive.model import Document
from derive.normalise import (
    CONTINUED,
    character_classes,
    fold,
    mostly_latin,
    normalise,
    phrases,
    spelt_otherwise,
    unseen,
)
from derive.prepare import ABBREVIATIONS, covered, informative

Columns = Mapping[str, NDArray[Any]]
"""What `kernel.Lexer.columns` gives."""


@dataclass(frozen=True, slots=True)
class Lexed:
    """One text, as `kernel.Lexer` keeps it in its columns."""

    words: tuple[str, ...]
    out: list[bool]
    """Of each word: it is excluded, by more than being a headline."""
    keys: list[int]
    sizes: list[int]
    flags: list[int]
    lengths: list[int]
    bare: list[int]
    tail: int
    informative: int


def lex(text: str, title: str | None = None) -> Lexed:
    """One text, the long way."""
    words = normalise(text)
    page = page_of(Document("", text, title), words)
    out = covered(words, clean(page, but="headline"))
    lines = [block.of(text) for block in page.blocks]
    flags = []
    for k, (line, block, (low, high)) in enumerate(zip(lines, page.blocks, page.ranges, strict=True)):
        reaches = low > 0 and int(words.ends[low - 1]) > block.start
        flag = FURNITURE * is_like(line, "furniture") | COVERED * bool(out[low:high].all()) | REACHES * reaches
        if k < HEADLINE_AMONG:
            flag |= TITLE * bool(title and same_title(line.strip(), title)) | SHORT * may_be_headline(line.strip())
        flags.append(flag)
    low, high = page.ranges[-1] if page.ranges else (0, 0)
    least = TAIL_WORDS[0]
    return Lexed(
        words.strings,
        out.tolist(),
        page.keys,
        [high - low for low, high in page.ranges],
        flags,
        [len(line) for line in lines],
        [len(line.strip()) for line in lines],
        key_of(page.digests[high - least : high]) if high - low > least else 0,
        int(informative(words)),
    )


# -- what the collection says


def learn_from(documents: Sequence[Document]) -> Learned:
    """What these documents as a collection show to be furniture."""
    if len(documents) < LEARNED_IN:  # the quick answer for a question with one match or none
        return NOTHING
    lexer = kernel.Lexer(rules(), lex)
    lexer.add([d.text for d in documents], [d.title for d in documents])
    return learned_of(lexer.columns())


def learned_of(columns: Columns, rank: NDArray[np.int64] | None = None) -> Learned:
    """What the texts among these columns show to be furniture; `rank` is the order in which they are looked at."""
    headlines = headlines_among(columns, columns["flags"] & FURNITURE != 0)
    offsets = columns["key_offsets"]
    rank = np.arange(len(offsets) - 1) if rank is None else rank
    outline = Outline(columns["keys"], columns["sizes"], hidden(columns), offsets, columns["tails"], rank)
    # Before the headline there is furniture alone, so that what is authored begins behind it.
    begins, ends = columns["offsets"][:-1].copy(), columns["offsets"][1:]
    texts = np.searchsorted(offsets, headlines, side="right") - 1
    begins[texts] = np.cumsum(columns["sizes"], dtype=np.int64)[headlines]
    bits = len(columns["digests"]).bit_length()

    def shared(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        order = np.argsort(a, kind="stable")
        found = np.empty((3, len(a)), dtype=np.int64)
        found[:, order] = kernel.shared(columns["ids"], begins, ends, a[order], b[order], 3, bits)
        return found

    return learn(outline, shared, lambda i: last_words(columns, i))


def hidden(columns: Columns) -> NDArray[np.bool_]:
    """Of which paragraphs nothing counts, whatever the collection says."""
    covered = np.asarray(columns["flags"] & COVERED != 0)
    covered[headlines_among(columns, columns["flags"] & FURNITURE != 0)] = True
    return covered


def last_words(columns: Columns, i: int) -> NDArray[np.uint64]:
    """The digests of the words of a text's last paragraph."""
    end = int(columns["offsets"][i + 1])
    size = int(columns["sizes"][columns["key_offsets"][i + 1] - 1])
    return np.asarray(columns["digests"][columns["ids"][end - size : end] & ~EXCLUDED], dtype=np.uint64)


def headlines_among(columns: Columns, furniture: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The paragraphs that are headlines (clean._headline_among), at most one a text."""
    begins, ends = columns["key_offsets"][:-1], columns["key_offsets"][1:]
    first, second = np.full((2, len(begins)), -1, dtype=np.int64)
    for k in range(HEADLINE_AMONG):
        here = np.flatnonzero((begins + k < ends) & (second < 0))
        here = here[~furniture[begins[here] + k]]
        later = first[here] >= 0
        second[here[later]] = begins[here[later]] + k
        first[here[~later]] = begins[here[~later]] + k
    both = second >= 0
    first, second = first[both], second[both]
    flags = columns["flags"][first]
    short = (flags & SHORT != 0) & (columns["lengths"][second] > columns["bare"][first])
    return np.asarray(first[short | (flags & TITLE != 0)], dtype=np.int64)


def settle(columns: Columns, learned: Learned) -> None:
    """Marks in `ids` what is excluded in the light of the collection: learned furniture, and the headlines."""
    taught = learned.has(columns["keys"])
    headlines = headlines_among(columns, taught | (columns["flags"] & FURNITURE != 0))
    kernel.exclude(columns["ids"], *words_of(columns, np.concatenate((np.flatnonzero(taught), headlines))))
    ends = columns["offsets"][1:]
    for i, length in tails(columns, learned):
        kernel.exclude(columns["ids"], ends[i : i + 1] - length, ends[i : i + 1])


def words_of(columns: Columns, paragraphs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first word of each of these paragraphs, that which reaches into it included, and the last plus one."""
    highs = np.cumsum(columns["sizes"], dtype=np.int64)
    lows = highs - columns["sizes"] - (columns["flags"] & REACHES != 0)
    return np.ascontiguousarray(lows[paragraphs]), np.ascontiguousarray(highs[paragraphs])


def tails(columns: Columns, learned: Learned) -> Iterator[tuple[int, int]]:
    """The texts that end in learned furniture, each with the words of it."""
    if learned.tails:
        endings = np.array(sorted(learned.endings), dtype=np.uint64)
        for i in np.flatnonzero(np.isin(columns["tails"], endings)).tolist():
            if length := learned.tail_of(last_words(columns, i)):
                yield i, length


# -- what the compiled lexer must know

FIRST, NEEDED = 1, 2
"""Hints of a token: a furniture or credit line may begin with it; a line that has it may be one."""
GROUPS, BOTH_FIRST, BOTH_NEEDED = 15, 2, 17
"""Lines that must begin with one word and have another come in so many groups; the first bit of each hint for them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The facts about characters, words and paragraphs that the compiled lexer asks for, once for each it meets."""

    classes: bytes
    """For every code point the bits of its class (`normalise.character_classes`)."""
    quotes: str
    """Quotation marks."""
    unseen: str
    """Characters that hide."""
    continued: str
    """What follows the first character where UTF-8 was read as Windows-1252."""
    starts: frozenset[str]
    """Characters other than letters with which furniture and credit lines begin."""
    pieces: tuple[str, ...]
    """A word in small ASCII letters that has none of these is itself as it is compared, and hints at nothing."""
    phrases: Mapping[str, tuple[tuple[list[str], str], ...]]
    abbreviations: frozenset[str]
    """Words behind which a point ends no sentence."""
    seed: int
    """Keys the hashes of tokens; it changes no result."""
    digest: Callable[[str], int]
    meet: Callable[[str, bool], tuple[str, int, int]]
    """For ASCII letters the same in any case."""
    judge: Callable[[str], int]
    sign_off: Callable[[str, int, int], int]
    dateline: Callable[[str, int, int], int]
    same_title: Callable[[str, str], bool]
    is_latin: Callable[[str], bool]


@cache
def rules() -> Rules:
    """The rules, from the tables and the stages that own them."""
    return Rules(
        character_classes(),
        MARKS,
        unseen(),
        CONTINUED,
        frozenset(w for beginnings in _beginnings() for w in beginnings.words if not w[0].isalnum() and w != "#"),
        _pieces(),
        phrases(),
        ABBREVIATIONS,
        int.from_bytes(os.urandom(8), "little"),
        digest,
        meet,
        judge,
        sign_off,
        dateline,
        same_title,
        mostly_latin,
    )


@lru_cache(maxsize=1 << 16)
def meet(token: str, latin: bool) -> tuple[str, int, int]:
    """All that is to be known of a token met for the first time: its word, that word's digest, its hints."""
    word = fold(token, latin)
    return word, digest(word), hints(token)


def hints(token: str) -> int:
    """What a token says about the line it stands in."""
    folded = token.casefold()
    alone, *groups = _beginnings()
    found = FIRST * alone.begins(folded) | NEEDED * alone.stands_in(folded)
    for k, group in enumerate(groups):
        found |= group.begins(folded) << (BOTH_FIRST + k) | group.stands_in(folded) << (BOTH_NEEDED + k)
    return found


def may_be(first: int, any_of: int) -> bool:
    """True if a line may be furniture or a credit line, by the hints of its first token and those of all."""
    both = first >> BOTH_FIRST & any_of >> BOTH_NEEDED & ((1 << GROUPS) - 1)
    return bool(first & FIRST or any_of & NEEDED or both)


class _Beginnings:
    """What some furniture and credit lines begin with, and the words of which each of the others has one."""

    def __init__(self, listed: set[str]) -> None:
        self.needed = sorted(w[1:] for w in listed if w.startswith("*"))
        self.parts = tuple(sorted(w[:-1] for w in listed if len(w) > 1 and w.endswith("+")))
        self.words = frozenset(w for w in listed if not w.startswith("*") and not (len(w) > 1 and w.endswith("+")))
        self._needed = re.compile("|".join(map(re.escape, self.needed)) or "(?!)")

    def begins(self, folded: str) -> bool:
        numeral = "#" in self.words and folded[:1].isdigit()
        return numeral or folded in self.words or folded.startswith(self.parts)

    def stands_in(self, folded: str) -> bool:
        return self._needed.search(folded) is not None


@cache
def _beginnings() -> tuple[_Beginnings, ...]:
    """For lines that either says something about alone; then for the groups that must begin with one and have another."""
    alone, groups = set(BYLINES), [set[str]() for _ in range(GROUPS)]
    both = 0
    for _, _, column in rows("furniture.tsv"):
        words = column.split(" ")
        if len({w.startswith("*") for w in words}) == 1:
            alone.update(words)
        else:
            groups[both % GROUPS].update(words)
            both += 1
    return tuple(map(_Beginnings, (alone, *groups)))


@cache
def _pieces() -> tuple[str, ...]:
    """What a word in small ASCII letters has in it that is not simply itself, without hints; see `kernel.lexer._Automaton`."""
    pieces = set(spelt_otherwise())
    for beginnings in _beginnings():
        pieces |= {f"^{w}$" for w in beginnings.words} | {f"^{w}" for w in beginnings.parts} | {*beginnings.needed}
    return tuple(sorted(p for p in pieces if re.fullmatch(r"\^?[a-z]+\$?", p)))


def judge(paragraph: str) -> int:
    """What a paragraph is whatever the collection says: FURNITURE, CREDIT, both or 0."""
    return FURNITURE * is_like(paragraph, "furniture") | CREDIT * is_credit(paragraph)
