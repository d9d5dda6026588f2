"""The loops over single characters and words, compiled where that was possible, else in Python: the same answers from either.

    cut(text, classes, folded, fold)   words of a text, each with its place
    sentences(text, ...)               the sentence of each word, and where a capital says nothing
    capitals(text, starts)             which words begin with a capital, which with a small letter
    Lexer(rules, slow)                 many texts -> numbered words and paragraphs
    exclude, contents                  which of them leave the count, and a number made of the others
    sample, distinct, crowds, runs     numbered words -> sampled shingles -> pairs that share some
    shared                             pairs -> exact counts
    windows, smallest                  digests -> hashes of rows of words -> the values of a sketch
    numbered                           two texts' stems -> numbers, those of both first
    shared_runs                        two texts' codes -> where the same ones stand in a row
    shared_weights                     two texts' telling words -> what each two windows of them share
    meetings, Text                     postings -> pairs that meet often -> their figures, before anything is aligned

`native` stands for the Cython extensions (`native.pyx`, `lexer.pyx`, `collection.pyx`), built when derive is installed if
there is a compiler; `reference` is plain Python. `DERIVE_KERNEL=reference` or `native` chooses; without it the fastest one
there is used. `derive doctor` names it.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

from derive.errors import ParamsError

CHOICES = ("native", "reference")


def _chosen() -> ModuleType:
    wanted = os.environ.get("DERIVE_KERNEL", "")
    if wanted not in ("", *CHOICES):
        raise ParamsError(f"DERIVE_KERNEL is {wanted!r}; it must be native or reference")
    for name in [wanted] if wanted else CHOICES:
        try:
            if name == "native":
                import_module("derive.kernel.lexer")
                import_module("derive.kernel.collection")
            return import_module(f"derive.kernel.{name}")
        except ImportError as error:
            if wanted:
                raise ParamsError(
                    "DERIVE_KERNEL is native, but the extension was not built: reinstall with a compiler"
                ) from error
    raise AssertionError("the reference kernel is always there")


_kernel = _chosen()
name: str = _kernel.__name__.rpartition(".")[2]
"""Which kernel is in use."""
_lexer = import_module("derive.kernel.lexer") if name == "native" else _kernel
cut = _kernel.cut
sentences = _kernel.sentences
capitals = _kernel.capitals
Lexer = _lexer.Lexer
exclude = _lexer.exclude
contents = _lexer.contents
sample = _lexer.sample
distinct = _lexer.distinct
crowds = _lexer.crowds
runs = _lexer.runs
shared = _lexer.shared
_collection = import_module("derive.kernel.collection" if name == "native" else "derive.kernel.collection_reference")
windows = _collection.windows
smallest = _collection.smallest
meetings = _collection.meetings
numbered = _collection.numbered
shared_runs = _collection.shared_runs
shared_weights = _collection.shared_weights
Text = _collection.Text
