# SPDX-License-Identifier: Apache-2.0
"""A request as a strict server reads it: the operation it names, its document, and all that is wrong.

It owns faults of requests, which are a suite's own and no target's, and what AWS is on record to make of
each. It refuses to know who sent the request and what answered it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...cases.contract import Contract
from ...cases.expectations import Earns, expectation_of
from ...checks.errata import is_accepted
from ...checks.places import place
from ...errors import did_you_mean
from ...generate.boundaries import pointer_text
from ...http import Request
from ...protocols.bindings.chunked import unchunked
from ...results.terms import Severity
from ...spec.schema.validate import SchemaFinding
from ...spec.shapes import BlobShape, IntegerShape, ListShape, MapShape, StructureShape

__all__ = ["Intake", "RequestFault", "fault_text", "read_request"]

_SEVERITIES: Mapping[Earns, Severity] = {"refused": "error", "unknown": "warning", "tolerated": "note"}
# Names of places in the table of expectations, where they differ from the schema's.
_PLACES: Mapping[str, str] = {"long": "integer", "float": "number", "double": "number"}
_SHOWN = 100
_BULK = 4096
_NAMES = 12


@dataclass(frozen=True, slots=True)
class RequestFault:
    """One thing wrong with a request: where, the constraint, both sides, and what AWS makes of it.

    `path` is a JSONPath, `pointer` a JSON pointer with `*` for indices, by which findings are told apart.
    `earns` is what AWS does with such a request, `evidence` how that is known. `value` is the value that is
    wrong; it is not to be shown, for it may be a secret.
    """

    operation: str
    path: str
    keyword: str
    expected: str
    got: str
    earns: Earns
    evidence: str
    pointer: str = ""
    value: Any = field(default=None, compare=False, repr=False)

    @property
    def severity(self) -> Severity:
        """error for what AWS is known to refuse, warning for what is not on record, note for the rest."""
        return _SEVERITIES.get(self.earns, "warning")


@dataclass(frozen=True, slots=True)
class Intake:
    """A request, read. `operation` is the name that it gives, known or not, or None."""

    operation: str | None
    document: Any
    faults: tuple[RequestFault, ...]


def fault_text(fault: RequestFault) -> str:
    """A fault in the layout of the console's findings."""
    from ...results.reports.escape import printable

    lines = [
        f"{fault.operation}   request {fault.keyword}   {fault.severity}",
        f"  at           {fault.path}",
        f"  expected     {fault.expected}      got  {fault.got}",
        f"  AWS          {_MAKES[fault.earns]}: {fault.evidence}",
    ]
    return "\n".join(printable(line) for line in lines)


_MAKES: Mapping[Earns, str] = {
    "refused": "refuses it",
    "unknown": "may refuse it",
    "tolerated": "tolerates it",
    "accepted": "accepts it",
    "answered": "answers it",
}


def read_request(contract: Contract, request: Request, operation: str | None = None) -> Intake:
    """What a request says and what is wrong with it; `operation` is what it was meant to be, if known.

    Values of sensitive members are not told.
    """
    decoded = contract.protocol.decode_request(contract.service, _without_bulk(contract, request, operation))
    name = operation or decoded.operation
    called = f"{contract.service.name}:{name or '?'}"
    if name is None or name not in contract.service.operations:
        hint = did_you_mean(name, contract.service.operations) if name else ""
        known = expectation_of(
            contract.protocol_name, "target", "unknown target", "request", contract.service.name
        )
        expected = f"an operation of {contract.service.name}. {hint}".strip()
        got = name or "none"
        fault = RequestFault(
            called, contract.protocol.operation_place, "operation", expected, got, known.earns, known.evidence
        )
        return Intake(name, decoded.document, (fault,))
    faults = []
    for flaw in decoded.findings:
        known = expectation_of(contract.protocol_name, "malformed", flaw.rule, "request")
        where = place(contract.service, contract.operation(name).input, flaw.path)
        # What could not be read may hold anything, secrets too: only what is wrong with it is told.
        rule_text = flaw.got if decoded.readable else flaw.got.partition(":")[0]
        got = "(a sensitive value)" if where.sensitive else rule_text
        earns: Earns = known.earns if not decoded.readable else "unknown"
        faults.append(RequestFault(called, where.exact, flaw.rule, flaw.expected, got, earns, known.evidence))
    if decoded.readable:
        unfit = contract.validator(name, "input").findings(decoded.document)
        own = (_fault(contract, name, finding) for finding in unfit)
        faults.extend(
            fault for fault in own if not is_accepted(called, fault.pointer, fault.keyword, fault.value)
        )
    return Intake(name, decoded.document, tuple(faults))


def _without_bulk(contract: Contract, request: Request, operation: str | None) -> Request:
    """The request with no more of a body than its beginning where any bytes will do, an upload's for example.

    Megabytes would be turned into base64 and looked at, for nothing.
    """
    known = contract.service.operations.get(operation or "")
    if known is None or len(request.body) <= _BULK or unchunked(request) is not request:
        return request
    root = contract.service.structure(known.input)
    payload = root.members.get(root.payload or "")
    shape = contract.service.shape(payload.target) if payload else None
    if not isinstance(shape, BlobShape) or (shape.min, shape.max) != (None, None):
        return request
    return replace(request, body=request.body[:_BULK])


def _fault(contract: Contract, name: str, finding: SchemaFinding) -> RequestFault:
    root = contract.operation(name).input
    kind = _PLACES.get(finding.kind, finding.kind)
    known = expectation_of(
        contract.protocol_name, finding.keyword, _value_class(contract, root, finding), kind
    )
    where = place(contract.service, root, finding.path)
    got = "(a sensitive value)" if where.sensitive else _shown(finding.value)
    match finding.keyword:
        case "required":
            expected, got = "the member, which is required", "nothing"
        case "additionalProperties":
            hint = did_you_mean(str(finding.path[-1]), finding.bound or ())
            expected, got = f"a member that the operation has. {hint}".strip(), "a member of that name"
        case "type":
            expected = f"a {kind}"
        case "enum":
            names = tuple(map(str, finding.bound or ()))
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            expected = f"one of {', '.join(names[:_NAMES])}{more}"
        case "pattern":
            # AWS's own spelling, rather than its translation.
            source = getattr(_shape_at(contract, root, finding), "pattern", None) or finding.bound
            expected = f"a text of the pattern {source}"
        case keyword:
            expected = keyword if finding.bound is None else f"{keyword} {_shown(finding.bound)}"
    return RequestFault(
        f"{contract.service.name}:{name}",
        where.exact,
        finding.keyword,
        expected,
        got,
        known.earns,
        known.evidence,
        pointer_text(tuple("*" if isinstance(step, int) else step for step in finding.path)),
        finding.value,
    )


def _value_class(contract: Contract, root: str | None, finding: SchemaFinding) -> str:
    """The kind of the broken value, by its name in the table of expectations."""
    match finding.keyword, finding.value:
        case "type", None:
            return f"null ({_holder(contract, root, finding)})"
        case "type", bool():
            return "boolean"
        case "type", str():
            return "string"
        case "type", list():
            return "array"
        case "type", dict():
            return "object"
        case "type", float() if finding.kind in ("integer", "long"):
            return "decimal"
        case "type", _:
            return "number"
        case ("minimum" | "maximum") as keyword, _:
            shape = _shape_at(contract, root, finding)
            bound = None
            if isinstance(shape, IntegerShape):
                bound = shape.min if keyword == "minimum" else shape.max
            if isinstance(shape, IntegerShape) and bound is None:
                return "beyond width"
            return "below" if keyword == "minimum" else "above"
        case _:
            return ""


def _holder(contract: Contract, root: str | None, finding: SchemaFinding) -> str:
    name, required = root, False
    shape = contract.service.shapes.get(name or "")
    for step in finding.path:
        match shape:
            case StructureShape(members=members, required=names):
                required = step in names
                shape = contract.service.shapes[members[str(step)].target] if step in members else None
            case ListShape(member=member) | MapShape(value=member):
                if step == finding.path[-1]:
                    return "element"
                shape = contract.service.shapes[member.target]
            case _:
                return "optional"
    return "required" if required else "optional"


def _shape_at(contract: Contract, root: str | None, finding: SchemaFinding) -> Any:
    shape = contract.service.shapes.get(root or "")
    for step in finding.path:
        match shape:
            case StructureShape(members=members) if step in members:
                shape = contract.service.shapes[members[str(step)].target]
            case ListShape(member=member) | MapShape(value=member):
                shape = contract.service.shapes[member.target]
            case _:
                return None
    return shape


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
