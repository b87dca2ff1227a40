"""A plan cut into parts that worker processes carry out side by side.

It owns which operations must stay together. It refuses to know how the parts are run.
"""

from __future__ import annotations

from dataclasses import replace

from ..cases.compile import contract_of
from ..cases.contract import Contract
from ..cases.lifecycles.registry import lifecycles_of
from ..cases.prerequisites import prerequisites_for
from .plan import Plan

__all__ = ["exclusive_group", "shards"]


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
    return [replace(plan, operations=tuple(hand), workers=1) for hand in hands]


def exclusive_group(plan: Plan, contract: Contract, operation: str) -> str:
    """What keeps operations together: what only one at a time may hold, or the operation's own name."""
    service = contract.service
    exclusive = prerequisites_for(contract, contract.operation(operation)).exclusive
    if "stateful" in plan.phases:
        lifecycles = lifecycles_of(service.name, plan.lifecycles)
        held = (
            lifecycle.exclusive
            for lifecycle in lifecycles
            if operation in lifecycle.operations and lifecycle.exclusive
        )
        exclusive = exclusive or next(held, "")
    return f"{service.name} {exclusive}" if exclusive else f"{service.name}:{operation}"
