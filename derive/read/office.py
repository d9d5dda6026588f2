"""Text of office documents: docx, odt, pdf. The helper process runs these (`worker.py`).

Times that such files state are the template's or the converter's as often as the article's: no evidence, so not read.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

MOST = 200_000_000
"""A document that unpacks to more bytes than this is no article (prior)."""


def docx(data: bytes) -> list[dict[str, Any]]:
    """Paragraphs and table cells of a Word document, in order."""
    if problem := _bomb(data):
        return problem
    import docx as library

    document = library.Document(io.BytesIO(data))
    blocks: list[str] = []
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            cells = {cell._tc: cell.text for row in block.rows for cell in row.cells}  # merged ones once
            blocks += cells.values()
        else:
            blocks.append(block.text)
    core = document.core_properties
    author = core.author if core.author != "python-docx" else ""
    return [{"text": _joined(blocks), "title": core.title or "", "author": author or ""}]


def odt(data: bytes) -> list[dict[str, Any]]:
    """Headings and paragraphs of an OpenDocument text, in order."""
    if problem := _bomb(data):
        return problem
    from odf import dc, teletype
    from odf.opendocument import load

    document = load(io.BytesIO(data))
    titles = document.meta.getElementsByType(dc.Title)
    blocks = []
    waiting = [document.text]
    while waiting:  # without recursion: a hostile document nests deeply
        node = waiting.pop()
        if getattr(node, "qname", ("", ""))[1] in ("p", "h"):
            blocks.append(teletype.extractText(node))
        else:
            waiting += reversed(node.childNodes)
    return [{"text": _joined(blocks), "title": teletype.extractText(titles[0]) if titles else ""}]


def pdf(data: bytes) -> list[dict[str, Any]]:
    """The text layer of a PDF, page by page; lines are joined, since they end where the column does."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        return [{"problem": ["unreadable", "is locked with a password: save it without one"]}]
    pages = [page.extract_text() for page in reader.pages]
    text = "\n\n".join(_joined(_lines_joined(page)) for page in pages)
    if not text.strip():
        return [{"problem": ["no-text", "has no text layer (a scan): run text recognition on it first"]}]
    title = reader.metadata.title if reader.metadata else None
    return [{"text": text, "title": str(title or "")}]


def _lines_joined(page: str) -> list[str]:
    """Lines as paragraphs: a line that ends a sentence and is shorter than most ends a paragraph, too."""
    lines = [line.strip() for line in page.splitlines()]
    usual = sorted(len(line) for line in lines if line)
    full = 0.8 * usual[(3 * len(usual)) // 4] if usual else 0
    blocks: list[str] = [""]
    for line in lines:
        joint = "" if not blocks[-1] else " "
        if blocks[-1].endswith("-") and line[:1].islower():
            blocks[-1], joint = blocks[-1][:-1], ""
        blocks[-1] += joint + line
        if not line or (len(line) < full and line.endswith((".", "!", "?", "”", '"'))):
            blocks.append("")
    return blocks


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def _bomb(data: bytes) -> list[dict[str, Any]]:
    """The problem of a package that is none or unpacks to too much; empty if there is no problem."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            size = sum(entry.file_size for entry in package.infolist())
    except zipfile.BadZipFile:
        return [{"problem": ["damaged", "not the office document that its name says: fetch it again"]}]
    if size > MOST:
        return [{"problem": ["too-large", f"unpacks to more than {MOST // 1_000_000} MB: save its text as .txt"]}]
    return []
