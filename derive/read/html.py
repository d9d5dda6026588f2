"""A saved web page -> the article in it: text, title, author, outlet, address, times, declared sources.

trafilatura finds the text; what a page says of itself stands in JSON-LD and `meta` elements, read here because precise
times, canonical addresses and `isBasedOn` matter for direction. Where these state no time, htmldate looks for a day. Text
that a reader of the page cannot see is taken out and flagged. Runs in the helper process (`worker.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lx

from derive.read.decode import decode
from derive.read.fields import with_credit

MIN_HIDDEN = 5
"""So many words that nobody sees are worth a flag."""
FULL_TEXT = 0.5
"""Where the library found less than this share of what the page's own paragraphs hold, these are taken (prior)."""
_ENCODING = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{2,20})""", re.I)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:;|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}|clip\s*:\s*rect\(\s*[01](?:px)?[\s,]|clip-path\s*:\s*inset\(\s*(?:50|100)%",
    re.I,
)
_COLOURS = {"white": "#ffffff", "black": "#000000"}
_ARTICLE = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle Report BlogPosting "
    "LiveBlogPosting SocialMediaPosting".split()
)
SHALLOW = 200
"""Deeper trees are not shown to libraries that walk them by recursion."""
TOO_DEEP = 1_500
"""From about this depth on the parser drops what is deeper, in silence: then the wrappers go first."""
_WRAPPERS = re.compile(
    r"</?(?:div|span|section|center|font|b|i|u|em|strong|big|small|blockquote|ul|ol|li|dl|dd|table|tbody|tr|td)\b[^<>]{0,500}>",
    re.I,
)
_UNSEEN = frozenset(("template", "noscript"))
"""Elements that a browser with scripts never shows; ordinary pages have them, so they are no reason for a flag."""
_FURNITURE = "script style noscript template nav aside footer iframe button select svg figure header media".split()


def pages(data: bytes) -> list[dict[str, Any]]:
    """The article of a page, as one set of fields."""
    return [page(text_of(data))]


def text_of(data: bytes) -> str:
    """The page's characters: a byte order mark decides, then what it declares, then as any text."""
    declared = _ENCODING.search(data[:4096])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            return decode(data)
    return decode(data)


def page(markup: str) -> dict[str, Any]:
    """The fields of a `Document` that a page holds."""
    tree = parsed(markup)
    if tree is None:
        return {"problem": ["no-text", "holds no web page: nothing to read"]}
    said = _says(tree)
    hidden = _take_out_hidden(tree)
    text = _text(tree, said.pop("body", ""))
    if hidden >= MIN_HIDDEN:
        said["flags"] = ["hidden-text"]
    return {"text": text, **said}


def fragment(markup: str) -> str:
    """The text of a piece of HTML as feeds carry it: paragraphs with blank lines between them."""
    tree = parsed(f"<html><body>{markup}</body></html>")
    if tree is None:
        return ""
    _take_out_hidden(tree)
    return _paragraphs(tree)


def parsed(markup: str) -> Any:
    """The element tree, of any depth; None where there is nothing."""
    markup = markup.replace("\0", "")
    if not markup.strip():
        return None
    parser = lx.HTMLParser(huge_tree=True, no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        tree = lx.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, ValueError):
        return None
    if _depth(tree) > TOO_DEEP and (flat := _WRAPPERS.sub(" ", markup)) != markup:
        return parsed(flat)
    return tree


# -- what it says of itself


def _says(tree: Any) -> dict[str, Any]:
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        if name and (content := (element.get("content") or "").strip()):
            meta.setdefault(name, content)
    data = _linked_data(tree)
    published = [_plain(data.get("datePublished")), *(meta.get(n) for n in _PUBLISHED), *_times(tree)]
    address = _first([e.get("href") for e in tree.iter("link") if "canonical" in (e.get("rel") or "").lower().split()])
    base = meta.get("og:url", "")
    url = urljoin(base, address) if address else base or _plain(data.get("url"))
    titles = [" ".join(e.text_content().split()) for e in (*tree.iter("h1"), *tree.iter("title"))]
    said = {
        "title": _first([_plain(data.get("headline")), meta.get("og:title"), *titles]),
        "published": _first(published) or _date_found(tree, url),
        "modified": _first(
            [_plain(data.get("dateModified")), meta.get("article:modified_time"), meta.get("datemodified")]
        ),
        "author": with_credit(
            _first([_names(data.get("author")), meta.get("author"), meta.get("article:author")]),
            _first([_names(data.get("sourceOrganization")), _plain(data.get("creditText"))]),
        ),
        "source": _first([_names(data.get("publisher")), meta.get("og:site_name"), _host(url)]),
        "url": url,
        "derived_from": [u for u in _addresses(data.get("isBasedOn")) if u],
        "body": _plain(data.get("articleBody")),
    }
    return {name: value for name, value in said.items() if value}


_PUBLISHED = (
    *(
        "article:published_time",
        "og:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.date",
    ),
    *(
        "dcterms.created",
        "pubdate",
        "publishdate",
        "publish-date",
        "publication_date",
        "parsely-pub-date",
        "sailthru.date",
    ),
    *("cxenseparse:recs:publishtime", "article.published", "rnews:datepublished"),
)
"""What `meta` elements call the time of publication, in the order in which they are believed."""
_ELSEWHERE = frozenset(("nav", "aside", "footer"))
"""Times in these belong to other articles."""


def _times(tree: Any) -> list[str]:
    """The times that elements of the page itself state: those marked as its date first."""
    marked = [e for e in tree.iter(etree.Element) if (e.get("itemprop") or "").lower() == "datepublished"]
    own = [e for e in tree.iter("time") if not any(a.tag in _ELSEWHERE for a in e.iterancestors())]
    return [said for e in (*marked, *own[:1]) if (said := e.get("datetime") or e.get("content"))]


LONG = 150
"""A paragraph of more characters is the story's own: a day that is named in it is not that of its publication (prior)."""
_DATELESS = frozenset("script style figure img picture aside footer nav title h1 h2 h3".split())
_OTHERS = re.compile("comment|related|recommend|popular|promo|teaser|sidebar|image|copyright", re.I)
"""What is called so speaks of other days than that of this story."""
_WHOLE = frozenset(("html", "head", "body", "main", "article"))
_EITHER = re.compile(r"\b(0?[1-9]|1[0-2])([/-])(0?[1-9]|1[0-2])\2(\d{4})\b")


def _date_found(tree: Any, url: str) -> str:
    """The day that the page's visible parts or its address state, as htmldate finds it; an empty string if they do not.

    Nothing that may speak of another day is shown to it: scripts, pictures, the story's own paragraphs, copyright lines.
    Of 03/04/2026 it would guess which is the month: nothing is believed that rests on such a guess.
    """
    if _depth(tree) > SHALLOW:
        return ""
    from htmldate import find_date

    rest = deepcopy(tree)
    for element in list(rest.iter(etree.Element)):
        called = " ".join(element.get(name, "") for name in ("class", "id", "name", "property"))
        long = element.tag in ("p", "li", "blockquote", "td") and sum(map(len, element.itertext())) > LONG
        if element.tag in _DATELESS or long or (element.tag not in _WHOLE and _OTHERS.search(called)):
            _drop(element)
    found = find_date(
        rest,
        extensive_search=False,
        original_date=True,
        outputformat="%Y-%m-%dT%H:%M:%S%z",
        url=url or None,
        # What day it is must not change what is read; `derive.dates` judges the future.
        min_date="1990-01-01",
        max_date="2100-01-01",
    )
    day, _, time = (found or "").partition("T")
    guesses = {
        f"{m[4]}-{x:0>2}-{y:0>2}"
        for m in _EITHER.finditer(rest.text_content())
        for x, y in (m.group(1, 3), m.group(3, 1))
    }
    return "" if day in guesses else day if time.startswith("00:00:00") else found or ""


def _linked_data(tree: Any) -> dict[str, Any]:
    """The JSON-LD object that describes the article."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            try:
                value = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            for one in _objects(value, 0):
                kinds = one.get("@type")
                if _ARTICLE & {k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)}:
                    return one
    return {}


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(value, list):
        for one in value:
            yield from _objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(name), depth + 1)


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _names(value: Any) -> str:
    many = value if isinstance(value, list) else [value]
    return ", ".join(filter(None, (_plain(v.get("name")) if isinstance(v, dict) else _plain(v) for v in many)))


def _addresses(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [_plain(v.get("url") or v.get("@id")) if isinstance(v, dict) else _plain(v) for v in many]


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _first(values: list[Any]) -> str:
    return next((v.strip() for v in values if isinstance(v, str) and v.strip()), "")


# -- its text


def _take_out_hidden(tree: Any) -> int:
    """Removes what a reader of the page cannot see; how many words that were."""
    words = 0
    for element in list(tree.iter(etree.Element)):
        if element.tag in _UNSEEN and element.getparent() is not None:
            _drop(element)
            continue
        if element.getparent() is None or element.tag in ("html", "body") or not _is_hidden(element):
            continue
        words += sum(len(t.split()) for t in element.itertext())
        _drop(element)
    return words


def _is_hidden(element: Any) -> bool:
    """Whether the element itself says that it is not to be seen. What style sheets and scripts do is not known."""
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    if not style:
        return False
    said = {name.strip(): value.strip() for name, _, value in (d.lower().partition(":") for d in style.split(";"))}
    flat = said.get("height") in ("0", "0px") and said.get("overflow") == "hidden"
    ink, paper = _colour(said.get("color", "")), _colour(said.get("background-color") or said.get("background", ""))
    return bool(_HIDDEN_STYLE.search(style)) or flat or (ink == paper != "")


def _colour(said: str) -> str:
    """A colour spelt as `#rrggbb` where that is simple.

    >>> _colour("white"), _colour("#FFF"), _colour("rgb(255, 255, 255)")
    ('#ffffff', '#ffffff', '#ffffff')
    """
    said = said.lower().replace(" ", "")
    if parts := re.fullmatch(r"rgb\((\d{1,3}),(\d{1,3}),(\d{1,3})\)", said):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in parts.groups())
    if re.fullmatch(r"#[0-9a-f]{3}", said):
        return "#" + "".join(2 * digit for digit in said[1:])
    return _COLOURS.get(said, said)


def _drop(element: Any) -> None:
    """Takes an element out and leaves the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _text(tree: Any, body: str) -> str:
    """The article's text as trafilatura finds it; the page's own paragraphs where it finds next to nothing of them."""
    import trafilatura

    own = _paragraphs(tree)
    depth = _depth(tree)
    found = ""
    if depth <= SHALLOW:  # beyond, the library's own walk of the tree is the danger
        found = trafilatura.extract(tree, include_comments=False, include_tables=True, favor_recall=True) or ""
    found = "\n\n".join(line.strip() for line in found.splitlines() if line.strip())
    if not own and len(found.split()) < 20:
        found = ""  # navigation alone
    if len(found) < FULL_TEXT * len(own) and (len(own) < 5 * len(found) or len(found) < 200):
        found = own
    return body if len(body) > 2 * len(found) else found


def _depth(tree: Any) -> int:
    deepest, level = 0, 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest


def _paragraphs(tree: Any) -> str:
    """All text in blocks, without navigation, forms and the like; walks without recursion."""
    blocks: list[list[str]] = [[]]
    skip = 0
    inline = frozenset(
        "a abbr b bdi bdo cite code data em font i mark q s small span strong sub sup time u var wbr".split()
    )
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "start":
            skip += element.tag in _FURNITURE or element.tag == "head"
            if element.tag not in inline:
                blocks.append([])
            if not skip and element.text:
                blocks[-1].append(element.text)
        else:
            skip -= element.tag in _FURNITURE or element.tag == "head"
            if element.tag not in inline:
                blocks.append([])
            if not skip and element.tail:
                blocks[-1].append(element.tail)
    joined = (" ".join("".join(parts).split()) for parts in blocks)
    return "\n\n".join(filter(None, joined))
