"""The nouns: what travels from stage to stage, all of it frozen.

A `Document` is read; `clean` and `normalise` make it a `Prepared` document; two of those are measured into a
`Comparison`, whose `Passage`s are pairs of `Span`s into the untouched texts and whose `Direction` carries its evidence;
all of them together become a `Lineage` of `Witness`es. Nothing here computes more than a property of itself.

Start reading at `Comparison`. Words are Broder's (On the resemblance and containment of documents, 1997).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import networkx
    import numpy as np
    from numpy.typing import NDArray

    from derive.params import Params

ExclusionKind = Literal["quotation", "dateline", "credit", "furniture", "repeated-paragraph", "headline"]
Reuse = Literal["none", "quotation", "facts", "text"]
PassageKind = Literal["identical", "minor", "reworded"]
Verdict = Literal["a_to_b", "b_to_a", "common_source", "undecided"]
Regime = Literal["none", "verbatim", "rewrite", "local"]
Favours = Literal["a", "b", "common_source", "neither"]
EdgeKind = Literal["derived", "second_parent"]
LinkKind = Literal["text", "facts", "common_source", "quotation"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The characters `start` to `end` (end not included) of a document's untouched text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters themselves."""
        return text[self.start : self.end]

    def overlap(self, other: Span) -> int:
        """How many characters both spans hold."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True, order=True)
class Exclusion:
    """A stretch of text that leaves numerator and denominator, and why."""

    span: Span
    kind: ExclusionKind


@dataclass(frozen=True, slots=True)
class Document:
    """One article as read; `text` is never changed after this.

    `published` and `modified` are kept as they were written; `derive.dates` makes times of them.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None
    author: str | None = None
    modified: str | None = None
    path: str | None = None
    flags: tuple[str, ...] = ()
    """What the reader noticed (`truncated`, `hidden-text`)."""
    derived_from: tuple[str, ...] = ()
    """Ids or URLs that the article itself declares as its sources."""
    version_of: str | None = None
    """Of an earlier text of an article: the id of its latest one (`derive.versions`)."""


class Words:
    """A text's normalised words; word i stands at characters `starts[i]` to `ends[i]` of the untouched text."""

    __slots__ = ("_numbers", "_stems", "_strings", "_table", "ends", "starts")

    def __init__(self, strings: tuple[str, ...], starts: NDArray[np.signedinteger], ends: NDArray[np.signedinteger]):
        self._strings: tuple[str, ...] | None = strings
        self.starts, self.ends = starts, ends
        self._numbers: NDArray[np.int32] | None = None
        self._table: Sequence[str] = ()
        self._stems: tuple[int, NDArray[np.int64]] | None = None

    @classmethod
    def numbered(
        cls,
        numbers: NDArray[np.int32],
        table: Sequence[str],
        starts: NDArray[np.signedinteger],
        ends: NDArray[np.signedinteger],
    ) -> Words:
        """The words that stand in `table` at these numbers; looked up when they are first asked for."""
        words = cls((), starts, ends)
        words._strings, words._numbers, words._table = None, numbers, table
        return words

    @property
    def strings(self) -> tuple[str, ...]:
        if self._strings is None:
            assert self._numbers is not None
            self._strings = tuple(map(self._table.__getitem__, self._numbers.tolist()))
        return self._strings

    def stems(self, letters: int) -> NDArray[np.int64]:
        """A number for the first letters of each word: equal for equal letters, and only while this process lives."""
        if self._stems is None or self._stems[0] != letters:
            import numpy as np

            hashes = (hash(word[:letters]) for word in self.strings)
            self._stems = letters, np.fromiter(hashes, dtype=np.int64, count=len(self))
        return self._stems[1]

    def __reduce__(self) -> tuple[type[Words], tuple[Any, ...]]:
        return Words, (self.strings, self.starts, self.ends)

    def numbers_in(self, table: Sequence[str]) -> NDArray[np.int32] | None:
        """The words' numbers in this very table, None if they have none there."""
        return self._numbers if self._table is table else None

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, first: int, last: int) -> Span:
        """The characters from the start of word `first` to the end of word `last` (included)."""
        return Span(int(self.starts[first]), int(self.ends[last]))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready to be measured: its words, and which of them are excluded. Arrays hold one value a word."""

    document: Document
    words: Words
    exclusions: tuple[Exclusion, ...]
    quoted: NDArray[np.bool_]
    """In quotation marks: leaves the count, may still be shown as a shared quotation."""
    blocked: NDArray[np.bool_]
    """Excluded for any other reason: never matched at all."""
    names: NDArray[np.bool_]
    """Names: capitalised where a sentence would not capitalise them."""
    sentences: NDArray[np.signedinteger]
    """The number of the sentence that the word stands in, from 0."""
    flags: tuple[str, ...]
    sha256: str
    headline: str | None
    """The document's title, or what stands above the text as one."""

    @property
    def id(self) -> str:
        return self.document.id

    @property
    def authored(self) -> NDArray[np.bool_]:
        """Words that count."""
        return ~(self.quoted | self.blocked)


@dataclass(frozen=True, slots=True)
class Telling:
    """The words of a text that carry its topic (no stop words, no names): place, stem (a digest), rarity in news at large."""

    word: NDArray[np.int64]
    stem: NDArray[np.uint64]
    weight: NDArray[np.float64]
    """Whole multiples of `background.GRAIN` nats."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Shingled:
    """A prepared document with the exact codes of its shingles (equal codes = equal words); `codes[i]` starts at word i."""

    prepared: Prepared
    ids: NDArray[np.int32]
    """The number of each word in the collection's vocabulary."""
    codes: NDArray[np.int64]
    authored: NDArray[np.bool_]
    """Shingles without an excluded word: the ones that count."""
    open: NDArray[np.bool_]
    """Shingles that may be matched: authored ones and those in quotations."""
    formula: NDArray[np.bool_]
    """Shingles made of names alone ("Russian President Vladimir") and stock phrases ("according to a")."""
    content: NDArray[np.bool_]
    """Shingles with at least two words that are neither stop words nor names."""
    distinct: NDArray[np.int64]
    """The set that containment is measured over: distinct authored codes, sorted."""
    plain: NDArray[np.int64]
    """Those of them that are more than a formula somewhere in the text, sorted."""
    facts: NDArray[np.int32]
    """The numbers of its authored names and figures, sorted."""
    telling: Telling

    @property
    def id(self) -> str:
        return self.prepared.id


@dataclass(frozen=True, slots=True)
class Passage:
    """The same passage in two texts, `a` side first."""

    a: Span
    b: Span
    kind: PassageKind
    quoted: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a verdict. `log_odds` is natural, positive, towards what it favours (0: it was weighed and says nothing).

    `measured` is False where the weight is a prior, set by judgement.
    """

    name: str
    favours: Favours
    log_odds: float
    measured: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Direction:
    """Who wrote it first. `a_to_b` = b was rewritten from a.

    `probability` is that of the verdict; for "undecided", of the likelier direction.
    """

    verdict: Verdict
    probability: float
    regime: Regime
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """How much of one text's selection of names and figures (outside quotations) stands in the other, weighed by rarity.

    `relative` is the mean of both containments less what is usual between two articles of the same event; None when
    the pair was judged alone.
    """

    containment_of_a_in_b: float
    containment_of_b_in_a: float
    shared: int
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents measured against each other; `a` and `b` are ids.

    `containment_of_a_in_b` = |A∩B| / |A| over word shingles after exclusions (Broder 1997), exact, 4 decimals.
    """

    a: str
    b: str
    containment_of_a_in_b: float
    containment_of_b_in_a: float
    resemblance: float
    reuse: Reuse
    facts: Facts | None
    passages: tuple[Passage, ...]
    direction: Direction


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow: `target` derives from `source`."""

    source: str
    target: str
    probability: float
    kind: EdgeKind = "derived"
    declared: bool = False
    share: float | None = None
    """Of a target with several sources: the share of its text that this one brought (`derive.brought`), 4 decimals."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two documents that belong together without an arrow."""

    a: str
    b: str
    kind: LinkKind
    probability: float


@dataclass(frozen=True, slots=True)
class UnseenSource:
    """A text that is not in the collection and from which `children` drew."""

    id: str
    children: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Origins:
    """How many independent beginnings a collection has, counted conservatively, and who stands on each."""

    count: int
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not read, and why; `record` is a line or record number, from 1."""

    path: str
    record: int | None
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A document placed in a lineage. `published` is UTC (or a bare day) if it can be believed, else None.

    Of a later version of an article it is the time of that version.
    """

    id: str
    path: str | None
    title: str | None
    published: str | None
    source: str | None
    words: int
    sha256: str
    flags: tuple[str, ...]
    excluded: tuple[Exclusion, ...]
    copies_of: str | None
    text: str = field(repr=False)
    version_of: str | None = None
    """Of an earlier version: the id of the article's latest text."""

    @property
    def label(self) -> str:
        """What a picture calls it: the outlet, else the title, else the id."""
        return self.source or self.title or self.id


@dataclass(frozen=True, slots=True)
class Tally:
    """What happened on the way, stage by stage, so that an empty result can say why."""

    read: int
    copies: int
    candidates: int
    compared: int
    related: int
    closest: tuple[str, str, float] | None = None
    """The pair without reuse that shares most: ids, and the larger containment."""
    versions: int = 0
    """Earlier versions among what was read."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the stories of a collection came from."""

    documents: tuple[Witness, ...]
    comparisons: tuple[Comparison, ...]
    edges: tuple[Edge, ...]
    links: tuple[Link, ...]
    roots: tuple[tuple[tuple[str, float], ...], ...]
    unseen_sources: tuple[UnseenSource, ...]
    origins: Origins
    skipped: tuple[Skipped, ...]
    tally: Tally
    notes: tuple[str, ...]
    """Sentences about what could not be decided as a whole (a posterior that failed its check, a date not believed)."""
    params: Params

    def witness(self, id: str) -> Witness:
        """The document with this id; KeyError if there is none."""
        for witness in self.documents:
            if witness.id == id:
                return witness
        raise KeyError(id)

    def article(self, id: str) -> str:
        """The id under which the article goes of which this is a version: that of its latest text."""
        return self.witness(id).version_of or id

    def comparison(self, a: str, b: str) -> Comparison | None:
        """The comparison of two ids in either order, or None if they share nothing."""
        for comparison in self.comparisons:
            if {comparison.a, comparison.b} == {a, b}:
                return comparison
        return None

    def to_json(self) -> str:
        """The JSON document of the contract; the same input gives the same bytes."""
        from derive.report.json import lineage_json

        return lineage_json(self)

    def to_dot(self) -> str:
        """The lineage in Graphviz's language."""
        from derive.report.dot import lineage_dot

        return lineage_dot(self)

    def to_networkx(self) -> networkx.DiGraph[str]:
        """A `networkx.DiGraph`: one node a document or unseen source, one edge an arrow, attributes as in the JSON."""
        from derive.report.graph import lineage_graph

        return lineage_graph(self)

    def _repr_html_(self) -> str:
        """What a notebook shows: the sentences and the picture."""
        from derive.report.notebook import notebook

        return notebook(self)

    def summary(self) -> str:
        """What an editor reads on the terminal."""
        from derive.report.summary import summary

        return summary(self)


def plain(value: Any) -> Any:
    """Nouns as dicts and lists, spans as [start, end]: what JSON holds. Contract names are the field names."""
    from dataclasses import fields, is_dataclass

    if isinstance(value, Span):
        return [value.start, value.end]
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(v) for v in value]
    return value
