"""The method, in order: read this first.

    documents -> versions -> learn furniture -> prepare (clean, normalise) -> shingle -> copies, families, candidates
              -> measure -> reuse -> align -> direction -> lineage

`examine` runs the stages up to the judged pairs; `scan` draws the lineage from them; `compare` judges two texts alone;
`find_pairs` stops at the figures. Each stage is a module of the same name and can be called by itself. The result is a
function of the set of documents: neither their order nor the number of jobs changes a byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from derive.align import align
from derive.brought import with_shares
from derive.bulk import prepare_all
from derive.candidates import candidate_pairs, copies, fact_pairs, families, spread
from derive.dates import Time, order, read_time
from derive.direction import Pair, decide
from derive.errors import Cancelled, InputError
from derive.facts import DENSE, FactTable
from derive.furniture import Learned
from derive.groups import Groups
from derive.holders import Holders
from derive.lexer import learn_from
from derive.lineage import draw
from derive.measure import Measured, measure, retells, reuse, stands_out
from derive.model import (
    Comparison,
    Direction,
    Document,
    Evidence,
    Lineage,
    Passage,
    Shingled,
    Skipped,
    Tally,
    Witness,
)
from derive.nearest import worth_judging
from derive.params import Params
from derive.prepare import prepare
from derive.processes import in_processes
from derive.retold import retold
from derive.shelf import Findable, Packed, Shelf
from derive.shingle import Vocabulary
from derive.sift import Sieve
from derive.trees import Judged
from derive.versions import chains, named, version_time

Progress = Callable[[str, int, int], bool | None]
"""Called with (stage, done, of how many); returning False stops the work with `Cancelled`."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A collection with every candidate pair judged: all that a lineage is drawn from. Pairs are positions (i < j)."""

    documents: Shelf
    times: tuple[Time | None, ...]
    copies: tuple[tuple[int, ...], ...]
    pairs: dict[tuple[int, int], Judged]
    candidates: int
    notes: tuple[str, ...]
    unrelated: dict[tuple[int, int], int] = field(default_factory=dict)
    """Candidates that a glance was enough for, and how many shingles they share (`derive.sift`)."""
    asked: frozenset[tuple[int, int]] = frozenset()
    """The pairs that were judged because somebody asked, not because they were candidates."""
    versions: dict[int, int] = field(default_factory=dict)
    """Position of an earlier version -> that of the article's latest text."""
    updates: tuple[tuple[int, int], ...] = ()
    """Arrows between the versions of one address."""
    phrases: NDArray[np.int64] | None = None
    """Codes of the phrases of a whole collection, of which these documents are a part (`derive.stories`)."""


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
    drawn = draw(
        examined.documents,
        examined.documents.ids,
        examined.copies,
        examined.pairs,
        examined.times,
        [*examined.updates, *_declared(examined, declared)],
        params,
        examined.unrelated,
        examined.phrases,
    )
    report = _reporter(progress, "align", len(examined.pairs))
    comparisons = []
    for done, ((i, j), judged) in enumerate(sorted(examined.pairs.items())):
        report(done)
        if judged.pair.reuse != "none":
            comparisons.append(_comparison(judged.pair, drawn.directions[i, j], judged.pair.measured))
    copy_of = _copy_of(examined)
    witnesses = tuple(_witness(examined, k, copy_of.get(k)) for k in range(len(examined.documents)))
    edges, comparisons = with_shares({w.id: w for w in witnesses}, drawn.edges, comparisons)
    return Lineage(
        documents=witnesses,
        comparisons=tuple(sorted(comparisons, key=lambda c: (c.a, c.b))),
        edges=edges,
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
    given = sorted(named(documents), key=lambda d: d.id)
    _refuse_twins(given)

    shelf = Shelf(params)
    for packed in _prepared(given, shelf.vocabulary, params, progress, jobs):
        shelf.add(packed)
    articles, updates = chains(given, lambda i, j: share_words(shelf[i], shelf[j], params))
    times, notes = times_of(given)
    for article in articles:
        for k in article[1:]:
            times[k] = version_time(given[k]) or times[k]

    same = copies(shelf)
    heads = [g[0] for g in same]
    folded = families(shelf, heads, params.bands)
    shelf.forget_sketches()
    _fold_versions(folded, same, articles)
    family = {m: folded.find(k) for k, g in enumerate(same) for m in g}
    proposed = _proposed(shelf, same, params) if search else []
    proposed = worth_judging(proposed, [s.open for s in shelf.sets], times, family)
    common = shelf.commonplaces(heads, [family[k] for k in heads])
    holders = Holders([shelf.sets[k].open for k in heads], folded.members(), common)
    place = {d.id: k for k, d in enumerate(given)}
    asked = {(min(place[a], place[b]), max(place[a], place[b])) for a, b in also}

    turn = {k: (n, t) for n, article in enumerate(articles) for t, k in enumerate(article)}
    unrelated = _sifted(shelf, [p for p in proposed if p not in asked], params, progress)
    counted = _measured(
        shelf, [p for p in sorted({*proposed, *asked}) if p not in unrelated], holders, family, progress, jobs
    )
    # What shares text is one story: only then can facts be judged against the event's other stories.
    stories = Groups(len(given))
    for i, j in [*((g[0], v) for g in same for v in g), *(p for p, f in counted.items() if reuse(f, params) == "text")]:
        stories.join(i, j)
    table = FactTable(
        [s.facts for s in shelf.sets],
        shelf.vocabulary.words,
        [family[i] for i in range(len(given))],
        [stories.find(i) for i in range(len(given))],
        times,
    )
    questions = []
    for (i, j), figures in counted.items():
        told = replace(figures, facts=table.compare(i, j))
        if len(given) > DENSE and (i, j) not in asked and reuse(told, params) == "none":
            unrelated[i, j] = told.shared
            continue
        version = update(given, turn, i, j)
        exclusive = tuple(table.exclusive(i, j))
        questions.append(Question(i, j, told, (times[i], times[j]), exclusive, table.kept(i, j), version))
    pairs = _judged(shelf, questions, params, progress, jobs)
    latest = {k: article[-1] for article in articles for k in article[:-1]}
    copied = tuple(tuple(g) for g in same)
    by_request = frozenset(asked.difference(proposed))
    return Examined(
        shelf, tuple(times), copied, pairs, len(proposed), notes, unrelated, by_request, latest, tuple(updates)
    )


@dataclass(frozen=True, slots=True)
class Question:
    """All that is known of a pair but its passages and its direction."""

    i: int
    j: int
    measured: Measured
    times: tuple[Time | None, Time | None]
    exclusive: tuple[str, ...]
    kept: tuple[float, float]
    version: tuple[Evidence, ...]


def _measured(
    shelf: Shelf,
    places: Sequence[tuple[int, int]],
    holders: Holders,
    family: Mapping[int, int],
    progress: Progress | None,
    jobs: int,
) -> dict[tuple[int, int], Measured]:
    """The figures of pairs, in order, without the pairs' documents."""
    report = _reporter(progress, "compare", len(places))
    found: dict[tuple[int, int], Measured] = {}
    for some in in_processes(
        _measure_some, (shelf, places, holders, family), _chunks(len(places)), _worth(len(places), jobs)
    ):
        for measured in some:
            report(len(found))
            found[places[len(found)]] = measured
    return found


def _measure_some(
    shared: tuple[Shelf, Sequence[tuple[int, int]], Holders, Mapping[int, int]], chunk: range
) -> list[Measured]:
    shelf, places, holders, family = shared
    found = []
    for i, j in (places[k] for k in chunk):
        measured = measure(shelf[i], shelf[j], None, holders, {family[i], family[j]})
        found.append(replace(measured, a=_nobody(), b=_nobody()))
    return found


@cache
def _nobody() -> Shingled:
    """Stands for a document where only the figures of a pair travel."""
    return Vocabulary(1).shingle(prepare(Document("", "")))


def _judged(
    shelf: Shelf, questions: Sequence[Question], params: Params, progress: Progress | None, jobs: int
) -> dict[tuple[int, int], Judged]:
    """The passages and the direction of pairs, in order."""
    report = _reporter(progress, "judge", len(questions))
    found: dict[tuple[int, int], Judged] = {}
    for some in in_processes(
        _judge_some, (shelf, questions, params), _chunks(len(questions)), _worth(len(questions), jobs)
    ):
        for passages, direction in some:
            report(len(found))
            q = questions[len(found)]
            found[q.i, q.j] = Judged(pair_of(shelf, q, params, passages), direction)
    return found


def _judge_some(
    shared: tuple[Shelf, Sequence[Question], Params], chunk: range
) -> list[tuple[tuple[Passage, ...], Direction]]:
    shelf, questions, params = shared
    found = []
    for q in (questions[k] for k in chunk):
        pair = pair_of(shelf, q, params)
        found.append((pair.passages, decide(pair, q.version)))
    return found


def pair_of(shelf: Shelf, q: Question, params: Params, passages: tuple[Passage, ...] | None = None) -> Pair:
    """The pair of a question; its passages are looked for if they are not given."""
    measured = replace(q.measured, a=shelf[q.i], b=shelf[q.j])
    kind = reuse(measured, params)
    if passages is None:
        passages = () if kind == "none" else passages_of(measured, params)
    return Pair(measured, kind, q.times, q.exclusive, passages, params, q.kept)


def _sifted(
    documents: Shelf, proposed: Sequence[tuple[int, int]], params: Params, progress: Progress | None
) -> dict[tuple[int, int], int]:
    """The candidates that are surely no reuse, with the shingles that they share.

    In a small collection nothing is left out: there names and figures are judged too, and they need the whole pair.
    """
    if len(documents) <= DENSE:
        return {}
    report = _reporter(progress, "sift", len(proposed))
    sieve = Sieve(documents)
    found: dict[tuple[int, int], int] = {}
    for done, (i, j) in enumerate(proposed):
        report(done)
        glance = sieve.glance(i, j)
        if not glance.may_be_reuse(params):
            found[i, j] = glance.shared
    return found


def share_words(a: Shingled, b: Shingled, params: Params) -> bool:
    """Whether two texts under one address have so many shingles in common that they may be one article."""
    shared = len(np.intersect1d(a.distinct, b.distinct, assume_unique=True))
    return shared >= min(params.rare_shared, len(a.distinct), len(b.distinct))


def _fold_versions(folded: Groups, same: list[list[int]], articles: list[list[int]]) -> None:
    """Versions of one article are one family: what stands in two of them is no rarer than what stands in one."""
    head = {m: k for k, g in enumerate(same) for m in g}
    for article in articles:
        for k in article[1:]:
            folded.join(head[article[0]], head[k])


def update(documents: Sequence[Document], turn: dict[int, tuple[int, int]], i: int, j: int) -> tuple[Evidence, ...]:
    """What it says of a pair that both are versions of one article; `turn`: position -> (article, which version)."""
    if i not in turn or j not in turn or turn[i][0] != turn[j][0]:
        return ()
    first, second = (documents[k].id for k in ((i, j) if turn[i] < turn[j] else (j, i)))
    detail = f"{second} is a later version of the same article as {first}: by id or address, and time"
    return (Evidence("version", "a" if turn[i] < turn[j] else "b", VERSION, False, detail),)


VERSION = 8.0
"""Log-odds of a version to have been made from an earlier one (prior; beyond what any other evidence weighs together)."""


def _copy_of(examined: Examined) -> dict[int, str]:
    """Position of a copy -> the id of its representative. Of the versions of one article only the first can be a copy."""
    found: dict[int, str] = {}
    for head, *rest in examined.copies:
        told = {examined.versions.get(head, head)}
        for k in rest:
            if (article := examined.versions.get(k, k)) not in told:
                told.add(article)
                found[k] = examined.documents.packed[head].id
    return found


def _proposed(shelf: Shelf, same: list[list[int]], params: Params) -> list[tuple[int, int]]:
    """The pairs worth comparing: by shared words, and by shared names and figures."""
    heads = [g[0] for g in same]
    by_words = candidate_pairs(Findable(shelf, heads), params)
    by_facts = fact_pairs([shelf.sets[k].facts for k in heads])
    return spread(sorted({*by_words, *by_facts}), same, params.viral_size)


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
    place = {id: k for k, id in enumerate(examined.documents.ids)}
    declared = [*examined.updates, *_declared(examined, ())]
    drawn = draw(
        examined.documents,
        examined.documents.ids,
        examined.copies,
        examined.pairs,
        examined.times,
        declared,
        params,
        examined.unrelated,
    )
    i, j = sorted((place[a], place[b]))
    left, right = (_witness(examined, k, None) for k in (i, j))
    # What the two share, and what whoever else has an arrow to one of them shares with it.
    arrows = [e for e in drawn.edges if {e.target} & {a, b}]
    told = {(i, j)} | {p for e in arrows if (p := tuple(sorted((place[e.source], place[e.target])))) in examined.pairs}
    comparisons = [
        _comparison(examined.pairs[p].pair, drawn.directions[p], examined.pairs[p].pair.measured) for p in sorted(told)
    ]
    _, comparisons = with_shares({left.id: left, right.id: right}, arrows, comparisons)
    return next(c for c in comparisons if {c.a, c.b} == {a, b}), left, right


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
    vocabulary = Vocabulary(params.shingle_size)
    x, y = (vocabulary.shingle(p) for p in prepared)
    table = FactTable([x.facts, y.facts], vocabulary.words, [0, 1])
    measured = measure(x, y, table.compare(0, 1))
    times, _ = times_of([left, right])
    kind = reuse(measured, params)
    passages = () if kind == "none" else passages_of(measured, params)
    pair = Pair(measured, kind, (times[0], times[1]), (), passages, params, table.kept(0, 1))
    return _comparison(pair, decide(pair), measured)


WORTH_A_PROCESS = 500
"""Documents or pairs from which on a second process pays for its start."""
CHUNK = 64
"""Documents, or pairs, that a process is handed at a time."""


def _prepared(
    documents: Sequence[Document], vocabulary: Vocabulary, params: Params, progress: Progress | None, jobs: int
) -> Iterator[Packed]:
    """Every document prepared and packed, in order."""
    learned = learn_from(documents)
    report = _reporter(progress, "prepare", len(documents))
    done = 0
    shared = documents, learned, params.shingle_size
    for words, chunk in in_processes(_prepare_some, shared, _chunks(len(documents)), _worth(len(documents), jobs)):
        numbers = vocabulary.number(words)
        for packed in chunk:
            report(done)
            yield replace(packed, document=documents[done], numbers=numbers[packed.numbers])
            done += 1


def _prepare_some(shared: tuple[Sequence[Document], Learned, int], chunk: range) -> tuple[list[str], list[Packed]]:
    """Some documents prepared and packed, without the documents themselves, and the words that their numbers stand for."""
    documents, learned, size = shared
    words, found = prepare_all([documents[k] for k in chunk], learned, size)
    return words, [replace(packed, document=_nothing()) for packed in found]


@cache
def _nothing() -> Document:
    return Document("", "")


def _worth(n: int, jobs: int) -> int:
    """The number of processes for so many documents or pairs."""
    return jobs if n >= WORTH_A_PROCESS else 1


def _chunks(n: int) -> list[range]:
    return [range(low, min(n, low + CHUNK)) for low in range(0, n, CHUNK)]


# -- small parts


def passages_of(m: Measured, params: Params) -> tuple[Passage, ...]:
    """The passages of a measured pair; what is retold in other words only where it is sure that something is."""
    stretches = retold(m.a.prepared, m.b.prepared, authored=False).places() if retells(m, params) else []
    if stands_out(m) and (place := m.closest) and not any(s.meets(place) for s in stretches):
        stretches.append(place)
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
            evidence=tuple(replace(e, log_odds=round(e.log_odds, 2)) for e in direction.evidence),
        ),
    )


def _witness(examined: Examined, k: int, copies_of: str | None) -> Witness:
    p, time, latest = examined.documents.packed[k], examined.times[k], examined.versions.get(k)
    document = p.document
    return Witness(
        document.id,
        document.path,
        p.headline,
        time.text if time else None,
        document.source,
        len(p.numbers),
        p.sha256,
        p.flags,
        p.exclusions,
        copies_of,
        document.text,
        None if latest is None else examined.documents.packed[latest].id,
    )


def _refuse_twins(documents: Sequence[Document]) -> None:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            raise InputError(f"two documents have the id {document.id!r}: give each its own")
        seen.add(document.id)


def times_of(documents: Sequence[Document]) -> tuple[list[Time | None], tuple[str, ...]]:
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
    return times, tuple(notes)


def _declared(examined: Examined, edges: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    """Declared edges as positions: those given, and those that articles declare by id or URL."""
    documents = [p.document for p in examined.documents.packed]
    place: dict[str, int] = {}
    for k, d in enumerate(documents):
        for name in (d.url, d.id):
            if name:
                place[name] = k
    versions: dict[int, list[int]] = defaultdict(list)
    for k, latest in sorted(examined.versions.items(), key=lambda item: _start(examined.times[item[0]])):
        versions[latest].append(k)

    def then(source: int, target: int) -> int:
        """The version of the source that was there when the target was made: the last that is not surely later."""
        latest = examined.versions.get(source, source)
        if latest == examined.versions.get(target, target):
            return source
        there = [*versions[latest], latest]
        time = examined.times[target]
        early = [k for k in there if not (time and (own := examined.times[k]) and order(own, time, 0) > 0)]
        return early[-1] if early else there[0]

    own = [(source, d.id) for d in documents for source in d.derived_from]
    found = [(place[s], place[t]) for s, t in edges if s in place and t in place]
    found += [(then(place[s], place[t]), place[t]) for s, t in own if s in place]
    return [(s, t) for s, t in found if s != t]


def _start(time: Time | None) -> int:
    return time.earliest if time else 0


def _tally(examined: Examined, copy_of: dict[int, str], comparisons: list[Comparison]) -> Tally:
    shared = {p: judged.pair.measured.shared for p, judged in examined.pairs.items() if judged.pair.reuse == "none"}
    nothing, ids = [], examined.documents.ids
    for (i, j), n in (*shared.items(), *examined.unrelated.items()):
        smaller = min(examined.documents.sets[k].size for k in (i, j))
        nothing.append((round(n / smaller, 4) if smaller else 0.0, ids[i], ids[j]))
    closest = max(nothing, default=None)
    return Tally(
        len(examined.documents),
        len(copy_of),
        examined.candidates,
        len(examined.pairs) + len(examined.unrelated),
        len(comparisons),
        (closest[1], closest[2], closest[0]) if closest else None,
        len(examined.versions),
    )


def _reporter(progress: Progress | None, stage: str, total: int) -> Callable[[int], None]:
    """A function that reports every so often and raises `Cancelled` when asked to stop."""
    step = max(1, total // 100)

    def report(done: int) -> None:
        if progress is not None and done % step == 0 and progress(stage, done, total) is False:
            raise Cancelled(f"stopped while at {stage}, {done} of {total} done")

    return report
