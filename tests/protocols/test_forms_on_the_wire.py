# SPDX-License-Identifier: Apache-2.0
"""Forms of query and ec2: keys and values both ways, and what a strict server finds in them."""

from __future__ import annotations

from typing import Any

import pytest

from aws_conformance.http import Request
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.form import EC2_FORM, QUERY_FORM, FormStyle, read_form, read_pairs, write_form
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.shapes import Service


def model(protocol: str) -> Service:
    return parse_service(
        "mini",
        {
            "metadata": {"protocol": protocol, "apiVersion": "2020-01-01"},
            "operations": {
                "Do": {
                    "name": "Do",
                    "http": {"method": "POST", "requestUri": "/"},
                    "input": {"shape": "Input"},
                }
            },
            "shapes": {
                "Input": {
                    "type": "structure",
                    "members": {
                        "Name": {"shape": "Text"},
                        "other": {"shape": "Text", "locationName": "wire"},
                        "Queried": {"shape": "Text", "locationName": "wire2", "queryName": "asked"},
                        "Count": {"shape": "Number"},
                        "Names": {"shape": "Names"},
                        "Flat": {"shape": "Names", "flattened": True},
                        "Alone": {"shape": "Alone"},
                        "Nested": {"shape": "Input"},
                        "Map": {"shape": "Map"},
                        "FlatMap": {"shape": "Map", "flattened": True},
                        "Lists": {"shape": "Lists"},
                    },
                },
                "Names": {"type": "list", "member": {"shape": "Text"}},
                "Alone": {
                    "type": "list",
                    "flattened": True,
                    "member": {"shape": "Text", "locationName": "One"},
                },
                "Lists": {"type": "list", "member": {"shape": "Names", "locationName": "item"}},
                "Map": {
                    "type": "map",
                    "key": {"shape": "Text", "locationName": "K"},
                    "value": {"shape": "Input"},
                },
                "Text": {"type": "string"},
                "Number": {"type": "integer"},
            },
        },
    )


QUERY, EC2 = model("query"), model("ec2")
HEAD = "Action=Do&Version=2020-01-01"


@pytest.mark.parametrize(
    ("service", "document", "form"),
    [
        (QUERY, {}, ""),
        (QUERY, {"Name": "a b&c=é~*"}, "Name=a%20b%26c%3D%C3%A9~%2A"),
        (QUERY, {"other": "x", "Queried": "y"}, "wire=x&wire2=y"),
        (EC2, {"other": "x", "Queried": "y"}, "Wire=x&asked=y"),
        (QUERY, {"Names": ["a", "b"]}, "Names.member.1=a&Names.member.2=b"),
        (EC2, {"Names": ["a", "b"]}, "Names.1=a&Names.2=b"),
        (QUERY, {"Names": []}, "Names="),
        (QUERY, {"Flat": ["a"]}, "Flat.1=a"),
        (QUERY, {"Alone": ["a"]}, "One.1=a"),
        (QUERY, {"Nested": {"Nested": {"Count": 3}}}, "Nested.Nested.Count=3"),
        (QUERY, {"Map": {"k": {"Name": "a"}}}, "Map.entry.1.K=k&Map.entry.1.value.Name=a"),
        (QUERY, {"FlatMap": {"k": {"Name": "a"}}}, "FlatMap.1.K=k&FlatMap.1.value.Name=a"),
        (QUERY, {"Lists": [["a"], ["b"]]}, "Lists.item.1.member.1=a&Lists.item.2.member.1=b"),
        (EC2, {"Lists": [["a"], ["b"]]}, "Lists.1.1=a&Lists.2.1=b"),
        (QUERY, {"Unknown": "u"}, "Unknown=u"),
    ],
)
def test_documents_are_forms(service: Service, document: dict[str, Any], form: str) -> None:
    codec = codec_for(service, service.protocols[0])
    request = codec.encode_request(service, service.operations["Do"], document)
    assert request.body.decode() == "&".join(filter(None, (HEAD, form)))
    decoded = codec.decode_request(service, request)
    assert (decoded.operation, decoded.document, decoded.findings) == ("Do", document, ())


@pytest.mark.parametrize(
    ("form", "rule", "path", "document"),
    [
        ("Name=a&Name=b", "body.duplicate-key", ("Name",), {"Name": "a"}),
        ("Names.member.1=a&Names.member.3=b", "form.index", ("Names",), {"Names": ["a", "b"]}),
        ("Names.member.2=b", "form.index", ("Names",), {"Names": ["b"]}),
        ("Names.1=a", "form.index", ("Names",), {"Names": ["a"]}),
        ("Names.member.01=a", None, (), {"Names": {"member": {"01": "a"}}}),
        ("Names.member.x=a", None, (), {"Names": {"member": {"x": "a"}}}),
        ("Names.item.1=a", None, (), {"Names": {"item": {"1": "a"}}}),
        ("other=a", "member.place", ("other",), {}),
        ("Map.entry.1.K=k", "member.place", ("Map",), {"Map": {}}),
        ("Map.entry.1.key=k&Map.entry.1.value.Name=a", "member.place", ("Map",), {"Map": {}}),
        (
            "Map.entry.1.K=k&Map.entry.1.value.Name=a&Map.entry.2.K=k&Map.entry.2.value.Name=b",
            "body.duplicate-key",
            ("Map", "k"),
            {"Map": {"k": {"Name": "a"}}},
        ),
        ("Names=x&Names.member.1=a", "member.place", ("Names",), {"Names": ["a"]}),
        ("Name.x=a", None, (), {"Name": {"x": "a"}}),
        ("Count=+3", None, (), {"Count": " 3"}),
        ("Count=%2B3", None, (), {"Count": "+3"}),
        ("Name=%", "uri.form", (), {"Name": "%"}),
        ("Name=%FF", "uri.form", (), {"Name": "\ufffd"}),
        ("Name=a+b", None, (), {"Name": "a b"}),
        ("Action=Other", "body.duplicate-key", (), {}),
        ("a." * 300 + "b=1", "body.depth", (), {}),
    ],
)
def test_what_is_odd_in_a_form(
    form: str, rule: str | None, path: tuple[str, ...], document: dict[str, Any]
) -> None:
    headers = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
    request = Request("POST", "/", headers, f"{HEAD}&{form}".encode())
    decoded = codec_for(QUERY, "query").decode_request(QUERY, request)
    assert decoded.operation == "Do"
    expected = [] if rule is None else [(rule, path)]
    assert [(finding.rule, finding.path) for finding in decoded.findings] == expected
    assert decoded.document == document


def test_a_form_in_the_query_is_read_too_and_its_signature_is_no_member() -> None:
    request = Request("GET", f"/?{HEAD}&Name=a&X-Amz-Signature=s&AWSAccessKeyId=k&Timestamp=t")
    decoded = codec_for(QUERY, "query").decode_request(QUERY, request)
    assert (decoded.operation, decoded.document, decoded.findings) == ("Do", {"Name": "a"}, ())


@pytest.mark.parametrize(
    "form",
    ["", "Action=Do", "Version=2020-01-01", "Action=Do&Version=1999-01-01", "Action=&Version=2020-01-01"],
)
def test_an_operation_is_named_by_action_and_version(form: str) -> None:
    request = Request("POST", "/", (), form.encode())
    codec = codec_for(QUERY, "query")
    assert codec.operation_named(QUERY, request) is None
    assert codec.decode_request(QUERY, request).operation is None


def test_a_form_says_whose_version_it_has() -> None:
    codec = codec_for(QUERY, "query")
    assert codec.marks(Request("POST", "/", (), HEAD.encode())) == {"apiVersion": "2020-01-01"}
    assert codec.marks(Request("POST", "/", (), b"Version=2020-01-01")) == {}


@pytest.mark.parametrize("style", [QUERY_FORM, EC2_FORM])
def test_an_operation_that_nobody_knows_has_its_keys_for_members(style: FormStyle) -> None:
    findings: list[Any] = []
    pairs = read_form(b"a=1&b.c=2", findings)
    assert read_pairs(style, QUERY, None, pairs, findings) == {"a": "1", "b": {"c": "2"}}
    assert findings == []


def test_half_of_a_surrogate_pair_is_written_with_a_finding_for_the_reader() -> None:
    findings: list[Any] = []
    assert read_form(write_form([("a", "\ud800")]), findings) == (("a", "\ufffd\ufffd\ufffd"),)
    assert [finding.rule for finding in findings] == ["uri.form"]


def test_a_known_list_of_ec2_is_called_as_ec2_calls_it() -> None:
    service = load_service("ec2")
    codec = codec_for(service, "ec2")
    document = {"InstanceIds": ["i-1"], "Filters": [{"Name": "n", "Values": ["v"]}], "DryRun": False}
    request = codec.encode_request(service, service.operations["DescribeInstances"], document)
    assert request.body == (
        b"Action=DescribeInstances&Version=2016-11-15&InstanceId.1=i-1"
        b"&Filter.1.Name=n&Filter.1.Value.1=v&DryRun=false"
    )
