"""A lineage.json that was written earlier: figures, evidence and places; the texts are not stored there."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from derive.errors import InputError
from derive.model import (
    Comparison,
    Direction,
    Edge,
    Evidence,
    Facts,
    Lineage,
    Link,
    Origins,
    Passage,
    Skipped,
    Span,
    Tally,
    UnseenSource,
    Witness,
)
from derive.params import Params
from derive.report.anonymise import Pseudonyms
from derive.report.explanation import explanation
from derive.report.json import SCHEMA
from derive.report.labels import printable


def lineage_of(stored: dict[str, Any]) -> Lineage:
    """The lineage in a lineage.json, without texts. Raises `InputError` for another schema, KeyError for a foreign file."""
    _agree(stored)
    documents = tuple(_witness(row) for row in stored["documents"])
    comparisons = tuple(_comparison(row) for row in stored["comparisons"])
    known = {f.name for f in fields(Params)}
    return Lineage(
        documents=documents,
        comparisons=comparisons,
        edges=tuple(Edge(**row) for row in stored["edges"]),
        links=tuple(Link(**row) for row in stored["links"]),
        roots=tuple(tuple((id, probability) for id, probability in row) for row in stored["roots"]),
        unseen_sources=tuple(
            UnseenSource(row["id"], tuple(row["children"]), row["probability"]) for row in stored["unseen_sources"]
        ),
        origins=Origins(stored["origins"]["count"], tuple(tuple(group) for group in stored["origins"]["groups"])),
        skipped=tuple(Skipped(**row) for row in stored["skipped"]),
        tally=Tally(
            len(documents),
            sum(w.copies_of is not None for w in documents),
            0,
            0,
            len(comparisons),
            None,
            sum(w.version_of is not None for w in documents),
        ),
        notes=(),
        params=Params(**{name: value for name, value in stored["params"].items() if name in known}),
    )


def explain_stored(stored: dict[str, Any], a: str, b: str, *, anonymise: bool = False) -> str:
    """What the lineage says of documents `a` and `b`, under other names if asked to.

    Raises `InputError` for unknown ids, KeyError for a foreign file.
    """
    _agree(stored)
    documents = {d["id"]: d for d in stored["documents"]}
    for name in (a, b):
        if name not in documents:
            raise InputError(f"no article has the id {name!r} in this lineage; it holds {len(documents)}")
    names = Pseudonyms(_witness(row) for row in stored["documents"]) if anonymise else None
    for row in stored["comparisons"]:
        if {row["a"], row["b"]} == {a, b}:
            c, left, right = _comparison(row), _witness(documents[row["a"]]), _witness(documents[row["b"]])
            if names:
                c, left, right = names.comparison(c, left, right), names.witness(left), names.witness(right)
            text = explanation(c, left, right, alone=False)
            return text + "\nThe texts are not stored in a lineage: use --in FOLDER to see the passages themselves.\n"
    if names:
        a, b = names.id(a), names.id(b)
    return f"{printable(a)} and {printable(b)}\n\nNo reuse: this lineage lists no comparison of the two.\n"


def _agree(stored: dict[str, Any]) -> None:
    if stored["schema"] != SCHEMA:
        raise InputError(f"this lineage has schema {stored['schema']}; this version of derive reads schema {SCHEMA}")


def _comparison(row: dict[str, Any]) -> Comparison:
    d = row["direction"]
    return Comparison(
        row["a"],
        row["b"],
        row["containment_of_a_in_b"],
        row["containment_of_b_in_a"],
        row["resemblance"],
        row["reuse"],
        Facts(**row["facts"]) if row["facts"] else None,
        tuple(Passage(Span(*p["a"]), Span(*p["b"]), p["kind"], p["quoted"]) for p in row["passages"]),
        Direction(d["verdict"], d["probability"], d["regime"], tuple(Evidence(**e) for e in d["evidence"])),
    )


def _witness(row: dict[str, Any]) -> Witness:
    return Witness(
        row["id"],
        row["path"],
        row["title"],
        row["published"],
        row["source"],
        row["words"],
        row["sha256"],
        tuple(row["flags"]),
        (),
        row["copies_of"],
        "",
        row.get("version_of"),
    )
