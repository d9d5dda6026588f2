"""Is what is stated true as often as it is stated? Draws what `derive eval --format json` printed as two SVG files.

python benchmarks/reliability_plot.py OUT SCORES.json...

OUT/reliability.svg: the stated probability against the share that was right, a dot a bin with Wilson's 95 % interval, for the
directions of pairs and for the arrows of lineages. OUT/coverage.svg: accuracy against the share answered, as the least
probability that counts as an answer falls; a ring marks where derive stops answering (.75).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

SIDE, MARGIN, LEGEND = 340, 52, 400
FEW = 5
"""A line of fewer answers is not drawn."""
STATED = 0.75
"""Least probability of an answer."""


@dataclass(frozen=True)
class Series:
    """One line of a plot: a set in one run, and its scores of directions or of arrows."""

    label: str
    scores: dict[str, Any]


def shade(number: int) -> str:
    """Colours as far from each other as turning by the golden angle makes them."""
    return f"hsl({number * 137.5 % 360:.0f},65%,{(38, 52)[number % 2]}%)"


def series(paths: Iterable[Path], kind: str) -> Iterator[Series]:
    """All that has answers, of the directions of pairs (`kind` "direction") or of arrows ("arrows")."""
    for path in paths:
        whole = json.loads(path.read_text(encoding="utf-8"))
        if "parts" in whole:
            runs = {
                f"{part}, {run}": (scores["direction"], scores["lineage"])
                for part, own in whole["parts"].items()
                for run, scores in own["runs"].items()
            }
        else:
            lineages = whole["lineage"] or {}
            runs = {run: (scores, lineages.get(run)) for run, scores in whole["direction"].items()}
        for run, (direction, lineage) in runs.items():
            scores = direction if kind == "direction" else (lineage or {}).get("arrows")
            answers = sum(row["of"] for row in scores["calibration"]["bins"]) if scores and scores.get("curve") else 0
            if answers >= FEW:
                yield Series(f"{path.stem} {run}", scores)


class Plot:
    """A square from (low, bottom) to (1, 1) with axes, drawn into a list of SVG elements."""

    def __init__(self, left: float, title: str, across: str, up: str, low: float, bottom: float) -> None:
        self.left, self.low, self.bottom = left, low, bottom
        self.parts = [
            f'<text x="{left}" y="24" font-size="14" font-weight="bold">{escape(title)}</text>',
            f'<rect x="{left}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#888"/>',
            f'<text x="{left + SIDE / 2}" y="{MARGIN + SIDE + 36}" text-anchor="middle">{escape(across)}</text>',
            f'<text x="{left}" y="{MARGIN - 8}">{escape(up)}</text>',
        ]
        for k in range(6):
            x, y = low + (1 - low) * k / 5, bottom + (1 - bottom) * k / 5
            self.parts += [
                f'<text x="{self.x(x):.1f}" y="{MARGIN + SIDE + 16}" text-anchor="middle">{x:.1f}</text>',
                f'<text x="{left - 6}" y="{self.y(y) + 4:.1f}" text-anchor="end">{y:.1f}</text>',
                f'<path d="M{left} {self.y(y):.1f}h{SIDE}" stroke="#eee"/>',
            ]

    def x(self, value: float) -> float:
        return self.left + SIDE * (max(value, self.low) - self.low) / (1 - self.low)

    def y(self, value: float) -> float:
        return MARGIN + SIDE * (1 - max(value, self.bottom)) / (1 - self.bottom)

    def line(self, points: list[tuple[float, float]], colour: str, more: str = "") -> None:
        path = " ".join(f"{'L' if k else 'M'}{self.x(x):.1f} {self.y(y):.1f}" for k, (x, y) in enumerate(points))
        self.parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6" {more}/>')

    def dot(self, x: float, y: float, radius: float, colour: str, label: str, hollow: bool = False) -> None:
        fill = "none" if hollow else colour
        self.parts.append(
            f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="{radius:.1f}" fill="{fill}" stroke="{colour}" '
            f'fill-opacity="0.75"><title>{escape(label)}</title></circle>'
        )


def reliability(plot: Plot, number: int, one: Series) -> None:
    colour = shade(number)
    for row in one.scores["calibration"]["bins"]:
        x = row["stated"]
        plot.line([(x, row["low"]), (x, row["high"])], colour, 'stroke-opacity="0.35"')
        label = f"{one.label}: stated {x:.3f}, right {row['right']} of {row['of']}"
        plot.dot(x, row["share"], 2.5 + min(6.0, row["of"] ** 0.5 / 5), colour, label)


def coverage(plot: Plot, number: int, one: Series) -> None:
    colour = shade(number)
    points = one.scores["curve"]
    plot.line([(p["coverage"], p["accuracy"]) for p in points], colour)
    if answered := [p for p in points if p["least"] >= STATED]:
        last = answered[-1]
        label = f"{one.label}: {last['accuracy']:.3f} of {last['coverage']:.3f} answered"
        plot.dot(last["coverage"], last["accuracy"], 5, colour, label, hollow=True)


def drawing(paths: list[Path], draw: Any, titles: tuple[str, str], across: str, low: float, bottom: float) -> str:
    parts: list[str] = []
    tallest = SIDE
    for place, (kind, title) in enumerate(zip(("direction", "arrows"), titles, strict=True)):
        left = MARGIN + place * (SIDE + MARGIN + LEGEND)
        plot = Plot(left, title, across, "share that is right", low, bottom)
        if low == bottom == 0.5:
            plot.line([(0.5, 0.5), (1, 1)], "#999", 'stroke-dasharray="4 4"')
        shown = [s for s in series(paths, kind) if draw is coverage or s.scores["calibration"]["bins"]]
        for number, one in enumerate(shown):
            draw(plot, number, one)
            y = MARGIN + 14 + 17 * number
            error = one.scores["calibration"]["error"]
            text = one.label if draw is coverage else f"{one.label} (error {error:.3f})"
            colour = shade(number)
            plot.parts.append(f'<rect x="{left + SIDE + 12}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
            plot.parts.append(f'<text x="{left + SIDE + 27}" y="{y}">{escape(text)}</text>')
        tallest = max(tallest, 17 * len(shown))
        parts += plot.parts
    width, height = 2 * (SIDE + MARGIN + LEGEND), tallest + MARGIN + 50
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'{head} font-family="sans-serif" font-size="11">',
            '<rect width="100%" height="100%" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def main(folder: Path, paths: list[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kinds = ("Directions of pairs", "Arrows of lineages")
    files = {
        "reliability.svg": drawing(paths, reliability, kinds, "stated probability", 0.5, 0.5),
        "coverage.svg": drawing(paths, coverage, kinds, "share of the true pairs that is answered", 0.0, 0.5),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        print(folder / name)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
