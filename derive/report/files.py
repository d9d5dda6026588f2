"""The reports of a lineage in a folder, each whole or not there at all.

Everything is made before anything is written; each file is written beside its place, synced and renamed into it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.model import Lineage
from derive.report.labels import printable


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the folder now, and in one line each what could not be made and why."""

    paths: tuple[Path, ...]
    problems: tuple[str, ...] = ()


def write_report(lineage: Lineage, out: Path) -> Written:
    """Write lineage.json, lineage.dot, lineage.svg (where `dot` works) and report.html; `DeriveError` names a failure.

    A lineage.svg of an earlier run is removed if no new one can be drawn: it would show something else.
    """
    from derive.report.dot import NoDrawing, draw, lineage_dot
    from derive.report.html import lineage_html
    from derive.report.json import lineage_json

    dot = lineage_dot(lineage)
    contents = {"lineage.json": lineage_json(lineage).encode(), "lineage.dot": dot.encode(errors="replace")}
    problems = []
    try:
        contents["lineage.svg"] = draw(dot)
    except NoDrawing as error:
        problems.append(f"no lineage.svg: {error}")
    contents["report.html"] = lineage_html(lineage).encode(errors="replace")
    return Written(write_files(Path(out), contents, stale=("lineage.svg",)), tuple(problems))


def write_files(folder: Path, contents: dict[str, bytes], stale: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Write these files into the folder (made if need be), all or none; remove the stale ones not among them."""
    waiting: list[tuple[Path, Path]] = []
    path = folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            path = folder / name
            if path.is_dir():
                raise IsADirectoryError(0, "a folder stands in its place")
            temporary = folder / f".{name}.{os.getpid()}.tmp"
            waiting.append((temporary, path))
            _write(temporary, content)
        for temporary, path in waiting:
            os.replace(temporary, path)
        for name in stale:
            if name not in contents:
                path = folder / name
                path.unlink(missing_ok=True)
    except OSError as error:
        raise DeriveError(f"cannot write {printable(str(path))}: {error.strerror or error}") from error
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
    return tuple(path for _, path in waiting)


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
