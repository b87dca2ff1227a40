# SPDX-License-Identifier: Apache-2.0
"""Where published test data lies that is used and not copied: next to the repository, if it is there.

It owns the paths and what its absence means: a skip with the reason on a developer's machine, a failure
where everything has to be (CI).
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

__all__ = ["oracle_lines", "protocol_suites", "require"]

_SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def require(path: str) -> Path:
    """A file of the shared data; without it the test is skipped, or fails if the variable CI is set."""
    file = _SHARED / path
    if not file.exists():
        reason = f"../shared/{path} is not next to the repository"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return file


def protocol_suites(side: str, name: str) -> list[dict[str, Any]]:
    """The suites of one file of protocol cases; none if the file is absent (`require` says so in a test)."""
    file = _SHARED / "protocol-cases" / side / f"{name}.json"
    if not file.exists():
        return []
    suites: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return suites


def oracle_lines(name: str = "real-responses") -> Iterator[dict[str, Any]]:
    """Recorded answers of real services, one at a time."""
    with gzip.open(require(f"oracle/{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
