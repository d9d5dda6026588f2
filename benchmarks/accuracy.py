"""The table of benchmarks/ACCURACY.md, from what `derive eval --format json` printed.

for set in DATA/*/; do derive eval $set --format json > scores/$(basename $set).json; done
python benchmarks/accuracy.py scores/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def detection(name: str, d: dict[str, Any]) -> list[str]:
    rows = []
    for level, found in d["levels"].items():
        hits = found["text"] + found["facts"]
        share = hits / found["pairs"] if found["pairs"] else 0.0
        what = "found" if found["derived"] else "false"
        rows.append(f"| {name} | {level} | {found['pairs']} | {what} | {hits} | {share:.3f} |")
    return rows


def direction(name: str, d: dict[str, Any]) -> str | None:
    if not d["pairs"]:
        return None
    accuracy = "-" if d["accuracy"] is None else f"{d['accuracy']:.3f}"
    longer = d["baselines"]["longer is source"]
    wrong = d["wrong at .9 or more"]
    return f"| {name} | {d['pairs']} | {d['answered']:.3f} | {accuracy} | {wrong} | {longer:.3f} | {1 - longer:.3f} |"


def main(folder: Path) -> None:
    scores = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))}
    print("## Detection\n\n| set | level | pairs | | text or facts | share |\n|---|---|---|---|---|---|")
    for name, s in scores.items():
        if "." not in name:
            print("\n".join(detection(name, s["detection"])))
    print(
        "\n| set | precision | recall | F1 | F1 of 3-gram containment, threshold fitted on the set |\n|---|---|---|---|---|"
    )
    for name, s in scores.items():
        d = s["detection"]
        if "." not in name and d["f1"]:
            print(f"| {name} | {d['precision']:.3f} | {d['recall']:.3f} | {d['f1']:.3f} | {d['baseline']['f1']:.3f} |")
    print("\n## Alignment\n\n| set | cases | plagdet | precision | recall | granularity |\n|---|---|---|---|---|---|")
    for name, s in scores.items():
        a = s["alignment"]
        if a and "." not in name:
            figures = " | ".join(f"{a[k]:.3f}" for k in ("plagdet", "precision", "recall", "granularity"))
            print(f"| {name} | {a['cases']} | {figures} |")
            for level, b in a.get("levels", {}).items():
                figures = " | ".join(f"{b[k]:.3f}" for k in ("plagdet", "precision", "recall", "granularity"))
                print(f"| {name}: {level} | {b['cases']} | {figures} |")
    print(
        "\n## Direction (pairs alone, as a scan would judge them without the lineage)\n\n"
        "| set | pairs | answered | right of those | wrong at .9 or more | longer is source | shorter is source |\n"
        "|---|---|---|---|---|---|---|"
    )
    for name, s in scores.items():
        if row := direction(name, s["direction"]):
            print(row)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
