"""The documentation says what is true: commands are run, their output compared, examples executed."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import json
import re
import runpy
import shlex
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import derive
from tests.conftest import ROOT

PAGES = ("README.md", *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))))
FENCED = re.compile(r"^```([^\n]*)\n(.*?)^```$", flags=re.S | re.M)
PORT = "8321"
"""The port of the service in the pages; a free one takes its place when they are run."""


@dataclass(frozen=True)
class Step:
    """Something a page tells the reader to do, and what it says that this prints ("[...]": more that is not shown)."""

    kind: str
    said: str
    shown: str

    def check(self, printed: str) -> None:
        parts = re.split(r"\[\.\.\.\]\n?", self.shown)
        if len(parts) == 1:
            assert printed == self.shown or not self.shown, self.said
        at = 0
        for part in parts:
            assert part in printed[at:], self.said
            at = printed.index(part, at) + len(part)


def steps(page: str) -> list[Step]:
    """The commands of a page's console blocks and its Python, in order; a bare block after Python is what that prints."""
    found: list[Step] = []
    blocks = FENCED.findall((ROOT / page).read_text(encoding="utf-8"))
    for (kind, text), (after, shown) in itertools.pairwise([*blocks, ("text", "")]):
        if kind == "console":
            commands = [part.partition("\n") for part in re.split(r"^\$ ", text, flags=re.M) if part]
            found += [Step("command", command, printed) for command, _, printed in commands]
        elif kind == "python":
            found.append(Step("python", text, shown if after == "" else ""))
    return found


class Reader:
    """Does what a page says, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {}
        self.running: list[subprocess.Popen[str]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])

    def does(self, step: Step) -> str:
        said = step.said.replace(PORT, self.port)
        if step.kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(said, step.said.strip().partition("\n")[0], "exec"), self.names)
            return printed.getvalue()
        command, background, _ = said.partition(" &")
        words = shlex.split(command)
        start = {"derive": [sys.executable, "-m", *words], "python": [sys.executable, *words[1:]]}[words[0]]
        if background:
            self.running.append(subprocess.Popen(start, stderr=subprocess.PIPE, text=True, cwd=self.folder))
            assert self.running[-1].stderr is not None
            assert "listening" in self.running[-1].stderr.readline()
            return ""
        result = subprocess.run(start, capture_output=True, text=True, cwd=self.folder, encoding="utf-8")
        assert result.returncode == 0, result.stderr
        return result.stdout

    def stops(self) -> None:
        for process in self.running:
            process.terminate()
            process.communicate(timeout=30)


@pytest.mark.parametrize("page", [page for page in PAGES if steps(page)])
def test_what_a_page_tells_to_do_works_and_prints_what_it_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fixtures", "examples", "benchmarks"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path)
    try:
        for step in steps(page):
            step.check(reader.does(step))
    finally:
        reader.stops()


def test_links_in_the_documentation_lead_to_files_that_are_there() -> None:
    for page in (*PAGES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / page).parent.joinpath(link).exists(), (page, link)


def test_every_ending_of_a_file_that_is_read_stands_in_the_page_on_formats() -> None:
    from derive.read import READERS

    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [e for reader in READERS for e in reader.suffixes if f"`.{e}`" not in text] == []


def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("sphinx", reason="the tools for the documentation are not installed here")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", ROOT / "docs", tmp_path / "html"]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert (result.returncode, result.stderr) == (0, "")
    assert "Where did this story come from?" in (tmp_path / "html" / "editor.html").read_text(encoding="utf-8")


def test_every_example_stands_on_its_page() -> None:
    text = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    assert [e.name for e in (ROOT / "examples").iterdir() if e.is_file() and f"examples/{e.name}" not in text] == []


def test_the_cells_of_the_notebook_run_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    said = ""
    for cell in json.loads((ROOT / "examples" / "newsroom.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile("".join(cell["source"]), "newsroom.ipynb", "exec"), names)
            assert printed.getvalue()
            said += printed.getvalue()
    right, drawn = re.findall(r"right: (\d+) of (\d+) drawn", said)[0]
    assert right == drawn


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {
        p.name + ("/" if p.is_dir() else "")
        for p in Path(derive.__file__).parent.iterdir()
        if not p.name.startswith("_")
    }
    assert {r for r in rooms - {"py.typed"} if f"`{r}`" not in text} == set()


NOUNS = {"model", "params", "errors", "data", "dates"}
EDGES = {"read", "report", "archive", "uptake", "evaluate", "serve", "spark", "cli", "doctor", "__main__"}


def rooms_imported(module: Path) -> set[str]:
    """The rooms that a module imports when it is itself imported (not later, in a function, or for types alone)."""
    found: set[str] = set()
    for statement in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == "derive":
            inside = statement.module.split(".")[1:] if statement.module else []
            found |= {inside[0]} if inside else {alias.name for alias in statement.names}
    return found


def test_imports_run_one_way_from_the_edges_to_the_nouns() -> None:
    package = Path(derive.__file__).parent
    arrows: dict[str, set[str]] = {}
    for module in package.rglob("*.py"):
        room = module.relative_to(package).with_suffix("").parts[0]
        arrows[room] = arrows.get(room, set()) | rooms_imported(module) - {room}
    for room, known in arrows.items():
        if room in NOUNS:
            assert known <= NOUNS, room
        elif room not in EDGES:
            assert not known & (EDGES | ({"pipeline"} - {room})), room


def test_every_public_name_is_there_and_documented() -> None:
    for name in derive.__all__:
        assert name == "__version__" or getattr(derive, name).__doc__, name
    assert set(derive.__all__) <= set(dir(derive))


def test_the_reference_is_what_the_commands_say_of_themselves() -> None:
    made = runpy.run_path(str(ROOT / "tools" / "reference.py"))["reference"]()
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == made, "run make accept"


def test_every_command_has_help_with_an_example() -> None:
    from derive.cli import cli

    for name, command in cli.commands.items():
        assert "Example:" in (command.help or ""), name


def test_doctests_of_the_library_hold() -> None:
    import doctest
    import importlib

    for module in ("normalise", "shingle", "pipeline", "dates", "report.labels"):
        result = doctest.testmod(importlib.import_module(f"derive.{module}"))
        assert result.failed == 0
        assert result.attempted > 0
