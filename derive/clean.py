"""Which parts of a text are not its own prose? Marks them with the reason; never deletes.

Quotations, datelines, credit lines, headlines, site furniture and repeated paragraphs make "same event" look like
copying. Each is marked as an `Exclusion` (a span of the untouched text and a kind): it leaves numerator and denominator
of every figure, and is shown.

Start reading at `clean`, a list of markers walked by one loop. `learn_furniture` looks at a whole collection: a short
paragraph that stands in several articles which share nothing else belongs to the site, not to the story.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from derive.data import rows
from derive.model import Document, Exclusion, ExclusionKind, Span

FURNITURE_WORDS = 60
"""Longer paragraphs are prose."""
LEARNED_IN = 3
"""Articles in which a paragraph must stand before a collection can show that it is furniture."""
TAIL_IN = 5
"""Articles that must end alike before the end can be furniture inside their last paragraph."""
TAIL_WORDS = (8, 80)
"""Least and most words of such an end."""
TAIL_REACH = 4000
"""Characters at the end of an article that are looked at for it."""
LEARNED_SHARE = 0.25
"""Articles that share more than this of their paragraphs are versions of one story, not neighbours on one site."""


def clean(document: Document, learned: frozenset[str] = frozenset()) -> tuple[Exclusion, ...]:
    """Everything in `document.text` that leaves the count, in order; `learned` holds paragraph keys from `learn_furniture`."""
    text = document.text
    blocks = paragraphs(text)
    found: set[Exclusion] = set()
    taken: set[Span] = set()
    for kind, marker in _MARKERS:
        for span in marker(document, blocks, learned):
            if kind == "quotation" or span not in taken:
                found.add(Exclusion(span, kind))
                taken.add(span)
    return tuple(sorted(found))


def headline(document: Document) -> str | None:
    """The document's title: its own, else the headline that stands above the text."""
    if document.title:
        return document.title
    spans = _headline(document, paragraphs(document.text), frozenset())
    return " ".join(spans[0].of(document.text).split()) if spans else None


def learn_furniture(documents: Sequence[Document]) -> frozenset[str]:
    """Keys of the short paragraphs that several articles share while sharing next to nothing else."""
    homes: dict[str, list[int]] = defaultdict(list)
    contents: list[dict[str, int]] = []
    for i, document in enumerate(documents):
        keys = {paragraph_key(b.of(document.text)) for b in paragraphs(document.text)}
        contents.append({key: len(key.split()) for key in keys if key})
        for key in contents[-1]:
            homes[key].append(i)
    whole = {
        key
        for key, where in homes.items()
        if len(where) >= LEARNED_IN and contents[where[0]][key] <= FURNITURE_WORDS and _strangers(where, contents)
    }
    return frozenset(whole | _learn_tails(documents))


def _learn_tails(documents: Sequence[Document]) -> set[str]:
    """Keys of the words with which the last paragraphs of many articles end, which share next to nothing else."""
    endings: dict[tuple[str, ...], _Tail] = {}
    for document in documents:
        words = _last_words(document.text)
        if len(words) > TAIL_WORDS[0]:
            endings.setdefault(tuple(words[-TAIL_WORDS[0] :]), _Tail()).add(words)
    found = set()
    for tail in endings.values():
        rests = [frozenset(pairwise(words[: -tail.length])) for words in tail.first]
        if tail.count >= TAIL_IN and tail.length < tail.shortest and _differ(rests):
            found.add(" ".join(tail.first[0][-tail.length :]))
    return found


class _Tail:
    """The articles that end alike: what is common to all of them, and the first few. A collection may have 100,000."""

    def __init__(self) -> None:
        self.count = 0
        self.length = TAIL_WORDS[1]
        self.shortest = sys.maxsize
        self.first: list[list[str]] = []
        self._last: list[str] = []

    def add(self, words: list[str]) -> None:
        if self.count:
            self.length = min(self.length, _common_tail(self._last, words))
        self.count += 1
        self.shortest = min(self.shortest, len(words))
        self._last = words
        if len(self.first) < LOOKED_AT:
            self.first.append(words)


LOOKED_AT = 40
"""Articles of which the rest is held against its neighbour's."""


def _last_words(text: str) -> list[str]:
    blocks = paragraphs(text[-TAIL_REACH:])
    return paragraph_key(blocks[-1].of(text[-TAIL_REACH:])).split() if blocks else []


def _common_tail(a: list[str], b: list[str]) -> int:
    length = TAIL_WORDS[0]
    while length < min(len(a), len(b), TAIL_WORDS[1]) and a[-length - 1] == b[-length - 1]:
        length += 1
    return length


def _differ(rests: list[frozenset[tuple[str, str]]]) -> bool:
    """True if most neighbours share little of their other word pairs."""
    pairs = list(pairwise(rests))
    return 2 * sum(10 * len(a & b) < 2 * min(len(a), len(b)) for a, b in pairs) > len(pairs)


def _strangers(where: list[int], contents: list[dict[str, int]]) -> bool:
    """True if neighbouring pairs among these articles share, for the most part, little of their paragraphs."""
    strange = 0
    pairs = list(pairwise(where[:40]))
    for i, j in pairs:
        shared = sum(words for key, words in contents[i].items() if key in contents[j])
        strange += shared < LEARNED_SHARE * min(sum(contents[i].values()), sum(contents[j].values()))
    return strange * 2 > len(pairs)


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


def paragraph_key(paragraph: str) -> str:
    """A paragraph's words without case and punctuation: what makes two of them the same."""
    return " ".join(re.findall(r"\w+", paragraph.casefold()))


# -- markers: (document, paragraphs, learned furniture) -> spans

Marker = Callable[[Document, list[Span], frozenset[str]], Sequence[Span]]

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
    "〝": "〞〟",
    "《": "》",
    "‘": "’",
    "‚": "‘’",
    "'": "'",
}
_SINGLE = "‘‚'"
_MARK = re.compile("[" + "".join(_CLOSES) + "]")


def _quotations(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """Direct speech between the quotation marks of any language; an unclosed one ends with its paragraph."""
    text = _MISREAD.sub(_read_again, document.text)
    return [span for block in blocks for span in _quotations_in(text, block)]


_MISREAD = re.compile("\u00e2\u20ac(.)")
"""A quotation mark or a dash in UTF-8 that was read as Windows-1252: its last character looks like another mark."""
_MEANT = {"\u0153": "\u201c", "\x9d": "\u201d", "\ufffd": "\u201d", "\u2122": "\u2019", "\u02dc": "\u2018"}


def _read_again(match: re.Match[str]) -> str:
    """The mark that was meant, as wide as what stands there; dashes and the rest mean nothing here."""
    return "  " + _MEANT.get(match[1], " ")


def _quotations_in(text: str, block: Span) -> Iterator[Span]:
    at = block.start
    unclosed: set[str] = set()  # marks that nothing closes in the rest of this paragraph: searched for once
    while match := _MARK.search(text, at, block.end):
        start = match.start()
        end = _closing(text, start, block.end, unclosed)
        if end is None:
            at = start + 1
        else:
            yield Span(start, end)
            at = end


def _closing(text: str, start: int, limit: int, unclosed: set[str]) -> int | None:
    """Where the quotation opened at `start` ends; None if the mark there opens none."""
    mark = text[start]
    if mark in unclosed:
        return None
    before = text[start - 1] if start else " "
    after = text[start + 1] if start + 1 < limit else " "
    if mark in _SINGLE:
        return _closing_single(text, start, limit, unclosed) if _opens(before, after) else None
    if mark in "”»›" and not _opens(before, after):
        return None
    closers = _CLOSES[mark]
    depth_mark = mark if mark not in closers else ""
    for i in range(start + 1, limit):
        char = text[i]
        if char in closers and not (char == mark and depth_mark):
            return i + 1
    # No closing mark: a straight mark after a digit is an inch, a closing-looking one a stray.
    if before.isdigit() or mark in "”»›":
        unclosed.add(mark)
        return None
    return limit


def _closing_single(text: str, start: int, limit: int, unclosed: set[str]) -> int | None:
    """Single marks are apostrophes too: they open only before a word, and close only after one, over two words or more."""
    for i in range(start + 1, limit):
        if text[i] not in _CLOSES[text[start]]:
            continue
        following = text[i + 1] if i + 1 < limit else " "
        if not following.isalnum() and not text[i - 1].isspace():
            inside = text[start + 1 : i]
            return i + 1 if " " in inside.strip() and "\n" not in inside else None
    unclosed.add(text[start])
    return None


def _opens(before: str, after: str) -> bool:
    return not before.isalnum() and before not in ".,!?" and (after.isalnum() or after in "“„\"'.…")


_PLACE = r"[A-Z][A-Z'’.\-]+(?:[ ,]+(?:[A-Z][\w'’.\-]*|\d{1,2}|of|de|la|du|am|der|an))*"
_DATELINE = re.compile(
    rf"\s*(?:{_PLACE}\s*,?\s*(?:\([^()\n]{{1,40}}\))?"
    r"|(?:[A-Z][\w'’.\-]*[ ,]+){0,6}(?:\d{1,2}\.?\s*)?(?:\w+\s*)?\([^()\n]{1,40}\))"
    r"\s*(?:[–—]|--|-|:)\s*"
)


def _datelines(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """'KYIV, Nov 11 (AP) - ' at the start of one of the first paragraphs."""
    for block in blocks[:6]:
        match = _DATELINE.match(document.text, block.start, min(block.end, block.start + 120))
        if match and block.end - match.end() > 40:
            return [Span(match.start(), match.end())]
    return []


_SIGN_OFF = re.compile(r"\s*[(\[](?:[A-Z]{2,6}|[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?:/[A-Z]{2,6})*[)\]]\s*$")
_BYLINE = re.compile(r"\s*(?:By|BY|Von|Par|Por)\s+[A-Z][\w'’.\-]+(?:[ ,]+(?:and |& |of )?[A-Z][\w'’.\-]+){0,7}\s*$")


def _credits(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """Bylines, agency sign-offs at a paragraph's end, 'Reporting by ...' lines."""
    text, found = document.text, []
    for block in blocks:
        if _is_like(block.of(text), "credit") or _BYLINE.fullmatch(block.of(text)):
            found.append(block)
        elif sign_off := _SIGN_OFF.search(text[max(block.start, block.end - 40) : block.end]):
            start = max(block.start, block.end - 40) + sign_off.start()
            found.append(Span(start, block.end))
    return found


def _furniture(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """What belongs to the site: known lines, and what the collection taught."""
    text = document.text
    found = [b for b in blocks if _is_like(b.of(text), "furniture") or paragraph_key(b.of(text)) in learned]
    return found + _tail(text, blocks[-1:], learned)


def _tail(text: str, last: list[Span], learned: frozenset[str]) -> list[Span]:
    """The learned end of the last paragraph, the longest one that fits."""
    if not learned or not last:
        return []
    start = max(last[0].start, last[0].end - TAIL_REACH)
    words = list(re.finditer(r"\w+", text[start : last[0].end]))
    for length in range(min(TAIL_WORDS[1], len(words) - 1), TAIL_WORDS[0] - 1, -1):
        if " ".join(w[0].casefold() for w in words[-length:]) in learned:
            return [Span(start + words[-length].start(), last[0].end)]
    return []


def _is_like(paragraph: str, kind: str) -> bool:
    folded = " ".join(paragraph.split()).casefold().replace("’", "'")
    return len(folded.split()) <= FURNITURE_WORDS and _patterns()[kind].match(folded) is not None


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, pattern in rows("furniture.tsv"):
        kinds[kind].append(pattern)
    return {kind: re.compile("|".join(f"(?:{p})" for p in patterns)) for kind, patterns in kinds.items()}


def _headline(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """A first line of 3 to 25 words that is no sentence, above a longer text."""
    text = document.text
    blocks = [b for b in blocks[:8] if b not in _furniture(document, blocks[:8], learned)]
    if len(blocks) < 2:
        return []
    first, rest = blocks[0].of(text).strip(), blocks[1].of(text)
    if document.title and paragraph_key(first) == paragraph_key(document.title):
        return [blocks[0]]
    words = len(first.split())
    ends = first[-1] in ".。…" or first[-2:] in ('."', ".”", ".’", ".»")
    short = 2 <= words <= 25 if " " in first else len(first) <= 40
    return [blocks[0]] if short and not ends and len(rest) > len(first) else []


def _repeats(document: Document, blocks: list[Span], learned: frozenset[str]) -> list[Span]:
    """Second and later occurrences of a paragraph of 8 words or more (a broken template)."""
    seen: Counter[str] = Counter()
    found = []
    for block in blocks:
        key = paragraph_key(block.of(document.text))
        if len(key) >= 40:
            seen[key] += 1
            if seen[key] > 1:
                found.append(block)
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


def share_of(exclusions: Iterable[Exclusion], kind: ExclusionKind, text: str) -> float:
    """Which share of the text's characters an exclusion kind takes."""
    return sum(e.span.end - e.span.start for e in exclusions if e.kind == kind) / max(1, len(text))
