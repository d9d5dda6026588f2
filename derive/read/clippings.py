"""Text files of press databases: many articles in one file, each under lines that describe it.

Two kinds are known, by how each article ends or begins: LexisNexis (`1 of 9 DOCUMENTS`, or `End of Document`) and Factiva
(`Document OSTP000020260304em340002x`, with field codes before the lines or without). What does not look so is no such file.

Start reading at `clippings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Fields = dict[str, str]

_NEXIS = re.compile(r"(?m)^[ \t]*\d{1,6} of \d{1,6} DOCUMENTS[ \t]*\r?$")
_NEXIS_END = re.compile(r"(?m)^[ \t]*End of Document[ \t]*\r?$")
_FACTIVA_END = re.compile(r"(?m)^[ \t]*(?:AN[ \t]+)?Document ([A-Z][A-Za-z]{2,7}0000\d{8}\w{6,12})[ \t]*\r?$")
_BLANK = re.compile(r"\r?\n[ \t]*\r?\n\s*")
_DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}"
    r"|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
)
_HOUR = re.compile(r"\b\d{1,2}:\d{2}(?: ?[AP]M)?(?: (?:GMT|UTC|EST|EDT))?\b")
_LENGTH = re.compile(r"(?im)^[ \t]*length:[ \t]*\d[\d,.]* words[ \t]*\r?$")
_BODY = re.compile(r"(?m)^[ \t]*Body[ \t]*\r?$")
_BYLINE = re.compile(r"(?im)^[ \t]*byline:[ \t]*([^\r\n]+)")
_TAIL = re.compile(
    r"(?im)^[ \t]*(?:load-date|language|publication-type|journal-code|document-type|subject|classification|graphic):"
    r"|^[ \t]*Copyright (?:\(c\) |© )?\d{4}"
)
_WORDS = re.compile(r"(?m)^[ \t]*\d[\d,.]* words[ \t]*\r?$")
_RIGHTS = re.compile(r"(?m)^[ \t]*(?:\(c\)|©|Copyright)[^\r\n]*")
_CODE = re.compile(
    r"(?m)^(HD|BY|CR|WC|PD|ET|SN|SC|ED|PG|LA|CY|LP|TD|CO|IN|NS|RE|IPC|IPD|PUB|AN|CT|RF|ART)(?:[ \t]+|[ \t]*$)"
)


def clippings(text: str) -> list[Fields]:
    """The fields of every article in the file (`text` among them); none if it is no such file."""
    if _NEXIS.search(text):
        return _read(_NEXIS.split(text)[1:], _nexis)
    if _FACTIVA_END.search(text):
        parts = _FACTIVA_END.split(text)
        blocks = zip(parts[0::2], parts[1::2], strict=False)
        return [{**fields, "id": id} for block, id in blocks if (fields := _factiva(block))["text"]]
    if _NEXIS_END.search(text) and _LENGTH.search(text):
        return _read(_NEXIS_END.split(text), _nexis)
    return []


def _read(blocks: list[str], fields_of: Callable[[str], Fields]) -> list[Fields]:
    return [fields for block in blocks if (fields := fields_of(block))["text"]]


def _nexis(block: str) -> Fields:
    """Headline, outlet and day stand above the length, in an order that changed over the years."""
    length = _LENGTH.search(block)
    if length is None:
        return {"text": _flowing(block)}
    start = _BODY.search(block, length.end()) or length
    head, body = block[: length.start()], block[start.end() :]
    if tail := _TAIL.search(body):
        body = body[: tail.start()]
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    dated = next((k for k, line in enumerate(lines) if _DAY.search(line)), 0)
    before = lines[:dated]
    after = [
        line
        for line in lines[dated + 1 :]
        if not re.match(r"[A-Za-z-]{3,16}: |Copyright|All Rights Reserved", line) and "Edition" not in line
    ]
    title = before[0] if len(before) > 1 else " ".join(after[:1])
    byline = _BYLINE.search(block, 0, start.end())
    return {
        "text": _flowing(body),
        "title": title,
        "source": before[-1] if before else "",
        "published": _time(lines[dated]) if lines else "",
        "author": byline[1].strip() if byline else "",
    }


def _factiva(block: str) -> Fields:
    if len(codes := list(_CODE.finditer(block))) >= 5:
        ends = [*(m.start() for m in codes[1:]), len(block)]
        said = {m[1]: block[m.end() : end].strip() for m, end in zip(codes, ends, strict=True)}
        return {
            "text": _flowing("\n\n".join(said.get(name, "") for name in ("LP", "TD"))),
            "title": " ".join(said.get("HD", "").split()),
            "source": said.get("SN", ""),
            "published": _time(f"{said.get('PD', '')} {said.get('ET', '')}"),
            "author": said.get("BY", "").removeprefix("By "),
        }
    words = _WORDS.search(block)
    if words is None:
        return {"text": _flowing(block)}
    above = [line.strip() for line in block[: words.start()].splitlines() if line.strip()]
    rest = block[words.end() :]
    rights = _RIGHTS.search(rest)
    lines = [line.strip() for line in rest[: rights.start() if rights else None].splitlines() if line.strip()]
    hour = lines[1] if len(lines) > 1 and _HOUR.fullmatch(lines[1]) else ""
    outlet = lines[2:3] if hour else lines[1:2]
    by = above[-1] if len(above) > 1 and above[-1].startswith("By ") else ""
    return {
        "text": _flowing(rest[rights.end() :]) if rights else _flowing(rest),
        "title": " ".join(above[:-1] if by else above),
        "source": outlet[0] if outlet else "",
        "published": _time(f"{lines[0]} {hour}") if lines else "",
        "author": by.removeprefix("By "),
    }


def _time(line: str) -> str:
    """The day in a line, with the hour where it is given.

    >>> _time("March 4, 2026 Wednesday 5:06 AM GMT"), _time("4 March 2026 05:06"), _time("London Edition")
    ('March 4, 2026 5:06 AM GMT', '4 March 2026 05:06', '')
    """
    day, hour = _DAY.search(line), _HOUR.search(line)
    return " ".join(found[0] for found in (day, hour) if found and day)


def _flowing(block: str) -> str:
    """Paragraphs with a blank line between them, each on one line: the files break lines at a fixed width."""
    return "\n\n".join(" ".join(p.split()) for p in _BLANK.split(block.strip()) if p.strip())
