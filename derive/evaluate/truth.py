"""What is true of a collection: which article was made from which, and all that follows from it.

Two forms are read. A *data set* is a folder with `docs.jsonl[.gz]` (id, text, published?, source?) and `truth.jsonl[.gz]`
(derived, source, level?, spans?). A *story* is a folder of articles with a `truth.toml` (fixtures/README.md); a folder of
stories is a collection of them. Where such a collection has a `collection.toml` with `halves = true`, its stories fall into
two halves by their names, and of the second half nothing but totals is ever shown.

Start reading at `Story`: everything but the parents is derived from them.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from derive.errors import InputError
from derive.model import Document, Span

NEGATIVE = frozenset({"non", "none-negative", "same-event", "quotation"})
"""Levels of pairs that are not derived."""
UNSEEN = "unseen:"
SpanPair = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class TruePair:
    """One line of a data set's truth. `spans` are (in the derived text, in the source), None where the set marks none."""

    derived: str
    source: str
    level: str
    directed: bool
    spans: tuple[SpanPair, ...] | None

    @property
    def positive(self) -> bool:
        return self.level not in NEGATIVE


@dataclass(frozen=True)
class Story:
    """Articles that are looked at together. `parents` names direct sources, `unseen:...` those that are not among them.

    `told` are pairs for which what follows from the parents is wrong: "quotation", "none", "text", "any".
    """

    name: str
    documents: tuple[Document, ...]
    parents: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, str]
    told: Mapping[frozenset[str], str]

    @cached_property
    def line(self) -> dict[str, frozenset[str]]:
        """Each article's ancestors, unseen ones too, and itself."""
        found = {}
        for document in self.documents:
            above, todo = {document.id}, [document.id]
            while todo:
                for parent in self.parents.get(todo.pop(), ()):
                    if parent not in above:
                        above.add(parent)
                        todo.append(parent)
            found[document.id] = frozenset(above)
        return found

    @cached_property
    def edges(self) -> frozenset[tuple[str, str]]:
        """(parent, child), both among the documents."""
        return frozenset((p, d.id) for d in self.documents for p in self.parents.get(d.id, ()) if not _unseen(p))

    def derives(self, target: str, source: str) -> bool:
        """True if `source` is an ancestor of `target`."""
        return source != target and source in self.line[target]

    def relation(self, a: str, b: str) -> str:
        """What two articles are to each other: "derived", "siblings", "quotation", "independent", or "any"."""
        told = self.told.get(frozenset((a, b)))
        if told in ("quotation", "any"):
            return told
        if told == "none":
            return "independent"
        if self.derives(a, b) or self.derives(b, a):
            return "derived"
        return "siblings" if told == "text" or self.line[a] & self.line[b] else "independent"

    @cached_property
    def unseen(self) -> dict[str, frozenset[str]]:
        """Sources that are not among the documents and have two children or more there, with all that descends from them.

        One child alone cannot show that it had a source.
        """
        children: dict[str, set[str]] = defaultdict(set)
        for d in self.documents:
            for parent in self.parents.get(d.id, ()):
                if _unseen(parent):
                    children[parent].add(d.id)
        return {
            u: frozenset(id for id, line in self.line.items() if u in line) for u, c in children.items() if len(c) > 1
        }

    @cached_property
    def origins(self) -> frozenset[tuple[str, ...]]:
        """The independent beginnings, each as all that stands on it."""
        groups = list(self.unseen.values())
        for d in self.documents:
            if self._is_first(d.id):
                groups.append(frozenset(id for id, line in self.line.items() if d.id in line))
        return frozenset(tuple(sorted(g)) for g in groups)

    def _is_first(self, id: str) -> bool:
        """True if nothing shows that the article has a source: none among the documents, none that another shares."""
        return all(_unseen(p) and p not in self.unseen for p in self.parents.get(id, ()))

    @cached_property
    def families(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        """(members, first texts) of each group of two articles or more that descent joins; a first text may be unseen."""
        groups: list[set[str]] = []
        for line in self.line.values():
            met = [g for g in groups if g & line]
            groups = [g for g in groups if not g & line] + [set(line).union(*met)]
        found = []
        for group in groups:
            members = frozenset(id for id in group if id in self.line)
            first = {id for id in members if self._is_first(id)} | (group & set(self.unseen))
            if len(members) > 1 and first:
                found.append((members, frozenset(first)))
        return sorted(found, key=lambda f: sorted(f[0]))

    def anonymous(self) -> Story:
        """The same story under ids that tell nothing and stand in no telling order."""
        from derive.hashing import digest

        def name(id: str) -> str:
            return id if _unseen(id) else f"{digest(f'{self.name}/{id}'):016x}"

        return Story(
            self.name,
            tuple(replace(d, id=name(d.id), path=None) for d in self.documents),
            {name(id): tuple(name(p) for p in parents) for id, parents in self.parents.items()},
            {name(id): level for id, level in self.levels.items()},
            {frozenset(name(id) for id in pair): what for pair, what in self.told.items()},
        )


def _unseen(id: str) -> bool:
    return id.startswith(UNSEEN)


# -- data sets


def load(folder: Path) -> tuple[list[Document], list[TruePair]]:
    """The documents and the truth of a data set. Raises `InputError` naming the file that is missing or broken."""
    documents = documents_of(folder)
    known = {d.id for d in documents}
    return documents, [t for t in _truth(folder) if t.derived in known and t.source in known and t.derived != t.source]


def _truth(folder: Path) -> Iterator[TruePair]:
    for row in _lines(folder, "truth.jsonl"):
        spans = row.get("spans")
        pairs = tuple((Span(d, d + dn), Span(s, s + sn)) for d, dn, s, sn in spans) if spans is not None else None
        yield TruePair(row["derived"], row["source"], row.get("level", "derived"), not row.get("undirected"), pairs)


def documents_of(folder: Path) -> list[Document]:
    """The documents of a data set. Raises `InputError` as `load`."""
    return [
        Document(str(d["id"]), d["text"], d.get("title"), d.get("published"), d.get("source"))
        for d in _lines(folder, "docs.jsonl")
    ]


def story_of(folder: Path, documents: Sequence[Document]) -> Story | None:
    """A data set as one story; None where its truth has no direction, so that no lineage follows from it."""
    truth = [t for t in _truth(folder) if t.derived != t.source]
    known = {d.id for d in documents}
    if any(not t.directed for t in truth):
        return None
    parents: dict[str, list[str]] = defaultdict(list)
    for t in truth:
        if t.positive and t.derived in known and (t.source in known or _unseen(t.source)):
            parents[t.derived].append(t.source)
    return Story(
        folder.name,
        tuple(documents),
        {id: tuple(dict.fromkeys(p)) for id, p in parents.items()},
        {t.derived: t.level for t in truth if t.positive},
        {frozenset((t.derived, t.source)): "quotation" for t in truth if t.level == "quotation"},
    )


def _lines(folder: Path, name: str) -> Iterable[dict[str, Any]]:
    for path, opened in ((folder / name, open), (folder / f"{name}.gz", gzip.open)):
        if path.exists():
            try:
                with opened(path, "rt", encoding="utf-8") as file:
                    yield from (json.loads(line) for line in file if line.strip())
            except (OSError, ValueError, KeyError) as error:
                raise InputError(f"{path}: not a data set that can be read ({error})") from error
            return
    raise InputError(f"{folder}: there is no {name} or {name}.gz in it, nor a truth.toml")


# -- stories


def stories(folder: Path) -> list[Story]:
    """The stories in a folder: itself, or its sub-folders that have a truth; empty where there is none."""
    if (folder / "truth.toml").is_file():
        return [read_story(folder)]
    return [read_story(path.parent) for path in sorted(folder.glob("*/truth.toml"))]


def read_story(folder: Path) -> Story:
    """One story. Raises `InputError` naming what is wrong in its truth."""
    from derive.read import read_documents

    truth = _toml(folder / "truth.toml")
    metadata = folder / "metadata.csv"
    documents = tuple(read_documents([folder], metadata=metadata if metadata.exists() else None))
    try:
        parents = {str(a["file"]): tuple(a["parents"]) for a in truth["article"]}
        told = {frozenset((p["a"], p["b"])): str(p.get("reuse") or p["level"]) for p in truth.get("pair", [])}
        levels = {
            str(a["file"]): str(a.get("level", "derived" if a["parents"] else "original")) for a in truth["article"]
        }
    except (KeyError, TypeError) as error:
        raise InputError(f"{folder / 'truth.toml'}: an entry lacks {error}") from error
    known = {d.id for d in documents}
    named = {*parents, *(p for ps in parents.values() for p in ps if not _unseen(p)), *frozenset().union(*told)}
    if wrong := sorted(known ^ set(parents)) or sorted(named - known):
        raise InputError(f"{folder / 'truth.toml'}: it and the articles of its folder do not agree on {wrong[0]}")
    return Story(folder.name, documents, parents, levels, told)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from error


def halved(folder: Path) -> bool:
    """Whether the stories of this collection are kept in two halves."""
    path = folder / "collection.toml"
    return path.is_file() and _toml(path).get("halves") is True


def held_out(name: str) -> bool:
    """Whether a story belongs to the second half: XXH64 (seed 0) of its folder's name in UTF-8 is odd."""
    from derive.hashing import digest

    return digest(name) % 2 == 1
