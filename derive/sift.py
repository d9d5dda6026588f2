"""Which candidates are surely no reuse? Told from a few counts, so that only the others are measured, aligned and judged.

In a large collection most candidates are two texts on one topic. What every rule of `measure.REUSE` needs at the least is
counted here in one compiled pass over both texts: the shared shingles, the largest share of rare words in one place, the
longest shared quotation. A pair that has too little of each has no reuse under any rule; the figures are the same as those
of `measure` (tests/test_sift.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from derive import kernel
from derive.align import OCCURRENCES
from derive.dense import WINDOW
from derive.measure import ENOUGH, WORTH_A_LOOK
from derive.model import Shingled
from derive.params import Params

KEPT = 10_000
"""Texts whose sorted shingles are kept (some 30 kB for an article of 700 words)."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The figures of a pair that can be had without aligning anything; named as in `Measured`."""

    shared: int
    base: float
    share: float
    """The largest share of rare words in one place, not rounded."""
    quoted_run: int
    cited_run: int

    def may_be_reuse(self, params: Params) -> bool:
        """False if no rule but the one about facts can hold."""
        return (
            self.base >= min(params.related, ENOUGH)
            or self.share + 1e-6 >= WORTH_A_LOOK  # rounded to 6 decimals where it counts
            or self.quoted_run >= params.quoted_run
            or self.cited_run >= params.cited_run
        )


class Sieve:
    """Looks at pairs of documents by their positions."""

    def __init__(self, documents: Sequence[Shingled]) -> None:
        self._documents = documents
        self._texts = lru_cache(KEPT)(self._text)

    def _text(self, k: int) -> kernel.Text:
        return _text(self._documents[k])

    def glance(self, i: int, j: int) -> Glance:
        """What is seen of a pair at a glance."""
        here, there = self._texts(i), self._texts(j)
        shared, plain, share, quoted, cited = here.meet(there, OCCURRENCES)
        smaller = min(len(here.distinct), len(there.distinct))
        return Glance(shared, plain / smaller if smaller else 0.0, share, quoted, cited)


def _text(d: Shingled) -> kernel.Text:
    size = len(d.prepared.words) - len(d.codes) + 1 if len(d.codes) else 1
    return kernel.Text(
        d.distinct, d.plain, d.codes, d.open, d.prepared.quoted, d.telling.stem, d.telling.weight, size, WINDOW // 2
    )
