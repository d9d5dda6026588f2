"""Writes docs/reference.md, the manual of the command line, from the command line itself.

python tools/reference.py > docs/reference.md
"""

import inspect
import re
from collections.abc import Iterator

import click

from derive.cli import cli

HEAD = """# Reference

Every command with all its options, as `derive COMMAND --help` has them. This page is made by `tools/reference.py`
(`make accept`), and a test fails where it is not what the commands say.

```text
derive [--version] COMMAND [OPTIONS] ARGUMENTS
```

"""
TAIL = """
## Exit codes

| code | means |
|---|---|
| 0 | everything was read; that nothing was found is no failure |
| 1 | something was skipped or failed, the rest was done; each is named on stderr and under `skipped` in `lineage.json` |
| 2 | the command itself was wrong |
| 3 | an archive is damaged, of another version, or no archive |
| 130, 143, 141 | Ctrl-C, SIGTERM, and a reader that went away |

Results go to stdout, progress and messages to stderr.

## Environment

| variable | meaning |
|---|---|
| `DERIVE_TOKEN` | the token of `derive serve`, where no `--token-file` is given |
| `DERIVE_KERNEL` | the kernel: `native` (compiled; used where it is there) or `reference`; both give the same bytes |
| `SOURCE_DATE_EPOCH` | the present, in seconds since 1970, by which a date counts as being in the future |
| `NO_COLOR` | no colours in the progress BAR |

## Completion in the shell

The shell completes commands, options, their choices and file names after one line in its start file:

| shell | line | in |
|---|---|---|
| bash 4.4 or newer | `eval "$(_DERIVE_COMPLETE=bash_source derive)"` | `~/.bashrc` |
| zsh | `eval "$(_DERIVE_COMPLETE=zsh_source derive)"` | `~/.zshrc` |
| fish | `_DERIVE_COMPLETE=fish_source derive \\| source` | `~/.config/fish/completions/derive.fish` |
"""


BAR = r"\|"  # as a table needs it


def section(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"derive {name}")
    told, _, example = inspect.cleandoc(command.help or "").partition("\b\nExample:\n")
    yield f"## derive {name}\n"
    yield f"```text\nderive {name} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    yield f"{cell(told)}\n"
    yield f"```text\n{re.sub(r'^  ', '', example.rstrip(), flags=re.M)}\n```\n"
    options = [p.get_help_record(context) for p in command.params if isinstance(p, click.Option)]
    if options:
        yield "| option | meaning |\n|---|---|"
        yield "\n".join(f"| `{names.replace('|', BAR)}` | {cell(meaning)} |" for names, meaning in options) + "\n"


def cell(text: str) -> str:
    """Running text for Markdown: one line a paragraph, and a word like PATH or text=body as it is."""
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return re.sub(r"([<>*_|])", r"\\\1", "\n\n".join(paragraphs))


def reference() -> str:
    lines = [line for name in sorted(cli.commands) for line in section(name, cli.commands[name])]
    return HEAD + "\n".join(lines) + TAIL


if __name__ == "__main__":
    print(reference(), end="")
