"""Many texts -> every pair that shares enough, counted exactly: `find_pairs`, without passages, direction or lineage.

    lex -> learn furniture (texts that have some are lexed again) -> copies folded -> sample of shingles -> join -> count

A pair is proposed by the shingles that both texts have among those with a small public hash (Broder's min-wise sampling in
its fixed-rate form, "FracMinHash": Irber et al. 2022), one in `_rate`. A sampled shingle that stands in few texts pairs
them all; one in many, boilerplate or a story told everywhere, links each of its texts to a hub and to its neighbours, so
that work grows with the texts and not with their pairs. Every proposed pair is then counted over all its shingles; what
the links show to be one story is completed pair by pair, up to `Params.viral_size` texts.

Texts are taken in an order made of their content, so the result is a function of the set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.errors import Cancelled
from derive.furniture import Learned, Outline, learn
from derive.groups import Groups
from derive.lexer import authored, last_words, lex, outline, rules
from derive.model import Document
from derive.params import Params

if TYPE_CHECKING:
    import pandas
    import pyarrow

Progress = Callable[[str, int, int], bool | None]
"""Called with (stage, done, of how many); returning False stops the work with `Cancelled`."""

FEW = 16
"""Texts up to which a sampled shingle pairs them all."""
NEIGHBOURS = 3
"""Texts next in order to which a shingle in more texts links each."""
AT_LEAST = 8
"""Sampled shingles that a pair at the threshold shares, if its smaller text has `SMALL` of them."""
SMALL = 100
WORTH_REPORTING = 2_000
"""Texts between two reports of progress."""


@dataclass(frozen=True, slots=True)
class PairTable:
    """Verified pairs as columns; `a` and `b` are positions in what was given (a < b), rows in order of (a, b)."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    containment_of_a_in_b: NDArray[np.float64]
    containment_of_b_in_a: NDArray[np.float64]
    resemblance: NDArray[np.float64]
    columns: tuple[str, ...] = field(
        default=("a", "b", "containment_of_a_in_b", "containment_of_b_in_a", "resemblance"), repr=False
    )

    def __len__(self) -> int:
        return len(self.a)

    def _dict(self) -> dict[str, NDArray[np.generic]]:
        return {name: getattr(self, name) for name in self.columns}

    def to_pandas(self) -> pandas.DataFrame:
        """A `pandas.DataFrame` of the columns (needs pandas)."""
        import pandas

        return pandas.DataFrame(self._dict())

    def to_arrow(self) -> pyarrow.Table:
        """A `pyarrow.Table` of the columns (needs pyarrow)."""
        import pyarrow

        return pyarrow.table(self._dict())


def find_pairs(
    documents: Iterable[Document | str],
    *,
    min_containment: float = 0.1,
    all_pairs: bool = False,
    params: Params | None = None,
    progress: Progress | None = None,
) -> PairTable:
    """Every pair whose larger containment reaches `min_containment`, counted exactly.

    `all_pairs` lists every pair of a viral story, too, whatever it costs; without it a story of more than
    `Params.viral_size` copies lists a bounded number of pairs a member.
    """
    params = params or Params()
    given = documents if isinstance(documents, Sequence) else list(documents)
    texts = _read(given, progress)
    groups = _copies(texts)
    found = _Counter(texts, groups, params, min_containment, all_pairs).pairs()
    most = 10**18 if all_pairs else params.viral_size
    inside = _inside(texts, groups, most, params.shingle_size)
    return _table(np.concatenate((_spread(found, groups, most), inside), axis=1), texts)


@dataclass(frozen=True, slots=True)
class _Texts:
    """All texts as numbered words; row k of `starts` and `ends` belongs to text `positions[k]` of what was given."""

    ids: NDArray[np.uint32]
    digests: NDArray[np.uint64]
    positions: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    contents: NDArray[np.uint64]
    informative: NDArray[np.uint32]

    def words(self, k: int) -> NDArray[np.uint32]:
        return self.ids[self.starts[k] : self.ends[k]]


def _read(given: Sequence[Document | str], progress: Progress | None) -> _Texts:
    """Every text lexed, with the furniture that all of them together show, in an order made of their content."""
    lexer = kernel.Lexer(rules(), lex)
    for k, document in enumerate(given):
        if progress is not None and k % WORTH_REPORTING == 0 and progress("read", k, len(given)) is False:
            raise Cancelled(f"stopped while at read, {k} of {len(given)} done")
        lexer.add(*_text(document))
    columns = lexer.columns()
    order = np.lexsort((columns["contents"], columns["outlines"]))
    row = np.arange(len(given))
    plan = outline(columns)
    words = authored(columns)
    learned = learn(_in_order(plan, order), lambda i: words(order[i]), lambda i: last_words(_text(given[order[i]])[0]))
    again = _touched(plan, learned)
    if len(again):
        for n, k in enumerate(again.tolist()):
            lexer.add(*_text(given[k]), learned)
            row[k] = len(given) + n
        columns = lexer.columns()
    row = row[order]
    return _Texts(
        columns["ids"],
        columns["digests"],
        order,
        columns["offsets"][row],
        columns["offsets"][row + 1],
        columns["contents"][row],
        columns["informative"][row],
    )


def _text(document: Document | str) -> tuple[str, str | None]:
    return (document, None) if isinstance(document, str) else (document.text, document.title)


def _in_order(plan: Outline, order: NDArray[np.int64]) -> Outline:
    """The same paragraphs, their texts in another order."""
    lengths = np.diff(plan.offsets)[order]
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    place = np.repeat(plan.offsets[:-1][order] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return Outline(plan.keys[place], plan.sizes[place], plan.covered[place], offsets, plan.tails[order])


def _touched(plan: Outline, learned: Learned) -> NDArray[np.int64]:
    """Texts in which something is furniture that was not seen to be before."""
    texts = np.repeat(np.arange(len(plan.tails)), np.diff(plan.offsets))
    paragraphs = np.array(sorted(learned.paragraphs), dtype=np.uint64)
    endings = np.array(sorted(learned.endings), dtype=np.uint64)
    touched = np.isin(plan.tails, endings)
    touched[texts[np.isin(plan.keys, paragraphs) & (plan.covered == 0)]] = True
    return np.flatnonzero(touched)


def _copies(texts: _Texts) -> list[list[int]]:
    """Rows grouped by their words. Texts without a word to count, or that say one thing over and over, are in no group."""
    rows = np.flatnonzero(texts.informative.astype(bool) & (texts.ends > texts.starts))
    order = rows[np.argsort(texts.contents[rows], kind="stable")]
    again = np.concatenate(([False], texts.contents[order][1:] == texts.contents[order][:-1]))[: len(order)]
    groups: list[list[int]] = []
    for row, may_be_copy in zip(order.tolist(), again.tolist(), strict=True):
        # Equal numbers are not enough: the words themselves decide.
        if may_be_copy and np.array_equal(texts.words(groups[-1][0]), texts.words(row)):
            groups[-1].append(row)
        else:
            groups.append([row])
    return sorted(groups)


class _Counter:
    """Proposes pairs of the first texts of `groups` and counts them: rows (group, group, |A|, |B|, |A∩B|)."""

    def __init__(
        self, texts: _Texts, groups: list[list[int]], params: Params, threshold: float, everything: bool
    ) -> None:
        heads = np.array([g[0] for g in groups], dtype=np.int64)
        self._texts, self._params, self._threshold, self._everything = texts, params, threshold, everything
        self._starts, self._ends = texts.starts[heads], texts.ends[heads]
        self._bits = max(1, len(texts.digests).bit_length())

    def pairs(self) -> NDArray[np.int64]:
        """Every pair that reaches the threshold, in order."""
        found = self._count(*self._proposed())
        if not self._everything:
            small = [m for m in _stories(found[:2], len(self._starts)) if len(m) <= self._params.viral_size]
            found = np.concatenate((found, self._count(*_unknown(small, found[:2]))), axis=1)
        return found

    def _rate(self) -> int:
        """One shingle in so many is in the sample."""
        return max(1, int(SMALL * self._threshold / AT_LEAST))

    def _proposed(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs that share about as much of the sample as the threshold asks for."""
        rate, n = self._rate(), len(self._starts)
        hashes, owners, windows = kernel.sample(
            self._texts.ids,
            self._starts,
            self._ends,
            self._texts.digests,
            self._params.shingle_size,
            (2**64 - 1) // rate,
        )
        bits = max(1, n.bit_length())
        packed = np.sort(hashes << np.uint64(bits) | owners)
        packed = packed[np.concatenate(([True], packed[1:] != packed[:-1]))[: len(packed)]]
        keys = np.sort(kernel.runs(packed, bits, 10**9 if self._everything else FEW, NEIGHBOURS))
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))[: len(keys)])
        counts = np.diff(np.append(first, len(keys)))
        a, b = (keys[first] >> np.uint64(32)).astype(np.int64), (keys[first] & np.uint64(2**32 - 1)).astype(np.int64)
        usual = self._threshold * np.minimum(windows[a], windows[b]) / rate
        # Three standard deviations below what is usual, and half of that, as shingles in many texts count for few pairs.
        enough = counts >= np.maximum(1, np.floor((usual - 3 * np.sqrt(usual)) / 2))
        return a[enough], b[enough]

    def _count(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pairs that reach the threshold, with their figures; columns as in the class's description."""
        order = np.lexsort((b, a))
        a, b = np.ascontiguousarray(a[order]), np.ascontiguousarray(b[order])
        size = self._params.shingle_size
        figures = kernel.shared(self._texts.ids, self._starts, self._ends, a, b, size, self._bits)
        smaller = np.minimum(figures[0], figures[1])
        reached = (figures[2] > 0) & (figures[2] / np.maximum(smaller, 1) >= self._threshold)
        return np.concatenate((a[None], b[None], figures))[:, reached]


def _stories(pairs: NDArray[np.int64], n: int) -> list[list[int]]:
    """What hangs together by these pairs, three or more."""
    groups = Groups(n)
    for i, j in pairs.T.tolist():
        groups.join(i, j)
    members: dict[int, list[int]] = {}
    for i in np.unique(pairs).tolist():
        members.setdefault(groups.find(i), []).append(i)
    return [m for m in members.values() if len(m) > 2]


def _unknown(stories: list[list[int]], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs inside these stories that are not among the known ones."""
    rows = [np.zeros((2, 0), dtype=np.int64)]
    for members in stories:
        i, j = np.triu_indices(len(members), 1)
        place = np.array(members, dtype=np.int64)
        rows.append(np.stack((place[i], place[j])))
    both = np.concatenate(rows, axis=1)
    base = np.int64(2**32)
    return both[:, ~np.isin(both[0] * base + both[1], known[0] * base + known[1])]


def _spread(found: NDArray[np.int64], groups: list[list[int]], most: int) -> NDArray[np.int64]:
    """Pairs of groups as pairs of their texts (rows): all where that makes no more than `most`, else the first texts'."""
    several = np.array([len(g) > 1 for g in groups], dtype=np.bool_)
    heads = np.array([g[0] for g in groups], dtype=np.int64)
    plain = ~(several[found[0]] | several[found[1]])
    rows = [np.concatenate((heads[found[:2, plain]], found[2:, plain]))]
    for i, j, *figures in found[:, ~plain].T.tolist():
        left, right = groups[i], groups[j]
        if len(left) * len(right) > most:
            left, right = left[:1], right[:1]
        rows.append(np.array([(x, y, *figures) for x in left for y in right], dtype=np.int64).T)
    return np.concatenate(rows, axis=1)


def _inside(texts: _Texts, groups: list[list[int]], most: int, size: int) -> NDArray[np.int64]:
    """The pairs inside each group: all, or, where those are too many, the first text with every other."""
    several = [g for g in groups if len(g) > 1]
    if not several:
        return np.zeros((5, 0), dtype=np.int64)
    heads = np.array([g[0] for g in several], dtype=np.int64)
    bits = max(1, len(texts.digests).bit_length())
    sizes = kernel.shared(texts.ids, texts.starts, texts.ends, heads, heads, size, bits)[0]
    rows = []
    for group, n in zip(several, sizes.tolist(), strict=True):
        firsts = group if len(group) ** 2 <= most else group[:1]
        rows += [(x, y, n, n, n) for k, x in enumerate(firsts) for y in group[k + 1 :] if n]
    return np.array(rows, dtype=np.int64).reshape(-1, 5).T


def _table(pairs: NDArray[np.int64], texts: _Texts) -> PairTable:
    """Pairs of rows and their figures, as positions in what was given."""
    a, b = texts.positions[pairs[0]], texts.positions[pairs[1]]
    of_a, of_b, both = pairs[2:]
    swap = a > b
    a, b = np.where(swap, b, a), np.where(swap, a, b)
    of_a, of_b = np.where(swap, of_b, of_a), np.where(swap, of_a, of_b)
    order = np.lexsort((b, a))
    shares = (both / of_a, both / of_b, both / (of_a + of_b - both))
    return PairTable(a[order], b[order], *(np.round(s[order], 4) for s in shares))
