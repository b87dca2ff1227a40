# SPDX-License-Identifier: Apache-2.0
"""A corpus on disk: a plain file of JSON for each case, in a folder for each operation.

It owns the files, as an example database of Hypothesis, whose multiplexed and read-only databases so fit on
top. It refuses to know what makes a case worth keeping (corpus.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from hypothesis.database import ExampleDatabase

from ..errors import UsageError
from ..files import read_text, replace_file
from .corpus import CorpusCase, corpus_case_from_json, corpus_case_to_json

__all__ = ["CorpusFiles", "read_corpus", "write_corpus"]


class CorpusFiles(ExampleDatabase):
    """The database in a folder: a key is an operation's full name, a value the JSON of a case of it.

    An operation has each case once: a value replaces that of the same case.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a case. Raises UsageError for a value that is none, or that can't be written."""
        path = self._path(key, value)
        try:
            replace_file(path, value.decode("utf-8"))
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from None

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """The cases of an operation, by their ids."""
        return [path.read_bytes() for path in sorted(self._folder(key).glob("*.json"))]

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a case, whether it was there or not."""
        self._path(key, value).unlink(missing_ok=True)

    def _folder(self, key: bytes) -> Path:
        service, _, operation = key.decode("utf-8").partition(":")
        return self.folder / service / operation

    def _path(self, key: bytes, value: bytes) -> Path:
        return self._folder(key) / f"{corpus_case_from_json(json.loads(value)).case.id}.json"


def read_corpus(folder: Path) -> tuple[CorpusCase, ...]:
    """The cases of a folder, in a fixed order. Raises UsageError, with the file, for one that holds none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", "A run with --corpus DIR makes one.")
    cases = []
    for path in sorted(folder.glob("*/*/*.json")):
        try:
            cases.append(corpus_case_from_json(json.loads(read_text(path))))
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError):
            raise UsageError(f"{path} is not JSON.", "Delete it, or restore it.") from None
        except UsageError as error:
            raise UsageError(f"{path}: {error}", "Delete it, or make it again.") from None
    return tuple(cases)


def write_corpus(folder: Path, corpus: Iterable[CorpusCase]) -> None:
    """Let a folder hold these cases, and no others."""
    database = CorpusFiles(folder)
    left = {case.case.id: case for case in read_corpus(folder)} if folder.is_dir() else {}
    for case in corpus:
        if left.pop(case.case.id, None) != case:
            database.save(*_pair(case))
    for case in left.values():
        database.delete(*_pair(case))


def _pair(case: CorpusCase) -> tuple[bytes, bytes]:
    text = json.dumps(corpus_case_to_json(case), indent=1, sort_keys=True)
    return case.case.operation.encode("utf-8"), f"{text}\n".encode()
