# SPDX-License-Identifier: Apache-2.0
"""A plan cut into parts that are carried out side by side: by worker processes, or as shards by anybody.

It owns which operations must stay together on one target, and what of a plan a shard has. It refuses to know
how the parts are run.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ..cases.compile import contract_of
from ..cases.contract import Contract
from ..cases.lifecycles.registry import lifecycles_of
from ..cases.prerequisites import prerequisites_for
from .parts import Part
from .plan import Plan

__all__ = ["exclusive_group", "exclusive_groups", "shard_of", "shards"]


def shards(plan: Plan) -> list[Plan]:
    """The plan cut by operation for its workers; what is exclusive to one operation at a time stays together.

    Operations go round the workers in order, so that equal plans make equal shards.
    """
    groups: dict[str, list[str]] = {}
    for name in plan.operations:
        service_name, _, operation_name = name.partition(":")
        contract = contract_of(service_name, plan.protocol)
        key = exclusive_group(plan, contract, operation_name)
        groups.setdefault(key, []).append(name)
    count = max(1, min(plan.workers, len(groups)))
    hands: list[list[str]] = [[] for _ in range(count)]
    for index, group in enumerate(groups.values()):
        hands[index % count].extend(group)
    rate = plan.rate / count if plan.rate is not None else None
    requests = -(-plan.max_requests // count) if plan.max_requests is not None else None
    return [
        replace(plan, operations=tuple(hand), workers=1, rate=rate, max_requests=requests) for hand in hands
    ]


def shard_of(plan: Plan, index: int, count: int) -> Plan:
    """What shard `index` of `count` (from 1) has of a narrowed plan: a stretch of its operations in order.

    The operations lie side by side, each as long as the others, and are cut into `count` equal stretches; an
    operation in which a cut falls is shared, each shard having that part of every phase. A function of
    the plan alone: shards that know nothing of one another have each case once.
    """
    total = len(plan.operations)
    start, end = Fraction(total * (index - 1), count), Fraction(total * index, count)
    parts: dict[str, Part] = {}
    for place, name in enumerate(plan.operations):
        part = Part(max(start - place, Fraction(0)), min(end - place, Fraction(1)), index)
        if part.start < part.end:
            parts[name] = part
    shared = {name: part for name, part in parts.items() if not part.complete}
    return replace(plan, operations=tuple(parts), shard=(index, count), selected=total, parts=shared)


def exclusive_group(plan: Plan, contract: Contract, operation: str) -> str:
    """What keeps operations together: what only one at a time may hold, or the operation's own name."""
    service = contract.service
    exclusive = prerequisites_for(contract.of(contract.operation(operation))).exclusive
    if "stateful" in plan.phases:
        lifecycles = lifecycles_of(service.name, plan.lifecycles)
        held = (
            lifecycle.exclusive
            for lifecycle in lifecycles
            if operation in lifecycle.operations and lifecycle.exclusive
        )
        exclusive = exclusive or next(held, "")
    return f"{service.name} {exclusive}" if exclusive else f"{service.name}:{operation}"


def exclusive_groups(plan: Plan) -> tuple[str, ...]:
    """What only one operation at a time may hold of a target, of all that the plan's operations hold."""
    groups = set()
    for name in plan.operations:
        service_name, _, operation_name = name.partition(":")
        group = exclusive_group(plan, contract_of(service_name, plan.protocol), operation_name)
        if group != name:
            groups.add(group)
    return tuple(sorted(groups))
