"""An archive: `add`, `query`, `remove`, `check`, `info`, `backup`, `upgrade`, `serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.cli.common import (
    EXIT,
    READING,
    in_format,
    in_jobs,
    name_skipped,
    of_archive,
    of_paths,
    read_articles,
    say,
    shown_progress,
    to_copy,
    with_options,
)
from derive.errors import InputError

if TYPE_CHECKING:
    from derive.model import Skipped

ASKED = 200
"""So many new stories are asked about one by one when they are added."""


@click.command()
@of_archive
@of_paths
@with_options(READING)
@click.option("--no-query", is_flag=True, help="Do not say what each new story derives from.")
@in_jobs
@click.option("--quiet", is_flag=True, help="Print no ids; problems are still named.")
def add(
    archive: Path,
    paths: tuple[str, ...],
    no_query: bool,
    jobs: int,
    quiet: bool,
    **reading: Any,
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
    with shown_progress(quiet) as progress:
        documents = read_articles(paths, skipped, jobs=jobs, progress=progress, **reading)
    with Archive.open(archive) as store:
        done = store.add(
            documents,
            acknowledge=None if quiet else lambda id: click.echo(f"added {printable(id)}"),
            waiting=say,
        )
        fresh = {*done.new, *done.versions}
        if not (no_query or quiet) and len(fresh) <= ASKED:
            for document in documents:
                if document.id in fresh:
                    click.echo(answer_text(store.query(document), len(store), document), nl=False)
        elif not quiet and not no_query:
            say(f"{len(fresh)} new stories: more than {ASKED} are not asked about one by one; see derive query")
        unchanged = f", {len(done.unchanged)} were there already" if done.unchanged else ""
        versions = f", {len(done.versions)} of them new versions" if done.versions else ""
        if not quiet:
            click.echo(f"{len(fresh)} added{versions}{unchanged}; {len(store)} in {printable(str(archive))}")
    name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


@click.command()
@of_archive
@of_paths
@in_format
@with_options(READING)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Articles compared in full.")
def query(
    archive: Path,
    paths: tuple[str, ...],
    form: str,
    limit: int,
    **reading: Any,
) -> int:
    """Where did the stories in PATH (- for stdin) come from, as far as ARCHIVE knows? Nothing is added.

    \b
    Example:
      derive query news.derive story.txt
    """
    from derive.archive import Archive
    from derive.report.answer import answer_json, answer_text

    skipped: list[Skipped] = []
    documents = read_articles(paths, skipped, **reading)
    with Archive.open(archive, mode="r") as store:
        for document in documents:
            answer = store.query(document, limit=limit)
            click.echo(
                answer_json(answer) + "\n" if form == "json" else answer_text(answer, len(store), document), nl=False
            )
    name_skipped(skipped)
    return EXIT["skipped"] if skipped else EXIT["read"]


@click.command()
@of_archive
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
        gone = store.remove(ids, waiting=say)
    for id in gone:
        click.echo(f"removed {printable(id)}")
    for id in ids:
        if id not in gone:
            say(f"{archive}: no article has the id {id!r}")
    return EXIT["read"] if set(gone) == set(ids) else EXIT["skipped"]


@click.command()
@of_archive
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
            say(fault)
            faults += 1
        if not faults:
            click.echo(f"{len(store)} articles, every one as it was stored")
    return EXIT["archive"] if faults else EXIT["read"]


@click.command()
@of_archive
@in_format
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


@click.command()
@of_archive
@to_copy
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


@click.command()
@of_archive
@to_copy
def upgrade(archive: Path, copy: Path) -> int:
    """Make COPY from an ARCHIVE of an older derive: the texts stay, everything else is made anew.

    \b
    Example:
      derive upgrade old.derive new.derive
    """
    from derive.archive import upgrade as run

    click.echo(f"{run(archive, copy)} articles in {copy}")
    return EXIT["read"]


@click.command()
@of_archive
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
    place = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    run(
        archive,
        host=host,
        port=port,
        token=token,
        names=names,
        workers=jobs,
        ready=lambda: say(f"listening on {place} (Ctrl-C ends it)"),
    )
    return EXIT["read"]
