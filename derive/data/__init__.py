"""The tables: what newsrooms spell differently, what passes for what, what is furniture.

Each is a text file beside this one with its meaning in its first lines; this module only reads them. Changing a table
changes fingerprints: raise `derive.params.NORMALISER` with it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of a table as tuples of its tab-separated fields, comments and empty lines left out."""
    text = (files(__name__) / name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines() if line and not line.startswith("#"))


@cache
def stopwords() -> frozenset[str]:
    """Words that carry no topic, in several languages."""
    return frozenset(row[0] for row in rows("stopwords.txt"))
