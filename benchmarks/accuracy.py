"""The tables of benchmarks/ACCURACY.md, from what `derive eval --format json` printed.

for set in DATA/*/; do derive eval $set --format json > scores/$(basename $set).json; done
python benchmarks/accuracy.py scores/
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from derive.report.scores import figure


def short(share: dict[str, Any]) -> str:
    return "-" if share["share"] is None else f"{share['share']:.3f} [{share['low']:.3f}-{share['high']:.3f}]"


def detection(name: str, d: dict[str, Any]) -> list[str]:
    rows = []
    for level, found in d["levels"].items():
        hits = found["text"] + found["facts"]
        share = hits / found["pairs"] if found["pairs"] else 0.0
        what = "found" if found["derived"] else "false"
        rows.append(f"| {name} | {level} | {found['pairs']} | {what} | {hits} | {share:.3f} |")
    return rows


def error(scores: dict[str, Any]) -> str:
    value = scores["calibration"]["error"]
    return "-" if value is None else f"{value:.3f}"


def direction(name: str, d: dict[str, Any] | None) -> str | None:
    if not d or not d["pairs"] + d["stated where there is none"]["of"]:
        return None
    base = d["baselines"]
    rules = " | ".join(short(base[f"{rule} is source"]) for rule in ("longer", "shorter", "earlier"))
    return (
        f"| {name} | {d['pairs']} | {short(d['answered'])} | {short(d['accuracy'])} | {d['wrong at .9 or more']} | {error(d)} | "
        f"{figure(d['stated where there is none'])} | {rules} |"
    )


def lineage(name: str, x: dict[str, Any]) -> str:
    skeleton, roots, unseen, origins = x["skeleton"], x["roots"], x["unseen sources"], x["origins"]
    none = unseen["stories that have none and are said to have one"]
    return (
        f"| {name} | {figure(x['parents'])} | {figure(x['arrows']['wrong'])} | {x['arrows']['backwards in time']} | "
        f"{error(x['arrows'])} | {short(skeleton['precision'])} | {short(skeleton['recall'])} | {figure(roots['right'])} | "
        f"{figure(unseen['found'])} | {figure(none)} | {figure(origins['number and members right'])} | "
        f"{figure(origins['groups right'])} |"
    )


def rules(name: str, x: dict[str, Any]) -> str:
    pairs = (f"{short(r['parents'])} / {short(r['wrong'])}" for r in x["baselines"].values())
    return f"| {name} | {short(x['parents'])} / {short(x['arrows']['wrong'])} | " + " | ".join(pairs) + " |"


def main(folder: Path) -> None:
    scores = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.json"))}
    sets = {name: s for name, s in scores.items() if "detection" in s}
    plain = {name: s for name, s in sets.items() if "." not in name}
    collections = {
        f"{name}, {part}, {run}": own
        for name, s in scores.items()
        if "parts" in s
        for part, runs in s["parts"].items()
        for run, own in runs["runs"].items()
    }
    print("## Detection\n\n| set | level | pairs | | text or facts | share |\n|---|---|---|---|---|---|")
    for name, s in plain.items():
        print("\n".join(detection(name, s["detection"])))
    print(
        "\n| set | precision | recall | F1 | F1 of 3-gram containment, threshold fitted on the set |\n|---|---|---|---|---|"
    )
    for name, s in plain.items():
        d = s["detection"]
        if d["f1"]:
            print(f"| {name} | {d['precision']:.3f} | {d['recall']:.3f} | {d['f1']:.3f} | {d['baseline']['f1']:.3f} |")
    dated = {name: own for name, own in collections.items() if name.endswith(", with dates")}
    print("\n### In stories, by the level of the derived article\n")
    print("| stories | level | to its parent | text, facts | to its family | text, facts |\n" + "|---" * 6 + "|")
    for name, own in dated.items():
        for level, row in own["detection"]["levels"].items():
            sides = (row["to its parent"], row["to its family"])
            print(
                f"| {name} | {level} | " + " | ".join(f"{figure(s)} | {s['text']}, {s['facts']}" for s in sides) + " |"
            )
    print(
        "\n| stories | relation | pairs | text | facts | quotation | none | text or facts |\n|---|---|---|---|---|---|---|---|"
    )
    for name, own in dated.items():
        for relation, row in own["detection"]["relations"].items():
            counts = " | ".join(str(row[k]) for k in ("pairs", "text", "facts", "quotation", "none"))
            print(f"| {name} | {relation} | {counts} | {short(row['said'])} |")
    print("\n## Alignment\n\n| set | cases | plagdet | precision | recall | granularity |\n|---|---|---|---|---|---|")
    for name, s in plain.items():
        if a := s["alignment"]:
            for level, b in {"": a, **a["levels"]}.items():
                figures = " | ".join(f"{b[k]:.3f}" for k in ("plagdet", "precision", "recall", "granularity"))
                print(f"| {name}{': ' * bool(level)}{level} | {b['cases']} | {figures} |")
    print(
        "\n## Direction\n\n| set | pairs | answered | right of those | wrong at .9 or more | calibration error | "
        "stated where there is none | longer is source | shorter is source | earlier is source |\n" + "|---" * 10 + "|"
    )
    for name, s in sets.items():
        for run, d in s["direction"].items():
            if row := direction(f"{name}, {run}", d):
                print(row)
    for name, own in collections.items():
        if row := direction(name, own["direction"]):
            print(row)
    found = {f"{n}, {run}": x for n, s in sets.items() for run, x in (s["lineage"] or {}).items()}
    found |= {name: own["lineage"] for name, own in collections.items()}
    print(
        "\n## Lineage\n\n| set | parents found | wrong arrows | backwards in time | calibration error | skeleton precision | "
        "skeleton recall | root right | unseen source found | said where there is none | origins exact |\n"
        + "|---" * 11
        + "|"
    )
    for name, x in found.items():
        print(lineage(name, x))
    names = list(next(iter(found.values()))["baselines"])
    print("\n### Parents found / wrong arrows, beside simple rules\n\n| set | derive | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 2) + "|")
    for name, x in found.items():
        print(rules(name, x))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
