"""The scores: counted on a data set small enough to count by hand."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

import derive
from derive.evaluate import evaluate
from derive.evaluate.pairs import _plagdet
from derive.model import Span
from derive.report.scores import scores_text
from tests.test_compare import OTHER, STORY


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    half = STORY[: STORY.index("The works")]
    documents = {"wire": STORY, "cut": half, "own": OTHER, "both": OTHER + " " + half}
    truth = [
        {"derived": "cut", "source": "wire", "level": "cut", "spans": [[0, len(half), 0, len(half)]]},
        {"derived": "both", "source": "wire", "level": "merge", "spans": [[len(OTHER) + 1, len(half), 0, len(half)]]},
        {"derived": "own", "source": "wire", "level": "non"},
    ]
    (tmp_path / "docs.jsonl").write_text("".join(json.dumps({"id": k, "text": v}) + "\n" for k, v in documents.items()))
    with gzip.open(tmp_path / "truth.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in truth)
    return tmp_path


def test_detection_and_alignment_are_counted_as_by_hand(dataset: Path) -> None:
    scores = evaluate(dataset)
    assert (scores["detection"]["precision"], scores["detection"]["recall"]) == (1.0, 1.0)
    assert scores["detection"]["levels"]["non"]["none"] == 1
    assert scores["alignment"]["precision"] > 0.97
    assert scores["alignment"]["recall"] > 0.97
    assert scores["alignment"]["granularity"] == 1.0
    direction = scores["direction"]["without dates"]
    assert direction["answered"]["share"] == 0.0
    assert {name: value["share"] for name, value in direction["baselines"].items()} == {
        "longer is source": 0.5,
        "shorter is source": 0.5,
        "earlier is source": None,
    }
    assert "best containment" in scores_text(scores)


def test_plagdet_is_f1_over_the_logarithm_of_granularity() -> None:
    true = [(Span(0, 100), Span(0, 100))]
    halves = [(Span(0, 50), Span(0, 50)), (Span(50, 100), Span(50, 100))]
    scores = _plagdet([(true, halves)])
    assert (scores["precision"], scores["recall"], scores["granularity"]) == (1.0, 1.0, 2.0)
    assert scores["plagdet"] == round(1 / math.log2(3), 4)
    assert _plagdet([(true, [])])["plagdet"] == 0.0
    assert _plagdet([([], halves)])["precision"] == 0.0


def test_a_folder_that_is_no_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(derive.DeriveError, match=r"docs\.jsonl"):
        evaluate(tmp_path)


def test_no_pair_without_a_direction_gets_a_sure_one(data: Path) -> None:
    """Same-event articles of three outlets: no arrow between any two in a scan of all of them."""
    from derive.evaluate import load

    documents, _ = load(data / "basil")
    assert derive.scan(documents).edges == ()
