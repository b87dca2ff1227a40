# SPDX-License-Identifier: Apache-2.0
"""A new protocol: one record, from the functions that turn documents into bytes and back.

A tiny protocol, `lines`: one `Name: JSON value` a line, the operation in X-Thing, an error's code in the
first line behind `!`. In the kit the functions stand in a module of `protocols/`, the record in its table;
from outside, `register(LINES)` adds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws_conformance.http import Request, Response, header
from aws_conformance.protocols import Decoded, DecodedError, DecodedRequest, Finding, Protocol
from aws_conformance.protocols.record import ErrorPlace, Malformation, Masking, Scalar, ScalarKind
from aws_conformance.spec.shapes import Operation, Service


def _write(document: Any) -> bytes:
    members = document.items() if isinstance(document, dict) else [("", document)]
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in members).encode()


def read_lines(body: bytes) -> Decoded:
    document: dict[str, Any] = {}
    for line in body.decode("utf-8", "replace").splitlines():
        name, _, literal = line.partition(": ")
        try:
            document[name] = json.loads(literal)
        except ValueError:
            return Decoded(None, (Finding("body.malformed", (), "a line", line),), readable=False)
    return Decoded(document)


def _encode_request(service: Service, operation: Operation, document: Any) -> Request:
    headers = (("X-Thing", operation.name), ("Content-Type", "text/lines"))
    return Request("POST", "/", headers, _write(document))


def _named(service: Service, request: Request) -> str | None:
    return header(request.headers, "x-thing")


def _decode_request(service: Service, request: Request) -> DecodedRequest:
    decoded = read_lines(request.body)
    return DecodedRequest(_named(service, request), decoded.document, decoded.findings, decoded.readable)


def _encode_response(service: Service, operation: Operation, document: Any) -> Response:
    return Response(200, (("Content-Type", "text/lines"), ("x-amzn-requestid", "1")), _write(document))


def _encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    body = f"!{code}\n".encode() + _write(dict(document))
    return Response(status, (("Content-Type", "text/lines"), ("x-amzn-requestid", "1")), body)


def _decode_error(service: Service, response: Response) -> DecodedError:
    first, _, rest = response.body.partition(b"\n")
    if not first.startswith(b"!"):
        return DecodedError(None, readable=False)
    code, decoded = first[1:].decode("utf-8", "replace"), read_lines(rest)
    message = (decoded.document or {}).get("message")
    return DecodedError(code, code, message, "message", decoded.document or {}, source="first line")


def _invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request]:
    return "NoSuchThing", request.with_headers([("X-Thing", "NoSuchThing")])


def _marks(request: Request) -> Mapping[str, str]:
    return {"serviceId": "Things"} if header(request.headers, "x-thing") else {}


def _scalars(service: Service, root: str | None, text: str) -> Iterator[Scalar]:
    for match in re.finditer(r'^(\w+): ("(?:[^"\\]|\\.)*"|[^\n]+)$', text, re.MULTILINE):
        literal, sensitive = match[2], match[1].lower() in service.sensitive_names
        kind: ScalarKind = "text" if literal.startswith('"') else "number"
        yield Scalar(match.start(2), match.end(2), kind, str(json.loads(literal)), sensitive)


LINES = Protocol(
    name="lines",
    encode_request=_encode_request,
    decode_request=_decode_request,
    encode_response=_encode_response,
    decode_response=lambda service, operation, response: read_lines(response.body),
    encode_error=_encode_error,
    decode_error=_decode_error,
    content_type=lambda service: "text/lines",
    operation_named=_named,
    marks=_marks,
    operation_place="(X-Thing)",
    invented=_invented,
    malformations=(
        Malformation(
            "no line",
            "malformed",
            "a body that is no line",
            lambda request: Request(request.method, request.path, request.headers, b"nothing"),
        ),
    ),
    identity=lambda request: (header(request.headers, "x-thing") or "", request.body.decode()),
    error_place=ErrorPlace(("(first line)",), frozenset({"first line"})),
    masking=Masking(
        "utf-8",
        _scalars,
        lambda kind, text: json.dumps(text) if kind == "text" else text,
        lambda text: (json.dumps(text)[1:-1],),
    ),
)
