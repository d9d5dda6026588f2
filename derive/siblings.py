"""Do these texts derive from this one, or did they all meet in a third that is not here? Two signs, from the texts alone.

Every rewrite of a source keeps some part of it, and what one drops another keeps. A text that merely came out first has
additions of its own, which nobody carries although they stand among what all carry (`uncarried`). And where two rewrites
agree in wording that the supposed source lacks, without one of them coming from the other, they have it from elsewhere
(`agreement`): agreement against a witness, as editors of old texts call it. A perfect copy that came out first shows neither.

The thresholds stand in `derive.lineage`, with what they were measured on.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from derive.model import Shingled

LEAST = 6
"""Shingles: an agreement of fewer is chance (prior: two places, or a run of eight words)."""


MOST = 12
"""Rewrites whose agreement is asked: the pairs of more say no more."""


def uncarried(source: Shingled, rewrites: Sequence[Shingled], others: Sequence[Shingled] = ()) -> float:
    """Share of a text's authored shingles that no rewrite and no other text has, less the share expected by chance.

    By chance: if each rewrite had kept its part of the text independently. What stands behind the last carried words is
    not counted, as rewrites may all cut from the bottom. 0 where the rewrites carry nothing.
    """
    codes = source.codes[source.authored]
    kept = np.array([np.isin(codes, r.distinct) for r in rewrites], dtype=np.bool_).reshape(len(rewrites), len(codes))
    carried: NDArray[np.bool_] = np.asarray(kept.any(axis=0))
    if not carried.any():
        return 0.0
    last = int(np.flatnonzero(carried)[-1]) + 1
    kept, carried = kept[:, :last], carried[:last]
    for other in others:
        carried |= np.isin(codes[:last], other.distinct)
    return float(1 - carried.mean() - np.prod(1 - kept.mean(axis=1)))


def agreement(source: Shingled, rewrites: Sequence[Shingled]) -> float:
    """How far the rewrites agree in what the source lacks: the median over their pairs (0 for fewer than two).

    Of a pair it is the containment of what the two have beyond the source, in the smaller of the two remainders; 0 where one
    may come from the other, as then it has nothing of the source that the other lacks. Of many rewrites the first in the
    order of their content are asked.
    """
    asked = sorted(rewrites, key=lambda r: (r.prepared.sha256, r.id))[:MOST]
    return float(np.median([_against(source, *pair) for pair in itertools.combinations(asked, 2)] or [0.0]))


def _against(source: Shingled, one: Shingled, other: Shingled) -> float:
    """The least of what each two of the three share and the third lacks, as a share of the smaller remainder."""
    texts = (source, one, other)
    least = 1.0
    for third in range(3):
        left, right = (
            np.setdiff1d(t.distinct, texts[third].distinct, True) for t in texts[:third] + texts[third + 1 :]
        )
        shared = len(np.intersect1d(left, right, assume_unique=True))
        least = min(least, shared / min(len(left), len(right)) if shared >= LEAST else 0.0)
    return least
