"""The report: one page that stands alone, opens offline, prints, and needs no script.

Everything from articles goes through `printable` (what is invisible becomes visible) and through the template's
escaping. The page's policy forbids everything but its own style sheet, named by its hash. Passages are set side by side
with what differs underlined; where there is too much for a page it says how much it left out.

Start reading at `lineage_html`; the page itself is `templates/report.html.j2`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from derive import __version__
from derive.model import Comparison, Evidence, Lineage, Passage, Witness
from derive.report.json import origin_groups
from derive.report.labels import EXCLUSION_WORDS, contained, count, how_likely, percent, printable, shorten, shorten_id
from derive.report.picture import Line, Picture, moment, picture

MAX_PAIRS = 400
MAX_ROWS = 2000
MAX_PASSAGES = 60
MAX_EXCLUDED = 400
_EXCERPT = 1600
_SYMBOLS = {"identical": "=", "minor": "≈", "reworded": "≠"}
_KINDS = {"identical": "identical", "minor": "minor changes", "reworded": "reworded"}
_LINK_WORDS = {
    "text": "share text; which was first is undecided",
    "common_source": "drew on a common source",
    "facts": "retell the same facts without shared text",
    "quotation": "share a quotation",
}

Segments = list[tuple[str, bool]]


def lineage_html(lineage: Lineage) -> str:
    """The whole report as one HTML page."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from derive.report.svg import lineage_svg
    from derive.report.text import headline_sentences

    templates = files("derive.report") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    style = _style((templates / "report.css").read_text(encoding="utf-8"))
    plan = picture(lineage)
    headline = [printable(sentence) for sentence in headline_sentences(lineage) if sentence]
    title = f"Lineage of {count(len(lineage.documents), 'article')}"
    page = environment.from_string((templates / "report.html.j2").read_text(encoding="utf-8")).render(
        title=title,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        headline=headline,
        notes=sorted(printable(note) for note in lineage.notes),
        drawing=Markup(lineage_svg(plan, title, " ".join(headline))) if plan.boxes or plan.alone else "",
        plan=plan,
        wide=max((box.column for box in plan.boxes), default=0) > 9,
        in_words=_in_words(plan),
        origins=_origins(lineage),
        skipped=[
            _skipped(s) for s in sorted(lineage.skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))
        ],
        settings=[(name, "not set" if v is None else str(v)) for name, v in lineage.params.as_dict().items()],
        version=__version__,
        **_articles(lineage),
        **_pairs(lineage),
    )
    return page.replace("\r", "") + "\n"


def notebook(lineage: Lineage) -> str:
    """The sentences and the picture alone, for a notebook: no script, no style sheet, every word escaped."""
    from markupsafe import escape

    from derive.report.svg import lineage_svg
    from derive.report.text import headline_sentences

    plan = picture(lineage)
    sentences = " ".join(printable(sentence) for sentence in headline_sentences(lineage) if sentence)
    shown = f"<p>{escape(sentences)}</p>"
    if plan.boxes or plan.alone:
        css = _style((files("derive.report") / "templates" / "report.css").read_text(encoding="utf-8"))
        drawing = lineage_svg(plan, f"Lineage of {count(len(lineage.documents), 'article')}", sentences)
        styled = drawing.replace(">", f"><style>{css}</style>", 1)
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


def _style(css: str) -> str:
    """The style sheet without comments; what stands between the tags is what the policy's hash is taken of."""
    return re.sub(r"/\*.*?\*/\s*", "", css, flags=re.S).strip()


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
    rows = [_article(w, copies.get(w.id, []), origins.get(w.id, [])) for w in witnesses]
    excluded = [(_name(w.id), _excerpts(w)) for w in witnesses if w.excluded]
    return {
        "articles": rows,
        "excluded": excluded[:MAX_EXCLUDED],
        "excluded_left_out": max(0, len(excluded) - MAX_EXCLUDED),
    }


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
        for e in sorted(witness.excluded)
    ]


def _origins(lineage: Lineage) -> list[tuple[int, list[str]]]:
    return [(i, _few([_name(id) for id in group])) for i, group in enumerate(origin_groups(lineage), 1)]


def _skipped(skipped: Any) -> tuple[str, str, str]:
    record = "" if skipped.record is None else f", record {skipped.record}"
    return (_name(skipped.path) + record, printable(skipped.reason), shorten(printable(skipped.message), 300))


# Pairs ---------------------------------------------------------------------------------------------------------------


def _pairs(lineage: Lineage) -> dict[str, Any]:
    texts = {w.id: w.text for w in lineage.documents}
    strongest = sorted(lineage.comparisons, key=lambda c: (-_strength(c), c.a, c.b))
    rows = [_pair(i, c) for i, c in enumerate(strongest[:MAX_ROWS], 1)]
    for row, comparison in zip(rows[:MAX_PAIRS], strongest, strict=False):
        row["detail"] = _detail(comparison, texts)
    return {
        "pairs": rows,
        "pairs_without_passages": max(0, len(strongest) - MAX_PAIRS),
        "pairs_left_out": max(0, len(strongest) - MAX_ROWS),
        "max_pairs": MAX_PAIRS,
    }


def _strength(comparison: Comparison) -> float:
    return max(comparison.containment_of_a_in_b, comparison.containment_of_b_in_a)


def _pair(number: int, comparison: Comparison) -> dict[str, Any]:
    from derive.report.text import verdict

    a, b = _name(comparison.a), _name(comparison.b)
    direction = comparison.direction
    likelihood = percent(direction.probability)
    return {
        "anchor": f"pair-{number}",
        "a": a,
        "b": b,
        "a_in_b": contained(comparison.containment_of_a_in_b, a, b),
        "b_in_a": contained(comparison.containment_of_b_in_a, b, a),
        "reuse": comparison.reuse,
        "verdict": verdict(comparison),
        "decided": direction.verdict != "undecided",
        "probability": likelihood if direction.verdict != "undecided" else "",
        "detail": None,
    }


def _detail(comparison: Comparison, texts: dict[str, str]) -> dict[str, Any]:
    names = {"a": _name(comparison.a), "b": _name(comparison.b), "common_source": "a common source", "neither": ""}
    shown = sorted(comparison.passages, key=lambda p: (-(p.a.end - p.a.start), p.a, p.b))[:MAX_PASSAGES]
    shown.sort(key=lambda p: (p.a, p.b, p.kind, p.quoted))
    facts = comparison.facts
    return {
        "evidence": [_evidence(e, names) for e in comparison.direction.evidence],
        "regime": comparison.direction.regime,
        "resemblance": percent(comparison.resemblance),
        "facts": None if facts is None else {
            "shared": count(facts.shared, "name or figure", "names and figures"),
            "a_in_b": percent(facts.containment_of_a_in_b),
            "b_in_a": percent(facts.containment_of_b_in_a),
        },
        "passages": [_passage(p, texts.get(comparison.a, ""), texts.get(comparison.b, "")) for p in shown],
        "passages_left_out": len(comparison.passages) - len(shown),
    }  # fmt: skip


def _evidence(evidence: Evidence, names: dict[str, str]) -> dict[str, str]:
    weight = evidence.log_odds
    favours = names[evidence.favours] if weight else ""
    return {
        "detail": printable(evidence.detail) or printable(evidence.name),
        "favours": favours or "nothing",
        "weight": f"{weight:.2f}" if favours else "0",
        "origin": "measured" if evidence.measured else "prior",
    }


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
    from rapidfuzz.distance import Indel

    words = [re.findall(r"\S+\s*", text) for text in (a, b)]
    keys = [[re.sub(r"\W+", "", w).casefold() or w.strip() for w in side] for side in words]
    left: Segments = []
    right: Segments = []
    for code in Indel.opcodes(*keys):
        differs = code.tag != "equal"
        for segments, run in (
            (left, words[0][code.src_start : code.src_end]),
            (right, words[1][code.dest_start : code.dest_end]),
        ):
            if run:
                segments.append(("".join(run), differs))
    return left, right


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
