"""A collection of articles: `scan`, `explain`, `uptake`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli.common import (
    EXIT,
    READING,
    WINDOW,
    anonymisable,
    assuming,
    deliver,
    in_format,
    in_jobs,
    in_order,
    name_skipped,
    of_paths,
    params_of,
    read_articles,
    say,
    shown_progress,
    stored_lineage,
    with_options,
)
from derive.errors import InputError

if TYPE_CHECKING:
    from derive.model import Document, Skipped


@click.command()
@of_paths
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("derive-out"),
    show_default=True,
    help="Folder for the pictures, the report and the data.",
)
@in_format
@click.option("--strict", is_flag=True, help="Anything skipped: nothing is written, exit 1.")
@with_options(READING)
@assuming
@click.option(
    "--declare", type=click.Path(path_type=Path), metavar="EDGES.csv", help="CSV source,target: what an editor knows."
)
@with_options(WINDOW)
@anonymisable
@in_jobs
@click.option("--quiet", is_flag=True, help="No summary, no progress; problems are still named.")
def scan(
    paths: tuple[str, ...],
    out: Path,
    form: str,
    strict: bool,
    assume: str | None,
    declare: Path | None,
    anonymise: bool,
    jobs: int,
    quiet: bool,
    **reading: Any,
) -> int:
    """Draw the lineage of the articles in PATH (folders, files, archives, or - for stdin).

    Writes lineage.svg, lineage.dot, lineage.json and report.html to the --out folder.

    \b
    Example:
      derive scan stories/ --metadata dates.csv --out lineage/
    """
    import derive.pipeline as pipeline
    from derive.report.files import write_report
    from derive.report.labels import printable
    from derive.versions import named

    params = params_of(assume)
    skipped: list[Skipped] = []
    with shown_progress(quiet) as progress:
        documents = named(read_articles(paths, skipped, out=out, jobs=jobs, progress=progress, **reading))
        declared = _declared(declare, documents, skipped) if declare else []
        lineage = pipeline.scan(
            documents, params=params, skipped=in_order(skipped), declared=declared, progress=progress, jobs=jobs
        )
    name_skipped(skipped)
    if strict and skipped:
        say("--strict: something was skipped, so nothing was written")
        return EXIT["skipped"]
    if anonymise:
        from derive.report.anonymise import anonymised

        lineage = anonymised(lineage, documents)
    written = write_report(lineage, out)
    if form == "json":
        click.echo(lineage.to_json(), nl=False)
    elif not quiet:
        click.echo(lineage.summary())
        for path in written.paths:
            click.echo(printable(str(path)))
    for problem in written.problems:
        say(problem)
    return EXIT["skipped"] if skipped else EXIT["read"]


@click.command()
@click.argument("a", type=click.Path())
@click.argument("b", type=click.Path())
@click.option(
    "--in", "within", type=click.Path(), metavar="PATH|LINEAGE.json", help="Judge the two among these articles."
)
@in_format
@with_options(READING)
@assuming
@anonymisable
def explain(
    a: str,
    b: str,
    within: str | None,
    form: str,
    assume: str | None,
    anonymise: bool,
    **reading: Any,
) -> int:
    """Everything about one pair: both containments, every shared passage, the verdict and its evidence.

    A and B are files, or ids within --in. Without --in the two are judged alone.

    \b
    Example:
      derive explain wire.txt herald.txt --in stories/
    """
    import json

    import derive.pipeline as pipeline
    from derive.model import plain
    from derive.report.explanation import explanation
    from derive.versions import named

    params = params_of(assume)
    if within is not None and within.endswith(".json") and Path(within).is_file():
        from derive.report.stored import explain_stored

        with stored_lineage(Path(within)) as stored:
            told = explain_stored(stored, a, b, anonymise=anonymise)
        click.echo(told, nl=False)
        return EXIT["read"]
    skipped: list[Skipped] = []
    paths = (within,) if within is not None else (a, b)
    documents = named(read_articles(paths, skipped, **reading))
    if within is None and len(documents) == 2:
        a, b = _ids_of_two(a, b, documents)
    name_skipped(skipped)
    comparison, left, right = pipeline.explain(documents, _known(a, documents), _known(b, documents), params=params)
    if anonymise:
        from derive.report.anonymise import Pseudonyms

        names = Pseudonyms(documents, documents)
        comparison = names.comparison(comparison, left, right)
        left, right = names.witness(left), names.witness(right)
    if form == "json":
        click.echo(json.dumps(plain(comparison), ensure_ascii=False))
    else:
        click.echo(explanation(comparison, left, right, alone=within is None), nl=False)
    return EXIT["skipped"] if skipped else EXIT["read"]


@click.command()
@of_paths
@click.option("--source", required=True, metavar="NAME", help="The outlet or agency whose stories are followed.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json", "html"]), default="text", help="The form.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write; without it, stdout.")
@with_options(READING)
@assuming
@with_options(WINDOW)
@in_jobs
def uptake(
    paths: tuple[str, ...],
    source: str,
    form: str,
    out: Path | None,
    assume: str | None,
    jobs: int,
    **reading: Any,
) -> int:
    """Who used NAME's stories, how much of them stayed, how soon, credited or not?

    \b
    Example:
      derive uptake stories/ --metadata dates.csv --source "Northern Wire"
    """
    import derive.pipeline as pipeline
    from derive.report.uptake import FORMATS
    from derive.uptake import uptake as run
    from derive.versions import named

    skipped: list[Skipped] = []
    with shown_progress(out is None) as progress:
        documents = named(read_articles(paths, skipped, out=out, jobs=jobs, progress=progress, **reading))
        lineage = pipeline.scan(
            documents, params=params_of(assume), skipped=in_order(skipped), progress=progress, jobs=jobs
        )
    deliver(FORMATS[form](run(documents, lineage, source)), out)
    name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


def _declared(path: Path, documents: list[Document], skipped: list[Skipped]) -> list[tuple[str, str]]:
    """The edges of a CSV with the columns source and target; a row that names an unknown id is skipped and said."""
    import csv

    from derive.model import Skipped

    known = {d.id for d in documents} | {d.url for d in documents if d.url}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as CSV ({error})") from error
    if rows and not {"source", "target"} <= set(rows[0]):
        raise InputError(f"{path}: the first line must name the columns source and target")
    edges = []
    for number, row in enumerate(rows, 2):
        pair = (row["source"] or "", row["target"] or "")
        if set(pair) <= known:
            edges.append(pair)
        else:
            strange = next(p for p in pair if p not in known)
            skipped.append(
                Skipped(str(path), number, "not-found", f"{path}:{number}: no article has the id {strange!r}")
            )
    return edges


def _known(name: str, documents: list[Document]) -> str:
    """The id meant by `name`: itself, or the only id that ends with it."""
    ids = [d.id for d in documents]
    if name in ids:
        return name
    ends = [i for i in ids if i.endswith("/" + name) or Path(name).name == i or i.startswith(name)]
    if len(ends) == 1:
        return ends[0]
    from difflib import get_close_matches

    near = ends[:5] or get_close_matches(name, ids, 3, 0.4)
    hint = f"; did you mean {', '.join(near)}?" if near else f"; there are {len(ids)} articles"
    raise InputError(f"no article has the id {name!r}{hint}")


def _ids_of_two(a: str, b: str, documents: list[Document]) -> tuple[str, str]:
    """The ids that the two files got, in the order in which they were asked for."""
    first, second = (d.id for d in documents)
    swap = first.endswith(Path(b).name) and not first.endswith(Path(a).name)
    return (second, first) if swap else (first, second)
