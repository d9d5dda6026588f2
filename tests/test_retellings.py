"""An article that kept no sentence of its source: when may an arrow rest on names, figures and times?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import derive
from derive.dates import Time, read_time
from derive.evaluate.truth import read_story
from derive.params import Params
from derive.retellings import retellings
from tests.conftest import ROOT


def at(hour: int) -> Time | None:
    return read_time(f"2026-03-01T{hour:02d}:00:00Z")[0]


def pairs(facts: list[tuple[int, int]]) -> Any:
    """Pairs that share names and figures and no wording."""
    return {place: SimpleNamespace(pair=SimpleNamespace(reuse="facts")) for place in facts}


# Article 0 is a source, 1 and 2 are its rewrites, 3 is the retelling, 4 has nothing to do with them.
CASES = {
    "below a source that two rewrites have shown": ([(0, 1), (0, 2)], [(0, 3), (1, 3)], 9, [(0, 3)]),
    "not below a source with one rewrite": ([(0, 1)], [(0, 3), (1, 3)], 9, []),
    "not below one that came later": ([(0, 1), (0, 2)], [(0, 3)], 5, []),
    "not below one that came out within the hour": ([(0, 1), (0, 2)], [(0, 3)], 6, []),
    "not where it also retells another family": ([(0, 1), (0, 2), (4, 5)], [(0, 3), (3, 4)], 9, []),
    "not where it has a parent already": ([(0, 1), (0, 2), (4, 3)], [(0, 3)], 9, []),
    "not where it retells a rewrite alone": ([(0, 1), (0, 2)], [(1, 3)], 9, []),
}


@pytest.mark.parametrize(("arrows", "facts", "hour", "expected"), CASES.values(), ids=CASES)
def test_a_retelling_gets_an_arrow(
    arrows: list[tuple[int, int]], facts: list[tuple[int, int]], hour: int, expected: list[tuple[int, int]]
) -> None:
    times = [at(6), at(7), at(8), at(hour), at(6), at(7)]
    assert retellings(arrows, pairs(facts), times, Params()) == expected


def test_three_retellings_of_a_theft_hang_below_the_report_of_the_agency_and_say_why() -> None:
    story = read_story(ROOT / "benchmarks" / "newsroom" / "museum-theft")
    lineage = derive.scan(story.documents)
    for retelling in ("brieflybrief.txt", "gawpr.txt", "hushhour.txt"):
        assert {e.source for e in lineage.edges if e.target == retelling} == {"lumen-press.txt"}
        pair = lineage.comparison(retelling, "lumen-press.txt")
        assert pair is not None
        assert (pair.reuse, pair.direction.verdict) == ("facts", "b_to_a")
        assert pair.direction.evidence[-1].name == "retelling"
