"""The scores: counted on a data set small enough to count by hand."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

import derive
from derive.evaluate import evaluate
from derive.evaluate.figures import Answer, calibration, curve, share
from derive.evaluate.lineages import _origins, _roots, _skeleton, _unseen, lineages
from derive.evaluate.pairs import _plagdet
from derive.evaluate.truth import Story, held_out, read_story
from derive.model import Document, Edge, Link, Origins, Span, UnseenSource
from derive.report.scores import scores_text
from tests.conftest import FIXTURES
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


# -- lineages


TREE = Story(
    "tree",
    tuple(Document(id, id) for id in "abcdexyz"),
    {
        "b": ("a",),
        "c": ("b",),
        "d": ("a",),
        "e": ("d", "b"),
        "x": ("unseen:w",),
        "y": ("unseen:w",),
        "z": ("unseen:v",),
    },
    {},
    {frozenset("cz"): "quotation", frozenset("dz"): "any"},
)


def test_what_follows_from_the_parents_of_a_story() -> None:
    assert TREE.edges == {("a", "b"), ("b", "c"), ("a", "d"), ("d", "e"), ("b", "e")}
    assert TREE.derives("c", "a")
    assert not TREE.derives("a", "c")
    pairs = {"ca": "derived", "bd": "siblings", "xy": "siblings", "az": "independent", "cz": "quotation", "dz": "any"}
    assert {pair: TREE.relation(*pair) for pair in pairs} == pairs
    assert TREE.unseen == {"unseen:w": frozenset("xy")}
    assert TREE.origins == {tuple("abcde"), ("x", "y"), ("z",)}
    assert TREE.families == [(frozenset("abcde"), frozenset("a")), (frozenset("xy"), frozenset({"unseen:w"}))]


def test_an_anonymous_story_is_the_same_story_under_other_names() -> None:
    story = TREE.anonymous()
    assert len(story.edges) == len(TREE.edges)
    assert sorted(map(len, story.origins)) == [1, 2, 5]
    assert not {d.id for d in story.documents} & {d.id for d in TREE.documents}


@pytest.fixture
def drawn() -> object:
    """The tree as a lineage might tell it: one arrow right, one skipping, one wrong, one unseen source, one invented."""
    from derive.evaluate.lineages import Outcome
    from derive.params import Params
    from derive.pipeline import examine, lineage_of

    examined = examine(TREE.documents)
    empty = lineage_of(examined, Params())
    lineage = replace(
        empty,
        edges=(Edge("a", "b", 0.95), Edge("a", "c", 0.8), Edge("c", "d", 0.92)),
        links=(Link("d", "e", "text", 0.95), Link("x", "y", "text", 0.9), Link("b", "e", "text", 0.5)),
        unseen_sources=(UnseenSource("unseen:1", ("x", "y"), 0.7), UnseenSource("unseen:2", ("d", "z"), 0.7)),
        roots=((("a", 0.9), ("e", 0.1)), (("unseen:1", 0.7), ("x", 0.15), ("y", 0.15))),
        origins=Origins(3, (tuple("abcd"), ("x", "y"), ("z",))),
    )
    return Outcome(TREE, examined, lineage)


def test_scores_of_a_lineage_are_counted_as_by_hand(drawn) -> None:  # type: ignore[no-untyped-def]
    def counts(share: dict) -> tuple[int, int]:
        return share["right"], share["of"]

    story = replace(drawn.story, levels=dict.fromkeys("bcdexyz", "made"))
    scores = lineages([replace(drawn, story=story)])
    assert counts(scores["parents"]) == (1, 5)
    assert counts(scores["arrows"]["wrong"]) == (1, 3)
    assert (scores["arrows"]["right"], scores["arrows"]["skipping"]) == (1, 1)
    assert scores["arrows"]["wrong because"] == {"siblings": 1}
    assert scores["arrows"]["wrong at .9 or more"] == 1
    skeleton, unseen, origins, roots = (f([drawn]) for f in (_skeleton, _unseen, _origins, _roots))
    assert counts(skeleton["precision"]) == (3, 5)
    assert counts(skeleton["recall"]) == (2, 5)
    assert counts(unseen["found"]) == (1, 1)
    assert counts(unseen["falsely said"]) == (1, 2)
    assert counts(origins["number right"]) == (1, 1)
    assert counts(origins["number and members right"]) == (0, 1)
    assert counts(origins["groups right"]) == (2, 3)
    assert counts(roots["right"]) == (2, 2)
    assert counts(roots["stated"]) == (1, 2)


def test_a_share_has_wilsons_interval() -> None:
    assert share(0, 0)["share"] is None
    assert share(19, 20) == {"right": 19, "of": 20, "share": 0.95, "low": 0.7639, "high": 0.9911}
    assert (share(0, 10)["low"], share(10, 10)["high"]) == (0.0, 1.0)


def test_curve_and_calibration_are_counted_as_by_hand() -> None:
    answers = [Answer(0.95, True), Answer(0.95, True), Answer(0.8, False), Answer(0.6, True)]
    assert [(p["least"], p["coverage"], p["accuracy"]) for p in curve(answers, 8)] == [
        (0.95, 0.25, 1.0),
        (0.8, 0.375, 0.6667),
        (0.6, 0.5, 0.75),
    ]
    assert calibration(answers)["error"] == round((2 * 0.05 + 0.8 + 0.4) / 4, 4)
    assert calibration([]) == {"error": None, "bins": []}


def test_a_story_of_the_fixtures_is_scored_with_dates_without_them_and_bare() -> None:
    scores = evaluate(FIXTURES / "bakers-strike")
    runs = scores["parts"]["all"]["runs"]
    assert set(runs) == {"with dates", "without dates", "texts alone"}
    assert all(run["lineage"]["arrows"]["wrong"]["right"] == 0 for run in runs.values())
    assert runs["with dates"]["lineage"]["parents"]["of"] == 4
    assert "bakers-strike" in scores_text(scores)


def write_story(folder: Path, number: int) -> Path:
    place = folder / f"event-{number}"
    place.mkdir()
    (place / "one.txt").write_text(STORY)
    (place / "two.txt").write_text(OTHER)
    (place / "truth.toml").write_text(
        '[[article]]\nfile="one.txt"\nparents=[]\n[[article]]\nfile="two.txt"\nparents=[]\n'
    )
    return place


def test_of_the_second_half_of_a_collection_nothing_but_totals_is_shown(tmp_path: Path) -> None:
    names = {write_story(tmp_path, k).name for k in range(8)}
    kept = {name for name in names if held_out(name)}
    assert 3 <= len(kept) < 8
    assert set(evaluate(tmp_path)["parts"]) == {"all"}
    (tmp_path / "collection.toml").write_text("halves = true\n")
    scores = evaluate(tmp_path)
    assert scores["parts"]["second half, totals alone"]["stories"] == len(kept)
    text = scores_text(scores) + json.dumps(scores)
    assert {name for name in names if name in text} == names - kept
    with pytest.raises(derive.DeriveError, match="totals alone"):
        evaluate(tmp_path / min(kept))


def test_a_truth_that_does_not_fit_its_folder_is_named(tmp_path: Path) -> None:
    place = write_story(tmp_path, 1)
    (place / "two.txt").unlink()
    with pytest.raises(derive.DeriveError, match=r"truth\.toml.*two\.txt"):
        read_story(place)
