# SPDX-License-Identifier: Apache-2.0
"""Shrinking: from the choices of a failing random case to fewer and smaller ones that still fail.

It owns the search over sequences of choices. Because every sequence makes a valid case, a candidate is
never thrown away for being malformed; it either fails in the same way or it does not.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["shrink"]


def shrink(
    offsets: tuple[int, ...], fails: Callable[[tuple[int, ...]], bool], *, budget: int = 60
) -> tuple[int, ...]:
    """The simplest sequence found within `budget` tries for which `fails` still holds.

    Tries the empty sequence first, then leaves out ever shorter runs, then lowers single choices.
    """
    tried = {offsets}
    best = offsets

    def better(candidate: tuple[int, ...]) -> bool:
        nonlocal best, budget
        if candidate in tried or budget <= 0:
            return False
        tried.add(candidate)
        budget -= 1
        if not fails(candidate):
            return False
        best = candidate
        return True

    if better(()):
        return best
    length = len(best)
    while length >= 1 and budget > 0:
        start = 0
        while start + length <= len(best):
            if not better(best[:start] + best[start + length :]):
                start += length
        length //= 2
    for index in range(len(best)):
        for smaller in (0, best[index] // 2 if index < len(best) else 0):
            if index < len(best) and smaller < best[index]:
                better((*best[:index], smaller, *best[index + 1 :]))
    return best
