"""What derive says of each story, word for word. `make accept` accepts this run's words; look at the diff first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import derive
from tests.conftest import STORIES, load_story

GOLD = Path(__file__).parent / "gold"
ACTUAL = Path(__file__).parent / "actual"


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("form", ["summary.txt", "lineage.dot"])
def test_a_story_is_told_as_it_was_accepted(name: str, form: str) -> None:
    lineage = derive.scan(load_story(name).documents())
    told = lineage.summary() if form == "summary.txt" else lineage.to_dot()
    expected, actual = GOLD / f"{name}.{form}", ACTUAL / f"{name}.{form}"
    if os.environ.get("DERIVE_ACCEPT"):
        expected.write_text(told, encoding="utf-8")
    ACTUAL.mkdir(exist_ok=True)
    actual.write_text(told, encoding="utf-8")
    assert expected.exists(), f"no accepted words yet: look at {actual.name} and run make accept"
    assert told == expected.read_text(encoding="utf-8"), f"diff tests/gold/{actual.name} tests/actual/{actual.name}"
