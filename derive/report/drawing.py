"""The page's drawings: one for each story, the legend, and what they show in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from derive.report.labels import clean, contained, count, how_likely, name, percent, printable, shorten
from derive.report.picture import STYLES, Box, Families, Line, Picture

OPEN = 60
"""Stories are open on the page until so many marks are in sight; the first is always open."""
SENTENCES = 3000
"""The most sentences about the drawings."""
_LINK_WORDS = {
    "text": "share text; which was first is undecided",
    "common_source": "drew on a common source",
    "facts": "retell the same facts without shared text",
    "quotation": "share a quotation",
}


@dataclass(frozen=True, slots=True)
class Story:
    """One story as the template shows it."""

    number: int
    called: str
    heading: str
    drawing: str
    sentences: tuple[str, ...]
    sentences_left_out: int
    open: bool


def drawing(plan: Families) -> dict[str, Any]:
    """What the template `drawing.html.j2` shows."""
    from markupsafe import Markup

    from derive.report.svg import sample_svg

    used = {line.style for picture in plan.pictures for line in picture.lines}
    return {
        "stories": _stories(plan),
        "legend": [
            (style.replace("_", "-"), Markup(sample_svg(style)), words)
            for style, words in STYLES.items()
            if style in used
        ],
        "remarks": list(dict.fromkeys(remark for picture in plan.pictures for remark in picture.remarks)),
        "copies": any(box.copies for picture in plan.pictures for box in picture.boxes),
        "left_out": plan.left_out,
        "alone": [_alone(box) for box in plan.alone],
    }


def _stories(plan: Families) -> list[Story]:
    from markupsafe import Markup

    from derive.report.svg import story_svg

    found = []
    marks, room = 0, SENTENCES
    for number, picture in enumerate(plan.pictures, 1):
        marks += len(picture.things)
        heading = f"Story {number}: {_heading(picture)}"
        sentences = in_words(picture)
        kept = sentences[: max(0, room)]
        room -= len(kept)
        svg = story_svg(picture, f"story-{number}", heading, "What it shows is said below, in words.")
        called = f"{number}: {_called(picture)}"
        left_out = len(sentences) - len(kept)
        found.append(Story(number, called, heading, Markup(svg), tuple(kept), left_out, number == 1 or marks <= OPEN))
    return found


def _heading(picture: Picture) -> str:
    """How many articles of how many outlets, and when."""
    witnesses = [w for box in picture.boxes for w in (box.witness, *box.copies)]
    words = count(len(witnesses), "article")
    outlets = {w.source for w in witnesses if w.source}
    if outlets:
        words += f" of {count(len(outlets), 'outlet')}"
    times = sorted(box.when for box in picture.boxes if box.when)
    if times:
        words += f", {times[0].day}" if times[0].day == times[-1].day else f", {times[0].day} to {times[-1].day}"
    return words


def _called(picture: Picture) -> str:
    """A story's first article and how many more there are."""
    first = min(picture.boxes, key=lambda box: (box.column, box.number)).witness
    words = printable(clean(first.title or first.label)) or "(no name)"
    return f"{shorten(words, 60)} and {sum(1 + len(box.copies) for box in picture.boxes) - 1} more"


def _alone(box: Box) -> tuple[str, str, str]:
    """Outlet, name with copies, time."""
    copies = f" (the same words in {count(len(box.copies), 'more', 'more')})" if box.copies else ""
    outlet = shorten(printable(box.witness.source or ""), 80)
    return outlet, name(box.witness.id) + copies, box.when.words if box.when else "no date"


def in_words(plan: Picture) -> list[str]:
    """What a drawing shows, as sentences, for those who cannot see it."""
    names = {box.number: name(box.witness.id) for box in plan.boxes}
    sentences = [_arrow_words(line, names) for line in plan.lines if line.arrow and line.style != "unseen"]
    for ghost in plan.ghosts:
        children = [names[line.target] for line in plan.lines if line.source == ghost.number]
        sure = f"{how_likely(ghost.probability)}, {percent(ghost.probability)}"
        sentences.append(f"{_listed(children)} drew on an unseen source ({sure})")
    for line in plan.lines:
        if not line.arrow:
            sentences.append(
                f"{names[line.source]} and {names[line.target]} {_LINK_WORDS[line.style]} ({percent(line.probability)})"
            )
    for box in plan.boxes:
        if box.copies:
            sentences.append(
                f"{names[box.number]} stands for {count(len(box.copies), 'copy', 'copies')} with the same words"
            )
    return sentences


def _arrow_words(line: Line, names: dict[int, str]) -> str:
    source, target = names[line.source], names[line.target]
    sure = "declared" if line.declared else percent(line.probability)
    verb = "also drew on" if line.style.startswith("also") else "was rewritten from"
    if not line.declared and line.probability < 0.9:
        verb = "probably " + verb if verb.startswith("also") else "was probably rewritten from"
    share = "" if line.share is None else f"; {contained(line.share, target, source)}"
    return f"{target} {verb} {source} ({sure}){share}"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
