"""A text -> its authored words, numbered, and its paragraphs: all that finding pairs needs, without the rest of `prepare`.

`kernel.Lexer` does this for a whole collection. Compiled, it reads plain texts by itself and knows about characters and
paragraphs what `rules` tells it; whatever it does not understand, and every text where nothing is compiled, comes to `lex`,
which says the same by way of `normalise` and `clean`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.clean import BYLINES, MARKS, clean, dateline, is_credit, is_like, page_of, same_title, sign_off
from derive.data import rows
from derive.furniture import LEARNED_IN, NOTHING, TAIL_WORDS, Learned, Outline, key_of, learn
from derive.hashing import digest
from derive.model import Document
from derive.normalise import CONTINUED, character_classes, fold, mostly_latin, normalise, phrases, unseen
from derive.prepare import covered, informative


@dataclass(frozen=True, slots=True)
class Lexed:
    """One text. The names of the fields are the columns of `kernel.Lexer`."""

    words: list[str]
    """Authored words in order; an empty one wherever something was left out between two of them."""
    keys: list[int]
    sizes: list[int]
    covered: list[int]
    tail: int
    informative: int


def lex(text: str, title: str | None = None, learned: Learned | None = None) -> Lexed:
    """One text, the long way."""
    words = normalise(text)
    page = page_of(Document("", text, title), words, learned or NOTHING)
    out = covered(words, clean(page))
    authored: list[str] = []
    for k, word in enumerate(words.strings):
        if not out[k]:
            authored.append(word)
        elif authored and authored[-1]:
            authored.append("")
    if authored and not authored[-1]:
        authored.pop()
    low, high = page.ranges[-1] if page.ranges else (0, 0)
    least = TAIL_WORDS[0]
    return Lexed(
        authored,
        page.keys,
        [high - low for low, high in page.ranges],
        [int(out[low:high].all()) for low, high in page.ranges],
        key_of(page.digests[high - least : high]) if high - low > least else 0,
        int(informative(words)),
    )


def lexed(documents: Iterable[tuple[str, str | None]]) -> kernel.Lexer:
    """A lexer that has read these texts (each with its title), as if nothing had been learned."""
    lexer = kernel.Lexer(rules(), lex)
    for text, title in documents:
        lexer.add(text, title)
    return lexer


def learn_from(documents: Sequence[Document]) -> Learned:
    """What these documents as a collection show to be furniture."""
    if len(documents) < LEARNED_IN:  # the quick answer for a question with one match or none
        return NOTHING
    columns = lexed((d.text, d.title) for d in documents).columns()
    return learn(outline(columns), authored(columns), lambda i: last_words(documents[i].text))


def outline(columns: Mapping[str, NDArray[np.generic]]) -> Outline:
    """The paragraphs among a lexer's columns."""
    return Outline(*(columns[name] for name in ("keys", "sizes", "covered", "key_offsets", "tails")))  # type: ignore[arg-type]


def authored(columns: Mapping[str, NDArray[np.generic]]) -> Callable[[int], NDArray[np.uint64]]:
    """Text i -> the digests of its authored words among a lexer's columns, 0 wherever something was left out."""
    ids, offsets, digests = (np.asarray(columns[name]) for name in ("ids", "offsets", "digests"))
    return lambda i: np.asarray(digests[ids[offsets[i] : offsets[i + 1]]], dtype=np.uint64)


def last_words(text: str) -> NDArray[np.uint64]:
    """The digests of the words of a text's last paragraph."""
    page = page_of(Document("", text), normalise(text))
    low, high = page.ranges[-1]
    return page.digests[low:high]


# -- what the compiled lexer must know

FIRST, NEEDED = 1, 2
"""Hints of a token: a furniture or credit line may begin with it; a line that has it may be one."""
FURNITURE, CREDIT = 1, 2
"""What a paragraph is."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The facts about characters, words and paragraphs that the compiled lexer asks for, once for each it meets."""

    classes: bytes
    """For every code point the bits of its class (`normalise.character_classes`)."""
    quotes: str
    """Characters that may open a quotation."""
    unseen: str
    """Characters that hide."""
    continued: str
    """What follows the first character where UTF-8 was read as Windows-1252."""
    starts: frozenset[str]
    """Characters other than letters with which furniture and credit lines begin."""
    phrases: Mapping[str, tuple[tuple[list[str], str], ...]]
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
        frozenset(w for w in _beginnings().words if not w[0].isalnum()),
        phrases(),
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
    """What a token says about the line it stands in: FIRST, NEEDED, both or 0."""
    known = _beginnings()
    folded = token.casefold()
    begins = folded in known.words or folded.startswith(known.parts.get(folded[:1], ()))
    if not begins and folded[:1].isdigit():
        begins = "#" in known.words
    return FIRST * begins + NEEDED * (known.needed.search(folded) is not None)


@dataclass(frozen=True, slots=True)
class _Beginnings:
    """What furniture and credit lines begin with, and the words without which the others are none."""

    words: frozenset[str]
    parts: dict[str, tuple[str, ...]]
    """Beginnings of words, by their first letter."""
    needed: re.Pattern[str]


@cache
def _beginnings() -> _Beginnings:
    listed = {word for _, _, words in rows("furniture.tsv") for word in words.split(" ")}
    parts = sorted(w[:-1] for w in listed if len(w) > 1 and w.endswith("+"))
    return _Beginnings(
        frozenset(w for w in listed if not w.startswith("*") and not (len(w) > 1 and w.endswith("+"))) | BYLINES,
        {letter: tuple(w for w in parts if w[0] == letter) for letter in {w[0] for w in parts}},
        re.compile("|".join(sorted(re.escape(w[1:]) for w in listed if w.startswith("*")))),
    )


def judge(paragraph: str) -> int:
    """What a paragraph is whatever the collection says: FURNITURE, CREDIT, both or 0."""
    return FURNITURE * is_like(paragraph, "furniture") + CREDIT * is_credit(paragraph)
