"""What is still found after each of the evasions of an obfuscation suite, on the project's own articles?

    DERIVE_TOOLS=... python benchmarks/obfuscation.py

Each English article of fixtures/ against its disguised self: least and mean containment, and whether the pair is called
`text`. The disguised article against every other article of its story and one of another story: pairs whose answer is not
that of the undisguised article.
"""

import importlib.util
import os
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from derive import compare, read_documents

ROOT = Path(__file__).parent.parent
STORIES = ("dam-inquiry", "bakers-strike", "harbour-release", "shared-statement", "shared-furniture", "flood-later")


def obfuscations() -> dict:
    """Name -> (tier, change)."""
    path = Path(os.environ["DERIVE_TOOLS"]) / "obfuscate.py"
    spec = importlib.util.spec_from_file_location("obfuscate", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.OBF


def main() -> None:
    articles = [
        d for name in STORIES for d in read_documents([ROOT / "fixtures" / name], exclude=["*.toml", "lookalike.txt"])
    ]
    articles = [replace(d, id=f"{k:02d}") for k, d in enumerate(articles) if len(d.text.split()) > 150]
    strangers = [articles[(k + len(articles) // 2) % len(articles)] for k in range(len(articles))]
    usual = [compare(a, b).reuse for a, b in zip(articles, strangers, strict=True)]
    print(f"{len(articles)} articles")
    print("tier  evasion                    least  mean   found  unrelated changed")
    tiers = defaultdict(list)
    for name, (tier, change) in obfuscations().items():
        shares, found, changed = [], 0, 0
        for article, stranger, before in zip(articles, strangers, usual, strict=True):
            disguised = replace(article, id="disguised", text=change(article.text, seed=1))
            pair = compare(article, disguised)
            shares.append(max(pair.containment_of_a_in_b, pair.containment_of_b_in_a))
            found += pair.reuse == "text"
            changed += compare(disguised, stranger).reuse not in (before, "none")
        tiers[tier].append(found / len(articles))
        print(
            f"{tier}     {name:<26} {min(shares):.3f}  {sum(shares) / len(shares):.3f}  {found / len(articles):.3f}  {changed}"
        )
    for tier, rates in sorted(tiers.items()):
        print(f"tier {tier}: found {sum(rates) / len(rates):.4f}, least {min(rates):.3f}", file=sys.stdout)


if __name__ == "__main__":
    main()
