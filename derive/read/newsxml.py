"""News in XML: RSS, Atom, NewsML-G2, NITF, WordPress exports. Which dialect says what where is a table walked by one loop.

No entity is expanded, no document type or address is loaded. Runs in the helper process (`worker.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from derive.read.fields import with_credit
from derive.read.html import fragment

Paths = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where an article stands, and in which elements its fields; the first that says something counts."""

    name: str
    article: str
    text: Paths
    fields: dict[str, Paths]
    markup: bool = False
    """The text is HTML written as text; of several places the one with the longest text counts."""
    written: Callable[[str], str] = str
    """What becomes of such text before it is read as HTML."""
    when: tuple[str, str] | None = None
    """Only articles where this path has this text."""


# local-name() in every step: feeds write these elements in any namespace, or in none.
def _path(steps: str) -> str:
    return ".//" + "/".join(
        step
        if step.startswith("@")
        else f"*[local-name()='{step.partition('[')[0]}']" + step[len(step.partition("[")[0]) :]
        for step in steps.split("/")
    )


_CAPTION = re.compile(r"\[caption\b[^\]]{0,500}\][^\[]{0,2000}\[/caption\]")
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist)\b[^\]]{0,500}\]")


def _wordpress(text: str) -> str:
    """Blank lines are paragraphs where no markup says so; pictures and players stand in square brackets."""
    text = _SHORTCODE.sub("", _CAPTION.sub("", text))
    return text if "<p" in text.lower() else re.sub(r"\n\s*\n", "<p>", text)


DIALECTS = (
    Dialect(
        "WordPress export",
        "channel/item[*[local-name()='post_type']]",
        ("encoded",),
        {
            "id": ("guid",),
            "title": ("title",),
            "published": ("pubDate", "post_date_gmt"),
            "modified": ("post_modified_gmt",),
            "author": ("creator",),
            "url": ("link",),
        },
        markup=True,
        written=_wordpress,
        when=("status", "publish"),
    ),
    Dialect(
        "RSS",
        "item",
        ("encoded", "fulltext", "description"),
        {
            "id": ("guid", "link"),
            "title": ("title",),
            "published": ("pubDate", "date"),
            "author": ("creator", "author"),
            "url": ("link",),
            "derived_from": ("source/@url",),
        },
        markup=True,
    ),
    Dialect(
        "Atom",
        "entry",
        ("content", "summary"),
        {
            "id": ("id",),
            "title": ("title",),
            "published": ("published", "updated"),
            "modified": ("updated",),
            "author": ("author/name",),
            "url": ("link[@rel='alternate' or not(@rel)]/@href",),
        },
        markup=True,
    ),
    Dialect(
        "NewsML-G2",
        "newsItem",
        ("body.content", "inlineXML/html/body", "inlineXML", "inlineData"),
        {
            "id": ("@guid",),
            "title": ("headline", "title"),
            "published": ("firstCreated", "contentCreated", "versionCreated"),
            "modified": ("versionCreated",),
            "author": ("creator/name", "by"),
            "credit": ("creditline",),
            "source": ("provider/name", "provider/@literal", "provider/@qcode", "copyrightHolder/name"),
        },
    ),
    Dialect(
        "NITF",
        "nitf",
        ("body.content", "body"),
        {
            "id": ("doc-id/@id-string",),
            "title": ("hl1", "hedline", "title"),
            "published": ("date.issue/@norm", "story.date/@norm", "date.release/@norm"),
            "author": ("byline/person", "byline", "byttl"),
            "source": ("pubdata/@name", "doc.copyright/@holder", "distributor/org", "distributor"),
        },
    ),
)


def articles(data: bytes) -> list[dict[str, Any]]:
    """Every article in the file; one entry with a problem where there is none."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        tree = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return [_problem("damaged", f"not XML ({str(error).splitlines()[0][:80]}): fetch it again")]
    if tree is None:
        return [_problem("damaged", "not XML: fetch it again")]
    if "<!ENTITY" in data[:100_000].decode("latin-1").upper():
        return [_problem("damaged", "defines entities of its own, which no news file needs: remove its DOCTYPE")]
    for dialect in DIALECTS:
        found = tree.xpath("self::" + _path(dialect.article)[3:]) or tree.xpath(_path(dialect.article))
        if found:
            outlet = (
                _first(tree, ("channel/title", "title")) if dialect.name in ("RSS", "Atom", "WordPress export") else ""
            )
            some = [_article(dialect, element, outlet) for element in found if _wanted(dialect, element)]
            if some:
                cut = [_problem("damaged", "its end is missing or broken: what came before was read")]
                return some + cut * any(e.level_name == "FATAL" for e in parser.error_log)
            return [_problem("empty", f"a {dialect.name} without a published article")]
    return [_problem("unsupported", "no news format that derive knows: save the articles as .txt or JSONL")]


def _problem(reason: str, words: str) -> dict[str, Any]:
    return {"problem": [reason, words]}


def _wanted(dialect: Dialect, element: Any) -> bool:
    return dialect.when is None or _first(element, (dialect.when[0],)) in ("", dialect.when[1])


def _article(dialect: Dialect, element: Any, outlet: str) -> dict[str, Any]:
    fields: dict[str, Any] = {name: _first(element, paths) for name, paths in dialect.fields.items()}
    fields["derived_from"] = [fields["derived_from"]] if fields.get("derived_from") else []
    fields["source"] = fields.get("source") or outlet
    fields["author"] = with_credit(fields.get("author", ""), fields.pop("credit", ""))
    bodies = (_body(dialect, element, path) for path in dialect.text)
    text = max(bodies, key=len) if dialect.markup else next(filter(None, bodies), "")
    if not text:
        return _problem("no-text", "an entry without text: the feed holds only its headline")
    return {**{n: v for n, v in fields.items() if v}, "text": text}


def _body(dialect: Dialect, element: Any, path: str) -> str:
    for found in element.xpath(_path(path)):
        if len(found):  # marked up in XML
            text = fragment(etree.tostring(found, encoding="unicode", method="html", with_tail=False))
        elif dialect.markup:
            text = fragment(dialect.written(found.text or ""))
        else:
            text = (found.text or "").strip()
        if text:
            return text
    return ""


def _first(element: Any, paths: Paths) -> str:
    for path in paths:
        steps = "self::node()/" + path if path.startswith("@") else _path(path)
        for found in element.xpath(steps):
            words = " ".join((found if isinstance(found, str) else "".join(found.itertext())).split())
            if words:
                return words + "Z" * path.endswith("_gmt")  # such times do not say their zone otherwise
    return ""
