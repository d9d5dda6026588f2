"""Which files are to be read, under which ids, and how is a file opened without harm?

A PATH argument is a file, a folder or `-`. Folders are walked without following links; hidden files, configuration and
derive's own output are left out in silence, everything else becomes a `File`, if only one with a problem to be told.
Names are bytes until they become ids. Ids are paths relative to the argument; where two arguments would share an id,
the ids of both get the names of their folders in front, as many as it takes.

Start reading at `find`, then `opened`.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import BinaryIO

from derive.model import Document, Skipped
from derive.read.decode import whole

MAX_DOCUMENT_BYTES = 10_000_000
"""A single document above this is `too-large` (prior: no article is; a dump without line ends may be)."""
MAX_WHOLE_BYTES = 100_000_000
"""A file that must be held in memory as a whole (a JSON array, UTF-16 records) may have so many bytes (prior)."""
HEAD_BYTES = 65_536
"""What a file is, is judged by so many of its first bytes (prior)."""

OWN_OUTPUT = b'{"schema": 1, "derive":'
"""How derive's own lineage.json begins."""
OWN_NAMES = frozenset({b"lineage.json", b"lineage.dot", b"lineage.svg", b"report.html"})
CONFIGURATION = frozenset("toml yml yaml ini cfg py js css svg dot log lock".split())
"""Suffixes that lie beside articles and never hold one: inside a folder they are left out in silence."""

STDIN = "-"
_OPEN = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _OPEN |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something is not read: a reason of the contract, and words that say what to do."""

    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that was found, not yet opened; `place` is its real path (None: standard input, or what a packed file holds)."""

    id: str
    place: bytes | None
    direct: bool = False
    """Given as a PATH argument, not found in a folder."""
    problem: Problem | None = None
    inner: str | None = None
    """The suffix of what a packed file holds, once it is unpacked."""
    columns: tuple[tuple[str, str], ...] = ()
    """(field, the name under which records hold it) as the user says."""

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.id.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """What stands behind the name's last dot, in small letters."""
        return _suffix(self.name) if self.inner is None else self.inner

    @property
    def stem_suffix(self) -> str:
        """The suffix before the last one: `jsonl` of `news.jsonl.gz`."""
        return _suffix(self.name.rpartition(".")[0])

    def skipped(self, reason: str, words: str, record: int | None = None) -> Skipped:
        """An entry that names this file (and record) first."""
        where = self.id if record is None else f"{self.id}:{record}"
        return Skipped(self.id, record, reason, f"{where}: {words}")


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


@dataclass(frozen=True, slots=True)
class Record:
    """A document and the line or record that it stands in (None: the whole file)."""

    number: int | None
    document: Document


Item = Record | Skipped
"""What readers yield."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a walk leaves out: globs on ids and names, one output folder, single files."""

    exclude: tuple[str, ...] = ()
    out: bytes | None = None
    files: frozenset[bytes] = frozenset()

    def excludes(self, id: str) -> bool:
        """Whether a glob matches the id or its last name."""
        return any(fnmatchcase(text, glob) for glob in self.exclude for text in (id, id.rpartition("/")[2]))


@dataclass(frozen=True, slots=True)
class _Found:
    """A file under its argument: `parents` are the names that may be put in front of its id, nearest last."""

    argument: int
    parents: tuple[bytes, ...]
    relative: bytes
    file: File

    def id(self, depth: int) -> str:
        return spell(b"/".join([*self.parents[len(self.parents) - depth :], self.relative]))


def find(paths: Iterable[str | os.PathLike[str]], leave_out: Filter) -> tuple[list[File], list[Skipped]]:
    """All files under the arguments in the order of their ids, each once; and the arguments that lead to none."""
    arguments = list(dict.fromkeys(os.fspath(path) for path in paths))
    found: list[_Found] = []
    problems: list[Skipped] = []
    for number, argument in enumerate(arguments):
        if argument == STDIN:
            found.append(_Found(number, (), b"stdin", File("stdin", None, direct=True)))
            continue
        try:
            under = _argument(number, os.fsencode(argument), leave_out)
        except UnicodeEncodeError as error:
            under = [_missing(whole(argument), error)]
        found.extend(entry for entry in under if isinstance(entry, _Found))
        problems.extend(entry for entry in under if isinstance(entry, Skipped))
    return sorted(_named(_once(found)), key=lambda file: (file.id, file.place or b"")), problems


def spell(name: bytes) -> str:
    r"""A path as a string that can be written anywhere; bytes that are not UTF-8 become `\xff`, and can be found again.

    >>> spell(b"caf\xc3\xa9.txt"), spell(b"caf\xe9.txt")
    ('café.txt', 'caf\\xe9.txt')
    """
    if os.sep != "/":
        name = name.replace(os.sep.encode(), b"/")
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")


def _argument(number: int, path: bytes, leave_out: Filter) -> list[_Found | Skipped]:
    """The files under one argument."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        return [_missing(spell(path), error)]
    given, place = os.path.abspath(path), os.path.realpath(path)
    if not stat.S_ISDIR(mode):
        folder, name = os.path.split(given)
        file = File(spell(name), place, direct=True, problem=None if stat.S_ISREG(mode) else _NOT_REGULAR)
        excluded = leave_out.excludes(file.id) or place in leave_out.files
        return [] if excluded else [_Found(number, _parents(folder), name, file)]
    files = [_Found(number, _parents(given), relative, file) for relative, file in _walk(place, leave_out)]
    return list(files) or [_nothing(spell(path))]


def _missing(path: str, error: Exception) -> Skipped:
    if path.startswith(("http://", "https://", "http:/", "https:/")):
        words = "derive fetches nothing: save the page with your browser, or `curl -o page.html URL`, and give the file"
        return Skipped(path, None, "unsupported", f"{path}: {words}")
    if isinstance(error, PermissionError):
        return Skipped(path, None, "unreadable", f"{path}: may not be looked at: check the rights of its folders")
    return Skipped(path, None, "not-found", f"{path}: there is no such file or folder: check the spelling")


def _nothing(path: str) -> Skipped:
    words = "no articles in this folder: derive reads .txt, .md, .html, .jsonl, .csv and more"
    return Skipped(path, None, "not-found", f"{path}: {words}")


_NOT_REGULAR = Problem("not-regular", "not a regular file: give its content as a file, or by standard input (-)")
_LINK = Problem("not-regular", "a symbolic link, and links inside a folder are not followed: give its target as a PATH")


def _parents(folder: bytes) -> tuple[bytes, ...]:
    parts = os.path.splitdrive(folder)[1].split(os.sep.encode())
    return tuple(part for part in parts if part)


def _walk(top: bytes, leave_out: Filter) -> Iterator[tuple[bytes, File]]:
    """The files under a folder with their relative paths; without recursion, so that no depth is too deep."""
    folders = [b""]
    while folders:
        relative = folders.pop()
        try:
            with os.scandir(os.path.join(top, relative)) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            name = relative or os.path.basename(top)
            yield name, File(spell(name), os.path.join(top, relative), problem=_unreadable(error))
            continue
        own = _is_own_output(os.path.join(top, relative), leave_out)
        if own and relative:
            continue
        for entry in entries:
            path = os.path.join(relative, entry.name)
            if entry.name.startswith(b".") or leave_out.excludes(spell(path)) or (own and entry.name in OWN_NAMES):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif file := _entry(top, path, entry, leave_out):
                yield path, file


def _entry(top: bytes, path: bytes, entry: os.DirEntry[bytes], leave_out: Filter) -> File | None:
    """One name in a folder, or None if it is left out in silence."""
    if entry.is_symlink():
        return _file(top, path, _LINK)
    if not entry.is_file(follow_symlinks=False):
        return _file(top, path, _NOT_REGULAR)
    file = _file(top, path)
    if file.suffix in CONFIGURATION or file.place in leave_out.files:
        return None
    return file


def _file(top: bytes, relative: bytes, problem: Problem | None = None) -> File:
    return File(spell(relative), os.path.join(top, relative), problem=problem)


def _is_own_output(folder: bytes, leave_out: Filter) -> bool:
    """Whether derive wrote this folder, or is about to."""
    if leave_out.out is not None and os.path.realpath(folder) == leave_out.out:
        return True
    try:
        with opened(File("", os.path.join(folder, b"lineage.json"))) as stream:
            return stream.read(len(OWN_OUTPUT)) == OWN_OUTPUT
    except (OSError, NotRegularError):
        return False


def _once(found: list[_Found]) -> list[_Found]:
    """Files that several arguments lead to, once: under the longest id."""
    kept: dict[bytes | None, _Found] = {}
    for entry in sorted(found, key=lambda entry: (-len(entry.relative), entry.relative, entry.file.direct)):
        kept.setdefault(entry.file.place, entry)
    return list(kept.values())


def _named(found: Sequence[_Found]) -> list[File]:
    """The files under their final ids: arguments that share an id get one more folder name in front, until none do."""
    depth = dict.fromkeys((entry.argument for entry in found), 0)
    limit = {entry.argument: len(entry.parents) for entry in found}
    while True:
        owners: dict[str, set[int]] = {}
        for entry in found:
            owners.setdefault(entry.id(depth[entry.argument]), set()).add(entry.argument)
        clash = {a for sharing in owners.values() if len(sharing) > 1 for a in sharing if depth[a] < limit[a]}
        if not clash:
            return [replace(entry.file, id=entry.id(depth[entry.argument])) for entry in found]
        for argument in clash:
            depth[argument] += 1


class NotRegularError(Exception):
    """What was opened is a pipe, a socket, a device or a link."""


@contextmanager
def opened(file: File) -> Iterator[BinaryIO]:
    """The file's bytes; never waits for a pipe and never follows a link (a PATH that is one was followed by `find`)."""
    assert file.place is not None
    if not stat.S_ISREG(os.lstat(file.place).st_mode):
        raise NotRegularError
    descriptor = os.open(file.place, _OPEN)
    with os.fdopen(descriptor, "rb") as stream:
        # Looked at again: the name may have changed hands since.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegularError
        yield stream


def _unreadable(error: OSError) -> Problem:
    words = error.strerror or type(error).__name__
    return Problem("unreadable", f"cannot be read ({words}): check its rights, or leave it out with --exclude")


def failure(error: Exception) -> Problem:
    """What stood in the way of opening or reading a file."""
    if isinstance(error, FileNotFoundError):
        return Problem("not-found", "is gone: it was deleted or renamed while derive was reading")
    return _unreadable(error) if isinstance(error, OSError) else _NOT_REGULAR


def standard_input(stdin: BinaryIO | None) -> BinaryIO:
    """The given stream, else this process's own."""
    return stdin if stdin is not None else sys.stdin.buffer


def megabytes(size: int) -> str:
    """A limit as people say it.

    >>> megabytes(MAX_DOCUMENT_BYTES)
    '10 MB'
    """
    return f"{size // 1_000_000} MB"


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """`size` bytes, fewer only where the stream ends."""
    parts: list[bytes] = []
    while size > 0 and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def looked_at(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """The first `size` bytes, and a stream that still begins with them."""
    head = read_up_to(stream, size)
    if len(head) < size:  # that was all
        return head, io.BytesIO(head)
    return head, io.BufferedReader(_Rejoined(head, stream), HEAD_BYTES)


class _Rejoined(io.RawIOBase):
    """Bytes already taken from a stream, and the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        part = self._head[: len(buffer)] if self._head else memoryview(self._rest.read(len(buffer)))
        self._head = self._head[len(part) :]
        buffer[: len(part)] = part
        return len(part)
