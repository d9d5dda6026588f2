"""The stages together: order does not matter, copies keep themselves, the graph is acyclic, the small ends agree."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive
from derive.model import Document
from tests.conftest import load_story
from tests.test_compare import OTHER, STORY

SENTENCES = [s.strip() + "." for s in (STORY + " " + OTHER).split(".") if s.strip()]
bodies = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map(" ".join)
stamps = st.sampled_from(
    [None, "2026-03-01", "2026-03-02", "2026-03-01T08:00:00Z", "2026-03-01T20:00:00+02:00", "1970-01-01", "nonsense"]
)
collections = st.lists(st.tuples(bodies, stamps), min_size=2, max_size=6).map(
    lambda rows: [Document(f"d{k}", text, published=date) for k, (text, date) in enumerate(rows)]
)


@given(collections, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_documents_changes_no_byte(documents: list[Document], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(documents)
    random.shuffle(shuffled)
    one, other = derive.scan(documents), derive.scan(shuffled)
    assert (one.to_json(), one.to_dot(), one.summary()) == (other.to_json(), other.to_dot(), other.summary())


@given(collections)
@settings(max_examples=60, deadline=None)
def test_every_lineage_is_acyclic_and_no_arrow_runs_backwards_in_time(documents: list[Document]) -> None:
    import networkx

    from derive.dates import order, read_time

    lineage = derive.scan(documents)
    assert networkx.is_directed_acyclic_graph(lineage.to_networkx())
    times = {d.id: read_time(d.published)[0] for d in documents}
    for edge in lineage.edges:
        early, late = times[edge.source], times[edge.target]
        assert early is None or late is None or order(early, late, 3600) <= 0


@given(collections)
@settings(max_examples=60, deadline=None)
def test_every_document_rests_on_an_origin_and_origins_are_no_more_than_documents(documents: list[Document]) -> None:
    lineage = derive.scan(documents)
    members = set(itertools.chain.from_iterable(lineage.origins.groups))
    assert members == {d.id for d in documents}
    assert lineage.origins.count == len(lineage.origins.groups) <= len(documents)


@given(st.lists(bodies, min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_pairs_are_those_that_comparing_everything_with_everything_finds(texts: list[str]) -> None:
    table = derive.find_pairs(texts, min_containment=0.2)
    found = {(int(a), int(b)): (float(x), float(y)) for a, b, x, y in zip(
        table.a, table.b, table.containment_of_a_in_b, table.containment_of_b_in_a, strict=True)}  # fmt: skip
    for i, j in itertools.combinations(range(len(texts)), 2):
        c = derive.compare(texts[i], texts[j])
        if max(c.containment_of_a_in_b, c.containment_of_b_in_a) >= 0.2:
            assert found.pop((i, j)) == (c.containment_of_a_in_b, c.containment_of_b_in_a)
    assert found == {}


def test_exact_copies_are_folded_and_each_keeps_its_own_entry() -> None:
    documents = [Document(f"copy{k}", STORY) for k in range(30)] + [Document("other", OTHER)]
    lineage = derive.scan(documents)
    heads = {w.copies_of for w in lineage.documents if w.copies_of}
    assert len(heads) == 1
    assert sum(w.copies_of is not None for w in lineage.documents) == 29
    assert lineage.origins.count == 2
    assert len(lineage.links) <= 29


def test_the_earliest_of_dated_copies_is_their_source() -> None:
    dated = [Document(f"copy{k}", STORY, published=f"2026-03-0{k + 1}T08:00:00Z") for k in range(4)]
    edges = {(e.source, e.target) for e in derive.scan(dated[::-1]).edges}
    assert edges == {("copy0", f"copy{k}") for k in (1, 2, 3)}


def test_two_hundred_thin_copies_of_one_story_all_hang_together() -> None:
    paragraphs = [
        f"The {n} panel of the inquiry heard on day {k} that valve {k * 7} of the {n} gate had been left open by "
        f"shift {k * 3}, and that nobody at the {n} office had read log {k * 11} since the spring of that year."
        for k, n in enumerate(["north", "south", "east", "west", "upper", "lower", "inner", "outer"], 1)
    ]
    documents = [
        Document(
            f"d{k:03d}",
            f"Report {k} begins here with words {k * 13} of its own. {paragraphs[k % 8]} {paragraphs[(k + 1) % 8]}",
        )
        for k in range(210)
    ]
    lineage = derive.scan(documents, params=derive.Params(common_shingle=20))
    assert lineage.origins.count == 1


def test_two_documents_with_one_id_are_refused_by_name() -> None:
    with pytest.raises(derive.DeriveError, match="'x'"):
        derive.scan([Document("x", STORY), Document("x", OTHER)])


def test_a_progress_callback_hears_every_stage_and_can_stop_the_work() -> None:
    heard: list[str] = []
    derive.scan(load_story("bakers-strike").documents(), progress=lambda stage, done, total: heard.append(stage))
    assert list(dict.fromkeys(heard)) == ["prepare", "compare", "judge", "align"]
    with pytest.raises(derive.DeriveError, match="stopped"):
        derive.scan([Document("x", STORY)], progress=lambda *_: False)


def test_candidates_are_counted_on_words_though_every_hash_collides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public hashes can be collided on purpose; sketches made of useless hashes must change nothing that is said."""
    from derive import kernel

    documents = load_story("bakers-strike").documents()
    before = derive.scan(documents).to_json()
    real = kernel.windows
    monkeypatch.setattr(kernel, "windows", lambda digests, size: real(digests, size) & 0xFF)
    assert derive.scan(documents).to_json() == before


def many(n: int) -> list[Document]:
    """Many short articles, a third of them made of others."""
    words = [w.strip(".,") for s in SENTENCES for w in s.split()]
    texts = []
    for k in range(n):
        # Multiples of a number without a common factor: another row of words for every article.
        own = " ".join(words[(k * 7919 + m * (k % 37 + 3)) % len(words)] for m in range(60))
        texts.append(f"{own}. {texts[k // 2]}" if k % 3 == 2 else f"{own} on day {k} at the {k * 31} of {k * 17}.")
    return [Document(f"d{k:04d}", text) for k, text in enumerate(texts)]


def test_any_number_of_processes_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive import pipeline

    monkeypatch.setattr(pipeline, "WORTH_A_PROCESS", 10)
    monkeypatch.setattr(pipeline, "CHUNK", 4)
    documents = many(60)
    one, two = derive.scan(documents), derive.scan(documents, jobs=2)
    assert len(one.comparisons) > 10
    assert one.to_json() == two.to_json()
    assert one.summary() == two.summary()


def test_a_process_that_fails_is_heard_and_leaves_no_other_behind() -> None:
    import multiprocessing

    from derive.processes import in_processes

    with pytest.raises(ZeroDivisionError):
        list(in_processes(divided, 12, [3, 4, 0, 6], 2))
    assert list(in_processes(divided, 12, [3, 4, 6], 2)) == [4, 3, 2]
    assert not multiprocessing.active_children()


def divided(shared: int, task: int) -> int:
    return shared // task
