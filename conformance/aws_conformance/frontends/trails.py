# SPDX-License-Identifier: Apache-2.0
"""Log files of CloudTrail judged: the lives of resources over the calls in them.

It owns how a trail's documents become those of a service's model. It refuses to judge anything else of them:
CloudTrail keeps no bytes, leaves members out and hides others, so that of a resource only its states and what
they forbid can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..captures.cloudtrail import TrailEvent
from ..cases.compile import contract_of
from ..checks.response import DecodedResponse
from ..engine.histories.bystander import Bystander
from ..engine.histories.recorded_life import SeenCall
from ..engine.plan import Plan
from ..errors import ConformanceError
from ..http import Response
from ..protocols.findings import Decoded, DecodedError
from ..spec.botocore import service_heads
from ..spec.shapes import ListShape, MapShape, Service, StructureShape
from .recording_verdict import RecordingVerdict

__all__ = ["judge_trail"]

_TOLD = frozenset({"lifecycle.refusal", "lifecycle.refusal.unrecorded", "lifecycle.transition"})


def judge_trail(events: Sequence[TrailEvent], plan: Plan) -> RecordingVerdict:
    """The verdict on a trail."""
    verdict = RecordingVerdict(exchanges=len(events), calls=len(events))
    bystander = Bystander(plan.lifecycles, plan.severities)
    at_once = Counter(event.moment for event in events)
    names = {name: head.name for head in service_heads() for name in (head.endpoint_prefix, head.name)}
    for event in events:
        answer = _answer(names.get(event.service, event.service), event)
        if answer is None:
            verdict.unvalidated[f"{event.service} (no such operation)"] += 1
            continue
        verdict.validated += 1
        verdict.operations.add(f"{answer.service.name}:{event.operation}")
        # Times are of whole seconds: which of two in one came first is not known.
        is_alone = at_once[event.moment] == 1
        call = SeenCall(answer, event.region, event.account, True, is_alone)
        shown = [violation for violation in bystander.take(call) if violation.check in _TOLD]
        verdict.add(event.number, shown)
    return verdict


def _answer(service: str, event: TrailEvent) -> DecodedResponse | None:
    try:
        contract = contract_of(service, None)
        operation, protocol = contract.operation(event.operation), contract.protocol
    except (ConformanceError, KeyError):
        return None
    model = contract.service
    sent = _named(model, operation.input, event.asked)
    if event.error:
        error = DecodedError(code=event.error, raw_code=event.error)
        refusal = Response(400)
        return DecodedResponse(model, protocol, operation, refusal, "error", error=error, sent=sent)
    document = _named(model, operation.output, event.answered or {})
    answer = Decoded(document)
    return DecodedResponse(
        model, protocol, operation, Response(200), "success", decoded=answer, root=operation.output, sent=sent
    )


def _named(service: Service, name: str | None, value: Any) -> Any:
    """A document of a trail under the names of its model, whose first letters it has in lower case."""
    match service.shapes.get(name) if name else None, value:
        case StructureShape(members=members), Mapping():
            own = {member[:1].lower() + member[1:]: member for member in members}
            return {
                own.get(key, key): _named(service, members[own[key]].target if key in own else None, item)
                for key, item in value.items()
            }
        case ListShape(member=member), list():
            return [_named(service, member.target, item) for item in value]
        case MapShape(value=member), Mapping():
            return {key: _named(service, member.target, item) for key, item in value.items()}
        case _:
            return value
