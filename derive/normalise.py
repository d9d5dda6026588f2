"""Text -> words, each with its place in the untouched text. Which words count as the same?

Two articles that differ only in invisible characters, look-alike letters, case, accents, entities, hyphens at line ends,
British or American spelling, numerals or house style have the same words. Every word keeps the characters it came from,
so what is found can be shown in the raw text.

Start reading at `normalise`: undress (what hides inside words goes), cut into words, fold each word, join phrases.
Characters are classified by our own table (data/unicode.tsv, Unicode 14), so every Python makes the same words.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.data import rows
from derive.kernel.reference import APOSTROPHE, DIGIT, LETTER, MARK, SPACELESS, pattern
from derive.model import Words

LONGEST_MARK_RUN = 30
"""Combining marks after one letter beyond this are cut first: normalising long runs is quadratic (threats.md, 3)."""
LONGEST_WORD = 64
"""Characters of a word that are compared."""


def normalise(text: str) -> Words:
    """The words of `text` in order, as they are compared, with `starts` and `ends` in characters of `text`.

    >>> normalise("U.S. labour rose by 3 per cent").strings
    ('us', 'labor', 'rose', 'by', '3', 'percent')
    """
    bare, origin = _undress(text)
    latin = mostly_latin(bare)
    folded = _FOLDED[latin]
    if len(folded) > REMEMBERED:
        folded.clear()
    strings, first, last = kernel.cut(bare, _patterns().classes, folded, partial(fold, latin=latin))
    strings, first, last = _join_phrases(strings, first, last)
    if origin is not None and len(first):
        first, last = origin[0][first], origin[1][last - 1]
    return Words(tuple(strings), first, last)


def disguises(text: str) -> tuple[str, ...]:
    """Flags for what hides in the text: `invisible-chars` inside words, `mixed-script` words in mostly Latin text."""
    patterns = _patterns()
    flags = []
    here = _characters(text)
    if not here.isdisjoint(patterns.unseen) and (
        len(patterns.hidden.findall(text)) >= 3 or patterns.never_innocent.search(text)
    ):
        flags.append("invisible-chars")
    bare, _ = _undress(text)
    if _characters(bare).isdisjoint(_disguising()):
        return tuple(flags)
    if mostly_latin(bare) and sum(1 for word in patterns.word.finditer(bare) if _is_mixed(word[0])) >= 3:
        flags.append("mixed-script")
    return tuple(flags)


_NO_LETTERS = bytes(c for c in range(128) if not chr(c).isalpha())


def mostly_latin(text: str) -> bool:
    """True if Latin is the text's script: only there does a Cyrillic 'а' pass for an 'a'.

    That is, two thirds of its letters are Latin, or a fifth of its words mix Latin with look-alikes (a text in which
    every letter that could be disguised was; real Cyrillic or Greek mixes no words).
    """
    sample = text[:20_000]
    if sample.isascii():
        return True
    plain = sample.encode("ascii", "ignore")
    if len(plain.translate(None, _NO_LETTERS)) >= 2 * (len(sample) - len(plain)):
        return True  # beyond doubt, without counting character by character
    counts = Counter(sample)
    latin = sum(n for c, n in counts.items() if "a" <= c <= "z" or "A" <= c <= "Z" or "\u00c0" <= c <= "\u024f")
    if latin * 3 >= 2 * sum(n for c, n in counts.items() if c.isalpha()):
        return True
    words = sample.split()
    return latin > 0 and sum(map(_is_mixed, words)) * 5 >= len(words)


# -- undress


@lru_cache(maxsize=2)
def _characters(text: str) -> frozenset[str]:
    return frozenset(text)


@lru_cache(maxsize=2)
def _undress(text: str) -> tuple[str, tuple[NDArray[np.int64], NDArray[np.int64]] | None]:
    """The text without what hides inside words, and for each character left where it started and ended (None: unchanged)."""
    patterns = _patterns()
    here = _characters(text)
    broken = not here.isdisjoint("-\u2010") and patterns.line.search(text)
    if (here.isdisjoint(patterns.dressing) and not broken) or not patterns.dress.search(text):
        return text, None
    pieces: list[str] = []
    starts: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []

    def keep(low: int, high: int) -> None:
        pieces.append(text[low:high])
        run = np.arange(low, high, dtype=np.int64)
        starts.append(run)
        ends.append(run + 1)

    at = 0
    for match in patterns.dress.finditer(text):
        keep(at, match.start())
        at = match.end()
        if match.lastgroup == "marks":
            keep(match.start(), match.start() + LONGEST_MARK_RUN)
        elif match.lastgroup in ("entity", "mojibake"):
            decoded = html.unescape(match[0]) if match.lastgroup == "entity" else _undo_mojibake(match[0])
            if decoded == match[0]:
                keep(match.start(), match.end())
            elif patterns.invisible.fullmatch(decoded) is None:
                pieces.append(decoded)
                starts.append(np.full(len(decoded), match.start(), dtype=np.int64))
                ends.append(np.full(len(decoded), match.end(), dtype=np.int64))
    keep(at, len(text))
    return "".join(pieces), (np.concatenate(starts), np.concatenate(ends))


def _undo_mojibake(chars: str) -> str:
    """UTF-8 that was read as Windows-1252 ('â€™'), read again; unchanged if it was not that."""
    try:
        return chars.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return chars


# -- fold


REMEMBERED = 500_000
"""Words whose folded form is kept; then the memory is emptied and begun anew."""
_FOLDED: dict[bool, dict[str, str]] = {True: {}, False: {}}


def fold(word: str, latin: bool) -> str:
    """One word as it is compared: look-alikes, compatibility forms, case, accents, numerals, spelling."""
    if word.isascii() and word.isalpha():
        return _spell(word.lower())
    if word == "%":
        return "percent"
    if word == "&":
        return "and"
    if latin and _passes_for_latin(word):
        word = word.translate(_lookalikes())
    word = unicodedata.normalize("NFKC", word[:LONGEST_WORD]).casefold()
    word = _without_accents(unicodedata.normalize("NFKC", word))
    word = "".join(c for c in word if c.isalnum() or unicodedata.category(c)[0] == "M" or c in ".,")
    if word[:1].isdigit():
        return _numeral(word)
    return _spell(word.replace(".", "").replace(",", ""))


def _passes_for_latin(word: str) -> bool:
    """True for a word that mixes Latin with look-alikes, or is made of look-alikes alone."""
    letters = [c for c in word if c.isalpha()]
    table = _lookalikes()
    return any(ord(c) in table for c in letters) and all(_is_latin(c) or ord(c) in table for c in letters)


def _is_mixed(word: str) -> bool:
    """True for a word with Latin letters and letters of another script that pass for Latin ones."""
    if word.isascii():
        return False
    table = _lookalikes()
    letters = [c for c in word if c.isalpha()]
    return any(_is_latin(c) for c in letters) and any(ord(c) in table for c in letters)


def _is_latin(char: str) -> bool:
    return char.isascii() or "\u00c0" <= char <= "\u024f" or "\u1e00" <= char <= "\u1eff"


_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ı": "i"})


def _without_accents(word: str) -> str:
    """Accents off Latin, Greek, Cyrillic, vowel points off Arabic and Hebrew; marks that other scripts need stay."""
    parts = unicodedata.normalize("NFD", word)
    bare = "".join(c for c in parts if not ("\u0300" <= c <= "\u036f" or "\u0591" <= c <= "\u05c7" or _arabic_point(c)))
    return unicodedata.normalize("NFC", bare).translate(_STROKES)


def _arabic_point(char: str) -> bool:
    return "\u064b" <= char <= "\u065f" or char == "\u0670" or char == "\u0640"


def _numeral(word: str) -> str:
    """Digits of any script in one form, without thousands separators: '1,000th' and '1000th' are one word."""
    digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in word)
    return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", digits).rstrip(".,")


@cache
def _spell(word: str) -> str:
    """The spelling that stands for all: 'colour' and 'color', 'organise' and 'organize', 'Zelenskyy' and 'Zelensky'."""
    table = _variants()
    if (whole := table["word"].get(word)) is not None:
        return whole
    if found := _prefixes().match(word):
        word = table["prefix"][found[0]] + word[found.end() :]
    if len(word) >= 6:
        for suffix, replacement in _suffixes().get(word[-1], ()):
            if word.endswith(suffix):
                return word[: -len(suffix)] + replacement
    return word


@lru_cache(maxsize=100_000)
def house_spelling(word: str) -> str | None:
    """ "British" or "American" if a casefolded word is spelt as only one of them does; None for all others.

    Of the table of variants only what tells: "promise" ends as "organise" does, and "cancel" begins "cancelled" for all.
    """
    for british, american in [*_variants()["prefix"].items(), ("isation", "ization")]:
        if american[-1] == british[-1] or not british.startswith(american):
            if british in word:
                return "British"
            if american in word:
                return "American"
    return None


def _join_phrases(
    strings: list[str], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Consecutive words that are one in another house's style ('per cent', 'twenty one') become one word."""
    known = phrases()
    if known.keys().isdisjoint(strings):
        return strings, starts, ends
    words: list[str] = []
    first: list[int] = []
    last: list[int] = []
    i = 0
    for at in [k for k, word in enumerate(strings) if word in known]:
        if at < i:
            continue
        for tail, replacement in known[strings[at]]:
            if strings[at + 1 : at + 1 + len(tail)] == tail:
                words += [*strings[i:at], replacement]
                first += range(i, at + 1)
                last += [*range(i, at), at + len(tail)]
                i = at + 1 + len(tail)
                break
    words += strings[i:]
    first += range(i, len(strings))
    last += range(i, len(strings))
    return words, starts[first], ends[last]


# -- tables


CONTINUED = "".join(
    map(chr, (*range(0x80, 0xC0), *range(0x152, 0x193), 0x2C6, 0x2DC, *range(0x2013, 0x203B), 0x20AC, 0x2122))
)
"""What follows the first character where UTF-8 was read as Windows-1252."""


class _Patterns:
    """The regular expressions over our own character classes; each is linear: no class follows itself."""

    def __init__(self) -> None:
        mark, hidden = (_character_class(kind) for kind in ("mark", "invisible"))
        self.classes = character_classes()
        self.unseen = frozenset(chr(c) for low, high in _ranges("invisible") for c in range(low, high + 1))
        self.dressing = self.unseen | frozenset(chr(c) for low, high in _ranges("mark") for c in range(low, high + 1))
        self.dressing |= {"&", *map(chr, range(0xC2, 0xF5))}
        self.line = re.compile("[-\u2010](?:\r\n|[\r\n])")
        self.invisible = re.compile(f"[{hidden}]+")
        self.dress = re.compile(
            f"(?P<hidden>[{hidden}]+(?:(?<=\u00ad)\r?\n)?)"
            f"|(?P<marks>[{mark}]{{{LONGEST_MARK_RUN + 1},}})"
            r"|(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});)"
            f"|(?P<mojibake>[\u00c2-\u00f4][{CONTINUED}]{{1,3}})"
            "|(?P<line>(?<=[a-z])[-\u2010](?:\r\n|[\r\n])[ \t]{0,20}(?=[a-z]))"
        )
        self.word = pattern(self.classes)
        plain = "A-Za-z\u00c0-\u024f\u0370-\u04ff"
        self.hidden = re.compile(f"(?<=[{plain}])[{hidden}]+(?=[{plain}])")
        # Tag characters and bidi overrides have no innocent use in running text.
        self.never_innocent = re.compile("[\U000e0020-\U000e007e\u202d\u202e]")


@cache
def _patterns() -> _Patterns:
    return _Patterns()


def unseen() -> str:
    """The characters that hide: of no width, tags, directions."""
    return "".join(sorted(_patterns().unseen))


APOSTROPHES = "'\u2018\u2019\u02bc\u2032\uff07`\u00b4"


def _ranges(kind: str) -> list[tuple[int, int]]:
    return next(list(_code_points(row[1])) for row in rows("unicode.tsv") if row[0] == kind)


@cache
def character_classes() -> bytes:
    """For every code point the bits of its class, as the kernel reads them."""
    table = np.zeros(0x110000, dtype=np.uint8)
    for kind, bit in (("letter", LETTER), ("mark", MARK), ("digit", DIGIT), ("spaceless", SPACELESS)):
        for low, high in _ranges(kind):
            table[low : high + 1] |= bit
    table[[ord(c) for c in APOSTROPHES]] |= APOSTROPHE
    return table.tobytes()


@cache
def _disguising() -> frozenset[str]:
    """Letters of other scripts that pass for Latin ones."""
    return frozenset(map(chr, _lookalikes()))


def _character_class(kind: str) -> str:
    """All characters of a kind as the inside of a regular expression's character class."""
    return "".join(
        f"{re.escape(chr(low))}-{re.escape(chr(high))}" if high > low else re.escape(chr(low))
        for low, high in _ranges(kind)
    )


def _code_points(ranges: str) -> Iterator[tuple[int, int]]:
    for item in ranges.split():
        low, _, high = item.partition("-")
        yield int(low, 16), int(high or low, 16)


@cache
def _lookalikes() -> dict[int, str]:
    return {ord(letter): latin for letter, latin in rows("lookalikes.tsv")}


@cache
def _variants() -> dict[str, dict[str, str]]:
    table: dict[str, dict[str, str]] = {"word": {}, "prefix": {}, "suffix": {}}
    for kind, variant, canonical in rows("variants.tsv"):
        if kind != "phrase":
            table[kind][variant] = canonical
    return table


@cache
def _suffixes() -> dict[str, tuple[tuple[str, str], ...]]:
    """The endings that are spelt in several ways, by their last letter, in the table's order."""
    table = _variants()["suffix"]
    return {last: tuple((s, r) for s, r in table.items() if s[-1] == last) for last in {s[-1] for s in table}}


@cache
def _prefixes() -> re.Pattern[str]:
    """The beginnings that are spelt in several ways, in the table's order."""
    return re.compile("|".join(map(re.escape, _variants()["prefix"])))


def spelt_otherwise() -> list[str]:
    """The words, beginnings and endings that are spelt in several ways: '^' and '$' stand for a word's ends."""
    forms = {"word": "^{}$", "prefix": "^{}", "suffix": "{}$"}
    return [forms[kind].format(variant) for kind, variants in _variants().items() for variant in variants]


@cache
def phrases() -> dict[str, tuple[tuple[list[str], str], ...]]:
    """First folded word -> (the folded words that follow, what they become), longest first."""
    table: dict[str, list[tuple[list[str], str]]] = {}
    for kind, variant, canonical in rows("variants.tsv"):
        if kind == "phrase":
            first, *tail = (_spell(word) for word in variant.split())
            table.setdefault(first, []).append((tail, canonical))
    return {first: tuple(sorted(tails, key=lambda t: -len(t[0]))) for first, tails in table.items()}
