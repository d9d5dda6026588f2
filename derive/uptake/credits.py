"""Does an article say that it has its news from an outlet? Searched for with the outlet's name in hand.

`direction` asks which names a text gives as its sources, and weighs that; here the name is known, so that a line above or
below the story counts, too: "(With reporting by Northern Wire)", "Northern Wire and our own staff", "Source: Northern Wire".
"""

from __future__ import annotations

import re
from itertools import chain

from derive.clean import paragraphs
from derive.direction.credits import named_as_source
from derive.model import Prepared

LINE_WORDS = 16
"""A longer line above or below a story is prose, in which a name is a credit only beside words that say so."""
ABOVE, BELOW = 6, 4
"""Paragraphs at the beginning and the end of a text among which credit lines are looked for."""
SHOWN = 90
"""Characters of a credit that are quoted."""


def credit_to(p: Prepared, outlet: str) -> str | None:
    """The words by which a text credits this outlet; None if no credit was found."""
    found = named_as_source(p, outlet) or _in_a_line(p, outlet) or _in_prose(p, _pattern(outlet))
    return None if found is None else _short(found)


def is_credit_line(line: str, outlet: str) -> bool:
    """True for a line so short that the outlet's name in it can only be a credit."""
    return len(line.split()) <= LINE_WORDS and _whole(outlet).search(line) is not None


def _pattern(outlet: str) -> str:
    return r"\s+".join(map(re.escape, outlet.split()))


def _whole(outlet: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_pattern(outlet)}(?!\w)", re.IGNORECASE)


def _in_a_line(p: Prepared, outlet: str) -> str | None:
    """The outlet's name in a dateline's brackets or in a short line around the story that is not its headline."""
    text = p.document.text
    # With a title known, a short first line that is another is no headline.
    headline = {e.span for e in p.exclusions if e.kind == "headline" and p.document.title is None}
    blocks = [b for b in paragraphs(text) if b not in headline]
    for block in chain(blocks[:ABOVE], blocks[max(ABOVE, len(blocks) - BELOW) :]):
        line = block.of(text)
        dateline = _DATELINE.match(line)
        if dateline and _whole(outlet).search(dateline[1]):
            return dateline[0]
        if is_credit_line(line, outlet) and not _is_title(line, p):
            return line
    return None


_DATELINE = re.compile(r"\s*[^()\n]{2,60}\(([^()\n]{2,120})\)\s*[-–—:]")


def _in_prose(p: Prepared, name: str) -> str | None:
    """Words of attribution beside the outlet's name: "Northern Wire said", "seen by Northern Wire"."""
    match = re.search(_AFTER.format(name=name), p.document.text) or re.search(
        _BEFORE.format(name=name), p.document.text
    )
    return match[0] if match else None


_SAYS = "report(?:s|ed|ing)?|said|says|wrote|writes|revealed|learn(?:ed|t)|quot(?:es|ed)"
_AFTER = rf"(?<!\w){{name}}(?:'s|’s)?(?:,? \w+){{{{0,2}}}},? (?:{_SAYS})\b"
_TAKEN = "report(?:ed|ing)?|published|revealed|carried|quoted|cited|seen|obtained|provided|supplied|interview(?:ed)?"
_THING = "copy|material|text|story|article|courtesy|told|citing|via"
_BEFORE = rf"\b(?:{_TAKEN}|{_THING})(?: \w+)?(?: (?:by|from|of|to|in|with))?(?: the)? {{name}}(?!\w)"


def _is_title(line: str, p: Prepared) -> bool:
    return p.document.title is not None and " ".join(line.split()) == " ".join(p.document.title.split())


def _short(words: str) -> str:
    line = " ".join(words.split()).strip(" —–-")
    return line if len(line) <= SHOWN else line[: SHOWN - 2].rsplit(" ", 1)[0] + " …"
