"""What is installed here, and what to do about what is not? Each check is a value; `derive doctor` prints them."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from derive import __version__, kernel
from derive.data import rows
from derive.params import NORMALISER


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that derive uses: whether it is there, what was found, and what to do if it is not."""

    name: str
    ok: bool
    found: str
    advice: str = ""


PACKAGES = {
    "click": "the command line",
    "numpy": "arrays",
    "xxhash": "fingerprints",
    "rapidfuzz": "passages",
    "graphviz": "lineage.dot",
    "jinja2": "report.html",
    "rich": "progress bars",
    "datasketch": "exchanging sketches with a datasketch index",
    "networkx": "Lineage.to_networkx()",
    "trafilatura": "web pages",
    "htmldate": "the day of a page that states none",
    "lxml": "web pages, feeds and news in XML",
}
EXTRAS = {
    "formats": {
        "odfpy": ".odt",
        "pyarrow": ".parquet",
        "pypdf": ".pdf",
        "python-docx": ".docx",
        "warcio": ".warc",
        "zstandard": ".zst",
    },
    "serve": {"fastapi": "derive serve", "uvicorn": "derive serve"},
    "spark": {"pyspark": "derive spark"},
}
"""Packages that come with `derive-news[NAME]`, and what each is for."""


def checks() -> Iterator[Check]:
    """Every check, in the order in which they are printed."""
    yield Check("derive", True, f"{__version__} on Python {platform.python_version()}")
    tables = next(row[1] for row in rows("unicode.tsv") if row[0] == "version")
    yield Check("kernel", True, f"{kernel.name}; normaliser {NORMALISER}, Unicode {tables}")
    yield _dot()
    for name, purpose in PACKAGES.items():
        try:
            yield Check(name, True, f"{version(name)}, for {purpose}")
        except PackageNotFoundError:
            yield Check(name, False, f"needed for {purpose}", f"pip install {name}")
    for extra, packages in EXTRAS.items():
        for name, purpose in packages.items():
            try:
                yield Check(name, True, f"{version(name)}, for {purpose}")
            except PackageNotFoundError:
                yield Check(name, False, f"needed for {purpose}", f"pip install 'derive-news[{extra}]'")


def _dot() -> Check:
    advice = "for lineage.svg install Graphviz: apt install graphviz | brew install graphviz | winget install Graphviz.Graphviz"
    path = shutil.which("dot")
    if path is None:
        return Check("dot", False, "needed for lineage.svg; all else works without it", advice)
    try:
        result = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("dot", False, f"found, but it does not run ({error})", advice)
    return Check("dot", result.returncode == 0, (result.stderr or result.stdout).strip(), advice)
