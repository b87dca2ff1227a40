# SPDX-License-Identifier: Apache-2.0
"""The test cases that a Smithy model carries, and what is not met of those that pair no value with bytes.

It owns the forms of Smithy's test traits: of requests and responses, which become pairs (case_judging.py);
of malformed requests, which `serve` must refuse; of event streams, one message after another. It refuses to
know how a protocol works.

Source: Smithy 2.0, "HTTP Protocol Compliance Tests", "Event Stream Compliance Tests".
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from tools.case_judging import Mismatch, ProtocolCase, differs, to_document

from aws_conformance.cases.compile import compile_contract
from aws_conformance.cases.contract import Contract
from aws_conformance.http import Headers, Request, Response, headers_named
from aws_conformance.protocols import Finding
from aws_conformance.protocols.event_frames import read_messages
from aws_conformance.reference.generated import GeneratedService
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Service
from aws_conformance.spec.smithy import PROTOCOL_NAMES, operation_names, smithy_services

__all__ = ["malformed_mismatches", "smithy_cases", "stream_mismatches"]

_TEST = "smithy.test#"
_TRAITS = tuple(
    f"{_TEST}{name}Tests" for name in ("httpRequest", "httpResponse", "httpMalformedRequest", "eventStream")
)
_EVENTS = "application/vnd.amazon.eventstream"

Ast = Mapping[str, Any]


def smithy_cases(file: str, shapes: Ast) -> Iterator[ProtocolCase]:
    """The cases of a model's operations and errors, in the order of its services."""
    homed = {**shapes, **_homes(shapes)}
    for service_name, service in smithy_services(homed).items():
        errors: dict[str, str] = {}
        for name in operation_names(homed, service_name):
            local = name.partition("#")[2]
            for raw in _raw_cases(homed[name], service, None):
                yield ProtocolCase(file, service, service.operations[local], raw)
            for error in homed[name].get("errors", ()):
                errors.setdefault(error["target"], local)
        for error_name, thrower in errors.items():
            for raw in _raw_cases(homed[error_name], service, error_name.partition("#")[2]):
                yield ProtocolCase(file, service, service.operations[thrower], raw)


def _homes(shapes: Ast) -> dict[str, Any]:
    """A service for the operations with cases that are in none: one for each of the cases' protocols."""
    placed = {
        name
        for service, shape in shapes.items()
        if shape["type"] == "service"
        for name in operation_names(shapes, service)
    }
    homes: dict[str, Any] = {}
    for name, shape in shapes.items():
        if shape["type"] == "operation" and name not in placed:
            for protocol in dict.fromkeys(test["protocol"] for test in _tests(shape)):
                home = homes.setdefault(
                    f"{name.partition('#')[0]}#Home{protocol.partition('#')[2]}",
                    {"type": "service", "version": "", "traits": {protocol: {}}, "operations": []},
                )
                home["operations"].append({"target": name})
    return homes


def _tests(shape: Ast) -> list[Any]:
    return [test for trait in _TRAITS for test in shape.get("traits", {}).get(trait, ())]


def _raw_cases(shape: Ast, service: Service, error: str | None) -> Iterator[dict[str, Any]]:
    """The cases of an operation or an error, over the protocols that the service speaks."""
    for trait in _TRAITS:
        for test in shape.get("traits", {}).get(trait, ()):
            if PROTOCOL_NAMES.get(test["protocol"]) not in service.protocols:
                continue
            match trait.removeprefix(_TEST):
                case "httpRequestTests":
                    yield _of_request(test)
                case "httpResponseTests":
                    yield _of_response(test, service, error)
                case "httpMalformedRequestTests":
                    yield from _of_malformed(test)
                case _:
                    yield {"id": test["id"], "stream": test}


def _of_request(test: Ast) -> dict[str, Any]:
    query = "&".join(test.get("queryParams", ()))
    uri = f"{test['uri']}{'&' if '?' in test['uri'] else '?'}{query}" if query else test["uri"]
    serialized = {
        key: test[key]
        for key in ("method", "headers", "forbidHeaders", "requireHeaders", "body")
        if key in test
    }
    host = test.get("resolvedHost") or test.get("host")
    return {
        "id": test["id"],
        "params": test.get("params", {}),
        "serialized": {**serialized, "uri": uri, **({"host": host} if host else {})},
        "forbidQuery": test.get("forbidQueryParams", ()),
        "appliesTo": test.get("appliesTo", "both"),
        "vendor": test.get("vendorParams", {}),
    }


def _of_response(test: Ast, service: Service, error: str | None) -> dict[str, Any]:
    response = {"status_code": test["code"], "headers": test.get("headers", {}), "body": test.get("body", "")}
    common = {"id": test["id"], "response": response, "appliesTo": test.get("appliesTo", "both")}
    if error is None:
        return {**common, "result": test.get("params", {})}
    return {**common, "errorCode": service.error_code(error), "error": test.get("params", {})}


def _of_malformed(test: Ast) -> list[dict[str, Any]]:
    """The cases of a malformed request: one for each row of its parameters."""
    parameters: Mapping[str, Sequence[str]] = test.get("testParameters", {})
    if not parameters:
        return [
            {"id": test["id"], "malformed": _filled({key: test[key] for key in ("request", "response")}, {})}
        ]
    rows = [dict(zip(parameters, values, strict=True)) for values in zip(*parameters.values(), strict=True)]
    filled = []
    for number, row in enumerate(rows):
        spelled = _filled({key: test[key] for key in ("request", "response")}, row)
        filled.append({"id": f"{test['id']}_case{number}", "malformed": spelled})
    return filled


_PARAMETER = re.compile(r"\$(\w+):([LS])")


def _filled(value: Any, row: Mapping[str, str]) -> Any:
    """The value with parameters put in: literally (L) or as a JSON string (S); `$$` is a dollar."""
    match value:
        case str():
            parts = value.split("$$")
            return "$".join(
                _PARAMETER.sub(lambda match: _parameter(row.get(match[1], match[0]), match[2]), part)
                for part in parts
            )
        case dict():
            return {key: _filled(item, row) for key, item in value.items()}
        case list():
            return [_filled(item, row) for item in value]
        case _:
            return value


def _parameter(text: str, form: str) -> str:
    return text if form == "L" else json.dumps(text, ensure_ascii=False)


@cache
def _contract(service_key: int, protocol: str) -> Contract:
    return compile_contract(_SERVICES[service_key], protocol)


_SERVICES: dict[int, Service] = {}


def malformed_mismatches(case: ProtocolCase) -> Iterator[Mismatch]:
    """What of the refusal that a malformed request must earn is not met by what `serve` answers."""
    _SERVICES[id(case.service)] = case.service
    contract = _contract(id(case.service), case.protocol)
    asked, expected = case.raw["malformed"]["request"], case.raw["malformed"]["response"]
    query = "&".join(asked.get("queryParams", ()))
    path = quote(f"{asked['uri']}?{query}" if query else asked["uri"], safe="/?&=%-._~!$'()*+,;:@[]")
    headers = tuple(asked.get("headers", {}).items())
    body = case.bytes_of(asked["body"]) if "body" in asked else b""
    response = GeneratedService().answer(contract, Request(asked["method"], path, headers, body)).response
    yield from differs("status", response.status, expected["code"])
    for name, text in expected.get("headers", {}).items():
        yield from differs("headers", headers_named(response.headers, name), (text,))
    if "body" in expected:
        assertion = expected["body"]["assertion"]
        if "contents" in assertion:
            yield from differs(
                "body", _sorted(json.loads(response.body)), _sorted(json.loads(assertion["contents"]))
            )
        else:
            text = json.loads(response.body).get("message", "")
            yield from differs("body", bool(re.search(assertion["messageRegex"], text)), True)


def _sorted(content: Any) -> Any:
    """A refusal's content, whatever the order of its fields."""
    if isinstance(content, dict) and isinstance(content.get("fieldList"), list):
        return {**content, "fieldList": sorted(content["fieldList"], key=lambda row: str(row))}
    return content


def stream_mismatches(case: ProtocolCase) -> Iterator[Mismatch]:
    """What of a stream of events is not met: the published messages as they are read, and ours like them."""
    test = case.raw["stream"]
    events = test.get("events", [])
    responding = any(event["type"] == "response" for event in events) or "initialResponse" in test
    side = case.operation.output if responding else case.operation.input
    stream = case.service.event_stream(side)
    if stream is None:
        yield Mismatch("codec", f"{case.operation.name} has no stream on that side")
        return
    body = b"".join(base64.b64decode(event["bytes"]) for event in events)
    initial = test.get("initialResponse" if responding else "initialRequest", {})
    label = (("Content-Type", _EVENTS),) if body else ()
    headers: Headers = (*initial.get("headers", {}).items(), *label)
    if initial.get("code", 200) >= 400:
        yield from _initial_error(case, Response(initial["code"], headers, initial["body"].encode()))
        return
    findings, document = _read(case, responding, initial, headers, body)
    unfit = compile_validator(
        side_schema(case.service, case.operation, "output" if responding else "input", case.protocol)
    ).findings(document)
    failure = test.get("expectation", {}).get("failure")
    if failure is not None and "errorId" not in failure:
        yield from differs("decode", bool(findings or unfit), True)
        return
    kinds = case.service.structure(stream.target).members
    streamed = [
        {name: to_document(case, kinds[name].target, value, kinds[name])}
        for event in events
        for name, value in event.get("params", {}).items()
    ]
    members = test.get("initialResponseParams" if responding else "initialRequestParams", {})
    meant = {**members, **({stream.name: streamed} if events else {})}
    yield from differs("decode", (document, findings), (meant, ()))
    yield from differs("schema", unfit, ())
    sent = (
        case.codec.encode_response(case.service, case.operation, meant)
        if responding
        else case.codec.encode_request(case.service, case.operation, meant)
    )
    yield from differs("headers", dict(headers).items() <= dict(sent.headers).items(), True)
    yield from differs("encode", _messages(sent.body), _messages(body))
    yield from differs("encode", _read(case, responding, initial, sent.headers, sent.body), ((), meant))


def _initial_error(case: ProtocolCase, answer: Response) -> Iterator[Mismatch]:
    expected = case.raw["stream"]["expectation"]["failure"].get("errorId")
    error = case.codec.decode_error(case.service, answer)
    yield from differs("decode", error.code, expected.partition("#")[2] if expected else None)
    if expected is None:
        yield from differs("decode", bool(error.findings), True)


def _read(
    case: ProtocolCase, responding: bool, initial: Mapping[str, Any], headers: Headers, body: bytes
) -> tuple[tuple[Finding, ...], Any]:
    if responding:
        read = case.codec.decode_response(case.service, case.operation, Response(200, headers, body))
        return read.findings, read.document
    uri = initial.get("uri", case.operation.uri)
    asked = case.codec.decode_request(case.service, Request(case.operation.method, uri, headers, body))
    return asked.findings, asked.document


def _messages(body: bytes) -> list[tuple[dict[str, Any], Any]]:
    """The messages of a body: an integer's width aside, and a payload by what it says where it is JSON."""
    messages = []
    for message in read_messages(body, (), []):
        headers = {
            name: ("number" if header.kind in ("byte", "short", "integer") else header.kind, header.value)
            for name, header in message.headers.items()
        }
        label = message.text(":content-type")
        messages.append(
            (headers, json.loads(message.payload) if label == "application/json" else message.payload)
        )
    return messages
