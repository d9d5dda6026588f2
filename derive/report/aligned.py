"""What the page's script works with: the articles, each text once, and where the passages of each pair stand in them.

A browser counts UTF-16 units, and shows what is invisible as an escape; `Shown` is a text as the page shows it, with the
way from our places to its own. Everything is plain numbers and strings; the script makes no markup from them.

Start reading at `data`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from derive.model import Comparison, Passage, Span, Witness
from derive.report.labels import EXCLUSION_WORDS, HIDDEN, name, printable
from derive.report.picture import Families, moment

ROOM = 6_500_000
"""Bytes of this on one page; the texts of the weakest pairs go first."""
KINDS = ("identical", "minor", "reworded")
_SPECIAL = re.compile(HIDDEN.pattern + "|[\U00010000-\U0010ffff]")
_BREAKS = {"\n": "\n", "\r": "", "\t": " "}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as a browser shows it.

    >>> shown = Shown.of("a\\u202eb")
    >>> shown.text, shown.at(2)
    ('a\\\\u202eb', 7)
    """

    text: str
    _places: list[int]
    _shifts: list[int]

    @classmethod
    def of(cls, text: str) -> Shown:
        """Invisible characters become escapes, line ends stay."""
        parts: list[str] = []
        places: list[int] = []
        shifts: list[int] = []
        last = 0
        for match in _SPECIAL.finditer(text):
            char = match[0]
            new = _BREAKS.get(char) if char in _BREAKS else printable(char)
            assert new is not None
            parts += [text[last : match.start()], new]
            last = match.end()
            if shift := (2 if new == char and ord(char) > 0xFFFF else len(new)) - 1:
                places.append(match.start())
                shifts.append(shift)
        return cls("".join(parts) + text[last:], places, [0, *accumulate(shifts)])

    def at(self, place: int) -> int:
        """Where the character at `place` of the untouched text stands, in UTF-16 units."""
        return place + self._shifts[bisect_left(self._places, place)]

    def span(self, span: Span) -> list[int]:
        return [self.at(span.start), self.at(span.end)]


def data(
    witnesses: Sequence[Witness],
    pairs: Sequence[Comparison],
    told: Sequence[dict[str, Any]],
    plan: Families,
    wording: Callable[[str], str],
) -> tuple[str, int]:
    """The script's data as JSON that may stand in a page, and how many pairs go without their texts.

    `witnesses` in the order of their ids (their places are the drawing's numbers); `told` is what is said of each pair.
    """
    number = {w.id: i for i, w in enumerate(witnesses)}
    whole = {w.id: w.text for w in witnesses}
    boxes = [box for picture in plan.pictures for box in picture.boxes]
    used = {number[id] for c in pairs for id in (c.a, c.b)} | {box.number for box in boxes}
    used |= {number[copy.id] for box in boxes for copy in box.copies}
    documents = {str(i): _document(witnesses[i], wording, plan.stands_for.get(i)) for i in sorted(used)}
    rows = [
        {"a": number[c.a], "b": number[c.b], "kind": c.reuse, "verdict": c.direction.verdict, **words}
        for c, words in zip(pairs, told, strict=True)
    ]
    room = ROOM - len(_dumps(rows).encode()) - len(_dumps(documents).encode())
    texts: dict[str, Shown] = {}
    without = 0
    for c, row in zip(pairs, rows, strict=True):
        new = {id: Shown.of(whole[id]) for id in sorted({c.a, c.b} - texts.keys())}
        size = sum(len(_dumps(shown.text).encode()) for shown in new.values())
        if size > room or not (whole[c.a] and whole[c.b]):
            without += 1
            continue
        passages = _passages(c, whole, {**texts, **new} if new else texts)
        size += len(_dumps(passages))
        if size > room:
            without += 1
            continue
        room -= size
        texts |= new
        row["passages"] = passages
    for id, shown in sorted(texts.items()):
        place = number[id]
        documents[str(place)]["text"] = shown.text
        documents[str(place)]["out"] = [
            [*shown.span(e.span), EXCLUSION_WORDS[e.kind]] for e in sorted(witnesses[place].excluded)
        ]
    families = [sorted(picture.columns) for picture in plan.pictures]
    ghosts = {str(g.number): g.probability for picture in plan.pictures for g in picture.ghosts}
    found = {"documents": documents, "pairs": rows, "families": families, "ghosts": ghosts}
    return _dumps(found), without


def _dumps(value: Any) -> str:
    """JSON that may stand in a page."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _passages(c: Comparison, whole: dict[str, str], texts: dict[str, Shown]) -> list[list[Any]]:
    ordered = sorted(c.passages, key=lambda p: (p.a, p.b, p.kind, p.quoted))
    return [_passage(p, whole[c.a], whole[c.b], texts[c.a], texts[c.b]) for p in ordered]


def _document(w: Witness, wording: Callable[[str], str], copy_of: int | None) -> dict[str, Any]:
    when = moment(w.published)
    row: dict[str, Any] = {"name": name(w.id), "words": w.words}
    if w.source:
        row["outlet"] = wording(w.source)
    if w.title:
        row["title"] = wording(w.title)
    if when:
        row |= {"when": when.words, "minutes": when.minutes, "day": when.iso}
    if copy_of is not None:
        row["copyOf"] = copy_of
    return row


def _passage(p: Passage, a: str, b: str, left: Shown, right: Shown) -> list[Any]:
    """[start and end in a, start and end in b, kind, quoted, what differs in a, what differs in b]."""
    row: list[Any] = [*left.span(p.a), *right.span(p.b), KINDS.index(p.kind), int(p.quoted)]
    if p.kind != "identical":
        runs = differing(p.a.of(a), p.b.of(b))
        for shown, start, side in ((left, p.a.start, runs[0]), (right, p.b.start, runs[1])):
            row.append([at for s, e in side for at in (shown.at(start + s), shown.at(start + e))])
    return row


Runs = list[tuple[int, int]]


def differing(a: str, b: str) -> tuple[Runs, Runs]:
    """The runs of words of each text that the other has not, as places.

    >>> differing("He denied the call.", "He denied any call")[0]
    [(10, 14)]
    """
    from rapidfuzz.distance import Indel

    words = [list(re.finditer(r"\S+\s*", text)) for text in (a, b)]
    keys = [[re.sub(r"\W+", "", w[0]).casefold() or w[0].strip() for w in side] for side in words]
    left: Runs = []
    right: Runs = []
    for code in Indel.opcodes(*keys):
        if code.tag == "equal":
            continue
        for runs, side, first, end in (
            (left, words[0], code.src_start, code.src_end),
            (right, words[1], code.dest_start, code.dest_end),
        ):
            if first < end:
                runs.append((side[first].start(), side[end - 1].end()))
    return left, right
