"""The labels of the newsroom benchmark are held to counts that owe nothing to derive: words by one regular expression."""

import csv
import re
import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
import xxhash

NEWSROOM = Path(__file__).parent.parent / "benchmarks" / "newsroom"
EVENTS = sorted(path.parent.name for path in NEWSROOM.glob("*/truth.toml"))
QUOTED = re.compile('“[^”]*”|"[^"]*"|‘.*?’(?![a-z])')  # an apostrophe inside is followed by a letter
WORD = re.compile(r"§|[^\W_]+(?:[.,][^\W_]+)*")
SHARES = {  # share of an article's own three-word runs, quotations left out, that its parent has: least and most
    "copy": (0.7, 1.0),
    "cut": (0.85, 1.0),
    "update": (0.35, 0.7),
    "style": (0.15, 0.5),
    "grandchild": (0.1, 0.4),
    "heavy": (0.1, 0.25),
    "excerpt": (0.1, 0.25),
    "merger": (0.05, 0.25),  # of each of its two parents
    "spun": (0.0, 0.03),
}


def runs(text: str, quoted: bool = False) -> set[tuple[str, ...]]:
    """Every three words in a row, also those inside quotation marks if asked."""
    words = WORD.findall((text if quoted else QUOTED.sub(" § ", text)).lower())
    grams = zip(words, words[1:], words[2:], strict=False)
    return {gram for gram in grams if "§" not in gram}


class Event:
    def __init__(self, name: str):
        folder = NEWSROOM / name
        truth = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
        self.articles = {article["file"]: article for article in truth["article"]}
        self.texts = {file: (folder / file).read_text(encoding="utf-8") for file in self.articles}
        self.pairs = {frozenset((pair["a"], pair["b"])) for pair in truth["pair"]}
        self.rows = list(csv.DictReader((folder / "metadata.csv").read_text(encoding="utf-8").splitlines()))
        self.files = {path.name for path in folder.glob("*.txt")}

    def family(self, file: str) -> set[str]:
        parents = self.articles.get(file, {"parents": []})["parents"]
        return {file}.union(*(self.family(parent) for parent in parents))

    def stand_in(self, parent: str, child: str) -> str | None:
        """The text of a parent, or of the whole copy of it where it was left out of the folder."""
        if parent in self.texts:
            return self.texts[parent]
        copies = (f for f, a in self.articles.items() if a["level"] == "copy" and parent in a["parents"] and f != child)
        return next((self.texts[file] for file in copies), None)


@pytest.mark.parametrize("name", EVENTS)
def test_an_article_shares_as_many_words_with_its_parent_as_its_label_says(name):
    event = Event(name)
    for file, article in event.articles.items():
        excerpt = article["level"] == "excerpt"  # it may stand in quotation marks
        own = runs(event.texts[file], excerpt)
        for parent in article["parents"]:
            source = event.stand_in(parent, file)
            if source is not None:
                least, most = SHARES[article["level"]]
                assert least <= len(own & runs(source, excerpt)) / len(own) <= most, (file, parent)


@pytest.mark.parametrize("name", EVENTS)
def test_articles_without_a_common_source_share_quotations_and_names_at_most(name):
    event = Event(name)
    own = {file: runs(text) for file, text in event.texts.items()}
    said = {file: {quote.strip("“”‘’\"',. ") for quote in QUOTED.findall(text)} for file, text in event.texts.items()}
    for a, b in combinations(event.articles, 2):
        if event.family(a) & event.family(b):
            continue
        assert len(own[a] & own[b]) <= 0.045 * min(len(own[a]), len(own[b])), (a, b)
        long = {quote for quote in said[a] & said[b] if len(quote.split()) >= 8}
        assert not long or frozenset((a, b)) in event.pairs, (a, b, long)


@pytest.mark.parametrize("name", EVENTS)
def test_every_event_has_a_dozen_articles_of_a_length_worth_comparing_and_a_date_for_each(name):
    event = Event(name)
    assert event.files == set(event.articles) == {row["path"] for row in event.rows}
    assert 11 <= len(event.files) <= 18
    assert min(len(text.split()) for text in event.texts.values()) >= 250
    assert any(len(row["published"]) == len("2026-01-01") for row in event.rows)
    assert len({row["source"] for row in event.rows}) == len(event.rows)


def test_each_half_has_at_least_eight_heavy_rewrites_and_eight_spun_texts():
    for half in (0, 1):
        names = [name for name in EVENTS if xxhash.xxh64(name.encode()).intdigest() % 2 == half]
        levels = Counter(article["level"] for name in names for article in Event(name).articles.values())
        assert min(levels["heavy"], levels["spun"]) >= 8, (half, levels)
    assert len(EVENTS) == 12
