"""On a cluster of two executors the stages say what they say on one machine, and none is made twice."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import derive
from derive.cli import cli
from derive.errors import InputError
from derive.model import Document
from tests.conftest import STORIES, load_story

pytest.importorskip("pyspark", reason="the extra is not installed: make test-spark")
if not shutil.which("java") and not os.environ.get("JAVA_HOME"):
    pytest.skip("Spark needs Java 17, and there is no java here", allow_module_level=True)

import pyarrow.parquet
from pyspark.sql import DataFrame, SparkSession

import derive.nearest
import derive.spark
import derive.spark.lineage

pytestmark = pytest.mark.filterwarnings("ignore::Warning:pyspark", "ignore::ResourceWarning")
LEAN = "-XX:+UseSerialGC"
"""Java that is started often and never runs long."""
SETTINGS = {
    "spark.driver.host": "localhost",
    "spark.executor.memory": "1024m",
    "spark.network.timeout": "600s",
    "spark.sql.shuffle.partitions": "3",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": LEAN,
    "spark.executor.extraJavaOptions": LEAN,
}
SCHEMA = ", ".join(f"{name} string" for name in ("id", "text", "title", "published", "source", "url"))


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("derive")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def frame(spark: SparkSession, documents: list[Document]) -> DataFrame:
    rows = [tuple(getattr(d, name.split()[0]) for name in SCHEMA.split(", ")) for d in documents]
    return spark.createDataFrame(rows, SCHEMA).repartition(3)


def stories() -> list[Document]:
    """All articles of the fixtures, each under its story's name."""
    found = []
    for name in STORIES:
        for d in load_story(name).documents():
            found.append(Document(f"{name}/{d.id}", d.text, d.title, d.published, d.source, d.url))
    return sorted(found, key=lambda d: d.id)


FOOTER = "Subscribe to the morning letter of this house and read what matters."


SYLLABLES = [a + b for a in "b d f g k l m n p r s t v z".split() for b in ("a", "en", "i", "or", "u")]
FILLERS = "the of and in a to for on with by at from".split()


def words(draw: random.Random, n: int) -> str:
    made = ("".join(draw.choices(SYLLABLES, k=3)) if k % 3 else draw.choice(FILLERS) for k in range(n))
    return " ".join(w.title() if draw.random() < 0.06 else w for w in made)


def sentence(draw: random.Random) -> str:
    """Words of no language, so that only what was copied is shared; some are names, some are quoted."""
    said = words(draw, draw.randint(8, 16)).capitalize()
    if draw.random() < 0.15:
        return f"“{said},” said {words(draw, 3).title()}."
    return f"{said} {draw.randint(2, 900)} {words(draw, 3)}."


def newsroom(n: int, seed: int) -> list[Document]:
    """Articles of which some are copies of others, rewritten, cut, or put together from two; some share a footer."""
    draw = random.Random(seed)
    texts: list[list[str]] = []
    found = []
    for k in range(n):
        own = [sentence(draw) for _ in range(draw.randint(8, 20))]
        kind = draw.random()
        if texts and kind < 0.45:
            source = draw.choice(texts[-30:])
            cut = source[: draw.randint(3, len(source))]
            own = {0: source, 1: cut, 2: cut + own[:6], 3: [s for s in source if draw.random() < 0.7] + own[:2]}[
                draw.randrange(4)
            ]
        texts.append(own)
        half = len(own) // 2
        text = "\n\n".join([" ".join(own[:half]), " ".join(own[half:]), *([FOOTER] if k % 7 == 0 else [])])
        day = f"2026-03-{1 + k * 27 // n:02d}T{draw.randrange(24):02d}:{draw.randrange(60):02d}:00Z"
        outlet = f"Outlet {draw.randrange(9)}"
        found.append(Document(f"{draw.randrange(10**9):09d}-{k}", text, None, day if k % 5 else None, outlet))
    return sorted(found, key=lambda d: d.id)


def pairs_of(documents: list[Document]) -> list[tuple[object, ...]]:
    table = derive.find_pairs(documents)
    rows = zip(*(getattr(table, name).tolist() for name in table.columns), strict=True)
    return sorted((documents[a].id, documents[b].id, *figures) for a, b, *figures in rows)


def test_the_pairs_of_a_cluster_are_those_of_one_machine(spark: SparkSession, tmp_path: Path) -> None:
    documents = sorted([*stories(), *newsroom(420, 1)], key=lambda d: d.id)
    expected = pairs_of(documents)
    assert len(expected) > 300
    found = derive.spark.find_pairs(frame(spark, documents), output=str(tmp_path))
    assert sorted(map(tuple, found.collect())) == expected


def test_the_lineage_of_a_cluster_is_that_of_one_machine(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a collection in which only what shares text is judged, and a story of six is a large one."""
    for module in (derive.nearest, derive.spark.lineage):
        monkeypatch.setattr(module, "LARGE", 5)
    documents = sorted([*stories(), *newsroom(410, 1)], key=lambda d: d.id)
    expected = derive.scan(documents)
    assert len(expected.edges) > 90
    assert len(expected.links) > 80
    parts = derive.spark.scan(frame(spark, documents), output=str(tmp_path))
    assert derive.spark.lineage_json(parts) == expected.to_json()


def test_a_job_that_was_killed_goes_on_where_it_was(spark: SparkSession, tmp_path: Path) -> None:
    documents = frame(spark, newsroom(60, 2))
    told: list[str] = []

    def die(line: str) -> None:
        told.append(line)
        if line.startswith("heads"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        derive.spark.find_pairs(documents, output=str(tmp_path), say=die)
    done = [line.partition(":")[0] for line in told]
    (tmp_path / done[-1] / "_SUCCESS").unlink()  # as if it had been cut off while it was written
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    again: list[str] = []
    derive.spark.find_pairs(documents, output=str(tmp_path), say=again.append)
    assert [line for line in again if "kept" in line] == [f"{name}: kept from before" for name in done[:-1]]
    assert {name.partition(":")[0] for name in again} > set(done)
    for path, when in before.items():
        assert path.parent.name == done[-1] or path.stat().st_mtime_ns == when


def test_a_folder_of_other_settings_or_another_input_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    documents = newsroom(12, 3)
    derive.spark.find_pairs(frame(spark, documents), output=str(tmp_path))
    with pytest.raises(InputError, match=r"another min_containment: name another folder, or remove it"):
        derive.spark.find_pairs(frame(spark, documents), output=str(tmp_path), min_containment=0.2)
    with pytest.raises(InputError, match="another input"):
        derive.spark.find_pairs(frame(spark, documents[1:]), output=str(tmp_path))
    with pytest.raises(InputError, match="no id of their own"):
        derive.spark.find_pairs(frame(spark, [*documents, documents[0]]), output=str(tmp_path))


def test_without_the_extra_the_message_names_it() -> None:
    code = "import sys; sys.modules['pyspark'] = None\ntry:\n import derive.spark\nexcept ImportError as e: print(e)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "derive spark needs pyspark: pip install 'derive-news[spark]'\n"


def test_the_command_writes_the_lineage_that_scan_writes(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a collection so small that every two articles are weighed, with versions of one id."""
    monkeypatch.setattr(SparkSession, "stop", lambda self: None)  # the next test has need of it
    fields = ("id", "text", "title", "published", "source", "url")
    records = [{name: getattr(d, name) for name in fields} for d in stories()]
    earlier = {**records[0], "text": records[0]["text"] + "\n\nMore is to follow.", "published": "2020-01-01T00:00:00Z"}
    lines = [json.dumps(record) for record in (*records, earlier)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
    options = ["--input", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out")]
    options += ["--lineage", str(tmp_path / "lineage.json"), "--quiet"]
    told = CliRunner().invoke(cli, ["spark", *options], standalone_mode=False)
    assert told.return_value == 0, told.output
    expected = derive.scan(derive.read_documents([tmp_path / "in.jsonl"]))
    assert any(w.version_of for w in expected.documents)
    assert (tmp_path / "lineage.json").read_text(encoding="utf-8") == expected.to_json()


def test_the_command_reads_lines_and_tables_and_says_what_it_could_not_read(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Last of all, as the command ends the session."""
    documents = newsroom(30, 4)
    records = [json.dumps({"id": d.id, "body": d.text, "date": d.published}) for d in documents[:15]]
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "a.jsonl").write_text("\n".join([*records, "{", '{"text": "no id"}']), encoding="utf-8")
    frame(spark, documents[15:]).write.parquet(str(tmp_path / "tables"))
    out = tmp_path / "out"
    inputs = ["--input", str(tmp_path / "lines"), "--input", str(tmp_path / "tables")]
    told = CliRunner().invoke(cli, ["spark", "--pairs", *inputs, "--output", str(out)], standalone_mode=False)
    expected = pairs_of(documents)
    assert told.output.splitlines()[-3] == f"{len(expected):,} pairs: {out}/pairs"
    assert [line.partition(": a.jsonl: ")[2][:8] for line in told.output.splitlines()[-2:]] == ["a record", "not JSON"]
    assert told.return_value == 1
    table = pyarrow.parquet.read_table(out / "pairs").to_pylist()
    assert sorted(tuple(row.values()) for row in table) == expected
