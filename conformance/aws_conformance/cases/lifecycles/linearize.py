# SPDX-License-Identifier: Apache-2.0
"""Requests that were sent at once: the order, one after the other, in which their answers make sense.

It owns the search for such an order. Equal requests with equal answers are one kind, so that sixteen of them
cost no more than two. It refuses to know how requests are sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from .belief import Belief, Rules
from .predicates import Scene

__all__ = ["explain"]


def explain(
    rules: Rules,
    believed: Belief,
    scene: Scene,
    outcomes: Mapping[tuple[str, bool], int],
    final: str | None,
) -> tuple[str, ...]:
    """An order that explains all answers and the state afterwards, in words; empty if there is none.

    `outcomes` counts requests by action and whether they were accepted; `final` is the state that was seen
    after all of them (None: none was).
    """
    kinds = sorted(outcomes)
    failed: set[tuple[tuple[int, ...], Belief]] = set()

    def search(left: tuple[int, ...], states: Belief) -> tuple[int, ...] | None:
        if not any(left):
            seen = rules.closure(states, scene)
            return () if final is None or final in seen else None
        if (left, states) in failed:
            return None
        for index, (action, accepted) in enumerate(kinds):
            if not left[index]:
                continue
            after = rules.explains(action, accepted, states, scene)
            if not after:
                continue
            rest = search((*left[:index], left[index] - 1, *left[index + 1 :]), after)
            if rest is not None:
                return (index, *rest)
        failed.add((left, states))
        return None

    order = search(tuple(outcomes[kind] for kind in kinds), believed)
    return _in_words([kinds[index] for index in order]) if order is not None else ()


def _in_words(order: list[tuple[str, bool]]) -> tuple[str, ...]:
    groups: list[tuple[str, int]] = []
    for action, accepted in order:
        words = f"{action} {'accepted' if accepted else 'refused'}"
        if groups and groups[-1][0] == words:
            groups[-1] = (words, groups[-1][1] + 1)
        else:
            groups.append((words, 1))
    return tuple(words if count == 1 else f"{words} {count} times" for words, count in groups)
