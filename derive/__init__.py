"""derive tells an editor where a story came from.

    documents = list(derive.read_documents(["stories/"]))
    lineage = derive.scan(documents)
    print(lineage.summary())

Read `derive.pipeline` first: the stages in order. The nouns stand in `derive.model`, the settings in `derive.params`.
Names are imported when they are first used, so that `import derive` and `derive --help` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from derive.archive import Archive as Archive
    from derive.errors import DeriveError as DeriveError
    from derive.model import Comparison as Comparison
    from derive.model import Direction as Direction
    from derive.model import Document as Document
    from derive.model import Lineage as Lineage
    from derive.model import Passage as Passage
    from derive.model import Span as Span
    from derive.pairs import find_pairs as find_pairs
    from derive.params import Params as Params
    from derive.pipeline import compare as compare
    from derive.pipeline import scan as scan
    from derive.read import read_documents as read_documents
    from derive.shingle import shingle_hashes as shingle_hashes

_HOME = {
    "Archive": "archive",
    "Comparison": "model",
    "DeriveError": "errors",
    "Direction": "model",
    "Document": "model",
    "Lineage": "model",
    "Params": "params",
    "Passage": "model",
    "Span": "model",
    "compare": "pipeline",
    "find_pairs": "pairs",
    "read_documents": "read",
    "scan": "pipeline",
    "shingle_hashes": "shingle",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"derive.{_HOME[name]}"), name)
    raise AttributeError(f"module 'derive' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
