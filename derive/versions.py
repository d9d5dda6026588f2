"""Which documents are one article at different times? An outlet changes a story after it is out: that is no second story.

The rule: two texts are versions of one article where they have the same id, or the same canonical address, and one is surely
the later one. Later is what says so itself: `modified` where it is given and later than `published`, else `published`. Where
no time tells them apart nothing is assumed: the same id is then a mistake in the input, the same address means nothing.
An id that two outlets use, and an address under which texts stand that have no words in common (a section's front page),
make no versions either.

Of one id with several texts the latest keeps the id and the earlier ones are called `id@time`. Versions follow each other by
declared arrows, are one family while rare words are counted, and are neither copies of each other nor origins of their own.

Start reading at `named`, then `chains`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from urllib.parse import urlsplit

from derive.dates import Time, order, read_time
from derive.groups import Groups
from derive.model import Document

_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ref_src|cmpid)(?:=.*)?", re.I)
"""Parameters that say where a reader came from, and nothing about what is read."""


def version_time(document: Document) -> Time | None:
    """When this text was there: its last change if that can be believed, else its publication."""
    published, _ = read_time(document.published)
    changed, _ = read_time(document.modified)
    if changed and (published is None or changed.latest >= published.earliest):
        return changed
    return published


def address(url: str | None) -> str | None:
    """A web address as far as it names an article: without scheme, `www.`, fragment, tracking and closing slash.

    None for what is no web address, or that of a whole site.

    >>> address("https://www.Herald.example/a/7/?utm_source=x&page=2#top")
    'herald.example/a/7?page=2'
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    query = "&".join(p for p in parts.query.split("&") if p and not _TRACKING.fullmatch(p))
    path = parts.path.rstrip("/")
    if parts.scheme.lower() not in ("http", "https") or not host or not (path or query):
        return None
    return host.removeprefix("www.") + path + (f"?{query}" if query else "")


def one_outlet(a: Document, b: Document) -> bool:
    """Whether nothing says that these two are from different outlets."""
    if a.source and b.source and a.source.casefold() != b.source.casefold():
        return False
    here, there = (address(d.url) for d in (a, b))
    return not (here and there) or here.partition("/")[0] == there.partition("/")[0]


def told_apart(a: Document, b: Document) -> bool:
    """Whether two documents of one id are versions: one outlet, and one is surely the later."""
    first, second = version_time(a), version_time(b)
    return bool(first and second and order(first, second, 0) and one_outlet(a, b))


def named(documents: Iterable[Document]) -> list[Document]:
    """The documents with every version under a name of its own; two of one id that are no versions stay as they are.

    Doing it twice changes nothing.
    """
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[document.id].append(document)
    result: list[Document] = []
    for group in groups.values():
        ordered = sorted(group, key=lambda d: (_earliest(version_time(d)), d.text))
        if all(told_apart(a, b) for a, b in pairwise(ordered)):
            ordered = in_a_row(ordered)
        result += ordered
    return result


def in_a_row(ordered: Sequence[Document], mark: Callable[[Document], str] | None = None) -> list[Document]:
    """The texts of one id, earliest first: the last keeps the id, each is declared as made from the one before.

    `mark` names a text without a believable time.
    """
    found: list[Document] = []
    for k, document in enumerate(ordered):
        name, id = document.id, document.id
        if k < len(ordered) - 1:
            time = version_time(document)
            name = f"{id}@{time.text if time else mark(document) if mark else k + 1}"
            while any(name == other.id for other in found):
                name = f"{name}-{mark(document) if mark else k + 1}"
        before = (found[-1].id,) if found else ()
        latest = id if k < len(ordered) - 1 else document.version_of
        found.append(replace(document, id=name, derived_from=document.derived_from + before, version_of=latest))
    return found


def chains(
    documents: Sequence[Document], share_words: Callable[[int, int], bool]
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """The articles with several versions, as positions from the earliest to the latest; and the arrows between the versions.

    `share_words` says whether two positions have any wording in common; it is asked of those that share only an address.
    """
    place = {d.id: k for k, d in enumerate(documents)}
    groups = Groups(len(documents))
    by_address: dict[str, list[tuple[Time, int]]] = defaultdict(list)
    for k, d in enumerate(documents):
        if d.version_of is not None:
            groups.join(k, place.get(d.version_of, k))
        # Of versions of one id the latest speaks for all, so that no arrow is drawn twice.
        elif (where := address(d.url)) and (time := version_time(d)):
            by_address[where].append((time, k))
    arrows: list[tuple[int, int]] = []
    for entries in by_address.values():
        entries.sort(key=lambda entry: (entry[0].earliest, entry[0].latest, documents[entry[1]].id))
        before, last = entries[0]
        for time, k in entries[1:]:
            if order(before, time, 0) < 0 and share_words(last, k):
                arrows.append((last, k))
                groups.join(last, k)
                before, last = time, k
    articles = [members for members in groups.members().values() if len(members) > 1]
    return [sorted(members, key=lambda k: _rank(documents[k], k)) for members in articles], arrows


def _rank(document: Document, k: int) -> tuple[int, bool, int]:
    """Earliest first; what keeps the article's id comes last of its time."""
    return _earliest(version_time(document)), document.version_of is None, k


def _earliest(time: Time | None) -> int:
    return time.earliest if time else 0
