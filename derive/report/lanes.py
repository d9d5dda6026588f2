"""Where everything stands in the drawing of one story: outlets as lanes, time from left to right, every line in a track.

`picture` says what stands in which column. Here every outlet gets a lane (unseen sources share the first one), in the
order in which a tree of rewrites is told, so that lines are short. A lane has as many rows as it needs for no line to run
through a mark: a mark keeps its row free from where its lines come down. Lines leave a mark on the right, run up or down
between two columns, each in a track of its own, and arrive along the row of their target.

Start reading at `lay_out`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from derive.report.picture import Ghost, Line, Picture

MARK_WIDTH, MARK_HEIGHT = 150, 32
ROW = 38
NAME = 19  # a lane's name above its first row
MARGIN = 10
TRACK = 8  # between two lines that run side by side
GAP = 150  # the most room for tracks between two columns; where more lines run, they run closer
LABEL = 50  # room for "also 62 %" before a mark
AXIS = 38
UNSEEN = "not in the collection"

Bus = tuple[int, str]
"""The lines of one look that leave one mark: they share a track."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the drawing with the marks of one outlet."""

    name: str
    unseen: bool
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Course:
    """A line's way: out at `start`, up or down at `track`, in at `end` (`way` 1: from the left, -1: from the right)."""

    line: Line
    source: int
    target: int
    start: tuple[float, float]
    track: float
    end: tuple[float, float]
    way: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything's place, in pixels: of a mark its left end and its middle height."""

    lanes: tuple[Lane, ...]
    columns: tuple[float, ...]
    at: dict[int, tuple[float, float]]
    courses: tuple[Course, ...]
    width: float
    height: float


def lay_out(plan: Picture) -> Layout:
    """The places of a story's marks and lines."""
    columns = plan.columns
    ends = [_left_to_right(line, columns) for line in plan.lines]
    lanes, y, height = _lanes(plan, ends, AXIS if any(plan.ticks) else 4)
    reach: dict[Bus, list[float]] = {}
    for line, (source, target) in zip(plan.lines, ends, strict=True):
        reach.setdefault((source, line.style), [y[source]]).append(y[target])
    x, tracks, width = _columns(reach, columns)
    ports = _ports(plan.lines, ends, columns, y, reach)
    courses = []
    for line, (source, target) in zip(plan.lines, ends, strict=True):
        way = 1 if columns[target] > columns[source] else -1
        start = (x[columns[source]] + MARK_WIDTH, ports[source, line.style, source])
        end = (x[columns[target]] + (0 if way == 1 else MARK_WIDTH), ports[source, line.style, target])
        courses.append(Course(line, source, target, start, tracks[source, line.style], end, way))
    at = {n: (x[column], y[n]) for n, column in columns.items()}
    return Layout(tuple(lanes), tuple(x), at, tuple(courses), width, height)


def _left_to_right(line: Line, columns: dict[int, int]) -> tuple[int, int]:
    """Where a line leaves and where it arrives: an arrow as it points, a link from the earlier column."""
    source, target = line.source, line.target
    if not line.arrow and (columns[target], target) < (columns[source], source):
        return target, source
    return source, target


# Lanes and rows ------------------------------------------------------------------------------------------------------


def _lanes(plan: Picture, ends: list[tuple[int, int]], top: float) -> tuple[list[Lane], dict[int, float], float]:
    """The lanes from the top, the middle height of everything, and where the last lane ends."""
    things = {thing.number: thing for thing in plan.things}
    members: dict[tuple[bool, str], list[int]] = {}
    for n in _tree_order(plan):
        thing = things[n]
        lane = (False, UNSEEN) if isinstance(thing, Ghost) else (True, thing.lane)
        members.setdefault(lane, []).append(n)
    spans = _spans(plan.columns, ends)
    lanes = []
    y: dict[int, float] = {}
    for seen, name in sorted(members, key=lambda key: key[0]):  # unseen sources first, the rest as told
        rows = _rows(sorted(members[seen, name], key=lambda n: (*spans[n], n)), spans)
        for n, row in rows.items():
            y[n] = top + NAME + ROW * row + ROW / 2
        bottom = top + NAME + ROW * (max(rows.values()) + 1) + 2
        lanes.append(Lane(name, not seen, top, bottom))
        top = bottom
    return lanes, y, top


def _spans(columns: dict[int, int], ends: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The columns that a mark and the lines that arrive at it take up of its row."""
    spans = {n: (column, column) for n, column in columns.items()}
    for source, target in ends:
        low, high = spans[target]
        column = columns[source]
        spans[target] = (
            (min(low, column + 1), max(high, column)) if column < columns[target] else (low, max(high, column))
        )
    return spans


def _rows(numbers: Iterable[int], spans: dict[int, tuple[int, int]]) -> dict[int, int]:
    """A row for each, from 0, in which nobody else stands; first come, first served."""
    last: list[int] = []
    rows = {}
    for n in numbers:
        low, high = spans[n]
        row = next((i for i, taken in enumerate(last) if taken < low), len(last))
        last[row : row + 1] = [high]
        rows[n] = row
    return rows


def _tree_order(plan: Picture) -> list[int]:
    """Every number after its strongest source, children in the order of their columns."""
    things = sorted(plan.things, key=lambda t: (t.column, t.number))
    column = {thing.number: thing.column for thing in things}
    parent: dict[int, int] = {}
    for line in sorted(plan.lines, key=lambda k: (k.style == "unseen", k.style.startswith("also"), -k.probability)):
        if line.arrow:
            parent.setdefault(line.target, line.source)
    children: dict[int, list[int]] = {}
    for thing in things:
        if thing.number in parent:
            children.setdefault(parent[thing.number], []).append(thing.number)
    order: dict[int, None] = {}
    for root in [t.number for t in things if t.number not in parent] + [t.number for t in things]:
        stack = [root]
        while stack:
            n = stack.pop()
            if n not in order:
                order[n] = None
                # Whatever comes soonest stands nearest to its source.
                stack += sorted(children.get(n, ()), key=lambda c: (column[c], c), reverse=True)
    return list(order)


# Columns and tracks --------------------------------------------------------------------------------------------------


def _columns(reach: dict[Bus, list[float]], columns: dict[int, int]) -> tuple[list[float], dict[Bus, float], float]:
    """Where each column begins, the track of every bus in the gap right of its source, and where the last column ends."""
    gaps: dict[int, list[Bus]] = {}
    for bus in reach:
        gaps.setdefault(columns[bus[0]], []).append(bus)
    x: list[float] = []
    tracks: dict[Bus, float] = {}
    at: float = MARGIN
    for column in range(max(columns.values(), default=-1) + 1):
        x.append(at)
        here = sorted(gaps.get(column, ()), key=lambda bus: (min(reach[bus]), max(reach[bus]), bus))
        places, many = _side_by_side([(min(reach[bus]), max(reach[bus])) for bus in here])
        step = min(TRACK, GAP / max(1, many))
        first = at + MARK_WIDTH + 10
        tracks |= {bus: first + step * place for bus, place in zip(here, places, strict=True)}
        at = first + step * many + (LABEL if here else 8)
    return x, tracks, at


def _side_by_side(stretches: list[tuple[float, float]]) -> tuple[list[int], int]:
    """The first track for each sorted stretch in which no other runs at the same height, and how many tracks there are."""
    ends: list[float] = []
    places = []
    for low, high in stretches:
        place = next((i for i, end in enumerate(ends) if end + 6 < low), len(ends))
        ends[place : place + 1] = [high]
        places.append(place)
    return places, len(ends)


def _ports(
    lines: Iterable[Line],
    ends: list[tuple[int, int]],
    columns: dict[int, int],
    y: dict[int, float],
    reach: dict[Bus, list[float]],
) -> dict[tuple[int, str, int], float]:
    """At which height of a mark's left or right side a line touches it: (source, style, end) -> y."""
    sides: dict[tuple[int, bool], list[tuple[float, tuple[int, str, int]]]] = {}
    for (source, style), ys in reach.items():
        sides.setdefault((source, True), []).append(((min(ys) + max(ys)) / 2, (source, style, source)))
    for line, (source, target) in zip(lines, ends, strict=True):
        right = columns[target] <= columns[source]
        sides.setdefault((target, right), []).append((y[source], (source, line.style, target)))
    ports = {}
    for (number, _), wanted in sides.items():
        step = min(9, (MARK_HEIGHT - 6) / max(1, len(wanted) - 1))
        for i, (_, key) in enumerate(sorted(wanted)):
            ports[key] = y[number] + (i - (len(wanted) - 1) / 2) * step
    return ports
