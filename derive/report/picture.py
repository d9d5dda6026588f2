"""What is drawn of a lineage, and in which column: the plan that the DOT file and the page's drawings share.

Copies fold into the earliest of them. Where at least half of the related articles have a time, columns run with time: a
bin (quarter of an hour to a year, so that few are needed) and, within a bin, as many columns as the arrows need, so that
an arrow points left only when it contradicts the clock. Without times, columns are steps from the source. An unseen
source stands one column before its first child. Articles related to nothing stand apart.

Start reading at `picture`, which plans one drawing of everything; `families` plans one for each story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from derive.model import Comparison, Edge, Lineage, Witness
from derive.report.json import origin_groups
from derive.report.labels import count

Style = Literal["sure", "likely", "also", "also-likely", "unseen", "text", "facts", "common_source", "quotation"]

SURE = 0.9
"""From this probability on an arrow is drawn solid."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be drawn: whole stories go in from the largest, and beyond `lines` the least certain go."""

    related: int
    alone: int
    lines: int


DOT_ROOM = Room(related=300, alone=120, lines=900)
"""What `dot` lays out in seconds."""
PAGE_ROOM = Room(related=2000, alone=2000, lines=6000)
"""What a browser opens at once, closed stories not being laid out before they are opened."""
_MAX_BINS = 8
_UNITS = (15, 60, 180, 360, 720, 1440, 7 * 1440, 30 * 1440, 365 * 1440)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STYLES: dict[Style, str] = {
    "sure": "rewritten from it: 90 % sure or more, or declared",
    "likely": "rewritten from it: less sure",
    "also": "also drew on it (second parent)",
    "also-likely": "also drew on it, less sure",
    "unseen": "drew on an unseen source: a text that is not in the collection",
    "text": "text shared, direction undecided",
    "common_source": "drew on a common source",
    "facts": "same facts, no shared text",
    "quotation": "the same quotation",
}


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A time of publication in minutes (UTC), or a bare day."""

    minutes: int
    day_only: bool = False

    @property
    def day(self) -> str:
        return _day(self.minutes)

    @property
    def clock(self) -> str:
        return _clock(self.minutes)

    @property
    def words(self) -> str:
        """`11 Nov 2024 09:30` or `11 Nov 2024`."""
        return self.day if self.day_only else f"{self.day} {self.clock}"

    @property
    def iso(self) -> str:
        """The day as `2024-11-11`."""
        return date.fromordinal(self.minutes // 1440).isoformat()


def moment(published: str | None) -> Moment | None:
    """The time that a lineage's `published` states; None if there is none or it is none."""
    if not published:
        return None
    try:
        time = datetime.fromisoformat(published)
        if time.tzinfo:
            time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return Moment(time.toordinal() * 1440 + time.hour * 60 + time.minute, day_only=len(published) == 10)


def _day(minutes: int) -> str:
    day = date.fromordinal(minutes // 1440)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _clock(minutes: int) -> str:
    return f"{minutes % 1440 // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Box:
    """An article in the picture; `number` is its place in the order of ids and makes its synthetic name."""

    number: int
    witness: Witness
    copies: tuple[Witness, ...]
    origins: tuple[int, ...]
    when: Moment | None
    column: int = 0

    @property
    def outlets(self) -> tuple[str, ...]:
        """What the copies are called, each once, the box's own name left out."""
        return tuple(sorted({copy.label for copy in self.copies} - {self.witness.label}))

    @property
    def lane(self) -> str:
        """The lane it stands in: its outlet's, or one of its own."""
        return self.witness.source or self.witness.id


@dataclass(frozen=True, slots=True)
class Ghost:
    """An unseen source; `number` continues the numbers of the boxes."""

    number: int
    probability: float
    column: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two numbers. An arrow points to `target`; links have no direction.

    `share` is the share of the target found in the source, or that it brought where there are several (None: not measured, or
    a link).
    """

    source: int
    target: int
    style: Style
    probability: float
    share: float | None = None
    declared: bool = False

    @property
    def arrow(self) -> bool:
        return self.style in ("sure", "likely", "also", "also-likely", "unseen")


@dataclass(frozen=True, slots=True)
class Picture:
    """The plan. `ticks` has a word for each column (empty: none; no ticks at all: columns are steps)."""

    boxes: tuple[Box, ...]
    alone: tuple[Box, ...]
    ghosts: tuple[Ghost, ...]
    lines: tuple[Line, ...]
    ticks: tuple[str, ...]
    left_out: tuple[str, ...]
    """What there was no room for, in sentences."""

    @property
    def things(self) -> tuple[Box | Ghost, ...]:
        """Everything that has a column."""
        return (*self.boxes, *self.ghosts)

    @property
    def columns(self) -> dict[int, int]:
        """Each number's column."""
        return {thing.number: thing.column for thing in self.things}

    @property
    def remarks(self) -> list[str]:
        """What a reader must know besides the legend, and what was left out: constants and counts only."""
        remarks = []
        if any(line.arrow and line.style != "unseen" for line in self.lines):
            remarks.append(
                "Arrows run from a source to what was rewritten from it (W3C PROV draws wasDerivedFrom the other way); "
                "the percentage is the share of the later text found in its source."
            )
        if any(line.style.startswith("also") for line in self.lines):
            remarks.append("Where a text has several sources it is the share that each of them brought.")
        if self.ticks:
            remarks.append("Columns are in the order of time (UTC), not to scale.")
        return remarks + list(self.left_out)

    @property
    def legend(self) -> list[tuple[Style, str]]:
        """The styles that occur, with their meaning."""
        used = {line.style for line in self.lines}
        return [(style, words) for style, words in STYLES.items() if style in used]


@dataclass(frozen=True, slots=True)
class Families:
    """A plan for each story (articles that hang together by any line), the largest first, and what stands alone."""

    pictures: tuple[Picture, ...]
    alone: tuple[Box, ...]
    left_out: tuple[str, ...]
    stands_for: dict[int, int]
    """For the number of each copy, that of the box it folds into."""


def picture(lineage: Lineage, room: Room = DOT_ROOM) -> Picture:
    """Plan one drawing of a lineage; the same plan for any order of its tuples."""
    drawn = _drawn(lineage, room)
    return _placed(drawn.boxes, drawn.ghosts, drawn.lines, drawn.alone, drawn.left_out)


def families(lineage: Lineage, room: Room = PAGE_ROOM) -> Families:
    """Plan a drawing of each story, with columns of its own."""
    drawn = _drawn(lineage, room)
    boxes = {box.number: box for box in drawn.boxes}
    whole = sorted(stories([*boxes, *drawn.ghosts], drawn.lines), key=lambda s: (-len(s), s))
    found = [numbers for numbers in whole if len(numbers) > 1]
    left_out = list(drawn.left_out)
    if len(found) < len(whole):
        left_out.append(
            f"{count(len(whole) - len(found), 'related article')} not drawn because none of their lines is."
        )
    story = {n: i for i, numbers in enumerate(found) for n in numbers}
    lines: list[list[Line]] = [[] for _ in found]
    for line in drawn.lines:
        lines[story[line.source]].append(line)
    pictures = [
        _placed(
            [boxes[n] for n in numbers if n in boxes],
            {n: drawn.ghosts[n] for n in numbers if n in drawn.ghosts},
            own,
        )
        for numbers, own in zip(found, lines, strict=True)
    ]
    return Families(tuple(pictures), tuple(drawn.alone), tuple(left_out), drawn.stands_for)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What there is room for, still without columns."""

    boxes: list[Box]
    ghosts: dict[int, float]
    lines: list[Line]
    alone: list[Box]
    left_out: list[str]
    stands_for: dict[int, int]


def _drawn(lineage: Lineage, room: Room) -> _Drawn:
    folded = _fold(lineage.documents)
    number = {w.id: i for i, w in enumerate(sorted(lineage.documents, key=lambda w: w.id))}
    boxes = _boxes(lineage, folded, number)
    lines, ghosts = _lines(lineage, folded, number)

    related = {end for line in lines for end in (line.source, line.target)}
    kept, left_out = _cut([b for b in boxes if b.number in related], lines, room.related)
    lines = [line for line in lines if line.source in kept and line.target in kept]
    if len(lines) > room.lines:
        left_out.append(f"{count(len(lines) - room.lines, 'line')} not drawn for want of room, the least certain.")
        surest = sorted(lines, key=lambda line: (not line.arrow, -line.probability, line.target, line.source))
        lines = sorted(surest[: room.lines], key=_line_order)
    sources = {line.source for line in lines}
    alone = sorted((b for b in boxes if b.number not in related), key=_by_time)
    if len(alone) > room.alone:
        left_out.append(f"{count(len(alone) - room.alone, 'more article')} stand alone.")
    return _Drawn(
        [b for b in boxes if b.number in kept],
        {n: probability for n, probability in ghosts.items() if n in sources},
        lines,
        alone[: room.alone],
        left_out,
        {number[id]: number[face] for id, face in folded.items() if id != face},
    )


def _placed(
    boxes: list[Box],
    ghosts: dict[int, float],
    lines: list[Line],
    alone: Iterable[Box] = (),
    left_out: Iterable[str] = (),
) -> Picture:
    """The picture of these, everything in its column."""
    columns, ticks = _columns(boxes, list(ghosts), lines)
    return Picture(
        boxes=tuple(replace(box, column=columns[box.number]) for box in boxes),
        alone=tuple(alone),
        ghosts=tuple(Ghost(n, probability, columns[n]) for n, probability in ghosts.items()),
        lines=tuple(lines),
        ticks=ticks,
        left_out=tuple(left_out),
    )


def _fold(documents: Iterable[Witness]) -> dict[str, str]:
    """For each id, the id of the article that stands for it: of all that have the same words, the earliest."""
    witnesses = {w.id: w for w in documents}
    copies: dict[str, list[Witness]] = {}
    for id, witness in witnesses.items():
        seen, at = {id}, id
        while (parent := witnesses[at].copies_of) in witnesses and parent is not None and parent not in seen:
            seen.add(parent)
            at = parent
        # A circle of copies (no pipeline makes one) falls back to its members.
        copies.setdefault(at if witnesses[at].copies_of not in witnesses else id, []).append(witness)
    faces = {id: min(same, key=lambda w: (*_first(w), w.id != id, w.id)).id for id, same in copies.items()}
    return {w.id: faces[id] for id, same in copies.items() for w in same}


def _first(witness: Witness) -> tuple[bool, int]:
    """Sorts by time; a bare day comes before nothing that has an hour of that day, and no time last."""
    when = moment(witness.published)
    return (when is None, when.minutes + 1439 * when.day_only if when else 0)


def _boxes(lineage: Lineage, folded: dict[str, str], number: dict[str, int]) -> list[Box]:
    groups: dict[str, set[int]] = {}
    for i, group in enumerate(origin_groups(lineage), 1):
        for id in group:
            groups.setdefault(folded.get(id, id), set()).add(i)
    copies: dict[str, list[Witness]] = {}
    for witness in lineage.documents:
        if folded[witness.id] != witness.id:
            copies.setdefault(folded[witness.id], []).append(witness)
    return [
        Box(
            number[w.id],
            w,
            tuple(sorted(copies.get(w.id, []), key=lambda c: c.id)),
            tuple(sorted(groups.get(w.id, ()))),
            moment(w.published),
        )
        for w in sorted(lineage.documents, key=lambda w: w.id)
        if folded[w.id] == w.id
    ]


def _lines(lineage: Lineage, folded: dict[str, str], number: dict[str, int]) -> tuple[list[Line], dict[int, float]]:
    """Arrows, links and the unseen sources' arrows, between numbers; and the unseen sources with their probability."""
    compared = {frozenset((c.a, c.b)): c for c in lineage.comparisons}
    lines: dict[tuple[int, int, bool], Line] = {}

    def ends(*ids: str) -> list[int]:
        return [number[folded[id]] for id in ids if id in folded]

    for edge in sorted(lineage.edges, key=lambda e: (not e.declared, -e.probability, e.kind, e.target, e.source)):
        match ends(edge.source, edge.target):
            case [source, target] if source != target:
                line = Line(source, target, _style(edge), edge.probability, _share(edge, compared), edge.declared)
                lines.setdefault((source, target, True), line)

    ghosts: dict[int, float] = {}
    siblings: set[frozenset[int]] = set()
    for i, unseen in enumerate(sorted(lineage.unseen_sources, key=lambda u: u.id), len(number)):
        children = sorted(set(ends(*unseen.children)))
        if children:
            ghosts[i] = unseen.probability
        for child in children:
            lines[i, child, True] = Line(i, child, "unseen", unseen.probability)
            siblings |= {frozenset((child, other)) for other in children if other != child}

    for link in sorted(lineage.links, key=lambda k: (-k.probability, k.kind, k.a, k.b)):
        match sorted(ends(link.a, link.b)):
            case [a, b] if a != b and not (link.kind == "common_source" and frozenset((a, b)) in siblings):
                lines.setdefault((a, b, False), Line(a, b, link.kind, link.probability))
    return sorted(lines.values(), key=_line_order), ghosts


def _line_order(line: Line) -> tuple[int, int, str]:
    return (line.target, line.source, line.style)


def _style(edge: Edge) -> Style:
    sure = edge.declared or edge.probability >= SURE
    if edge.kind == "second_parent":
        return "also" if sure else "also-likely"
    return "sure" if sure else "likely"


def _share(edge: Edge, compared: dict[frozenset[str], Comparison]) -> float | None:
    if edge.share is not None:
        return edge.share
    comparison = compared.get(frozenset((edge.source, edge.target)))
    if comparison is None:
        return None
    return comparison.containment_of_a_in_b if comparison.a == edge.target else comparison.containment_of_b_in_a


def _by_time(box: Box) -> tuple[bool, Moment, int]:
    return (box.when is None, box.when or Moment(0), box.number)


def stories(numbers: Iterable[int], lines: Iterable[Line]) -> list[list[int]]:
    """The numbers in groups that hang together by any line, each sorted, the group with the least number first."""
    leader = {n: n for n in numbers}

    def find(n: int) -> int:
        while leader[n] != n:
            leader[n] = leader[leader[n]]
            n = leader[n]
        return n

    for line in lines:
        a, b = find(line.source), find(line.target)
        leader[max(a, b)] = min(a, b)
    found: dict[int, list[int]] = {}
    for n in sorted(leader):
        found.setdefault(find(n), []).append(n)
    return list(found.values())


def _cut(related: list[Box], lines: list[Line], most: int) -> tuple[set[int], list[str]]:
    """The numbers for which there is room: whole stories from the largest, and of a huge one its best connected."""
    everyone = {end for line in lines for end in (line.source, line.target)}
    if len(related) <= most:
        return everyone, []
    degree = dict.fromkeys(everyone, 0)
    for line in lines:
        degree[line.source] += 1
        degree[line.target] += 1
    boxes = {b.number for b in related}
    kept: set[int] = set()
    hidden = dropped = 0
    for story in sorted(stories(everyone, lines), key=lambda s: (-len(s), s)):
        room = most - len(kept)
        if len(story) <= room:
            kept |= set(story)
        elif not kept:
            kept |= set(sorted(story, key=lambda n: (-degree[n], n))[:room])
            hidden += len(boxes.intersection(story) - kept)
        else:
            hidden += len(boxes.intersection(story))
            dropped += 1
    smaller = f", {count(dropped, 'smaller story', 'smaller stories')} among them" if dropped else ""
    return kept, [f"{count(hidden, 'related article')} not drawn for want of room{smaller}."]


def _columns(boxes: list[Box], ghosts: list[int], lines: list[Line]) -> tuple[dict[int, int], tuple[str, ...]]:
    """A column for every number, and the words over the columns."""
    arrows = [line for line in lines if line.arrow and line.style != "unseen"]
    bins, earliest, words = _bins(boxes)
    order = _sources_first([b.number for b in boxes], arrows)
    incoming: dict[int, list[int]] = {}
    outgoing: dict[int, list[int]] = {}
    for arrow in arrows:
        incoming.setdefault(arrow.target, []).append(arrow.source)
        outgoing.setdefault(arrow.source, []).append(arrow.target)

    # An undated article stands as early as its latest source, else as its first derivative, else at the start; one of
    # which the day is known never before that day.
    place = dict(bins)
    for n in reversed(order):
        if n not in place and not incoming.get(n):
            later = [place[t] for t in outgoing.get(n, ()) if t in place]
            if later:
                place[n] = min(later)
    start = min(bins.values(), default=0)
    key: dict[int, tuple[int, int]] = {}
    for n in order:
        before = [key[s] for s in incoming.get(n, ()) if s in key]
        bin = place.get(n, max((b for b, _ in before), default=earliest.get(n, start)))
        bin = max(bin, earliest.get(n, bin))
        key[n] = (bin, max((sub + 1 for b, sub in before if b == bin), default=0))
    for ghost in ghosts:
        bin, sub = min((key[line.target] for line in lines if line.source == ghost), default=(start, 0))
        key[ghost] = (bin, sub - 1)

    columns = {k: i for i, k in enumerate(sorted(set(key.values())))}
    ticks = [""] * len(columns)
    for (bin, sub), i in columns.items():
        if words and sub == min((s for b, s in columns if b == bin and s >= 0), default=0):
            ticks[i] = words.get(bin, "")
    return {n: columns[k] for n, k in key.items()}, tuple(ticks) if words else ()


def _bins(boxes: list[Box]) -> tuple[dict[int, int], dict[int, int], dict[int, str]]:
    """A bin of time for each dated box, the first bin for each bare day among hours, and the words of the bins.

    Nothing if fewer than half have a time.
    """
    dated = {b.number: b.when for b in boxes if b.when}
    if not dated or 2 * len(dated) < len(boxes):
        return {}, {}, {}
    bare = {n: when for n, when in dated.items() if when.day_only}
    coarse = 2 * len(bare) >= len(dated)
    times = {n: when.minutes for n, when in dated.items() if coarse or not when.day_only}
    units = [u for u in _UNITS if u >= 1440] if coarse else list(_UNITS)
    unit = next((u for u in units if len({m // u for m in times.values()}) <= _MAX_BINS), units[-1])
    if unit >= 1440:
        times |= {n: when.minutes for n, when in bare.items()}
    bins = {n: minutes // unit for n, minutes in times.items()}
    words = dict(_tick_words(bins, times, unit))
    earliest = {}
    for n in sorted(bare.keys() - bins.keys()):
        day = bare[n].minutes
        own = next(
            (b for b in sorted(set(bins.values())) if day < (b + 1) * unit and b * unit < day + 1440), day // unit
        )
        earliest[n] = own
        words.setdefault(own, bare[n].day)
    return bins, earliest, words


def _tick_words(bins: dict[int, int], times: dict[int, int], unit: int) -> Iterator[tuple[int, str]]:
    last = ""
    for bin in sorted(set(bins.values())):
        inside = sorted(times[n] for n in bins if bins[n] == bin)
        day = _day(inside[0])
        if unit >= 1440:
            yield bin, day if day == _day(inside[-1]) else f"{day} to {_day(inside[-1])}"
        else:
            clock = _clock(bin * unit)
            yield bin, clock if day == last else f"{day} {clock}"
        last = day


def _sources_first(numbers: list[int], arrows: list[Line]) -> list[int]:
    """Topological order by number; what stands on a circle (no lineage has one) comes last, by number."""
    waiting = dict.fromkeys(numbers, 0)
    outgoing: dict[int, list[int]] = {}
    for arrow in arrows:
        waiting[arrow.target] += 1
        outgoing.setdefault(arrow.source, []).append(arrow.target)
    order = [n for n in numbers if not waiting[n]]
    for n in order:
        for target in outgoing.get(n, ()):
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    placed = set(order)
    return order + [n for n in numbers if n not in placed]
