"""Collections beyond one machine: `spark`."""

from __future__ import annotations

import click

from derive.cli.common import EXIT, say


@click.command()
@click.option(
    "--input", "inputs", multiple=True, required=True, metavar="PATH", help="Parquet or JSONL (may be repeated)."
)
@click.option("--output", required=True, metavar="DIR", help="Folder of the stages, on storage that all executors see.")
@click.option(
    "--min-containment",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.1,
    show_default=True,
    help="Least share of the one text that the other has.",
)
@click.option("--all-pairs", is_flag=True, help="List every pair of a viral story, too.")
@click.option("--map", "columns", multiple=True, metavar="FIELD=NAME", help="Which column holds what: text=body.")
@click.option("--master", metavar="URL", help="Spark's master; without it that of spark-submit, else this machine.")
@click.option("--quiet", is_flag=True, help="No line for each stage.")
def spark(
    inputs: tuple[str, ...],
    output: str,
    min_containment: float,
    all_pairs: bool,
    columns: tuple[str, ...],
    master: str | None,
    quiet: bool,
) -> int:
    """The pairs of a collection of millions, found on a Spark cluster as on one machine.

    Every stage is written as Parquet under --output; a job that was stopped goes on where it was. The pairs stand in
    DIR/pairs. Needs Java 17 and the extra derive-news[spark].

    \b
    Example:
      derive spark --input articles/ --output pairs/
    """
    import derive.spark as cluster
    from derive.cli.common import column

    session = cluster.session(master)
    try:
        read = cluster.read(session, inputs, dict(map(column, columns)))
        found = cluster.find_pairs(
            read.where("reason is null"),
            min_containment=min_containment,
            all_pairs=all_pairs,
            output=output,
            say=None if quiet else say,
        )
        skipped = cluster.keep_skipped(read, output)
        click.echo(f"{found.count():,} pairs: {output.rstrip('/')}/pairs")
    finally:
        session.stop()
    for line in skipped:
        say(line)
    return EXIT["skipped"] if skipped else EXIT["read"]
