"""Text from outside, made safe and short: for DOT, for the terminal, for sentences.

Ids, titles and outlets come from strangers. `label` is the one way into a DOT file, `printable` the one way onto a
terminal or a page; both work from a fixed list of invisible characters, so that every Python prints the same bytes.
The rest are the words that all reports share: percents, verdicts, names of kinds.
"""

from __future__ import annotations

import re

# Cc, Cf, Cs, Co, and of Cn the noncharacters that XML forbids. Other unassigned code points are harmless.
_HIDDEN_RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F),
    (0x890, 0x891), (0x8E2, 0x8E2), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
    (0xD800, 0xDFFF), (0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0x10000, 0xE0000, 0x10000)),
    (0xE0000, 0xE00FF), (0xE01F0, 0x10FFFF),
)  # fmt: skip
_CLASS = "".join(f"{chr(low)}-{chr(high)}" for low, high in _HIDDEN_RANGES)
HIDDEN = re.compile(f"[{_CLASS}]")
"""A character that cannot be seen, or that changes how others are seen."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U0001f300-\U0001faff"
    "\U00020000-\U0003fffd]"
)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, the last an ellipsis if something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def shorten_id(text: str, limit: int) -> str:
    """At most `limit` characters of an id, cut before its end: the file's name is what tells two ids apart."""
    if len(text) <= limit:
        return text
    head = limit // 4
    return text[:head] + "…" + text[len(text) - (limit - head - 1) :]


def clean(text: str) -> str:
    """Without invisible characters, white space collapsed, no letter under more than three marks."""
    visible = HIDDEN.sub("", re.sub(r"\s+", " ", text))
    return " ".join(_MARKS.sub(r"\1", visible).split())


def label(text: str, limit: int = 80) -> str:
    """Any text as a safe DOT label; the caller quotes it, always, and never as an HTML-like label.

    >>> print(label('a "b"; & c\\\\'))
    a \\"b\\"; &amp; c\\\\
    """
    return shorten(clean(text), limit).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')


def label_id(text: str, limit: int = 80) -> str:
    """`label` for an id: cut before its end."""
    return label(shorten_id(clean(text), limit), limit)


def printable(text: str) -> str:
    """One line in which every control, direction and zero-width character and lone surrogate is shown as an escape.

    >>> print(printable("\\x1b[31mred\\u202e\\n"))
    \\x1b[31mred\\u202e\\n
    """
    return HIDDEN.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT.get(char) or (
        f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    )


def name(id: str) -> str:
    """What a page calls an article: its id, printable, cut before its end."""
    return shorten_id(printable(id), 80) or "(no id)"


def fit(text: str, width: float, size: float = 12) -> str:
    """As much of `text` as a sans-serif of this size (estimated, generously) sets within `width`."""
    used = 0.0
    for i, char in enumerate(text):
        used += size * _advance(char)
        if used > width:
            while i and used > width - size:
                i -= 1
                used -= size * _advance(text[i])
            return text[:i].rstrip() + "…"
    return text


def text_width(text: str, size: float = 12) -> float:
    """Estimated width of `text` in a sans-serif of this size."""
    return size * sum(map(_advance, text))


def _advance(char: str) -> float:
    if char in "ijl.,:;'|!()[] ftr":
        return 0.36
    if char in "mwMW@%…—":
        return 0.98
    return 1.1 if _WIDE.match(char) else 0.74 if char.isupper() else 0.6


def percent(value: float) -> str:
    """A share or probability in words: whole percents, one decimal below ten; 100 % only if exact.

    >>> percent(0.62), percent(0.071), percent(0.0004), percent(0.999), percent(1.0)
    ('62 %', '7.1 %', 'under 0.1 %', 'over 99 %', '100 %')
    """
    if 0.995 <= value < 1:
        return "over 99 %"
    if value >= 0.0995 or value == 0:
        return f"{value * 100:.0f} %"
    return f"{value * 100:.1f} %" if value >= 0.001 else "under 0.1 %"


def contained(share: float, part: str, whole: str) -> str:
    """A containment with its direction in words.

    >>> contained(0.62, "herald.txt", "wire.txt")
    '62 % of herald.txt is in wire.txt'
    """
    return f"{percent(share)} of {part} is in {whole}"


def how_likely(probability: float) -> str:
    """A word for a probability."""
    return "very likely" if probability >= 0.9 else "likely" if probability >= 0.75 else "possible"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "article"), count(1234, "article")
    ('1 article', '1,234 articles')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


EXCLUSION_WORDS = {
    "quotation": "quotation",
    "dateline": "dateline",
    "credit": "credit line",
    "furniture": "page furniture",
    "repeated-paragraph": "repeated paragraph",
    "headline": "headline",
}
