# SPDX-License-Identifier: Apache-2.0
"""A server for one operation that the reference lacks: it checks requests by their schema, answers by rote.

It owns the refusals that a conforming server of AWS JSON owes to bad requests, and refuses to know any
service: what it answers to a good request is handed in. The import family has neither unions nor blobs
nor maps with enumerated keys; operations that have some are served by this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header
from aws_conformance.spec.schema.validate import SchemaFinding
from aws_conformance.spec.shapes import ListShape, MapShape, Service, StructureShape
from aws_conformance.targets.server import Handler

__all__ = ["stub"]

_REQUEST_ID = ("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")


def stub(name: str, document: Mapping[str, Any], invalid: str = "ValidationException") -> Handler:
    """A server that answers every valid request of one operation (`service:Operation`) with `document`.

    `invalid` is the code by which it refuses what breaks a constraint.
    """
    service_name, _, operation_name = name.partition(":")
    contract = contract_of(service_name)
    service, codec = contract.service, contract.protocol
    operation = contract.operation(operation_name)
    validator = contract.validator(operation_name, "input")

    def refused(code: str, members: Mapping[str, str]) -> Response:
        return codec.encode_error(service, code, members, 400)

    labelled = header(codec.encode_request(service, operation, {}).headers, "content-type")

    def answer(request: Request) -> Response:
        label = header(request.headers, "content-type")
        if codec.name == "json" and label != codec.content_type(service):
            return Response(404, (("Content-Type", "text/xml"),), b"<UnknownOperationException/>")
        decoded = codec.decode_request(service, request)
        if decoded.operation != operation_name:
            return refused("UnknownOperationException", {})
        if codec.name != "json" and label != labelled:
            return refused("SerializationException", {})
        if not decoded.readable or (codec.name != "json" and decoded.findings):
            return refused("SerializationException", {})
        broken = [
            finding
            for finding in validator.findings(_present(service, operation.input, decoded.document))
            if not _is_tolerated(finding, codec.name)
        ]
        if any(
            finding.keyword == "type" or _is_null(finding, decoded.document, codec.name) for finding in broken
        ):
            return refused("SerializationException", {"Message": "Expected another type"})
        if broken:
            place = ".".join(map(str, broken[0].path))
            text = f"1 validation error detected: Value at '{place}' failed to satisfy constraint"
            return refused(invalid, {service.message_member(invalid) or "message": text})
        # An identifier is answered as it was asked for.
        asked = {name: value for name, value in decoded.document.items() if name in document}
        return codec.encode_response(service, operation, {**document, **asked})

    def handle(request: Request) -> Response:
        response = answer(request)
        return Response(response.status, (*response.headers, _REQUEST_ID), response.body)

    return handle


def _present(service: Service, name: str | None, value: Any) -> Any:
    """The document without members that are null: AWS takes them for absent."""
    match service.shapes.get(name or ""), value:
        case StructureShape(members=members), dict():
            return {
                key: _present(service, members[key].target if key in members else None, item)
                for key, item in value.items()
                if item is not None
            }
        case ListShape(member=member), list():
            return [_present(service, member.target, item) for item in value]
        case MapShape(value=member), dict():
            return {key: _present(service, member.target, item) for key, item in value.items()}
        case _:
            return value


def _is_tolerated(finding: SchemaFinding, protocol: str) -> bool:
    """Whether AWS is on record to tolerate this: it ignores unknown members, and in JSON cuts decimals."""
    is_cut = finding.kind in ("integer", "long") and isinstance(finding.value, float)
    return finding.keyword == "additionalProperties" or (is_cut and protocol == "json")


def _is_null(finding: SchemaFinding, document: Any, protocol: str) -> bool:
    """Whether a required member is null, which REST services cannot read."""
    if finding.keyword != "required" or protocol != "rest-json":
        return False
    *above, last = finding.path
    for step in above:
        document = document[step]
    return last in document
