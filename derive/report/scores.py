"""The scores of `derive eval` as a table for a terminal."""

from __future__ import annotations

from typing import Any


def scores_text(scores: dict[str, Any]) -> str:
    """What `derive eval` prints: each score beside its trivial baseline."""
    lines = [
        f"{scores['dataset']}: {scores['documents']:,} documents, {scores['pairs']:,} pairs with a known answer",
        "",
    ]
    d = scores["detection"]
    b = d["baseline"]
    lines += [
        "Detection            precision   recall       F1",
        f"  derive                {d['precision']:.3f}    {d['recall']:.3f}    {d['f1']:.3f}",
        f"  best containment      {b['precision']:.3f}    {b['recall']:.3f}    {b['f1']:.3f}"
        f"   (3-grams, threshold {b['threshold']:.3f} fitted on this set)",
        "",
        "  level                      pairs     text    facts quotation     none",
    ]
    for name, row in d["levels"].items():
        mark = "" if row["derived"] else "  (not derived)"
        counts = f"{row['pairs']:>6} {row['text']:>8} {row['facts']:>8} {row['quotation']:>9} {row['none']:>8}"
        lines.append(f"  {name:<25} {counts}{mark}")
    if scores["alignment"]:
        a = scores["alignment"]
        lines += ["", "Alignment                plagdet precision   recall granularity  cases"]
        for name, row in (("all", a), *a["levels"].items()):
            parts = f"{row['plagdet']:>8.3f} {row['precision']:>9.3f} {row['recall']:>8.3f} {row['granularity']:>11.3f}"
            lines.append(f"  {name:<22} {parts} {row['cases']:>6}")
    if (x := scores["direction"]) and x["pairs"]:
        accuracy = "-" if x["accuracy"] is None else f"{x['accuracy']:.3f}"
        lines += [
            "",
            f"Direction: answered {x['answered']:.3f} of {x['pairs']:,}, of these right {accuracy}; "
            f"wrong at .9 or more: {x['wrong at .9 or more']}",
            *(f"  {name}: {value:.3f}" for name, value in x["baselines"].items()),
            "  regimes: " + ", ".join(f"{name} {n}" for name, n in x["regimes"].items()),
        ]
    elif x:
        lines += ["", f"Direction: stated for {x['stated where there is none']} of {x['of']:,} pairs that have none"]
    return "\n".join(lines) + "\n"
