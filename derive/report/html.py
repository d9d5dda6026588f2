"""The report: one page that stands alone, opens offline, prints, and needs no script.

Everything from articles goes through `printable` (what is invisible becomes visible) and through the template's
escaping. The page's policy forbids everything but its own style sheet and script, named by their hashes. Passages are
set side by side with what differs underlined; where there is too much for a page it says how much it left out. With
scripts, `templates/report.js` adds whole texts side by side, filters, sorting, zoom and focus, from the data of `aligned`.

Start reading at `lineage_html`; the page itself is `templates/report.html.j2`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from derive import __version__
from derive.model import Comparison, Evidence, Favours, Lineage, Passage, Verdict, Witness
from derive.report.aligned import data, differing
from derive.report.json import origin_groups
from derive.report.labels import EXCLUSION_WORDS, contained, count, how_likely, percent, printable, shorten, shorten_id
from derive.report.picture import Line, Picture, moment, picture

MAX_PAIRS = 400
MAX_ROWS = 2000
MAX_PASSAGES = 60
MAX_EXCLUDED = 400
MAX_ARTICLES = 3000
MAX_ORIGINS = 300
MAX_SKIPPED = 500
MAX_NOTES = 100
PRINTED_ROOM = 1_500_000
"""Bytes of passages printed as text."""
EXCERPTS = 40
"""Stretches left out that are shown of one article."""
_EXCERPT = 1600
_SYMBOLS = {"identical": "=", "minor": "≈", "reworded": "≠"}
_KINDS = {"identical": "identical", "minor": "minor changes", "reworded": "reworded"}
_LINK_WORDS = {
    "text": "share text; which was first is undecided",
    "common_source": "drew on a common source",
    "facts": "retell the same facts without shared text",
    "quotation": "share a quotation",
}

_REUSE = {"text": "text", "quotation": "a quotation", "facts": "facts without shared text", "none": "nothing"}
_VERDICT_SIGNS = {"a_to_b": "→", "common_source": "⋎"}

Segments = list[tuple[str, bool]]


def lineage_html(lineage: Lineage) -> str:
    """The whole report as one HTML page."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from derive.report.svg import lineage_svg
    from derive.report.text import headline_sentences

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    plan = picture(lineage)
    headline = [printable(sentence) for sentence in headline_sentences(lineage) if sentence]
    title = f"Lineage of {count(len(lineage.documents), 'article')}"
    notes = sorted(printable(note) for note in lineage.notes)
    skipped = sorted(lineage.skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))
    page = environment.from_string(_template("report.html.j2")).render(
        title=title,
        style=Markup(_style()),
        script=Markup(_script()),
        policy=policy(),
        headline=headline,
        notes=notes[:MAX_NOTES],
        notes_left_out=max(0, len(notes) - MAX_NOTES),
        drawing=Markup(lineage_svg(plan, title, " ".join(headline))) if plan.boxes or plan.alone else "",
        plan=plan,
        in_words=_in_words(plan),
        skipped=[_skipped(s) for s in skipped[:MAX_SKIPPED]],
        skipped_left_out=max(0, len(skipped) - MAX_SKIPPED),
        settings=[(name, "not set" if v is None else str(v)) for name, v in lineage.params.as_dict().items()],
        version=__version__,
        **_origins(lineage),
        **_articles(lineage),
        **_pairs(lineage, plan),
    )
    return page.replace("\r", "") + "\n"


def policy() -> str:
    """The page's Content-Security-Policy: its own style sheet and its own script, by their hashes, and nothing else."""
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (_style(), _script())
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


def notebook(lineage: Lineage) -> str:
    """The sentences and the picture alone, for a notebook: no script, no style sheet, every word escaped."""
    from markupsafe import escape

    from derive.report.svg import lineage_svg
    from derive.report.text import headline_sentences

    plan = picture(lineage)
    sentences = " ".join(printable(sentence) for sentence in headline_sentences(lineage) if sentence)
    shown = f"<p>{escape(sentences)}</p>"
    if plan.boxes or plan.alone:
        drawing = lineage_svg(plan, f"Lineage of {count(len(lineage.documents), 'article')}", sentences)
        styled = drawing.replace(">", f"><style>{_style()}</style>", 1)
        # As an image of its own: neither can its style reach the notebook, nor the notebook's reach it.
        data = base64.b64encode(_with_namespace(styled).encode(errors="replace")).decode()
        shown += f'<img alt="{escape(sentences)}" src="data:image/svg+xml;base64,{data}">'
    return f"<div>{shown}</div>"


def _with_namespace(svg: str) -> str:
    return (
        svg
        if "xmlns=" in svg.partition(">")[0]
        else svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def _template(name: str) -> str:
    return (files("derive.report") / "templates" / name).read_text(encoding="utf-8").replace("\r", "")


@cache
def _style() -> str:
    """The style sheet without comments; what stands between the tags is what the policy's hash is taken of."""
    return re.sub(r"/\*.*?\*/\s*", "", _template("report.css"), flags=re.S).strip()


@cache
def _script() -> str:
    return _template("report.js").strip()


def _name(id: str) -> str:
    return shorten_id(printable(id), 80) or "(no id)"


# Articles ------------------------------------------------------------------------------------------------------------


def _articles(lineage: Lineage) -> dict[str, Any]:
    witnesses = sorted(lineage.documents, key=lambda w: w.id)
    copies: dict[str, list[Witness]] = {}
    for witness in witnesses:
        if witness.copies_of is not None:
            copies.setdefault(witness.copies_of, []).append(witness)
    origins: dict[str, list[int]] = {}
    for i, group in enumerate(origin_groups(lineage), 1):
        for id in group:
            origins.setdefault(id, []).append(i)
    if len(witnesses) > MAX_ARTICLES:
        # Those that are related to others stay.
        related = {id for c in lineage.comparisons for id in (c.a, c.b)} | {w.id for w in witnesses if w.copies_of}
        witnesses = sorted(sorted(witnesses, key=lambda w: (w.id not in related, w.id))[:MAX_ARTICLES], key=_id)
    rows = [_article(w, copies.get(w.id, []), origins.get(w.id, [])) for w in witnesses]
    excluded = [(_name(w.id), _excerpts(w), max(0, len(w.excluded) - EXCERPTS)) for w in witnesses if w.excluded]
    return {
        "articles": rows,
        "articles_left_out": len(lineage.documents) - len(rows),
        "excluded": excluded[:MAX_EXCLUDED],
        "excluded_left_out": max(0, len(excluded) - MAX_EXCLUDED),
    }


def _id(witness: Witness) -> str:
    return witness.id


def _article(witness: Witness, copies: list[Witness], origins: list[int]) -> dict[str, Any]:
    when = moment(witness.published)
    return {
        "name": _name(witness.id),
        "outlet": shorten(printable(witness.source or ""), 80),
        "title": shorten(printable(witness.title or ""), 160),
        "published": (when.words if when else shorten(printable(witness.published or ""), 32)) or "no date",
        "words": f"{witness.words:,}",
        "origins": ", ".join(map(str, origins)),
        "flags": ", ".join(printable(flag) for flag in sorted(witness.flags)),
        "excluded": _excluded_shares(witness),
        "version_of": None if witness.version_of is None else _name(witness.version_of),
        "copy_of": None if witness.copies_of is None else _name(witness.copies_of),
        "copies": _few([_name(c.id) + (f" ({shorten(printable(c.source), 40)})" if c.source else "") for c in copies]),
    }


def _few(names: list[str], limit: int = 60) -> list[str]:
    return names if len(names) <= limit else [*names[:limit], f"{len(names) - limit:,} more"]


def _excluded_shares(witness: Witness) -> str:
    """Each kind with its share of the characters."""
    sizes: Counter[str] = Counter()
    for exclusion in witness.excluded:
        sizes[exclusion.kind] += exclusion.span.end - exclusion.span.start
    whole = max(1, len(witness.text))
    return ", ".join(
        f"{EXCLUSION_WORDS[kind]} {percent(min(1.0, size / whole))}" for kind, size in sorted(sizes.items())
    )


def _excerpts(witness: Witness) -> list[tuple[str, str, str]]:
    return [
        (EXCLUSION_WORDS[e.kind], f"{e.span.start} to {e.span.end}", shorten(_line(e.span.of(witness.text)), 160))
        for e in sorted(witness.excluded)[:EXCERPTS]
    ]


def _origins(lineage: Lineage) -> dict[str, Any]:
    groups = origin_groups(lineage)
    return {
        "origins": [(i, _few([_name(id) for id in group])) for i, group in enumerate(groups[:MAX_ORIGINS], 1)],
        "origins_left_out": max(0, len(groups) - MAX_ORIGINS),
    }


def _skipped(skipped: Any) -> tuple[str, str, str]:
    record = "" if skipped.record is None else f", record {skipped.record}"
    return (_name(skipped.path) + record, printable(skipped.reason), shorten(printable(skipped.message), 300))


# Pairs ---------------------------------------------------------------------------------------------------------------


def _pairs(lineage: Lineage, plan: Picture) -> dict[str, Any]:
    from markupsafe import Markup

    witnesses = sorted(lineage.documents, key=_id)
    by_id = {w.id: w for w in witnesses}
    strongest = [_source_first(c, by_id) for c in sorted(lineage.comparisons, key=lambda c: (-_strength(c), c.a, c.b))]
    listed = [c for c in strongest[:MAX_ROWS] if c.a in by_id and c.b in by_id]
    rows = [_pair(i, c, by_id) for i, c in enumerate(listed, 1)]
    room = PRINTED_ROOM
    printed = 0
    for row, comparison in zip(rows[:MAX_PAIRS], listed, strict=False):
        row["passages"], row["passages_left_out"] = _passages(comparison, by_id)
        segments = [words for p in row["passages"] for side in (p["a"], p["b"]) for words, _ in side]
        room -= sum(len(words.encode(errors="replace")) + 8 for words in segments)
        if room < 0:
            break
        row["detail"] = True
        printed += 1
    told = [
        {"said": [r["verdict"], *r["shares"], *r["facts"]], "evidence": r["evidence"], "likelihood": r["probability"]}
        for r in rows
    ]
    embedded, without = data(witnesses, listed, told, plan, _name, lambda words: shorten(printable(words), 120))
    outlets = {r[side]["outlet"] for r in rows for side in ("first", "second")} - {""}
    return {
        "pairs": rows,
        "printed": printed,
        "pairs_without_passages": len(strongest) - printed,
        "pairs_without_texts": without,
        "pairs_left_out": max(0, len(strongest) - MAX_ROWS),
        "outlets": sorted(outlets),
        "kinds": [kind for kind in _REUSE if any(c.reuse == kind for c in listed)],
        "data": Markup(embedded),
    }


def _strength(comparison: Comparison) -> float:
    return max(comparison.containment_of_a_in_b, comparison.containment_of_b_in_a)


def _source_first(c: Comparison, witnesses: dict[str, Witness]) -> Comparison:
    """The same comparison with the source first; where there is none, the earlier one."""
    verdict = c.direction.verdict
    times = [moment(witnesses[id].published) if id in witnesses else None for id in (c.a, c.b)]
    later = verdict != "a_to_b" and times[0] is not None and times[1] is not None and times[1] < times[0]
    return _turned(c) if verdict == "b_to_a" or later else c


def _turned(c: Comparison) -> Comparison:
    """The same comparison seen from the other side."""
    verdicts: dict[Verdict, Verdict] = {"a_to_b": "b_to_a", "b_to_a": "a_to_b"}
    sides: dict[Favours, Favours] = {"a": "b", "b": "a"}
    d, facts = c.direction, c.facts
    return Comparison(
        c.b,
        c.a,
        c.containment_of_b_in_a,
        c.containment_of_a_in_b,
        c.resemblance,
        c.reuse,
        facts
        and replace(
            facts,
            containment_of_a_in_b=facts.containment_of_b_in_a,
            containment_of_b_in_a=facts.containment_of_a_in_b,
        ),
        tuple(Passage(p.b, p.a, p.kind, p.quoted) for p in c.passages),
        replace(
            d,
            verdict=verdicts.get(d.verdict, d.verdict),
            evidence=tuple(replace(e, favours=sides.get(e.favours, e.favours)) for e in d.evidence),
        ),
    )


def _pair(number: int, c: Comparison, witnesses: dict[str, Witness]) -> dict[str, Any]:
    from derive.report.text import verdict

    a, b = _name(c.a), _name(c.b)
    d, facts = c.direction, c.facts
    names = {"a": a, "b": b, "common_source": "a common source", "neither": ""}
    shares = [contained(c.containment_of_a_in_b, a, b), contained(c.containment_of_b_in_a, b, a)]
    told = [] if facts is None else [
        f"They have {count(facts.shared, 'name or figure', 'names and figures')} in common, weighed by rarity "
        f"{percent(facts.containment_of_a_in_b)} of those of the first and {percent(facts.containment_of_b_in_a)} of "
        "those of the second."
    ]  # fmt: skip
    return {
        "number": number,
        "first": _side(witnesses[c.a]),
        "second": _side(witnesses[c.b]),
        "a": a,
        "b": b,
        "shares": shares,
        "share_of_first": percent(c.containment_of_a_in_b),
        "share_of_second": percent(c.containment_of_b_in_a),
        "resemblance": percent(c.resemblance),
        "facts": told,
        "reuse": _REUSE[c.reuse],
        "verdict": verdict(c),
        "short": _short_verdict(c),
        "sign": _VERDICT_SIGNS.get(d.verdict, "?") if c.reuse == "text" else "?",
        "probability": percent(d.probability) if d.verdict != "undecided" and c.reuse == "text" else "",
        "evidence": [_evidence(e, names) for e in d.evidence],
        "detail": False,
        "passages": [],
        "passages_left_out": 0,
    }


def _side(witness: Witness) -> dict[str, str]:
    when = moment(witness.published)
    return {
        "name": _name(witness.id),
        "outlet": shorten(printable(witness.source or ""), 120),
        "when": when.words if when else "no date",
    }


def _short_verdict(c: Comparison) -> str:
    """The verdict where the two stand beside it."""
    if c.reuse == "quotation":
        return "No direction: a quotation alone"
    if c.reuse != "text" or c.direction.verdict == "undecided":
        return "Undecided which was first"
    probably = "" if c.direction.probability >= 0.9 else "probably "
    if c.direction.verdict == "common_source":
        return f"Both {probably}drew on a common source"
    return f"Second was {probably}rewritten from first"


def _passages(c: Comparison, witnesses: dict[str, Witness]) -> tuple[list[dict[str, Any]], int]:
    shown = sorted(c.passages, key=lambda p: (-(p.a.end - p.a.start), p.a, p.b))[:MAX_PASSAGES]
    shown.sort(key=lambda p: (p.a, p.b, p.kind, p.quoted))
    return [_passage(p, witnesses[c.a].text, witnesses[c.b].text) for p in shown], len(c.passages) - len(shown)


def _evidence(evidence: Evidence, names: dict[str, str]) -> tuple[str, str, str, str]:
    """What was found, what it speaks for, its weight, and where the weight comes from."""
    favours = names[evidence.favours] if evidence.log_odds else ""
    earlier = f"{favours} as the earlier text" if evidence.favours in ("a", "b") else favours
    return (
        printable(evidence.detail) or printable(evidence.name),
        earlier if favours else "nothing",
        f"{evidence.log_odds:.2f}" if favours else "0",
        "measured on known cases" if evidence.measured else "a prior, set by judgement",
    )


def _passage(passage: Passage, a: str, b: str) -> dict[str, Any]:
    left, right = _line(passage.a.of(a)), _line(passage.b.of(b))
    if passage.kind == "identical":
        sides: tuple[Segments, Segments] = ([(left, False)], [(right, False)])
    else:
        sides = differences(left, right)
    return {
        "symbol": _SYMBOLS[passage.kind],
        "kind": _KINDS[passage.kind],
        "quoted": passage.quoted,
        "a": _cut(sides[0]),
        "b": _cut(sides[1]),
        "a_at": f"{passage.a.start} to {passage.a.end}",
        "b_at": f"{passage.b.start} to {passage.b.end}",
    }


def differences(a: str, b: str) -> tuple[Segments, Segments]:
    """Both texts in runs of words, each with whether it differs from the other text.

    >>> differences("He denied the call.", "He denied any call")[0]
    [('He denied ', False), ('the ', True), ('call.', False)]
    """
    runs = differing(a, b)
    return _segments(a, runs[0]), _segments(b, runs[1])


def _segments(text: str, runs: Sequence[tuple[int, int]]) -> Segments:
    found: Segments = []
    last = 0
    for start, end in runs:
        found += [(text[last:start], False), (text[start:end], True)]
        last = end
    return [(words, differs) for words, differs in [*found, (text[last:], False)] if words]


def _line(text: str) -> str:
    """A stretch of an article on one line, with nothing invisible left."""
    return printable(" ".join(text.split()))


def _cut(segments: Segments) -> Segments:
    """The beginning and the end of a passage too long for a page."""
    size = sum(len(words) for words, _ in segments)
    if size <= _EXCERPT:
        return segments
    kept: Segments = []
    room = _EXCERPT
    for words, differs in segments:
        kept.append((words[:room], differs))
        room -= len(words)
        if room <= 0:
            break
    return [*kept, (f" … ({size - _EXCERPT:,} more characters)", False)]


# The drawing in words ------------------------------------------------------------------------------------------------


def _in_words(plan: Picture) -> list[str]:
    """What the drawing shows, as sentences, for those who cannot see it."""
    names = {box.number: _name(box.witness.id) for box in plan.boxes}
    sentences = [_arrow_words(line, names) for line in plan.lines if line.arrow and line.style != "unseen"]
    for ghost in plan.ghosts:
        children = [names[line.target] for line in plan.lines if line.source == ghost.number]
        sure = f"{how_likely(ghost.probability)}, {percent(ghost.probability)}"
        sentences.append(f"{_listed(children)} drew on an unseen source ({sure})")
    for line in plan.lines:
        if not line.arrow:
            sentences.append(
                f"{names[line.source]} and {names[line.target]} {_LINK_WORDS[line.style]} ({percent(line.probability)})"
            )
    for box in plan.boxes:
        if box.copies:
            sentences.append(
                f"{names[box.number]} stands for {count(len(box.copies), 'copy', 'copies')} with the same words"
            )
    if plan.alone:
        sentences.append(f"{_listed(_name(box.witness.id) for box in plan.alone)} share no text with any other article")
    return sentences


def _arrow_words(line: Line, names: dict[int, str]) -> str:
    source, target = names[line.source], names[line.target]
    sure = "declared" if line.declared else percent(line.probability)
    verb = "also drew on" if line.style.startswith("also") else "was rewritten from"
    if not line.declared and line.probability < 0.9:
        verb = "probably " + verb if verb.startswith("also") else "was probably rewritten from"
    share = "" if line.share is None else f"; {contained(line.share, target, source)}"
    return f"{target} {verb} {source} ({sure}){share}"


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
