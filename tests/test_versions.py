"""Texts of one article at different times are its versions: neither rivals, nor copies, nor origins."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

import derive
from derive.model import Lineage, Skipped
from derive.versions import address, named

FIRST = (
    "Two gantry cranes of the Westquay terminal will stand still until June after the storm of last night tore off their brakes. "
    "Ships are being sent to Velgast until the weekend, the harbour master said at noon, and grain is stored in barges. "
    "Gusts of 141 kilometres an hour were measured on the eastern mole shortly before three in the morning."
)
ADDED = " Two dockers were slightly hurt when a container slid off its stack and broke through the wall of a canteen."
SECOND = FIRST + ADDED
REWRITE = (
    "Cranes at Westquay stand still: " + SECOND[60:] + " Our reporter saw the damage from the ferry this afternoon."
)
URL = "https://post.example/harbour/cranes"


def text(id: str, words: str, time: str | None, url: str | None = None, **more: str) -> derive.Document:
    return derive.Document(id, words, published=time, url=url, **more)  # type: ignore[arg-type]


def versions(lineage: Lineage) -> dict[str, str | None]:
    return {w.id: w.version_of for w in lineage.documents}


MORNING, NOON, EVENING = (f"2026-03-04T{hour}:00:00Z" for hour in ("06", "12", "18"))
ONE_ARTICLE = {
    "the same id": [text("a", FIRST, MORNING), text("a", SECOND, NOON)],
    "the same id, changed later": [
        text("a", FIRST, MORNING),
        replace(text("a", SECOND, MORNING), modified=NOON),
    ],
    "the same address": [text("a", FIRST, MORNING, URL), text("b", SECOND, NOON, URL)],
    "the same address but for tracking": [
        text("a", FIRST, MORNING, URL + "?utm_source=mail"),
        text("b", SECOND, NOON, "http://www.post.example/harbour/cranes/#top"),
    ],
    "the same words": [text("a", FIRST, MORNING, URL), text("b", FIRST, NOON, URL)],
    "days alone": [text("a", FIRST, "2026-03-04", URL), text("b", SECOND, "2026-03-05", URL)],
}
NOT_ONE = {
    "no times": [text("a", FIRST, None, URL), text("b", SECOND, None, URL)],
    "one time": [text("a", FIRST, MORNING, URL), text("b", SECOND, MORNING, URL)],
    "an address of a whole site": [
        text("a", FIRST, MORNING, "https://post.example/"),
        text("b", SECOND, NOON, "https://post.example/"),
    ],
    "a section's address over different stories": [
        text("a", FIRST, MORNING, URL),
        text("b", "The bakers of Harsund walk out over night shifts that begin at two.", NOON, URL),
    ],
}


@pytest.mark.parametrize("name", ONE_ARTICLE)
def test_texts_of_one_article_at_different_times_are_its_versions(name: str) -> None:
    lineage = derive.scan(ONE_ARTICLE[name])
    latest = next(w.id for w in lineage.documents if w.version_of is None)
    (earlier,) = (w for w in lineage.documents if w.version_of is not None)
    assert earlier.version_of == latest
    assert [(e.source, e.target, e.declared) for e in lineage.edges] == [(earlier.id, latest, True)]
    assert lineage.origins.count == 1
    assert lineage.tally.copies == 0
    assert lineage.tally.versions == 1
    assert not any(w.copies_of for w in lineage.documents)
    assert lineage.links == ()
    assert "1 article and 1 earlier version of them" in lineage.summary()
    rows = json.loads(lineage.to_json())["documents"]
    assert {row["id"]: row.get("version_of") for row in rows} == versions(lineage)


@pytest.mark.parametrize("name", NOT_ONE)
def test_where_nothing_tells_versions_apart_nothing_is_assumed(name: str) -> None:
    lineage = derive.scan(NOT_ONE[name])
    assert set(versions(lineage).values()) == {None}
    assert not any(e.declared for e in lineage.edges)


def test_the_latest_text_keeps_the_id_and_earlier_ones_carry_their_time() -> None:
    given = [text("a", SECOND, NOON), text("a", FIRST, MORNING), text("a", SECOND + " End.", EVENING)]
    for order in itertools.permutations(given):
        found = {d.id: d.text for d in named(order)}
        assert sorted(found) == ["a", f"a@{MORNING}", f"a@{NOON}"]
        assert found["a"].endswith("End.")
        assert named(named(order)) == named(order)
    assert len({derive.scan(order).to_json() for order in itertools.permutations(given)}) == 1


def test_two_outlets_that_use_one_id_have_no_versions_of_each_other() -> None:
    given = [replace(text("7", FIRST, MORNING), source="Post"), replace(text("7", SECOND, NOON), source="Herald")]
    with pytest.raises(derive.DeriveError, match="two documents have the id '7'"):
        derive.scan(given)


def test_a_rewrite_between_two_versions_hangs_from_the_one_that_it_has_the_words_of() -> None:
    given = [
        text("a", FIRST, MORNING, URL),
        text("b", SECOND, NOON, URL),
        text("rival", REWRITE, EVENING, "https://herald.example/1"),
    ]
    lineage = derive.scan(given)
    assert ("a", "b") in {(e.source, e.target) for e in lineage.edges}
    assert "rival" in {e.target for e in lineage.edges}
    assert lineage.origins.count == 1
    assert versions(lineage) == {"a": "b", "b": None, "rival": None}


def test_a_declared_address_means_the_version_that_was_there() -> None:
    made = replace(text("c", REWRITE, "2026-03-04T09:00:00Z"), derived_from=(URL,))
    given = [text("a", FIRST, MORNING, URL), text("b", SECOND, NOON, URL), made]
    assert ("a", "c") in {(e.source, e.target) for e in derive.scan(given).edges if e.declared}


def test_versions_in_files_are_read_and_mistaken_ids_are_named(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": FIRST, "published": MORNING},
        {"id": "a", "text": SECOND, "published": NOON},
        {"id": "b", "text": FIRST + " x"},
        {"id": "b", "text": FIRST + " y"},
    ]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    skipped: list[Skipped] = []
    documents = list(derive.read_documents([tmp_path], skipped=skipped))
    assert [d.id for d in documents] == ["a", "a", "b"]
    assert [(s.reason, s.record) for s in skipped] == [("duplicate-id", 4)]
    assert versions(derive.scan(documents)) == {f"a@{MORNING}": "a", "a": None, "b": None}


def test_an_archive_and_a_scan_tell_the_same_versions(tmp_path: Path) -> None:
    given = [text("a", FIRST, MORNING), text("a", SECOND, NOON), text("z", REWRITE, EVENING)]
    with derive.Archive.open(tmp_path / "news.derive") as archive:
        for document in reversed(given):
            archive.add([document])
        assert derive.scan(archive.documents()).to_json() == derive.scan(given).to_json()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?id=7&fbclid=1", "a.example/x?id=7"),
        ("ftp://a.example/x", None),
        ("javascript:alert(1)", None),
        ("https://a.example/?p=12", "a.example?p=12"),
        ("http://[broken/x", None),
        ("https://a.example", None),
    ],
)
def test_an_address_is_compared_as_far_as_it_names_an_article(url: str, expected: str | None) -> None:
    assert address(url) == expected
