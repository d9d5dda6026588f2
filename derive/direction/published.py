"""What the dates of two texts say of their direction."""

from __future__ import annotations

import math

from derive.dates import LEANING, chance_before, log_odds_before, order
from derive.direction.pair import THIN, Pair, percent, titles
from derive.model import Evidence, Regime

WITHIN_THE_TIE = 0.5
"""What an order within the tie weighs of `log_odds_before`: at most 1, too little for a verdict of its own (prior)."""


def earlier(pair: Pair, kind: Regime) -> list[Evidence]:
    """The earlier one by more than the tie is favoured; an order within it adds to what else speaks for it."""
    first, second = pair.times
    if first is None or second is None:
        return []
    a, b = titles(pair)
    way = order(first, second, pair.params.tie_minutes * 60)
    leaning = chance_before(first, second)
    if way == 0 and max(leaning, 1 - leaning) >= LEANING and (first.bare_day or second.bare_day):
        early, late = ((a, first), (b, second)) if leaning > 0.5 else ((b, second), (a, first))
        chance = max(leaning, 1 - leaning)
        detail = (
            f"{early[0]} was probably ({percent(chance)}) published before {late[0]}: {early[1].text} and {late[1].text}, "
            "of which the zone or the hour is not known"
        )
        weight = min(2.0, math.log(chance / max(0.01, 1 - chance))) * (1.0 if pair.measured.base >= THIN else 0.5)
        return [Evidence("published", "a" if leaning > 0.5 else "b", round(weight, 2), False, detail)]
    if way == 0 and first.exact and second.exact and first != second:
        odds = log_odds_before(first, second, pair.params.tie_minutes * 60) * WITHIN_THE_TIE
        early, late = ((a, first), (b, second)) if odds > 0 else ((b, second), (a, first))
        detail = f"{early[0]} came out {early[1].text}, shortly before {late[0]} ({late[1].text}), which alone decides nothing"
        weight = abs(odds) * (1.0 if pair.measured.base >= THIN else 0.5)
        return [Evidence("published", "a" if odds > 0 else "b", round(weight, 2), False, detail)]
    if way == 0:
        detail = f"{first.text} and {second.text} are too close together, or too vague, to say which came first"
        return [Evidence("published", "neither", 0.0, False, detail)]
    early, late = ((a, first), (b, second)) if way < 0 else ((b, second), (a, first))
    detail = f"{early[0]} was published {early[1].text}, before {late[0]} ({late[1].text})"
    # Where little is shared, being earlier is no sign of being the source: reports of one event follow each other anyway.
    weight = 2.0 if pair.measured.base >= THIN else 1.0
    return [Evidence("published", "a" if way < 0 else "b", weight, False, detail)]
