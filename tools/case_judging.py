# SPDX-License-Identifier: Apache-2.0
"""One published case in both directions: our bytes against the published ones, and both as they are read.

It owns the conversion between what cases write (epoch seconds, blobs as text) and documents, and what the
same bytes are, by the kind of a body. It refuses to know how a protocol works, and where cases come from.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

from aws_conformance.generate.values import timestamp_text
from aws_conformance.http import Request, Response, headers_named
from aws_conformance.protocols import Finding, Protocol, codec_for
from aws_conformance.protocols.bindings.addressing import path_style
from aws_conformance.protocols.bindings.uri import expand
from aws_conformance.protocols.cbor_text import Item, read_cbor
from aws_conformance.protocols.xml.text import Element, read_xml
from aws_conformance.spec.schema.validate import SchemaFinding, compile_validator
from aws_conformance.spec.schema.write import error_schema, side_schema
from aws_conformance.spec.shapes import (
    BlobShape,
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    StructureShape,
    TimestampShape,
)
from aws_conformance.spec.timestamps import timestamp_format

# The token that the cases expect where a client fills one in.
_TOKEN = "00000000-0000-4000-8000-000000000000"
_HOST = "example.com"
_TREE_HASH = "x-amz-sha256-tree-hash"
# Forms have no way to say an empty map or an empty structure, and ec2's none to say an empty list.
_FORMS = frozenset({"query", "ec2"})

Part: TypeAlias = Literal["host", "path", "headers", "body", "schema", "decode", "encode", "codec", "status"]


@dataclass(frozen=True, slots=True)
class ProtocolCase:
    """One published case with the service and the operation that its suite describes; `file` it stands in."""

    file: str
    service: Service
    operation: Operation
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def protocol(self) -> str:
        return self.service.protocols[0]

    @property
    def codec(self) -> Protocol:
        return codec_for(self.service, self.protocol)

    @property
    def of_client(self) -> bool:
        """Whether the case is about what clients send and read."""
        return self.raw.get("appliesTo") != "server"

    @property
    def of_server(self) -> bool:
        """Whether the case is about what servers read and send."""
        return self.raw.get("appliesTo") != "client"

    def bytes_of(self, body: str) -> bytes:
        """A body as the cases write it: CBOR in base64, all others as text."""
        return base64.b64decode(body) if self.protocol == "smithy-rpc-v2-cbor" else body.encode()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A part of a case that is not met, and what there is instead."""

    part: Part
    detail: str


def pair_mismatches(case: ProtocolCase) -> Iterator[Mismatch]:
    """The parts that are not met of a case that pairs a value with the bytes of a request or a response."""
    if "serialized" in case.raw:
        return _request(case)
    return _error(case) if "errorCode" in case.raw else _response(case)


def to_document(case: ProtocolCase, name: str | None, value: Any, member: Member | None = None) -> Any:
    """A value as the cases write it in a document's terms."""
    shape = case.service.shapes.get(name or "")
    if member is not None and member.json_value and member.location == "header":
        return json.loads(value)
    match shape, value:
        case StructureShape(members=members), dict():
            return {
                key: to_document(case, members[key].target, item, members[key]) for key, item in value.items()
            }
        case ListShape(member=inner), list():
            return [to_document(case, inner.target, item, inner) for item in value]
        case MapShape(value=inner), dict():
            return {key: to_document(case, inner.target, item, inner) for key, item in value.items()}
        case BlobShape(), str():
            return base64.b64encode(value.encode()).decode()
        case TimestampShape(), int() | float():
            form = timestamp_format(shape, member, case.protocol)
            if form == "unixTimestamp":
                return value
            return timestamp_text(form, datetime.fromtimestamp(value, UTC))
        case _:
            return value


def to_value(case: ProtocolCase, name: str | None, document: Any, member: Member | None = None) -> Any:
    """A document in the cases' terms; what clients ignore (null, `__type`, unknown members) left out."""
    shape = case.service.shapes.get(name or "")
    if member is not None and member.json_value and member.location == "header":
        return json.dumps(document)
    match shape, document:
        case None, dict():
            return {}
        case StructureShape(members=members), dict():
            known = {key: item for key, item in document.items() if key in members and item is not None}
            return {
                key: to_value(case, members[key].target, item, members[key]) for key, item in known.items()
            }
        case ListShape(member=inner), list():
            return [to_value(case, inner.target, item) for item in document]
        case MapShape(value=inner, sparse=sparse), dict():
            # What clients skip is kept by our decoders, for the schema to tell of it.
            entries = {key: item for key, item in document.items() if sparse or item is not None}
            return {key: to_value(case, inner.target, item) for key, item in entries.items()}
        case BlobShape(), str():
            # What is no base64 stays, to be seen as another value.
            with suppress(ValueError):
                return base64.b64decode(document, validate=True).decode()
            return document
        case TimestampShape(), str():
            with suppress(ValueError):
                http_date = "," in document
                moment = parsedate_to_datetime(document) if http_date else datetime.fromisoformat(document)
                return moment.timestamp()
            return document
        case _:
            return document


def _params(case: ProtocolCase) -> dict[str, Any]:
    """The value of a request case, with what a client fills in: tokens, and a checksum of the body."""
    members = case.service.structure(case.operation.input).members.values()
    tokens = {member.name: _TOKEN for member in members if member.idempotency_token}
    headers = {name.lower(): value for name, value in case.raw["serialized"].get("headers", {}).items()}
    checksums = {
        member.name: headers[_TREE_HASH]
        for member in members
        if member.location == "header" and member.location_name == _TREE_HASH and _TREE_HASH in headers
    }
    return {**tokens, **checksums, **case.raw["params"]}


def _said(case: ProtocolCase, name: str | None, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value without what cannot be said: null, empty lists and maps outside of a body, what forms lack."""
    members = case.service.structure(name).members
    said = {
        key: item
        for key, item in value.items()
        if item is not None and not (item in ([], {}) and members[key].location is not None)
    }
    return _without_empty(said) or {} if case.protocol in _FORMS and "serialized" in case.raw else said


def _without_empty(value: Any) -> Any:
    """A value without empty containers, at any depth; None if nothing is left."""
    match value:
        case dict():
            members = {key: _without_empty(item) for key, item in value.items()}
            return {key: item for key, item in members.items() if item is not None} or None
        case list():
            return [_without_empty(item) for item in value] or None
        case _:
            return value


def _content(body: bytes) -> Any:
    """What a body says, by what it looks like: CBOR, XML, JSON, a form, else its bytes."""
    item = read_cbor(body)[0]
    if item is not None and item.kind == "map":
        return _marked(item)
    if body.lstrip().startswith(b"<"):
        root = read_xml(body).root
        return body if root is None else unordered(root)
    with suppress(ValueError):
        return json.loads(body)
    if body.startswith(b"Action="):
        return sorted(parse_qsl(body.decode(), keep_blank_values=True))
    return body


def _marked(item: Item) -> Any:
    """An item's value with the kinds of its scalars; a number is one, however many bytes it takes."""
    match item.kind:
        case "map":
            return {key.value: _marked(value) for key, value in item.entries}
        case "array" | "tag":
            return [item.value, *map(_marked, item.items)]
        case "integer" | "float":
            return "number", repr(float(item.value))
        case _:
            return item.kind, item.value


def unordered(element: Element) -> Any:
    """What an element says, whatever the order of its children: that of lists is compared by their values."""
    attributes = sorted((item.namespace or "", item.name, item.value) for item in element.attributes)
    text = element.text.strip() if element.children else element.text
    children = sorted(map(unordered, element.children), key=repr)
    return element.namespace, element.name, attributes, text, children


def _line(target: str) -> tuple[str, list[tuple[str, str]]]:
    path, _, query = target.partition("?")
    return path, sorted(parse_qsl(query, keep_blank_values=True))


def _elements(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def differs(part: Part, got: Any, expected: Any) -> Iterator[Mismatch]:
    if got != expected:
        yield Mismatch(part, f"{str(expected)[:300]} expected, got {str(got)[:300]}")


def _request(case: ProtocolCase) -> Iterator[Mismatch]:
    """What is not met of a request: our bytes against the published ones, and both as a server reads them."""
    service, operation, expected = case.service, case.operation, case.raw["serialized"]
    params = _params(case)
    document = to_document(case, operation.input, params)
    document = {key: value for key, value in document.items() if value is not None}
    request = case.codec.encode_request(service, operation, document)
    if case.of_client:
        yield from _sent(case, document, request)
    said = _said(case, operation.input, params)
    published = case.bytes_of(expected["body"]) if "body" in expected else request.body
    headers = expected.get("headers", {})
    theirs = Request(expected.get("method", case.operation.method), _target(case), request.headers, published)
    host = expected.get("host", "").partition("/")[0]
    headers = {"Host": host, **headers} if host else headers
    received = [theirs.with_headers(headers.items())]
    # Without a published body there is only ours to put under the published headers.
    if "body" not in expected:
        received = [request]
    elif case.of_client:
        received.insert(0, request)
    for sent in received:
        read = case.codec.decode_request(service, sent)
        odd = [finding for finding in read.findings if case.of_client or finding.rule not in _SKIPPED]
        yield from differs("decode", (read.operation, odd, read.readable), (operation.name, [], True))
        value = _comparable(case, to_value(case, operation.input, read.document), said)
        yield from differs("decode", value, said)


# What servers are said to skip.
_SKIPPED = frozenset({"body.unexpected", "content-type", "cbor.minimal"})


def _target(case: ProtocolCase) -> str:
    """The published target below the address of the endpoint."""
    expected = case.raw["serialized"]
    prefix = expected.get("host", "").partition("/")[2]
    target: str = expected["uri"]
    return target.removeprefix(f"/{prefix}") if prefix else target


def _sent(case: ProtocolCase, document: Mapping[str, Any], request: Request) -> Iterator[Mismatch]:
    """What is not met of our own bytes."""
    operation, expected = case.operation, case.raw["serialized"]
    host = expected.get("host", "").partition("/")[0]
    if host and not case.raw.get("vendor"):
        # Requests end below the host, which is of the target's address: what the model says is compared.
        called = expand(operation.host_prefix or "", lambda label: str(document.get(label, ""))) + _HOST
        yield from differs("host", called, host)
    yield from differs("path", request.method, expected.get("method", case.operation.method))
    # Our own requests name buckets in their paths, wherever the published one has them.
    theirs = Request(
        expected.get("method", case.operation.method), _target(case), (("Host", host),) if host else ()
    )
    target = path_style(case.service, theirs).path
    yield from differs("path", _line(request.path), _line(target))
    for name, text in expected.get("headers", {}).items():
        got = ", ".join(headers_named(request.headers, name))
        yield from differs("headers", _elements(got), _elements(text))
    for name in expected.get("forbidHeaders", ()):
        yield from differs("headers", (name, headers_named(request.headers, name)), (name, ()))
    for name in expected.get("requireHeaders", ()):
        # The length is of whoever sends the request.
        if name.lower() != "content-length" and not headers_named(request.headers, name):
            yield Mismatch("headers", f"no header {name}")
    parameters = {name for name, _ in _line(request.path)[1]}
    yield from differs("path", sorted(parameters & set(case.raw.get("forbidQuery", ()))), [])
    published = case.bytes_of(expected["body"]) if "body" in expected else request.body
    yield from differs("body", _content(request.body), _content(published))
    schema = side_schema(case.service, operation, "input", case.protocol)
    yield from differs("schema", compile_validator(schema).findings(document), ())


def _comparable(case: ProtocolCase, value: dict[str, Any], said: Mapping[str, Any]) -> Any:
    """A request's value without what the same bytes say as well."""
    structure = case.service.structure(case.operation.input)
    if value.get(structure.payload or "") == {} and structure.payload not in said:
        # No payload, and one without members.
        value = {name: item for name, item in value.items() if name != structure.payload}
    for member in structure.members.values():
        if member.location == "querystring" and isinstance(value.get(member.name), dict):
            # Servers put all parameters into the map, those of named members as well.
            known = said.get(member.name, {})
            entries = {key: item for key, item in value[member.name].items() if key in known}
            value = {name: item for name, item in value.items() if name != member.name}
            value |= {member.name: entries} if entries else {}
    return _said(case, case.operation.input, value)


def _published(case: ProtocolCase) -> Response:
    raw = case.raw["response"]
    headers = tuple(raw.get("headers", {}).items())
    return Response(raw["status_code"], headers, case.bytes_of(raw.get("body", "")))


def _response(case: ProtocolCase) -> Iterator[Mismatch]:
    """What is not met of a response: the published bytes, and our own, as a client reads them."""
    service, operation = case.service, case.operation
    response = _published(case)
    expected = _said(case, operation.output, case.raw["result"])
    if case.of_client:
        decoded = case.codec.decode_response(service, operation, response)
        yield from differs("decode", (_odd(response, decoded.findings), decoded.readable), ([], True))
        value = _said(case, operation.output, to_value(case, operation.output, decoded.document))
        yield from differs("decode", value, expected)
        schema = side_schema(service, operation, "output", case.protocol)
        unfit = compile_validator(schema).findings(decoded.document)
        yield from differs("schema", [finding for finding in unfit if not _ignored(finding)], [])
    document = to_document(case, operation.output, case.raw["result"])
    document = {key: value for key, value in document.items() if value is not None}
    encoded = case.codec.encode_response(service, operation, document)
    yield from differs("encode", encoded.status, response.status)
    if case.of_server and not case.of_client:
        yield from differs("encode", _content(encoded.body), _content(response.body))
        return
    again = case.codec.decode_response(service, operation, encoded)
    yield from differs("encode", again.findings, ())
    value = _said(case, operation.output, to_value(case, operation.output, again.document))
    yield from differs("encode", value, expected)


def _odd(response: Response, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, without what cases leave to clients.

    A missing content type, an error in headers alone, and CBOR that is not in its shortest form.
    """
    tolerated = {"cbor.minimal"}
    if not headers_named(response.headers, "content-type"):
        tolerated.add("content-type")
    if not response.body:
        tolerated.add("body.malformed")
    return [finding for finding in findings if finding.rule not in tolerated]


def _ignored(finding: SchemaFinding) -> bool:
    """What a client ignores and the checks judge by themselves: null, `__type`, unknown members."""
    if finding.keyword == "maxProperties":
        members = [key for key, item in finding.value.items() if item is not None and key != "__type"]
        return len(members) == 1
    return finding.keyword == "additionalProperties" or (finding.keyword == "type" and finding.value is None)


def _error(case: ProtocolCase) -> Iterator[Mismatch]:
    """What is not met of an error: the published bytes, and our own, as a client reads them."""
    service, operation = case.service, case.operation
    response = _published(case)
    error = case.codec.decode_error(service, response)
    code = case.raw["errorCode"]
    yield from differs("decode", (error.code, _odd(response, error.findings)), (code, []))
    shape = next((name for name in operation.errors if service.error_code(name) == code), None)
    if shape is None:
        return
    expected = case.raw.get("error", {})
    yield from differs("decode", to_value(case, shape, dict(error.document)), expected)
    if "errorMessage" in case.raw:
        yield from differs("decode", error.message, case.raw["errorMessage"])
    unfit = compile_validator(error_schema(service, shape, case.protocol)).findings(dict(error.document))
    yield from differs("schema", [finding for finding in unfit if not _ignored(finding)], [])
    document = to_document(case, shape, expected)
    encoded = case.codec.encode_error(service, code, document, response.status)
    again = case.codec.decode_error(service, encoded)
    yield from differs("encode", (again.code, again.findings), (code, ()))
    yield from differs("encode", again.source in case.codec.error_place.sources, True)
    yield from differs("encode", to_value(case, shape, dict(again.document)), expected)
