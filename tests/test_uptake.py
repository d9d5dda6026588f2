"""Who used our story: how soon, how much of it, credited or not, what was cut and what was added."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import derive
from derive.archive import Archive
from derive.errors import InputError
from derive.model import Document, Lineage
from derive.prepare import prepare
from derive.report.uptake import FORMATS as FACES
from derive.uptake import Uptake, uptake
from derive.uptake.credits import credit_to
from tests.conftest import ROOT, Story, load_story

STORY = ROOT / "fixtures" / "dam-inquiry"
EVIL = '=HYPERLINK("x")"]<script>alert(1)</script>\x1b[31m\u202e.txt'
BLOCKS = [
    "Nine barges carrying gravel broke loose above the lock at Hemmel on Sunday and drifted two miles before they stuck.",
    "The lock keeper, Ada Ferring, said the mooring posts had been reported as rotten to the canal office in the spring.",
    "Traffic between Hemmel and Osterlund will stay closed until a crane from the coast has lifted the last of the barges.",
]
OTHER = "Bakers in the old town meanwhile sold out by seven, as hundreds of the curious walked down to see the wrecks."
AGENCY = "Canal News Agency"


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(derive.read_documents([STORY], metadata=STORY / "metadata.csv", skipped=[]))


@pytest.fixture(scope="module")
def lineage(documents: list[Document]) -> Lineage:
    return derive.scan(documents)


@pytest.fixture(scope="module")
def found(documents: list[Document], lineage: Lineage) -> Uptake:
    return uptake(documents, lineage, "northern wire")


@pytest.fixture
def dam() -> Story:
    return load_story("dam-inquiry")


def test_every_use_of_the_wire_is_found_with_the_credit_that_the_texts_carry(found: Uptake, dam: Story) -> None:
    credits = {u.article: u.credit for u in found.uses}
    assert credits == {
        "coast-ledger.txt": "credited",
        "hill-gazette.txt": "credited",
        "metro-daily.txt": "credited",
        "rival-times.txt": "credited",
        "valley-post.txt": "credited",
        "broken-template.txt": "credit removed",
        "lookalike.txt": "credit removed",
        "pocket-brief.txt": "credit removed",
        "quiet-copy.txt": "credit removed",
        "southern-echo.txt": "credit removed",
    }
    assert all(dam.ancestors(id) & {"wire.txt", "wire-update.txt"} for id in credits)
    assert [(u.article, u.relation, u.over) for u in found.unsure] == [
        ("newsdigest.txt", "second hand", ("rival-times.txt",))
    ]


# article: minutes after us, least and most of the story that stayed, paragraphs cut, paragraphs added - read off the texts
# by hand. Of the Rival Times' very free rewrite paragraphs 10, 12 and 13 are partly there: too little is left to see it.
BY_HAND = {
    "coast-ledger.txt": (145, 1.0, 1.0, [], []),
    "hill-gazette.txt": (340, 0.55, 0.62, [8, 9, 10, 11, 12, 13], []),
    "quiet-copy.txt": (120, 0.8, 0.95, [], []),
    "southern-echo.txt": (385, 0.6, 0.8, [], []),
    "rival-times.txt": (430, 0.05, 0.25, [9, 10, 12, 13], [4, 5]),
}


@pytest.mark.parametrize("article", sorted(BY_HAND))
def test_a_use_says_how_soon_how_much_stayed_and_which_paragraphs_were_cut_or_added(
    found: Uptake, article: str
) -> None:
    lag, least, most, cut, added = BY_HAND[article]
    use = next(u for u in found.uses if u.article == article)
    assert use.lag_minutes == lag
    assert least <= use.stayed <= most
    assert [p.number for p in use.cut] == cut
    assert [p.number for p in use.added] == added
    for p in use.cut:
        assert p.opening[:20] in " ".join((STORY / "wire.txt").read_text(encoding="utf-8").split())


def test_uses_are_summed_by_outlet_and_by_story(found: Uptake) -> None:
    assert {s.name: (s.articles, s.credited, s.credit_removed) for s in found.by_story()} == {
        "wire.txt": (9, 4, 5),
        "wire-update.txt": (1, 1, 0),
    }
    assert len(found.by_outlet()) == 10
    assert sum(s.articles for s in found.by_outlet()) == len(found.uses)
    assert next(s for s in found.by_outlet() if s.name == "Valley Post").first_lag_minutes == 65


def test_an_archive_gives_the_same_uses_as_its_files(documents: list[Document], found: Uptake, tmp_path: Path) -> None:
    with Archive.open(tmp_path / "news.derive") as archive:
        archive.add(documents)
    command = [sys.executable, "-m", "derive", "uptake", "news.derive", "--source", "Northern Wire", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert json.loads(done.stdout)["uses"] == json.loads(FACES["json"](found))["uses"]


def paper(text: str, minute: int = 30, name: str = "Hemmel Echo") -> Document:
    return Document(name, text, source=name, published=f"2026-05-03T12:{minute:02d}:00Z")


def wire(text: str = "\n\n".join(BLOCKS)) -> Document:
    return Document("wire", text, source=AGENCY, published="2026-05-03T10:00:00Z")


@pytest.mark.parametrize(
    ("story", "article", "credit", "cut", "added"),
    [
        ([*BLOCKS, "(CNA)"], BLOCKS[:2], "credit removed", [3], []),
        (BLOCKS, BLOCKS, "uncredited", [], []),
        (BLOCKS, [BLOCKS[0], OTHER, BLOCKS[2]], "uncredited", [2], [2]),
        (BLOCKS, [*BLOCKS, f"(With reporting by {AGENCY})"], "credited", [], []),
        (BLOCKS, [" ".join(BLOCKS)], "uncredited", [], []),
    ],
)
def test_a_story_cut_from_the_bottom_or_filled_up_shows_which_paragraphs_are_gone_or_new(
    story: list[str], article: list[str], credit: str, cut: list[int], added: list[int]
) -> None:
    ours, theirs = wire("\n\n".join(story)), paper("\n\n".join(article))
    (use,) = uptake([ours, theirs], derive.scan([ours, theirs], declared=[(ours.id, theirs.id)]), AGENCY).uses
    assert (use.credit, use.lag_minutes) == (credit, 150)
    assert [p.number for p in use.cut] == cut
    assert [p.number for p in use.added] == added


@pytest.mark.parametrize(
    ("line", "credited"),
    [
        ("(With reporting by Canal News Agency)", True),
        ("Canal News Agency and our own staff", True),
        ("Source: Canal News Agency", True),
        ("By Canal News Agency", True),
        ("Additional reporting by Canal News Agency; editing by Ruth Omen", True),
        (
            "HEMMEL, May 3 (Canal News Agency, Hemmel Echo and other papers of the valley) - Nine barges broke loose.",
            True,
        ),
        (f"{BLOCKS[0][:-1]}, Canal News Agency reported on Sunday.", True),
        (f"{BLOCKS[0][:-1]}, according to a report seen by Canal News Agency, as the lock stood open all day.", True),
        (
            f"{BLOCKS[0][:-1]}, and the chairman of the board of the Canal News Agency was on one of them, asleep.",
            False,
        ),
        ("By our own staff", False),
        ("Source: Canal News Agencies of the South", False),
    ],
)
def test_a_credit_is_found_wherever_papers_put_it(line: str, credited: bool) -> None:
    for text in (f"{line}\n\n" + "\n\n".join(BLOCKS), "\n\n".join([*BLOCKS, OTHER, line])):
        story = prepare(Document("a", text, title="Barges adrift at Hemmel", source="Hemmel Echo"))
        assert (credit_to(story, AGENCY) is not None) is credited


def test_an_article_that_may_have_been_first_is_not_counted_as_a_use() -> None:
    ours = replace(wire(), published=None)
    theirs = replace(paper("\n\n".join(BLOCKS)), published=None)
    found = uptake([ours, theirs], derive.scan([ours, theirs]), AGENCY)
    assert (found.uses, [u.relation for u in found.unsure]) == ((), ["direction undecided"])
    earlier = uptake([ours, theirs], derive.scan([ours, theirs], declared=[(theirs.id, ours.id)]), AGENCY)
    assert (earlier.uses, [u.relation for u in earlier.unsure]) == ((), ["its source"])


def test_an_article_that_used_two_stories_is_told_of_for_each() -> None:
    other = [f"{a} {b} of the harbour office was named mayor of Osterlund after a vote that nobody had foreseen" for a, b in
             (("Ines", "Karlin"), ("Tomas", "Brede"))]  # fmt: skip
    second = Document("second", ". ".join(other) + ". " + OTHER, source=AGENCY, published="2026-05-03T09:00:00Z")
    both = paper("\n\n".join([*BLOCKS, second.text]))
    everything = [wire(), second, both]
    lineage = derive.scan(everything, declared=[("wire", both.id), ("second", both.id)])
    assert [u.story for u in uptake(everything, lineage, AGENCY).uses] == ["second", "wire"]


def test_an_outlet_that_has_no_article_is_named_with_those_that_have(
    documents: list[Document], lineage: Lineage
) -> None:
    with pytest.raises(InputError, match="no article is from 'Nobody'; there are "):
        uptake(documents, lineage, "Nobody")


def test_every_face_of_the_report_holds_every_use_and_runs_nothing(documents: list[Document]) -> None:
    named = [replace(d, id=EVIL, title=EVIL, source=EVIL) if d.id == "wire.txt" else d for d in documents]
    found = uptake(named, derive.scan(named), EVIL)
    everything = (*found.uses, *found.unsure)
    assert everything
    page = FACES["html"](found).decode()
    assert "<script" not in page
    assert "unsafe-inline" not in page
    for use in everything:
        assert page.count(f"{use.outlet}<br>") == 1
    assert len(json.loads(FACES["json"](found))["uses"]) == len(found.uses)
    assert "\x1b" not in FACES["text"](found).decode()
    rows = list(csv.reader(io.StringIO(FACES["csv"](found).decode("utf-8-sig"))))
    assert len(rows) == 1 + len(everything)
    assert not any(cell.startswith("=") for row in rows for cell in row)
    for word in ("plagiar", "stolen", "guilty"):
        assert word not in page.lower()
