"""A server for one operation that the reference lacks: it checks requests by their schema, answers by rote.

It owns the refusals that a conforming server owes to bad requests, and refuses to know any
service: what it answers to a good request is handed in. The import family has neither unions nor blobs
nor maps with enumerated keys; operations that have some are served by this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header
from aws_conformance.spec.schema.validate import SchemaFinding
from aws_conformance.targets.server import Handler

__all__ = ["stub"]

_REQUEST_ID = ("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")


def stub(name: str, document: Mapping[str, Any], *, strict: bool = False) -> Handler:
    """A server that answers every valid request of one operation (`service:Operation`) with `document`.

    `strict`: it refuses what the model forbids and AWS is known to tolerate in AWS JSON. Of other protocols
    that is not on record.
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
        if header(request.headers, "content-type") != labelled:
            if strict:
                return refused("UnknownOperationException", {})
            return Response(404, (("Content-Type", "text/xml"),), b"<UnknownOperationException/>")
        decoded = codec.decode_request(service, request)
        if decoded.operation != operation_name:
            return refused("UnknownOperationException", {})
        if not decoded.readable or decoded.findings:
            return refused("SerializationException", {})
        broken = [
            finding
            for finding in validator.findings(_present(decoded.document))
            if strict or _is_refused(finding)
        ]
        if any(finding.keyword == "type" for finding in broken):
            return refused("SerializationException", {"Message": "Expected another type"})
        if broken:
            place = ".".join(map(str, broken[0].path))
            text = f"1 validation error detected: Value at '{place}' failed to satisfy constraint"
            return refused("ValidationException", {"message": text})
        # An identifier is answered as it was asked for.
        asked = {name: value for name, value in decoded.document.items() if name in document}
        return codec.encode_response(service, operation, {**document, **asked})

    def handle(request: Request) -> Response:
        response = answer(request)
        return Response(response.status, (*response.headers, _REQUEST_ID), response.body)

    return handle


def _present(value: Any) -> Any:
    """The document without members that are null: AWS takes them for absent."""
    if isinstance(value, dict):
        return {name: _present(item) for name, item in value.items() if item is not None}
    return value


def _is_refused(finding: SchemaFinding) -> bool:
    """Whether AWS refuses this: it ignores unknown members and cuts decimals."""
    is_cut = finding.kind in ("integer", "long") and isinstance(finding.value, float)
    return not (is_cut or finding.keyword == "additionalProperties")
