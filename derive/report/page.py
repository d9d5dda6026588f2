"""The small pages: one template, one style sheet allowed by its hash, every word from outside escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from derive.report.labels import count, percent, printable

if TYPE_CHECKING:
    from jinja2 import Environment


def page(template: str, **values: Any) -> str:
    """The page that a template of `derive/report/templates` makes of these values."""
    from markupsafe import Markup

    return _environment().get_template(template).render(style=Markup(style()), policy=policy(), **values)


def policy(*scripts: str, form: str = "'none'") -> str:
    """The Content-Security-Policy of such a page: its style sheet and these scripts by their hashes, nothing else."""
    allowed = " ".join(_hash(s) for s in scripts) or "'none'"
    return (
        f"default-src 'none'; style-src {_hash(style())}; script-src {allowed}; img-src 'self'; form-action {form}; "
        "base-uri 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def style() -> str:
    return source("page.css")


def source(name: str) -> str:
    """A file of the templates' folder as it is."""
    return files("derive.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=FunctionLoader(source)
    )
    environment.filters |= {"shown": printable, "percent": percent, "passage": _passage}
    environment.globals |= {"count": count}
    return environment


def _passage(text: str) -> str:
    """A passage in several lines, what is invisible shown as an escape."""
    return "\n".join(printable(line) for line in text.splitlines() if line.strip())
