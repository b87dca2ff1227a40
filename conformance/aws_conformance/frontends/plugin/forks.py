# SPDX-License-Identifier: Apache-2.0
"""Children that a test forks: what they see reaches the process that reports.

It owns the way, files in a folder of this run's own. It refuses to know what is seen. A child that is started
anew (a subprocess, or multiprocessing's `spawn`) has no observer, and its calls are not seen.
"""

from __future__ import annotations

import itertools
import os
import pickle
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...results.events import Violation
from .observations import Observations
from .request_check import RequestFault

__all__ = ["Forks", "Seen"]


@dataclass(slots=True)
class Seen:
    """What was seen since the last look: the record, and what a test has to answer for.

    `own` are faults of its requests, `deliberate` those of requests that were refused for them, `theirs` its
    target's.
    """

    record: Observations = field(default_factory=Observations)
    own: list[RequestFault] = field(default_factory=list)
    deliberate: list[RequestFault] = field(default_factory=list)
    theirs: list[Violation] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        """Take in what another process saw."""
        self.record.add(other.record.plain())
        self.own += other.own
        self.deliberate += other.deliberate
        self.theirs += other.theirs


@dataclass(slots=True)
class Forks:
    """The folder between a process and those that it forks."""

    folder: Path
    _parent: int = field(default_factory=os.getpid)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def watched(cls) -> Iterator[Forks]:
        """The way between this process and its children, as long as it is needed."""
        # Readable by nobody else, so that what is read from it is ours.
        forks = cls(Path(tempfile.mkdtemp(prefix="aws-conformance-")))
        try:
            yield forks
        finally:
            # A child that comes here has left the loop of tests that it was forked in; the parent has not.
            if not forks.is_child():
                shutil.rmtree(forks.folder, ignore_errors=True)

    def is_child(self) -> bool:
        """Whether this process was forked from the one that reports."""
        return os.getpid() != self._parent

    def send(self, seen: Seen) -> None:
        """Leave what a child saw for its parent, at once: a child may end without notice."""
        name = f"{os.getpid()}-{next(self._numbers)}"
        unfinished = self.folder / f".{name}"
        unfinished.write_bytes(pickle.dumps(seen))
        unfinished.rename(self.folder / name)

    def receive(self) -> Iterator[Seen]:
        """What children have left, each once."""
        for file in sorted(self.folder.glob("[0-9]*")):
            seen: Seen = pickle.loads(file.read_bytes())
            file.unlink()
            yield seen
