# SPDX-License-Identifier: Apache-2.0
"""Which protocol a service is checked in: botocore's choice, made once and obeyed everywhere."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from tests.installed_models import of_newer_models

from aws_conformance import protocols as codecs
from aws_conformance.cases.cases import enumerated_cases
from aws_conformance.cases.compile import contract_of
from aws_conformance.errors import UsageError
from aws_conformance.protocols import codec_for, resolve_protocol
from aws_conformance.spec.botocore import parse_service, service_names
from aws_conformance.spec.shapes import Service


def _service(*protocols: str) -> Service:
    metadata = {"protocol": protocols[0], "protocols": list(protocols)}
    return parse_service("things", {"metadata": metadata, "operations": {}})


@of_newer_models
def test_every_service_is_checked_in_the_protocol_that_botocore_speaks() -> None:
    loader = Loader()
    several = 0
    for name in service_names():
        raw = loader.load_service_model(name, "service-2")
        service = parse_service(name, {"metadata": raw["metadata"], "operations": {}})
        assert resolve_protocol(service) == ServiceModel(raw, name).resolved_protocol, name
        several += resolve_protocol(service) != service.protocols[0]
    # Where the first listed protocol would do, nothing would be decided.
    assert several > 30


@pytest.mark.parametrize(
    ("spoken", "with_codec", "protocol"),
    [
        (("smithy-rpc-v2-cbor", "json"), ("json",), "json"),
        (("query", "rest-xml"), ("query",), "query"),
        (("ec2", "smithy-rpc-v2-cbor", "query"), ("ec2", "query"), "ec2"),
        (("query", "rest-xml"), (), "rest-xml"),
        (("of-tomorrow", "query"), (), "query"),
        (("of-tomorrow",), (), "of-tomorrow"),
    ],
)
def test_a_codec_is_worth_more_than_botocores_preference(
    spoken: tuple[str, ...], with_codec: tuple[str, ...], protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = codec_for(_service("json"), "json")
    monkeypatch.setattr(codecs, "protocol_table", lambda: dict.fromkeys(with_codec, row))
    assert resolve_protocol(_service(*spoken)) == protocol


def test_a_requested_protocol_is_taken_if_the_service_speaks_it() -> None:
    service = _service("smithy-rpc-v2-cbor", "json")
    assert resolve_protocol(service, "smithy-rpc-v2-cbor") == "smithy-rpc-v2-cbor"
    with pytest.raises(UsageError, match="does not speak 'query'"):
        resolve_protocol(service, "query")


@of_newer_models
def test_schemas_expectations_and_bytes_are_of_the_same_protocol() -> None:
    """codebuild lists CBOR first, and JSON is what is sent: its negatives can be refused."""
    contract = contract_of("codebuild")
    assert contract.protocol_name == contract.protocol.name == "json"
    operation = contract.operation("BatchGetBuilds")
    assert contract.schema(operation.name, "input")["x-aws-protocol"] == "json"
    earns = {case.expectation.earns for case in enumerated_cases(contract.of(operation))}
    assert "refused" in earns
    assert contract_of("codebuild", "json") is contract
    assert contract_of("codebuild", "smithy-rpc-v2-cbor").protocol_name == "smithy-rpc-v2-cbor"
