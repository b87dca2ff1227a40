# SPDX-License-Identifier: Apache-2.0
"""What a campaign is made of: units of work, numbered, each a plan of its own.

It owns which units there are, as a function of the plan alone. It refuses to know who carries them out, and
in which order they are through.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..parts import Part
from ..plan import Plan
from ..shards import shard_of

__all__ = ["Units"]

# So many random cases of one operation are a unit of a round.
_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a narrowed plan: `count` shards of it first, then rounds of further random cases.

    A round has a unit for each operation, of the next random cases in the order of their indices. `share`
    (2 of 3) leaves the other units to other campaigns of the same plan: of the plan itself it has a stretch.
    """

    plan: Plan
    count: int
    share: tuple[int, int] = (1, 1)

    def numbers(self, rounds: int | None) -> Iterator[int]:
        """The numbers of the units in order; without end where there is no number of `rounds`."""
        index, every = self.share
        yield from range(self.count * (index - 1) // every, self.count * index // every)
        if not self._has_rounds:
            return
        total = None if rounds is None else rounds * len(self.plan.operations)
        for further in itertools.count(index - 1, every):
            if total is not None and further >= total:
                return
            yield self.count + further

    def base(self, number: int) -> bool:
        """Whether a unit is of the plan itself, rather than of a round."""
        return number < self.count

    def shard(self, number: int) -> str:
        """How merging calls a unit of the plan itself."""
        return f"{number + 1}/{self.count}"

    def plan_of(self, number: int) -> Plan:
        """The plan of a unit."""
        if self.base(number):
            shard = shard_of(self.plan, number + 1, self.count)
            parts = {name: replace(shard.part(name), number=number + 1) for name in shard.operations}
            corpus = {name: self.plan.corpus[name] for name in parts if name in self.plan.corpus}
            return replace(shard, parts=parts, corpus=corpus, workers=1)
        turn, place = divmod(number - self.count, len(self.plan.operations))
        name = self.plan.operations[place]
        return replace(
            self.plan,
            operations=(name,),
            phases=("random",),
            first_example=self.plan.max_examples + turn * _EXAMPLES,
            max_examples=_EXAMPLES,
            parts={name: Part(number=number + 1)},
            corpus={},
            workers=1,
        )

    @property
    def _has_rounds(self) -> bool:
        return "random" in self.plan.phases
