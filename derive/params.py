"""Every setting in one frozen value; each default with its meaning, and each threshold with where it came from.

"M" = measured, on the set named; "prior" = judgement, to be replaced when labelled news is at hand.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from derive.errors import ParamsError

NORMALISER = 1
"""Version of the rules and tables that make words; fingerprints of different versions must not be mixed."""


@dataclass(frozen=True, slots=True)
class Params:
    """Settings of every stage. Frozen: `dataclasses.replace` makes another."""

    # shingles and sketches
    shingle_size: int = 3
    """Words in a shingle; every printed containment is over these."""
    permutations: int = 128
    """Values in a MinHash sketch."""
    seed: int = 1
    """Seed of the MinHash permutations, as in datasketch."""
    bands: int = 16
    """LSH bands of permutations/bands rows: near-verbatim copies (resemblance .8) are folded with probability .95."""

    # candidates
    rare_shared: int = 3
    """Shingles that two documents must share to become a candidate pair (prior: a passage of 5 words has 3)."""
    common_shingle: int = 200
    """A shingle in more documents than this proposes no pair by itself (it links to its nearest neighbours only)."""
    viral_size: int = 200
    """Stories with more members list a bounded number of verified pairs a member."""

    # reuse: direction.md, "Related"
    related: float = 0.12
    """Share of the smaller text's authored shingles that is reuse by itself (M: 1 % of same-event pairs of basil reach it)."""
    probable: float = 0.07
    """From this share on, a run of `probable_run` words found in no other document makes it reuse (M: 3 % of basil reach
    the share)."""
    probable_run: int = 6
    """Words of that run (prior)."""
    possible: float = 0.04
    """From this share on, a longer run or many telling phrases found in no other document make it reuse (prior)."""
    exclusive_run: int = 8
    """Words of the longer run: authored, in these two documents alone (prior, set on five articles)."""
    exclusive_shingles: int = 8
    """Or so many authored shingles of content words that stand in these two alone (prior)."""
    quoted_run: int = 6
    """Words of a shared quotation that make a quotation link (prior)."""
    cited_run: int = 9
    """Words that one text has in quotation marks and the other has without them (prior)."""

    # answers
    arrow: float = 0.75
    """Least probability of an arrow: below it the pair stays undecided."""
    tie_minutes: int = 60
    """Published closer together than this, neither is earlier (prior)."""
    assume: Literal["condense", "grow"] | None = None
    """What an editor knows: rewrites shorten, or versions grow. None: nothing is assumed."""
    dense_component: int = 300
    """Components up to this size get the exact posterior over all trees."""

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParamsError(f"{name} is {value}; it must lie between {low} and {high}")
        if self.permutations % self.bands:
            raise ParamsError(f"bands ({self.bands}) must divide permutations ({self.permutations})")
        if self.assume not in (None, "condense", "grow"):
            raise ParamsError(f"assume is {self.assume!r}; it must be 'condense', 'grow' or None")

    def as_dict(self) -> dict[str, Any]:
        """The settings and the normaliser's version, as they stand in every lineage."""
        return {**asdict(self), "normaliser": NORMALISER}


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("shingle_size", 1, 20),
    ("permutations", 8, 4096),
    ("bands", 1, 4096),
    ("seed", 0, 2**32 - 1),
    ("rare_shared", 1, 1000),
    ("common_shingle", 2, 10**9),
    ("viral_size", 2, 10**9),
    ("related", 0, 1),
    ("probable", 0, 1),
    ("probable_run", 1, 1000),
    ("possible", 0, 1),
    ("exclusive_run", 1, 1000),
    ("exclusive_shingles", 1, 1000),
    ("quoted_run", 1, 1000),
    ("cited_run", 1, 1000),
    ("arrow", 0.5, 1),
    ("tie_minutes", 0, 10**6),
    ("dense_component", 2, 2000),
)

assert {name for name, _, _ in _RANGES} | {"assume"} == {f.name for f in fields(Params)}
