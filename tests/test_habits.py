"""What tools, agencies and archives call things: each case is a file as one of them writes it, and what is to be read in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.dates import read_time
from derive.model import Skipped

TEXT = (
    "Ferries between Ostermole and the islands will stop at six in the evening from Monday, the council said, because three of "
    "the five captains have left. Nobody has applied for their posts, which pay less than those of bus drivers on the mainland."
)
HTML = f"<p>{TEXT}</p>"
TITLE, URL, TIME, DAY = "Ferries stop early", "https://ostermole.example/ferries", "2026-03-04T05:06:07Z", "2026-03-04"
SAYS = {"text": TEXT, "title": TITLE, "published": TIME, "source": "Ostermole Post", "url": URL}


def _record(*names: str, **more: Any) -> str:
    """One record whose text, title, time, outlet and address have these names."""
    return json.dumps(dict(zip(names, SAYS.values(), strict=False)) | more)


def _table(header: str, *, between: str = ",") -> str:
    cells = [f'"{value}"' for value in SAYS.values()]
    return between.join(header.split(",")) + "\r\n" + between.join(cells) + "\r\n"


def _nested(value: Any) -> str:
    return json.dumps(value)


def _page(head: str = "", top: str = "") -> str:
    story = HTML.replace("Monday", "12 May 2011") * 3
    return f"<!DOCTYPE html><html><head><title>{TITLE}</title>{head}</head><body><article>{top}{story}</article></body></html>"


WHOLE = json.loads(_record("text", "title", "published", "source", "url"))
RECORDS: dict[str, tuple[str, str]] = {
    "our own": ("a.jsonl", _record("text", "title", "published", "source", "url")),
    "schema.org": ("a.jsonl", _record("articleBody", "headline", "datePublished", "publisher", "url")),
    "a scraper with dates of its own": (
        "a.jsonl",
        _record("maintext", "title", "date_publish", "source_domain", "url"),
    ),
    "a corpus of web news": ("a.jsonl", _record("text", "title", "publish_date", "domain", "url")),
    "a crawl in JSON": ("a.jsonl", _record("text", "title", "date", "sitename", "source")),
    "a media monitor": ("a.jsonl", _record("text", "title", "publish_date", "media_name", "url")),
    "a blog engine's export": (
        "a.json",
        _nested({"posts": [json.loads(_record("x", "title", "published_at")) | {"html": HTML}]}),
    ),
    "a feed in JSON": (
        "a.json",
        _nested(
            {
                "version": "1.1",
                "title": "Feed",
                "items": [{"id": URL, "url": URL, "title": TITLE, "content_text": TEXT, "date_published": TIME}],
            }
        ),
    ),
    "a feed in JSON with markup": (
        "a.json",
        _nested({"items": [{"id": "7", "content_html": HTML, "date_published": TIME}]}),
    ),
    "an answer with articles": (
        "a.json",
        _nested(
            {
                "status": "ok",
                "totalResults": 1,
                "articles": [
                    {
                        "source": {"id": None, "name": "Ostermole Post"},
                        "title": TITLE,
                        "url": URL,
                        "publishedAt": TIME,
                        "content": TEXT,
                    }
                ],
            }
        ),
    ),
    "an answer in an answer": (
        "a.json",
        _nested(
            {
                "response": {
                    "status": "ok",
                    "results": [
                        {
                            "id": "w/1",
                            "webTitle": TITLE,
                            "webUrl": URL,
                            "webPublicationDate": TIME,
                            "fields": {"bodyText": TEXT, "publication": "Ostermole Post"},
                        }
                    ],
                }
            }
        ),
    ),
    "a search engine's hits": (
        "a.json",
        _nested({"took": 3, "hits": {"total": 1, "hits": [{"_index": "n", "_id": "7", "_source": WHOLE}]}}),
    ),
    "a search engine's dump": ("a.jsonl", _nested({"_index": "n", "_id": "7", "_source": WHOLE})),
    "another search engine": (
        "a.json",
        _nested(
            {"response": {"numFound": 1, "docs": [json.loads(_record("content", "title", "date", "source", "url"))]}}
        ),
    ),
    "WordPress by its interface": (
        "a.json",
        _nested(
            [
                {
                    "id": 7,
                    "date": "2026-03-04T06:06:07",
                    "date_gmt": "2026-03-04T05:06:07",
                    "link": URL,
                    "title": {"rendered": TITLE},
                    "content": {"rendered": HTML},
                }
            ]
        ),
    ),
    "events by their interface": (
        "a.json",
        _nested(
            {
                "articles": {
                    "results": [
                        {
                            "uri": "7",
                            "title": TITLE,
                            "body": TEXT,
                            "url": URL,
                            "dateTimePub": TIME,
                            "source": {"uri": "ostermole.example", "title": "Ostermole Post"},
                        }
                    ]
                }
            }
        ),
    ),
    "an agency's headline object": (
        "a.jsonl",
        _nested(
            {"headline": {"main": TITLE}, "pub_date": TIME, "web_url": URL, "body": TEXT, "source": "Ostermole Post"}
        ),
    ),
    "Superdesk's list": (
        "a.json",
        _nested(
            {
                "_items": [
                    {
                        "guid": "urn:7",
                        "headline": TITLE,
                        "versioncreated": TIME,
                        "body_html": HTML,
                        "source": "Ostermole Post",
                    }
                ]
            }
        ),
    ),
    "one record in an envelope": ("a.json", _nested({"data": WHOLE})),
    "one record on one long line": ("a.json", _record("text", "title", "published", "source", "url")),
    "a byte order mark": ("a.jsonl", "\ufeff" + _record("text", "title", "published", "source", "url")),
    "a plain table": ("a.csv", _table("text,title,published,source,url")),
    "capital letters and blanks": ("a.csv", _table("Full Text,Title,Publication Date,Publication,URL")),
    "a spreadsheet in half of Europe": ("a.csv", _table("Text,Title,Date,Outlet,Link", between=";")),
    "a spreadsheet's mark": ("a.csv", "\ufeff" + _table("Content,Headline,Published At,Publisher,Permalink")),
    "bars between the cells": ("a.csv", _table("article,title,timestamp,source,url", between="|")),
    "tabs": ("a.tsv", _table("body_text,title,publish-date,site,link", between="\t")),
    "MultiMarkdown": ("a.md", f"Title: {TITLE}\nDate: {TIME}\nSource: Ostermole Post\nURL: {URL}\n\n{TEXT}\n"),
    "front matter": (
        "a.md",
        f"---\ntitle: '{TITLE}'\npublishDate: {TIME}\noutlet: Ostermole Post\ncanonical_url: {URL}\ntags: [a]\n---\n\n{TEXT}\n",
    ),
    "front matter in TOML": (
        "a.md",
        f"+++\ntitle = \"{TITLE}\"\ndate = {TIME}\n[params]\noutlet = 'Ostermole Post'\n+++\n{TEXT}\n",
    ),
    "links and pictures in Markdown": (
        "a.md",
        f"---\ndate: {TIME}\n---\n![A ferry](ferry.jpg 'At the pier')"
        + TEXT.replace("the council", "[the council](https://council.example/press)").replace(
            "five captains", "[five captains][1]"
        )
        + "\n\n[1]: https://captains.example/who 'Who we are'\n",
    ),
    "WordPress with its own brackets": (
        "a.xml",
        f"<rss><channel><item><title>{TITLE}</title><pubDate></pubDate><post_type>post</post_type><status>publish</status>"
        f"<encoded>[caption id='7']A ferry[/caption]{TEXT}[gallery ids='1,2']</encoded><link>{URL}</link>"
        f"<post_date_gmt>{TIME[:-1].replace('T', ' ')}</post_date_gmt></item></channel></rss>",
    ),
    "NITF with everything around the text": (
        "a.nitf",
        f"<nitf><head><docdata><date.issue norm='{TIME}'/></docdata><pubdata name='Ostermole Post'/></head><body><body.head>"
        f"<hedline><hl1>{TITLE}</hl1><hl2>Captains leave</hl2></hedline><byline>By <person>Mara Lind</person></byline><dateline>"
        f"<location>OSTERMOLE</location></dateline></body.head><body.content>{HTML}<media><media-caption>A ferry"
        "</media-caption></media></body.content><body.end><tagline>Wire</tagline></body.end></body></nitf>",
    ),
    "NewsML-G2 with a whole page in it": (
        "a.xml",
        f"<newsItem guid='7'><itemMeta><provider><name>Ostermole Post</name></provider><firstCreated>{TIME}</firstCreated>"
        "</itemMeta>"
        f"<contentMeta><headline>{TITLE}</headline></contentMeta><contentSet><inlineXML><html><head><title>x</title></head>"
        f"<body>{HTML}</body></html></inlineXML></contentSet></newsItem>",
    ),
    "a header block": (
        "a.txt",
        f"Headline: {TITLE}\r\nBy: Mara Lind\r\nPublished: {TIME}\r\nOutlet: Ostermole Post\r\nLink: {URL}\r\n\r\n{TEXT}\r\n",
    ),
}


@pytest.mark.parametrize("habit", RECORDS)
def test_what_a_tool_calls_its_fields_is_understood(tmp_path: Path, habit: str) -> None:
    name, content = RECORDS[habit]
    document = _only(tmp_path, name, content)
    assert document.text.split() == TEXT.split()
    said = {field: value for field, value in SAYS.items() if field not in ("text", "published") and value in content}
    assert {field: getattr(document, field) for field in said} == said
    assert read_time(document.published) == read_time(TIME)


DAYS: dict[str, tuple[str, str, str | None]] = {  # head, top of the article, the time that is to be found
    "nothing": ("", "", None),
    "days named in the story": ("", "<p>The line was opened on 12 May 2011.</p>", None),
    "a headline about a day": ("", "<h1>What happened on 12 May 2011</h1>", None),
    "a line under the headline": ("", "<p class='date'>Published March 4, 2026</p>", DAY),
    "a byline with a day": ("", "<span class='byline'>By M. Lind, 4 March 2026 05:06 CET</span>", DAY),
    "a day with dots": ("", "<div class='meta'>04.03.2026</div>", DAY),
    "a day in German": ("", "<div class='datum'>Mittwoch, 4. März 2026, 05:06 Uhr</div>", DAY),
    "a day of which nobody knows the month": ("", "<div class='date'>03/04/2026</div>", None),
    "a day in the address": ("<link rel='canonical' href='https://x.example/2026/03/04/ferries'>", "", DAY),
    "a year in a copyright line": ("<meta name='copyright' content='2019'>", "<footer>Copyright 2019</footer>", None),
    "a day in a picture's address": (
        "<meta property='og:image' content='https://x.example/2019/05/06/a.jpg'>",
        "",
        None,
    ),
    "a day on which a script expires": ("<script>var a = {'expires': '2031-01-01'};</script>", "", None),
    "the day of a comment": ("", "<div class='comments'><div>Bob, 2026-03-09</div></div>", None),
    "the time of another story": ("", "<aside><time datetime='2020-01-01'>then</time></aside>", None),
    "a time element": ("", f"<time datetime='{TIME}'>today</time>", TIME),
    "a time element after the menu's": (
        "",
        f"<nav><time datetime='2020-01-01'></time></nav><time datetime='{TIME}'></time>",
        TIME,
    ),
    "microdata": ("", f"<span itemprop='datePublished' content='{TIME}'>today</span>", TIME),
    "a counter's mark": (f"<meta name='parsely-pub-date' content='{TIME}'>", "", TIME),
    "a letter writer's mark": (f"<meta name='sailthru.date' content='{TIME}'>", "", TIME),
    "a library's mark": (f"<meta name='DC.date.issued' content='{TIME}'>", "", TIME),
    "a social network's mark": (f"<meta property='article:published_time' content='{TIME}'>", "", TIME),
    "an old microformat": ("", f"<abbr class='published' title='{TIME}'>4 March</abbr>", TIME),
}


@pytest.mark.parametrize("habit", DAYS)
def test_the_time_of_a_page_is_its_own_or_none(tmp_path: Path, habit: str) -> None:
    head, top, expected = DAYS[habit]
    document = _only(tmp_path, "a.html", _page(head, top))
    assert read_time(document.published) == read_time(expected)


CREDITED = {
    "ninjs": (
        "a.json",
        json.dumps({"headline": TITLE, "byline": "Mara Lind", "creditline": "Northern Wire", "body_text": TEXT}),
    ),
    "a page": (
        "a.html",
        _page(
            "<script type='application/ld+json'>"
            + json.dumps(
                {
                    "@type": "NewsArticle",
                    "author": {"name": "Mara Lind"},
                    "sourceOrganization": {"@type": "Organization", "name": "Northern Wire"},
                }
            )
            + "</script>"
        ),
    ),
    "NewsML-G2": (
        "a.xml",
        f"<newsItem guid='7'><contentMeta><by>Mara Lind</by><creditline>Northern Wire</creditline></contentMeta><contentSet>"
        f"<inlineData>{TEXT}</inlineData></contentSet></newsItem>",
    ),
}


@pytest.mark.parametrize("habit", CREDITED)
def test_whose_material_it_is_stands_beside_the_author(tmp_path: Path, habit: str) -> None:
    assert _only(tmp_path, *CREDITED[habit]).author == "Mara Lind, Northern Wire"


UNSEEN = (
    *("hidden", "style='display:none'", "style='visibility: hidden'", "style='opacity:0'", "style='font-size:0'"),
    *("style='color:#fff;background:#ffffff'", "style='color: white; background-color: rgb(255,255,255)'"),
    *(
        "style='position:absolute;left:-9999px'",
        "style='position:absolute;clip:rect(0,0,0,0)'",
        "style='clip-path:inset(50%)'",
    ),
    "style='height:0;overflow:hidden'",
)


@pytest.mark.parametrize("attribute", UNSEEN)
def test_every_way_to_hide_words_in_the_page_itself_is_seen(tmp_path: Path, attribute: str) -> None:
    document = _only(tmp_path, "a.html", _page("", f"<p {attribute}>Buy cheap watches here, now and tomorrow.</p>"))
    assert "watches" not in document.text
    assert document.flags == ("hidden-text",)


def test_a_text_of_which_only_the_beginning_was_given_is_flagged(tmp_path: Path) -> None:
    answer = {"articles": [{"title": TITLE, "url": URL, "content": TEXT[:200] + "… [+2431 chars]"}]}
    assert _only(tmp_path, "a.json", json.dumps(answer)).flags == ("truncated",)


@pytest.mark.parametrize(
    "text",
    [
        f"Update: the ferries are back.\n\n{TEXT}",
        f"Council: we had no choice.\nCaptains: they had one.\n\n{TEXT}",
        f"Title: {TITLE}\n{TEXT}",
        f"Date: next week\n\n{TEXT}",
        f"{TEXT}\n\nTitle: {TITLE}\nDate: {DAY}\n\nMore.",
    ],
    ids=lambda text: text[:20],
)
def test_lines_with_a_colon_that_describe_no_article_stay_in_the_text(tmp_path: Path, text: str) -> None:
    document = _only(tmp_path, "a.txt", text)
    assert (document.text, document.title, document.published) == (text, None, None)


def _only(folder: Path, name: str, content: str) -> derive.Document:
    (folder / name).write_text(content, encoding="utf-8", newline="")
    skipped: list[Skipped] = []
    (document,) = derive.read_documents([folder], skipped=skipped)
    assert skipped == []
    return document
