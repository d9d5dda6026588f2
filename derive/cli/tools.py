"""Lineages for other programs, how right they are, what is installed: `export`, `eval`, `doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from derive.cli.common import (
    EXIT,
    anonymisable,
    assuming,
    deliver,
    in_format,
    in_jobs,
    params_of,
    shown_progress,
    stored_lineage,
)


@click.command()
@click.argument("lineage", type=click.Path(path_type=Path), metavar="LINEAGE.json")
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(["dot", "svg", "png", "graphml", "gexf", "csv", "mermaid", "prov-json"]),
    help="The format.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write; without it, stdout.")
@anonymisable
def export(lineage: Path, form: str, out: Path | None, anonymise: bool) -> int:
    """Write a lineage for other tools: Graphviz, Gephi, a spreadsheet, Mermaid, W3C PROV.

    \b
    Example:
      derive export derive-out/lineage.json --to gexf -o lineage.gexf
    """
    from derive.report.export import export as run
    from derive.report.stored import lineage_of

    with stored_lineage(lineage) as written:
        stored = lineage_of(written)
    if anonymise:
        from derive.report.anonymise import anonymised

        stored = anonymised(stored)
    deliver(run(stored, form), out)
    return EXIT["read"]


@click.command(name="eval")
@click.argument("dataset", type=click.Path(path_type=Path))
@in_format
@assuming
@in_jobs
@click.option("--lineage/--no-lineage", default=True, help="Draw the lineage, too (of a set of thousands: minutes).")
def evaluate(dataset: Path, form: str, assume: str | None, jobs: int, lineage: bool) -> int:
    """How right derive is on a collection with a known truth: detection, alignment, direction, lineage, beside trivial baselines.

    DATASET is a folder with docs.jsonl[.gz] and truth.jsonl[.gz], a story with its truth.toml, or a folder of stories.

    \b
    Example:
      derive eval data/clough_stevenson
    """
    import json

    from derive.evaluate import evaluate as run
    from derive.report.scores import scores_text

    with shown_progress(False) as progress:
        scores = run(dataset, params=params_of(assume), progress=progress, jobs=jobs, lineage=lineage)
    click.echo(
        json.dumps(scores, ensure_ascii=False, indent=1) if form == "json" else scores_text(scores), nl=form == "json"
    )
    return EXIT["read"]


@click.command()
def doctor() -> int:
    """What is installed, and what to do about what is not.

    \b
    Example:
      derive doctor
    """
    from derive.doctor import checks

    for check in checks():
        click.echo(f"{'ok     ' if check.ok else 'missing'} {check.name:<12} {check.found}")
        if not check.ok:
            click.echo(f"        {check.advice}")
    return EXIT["read"]
