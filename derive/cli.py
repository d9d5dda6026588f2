"""The command line: options in, one library call, result out. Results to stdout, messages and progress to stderr.

Each verb parses, calls the library function of the same name, and prints. Only this module exits; the codes stand in
`EXIT`. Heavy modules are imported inside the verbs, so that `derive --help` stays instant.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from derive import __version__
from derive.errors import ArchiveError, DeriveError, InputError

if TYPE_CHECKING:
    from derive.model import Document, Skipped
    from derive.params import Params
    from derive.pipeline import Progress

EXIT = {"read": 0, "skipped": 1, "usage": 2, "archive": 3, "interrupted": 130, "terminated": 143, "pipe": 141}
ASKED = 200
"""So many new stories are asked about one by one when they are added."""
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
_window = [
    click.option("--since", metavar="DATE", help="Of an archive: published on this day or later."),
    click.option("--until", metavar="DATE", help="Of an archive: published on this day or earlier."),
    click.option("--outlet", metavar="NAME", help="Of an archive: this outlet's articles."),
    click.option("--family", metavar="ID", help="Of an archive: the articles that hang together with this one."),
]
_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout."
)
_anonymise = click.option(
    "--anonymise",
    is_flag=True,
    help="Other names for outlets, authors and articles, in the texts too; whoever searches for a sentence still finds it.",
)
_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), default=1, help="Processes; the result is the same for any number."
)


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
@_with(_window)
@_anonymise
@_jobs
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
    anonymise: bool,
    jobs: int,
    quiet: bool,
    **window: str | None,
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

    params = _params(assume)
    skipped: list[Skipped] = []
    with _progress(quiet) as progress:
        documents = named(_read(paths, metadata, exclude, columns, out, skipped, window, jobs, progress))
        declared = _declared(declare, documents, skipped) if declare else []
        lineage = pipeline.scan(
            documents, params=params, skipped=_in_order(skipped), declared=declared, progress=progress, jobs=jobs
        )
    _name_skipped(skipped)
    if strict and skipped:
        _say("--strict: something was skipped, so nothing was written")
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
        _say(problem)
    return EXIT["skipped"] if skipped else EXIT["read"]


@cli.command()
@click.argument("a")
@click.argument("b")
@click.option("--in", "within", metavar="PATH|LINEAGE.json", help="Judge the two among these articles.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout.")
@_with(_reading)
@_anonymise
def explain(
    a: str,
    b: str,
    within: str | None,
    form: str,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    assume: str | None,
    anonymise: bool,
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

    params = _params(assume)
    if within is not None and within.endswith(".json") and Path(within).is_file():
        click.echo(_explain_stored(Path(within), a, b, anonymise), nl=False)
        return EXIT["read"]
    skipped: list[Skipped] = []
    paths = (within,) if within is not None else (a, b)
    documents = named(_read(paths, metadata, exclude, columns, None, skipped))
    if within is None and len(documents) == 2:
        a, b = _ids_of_two(a, b, documents)
    _name_skipped(skipped)
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


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_with(_reading[:3])
@click.option("--no-query", is_flag=True, help="Do not say what each new story derives from.")
@_jobs
@click.option("--quiet", is_flag=True, help="Print no ids; problems are still named.")
def add(
    archive: Path,
    paths: tuple[str, ...],
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    no_query: bool,
    jobs: int,
    quiet: bool,
) -> int:
    """Add stories to ARCHIVE (made where there is none), and say what each new one derives from.

    An id is printed once its story is safely on disk.

    \b
    Example:
      derive add news.derive today/
    """
    from derive.archive import Archive
    from derive.report.answer import answer_text
    from derive.report.labels import printable

    skipped: list[Skipped] = []
    with _progress(quiet) as progress:
        documents = _read(paths, metadata, exclude, columns, None, skipped, jobs=jobs, progress=progress)
    with Archive.open(archive) as store:
        done = store.add(
            documents,
            acknowledge=None if quiet else lambda id: click.echo(f"added {printable(id)}"),
            waiting=_say,
        )
        fresh = {*done.new, *done.versions}
        if not (no_query or quiet) and len(fresh) <= ASKED:
            for document in documents:
                if document.id in fresh:
                    click.echo(answer_text(store.query(document), len(store), document), nl=False)
        elif not quiet and not no_query:
            _say(f"{len(fresh)} new stories: more than {ASKED} are not asked about one by one; see derive query")
        unchanged = f", {len(done.unchanged)} were there already" if done.unchanged else ""
        versions = f", {len(done.versions)} of them new versions" if done.versions else ""
        if not quiet:
            click.echo(f"{len(fresh)} added{versions}{unchanged}; {len(store)} in {printable(str(archive))}")
    _name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_format
@_with(_reading[:3])
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Articles compared in full.")
def query(
    archive: Path,
    paths: tuple[str, ...],
    form: str,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    limit: int,
) -> int:
    """Where did the stories in PATH (- for stdin) come from, as far as ARCHIVE knows? Nothing is added.

    \b
    Example:
      derive query news.derive story.txt
    """
    from derive.archive import Archive
    from derive.report.answer import answer_json, answer_text

    skipped: list[Skipped] = []
    documents = _read(paths, metadata, exclude, columns, None, skipped)
    with Archive.open(archive, mode="r") as store:
        for document in documents:
            answer = store.query(document, limit=limit)
            click.echo(
                answer_json(answer) + "\n" if form == "json" else answer_text(answer, len(store), document), nl=False
            )
    _name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
def remove(archive: Path, ids: tuple[str, ...]) -> int:
    """Forget stories, in all their versions, as if they had never been added.

    \b
    Example:
      derive remove news.derive today/herald.txt
    """
    from derive.archive import Archive
    from derive.report.labels import printable

    with Archive.open(archive) as store:
        gone = store.remove(ids, waiting=_say)
    for id in gone:
        click.echo(f"removed {printable(id)}")
    for id in ids:
        if id not in gone:
            _say(f"{archive}: no article has the id {id!r}")
    return EXIT["read"] if set(gone) == set(ids) else EXIT["skipped"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
def check(archive: Path) -> int:
    """Is every record of ARCHIVE what was stored? Names each that is not; exit 3 if there is one.

    \b
    Example:
      derive check news.derive
    """
    from derive.archive import Archive

    faults = 0
    with Archive.open(archive, mode="r") as store:
        for fault in store.check():
            _say(fault)
            faults += 1
        if not faults:
            click.echo(f"{len(store)} articles, every one as it was stored")
    return EXIT["archive"] if faults else EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@_format
def info(archive: Path, form: str) -> int:
    """What is in ARCHIVE, and with which settings was it made?

    \b
    Example:
      derive info news.derive
    """
    import json

    from derive.archive import Archive
    from derive.report.labels import printable

    with Archive.open(archive, mode="r") as store:
        found = store.info()
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            click.echo(f"{name:<16} {printable(str(value)) if value is not None else '-'}")
    return EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("copy", type=click.Path(path_type=Path))
def backup(archive: Path, copy: Path) -> int:
    """Copy ARCHIVE to COPY while others read and write it.

    \b
    Example:
      derive backup news.derive monday.derive
    """
    from derive.archive import Archive

    with Archive.open(archive, mode="r") as store:
        store.backup(copy)
        click.echo(f"{len(store)} articles copied to {copy}")
    return EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("copy", type=click.Path(path_type=Path))
def upgrade(archive: Path, copy: Path) -> int:
    """Make COPY from an ARCHIVE of an older derive: the texts stay, everything else is made anew.

    \b
    Example:
      derive upgrade old.derive new.derive
    """
    from derive.archive import upgrade as run

    click.echo(f"{run(archive, copy)} articles in {copy}")
    return EXIT["read"]


@cli.command(name="eval")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout.")
@click.option("--assume", type=click.Choice(["condense", "grow"]), help="Rewrites shorten, or versions grow.")
@_jobs
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

    with _progress(False) as progress:
        scores = run(dataset, params=_params(assume), progress=progress, jobs=jobs, lineage=lineage)
    click.echo(
        json.dumps(scores, ensure_ascii=False, indent=1) if form == "json" else scores_text(scores), nl=form == "json"
    )
    return EXIT["read"]


@cli.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8321, show_default=True, help="Port to listen on.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="Another name that the service answers to.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the token (or DERIVE_TOKEN).")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes that work on questions; up to 4 without it.")
def serve(
    archive: Path, host: str, port: int, names: tuple[str, ...], token_file: Path | None, jobs: int | None
) -> int:
    """Answer questions about ARCHIVE over HTTP, for programs and in a browser.

    Only this machine can ask, unless --host says otherwise. Adding needs a token of 32 bytes or more; with --host reading
    needs it, too (a browser asks for it: any name, the token as password).

    \b
    Example:
      derive serve news.derive
    """
    from derive.archive import Archive
    from derive.errors import MissingExtra
    from derive.serve import TOKEN_BYTES

    try:
        token = token_file.read_text(encoding="utf-8").strip() if token_file else os.environ.get("DERIVE_TOKEN")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{token_file}: the token cannot be read ({error})") from error
    if token is not None and len(token.encode()) < TOKEN_BYTES:
        raise click.UsageError(f"the token has {len(token.encode())} characters: give it {TOKEN_BYTES} or more")
    try:
        from derive.serve.run import is_local, run
    except ImportError as error:
        raise MissingExtra("the service needs the extra: pip install 'derive-news[serve]'") from error
    if not is_local(host) and token is None:
        raise click.UsageError(f"--host {host} lets other machines ask: that needs a token (--token-file)")
    Archive.open(archive, mode="r").close()
    _say(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl-C ends it)")
    run(archive, host=host, port=port, token=token, names=names, workers=jobs)
    return EXIT["read"]


@cli.command()
@click.argument("lineage", type=click.Path(path_type=Path), metavar="LINEAGE.json")
@click.option(
    "--to",
    "form",
    required=True,
    type=click.Choice(["dot", "svg", "png", "graphml", "gexf", "csv", "mermaid", "prov-json"]),
    help="The format.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write; without it, stdout.")
@_anonymise
def export(lineage: Path, form: str, out: Path | None, anonymise: bool) -> int:
    """Write a lineage for other tools: Graphviz, Gephi, a spreadsheet, Mermaid, W3C PROV.

    \b
    Example:
      derive export derive-out/lineage.json --to gexf -o lineage.gexf
    """
    import json

    from derive.report.export import export as run
    from derive.report.stored import lineage_of

    try:
        stored = lineage_of(json.loads(lineage.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, DeriveError):
            raise
        raise InputError(f"{lineage}: not a lineage that derive wrote ({error})") from error
    if anonymise:
        from derive.report.anonymise import anonymised

        stored = anonymised(stored)
    _deliver(run(stored, form), out)
    return EXIT["read"]


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH|ARCHIVE...")
@click.option("--source", required=True, metavar="NAME", help="The outlet or agency whose stories are followed.")
@click.option("--format", "form", type=click.Choice(["text", "csv", "json", "html"]), default="text", help="The form.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write; without it, stdout.")
@_with(_reading)
@_with(_window)
@_jobs
def uptake(
    paths: tuple[str, ...],
    source: str,
    form: str,
    out: Path | None,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    assume: str | None,
    jobs: int,
    **window: str | None,
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
    with _progress(out is None) as progress:
        documents = named(_read(paths, metadata, exclude, columns, out, skipped, window, jobs, progress))
        lineage = pipeline.scan(
            documents, params=_params(assume), skipped=_in_order(skipped), progress=progress, jobs=jobs
        )
    _deliver(FORMATS[form](run(documents, lineage, source)), out)
    _name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


def _deliver(data: bytes, out: Path | None) -> None:
    """To a file, whole or not at all, or to stdout as it is."""
    from derive.report.files import write_files

    if out is None:
        click.echo(data, nl=False)
    else:
        write_files(out.parent, {out.name: data})


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
    window: dict[str, str | None] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Document]:
    from derive.archive.file import is_archive
    from derive.read import read_documents

    archives = [path for path in paths if path != "-" and is_archive(Path(path))]
    if not archives and window and (asked := [name for name, value in window.items() if value]):
        raise click.UsageError(f"--{asked[0]} is for archives: give one made with derive add")
    documents = []
    for path in archives:
        from derive.archive import Archive

        with Archive.open(path, mode="r") as archive:
            documents += list(archive.documents(**(window or {})))
    rest = [path for path in paths if path not in archives]
    if rest:
        named = dict(_column(said) for said in columns)
        documents += read_documents(
            rest,
            metadata=metadata,
            exclude=exclude,
            out=out,
            columns=named,
            skipped=skipped,
            jobs=jobs,
            progress=progress,
        )
    return documents


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


def _explain_stored(path: Path, a: str, b: str, anonymise: bool) -> str:
    """One pair of a lineage.json: its figures and evidence; the texts themselves are not stored there."""
    import json

    from derive.report.stored import explain_stored

    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return explain_stored(stored, a, b, anonymise=anonymise)
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
    for number in _ENDS:
        signal.signal(number, _end_once)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    code = _code_of_run()
    for number in _ENDS:  # whoever loses patience now must not stop what ends the helpers
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


_ENDS = {signal.SIGINT: EXIT["interrupted"], signal.SIGTERM: EXIT["terminated"]}
GRACE = 2.0
"""Seconds in which a second signal does not interrupt what cleans up after the first."""
_ended_at = -GRACE


def _end_once(number: int, _: object) -> None:
    """Ends derive by way of every `finally`, so that no half-written file and no helper process is left."""
    global _ended_at
    now = time.monotonic()
    if now - _ended_at >= GRACE:
        _ended_at = now
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(EXIT["terminated"])


def _code_of_run() -> int:
    stdout = sys.stdout
    try:
        code = cli.main(prog_name="derive", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        code = EXIT["interrupted"]
    except click.ClickException as error:
        error.show()
        code = EXIT["usage"]
    except BrokenPipeError:
        # The reader of our output has gone; nothing more may be written to it, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = EXIT["pipe"]
    except SystemExit as ended:
        # click ends with 1 when the reader goes away while it writes, and wraps the streams so that nothing more is said.
        code = ended.code if sys.stdout is stdout else EXIT["pipe"]
    except MemoryError:
        _say("not enough memory for so many articles at once: scan fewer, or add them to an archive and query that")
        code = EXIT["skipped"]
    except DeriveError as error:
        _say(str(error))
        code = EXIT["archive" if isinstance(error, ArchiveError) else "skipped"]
    return code if isinstance(code, int) else EXIT["read"]
