# SPDX-License-Identifier: Apache-2.0
"""Which case ids have come by: eight bytes of each, so that a run of a million cases keeps its size.

It owns how they are kept. It refuses to know what the cases are.
"""

from __future__ import annotations

import hashlib
import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["SeenIds"]

# A set takes over a hundred bytes for an id; so many are in one before they are packed.
_LOOSE = 20_000


class SeenIds:
    """A set of case ids."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._loose: set[int] = set()
        self._packed = array("Q")
        for identity in ids:
            self.add(identity)

    def __contains__(self, identity: str) -> bool:
        number = _number(identity)
        place = bisect_left(self._packed, number)
        return number in self._loose or (place < len(self._packed) and self._packed[place] == number)

    def __len__(self) -> int:
        return len(self._loose) + len(self._packed)

    def add(self, identity: str) -> bool:
        """Whether the id is new; it is known from now on."""
        if identity in self:
            return False
        self._loose.add(_number(identity))
        if len(self._loose) >= _LOOSE:
            self._packed = array("Q", heapq.merge(self._packed, sorted(self._loose)))
            self._loose.clear()
        return True


def _number(identity: str) -> int:
    """What is kept of an id, which may come from a file and be any text."""
    text = identity.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
