"""A newsroom's memory: stories are added as they come, and a new one is asked where it came from.

    archive = derive.Archive.open("news.derive")
    archive.add(derive.read_documents(["today/"]))
    answer = archive.query(document)

Stored is what a scan would read: the texts, untouched, with what is known of them. Everything else is derived from that,
so an archive filled in any order, in any number of steps, gives the lineage of one scan over all of it. The postings only
find candidates: every figure of an answer is counted on the texts.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from zlib import error as zlib_error

import numpy as np

from derive.archive import file
from derive.archive.file import is_archive as is_archive
from derive.archive.record import COLUMNS, Record, record_of, row_of, signed
from derive.dates import Time, read_time
from derive.errors import ArchiveError, InputError
from derive.model import Comparison, Document, Lineage
from derive.params import Params
from derive.shingle import all_hashes
from derive.versions import in_a_row, version_time

if TYPE_CHECKING:
    import os

    import datasketch

BATCH = 500
"""Documents stored in one transaction."""
CANDIDATES = 20
"""Stored articles that a query is compared with word by word: those that share most rare sampled hashes."""
COMMON = 1_000
"""A hash in more articles than this finds nothing by itself."""
FAMILY = 5_000
"""Members at which the search for a story's family stops."""
_ROW = f"SELECT number, {', '.join(COLUMNS)}, checksum FROM documents"  # noqa: S608 - our own column names

_INSERT = f"INSERT INTO documents ({', '.join(COLUMNS)}, checksum) VALUES ({', '.join('?' * (len(COLUMNS) + 1))})"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Added:
    """What became of documents that were added: ids, in order."""

    new: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """Another text under an id that was there: both are kept."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stored article that shares something with the story asked about."""

    id: str
    share_of_query: float
    """How much of the story asked about is in it."""
    share_of_match: float
    role: str
    """`source`, `derivative`, `common source`, or `undecided`."""
    probability: float
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a story came from, as far as the archive knows: matches, those that share most first."""

    id: str
    matches: tuple[Match, ...]
    lineage: Lineage
    """The lineage of the story and the articles that it was compared with."""
    truncated: bool
    """Whether more articles shared something than were compared."""


class Archive:
    """An open archive. Not to be shared between threads or processes: open one in each."""

    def __init__(self, path: Path, connection: sqlite3.Connection, params: Params) -> None:
        self.path = path
        self.params = params
        self._connection = connection

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, mode: str = "a", params: Params | None = None) -> Archive:
        """The archive at `path`: `a` makes it where there is none, `r` only reads.

        Raises `ArchiveError` for a file that is none, is damaged, has another format, or was made with other settings.
        """
        place, settings = Path(path), params or Params()
        if mode not in ("a", "r"):
            raise InputError(f"mode is {mode!r}; it must be 'a' or 'r'")
        if mode == "a" and not place.exists():
            file.create(place, settings)
        connection = file.connect(place, write=mode == "a")
        try:
            file.agree(connection, place, settings)
        except sqlite3.Error as error:
            connection.close()
            raise file.damaged(place, error) from error
        except ArchiveError:
            connection.close()
            raise
        return cls(place, connection, settings)

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return int(self._one("SELECT COUNT(*) FROM documents"))

    # -- writing

    def add(
        self,
        documents: Iterable[Document],
        *,
        acknowledge: Callable[[str], None] | None = None,
        waiting: file.Waiting | None = None,
    ) -> Added:
        """Stores documents, batch by batch; `acknowledge` is told each id once it is safely on disk.

        The same text under the same id changes nothing; another text under an id that is there becomes a version.
        """
        total = Added()
        source = iter(documents)
        while batch := list(islice(source, BATCH)):
            rows = [row_of(d, self.params) for d in batch]
            with file.transaction(self._connection, self.path, waiting):
                added = self._store(rows)
            for id in (*added.new, *added.versions):
                if acknowledge is not None:
                    acknowledge(id)
            total = Added(total.new + added.new, total.unchanged + added.unchanged, total.versions + added.versions)
        return total

    def _store(self, rows: Sequence[tuple[object, ...]]) -> Added:
        found: dict[str, list[str]] = {"new": [], "unchanged": [], "versions": []}
        for row in rows:
            held = [r[0] for r in self._connection.execute("SELECT sha256 FROM documents WHERE id = ?", (row[0],))]
            if row[1] in held:
                found["unchanged"].append(str(row[0]))
                continue
            found["versions" if held else "new"].append(str(row[0]))
            number = self._connection.execute(_INSERT, row).lastrowid
            hashes = np.frombuffer(row[COLUMNS.index("sampled")], dtype="<u8").astype(np.uint64)  # type: ignore[call-overload]
            self._connection.executemany("INSERT INTO postings VALUES (?, ?)", [(h, number) for h in signed(hashes)])
        return Added(*(tuple(found[name]) for name in ("new", "unchanged", "versions")))

    def remove(self, ids: Iterable[str], *, waiting: file.Waiting | None = None) -> tuple[str, ...]:
        """Forgets these documents in all their versions, as if they had never been added; the ids that were there.

        Their text is overwritten in the file, not only unlinked.
        """
        gone = []
        with file.transaction(self._connection, self.path, waiting):
            for id in dict.fromkeys(ids):
                rows = self._connection.execute("SELECT number, sampled FROM documents WHERE id = ?", (id,)).fetchall()
                for number, data in rows:
                    hashes = np.frombuffer(data, dtype="<u8").astype(np.uint64)
                    self._connection.executemany(
                        "DELETE FROM postings WHERE hash = ? AND document = ?", [(h, number) for h in signed(hashes)]
                    )
                    self._connection.execute("DELETE FROM documents WHERE number = ?", (number,))
                gone += [id] * bool(rows)
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return tuple(gone)

    # -- reading

    def documents(
        self,
        *,
        since: str | None = None,
        until: str | None = None,
        outlet: str | None = None,
        family: str | None = None,
    ) -> Iterator[Document]:
        """The stored documents in the order of their ids, or those of a time window, an outlet, one story's family.

        Of an id with several texts the latest keeps the id; the earlier ones are named `id@time` and declared as its
        versions. A window holds only what has a believable date. Raises `InputError` for a date that is none.
        """
        low, high = _moment(since, "since"), _moment(until, "until")
        members = None if family is None else self._family(family)
        for group in self._versions():
            for r in _named(group):
                if members is not None and r.number not in members:
                    continue
                if outlet is not None and r.document.source != outlet:
                    continue
                if low or high:
                    time, _ = read_time(r.document.published)
                    if time is None or (low and time.latest < low.earliest) or (high and time.earliest > high.latest):
                        continue
                yield r.document

    def document(self, id: str) -> Document:
        """The stored document of this id (or `id@time`, an earlier version). Raises `InputError` if there is none."""
        plain = id if self._held(id) else id.rpartition("@")[0]
        rows = self._connection.execute(f"{_ROW} WHERE id = ?", (plain,)).fetchall()
        records = [self._sound(number, tuple(row)) for number, *row in rows]
        if any(r is None for r in records):
            raise ArchiveError(f"{self.path}: the record of {plain!r} is damaged: remove it and add the article again")
        for r in _named([r for r in records if r is not None]) if records else []:
            if r.document.id == id:
                return r.document
        raise InputError(f"no article has the id {id!r}")

    def _held(self, id: str) -> bool:
        return self._connection.execute("SELECT 1 FROM documents WHERE id = ?", (id,)).fetchone() is not None

    def query(self, document: Document, *, limit: int = CANDIDATES) -> Answer:
        """Where the story came from: the stored articles that share most with it, compared word by word."""
        row = row_of(document, self.params)
        held = {
            n for (n,) in self._connection.execute("SELECT number FROM documents WHERE id = ? AND sha256 = ?", row[:2])
        }
        hashes = np.frombuffer(row[COLUMNS.index("sampled")], dtype="<u8").astype(np.uint64)
        ranked = [n for n in self._sharing(hashes) if n not in held]
        found = self._enough(document, (r.document for r in map(self._record, ranked[:limit])))
        taken = {d.id for d in found}
        asked = replace(document, id=f"{document.id} (asked)") if document.id in taken else document
        from derive.pipeline import scan

        lineage = scan([asked, *_distinct(found)], params=self.params)
        matches = sorted(_matches(lineage, asked.id), key=lambda m: (-m.share_of_query, -m.share_of_match, m.id))
        return Answer(asked.id, tuple(matches), lineage, len(ranked) > limit)

    def _enough(self, asked: Document, documents: Iterable[Document]) -> list[Document]:
        """Those that share so many shingles that a scan would compare them: most that share one hash share no more."""
        own = all_hashes(asked.text, self.params.shingle_size)
        least = min(self.params.rare_shared, len(own))
        return [
            d
            for d in documents
            if len(np.intersect1d(own, all_hashes(d.text, self.params.shingle_size), assume_unique=True)) >= least
        ]

    def _sharing(self, hashes: np.typing.NDArray[np.uint64]) -> list[int]:
        """Numbers of the documents that share sampled hashes, those that share most rare ones first."""
        total = max(1, len(self))
        score: Counter[int] = Counter()
        capped: Counter[int] = Counter()
        for h in signed(hashes):
            where = [
                n
                for (n,) in self._connection.execute(
                    "SELECT document FROM postings WHERE hash = ? ORDER BY document LIMIT ?", (h, COMMON + 1)
                )
            ]
            table = score if len(where) <= COMMON else capped
            weight = round(math.log1p(total / max(1, len(where))) * (1 << 20))
            for n in where:
                table[n] += weight
        best = score or capped
        return sorted(best, key=lambda n: (-best[n], n))

    def _family(self, id: str) -> set[int]:
        """Numbers of the documents that hang together with this one by shared passages."""
        start = [n for (n,) in self._connection.execute("SELECT number FROM documents WHERE id = ?", (id,))]
        if not start:
            raise InputError(f"{self.path}: no article has the id {id!r}")
        known, waiting = set(start), list(start)
        while waiting and len(known) < FAMILY:
            hashes = self._record(waiting.pop()).sampled
            shared: Counter[int] = Counter()
            for h in signed(hashes):
                where = self._connection.execute(
                    "SELECT document FROM postings WHERE hash = ? LIMIT ?", (h, COMMON)
                ).fetchall()
                shared.update(n for (n,) in where)
            near = {n for n, count in shared.items() if count >= 2} - known
            known |= near
            waiting += sorted(near)
        return known

    def check(self) -> Iterator[str]:
        """What is wrong with the file, one line a fault; nothing if every record is what was stored."""
        try:
            for (line,) in self._connection.execute("PRAGMA integrity_check(20)"):
                if line != "ok":
                    yield f"{self.path}: {line}"
            expected: Counter[int] = Counter()
            for number, *row in self._connection.execute(f"{_ROW} ORDER BY number"):
                record = self._sound(number, tuple(row))
                if record is None:
                    yield f"{self.path}: the record of {row[0]!r} is damaged: remove it and add the article again"
                else:
                    expected.update(signed(record.sampled))
            for h, count in self._connection.execute("SELECT hash, COUNT(*) FROM postings GROUP BY hash"):
                if expected.pop(h, 0) != count:
                    yield f"{self.path}: the postings of hash {h} are damaged: derive upgrade {self.path} COPY makes them anew"
            for h in expected:
                yield f"{self.path}: the postings of hash {h} are missing: derive upgrade {self.path} COPY makes them anew"
        except sqlite3.Error as error:
            yield str(file.damaged(self.path, error))

    def info(self) -> dict[str, object]:
        """Counts, the window of time and the settings, as plain data."""
        span = self._connection.execute(
            "SELECT MIN(published), MAX(published) FROM documents WHERE earliest IS NOT NULL"
        )
        first, last = span.fetchone()
        return {
            "path": str(self.path),
            "format": file.FORMAT,
            "documents": len(self),
            "outlets": int(self._one("SELECT COUNT(DISTINCT source) FROM documents")),
            "words": int(self._one("SELECT COALESCE(SUM(words), 0) FROM documents")),
            "postings": int(self._one("SELECT COUNT(*) FROM postings")),
            "bytes": self.path.stat().st_size,
            "first published": first,
            "last published": last,
            **dict(self._connection.execute("SELECT key, value FROM meta ORDER BY key")),
        }

    def backup(self, target: str | os.PathLike[str]) -> None:
        """A consistent copy, while others read and write. Raises `ArchiveError` if `target` exists."""
        file.copy(self._connection, Path(target))

    def to_datasketch(
        self, threshold: float = 0.8, *, index: datasketch.MinHashLSH | None = None
    ) -> datasketch.MinHashLSH:
        """The sketches in a `datasketch.MinHashLSH` under the documents' ids (needs datasketch).

        `index` is one of your own to put them into (in memory or in Redis), for `permutations` values.
        """
        import datasketch

        from derive.sketch import to_lean

        if index is None:
            index = datasketch.MinHashLSH(threshold=threshold, num_perm=self.params.permutations)
        for id, sha256, data in self._connection.execute(
            "SELECT id, sha256, sketch FROM documents ORDER BY id, sha256"
        ):
            key = id if id not in index else f"{id}@{sha256[:8]}"
            index.insert(key, to_lean(np.frombuffer(data, dtype="<u4"), self.params.seed))
        return index

    # -- parts

    def _one(self, sql: str) -> int:
        try:
            return int(self._connection.execute(sql).fetchone()[0])
        except sqlite3.Error as error:
            raise file.damaged(self.path, error) from error

    def _record(self, number: int) -> Record:
        row = self._connection.execute(f"{_ROW} WHERE number = ?", (number,)).fetchone()
        record = None if row is None else self._sound(number, tuple(row[1:]))
        if record is None:
            raise ArchiveError(
                f"{self.path}: record {number} is damaged: derive check {self.path} says which article it is"
            )
        return record

    def _sound(self, number: int, row: tuple[object, ...]) -> Record | None:
        try:
            return record_of(number, row)
        except (ValueError, TypeError, zlib_error):
            return None

    def _versions(self) -> Iterator[list[Record]]:
        """All records, those of one id together, in the order of ids."""
        group: list[Record] = []
        ids = [id for (id,) in self._connection.execute("SELECT DISTINCT id FROM documents ORDER BY id")]
        for id in ids:
            group = []
            for number, *row in self._connection.execute(f"{_ROW} WHERE id = ?", (id,)):
                record = self._sound(number, tuple(row))
                if record is None:
                    raise ArchiveError(
                        f"{self.path}: the record of {id!r} is damaged: remove it and add the article again"
                    )
                group.append(record)
            yield group


def _moment(value: str | None, name: str) -> Time | None:
    if value is None:
        return None
    time, reason = read_time(value)
    if time is None:
        raise InputError(f"--{name} {value}: {reason or 'not a date'}; write it as 2026-03-31")
    if not time.bare_day:
        return time
    # A day is meant as it stands in the calendar, in UTC, not as wide as zones could make it.
    start = int(datetime.fromisoformat(f"{time.text}T00:00:00+00:00").timestamp())
    return Time(start, start + 86_399, time.text)


def _named(group: list[Record]) -> list[Record]:
    """The versions of one id, earliest first, each with a name of its own and declared as made from the one before."""
    if len(group) == 1:
        return group
    ordered = sorted(group, key=lambda r: ((version_time(r.document) or _EVER).earliest, r.sha256))
    marks = {id(r.document): r.sha256[:8] for r in ordered}
    documents = in_a_row([r.document for r in ordered], lambda d: marks[id(d)])
    return [replace(r, document=d) for r, d in zip(ordered, documents, strict=True)]


_EVER = Time(0, 0, "")


def _distinct(documents: Iterable[Document]) -> list[Document]:
    """Versions that came up under one id, told apart by number."""
    seen: defaultdict[str, int] = defaultdict(int)
    result = []
    for d in documents:
        seen[d.id] += 1
        result.append(d if seen[d.id] == 1 else replace(d, id=f"{d.id}@{seen[d.id]}"))
    return result


def _matches(lineage: Lineage, id: str) -> Iterator[Match]:
    for c in lineage.comparisons:
        if id not in (c.a, c.b):
            continue
        asked_is_a = c.a == id
        own, other = c.containment_of_a_in_b, c.containment_of_b_in_a
        verdict = c.direction.verdict
        roles = {"a_to_b": ("derivative", "source"), "b_to_a": ("source", "derivative")}
        role = roles[verdict][not asked_is_a] if verdict in roles else verdict.replace("_", " ")
        shares = (own, other) if asked_is_a else (other, own)
        yield Match(c.b if asked_is_a else c.a, *shares, role, c.direction.probability, c)


def upgrade(path: str | os.PathLike[str], target: str | os.PathLike[str], *, params: Params | None = None) -> int:
    """A copy of an archive with everything but the texts made anew by this derive; how many documents it has.

    Raises `ArchiveError` for a newer format, and if `target` exists.
    """
    place, goal = Path(path), Path(target)
    if goal.exists():
        raise ArchiveError(f"{goal}: exists already: name a file that does not")
    connection = file.connect(place, write=False)
    old = Archive(place, connection, params or Params())
    with old, Archive.open(goal, params=params) as new:
        new.add(r.document for group in old._versions() for r in group)
        return len(new)
