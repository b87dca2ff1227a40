# SPDX-License-Identifier: Apache-2.0
"""Where AWS departs from its own models, as data with evidence: data/errata.yaml.

It owns the reading of that file. It refuses to know what follows from an entry.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

__all__ = ["answers_late", "errata", "is_accepted", "statuses_recorded"]


@functools.cache
def errata() -> dict[str, list[dict[str, Any]]]:
    """The entries by kind; each names an operation and its evidence."""
    text = resources.files("aws_conformance").joinpath("data/errata.yaml").read_text("utf-8")
    entries: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return entries


@functools.cache
def statuses_recorded(operation: str) -> frozenset[int]:
    """Statuses of successes that AWS was recorded to send beside the modelled one."""
    return frozenset(
        entry["status"] for entry in errata()["success-status"] if entry["operation"] == operation
    )


@functools.cache
def answers_late(operation: str) -> bool:
    """Whether AWS may answer with an error in what begins as a success."""
    return any(entry["operation"] == operation for entry in errata()["error-in-success"])


def is_accepted(operation: str, pointer: str, keyword: str, value: object) -> bool:
    """Whether AWS accepts a value that its model refuses by a keyword; `pointer` has `*` for indices."""
    return any(
        (entry["operation"], entry["pointer"], entry["keyword"]) == (operation, pointer, keyword)
        and value in entry["values"]
        for entry in errata()["request-accepted"]
    )
