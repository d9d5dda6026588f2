"""What the editor declared about the collection: rewrites shorten, or versions grow.

Without a declaration length says nothing: which text is longer tells a habit of the collection, and habits differ.
"""

from __future__ import annotations

import math

from derive.direction.pair import THIN, Pair, towards
from derive.model import Evidence, Regime

_BY_LENGTH = ((0.1, 2.2), (0.05, 1.6))
"""From this |ln| of the length ratio on, what the assumption weighs (M: right on 1.00/.92/.92 and .95/1.00/.87 of onestop,
clough_stevenson, pep_versions; below, .92/.40/.76: not said)."""


def assumption(pair: Pair, kind: Regime) -> list[Evidence]:
    """What the editor declared about this collection: rewrites shorten, or versions grow."""
    assume = pair.params.assume
    if assume is None or not (kind in ("rewrite", "verbatim") or (kind == "local" and pair.measured.base >= THIN)):
        return []
    n_a, n_b = (int((~p.blocked).sum()) for p in pair.sides)
    ratio = math.log(n_a / n_b) if n_a and n_b else 0.0
    weight = next((w for least, w in _BY_LENGTH if abs(ratio) > least), 0.0)
    if not weight:
        return [Evidence("assume", "neither", 0.0, True, f"both texts are about equally long ({n_a} and {n_b} words)")]
    longer = pair.sides[0].id if ratio > 0 else pair.sides[1].id
    rule = "rewrites shorten" if assume == "condense" else "versions grow"
    sign = ratio if assume == "condense" else -ratio
    detail = f"assumed: {rule}; {longer} is the longer one ({max(n_a, n_b)} against {min(n_a, n_b)} words)"
    return [Evidence("assume", towards(sign), weight, True, detail)]
