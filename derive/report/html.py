"""The report: one page that stands alone, opens offline, prints, and needs no script.

Everything from articles goes through `printable` (what is invisible becomes visible) and through the template's
escaping. The page's policy forbids everything but its own style sheet and script, named by their hashes. Each section is
a file here and one of the same name among the templates: `drawing`, `comparisons`, `articles`. Where there is too much
for a page it says how much it left out. With scripts, `templates/*.js` add whole texts side by side, filters, sorting,
zoom and focus, from the data of `aligned`.

Start reading at `lineage_html`; the page itself is `templates/report.html.j2`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from derive import __version__
from derive.model import Lineage
from derive.report.articles import articles
from derive.report.comparisons import comparisons
from derive.report.drawing import drawing
from derive.report.labels import count, printable
from derive.report.picture import families

MAX_NOTES = 100
SCRIPTS = ("page.js", "table.js", "sides.js", "drawing.js", "start.js")


def lineage_html(lineage: Lineage) -> str:
    """The whole report as one HTML page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    from derive.report.summary import headline_sentences

    environment = Environment(
        loader=PackageLoader("derive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    plan = families(lineage)
    notes = sorted(printable(note) for note in lineage.notes)
    page = environment.get_template("report.html.j2").render(
        title=f"Lineage of {count(len(lineage.documents), 'article')}",
        style=Markup(style()),
        script=Markup(script()),
        policy=policy(),
        headline=[printable(sentence) for sentence in headline_sentences(lineage) if sentence],
        notes=notes[:MAX_NOTES],
        notes_left_out=max(0, len(notes) - MAX_NOTES),
        settings=[(name, "not set" if v is None else str(v)) for name, v in lineage.params.as_dict().items()],
        version=__version__,
        **drawing(plan),
        **comparisons(lineage, plan),
        **articles(lineage),
    )
    return page.replace("\r", "") + "\n"


def policy() -> str:
    """The page's Content-Security-Policy: its own style sheet and its own script, by their hashes, and nothing else."""
    own = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style(), script())]
    return (
        f"default-src 'none'; style-src 'sha256-{own[0]}'; script-src 'sha256-{own[1]}'; img-src 'none'; "
        "base-uri 'none'; form-action 'none'"
    )


def template(name: str) -> str:
    """A file among the templates."""
    return (files("derive.report") / "templates" / name).read_text(encoding="utf-8").replace("\r", "")


@cache
def style() -> str:
    """The style sheets without comments; what stands between the tags is what the policy's hash is taken of."""
    whole = "\n".join(template(name) for name in ("report.css", "lineage.css"))
    return re.sub(r"/\*.*?\*/\s*", "", whole, flags=re.S).strip()


@cache
def script() -> str:
    """The scripts as one, in a scope of their own."""
    return '"use strict";\n(() => {\n' + "\n".join(template(name) for name in SCRIPTS) + "})();"
