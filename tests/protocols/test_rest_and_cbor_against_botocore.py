# SPDX-License-Identifier: Apache-2.0
"""On generated valid requests rest-json and CBOR send what botocore's serializers send, and read it back.

A sample of services, the first operations of each. Compared is what requests say: path, parameters,
headers, body. Left out of the comparison is how botocore writes milliseconds (with six digits), and control
characters, which no header holds.
"""

from __future__ import annotations

import functools
import json
import random
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.serialize import create_serializer
from tools.as_botocore import native

from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate, minimal
from aws_conformance.http import Request, header
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.cbor_text import read_cbor
from aws_conformance.protocols.cbor_values import plain
from aws_conformance.spec.botocore import load_service, service_heads
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Operation, Service

_SAMPLE = 12
_OPERATIONS = 30
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MICROSECONDS = re.compile(r"(\.[0-9]{3})000Z")


def _services(protocol: str) -> list[str]:
    names = sorted(head.name for head in service_heads() if protocol in load_service(head.name).protocols)
    return sorted(random.Random(7).sample(names, min(_SAMPLE, len(names))))


def _content(body: bytes) -> Any:
    item = read_cbor(body)[0]
    if item is not None and item.kind == "map":
        return plain(item)
    try:
        return json.loads(_MICROSECONDS.sub(r"\1Z", body.decode("utf-8")))
    except ValueError:
        return body


def _parameters(raw: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = parse_qsl(raw["url_path"].partition("?")[2], keep_blank_values=True)
    for name, value in raw["query_string"].items() if isinstance(raw["query_string"], dict) else ():
        texts = value if isinstance(value, list) else [value]
        pairs += [(name, _MICROSECONDS.sub(r"\1Z", str(text))) for text in texts]
    return sorted(pairs)


def _elements(text: str) -> list[str]:
    return [part.strip() for part in _CONTROLS.sub(" ", text).split(",")]


def _said(service: Service, operation: Operation, document: Any) -> Any:
    """A document as far as a request can say it."""
    structure = service.structure(operation.input)
    named = {
        member.location_name for member in structure.members.values() if member.location == "querystring"
    }
    said = {}
    for name, value in document.items():
        location = structure.members[name].location
        if location == "header" and isinstance(value, str):
            value = _CONTROLS.sub(" ", value).strip()
        if location == "headers":
            value = {key.lower(): _CONTROLS.sub(" ", text).strip() for key, text in value.items()}
        if location == "querystring" and isinstance(value, dict):
            # Servers put the parameters of named members into the map as well.
            value = {key: text for key, text in value.items() if key not in named}
        if not (value in ([], {}) and (location is not None or name == structure.payload)):
            said[name] = value
    return said


def _compare(service: Service, operation: Operation, protocol: str, document: Any) -> None:
    codec = codec_for(service, protocol)
    ours = codec.encode_request(service, operation, document)
    decoded = codec.decode_request(service, ours)
    assert (decoded.operation, decoded.findings, decoded.readable) == (operation.name, (), True)
    assert _said(service, operation, decoded.document) == _said(service, operation, document)
    if service.event_stream(operation.input) is None:
        _same(service, operation, protocol, document, ours)


@functools.cache
def _model(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def _same(service: Service, operation: Operation, protocol: str, document: Any, ours: Request) -> None:
    model = _model(service.name)
    value = native(service, operation.input, document) if operation.input else {}
    theirs = create_serializer(protocol, include_validation=False).serialize_to_request(
        value, model.operation_model(operation.name)
    )
    path, _, query = ours.path.partition("?")
    assert (ours.method, path) == (theirs["method"], theirs["url_path"].partition("?")[0])
    assert sorted(parse_qsl(query, keep_blank_values=True)) == _parameters(theirs)
    for name, text in theirs["headers"].items():
        sent = header(ours.headers, name)
        assert sent is not None, name
        assert _elements(sent.encode("latin-1").decode("utf-8")) == _elements(str(text)), name
    body = theirs["body"].encode() if isinstance(theirs["body"], str) else theirs["body"]
    # An absent payload and an empty one are the same to every server.
    assert _content(ours.body) in (_content(body), *((b"", {}) if body in (b"", b"{}") else ()))


@pytest.mark.parametrize(
    ("protocol", "name"),
    [(protocol, name) for protocol in ("rest-json", "smithy-rpc-v2-cbor") for name in _services(protocol)],
)
def test_the_operations_of_a_service_send_what_botocore_sends(protocol: str, name: str) -> None:
    service = load_service(name)
    for operation in list(service.operations.values())[:_OPERATIONS]:
        tree = compile_schema(side_schema(service, operation, "input", protocol))
        _compare(service, operation, protocol, minimal(tree, tree.root))
        _compare(service, operation, protocol, generate(tree, SeededChoices(f"{operation.name}:1")))
