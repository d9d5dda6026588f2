"""What each text has and the other lacks: a rewrite of one by the other would have had to lose it, or find it elsewhere."""

from __future__ import annotations

from derive.direction.pair import THIN, Pair, covered, percent, title_case
from derive.model import Evidence, Regime


def mutual_loss(pair: Pair, kind: Regime) -> list[Evidence]:
    """Each text has much that the other lacks: a rewrite of one by the other would have had to lose and find it."""
    if pair.kept is None or pair.measured.base >= 2 * THIN:
        return []
    if min(len(pair.measured.a.distinct), len(pair.measured.b.distinct)) < 50:
        return []
    if max(pair.kept) >= 0.8:
        return []
    a, b = pair.sides
    detail = (
        f"each has names and figures that the other lacks ({percent(1 - pair.kept[0])} of those in {a.id}, "
        f"{percent(1 - pair.kept[1])} of those in {b.id}, weighed by rarity)"
    )
    return [Evidence("mutual_loss", "common_source", 0.8, False, detail)]


def exclusive_facts(pair: Pair, kind: Regime) -> list[Evidence]:
    """Rare names and figures in the shared passages, in two texts that each lack much of the other and share little.

    Where much is shared they say nothing: what a rewrite adds, its own rewrites have from it, and nobody else.
    """
    if not mutual_loss(pair, kind) or pair.measured.base >= THIN:
        return []
    a = pair.measured.a.prepared
    inside = {w for w, c in zip(a.words.strings, covered(pair.measured, "a"), strict=True) if c}
    rare = [f for f in pair.exclusive_facts if f in inside]
    if len(rare) < 3:
        return []
    listed = ", ".join(title_case(f) for f in rare[:4])
    detail = f"names and figures that no other article has stand in the same words in both: {listed}"
    return [Evidence("exclusive_facts", "common_source", 1.6, False, detail)]
