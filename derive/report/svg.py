"""The drawing on the page: a list of the articles, and beside it their lineage, as in the history of a repository.

`picture` says what stands in which column. Here every article has a row beneath the heading of its origin, after its
source, so that a tree of rewrites reads like a list; its words stand on the left, its mark (with the number of its
origin) in the column of its time. Lines leave a mark on the right, run up or down between two columns, each in a track
of its own, and arrive along the row of their target, so that none runs through a mark or a word. Looks come from the
page's style sheet by class; there are no links, scripts or references. For the page's script, what belongs to article n
carries `data-n`, what belongs to a line from a to b carries `data-a` and `data-b`, and every line lies once more, unseen
and broad, under the pointer.

Start reading at `lineage_svg`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from derive.report.labels import clean, count, fit, how_likely, percent, printable, shorten_id, text_width
from derive.report.picture import Box, Ghost, Line, Picture

LANE, WIDE_LANE = 292, 470  # the words on the left; more room where there are few columns
MARK_WIDTH, MARK_HEIGHT = 28, 22
ROW, HEADING, GAP = 38, 26, 12
TRACK = 8  # between two lines that run side by side
LABEL = 50  # room for "also 62 %" before a mark
CELL = 290  # for an article that stands alone
TOP = 40
_TINTS = 8


@dataclass(slots=True)
class _Layout:
    """Where everything stands, in pixels."""

    rows: list[tuple[float, Box | Ghost]] = field(default_factory=list)
    headings: list[tuple[float, float, tuple[int, ...]]] = field(default_factory=list)
    y: dict[int, float] = field(default_factory=dict)
    x: list[float] = field(default_factory=list)
    tracks: dict[tuple[int, str], float] = field(default_factory=dict)
    height: float = TOP
    width: float = 0
    lane: float = LANE


def lineage_svg(plan: Picture, title: str, description: str) -> str:
    """The drawing as an SVG element for a page."""
    columns = plan.columns
    few = max(columns.values(), default=0) < 5
    layout = _Layout(height=TOP if any(plan.ticks) else 4, lane=WIDE_LANE if few else LANE)
    _set_rows(layout, plan)
    buses = _buses(plan.lines, columns)
    _set_columns(layout, buses, columns)
    svg = ET.Element("svg", {"role": "img", "aria-labelledby": "drawing-title drawing-text", "class": "lineage"})
    ET.SubElement(svg, "title", {"id": "drawing-title"}).text = title
    ET.SubElement(svg, "desc", {"id": "drawing-text"}).text = description
    _draw_headings(svg, layout)
    _draw_ticks(svg, layout, plan.ticks)
    for y, thing in layout.rows:
        _path(svg, f"M{layout.lane - 6:g},{y:g}H{layout.x[thing.column]:g}", "leader", n=thing.number)
    _draw_buses(svg, layout, buses, columns)
    for y, thing in layout.rows:
        _draw_words(svg, thing, 10, y, layout.lane - 22)
        _draw_mark(svg, thing, layout.x[thing.column], y)
    _draw_alone(svg, layout, plan.alone)
    _draw_legend(svg, layout, plan)
    width, height = layout.width + 4, layout.height + 4
    svg.attrib.update({"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}"})
    return ET.tostring(svg, encoding="unicode")


# Rows ----------------------------------------------------------------------------------------------------------------


def _set_rows(layout: _Layout, plan: Picture) -> None:
    things = {thing.number: thing for thing in plan.things}
    y = layout.height
    for origins, numbers in _blocks(plan):
        top = y
        y += HEADING
        for number in numbers:
            layout.y[number] = y + ROW / 2
            layout.rows.append((y + ROW / 2, things[number]))
            y += ROW
        layout.headings.append((top, y + 4, origins))
        y += 4 + GAP
    layout.height = y


def _blocks(plan: Picture) -> list[tuple[tuple[int, ...], list[int]]]:
    """The numbers by their (first) origin, each block in the order of its tree, unseen sources first."""
    first: dict[int, int] = {box.number: (box.origins or (0,))[0] for box in plan.boxes}
    for ghost in plan.ghosts:
        first[ghost.number] = min(first[line.target] for line in plan.lines if line.source == ghost.number)
    blocks: dict[int, list[int]] = {}
    for n in _tree_order(plan):
        blocks.setdefault(first[n], []).append(n)
    return [((origin,) if origin else (), blocks[origin]) for origin in sorted(blocks, key=lambda o: (o == 0, o))]


def _tree_order(plan: Picture) -> list[int]:
    """Every number after its strongest source, children in the order of their columns, the later branches last."""
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


@dataclass(frozen=True, slots=True)
class _Bus:
    """The lines of one look that leave one box: they share a track."""

    source: int
    style: str
    lines: tuple[tuple[int, Line], ...]
    """Each with the number where it arrives."""


def _buses(lines: tuple[Line, ...], columns: dict[int, int]) -> list[_Bus]:
    found: dict[tuple[int, str], list[tuple[int, Line]]] = {}
    for line in lines:
        source, target = line.source, line.target
        if not line.arrow and (columns[target], target) < (columns[source], source):
            source, target = target, source
        found.setdefault((source, line.style), []).append((target, line))
    return [_Bus(source, style, tuple(ends)) for (source, style), ends in sorted(found.items())]


def _set_columns(layout: _Layout, buses: list[_Bus], columns: dict[int, int]) -> None:
    """Give every bus a track in the gap right of its source, and every column its place."""
    x = layout.lane
    for column in range(max(columns.values(), default=-1) + 1):
        layout.x.append(x)
        taken: list[list[tuple[float, float]]] = []
        here = [bus for bus in buses if columns[bus.source] == column]
        for bus in sorted(here, key=lambda b: (_reach(b, layout), b.source, b.style)):
            low, high = _reach(bus, layout)
            free = (i for i, track in enumerate(taken) if all(high + 6 < a or b + 6 < low for a, b in track))
            i = next(free, len(taken))
            if i == len(taken):
                taken.append([])
            taken[i].append((low, high))
            layout.tracks[bus.source, bus.style] = x + MARK_WIDTH + 10 + TRACK * i
        x += MARK_WIDTH + 10 + TRACK * len(taken) + (LABEL if here else 8)
    layout.width = max(x, 3 * CELL)


def _reach(bus: _Bus, layout: _Layout) -> tuple[float, float]:
    ys = [layout.y[bus.source], *(layout.y[end] for end, _ in bus.lines)]
    return min(ys), max(ys)


def _ports(buses: list[_Bus], columns: dict[int, int], layout: _Layout) -> dict[tuple[int, str, int], float]:
    """Where on a mark's left or right side a line touches it: (source, style, end) -> y."""
    sides: dict[tuple[int, bool], list[tuple[float, tuple[int, str, int]]]] = {}
    for bus in buses:
        low, high = _reach(bus, layout)
        key = (bus.source, bus.style, bus.source)
        sides.setdefault((bus.source, True), []).append(((low + high) / 2, key))
        for end, _ in bus.lines:
            right = columns[end] <= columns[bus.source]
            sides.setdefault((end, right), []).append((layout.y[bus.source], (bus.source, bus.style, end)))
    ports = {}
    for (number, _), wanted in sides.items():
        step = min(9, (MARK_HEIGHT - 5) / max(1, len(wanted) - 1))
        for i, (_, key) in enumerate(sorted(wanted)):
            ports[key] = layout.y[number] + (i - (len(wanted) - 1) / 2) * step
    return ports


# Shapes --------------------------------------------------------------------------------------------------------------


def _draw_headings(svg: ET.Element, layout: _Layout) -> None:
    for top, bottom, origins in layout.headings:
        _rect(svg, 0, top, layout.width, bottom - top, "band")
        _text(svg, 10, top + 17, f"Origin {origins[0]}" if origins else "No origin", "heading")


def _draw_ticks(svg: ET.Element, layout: _Layout, ticks: tuple[str, ...]) -> None:
    group = ET.SubElement(svg, "g", {"class": "ticks"})
    for x, words in zip(layout.x, ticks, strict=False):
        if words:
            day, _, rest = words.rpartition(" " if " to " not in words else " to ")
            _text(group, x, 14, day, "tick")
            _text(group, x, 29, f"to {rest}" if " to " in words else "" if rest.isdigit() else rest, "tick")
            _path(svg, f"M{x - 5:g},34V{layout.height - GAP:g}", "grid")


def _draw_buses(svg: ET.Element, layout: _Layout, buses: list[_Bus], columns: dict[int, int]) -> None:
    ports = _ports(buses, columns, layout)
    heads: list[tuple[float, float, int, Line]] = []
    shares: dict[int, list[tuple[float, float, Line]]] = {}
    courses: list[tuple[str, Line]] = []
    for bus in buses:
        group = ET.SubElement(svg, "g", {"class": f"line {bus.style.replace('_', '-')}"})
        start_x, start_y = layout.x[columns[bus.source]] + MARK_WIDTH, ports[bus.source, bus.style, bus.source]
        track = layout.tracks[bus.source, bus.style]
        ys = [start_y]
        for end, line in bus.lines:
            y = ports[bus.source, bus.style, end]
            way = 1 if columns[end] > columns[bus.source] else -1
            x = layout.x[columns[end]] + (0 if way == 1 else MARK_WIDTH)
            _path(group, f"M{track:g},{y:g}H{x - way * 7 if line.arrow else x:g}", a=line.source, b=line.target)
            courses.append((f"M{start_x:g},{start_y:g}H{track:g}V{y:g}H{x:g}", line))
            if line.arrow:
                heads.append((x, y, way, line))
            if way == 1 and _words(line):
                shares.setdefault(end, []).append((y, x - 9, line))
            ys.append(y)
        _path(group, f"M{start_x:g},{start_y:g}H{track:g}M{track:g},{min(ys):g}V{max(ys):g}", n=bus.source)
    for x, y, way, line in heads:
        _arrow_head(svg, x, y, way, line.style, a=line.source, b=line.target)
    for arriving in shares.values():
        # Above the first line and below the second; a third has no room (the table of pairs has it).
        for (y, x, line), dy in zip(sorted(arriving, key=lambda s: s[:2]), (-3.5, 10), strict=False):
            _text(svg, x, y + dy, _words(line), "share", a=line.source, b=line.target)
    # The shortest lie on top: where several run along one track, the one that ends here is meant.
    for course, line in sorted(courses, key=lambda c: -abs(layout.y[c[1].source] - layout.y[c[1].target])):
        _path(svg, course, "hit", a=line.source, b=line.target)


def _words(line: Line) -> str:
    if not line.arrow or line.declared:
        return "declared" if line.declared else ""
    words = "" if line.share is None else percent(line.share)
    return f"also {words}".strip() if line.style.startswith("also") else words


def _draw_words(svg: ET.Element, thing: Box | Ghost, x: float, y: float, width: float) -> None:
    """What stands beside a mark: who and when, and below it the id, the length and the copies."""
    svg = ET.SubElement(svg, "g", {"data-n": str(thing.number), "class": "words"})
    if isinstance(thing, Ghost):
        _text(svg, x, y - 2, "unseen source", "ghost-name")
        _text(svg, x, y + 12, f"{how_likely(thing.probability)}, {percent(thing.probability)}", "small")
        return
    witness = thing.witness
    when = _when(thing)
    name = printable(clean(witness.label)) or "(no name)"
    room = width - text_width(when, 10) - 8 if when else width
    if when:
        _text(svg, x + width, y - 2, when, "when")
    _text(svg, x, y - 2, fit(name, room, 13.5), "lane")  # bold runs wider
    parts = [_short_id(thing, width * 0.55)] if witness.source or witness.title else []
    parts.append(count(witness.words, "word"))
    if not thing.copies:
        _text(svg, x, y + 12, fit(" · ".join(parts), width, 10), "small")
        return
    before = " · ".join([*parts, ""])
    line = _text(svg, x, y + 12, before, "small")
    ET.SubElement(line, "tspan", {"class": "copies"}).text = _copies(thing, width - text_width(before, 10))


def _when(box: Box) -> str:
    if box.when is None:
        return ""
    day = box.when.day.rpartition(" ")[0]
    return day if box.when.day_only else f"{day} {box.when.clock}"


def _copies(box: Box, width: float) -> str:
    """How many have the same words, and as many of their outlets, up to three, as there is room for."""
    names = [printable(clean(name)) for name in box.outlets]
    words = f"×{len(box.copies) + 1}"
    for n in range(min(3, len(names)), 0, -1):
        more = f" +{len(names) - n}" if len(names) > n else ""
        longer = f"{words}: also {', '.join(names[:n])}{more}"
        if text_width(longer, 10) <= width:
            return longer
    return words


def _short_id(box: Box, width: float) -> str:
    words = printable(clean(box.witness.id)) or "(no id)"
    limit = next((n for n in range(48, 6, -1) if text_width(shorten_id(words, n), 10) <= width), 6)
    return fit(shorten_id(words, limit), width, 10)


def _draw_mark(svg: ET.Element, thing: Box | Ghost, x: float, y: float) -> None:
    if isinstance(thing, Ghost):
        group = ET.SubElement(svg, "g", {"class": "mark ghost", "data-n": str(thing.number)})
        ET.SubElement(group, "title").text = f"unseen source, {how_likely(thing.probability)}"
        words = "?"
    else:
        tint = (thing.origins[0] - 1) % _TINTS + 1 if thing.origins else 0
        group = ET.SubElement(svg, "g", {"class": f"mark o{tint}", "data-n": str(thing.number)})
        ET.SubElement(group, "title").text = _mark_title(thing)
        words = "+".join(map(str, thing.origins[:2])) + ("+" if len(thing.origins) > 2 else "")
    _rect(group, x, y - MARK_HEIGHT / 2, MARK_WIDTH, MARK_HEIGHT, "", 5)
    _text(group, x + MARK_WIDTH / 2, y + 4, words, "number-in")


def _mark_title(box: Box) -> str:
    parts = [box.witness.id, *(text for text in (box.witness.source, box.witness.title) if text)]
    facts = [box.when.words if box.when else "no date", count(box.witness.words, "word")]
    return "; ".join([shorten_id(printable(part), 200) for part in parts] + facts)


def _draw_alone(svg: ET.Element, layout: _Layout, alone: tuple[Box, ...]) -> None:
    """What is related to nothing, as many in a row as there is room."""
    if not alone:
        return
    wide = max(1, int((layout.width - 10) // CELL))
    top = layout.height
    layout.height += HEADING + 4 + -(-len(alone) // wide) * ROW
    _rect(svg, 0, top, layout.width, layout.height - top, "band")
    words = "Stands alone: no shared text was found" if len(alone) == 1 else "Stand alone: no shared text was found"
    _text(svg, 10, top + 17, words, "heading")
    for i, box in enumerate(alone):
        x, y = 10 + i % wide * CELL, top + HEADING + ROW / 2 + i // wide * ROW
        _draw_mark(svg, box, x, y)
        _draw_words(svg, box, x + MARK_WIDTH + 10, y, CELL - MARK_WIDTH - 32)
    layout.height += GAP


def _draw_legend(svg: ET.Element, layout: _Layout, plan: Picture) -> None:
    """Samples of the lines that occur, in as many columns as there is room for."""
    legend = plan.legend
    wide = max(1, int(layout.width // 440))
    for i, (style, words) in enumerate(legend):
        x, y = 10 + i % wide * 440, layout.height + 12 + i // wide * 20
        group = ET.SubElement(svg, "g", {"class": f"line {style.replace('_', '-')}"})
        arrow = style in ("sure", "likely", "also", "also-likely", "unseen")
        _path(group, f"M{x:g},{y:g}H{x + (37 if arrow else 44):g}")
        if arrow:
            _arrow_head(svg, x + 44, y, 1, style)
        _text(svg, x + 54, y + 4, words, "key")
    layout.height += 20 * -(-len(legend) // wide) + (8 if legend else 0)


def _arrow_head(svg: ET.Element, x: float, y: float, way: int, style: str, **data: int) -> None:
    points = f"{x:g},{y:g} {x - 8 * way:g},{y - 4:g} {x - 8 * way:g},{y + 4:g}"
    ET.SubElement(svg, "polygon", {"points": points, "class": f"head {style}", **_data(data)})


def _rect(parent: ET.Element, x: float, y: float, width: float, height: float, look: str, round: float = 0) -> None:
    attributes = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"}
    if round:
        attributes["rx"] = f"{round:g}"
    if look:
        attributes["class"] = look
    ET.SubElement(parent, "rect", attributes)


def _path(parent: ET.Element, d: str, look: str = "", **data: int) -> None:
    ET.SubElement(parent, "path", {"d": d, **({"class": look} if look else {}), **_data(data)})


def _text(parent: ET.Element, x: float, y: float, words: str, look: str, **data: int) -> ET.Element:
    text = ET.SubElement(parent, "text", {"x": f"{x:g}", "y": f"{y:g}", "class": look, **_data(data)})
    text.text = words
    return text


def _data(numbers: dict[str, int]) -> dict[str, str]:
    return {f"data-{name}": str(number) for name, number in numbers.items()}
