"""The command line: options in, one library call, result out. Results to stdout, messages and progress to stderr.

Each command parses, calls the library function of the same name, and prints; they stand in a file for each kind of thing that
they work on. Only this module exits; the codes stand in `common.EXIT`. Heavy modules are imported inside the commands, so
that `derive --help` stays instant.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import NoReturn

import click

from derive import __version__
from derive.cli import archive, cluster, collection, tools
from derive.cli.common import EXIT, say
from derive.errors import ArchiveError, DeriveError


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


for command in (
    *(collection.scan, collection.explain, collection.uptake),
    *(
        archive.add,
        archive.query,
        archive.remove,
        archive.check,
        archive.info,
        archive.backup,
        archive.upgrade,
        archive.serve,
    ),
    cluster.spark,
    *(tools.export, tools.evaluate, tools.doctor),
):
    cli.add_command(command)


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
        say("not enough memory for so many articles at once: scan fewer, or add them to an archive and query that")
        code = EXIT["skipped"]
    except DeriveError as error:
        say(str(error))
        code = EXIT["archive" if isinstance(error, ArchiveError) else "skipped"]
    return code if isinstance(code, int) else EXIT["read"]
