# SPDX-License-Identifier: Apache-2.0
"""Requests of query and ec2: a POST of a form whose Action and Version name the operation.

It owns what both protocols' requests share, and the ways to spoil them. It refuses to know how members become
keys (form.py) and what is answered (query.py, ec2.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http import Request, header
from ..spec.shapes import Operation, Service
from .findings import DecodedRequest, Finding
from .form import FormStyle, Pairs, member_keys, read_form, read_pairs, write_form, write_pairs
from .malformations import text_plain
from .record import Malformation

__all__ = [
    "FORM_TYPE",
    "MALFORMATIONS",
    "decode_request",
    "encode_request",
    "identity",
    "invented",
    "marks",
    "operation_named",
]

FORM_TYPE = "application/x-www-form-urlencoded"
_ACTION = "Action"
_VERSION = "Version"
# What signs a request within the form or the query, and says nothing of the document.
_SIGNING = frozenset(
    {
        "AWSAccessKeyId",
        "Expires",
        "SecurityToken",
        "Signature",
        "SignatureMethod",
        "SignatureVersion",
        "Timestamp",
    }
)


def encode_request(style: FormStyle, service: Service, operation: Operation, document: Any) -> Request:
    """A form that says as much of a document as can be said; the document need not be valid."""
    pairs: Pairs = ((_ACTION, operation.name), (_VERSION, service.api_version))
    body = write_form((*pairs, *write_pairs(style, service, operation.input, document)))
    return Request("POST", "/", (("Content-Type", FORM_TYPE),), body)


def decode_request(style: FormStyle, service: Service, request: Request) -> DecodedRequest:
    """The operation that a form names and its document, as a server reads them."""
    findings: list[Finding] = []
    pairs = _pairs(request, findings)
    name = _named(service, pairs)
    operation = service.operations.get(name or "")
    root = operation.input if operation is not None else None
    members = member_keys(style, service, root)
    left = tuple(
        (key, text) for key, text in pairs if key.partition(".")[0] in members or not _is_envelope(key)
    )
    for key in (_ACTION, _VERSION):
        texts = [text for other, text in pairs if other == key]
        if len(texts) > 1 and key not in members:
            findings.append(Finding("body.duplicate-key", (), f"{key} once", f"{len(texts)} times"))
    label = header(request.headers, "content-type")
    if request.body and (label or "").partition(";")[0].strip().lower() != FORM_TYPE:
        got = repr(label) if label is not None else "no Content-Type"
        findings.append(Finding("content-type", (), FORM_TYPE, got))
    return DecodedRequest(name, read_pairs(style, service, root, left, findings), tuple(findings))


def _is_envelope(key: str) -> bool:
    return key in (_ACTION, _VERSION) or key in _SIGNING or key.startswith("X-Amz-")


def _pairs(request: Request, findings: list[Finding]) -> Pairs:
    """What stands in the query and in the body: services take both."""
    query = request.path.partition("?")[2].encode("utf-8", "surrogateescape")
    return (*read_form(query, findings), *read_form(request.body, findings))


def _first(pairs: Pairs, key: str) -> str | None:
    return next((text for other, text in pairs if other == key), None)


def _named(service: Service, pairs: Pairs) -> str | None:
    """The Action, where the Version is the service's."""
    name = _first(pairs, _ACTION)
    return name if name and _first(pairs, _VERSION) == service.api_version else None


def operation_named(service: Service, request: Request) -> str | None:
    """The Action of a form whose Version is the service's."""
    return _named(service, _pairs(request, []))


def marks(request: Request) -> Mapping[str, str]:
    """The version of the API that a form is for; nothing where it names no action."""
    pairs = _pairs(request, [])
    version = _first(pairs, _VERSION)
    return {"apiVersion": version} if version is not None and _first(pairs, _ACTION) is not None else {}


def _with(request: Request, **texts: str | None) -> Request:
    """The request with the first value of these keys replaced, or with the keys left out for None."""
    pairs = [
        (key, texts.get(key, text) or "")
        for key, text in read_form(request.body, [])
        if not (key in texts and texts[key] is None)
    ]
    return Request(request.method, request.path, request.headers, write_form(pairs))


def invented(service: Service, operation: Operation, request: Request) -> tuple[str, Request] | None:
    """The request with an Action that no service has, and that name."""
    name = "AwsConformanceInventedOperation"
    return name, _with(request, Action=name)


def _lone_percent(request: Request) -> Request:
    return Request(request.method, request.path, request.headers, request.body + b"&AwsConformance=%")


def _unknown_action(request: Request) -> Request:
    return _with(request, Action="AwsConformanceNoSuchOperation")


def _missing_action(request: Request) -> Request:
    return _with(request, Action=None)


def _unknown_version(request: Request) -> Request:
    return _with(request, Version="1999-01-01")


MALFORMATIONS: tuple[Malformation, ...] = (
    Malformation("lone percent", "malformed", "a percent sign that encodes nothing", _lone_percent),
    # What names service and operation stands in the form, and is none to a server that goes by its label.
    Malformation(
        "content-type", "content-type", "Content-Type: text/plain", text_plain, needs_signature=True
    ),
    Malformation(
        "unknown action", "target", "an Action that no operation has", _unknown_action, needs_signature=True
    ),
    Malformation("missing action", "target", "no Action", _missing_action, needs_signature=True),
    Malformation(
        "unknown version", "target", "a Version that no service has", _unknown_version, needs_signature=True
    ),
)


def identity(request: Request) -> tuple[str, ...]:
    """The keys and values of a request without their order, signatures left out."""
    pairs = (
        pair for pair in _pairs(request, []) if pair[0] not in _SIGNING and not pair[0].startswith("X-Amz-")
    )
    return header(request.headers, "content-type") or "", *(f"{key}={text}" for key, text in sorted(pairs))
