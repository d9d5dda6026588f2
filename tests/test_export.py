"""A lineage for other tools, each format opened by a real consumer."""

from __future__ import annotations

import base64
import csv
import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import derive
from derive.model import Document, Lineage
from derive.report.export import FORMATS, export
from derive.report.json import lineage_json
from derive.report.stored import lineage_of
from tests.conftest import ROOT

STORY = ROOT / "fixtures" / "dam-inquiry"
EVIL = '=HYPERLINK("x")"]<script>alert(1)</script>\x1b[31m\u202e.txt'


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return list(derive.read_documents([STORY], metadata=STORY / "metadata.csv", skipped=[]))


@pytest.fixture(scope="module")
def lineage(documents: list[Document]) -> Lineage:
    return derive.scan(documents)


@pytest.fixture(scope="module")
def hostile(documents: list[Document]) -> Lineage:
    named = [replace(d, id=EVIL, title=EVIL, source=EVIL) if d.id == "wire.txt" else d for d in documents]
    return derive.scan(named)


def test_a_lineage_read_from_its_file_is_written_as_the_same_bytes(lineage: Lineage) -> None:
    text = lineage_json(lineage)
    again = json.loads(lineage_json(lineage_of(json.loads(text))))
    truth = json.loads(text)
    for row in (*again["documents"], *truth["documents"]):
        row.pop("excluded")  # places in texts that a lineage does not store
    assert again == truth


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_networkx_reads_every_arrow_back(lineage: Lineage, hostile: Lineage, form: str) -> None:
    import networkx

    for one in (lineage, hostile):
        graph = getattr(networkx, f"read_{form}")(io.BytesIO(export(one, form)))
        arrows = [d for _, _, d in graph.edges(data=True) if d["relation"] == "arrow"]
        assert len(arrows) == len(one.edges)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_the_dot_file_and_draws_pictures(hostile: Lineage) -> None:
    done = subprocess.run(["dot", "-Tplain"], input=export(hostile, "dot"), capture_output=True, check=True)
    assert done.stdout.count(b"\nedge ") >= len(hostile.edges)
    assert export(hostile, "png").startswith(b"\x89PNG")
    assert b"<script" not in export(hostile, "svg")


def test_prov_accepts_the_provenance_and_counts_the_derivations(lineage: Lineage, hostile: Lineage) -> None:
    prov = pytest.importorskip("prov.model")
    for one in (lineage, hostile):
        document = prov.ProvDocument.deserialize(io.BytesIO(export(one, "prov-json")), format="json")
        unseen = sum(len(u.children) for u in one.unseen_sources)
        assert len(list(document.get_records(prov.ProvDerivation))) == len(one.edges) + unseen


def test_a_spreadsheet_runs_nothing(hostile: Lineage) -> None:
    rows = list(csv.reader(io.StringIO(export(hostile, "csv").decode("utf-8-sig"))))
    assert len(rows) == 1 + len(hostile.edges) + len(hostile.links)
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)
    assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


def test_no_name_ends_a_label_in_mermaid(hostile: Lineage) -> None:
    text = export(hostile, "mermaid").decode()
    assert text.startswith("flowchart LR\n")
    assert "<" not in text
    assert all(line.count('"') in (0, 2) for line in text.splitlines())


def test_every_format_is_the_same_bytes_every_time(lineage: Lineage, documents: list[Document]) -> None:
    again = derive.scan(reversed(documents))
    for form in set(FORMATS) - {"png"}:
        assert export(lineage, form) == export(again, form)


def test_export_writes_from_the_command_line_and_names_what_is_no_lineage(tmp_path: Path, lineage: Lineage) -> None:
    (tmp_path / "lineage.json").write_text(lineage_json(lineage), encoding="utf-8")
    command = [sys.executable, "-m", "derive", "export", str(tmp_path / "lineage.json"), "--to"]
    assert subprocess.run([*command, "csv", "-o", str(tmp_path / "out.csv")], check=False).returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == export(lineage, "csv")
    (tmp_path / "lineage.json").write_text("[]", encoding="utf-8")
    done = subprocess.run([*command, "csv"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_notebook_shows_the_sentences_and_the_picture(lineage: Lineage, hostile: Lineage) -> None:
    for one in (lineage, hostile):
        shown = one._repr_html_()
        assert "independent origin" in shown
        picture = base64.b64decode(shown.partition("base64,")[2].partition('"')[0])
        assert ElementTree.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
        assert b"<script" not in picture
