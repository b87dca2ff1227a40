"""The published AWS protocol cases for AWS JSON, run in both directions against our codec.

Each suite has a model of its own; values are converted between what the cases use (epoch seconds, blobs as
text) and documents. What is known not to hold stands in known-deviations.yaml, and has to be true.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.shared_data import protocol_suites, require

from aws_conformance.generate.values import timestamp_text
from aws_conformance.http import Request, Response, headers_named
from aws_conformance.protocols import codec_for
from aws_conformance.spec.botocore import parse_service
from aws_conformance.spec.schema.validate import SchemaFinding, compile_validator
from aws_conformance.spec.schema.write import error_schema, side_schema, timestamp_format
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

FILES = {
    "input": ("json", "json_1_0", "json_1_0-query-compatible"),
    "output": ("json", "json_1_0"),
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

    @property
    def id(self) -> str:
        return str(self.raw["id"])


def _cases(side: str, errors: bool = False) -> list[Any]:
    """The cases of one side; a single one that skips, or fails, if a file is absent."""
    cases: list[Any] = []
    for name in FILES[side]:
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
                            ProtocolCase(service, service.operations[operation["name"]], case),
                            id=f"{name}-{case['id']}",
                        )
                    )
    return cases


def _present(case: ProtocolCase | str) -> ProtocolCase:
    if isinstance(case, str):
        require(case)
        raise AssertionError(f"{case} holds no case")
    return case


def to_document(service: Service, name: str | None, value: Any, member: Member | None = None) -> Any:
    """A value as the cases write it in a document's terms."""
    shape = service.shapes.get(name or "")
    match shape, value:
        case StructureShape(members=members), dict():
            return {k: to_document(service, members[k].target, v, members[k]) for k, v in value.items()}
        case ListShape(member=inner), list():
            return [to_document(service, inner.target, item, inner) for item in value]
        case MapShape(value=inner), dict():
            return {key: to_document(service, inner.target, item, inner) for key, item in value.items()}
        case BlobShape(), str():
            return base64.b64encode(value.encode()).decode()
        case TimestampShape(), int() | float():
            form = timestamp_format(shape, member, "json")
            return (
                value if form == "unixTimestamp" else timestamp_text(form, datetime.fromtimestamp(value, UTC))
            )
        case _:
            return value


def to_value(service: Service, name: str | None, document: Any) -> Any:
    """A document in the cases' terms; what clients ignore (null, `__type`, unknown members) left out."""
    shape = service.shapes.get(name or "")
    match shape, document:
        case None, dict():
            return {}
        case StructureShape(members=members), dict():
            known = {k: v for k, v in document.items() if k in members and v is not None}
            return {key: to_value(service, members[key].target, item) for key, item in known.items()}
        case ListShape(member=inner), list():
            return [to_value(service, inner.target, item) for item in document]
        case MapShape(value=inner), dict():
            return {key: to_value(service, inner.target, item) for key, item in document.items()}
        case BlobShape(), str():
            return base64.b64decode(document, validate=True).decode()
        case TimestampShape(), str():
            comma = "," in document
            moment = parsedate_to_datetime(document) if comma else datetime.fromisoformat(document)
            return moment.timestamp()
        case _:
            return document


def _known(case: ProtocolCase, part: str, met: bool) -> None:
    """A part of a case is met, or the ledger says that it is not: never both, never neither."""
    listed = DEVIATIONS.get(case.id, {}).get("part") == part
    if listed:
        assert not met, f"{case.id}: {part} is met by now; take it off known-deviations.yaml"
    else:
        assert met, f"{case.id}: {part}"


@pytest.mark.parametrize("case", _cases("input"))
def test_requests(case: ProtocolCase | str) -> None:
    case = _present(case)
    service, operation, expected = case.service, case.operation, case.raw["serialized"]
    codec = codec_for(service, "json")
    document = to_document(service, operation.input, case.raw["params"])
    request = codec.encode_request(service, operation, document)
    assert request.method == expected["method"]
    _known(case, "path", request.path == expected["uri"])
    _known(
        case, "host", "." not in expected.get("host", "").removesuffix("/custom").removesuffix("example.com")
    )
    headers = expected.get("headers", {}).items()
    _known(case, "headers", all(value in headers_named(request.headers, name) for name, value in headers))
    for name in expected.get("forbidHeaders", ()):
        assert not headers_named(request.headers, name)
    if "body" in expected:
        assert json.loads(request.body) == json.loads(expected["body"])
    findings = compile_validator(side_schema(service, operation, "input", "json")).findings(document)
    assert findings == ()
    # The server's direction: the published bytes and our own are read as the document.
    published = expected["body"].encode() if "body" in expected else request.body
    for body in (request.body, published):
        read = codec.decode_request(service, Request("POST", "/", request.headers, body))
        assert (read.operation, read.findings, read.readable) == (operation.name, (), True)
        assert to_value(service, operation.input, read.document) == case.raw["params"]


@pytest.mark.parametrize("case", _cases("output"))
def test_responses(case: ProtocolCase | str) -> None:
    case = _present(case)
    service, operation = case.service, case.operation
    codec = codec_for(service, "json")
    response = _response(case)
    decoded = codec.decode_response(service, operation, response)
    assert (decoded.findings, decoded.readable) == ((), True)
    assert to_value(service, operation.output, decoded.document) == case.raw["result"]
    unfit = compile_validator(side_schema(service, operation, "output", "json")).findings(decoded.document)
    assert [finding for finding in unfit if not _ignored(finding)] == []
    encoded = codec.encode_response(
        service, operation, to_document(service, operation.output, case.raw["result"])
    )
    again = codec.decode_response(service, operation, encoded)
    assert again.findings == ()
    assert to_value(service, operation.output, again.document) == case.raw["result"]
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
    codec = codec_for(service, "json")
    response = _response(case)
    error = codec.decode_error(service, response)
    expected = case.raw["errorCode"]
    assert error.code == expected
    shape = next(name for name in operation.errors if service.error_code(name) == expected)
    assert to_value(service, shape, dict(error.document)) == case.raw["error"]
    assert compile_validator(error_schema(service, shape, "json")).findings(dict(error.document)) == ()
    # Where a strict client looks, the code is not if the case has it in a header alone.
    assert (error.source == "x-amzn-errortype") is ("body" not in case.raw["response"])
    encoded = codec.encode_error(
        service, expected, to_document(service, shape, case.raw["error"]), response.status
    )
    again = codec.decode_error(service, encoded)
    assert (again.code, again.source, again.findings) == (expected, "__type", ())
    assert to_value(service, shape, dict(again.document)) == case.raw["error"]


def _response(case: ProtocolCase) -> Response:
    raw = case.raw["response"]
    headers = tuple(raw.get("headers", {}).items())
    return Response(raw["status_code"], headers, raw.get("body", "").encode())


def test_every_line_of_the_ledger_names_a_case_and_says_why() -> None:
    for side, names in FILES.items():
        for name in names:
            require(f"protocol-cases/{side}/{name}.json")
    known = {param.values[0].id for side in FILES for param in (*_cases(side), *_cases(side, errors=True))}
    assert set(DEVIATIONS) <= known
    for row in DEVIATIONS.values():
        assert len(row["reason"]) > 40
        assert row["part"] in ("host", "path", "headers")
    assert len(known) > 60
