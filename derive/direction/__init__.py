"""Who wrote it first? Evidence, one small function a piece, weighed into a verdict, or into "undecided".

Three things can be: b was rewritten from a, a from b, or both drew on a common source. Containment asymmetry says nothing
about it: it is the length ratio. So a pair is first put into a regime by symmetric features (how much of each text is
shared), which says what may be asked of it; then each piece of `EVIDENCE` gives a log-odds with a sentence; a softmax
over the three hypotheses answers only where it is sure enough. In whole-text regimes, without dates, credits or a
declared assumption, the answer is "undecided" by construction: nothing there gives weight to a direction.

Start reading at `decide`; `pair` is what is asked about, each other file a kind of evidence. Weights: measured where
`measured` is true (PAN 2013 local reuse), else priors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from derive.direction.credits import agency_mark, credit, shared_credit
from derive.direction.habits import assumption
from derive.direction.home import at_home
from derive.direction.losses import exclusive_facts, mutual_loss
from derive.direction.pair import THIN, TRAVELS, Pair, regime, strangers, told
from derive.direction.published import earlier
from derive.direction.traces import left_behind
from derive.model import Direction, Evidence, Regime, Verdict

__all__ = ["Pair", "common_source_chance", "decide", "regime"]

Ask = Callable[[Pair, Regime], list[Evidence]]
EVIDENCE: tuple[Ask, ...] = (
    earlier,
    credit,
    agency_mark,
    at_home,
    assumption,
    shared_credit,
    mutual_loss,
    exclusive_facts,
    left_behind,
)


def decide(pair: Pair, further: Sequence[Evidence] = ()) -> Direction:
    """The verdict on a pair with its evidence; `further` is evidence from outside the pair (the lineage)."""
    kind = regime(pair.measured)
    if pair.reuse in ("none", "quotation"):
        return Direction("undecided", 0.5, kind, ())
    evidence = [e for ask in EVIDENCE for e in ask(pair, kind)] + list(further)
    return _weighed(pair, kind, evidence)


def reconsider(pair: Pair, direction: Direction, further: Sequence[Evidence]) -> Direction:
    """The verdict once more evidence has come from outside the pair; what was asked of the pair is not asked again."""
    return _weighed(pair, direction.regime, [*direction.evidence, *further])


def _weighed(pair: Pair, kind: Regime, evidence: Sequence[Evidence]) -> Direction:
    if pair.reuse == "facts":  # retold facts say nothing about who told them first
        return Direction("undecided", 0.5, kind, tuple(evidence))
    chance = _chances(pair, evidence)
    likeliest = max(("a", "b", "common_source"), key=lambda k: chance[k])
    verdicts: dict[str, Verdict] = {"a": "a_to_b", "b": "b_to_a", "common_source": "common_source"}
    if chance[likeliest] >= pair.params.arrow:
        return Direction(verdicts[likeliest], round(min(chance[likeliest], CAP), 3), kind, tuple(evidence))
    return Direction("undecided", round(max(chance["a"], chance["b"]), 3), kind, tuple(evidence))


CAP = 0.99
"""No verdict is stated as surer than this."""

_COMMON_SOURCE = ((2 * THIN, -2.2), (THIN, -1.5), (0.0, -0.5))
"""From this share on, the log-odds of a common source before any evidence: the less is shared, the likelier (prior). Texts
on different topics that share a passage no third one has count as those that share most."""


def _common_source_before_evidence(pair: Pair) -> float:
    """Log-odds of a common source, against each direction, before any evidence (prior)."""
    # Who declares how rewrites go has said that there are some.
    declared = pair.params.assume is not None and pair.measured.base >= THIN
    if declared or (pair.measured.elsewhere <= TRAVELS and strangers(pair, told(pair))):
        return _COMMON_SOURCE[0][1]
    return next(odds for least, odds in _COMMON_SOURCE if pair.measured.base >= least)


def common_source_chance(direction: Direction, pair: Pair) -> float:
    """The probability of a common source that this evidence amounts to, whatever the verdict."""
    return _chances(pair, direction.evidence)["common_source"]


def _chances(pair: Pair, evidence: Sequence[Evidence]) -> dict[str, float]:
    """The probability of each of the three: a softmax over the log-odds that favour it."""
    score = {"a": 0.0, "b": 0.0, "common_source": _common_source_before_evidence(pair)}
    for e in evidence:
        if e.favours != "neither":
            score[e.favours] += e.log_odds
    whole = sum(math.exp(s) for s in score.values())
    return {k: math.exp(s) / whole for k, s in score.items()}
