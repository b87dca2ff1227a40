# SPDX-License-Identifier: Apache-2.0
"""Files of users: bounded whatever they are, and written whole or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from aws_conformance.cli import main
from aws_conformance.files import LARGEST_TEXT, locked, read_bytes, read_text, replace_file


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"a" * 10)
    assert read_bytes(file, 10) == b"a" * 10
    with pytest.raises(OSError, match="larger than 0 MiB"):
        read_bytes(file, 9)


def test_what_is_no_file_is_refused_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_bytes(tmp_path / "pipe") == b""
    with pytest.raises(IsADirectoryError):
        read_bytes(tmp_path)
    with pytest.raises(OSError, match="Invalid argument"):
        read_bytes(Path("a\0b"))
    with pytest.raises(OSError, match="larger"):
        read_text(Path("/dev/zero"))


def test_a_pipe_that_is_written_to_is_read_to_its_end(tmp_path: Path) -> None:
    source, sink = os.pipe()

    def write() -> None:
        with os.fdopen(sink, "wb") as stream:
            for _ in range(100):
                stream.write(b"a" * 10_000)

    writer = threading.Thread(target=write)
    writer.start()
    assert len(read_bytes(Path(f"/dev/fd/{source}"))) == 1_000_000
    writer.join()
    os.close(source)


def test_a_failed_replacement_leaves_the_old(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("old", "utf-8")
    with pytest.raises(UnicodeEncodeError):
        replace_file(file, "new" * 100_000 + "\ud800")
    assert file.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_whoever_locks_a_folder_has_it_alone(tmp_path: Path) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait()
        with locked(tmp_path):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with locked(tmp_path):
        inside.set()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{new}: &{new} {{{', '.join(f'k{i}: *{old}' for i in range(9))}, <<: *{old}}}\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [LAUGHS, MERGES, "a: &a [*a]\n", "[" * 50_000, "a: " * 50_000],
    ids=["laughs", "merges", "ring", "deep", "keys"],
)
@pytest.mark.parametrize(
    "arguments",
    [("run", "--lifecycle", "bad"), ("run", "--baseline", "bad"), ("baseline", "prune", "bad")],
    ids=" ".join,
)
def test_no_file_of_yaml_grows(
    arguments: tuple[str, ...],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_text(text, "utf-8")
    assert main(list(arguments)) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert "internal error" not in captured.err


# Every option that takes a file to read, with what else its command needs.
READERS = (
    ("run", "--baseline", "{}"),
    ("run", "--lifecycle", "{}"),
    ("run", "--resume", "{}"),
    ("run", "--target", "recorded:{}"),
    ("baseline", "prune", "{}"),
    ("baseline", "update", "{}", "--from", "empty"),
    ("baseline", "update", "known.yaml", "--from", "{}"),
    ("report", "render", "{}", "json=out.json"),
    ("report", "merge", "{}", "--out", "out.ndjson"),
    ("replay", "{}"),
    ("reproduce", "{}"),
    ("validate", "sqs:ListQueues", "--exchange", "{}"),
    ("validate", "sqs:ListQueues", "--instance", "{}"),
    ("validate", "--batch", "{}"),
    ("validate", "sqs:ListQueues", "--instance", "empty", "--schemas", "{}"),
    ("page", "{}"),
    ("drift", "{}", "cognito-idp"),
)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "utf-16").write_bytes('{"a": 1}\n'.encode("utf-16"))
    (tmp_path / "list").write_text("[1, 2]\n", "utf-8")
    (tmp_path / "deep").write_text("[" * 100_000, "utf-8")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(LARGEST_TEXT + 1)
    return tmp_path


@pytest.mark.parametrize(
    "place", ["absent", "folder", "empty", "binary", "utf-16", "list", "deep", "pipe", "huge"]
)
@pytest.mark.parametrize("arguments", READERS, ids=" ".join)
def test_a_file_of_any_kind_is_answered_by_a_single_line(
    arguments: tuple[str, ...], place: str, places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([word.format(place) for word in arguments])
    captured = capsys.readouterr()
    assert "internal error" not in captured.err
    assert "Traceback" not in captured.err + captured.out
    # Each line of a batch is answered by a line, and a list is a document that can be judged.
    batch = arguments[:2] == ("validate", "--batch") and code in (0, 2)
    finding = arguments[2:] == ("--instance", "{}") and place == "list" and code == 1
    assert batch or finding or (code == 2 and captured.err.count("\n") == 1), (code, captured)
