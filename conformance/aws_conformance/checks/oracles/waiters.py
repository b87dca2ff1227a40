# SPDX-License-Identifier: Apache-2.0
"""An oracle of waiters: what an SDK looks at to know that something is there is shown.

It owns this rule. It refuses to know which waiters there are (cases/oracles/waiting.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...cases.oracles.waiting import awaited_of
from ..check import Breach
from .story import Story, shown_in

__all__ = ["awaited"]

_STEP = re.compile(r"[A-Za-z]+")


def awaited(story: Story) -> Iterator[Breach]:
    """A look that shows what was made shows the member that its waiter looks at: else one waits in vain."""
    for index, move in enumerate(story.moves):
        creation = story.created(move.about)
        write = story.last_write(index)
        if move.role not in ("read", "list") or not move.succeeds or creation is None:
            continue
        if write is None or write.role == "delete":
            continue
        if move.role == "list" and not story.listed(move, creation):
            continue
        for wait in awaited_of(story.service, move.operation, story.noun):
            if not wait.values(move.document):
                path = tuple(_STEP.findall(wait.argument))
                expected = f"a value, as the waiter {wait.waiter} looks for {wait.expected} there"
                yield shown_in(move, Breach(path, expected, "none", "waited for"))
                break
