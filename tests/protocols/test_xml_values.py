# SPDX-License-Identifier: Apache-2.0
"""What is found in XML that a strict client would not read, by place and rule, with a small model."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aws_conformance.checks import CATALOGUE, Validators, interpret
from aws_conformance.http import Request, Response
from aws_conformance.protocols import Decoded, DecodedError, codec_for
from aws_conformance.spec.botocore import load_service, parse_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Service

SHAPES: dict[str, Any] = {
    "Output": {
        "type": "structure",
        "members": {
            "Name": {"shape": "Text"},
            "Renamed": {"shape": "Text", "locationName": "other"},
            "Count": {"shape": "Number"},
            "Ratio": {"shape": "Ratio"},
            "On": {"shape": "Flag"},
            "At": {"shape": "Time"},
            "Epoch": {"shape": "Time", "timestampFormat": "unixTimestamp"},
            "Data": {"shape": "Bytes"},
            "Inner": {"shape": "Inner"},
            "Names": {"shape": "Names"},
            "Items": {"shape": "Items"},
            "Flat": {"shape": "Names", "flattened": True},
            "FlatItems": {"shape": "Items", "flattened": True, "locationName": "FlatItem"},
            "Lists": {"shape": "Lists"},
            "Map": {"shape": "Map"},
            "FlatMap": {"shape": "Map", "flattened": True},
            "Spaced": {"shape": "Text", "xmlNamespace": "urn:own"},
        },
    },
    "Inner": {
        "type": "structure",
        "members": {"Value": {"shape": "Text"}, "Kind": {"shape": "Text", "xmlAttribute": True}},
    },
    "Names": {"type": "list", "member": {"shape": "Text"}},
    "Items": {"type": "list", "member": {"shape": "Inner", "locationName": "item"}},
    "Lists": {"type": "list", "member": {"shape": "Names"}},
    "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Inner"}},
    "Text": {"type": "string"},
    "Number": {"type": "integer"},
    "Ratio": {"type": "double"},
    "Flag": {"type": "boolean"},
    "Time": {"type": "timestamp"},
    "Bytes": {"type": "blob"},
}


def model(protocol: str, **metadata: Any) -> Service:
    return parse_service(
        "mini",
        {
            "metadata": {"protocol": protocol, "apiVersion": "2020-01-01", **metadata},
            "operations": {
                "Do": {
                    "name": "Do",
                    "http": {"method": "POST", "requestUri": "/do"},
                    "input": {"shape": "Output", "locationName": "DoRequest"},
                    "output": {"shape": "Output"},
                    "errors": [{"shape": "Broken"}],
                },
                "Head": {"name": "Head", "http": {"method": "HEAD", "requestUri": "/head"}},
                "Rest": {"name": "Rest", "http": {"method": "POST", "requestUri": "/rest"}},
            },
            "shapes": {
                **SHAPES,
                "Broken": {
                    "type": "structure",
                    "members": {"message": {"shape": "Text"}, "Detail": {"shape": "Inner"}},
                    "exception": True,
                },
            },
        },
    )


QUERY = model("query", xmlNamespace="urn:query")
EC2 = model("ec2", xmlNamespace="urn:ec2")
REST = model("rest-xml")
S3 = model("rest-xml", serviceId="S3")


def read(content: str) -> Decoded:
    """What an output with that content is, over rest-xml."""
    response = Response(200, (("Content-Type", "application/xml"),), f"<Output>{content}</Output>".encode())
    return codec_for(REST, "rest-xml").decode_response(REST, REST.operations["Do"], response)


@pytest.mark.parametrize(
    ("content", "document"),
    [
        ("", {}),
        ("<Name>a</Name><other>b</other>", {"Name": "a", "Renamed": "b"}),
        ("<Name/>", {"Name": ""}),
        ("<Name> a </Name>", {"Name": " a "}),
        ("<Count>-7</Count><Ratio>1e3</Ratio><On>true</On>", {"Count": -7, "Ratio": 1000.0, "On": True}),
        ("<Count>+7</Count>", {"Count": "+7"}),
        ("<Count> 7</Count>", {"Count": " 7"}),
        ("<Count>7.0</Count>", {"Count": "7.0"}),
        ("<Count>1_0</Count>", {"Count": "1_0"}),
        ("<On>True</On>", {"On": "True"}),
        ("<On>1</On>", {"On": "1"}),
        ("<Ratio>NaN</Ratio>", {"Ratio": "NaN"}),
        ("<At>2020-01-02T03:04:05Z</At><Epoch>1.5</Epoch>", {"At": "2020-01-02T03:04:05Z", "Epoch": 1.5}),
        ("<Data>AQI=</Data>", {"Data": "AQI="}),
        ('<Inner Kind="k"><Value>v</Value></Inner>', {"Inner": {"Kind": "k", "Value": "v"}}),
        ("<Inner/>", {"Inner": {}}),
        ("<Names/><Map> </Map>", {"Names": [], "Map": {}}),
        ("<Names><member>a</member><member/></Names>", {"Names": ["a", ""]}),
        ("<Items><item><Value>a</Value></item><item/></Items>", {"Items": [{"Value": "a"}, {}]}),
        ("<Flat>a</Flat><Name>n</Name><Flat>b</Flat>", {"Flat": ["a", "b"], "Name": "n"}),
        ("<FlatItem><Value>a</Value></FlatItem>", {"FlatItems": [{"Value": "a"}]}),
        (
            "<Lists><member><member>a</member></member><member/></Lists>",
            {"Lists": [["a"], []]},
        ),
        (
            "<Map><entry><key>k</key><value><Value>a</Value></value></entry></Map>",
            {"Map": {"k": {"Value": "a"}}},
        ),
        ("<FlatMap><value/><key>k</key></FlatMap>", {"FlatMap": {"k": {}}}),
        ('<Spaced xmlns="urn:own">a</Spaced>', {"Spaced": "a"}),
        ('<Name xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>', {"Name": ""}),
        # Left as it is, for the schema to tell of.
        ("<Unknown>a</Unknown>", {"Unknown": "a"}),
        ("<Unknown><b>1</b></Unknown><Unknown/>", {"Unknown": [{"b": "1"}, ""]}),
        ("<Name><b>1</b></Name>", {"Name": {"b": "1"}}),
        (
            "<Inner>text</Inner><Names>text</Names><Map>text</Map>",
            dict.fromkeys(("Inner", "Names", "Map"), "text"),
        ),
    ],
)
def test_what_is_well_formed_is_read_without_a_finding(content: str, document: dict[str, Any]) -> None:
    decoded = read(content)
    assert decoded.findings == ()
    # As text: a boolean is no number that equals it.
    assert json.dumps(decoded.document, sort_keys=True) == json.dumps(document, sort_keys=True)


@pytest.mark.parametrize(
    ("content", "rule", "path", "document"),
    [
        ("<Name>a</Name><Name>b</Name>", "body.duplicate-key", ("Name",), {"Name": "a"}),
        ("<Renamed>a</Renamed>", "member.place", ("Renamed",), {}),
        ("<Inner><Kind>k</Kind></Inner>", "member.place", ("Inner", "Kind"), {"Inner": {}}),
        ("<Names>a</Names><Names>b</Names>", "xml.nesting", ("Names",), {"Names": ["a", "b"]}),
        ("<Items><Value>a</Value></Items>", "xml.nesting", ("Items",), {"Items": [{"Value": "a"}]}),
        ("<Flat><member>a</member></Flat>", "xml.nesting", ("Flat",), {"Flat": ["a"]}),
        (
            "<FlatItem><item><Value>a</Value></item></FlatItem>",
            "xml.nesting",
            ("FlatItems",),
            {"FlatItems": [{"Value": "a"}]},
        ),
        ("<Map><key>k</key><value/></Map>", "xml.nesting", ("Map",), {"Map": {"k": {}}}),
        (
            "<FlatMap><entry><key>k</key><value/></entry></FlatMap>",
            "xml.nesting",
            ("FlatMap",),
            {"FlatMap": {"k": {}}},
        ),
        ("<Names><item>a</item><item>b</item></Names>", "xml.element", ("Names",), {"Names": ["a", "b"]}),
        ("<Items><member/></Items>", "xml.element", ("Items",), {"Items": [{}]}),
        (
            "<Map><item><key>k</key><value/></item></Map>",
            "xml.element",
            ("Map",),
            {"Map": {"k": {}}},
        ),
        ("<Map><entry><Key>k</Key><Value/></entry></Map>", "xml.element", ("Map",), {"Map": {"k": {}}}),
        ("<Map><entry><key>k</key></entry></Map>", "xml.element", ("Map",), {"Map": {}}),
        (
            "<FlatMap><key>k</key><value/></FlatMap><FlatMap><key>k</key><value/></FlatMap>",
            "body.duplicate-key",
            ("FlatMap", "k"),
            {"FlatMap": {"k": {}}},
        ),
        ("stray<Name>a</Name>", "xml.stray", (), {"Name": "a"}),
        ("<Names>stray<member>a</member></Names>", "xml.stray", ("Names",), {"Names": ["a"]}),
        ('<Name lang="en">a</Name>', "xml.stray", ("Name",), {"Name": "a"}),
        ('<Inner Other="k"/>', "xml.stray", ("Inner",), {"Inner": {}}),
        ('<Name xmlns="urn:other">a</Name>', "xml.namespace", ("Name",), {"Name": "a"}),
        ("<Spaced>a</Spaced>", "xml.namespace", ("Spaced",), {"Spaced": "a"}),
        (
            '<Names><member xmlns="urn:other">a</member></Names>',
            "xml.namespace",
            ("Names",),
            {"Names": ["a"]},
        ),
    ],
)
def test_what_a_strict_client_would_not_read_has_a_finding_at_its_place(
    content: str, rule: str, path: tuple[str, ...], document: dict[str, Any]
) -> None:
    decoded = read(content)
    assert [(finding.rule, finding.path) for finding in decoded.findings] == [(rule, path)]
    assert decoded.document == document


@pytest.mark.parametrize(
    ("service", "body", "rules"),
    [
        (QUERY, '<DoResponse xmlns="urn:query"><DoResult><Name>a</Name></DoResult></DoResponse>', []),
        (
            QUERY,
            '<q:DoResponse xmlns:q="urn:query"><q:DoResult><q:Name>a</q:Name></q:DoResult></q:DoResponse>',
            [],
        ),
        (QUERY, '<DoResponse xmlns="urn:query"><Name>a</Name></DoResponse>', ["xml.wrapper"]),
        (
            QUERY,
            '<DoResponse xmlns="urn:query"><DoResult><Name>a</Name></DoResult><More/></DoResponse>',
            ["xml.wrapper"],
        ),
        (QUERY, '<Response xmlns="urn:query"><DoResult><Name>a</Name></DoResult></Response>', ["body.root"]),
        (QUERY, "<DoResponse><DoResult><Name>a</Name></DoResult></DoResponse>", ["xml.namespace"]),
        (
            QUERY,
            '<DoResponse xmlns="urn:q"><DoResult><Name>a</Name></DoResult></DoResponse>',
            ["xml.namespace"],
        ),
        (
            QUERY,
            '<DoResponse xmlns="urn:query">text<DoResult><Name>a</Name></DoResult></DoResponse>',
            ["xml.stray"],
        ),
        (EC2, '<DoResponse xmlns="urn:ec2"><requestId>r</requestId><Name>a</Name></DoResponse>', []),
        (EC2, '<Do xmlns="urn:ec2"><requestId>r</requestId><Name>a</Name></Do>', ["body.root"]),
        (EC2, "<DoResponse><Name>a</Name></DoResponse>", ["xml.namespace"]),
        (REST, "<Output><Name>a</Name></Output>", []),
        (REST, '<Output xmlns="urn:own"><Name>a</Name></Output>', []),
        (REST, '<Output xmlns="urn:any"><Name>a</Name></Output>', ["xml.namespace"]),
        (REST, "<Anything><Name>a</Name></Anything>", ["body.root"]),
        (S3, "<Anything><Name>a</Name></Anything>", []),
        (S3, "<Error><Name>a</Name></Error>", ["body.root"]),
        (REST, "<Error><Name>a</Name></Error>", ["body.root"]),
    ],
)
def test_envelopes(service: Service, body: str, rules: list[str]) -> None:
    (protocol,) = service.protocols
    response = Response(200, (("Content-Type", "text/xml"),), body.encode())
    decoded = codec_for(service, protocol).decode_response(service, service.operations["Do"], response)
    assert [finding.rule for finding in decoded.findings] == rules
    assert decoded.document == {"Name": "a"}


@pytest.mark.parametrize("service", [QUERY, EC2, REST], ids=lambda service: service.protocols[0])
class TestEveryProtocol:
    """What holds for query, ec2 and rest-xml alike."""

    def test_a_wrong_content_type_is_a_finding(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        operation = service.operations["Do"]
        response = codec.encode_response(service, operation, {"Name": "a"})
        for headers in ((), (("Content-Type", "application/json"),)):
            decoded = codec.decode_response(service, operation, Response(200, headers, response.body))
            assert [finding.rule for finding in decoded.findings] == ["content-type"]

    def test_an_operation_without_output_has_nothing_to_say(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        operation = service.operations["Rest"]
        assert codec.decode_response(service, operation, Response(200)).findings == ()
        response = codec.encode_response(service, operation, {})
        decoded = codec.decode_response(service, operation, response)
        assert (decoded.document, decoded.findings) == ({}, ())

    @pytest.mark.parametrize("body", [b"", b"{}", b"<DoResponse>", b"<!DOCTYPE a><a/>", b"\xff"])
    def test_whatever_a_target_sends_is_no_exception(self, service: Service, body: bytes) -> None:
        codec = codec_for(service, service.protocols[0])
        response = Response(200, (("Content-Type", "text/xml"),), body)
        decoded = codec.decode_response(service, service.operations["Do"], response)
        assert decoded.readable is (body == b"" and service is REST)
        error = codec.decode_error(service, Response(400, (("Content-Type", "text/xml"),), body))
        assert error.readable is (body == b"" and service is REST)

    @pytest.mark.parametrize(
        "document",
        [
            None,
            [],
            "text",
            {"Name": {"a": [1, None]}, "Count": "x", "Inner": [1], "Names": {"a": 1}, "Map": [1], "Flat": 3},
            {"Unknown": {"a": 1}, "a b": None, "Name": None, "Names": [None, {"x": 1}], "Map": {"": None}},
            {"Name": "\x00\ud800", "Data": 1, "At": True, "On": "maybe", "Ratio": float("inf")},
            {"Inner": {"Inner": {}, "Kind": ["x"]}, "Lists": [[["deep"]], "x", None]},
        ],
    )
    def test_whatever_a_document_is_it_is_written(self, service: Service, document: Any) -> None:
        codec = codec_for(service, service.protocols[0])
        operation = service.operations["Do"]
        request = codec.encode_request(service, operation, document)
        assert codec.decode_request(service, request).operation == "Do"
        codec.decode_response(service, operation, codec.encode_response(service, operation, document))

    @pytest.mark.parametrize(
        ("document", "path"),
        [
            ({"Count": "x"}, "Count"),
            ({"On": "yes"}, "On"),
            ({"Names": "text"}, "Names"),
            ({"Inner": "text"}, "Inner"),
            ({"Map": "text"}, "Map"),
            ({"Count": 1.5}, "Count"),
            ({"Unknown": "u"}, "Unknown"),
        ],
    )
    def test_a_wrong_type_is_still_wrong_on_the_servers_side(
        self, service: Service, document: dict[str, Any], path: str
    ) -> None:
        codec = codec_for(service, service.protocols[0])
        request = codec.encode_request(service, service.operations["Do"], document)
        decoded = codec.decode_request(service, request)
        assert decoded.findings == ()
        expected = document[path] if isinstance(document[path], str) else str(document[path])
        assert decoded.document == {path: expected}

    def test_an_error_travels(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        members = {"message": "no & never", "Detail": {"Value": "v", "Kind": "k"}}
        response = codec.encode_error(service, "Broken", members, 400)
        error = codec.decode_error(service, response)
        assert (error.code, error.message, error.message_key) == ("Broken", "no & never", "message")
        assert dict(error.document) == members
        assert error.findings == ()
        assert error.source in codec.error_place.sources

    def test_malformations_spoil_a_request(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        request = codec.encode_request(service, service.operations["Do"], {"Name": "a"})
        right = codec.decode_request(service, request)
        assert (right.operation, right.findings, right.readable) == ("Do", (), True)
        for malformation in codec.malformations:
            spoilt = malformation.apply(request)
            assert spoilt is not None
            if malformation.keyword == "checksum":
                # What it says is as it was; that it is not of these bytes is for the server to see.
                assert spoilt.headers != request.headers
                continue
            read = codec.decode_request(service, spoilt)
            assert (read.operation, read.findings, read.readable) != ("Do", (), True), malformation.name
            if malformation.keyword == "target":
                assert read.operation not in service.operations

    def test_an_invented_operation_is_nobodys(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        request = codec.encode_request(service, service.operations["Do"], {"Name": "a"})
        invented = codec.invented(service, service.operations["Do"], request)
        assert invented is not None
        assert codec.operation_named(service, invented[1]) not in service.operations

    def test_identity_is_what_a_request_says(self, service: Service) -> None:
        codec = codec_for(service, service.protocols[0])
        first, again, other = (
            codec.encode_request(service, service.operations["Do"], document)
            for document in ({"Name": "a", "Count": 1}, {"Count": 1, "Name": "a"}, {"Name": "b", "Count": 1})
        )
        assert codec.identity(first) == codec.identity(again) != codec.identity(other)


@pytest.mark.parametrize(
    ("service", "body"),
    [
        (QUERY, "<Error><Code>Broken</Code><Message>m</Message></Error>"),
        (QUERY, "<Response><Errors><Error><Code>Broken</Code></Error></Errors></Response>"),
        (EC2, "<ErrorResponse><Error><Code>Broken</Code></Error></ErrorResponse>"),
        (REST, "<Error><Code>Broken</Code></Error>"),
    ],
)
def test_an_error_in_another_protocols_envelope_is_read_with_a_finding(service: Service, body: str) -> None:
    (protocol,) = service.protocols
    response = Response(400, (("Content-Type", "text/xml"),), body.encode())
    error = codec_for(service, protocol).decode_error(service, response)
    assert error.code == "Broken"
    assert [finding.rule for finding in error.findings] == ["xml.wrapper"]


def test_an_error_without_an_envelope_has_no_code() -> None:
    response = Response(400, (("Content-Type", "text/xml"),), b"<Fault><Code>Broken</Code></Fault>")
    error = codec_for(QUERY, "query").decode_error(QUERY, response)
    assert (error.code, error.readable) == (None, True)
    assert [finding.rule for finding in error.findings] == ["xml.wrapper"]


def test_an_error_text_under_another_case_is_a_finding() -> None:
    body = b"<ErrorResponse><Error><Code>Broken</Code><message>m</message></Error></ErrorResponse>"
    error = codec_for(QUERY, "query").decode_error(
        QUERY, Response(400, (("Content-Type", "text/xml"),), body)
    )
    assert (error.code, error.message) == ("Broken", "m")
    assert [(finding.rule, finding.path) for finding in error.findings] == [("member.place", ("message",))]


def test_s3_has_errors_of_its_own() -> None:
    service, codec = S3, codec_for(S3, "rest-xml")
    body = (
        b"<Error><Code>Broken</Code><Message>m</Message><BucketName>b</BucketName><HostId>h</HostId></Error>"
    )
    error = codec.decode_error(service, Response(404, (("Content-Type", "application/xml"),), body))
    assert (error.code, error.message, dict(error.document)) == ("Broken", "m", {"message": "m"})
    assert error.findings == ()
    wrapped = b"<ErrorResponse>" + body + b"</ErrorResponse>"
    error = codec.decode_error(service, Response(404, (("Content-Type", "application/xml"),), wrapped))
    assert [finding.rule for finding in error.findings] == ["xml.wrapper"]


@pytest.mark.parametrize(
    ("operation", "status", "breaches"), [("Head", 404, []), ("Do", 304, []), ("Do", 404, ["no body"])]
)
def test_only_an_answer_to_head_may_leave_the_code_to_its_status(
    operation: str, status: int, breaches: list[str]
) -> None:
    codec = codec_for(REST, "rest-xml")
    schema = side_schema(REST, REST.operations[operation], "output", "rest-xml")
    validators = Validators(compile_validator(schema), lambda _: None)
    answer = interpret(REST, REST.operations[operation], codec, validators, Response(status))
    assert [breach.got for breach in CATALOGUE["error.envelope.type"].run(answer)] == breaches


@pytest.mark.parametrize(("status", "code"), [(404, "NotFound"), (412, "PreconditionFailed"), (599, None)])
def test_an_error_without_a_body_has_the_code_of_its_status(status: int, code: str | None) -> None:
    error = codec_for(REST, "rest-xml").decode_error(REST, Response(status))
    assert (error.code, error.findings) == (code, ())


def test_a_bucket_location_is_the_root_itself() -> None:
    service = load_service("s3")
    codec, operation = codec_for(service, "rest-xml"), service.operations["GetBucketLocation"]
    head = (("Content-Type", "application/xml"),)
    body = (
        b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>'
    )
    decoded = codec.decode_response(service, operation, Response(200, head, body))
    assert (decoded.document, decoded.findings) == ({"LocationConstraint": "eu-west-1"}, ())
    empty = codec.decode_response(service, operation, Response(200, head, b"<LocationConstraint/>"))
    assert (empty.document, empty.findings) == ({}, ())
    document = {"LocationConstraint": "eu-west-1"}
    again = codec.decode_response(service, operation, codec.encode_response(service, operation, document))
    assert (again.document, again.findings) == (document, ())


def test_a_path_behind_a_greedy_label_goes_before_the_label_alone() -> None:
    service = load_service("s3control")
    request = Request("GET", "/v20180820/mrap/instances/a/b/policy")
    assert (
        codec_for(service, "rest-xml").operation_named(service, request) == "GetMultiRegionAccessPointPolicy"
    )


@pytest.mark.parametrize(
    ("service", "status", "body"),
    [
        (
            QUERY,
            200,
            (
                '<DoResponse xmlns="urn:query"><DoResult/><ResponseMetadata><RequestId>r-1</RequestId>'
                "</ResponseMetadata></DoResponse>"
            ),
        ),
        (
            QUERY,
            400,
            "<ErrorResponse><Error><Code>C</Code></Error><RequestId>r-1</RequestId></ErrorResponse>",
        ),
        (EC2, 200, '<DoResponse xmlns="urn:ec2"><requestId>r-1</requestId></DoResponse>'),
        (
            EC2,
            400,
            "<Response><Errors><Error><Code>C</Code></Error></Errors><RequestID>r-1</RequestID></Response>",
        ),
        (REST, 400, "<ErrorResponse><Error><Code>C</Code></Error><RequestId>r-1</RequestId></ErrorResponse>"),
        (
            S3,
            400,
            "<Error><Code>C</Code><RequestId>r-1</RequestId></Error>",
        ),
    ],
)
def test_a_request_id_in_the_body_is_one(service: Service, status: int, body: str) -> None:
    (protocol,) = service.protocols
    codec, operation = codec_for(service, protocol), service.operations["Do"]

    def request_id(content: str) -> tuple[str | None, list[str]]:
        response = Response(status, (("Content-Type", "text/xml"),), content.encode())
        decoded: Decoded | DecodedError = (
            codec.decode_response(service, operation, response)
            if status == 200
            else codec.decode_error(service, response)
        )
        schema = side_schema(service, operation, "output", protocol)
        validators = Validators(compile_validator(schema), lambda _: None)
        answer = interpret(service, operation, codec, validators, response)
        breaches = list(CATALOGUE["response.request-id"].run(answer))
        return decoded.request_id, [breach.got for breach in breaches]

    assert request_id(body) == ("r-1", [])
    assert request_id(body.replace("r-1", "")) == (None, ["none"])


@pytest.mark.parametrize("shown", ["/hostedzone/Z1ABC", "Z1ABC"])
def test_route_53_takes_what_it_shows_without_its_kind(shown: str) -> None:
    """CreateHostedZone shows `/hostedzone/Z1ABC`; no client sends that back as it is."""
    service = load_service("route53")
    operation = service.operations["GetHostedZone"]
    protocol = codec_for(service, "rest-xml")
    request = protocol.encode_request(service, operation, {"Id": shown})
    assert request.path == "/2013-04-01/hostedzone/Z1ABC"
