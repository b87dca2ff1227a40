# SPDX-License-Identifier: Apache-2.0
"""One difference between two descriptions of a service: what it is, and how it is written.

It owns the kinds of differences, their text and their JSON. It refuses to know how differences are searched
for (diff.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Difference", "Kind", "Side", "to_json", "to_text"]

Side = Literal["input", "output", "error"]

Kind = Literal[
    "operation added",
    "operation removed",
    "member added",
    "member removed",
    "type changed",
    "enum value added",
    "enum value removed",
    "constraint added",
    "constraint removed",
    "constraint changed",
    "became required",
    "became optional",
    "became a union",
    "became a plain structure",
    "streaming changed",
    "sensitivity changed",
    "error added",
    "error removed",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference, from old to new.

    `path` is as in `$.UserImportJob.Status`, with `[]` for a list's element, `{}` for a map's value and
    `{key}` for its key. `old` and `new` are the two sides, None where one has nothing.

    `breaks_requests`: a request that was right by the old description may be refused by the new one.
    `breaks_responses`: a client made for the old description may meet what it does not know or miss what
    it relies on. A new member breaks no one (AWS adds them at any time); a new enum value does, because
    clients switch over them.
    """

    operation: str
    side: Side | None
    path: str
    kind: Kind
    old: Any = None
    new: Any = None
    breaks_requests: bool = False
    breaks_responses: bool = False

    def __str__(self) -> str:
        place = " ".join(part for part in (self.operation, self.side, self.path) if part)
        marks = [
            name
            for name, breaks in (("requests", self.breaks_requests), ("responses", self.breaks_responses))
            if breaks
        ]
        sentence = f"{place}: {self.kind}{_detail(self)}"
        return f"{sentence} (breaks {' and '.join(marks)})" if marks else sentence


def to_text(differences: Sequence[Difference]) -> str:
    """One line a difference, breaking ones marked; a sentence if there is none."""
    if not differences:
        return "No differences.\n"
    return "".join(f"{difference}\n" for difference in differences)


def to_json(differences: Sequence[Difference]) -> list[dict[str, Any]]:
    """The differences as plain data, in the same order."""
    return [
        {
            "operation": difference.operation,
            "side": difference.side,
            "path": difference.path,
            "kind": difference.kind,
            "old": difference.old,
            "new": difference.new,
            "breaks_requests": difference.breaks_requests,
            "breaks_responses": difference.breaks_responses,
        }
        for difference in differences
    ]


def _detail(difference: Difference) -> str:
    match difference.kind:
        case "enum value removed" | "error removed" | "constraint removed":
            return f" {_value(difference.old)}"
        case "enum value added" | "error added" | "constraint added":
            return f" {_value(difference.new)}"
        case "member added":
            return f" ({difference.new})"
        case "member removed":
            return f" ({difference.old})"
        case "type changed" | "constraint changed" | "streaming changed" | "sensitivity changed":
            return f" from {_value(difference.old)} to {_value(difference.new)}"
        case _:
            return ""


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value)
