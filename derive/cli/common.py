"""What the commands have in common: options, reading what was named, what is said on stderr, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError, InputError

if TYPE_CHECKING:
    from derive.model import Document, Skipped
    from derive.params import Params
    from derive.pipeline import Progress

EXIT = {"read": 0, "skipped": 1, "usage": 2, "archive": 3, "interrupted": 130, "terminated": 143, "pipe": 141}
NAMED = 20
"""Skipped inputs named on stderr before the rest is counted."""
assuming = click.option("--assume", type=click.Choice(["condense", "grow"]), help="Rewrites shorten, or versions grow.")
READING = [
    click.option("--metadata", type=click.Path(path_type=Path), help="CSV: path or id, title, published, source, url."),
    click.option(
        "--exclude", multiple=True, metavar="GLOB", help="Leave out ids or names like this (may be repeated)."
    ),
    click.option("--map", "columns", multiple=True, metavar="FIELD=NAME", help="Which column holds what: text=body."),
]
WINDOW = [
    click.option("--since", metavar="DATE", help="Of an archive: published on this day or later."),
    click.option("--until", metavar="DATE", help="Of an archive: published on this day or earlier."),
    click.option("--outlet", metavar="NAME", help="Of an archive: this outlet's articles."),
    click.option("--family", metavar="ID", help="Of an archive: the articles that hang together with this one."),
]
of_archive = click.argument("archive", type=click.Path(path_type=Path))
of_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
to_copy = click.argument("copy", type=click.Path(path_type=Path))
in_format = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="What goes to stdout."
)
anonymisable = click.option(
    "--anonymise",
    is_flag=True,
    help="Other names for outlets, authors and articles, in the texts too; whoever searches for a sentence still finds it.",
)
in_jobs = click.option(
    "--jobs", type=click.IntRange(min=1), default=1, help="Processes; the result is the same for any number."
)


def with_options(options: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def params_of(assume: str | None) -> Params:
    from derive.params import Params

    return Params(assume=assume)  # type: ignore[arg-type]


def read_articles(
    paths: tuple[str, ...],
    skipped: list[Skipped],
    *,
    metadata: Path | None,
    exclude: tuple[str, ...],
    columns: tuple[str, ...],
    out: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    **window: str | None,
) -> list[Document]:
    """What the paths hold; the options of `READING` and `WINDOW` come as the commands got them."""
    from derive.archive.file import is_archive
    from derive.read import read_documents

    archives = [path for path in paths if path != "-" and is_archive(Path(path))]
    if not archives and (asked := [name for name, value in window.items() if value]):
        raise click.UsageError(f"--{asked[0]} is for archives: give one made with derive add")
    documents = []
    for path in archives:
        from derive.archive import Archive

        with Archive.open(path, mode="r") as archive:
            documents += list(archive.documents(**window))
    rest = [path for path in paths if path not in archives]
    if rest:
        named = dict(column(said) for said in columns)
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


def column(said: str) -> tuple[str, str]:
    field, equals, name = said.partition("=")
    if not (field and equals and name):
        raise click.BadParameter(f"{said!r}: write it as FIELD=NAME, for example text=body", param_hint="--map")
    return field, name


def in_order(skipped: list[Skipped]) -> list[Skipped]:
    return sorted(skipped, key=lambda s: (s.path, s.record or 0, s.reason, s.message))


def name_skipped(skipped: list[Skipped]) -> None:
    for entry in in_order(skipped)[:NAMED]:
        say(f"skipped ({entry.reason}): {entry.message}")
    if len(skipped) > NAMED:
        say(f"and {len(skipped) - NAMED} more skipped; all of them are listed in lineage.json")


@contextmanager
def stored_lineage(path: Path) -> Iterator[dict[str, Any]]:
    """What stands in a lineage.json; whatever is missing in it is said in one line."""
    import json

    try:
        yield json.loads(path.read_text(encoding="utf-8"))
    except DeriveError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a lineage that derive wrote ({error})") from error


def deliver(data: bytes, out: Path | None) -> None:
    """To a file, whole or not at all, or to stdout as it is."""
    from derive.report.files import write_files

    if out is None:
        click.echo(data, nl=False)
    else:
        write_files(out.parent, {out.name: data})


def say(message: str) -> None:
    from derive.report.labels import printable

    click.echo(f"derive: {printable(message)}", err=True)


def shown_progress(quiet: bool) -> AbstractContextManager[Any]:
    """A progress bar on stderr, only on a terminal."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from derive.report.progress import progress_bar

    return progress_bar()
