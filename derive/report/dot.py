"""The lineage in Graphviz's language, and its drawing by `dot`.

Nothing from the input stands anywhere but in quoted labels made by `labels.label`; nodes are called n0, n1 in the order
of ids. The drawing is read again and only shapes and text are let through.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.model import Lineage
from derive.report.labels import count, how_likely, label, label_id, percent, printable, shorten
from derive.report.picture import Box, Ghost, Line, Picture, picture

if TYPE_CHECKING:
    from graphviz import Digraph

INSTALL = "dot is not installed: apt install graphviz | brew install graphviz | winget install Graphviz.Graphviz"

# Pale tints that keep apart for every kind of colour vision; the number in the label says the same.
TINTS = ("#d6e9f8", "#fde3c4", "#d5efe0", "#f6d9ea", "#fbf3c0", "#dcdcf5", "#e6e6e6", "#f9d8d0")
_GREY = "#6b6b6b"

_LINES: dict[str, dict[str, str]] = {
    "sure": {"penwidth": "1.8"},
    "likely": {"penwidth": "1.8", "style": "dashed"},
    "also": {"penwidth": "0.9"},
    "also-likely": {"penwidth": "0.9", "style": "dashed"},
    "unseen": {"penwidth": "1.2", "style": "dashed", "arrowhead": "empty", "color": _GREY},
    "text": {"penwidth": "4", "color": "#b5b5b5", "dir": "none"},
    "common_source": {"penwidth": "1.2", "style": "dashed", "color": _GREY, "dir": "none"},
    "facts": {"penwidth": "1.2", "style": "dashed,dotted", "color": _GREY, "dir": "none"},
    "quotation": {"penwidth": "1.2", "style": "dotted", "color": _GREY, "dir": "none"},
}
_LINK_WORDS = {
    "text": "text shared,\\ndirection undecided",
    "common_source": "common source",
    "facts": "same facts",
    "quotation": "quotation",
}


_LOOKS = {
    "sure": "━━▶ solid arrow",
    "likely": "╍╍▶ dashed arrow",
    "also": "──▶ thin arrow",
    "also-likely": "╌╌▶ thin dashed arrow",
    "unseen": "╌╌▷ dashed arrow, empty head",
    "text": "▬▬▬ thick grey line",
    "common_source": "╌╌╌ dashed line",
    "facts": "─·─ dash-dot line",
    "quotation": "· · · dotted line",
}


class NoDrawing(DeriveError):
    """`dot` is missing, hangs or fails; the text says which, in one line."""


def lineage_dot(lineage: Lineage) -> str:
    """The lineage as a DOT file, left to right in time or from source to derivative."""
    from graphviz import Digraph

    plan = picture(lineage)
    font = "Helvetica,Arial,sans-serif"
    dot = Digraph(
        "lineage",
        graph_attr={"rankdir": "LR", "ranksep": "0.55", "nodesep": "0.2", "fontname": font, "fontsize": "11",
                    "bgcolor": "white", "fontcolor": _GREY, "newrank": "true", "label": _legend(plan), "labelloc": "b",
                    "labeljust": "l"},
        node_attr={"shape": "box", "style": "rounded,filled", "fillcolor": "white", "fontname": font,
                   "fontsize": "11", "margin": "0.12,0.06", "color": "#444444"},
        edge_attr={"fontname": font, "fontsize": "10", "color": "#222222", "arrowsize": "0.8"},
    )  # fmt: skip
    _axis(dot, plan)
    for box in plan.boxes:
        _box(dot, box)
    for ghost in plan.ghosts:
        _ghost(dot, ghost)
    columns = plan.columns
    for line in plan.lines:
        _line(dot, line, columns, timed=bool(plan.ticks))
    _alone(dot, plan)
    source: str = dot.source
    return source


def _axis(dot: Digraph, plan: Picture) -> None:
    """A chain of words for the columns, each tied to what stands in its column."""
    if not plan.ticks:
        return
    for i, words in enumerate(plan.ticks):
        with dot.subgraph() as column:
            column.attr(rank="same")
            _node(column, f"t{i}", [words or " "], shape="plaintext", style="", fontcolor=_GREY, **{"class": "tick"})
            for thing in plan.things:
                if thing.column == i:
                    column.node(f"n{thing.number}")
        if i:
            dot.edge(f"t{i - 1}", f"t{i}", arrowhead="none", color="#c8c8c8", weight="100", **{"class": "axis"})


def _box(dot: Digraph, box: Box) -> None:
    witness = box.witness
    lines = [label(witness.label, 36) or "(no name)"]
    if witness.source or witness.title:
        lines.append(label_id(witness.id, 36))
    when = box.when.words if box.when else ""
    lines.append(" · ".join(part for part in (when, count(witness.words, "word")) if part))
    if box.origins:
        lines.append(("origin " if len(box.origins) == 1 else "origins ") + " + ".join(map(str, box.origins)))
    lines += _copies(box)
    fill = TINTS[(box.origins[0] - 1) % len(TINTS)] if box.origins else "white"
    _node(dot, f"n{box.number}", lines, fillcolor=fill, **{"class": "article"})


def _copies(box: Box) -> list[str]:
    if not box.copies:
        return []
    names = [label(name, 24) for name in box.outlets[:3]]
    more = len(box.outlets) - len(names)
    also = ": also " + ", ".join(names) + (f" +{more}" if more else "") if names else ""
    return [f"×{len(box.copies) + 1}{also}"]


def _ghost(dot: Digraph, ghost: Ghost) -> None:
    sure = f"{how_likely(ghost.probability)}, {percent(ghost.probability)}"
    style = {"style": "rounded,dashed", "fontcolor": "#444444", "class": "unseen"}
    _node(dot, f"n{ghost.number}", ["unseen source", sure], **style)


def _line(dot: Digraph, line: Line, columns: dict[int, int], timed: bool) -> None:
    looks = dict(_LINES[line.style])
    ends = (line.source, line.target)
    if line.arrow:
        words = "" if line.share is None else percent(line.share)
        if line.style.startswith("also"):
            words = f"also {words}".strip()
        if line.declared:
            words = f"{words}\\ndeclared" if words else "declared"
        constraint = columns[ends[0]] < columns[ends[1]]
    else:
        words = _LINK_WORDS[line.style]
        ends = (ends[0], ends[1]) if columns[ends[0]] <= columns[ends[1]] else (ends[1], ends[0])
        constraint = timed and columns[ends[0]] < columns[ends[1]]
    if not constraint:
        looks["constraint"] = "false"
    if words:
        looks["label"] = f" {words} "
    dot.edge(f"n{ends[0]}", f"n{ends[1]}", **looks, **{"class": line.style.replace("_", "-")})


def _alone(dot: Digraph, plan: Picture) -> None:
    """What is related to nothing, in rows, in the order of time."""
    if not plan.alone:
        return
    wide = max(4, 1 + max((thing.column for thing in plan.things), default=0))
    with dot.subgraph(name="cluster_alone") as cluster:
        cluster.attr(
            label="stands alone: no shared text was found",
            labeljust="l",
            color="#c8c8c8",
            style="rounded",
            fontcolor=_GREY,
        )
        for i, box in enumerate(plan.alone):
            _box(cluster, box)
            if i % wide:
                cluster.edge(f"n{plan.alone[i - 1].number}", f"n{box.number}", style="invis")


def _legend(plan: Picture) -> str:
    """An HTML-like label of constants and counts: the lines that occur, their look in words, their meaning."""
    rows = [f"{_LOOKS[style]}: {words}" for style, words in plan.legend] + plan.remarks
    cells = "".join(f'<tr><td align="left">{words}</td></tr>' for words in rows)
    return f'<<table border="0" cellspacing="0" cellpadding="2">{cells}</table>>' if rows else ""


def _node(dot: Digraph, name: str, lines: list[str], **looks: str) -> None:
    """A node with these lines, every one of them a constant or made by `label`."""
    from graphviz import nohtml

    dot.node(name, label=nohtml("\\n".join(line for line in lines if line)), **looks)


_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text"}
_ATTRIBUTES = {
    "class", "cx", "cy", "d", "fill", "font-family", "font-size", "font-style", "font-weight", "height", "id", "points",
    "rx", "ry", "stroke", "stroke-dasharray", "stroke-width", "text-anchor", "transform", "viewBox", "width", "x", "y",
}  # fmt: skip


def draw(dot_source: str, timeout: float = 30) -> bytes:
    """The SVG that `dot` makes of a DOT file, checked; `NoDrawing` says in one line why there is none."""
    command = shutil.which("dot")
    if command is None:
        raise NoDrawing(INSTALL)
    return checked_svg(_run([command, "-Tsvg"], dot_source.encode(errors="replace"), timeout))


def _run(command: list[str], source: bytes, timeout: float) -> bytes:
    try:
        # A session of its own, so that whatever dot starts can be ended with it.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise NoDrawing(f"dot could not be started: {error.strerror or error}") from error
    try:
        out, err = process.communicate(source, timeout)
    except subprocess.TimeoutExpired:
        raise NoDrawing(f"dot was stopped after {timeout:g} seconds; lineage.dot can be drawn by hand") from None
    finally:
        _end(process)
    if process.returncode:
        first = err.decode(errors="replace").strip().partition("\n")[0]
        raise NoDrawing(
            f"dot failed (exit code {process.returncode}): {shorten(printable(first), 200) or 'no reason given'}"
        )
    return out


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()


def checked_svg(svg: bytes) -> bytes:
    """The same drawing with nothing in it but shapes and text; `NoDrawing` if there was anything else.

    Comments, the document type, and the titles that repeat synthetic names are left out.
    """
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise NoDrawing(f"dot made an SVG that cannot be read: {error}") from error
    for parent in root.iter():
        name = parent.tag.removeprefix(f"{{{_SVG}}}")
        if name not in _ELEMENTS:
            raise NoDrawing(f"dot made an SVG with an element that is not allowed: {shorten(printable(name), 60)}")
        for attribute, value in parent.attrib.items():
            if attribute not in _ATTRIBUTES or re.search(r"url\(|javascript:", value, re.I):
                raise NoDrawing(
                    f"dot made an SVG with an attribute that is not allowed: {shorten(printable(attribute), 60)}"
                )
            if value == "transparent":
                parent.set(attribute, "none")
        for title in parent.findall(f"{{{_SVG}}}title"):
            parent.remove(title)
        if "facts" in parent.get("class", "").split():
            for path in parent.iter(f"{{{_SVG}}}path"):
                path.set("stroke-dasharray", "8,3,1,3")  # dash-dot, for which DOT has no word
    root.set("role", "img")
    title = ET.Element(f"{{{_SVG}}}title")
    title.text = "Lineage"
    root.insert(0, title)
    ET.register_namespace("", _SVG)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root) + b"\n"
