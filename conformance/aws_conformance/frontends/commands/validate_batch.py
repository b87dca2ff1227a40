# SPDX-License-Identifier: Apache-2.0
"""Many lines of `validate --batch`, answered in their order and judged in that which costs least.

It owns that order, and the look that tells most outputs for right. It refuses to know what else may stand
in a line, and how a finding is shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import ConformanceError
from .user_json import parse_json, strict_decoder

if TYPE_CHECKING:
    from ...checks.validate import QuickLook

__all__ = ["NOTHING", "Answer", "Batch", "portions"]

Answer: TypeAlias = tuple[str, int]
"""A line that answers one, and what the command ends with because of it."""

NOTHING = json.dumps({"findings": []})

# Lines that are judged one operation after the other, as far as nobody waits: each finds its schema at hand.
_AT_ONCE = 1000
_MOST_BYTES = 8 * 1024 * 1024


def portions(lines: Iterable[bytes], *, wait: bool) -> Iterator[list[tuple[int, bytes]]]:
    """Numbered lines, several at a time; where nobody is to `wait` for an answer, each by itself."""
    portion: list[tuple[int, bytes]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        portion.append((number, line))
        size += len(line)
        if not wait or len(portion) >= _AT_ONCE or size >= _MOST_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


_PLAIN = ("service", "operation", "instance")


class Batch:
    """The lines of a batch, and what is known of the operations in them."""

    def __init__(self, judge: Callable[[Any], Answer], protocol: str | None, *, looks: bool) -> None:
        """`judge` answers a line by all rules; where `looks` is false, each line is for it."""
        self._judge = judge
        self._protocol = protocol
        self._looking = looks
        self._looks: dict[tuple[str, str], QuickLook | None] = {}
        self._fractions: list[str] = []
        self._decoder = strict_decoder(self._fractions.append)

    def judged(self, lines: Sequence[tuple[int, bytes]]) -> tuple[list[str], int]:
        """An answer for each of several numbered lines, and what the command ends with because of them."""
        answers = [""] * len(lines)
        exit_code = 0
        order: Iterable[int] = range(len(lines))
        if len(lines) > 1:
            order = sorted(order, key=lambda index: _grouping(lines[index][1]))
        for index in order:
            # Each is read when it is its turn: a thousand documents at a time cost more than they are worth.
            answers[index], worst = self._answer(*lines[index])
            exit_code = max(exit_code, worst)
        return answers, exit_code

    def _answer(self, number: int, line: bytes) -> Answer:
        self._fractions.clear()
        try:
            row = parse_json(line, f"line {number}", self._decoder)
            if self._takes(row, bool(self._fractions)):
                return NOTHING, 0
            return self._judge(row)
        except ConformanceError as error:
            return json.dumps({"error": str(error)}), 2
        except Exception as error:
            # Ours to mend, but no reason to leave the other lines undone.
            return json.dumps({"error": f"internal error: {type(error).__name__}: {error}"}), 2

    def _takes(self, row: Any, fractions: bool) -> bool:
        """Whether one look shows that a line's output is right, which mostly is so.

        Lines that say more than service, operation and instance are not looked at.
        """
        if not self._looking or not isinstance(row, dict) or len(row) != len(_PLAIN) or "instance" not in row:
            return False
        service, operation = row.get("service"), row.get("operation")
        if not isinstance(service, str) or not isinstance(operation, str):
            return False
        key = (service, operation)
        if key not in self._looks:
            from ...checks.validate import quick_look

            self._looks[key] = quick_look(service, operation, self._protocol)
        look = self._looks[key]
        return look is not None and look.takes(row["instance"], fractions=fractions)


# What a line is about, wherever it says so; what stands there is only what lines are put in order by.
_ABOUT = re.compile(rb'"(?:service|operation)"\s*:\s*"([^"]*)"')


def _grouping(line: bytes) -> tuple[bytes, ...]:
    """What lines of one operation mostly have in common."""
    about = _ABOUT.search(line)
    other = _ABOUT.search(line, about.end()) if about is not None else None
    return (about[1], other[1]) if about is not None and other is not None else ()
