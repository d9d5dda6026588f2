"""What the fields of an article are called by those who write them: one table for records, front matter and CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from derive.errors import InputError
from derive.read.decode import whole

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline", "webtitle"),
    "published": (
        *(
            "dategmt",
            "published",
            "date",
            "publishedat",
            "datepublished",
            "publicationdate",
            "publishdate",
            "publisheddate",
        ),
        *("pubdate", "datepublish", "datetimepub", "webpublicationdate", "firstpublished"),
        *("firstcreated", "versioncreated", "createdat", "timestamp"),
    ),
    "source": (
        *("source", "outlet", "publisher", "publication", "provider", "sitename", "site", "newspaper", "medianame"),
        *("sourcedomain", "hostname", "domain"),
    ),
    "url": ("url", "link", "canonicalurl", "permalink", "weburl", "articleurl"),
    "author": ("author", "authors", "byline", "by", "creator"),
    "modified": ("modifiedgmt", "modified", "datemodified", "datemodify", "updated", "updatedat", "lastmodified"),
}
"""Field of a `Document` -> its names, as `key` spells them, in the order in which they are tried.
`firstcreated`, `versioncreated`: ninjs of the IPTC and of Superdesk."""
CREDITS = ("creditline", "credit", "credittext", "sourceorganization")
"""Whose material it is: named beside the author."""
IDS = ("id", "guid", "uri", "uuid")
TEXT = (
    *("text", "body", "content", "bodytext", "contenttext", "articlebody", "articletext", "maintext", "fulltext"),
    *("article", "story"),
)
MARKUP = ("bodyhtml", "bodyxhtml", "contenthtml", "html")
"""Fields of text with HTML in it, asked where no plain one says anything."""
LINEAGE = ("evolvedfrom", "rewriteof", "isbasedon", "derivedfrom")
"""Fields by which an article declares what it was made from (Superdesk, schema.org, ours)."""


ALL = frozenset([*IDS, *CREDITS, *TEXT, *MARKUP, *LINEAGE, *(name for names in NAMES.values() for name in names)])
"""Every name that is asked for, as `key` spells it."""
_JOINTS = re.compile(r"[\s_.\-]+")


def key(name: str) -> str:
    """A field's name without what tools spell differently.

    >>> key("Date_Published"), key("full text"), key("_id")
    ('datepublished', 'fulltext', 'id')
    """
    return _JOINTS.sub("", name).lower()


def text_columns(names: Iterable[str], columns: Iterable[tuple[str, str]] = ()) -> list[str]:
    """Which of these columns hold an article's text; `columns` is what the user says."""
    said = {name for field, name in columns if field == "text"}
    return [name for name in names if key(name) in TEXT or key(name) in MARKUP or key(name) in said]


def columns(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """(field, name in the records as `key` spells it). Raises `InputError` for what is no field of a document."""
    for field in given:
        if field not in {"id", "text", *NAMES}:
            known = ", ".join(["id", "text", *NAMES])
            raise InputError(f"--map {field}={given[field]}: there is no field {field!r}; there are {known}")
    return tuple(sorted((field, key(name)) for field, name in given.items()))


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
    found["author"] = with_credit(found["author"], first(record, CREDITS))
    for field in ("published", "modified"):
        if _NO_ZONE.fullmatch(found[field]) and found[field] == _words(record.get(_GMT[field])):
            found[field] += "Z"
    if "://" in found["source"]:  # some tools call the page's address so
        found["url"] = found["url"] or found["source"]
        outlets = (first(record, (name,)) for name in NAMES["source"])
        found["source"] = next((o for o in outlets if o and "://" not in o), "")
    return {field: value for field, value in found.items() if value}


def with_credit(author: str, credit: str) -> str:
    """Both, where they say different things.

    >>> with_credit("Mara Lind", "Northern Wire"), with_credit("Mara Lind, Northern Wire", "Northern Wire")
    ('Mara Lind, Northern Wire', 'Mara Lind, Northern Wire')
    """
    return author if credit.casefold() in author.casefold() else ", ".join(filter(None, (author, credit)))


_GMT = {"published": "dategmt", "modified": "modifiedgmt"}
"""Names that say the zone, so that the value does not."""
_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?")


def first(record: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of these fields that says something, else an empty string."""
    return next((value for name in names if name in record and (value := _words(record[name]))), "")


_NAMED = ("name", "title", "main", "rendered")
"""What a value that is an object calls the words in it."""


def _words(value: object) -> str:
    """A value as one line; of an object its name, of a list all it names."""
    if isinstance(value, dict):
        value = next((value[name] for name in _NAMED if value.get(name)), None)
    if isinstance(value, list):
        return ", ".join(filter(None, (_words(v) for v in value if not isinstance(v, list))))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return whole(str(value).strip())
