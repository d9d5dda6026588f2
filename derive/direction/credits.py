"""Whom does a text name as its source? Phrases, datelines and sign-offs, and what they say of a direction.

A credit is the plainest evidence there is; an agency's mark in another's text tells of a reprint.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from derive.direction.pair import Pair, title_case
from derive.model import Evidence, Favours, Prepared, Regime


def credit(pair: Pair, kind: Regime) -> list[Evidence]:
    """One text names the other's outlet as its source, or carries its agency sign-off."""
    found = []
    a, b = pair.sides
    ways: tuple[tuple[Prepared, Prepared, Favours], ...] = ((a, b, "b"), (b, a, "a"))
    for this, other, favours in ways:
        outlet = other.document.source
        if outlet is None or outlet == this.document.source:
            continue
        if (phrase := named_as_source(this, outlet)) and not named_as_source(other, outlet, sign_offs_only=True):
            detail = f"{this.id} credits {outlet}: \u201c{phrase}\u201d"
            found.append(Evidence("credit", favours, 2.5, False, detail))
        elif phrase:
            detail = f"{this.id} and {other.id} both carry {outlet}'s credit, and {other.id} is {outlet}'s"
            found.append(Evidence("credit", favours, 2.5, False, detail))
    return found if len(found) == 1 else []


def agency_mark(pair: Pair, kind: Regime) -> list[Evidence]:
    """An agency's mark in a text that is not the agency's own makes that text a reprint: others may have the original, too.

    In a text whose outlet is unknown, or is the agency, a mark that the other lacks speaks for it: marks get lost on the
    way, seldom found.
    """
    a, b = pair.sides
    marks = [_marks(p) for p in (a, b)]
    outlets = [outlet_name(p.document.source) if p.document.source else None for p in (a, b)]
    own = any(_is_outlets(mark, outlet) for found in marks for mark in found for outlet in outlets if outlet)
    reprints = [(p, min(found)) for p, found, outlet in zip((a, b), marks, outlets, strict=True) if found and outlet]
    if reprints and not own and outlets[0] != outlets[1]:  # versions of one outlet are no reprints
        this, mark = reprints[0]
        detail = (
            f"{this.id} carries the mark of an agency ({mark}) and is not the agency's own: both may stand on its copy"
        )
        return [Evidence("reprint", "common_source", 3.5, False, detail)]
    if bool(marks[0]) == bool(marks[1]):
        return []
    this, mark, favours = (a, min(marks[0]), "a") if marks[0] else (b, min(marks[1]), "b")
    detail = f"the agency mark ({mark}) stands in {this.id} alone"
    return [Evidence("agency_mark", favours, 1.0, False, detail)]  # type: ignore[arg-type]


SIGNED = 40
"""Authored words that may follow an agency's sign-off: it closes the report, and little but a pitch or a correction comes
after it (M: abbreviations in brackets at a paragraph's end, taken for sign-offs, kept 31 of the 39 arrows of pep_versions that
were missing)."""


def _marks(p: Prepared) -> set[str]:
    """The agencies whose marks stand in a text's dateline, or, in capitals ("AP"), in the sign-off that closes it.

    A name in brackets at a paragraph's end is as often a person's, and capitals further up are any abbreviation.
    """
    found: set[str] = set()
    for e in p.exclusions:
        if e.kind in ("credit", "dateline"):
            closes = int(p.authored[np.searchsorted(p.words.starts, e.span.end) :].sum()) <= SIGNED
            marks = _agency_marks(e.span.of(p.document.text))
            found.update(m for m in marks if e.kind == "dateline" or (closes and m.isupper()))
    return found


def _is_outlets(mark: str, outlet: str) -> bool:
    folded = mark.casefold()
    return folded in (outlet, _initials(outlet)) or outlet.startswith(folded + " ")


def shared_credit(pair: Pair, kind: Regime) -> list[Evidence]:
    """Both texts name the same third as their source."""
    a, b = pair.sides
    outlets = {outlet_name(s) for p in (a, b) if (s := p.document.source)}
    third = sorted((credited(a) & credited(b)) - outlets)
    if not third:
        return []
    names = ", ".join(title_case(t) for t in third[:3])
    return [Evidence("shared_credit", "common_source", 1.0, False, f"both name the same source: {names}")]


# -- reading credits


_WORD = r"(?:(?:[A-Z]\.){1,4}|[A-Z][\w&’'-]{0,30})"
_NAME = rf"(?:[Tt]he )?\b{_WORD}(?:(?: (?:of|the|for|and|de|du|la|&)){{0,2}} {_WORD}){{0,6}}"
_CUES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?:first|initially|originally) )?(?:reported|published|revealed|disclosed) (?:\w+ )?by ({_NAME})",
        rf"[Aa]ccording to (?:an? )?(?:(?:\w+ )?(?:report|statement|release|copy|dispatch)s? (?:by|from|in|of) )?({_NAME})",
        rf"(?:told|tells) ({_NAME})",
        rf"({_NAME})(?:'s|’s)? (?:first |initially |earlier |exclusively )?(?:reported|reports|report|revealed)\b",
        rf"(?:statement|release|report|dispatch) (?:issued )?(?:by|from) ({_NAME})",
        rf"[Cc]iting ({_NAME})",
    )
)
_ARTICLE = re.compile(r"^(?:the|a|an) ")


@cache
def _credited(text: str) -> frozenset[tuple[str, str]]:
    found = set()
    for cue in _CUES:
        for match in cue.finditer(text):
            name = re.sub(r"(?:'s|’s)$", "", match[1].strip(" .,'’"))
            folded = _ARTICLE.sub("", " ".join(name.casefold().split()))
            if len(folded) > 3:
                found.add((folded, " ".join(match[0].split())))
    return frozenset(found)


def credited(p: Prepared) -> frozenset[str]:
    """Whom a text names as the source of its news, folded ("washington post")."""
    return frozenset(name for name, _ in _credited(p.document.text))


def named_as_source(p: Prepared, outlet: str, sign_offs_only: bool = False) -> str | None:
    """The phrase by which a text credits this outlet: words like "first reported by", or the agency's mark."""
    text = p.document.text
    name = outlet_name(outlet)
    if not sign_offs_only:
        for credited_name, phrase in sorted(_credited(text)):
            if name == credited_name or credited_name.startswith(name + " ") or credited_name.endswith(" " + name):
                return phrase
    for e in p.exclusions:
        if e.kind in ("credit", "dateline"):
            line = e.span.of(text)
            marks = {m.casefold() for m in _agency_marks(line)}
            if name in line.casefold() or name in marks or (_initials(outlet) in marks and len(_initials(outlet)) > 1):
                return " ".join(line.split()).strip(" —–-")
    return None


def outlet_name(outlet: str | None) -> str:
    """An outlet's name folded, without its article; empty where it is unknown."""
    if outlet is None:
        return ""
    return _ARTICLE.sub("", " ".join(outlet.casefold().split()))


def _initials(outlet: str) -> str:
    return "".join(w[0] for w in outlet_name(outlet).split())


_MARK = re.compile(r"[(\[]([A-Z][\w/.&’' -]{1,25})[)\]]")


def _agency_marks(line: str) -> list[str]:
    """What stands in brackets in a dateline or sign-off: "AP", "Reuters"."""
    return [m.strip() for m in _MARK.findall(line)]
