"""Words: what counts as the same, and that every word keeps its place in the untouched text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.data import rows
from derive.normalise import disguises, normalise

SAME = [
    ("The U.S. labour force", "the US labor force"),
    ("rose by three per cent", "rose by 3%"),
    ("twenty-one people", "21 people"),
    ("1,000,000 euros", "1000000 euros"),
    ("Zelenskyy organised it", "Zelensky organized it"),
    ("the council\u2019s plan", "the council's plan"),
    ("the councils plan", "the council's plan"),
    ("Erdo\u011fan\u2019s caf\u00e9", "Erdogan's cafe"),
    ("an am-\nbitious plan", "an ambitious plan"),
    ("Smith &amp; Co", "Smith and Co"),
    ("it&#8217;s here", "it's here"),
    ("na\u200bive pl\u00adan", "naive plan"),
    ("\uff26\uff55\uff4c\uff4c width", "full width"),
    ("ﬁrst ﬂoor", "first floor"),
    ("\u0440aper and \u0441old", "paper and cold"),
    ("He said it\u2019s", "He said it\u00e2\u20ac\u2122s"),
    ("did not come", "didn't come"),
    ("Ё\u043b\u043a\u0430 \u0434\u043e\u043c", "\u0435\u043b\u043a\u0430 \u0434\u043e\u043c"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_texts_that_differ_only_in_style_have_the_same_words(a: str, b: str) -> None:
    assert normalise(a).strings == normalise(b).strings


DIFFERENT = [
    ("3.5 percent", "35 percent"),
    ("\u0434\u043e\u043c \u043c\u043e\u0439", "dom moi"),
    ("rose", "roses"),
    ("one thousand", "one million"),
]


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_texts_that_say_something_else_keep_different_words(a: str, b: str) -> None:
    assert normalise(a).strings != normalise(b).strings


def test_scripts_without_spaces_become_one_word_a_character() -> None:
    assert normalise("云篱镇 重新").strings == ("云", "篱", "镇", "重", "新")
    assert len(normalise("สะพานหนองแก้ว").strings) > 5


def test_a_word_is_shown_as_it_stands_in_the_untouched_text() -> None:
    text = "\u201cThe na\u200bïve &amp; the U.S. am-\nbitious, twenty-one ﬁrms\u201d"
    words = normalise(text)
    shown = [text[s:e] for s, e in zip(words.starts, words.ends, strict=True)]
    assert shown == ["The", "na\u200bïve", "&amp;", "the", "U.S.", "am-\nbitious", "twenty-one", "ﬁrms"]


@given(st.text(max_size=300))
def test_any_text_has_words_with_ordered_places_inside_it(text: str) -> None:
    words = normalise(text)
    assert len(words.strings) == len(words.starts) == len(words.ends)
    last = 0
    for word, start, end in zip(words.strings, words.starts.tolist(), words.ends.tolist(), strict=True):
        assert word
        assert last <= start < end <= len(text)
        last = start if end == start else max(last, start)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_the_raw_text_of_a_word_normalises_to_that_word_again(text: str) -> None:
    words = normalise("the house of words in which " + text)
    raw = "the house of words in which " + text
    for word, start, end in zip(words.strings, words.starts.tolist(), words.ends.tolist(), strict=True):
        # In its own script's surroundings: look-alikes are read as Latin in Latin text only.
        alone = normalise("the house of words in which " + raw[start:end]).strings[6:]
        if alone != (word,):
            assert "-" in raw[start:end] or " " in word or len(alone) != 1 or not raw[start:end].isascii()


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("\u0440aper \u0441old pl\u0430ce and m\u043ere words of plain English text here", ("mixed-script",)),
        ("pa\u200bper co\u200bld pl\u200bace in a text", ("invisible-chars",)),
        ("a word \U000e0041\U000e0042 with tags", ("invisible-chars",)),
        ("Мама мыла раму, а папа читал газету о политике и погоде", ()),
        ("Η Αθήνα είναι η πρωτεύουσα της Ελλάδας", ()),
        ("می\u200cخواهم کتاب\u200cها را می\u200cخوانم و می\u200cنویسم", ()),
        ("The word Москва means Moscow and Київ means Kyiv in English text", ()),
    ],
)
def test_disguises_are_flagged_and_real_scripts_are_not(text: str, flags: tuple[str, ...]) -> None:
    assert disguises(text) == flags


@pytest.mark.parametrize("size", [10_000, 100_000])
def test_combining_marks_by_the_thousand_are_cut_and_do_not_hang(size: int) -> None:
    words = normalise("a" + "\u0301\u0323" * size)
    assert words.strings == ("a",)


def test_each_variant_stands_once_in_its_table() -> None:
    keys = [row[:2] for row in rows("variants.tsv")]
    assert len(keys) == len(set(keys))


def test_obfuscations_that_cannot_be_seen_change_no_word(tools, story) -> None:  # type: ignore[no-untyped-def]
    """Tier A of the obfuscation suite: containment of the original's shingles in the obfuscated text."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("obfuscate", tools / "obfuscate.py")
    assert spec
    assert spec.loader
    obfuscate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(obfuscate)
    if story.name == "languages":
        pytest.skip("the obfuscations are made for English text")
    floor = {"mojibake": 0.95, "strip_punct": 0.95, "html_entities": 0.99}
    for document in story.documents()[:3]:
        if document.id == "lookalike.txt":
            continue
        clean = _shingles(document.text)
        for name, (tier, change) in obfuscate.OBF.items():
            if tier == "A":
                left = len(clean & _shingles(change(document.text, seed=1))) / len(clean)
                assert left >= floor.get(name, 0.985), (name, document.id)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = normalise(text).strings
    return {words[i : i + 3] for i in range(len(words) - 2)}
