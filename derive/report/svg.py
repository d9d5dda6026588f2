"""The drawing of one story on the page: shapes and text for what `lanes` has laid out.

Every outlet has a band with its name; a mark holds the number of its origin, its time and its title. Looks come from the
page's style sheet by class; there are no links, scripts or references. For the page's script, what belongs to article n
carries `data-n`, what belongs to a line from a to b carries `data-a` and `data-b`, and every line lies once more, unseen
and broad, under the pointer.

Start reading at `story_svg`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from derive.report.labels import clean, count, fit, how_likely, percent, printable, shorten_id, text_width
from derive.report.lanes import AXIS, MARGIN, MARK_HEIGHT, MARK_WIDTH, Course, Layout, lay_out
from derive.report.picture import Box, Ghost, Line, Picture, Style

BADGE = 26  # the left end of a mark, with the number of its origin
SIZE = 9.8  # of the second line, for the estimate of its width, which is generous
_TINTS = 8


def story_svg(plan: Picture, name: str, title: str, description: str) -> str:
    """A story's drawing as an SVG element for a page; `name` begins its ids."""
    layout = lay_out(plan)
    ids = f"{name}-title", f"{name}-text"
    svg = ET.Element("svg", {"role": "img", "aria-labelledby": " ".join(ids), "class": "lineage"})
    ET.SubElement(svg, "title", {"id": ids[0]}).text = title
    ET.SubElement(svg, "desc", {"id": ids[1]}).text = description
    width, height = layout.width + 4, layout.height + 4
    _draw_lanes(svg, layout, width)
    _draw_axis(svg, layout, plan.ticks)
    _draw_lines(svg, layout)
    for thing in sorted(plan.things, key=lambda t: (t.column, layout.at[t.number][1])):
        _draw_mark(svg, thing, *layout.at[thing.number])
    _draw_names(svg, layout)
    svg.attrib.update({"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}"})
    return ET.tostring(svg, encoding="unicode")


def sample_svg(style: Style) -> str:
    """A short line of this look, for the legend."""
    svg = ET.Element("svg", {"class": "lineage sample", "width": "52", "height": "12", "aria-hidden": "true"})
    group = ET.SubElement(svg, "g", {"class": _look("line", style)})
    arrow = Line(0, 1, style, 1).arrow
    _path(group, f"M2,6H{43 if arrow else 50}")
    if arrow:
        _arrow_head(svg, 50, 6, 1, style)
    return ET.tostring(svg, encoding="unicode")


# Lanes and axis ------------------------------------------------------------------------------------------------------


def _draw_lanes(svg: ET.Element, layout: Layout, width: float) -> None:
    for i, lane in enumerate(layout.lanes):
        look = "band unseen-lane" if lane.unseen else f"band {'even' if i % 2 else 'odd'}"
        _rect(svg, 0, lane.top, width, lane.bottom - lane.top, look)


def _draw_names(svg: ET.Element, layout: Layout) -> None:
    """The names of the lanes, last, so that they stand on the lines; the script keeps them in sight."""
    group = ET.SubElement(svg, "g", {"class": "names"})
    for lane in layout.lanes:
        words = printable(clean(lane.name)) or "(no name)"
        _text(group, MARGIN, lane.top + 14, fit(words, 300, 13.5), "unseen-name" if lane.unseen else "lane")


def _draw_axis(svg: ET.Element, layout: Layout, ticks: tuple[str, ...]) -> None:
    if not any(ticks):
        return
    group = ET.SubElement(svg, "g", {"class": "axis"})
    _path(group, f"M0,{AXIS - 4}H{layout.width + 4:g}", "rule")
    for x, words in zip(layout.columns, ticks, strict=True):
        if words:
            day, _, rest = words.rpartition(" " if " to " not in words else " to ")
            _text(group, x, 13, day, "tick")
            _text(group, x, 28, f"to {rest}" if " to " in words else "" if rest.isdigit() else rest, "tick")
            _path(group, f"M{x - 5:g},{AXIS - 10}V{layout.height:g}", "grid")


# Lines ---------------------------------------------------------------------------------------------------------------


def _draw_lines(svg: ET.Element, layout: Layout) -> None:
    buses: dict[tuple[int, str], list[Course]] = {}
    for course in layout.courses:
        buses.setdefault((course.source, course.line.style), []).append(course)
    for (source, style), courses in sorted(buses.items()):
        group = ET.SubElement(svg, "g", {"class": _look("line", style)})
        (x, y), track = courses[0].start, courses[0].track
        ys = [y, *(course.end[1] for course in courses)]
        _path(group, f"M{x:g},{y:g}H{track:g}M{track:g},{min(ys):g}V{max(ys):g}", n=source)
        for course in courses:
            end = course.end[0] - course.way * 7 if course.line.arrow else course.end[0]
            _path(group, f"M{track:g},{course.end[1]:g}H{end:g}", "", **_ends(course))
    for course in layout.courses:
        if course.line.arrow:
            _arrow_head(svg, *course.end, course.way, course.line.style, **_ends(course))
    _draw_shares(svg, layout)
    # The shortest lie on top: where several run along one track, the one that ends here is meant.
    for course in sorted(layout.courses, key=lambda c: -abs(c.start[1] - c.end[1])):
        (x, y), (end_x, end_y) = course.start, course.end
        _path(
            svg, f"M{x:g},{y:g}H{course.track:g}V{end_y:g}H{end_x:g}", _look("hit", course.line.style), **_ends(course)
        )


def _draw_shares(svg: ET.Element, layout: Layout) -> None:
    arriving: dict[int, list[Course]] = {}
    for course in layout.courses:
        if course.way == 1 and _share(course.line):
            arriving.setdefault(course.target, []).append(course)
    for courses in arriving.values():
        # Above the first line and below the second; a third has no room (the table of pairs has it).
        for course, dy in zip(sorted(courses, key=lambda c: c.end[1]), (-3.5, 10), strict=False):
            x, y = course.end
            _text(svg, x - 9, y + dy, _share(course.line), _look("share", course.line.style), **_ends(course))


def _look(part: str, style: str) -> str:
    return f"{part} {style.replace('_', '-')}"


def _ends(course: Course) -> dict[str, int]:
    return {"a": course.line.source, "b": course.line.target}


def _share(line: Line) -> str:
    if not line.arrow or line.declared:
        return "declared" if line.declared else ""
    words = "" if line.share is None else percent(line.share)
    return f"also {words}".strip() if line.style.startswith("also") else words


# Marks ---------------------------------------------------------------------------------------------------------------


def _draw_mark(svg: ET.Element, thing: Box | Ghost, x: float, y: float) -> None:
    if isinstance(thing, Ghost):
        look, badge = "mark ghost", "?"
        said = f"{how_likely(thing.probability)}, {percent(thing.probability)}"
        title, first, second, copies = f"unseen source, {said}", "unseen source", said, ""
    else:
        look, badge = f"mark o{_tint(thing)}", _origins(thing)
        title, first, second = _full(thing), _when(thing), _what(thing)
        copies = f"×{len(thing.copies) + 1}" if thing.copies else ""
    group = ET.SubElement(svg, "g", {"class": look, "data-n": str(thing.number)})
    ET.SubElement(group, "title").text = title
    top = y - MARK_HEIGHT / 2
    if copies:
        _rect(group, x + 3, top + 3, MARK_WIDTH, MARK_HEIGHT, "behind", 5)
    _rect(group, x, top, MARK_WIDTH, MARK_HEIGHT, "", 5)
    _text(group, x + BADGE / 2, y + 4, badge, "badge")
    _path(group, f"M{x + BADGE:g},{top:g}v{MARK_HEIGHT}", "split")
    left, room = x + BADGE + 6, MARK_WIDTH - BADGE - 12
    _text(group, left, y - 3.5, first, "when")
    _text(group, left, y + 10.5, fit(second, room, SIZE), "what")
    if copies:
        _text(group, x + MARK_WIDTH - 6, y - 3.5, copies, "copies")


def _tint(box: Box) -> int:
    return (box.origins[0] - 1) % _TINTS + 1 if box.origins else 0


def _origins(box: Box) -> str:
    words = "+".join(map(str, box.origins[:2])) + ("+" if len(box.origins) > 2 else "")
    return words if len(words) < 4 else f"{box.origins[0]}+"


def _when(box: Box) -> str:
    if box.when is None:
        return "no date"
    day = box.when.day.rpartition(" ")[0]
    return day if box.when.day_only else f"{day} {box.when.clock}"


def _what(box: Box) -> str:
    """The title, else the id; where the lane is called by the id, the length."""
    witness = box.witness
    if witness.title:
        return printable(clean(witness.title))
    if not witness.source:
        return count(witness.words, "word")
    words = printable(clean(witness.id)) or "(no id)"
    limit = next((n for n in range(48, 6, -1) if text_width(shorten_id(words, n), SIZE) <= MARK_WIDTH - BADGE - 12), 6)
    return shorten_id(words, limit)


def _full(box: Box) -> str:
    parts = [box.witness.id, *(text for text in (box.witness.source, box.witness.title) if text)]
    facts = [box.when.words if box.when else "no date", count(box.witness.words, "word")]
    facts += [f"the same words in {len(box.copies)} more"] if box.copies else []
    return "; ".join([shorten_id(printable(part), 200) for part in parts] + facts)


# Shapes --------------------------------------------------------------------------------------------------------------


def _arrow_head(svg: ET.Element, x: float, y: float, way: int, style: str, **data: int) -> None:
    points = f"{x:g},{y:g} {x - 8 * way:g},{y - 4:g} {x - 8 * way:g},{y + 4:g}"
    ET.SubElement(svg, "polygon", {"points": points, "class": _look("head", style), **_data(data)})


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
