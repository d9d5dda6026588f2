"""A lineage that names no outlet and no author: for showing a case without pointing at anybody.

Every outlet becomes "Outlet 7", every author "Author 3", every article "article-012", the same one everywhere: in ids and
paths, in titles, evidence and notes, and in the texts, where spans are moved along with the words they mark. Names are
found as they are known (an article's outlet, author, address) and, inside credit lines and datelines, by their look. Web
and mail addresses and handles are replaced whole. What a text says of itself in other words stays, and whoever searches the
web for its sentences will find it: this hides names, not texts.

Start reading at `Pseudonyms`.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlsplit

from derive.model import (
    Comparison,
    Document,
    Evidence,
    Exclusion,
    Lineage,
    Link,
    Origins,
    Passage,
    Skipped,
    Span,
    Witness,
)

_ADDRESS = r"(?:https?://|www\.)[^\s<>\"“”)]*[^\s<>\"“”).,;:!?]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w@])@\w{2,}"
_NAME = r"(?<!\w)[A-ZÀ-ÖØ-Þ][\w'’-]*\.?(?:[ \t]+(?:(?:de|del|della|van|von|der|den|bin|al|la|le)[ \t]+)*[A-ZÀ-ÖØ-Þ][\w'’-]*\.?)+"
_AGENCY = r"(?<=\()[A-Z][\w .&/'’-]{1,38}(?=\))"
_SIGN_OFF = r"(?<=[—–-])\s*[A-Z][\w .&'’-]{1,30}$"
_AUTHORS = re.compile(r"\s*(?:,|;|&|\||/|\band\b|\bund\b|\by\b|\bet\b)\s*")
_LEAD = re.compile(r"^\s*(?:by|von|par|por)\s+", re.I)
_GENERIC = frozenset("www com org net news co uk html htm php index article articles story amp the".split())
_WORD_OF_CREDIT = frozenset(
    "additional associated associate by compiled editing edited further photo picture reporting source sources staff "
    "translated translation via with writing written".split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """A text with other names, and the way from its old places to its new ones."""

    text: str
    _starts: tuple[int, ...]
    """Where each replaced stretch began, of the old text."""
    _ends: tuple[int, ...]
    _shifts: tuple[int, ...]
    """How much longer the text is after each of them."""

    def at(self, place: int, *, end: bool = False) -> int:
        """Where `place` is now; inside of a replaced name, its beginning (or, with `end`, its end)."""
        k = bisect_right(self._starts, place - end) - 1
        if k < 0:
            return place
        if place < self._ends[k]:
            before = self._shifts[k - 1] if k else 0
            return self._ends[k] + self._shifts[k] if end else self._starts[k] + before
        return place + self._shifts[k]

    def span(self, span: Span) -> Span:
        return Span(self.at(span.start), self.at(span.end, end=span.end > span.start))


class Pseudonyms:
    """Other names for everything in a collection, always the same for the same collection in any order.

    `documents`, where they are at hand, add what witnesses do not hold: authors and addresses.
    """

    def __init__(self, articles: Iterable[Witness | Document], documents: Iterable[Document] = ()) -> None:
        # By content, so that the numbers do not follow the alphabet of the names.
        ordered = sorted(articles, key=lambda w: (w.sha256 if isinstance(w, Witness) else _sha256(w.text), w.id))
        width = len(str(max(1, len(ordered))))
        self.ids = {w.id: f"article-{k:0{width}d}" for k, w in enumerate(ordered, 1)}
        place = {w.id: k for k, w in enumerate(ordered)}
        known = sorted((d for d in documents if d.id in place), key=lambda d: place[d.id])
        outlets = _numbered("Outlet", (w.source for w in ordered))
        self.outlets = {_key(name): new for name, new in outlets.items()}
        self._terms: dict[str, str] = {}
        self._short: dict[str, str] = {}
        for name, new in outlets.items():
            self._enter_outlet(name, new)
        for name, new in _numbered("Author", (name for d in known for name in _names_in(d.author or ""))).items():
            self._terms.setdefault(_flexible(name), new)
        for d in known:
            host = (urlsplit(d.url or "").hostname or "").removeprefix("www.") if _is_address(d.url) else ""
            outlet = self.outlets.get(_key(d.source or ""), "[outlet]")
            for label in (host, max(host.split("."), key=len)) if host else ():
                if len(label) > 3 and label not in _GENERIC:
                    self._terms.setdefault(_whole(rf"(?i:{re.escape(label)})"), outlet)
        self._told: dict[str, Told] = {}

    # -- what is handed in and out

    def lineage(self, lineage: Lineage) -> Lineage:
        """The same lineage under other names."""
        told = {w.id: self._text(w) for w in lineage.documents}
        tally = lineage.tally
        closest = tally.closest and (self.id(tally.closest[0]), self.id(tally.closest[1]), tally.closest[2])
        return replace(
            lineage,
            documents=tuple(sorted((self.witness(w) for w in lineage.documents), key=lambda w: w.id)),
            comparisons=tuple(self._comparison(c, told) for c in lineage.comparisons),
            edges=tuple(replace(e, source=self.id(e.source), target=self.id(e.target)) for e in lineage.edges),
            links=tuple(Link(self.id(k.a), self.id(k.b), k.kind, k.probability) for k in lineage.links),
            roots=tuple(tuple((self.id(id), p) for id, p in row) for row in lineage.roots),
            unseen_sources=tuple(
                replace(u, children=tuple(sorted(self.id(c) for c in u.children))) for u in lineage.unseen_sources
            ),
            origins=Origins(
                lineage.origins.count, tuple(tuple(sorted(self.id(i) for i in g)) for g in lineage.origins.groups)
            ),
            skipped=tuple(
                Skipped(f"input-{k}", s.record, s.reason, "its name is left out")
                for k, s in enumerate(sorted(lineage.skipped, key=lambda s: (s.reason, s.path, s.record or 0)), 1)
            ),
            tally=replace(tally, closest=closest),
            notes=tuple(self.words(n) for n in lineage.notes),
        )

    def witness(self, w: Witness) -> Witness:
        """The same article under another name."""
        told = self._text(w)
        return replace(
            w,
            id=self.id(w.id),
            path=None if w.path is None else self.id(w.id),
            title=None if w.title is None else self.words(w.title),
            source=None if w.source is None else self.outlets[_key(w.source)],
            sha256=_sha256(told.text),
            excluded=tuple(Exclusion(told.span(e.span), e.kind) for e in w.excluded),
            copies_of=None if w.copies_of is None else self.id(w.copies_of),
            text=told.text,
        )

    def comparison(self, c: Comparison, a: Witness, b: Witness) -> Comparison:
        """The same comparison under other names; `a` and `b` are its witnesses as they were."""
        return self._comparison(c, {w.id: self._text(w) for w in (a, b)})

    def id(self, id: str) -> str:
        return self.ids.get(id, id)

    def words(self, text: str) -> str:
        """A sentence in which ids and names are replaced."""
        return self._replaced(text, self._sentences, ()).text

    # -- parts

    def _comparison(self, c: Comparison, told: dict[str, Told]) -> Comparison:
        a, b = told[c.a], told[c.b]
        return replace(
            c,
            a=self.id(c.a),
            b=self.id(c.b),
            passages=tuple(Passage(a.span(p.a), b.span(p.b), p.kind, p.quoted) for p in c.passages),
            direction=replace(
                c.direction,
                evidence=tuple(replace(e, detail=self._evidence(e)) for e in c.direction.evidence),
            ),
        )

    def _evidence(self, e: Evidence) -> str:
        # A source that both name, or an agency's mark, may be an outlet that no article here is of.
        if e.name == "shared_credit":
            return "both name the same source"
        return re.sub(r"the agency mark \((?!Outlet \d)[^)]*\)", "the agency mark", self.words(e.detail))

    def _enter_outlet(self, name: str, new: str) -> None:
        words = [w for w in re.split(r"[\W_]+", name) if w]
        core = words[1:] if len(words) > 1 and words[0].lower() == "the" else words
        if len("".join(core)) < 2:
            return
        if len(core) > 1:
            self._terms.setdefault(_flexible(" ".join(core)), new)
        elif core[0].upper() == core[0].lower():
            self._terms.setdefault(re.escape(core[0]), new)  # a script without capitals, perhaps without spaces
        else:
            # One word may be a common one ("echo"): only with a capital.
            forms = sorted({f for f in (core[0], core[0].upper(), core[0].capitalize()) if f[0].isupper()})
            self._terms.setdefault(_whole("(?:" + "|".join(map(re.escape, forms)) + ")"), new)
        initials = "".join(w[0] for w in core)
        if len(core) > 1 and initials.isupper():
            (self._terms if len(initials) > 2 else self._short).setdefault(_whole(re.escape(initials)), new)

    @cached_property
    def _everywhere(self) -> tuple[re.Pattern[str], list[str]]:
        return _joined({_ADDRESS: "[address]", **_longest_first(self._terms)})

    @cached_property
    def _in_credits(self) -> tuple[re.Pattern[str], list[str]]:
        fallback = {_AGENCY: "[agency]", _SIGN_OFF: " [agency]", _NAME: "[name]"}
        return _joined(
            {_ADDRESS: "[address]", **_longest_first(self._terms), **_longest_first(self._short), **fallback}
        )

    @cached_property
    def _sentences(self) -> tuple[re.Pattern[str], list[str]]:
        ids = {_whole(re.escape(id)): new for id, new in self.ids.items() if len(id.strip()) > 1}
        terms = {**_longest_first(self._terms), **_longest_first(self._short)}
        return _joined({**_longest_first(ids), _ADDRESS: "[address]", **terms})

    def _text(self, w: Witness) -> Told:
        if w.id not in self._told:
            credits = [(e.span, e.kind == "credit") for e in w.excluded if e.kind in ("credit", "dateline")]
            self._told[w.id] = self._replaced(w.text, self._everywhere, credits)
        return self._told[w.id]

    def _replaced(
        self, text: str, terms: tuple[re.Pattern[str], list[str]], credits: Sequence[tuple[Span, bool]]
    ) -> Told:
        """`text` with every term replaced; inside `credits` agencies that nobody knows are, too, and persons."""
        found = [(m.start(), m.end(), terms[1][(m.lastindex or 1) - 1]) for m in terms[0].finditer(text)]
        for span, persons in credits:
            known, new = self._in_credits
            for m in known.finditer(text, span.start, span.end):
                word = new[(m.lastindex or 1) - 1]
                start = m.start()
                if word == "[name]":
                    # A dateline's name is a place.
                    start += _credit_words(m[0])
                    if not persons or start >= m.end():
                        continue
                found = [f for f in found if f[1] <= start or m.end() <= f[0]]
                found.append((start, m.end(), word))
        parts: list[str] = []
        starts, ends, shifts = [], [], []
        last = shift = 0
        for start, end, word in sorted(found):
            parts += [text[last:start], word]
            shift += len(word) - (end - start)
            starts.append(start)
            ends.append(end)
            shifts.append(shift)
            last = end
        return Told("".join(parts) + text[last:], tuple(starts), tuple(ends), tuple(shifts))


def anonymised(lineage: Lineage, documents: Iterable[Document] = ()) -> Lineage:
    """The lineage under other names."""
    return Pseudonyms(lineage.documents, documents).lineage(lineage)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _numbered(kind: str, names: Iterable[str | None]) -> dict[str, str]:
    """A new name for each, by its first spelling."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for name in names:
        if name is not None and _key(name) not in seen:
            seen.add(_key(name))
            found[name] = f"{kind} {len(seen)}"
    return found


def _names_in(author: str) -> list[str]:
    return [name for name in _AUTHORS.split(_LEAD.sub("", author)) if len(name) > 2]


def _flexible(name: str) -> str:
    """The name in any case, its words joined by anything short: "Valley Post", "valley-post", "valleypost"."""
    return _whole(r"(?i:" + r"[\W_]{0,3}".join(re.escape(w) for w in re.split(r"[\W_]+", name) if w) + ")")


def _is_address(url: str | None) -> bool:
    try:
        return bool(url) and bool(urlsplit(url or "").hostname)
    except ValueError:
        return False


def _credit_words(name: str) -> int:
    """How many characters of a run of capitalised words only say what it credits ("Reporting by Ann Lee")."""
    skipped = 0
    for match in re.finditer(r"\S+\s*", name):
        if match[0].strip(" .,").casefold() not in _WORD_OF_CREDIT:
            break
        skipped = match.end()
    return skipped


def _longest_first(terms: dict[str, str]) -> dict[str, str]:
    return dict(sorted(terms.items(), key=lambda t: (-len(t[0]), t[0])))


def _joined(terms: dict[str, str]) -> tuple[re.Pattern[str], list[str]]:
    """One expression for all, and what stands for each of its groups."""
    return re.compile("|".join(f"({term})" for term in terms)), list(terms.values())


def _whole(term: str) -> str:
    """The term where it is a word, or words, of its own."""
    return rf"(?<!\w){term}(?!\w)"
