# SPDX-License-Identifier: Apache-2.0
"""One fault in the bytes of a right answer is caught at its place, over query, ec2 and rest-xml.

What catches it is the codec or the schema; the answer without the fault is clean.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.protocols.test_xml_values import EC2, QUERY, REST

from aws_conformance.http import Response
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.findings import Path
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Service

DOCUMENT: dict[str, Any] = {
    "Name": "a & b",
    "Renamed": "r",
    "Count": 12,
    "Ratio": 1.5,
    "On": True,
    "At": "2020-01-02T03:04:05Z",
    "Epoch": 1577934245,
    "Data": "AQI=",
    "Inner": {"Value": "v", "Kind": "k"},
    "Names": ["m", "n"],
    "Items": [{"Value": "v1", "Kind": "k"}, {"Value": "v2"}],
    "Flat": ["f", "g"],
    "FlatItems": [{"Value": "v3"}],
    "Lists": [["x"], ["y", "z"]],
    "Map": {"key1": {"Value": "v4"}},
    "FlatMap": {"key2": {"Value": "v5"}},
    "Spaced": "s",
}

# Pattern and replacement, and the place at which the fault is to be seen.
FAULTS: dict[str, tuple[str, str, Path]] = {
    "cut off": (r"</\w+>$", "", ()),
    "a document type": (r"^", "<!DOCTYPE a>", ()),
    "another encoding": (r"^", '<?xml version="1.0" encoding="ISO-8859-1"?>', ()),
    "a character that XML lacks": ("a &amp; b", "a &#1; b", ()),
    "a bare ampersand": ("a &amp; b", "a & b", ()),
    "a prefix that is not declared": (r"(</?)Name>", r"\1p:Name>", ()),
    "the root": (r"^<(?:Do|Output)(\w*)(.*)</\w+>$", r"<Undo\1\2</Undo\1>", ()),
    "text between members": (r"</Name>", "</Name>text", ()),
    "an attribute": (r"<Name>", '<Name lang="en">', ("Name",)),
    "an attribute of a structure": (r"<Inner ", '<Inner Other="o" ', ("Inner",)),
    "a namespace": (r"<Name>", '<Name xmlns="urn:other">', ("Name",)),
    "a missing namespace": (r"<Spaced [^>]*>", "<Spaced>", ("Spaced",)),
    "a member twice": (r"(<Count>12</Count>)", r"\1\1", ("Count",)),
    "an unknown member": (r"<Count>12</Count>", "<Count>12</Count><Total>3</Total>", ("Total",)),
    "another case": (r"Count>", "count>", ("count",)),
    "the model's name": (r"other>", "Renamed>", ("Renamed",)),
    "a nested text": (r"<Name>(.*?)</Name>", r"<Name><value>\1</value></Name>", ("Name",)),
    "a plus sign": ("<Count>12<", "<Count>+12<", ("Count",)),
    "a blank before a number": ("<Count>12<", "<Count> 12<", ("Count",)),
    "a blank behind a number": ("<Count>12<", "<Count>12 <", ("Count",)),
    "a leading zero": ("<Count>12<", "<Count>012<", ("Count",)),
    "a fraction": ("<Count>12<", "<Count>12.0<", ("Count",)),
    "an underscore": ("<Count>12<", "<Count>1_2<", ("Count",)),
    "other digits": ("<Count>12<", "<Count>١٢<", ("Count",)),
    "a number beyond 32 bits": ("<Count>12<", "<Count>2147483648<", ("Count",)),
    "an empty number": ("<Count>12</Count>", "<Count/>", ("Count",)),
    "a hexadecimal number": ("<Ratio>1.5<", "<Ratio>0x1p1<", ("Ratio",)),
    "a small infinity": ("<Ratio>1.5<", "<Ratio>inf<", ("Ratio",)),
    "a capital truth": ("<On>true<", "<On>True<", ("On",)),
    "a truth as a digit": ("<On>true<", "<On>1<", ("On",)),
    "epoch seconds for a date": (r"<At>[^<]*<", "<At>1577934245<", ("At",)),
    "a date for epoch seconds": (r"<Epoch>[^<]*<", "<Epoch>2020-01-02T03:04:05Z<", ("Epoch",)),
    "a blank in a date": ("-02T03", "-02 03", ("At",)),
    "no zone": ("03:04:05Z", "03:04:05", ("At",)),
    "30 February": ("2020-01-02T", "2020-02-30T", ("At",)),
    "base64 without padding": ("AQI=", "AQI", ("Data",)),
    "base64 of URLs": ("AQI=", "-_I=", ("Data",)),
    "an attribute as an element": (r'<Inner Kind="k">', "<Inner><Kind>k</Kind>", ("Inner", "Kind")),
    "other element names": (r"(</?)member>", r"\1item>", ("Names",)),
    "a flat list": (
        "<Names><member>m</member><member>n</member></Names>",
        "<Names>m</Names><Names>n</Names>",
        ("Names",),
    ),
    "a flat list of structures": (
        r"<Items><item Kind=\"k\">(.*?)</item>.*</Items>",
        r"<Items>\1</Items>",
        ("Items",),
    ),
    "a nested list for a flat one": (
        "<Flat>f</Flat><Flat>g</Flat>",
        "<Flat><member>f</member><member>g</member></Flat>",
        ("Flat",),
    ),
    "a flat map": (r"<Map><entry>(.*?)</entry></Map>", r"<Map>\1</Map>", ("Map",)),
    "a nested map for a flat one": (
        r"<FlatMap>(.*?)</FlatMap>",
        r"<FlatMap><entry>\1</entry></FlatMap>",
        ("FlatMap",),
    ),
    "other names of entries": (r"(</?)entry>", r"\1item>", ("Map",)),
    "other names of keys": (r"<key>key1</key>", "<Key>key1</Key>", ("Map",)),
    "an entry without a value": (
        r"<key>key1</key><value>.*?</value></entry>",
        "<key>key1</key></entry>",
        ("Map",),
    ),
    "a key twice": (r"(<FlatMap>.*?</FlatMap>)", r"\1\1", ("FlatMap", "key2")),
    "a key with an element": (r"<key>key1</key>", "<key><b>key1</b></key>", ("Map",)),
}


def _problems(service: Service, body: bytes) -> set[Path]:
    """The places at which something is wrong with an answer of that body."""
    (protocol,) = service.protocols
    operation = service.operations["Do"]
    response = Response(200, (("Content-Type", "text/xml"),), body)
    decoded = codec_for(service, protocol).decode_response(service, operation, response)
    places = {finding.path for finding in decoded.findings}
    if decoded.readable:
        validator = compile_validator(side_schema(service, operation, "output", protocol))
        places |= {finding.path for finding in validator.findings(decoded.document)}
    return places


def _answer(service: Service) -> bytes:
    (protocol,) = service.protocols
    codec = codec_for(service, protocol)
    return codec.encode_response(service, service.operations["Do"], DOCUMENT).body


@pytest.mark.parametrize("service", [QUERY, EC2, REST], ids=lambda service: service.protocols[0])
class TestFaults:
    """Each fault in each protocol's answer."""

    def test_the_answer_without_a_fault_is_clean(self, service: Service) -> None:
        assert _problems(service, _answer(service)) == set()

    @pytest.mark.parametrize("name", FAULTS)
    def test_a_fault_is_seen_at_its_place(self, service: Service, name: str) -> None:
        pattern, replacement, place = FAULTS[name]
        body = _answer(service).decode()
        spoilt = re.sub(pattern, replacement, body)
        assert spoilt != body
        assert _problems(service, spoilt.encode()) & {place, (*place, 0)}


@pytest.mark.parametrize(
    ("service", "pattern", "replacement"),
    [
        (QUERY, r"</?DoResult>", ""),
        (QUERY, r"DoResult>", "Result>"),
        (QUERY, r"(<DoResult>.*</DoResult>)", r"\1\1"),
        (QUERY, r"<RequestId>(.*)</RequestId>", r"<RequestId><id>\1</id></RequestId>"),
        (QUERY, r"RequestId>", "requestId>"),
        (QUERY, r"(<ResponseMetadata>.*</ResponseMetadata>)", r"\1\1"),
        (QUERY, r"<ResponseMetadata>", '<ResponseMetadata a="b">'),
        (QUERY, r" xmlns=\"urn:query\"", ""),
        (EC2, r" xmlns=\"urn:ec2\"", ' xmlns="urn:ec3"'),
        (EC2, r"requestId>", "RequestId>"),
        (EC2, r"(<requestId>.*</requestId>)", r"\1\1"),
        (EC2, r"<requestId>", '<requestId xmlns="urn:other">'),
        (REST, r"Output>", "Error>"),
    ],
)
def test_a_fault_in_an_envelope_is_seen(service: Service, pattern: str, replacement: str) -> None:
    body = _answer(service).decode()
    spoilt = re.sub(pattern, replacement, body)
    assert spoilt != body
    assert _problems(service, spoilt.encode())
