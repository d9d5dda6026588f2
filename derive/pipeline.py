"""The method, in order: read this first.

    documents -> learn furniture -> prepare (clean, normalise) -> shingle -> copies, families, candidates
              -> measure -> reuse -> align -> direction -> lineage

`examine` runs the stages up to the judged pairs; `scan` draws the lineage from them; `compare` judges two texts alone;
`find_pairs` stops at the figures. Each stage is a module of the same name and can be called by itself. The result is a
function of the set of documents: neither their order nor the number of jobs changes a byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from derive.align import align
from derive.candidates import candidate_pairs, copies, fact_pairs, families, spread
from derive.clean import headline
from derive.dates import Time, read_time
from derive.direction import Pair, decide, regime
from derive.errors import Cancelled, InputError
from derive.facts import FactTable
from derive.groups import Groups
from derive.holders import Holders
from derive.lexer import learn_from
from derive.lineage import Judged, draw
from derive.measure import Measured, measure, retells, reuse, stands_out
from derive.model import Comparison, Direction, Document, Lineage, Passage, Prepared, Shingled, Skipped, Tally, Witness
from derive.params import Params
from derive.prepare import prepare
from derive.retold import retold
from derive.shingle import Vocabulary

if TYPE_CHECKING:
    pass

Progress = Callable[[str, int, int], bool | None]
"""Called with (stage, done, of how many); returning False stops the work with `Cancelled`."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A collection with every candidate pair judged: all that a lineage is drawn from. Pairs are positions (i < j)."""

    documents: tuple[Shingled, ...]
    times: tuple[Time | None, ...]
    copies: tuple[tuple[int, ...], ...]
    pairs: dict[tuple[int, int], Judged]
    candidates: int
    notes: tuple[str, ...]
    asked: frozenset[tuple[int, int]] = frozenset()
    """The pairs that were judged because somebody asked, not because they were candidates."""


def scan(
    documents: Iterable[Document],
    *,
    params: Params | None = None,
    skipped: Sequence[Skipped] = (),
    declared: Iterable[tuple[str, str]] = (),
    progress: Progress | None = None,
    jobs: int = 1,
) -> Lineage:
    """The lineage of a collection.

    `skipped` is what the reader could not read; it is handed on. `declared` are (source id, target id) that an editor knows.
    `jobs` is the number of processes that prepare the texts. Raises `InputError` for two documents with one id,
    `Cancelled` when `progress` says so.
    """
    params = params or Params()
    examined = examine(documents, params=params, progress=progress, jobs=jobs)
    return lineage_of(examined, params, skipped=skipped, declared=declared, progress=progress)


def lineage_of(
    examined: Examined,
    params: Params,
    *,
    skipped: Sequence[Skipped] = (),
    declared: Iterable[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> Lineage:
    """The lineage drawn from judged pairs; arguments as in `scan`."""
    shingled = examined.documents
    drawn = draw(
        shingled,
        examined.copies,
        examined.pairs,
        examined.times,
        _declared(shingled, declared),
        params,
    )
    report = _reporter(progress, "align", len(examined.pairs))
    comparisons = []
    for done, ((i, j), judged) in enumerate(sorted(examined.pairs.items())):
        report(done)
        if judged.pair.reuse != "none":
            comparisons.append(_comparison(judged.pair, drawn.directions[i, j], judged.pair.measured))
    copy_of = {v: shingled[g[0]].id for g in examined.copies for v in g[1:]}
    return Lineage(
        documents=tuple(
            _witness(d, t, copy_of.get(k)) for k, (d, t) in enumerate(zip(shingled, examined.times, strict=True))
        ),
        comparisons=tuple(sorted(comparisons, key=lambda c: (c.a, c.b))),
        edges=drawn.edges,
        links=drawn.links,
        roots=drawn.roots,
        unseen_sources=drawn.unseen_sources,
        origins=drawn.origins,
        skipped=tuple(skipped),
        tally=_tally(examined, copy_of, comparisons),
        notes=examined.notes + drawn.notes,
        params=params,
    )


def examine(
    documents: Iterable[Document],
    *,
    params: Params | None = None,
    also: Iterable[tuple[str, str]] = (),
    search: bool = True,
    progress: Progress | None = None,
    jobs: int = 1,
) -> Examined:
    """Every stage up to the judged pairs.

    `also` are pairs of ids that are judged whether they are candidates or not; without `search` they are the only ones.
    """
    params = params or Params()
    given = sorted(documents, key=lambda d: d.id)
    _refuse_twins(given)

    prepared = prepare_all(given, params, progress, jobs)
    vocabulary = Vocabulary(prepared, params.shingle_size)
    shingled = tuple(vocabulary.shingle(p) for p in prepared)
    times, notes = _times(given)

    same = copies(shingled)
    heads = [shingled[g[0]] for g in same]
    folded = families(heads, params)
    family = {m: folded.find(k) for k, g in enumerate(same) for m in g}
    holders = Holders(heads, folded.members())
    proposed = _proposed(heads, same, prepared, params) if search else []
    place = {d.id: k for k, d in enumerate(given)}
    asked = {(min(place[a], place[b]), max(place[a], place[b])) for a, b in also}

    report = _reporter(progress, "compare", len(proposed))
    counted: dict[tuple[int, int], Measured] = {}
    for done, (i, j) in enumerate(sorted({*proposed, *asked})):
        report(done)
        counted[i, j] = measure(shingled[i], shingled[j], None, holders, {family[i], family[j]})
    # What shares text is one story: only then can facts be judged against the event's other stories.
    stories = Groups(len(given))
    for i, j in [*((g[0], v) for g in same for v in g), *(p for p, m in counted.items() if reuse(m, params) == "text")]:
        stories.join(i, j)
    table = FactTable(
        prepared, [family[i] for i in range(len(given))], [stories.find(i) for i in range(len(given))], times
    )
    pairs: dict[tuple[int, int], Judged] = {}
    for (i, j), measured in counted.items():
        exclusive = tuple(table.exclusive(i, j))
        told = replace(measured, facts=table.compare(i, j))
        pair = _pair(told, (times[i], times[j]), exclusive, params, table.kept(i, j))
        pairs[i, j] = Judged(pair, decide(pair))
    by_request = frozenset(asked.difference(proposed))
    return Examined(shingled, times, tuple(tuple(g) for g in same), pairs, len(proposed), notes, by_request)


def _proposed(
    heads: Sequence[Shingled], same: list[list[int]], prepared: Sequence[Prepared], params: Params
) -> list[tuple[int, int]]:
    """The pairs worth comparing: by shared words, and by shared names and figures."""
    facts = FactTable([prepared[g[0]] for g in same], range(len(same)))
    by_facts = fact_pairs([facts.facts(k) for k in range(len(same))])
    return spread(sorted({*candidate_pairs(heads, params), *by_facts}), same, params.viral_size)


def explain(
    documents: Sequence[Document], a: str, b: str, *, params: Params | None = None
) -> tuple[Comparison, Witness, Witness]:
    """The pair of ids as the whole collection judges it, related or not, with both witnesses.

    Two documents that are the whole collection are judged alone. Raises `InputError` if `a` and `b` are one document.
    """
    params = params or Params()
    if a == b:
        raise InputError(f"{a!r} is compared with itself: name two articles")
    examined = examine(documents, params=params, also=[(a, b)])
    place = {d.id: k for k, d in enumerate(examined.documents)}
    declared = _declared(examined.documents, ())
    drawn = draw(examined.documents, examined.copies, examined.pairs, examined.times, declared, params)
    i, j = sorted((place[a], place[b]))
    pair = examined.pairs[i, j].pair
    left, right = (_witness(examined.documents[k], examined.times[k], None) for k in (i, j))
    return _comparison(pair, drawn.directions[i, j], pair.measured), left, right


def compare(a: Document | str, b: Document | str, *, params: Params | None = None) -> Comparison:
    """Two texts judged alone: no collection says what is rare, so facts are not judged against an event.

    >>> pair = compare("The dam leaked on Monday night.", "On Monday night the dam leaked on.")
    >>> pair.reuse
    'text'
    """
    params = params or Params()
    left = a if isinstance(a, Document) else Document("a", a)
    right = b if isinstance(b, Document) else Document("b", b)
    prepared = [prepare(d, shingle_size=params.shingle_size) for d in (left, right)]
    vocabulary = Vocabulary(prepared, params.shingle_size)
    x, y = (vocabulary.shingle(p) for p in prepared)
    table = FactTable(prepared, [0, 1])
    measured = measure(x, y, table.compare(0, 1))
    times, _ = _times([left, right])
    pair = _pair(measured, (times[0], times[1]), (), params, table.kept(0, 1))
    return _comparison(pair, decide(pair), measured)


WORTH_A_PROCESS = 500
"""Documents from which on a second process pays for its start."""


def prepare_all(
    documents: Sequence[Document], params: Params, progress: Progress | None = None, jobs: int = 1
) -> list[Prepared]:
    """Every document prepared, with the furniture that the collection as a whole shows."""
    one = partial(prepare, learned=learn_from(documents), shingle_size=params.shingle_size)
    report = _reporter(progress, "prepare", len(documents))
    if jobs == 1 or len(documents) < WORTH_A_PROCESS:
        return list(_counted(map(one, documents), report))
    with ProcessPoolExecutor(jobs) as pool:
        return list(_counted(pool.map(one, documents, chunksize=64), report))


def _counted(prepared: Iterable[Prepared], report: Callable[[int], None]) -> Iterator[Prepared]:
    for done, p in enumerate(prepared):
        report(done)
        yield p


# -- small parts


def _pair(
    m: Measured,
    times: tuple[Time | None, Time | None],
    exclusive: tuple[str, ...],
    params: Params,
    kept: tuple[float, float],
) -> Pair:
    kind = reuse(m, params)
    return Pair(m, kind, times, exclusive, () if kind == "none" else passages_of(m, params), params, kept)


def passages_of(m: Measured, params: Params) -> tuple[Passage, ...]:
    """The passages of a measured pair; what is retold in other words only where it is sure that something is."""
    stretches = retold(m.a.prepared, m.b.prepared, authored=False) if retells(m, params) else []
    if m.dense and stands_out(m) and not any(s.meets(m.dense.stretch) for s in stretches):
        stretches.append(m.dense.stretch)
    return align(m.a, m.b, list(m.runs), stretches)


def _comparison(pair: Pair, direction: Direction, m: Measured) -> Comparison:
    return Comparison(
        m.a.id,
        m.b.id,
        m.containment_of_a_in_b,
        m.containment_of_b_in_a,
        m.resemblance,
        pair.reuse,
        m.facts,
        pair.passages or passages_of(m, pair.params),
        replace(
            direction,
            regime=regime(m),
            evidence=tuple(replace(e, log_odds=round(e.log_odds, 2)) for e in direction.evidence),
        ),
    )


def _witness(d: Shingled, time: Time | None, copies_of: str | None) -> Witness:
    p = d.prepared
    document = p.document
    return Witness(
        document.id,
        document.path,
        headline(document),
        time.text if time else None,
        document.source,
        len(p.words),
        p.sha256,
        p.flags,
        p.exclusions,
        copies_of,
        document.text,
    )


def _refuse_twins(documents: Sequence[Document]) -> None:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(f"two documents have the id {document.id!r}: give each its own")
        seen.add(document.id)


def _times(documents: Sequence[Document]) -> tuple[tuple[Time | None, ...], tuple[str, ...]]:
    """When each was published, as far as that can be believed, and a note where it cannot."""
    times: list[Time | None] = []
    notes: list[str] = []
    for document in documents:
        time, reason = read_time(document.published)
        changed, _ = read_time(document.modified)
        if time and changed and changed.latest < time.earliest:
            reason = f"it says it was changed ({changed.text}) before it was published ({time.text})"
            time = None
        if reason:
            notes.append(f"{document.id}: its date is not used: {reason}")
        times.append(time)
    return tuple(times), tuple(notes)


def _declared(documents: Sequence[Shingled], edges: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    """Declared edges as positions: those given, and those that articles declare by id or URL."""
    place: dict[str, int] = {}
    for k, d in enumerate(documents):
        for name in (d.prepared.document.url, d.id):
            if name:
                place[name] = k
    own = [(source, d.id) for d in documents for source in d.prepared.document.derived_from]
    return [(place[s], place[t]) for s, t in [*edges, *own] if s in place and t in place and s != t]


def _tally(examined: Examined, copy_of: dict[int, str], comparisons: list[Comparison]) -> Tally:
    nothing = [
        (max(m.containment_of_a_in_b, m.containment_of_b_in_a), m.a.id, m.b.id)
        for m in (judged.pair.measured for judged in examined.pairs.values() if judged.pair.reuse == "none")
    ]
    closest = max(nothing, key=lambda row: (row[0], row[1], row[2]), default=None)
    return Tally(
        len(examined.documents),
        len(copy_of),
        examined.candidates,
        len(examined.pairs),
        len(comparisons),
        (closest[1], closest[2], closest[0]) if closest else None,
    )


def _reporter(progress: Progress | None, stage: str, total: int) -> Callable[[int], None]:
    """A function that reports every so often and raises `Cancelled` when asked to stop."""
    step = max(1, total // 100)

    def report(done: int) -> None:
        if progress is not None and done % step == 0 and progress(stage, done, total) is False:
            raise Cancelled(f"stopped while at {stage}, {done} of {total} done")

    return report
