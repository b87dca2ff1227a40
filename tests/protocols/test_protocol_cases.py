"""The published AWS protocol cases, run in both directions against our codecs.

Each suite has a model of its own; values are converted between what the cases use (epoch seconds, blobs as
text) and documents. What is known not to hold stands in known-deviations.yaml, and has to be true.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import yaml
from tests.shared_data import protocol_suites, require

from aws_conformance.generate.values import timestamp_text
from aws_conformance.http import Request, Response, headers_named
from aws_conformance.protocols import Protocol, codec_for
from aws_conformance.protocols.cbor_text import Item, read_cbor
from aws_conformance.spec.botocore import parse_service
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

# The files of each side, with the protocol that each is of.
FILES = {
    "input": {
        "json": "json",
        "json_1_0": "json",
        "json_1_0-query-compatible": "json",
        "rest-json": "rest-json",
        "smithy-rpc-v2-cbor": "smithy-rpc-v2-cbor",
    },
    "output": {
        "json": "json",
        "json_1_0": "json",
        "rest-json": "rest-json",
        "smithy-rpc-v2-cbor": "smithy-rpc-v2-cbor",
        "smithy-rpc-v2-cbor-query-compatible": "smithy-rpc-v2-cbor",
    },
}
DEVIATIONS: dict[str, dict[str, str]] = {
    row["case"]: row
    for row in yaml.safe_load((Path(__file__).parent / "known-deviations.yaml").read_text("utf-8"))
}


@dataclass(frozen=True, slots=True)
class ProtocolCase:
    """One published case with the service and the operation that its suite describes."""

    service: Service
    operation: Operation
    raw: Mapping[str, Any]
    protocol: str

    @property
    def codec(self) -> Protocol:
        return codec_for(self.service, self.protocol)

    @property
    def id(self) -> str:
        return str(self.raw["id"])


def _cases(side: str, errors: bool = False) -> list[Any]:
    """The cases of one side; a single one that skips, or fails, if a file is absent."""
    cases: list[Any] = []
    for name, protocol in FILES[side].items():
        suites = protocol_suites(side, name)
        if not suites:
            cases.append(pytest.param(f"protocol-cases/{side}/{name}.json", id=f"{name} absent"))
        for suite in suites:
            for case in suite["cases"]:
                operation = case["given"]
                raw = {
                    "metadata": suite["metadata"],
                    "shapes": suite.get("shapes", {}),
                    "operations": {operation["name"]: operation},
                }
                service = parse_service("protocol", raw)
                if ("errorCode" in case) is errors:
                    cases.append(
                        pytest.param(
                            ProtocolCase(service, service.operations[operation["name"]], case, protocol),
                            id=f"{name}-{case['id']}",
                        )
                    )
    return cases


def _present(case: ProtocolCase | str) -> ProtocolCase:
    if isinstance(case, str):
        require(case)
        raise AssertionError(f"{case} holds no case")
    return case


def to_document(case: ProtocolCase, name: str | None, value: Any, member: Member | None = None) -> Any:
    """A value as the cases write it in a document's terms."""
    shape = case.service.shapes.get(name or "")
    if member is not None and member.json_value and member.location == "header":
        return json.loads(value)
    match shape, value:
        case StructureShape(members=members), dict():
            return {k: to_document(case, members[k].target, v, members[k]) for k, v in value.items()}
        case ListShape(member=inner), list():
            return [to_document(case, inner.target, item, inner) for item in value]
        case MapShape(value=inner), dict():
            return {key: to_document(case, inner.target, item, inner) for key, item in value.items()}
        case BlobShape(), str():
            return base64.b64encode(value.encode()).decode()
        case TimestampShape(), int() | float():
            form = timestamp_format(shape, member, case.protocol)
            return (
                value if form == "unixTimestamp" else timestamp_text(form, datetime.fromtimestamp(value, UTC))
            )
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
            known = {k: v for k, v in document.items() if k in members and v is not None}
            return {k: to_value(case, members[k].target, item, members[k]) for k, item in known.items()}
        case ListShape(member=inner), list():
            return [to_value(case, inner.target, item) for item in document]
        case MapShape(value=inner, sparse=sparse), dict():
            # What clients skip is kept by our decoders, for the schema to tell of it.
            entries = {key: item for key, item in document.items() if sparse or item is not None}
            return {key: to_value(case, inner.target, item) for key, item in entries.items()}
        case BlobShape(), str():
            return base64.b64decode(document, validate=True).decode()
        case TimestampShape(), str():
            comma = "," in document
            moment = parsedate_to_datetime(document) if comma else datetime.fromisoformat(document)
            return moment.timestamp()
        case _:
            return document


def _said(case: ProtocolCase, name: str | None, value: Any) -> Any:
    """A value of a case without what a request does not say: null, and empty lists that are no body's."""
    if not isinstance(value, dict):
        return value
    members = case.service.structure(name).members
    return {
        key: item
        for key, item in value.items()
        if item is not None and not (item == [] and members[key].location is not None)
    }


def _known(case: ProtocolCase, part: str, met: bool) -> None:
    """A part of a case is met, or the ledger says that it is not: never both, never neither."""
    listed = DEVIATIONS.get(case.id, {}).get("part") == part
    if listed:
        assert not met, f"{case.id}: {part} is met by now; take it off known-deviations.yaml"
    else:
        assert met, f"{case.id}: {part}"


def _content(body: bytes) -> Any:
    """What a body says: a value where it is JSON, else its bytes."""
    item = read_cbor(body)[0]
    if item is not None and item.kind == "map":
        return _marked(item)
    with suppress(ValueError):
        return json.loads(body)
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


def _line(target: str) -> tuple[str, list[tuple[str, str]]]:
    path, _, query = target.partition("?")
    return path, sorted(parse_qsl(query, keep_blank_values=True))


def _elements(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


@pytest.mark.parametrize("case", _cases("input"))
def test_requests(case: ProtocolCase | str) -> None:
    case = _present(case)
    service, operation, expected = case.service, case.operation, case.raw["serialized"]
    document = to_document(case, operation.input, case.raw["params"])
    document = {key: value for key, value in document.items() if value is not None}
    request = case.codec.encode_request(service, operation, document)
    assert request.method == expected["method"]
    _known(case, "path", _line(request.path) == _line(expected["uri"]))
    _known(
        case, "host", "." not in expected.get("host", "").removesuffix("/custom").removesuffix("example.com")
    )
    headers = expected.get("headers", {})
    sent = {name: ", ".join(headers_named(request.headers, name)) for name in headers}
    _known(case, "headers", all(_elements(sent[name]) == _elements(headers[name]) for name in headers))
    for name in expected.get("forbidHeaders", ()):
        assert not headers_named(request.headers, name)
    published = _bytes(case, expected["body"]) if "body" in expected else request.body
    assert _content(request.body) == _content(published)
    said = _said(case, operation.input, case.raw["params"])
    findings = compile_validator(side_schema(service, operation, "input", case.protocol)).findings(document)
    assert findings == ()
    # The server's direction: the published bytes and our own are read as the document.
    theirs = Request(request.method, expected["uri"], request.headers, published).with_headers(
        headers.items()
    )
    for given in (request, theirs if not _deviations(case) & {"path", "headers"} else request):
        read = case.codec.decode_request(service, given)
        assert (read.operation, read.findings, read.readable) == (operation.name, (), True)
        value = to_value(case, operation.input, read.document)
        _known(case, "decode", _comparable(case, value, said) == said)


def _comparable(case: ProtocolCase, value: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """A request's value without what the same bytes say as well."""
    structure = case.service.structure(case.operation.input)
    if value.get(structure.payload or "") == {} and structure.payload not in said:
        # No payload, and one without members.
        value = {name: item for name, item in value.items() if name != structure.payload}
    for member in structure.members.values():
        if member.location == "querystring" and isinstance(value.get(member.name), dict):
            # Servers put all parameters into the map, those of named members as well.
            mapped = {
                key: item for key, item in value[member.name].items() if key in said.get(member.name, {})
            }
            value = (
                {**value, member.name: mapped}
                if mapped
                else {k: v for k, v in value.items() if k != member.name}
            )
    return value


def _deviations(case: ProtocolCase) -> set[str]:
    return {DEVIATIONS[case.id]["part"]} if case.id in DEVIATIONS else set()


@pytest.mark.parametrize("case", _cases("output"))
def test_responses(case: ProtocolCase | str) -> None:
    case = _present(case)
    service, operation = case.service, case.operation
    response = _response(case)
    decoded = case.codec.decode_response(service, operation, response)
    # Some cases leave the content type out, because no client needs it.
    labelled = headers_named(response.headers, "content-type")
    odd = [finding for finding in decoded.findings if labelled or finding.rule != "content-type"]
    assert (odd, decoded.readable) == ([], True)
    assert to_value(case, operation.output, decoded.document) == case.raw["result"]
    schema = side_schema(service, operation, "output", case.protocol)
    unfit = compile_validator(schema).findings(decoded.document)
    assert [finding for finding in unfit if not _ignored(finding)] == []
    document = to_document(case, operation.output, case.raw["result"])
    encoded = case.codec.encode_response(service, operation, document)
    again = case.codec.decode_response(service, operation, encoded)
    assert again.findings == ()
    assert to_value(case, operation.output, again.document) == case.raw["result"]
    assert encoded.status == response.status


def _ignored(finding: SchemaFinding) -> bool:
    """What a client ignores and the checks judge by themselves: null, `__type`, unknown members."""
    if finding.keyword == "maxProperties":
        members = [k for k, v in finding.value.items() if v is not None and k != "__type"]
        return len(members) == 1
    return finding.keyword == "additionalProperties" or (finding.keyword == "type" and finding.value is None)


@pytest.mark.parametrize("case", _cases("output", errors=True))
def test_errors(case: ProtocolCase | str) -> None:
    case = _present(case)
    service, operation = case.service, case.operation
    response = _response(case)
    error = case.codec.decode_error(service, response)
    expected = case.raw["errorCode"]
    assert error.code == expected
    shape = next(name for name in operation.errors if service.error_code(name) == expected)
    assert to_value(case, shape, dict(error.document)) == case.raw["error"]
    assert compile_validator(error_schema(service, shape, case.protocol)).findings(dict(error.document)) == ()
    if case.protocol == "json":
        # Where a strict client looks, the code is not if the case has it in a header alone.
        assert (error.source == "x-amzn-errortype") is ("body" not in case.raw["response"])
    document = to_document(case, shape, case.raw["error"])
    encoded = case.codec.encode_error(service, expected, document, response.status)
    again = case.codec.decode_error(service, encoded)
    assert (again.code, again.findings) == (expected, ())
    assert again.source in case.codec.error_place.sources
    assert to_value(case, shape, dict(again.document)) == case.raw["error"]


def _response(case: ProtocolCase) -> Response:
    raw = case.raw["response"]
    headers = tuple(raw.get("headers", {}).items())
    return Response(raw["status_code"], headers, _bytes(case, raw.get("body", "")))


def _bytes(case: ProtocolCase, body: str) -> bytes:
    """A body as the cases write it: CBOR in base64, the rest as text."""
    return base64.b64decode(body) if case.protocol == "smithy-rpc-v2-cbor" else body.encode()


def test_every_line_of_the_ledger_names_a_case_and_says_why() -> None:
    for side, names in FILES.items():
        for name in names:
            require(f"protocol-cases/{side}/{name}.json")
    known = {param.values[0].id for side in FILES for param in (*_cases(side), *_cases(side, errors=True))}
    assert set(DEVIATIONS) <= known
    for row in DEVIATIONS.values():
        assert len(row["reason"]) > 40
        assert row["part"] in ("host", "path", "headers", "decode")
    assert len(known) > 60
