"""How right is derive on a collection whose truth is known? Every score beside a trivial baseline, nothing fitted.

`truth` reads what is true, `pairs` scores single pairs, `lineages` scores drawn lineages, `figures` makes shares, curves and
calibration of counts. Every collection is looked at under ids that tell nothing, with its dates and without them; a story
also without outlets and addresses ("texts alone").

Start reading at `evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from derive.errors import InputError
from derive.evaluate.lineages import Outcome, asked_in, lineages, outcome, relations, undated
from derive.evaluate.pairs import alignment, asked_of, cases_of, detection, direction
from derive.evaluate.truth import Story, documents_of, halved, held_out, load, stories, story_of
from derive.model import Document
from derive.params import Params
from derive.pipeline import Progress, examine

__all__ = ["documents_of", "evaluate", "evaluate_stories", "load"]


def evaluate(
    folder: Path,
    *,
    params: Params | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    lineage: bool = True,
) -> dict[str, Any]:
    """All scores of a data set, a story, or a folder of stories, as plain data (what `--format json` prints).

    Without `lineage` a data set is not searched: the pairs of its truth are judged, and nothing is drawn.
    """
    params = params or Params()
    if (folder / "truth.toml").is_file() and halved(folder.parent) and held_out(folder.resolve().name):
        raise InputError(f"{folder}: this story is kept for totals alone; ask for {folder.parent}")
    if found := stories(folder):
        return _evaluate_collection(folder, found, params)
    return _evaluate_set(folder, params, progress, jobs, lineage)


# -- data sets


def _evaluate_set(folder: Path, params: Params, progress: Progress | None, jobs: int, lineage: bool) -> dict[str, Any]:
    documents, truth = load(folder)
    read = story_of(folder, documents)
    story = (read or Story(folder.name, tuple(documents), {}, {}, {})).anonymous()
    name = dict(zip((d.id for d in documents), (d.id for d in story.documents), strict=True))
    hidden = [replace(t, derived=name[t.derived], source=name[t.source]) for t in truth]
    pairs = sorted({(min(t.derived, t.source), max(t.derived, t.source)) for t in hidden})
    search = lineage and read is not None
    examined = examine(story.documents, params=params, also=pairs, search=search, progress=progress, jobs=jobs)
    runs = {"with dates": examined} if any(examined.times) else {}
    runs["without dates"] = undated(examined) if runs or examined.updates else examined
    cases = cases_of(examined, hidden)
    scores: dict[str, Any] = {
        "dataset": folder.name,
        "documents": len(documents),
        "pairs": len(truth),
        "detection": detection(cases),
        "alignment": alignment(cases),
        "direction": {run: direction(asked_of(cases_of(e, hidden))) for run, e in runs.items()},
        "lineage": None,
    }
    if search:
        scores["lineage"] = {run: lineages([outcome(story, e, params)]) for run, e in runs.items()}
    return scores


# -- stories


LEAST = 3
"""Held-out stories from which on their totals are shown: fewer would be told apart."""


def _evaluate_collection(folder: Path, found: Sequence[Story], params: Params) -> dict[str, Any]:
    """Each story is scanned by itself; the second half of a collection that is kept in halves has totals and no more."""
    if not halved(folder):
        parts = {"all": evaluate_stories(found, params=params)}
    else:
        kept = [s for s in found if held_out(s.name)]
        first = [s for s in found if not held_out(s.name)]
        parts = {
            "first half": evaluate_stories(first, params=params),
            "second half, totals alone": _totals(kept, params),
        }
    return {
        "dataset": folder.resolve().name,
        "documents": sum(len(s.documents) for s in found),
        "stories": len(found),
        "parts": parts,
    }


def _totals(kept: Sequence[Story], params: Params) -> dict[str, Any]:
    if len(kept) >= LEAST:
        return evaluate_stories(kept, params=params, each=False)
    note = f"too few stories for totals: {LEAST} are needed"
    return {"stories": len(kept), "documents": sum(len(s.documents) for s in kept), "runs": {}, "note": note}


def evaluate_stories(found: Sequence[Story], *, params: Params | None = None, each: bool = True) -> dict[str, Any]:
    """The scores of stories together and, with `each`, what a line of each says."""
    params = params or Params()
    runs: dict[str, list[Outcome]] = {"with dates": [], "without dates": [], "texts alone": []}
    for story in (s.anonymous() for s in found):
        examined = examine(story.documents, params=params)
        runs["with dates"].append(outcome(story, examined, params))
        runs["without dates"].append(outcome(story, undated(examined), params))
        bare = replace(story, documents=tuple(_bare(d) for d in story.documents))
        runs["texts alone"].append(outcome(bare, examine(bare.documents, params=params), params))
    scores: dict[str, Any] = {"stories": len(found), "documents": sum(len(s.documents) for s in found), "runs": {}}
    for name, outcomes in runs.items():
        scores["runs"][name] = {
            "detection": relations(outcomes),
            "direction": direction(asked_in(outcomes)),
            "lineage": lineages(outcomes),
        }
    if each:
        scores["by story"] = {name: {o.story.name: _line(o) for o in outcomes} for name, outcomes in runs.items()}
    return scores


def _bare(document: Document) -> Document:
    return replace(document, published=None, modified=None, source=None, url=None, author=None, derived_from=())


def _line(o: Outcome) -> dict[str, Any]:
    scores = lineages([o])
    return {
        "articles": len(o.story.documents),
        "parents": [scores["parents"]["right"], scores["parents"]["of"]],
        "arrows": scores["arrows"]["drawn"],
        "wrong": scores["arrows"]["wrong"]["right"],
        "origins": [o.lineage.origins.count, len(o.story.origins)],
        "origins right": scores["origins"]["number and members right"]["right"] == 1,
        "unseen": [len(o.lineage.unseen_sources), len(o.story.unseen)],
    }
