"""What the fields of an article are called by those who write them: one table for records, front matter and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from derive.errors import InputError
from derive.read.decode import whole

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline"),
    "published": (
        *("published", "date", "published_at", "datepublished", "date_published", "publication_date", "pubdate"),
        *("firstpublished", "firstcreated", "versioncreated", "created_at", "timestamp"),
    ),
    "source": ("source", "outlet", "publisher", "provider", "site", "newspaper", "domain"),
    "url": ("url", "link", "canonical_url", "permalink"),
    "author": ("author", "authors", "byline", "creator"),
    "modified": ("modified", "datemodified", "date_modified", "updated", "updated_at"),
}
"""Field of a `Document` -> its names in the order in which they are tried (in small letters; records may write any).
`firstcreated`, `versioncreated`: ninjs of the IPTC and of Superdesk."""
TEXT = ("text", "body", "content", "body_text", "articlebody", "fulltext", "full_text", "article", "story")
MARKUP = ("body_html", "body_xhtml", "content_html", "html")
"""Fields of text with HTML in it, asked where no plain one says anything."""
LINEAGE = ("evolvedfrom", "rewrite_of", "isbasedon", "derived_from")
"""Fields by which an article declares what it was made from (Superdesk, schema.org, ours)."""


def text_columns(names: Iterable[str], columns: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Which of these columns hold an article's text; `columns` is what the user says."""
    said = {name for field, name in columns if field == "text"}
    return [name for name in names if name in TEXT or name in MARKUP or name in said]


def columns(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(field, name in the records) in small letters. Raises `InputError` for what is no field of a document."""
    for field in given:
        if field not in {"id", "text", *NAMES}:
            known = ", ".join(["id", "text", *NAMES])
            raise InputError(f"--map {field}={given[field]}: there is no field {field!r}; there are {known}")
    return tuple(sorted((field, name.lower()) for field, name in given.items()))


def declared_sources(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids or addresses that a record declares as its sources."""
    found: list[str] = []
    for name in LINEAGE:
        value = record.get(name)
        for one in value if isinstance(value, list) else [value]:
            words = _words(one.get("url") or one.get("@id") or one.get("id") if isinstance(one, dict) else one)
            found += [words] * bool(words)
    return tuple(dict.fromkeys(found))


def described(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Document` that a record states.

    >>> described({"headline": "Bakers walk out", "outlet": {"name": "Herald"}, "date": None})
    {'title': 'Bakers walk out', 'source': 'Herald'}
    """
    found = {field: first(record, names) for field, names in NAMES.items()}
    return {field: value for field, value in found.items() if value}


def first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that says something, else an empty string."""
    return next((value for name in names if (value := _words(record.get(name)))), "")


def _words(value: object) -> str:
    """A value as one line; of an object its name, of a list all it names."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        return ", ".join(filter(None, (_words(v) for v in value if not isinstance(v, list))))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return whole(str(value).strip())
