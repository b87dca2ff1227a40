# SPDX-License-Identifier: Apache-2.0
"""What a run tries of an operation: its cases as far as a budget goes, and what that leaves out.

It owns the choice among an operation's cases. It refuses to know how a case is made (cases.py) and what makes
one newer than another (budget.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ..generate.boundaries import Boundary, boundaries
from ..results.events import Phase
from .budget import candidates, repeated_places
from .case import Case, LeftOut
from .cases import CaseMaker, accepted_first, distinct, enumerated_cases
from .contract import OperationContract

__all__ = ["DRAWN_AT_ONCE", "PlannedCases", "drawn_cases", "first_cases", "planned_cases"]

# So many random cases are made, and put in order, at a time.
DRAWN_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class PlannedCases:
    """The cases of an operation, each once, and what is left out of those that there are.

    `undrawn` are the indices of random cases that are not made yet (drawn_cases).
    """

    cases: tuple[Case, ...]
    left_out: LeftOut
    undrawn: range = range(0)


def planned_cases(
    contract: OperationContract,
    phases: tuple[Phase, ...],
    seed: int,
    max_examples: int,
    claims: tuple[str, ...] = (),
    *,
    budget: int | None,
    first_example: int = 0,
    drawn: int | None = None,
) -> PlannedCases:
    """What a run tries of an operation: enumerated cases as far as a budget goes, or all, then random ones.

    A case that comes about twice is there once, so there may be fewer than `max_examples` random ones, whose
    indices begin with `first_example`. No more than `drawn` of them are made if that is given.
    """
    enumerated: list[Case] = []
    left_out = LeftOut()
    if "enumerated" in phases and budget is None:
        enumerated = list(enumerated_cases(contract, claims))
    elif "enumerated" in phases and budget is not None:
        enumerated, left_out = _within_budget(contract, claims, budget)
    examples = range(first_example, first_example + (max_examples if "random" in phases else 0))
    now = examples if drawn is None else examples[:drawn]
    cases = distinct(itertools.chain(enumerated, drawn_cases(contract, seed, now)))
    return PlannedCases(tuple(cases), left_out, examples[len(now) :])


def drawn_cases(contract: OperationContract, seed: int, examples: range) -> Iterator[Case]:
    """The random cases of some indices; of those made at a time first those that ask for clean state.

    What was to be refused and is accepted leaves state behind in which nothing valid is judged.
    """
    drawer = CaseMaker(contract, "random")
    for start in range(0, len(examples), DRAWN_AT_ONCE):
        cases = [drawer.numbered(seed, index) for index in examples[start : start + DRAWN_AT_ONCE]]
        yield from sorted(cases, key=lambda case: case.info.kind == "negative")


def first_cases(
    contract: OperationContract, phases: tuple[Phase, ...], seed: int, examples: range
) -> Iterator[Case]:
    """Cases that are made one by one, valid requests first, for who may not need more than a few of them.

    `examples` are the indices of the random ones, which are asked for where there is no other phase.
    """
    if "enumerated" in phases:
        maker = CaseMaker(contract, "enumerated")
        valid = (maker.at_boundary(boundary) for boundary in boundaries(maker.tree))
        yield from (case for case in valid if case is not None)
        yield from maker.negatives()
    elif "random" in phases:
        drawer = CaseMaker(contract, "random")
        yield from (drawer.numbered(seed, index) for index in examples)


def _within_budget(
    contract: OperationContract, claims: tuple[str, ...], budget: int
) -> tuple[list[Case], LeftOut]:
    """The enumerated cases that are newest, and what they leave out."""
    maker = CaseMaker(contract, "enumerated")
    others = list(distinct(maker.others(claims)))
    room = budget - len(others)
    order = list(enumerate(candidates(maker.tree)))
    numbered: list[tuple[int, Case]] = []
    ids: set[str] = set()
    cut: list[tuple[str, str]] = []
    left = 0
    for number, candidate in sorted(order, key=lambda item: (item[1].rank, item[1].turn)):
        source = candidate.source
        if candidate.repeats or len(ids) >= room:
            left += 1
            if not candidate.repeats and not isinstance(source, Boundary):
                cut.append((source.place, source.keyword))
            continue
        if isinstance(source, Boundary):
            case = maker.at_boundary(source)
        else:
            case = maker.at_mutation(source.mutation(maker.tree))
        if case is not None and case.info.id not in ids:
            ids.add(case.info.id)
            numbered.append((number, case))
    own = [case for _, case in sorted(numbered, key=lambda item: item[0])]
    return [*accepted_first(own), *others], LeftOut(left, repeated_places(maker.tree), tuple(cut))
