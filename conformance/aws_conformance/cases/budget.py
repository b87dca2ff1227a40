# SPDX-License-Identifier: Apache-2.0
"""Which of an operation's enumerated cases a run sends unless it is asked for all: what is new comes first.

It owns the ranks of boundaries and mutations and what a budget leaves out of them. A shape that stands in
a hundred places of a request is tried in one, each constraint of each shape is broken once before any is
broken twice, and of the wrong types a place gets one, another at each place. Null, which clients send for
what they do not have, is tried for each member of the request itself. It refuses to know how a case is made
of a boundary or a mutation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from ..generate.boundaries import Boundary, boundaries, distinct_sites, sites
from ..generate.mutations import MutationDraft, mutation_drafts
from ..generate.nodes import Tree
from .crash_rates import crash_weight, kind_of_boundary, kind_of_value

__all__ = ["Candidate", "candidates", "repeated_places"]

# A constraint or a value that was not met before; a structure within the request, with all its members or the
# fewest, which the cases of its members have around them; a constraint of another place or class; a wrong
# type whose turn it is at its place; what only repeats.
_NEW, _AROUND, _AGAIN, _ROTATED, _REPEATED = range(5)
_STRUCTURES = ("minimal", "all members")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A boundary or a mutation that may become a case, with its rank: the lower, the newer it is.

    `turn` orders those of a rank: each kind has its turn before any has it again, what crashes
    implementations more often more than once.
    """

    rank: int
    turn: float
    source: Boundary | MutationDraft

    @property
    def repeats(self) -> bool:
        """Whether it only repeats what others show."""
        return self.rank == _REPEATED


def candidates(tree: Tree) -> Iterator[Candidate]:
    """Boundaries and mutations of the places that differ, in the order in which all cases have them."""
    places = list(distinct_sites(tree))
    seen = _Novelty()
    for boundary in boundaries(tree, places):
        rank = seen.rank_of_boundary(boundary)
        yield Candidate(rank, seen.turn(rank, kind_of_boundary(boundary.label)), boundary)
    for number, place in enumerate(places):
        drafts = list(mutation_drafts(tree, [place]))
        for draft, rank in zip(drafts, seen.ranks_of_mutations(drafts, number), strict=True):
            turn = seen.turn(rank, draft.keyword, draft.value_class, draft.node_kind)
            yield Candidate(rank, turn, draft)


def repeated_places(tree: Tree) -> int:
    """How many places of a tree have a shape that is tried at another place."""
    return sum(1 for _ in sites(tree)) - sum(1 for _ in distinct_sites(tree))


@dataclass(slots=True)
class _Novelty:
    """What has been met so far of one operation."""

    _keys: set[Hashable] = field(default_factory=set)
    _turns: Counter[tuple[int | str, ...]] = field(default_factory=Counter)

    def turn(self, rank: int, keyword: str, value_class: str = "", place_kind: str = "") -> float:
        """When it is the turn of one more of a kind, among those of its rank."""
        kind = (rank, keyword, kind_of_value(keyword, value_class), place_kind)
        self._turns[kind] += 1
        return self._turns[kind] / crash_weight(keyword, value_class, place_kind)

    def _is_new(self, *key: Hashable) -> bool:
        new = key not in self._keys
        self._keys.add(key)
        return new

    def rank_of_boundary(self, boundary: Boundary) -> int:
        """The rank of a boundary: of a shape's value once, of lengths at each place."""
        shape = boundary.shape or boundary.pointer
        if not boundary.pointer or self._is_new("value", shape, boundary.label):
            return _AROUND if boundary.pointer and boundary.label in _STRUCTURES else _NEW
        return _REPEATED if boundary.label.startswith(("enum ", "key ")) else _AGAIN

    def ranks_of_mutations(self, drafts: Sequence[MutationDraft], number: int) -> Iterator[int]:
        """The ranks of the mutations of one place; `number` tells the places apart."""
        types = [draft for draft in drafts if draft.keyword == "type" and not _is_null(draft)]
        turn = types[number % len(types)] if types else None
        shape = (drafts[0].site.shape or drafts[0].site.pointer) if drafts else ""
        new_shape = self._is_new("type", shape)
        for draft in drafts:
            new_class = self._is_new("class", draft.node_kind, draft.value_class)
            if draft.keyword != "type":
                new = self._is_new("constraint", shape, draft.keyword, draft.member, draft.value_class)
                yield _NEW if new else _AGAIN
            elif _is_null(draft) and len(draft.site.pointer) == 1:
                yield _NEW
            elif draft is turn:
                yield _NEW if new_shape else _ROTATED
            else:
                yield _AGAIN if new_class or _is_null(draft) else _REPEATED


def _is_null(draft: MutationDraft) -> bool:
    return draft.value_class.startswith("null")
