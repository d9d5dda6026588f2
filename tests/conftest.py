"""What all tests share: the stories of fixtures/ as cases, and where the evaluation data are, if they are."""

from __future__ import annotations

import itertools
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from derive.model import Document

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")  # how fast a busy machine is decides no test
STORIES = sorted(p.parent.name for p in FIXTURES.glob("*/truth.toml"))


@dataclass(frozen=True)
class Story:
    """A folder of fixtures and the truth about it."""

    name: str
    truth: dict

    @property
    def folder(self) -> Path:
        return FIXTURES / self.name

    @property
    def metadata(self) -> Path | None:
        path = self.folder / "metadata.csv"
        return path if path.exists() else None

    @property
    def parents(self) -> dict[str, list[str]]:
        return {a["file"]: a["parents"] for a in self.truth["article"]}

    def documents(self, dates: bool = True) -> list[Document]:
        from derive.read import read_documents

        return list(read_documents([self.folder], metadata=self.metadata if dates else None))

    def ancestors(self, file: str) -> set[str]:
        found: set[str] = set()
        todo = [file]
        while todo:
            for parent in self.parents.get(todo.pop(), []):
                if parent not in found:
                    found.add(parent)
                    todo.append(parent)
        return found

    def reuse(self, a: str, b: str) -> str:
        """What the truth says of a pair: "text", "quotation", "none", or "any" where it does not commit itself."""
        for pair in self.truth.get("pair", []):
            if {pair["a"], pair["b"]} == {a, b}:
                return pair["reuse"]
        line_a, line_b = self.ancestors(a) | {a}, self.ancestors(b) | {b}
        return "text" if line_a & line_b else "none"

    def pairs(self) -> list[tuple[str, str]]:
        return list(itertools.combinations(sorted(self.parents), 2))


def load_story(name: str) -> Story:
    return Story(name, tomllib.loads((FIXTURES / name / "truth.toml").read_text(encoding="utf-8")))


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> Story:
    return load_story(request.param)


@pytest.fixture
def data() -> Path:
    """The folder of evaluation sets; the test is skipped where it is not given."""
    folder = os.environ.get("DERIVE_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DERIVE_DATA does not name a folder of evaluation sets")
    return Path(folder)


@pytest.fixture
def tools() -> Path:
    """The folder of evaluation tools; the test is skipped where it is not given."""
    folder = os.environ.get("DERIVE_TOOLS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("DERIVE_TOOLS does not name a folder of tools")
    return Path(folder)
