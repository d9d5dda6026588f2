"""The uptake report's faces: text, CSV, JSON, and one HTML page that can be mailed and printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from derive.model import plain
from derive.report.export import table
from derive.report.labels import count, percent, printable
from derive.report.page import page
from derive.uptake import KEPT, Paragraph, Story, Summary, Uptake, Use

COLUMNS = (
    *("story", "outlet", "article", "relation", "over", "stayed", "share", "lag_minutes", "credit", "phrase"),
    *("cut", "added"),
)
LISTED = 3
"""Paragraphs that the text names one by one; all of them are in the other forms."""


def lag(minutes: int | None) -> str:
    """A time span as people say it.

    >>> lag(95), lag(-20), lag(0), lag(None)
    ('1 h 35 min later', '20 min earlier', 'in the same minute', 'time not known')
    """
    if minutes is None:
        return "time not known"
    size, when = abs(minutes), "later" if minutes >= 0 else "earlier"
    days, rest = divmod(size, 1440)
    parts = [f"{days} d"] * (days > 0) + [f"{rest // 60} h"] * (rest >= 60) + [f"{rest % 60} min"] * (rest % 60 > 0)
    return f"{' '.join(parts)} {when}" if parts else "in the same minute"


# -- words


def _head(found: Uptake) -> str:
    said = [sum(u.credit == kind for u in found.uses) for kind in ("credited", "credit removed", "uncredited")]
    used = len({u.story for u in found.uses})
    return (
        f"{found.source}: {count(len(found.stories), 'story', 'stories')}, {used} of them used, in "
        f"{count(len(found.uses), 'article')} of {count(len({u.outlet for u in found.uses}), 'outlet')}: "
        f"{said[0]} credited, {said[1]} with the credit removed, {said[2]} uncredited."
    )


def _without(found: Uptake) -> str:
    """Who used a story, and has no credit in the text."""
    names = [f"{u.outlet} ({u.article})" for u in found.uses if u.credit != "credited"]
    return f"No credit was found in: {', '.join(names)}." if names else ""


def _unsure(found: Uptake) -> str:
    if not found.unsure:
        return ""
    share, rest = ("share", "rest") if len(found.unsure) > 1 else ("shares", "rests")
    return (
        f"{count(len(found.unsure), 'article')} more {share} text with a story and cannot be said to rest on it, or {rest} on it "
        "at second hand: not counted."
    )


def _relation(u: Use) -> str:
    """How the article comes to the story's words, unless by an arrow from it."""
    if u.relation == "rests on it":
        return f"over {', '.join(u.over)}" if u.over else ""
    return {
        "second hand": f"at second hand, over {', '.join(u.over)}: none of the story's words need be left",
        "direction undecided": "who was first is undecided",
        "same unseen source": "both may rest on a source that is not here",
        "its source": "the story rests on it",
    }[u.relation]


def _by_story(found: Uptake) -> list[tuple[Story, list[Use]]]:
    uses = [(s, [u for u in found.uses if u.story == s.id]) for s in found.stories]
    return [(story, those) for story, those in uses if those]


# -- text


def _text(found: Uptake) -> bytes:
    lines = [_head(found), *filter(None, [_without(found), _unsure(found)])]
    for story, uses in _by_story(found):
        known = [story.title and f"\u201c{story.title}\u201d", story.published]
        lines += ["", ", ".join([story.id, *filter(None, known)])]
        lines += [line for u in uses for line in _use_lines(u)]
    if found.uses:
        lines += [
            "",
            "By outlet",
            *map(_sum_line, found.by_outlet()),
            "",
            "By story",
            *map(_sum_line, found.by_story()),
        ]
    if found.unsure:
        lines += ["", "Not counted as uses"]
        lines += [line for u in found.unsure for line in _use_lines(u, f" and {u.story}")]
    return ("\n".join(map(printable, lines)) + "\n").encode(errors="replace")


def _use_lines(u: Use, beside: str = "") -> list[str]:
    credit = f"credited (\u201c{u.phrase}\u201d)" if u.phrase else u.credit
    about = "; ".join(filter(None, [lag(u.lag_minutes), _relation(u), credit]))
    return [
        f"  {u.outlet} ({u.article}{beside}): {about}",
        f"      {percent(u.stayed)} of the story stayed; {percent(u.share)} of the article is the story",
        *_paragraph_lines("cut", u.cut),
        *_paragraph_lines("added", u.added),
    ]


def _paragraph_lines(word: str, those: Sequence[Paragraph]) -> Iterable[str]:
    if not those:
        return
    yield f"      {word}: {count(len(those), 'paragraph')} ({_numbers(those).replace(' ', ', ')})"
    for p in those[:LISTED]:
        yield f"        {p.number}. {p.opening}"
    if len(those) > LISTED:
        yield "        …"


def _sum_line(s: Summary) -> str:
    return (
        f"  {s.name}: {count(s.articles, 'article')}, {s.credited} credited, {s.credit_removed} with the credit removed, "
        f"{s.uncredited} uncredited; {percent(s.median_stayed)} stayed (median); first {lag(s.first_lag_minutes)}"
    )


# -- for programs


def _numbers(those: Sequence[Paragraph]) -> str:
    return " ".join(str(p.number) for p in those)


def _csv(found: Uptake) -> bytes:
    def row(u: Use) -> tuple[object, ...]:
        flat = {**plain(u), "over": " ".join(u.over), "cut": _numbers(u.cut), "added": _numbers(u.added)}
        return tuple(flat[name] for name in COLUMNS)

    rows = [row(u) for u in (*found.uses, *found.unsure)]
    return table(COLUMNS, rows)


def _json(found: Uptake) -> bytes:
    sums = {"by_outlet": found.by_outlet(), "by_story": found.by_story()}
    rows = {**plain(found), **{name: plain(those) for name, those in sums.items()}}
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


def _html(found: Uptake) -> bytes:
    text = page(
        "uptake.html.j2",
        found=found,
        head=_head(found),
        without=_without(found),
        unsure=_unsure(found),
        by_story=_by_story(found),
        lag=lag,
        relation=_relation,
        kept=KEPT,
    )
    return text.encode(errors="replace")


FORMATS: dict[str, Callable[[Uptake], bytes]] = {"text": _text, "csv": _csv, "json": _json, "html": _html}
