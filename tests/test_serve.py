"""The service, asked over real HTTP on loopback."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import derive
from derive.archive import Archive
from derive.model import Document
from tests.conftest import ROOT

pytest.importorskip("fastapi", reason="the extra [serve] is not installed")
pytest.importorskip("uvicorn", reason="the extra [serve] is not installed")
STORY = ROOT / "fixtures" / "dam-inquiry"
TOKEN = "t" * 40
EVIL = "<script>alert(1)</script>'\"><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("serve")
    with Archive.open(folder / "news.derive") as archive:
        archive.add(
            derive.read_documents([STORY], metadata=STORY / "metadata.csv", exclude=["newsdigest.txt"], skipped=[])
        )
        archive.add([Document(EVIL, f"{EVIL} a story about nothing at all that nobody ever read", title=EVIL)])
    (folder / "token").write_text(TOKEN)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "derive", "serve", "news.derive", "--port", str(port), "--token-file", "token"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=20)
    assert "Traceback" not in log
    assert "seeping" not in log


def ask(address: str, path: str, body: object = None, **headers: str) -> tuple[int, str, dict[str, str]]:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    request = urllib.request.Request(address + path, data, given)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def test_a_story_is_asked_where_it_came_from(address: str) -> None:
    text = (STORY / "newsdigest.txt").read_text(encoding="utf-8")
    status, body, headers = ask(address, "/api/query", {"text": text, "published": "2026-03-05T09:00:00Z"})
    assert status == 200
    assert {m["id"] for m in json.loads(body)["matches"]} == {"river-journal.txt", "rival-times.txt"}
    assert headers["x-content-type-options"] == "nosniff"
    form = urllib.parse.urlencode({"text": text}).encode()
    status, page, _ = ask(address, "/query", form, Content_Type="application/x-www-form-urlencoded")
    assert status == 200
    assert "river-journal.txt" in page


def test_documents_pairs_and_lineages_are_shown_to_people_and_programs(address: str) -> None:
    assert json.loads(ask(address, "/api/document?id=wire.txt")[1])["text"].strip()
    assert "Its family" in ask(address, "/document?id=wire.txt")[1]
    assert json.loads(ask(address, "/api/pair?a=wire.txt&b=hill-gazette.txt")[1])["reuse"] == "text"
    assert json.loads(ask(address, "/api/lineage?family=wire.txt")[1])["schema"] == 1
    assert "independent origin" in ask(address, "/lineage?family=wire.txt")[1]
    assert "paste" not in ask(address, "/")[1]
    assert json.loads(ask(address, "/openapi.json")[1])["paths"]["/api/query"]
    assert ask(address, "/api/document?id=nobody")[0] == 404
    assert ask(address, "/api/lineage")[0] == 400


def test_adding_needs_the_token_and_is_seen_at_once(address: str) -> None:
    story = [
        {
            "id": "new",
            "text": "A heron stood on the weir at Malden for three days, and a crowd came with cameras to see it.",
        }
    ]
    assert ask(address, "/api/documents", story)[0] == 401
    assert ask(address, "/api/documents", story, Authorization="Bearer wrong")[0] == 401
    status, body, _ = ask(address, "/api/documents", story, Authorization=f"Bearer {TOKEN}")
    assert (status, json.loads(body)["new"]) == (201, ["new"])
    assert json.loads(ask(address, "/api/document?id=new")[1])["text"] == story[0]["text"]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"),
    [
        ("/api", None, {"Host": "evil.example"}, 421),
        ("/api/query", {"text": "x"}, {"Origin": "https://evil.example"}, 403),
        ("/api/query", b"text=x", {"Content_Type": "text/plain"}, 415),
        ("/api/query", b"\x1f\x8b", {"Content_Encoding": "gzip"}, 415),
        ("/api/query", {"url": "http://127.0.0.1/"}, {}, 400),
        ("/api/query", {"text": 7}, {}, 400),
        ("/api/query", {"text": "x", "limit": 10**9}, {}, 400),
        ("/api/query", b"[", {}, 422),
        ("/api/query", [1], {}, 422),
        ("/api/lineage?since=soon", None, {}, 404),
        ("/etc/passwd", None, {}, 404),
    ],
)
def test_what_is_refused_is_refused_with_a_reason(
    address: str, path: str, body: object, headers: dict[str, str], status: int
) -> None:
    found, text, _ = ask(address, path, body, **headers)
    assert found == status, text
    assert "Traceback" not in text


@pytest.mark.parametrize("stated", [True, False])
def test_a_body_that_is_too_large_is_refused_before_it_is_held(address: str, stated: bool) -> None:
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=20) as connection:
        length = "Content-Length: 50000000" if stated else "Transfer-Encoding: chunked"
        head = f"POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
        connection.sendall(head.encode())
        if not stated:  # as many chunks as are taken before the answer comes
            with contextlib.suppress(OSError):
                for _ in range(21):
                    connection.sendall(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            answer = connection.recv(100)
    # Who goes on sending after the answer may find the line cut before reading it; who states the size never does.
    assert b" 413 " in answer or (not stated and not answer)
    assert ask(address, "/api")[0] == 200


def test_a_hostile_title_runs_nothing_on_any_page(address: str) -> None:
    page = ask(address, "/document?id=" + urllib.parse.quote(EVIL))[1]
    asked = urllib.parse.urlencode({"text": f"{EVIL} a story about nothing at all that nobody ever read"}).encode()
    answer = ask(address, "/query", asked, Content_Type="application/x-www-form-urlencoded")[1]
    for text in (page, answer):
        assert "<script" not in text
        assert not re.search(r"<[^>]*\sonerror", text)


def test_many_at_once_are_all_answered_or_told_to_come_back(address: str) -> None:
    text = (STORY / "southern-echo.txt").read_text(encoding="utf-8")
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: ask(address, "/api/query", {"text": text})[0], range(24)))
    assert set(found) <= {200, 503}
    assert found.count(200) >= 16


def test_other_machines_may_not_ask_without_a_token(tmp_path: Path) -> None:
    Archive.open(tmp_path / "a.derive").close()
    for words in (["--host", "0.0.0.0"], ["--token-file", "short"]):
        (tmp_path / "short").write_text("secret")
        done = subprocess.run(
            [sys.executable, "-m", "derive", "serve", "a.derive", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "token" in done.stderr
