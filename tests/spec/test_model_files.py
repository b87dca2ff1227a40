# SPDX-License-Identifier: Apache-2.0
"""Models that a user hands in: Smithy's JSON AST, in the same shapes, wherever a service is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cases.compile import compile_contract, contract_of
from aws_conformance.errors import UsageError
from aws_conformance.http import Request
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.routing import route
from aws_conformance.reference.generated import GeneratedService
from aws_conformance.spec.model_files import add_models, read_model
from aws_conformance.spec.selectors import select
from aws_conformance.spec.shapes import (
    BlobShape,
    IntegerShape,
    ListShape,
    MapShape,
    StringShape,
    StructureShape,
)

_API = "smithy.api#"


def _member(target: str, **traits: Any) -> dict[str, Any]:
    named = target if "#" in target else f"{_API}{target}"
    return {"target": named, "traits": {f"{_API}{name}": value for name, value in traits.items()}}


SHAPES: dict[str, Any] = {
    "ex#Library": {
        "type": "service",
        "version": "2026-01-01",
        "operations": [{"target": "ex#Ping"}],
        "resources": [{"target": "ex#Book"}],
        "errors": [{"target": "ex#Busy"}],
        "traits": {
            "aws.api#service": {"sdkId": "Lib Rary", "endpointPrefix": "library"},
            "aws.auth#sigv4": {"name": "library"},
            "aws.protocols#restJson1": {},
            "smithy.protocols#rpcv2Cbor": {},
        },
    },
    "ex#Book": {
        "type": "resource",
        "read": {"target": "ex#GetBook"},
        "collectionOperations": [{"target": "ex#FindBooks"}],
    },
    "ex#Ping": {
        "type": "operation",
        "input": {"target": f"{_API}Unit"},
        "output": {"target": f"{_API}Unit"},
        "traits": {f"{_API}http": {"method": "GET", "uri": "/ping", "code": 204}, f"{_API}optionalAuth": {}},
    },
    "ex#GetBook": {
        "type": "operation",
        "input": {"target": "ex#GetBookInput"},
        "output": {"target": "ex#BookOutput"},
        "errors": [{"target": "ex#NoBook"}],
        "traits": {
            f"{_API}http": {"method": "GET", "uri": "/books/{isbn}", "code": 200},
            f"{_API}readonly": {},
            f"{_API}endpoint": {"hostPrefix": "{isbn}."},
        },
    },
    "ex#FindBooks": {
        "type": "operation",
        "input": {"target": "ex#FindInput"},
        "output": {"target": f"{_API}Unit"},
        "traits": {f"{_API}http": {"method": "POST", "uri": "/find"}},
    },
    "ex#GetBookInput": {
        "type": "structure",
        "mixins": [{"target": "ex#Named"}],
        "members": {
            "isbn": _member(
                "String", required={}, httpLabel={}, hostLabel={}, pattern="^[0-9]+$", length={"max": 5}
            ),
            "page": _member("Short", httpQuery="p", range={"min": 1}),
        },
    },
    "ex#Named": {
        "type": "structure",
        "members": {"trace": _member("String", httpHeader="x-trace")},
        "traits": {f"{_API}mixin": {}},
    },
    "ex#GetBookInput$trace": {"type": "apply", "traits": {f"{_API}required": {}}},
    "ex#BookOutput": {
        "type": "structure",
        "members": {
            "title": _member("String", jsonName="Title"),
            "kind": _member("ex#Kind"),
            "cover": _member("Blob"),
            "tags": _member("ex#Tags"),
            "due": _member("Timestamp", timestampFormat="date-time"),
            "either": _member("ex#Either"),
        },
    },
    "ex#Kind": {
        "type": "enum",
        "members": {"NOVEL": {"target": f"{_API}Unit", "traits": {f"{_API}enumValue": "novel"}}},
    },
    "ex#Tags": {
        "type": "map",
        "key": {"target": f"{_API}String"},
        "value": {"target": f"{_API}String"},
        "traits": {f"{_API}sparse": {}},
    },
    "ex#Either": {"type": "union", "members": {"a": _member("String"), "b": _member("Integer")}},
    "ex#FindInput": {"type": "structure", "members": {"words": _member("ex#Words")}},
    "ex#Words": {
        "type": "list",
        "member": {"target": f"{_API}String"},
        "traits": {f"{_API}length": {"min": 1, "max": 3}},
    },
    "ex#NoBook": {
        "type": "structure",
        "members": {"message": _member("String")},
        "traits": {f"{_API}error": "client", f"{_API}httpError": 404},
    },
    "ex#Busy": {"type": "structure", "members": {}, "traits": {f"{_API}error": "server"}},
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file with that model."""
    file = tmp_path / "library.json"
    file.write_text(json.dumps({"smithy": "2.0", "shapes": SHAPES}), "utf-8")
    return file


def test_a_smithy_model_is_read_into_the_same_shapes(model: Path) -> None:
    (service,) = read_model(model)
    assert (service.name, service.protocols) == ("lib-rary", ("rest-json", "smithy-rpc-v2-cbor"))
    assert (service.signing_name, service.target_prefix) == ("library", "Library")
    assert list(service.operations) == ["Ping", "FindBooks", "GetBook"]
    book = service.operations["GetBook"]
    assert (book.method, book.uri, book.host_prefix, book.readonly) == (
        "GET",
        "/books/{isbn}",
        "{isbn}.",
        True,
    )
    assert (book.errors, service.error_status("NoBook")) == (("NoBook", "Busy"), 404)
    assert service.error_status("Busy") == 500
    ping = service.operations["Ping"]
    assert (ping.input, ping.output, ping.status, ping.signed) == (None, None, 204, False)
    members = service.structure("GetBookInput").members
    assert list(members) == ["trace", "isbn", "page"]
    assert service.structure("GetBookInput").required == ("trace", "isbn")
    assert [(member.location, member.location_name) for member in members.values()] == [
        ("header", "x-trace"),
        ("uri", "isbn"),
        ("querystring", "p"),
    ]
    isbn, page = service.shape(members["isbn"].target), service.shape(members["page"].target)
    assert isinstance(isbn, StringShape)
    assert (isbn.pattern, isbn.max) == ("^[0-9]+$", 5)
    assert isinstance(page, IntegerShape)
    assert page.min == 1
    output = service.structure("BookOutput").members
    assert (output["title"].location_name, output["due"].timestamp_format) == ("Title", "iso8601")
    shapes = {name: service.shape(member.target) for name, member in output.items()}
    assert isinstance(shapes["kind"], StringShape)
    assert shapes["kind"].enum == ("novel",)
    assert isinstance(shapes["cover"], BlobShape)
    assert isinstance(shapes["tags"], MapShape)
    assert shapes["tags"].sparse
    assert isinstance(shapes["either"], StructureShape)
    assert shapes["either"].union
    words = service.shape("Words")
    assert isinstance(words, ListShape)
    assert (words.min, words.max) == (1, 3)


def test_a_model_is_known_wherever_a_service_is_named(model: Path) -> None:
    with pytest.raises(UsageError, match="no service named 'lib-rary'"):
        select(["lib-rary"])
    assert add_models([str(model)]) == ("lib-rary",)
    assert select(["lib-rary:Get*"]) == ("lib-rary:GetBook",)
    contract = contract_of("lib-rary")
    document = {"isbn": "12", "trace": "t"}
    request = contract.protocol.encode_request(contract.service, contract.operation("GetBook"), document)
    assert route(request, "12.library.us-east-1.amazonaws.com") is not None
    named = route(request, assumed="lib-rary")
    assert named is not None
    assert (named.service, named.operation) == ("lib-rary", "GetBook")
    cbor = codec_for(contract.service, "smithy-rpc-v2-cbor")
    spoken = route(cbor.encode_request(contract.service, contract.operation("GetBook"), document))
    assert spoken is not None
    assert (spoken.service, spoken.protocol) == ("lib-rary", "smithy-rpc-v2-cbor")


def test_what_the_model_says_is_answered_and_asked_for(model: Path) -> None:
    (service,) = read_model(model)
    contract = compile_contract(service, "rest-json")
    headers = (("x-trace", "t"),)
    good = GeneratedService().answer(contract, Request("GET", "/books/12?p=2", headers)).response
    decoded = contract.protocol.decode_response(service, service.operations["GetBook"], good)
    assert (good.status, decoded.findings) == (200, ())
    for path in ("/books/x12", "/books/123456", "/books/12?p=0"):
        refused = GeneratedService().answer(contract, Request("GET", path, headers)).response
        assert refused.status == 400
    assert GeneratedService().answer(contract, Request("GET", "/books/12")).response.status == 400


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "is no model of a service"),
        ('{"smithy": "2.0", "shapes": {}}', "describes no service over a protocol of AWS"),
        ('{"metadata": {}, "operations": {}}', "can not be read as a model"),
        (
            json.dumps({"smithy": "2.0", "shapes": {"ex#Library": SHAPES["ex#Library"]}}),
            "The model of ex#Library can not be read",
        ),
    ],
)
def test_what_is_no_model_is_refused(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "model.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_model(file)
    with pytest.raises(UsageError, match="can not be read"):
        read_model(tmp_path / "absent.json")


def test_botocores_own_form_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "service-2.json"
    raw = {"metadata": {"protocol": "json", "serviceId": "SQS", "jsonVersion": "1.0"}, "operations": {}}
    file.write_text(json.dumps(raw), "utf-8")
    (service,) = read_model(file)
    assert (service.name, service.protocols) == ("sqs", ("json",))
