"""The archive as a file: made, opened safely even if a stranger sent it, locked, checked, copied.

One SQLite file in WAL mode. Nothing in it is executed: triggers, views and extensions are refused, there is no pickle.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from derive.data import rows
from derive.errors import ArchiveError
from derive.params import NORMALISER, Params

APPLICATION = 0x64657276
"""`derv`, the application id in the header."""
FORMAT = 1
"""Version of the tables."""
SAMPLE = 8
"""One shingle hash in so many stands in the postings."""
PATIENCE = 30.0
"""Seconds that a writer waits for its turn."""
_SAFE = ("trusted_schema=OFF", "cell_size_check=ON", "foreign_keys=OFF", "temp_store=MEMORY")

Waiting = Callable[[str], None]


def is_archive(path: Path) -> bool:
    """Whether this is a file that derive's archives are kept in (of any format)."""
    return _header(path) is not None


def fingerprint(params: Params) -> dict[str, str]:
    """The settings that stored hashes depend on: archives and queries must agree on all of them."""
    unicode = next(row[1] for row in rows("unicode.tsv") if row[0] == "version")
    return {
        "normaliser": str(NORMALISER),
        "unicode": unicode,
        "shingle_size": str(params.shingle_size),
        "permutations": str(params.permutations),
        "seed": str(params.seed),
        "sample": str(SAMPLE),
    }


def create(path: Path, params: Params) -> None:
    """A new, empty archive; complete when it appears under its name. Raises `ArchiveError` where it cannot be written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with _closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute(f"PRAGMA user_version={FORMAT}")
            connection.execute("PRAGMA page_size=8192")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_schema())
            connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(fingerprint(params).items()))
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was quicker, and its archive is as good
        except OSError:
            os.replace(draft, path)  # a file system without links
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(f"{path}: an archive cannot be made here ({error})") from error
    finally:
        for rest in ("", "-wal", "-shm"):
            Path(f"{draft}{rest}").unlink(missing_ok=True)


def connect(path: Path, *, write: bool) -> sqlite3.Connection:
    """A connection to an archive of this format. Raises `ArchiveError` for anything else."""
    header = _header(path)
    if header is None:
        what = "there is no such archive" if not path.exists() else "not a derive archive"
        raise ArchiveError(f"{path}: {what}: make one with derive add {path} STORIES")
    if header > FORMAT:
        raise ArchiveError(
            f"{path}: made by a newer derive (format {header}; this one knows {FORMAT}): install that one"
        )
    if header < FORMAT:
        raise ArchiveError(f"{path}: an older format ({header}): derive upgrade {path} COPY")
    mode = "rw" if write else "ro"
    if not write and not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        mode = "ro&immutable=1"  # a medium that cannot be written, where no lock file can be made either
    try:
        connection = sqlite3.connect(
            f"file:{quote(os.fspath(path.absolute()))}?mode={mode}", uri=True, isolation_level=None
        )
        for pragma in _SAFE:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=1000")
        if write:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA synchronous=FULL")
        _refuse_strange_schema(connection, path)
    except sqlite3.Error as error:
        raise damaged(path, error) from error
    return connection


def damaged(path: Path, error: Exception) -> ArchiveError:
    """What SQLite says of a file, as one line for a person."""
    words = str(error)
    if "readonly" in words or "read-only" in words:
        return ArchiveError(f"{path}: cannot be written: check its rights and those of its folder")
    if "full" in words:
        return ArchiveError(
            f"{path}: the disk is full: nothing of the last batch was stored; make room and add it again"
        )
    if "locked" in words or "busy" in words:
        return ArchiveError(f"{path}: another process has been writing for {PATIENCE:.0f} seconds: try again later")
    return ArchiveError(
        f"{path}: damaged ({words}): restore a backup, or see what can be read with derive check {path}"
    )


def agree(connection: sqlite3.Connection, path: Path, params: Params) -> None:
    """Raises `ArchiveError` naming the first setting on which the archive and `params` differ."""
    stored = dict(connection.execute("SELECT key, value FROM meta"))
    for name, value in sorted(fingerprint(params).items()):
        if stored.get(name) != value:
            raise ArchiveError(
                f"{path}: made with {name} {stored.get(name)}, this derive has {value}: derive upgrade {path} COPY"
            )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, waiting: Waiting | None = None) -> Iterator[None]:
    """All or nothing, after waiting for other writers' turns; `waiting` is told once."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise damaged(path, error) from error
            if waiting is not None:
                waiting(f"{path}: another process is writing; waiting for its turn to end")
                waiting = None
    try:
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise damaged(path, error) from error
        raise


def copy(source: sqlite3.Connection, target: Path) -> None:
    """A consistent copy under a name that must be free, while others read and write the original."""
    if target.exists():
        raise ArchiveError(f"{target}: exists already: name a file that does not")
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with _closing(sqlite3.connect(draft)) as connection:
            source.backup(connection, pages=1000)
        os.replace(draft, target)
    except (sqlite3.Error, OSError) as error:
        raise ArchiveError(f"{target}: the copy cannot be written ({error})") from error
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            Path(f"{draft}{rest}").unlink(missing_ok=True)


def version_of(path: Path) -> int | None:
    """The format that a file says it has; None if it is no archive."""
    return _header(path)


def _header(path: Path) -> int | None:
    """The format version in the file's header; None if it is no derive archive."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            head = stream.read(100)
    except OSError:
        return None
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return None
    if int.from_bytes(head[68:72], "big") != APPLICATION:
        return None
    return int.from_bytes(head[60:64], "big")


def _schema() -> str:
    return files("derive.archive").joinpath("schema.sql").read_text(encoding="utf-8")


def _refuse_strange_schema(connection: sqlite3.Connection, path: Path) -> None:
    """A file from a stranger may hold our tables and nothing that acts by itself."""
    known = {"meta", "documents", "postings", "documents_by_time", "documents_by_source"}
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master ORDER BY name"):
        if kind not in ("table", "index") or not (name in known or name.startswith("sqlite_autoindex_")):
            raise ArchiveError(f"{path}: holds a {kind} {name!r} that derive did not make: not opened")
        known.discard(name)
    if known:
        raise ArchiveError(f"{path}: damaged (no {min(known)}): restore a backup")


@contextmanager
def _closing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()
