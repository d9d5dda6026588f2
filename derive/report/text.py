"""A lineage, or one pair of it, in words for a terminal: what was found, how sure, and why nothing more was.

`summary` is what `derive scan` prints, `explanation` what `derive explain` prints. Neutral words throughout: what is
shared and what the evidence says, never a verdict on anybody.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from derive.model import Comparison, Evidence, Exclusion, Lineage, Passage, Witness
from derive.report.labels import count, percent, printable
from derive.report.labels import shorten as cut

WIDTH = 96
SHOWN = 40
"""Lines of a list before the rest is counted."""


def listed(items: Sequence[str], limit: int = 6) -> str:
    """'a, b and c'; beyond the limit the rest is counted."""
    names = [printable(i) for i in items]
    if len(names) > limit:
        return ", ".join(names[:limit]) + f" and {len(names) - limit} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


# -- the summary


def headline_sentences(lineage: Lineage) -> list[str]:
    """What was found, in three sentences: how many origins, what is known of who came first, what is undecided."""
    earlier = sum(w.version_of is not None for w in lineage.documents)
    documents = count(len(lineage.documents) - earlier, "article")
    if earlier:
        documents += f" and {count(earlier, 'earlier version')} of them"
    first = f"{documents}, {count(lineage.origins.count, 'independent origin')}."
    if not lineage.documents:
        return ["No article could be read.", "", ""]
    if lineage.edges:
        second = f"{count(len(lineage.edges), 'arrow')} from a source to a text derived from it."
    elif lineage.comparisons:
        second = "No arrow is drawn: nothing in these texts shows well enough which of them was written first."
    else:
        second = "No article shares wording with another beyond what is usual."
    undecided = [k for k in lineage.links if k.kind == "text"]
    sure = sorted((s.probability for s in lineage.unseen_sources), reverse=True)
    parts = []
    if sure:
        chances = ", ".join(percent(p) for p in sure[:5])
        parts.append(f"{count(len(sure), 'unseen source is', 'unseen sources are')} probable ({chances})")
    if undecided:
        parts.append(f"{count(len(undecided), 'connection is', 'connections are')} undecided")
    third = " and ".join(parts) + "." if parts else "Nothing is left undecided."
    return [first, second, third]


def summary(lineage: Lineage) -> str:
    """What an editor reads first: origins, arrows, unseen sources, links, and why there is no more."""
    blocks = [
        " ".join(s for s in headline_sentences(lineage) if s),
        _origins(lineage),
        _section("Versions of one article", _versions(lineage)),
        _section("Derived", [_arrow(lineage, e.source, e.target) for e in lineage.edges]),
        _section("Unseen sources", [_unseen(lineage, s.children, s.probability) for s in lineage.unseen_sources]),
        _section(
            "Connected, direction undecided", [_link(lineage, k.a, k.b) for k in lineage.links if k.kind == "text"]
        ),
        _section(
            "Same facts, no shared wording", [_link(lineage, k.a, k.b) for k in lineage.links if k.kind == "facts"]
        ),
        _section(
            "Shared quotations (they join nothing)",
            [_quotation(lineage, k.a, k.b) for k in lineage.links if k.kind == "quotation"],
        ),
        _why(lineage),
        _section("Left out of the count", _excluded(lineage)),
        _section("Noticed", [*_flags(lineage), *(printable(n) for n in lineage.notes)]),
    ]
    return "\n\n".join(b for b in blocks if b) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    lines = list(lines)
    if not lines:
        return ""
    shown = [
        textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)
        for line in lines[:SHOWN]
    ]
    more = [f"  and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    return "\n".join([title, *shown, *more])


def _origins(lineage: Lineage) -> str:
    resting = {c: s for s in lineage.unseen_sources for c in s.children}
    lines = []
    for group in lineage.origins.groups:
        if len(group) == 1:
            lines.append(f"{printable(group[0])} stands alone")
            continue
        unseen = {resting[g].id for g in group if g in resting}
        targets = {e.target for e in lineage.edges}
        roots = [g for g in group if g not in targets]
        if unseen and len(roots) > 1:
            why = "probably from an unseen source"
        elif len(roots) == 1:
            why = f"from {printable(roots[0])}"
        else:
            why = "they share text; which came first is undecided, so they count once"
        lines.append(f"{listed(group)}: {why}")
    return _section("Origins", lines)


def _versions(lineage: Lineage) -> list[str]:
    """Each article that is here in several versions, with their times."""
    found: dict[str, list[Witness]] = {}
    for w in lineage.documents:
        if w.version_of is not None:
            found.setdefault(w.version_of, []).append(w)
    return [
        f"{printable(latest)} (latest){_at(lineage.witness(latest))}; earlier: "
        + ", ".join(f"{printable(w.id)}{_at(w)}" for w in sorted(earlier, key=lambda w: (w.published or "", w.id)))
        for latest, earlier in sorted(found.items())
    ]


def _at(w: Witness) -> str:
    return f", {printable(w.published)}" if w.published and w.published not in w.id else ""


def shares(c: Comparison) -> str:
    """Both containments, each with its direction in words."""
    return (
        f"{percent(c.containment_of_a_in_b)} of {printable(c.a)} is in {printable(c.b)}, "
        f"{percent(c.containment_of_b_in_a)} of {printable(c.b)} is in {printable(c.a)}"
    )


def _arrow(lineage: Lineage, source: str, target: str) -> str:
    edge = next(e for e in lineage.edges if (e.source, e.target) == (source, target))
    c = lineage.comparison(source, target)
    update = lineage.article(source) == lineage.article(target)
    how = "a later version" if update and edge.declared else "declared" if edge.declared else sureness(edge.probability)
    also = " (also)" if edge.kind == "second_parent" else ""
    share = ""
    if c:
        value = c.containment_of_a_in_b if c.a == target else c.containment_of_b_in_a
        share = f"; {percent(value)} of {printable(target)} is in {printable(source)}"
    return f"{printable(source)} -> {printable(target)}{also}: {how}{share}"


def sureness(probability: float) -> str:
    """'derived' from .9 on, else 'probably derived', with the figure."""
    return f"{'derived' if probability >= 0.9 else 'probably derived'} ({percent(probability)})"


def _unseen(lineage: Lineage, children: Sequence[str], probability: float) -> str:
    word = "probably" if probability >= 0.75 else "perhaps"
    return f"{listed(children)} {word} drew on a source that is not among these articles ({percent(probability)})"


def _link(lineage: Lineage, a: str, b: str) -> str:
    c = lineage.comparison(a, b)
    return shares(c) if c else f"{printable(a)} and {printable(b)}: the same words"


def _quotation(lineage: Lineage, a: str, b: str) -> str:
    c = lineage.comparison(a, b)
    quoted = [p for p in c.passages if p.quoted] if c else []
    text = ""
    if c and quoted:
        longest = max(quoted, key=lambda p: p.a.end - p.a.start)
        text = ": \u201c" + shorten(longest.a.of(lineage.witness(c.a).text), 70) + "\u201d"
    return f"{printable(a)} and {printable(b)}{text}"


def shorten(text: str, limit: int) -> str:
    """One printable line of at most `limit` characters."""
    return cut(printable(" ".join(text.split())), limit)


def _why(lineage: Lineage) -> str:
    """Stage by stage: how the number of findings came about."""
    t = lineage.tally
    if t.read == 0:
        return ""
    if t.read == 1:
        return "Why no more: one article has nothing to be compared with."
    pairs = t.read * (t.read - 1) // 2
    sentence = (
        f"Why no more: of {count(pairs, 'pair')}, {t.compared:,} shared enough words or facts to be compared, "
        f"and {t.related:,} of those share more (wording of their own, or a long quotation) than reports of one event "
        "share anyway."
    )
    if t.closest:
        a, b, share = t.closest
        sentence += (
            f" The closest of the others, {printable(a)} and {printable(b)}, have {percent(share)} of the shorter one's"
            " phrases in common, which stock phrases and names account for."
        )
    return textwrap.fill(sentence, WIDTH, break_on_hyphens=False)


def _excluded(lineage: Lineage) -> list[str]:
    lines = []
    for w in lineage.documents:
        plain = [e for e in w.excluded if e.kind != "quotation"]
        parts = [f"{e.kind} \u201c{shorten(e.span.of(w.text), 44)}\u201d" for e in plain[:5]]
        parts += [f"{len(plain) - 5} more"] * (len(plain) > 5)
        if quoted := share_quoted(w):
            parts.append(f"quotations ({percent(quoted)} of the text)")
        if parts:
            lines.append(f"{printable(w.id)}: {', '.join(parts)}")
    return lines


def share_quoted(w: Witness) -> float:
    """Which share of the characters stands in quotation marks."""
    return sum(e.span.end - e.span.start for e in w.excluded if e.kind == "quotation") / max(1, len(w.text))


_FLAGS = {
    "repeated-paragraph": "a paragraph stands in it twice; it is counted once",
    "invisible-chars": "invisible characters inside words; they were ignored",
    "mixed-script": "letters of another script that pass for Latin ones; they were read as Latin",
    "hidden-text": "text that a reader would not see; it was left out",
    "too-short": "fewer words than a shingle has: it can match nothing",
    "low-information": "next to no distinct words: it is compared with nothing",
    "truncated": "it was cut off while reading",
}


def _flags(lineage: Lineage) -> list[str]:
    return [f"{printable(w.id)}: {_FLAGS.get(f, f)}" for w in lineage.documents for f in w.flags]


# -- one pair


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
    if c.reuse != "text":
        return REUSE[c.reuse]
    d = c.direction
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
