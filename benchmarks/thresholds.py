"""What does each rule for "text" add, and what would it add if it were looser or tighter? One table over all data sets.

    DERIVE_DATA=... python benchmarks/thresholds.py > table.md

Every pair of the truth is measured once and judged under each variant: a rule left out, or with other thresholds. Of sets
with more than 2,000 pairs every fifth is taken. Pairs are judged without names and figures ("facts"), which need an event.
"""

import os
from collections import Counter
from pathlib import Path

from derive import measure
from derive.evaluate import load
from derive.params import Params
from derive.pipeline import examine

SETS = ("basil", "clough_stevenson", "contributor_covenant", "helsinki_news", "onestop", "pan13_train", "pep_replaces")
MANY, STEP = 2000, 5
NEVER = (9.0, 10**6)
VARIANTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("as it is", {}),
    ("shared shingles and runs alone", {"RETOLD": NEVER[::-1], "TOGETHER": (), "CLOSE": NEVER, "BLOCK": NEVER[::-1]}),
    ("without RETOLD", {"RETOLD": NEVER[::-1]}),
    ("RETOLD (25, .52)", {"RETOLD": (25, 0.52)}),
    ("RETOLD (40, .60)", {"RETOLD": (40, 0.60)}),
    ("without TOGETHER", {"TOGETHER": ()}),
    ("place alone, as STANDS_OUT was", {"TOGETHER": ((0.2, 15.0, 1.0, 0.0, 1),)}),
    ("TOGETHER's last line at usual .10", {"TOGETHER": (*measure.TOGETHER[:2], (0.1, 0.0, 0.10, 6.0, 2))}),
    ("TOGETHER's last line at score 4", {"TOGETHER": (*measure.TOGETHER[:2], (0.1, 0.0, 0.12, 4.0, 2))}),
    ("without BLOCK", {"BLOCK": NEVER[::-1]}),
    ("BLOCK (10, 5)", {"BLOCK": (10.0, 5)}),
    ("BLOCK (13, 2)", {"BLOCK": (13.0, 2)}),
    ("BLOCK (18, 5)", {"BLOCK": (18.0, 5)}),
    ("without CLOSE", {"CLOSE": NEVER}),
    ("CLOSE (.48, 30)", {"CLOSE": (0.48, 30.0)}),
    ("without BACKED", {"BACKED": (10**6, 9.0)}),
)


def measured(name: str) -> list[tuple[str, bool, measure.Measured]]:
    """(level, derived, figures) of the pairs of a set."""
    documents, truth = load(Path(os.environ["DERIVE_DATA"]) / name)
    truth = truth[::STEP] if len(truth) > MANY else truth
    named = {id for t in truth for id in (t.source, t.derived)}
    documents = [d for d in documents if d.id in named]
    examined = examine(documents, also=[(t.source, t.derived) for t in truth], search=False, jobs=os.cpu_count() or 1)
    place = {d.id: k for k, d in enumerate(examined.documents)}
    pairs = [tuple(sorted((place[t.source], place[t.derived]))) for t in truth]
    return [(t.level, t.positive, examined.pairs[p].pair.measured) for t, p in zip(truth, pairs, strict=True)]


def counts(pairs: list[tuple[str, bool, measure.Measured]], changed: dict[str, object]) -> Counter[str]:
    """How many pairs of each level are called text under changed thresholds."""
    usual = {name: getattr(measure, name) for name in changed}
    for name, value in changed.items():
        setattr(measure, name, value)
    try:
        return Counter(level for level, _, m in pairs if measure.reuse(m, Params()) == "text")
    finally:
        for name, value in usual.items():
            setattr(measure, name, value)


def main() -> None:
    sets = {name: measured(name) for name in SETS}
    levels = [(name, level) for name, pairs in sets.items() for level in sorted({level for level, _, _ in pairs})]
    derived = {(name, level): yes for name, pairs in sets.items() for level, yes, _ in pairs}
    of = Counter((name, level) for name, pairs in sets.items() for level, _, _ in pairs)
    print("| rule | " + " | ".join(f"{n}: {lv}{'' if derived[n, lv] else ' (false)'}" for n, lv in levels) + " |")
    print("|---" * (len(levels) + 1) + "|")
    print("| pairs | " + " | ".join(str(of[key]) for key in levels) + " |")
    for title, changed in VARIANTS:
        found = {name: counts(pairs, changed) for name, pairs in sets.items()}
        print(f"| {title} | " + " | ".join(str(found[name][level]) for name, level in levels) + " |")


if __name__ == "__main__":
    main()
