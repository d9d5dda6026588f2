"""Evidence about who wrote first: every piece held to cases that an editor would judge at sight."""

from __future__ import annotations

import pytest

import derive
from derive.model import Document

BODY = """The harbour board of Lintel closed the eastern quay on Tuesday after divers found that nine of its forty iron piles had
rusted through below the water line. Ferries to the outer islands will leave from the fish market until repairs are done.

{quote}

Repairs will take until the autumn and cost the port some four million crowns, which the board wants to raise by a higher fee
on cruise ships. Fishermen said the market was too small for ferries and boats at once."""
WHOLE = (
    "\u201cWe knew the quay was old, but nobody had looked under the water since the winter storm of 1998 took the mole,\u201d "
    "said Runa Tavik."
)
SHORT = "\u201cNobody had looked under the water since the winter storm,\u201d said Runa Tavik."

CASES = [
    (
        "a quotation cut short leans towards the text that has it in full",
        BODY.format(quote=WHOLE),
        {},
        BODY.format(quote=SHORT),
        {},
        "cut_quotation",
        "a",
    ),
    (
        "a quotation that is split and kept whole says nothing",
        BODY.format(quote=WHOLE),
        {},
        BODY.format(quote=WHOLE.replace(", but nobody", ",\u201d said Runa Tavik, \u201cbut nobody")),
        {},
        "cut_quotation",
        None,
    ),
    (
        "another outlet's furniture left in a text points to that outlet",
        BODY.format(quote=WHOLE),
        {"source": "Lintel Courier"},
        BODY.format(quote=WHOLE) + "\n\nSign up for the Lintel Courier newsletter",
        {"source": "Daily Loom"},
        "furniture",
        "a",
    ),
    (
        "an outlet's own furniture says nothing",
        BODY.format(quote=WHOLE),
        {"source": "Lintel Courier"},
        BODY.format(quote=WHOLE) + "\n\nSign up for the Daily Loom newsletter",
        {"source": "Daily Loom"},
        "furniture",
        None,
    ),
    (
        "a link to an article points to it",
        BODY.format(quote=WHOLE),
        {"url": "https://www.lintel.example/news/quay-closed?ref=1"},
        BODY.format(quote=SHORT) + "\n\nMore: https://lintel.example/news/quay-closed",
        {},
        "address",
        "a",
    ),
    (
        "a text's own address says nothing",
        BODY.format(quote=WHOLE) + "\n\nMore: https://lintel.example/news/quay-closed",
        {"url": "https://lintel.example/news/quay-closed"},
        BODY.format(quote=SHORT),
        {},
        "address",
        None,
    ),
]


@pytest.mark.parametrize(
    ("a", "of_a", "b", "of_b", "name", "favours"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_trace_of_copying(
    a: str, of_a: dict, b: str, of_b: dict, name: str, favours: str | None, turned: bool
) -> None:
    first, second = Document("a", a, **of_a), Document("b", b, **of_b)
    if turned:
        first, second = second, first
        favours = {"a": "b", "b": "a", None: None}[favours]
    comparison = derive.compare(first, second)
    found = {e.name: e for e in comparison.direction.evidence if e.favours != "neither"}
    assert (found[name].favours if name in found else None) == favours
    assert all(e.detail for e in found.values())


def test_habits_of_wording_alone_are_no_verdict() -> None:
    comparison = derive.compare(Document("a", BODY.format(quote=WHOLE)), Document("b", BODY.format(quote=SHORT)))
    assert [e.name for e in comparison.direction.evidence if e.log_odds] == ["cut_quotation"]
    assert comparison.direction.verdict == "undecided"


AMERICAN = """The colors of the harbor flags were chosen by the labor council, whose members favored the old gray and blue of the
port over the new green that the harbor master had asked for in the spring. Sailmakers need three weeks to sew them in gray, and
the labor council has set aside eleven thousand crowns for cloth, rope and the wages of four people who will mend them."""
BRITISH = """Our reporter counted the coloured flags along the grey pier at noon, where neighbours of the harbour master laboured
over wet ropes until dark. None would say which banner they favoured, though the baker at the corner offered odds of three to
one on blue and had taken nine bets before lunch, most of them from the crew of the dredger."""


def test_an_article_in_two_spellings_borrowed_the_part_in_the_foreign_one() -> None:
    comparison = derive.compare(Document("a", f"Flags\n\n{AMERICAN}"), Document("b", f"{BRITISH}\n\n{AMERICAN}"))
    assert {e.name: e.favours for e in comparison.direction.evidence}.get("stray_spelling") == "a"
