"""Collections beyond one machine: `spark`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.cli.common import EXIT, column, deliver, name_skipped, say

if TYPE_CHECKING:
    from derive.spark.stages import Say


@click.command()
@click.option(
    "--input", "inputs", multiple=True, required=True, metavar="PATH", help="Parquet or JSONL (may be repeated)."
)
@click.option("--output", required=True, metavar="DIR", help="Folder of the stages, on storage that all executors see.")
@click.option(
    "--lineage",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the whole lineage here, too, as scan does.",
)
@click.option("--pairs", "only_pairs", is_flag=True, help="Only the pairs: no passages, direction or lineage.")
@click.option(
    "--min-containment",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.1,
    show_default=True,
    help="With --pairs: least share of the one text that the other has.",
)
@click.option("--all-pairs", is_flag=True, help="With --pairs: every pair of a viral story, too.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=NAME", help="Which column holds what: text=body.")
@click.option("--master", metavar="URL", help="Spark's master; without it that of spark-submit, else this machine.")
@click.option("--quiet", is_flag=True, help="No line for each stage.")
def spark(
    inputs: tuple[str, ...],
    output: str,
    lineage: Path | None,
    only_pairs: bool,
    min_containment: float,
    all_pairs: bool,
    columns: tuple[str, ...],
    master: str | None,
    quiet: bool,
) -> int:
    """The lineage, or the pairs, of a collection of millions, found on a Spark cluster as on one machine.

    Every stage is written as Parquet under --output; a job that was stopped goes on where it was. The lineage stands in
    DIR/drawn, a JSON document for every part of the collection that hangs together; the pairs stand in DIR/pairs. Needs
    Java 17 and the extra derive-news[spark].

    \b
    Example:
      derive spark --input articles/ --output lineage/
    """
    import derive.spark as cluster

    session = cluster.session(master)
    told: Say | None = None if quiet else say
    try:
        read = cluster.read(session, inputs, dict(map(column, columns)))
        articles = read.where("reason is null")
        skipped = cluster.keep_skipped(read, output)
        if only_pairs:
            found = cluster.find_pairs(
                articles, min_containment=min_containment, all_pairs=all_pairs, output=output, say=told
            )
            click.echo(f"{found.count():,} pairs: {output.rstrip('/')}/pairs")
        else:
            parts = cluster.scan(articles, output=output, say=told)
            click.echo(f"{parts.where('whole >= 0').count():,} stories: {output.rstrip('/')}/drawn")
            if lineage:
                deliver(cluster.lineage_json(parts, skipped=skipped).encode(), lineage)
    finally:
        session.stop()
    name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]
