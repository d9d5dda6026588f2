"""The uptake report's faces: text, CSV, JSON, and one HTML page that can be mailed and printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape

from derive.model import plain
from derive.report.export import table
from derive.report.labels import count, printable
from derive.uptake import Uptake, Use

COLUMNS = (
    "story",
    "outlet",
    "article",
    "relation",
    "stayed",
    "share",
    "lag_minutes",
    "credit",
    "phrase",
    "cut",
    "added",
)


def lag(minutes: int | None) -> str:
    """A time span as people say it.

    >>> lag(95), lag(-20), lag(None)
    ('1 h 35 min later', '20 min earlier', '-')
    """
    if minutes is None:
        return "-"
    size, when = abs(minutes), "later" if minutes >= 0 else "earlier"
    days, rest = divmod(size, 1440)
    parts = [f"{days} d"] * (days > 0) + [f"{rest // 60} h"] * (rest >= 60) + [f"{rest % 60} min"] * (rest % 60 > 0)
    return f"{' '.join(parts) or '0 min'} {when}"


def _sentence(u: Use) -> str:
    says = {
        "rests on it": "rests on it",
        "direction undecided": "shares text with it; who was first is undecided",
        "same unseen source": "shares a source with it that is not here",
    }[u.relation]
    credit = f"credited (\u201c{u.phrase}\u201d)" if u.phrase else u.credit
    return (
        f"{says}; {u.stayed:.0%} of the story stayed, {u.share:.0%} of the article is the story; {credit}; {lag(u.lag_minutes)}; "
        f"{count(len(u.cut), 'paragraph')} cut, {len(u.added)} added"
    )


def _text(found: Uptake) -> bytes:
    lines = [_head(found), ""]
    for story in sorted({u.story for u in found.uses}):
        lines.append(printable(story))
        for u in (u for u in found.uses if u.story == story):
            lines.append(f"  {printable(u.outlet)} ({printable(u.article)}): {printable(_sentence(u))}")
    if found.uses:
        lines += ["", "By outlet"]
        lines += [
            f"  {printable(name)}: {count(used, 'article')}, {credited} credited"
            for name, used, credited in found.outlets()
        ]
    return ("\n".join(lines) + "\n").encode(errors="replace")


def _head(found: Uptake) -> str:
    outlets = len({u.outlet for u in found.uses})
    credited = sum(u.credit == "credited" for u in found.uses)
    return (
        f"{printable(found.source)}: {count(len(found.stories), 'story', 'stories')}, used in "
        f"{count(len(found.uses), 'article')} of {count(outlets, 'outlet')}; "
        f"{credited} credit it, {len(found.uses) - credited} do not"
    )


def _csv(found: Uptake) -> bytes:
    rows = [tuple(_value(getattr(u, name)) for name in COLUMNS) for u in found.uses]
    return table(COLUMNS, rows)


def _value(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, tuple) else value


def _json(found: Uptake) -> bytes:
    rows = {"source": found.source, "stories": list(found.stories), "uses": [plain(u) for u in found.uses]}
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode(errors="replace")


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc;"
    "vertical-align:top}@media(prefers-color-scheme:dark){body{color:#eee;background:#151515}th,td{border-color:#444}}"
)


def _html(found: Uptake) -> bytes:
    def row(u: Use) -> str:
        cells = (
            u.outlet, u.article, u.relation, f"{u.stayed:.0%}", f"{u.share:.0%}", lag(u.lag_minutes),
            f"{u.credit}: “{u.phrase}”" if u.phrase else u.credit, _numbers(u.cut), _numbers(u.added),
        )  # fmt: skip
        return "<tr>" + "".join(f"<td>{escape(printable(c))}</td>" for c in cells) + "</tr>"

    heads = ("Outlet", "Article", "Relation", "Of the story stayed", "Of the article is the story", "When", "Credit",
             "Paragraphs cut", "Paragraphs added")  # fmt: skip
    head = "<thead><tr>" + "".join(f'<th scope="col">{h}</th>' for h in heads) + "</tr></thead>"
    parts = []
    for story in sorted({u.story for u in found.uses}):
        rows = "".join(row(u) for u in found.uses if u.story == story)
        parts.append(f"<h2>{escape(printable(story))}</h2><table>{head}<tbody>{rows}</tbody></table>")
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        'content="default-src \'none\'; style-src \'unsafe-inline\'"><meta name="viewport" content="width=device-width">'
        f"<title>Uptake: {escape(printable(found.source))}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>Who used {escape(printable(found.source))}</h1><p>{escape(_head(found))}.</p>{''.join(parts)}"
        "<p>Shares are counted over runs of three words, quotations and site furniture left out. “Uncredited” means that no "
        "credit was found in the text; a licence may not ask for one.</p></main></body></html>\n"
    )
    return page.encode(errors="replace")


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers)) or "none"


FORMATS: dict[str, Callable[[Uptake], bytes]] = {"text": _text, "csv": _csv, "json": _json, "html": _html}
