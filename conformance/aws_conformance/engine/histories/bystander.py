# SPDX-License-Identifier: Apache-2.0
"""Calls that somebody else made and wrote down: what they tell of the lives of all resources in them.

It owns which lifecycles are looked at, and where. It refuses to know how a life is judged (recorded_life.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from ...cases.api_words import VERBS
from ...cases.lifecycles.belief import Rules
from ...cases.lifecycles.model import Lifecycle
from ...cases.lifecycles.registry import lifecycles_of
from ...results.events import Violation
from .recorded_life import RecordedLife, SeenCall

__all__ = ["Bystander"]


class Bystander:
    """Takes the calls of a recording in order, and tells what the lives of resources in it violate."""

    def __init__(self, lifecycles: tuple[str, ...] = (), severities: Mapping[str, str] | None = None) -> None:
        self._files = lifecycles
        self._severities = severities or {}
        self._lives: dict[tuple[str, str], tuple[RecordedLife, ...]] = {}

    def take(self, call: SeenCall) -> list[Violation]:
        """What the call shows to be wrong with the life of any resource."""
        key = (call.answer.service.name, call.place)
        if key not in self._lives:
            lives = lifecycles_of(key[0], self._files)
            documented = frozenset(
                name
                for life in lives
                for name in (*life.operations, *(step.operation for step in life.setup))
            )
            takers = frozenset(name for life in lives for name in _takers(life))
            self._lives[key] = tuple(
                RecordedLife(Rules(life), documented, takers, self._severities) for life in lives
            )
        return [violation for life in self._lives[key] for violation in life.take(call)]

    def upload(self, url: str, body: bytes, accepted: bool) -> bool:
        """Take in a request to an address that some resource has shown; False if none has shown it."""
        lives = [life for lives in self._lives.values() for life in lives]
        # Two lives may have shown the same address: each is to hear of it.
        return max((life.upload(url, body, accepted) for life in lives), default=False)


def _takers(life: Lifecycle) -> frozenset[str]:
    """The operations of a lifecycle after which there is less than before."""
    absent = {state.name for state in life.states.values() if state.absent}
    ending = {line.by for line in life.transitions if absent & set(line.to)}
    return frozenset(
        action.operation
        for action in life.actions.values()
        if action.name in ending or action.operation.startswith(VERBS["destroy"])
    )
