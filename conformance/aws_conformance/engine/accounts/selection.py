# SPDX-License-Identifier: Apache-2.0
"""The plan of a run on an account: what may be sent there at all, and the limits that it has by itself.

It owns what of a plan changes. It refuses to send anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...errors import UsageError
from ...spec.botocore import load_service
from ..plan import AccountTarget, Plan
from .limits import cost_of, denial_of, reads

__all__ = ["DEFAULT_RATE", "DEFAULT_REQUESTS", "permitted"]

DEFAULT_REQUESTS = 1_000
# Requests a second: what no account's quota is small for.
DEFAULT_RATE = 10.0


def permitted(plan: Plan, target: AccountTarget) -> tuple[Plan, tuple[str, ...]]:
    """The plan without operations that are not to be sent, and a line for each reason.

    Raises UsageError if none is left.
    """
    reasons: dict[str, list[str]] = {}
    for name in plan.operations:
        reasons.setdefault(_reason(name, target), []).append(name)
    left = tuple(reasons.pop("", ()))
    lines = tuple(_lines(reasons))
    if not left:
        raise UsageError("No selected operation may be sent to the account.", " ".join(lines))
    # Histories write; without leave to they would only be begun.
    phases = plan.phases if target.allow_writes else tuple(p for p in plan.phases if p != "stateful")
    if not phases:
        raise UsageError("The phase stateful writes.", "Pass --allow-writes, or name another phase.")
    if target.allow_writes and not plan.ledger:
        plan = replace(plan, ledger=f"cleanup-{target.account}.ledger")
        lines = (*lines, f"What the run makes is written down in {plan.ledger}.")
    requests = DEFAULT_REQUESTS if plan.max_requests is None else plan.max_requests
    rate = DEFAULT_RATE if plan.rate is None else plan.rate
    return replace(plan, operations=left, phases=phases, max_requests=requests, rate=rate), lines


def _reason(name: str, target: AccountTarget) -> str:
    service_name, _, operation_name = name.partition(":")
    service = load_service(service_name)
    operation = service.operations[operation_name]
    if denial_of(service, operation):
        return "are never sent to an account"
    if cost_of(service, operation) and not target.max_costly:
        return "cost (--max-costly N)"
    if not target.allow_writes and not reads(service, operation):
        return "may write (--allow-writes)"
    return ""


def _lines(reasons: dict[str, list[str]]) -> Iterator[str]:
    for reason, names in sorted(reasons.items()):
        shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        yield f"{len(names)} operations {reason}: {shown}."
