"""The archive: what goes in comes out, in any order; a stranger's or a damaged file never deceives."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
from derive.archive import Archive, upgrade
from derive.errors import ArchiveError, InputError
from derive.model import Document
from derive.params import Params
from tests.conftest import ROOT

STORY = ROOT / "fixtures" / "dam-inquiry"


@pytest.fixture(scope="module")
def story() -> list[Document]:
    return list(derive.read_documents([STORY], metadata=STORY / "metadata.csv", skipped=[]))


@pytest.fixture
def archive(tmp_path: Path, story: list[Document]) -> Iterator[Archive]:
    with Archive.open(tmp_path / "news.derive") as opened:
        opened.add(story)
        yield opened


def by_id(story: list[Document], id: str) -> Document:
    return next(d for d in story if d.id == id)


def run(*words: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "derive", *words], capture_output=True, text=True, **more)  # type: ignore[call-overload, no-any-return]


def test_what_was_added_comes_out_untouched(archive: Archive, story: list[Document]) -> None:
    assert list(archive.documents()) == sorted(story, key=lambda d: d.id)


def test_the_lineage_of_an_archive_is_that_of_one_scan(archive: Archive, story: list[Document]) -> None:
    assert derive.scan(archive.documents()).to_json() == derive.scan(story).to_json()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(15)), cut=st.integers(0, 15), gone=st.sets(st.integers(0, 14), max_size=4))
def test_order_steps_and_what_was_removed_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory, story: list[Document], order: list[int], cut: int, gone: set[int]
) -> None:
    path = tmp_path_factory.mktemp("a") / "news.derive"
    shuffled = [story[i] for i in order]
    with Archive.open(path) as archive:
        archive.add(shuffled[:cut])
        archive.add(shuffled[cut:])
        archive.add(shuffled[:3])
        archive.remove([story[i].id for i in gone])
        left = [d for i, d in enumerate(story) if i not in gone]
        assert list(archive.documents()) == sorted(left, key=lambda d: d.id)
        assert list(archive.check()) == []
        held = {h for d in left for h in derive.shingle_hashes(d.text).tolist() if h % 8 == 0}
        stored = {h % 2**64 for (h,) in archive._connection.execute("SELECT DISTINCT hash FROM postings")}
        assert (
            len(stored) <= len(held) + 5
        )  # a text's own hashes, taken with its title and outlet known, may differ by few


def test_a_story_is_asked_where_it_came_from(tmp_path: Path, story: list[Document]) -> None:
    digest = by_id(story, "newsdigest.txt")
    with Archive.open(tmp_path / "a.derive") as archive:
        archive.add(d for d in story if d.id != digest.id)
        answer = archive.query(digest)
    sources = [m.id for m in answer.matches if m.role == "source"]
    assert sources == ["river-journal.txt", "rival-times.txt"]


def test_sixty_words_of_a_long_article_are_found(tmp_path: Path, story: list[Document]) -> None:
    rng = random.Random(1)
    vocabulary = [f"{a}{b}" for a in ("tor", "mal", "ver", "kin", "sol") for b in ("ando", "ique", "est", "ar", "ulum")]
    long = " ".join(rng.choice(vocabulary) + rng.choice(vocabulary) for _ in range(5000))
    words = long.split()
    with Archive.open(tmp_path / "a.derive") as archive:
        archive.add([*story, Document("long", long)])
        found = sum(
            any(
                m.id == "long" and m.share_of_query > 0.9
                for m in archive.query(Document("x", " ".join(words[k : k + 60]))).matches
            )
            for k in range(0, 4800, 400)
        )
    assert found == 12


def test_the_same_text_again_changes_nothing_and_another_text_becomes_a_version(
    archive: Archive, story: list[Document]
) -> None:
    wire = by_id(story, "wire.txt")
    assert archive.add([wire]).unchanged == ("wire.txt",)
    later = replace(wire, text=wire.text + "\n\nThe inquiry continues on Friday.", published="2026-03-09T10:00:00Z")
    assert archive.add([later]).versions == ("wire.txt",)
    assert archive.add([later]).unchanged == ("wire.txt",)
    versions = {d.id: d for d in archive.documents() if d.id.startswith("wire.txt")}
    assert versions["wire.txt"].text == later.text
    (old,) = versions.keys() - {"wire.txt"}
    assert versions["wire.txt"].derived_from == (old,)
    edges = {(e.source, e.target): e.declared for e in derive.scan(archive.documents()).edges}
    assert edges[old, "wire.txt"] is True


def test_windows_outlets_and_families(archive: Archive, story: list[Document]) -> None:
    day = [d.id for d in archive.documents(since="2026-03-04", until="2026-03-04")]
    assert day
    assert set(day) < {d.id for d in story}
    outlet = by_id(story, "wire.txt").source
    assert [d.id for d in archive.documents(outlet=outlet)] == [d.id for d in story if d.source == outlet]
    archive.add(
        [
            Document(
                "other", "A cake fair in Lorn drew four hundred visitors, who ate nine kinds of plum tart in the rain."
            )
        ]
    )
    family = {d.id for d in archive.documents(family="wire.txt")}
    assert "southern-echo.txt" in family
    assert "other" not in family
    with pytest.raises(InputError, match="no article has the id"):
        list(archive.documents(family="nobody"))
    with pytest.raises(InputError, match="--since soon"):
        list(archive.documents(since="soon"))


def test_a_removed_text_is_gone_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.derive"
    secret = "".join(random.Random(3).choices("abcdefghijklmnopqrstuvwxyz ", k=30_000))
    with Archive.open(path) as archive:
        archive.add(
            [Document("secret", secret), Document("other", "Plain words stay here for everybody to read and enjoy.")]
        )
        data = bytes(archive._connection.execute("SELECT text FROM documents WHERE id = 'secret'").fetchone()[0])
        archive._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert data[100:200] in path.read_bytes()
        archive.remove(["secret"])
    left = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert data[100:200] not in left


@pytest.mark.parametrize("data", [b"", b"a text file", b"SQLite format 3\0" + b"\0" * 200])
def test_a_file_that_is_no_archive_is_refused_and_never_overwritten(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.derive"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="not a derive archive"):
        Archive.open(path)
    assert path.read_bytes() == data


def test_newer_formats_other_settings_and_missing_files_are_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.derive"
    Archive.open(path).close()
    with pytest.raises(ArchiveError, match="shingle_size 3, this derive has 5"):
        Archive.open(path, params=Params(shingle_size=5))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ArchiveError, match=r"newer derive \(format 99; this one knows 1\)"):
        Archive.open(path)
    with pytest.raises(ArchiveError, match="there is no such archive"):
        Archive.open(tmp_path / "none.derive", mode="r")


def test_an_archive_with_a_trigger_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.derive"
    Archive.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON documents BEGIN DELETE FROM documents; END")
    connection.close()
    with pytest.raises(ArchiveError, match="trigger 't'"):
        Archive.open(path)


def test_a_flipped_bit_is_found_or_changes_no_answer(tmp_path: Path, story: list[Document]) -> None:
    path, hurt = tmp_path / "a.derive", tmp_path / "b.derive"
    with Archive.open(path) as archive:
        archive.add(story)
        truth = list(archive.documents())
        archive._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        archive._connection.execute("PRAGMA journal_mode=DELETE")
    data = path.read_bytes()
    rng = random.Random(7)
    said = []
    for _ in range(60):
        flipped = bytearray(data)
        flipped[rng.randrange(100, len(data))] ^= 1 << rng.randrange(8)
        hurt.write_bytes(flipped)
        try:
            with Archive.open(hurt, mode="r") as archive:
                if not list(archive.check()):
                    assert list(archive.documents()) == truth
        except ArchiveError as error:
            said.append(str(error))
    assert not any("\n" in line for line in said)


def test_a_copy_made_while_others_write_is_whole(archive: Archive, story: list[Document], tmp_path: Path) -> None:
    archive.backup(tmp_path / "copy.derive")
    with Archive.open(tmp_path / "copy.derive", mode="r") as copy:
        assert list(copy.documents()) == sorted(story, key=lambda d: d.id)
    with pytest.raises(ArchiveError, match="exists already"):
        archive.backup(tmp_path / "copy.derive")


def test_an_upgraded_copy_holds_the_same_stories(archive: Archive, story: list[Document], tmp_path: Path) -> None:
    assert upgrade(archive.path, tmp_path / "new.derive") == len(story)
    with Archive.open(tmp_path / "new.derive", mode="r") as copy:
        assert list(copy.documents()) == list(archive.documents())
        assert list(copy.check()) == []


def test_sketches_go_to_datasketch_and_come_back(archive: Archive, story: list[Document]) -> None:
    from derive.sketch import from_lean, sketch, to_lean

    index = archive.to_datasketch()
    values = sketch(derive.shingle_hashes(by_id(story, "wire.txt").text))
    lean = to_lean(values)
    assert np.array_equal(from_lean(lean, of_shingle_hashes=True), values)
    assert "wire.txt" in index.query(lean)
    with pytest.raises(InputError, match="of_shingle_hashes"):
        from_lean(lean)


def test_an_acknowledged_story_survives_a_kill_at_any_moment(tmp_path: Path) -> None:
    """A few kills here; hundreds are counted in benchmarks/RELIABILITY.md."""
    path = tmp_path / "a.derive"
    script = (
        "import sys, derive\nfrom derive.archive import Archive\nimport derive.archive as m\nm.BATCH = 5\n"
        "text = lambda i: f'story number {i} about ' + ' '.join(f'w{i}x{k}' for k in range(50))\n"
        "docs = (derive.Document(f'd{i}', text(i)) for i in range(2000))\n"
        f"Archive.open({str(path)!r}).add(docs, acknowledge=lambda id: print(id, flush=True))\n"
    )
    rng = random.Random(5)
    told: set[str] = set()
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        time.sleep(0.6 + rng.random())
        os.kill(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
        told |= set(out.split())
    with Archive.open(path) as archive:
        assert told <= {d.id for d in archive.documents()}
        assert list(archive.check()) == []


def test_writers_wait_their_turn_and_readers_go_on(tmp_path: Path) -> None:
    path = tmp_path / "a.derive"
    Archive.open(path).close()
    script = (
        "import sys, derive\nfrom derive.archive import Archive\nk = sys.argv[1]\n"
        f"a = Archive.open({str(path)!r})\n"
        "for i in range(15): a.add([derive.Document(f'{k}-{i}', f'words of {k} and {i} in a short story about nothing')])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(k)], cwd=ROOT) for k in range(4)]
    counts = []
    while any(w.poll() is None for w in writers):
        with Archive.open(path, mode="r") as archive:
            counts.append(len(archive))
        time.sleep(0.05)
    assert [w.returncode for w in writers] == [0] * 4
    assert counts == sorted(counts)
    with Archive.open(path, mode="r") as archive:
        assert len(archive) == 60
        assert list(archive.check()) == []


def test_the_verbs_of_the_command_line(tmp_path: Path) -> None:
    name = str(tmp_path / "news.derive")
    table = ["--metadata", str(STORY / "metadata.csv")]
    added = run("add", name, str(STORY), *table, "--exclude", "valley-post.txt")
    assert added.returncode == 0, added.stderr
    assert "added wire.txt" in added.stdout
    asked = run("query", name, str(STORY / "valley-post.txt"))
    assert asked.returncode == 0
    assert "100% of it stands there" in asked.stdout
    nothing = run(
        "query", name, "-", input="Nobody has ever written about this little meadow behind our house before today."
    )
    assert "nothing in common" in nothing.stdout
    drawn = run("scan", name, "--family", "wire.txt", "--out", str(tmp_path / "out"))
    assert drawn.returncode == 0
    assert "independent origin" in drawn.stdout
    assert run("check", name).returncode == 0
    assert "documents        14" in run("info", name).stdout
    assert run("remove", name, "wire.txt", "nobody").returncode == 1
    assert run("backup", name, str(tmp_path / "copy.derive")).returncode == 0
    assert run("upgrade", name, str(tmp_path / "new.derive")).returncode == 0
    shutil.copy(STORY / "wire.txt", tmp_path / "text.derive")
    refused = run("query", str(tmp_path / "text.derive"), str(STORY / "wire.txt"))
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    wrong = run("scan", str(STORY), "--since", "2026-01-01")
    assert wrong.returncode == 2


def test_a_full_disk_costs_the_last_batch_and_nothing_else(tmp_path: Path, story: list[Document]) -> None:
    with Archive.open(tmp_path / "a.derive") as archive:
        archive.add(story[:5])
        pages = archive._connection.execute("PRAGMA page_count").fetchone()[0]
        archive._connection.execute(f"PRAGMA max_page_count={pages + 1}")
        with pytest.raises(ArchiveError, match="the disk is full: nothing of the last batch was stored"):
            archive.add(story[5:])
        assert list(archive.documents()) == sorted(story[:5], key=lambda d: d.id)
        assert list(archive.check()) == []


REDIS = """
import sys, time, datasketch, derive, redis
from derive.sketch import sketch, to_lean
port = int(sys.argv[2])
for _ in range(100):
    try:
        redis.Redis(port=port).ping()
        break
    except redis.ConnectionError:
        time.sleep(0.05)
place = {"type": "redis", "redis": {"host": "127.0.0.1", "port": port}}
index = datasketch.MinHashLSH(threshold=0.8, num_perm=128, storage_config=place)
archive = derive.Archive.open(sys.argv[1], mode="r")
archive.to_datasketch(index=index)
print(*sorted(index.query(to_lean(sketch(derive.shingle_hashes(archive.document("wire.txt").text))))))
"""


def test_sketches_go_into_an_index_kept_in_redis(archive: Archive) -> None:
    pytest.importorskip("redis", reason="the Python package redis is not installed")
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("no redis-server is installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = subprocess.Popen([server, "--port", port, "--save", ""], stdout=subprocess.DEVNULL)
    try:
        done = subprocess.run(
            [sys.executable, "-c", REDIS, str(archive.path), port],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "wire.txt" in done.stdout.split(), done.stderr
    finally:
        process.terminate()
        process.wait()
