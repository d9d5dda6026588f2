"""The command line: options in, one library call, result out. Results to stdout, messages and progress to stderr.

Each verb parses, calls the library function of the same name, and prints. Only this module exits; the codes stand in
`EXIT`. Heavy modules are imported inside the verbs, so that `derive --help` stays instant.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from derive import __version__
from derive.errors import DeriveError, InputError

if TYPE_CHECKING:
    from derive.model import Document, Skipped
    from derive.params import Params

EXIT = {"read": 0, "skipped": 1, "usage": 2, "interrupted": 130, "terminated": 143, "pipe": 141}
NAMED = 20
"""Skipped inputs named on stderr before the rest is counted."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="derive")
def cli() -> None:
    """Tells where a story came from: which articles were rewritten from which, which only drew on the same unseen source,
    and how many independent origins they have. Says "undecided" when the text cannot tell.

    \b
    Example:
      derive scan stories/
      derive explain herald.txt wire.txt --in stories/
    """


_reading = [
    click.option("--metadata", type=click.Path(path_type=Path), help="CSV: path or id, title, published, source, url."),
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="Leave out ids or names like this (may be repeated)."
    ),
    click.option("--map", "columns", multiple=True, metavar="FIELD=NAME", help="Which column holds what: text=body."),
    click.option("--assume", type=click.Choice(["condense", "grow"]), help="Rewrites shorten, or versions grow."),
]


def _with(options: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=Path("derive-out"),
    show_default=True,
    help="Folder for the pictures, the report and the data.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout.")
@click.option("--strict", is_flag=True, help="Anything skipped: nothing is written, exit 1.")
@_with(_reading)
@click.option(
    "--declare", type=click.Path(path_type=Path), metavar="EDGES.csv", help="CSV source,target: what an editor knows."
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Processes; the result is the same for any number.")
@click.option("--quiet", is_flag=True, help="No summary, no progress; problems are still named.")
def scan(
    paths: tuple[str, ...],
    out: Path,
    form: str,
    strict: bool,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    assume: str | None,
    declare: Path | None,
    jobs: int,
    quiet: bool,
) -> int:
    """Draw the lineage of the articles in PATH (folders, files, or - for stdin).

    Writes lineage.svg, lineage.dot, lineage.json and report.html to the --out folder.

    \b
    Example:
      derive scan stories/ --metadata dates.csv --out lineage/
    """
    import derive.pipeline as pipeline
    from derive.report.files import write_report
    from derive.report.labels import printable

    params = _params(assume)
    skipped: list[Skipped] = []
    documents = _read(paths, metadata, exclude, columns, out, skipped)
    declared = _declared(declare, documents, skipped) if declare else []
    with _progress(quiet) as progress:
        lineage = pipeline.scan(
            documents, params=params, skipped=_in_order(skipped), declared=declared, progress=progress, jobs=jobs
        )
    _name_skipped(skipped)
    if strict and skipped:
        _say("--strict: something was skipped, so nothing was written")
        return EXIT["skipped"]
    written = write_report(lineage, out)
    if form == "json":
        click.echo(lineage.to_json(), nl=False)
    elif not quiet:
        click.echo(lineage.summary())
        for path in written.paths:
            click.echo(printable(str(path)))
    for problem in written.problems:
        _say(problem)
    return EXIT["skipped"] if skipped else EXIT["read"]


@cli.command()
@click.argument("a")
@click.argument("b")
@click.option("--in", "within", metavar="PATH|LINEAGE.json", help="Judge the two among these articles.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout.")
@_with(_reading)
def explain(
    a: str,
    b: str,
    within: str | None,
    form: str,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    assume: str | None,
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
    from derive.report.text import explanation

    params = _params(assume)
    if within is not None and within.endswith(".json") and Path(within).is_file():
        click.echo(_explain_stored(Path(within), a, b), nl=False)
        return EXIT["read"]
    skipped: list[Skipped] = []
    paths = (within,) if within is not None else (a, b)
    documents = _read(paths, metadata, exclude, columns, None, skipped)
    if within is None and len(documents) == 2:
        a, b = _ids_of_two(a, b, documents)
    _name_skipped(skipped)
    comparison, left, right = pipeline.explain(documents, _known(a, documents), _known(b, documents), params=params)
    if form == "json":
        click.echo(json.dumps(plain(comparison), ensure_ascii=False))
    else:
        click.echo(explanation(comparison, left, right, alone=within is None), nl=False)
    return EXIT["skipped"] if skipped else EXIT["read"]


@cli.command(name="eval")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout.")
@click.option("--assume", type=click.Choice(["condense", "grow"]), help="Rewrites shorten, or versions grow.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Processes; the result is the same for any number.")
def evaluate(dataset: Path, form: str, assume: str | None, jobs: int) -> int:
    """How right derive is on a data set with a known truth: detection, alignment, direction, beside trivial baselines.

    DATASET is a folder with docs.jsonl[.gz] and truth.jsonl[.gz].

    \b
    Example:
      derive eval data/clough_stevenson
    """
    import json

    from derive.evaluate import evaluate as run
    from derive.report.scores import scores_text

    with _progress(False) as progress:
        scores = run(dataset, params=_params(assume), progress=progress, jobs=jobs)
    click.echo(
        json.dumps(scores, ensure_ascii=False, indent=1) if form == "json" else scores_text(scores), nl=form == "json"
    )
    return EXIT["read"]


@cli.command()
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


# -- parts of the verbs


def _params(assume: str | None) -> Params:
    from derive.params import Params

    return Params(assume=assume)  # type: ignore[arg-type]


def _read(
    paths: tuple[str, ...],
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    out: Path | None,
    skipped: list[Skipped],
) -> list[Document]:
    from derive.read import read_documents

    named = dict(_column(said) for said in columns)
    return list(read_documents(paths, metadata=metadata, exclude=exclude, out=out, columns=named, skipped=skipped))


def _column(said: str) -> tuple[str, str]:
    field, equals, name = said.partition("=")
    if not (field and equals and name):
        raise click.BadParameter(f"{said!r}: write it as FIELD=NAME, for example text=body", param_hint="--map")
    return field, name


def _in_order(skipped: list[Skipped]) -> list[Skipped]:
    return sorted(skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))


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


def _explain_stored(path: Path, a: str, b: str) -> str:
    """One pair of a lineage.json: its figures and evidence; the texts themselves are not stored there."""
    import json

    from derive.report.stored import explain_stored

    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return explain_stored(stored, a, b)
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, DeriveError):
            raise
        raise InputError(f"{path}: not a lineage that derive wrote ({error})") from error


def _name_skipped(skipped: list[Skipped]) -> None:
    for entry in _in_order(skipped)[:NAMED]:
        _say(f"skipped ({entry.reason}): {entry.message}")
    if len(skipped) > NAMED:
        _say(f"and {len(skipped) - NAMED} more skipped; all of them are listed in lineage.json")


def _say(message: str) -> None:
    from derive.report.labels import printable

    click.echo(f"derive: {printable(message)}", err=True)


def _progress(quiet: bool) -> AbstractContextManager[Any]:
    """A progress bar on stderr, only on a terminal."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from derive.report.progress import progress_bar

    return progress_bar()


# -- exit codes


def main() -> NoReturn:
    """Runs a command and exits with one of the codes of the contract; never with a traceback for something expected."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(EXIT["terminated"]))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = cli.main(prog_name="derive", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        code = EXIT["interrupted"]
    except KeyboardInterrupt:
        code = EXIT["interrupted"]
    except click.ClickException as error:
        error.show()
        code = EXIT["usage"]
    except BrokenPipeError:
        # The reader of our output has gone; nothing more may be written to it, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT["pipe"]
    except DeriveError as error:
        _say(str(error))
        code = EXIT["skipped"]
    sys.exit(code if isinstance(code, int) else 0)
