"""Which pairs that share text belong to one story, once what the whole collection says is left out?

Documents of one house share headings, formulas and legal sentences although each was written for itself; added up, they can
reach what counts as reuse, and a few such pairs tie all documents into one story. A collection shows which phrases these are:
many families have them that are otherwise unrelated, and they are short. A long passage that many have is a story that
travelled, and stays evidence.

Start reading at `of_one_story`. `furniture` finds whole paragraphs before anything is counted; this finds phrases, and only
the lineage leaves them out: the figures of a pair stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from derive.data import stopwords
from derive.direction import Pair
from derive.groups import Groups
from derive.measure import Measured
from derive.model import Shingled
from derive.params import Params
from derive.retold import Stretch
from derive.sets import counted, distinct

FAMILY = 0.3
"""Share of the smaller text from which on two are surely of one family (the upper step of the prior of a common source)."""
MANY = 8
"""Families that make a phrase the collection's (M: pep_versions and pep_replaces against the first half of the newsroom,
where none of the 123 true pairs falls below the least share by it)."""
LONG = 24
"""Shingles in a row that many families have: a passage, no phrase (prior: a sentence of the law has about twenty words)."""
RETOLD_WORDS = 4
"""Telling words in common, apart from phrases, that a stretch retold in other words has at least (M: the least of the true
pairs of the newsroom's first half that share hardly any wording)."""
SURE_RUN = 16
"""Words in a row that no other family has: enough by themselves (prior: twice the run that makes reuse)."""


def of_one_story(
    documents: Sequence[Shingled],
    pairs: Mapping[tuple[int, int], Pair],
    params: Params,
    phrases: NDArray[np.int64] | None = None,
) -> dict[tuple[int, int], bool]:
    """Of these pairs that share text, those that still share enough without the collection's phrases.

    The value says whether they share wording: else one retells the other in other words, and only that can be said.
    `phrases` are the collection's, where these documents are a part of it.
    """
    families = Groups(len(documents))
    for (i, j), pair in pairs.items():
        if pair.measured.base >= FAMILY:
            families.join(i, j)
    members = sorted({k for place in pairs for k in place})
    phrases = _phrases(documents, families, members) if phrases is None else phrases
    sizes = {k: len(np.setdiff1d(documents[k].distinct, phrases, assume_unique=True)) for k in members}
    own = {k: np.setdiff1d(documents[k].plain, phrases, assume_unique=True) for k in members}  # names and formulas out
    kept = {}
    for (i, j), pair in pairs.items():
        shared = len(np.intersect1d(own[i], own[j], assume_unique=True))
        enough = shared >= params.possible * max(1, min(sizes[i], sizes[j]))
        wording = enough or pair.measured.base >= FAMILY or pair.measured.exclusive_run >= SURE_RUN
        if wording or _retells(pair, phrases, params):
            kept[i, j] = wording
    return kept


def _retells(pair: Pair, phrases: NDArray[np.int64], params: Params) -> bool:
    """Whether a fair share of the smaller text is retold in other words, and not because both places hold a phrase."""
    m = pair.measured
    least = params.possible * min(int(p.authored.sum()) for p in pair.sides)
    stretches = [*m.retold.places(), *([place] if (place := m.closest) else [])]
    return any(s.words >= least and _common(m, s, phrases) >= RETOLD_WORDS for s in stretches)


def _common(m: Measured, stretch: Stretch, phrases: NDArray[np.int64]) -> int:
    """Telling words that both sides of a stretch have outside the collection's phrases."""
    left, right = (
        {w for w, free in zip(d.prepared.words.strings[low:high], ~covered[low:high], strict=True) if free}
        for d, (low, high) in ((m.a, stretch.a), (m.b, stretch.b))
        for covered in (_cover(d, phrases),)
    )
    return len({w for w in left & right if len(w) > 2} - stopwords())


def _cover(document: Shingled, phrases: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The words of a document that stand in a phrase."""
    cover = np.zeros(len(document.prepared.words), dtype=np.bool_)
    inside = np.isin(document.codes, phrases)
    for k in range(len(cover) - len(inside) + 1 if len(inside) else 0):
        cover[k : k + len(inside)] |= inside
    return cover


def _phrases(documents: Sequence[Shingled], families: Groups, members: Sequence[int]) -> NDArray[np.int64]:
    """The shingles that many families have and that stand in no long passage which many have."""
    if len({families.find(k) for k in members}) < MANY:
        return np.zeros(0, dtype=np.int64)
    of_family: dict[int, list[NDArray[np.int64]]] = {}
    for k in members:
        of_family.setdefault(families.find(k), []).append(documents[k].distinct)
    held = [sets[0] if len(sets) == 1 else distinct(np.concatenate(sets)) for sets in of_family.values()]
    code, families_with = counted(np.concatenate(held))
    many = code[families_with >= MANY]
    passages = [in_long_runs(documents[k].codes, many) for k in members]
    return np.setdiff1d(many, np.concatenate(passages))


def in_long_runs(codes: NDArray[np.int64], many: NDArray[np.int64]) -> NDArray[np.int64]:
    """The codes of a text that stand in `LONG` or more in a row of these."""
    edges = np.diff(np.concatenate(([0], np.isin(codes, many).astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    runs = [codes[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b - a >= LONG]
    return np.concatenate(runs) if runs else np.zeros(0, dtype=np.int64)
