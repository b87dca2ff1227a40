# SPDX-License-Identifier: Apache-2.0
"""What a run says of itself before anything is sent: its target, seed, operations and versions.

It owns a run's first event, what can be wrong with a plan before, and which operations a plan comes down
to. It refuses to know how the run goes on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ..cases.compile import contract_of
from ..cases.lifecycles.registry import histories_of, lifecycles_of
from ..cases.oracles.scripts import scripts_for
from ..errors import UsageError, did_you_mean
from ..results.events import (
    RunStarted,
)
from ..spec.botocore import model_version
from .plan import Plan
from .selection import selected_checks, selected_oracles

__all__ = ["check_plan", "head_of", "narrowed"]


def head_of(plan: Plan) -> RunStarted:
    """The head of a run of the plan, begun now; two runs fit together if their heads do but for the time."""
    plan = narrowed(plan)
    return RunStarted(
        target=plan.target_name,
        seed=plan.seed,
        phases=plan.phases,
        operations=plan.operations,
        versions=_versions(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        settings={
            "protocol": plan.protocol,
            "max_examples": plan.max_examples,
            "exhaustive": plan.exhaustive,
            "budget": plan.budget,
            "fail_under_coverage": plan.fail_under_coverage,
            "fail_under_reached": plan.fail_under_reached,
            "checks": list(plan.checks),
            "excluded_checks": list(plan.excluded_checks),
            "severities": dict(sorted(plan.severities.items())),
            "fail_on": plan.fail_on,
            "region": plan.region,
            "claims": list(plan.target.claims),
            "lifecycles": list(plan.lifecycles),
            **({"models": list(plan.models)} if plan.models else {}),
            **(_shard(plan) if plan.shard is not None else {}),
        },
    )


def _shard(plan: Plan) -> dict[str, Any]:
    """What merging wants to know of a shard: which it is, and of how many operations."""
    assert plan.shard is not None
    index, count = plan.shard
    return {"shards": {str(plan.seed): [f"{index}/{count}"]}, "selected": plan.selected}


def narrowed(plan: Plan) -> Plan:
    """The plan without operations that it has nothing to do with: histories alone are not of every one.

    Raises UsageError if nothing is left, which would let everything pass.
    """
    if plan.phases != ("stateful",) or not plan.operations:
        return plan
    living: set[str] = set()
    for service in dict.fromkeys(name.partition(":")[0] for name in plan.operations):
        for lifecycle in lifecycles_of(service, plan.lifecycles):
            histories = histories_of(service, plan.lifecycles, lifecycle.name)
            living |= {
                f"{service}:{name}"
                for name in (lifecycle.subject, *(history.subject for history in histories))
            }
    scripted = _scripted(plan) if selected_oracles(plan) else frozenset()
    operations = tuple(name for name in plan.operations if name in living or name in scripted)
    if not operations:
        there = ", ".join(sorted(living)) or "none; --lifecycle FILE adds some"
        raise UsageError("No lifecycle has histories of the selected operations.", f"There are: {there}.")
    return replace(plan, operations=operations)


def _scripted(plan: Plan) -> frozenset[str]:
    """The operations of a plan that oracles have scripts for."""
    names = set()
    for name in plan.operations:
        service, _, operation = name.partition(":")
        contract = contract_of(service, plan.protocol)
        if scripts_for(contract.of(contract.operation(operation))):
            names.add(name)
    return frozenset(names)


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    names = ("aws-conformance", "hypothesis", "jsonschema", "jsonschema-rs")
    return {"aws-conformance": version(names[0]), "botocore": model_version(), "python": _python()} | {
        name: version(name) for name in names[1:]
    }


def _python() -> str:
    import platform

    return platform.python_version()


def check_plan(plan: Plan) -> None:
    """Raises UsageError for everything about a plan that can be wrong before anything is sent."""
    if not plan.operations:
        raise UsageError("No operation is selected.", "`aws-conformance plan '*'` lists what there is.")
    selected_checks(plan)
    for name in plan.operations:
        service, _, operation = name.partition(":")
        contract = contract_of(service, plan.protocol)
        if operation not in contract.service.operations:
            hint = did_you_mean(operation, contract.service.operations)
            raise UsageError(f"{service} has no operation {operation!r}.", hint)
        codec = contract.protocol  # raises UsageError where there is none
        if plan.record and codec.masking is None:
            # What can't be looked through for secrets is not written down.
            raise UsageError(f"{service} speaks {codec.name}, whose bodies can't be recorded.")
