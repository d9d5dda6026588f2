"""What is read, under which id, and what is said of everything that is not."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import derive.read as reading
from derive.errors import DeriveWarning, InputError
from derive.read import read_documents
from derive.read.decode import decode, is_blank, is_text
from derive.read.files import MAX_DOCUMENT_BYTES, spell
from derive.read.text import _FRONT_MATTER

STORY = "Bakers at five plants walked out on Monday — “not a crumb”, said the union.\n"
OTHER = "The river Wend burst its banks at noon and three hundred people left.\n"


def read(*paths, **options):
    """Ids and texts of what was read, and (path, record, reason) of what was not."""
    documents, skipped = everything(*paths, **options)
    for entry in skipped:
        assert entry.message.startswith(entry.path)
        assert entry.message.count("\n") == entry.path.count("\n")
    return {d.id: d.text for d in documents}, [(s.path, s.record, s.reason) for s in skipped]


def everything(*paths, **options):
    skipped = []
    documents = list(read_documents(paths, skipped=skipped, **options))
    assert json.dumps([[d.id, d.text, d.title, d.path] for d in documents], ensure_ascii=False).encode()
    assert "".join(s.path + s.message for s in skipped).encode() is not None
    return documents, skipped


def put(folder, files):
    """Files by name, as bytes or text."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


# Ids and folders.


def test_the_id_of_a_file_is_its_path_below_the_argument(tmp_path):
    put(tmp_path, {"b.txt": STORY, "deep/er/a.md": OTHER, "deep/c": "c"})
    assert read(tmp_path) == ({"b.txt": STORY, "deep/c": "c", "deep/er/a.md": OTHER}, [])
    assert list(read(tmp_path)[0]) == ["b.txt", "deep/c", "deep/er/a.md"]


def test_the_id_of_a_file_given_directly_is_its_name(tmp_path):
    put(tmp_path, {"deep/a.txt": STORY})
    assert read(tmp_path / "deep" / "a.txt") == ({"a.txt": STORY}, [])


def test_a_single_path_may_be_given_bare(tmp_path):
    put(tmp_path, {"a.txt": STORY})
    assert [d.id for d in read_documents(str(tmp_path))] == ["a.txt"]


def test_colliding_arguments_get_the_names_of_their_folders_in_front(tmp_path):
    put(tmp_path, {"monday/a.txt": STORY, "monday/b.txt": OTHER, "tuesday/a.txt": OTHER, "lone/z.txt": "z"})
    texts, skipped = read(tmp_path / "tuesday", tmp_path / "monday", tmp_path / "lone")
    assert list(texts) == ["monday/a.txt", "monday/b.txt", "tuesday/a.txt", "z.txt"]
    assert not skipped


def test_folders_of_the_same_name_get_as_many_names_as_it_takes(tmp_path):
    put(tmp_path, {"x/news/a.txt": STORY, "y/news/a.txt": OTHER, "z/b.txt": "b"})
    texts, _ = read(tmp_path / "x/news", tmp_path / "y/news/a.txt", tmp_path / "z")
    assert list(texts) == ["b.txt", "x/news/a.txt", "y/news/a.txt"]


def test_a_file_that_two_arguments_lead_to_is_read_once(tmp_path):
    put(tmp_path, {"deep/a.txt": STORY})
    expected = ({"deep/a.txt": STORY}, [])
    assert read(tmp_path, tmp_path / "deep", tmp_path / "deep/a.txt") == expected
    assert read(tmp_path / "deep/a.txt", tmp_path / "deep", tmp_path) == expected


def test_the_order_of_the_arguments_changes_nothing(tmp_path):
    put(tmp_path, {"a/1.jsonl": lines({"id": "x", "text": STORY}), "b/2.jsonl": lines({"id": "x", "text": OTHER})})
    assert read(tmp_path / "a", tmp_path / "b") == read(tmp_path / "b", tmp_path / "a")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system decides what is a name")
def test_odd_names_become_ids_that_can_be_written(tmp_path):
    names = ["new\nline.txt", "\x1b[2J.txt", "-rf.txt", "a\"b'c\\.txt", "caf\u00e9.txt", "cafe\u0301.txt", " x .txt"]
    for raw in (b"caf\xe9\xff.txt", b"back\\slash\xff.txt", *(name.encode() for name in names)):
        with open(os.path.join(os.fsencode(tmp_path), raw), "wb") as file:
            file.write(STORY.encode())
    texts, skipped = read(tmp_path)
    assert set(texts) == {*names, r"caf\xe9\xff.txt", r"back\\slash\xff.txt"}
    assert not skipped


@given(st.binary())
def test_any_name_can_be_spelt(name):
    assert spell(name).encode() is not None


def test_hidden_files_configuration_and_tables_are_left_out_in_silence(tmp_path):
    silent = [".git/x.txt", ".DS_Store", ".hidden.txt", "truth.toml", "metadata.csv", "x.yml", "tool.py", "a.log"]
    put(tmp_path, {**dict.fromkeys(silent, STORY), "README.md": OTHER})
    assert read(tmp_path) == ({"README.md": OTHER}, [])


def test_globs_leave_out_files_folders_and_records_by_id_or_name(tmp_path):
    records = lines({"id": "keep", "text": STORY}, {"id": "drop-1", "text": OTHER})
    put(tmp_path, {"a.txt": STORY, "drafts/b.txt": STORY, "deep/README.md": STORY, "r.jsonl": records})
    texts, skipped = read(tmp_path, exclude=["drafts", "README*", "drop-*"])
    assert (list(texts), skipped) == (["a.txt", "keep"], [])


def test_an_own_earlier_output_is_never_read(tmp_path):
    own = '{"schema": 1, "derive": "0.1.0", "params": {}\n}\n'
    put(tmp_path, {"a.txt": STORY, "out/lineage.json": own, "out/report.html": "x", "out/more.txt": OTHER})
    put(tmp_path, {"monday.json": own, "planned/notes.txt": OTHER})
    assert read(tmp_path, out=tmp_path / "planned") == ({"a.txt": STORY}, [])


def test_articles_beside_an_own_output_are_still_read(tmp_path):
    put(tmp_path, {"a.txt": STORY})
    before = read(tmp_path, out=tmp_path)
    put(tmp_path, {"lineage.json": '{"schema": 1, "derive": "0.1.0"', "lineage.svg": "", "report.html": "<p>"})
    assert read(tmp_path, out=tmp_path) == before == read(tmp_path) == ({"a.txt": STORY}, [])


def test_a_lineage_given_by_itself_is_no_collection_of_articles(tmp_path):
    put(tmp_path, {"lineage.json": '{"schema": 1, "derive": "0.1.0"'})
    assert read(tmp_path / "lineage.json") == ({}, [("lineage.json", None, "unsupported")])


@pytest.mark.parametrize("name", ["gone", "gone.txt", "nul\0.txt", "\ud800.txt"])
def test_a_path_that_does_not_exist_is_named(tmp_path, name):
    texts, skipped = read(os.path.join(tmp_path, name))
    assert not texts
    assert [reason for _, _, reason in skipped] == ["not-found"]


@pytest.mark.parametrize("files", [{}, {".hidden": STORY}, {"truth.toml": ""}])
def test_a_folder_without_articles_is_named(tmp_path, files):
    put(tmp_path, files)
    assert read(tmp_path) == ({}, [(str(tmp_path), None, "not-found")])


def test_links_inside_a_folder_are_named_and_not_followed(tmp_path):
    put(tmp_path, {"in/a.txt": STORY, "secret.txt": OTHER})
    (tmp_path / "in/leak.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in/loop").symlink_to("..")
    (tmp_path / "in/broken.txt").symlink_to("nowhere")
    texts, skipped = read(tmp_path / "in")
    assert texts == {"a.txt": STORY}
    assert skipped == [(name, None, "not-regular") for name in ("broken.txt", "leak.txt", "loop")]


def test_a_link_given_directly_is_followed(tmp_path):
    put(tmp_path, {"story.txt": STORY, "folder/a.txt": OTHER})
    (tmp_path / "link.txt").symlink_to("story.txt")
    (tmp_path / "latest").symlink_to("folder")
    assert read(tmp_path / "link.txt", tmp_path / "latest") == ({"a.txt": OTHER, "link.txt": STORY}, [])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("direct", [True, False])
def test_pipes_sockets_and_devices_never_block(tmp_path, direct, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.txt")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("sock.txt")
    os.symlink("/dev/zero", "zero.txt")
    paths = ["pipe.txt", "sock.txt", "zero.txt"] if direct else [tmp_path]
    assert read(*paths) == ({}, [(name, None, "not-regular") for name in ("pipe.txt", "sock.txt", "zero.txt")])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path):
    put(tmp_path, {"a.txt": STORY, "secret.txt": OTHER, "locked/b.txt": OTHER})
    (tmp_path / "secret.txt").chmod(0)
    (tmp_path / "locked").chmod(0)
    try:
        assert read(tmp_path) == ({"a.txt": STORY}, [(n, None, "unreadable") for n in ("locked", "secret.txt")])
    finally:
        (tmp_path / "locked").chmod(0o700)


def test_a_file_that_breaks_while_it_is_read_costs_only_itself(tmp_path, monkeypatch):
    put(tmp_path, {"a.txt": STORY, "b.txt": OTHER})

    def broken(file, stream):
        if file.id == "a.txt":
            raise OSError(5, "Input/output error")
        return reading.read_text(file, stream)

    text = reading.Reader("text", ("txt",), is_text, broken)
    monkeypatch.setattr(reading, "_BY_SUFFIX", {"txt": text})
    assert read(tmp_path) == ({"b.txt": OTHER}, [("a.txt", None, "unreadable")])


def test_a_thousand_folders_deep_is_not_too_deep(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(400):
        os.mkdir("d")
        os.chdir("d")
    put_here = os.open("x.txt", os.O_CREAT | os.O_WRONLY)
    os.write(put_here, STORY.encode())
    os.close(put_here)
    assert read(tmp_path) == ({"d/" * 400 + "x.txt": STORY}, [])


def test_an_id_of_more_than_a_kilobyte_is_refused(tmp_path):
    put(tmp_path, {"a.jsonl": lines({"id": "x" * 1025, "text": STORY}, {"id": "x" * 1024, "text": OTHER})})
    texts, skipped = read(tmp_path)
    assert list(texts) == ["x" * 1024]
    assert skipped == [("a.jsonl", 1, "bad-record")]


# Bytes and text.


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-16-le", "utf-16-be"], ids=str
)
def test_every_common_encoding_gives_the_same_text(tmp_path, encoding):
    put(tmp_path, {"a.txt": STORY.encode(encoding)})
    assert read(tmp_path) == ({"a.txt": STORY}, [])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9\ncaf\xe9\n", "café\ncafé\n"),
        (b"caf\xc3\xa9 caf\xe9", "café café"),
        (b"a\x81b", "a\ufffdb"),
        (b"\xc0\xaf", "À¯"),
        (b"\xed\xa0\x80", "í\xa0€"),
        (b"+ADw-script+AD4-", "+ADw-script+AD4-"),
        (b"\xff\xfea", "\ufffd"),
        ("a\r\nb\rc\x85d\u2028e\u2029\n".encode(), "a\r\nb\rc\x85d\u2028e\u2029\n"),
        (b"", ""),
    ],
)
def test_bytes_that_are_no_utf8_are_read_as_windows_1252_and_line_ends_stay(data, text):
    assert decode(data) == text


@given(st.binary() | st.text().map(lambda text: text.encode("utf-16", "replace")))
def test_decoding_never_raises(data):
    assert decode(data).encode() is not None


@given(st.text())
def test_what_is_utf8_stays_as_it_is(text):
    assert (
        "\0" in text
        or text.startswith("\ufeff")
        or decode(text.encode("utf-8", "replace")) == text.encode("utf-8", "replace").decode("utf-8")
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \r\n\t", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.txt", b"\xef\xbb\xbf \xe2\x80\x8b\n", "empty"),
        ("a.md", b"---\ntitle: Nothing below\n---\n", "empty"),
        ("a.jsonl", b"", "empty"),
        ("a.json", b"\n\n", "empty"),
        ("a.json", b"[]", "empty"),
        ("a.txt", b"%PDF-1.7 text", "binary"),
        ("a.txt", b"\xff\xd8\xff\xe0 JFIF", "binary"),
        ("a.html", b"\x1f\x8b\x08", "damaged"),
        ("a.docx", b"PK\x03\x04", "damaged"),
        ("a.jsonl", b"\x1f\x8b\x08", "damaged"),
        ("a.txt", b"a text with\0 NULs" + b"\0" * 64, "binary"),
        ("a.txt", bytes(range(1, 32)) * 9, "binary"),
        ("a.xyz", bytes(range(256)), "binary"),
        ("a", bytes(range(256)), "binary"),
        ("a.html", b"<p> </p>", "no-text"),
        ("a.pdf", b"not really", "damaged"),
        ("a.xyz", b"A story", "unsupported"),
        ("a.txt", b"word " * (MAX_DOCUMENT_BYTES // 5 + 1), "too-large"),
    ],
)
def test_what_is_no_article_says_why(tmp_path, name, data, reason):
    put(tmp_path, {name: data})
    assert read(tmp_path) == ({}, [(name, None, reason)])


def test_a_file_that_is_just_small_enough_is_read(tmp_path):
    put(tmp_path, {"a.txt": b"word " * (MAX_DOCUMENT_BYTES // 5)})
    assert [len(text) for text in read(tmp_path)[0].values()] == [MAX_DOCUMENT_BYTES]


@pytest.mark.parametrize("name", ["story.xyz", "story.log", "story"])
def test_text_given_by_itself_is_read_whatever_its_name(tmp_path, name):
    put(tmp_path, {name: STORY})
    assert read(tmp_path / name) == ({name: STORY}, [])


def test_a_table_given_by_itself_is_no_article(tmp_path):
    put(tmp_path, {"a.csv": "path,title\n"})
    assert read(tmp_path / "a.csv") == ({}, [("a.csv", None, "unsupported")])


def test_records_are_recognised_without_a_suffix(tmp_path):
    put(tmp_path, {"dump": lines({"id": "a", "text": STORY})})
    assert read(tmp_path) == ({"a": STORY}, [])


def test_front_matter_describes_a_markdown_file_and_is_not_its_text(tmp_path):
    block = '---\ntitle: "Bakers walk out"\ndate: 2026-03-03\ntags:\n  - bread\n# a note\noutlet: Herald\n---\n'
    put(tmp_path, {"a.md": block + STORY, "b.md": f"---\n{STORY}---\nmore\n", "c.md": "---\nNote: so\n---\n"})
    documents, _ = everything(tmp_path)
    a, b, c = documents
    assert (a.text, a.title, a.published, a.source) == (STORY, "Bakers walk out", "2026-03-03", "Herald")
    assert (b.text, b.title) == (f"---\n{STORY}---\nmore\n", None)
    assert c.text == "---\nNote: so\n---\n"


def test_front_matter_without_an_end_is_searched_in_bounded_time():
    assert _FRONT_MATTER.match("---\n" + "a: b\n" * 100_000) is None
    assert _FRONT_MATTER.match("---\n" + "a" * 1_000_000) is None


# Records.


def test_the_fields_of_a_record_have_several_names(tmp_path):
    record = {
        "id": 7,
        "body": STORY,
        "headline": "Bakers",
        "published_at": 1772518320,
        "publisher": {"name": "Herald"},
        "link": "https://herald.example/7",
        "author": ["A. Smith", {"name": "B. Jones"}],
        "modified": None,
    }
    put(tmp_path, {"a.jsonl": lines(record)})
    (document,), _ = everything(tmp_path)
    assert (document.id, document.text, document.title) == ("7", STORY, "Bakers")
    assert (document.published, document.source, document.url) == ("1772518320", "Herald", "https://herald.example/7")
    assert (document.author, document.modified, document.path) == ("A. Smith, B. Jones", None, "a.jsonl")


def test_a_record_without_an_id_is_named_after_its_place(tmp_path):
    put(
        tmp_path,
        {"a.jsonl": "\r\n" + lines({"text": STORY}, {"text": OTHER}), "b.json": f'[{{"text": "{STORY[:9]}"}}]'},
    )
    assert list(read(tmp_path)[0]) == ["a.jsonl#2", "a.jsonl#3", "b.json#1"]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "x", "text": "The pri',
        "42",
        '"a string"',
        "[1, 2]",
        "null",
        "{}",
        '{"id": "x"}',
        '{"text": 5}',
        '{"text": ["x"]}',
        '{"text": null}',
        '{"id": "", "text": "x"}',
        '{"id": true, "text": "x"}',
        '{"id": 1.5, "text": "x"}',
        '{"id": ["x"], "text": "x"}',
        '{"id": {}, "text": "x"}',
        '{"text": "x", "meta": ' + "[" * 50_000 + "]" * 50_000 + "}",
        "\0" * 512,
        "garbage",
    ],
    ids=lambda line: line[:20].replace("\0", "NUL"),
)
def test_a_bad_line_costs_that_line_and_is_named(tmp_path, line):
    put(tmp_path, {"a.jsonl": lines({"id": "a", "text": STORY}) + line + "\n" + lines({"id": "b", "text": OTHER})})
    documents, skipped = everything(tmp_path)
    assert [d.id for d in documents] == ["a", "b"]
    (entry,) = skipped
    assert (entry.path, entry.record, entry.reason) == ("a.jsonl", 2, "bad-record")
    assert entry.message.startswith("a.jsonl:2: ")


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "a", "text": "x", "score": NaN, "published": Infinity}',
        '{"id": "a", "text": "x", "count": ' + "9" * 5000 + "}",
        '{"id": "z", "id": "a", "text": "x"}',
        '\ufeff{"id": "a", "text": "x"}',
        '{"id": "a", "text": "x"}\r',
        '{"id": "a", "text": "x"}\0\0',
        '{"id": "a", "text": " ", "body": "x"}',
    ],
    ids=lambda line: line[:60],
)
def test_what_does_no_harm_costs_nothing(tmp_path, line):
    put(tmp_path, {"a.jsonl": line + "\n"})
    assert read(tmp_path) == ({"a": "x"}, [])


def test_a_record_with_a_blank_text_is_empty(tmp_path):
    put(tmp_path, {"a.jsonl": lines({"id": "a", "text": " \n"})})
    assert read(tmp_path) == ({}, [("a.jsonl", 1, "empty")])


def test_lone_surrogates_become_replacement_characters(tmp_path):
    put(tmp_path, {"a.jsonl": r'{"id": "a\ud800", "text": "x\udc00y", "title": "\ud83d"}'})
    (document,), _ = everything(tmp_path)
    assert (document.id, document.text, document.title) == ("a\ufffd", "x\ufffdy", "\ufffd")


@pytest.mark.parametrize(
    "id", ["../../etc/passwd", "/etc/passwd", "a\0b", "new\nline", "\x1b[2J", "x:y:z -> w", "%s{}"]
)
def test_ids_are_opaque(tmp_path, id):
    put(tmp_path, {"a.jsonl": lines({"id": id, "text": STORY})})
    assert read(tmp_path) == ({id: STORY}, [])


def test_ids_that_differ_in_composition_or_case_are_distinct(tmp_path):
    ids = ["caf\u00e9", "cafe\u0301", "CAF\u00c9"]
    put(tmp_path, {"a.jsonl": lines(*({"id": id, "text": STORY} for id in ids))})
    assert list(read(tmp_path)[0]) == ids


def test_a_line_that_is_too_long_is_drained_and_the_next_is_read(tmp_path):
    long = json.dumps({"id": "long", "text": "x" * (3 * MAX_DOCUMENT_BYTES)}) + "\n"
    put(tmp_path, {"a.jsonl": long + lines({"id": "b", "text": OTHER})})
    assert read(tmp_path) == ({"b": OTHER}, [("a.jsonl", 1, "too-large")])


def test_many_bad_records_are_told_in_short(tmp_path):
    put(tmp_path, {"a.jsonl": "x\n" * 1334 + lines({"id": "a", "text": STORY})})
    documents, skipped = everything(tmp_path)
    assert [d.id for d in documents] == ["a"]
    assert len(skipped) == 101
    assert skipped[-1].message == "a.jsonl: and 1,234 more records that could not be read"


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 1])
def test_an_array_is_read_as_records(tmp_path, name, indent):
    records = [{"id": "a", "text": STORY}, 5, {"id": "b", "text": OTHER}]
    put(tmp_path, {name: json.dumps(records, indent=indent) + "\n"})
    assert read(tmp_path) == ({"a": STORY, "b": OTHER}, [(name, 2, "bad-record")])


def test_a_single_object_over_many_lines_is_one_record(tmp_path):
    put(tmp_path, {"a.json": json.dumps({"text": STORY, "id": "a"}, indent=2)})
    assert read(tmp_path) == ({"a": STORY}, [])


def test_records_under_the_suffix_json_may_stand_on_lines(tmp_path):
    put(tmp_path, {"a.json": "{broken\n" + lines({"id": "a", "text": STORY})})
    assert read(tmp_path) == ({"a": STORY}, [("a.json", 1, "bad-record")])


def test_an_array_that_is_cut_off_is_told_in_one_line(tmp_path):
    put(tmp_path, {"a.json": json.dumps([{"id": "a", "text": STORY}], indent=1)[:-4]})
    assert read(tmp_path) == ({}, [("a.json", None, "bad-record")])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_records_are_read_in_every_marked_encoding(tmp_path, encoding):
    text = "".join(json.dumps({"id": id, "text": STORY}, ensure_ascii=False) + "\n" for id in "ab")
    put(tmp_path, {"a.jsonl": text.encode(encoding)})
    assert read(tmp_path) == ({"a": STORY, "b": STORY}, [])


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40) | st.sampled_from([b'{"text": "a"}', b"[", b"{", b"\xff\xfe"])))
def test_no_bytes_on_standard_input_raise(parts):
    skipped = []
    documents = list(read_documents("-", skipped=skipped, stdin=io.BytesIO(b"\n".join(parts))))
    assert documents or skipped


def test_the_same_id_with_the_same_text_is_counted_once_and_said(tmp_path):
    put(tmp_path, {"a.jsonl": lines({"id": "x", "text": STORY}), "b.jsonl": lines({"id": "x", "text": STORY})})
    documents, (entry,) = everything(tmp_path)
    assert [d.path for d in documents] == ["a.jsonl"]
    assert (entry.path, entry.record, entry.reason) == ("b.jsonl", 1, "duplicate-id")
    assert "same text as at a.jsonl:1" in entry.message


def test_the_same_id_with_another_text_names_both_places(tmp_path):
    put(tmp_path, {"a.jsonl": lines({"text": "y"}, {"id": "x", "text": STORY}), "x": OTHER})
    documents, (entry,) = everything(tmp_path)
    assert [(d.id, d.text) for d in documents] == [("a.jsonl#1", "y"), ("x", STORY)]
    assert (entry.path, entry.reason) == ("x", "duplicate-id")
    assert "a.jsonl:2" in entry.message


# Standard input.


def test_text_on_standard_input_is_one_document():
    assert read("-", stdin=io.BytesIO(STORY.encode("utf-16"))) == ({"stdin": STORY}, [])


def test_records_on_standard_input_are_recognised():
    data = "\n" + lines({"id": "a", "text": STORY}, {"text": OTHER})
    assert read("-", stdin=io.BytesIO(data.encode())) == ({"a": STORY, "stdin#3": OTHER}, [])


def test_a_text_that_begins_with_a_brace_is_a_text():
    assert read("-", stdin=io.BytesIO(b"{so it began\nand ended}\n")) == ({"stdin": "{so it began\nand ended}\n"}, [])


# A table beside the articles.


def table(*rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def test_the_table_wins_and_is_not_read_as_an_article(tmp_path):
    rows = table(["path", "Title", "published", "source", "mood"], ["./deep/a.txt", "Bakers", "", "Herald", "sad"])
    records = lines({"id": "r1", "text": OTHER, "title": "old", "published": "2026-03-03"})
    more = table(["id", "title", "published"], ["r1", "new", ""])
    put(tmp_path, {"deep/a.txt": STORY, "about.md": rows, "r/r.jsonl": records, "r/metadata.csv": more})
    (a, r), skipped = everything(tmp_path, metadata=tmp_path / "about.md")
    assert (a.title, a.published, a.source) == ("Bakers", None, "Herald")
    assert (r.title, skipped) == ("old", [])
    (r,), skipped = everything(tmp_path / "r", metadata=tmp_path / "r/metadata.csv")
    assert (r.title, r.published, skipped) == ("new", "2026-03-03", [])


def test_the_table_finds_files_wherever_the_argument_begins(tmp_path):
    put(
        tmp_path,
        {"x/a.txt": STORY, "y/a.txt": OTHER, "m.csv": table(["path", "title"], ["x/a.txt", "X"], ["y/a.txt", "Y"])},
    )
    documents, skipped = everything(tmp_path / "x/a.txt", tmp_path / "y", metadata=tmp_path / "m.csv")
    assert [(d.id, d.title) for d in documents] == [("x/a.txt", "X"), ("y/a.txt", "Y")]
    assert not skipped


def test_a_row_may_describe_all_records_of_a_file(tmp_path):
    rows = table(["path", "id", "source"], ["a.jsonl", "", "Herald"], ["a.jsonl", "y", "Star"])
    put(tmp_path, {"a.jsonl": lines({"id": "x", "text": STORY}, {"id": "y", "text": OTHER}), "m.csv": rows})
    documents, skipped = everything(tmp_path, metadata=tmp_path / "m.csv")
    assert [(d.id, d.source) for d in documents] == [("x", "Herald"), ("y", "Star")]
    assert not skipped


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["gone.txt", "", "A title"], "not-found"),
        (["", "gone", "A title"], "not-found"),
        (["", "", "A title"], "bad-record"),
        (["a.txt", "", "Hello", " world"], "bad-record"),
        (["a.txt", "", "Another title"], "bad-record"),
    ],
)
def test_a_row_that_describes_nothing_is_named(tmp_path, row, reason):
    rows = table(["path", "id", "title"], ["a.txt", "", "Bakers"], row)
    put(tmp_path, {"a.txt": STORY, "m.csv": rows})
    (document,), (entry,) = everything(tmp_path, metadata=tmp_path / "m.csv")
    assert document.title == "Bakers"
    assert (entry.path, entry.record, entry.reason) == ("m.csv", 3, reason)
    assert entry.message.startswith("m.csv:3: ")


def test_rows_of_articles_that_were_excluded_or_skipped_are_not_to_blame(tmp_path):
    rows = table(["path", "title"], ["drafts/a.txt", "A"], ["empty.txt", "E"])
    put(tmp_path, {"drafts/a.txt": STORY, "empty.txt": "", "b.txt": OTHER, "m.csv": rows})
    assert read(tmp_path, metadata=tmp_path / "m.csv", exclude=["drafts/*"]) == (
        {"b.txt": OTHER},
        [("empty.txt", None, "empty")],
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_as_spreadsheets_write_them(tmp_path, encoding, delimiter):
    rows = f"path{delimiter}title\r\na.txt{delimiter}Café “Zum Bäcker”\r\n"
    put(tmp_path, {"a.txt": STORY, "m.csv": rows.encode(encoding)})
    (document,), _ = everything(tmp_path, metadata=tmp_path / "m.csv")
    assert document.title == "Café “Zum Bäcker”"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"path\n",
        b"name,title\na.txt,x\n",
        b"path,title\na\0.txt,x\n",
        b"PK\x03\x04",
        b'path,title\na.txt,"' + b"x" * 200_000,
    ],
    ids=["empty", "no-fields", "no-key", "nul", "zip", "huge-cell"],
)
def test_a_table_that_is_none_is_an_error_in_one_line(tmp_path, data):
    put(tmp_path, {"a.txt": STORY, "m.csv": data})
    with pytest.raises(InputError, match=r"^m\.csv.*: ") as caught:
        read_documents([tmp_path], metadata=tmp_path / "m.csv")
    assert "\n" not in str(caught.value)


def test_a_table_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such metadata file"):
        read_documents([tmp_path], metadata=tmp_path / "m.csv")


# Nothing is lost in silence.


def test_without_a_list_every_skipped_file_is_a_warning(tmp_path):
    put(tmp_path, {"a.txt": STORY, "b.txt": ""})
    with pytest.warns(DeriveWarning, match=r"^b\.txt: ") as caught:
        assert [d.id for d in read_documents([tmp_path])] == ["a.txt"]
    assert caught[0].filename == __file__


@pytest.mark.parametrize(("text", "blank"), [("", True), ("\ufeff\u200b\u00ad \n", True), (".", False), ("ก", False)])
def test_blank_is_what_nobody_can_see(text, blank):
    assert is_blank(text) is blank
