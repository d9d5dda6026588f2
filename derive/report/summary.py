"""What `derive scan` prints: what was found, how sure, and why nothing more was, in words for a terminal.

Neutral words throughout: what is shared and what the evidence says, never a verdict on anybody. Of a long list only what
is printed is put into words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import TypeVar

from derive.model import Edge, Lineage, Link, UnseenSource, Witness
from derive.report.explanation import WIDTH, shares, shorten
from derive.report.labels import count, percent, printable

SHOWN = 40
"""Lines of a list before the rest is counted."""
Item = TypeVar("Item")


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

    def links(kind: str) -> list[Link]:
        return [k for k in lineage.links if k.kind == kind]

    left_out = [w for w in lineage.documents if w.excluded]
    blocks = [
        " ".join(s for s in headline_sentences(lineage) if s),
        _origins(lineage),
        _section("Versions of one article", _versions(lineage), str),
        _section("Derived", lineage.edges, lambda e: _arrow(lineage, e)),
        _section("Unseen sources", lineage.unseen_sources, lambda u: _unseen(lineage, u)),
        _section("Connected, direction undecided", links("text"), lambda k: _link(lineage, k)),
        _section("Same facts, no shared wording", links("facts"), lambda k: _link(lineage, k)),
        _section("Shared quotations (they join nothing)", links("quotation"), lambda k: _quotation(lineage, k)),
        _why(lineage),
        _section("Left out of the count", left_out, _excluded),
        _section("Noticed", [*_flags(lineage), *map(printable, lineage.notes)], str),
    ]
    return "\n\n".join(b for b in blocks if b) + "\n"


def _section(title: str, items: Sequence[Item], tell: Callable[[Item], str]) -> str:
    if not items:
        return ""
    shown = [
        textwrap.fill(tell(item), WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)
        for item in items[:SHOWN]
    ]
    more = [f"  and {len(items) - SHOWN} more"] if len(items) > SHOWN else []
    return "\n".join([title, *shown, *more])


def listed(items: Sequence[str], limit: int = 6) -> str:
    """'a, b and c'; beyond the limit the rest is counted."""
    names = [printable(i) for i in items]
    if len(names) > limit:
        return ", ".join(names[:limit]) + f" and {len(names) - limit} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _origins(lineage: Lineage) -> str:
    rests = [(group, _rests_on(lineage, group)) for group in lineage.origins.groups]

    def tell(item: tuple[Sequence[str], tuple[str, str]]) -> str:
        group, (_, why) = item
        return f"{listed(group)}: {why}" if len(group) > 1 else f"{printable(group[0])} stands alone"

    return _section(f"Origins: {_in_all(rests)}", rests, tell)


def _rests_on(lineage: Lineage, group: Sequence[str]) -> tuple[str, str]:
    """What an origin's articles rest on, and the same as a reason."""
    children = {c for s in lineage.unseen_sources for c in s.children}
    targets = {e.target for e in lineage.edges}
    roots = [g for g in group if g not in targets]
    if len(roots) == 1:
        return printable(roots[0]), f"from {printable(roots[0])}"
    if roots and any(g in children for g in group):
        return "an unseen source", "probably from an unseen source"
    return "one text, undecided which", "they share text; which came first is undecided, so they count once"


def _in_all(rests: Sequence[tuple[Sequence[str], tuple[str, str]]]) -> str:
    """'6 articles rest on wire.txt, 3 on an unseen source, 2 stand alone'."""
    more = [(len(group), what) for group, (what, _) in rests if len(group) > 1]
    alone = len(rests) - len(more)
    parts = [f"{n:,} {'articles rest ' * (not k)}on {what}" for k, (n, what) in enumerate(more[:SHOWN_ORIGINS])]
    if len(more) > SHOWN_ORIGINS:
        parts.append(f"{len(more) - SHOWN_ORIGINS:,} more origins have several articles")
    if alone:
        parts.append(f"{alone:,} {'stands' if alone == 1 else 'stand'} alone")
    return ", ".join(parts)


SHOWN_ORIGINS = 4
"""Origins of several articles that the sentence names; below it all are listed."""


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


def _arrow(lineage: Lineage, edge: Edge) -> str:
    source, target = edge.source, edge.target
    c = lineage.comparison(source, target)
    update = lineage.article(source) == lineage.article(target)
    how = "a later version" if update and edge.declared else "declared" if edge.declared else sureness(edge.probability)
    also = " (also)" if edge.kind == "second_parent" else ""
    share = ""
    if edge.share is not None:
        share = f"; it brought {percent(edge.share)} of {printable(target)}"
    elif c:
        value = c.containment_of_a_in_b if c.a == target else c.containment_of_b_in_a
        share = f"; {percent(value)} of {printable(target)} is in {printable(source)}"
    return f"{printable(source)} -> {printable(target)}{also}: {how}{share}"


def sureness(probability: float) -> str:
    """'derived' from .9 on, else 'probably derived', with the figure."""
    return f"{'derived' if probability >= 0.9 else 'probably derived'} ({percent(probability)})"


def _unseen(lineage: Lineage, unseen: UnseenSource) -> str:
    word = "probably" if unseen.probability >= 0.75 else "perhaps"
    sure = percent(unseen.probability)
    known = "; ".join(
        part for part in (_its_words(lineage, unseen), _its_name(lineage, unseen), _its_time(lineage, unseen)) if part
    )
    what = f"{listed(unseen.children)} {word} drew on a source that is not among these articles ({sure})"
    return f"{what}: {known}" if known else what


def _its_words(lineage: Lineage, unseen: UnseenSource) -> str:
    """How many words of it are known: the most that one child shares with the others."""
    told: dict[str, set[int]] = {}
    for c in lineage.comparisons:
        if c.a in unseen.children and c.b in unseen.children:
            for id, spans in ((c.a, [p.a for p in c.passages]), (c.b, [p.b for p in c.passages])):
                told.setdefault(id, set()).update(k for s in spans for k in range(s.start, s.end))
    texts = {w.id: w.text for w in lineage.documents if w.id in told and w.text}  # a stored lineage has none
    alike = ("".join(texts[id][k] for k in sorted(told[id])) for id in sorted(texts))
    known = max((len(text.split()) for text in alike), default=0)
    return f"two of them tell {count(known, 'word')} of it alike" if known else ""


def _its_name(lineage: Lineage, unseen: UnseenSource) -> str:
    """Whom its children name as their source, if they name one."""
    said = {
        e.detail
        for c in lineage.comparisons
        if c.a in unseen.children and c.b in unseen.children
        for e in c.direction.evidence
        if e.name in ("shared_credit", "reprint")
    }
    return printable(min(said)) if said else ""


def _its_time(lineage: Lineage, unseen: UnseenSource) -> str:
    """The latest time that it can have: before the first of its children."""
    times = [w.published for w in lineage.documents if w.id in unseen.children and w.published]
    return f"it was out by {printable(min(times))}" if times else ""


def _link(lineage: Lineage, link: Link) -> str:
    c = lineage.comparison(link.a, link.b)
    return shares(c) if c else f"{printable(link.a)} and {printable(link.b)}: the same words"


def _quotation(lineage: Lineage, link: Link) -> str:
    c = lineage.comparison(link.a, link.b)
    quoted = [p for p in c.passages if p.quoted] if c else []
    text = ""
    if c and quoted:
        longest = max(quoted, key=lambda p: p.a.end - p.a.start)
        text = ": \u201c" + shorten(longest.a.of(lineage.witness(c.a).text), 70) + "\u201d"
    return f"{printable(link.a)} and {printable(link.b)}{text}"


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


def _excluded(w: Witness) -> str:
    plain = [e for e in w.excluded if e.kind != "quotation"]
    parts = [f"{e.kind} \u201c{shorten(e.span.of(w.text), 44)}\u201d" for e in plain[:5]]
    parts += [f"{len(plain) - 5} more"] * (len(plain) > 5)
    if quoted := share_quoted(w):
        parts.append(f"quotations ({percent(quoted)} of the text)")
    return f"{printable(w.id)}: {', '.join(parts)}"


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
