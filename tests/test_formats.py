"""One story in every format: the same words, the same time. And what is damaged says so."""

from __future__ import annotations

import bz2
import csv
import gzip
import importlib
import io
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
from derive.dates import read_time
from derive.model import Skipped
from derive.read import worker
from tests.conftest import ROOT

TITLE = "Harbour cranes stand still after night storm"
TIME = "2026-03-04T05:06:07+01:00"
PARAGRAPHS = (
    "Four of the nine cranes in the port of Ostermole have stood still since a storm on Tuesday night bent their rails, the "
    "harbour master said, and ships are being sent to Velgast until the weekend.",
    "Gusts of 141 kilometres an hour were measured on the eastern mole shortly before three in the morning. Two dockers were "
    "slightly hurt when a container slid off its stack and broke through the wall of a canteen.",
    "The operator, Nordkai, expects the repair to cost six million crowns & to take until the end of May. Its works council "
    "had asked for stronger brakes in 2023, as minutes seen by this paper show.",
    "Grain for the mills of Harsund is stored in barges for the time being; the price of flour, a miller said, "
    "will hardly feel it.",
)
BODY = "\n\n".join(PARAGRAPHS)
HTML_BODY = "".join(f"<p>{escape(p)}</p>\n" for p in PARAGRAPHS)
URL = "https://ostermole.example/cranes"
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{TITLE} - Ostermole Post</title>
<link rel="canonical" href="{URL}"><meta property="og:site_name" content="Ostermole Post">
<script type="application/ld+json">{
    json.dumps(
        {
            "@context": "https://schema.org",
            "@graph": [
                {
                    "@type": "NewsArticle",
                    "headline": TITLE,
                    "datePublished": TIME,
                    "author": {"@type": "Person", "name": "Mara Lind"},
                    "isBasedOn": "https://wire.example/7",
                }
            ],
        }
    )
}</script></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{TITLE}</h1>{HTML_BODY}</article>
<footer>Copyright 2026</footer></body></html>"""
RECORD = {"id": "crane-1", "title": TITLE, "published": TIME, "text": BODY, "url": URL}
X = f"<title>{TITLE}</title>"
RSS = f"""<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Ostermole Post</title><item>{X}<link>{URL}</link><pubDate>Wed, 04 Mar 2026 05:06:07 +0100</pubDate>
<description>Short.</description><content:encoded><![CDATA[{HTML_BODY}]]></content:encoded></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Ostermole Post</title><entry>{X}<id>tag:1</id><link href="{URL}"/>
<published>{TIME}</published><content type="html">{escape(HTML_BODY)}</content></entry></feed>"""
NEWSML = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="tag:1"><itemMeta><provider><name>Ostermole Post</name>
</provider><firstCreated>{TIME}</firstCreated></itemMeta><contentMeta><headline>{TITLE}</headline></contentMeta><contentSet>
<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body>{HTML_BODY}</body></html></inlineXML></contentSet></newsItem>"""
NITF = f"""<nitf><head><docdata><doc-id id-string="n1"/><date.issue norm="20260304T050607+0100"/></docdata></head>
<body><body.head><hedline><hl1>{TITLE}</hl1></hedline></body.head><body.content>{HTML_BODY}</body.content></body></nitf>"""
WXR = f"""<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Ostermole Post</title><item>{X}<pubDate>Wed, 04 Mar 2026 05:06:07 +0100</pubDate><wp:post_type>post</wp:post_type>
<wp:status>publish</wp:status><content:encoded><![CDATA[{HTML_BODY}]]></content:encoded></item></channel></rss>"""


def _mail() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = TITLE, "Ostermole Post <post@ostermole.example>"
    message["Date"] = "Wed, 04 Mar 2026 05:06:07 +0100"
    message.set_content(BODY)
    message.add_alternative(PAGE, subtype="html")
    return message.as_bytes()


def saved_page(page: str = PAGE) -> bytes:
    message = EmailMessage()
    message["Subject"], message["Snapshot-Content-Location"] = TITLE, URL
    message.set_content(page, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _csv(delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["ID", "Title", "Published", "Text", "Url"], delimiter=delimiter)
    writer.writeheader()
    writer.writerow({name.title() if name != "id" else "ID": value for name, value in RECORD.items()})
    return out.getvalue().encode()


def _parquet() -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist([RECORD]), out)
    return out.getvalue()


def _warc() -> bytes:
    pytest.importorskip("warcio")
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + PAGE.encode()
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {URL}\r\nContent-Length: {len(http)}\r\n"
    return gzip.compress(
        head.encode() + b"Content-Type: application/http; msgtype=response\r\n\r\n" + http + b"\r\n\r\n"
    )


def _wet() -> bytes:
    """As a crawler that takes out the texts itself writes them; the time of the crawl is none of publication."""
    head = f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: {URL}\r\nWARC-Date: 2026-05-01T00:00:00Z\r\n"
    body = BODY.encode()
    return head.encode() + b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(body), body)


NEXIS = """                1 of 1 DOCUMENTS


                    Ostermole Post

             March 4, 2026 Wednesday 4:06 AM GMT
                First Edition

{title}

BYLINE: Mara Lind

SECTION: NEWS; Pg. 3

LENGTH: 112 words


{lead}

{rest}

LOAD-DATE: March 5, 2026

LANGUAGE: ENGLISH

          Copyright 2026 Ostermole Post
"""
NEXIS_LATER = """{title}

Ostermole Post

March 4, 2026 Wednesday 4:06 AM GMT

Copyright 2026 Ostermole Post All Rights Reserved

Section: NEWS; Pg. 3
Length: 112 words
Byline: Mara Lind
Body

{lead}

{rest}

Load-Date: March 5, 2026

End of Document
"""
FACTIVA = """{title}
By Mara Lind
112 words
4 March 2026
04:06 GMT
Ostermole Post
OSTP
English
(c) 2026 Ostermole Post

{lead}

{rest}

Document OSTP000020260304em340002x
"""
FACTIVA_CODES = """HD  {title}
BY  By Mara Lind
WC  112 words
PD  4 March 2026
ET  04:06 GMT
SN  Ostermole Post
LA  English
LP
{lead}

TD
{rest}

CO  nrdk : Nordkai
AN  Document OSTP000020260304em340002x
"""


def _database(form: str) -> str:
    """The story as a press database writes it to a text file, lines broken at a fixed width."""
    lead, *rest = (textwrap.fill(p, 72) for p in PARAGRAPHS)
    return form.format(title=TITLE, lead=lead, rest="\n\n".join(rest))


def _docx() -> bytes:
    docx = pytest.importorskip("docx")
    document, out = docx.Document(), io.BytesIO()
    for paragraph in PARAGRAPHS:
        document.add_paragraph(paragraph)
    document.save(out)
    return out.getvalue()


def _odt() -> bytes:
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    document, out = OpenDocumentText(), io.BytesIO()
    for paragraph in PARAGRAPHS:
        document.text.addElement(P(text=paragraph))
    document.write(out)
    return out.getvalue()


def pdf(paragraphs: Iterable[str] = PARAGRAPHS) -> bytes:
    """The smallest PDF with a text layer: lines of 80 characters in Helvetica."""
    pytest.importorskip("pypdf")
    lines = [line for p in paragraphs for line in [*textwrap.wrap(p, 80), ""]]
    shown = "".join(f"({line.replace('(', '[').replace(')', ']')}) Tj T* " for line in lines)
    stream = f"BT /F1 10 Tf 12 TL 50 780 Td {shown}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
    )


def _zst() -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.compress(json.dumps(RECORD).encode()))


NINJS = {"uri": "crane-1", "headline": TITLE, "firstcreated": TIME, "body_html": HTML_BODY, "evolvedfrom": "crane-0"}
SUPERDESK = {
    "guid": "urn:newsml:crane-1",
    "type": "text",
    "headline": TITLE,
    "versioncreated": TIME,
    "body_html": HTML_BODY,
    "pubstatus": "usable",
    "rewrite_of": "urn:newsml:crane-0",
    "byline": "Mara Lind",
    "source": "Ostermole Post",
}
NINJS3 = {"uri": "c", "firstCreated": TIME, "bodies": [{"contenttype": "text/html", "value": HTML_BODY}]}
FORMATS: dict[str, tuple[Callable[[], bytes], bool | str]] = {  # bytes, and how exactly the format says the time
    "a.txt": (BODY.encode, False),
    "head.txt": (f"Title: {TITLE}\nDate: {TIME}\nURL: {URL}\n\n{BODY}".encode, True),
    "a.md": (f"---\ntitle: {TITLE}\ndate: {TIME}\n---\n{BODY}".encode, True),
    "nexis.txt": (lambda: _database(NEXIS).encode(), "minute"),
    "nexis-later.txt": (lambda: _database(NEXIS_LATER).encode(), "minute"),
    "factiva.txt": (lambda: _database(FACTIVA).encode(), "minute"),
    "factiva-codes.txt": (lambda: _database(FACTIVA_CODES).encode(), "minute"),
    "a.html": (PAGE.encode, True),
    "a.mht": (saved_page, True),
    "a.eml": (_mail, True),
    "a.mbox": (lambda: b"From post@ostermole.example Wed Mar  4 05:06:07 2026\n" + _mail(), True),
    "a.jsonl": (lambda: json.dumps(RECORD).encode(), True),
    "a.json": (lambda: json.dumps([RECORD], indent=1).encode(), True),
    "a.csv": (lambda: _csv(","), True),
    "a.tsv": (lambda: _csv("\t"), True),
    "a.parquet": (_parquet, True),
    "a.jsonl.gz": (lambda: gzip.compress(json.dumps(RECORD).encode()), True),
    "a.jsonl.bz2": (lambda: bz2.compress(json.dumps(RECORD).encode()), True),
    "a.jsonl.zst": (_zst, True),
    "a.html.gz": (lambda: gzip.compress(PAGE.encode()), True),
    "a.warc.gz": (_warc, True),
    "a.warc": (lambda: gzip.decompress(_warc()), True),
    "a.warc.wet.gz": (lambda: gzip.compress(_wet()), False),
    "a.csv.bz2": (lambda: bz2.compress(_csv(";")), True),
    "a.parquet.gz": (lambda: gzip.compress(_parquet()), True),
    "a.rss": (RSS.encode, True),
    "a.atom": (ATOM.encode, True),
    "a.xml": (ATOM.encode, True),
    "a.newsml": (NEWSML.encode, True),
    "a.nitf": (NITF.encode, True),
    "a.wxr": (WXR.encode, True),
    "ninjs.json": (lambda: json.dumps(NINJS).encode(), True),
    "superdesk.json": (lambda: json.dumps(SUPERDESK).encode(), True),
    "ninjs3.json": (lambda: json.dumps(NINJS3).encode(), True),
    "a.docx": (_docx, False),
    "a.odt": (_odt, False),
    "a.pdf": (pdf, False),
}


def read(path: Path) -> tuple[list[derive.Document], list[Skipped]]:
    skipped: list[Skipped] = []
    return list(derive.read_documents([path], skipped=skipped)), skipped


@pytest.mark.parametrize("name", FORMATS)
def test_one_story_has_the_same_words_and_the_same_time_in_every_format(tmp_path: Path, name: str) -> None:
    make, dated = FORMATS[name]
    (tmp_path / name).write_bytes(make())
    documents, skipped = read(tmp_path)
    assert skipped == []
    (document,) = documents
    pair = derive.compare(derive.Document("plain", BODY), document)
    assert (pair.containment_of_a_in_b, pair.containment_of_b_in_a) == (1.0, 1.0), document.text
    if dated:
        (time, _), (truth, _) = read_time(document.published), read_time(TIME)
        assert time is not None
        assert truth is not None
        seconds = truth.earliest % 60 if dated == "minute" else 0
        assert (time.earliest, time.latest) == (truth.earliest - seconds, truth.latest - seconds)


def test_a_page_says_who_published_it_where_and_what_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (document,), _ = read(tmp_path)
    assert (document.title, document.source, document.url) == (TITLE, "Ostermole Post", URL)
    assert (document.author, document.derived_from) == ("Mara Lind", ("https://wire.example/7",))


@pytest.mark.parametrize("form", [NEXIS, NEXIS_LATER, FACTIVA, FACTIVA_CODES])
def test_an_export_of_a_press_database_is_as_many_articles_as_it_holds(tmp_path: Path, form: str) -> None:
    text = _database(form)
    (tmp_path / "a.txt").write_text(
        text + text.replace("cranes", "lifts").replace("em340002x", "em340003x"), encoding="utf-8"
    )
    (first, second), skipped = read(tmp_path)
    assert skipped == []
    assert (first.title, first.source, first.author) == (TITLE, "Ostermole Post", "Mara Lind")
    assert second.text == first.text.replace("cranes", "lifts")


def test_lineage_that_a_record_declares_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([NINJS, SUPERDESK]), encoding="utf-8")
    assert [d.derived_from for d in read(tmp_path)[0]] == [("crane-0",), ("urn:newsml:crane-0",)]


def test_text_that_no_reader_of_a_page_sees_is_left_out_and_flagged(tmp_path: Path) -> None:
    trap = '<p style="display:none">Buy cheap watches here now today and tomorrow with a discount.</p>'
    (tmp_path / "a.html").write_text(PAGE.replace("</article>", trap + "</article>"), encoding="utf-8")
    (document,), _ = read(tmp_path)
    assert "watches" not in document.text
    assert "hidden-text" in document.flags


def test_what_only_a_browser_without_scripts_shows_is_no_text(tmp_path: Path) -> None:
    unseen = "<template><p>Sign up for our letter now.</p></template><noscript>Turn on your scripts.</noscript> Tail."
    (tmp_path / "a.html").write_text(PAGE.replace("</article>", unseen + "</article>"), encoding="utf-8")
    (document,), _ = read(tmp_path)
    assert "Sign up" not in document.text
    assert "Turn on" not in document.text
    assert document.flags == ()


def test_a_web_archive_whose_lengths_lie_says_that_text_may_be_missing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = gzip.decompress(_warc())
    length = data.split(b"Content-Length: ")[1].split(b"\r")[0]
    (tmp_path / "a.warc").write_bytes(data.replace(length, b"%d" % (int(length) - 9)) + data)
    documents, skipped = read(tmp_path)
    assert [d.title for d in documents] == [TITLE, TITLE]
    assert [s.reason for s in skipped] == ["damaged"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("depth", [300, 5_000])
def test_a_page_nested_deeper_than_the_parser_goes_by_itself_keeps_its_text(tmp_path: Path, depth: int) -> None:
    (tmp_path / "a.html").write_text(PAGE.replace("<article>", "<div>" * depth + "<article>"), encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert "works council" in documents[0].text if documents else skipped[0].reason in ("damaged", "crashed")


def test_a_table_of_metadata_beside_the_articles_holds_none(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "metadata.csv").write_text("path,title\na.txt,Cranes\n", encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert ([d.id for d in documents], skipped) == (["a.txt"], [])


DAMAGED = {
    "cut.jsonl.gz": (gzip.compress(json.dumps(RECORD).encode() * 200)[:-20], "damaged"),
    "three.gz": (gzip.compress(gzip.compress(gzip.compress(BODY.encode()))), "unsupported"),
    "bomb.txt.gz": (gzip.compress(b"a" * 20_000_000), "too-large"),
    "empty.warc": (b"WARC/1.0\r\n", "damaged"),
    "laughs.xml": (
        b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>',
        "damaged",
    ),
    "headlines.rss": (b"<rss><channel><item><title>Only a headline</title></item></channel></rss>", "no-text"),
    "unknown.xml": (b"<invoice><total>7</total></invoice>", "unsupported"),
    "not.docx": (b"PK\x03\x04 but no more", "damaged"),
    "not.parquet": (b"PAR1 but no more", "damaged"),
    "scan.pdf": (b"%PDF-1.4\n%%EOF", "damaged"),
    "empty.csv": (b"ID,Title,Published,Text\n", "empty"),
    "run-together.csv": (b"ID,Title,Text,Url still after the storm of Tuesday night bent the rails", "empty"),
    "empty.html": (b"<html><body><nav>Home</nav></body></html>", "no-text"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_damaged_hostile_or_no_article_is_named_with_its_reason(tmp_path: Path, name: str) -> None:
    data, reason = DAMAGED[name]
    (tmp_path / name).write_bytes(data)
    documents, skipped = read(tmp_path)
    assert [s.reason for s in skipped][-1:] == [reason], (skipped, documents)
    assert all(name in s.message and "\n" not in s.message for s in skipped)


def test_an_address_is_not_fetched_and_one_line_says_how_to_save_it() -> None:
    skipped: list[Skipped] = []
    assert list(derive.read_documents(["https://ostermole.example/cranes"], skipped=skipped)) == []
    assert "fetches nothing" in skipped[0].message


def test_a_file_that_takes_too_long_is_killed_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "DEADLINE", 3.0)
    (tmp_path / "a.html").write_text(
        "<p" + "".join(f" a{i}='{i}'" for i in range(120_000)) + ">text</p>", encoding="utf-8"
    )
    (tmp_path / "b.html").write_text(PAGE, encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert "b.html" in [d.id for d in documents]
    assert all(s.reason in ("timeout", "no-text") for s in skipped)


def test_a_helper_that_dies_by_chance_costs_nothing(tmp_path: Path) -> None:
    assert worker.take_apart("html", PAGE.encode())[0]["title"] == TITLE  # type: ignore[index]
    worker._pool._helpers[0]._process.kill()
    assert worker.take_apart("html", PAGE.encode())[0]["title"] == TITLE  # type: ignore[index]


def test_a_file_that_kills_every_helper_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = worker.Helper.ask

    def deadly(helper: Any, form: str, data: bytes) -> Any:
        if b"poison" in data:
            helper._process.kill()
        return ask(helper, form, data)

    monkeypatch.setattr(worker.Helper, "ask", deadly)
    for name in "abcd":
        (tmp_path / f"{name}.html").write_text(PAGE if name != "b" else "<p>poison</p>", encoding="utf-8")
    documents, skipped = read(tmp_path)
    assert [d.id for d in documents] == ["a.html", "c.html", "d.html"]
    assert [(s.path, s.reason) for s in skipped] == [("b.html", "crashed")]


def test_any_number_of_helpers_gives_the_same_documents_in_the_same_order(tmp_path: Path) -> None:
    for name, (make, _) in FORMATS.items():
        (tmp_path / name).write_bytes(make())
        (tmp_path / f"cut-{name}").write_bytes(make()[:-40])
    for number in range(30):
        (tmp_path / f"{number}.html").write_text(PAGE.replace(PARAGRAPHS[0], f"Page {number}."), encoding="utf-8")
    found = []
    for jobs in (1, 2, 5):
        skipped: list[Skipped] = []
        found.append((list(derive.read_documents([tmp_path], skipped=skipped, jobs=jobs)), skipped))
    assert found[0] == found[1] == found[2]


_ELSEWHERE = """
import sys, derive
skipped = []
for d in derive.read_documents([sys.argv[1]], skipped=skipped):
    print(ascii(d))
print(ascii(skipped))
print(ascii(derive.scan(derive.read_documents([sys.argv[1]], skipped=[], exclude=["a.*"])).to_json()))
"""


def test_locale_time_zone_and_strict_interpreters_change_no_byte(tmp_path: Path) -> None:
    for name, (make, _) in FORMATS.items():
        (tmp_path / name).write_bytes(make())
        (tmp_path / f"cut-{name}").write_bytes(make()[:-40])
    (tmp_path / "caf\u00e9.txt").write_text(BODY, encoding="utf-8")
    usual = {"SOURCE_DATE_EPOCH": "1795000000", "PYTHONHASHSEED": "0"}
    elsewhere = {**usual, "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    ours = {**usual, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    found = []
    for options, environment in (([], ours), (["-bb", "-W", "error"], elsewhere), (["-O"], elsewhere)):
        run = subprocess.run(
            [sys.executable, *options, "-c", _ELSEWHERE, str(tmp_path)],
            capture_output=True,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("LC_")}, **environment},
            cwd=ROOT,
            check=False,
        )
        assert run.returncode == 0, run.stderr.decode()[-2000:]
        assert run.stderr == b""
        found.append(run.stdout)
    assert found[0] == found[1] == found[2]
    assert found[0].count(b"\n") > 30  # some formats carry the same id and are counted once


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(BODY, encoding="utf-8")
    told: list[tuple[str, int, int]] = []
    list(derive.read_documents([tmp_path], progress=lambda *seen: told.append(seen)))
    assert told == [("read", done, 3) for done in range(4)]


def test_reading_stops_when_the_progress_says_so(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.txt").write_text(BODY, encoding="utf-8")
    with pytest.raises(derive.errors.Cancelled, match="1 of 3 files"):
        list(derive.read_documents([tmp_path], progress=lambda stage, done, total: done < 1))


def test_a_column_of_any_name_can_be_said_to_hold_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'Nr,Copy\n7,"{PARAGRAPHS[0]}"\n', encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps({"Nr": 8, "Copy": PARAGRAPHS[1]}), encoding="utf-8")
    found = {d.id: d.text for d in derive.read_documents([tmp_path], columns={"text": "Copy", "id": "Nr"})}
    assert found == {"7": PARAGRAPHS[0], "8": PARAGRAPHS[1]}
    with pytest.raises(derive.DeriveError, match="no field 'body'"):
        list(derive.read_documents([tmp_path], columns={"body": "Copy"}))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FORMATS)),
    cut=st.floats(0, 1),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=6),
)
def test_no_damage_to_any_format_raises_hangs_or_is_silent(
    tmp_path_factory: pytest.TempPathFactory, name: str, cut: float, edits: list[tuple[float, bytes]]
) -> None:
    data = bytearray(FORMATS[name][0]())
    for place, change in edits:
        at = int(place * len(data))
        data[at : at + len(change)] = change
    if cut < 0.5:
        del data[int(2 * cut * len(data)) :]
    folder = tmp_path_factory.mktemp("hurt")
    (folder / name).write_bytes(bytes(data))
    documents, skipped = read(folder)
    assert documents or skipped or name.endswith(("csv", "tsv"))  # a table without its header is no table of articles
    assert all("\n" not in s.message and len(s.message) < 2000 for s in skipped)


@pytest.mark.parametrize("name", ["formats", "fuzz", "hostile", "pages"])
def test_what_measures_the_readers_still_fits_them(name: str) -> None:
    assert callable(importlib.import_module(f"benchmarks.{name}").main)
