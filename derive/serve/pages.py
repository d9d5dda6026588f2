"""The service's few pages: plain HTML without scripts, every word from outside escaped."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from derive.archive import Answer
from derive.model import Document
from derive.report.labels import count, printable

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
    "textarea{width:100%;min-height:14rem;font:inherit}label{display:block;margin:.6rem 0 .2rem}"
    "button{font:inherit;padding:.4rem 1rem}"
    "blockquote{margin:.3rem 0;padding-left:.8rem;border-left:3px solid #999}@media(prefers-color-scheme:dark){"
    "body{color:#eee;background:#151515}a{color:#9cf}textarea{color:#eee;background:#222}}"
)
_ROLES = {
    "source": "It was made from",
    "derivative": "Made from it:",
    "common source": "Shares an unseen source with",
    "undecided": "Shares text with (who was first is undecided)",
}


def front(articles: int) -> str:
    """Paste a story, see where it comes from."""
    return _page(
        "Where did this story come from?",
        f"<p>{count(articles, 'article')} in the archive.</p><form method='post' action='/query'>"
        "<label for='text'>The story</label><textarea id='text' name='text' required></textarea>"
        "<label for='published'>Published (if known)</label><input id='published' name='published'>"
        "<label for='source'>Outlet (if known)</label><input id='source' name='source'>"
        "<p><button>Ask</button></p></form><p>For programs: <a href='/openapi.json'>the interface</a>.</p>",
    )


def answer(found: Answer, articles: int) -> str:
    """What the archive says of a story."""
    if not found.matches:
        return _page(
            "Nothing in common", f"<p>Nothing in common with any of the {articles:,} articles in the archive.</p>"
        )
    parts = []
    for m in found.matches:
        text = found.lineage.witness(m.comparison.a).text
        longest = sorted(m.comparison.passages, key=lambda p: (p.a.start - p.a.end, p.a.start))[:3]
        quotes = "".join(f"<blockquote>{_e(p.a.of(text)[:400])} <em>({p.kind})</em></blockquote>" for p in longest)
        says = {"quotation": "Shares a quotation with", "facts": "Tells the same facts as"}.get(
            m.comparison.reuse, _ROLES[m.role]
        )
        reasons = "".join(f"<li>{_e(e.detail)} ({e.log_odds:+.1f})</li>" for e in m.comparison.direction.evidence)
        parts.append(
            f"<h2>{says} <a href='/document?id={quote(m.id, safe='')}'>{_e(m.id)}</a></h2>"
            f"<p>{m.share_of_query:.0%} of the story stands there, {m.share_of_match:.0%} of that one in the story.</p>"
            f"{quotes}<ul>{reasons}</ul>"
        )
    more = "<p>More articles share something; only those that share most were compared.</p>" if found.truncated else ""
    return _page(f"{count(len(found.matches), 'article')} with something in common", "".join(parts) + more)


def document(d: Document) -> str:
    """One stored article."""
    known = ", ".join(_e(x) for x in (d.source, d.published, d.author) if x)
    body = "".join(f"<p>{_e(line)}</p>" for line in d.text.splitlines() if line.strip())
    return _page(
        d.title or d.id, f"<p>{known}</p><p><a href='/lineage?family={quote(d.id, safe='')}'>Its family</a></p>{body}"
    )


def _page(title: str, body: str) -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{_e(title)}</title><style>{_STYLE}</style></head><body><main><h1>{_e(title)}</h1>{body}"
        "<p><a href='/'>Ask about another story</a></p></main></body></html>"
    )


def _e(words: str) -> str:
    return escape(printable(words))
