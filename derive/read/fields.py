"""What the fields of an article are called by those who write them: one table for records, front matter and CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.read.decode import whole

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "headline"),
    "published": ("published", "date", "published_at"),
    "source": ("source", "outlet", "publisher"),
    "url": ("url", "link"),
    "author": ("author", "byline"),
    "modified": ("modified",),
}
"""Field of a `Document` -> its names in the order in which they are tried."""
TEXT = ("text", "body", "content")


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
