"""Many documents prepared at once: what `prepare` says of each, compiled where nothing is hidden in the text.

The lexer with places tells where each word of a plain text stands, what it is, and what each paragraph is by itself; what the
collection teaches, and which paragraph is the headline, is added here. A text with anything hidden in it goes the long way,
one by one, and both ways say the same (tests/test_bulk.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.furniture import Learned
from derive.kernel.reference import BLOCKED, CREDIT, EXCLUDED, FURNITURE, QUOTED, REPEATED
from derive.lexer import Columns, headlines_among, lex, rules, tails, words_of
from derive.model import Document, Exclusion, ExclusionKind, Span
from derive.normalise import disguises
from derive.prepare import prepare
from derive.shelf import Packed, pack, steps_of

Found = list[list[tuple[int, int, ExclusionKind]]]
"""Of each text its exclusions: first character, end, kind."""


def prepare_all(documents: Sequence[Document], learned: Learned, shingle_size: int) -> tuple[list[str], list[Packed]]:
    """The documents prepared and packed, and the words that their numbers stand for."""
    lexer = kernel.Lexer(rules(), lex, True)
    lexer.add([d.text for d in documents], [d.title for d in documents])
    columns = lexer.columns()
    words = columns["spelt"].tobytes().decode("utf-8", "surrogatepass").split("\n")[:-1]
    numbers = (columns["ids"] & ~EXCLUDED).astype(np.int32)
    marks, exclusions = columns["marks"], _exclusions(columns, len(documents), learned)
    counts = np.concatenate(([0], np.cumsum(marks & (QUOTED | BLOCKED) == 0)))
    heads = _headlines(columns)
    known: dict[str, int] = {}
    found = []
    for k, (low, high) in enumerate(
        zip(columns["offsets"][:-1].tolist(), columns["offsets"][1:].tolist(), strict=True)
    ):
        document = documents[k]
        if columns["strange"][k]:
            known = known or dict(zip(words, range(len(words)), strict=True))
            prepared = prepare(document, learned=learned, shingle_size=shingle_size)
            own = [known.setdefault(w, len(known)) for w in prepared.words.strings]
            found.append(pack(prepared, np.array(own, dtype=np.int32)))
            continue
        own_exclusions = tuple(Exclusion(Span(start, end), kind) for start, end, kind in sorted(exclusions[k]))
        flags = {*document.flags, *(() if document.text.isascii() else disguises(document.text))}
        flags.update(["repeated-paragraph"] * any(e.kind == "repeated-paragraph" for e in own_exclusions))
        flags.update(["too-short"] * bool(counts[high] - counts[low] < shingle_size))
        flags.update(["low-information"] * (not columns["informative"][k]))
        steps = steps_of(columns["starts"][low:high], columns["ends"][low:high])
        found.append(
            Packed(
                document,
                numbers[low:high],
                steps.astype(np.min_scalar_type(int(steps.max(initial=0)))),
                marks[low:high],
                own_exclusions,
                tuple(sorted(flags)),
                hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest(),
                document.title or _line(document.text, heads.get(k)),
            )
        )
    return list(known) or words, found


def _exclusions(columns: Columns, texts: int, learned: Learned) -> Found:
    """What is excluded of each text (`clean.clean`); marks the words of what the lexer cannot know."""
    taught = learned.has(columns["keys"])
    furniture = taught | (columns["kinds"] & FURNITURE != 0)
    headlines = headlines_among(columns, furniture)
    kind = _kinds(columns, furniture, headlines)
    begins, ends = columns["begins"], columns["begins"] + columns["lengths"].astype(np.int32)
    found: Found = [[] for _ in range(texts)]

    def add(paragraphs: NDArray[np.int64], starts: NDArray[np.int32], kinds: list[ExclusionKind]) -> None:
        owners = np.searchsorted(columns["key_offsets"], paragraphs, side="right") - 1
        places = owners.tolist(), starts[paragraphs].tolist(), ends[paragraphs].tolist(), kinds
        for text, start, end, name in zip(*places, strict=True):
            found[text].append((start, end, name))

    some = np.flatnonzero(kind)
    add(some, begins, [_KINDS[k] for k in kind[some].tolist()])
    signed = np.flatnonzero((columns["signed"] >= 0) & ((kind == 0) | (columns["signed"] != begins)))
    add(signed, columns["signed"], ["credit"] * len(signed))
    for text, (start, end) in enumerate(columns["datelines"].reshape(-1, 2).tolist()):
        if end >= 0:
            found[text].append((start, end, "dateline"))
    quotations, offsets = columns["quotations"].tolist(), columns["quotation_offsets"].tolist()
    for text, own in enumerate(found):
        own.extend((quotations[q], quotations[q + 1], "quotation") for q in range(offsets[text], offsets[text + 1], 2))
    for low, high in zip(*words_of(columns, np.concatenate((np.flatnonzero(taught), headlines))), strict=True):
        columns["marks"][low:high] |= BLOCKED
    for text, length in tails(columns, learned):
        end = columns["offsets"][text + 1]
        columns["marks"][end - length : end] |= BLOCKED
        last = columns["key_offsets"][text + 1] - 1
        found[text].append((int(columns["starts"][end - length]), int(ends[last]), "furniture"))
    return found


_KINDS: tuple[ExclusionKind, ...] = ("furniture", "furniture", "repeated-paragraph", "headline", "credit")
"""What a paragraph is excluded as, by its number in `_kinds` (0: it is not)."""


def _kinds(columns: Columns, furniture: NDArray[np.bool_], headlines: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first kind that fits each paragraph, as a number; the order is that of `clean`."""
    headline = np.zeros(len(furniture), dtype=np.bool_)
    headline[headlines] = True
    fits = [furniture, columns["kinds"] & REPEATED != 0, headline, columns["kinds"] & CREDIT != 0]
    return np.asarray(np.select(fits, [1, 2, 3, 4], 0), dtype=np.int64)


def _headlines(columns: Columns) -> dict[int, tuple[int, int]]:
    """Of each text the characters of the line above it that may be its title (`clean.headline`)."""
    lines = headlines_among(columns, columns["kinds"] & FURNITURE != 0)
    texts = np.searchsorted(columns["key_offsets"], lines, side="right") - 1
    begins = columns["begins"][lines]
    spans = zip(begins.tolist(), (begins + columns["lengths"][lines].astype(np.int32)).tolist(), strict=True)
    return dict(zip(texts.tolist(), spans, strict=True))


def _line(text: str, span: tuple[int, int] | None) -> str | None:
    return " ".join(text[slice(*span)].split()) if span else None
