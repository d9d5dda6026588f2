"""Small statistics that every score is made of: shares with their interval, curves, calibration.

A share carries Wilson's 95 % interval (Probable inference, 1927), which holds for few cases and near 0 and 1. Pairs of one
story are no independent draws, so a true interval is wider than the one printed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Z95 = 1.959964
BINS = 10
"""Bins of equal width from .5 to 1: a likelier side has at least .5 (what has less, beside a common source, stands in the
first)."""
POINTS = 60
"""A curve has no more points than this."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A stated probability, and whether what was stated is true.

    `stated` is False for what was only leaned to, `asked` for what was said where there was nothing to find.
    """

    probability: float
    right: bool
    stated: bool = True
    asked: bool = True


def share(right: int, of: int) -> dict[str, float | int | None]:
    """`right` of `of` as a share with its interval; None where nothing was asked."""
    if not of:
        return {"right": right, "of": of, "share": None, "low": None, "high": None}
    p, z = right / of, Z95
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    low, high = (0.0 if right == 0 else middle - half), (1.0 if right == of else middle + half)
    return {"right": right, "of": of, "share": round(p, 4), "low": round(low, 4), "high": round(high, 4)}


def curve(answers: Sequence[Answer], asked: int) -> list[dict[str, float]]:
    """Accuracy over the share of `asked` that is answered, as the least probability that counts as an answer falls."""
    ranked = sorted(answers, key=lambda a: -a.probability)
    points, right, covered = [], 0, 0
    for k, answer in enumerate(ranked, 1):
        right += answer.right
        covered += answer.asked
        if k == len(ranked) or ranked[k].probability < answer.probability:
            coverage, accuracy = round(covered / max(1, asked), 4), round(right / k, 4)
            points.append({"least": answer.probability, "coverage": coverage, "accuracy": accuracy})
    step = max(1, -(-len(points) // POINTS))
    return [p for k, p in enumerate(points) if k % step == 0 or k == len(points) - 1]


def calibration(answers: Sequence[Answer]) -> dict[str, Any]:
    """How far what is stated lies from what is true: bins, and their mean distance weighed by size (None without answers)."""
    bins: list[list[Answer]] = [[] for _ in range(BINS)]
    for answer in answers:
        bins[min(BINS - 1, max(0, int((answer.probability - 0.5) * 2 * BINS + 1e-9)))].append(answer)
    rows, error = [], 0.0
    for k, own in enumerate(bins):
        if own:
            stated = sum(a.probability for a in own) / len(own)
            found = share(sum(a.right for a in own), len(own))
            error += abs(stated - sum(a.right for a in own) / len(own)) * len(own) / len(answers)
            rows.append({"from": round(0.5 + k / (2 * BINS), 2), "stated": round(stated, 4), **found})
    return {"error": round(error, 4) if answers else None, "bins": rows}


def answered(answers: Sequence[Answer], asked: int) -> dict[str, Any]:
    """The scores that any list of answers with probabilities has; those leaned to stand in the curve alone."""
    stated = [a for a in answers if a.stated]
    sure = [a for a in stated if a.probability >= 0.9]
    return {
        "right at .9 or more": share(sum(a.right for a in sure), len(sure)),
        "wrong at .9 or more": sum(not a.right for a in sure),
        "calibration": calibration(stated),
        "curve": curve(answers, asked),
    }
