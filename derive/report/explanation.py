"""What `derive explain` prints: all there is to one pair, in words for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from derive.model import Comparison, Evidence, Exclusion, Passage, Witness
from derive.report.labels import count, percent, printable
from derive.report.labels import shorten as cut

WIDTH = 96


def shares(c: Comparison) -> str:
    """Both containments, each with its direction in words."""
    return (
        f"{percent(c.containment_of_a_in_b)} of {printable(c.a)} is in {printable(c.b)}, "
        f"{percent(c.containment_of_b_in_a)} of {printable(c.b)} is in {printable(c.a)}"
    )


def shorten(text: str, limit: int) -> str:
    """One printable line of at most `limit` characters."""
    return cut(printable(" ".join(text.split())), limit)


def explanation(c: Comparison, a: Witness, b: Witness, alone: bool) -> str:
    """Everything about one pair: containments, passages side by side, exclusions, the verdict with its evidence."""
    lines = [f"{printable(a.id)} and {printable(b.id)}", ""]
    if alone:
        lines += [
            *textwrap.wrap(
                "Judged alone: without a collection around them nothing says what is rare, so phrases that every report "
                "of the event has may count. Use --in FOLDER to judge them among their neighbours.",
                WIDTH,
            ),
            "",
        ]
    lines += [f"{shares(c)} (three words in a row, after exclusions).", ""]
    if c.facts:
        f = c.facts
        lines += [
            *textwrap.wrap(
                f"Names and figures: {f.shared} in common; {percent(f.containment_of_a_in_b)} of those in {printable(a.id)} "
                f"stand in {printable(b.id)}, {percent(f.containment_of_b_in_a)} the other way round, weighed by rarity.",
                WIDTH,
            ),
            "",
        ]
    lines += [verdict(c), *(_evidence(c, e) for e in c.direction.evidence), ""]
    lines += _passages(c.passages, a, b)
    for w in (a, b):
        lines += _exclusions(w)
    return "\n".join(lines).rstrip() + "\n"


REUSE = {
    "none": "No reuse: what they share is what reports of one event share anyway.",
    "quotation": "They share a quotation and no wording of their own: that says nothing about who drew on whom.",
    "facts": "They share no wording but retell the same names and figures; who told them first is undecided.",
}


def verdict(c: Comparison) -> str:
    """The verdict on a pair as a sentence."""
    d = c.direction
    if c.reuse != "text" and d.verdict == "undecided":
        return REUSE[c.reuse]
    a, b = printable(c.a), printable(c.b)
    sure = percent(d.probability)
    word = "" if d.probability >= 0.9 else "probably "
    return {
        "a_to_b": f"{b} was {word}rewritten from {a} ({sure}).",
        "b_to_a": f"{a} was {word}rewritten from {b} ({sure}).",
        "common_source": f"Both {word}drew on a common source ({sure}).",
        "undecided": "Undecided: they share text, and nothing shows well enough which of them was written first.",
    }[d.verdict]


def _evidence(c: Comparison, e: Evidence) -> str:
    towards = {"a": printable(c.a), "b": printable(c.b), "common_source": "a common source", "neither": ""}[e.favours]
    weight = f"for {towards}, {e.log_odds:+.2f}, {'measured' if e.measured else 'prior'}" if towards else "no weight"
    return textwrap.fill(f"{printable(e.detail)} [{weight}]", WIDTH, initial_indent="  - ", subsequent_indent="    ")


_SIGN = {"identical": "=", "minor": "~", "reworded": "#"}


def _passages(passages: Sequence[Passage], a: Witness, b: Witness) -> list[str]:
    if not passages:
        return ["No passage of four words or more in common that is more than names.", ""]
    column = (WIDTH - 3) // 2
    lines = [f"{count(len(passages), 'shared passage')} (= identical, ~ minor changes, # reworded):", ""]
    for p in passages:
        quoted = ", in quotation marks" if p.quoted else ""
        lines.append(
            f"{_SIGN[p.kind]} {p.kind}{quoted}: characters {p.a.start}-{p.a.end} of {printable(a.id)}, "
            f"{p.b.start}-{p.b.end} of {printable(b.id)}"
        )
        left = textwrap.wrap(printable(" ".join(p.a.of(a.text).split())), column)
        right = textwrap.wrap(printable(" ".join(p.b.of(b.text).split())), column)
        for k in range(max(len(left), len(right))):
            lines.append(
                f"{left[k] if k < len(left) else '':<{column}} | {right[k] if k < len(right) else ''}".rstrip()
            )
        lines.append("")
    return lines


def _exclusions(w: Witness) -> list[str]:
    if not w.excluded:
        return [f"Nothing of {printable(w.id)} was left out of the count."]
    rows = [_exclusion(e, w.text) for e in w.excluded]
    return [f"Left out of the count in {printable(w.id)}:", *rows, ""]


def _exclusion(e: Exclusion, text: str) -> str:
    return f"  {e.kind:<18} {e.span.start:>6}-{e.span.end:<6} \u201c{shorten(e.span.of(text), 56)}\u201d"
