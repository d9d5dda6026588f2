"""What is marked as not the author's own prose, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.clean import clean, page_of, paragraphs
from derive.furniture import NOTHING, Learned
from derive.lexer import learn_from
from derive.model import Document, Exclusion
from derive.normalise import normalise

PROSE = "The council voted late on Monday to close the bridge for repairs until the end of the year."


def cleaned(document: Document, learned: Learned = NOTHING) -> tuple[Exclusion, ...]:
    return clean(page_of(document, normalise(document.text), learned))


def marked(text: str, kind: str) -> list[str]:
    return [e.span.of(text) for e in cleaned(Document("d", text)) if e.kind == kind]


QUOTATIONS = [
    ("He said \u201cwe will not stop\u201d and left.", ["\u201cwe will not stop\u201d"]),
    ('He said "we will not stop" and left.', ['"we will not stop"']),
    ("Er sagte: \u201eWir hören nicht auf.\u201c Dann ging er.", ["\u201eWir hören nicht auf.\u201c"]),
    ("Il a dit : « Nous continuons », puis il est parti.", ["« Nous continuons »"]),
    ("Han sagde »vi stopper ikke« og gik.", ["»vi stopper ikke«"]),
    ("Hän sanoi \u201demme lopeta\u201d ja lähti.", ["\u201demme lopeta\u201d"]),
    ("彼は「止めない」と言った。", ["「止めない」"]),
    ("他说：“我们不会停止。”然后离开。", ["“我们不会停止。”"]),
    ("He said \u2018we will not stop\u2019 and left.", ["\u2018we will not stop\u2019"]),
    ("He said 'we will not stop' and left.", ["'we will not stop'"]),
    ("The council's plan and the players' union didn't agree.", []),
    ("The council\u2019s plan and the players\u2019 union didn\u2019t agree.", []),
    ('An unclosed "quote ends here\nand this is the next paragraph.', ['"quote ends here']),
    ('A 24" screen is not a quotation.', []),
    ('A panel of 24" by 30" is not a quotation.', []),
    ('A stray mark." It opens nothing, and "this one" does.', ['"this one"']),
    ('A stray mark." It opens nothing to the end of the paragraph.', []),
    ('"He called it "a disaster" and left."', ['"He called it "a disaster"']),
]


@pytest.mark.parametrize(("text", "quotations"), QUOTATIONS)
def test_quotations_are_marked_in_any_languages_marks(text: str, quotations: list[str]) -> None:
    assert marked(text, "quotation") == quotations


DATELINES = [
    "KYIV, Ukraine (AP) \u2014 ",
    "LONDON (Reuters) - ",
    "(Scypre.com) \u2013 ",
    "BERLIN, Nov. 11 (dpa) \u2013 ",
    "WASHINGTON \u2014 ",
    "Paris (AFP) - ",
]


@pytest.mark.parametrize("dateline", DATELINES)
def test_a_dateline_is_marked_and_the_sentence_after_it_is_not(dateline: str) -> None:
    assert marked(dateline + PROSE, "dateline") == [dateline]


def test_a_sentence_with_a_dash_has_no_dateline() -> None:
    assert marked("The council voted \u2014 late on Monday \u2014 to close the bridge for repairs.", "dateline") == []


FURNITURE = [
    "Leave a Reply",
    "Your email address will not be published. Required fields are marked *",
    "Getting your Trinity Audio player ready...",
    "Sign up for our morning newsletter and get the news in your inbox.",
    "Read more: Five things to know",
    "\u00a9 2026 Valley Post. All rights reserved.",
    "We use cookies to improve your experience.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_site_furniture_is_recognised_alone(line: str) -> None:
    assert marked(f"{PROSE}\n\n{PROSE} Again.\n\n{line}", "furniture") == [line]


CREDITS = [
    "Reporting by Ann Example; Editing by Bob Sample",
    "With files from Northern Wire",
    "(AP)",
    "By Jane Example",
]


@pytest.mark.parametrize("line", CREDITS)
def test_credit_lines_are_marked(line: str) -> None:
    assert marked(f"{PROSE}\n\n{PROSE} Again.\n\n{line}", "credit") == [line]


def test_an_agency_sign_off_at_the_end_of_a_paragraph_is_marked() -> None:
    assert marked(f"{PROSE}\n\n{PROSE} Again. (NW)", "credit") == [" (NW)"]


def test_a_paragraph_that_stands_twice_is_marked_once() -> None:
    assert marked(f"{PROSE}\n\n{PROSE}\n\nAnother one follows here.", "repeated-paragraph") == [PROSE]


def test_a_headline_is_marked_and_a_first_sentence_is_not() -> None:
    assert marked(f"Bridge to close for repairs\n\n{PROSE}", "headline") == ["Bridge to close for repairs"]
    assert marked(f"It is closed.\n\n{PROSE}", "headline") == []


def test_a_collection_teaches_the_footer_that_its_stories_share() -> None:
    footer = "The Marsh Paper is owned by its readers and printed on Thursdays in the old mill by the river."
    stories = [Document(str(k), f"{own_words(k)}\n\n{footer}") for k in range(4)]
    learned = learn_from(stories)
    assert [e.span.of(stories[0].text) for e in cleaned(stories[0], learned) if e.kind == "furniture"] == [footer]


def test_a_paragraph_that_rewrites_of_one_story_kept_whole_is_prose() -> None:
    kept = "The ferry had left Arnside with forty people on board and a cargo of apples for the Saturday market."
    told = [f"It was pilot {n} who saw the lamp go out and turned back to the shore." for n in "abcdefgh"]
    # Every paragraph but one was touched, so that the rewrites share no other paragraph.
    stories = [
        Document(str(k), "\n\n".join([*(f"Report {k} says: {line}" for line in told), kept, own_words(k)]))
        for k in range(4)
    ]
    assert learn_from(stories) == NOTHING


def own_words(k: int) -> str:
    """Eighty-one words that no other article has."""
    return " ".join(f"{a}{b}{'lmnopq'[k]}" for a in "bcdfghjkv" for b in "aeiouwxyz") + "."


def test_copies_of_one_story_teach_no_furniture() -> None:
    text = "\n\n".join(f"{PROSE} Number {k}." for k in range(6))
    assert learn_from([Document(str(k), text) for k in range(5)]) == NOTHING


def test_wrapped_lines_are_one_paragraph_and_single_lines_are_many() -> None:
    wrapped = (
        "The council voted late\non Monday to close the\nbridge.\n\nIt was not a\npopular decision in\nthe town at all."
    )
    assert len(paragraphs(wrapped)) == 2
    assert len(paragraphs("One sentence.\nAnother one.\nA third.\nA fourth.")) == 4


@given(st.text(max_size=400))
def test_marks_of_any_text_lie_inside_it_and_are_ordered(text: str) -> None:
    found = cleaned(Document("d", text))
    assert all(0 <= e.span.start < e.span.end <= len(text) for e in found)
    assert list(found) == sorted(found)


@pytest.mark.parametrize("unit", ['"', "'a ", "(A", "A ", "\n", "By A ", "\u201c"])
def test_repeated_marks_are_read_in_linear_time(unit: str) -> None:
    import time

    def seconds(n: int) -> float:
        text = (unit * n)[:n]
        best = []
        for _ in range(3):
            start = time.process_time()
            cleaned(Document("d", text))
            best.append(time.process_time() - start)
        return min(best)

    assert seconds(64_000) <= max(0.4, 60 * seconds(4_000))


def test_an_ending_that_many_strangers_share_is_furniture_inside_a_paragraph() -> None:
    footer = "Subscribe for three crowns a week and hear the evening bulletin read aloud wherever you are."
    stories = [Document(str(k), f"{own_words(k)} {footer}") for k in range(6)]
    learned = learn_from(stories)
    assert [e.span.of(stories[0].text) for e in cleaned(stories[0], learned) if e.kind == "furniture"] == [footer]


def test_an_ending_that_versions_of_one_story_share_is_prose() -> None:
    body = " ".join(f"word{n}" for n in range(40))
    versions = [
        Document(str(k), f"version{k} {body} and with that the long evening came to its end.") for k in range(6)
    ]
    assert learn_from(versions) == NOTHING
