"""Which parts of a text are not its own prose? Marks them with the reason; never deletes.

Quotations, datelines, credit lines, headlines, site furniture and repeated paragraphs make "same event" look like
copying. Each is marked as an `Exclusion` (a span of the untouched text and a kind): it leaves numerator and denominator
of every figure, and is shown.

Start reading at `clean`, a list of markers walked by one loop. What a whole collection shows to be furniture is learned in
`derive.furniture`. `kernel.Lexer` is the same again, compiled, for texts where nothing is hidden.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from derive.data import rows
from derive.furniture import FURNITURE_WORDS, NOTHING, Learned, key_of
from derive.hashing import digests
from derive.model import Document, Exclusion, ExclusionKind, Span, Words

REPEATED = (8, 40)
"""Words and characters that a paragraph told twice must have."""
HEADLINE_AMONG = 8
"""First paragraphs among which the headline is."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text in paragraphs: what every marker is handed."""

    text: str
    title: str | None
    words: Words
    blocks: list[Span]
    ranges: list[tuple[int, int]]
    """Of each paragraph the words that begin in it: first, and last plus one."""
    keys: list[int]
    """Of each paragraph the number that says which words it has (`furniture.key_of`), 0 without words."""
    digests: NDArray[np.uint64]
    """Of each word."""
    furniture: list[Span]
    """The paragraphs that are known lines of a site, or that the collection taught to be furniture."""
    learned: Learned
    """What the collection taught about furniture."""


def page_of(document: Document, words: Words, learned: Learned = NOTHING) -> Page:
    """The paragraphs of a document whose words are `normalise(document.text)`."""
    blocks = paragraphs(document.text)
    lows = np.searchsorted(words.starts, [b.start for b in blocks]).tolist()
    highs = np.searchsorted(words.starts, [b.end for b in blocks]).tolist()
    hashed = digests(words.strings)
    ranges = list(zip(lows, highs, strict=True))
    keys = [key_of(hashed[low:high]) if high > low else 0 for low, high in ranges]
    furniture = [
        block
        for block, key in zip(blocks, keys, strict=True)
        if key in learned.paragraphs or is_like(block.of(document.text), "furniture")
    ]
    return Page(document.text, document.title, words, blocks, ranges, keys, hashed, furniture, learned)


def clean(page: Page, but: str = "") -> tuple[Exclusion, ...]:
    """Everything in the page's text that leaves the count, in order; `but` is a kind that is not looked for."""
    found: set[Exclusion] = set()
    taken: set[Span] = set()
    for kind, marker in _MARKERS:
        for span in marker(page) if kind != but else ():
            if kind == "quotation" or span not in taken:
                found.add(Exclusion(span, kind))
                taken.add(span)
    return tuple(sorted(found))


def headline(document: Document, blocks: list[Span] | None = None) -> str | None:
    """The document's title: its own, else the headline that stands above the text; `blocks` are its paragraphs, if known."""
    if document.title:
        return document.title
    if blocks is None:
        blocks = paragraphs(document.text)
    span = _headline_among(
        [b for b in blocks[:HEADLINE_AMONG] if not is_like(b.of(document.text), "furniture")], document.text, None
    )
    return " ".join(span.of(document.text).split()) if span else None


# -- paragraphs

_LINE = re.compile("[^\r\n\x85\u2028\u2029]+")
_GAP = re.compile("(?:\r\n|[\r\n\x85\u2028\u2029])[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029])")
_SENTENCE_END = re.compile("[.!?…。！？:\"'”’»)]\\s*$")


def paragraphs(text: str) -> list[Span]:
    """Paragraphs in order: lines, or blocks between empty lines where the lines are wrapped."""
    lines = [Span(m.start(), m.end()) for m in _LINE.finditer(text) if m[0].strip()]
    if not _wrapped(text, lines):
        return lines
    blocks: list[Span] = []
    for line in lines:
        if blocks and not _GAP.search(text, blocks[-1].end, line.start):
            blocks[-1] = Span(blocks[-1].start, line.end)
        else:
            blocks.append(line)
    return blocks


def _wrapped(text: str, lines: list[Span]) -> bool:
    """True if most lines break off in mid-sentence and none is long: a text wrapped to a width."""
    if len(lines) < 4 or not _GAP.search(text) or max(s.end - s.start for s in lines) > 120:
        return False
    followed = [a for a, b in pairwise(lines) if not _GAP.search(text, a.end, b.start)]
    return len(followed) * 2 > len(lines) and sum(not _SENTENCE_END.search(a.of(text)) for a in followed) * 2 > len(
        followed
    )


# -- markers: page -> spans

Marker = Callable[[Page], Sequence[Span]]

# Opening mark -> the marks that close it. A mark that opens and closes alike (straight, Swedish ”…”) closes itself.
_CLOSES = {
    "“": "”“",
    "”": "”",
    "„": "“”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    '"': '"”',
    "＂": "＂",
    "「": "」",
    "『": "』",
    "｢": "｣",
    "﹁": "﹂",
    "﹃": "﹄",
    "〝": "〞〟",
    "《": "》",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
_SINGLE = "‘‚'"
MARKS = "".join(_CLOSES) + "".join(_CLOSES.values())
"""Quotation marks, opening and closing."""
_MARK = re.compile(f"[{''.join(_CLOSES)}]")
_CLOSER = {mark: re.compile(f"[{closers}]") for mark, closers in _CLOSES.items()}


def _quotations(page: Page) -> list[Span]:
    """Direct speech as any language marks it: between quotation marks, after a dash, in the quoted lines of a mail.

    What is opened and not closed ends with its paragraph, or at the mark that closes it a few paragraphs on.
    """
    text = _with_plain_marks(page.text)
    found: list[Span] = []
    at = 0
    for k, block in enumerate(page.blocks):
        if block.end <= at:
            continue
        limits = [b.end for b in page.blocks[k : k + PARAGRAPHS]]
        spoken = _MARKED_PARAGRAPH.match(text, block.start, block.end)
        spans = _after_dashes(text, spoken) if spoken else _quotations_in(text, max(at, block.start), limits)
        for span in spans:
            found.append(span)
            at = span.end
    return found


PARAGRAPHS = 6
"""Paragraphs in which a quotation that is not opened again at each of them must be closed."""
_MARKED_PARAGRAPH = re.compile(r"[ \t]*(?:>.*|[\u2013-\u2015] ?(?=[^\W_])(?:\S+[ \t]+){3}.*)", re.DOTALL)
"""A paragraph that is direct speech by what it begins with: a quoted line, or a dash before four words or more."""
_DASH = re.compile("(?<=[,.!?…]) [\u2013-\u2015] ")


def _after_dashes(text: str, spoken: re.Match[str]) -> Iterator[Span]:
    """The speech of a paragraph that begins with a mark; dashes after a clause part it from who said it, in turn."""
    cuts = [m.end() for m in _DASH.finditer(text, spoken.start() + 2, spoken.end())]
    bounds = [spoken.start(), *cuts, spoken.end()]
    yield from (Span(low, high) for low, high in list(pairwise(bounds))[::2])


_OTHER_MARKS = re.compile("\u00e2\u20ac(.)|&(?:#\\w{2,6}|[A-Za-z]{2,8});|``|,,|''")
"""Marks that are written as something else: in UTF-8 read as Windows-1252, as entities, with the keys of a typewriter."""
_MEANT = {"\u0153": "\u201c", "\x9d": "\u201d", "\ufffd": "\u201d", "\u2122": "\u2019", "\u02dc": "\u2018"}
_TYPED = {"``": "“", ",,": "„"}


def _with_plain_marks(text: str) -> str:
    """The text with the marks that are meant, each as wide as what stands there."""
    typed = "''" in text  # without it ,, and `` are slips
    return _OTHER_MARKS.sub(lambda match: _meant(match, typed), text)


def _meant(match: re.Match[str], typed: bool) -> str:
    whole = match[0]
    if match[1]:  # dashes and the rest mean nothing here
        return "  " + _MEANT.get(match[1], " ")
    if whole[0] == "&":
        mark = unescape(whole)
        return mark.ljust(len(whole)) if mark in MARKS else whole
    if not typed:
        return whole
    after = match.string[match.end() : match.end() + 1]
    before = match.string[match.start() - 1 : match.start()]
    closes = whole == "''" and not (after.isalnum() and not before.strip())
    return "” " if closes else _TYPED.get(whole, "“") + " "


def _quotations_in(text: str, start: int, limits: Sequence[int]) -> Iterator[Span]:
    """The quotations of the paragraph that ends at the first of these limits; the others are the ends of those after it."""
    at = start
    unclosed: set[str] = set()  # marks that nothing closes in the rest of this paragraph: searched for once
    while match := _MARK.search(text, at, limits[0]):
        start = match.start()
        end = _closing(text, start, limits[0], unclosed)
        if end is None:
            at = start + 1
        else:
            if end == limits[0] and len(limits) > 1 and text[start] not in unclosed:
                end = _carried_on(text, start, limits)
            yield Span(start, end)
            at = end


def _carried_on(text: str, start: int, limits: Sequence[int]) -> int:
    """Where a quotation ends that its own paragraph may leave open: with it, or at a mark in a later one that only closes.

    A later paragraph may begin with the closing mark (« ... ¶ » ... ¶ » ... »): there it opens again.
    """
    mark = text[start]
    if limits[0] - start > 1 and text[limits[0] - 1] in _CLOSES[mark]:
        return limits[0]
    for match in _CARRIED[mark].finditer(text, limits[0], limits[-1]):
        at, end = match.span()
        first = not text[limits[bisect_right(limits, at) - 1] : at].strip()
        if text[at] == mark and not (mark == '"' and _only_closes(text[at - 1], text[end : end + 1] or " ")):
            break
        if not first:
            return end
    return limits[0]


_CARRIED = {mark: re.compile(f"[{mark}{closers}]") for mark, closers in _CLOSES.items()}


def _closing(text: str, start: int, limit: int, unclosed: set[str]) -> int | None:
    """Where the quotation opened at `start` ends; None if the mark there opens none."""
    mark = text[start]
    before = text[start - 1] if start else " "
    after = text[start + 1] if start + 1 < limit else " "
    if mark in unclosed or (mark == '"' and _only_closes(before, after)):
        return limit if mark == '"' and _only_opens(before, after) else None
    if mark in _SINGLE:
        return _closing_single(text, start, limit, unclosed) if _opens(before, after) else None
    if mark in "”»›" and not _opens(before, after):
        return None
    for found in _CLOSER[mark].finditer(text, start + 1, limit):
        at, end = found.span()
        if not (mark == '"' and end < limit and _only_opens(text[at - 1], text[end])):
            return end
    # No closing mark: the rest of the paragraph, if this one surely opens; else it is an inch, or a stray.
    if mark in "”»›" or (mark == '"' and not _only_opens(before, after)):
        unclosed.add(mark)
        return None
    return limit


def _closing_single(text: str, start: int, limit: int, unclosed: set[str]) -> int | None:
    """Single marks are apostrophes too: they open only before a word, and close only after one, over two words or more.

    After an s (ten years' time) one closes only where no later one stands after a clause.
    """
    plural = None
    for match in _CLOSER[text[start]].finditer(text, start + 1, limit):
        i = match.start()
        following = text[i + 1] if i + 1 < limit else " "
        if following.isalnum() or text[i - 1].isspace():
            if plural and following.isalnum() and text[i - 1].isspace():  # the next one opens
                break
        elif text[i - 1] == "s" and following == " ":
            plural = plural or i
        elif not plural or text[i - 1] in ".,!?…":
            return _over_two_words(text, start, i)
    if plural:
        return _over_two_words(text, start, plural)
    unclosed.add(text[start])
    return None


def _over_two_words(text: str, start: int, i: int) -> int | None:
    inside = text[start + 1 : i]
    return i + 1 if " " in inside.strip() and "\n" not in inside else None


def _only_opens(before: str, after: str) -> bool:
    """True if a straight mark between these two can only open: it stands before a word and after none."""
    return before.isspace() and after.isalnum()


def _only_closes(before: str, after: str) -> bool:
    """True if a straight mark between these two can only close: it stands after a word and before none."""
    return (before.isalnum() or before in ".,!?…") and not after.isalnum()


def _opens(before: str, after: str) -> bool:
    return not before.isalnum() and before not in ".,!?" and (after.isalnum() or after in "“„\"'.…")


_PLACE = r"[A-Z][A-Z'’.\-]+(?:[ ,]+(?:[A-Z][\w'’.\-]*|\d{1,2}|of|de|la|du|am|der|an))*"
_DATELINE = re.compile(
    rf"\s*(?:{_PLACE}\s*,?\s*(?:\([^()\n]{{1,40}}\))?"
    r"|(?:[A-Z][\w'’.\-]*[ ,]+){0,6}(?:\d{1,2}\.?\s*)?(?:\w+\s*)?\([^()\n]{1,40}\))"
    r"\s*(?:[–—]|--|-|:)\s*"
)


def _datelines(page: Page) -> list[Span]:
    """'KYIV, Nov 11 (AP) - ' at the start of one of the first paragraphs."""
    for block in page.blocks[:6]:
        if (end := dateline(page.text, block.start, block.end)) >= 0:
            return [Span(block.start, end)]
    return []


def dateline(text: str, start: int, end: int) -> int:
    """Where the dateline of the paragraph at start..end ends; -1 if it has none."""
    match = _DATELINE.match(text, start, min(end, start + 120))
    return match.end() if match and end - match.end() > 40 else -1


_SIGN_OFF = re.compile(r"\s*[(\[](?:[A-Z]{2,6}|[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?:/[A-Z]{2,6})*[)\]]\s*$")
BYLINES = frozenset({"by", "von", "par", "por"})
"""What a byline begins with, capitalised."""
_BYLINE = re.compile(r"\s*(?:By|BY|Von|Par|Por)\s+[A-Z][\w'’.\-]+(?:[ ,]+(?:and |& |of )?[A-Z][\w'’.\-]+){0,7}\s*$")


def _credits(page: Page) -> list[Span]:
    """Bylines, agency sign-offs at a paragraph's end, 'Reporting by ...' lines."""
    found = []
    for block in page.blocks:
        if is_credit(block.of(page.text)):
            found.append(block)
        elif (start := sign_off(page.text, block.start, block.end)) >= 0:
            found.append(Span(start, block.end))
    return found


def is_credit(paragraph: str) -> bool:
    """True for a paragraph that is a credit line or a byline."""
    return is_like(paragraph, "credit") or _BYLINE.fullmatch(paragraph) is not None


def sign_off(text: str, start: int, end: int) -> int:
    """Where the sign-off at the end of the paragraph at start..end begins; -1 if it has none."""
    start = max(start, end - 40)
    match = _SIGN_OFF.search(text[start:end])
    return start + match.start() if match else -1


def _furniture(page: Page) -> list[Span]:
    """What belongs to the site: known lines, and what the collection taught."""
    return page.furniture + _tail(page)


def _tail(page: Page) -> list[Span]:
    """The learned end of the last paragraph, the longest one that fits."""
    if not page.learned.tails or not page.blocks:
        return []
    low, high = page.ranges[-1]
    length = page.learned.tail_of(page.digests[low:high])
    return [Span(int(page.words.starts[high - length]), page.blocks[-1].end)] if length else []


@lru_cache(maxsize=10_000)
def is_like(paragraph: str, kind: str) -> bool:
    """True if a paragraph is of this kind ("furniture", "credit") whatever the collection says."""
    pieces = paragraph.split()
    if len(pieces) > FURNITURE_WORDS:
        return False
    folded = " ".join(pieces).casefold().replace("’", "'")
    leading, others = _patterns()[kind]
    return leading.match(folded) is not None or any(
        pattern.match(folded) is not None for needed, pattern in others if any(word in folded for word in needed)
    )


@cache
def _patterns() -> dict[str, tuple[re.Pattern[str], list[tuple[list[str], re.Pattern[str]]]]]:
    """Of each kind the patterns that begin with certain words, as one, and the others with the words they need."""
    leading: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[tuple[list[str], re.Pattern[str]]]] = defaultdict(list)
    for kind, pattern, words in rows("furniture.tsv"):
        needed = [word[1:] for word in words.split(" ") if word.startswith("*")]
        if len(needed) == len(words.split(" ")):
            others[kind].append((needed, re.compile(pattern)))
        else:
            leading[kind].append(pattern)
    return {kind: (re.compile("|".join(f"(?:{p})" for p in leading[kind])), others[kind]) for kind in leading}


def _headline(page: Page) -> list[Span]:
    """A first line of 3 to 25 words that is no sentence, above a longer text."""
    furniture = set(page.furniture)
    span = _headline_among([b for b in page.blocks[:HEADLINE_AMONG] if b not in furniture], page.text, page.title)
    return [span] if span else []


def _headline_among(blocks: list[Span], text: str, title: str | None) -> Span | None:
    if len(blocks) < 2:
        return None
    first, rest = blocks[0].of(text).strip(), blocks[1].of(text)
    if title and same_title(first, title):
        return blocks[0]
    return blocks[0] if may_be_headline(first) and len(rest) > len(first) else None


def may_be_headline(line: str) -> bool:
    """True for a short line (without spaces around it) that is no sentence."""
    ends = line[-1] in ".。…" or line[-2:] in ('."', ".”", ".’", ".»")
    return not ends and (2 <= len(line.split()) <= 25 if " " in line else len(line) <= 40)


def same_title(line: str, title: str) -> bool:
    """True if the line has the title's words, whatever their case and punctuation."""
    return _bare(line) == _bare(title)


def _bare(line: str) -> list[str]:
    return re.findall(r"\w+", line.casefold())


def _repeats(page: Page) -> list[Span]:
    """Second and later occurrences of a paragraph of 8 words or more (a broken template)."""
    seen: set[int] = set()
    found = []
    for block, (low, high), key in zip(page.blocks, page.ranges, page.keys, strict=True):
        if high - low >= REPEATED[0] and block.end - block.start >= REPEATED[1]:
            if key in seen:
                found.append(block)
            seen.add(key)
    return found


# The order decides which kind a paragraph gets that fits several.
_MARKERS: tuple[tuple[ExclusionKind, Marker], ...] = (
    ("furniture", _furniture),
    ("repeated-paragraph", _repeats),
    ("headline", _headline),
    ("credit", _credits),
    ("dateline", _datelines),
    ("quotation", _quotations),
)
