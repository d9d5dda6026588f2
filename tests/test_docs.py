"""The documentation says what is true: commands are run, their output compared, examples executed."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import derive
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "docs/who-used-our-story.md")
PYTHON = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", README, flags=re.S)


def run(command: str, cwd: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "derive"
    result = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=cwd, encoding="utf-8")
    assert result.returncode == 0, result.stderr
    return result.stdout


def commands(page: str) -> list[tuple[str, str]]:
    """The commands in a page's console blocks, each with what the page says that it prints."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.S)
    said = [line for block in blocks for line in re.split(r"^\$ ", block, flags=re.M) if line]
    return [(line.partition("\n")[0], line.partition("\n")[2]) for line in said]


@pytest.mark.parametrize("page", PAGES)
def test_commands_in_the_documentation_print_what_it_shows_one_after_the_other(page: str, tmp_path: Path) -> None:
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    assert len(commands(page)) >= 5
    for command, shown in commands(page):
        printed = run(command, tmp_path)
        at = 0
        for part in re.split(r"\[\.\.\.\]\n?", shown):
            assert part in printed[at:], command
            at = printed.index(part, at) + len(part)


def test_links_in_the_documentation_lead_to_files_that_are_there() -> None:
    for page in (*PAGES, "docs/glossary.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / page).parent.joinpath(link).exists(), (page, link)


@pytest.mark.parametrize(("code", "shown"), PYTHON)
def test_python_in_the_readme_prints_what_it_shows(
    code: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == shown


def test_examples_run_and_find_what_they_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    story = str(ROOT / "fixtures" / "dam-inquiry")
    monkeypatch.setattr(sys, "argv", ["who_used_our_story.py", story, "Northern Wire"])
    runpy.run_path(str(ROOT / "examples" / "who_used_our_story.py"), run_name="__main__")
    assert "Tarn Bulletin: 100% of it is ours, no credit found" in capsys.readouterr().out
    runpy.run_path(str(ROOT / "examples" / "two_texts.py"), run_name="__main__")
    assert "reuse: text; undecided" in capsys.readouterr().out


def test_every_room_stands_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {
        p.name + ("/" if p.is_dir() else "")
        for p in Path(derive.__file__).parent.iterdir()
        if not p.name.startswith("_")
    }
    assert {r for r in rooms - {"py.typed"} if f"`{r}`" not in text} == set()


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
