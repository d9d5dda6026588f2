"""The scores of `derive eval` as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def scores_text(scores: dict[str, Any]) -> str:
    """What `derive eval` prints: each score beside its trivial baseline."""
    if "parts" in scores:
        lines = [f"{scores['dataset']}: {scores['stories']:,} stories, {scores['documents']:,} articles"]
        for name, part in scores["parts"].items():
            lines += ["", f"== {name}: {part['stories']:,} stories, {part['documents']:,} articles", *_part(part)]
        return "\n".join(lines) + "\n"
    lines = [
        f"{scores['dataset']}: {scores['documents']:,} documents, {scores['pairs']:,} pairs with a known answer",
        "",
    ]
    lines += [*_detection(scores["detection"])]
    if scores["alignment"]:
        a = scores["alignment"]
        lines += ["", "Alignment                plagdet precision   recall granularity  cases"]
        for name, row in (("all", a), *a["levels"].items()):
            parts = f"{row['plagdet']:>8.3f} {row['precision']:>9.3f} {row['recall']:>8.3f} {row['granularity']:>11.3f}"
            lines.append(f"  {name:<22} {parts} {row['cases']:>6}")
    for run, x in scores["direction"].items():
        lines += ["", f"Direction of pairs, {run}", *_direction(x)]
    for run, x in (scores["lineage"] or {}).items():
        lines += ["", f"Lineage, {run}", *_lineage(x)]
    return "\n".join(lines) + "\n"


def figure(share: dict[str, Any]) -> str:
    """A share with what it is counted from and its interval: `0.950 [0.76-0.99] 19/20`."""
    if share["share"] is None:
        return "-"
    return f"{share['share']:.3f} [{share['low']:.3f}-{share['high']:.3f}] {share['right']:,}/{share['of']:,}"


def _detection(d: dict[str, Any]) -> Iterator[str]:
    b = d["baseline"]
    yield from (
        "Detection            precision   recall       F1",
        f"  derive                {d['precision']:.3f}    {d['recall']:.3f}    {d['f1']:.3f}",
        f"  best containment      {b['precision']:.3f}    {b['recall']:.3f}    {b['f1']:.3f}"
        f"   (3-grams, threshold {b['threshold']:.3f} fitted on this set)",
        "",
        "  level                      pairs     text    facts quotation     none",
    )
    for name, row in d["levels"].items():
        mark = "" if row["derived"] else "  (not derived)"
        yield f"  {name:<25} {_counts(row)}{mark}"


def _counts(row: dict[str, Any]) -> str:
    return f"{row['pairs']:>6} {row['text']:>8} {row['facts']:>8} {row['quotation']:>9} {row['none']:>8}"


def _direction(x: dict[str, Any] | None) -> Iterator[str]:
    if not x:
        yield "  no pair to ask"
        return
    if x["stated where there is none"]["of"]:
        yield f"  stated where there is none  {figure(x['stated where there is none'])}"
    if x["pairs"]:
        yield f"  answered                    {figure(x['answered'])}"
        yield f"  of these right              {figure(x['accuracy'])}"
        yield from _sureness(x)
        yield from (f"  {name:<27} {figure(value)}" for name, value in x["baselines"].items())
        yield "  regimes: " + ", ".join(f"{name} {n}" for name, n in x["regimes"].items())


def _sureness(x: dict[str, Any]) -> Iterator[str]:
    error = x["calibration"]["error"]
    yield f"  stated at .9 or more, right {figure(x['right at .9 or more'])}; wrong: {x['wrong at .9 or more']}"
    yield f"  calibration error           {'-' if error is None else f'{error:.3f}'}"


def _lineage(x: dict[str, Any]) -> Iterator[str]:
    arrows, skeleton, roots, unseen, origins = (
        x[k] for k in ("arrows", "skeleton", "roots", "unseen sources", "origins")
    )
    yield f"  parents found               {figure(x['parents'])}"
    if len(x["parents by level"]) > 1:
        yield from (f"    {name:<25} {figure(row)}" for name, row in x["parents by level"].items())
    if x["parents that share text"]["of"] != x["parents"]["of"]:
        yield f"    that share 5 % or more    {figure(x['parents that share text'])}"
    yield f"  wrong arrows                {figure(arrows['wrong'])}"
    yield f"    right {arrows['right']}, skipping an article {arrows['skipping']}"
    if arrows["wrong because"]:
        yield "    wrong: " + ", ".join(f"{name} {n}" for name, n in arrows["wrong because"].items())
    yield f"    backwards in time {arrows['backwards in time']}"
    yield from _sureness(arrows)
    yield f"  skeleton precision          {figure(skeleton['precision'])}"
    yield f"  skeleton recall             {figure(skeleton['recall'])}"
    yield f"  root right                  {figure(roots['right'])}"
    yield f"    among the candidates      {figure(roots['among the candidates'])}"
    yield f"    stated, and of these right  {figure(roots['stated'])}; {figure(roots['right of those stated'])}"
    yield f"  unseen source found         {figure(unseen['found'])}"
    yield f"    falsely said              {figure(unseen['falsely said'])}"
    none = figure(unseen["stories that have none and are said to have one"])
    yield f"    stories with none said to have one  {none}"
    yield f"  origins, number right       {figure(origins['number right'])}"
    yield f"    and members right         {figure(origins['number and members right'])}"
    yield f"    groups right              {figure(origins['groups right'])}"
    yield "  simple rules: parents found; wrong arrows"
    for name, row in x["baselines"].items():
        yield f"    {name}: {figure(row['parents'])}; {figure(row['wrong'])}"


def _part(part: dict[str, Any]) -> Iterator[str]:
    yield from [part["note"]] if "note" in part else _stories(part)


def _stories(part: dict[str, Any]) -> Iterator[str]:
    for run, scores in part["runs"].items():
        yield f"-- {run}"
        yield "Detection                  articles: to its parent (text, facts)        to its family (text, facts)"
        for name, row in scores["detection"]["levels"].items():
            sides = (row["to its parent"], row["to its family"])
            yield f"  {name:<14} " + "   ".join(f"{figure(s)} ({s['text']}, {s['facts']})" for s in sides)
        yield "  relation                   pairs     text    facts quotation     none"
        for name, row in scores["detection"]["relations"].items():
            yield f"  {name:<25} {_counts(row)}   text or facts {figure(row['said'])}"
        yield "Direction of pairs"
        yield from _direction(scores["direction"])
        yield "Lineage"
        yield from _lineage(scores["lineage"])
        yield ""
    for run, rows in part.get("by story", {}).items():
        yield f"-- by story, {run}: parents, arrows (wrong), origins found of true, unseen sources found of true"
        for name, row in rows.items():
            origins = f"{row['origins'][0]} of {row['origins'][1]}{'' if row['origins right'] else ' (not the same)'}"
            yield (
                f"  {name:<26} {row['parents'][0]}/{row['parents'][1]}, {row['arrows']} ({row['wrong']}), {origins}, "
                f"{row['unseen'][0]} of {row['unseen'][1]}"
            )
