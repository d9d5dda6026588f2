"""Many texts -> every pair that shares enough, counted exactly: `find_pairs`, without passages, direction or lineage.

    lex -> learn furniture, settle what leaves the count -> copies folded -> sample of shingles -> join -> count

Texts are read once, a few at a time, and only their words' numbers are kept.

A pair is proposed by the shingles that both texts have among those with a small public hash (Broder's min-wise sampling in
its fixed-rate form, "FracMinHash": Irber et al. 2022), one in `_rate`. A sampled shingle that stands in few texts pairs
them all; one in many, boilerplate or a story told everywhere, links each of its texts to a hub and to its neighbours, so
that work grows with the texts and not with their pairs. Every proposed pair is then counted over all its shingles; what
the links show to be one story is completed pair by pair, up to `Params.viral_size` texts.

Texts are taken in an order made of their content, so the result is a function of the set.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from derive import kernel
from derive.errors import Cancelled
from derive.groups import Groups
from derive.kernel.reference import DENSE, authored
from derive.lexer import learned_of, lex, rules, settle
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
DEVIATIONS = 3
"""Standard deviations below what is usual at the threshold, within which a sample is taken to reach it."""
PART, MOST_PARTS = 1 << 19, 8
"""Sampled shingles that are joined at once, about; parts into which the texts are cut for that at most."""
SLICE = 1 << 17
"""Numbers that are worked on at once where each makes several."""
AT_ONCE = 50_000
"""Texts or pairs between two reports of progress."""
BATCH = 2_000_000
"""Characters that are read at once."""
NO_WORDS = np.uint64(0xEF46DB3751D8E999)
"""The number made of no words (XXH64 of nothing)."""


NONE = np.zeros(0, dtype=np.uint64)
Part = TypeVar("Part")


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
    jobs: int = 1,
) -> PairTable:
    """Every pair whose larger containment reaches `min_containment`, counted exactly.

    `documents` may be an iterator: each is looked at once and not kept. `jobs` threads do the work with the compiled
    kernel, to the same result. `all_pairs` lists every pair of a viral story, too, whatever it costs; without it a story of
    more than `Params.viral_size` copies lists a bounded number of pairs a member.
    """
    params = params or Params()
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        work = _Work(pool, max(1, jobs) if kernel.name == "native" else 1, progress)
        texts = _read(documents, work)
        groups = _Groups(texts)
        found = _Counter(texts, groups, params, min_containment, all_pairs, work).pairs()
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
        return authored(self.ids[self.starts[k] : self.ends[k]])


@dataclass(frozen=True, slots=True)
class _Work:
    """Who does it, and who is told of it."""

    pool: ThreadPoolExecutor
    jobs: int
    progress: Progress | None

    def report(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None and self.progress(stage, done, total) is False:
            raise Cancelled(f"stopped while at {stage}, {done} of {total} done")

    def in_parts(self, stage: str, n: int, one: Callable[[slice], Part]) -> list[Part]:
        """What `one` makes of 0..n, part by part, in order; several at once where there are several jobs."""
        found: list[Part] = []
        parts = [slice(k, min(k + AT_ONCE, n)) for k in range(0, n, AT_ONCE)]
        for k in range(0, len(parts), self.jobs):
            self.report(stage, parts[k].start, n)
            found += self.pool.map(one, parts[k : k + self.jobs])
        return found


def _lexed(documents: Iterable[Document | str], work: _Work) -> dict[str, NDArray[Any]]:
    """Every text's words and paragraphs. Several lexers read in turn, and one takes what they have read, in order."""
    total = len(documents) if isinstance(documents, Sized) else 0
    whole = kernel.Lexer(rules(), lex)
    idle = [kernel.Lexer(rules(), lex) for _ in range(work.jobs)] if work.jobs > 1 else []
    busy: deque[tuple[kernel.Lexer, Future[None]]] = deque()

    def take() -> None:
        lexer, done = busy.popleft()
        done.result()
        whole.take(lexer)
        idle.append(lexer)

    for batch in _batches(documents):
        work.report("read", len(whole), max(total, len(whole)))
        if work.jobs == 1:
            whole.add(*zip(*batch, strict=True))
            continue
        if not idle:
            take()
        lexer = idle.pop()
        busy.append((lexer, work.pool.submit(lexer.add, *zip(*batch, strict=True))))
    while busy:
        take()
    return dict(whole.columns())


def _read(documents: Iterable[Document | str], work: _Work) -> _Texts:
    """Every text lexed, with what all of them together show to be furniture, in an order made of their content."""
    columns = _lexed(documents, work)
    rank = np.empty(len(columns["outlines"]), dtype=np.int64)
    rank[np.argsort(columns["outlines"], kind="stable")] = np.arange(len(rank))
    settle(columns, learned_of(columns, rank))
    starts, ends = columns["offsets"][:-1], columns["offsets"][1:]

    def contents_of(part: slice) -> NDArray[np.uint64]:
        words = columns["ids"], starts[part], ends[part], columns["digests"]
        return np.asarray(kernel.contents(*words), dtype=np.uint64)

    contents = np.concatenate([NONE, *work.in_parts("fold copies", len(starts), contents_of)])
    order = np.lexsort((contents, columns["outlines"]))
    return _Texts(
        columns["ids"],
        columns["digests"],
        order,
        starts[order],
        ends[order],
        contents[order],
        columns["informative"][order],
    )


def _batches(documents: Iterable[Document | str]) -> Iterator[list[tuple[str, str | None]]]:
    """Texts with their titles, a few at a time, so that no more than that of what is made on the way is kept."""
    batch: list[tuple[str, str | None]] = []
    size = 0
    for document in documents:
        batch.append((document, None) if isinstance(document, str) else (document.text, document.title))
        size += len(batch[-1][0])
        if size > BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Groups:
    """Texts (rows) grouped by their words. Texts without a word to count, or that say one thing over and over, are in none."""

    def __init__(self, texts: _Texts) -> None:
        rows = np.flatnonzero(texts.informative.astype(bool) & (texts.contents != NO_WORDS))
        rows = rows[np.argsort(texts.contents[rows], kind="stable")]
        contents = texts.contents[rows]
        again = np.concatenate(([False], contents[1:] == contents[:-1]))[: len(rows)]
        copies: dict[int, list[int]] = {}
        head = -1
        for k in np.flatnonzero(again).tolist():
            # Equal numbers are not enough: the words themselves decide.
            head = head if head >= 0 and again[k - 1] else int(rows[k - 1])
            if np.array_equal(texts.words(head), texts.words(int(rows[k]))):
                copies.setdefault(head, [head]).append(int(rows[k]))
            else:
                again[k] = False
                head = int(rows[k])
        self.heads = np.sort(rows[~again])
        """The first row of each group."""
        self.several = {int(np.searchsorted(self.heads, head)): rows for head, rows in copies.items()}
        """The rows of each group that has more than one."""

    def __getitem__(self, group: int) -> list[int]:
        return self.several.get(group) or [int(self.heads[group])]


class _Counter:
    """Proposes pairs of the first texts of `groups` and counts them: rows (group, group, |A|, |B|, |A∩B|)."""

    def __init__(
        self, texts: _Texts, groups: _Groups, params: Params, threshold: float, everything: bool, work: _Work
    ) -> None:
        heads = groups.heads
        self._work = work
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

    def _proposed(self) -> NDArray[np.int64]:
        """Pairs that share about as much of the sample as the threshold asks for."""
        rate, n = rate_of(self._threshold), len(self._starts)
        bits, below = max(1, n.bit_length()), (2**64 - 1) // rate
        words = self._texts.ids, self._starts, self._ends, self._texts.digests
        packed, windows = kernel.sample(*words, self._params.shingle_size, bits, below)
        packed.sort()
        packed = kernel.distinct(packed)
        rare = 10**9 if self._everything else FEW
        crowd = kernel.crowds(packed, bits, rare)
        dense = below > DENSE
        # As many as it has at most, where those in one text alone are gone.
        own = windows / rate if dense else _sizes(packed, bits, n)
        proposed = [np.zeros((2, 0), dtype=np.int64)]
        parts = min(MOST_PARTS, 1 + len(packed) // PART)
        for k in range(parts):
            self._work.report("join", k * n // parts, n)
            keys = kernel.runs(packed, bits, rare, NEIGHBOURS, crowd, k * n // parts, (k + 1) * n // parts)
            keys.sort()
            proposed += [self._enough(some, own, crowd, dense) for some in _slices(keys)]
        return np.concatenate(proposed, axis=1)

    def _enough(
        self, keys: NDArray[np.uint64], own: NDArray[Any], crowd: NDArray[np.int64], dense: bool
    ) -> NDArray[np.int64]:
        """The pairs whose shared shingles in the sample are as many as the threshold asks for, or nearly."""
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        counts, keys = np.diff(np.append(first, len(keys))), keys[first]
        a, b = (keys >> np.uint64(32)).astype(np.int64), (keys & np.uint64(2**32 - 1)).astype(np.int64)
        kept = enough(counts, np.minimum(own[a], own[b]), np.minimum(crowd[a], crowd[b]), self._threshold, dense)
        return np.stack((a[kept], b[kept]))

    def _count(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        """The pairs that reach the threshold, with their figures; columns as in the class's description."""
        order = np.lexsort((b, a))
        a, b = np.ascontiguousarray(a[order]), np.ascontiguousarray(b[order])

        def shared(part: slice) -> NDArray[np.int64]:
            words = self._texts.ids, self._starts, self._ends
            found = kernel.shared(*words, a[part], b[part], self._params.shingle_size, self._bits)
            return np.asarray(found, dtype=np.int64)

        none = np.zeros((3, 0), dtype=np.int64)
        figures = np.concatenate([none, *self._work.in_parts("count", len(a), shared)], axis=1)
        smaller = np.minimum(figures[0], figures[1])
        reached = (figures[2] > 0) & (figures[2] / np.maximum(smaller, 1) >= self._threshold)
        return np.concatenate((a[None], b[None], figures))[:, reached]


def rate_of(threshold: float) -> int:
    """One shingle in so many is in the sample."""
    return max(1, int(SMALL * threshold / AT_LEAST))


def enough(
    counts: NDArray[np.int64], own: NDArray[Any], crowd: NDArray[np.int64], threshold: float, dense: bool
) -> NDArray[np.bool_]:
    """Of pairs: do they share so much of the sample as the threshold asks for, or nearly?

    `own` is the smaller text's part of the sample, `crowd` the smaller number of shingles that stand in many texts.
    """
    usual = threshold * own
    least = usual - DEVIATIONS * np.sqrt(usual * (1 - threshold))
    # Shingles in many texts count for few pairs: as many as both have may be missing, but no more than half.
    missing = least / 2 if dense else np.minimum(least / 2, crowd)
    return np.asarray(counts >= np.maximum(1, np.floor(least - missing)), dtype=np.bool_)


def _sizes(packed: NDArray[np.uint64], bits: int, n: int) -> NDArray[np.int64]:
    """Of each text the distinct shingles in the sample."""
    sizes = np.zeros(n, dtype=np.int64)
    step = max(SLICE, n)
    for k in range(0, len(packed), step):
        owners = packed[k : k + step] & np.uint64((1 << bits) - 1)
        sizes += np.bincount(owners.astype(np.int64), minlength=n)
    return sizes


def _slices(keys: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
    """Sorted numbers a part at a time, equal ones together, so that what is made of them stays small."""
    low = 0
    while low < len(keys):
        high = int(np.searchsorted(keys, keys[min(low + SLICE, len(keys)) - 1], side="right"))
        yield keys[low:high]
        low = high


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


def _spread(found: NDArray[np.int64], groups: _Groups, most: int) -> NDArray[np.int64]:
    """Pairs of groups as pairs of their texts (rows): all where that makes no more than `most`, else the first texts'."""
    heads = groups.heads
    several = np.zeros(len(heads), dtype=np.bool_)
    several[list(groups.several)] = True
    plain = ~(several[found[0]] | several[found[1]])
    rows = [np.concatenate((heads[found[:2, plain]], found[2:, plain]))]
    for i, j, *figures in found[:, ~plain].T.tolist():
        left, right = groups[i], groups[j]
        if len(left) * len(right) > most:
            left, right = left[:1], right[:1]
        rows.append(np.array([(x, y, *figures) for x in left for y in right], dtype=np.int64).T)
    return np.concatenate(rows, axis=1)


def _inside(texts: _Texts, groups: _Groups, most: int, size: int) -> NDArray[np.int64]:
    """The pairs inside each group: all, or, where those are too many, the first text with every other."""
    several = list(groups.several.values())
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
