# SPDX-License-Identifier: Apache-2.0
"""One fault in the bytes of a right answer is caught at its place, over json, rest-json and rpc-v2-cbor.

What catches it is the codec or the schema; the answer without the fault is clean. XML has a table of its own
(test_xml_faults.py).
"""

from __future__ import annotations

import functools
from typing import Any

import cbor2
import pytest

from aws_conformance.http import Response
from aws_conformance.protocols import codec_for
from aws_conformance.protocols.findings import Path
from aws_conformance.spec.botocore import parse_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema
from aws_conformance.spec.shapes import Service

SHAPES: dict[str, Any] = {
    "Output": {
        "type": "structure",
        "required": ["Name"],
        "members": {
            "Name": {"shape": "Text"},
            "Count": {"shape": "Whole"},
            "Big": {"shape": "Long"},
            "Ratio": {"shape": "Real"},
            "On": {"shape": "Flag"},
            "At": {"shape": "Time"},
            "Data": {"shape": "Bytes"},
            "Kind": {"shape": "Kinds"},
            "Inner": {"shape": "Pair"},
            "Names": {"shape": "Texts"},
            "Items": {"shape": "Pairs"},
            "Map": {"shape": "ByName"},
            "Choice": {"shape": "Either"},
        },
    },
    "Pair": {"type": "structure", "members": {"Value": {"shape": "Text"}, "Level": {"shape": "Whole"}}},
    "Either": {
        "type": "structure",
        "union": True,
        "members": {"A": {"shape": "Text"}, "B": {"shape": "Whole"}},
    },
    "Texts": {"type": "list", "member": {"shape": "Text"}},
    "Pairs": {"type": "list", "member": {"shape": "Pair"}},
    "ByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Whole"}},
    "Kinds": {"type": "string", "enum": ["x", "y"]},
    "Text": {"type": "string"},
    "Whole": {"type": "integer"},
    "Long": {"type": "long"},
    "Real": {"type": "double"},
    "Flag": {"type": "boolean"},
    "Time": {"type": "timestamp"},
    "Bytes": {"type": "blob"},
}
DOCUMENT: dict[str, Any] = {
    "Name": "name",
    "Count": 12,
    "Big": 13,
    "Ratio": 1.5,
    "On": True,
    "At": 1577934245,
    "Data": "AQI=",
    "Kind": "x",
    "Inner": {"Value": "v", "Level": 7},
    "Names": ["m", "n"],
    "Items": [{"Value": "w", "Level": 8}, {"Value": "u"}],
    "Map": {"key": 9},
    "Choice": {"A": "a"},
}


@functools.cache
def _service(protocol: str) -> Service:
    operation = {"http": {"method": "POST", "requestUri": "/do"}, "output": {"shape": "Output"}}
    metadata = {"protocol": protocol, "jsonVersion": "1.1", "targetPrefix": "Faults", "apiVersion": "1"}
    return parse_service("faults", {"metadata": metadata, "operations": {"Do": operation}, "shapes": SHAPES})


def _seen(protocol: str, body: bytes) -> set[Path]:
    """The places of all that the codec and the schema have to say of an answer with that body."""
    service = _service(protocol)
    operation, codec = service.operations["Do"], codec_for(service, protocol)
    right = codec.encode_response(service, operation, DOCUMENT)
    decoded = codec.decode_response(service, operation, Response(right.status, right.headers, body))
    places = {finding.path for finding in decoded.findings}
    if not decoded.readable:
        return places
    findings = compile_validator(side_schema(service, operation, "output", protocol)).findings(
        decoded.document
    )
    return places | {finding.path for finding in findings}


def _body(protocol: str) -> bytes:
    service = _service(protocol)
    return codec_for(service, protocol).encode_response(service, service.operations["Do"], DOCUMENT).body


# Part of the body and what stands in its place, and the place at which the fault is to be seen.
JSON_FAULTS: dict[str, tuple[bytes, bytes, Path]] = {
    "cut off": (b'"A":"a"}}', b'"A":"a"}', ()),
    "something behind": (b'"A":"a"}}', b'"A":"a"}}x', ()),
    "a second document": (b'"A":"a"}}', b'"A":"a"}}{}', ()),
    "a trailing comma": (b'"A":"a"}}', b'"A":"a"},}', ()),
    "a comment": (b'{"Name"', b'/* */{"Name"', ()),
    "single quotes": (b'"name"', b"'name'", ()),
    "a bare word": (b'"name"', b"name", ()),
    "a byte-order mark": (b'{"Name"', b'\xef\xbb\xbf{"Name"', ()),
    "no UTF-8": (b'"name"', b'"n\xe9"', ()),
    "half of a surrogate pair": (b'"name"', b'"\\ud800"', ("Name",)),
    "a control character": (b'"name"', b'"na\nme"', ()),
    "a list as the root": (b'{"Name"', b'[{"Name"', ()),
    "a member twice": (b'"Count":12', b'"Count":12,"Count":12', ("Count",)),
    "a key of a map twice": (b'"key":9', b'"key":9,"key":9', ("Map", "key")),
    "an unknown member": (b'"Count":12', b'"Count":12,"Total":1', ("Total",)),
    "another case": (b'"Count"', b'"count"', ("count",)),
    "a number as text": (b'"Count":12', b'"Count":"12"', ("Count",)),
    "a fraction": (b'"Count":12', b'"Count":12.5', ("Count",)),
    "a whole fraction": (b'"Count":12', b'"Count":12.0', ("Count",)),
    "an exponent": (b'"Count":12', b'"Count":12e0', ("Count",)),
    "a truth as a number": (b'"Count":12', b'"Count":true', ("Count",)),
    "beyond 32 bits": (b'"Count":12', b'"Count":2147483648', ("Count",)),
    "beyond 64 bits": (b'"Big":13', b'"Big":9223372036854775808', ("Big",)),
    "a real as text": (b'"Ratio":1.5', b'"Ratio":"1.5"', ("Ratio",)),
    "a bare NaN": (b'"Ratio":1.5', b'"Ratio":NaN', ("Ratio",)),
    "a small infinity": (b'"Ratio":1.5', b'"Ratio":"inf"', ("Ratio",)),
    "a truth as text": (b'"On":true', b'"On":"true"', ("On",)),
    "a digit for a truth": (b'"On":true', b'"On":1', ("On",)),
    "a date for epoch seconds": (b"1577934245", b'"2020-01-02T03:04:05Z"', ("At",)),
    "epoch seconds as text": (b"1577934245", b'"1577934245"', ("At",)),
    "base64 without padding": (b"AQI=", b"AQI", ("Data",)),
    "base64 of URLs": (b"AQI=", b"-_I=", ("Data",)),
    "bytes as a list": (b'"AQI="', b"[1,2]", ("Data",)),
    "an unknown value": (b'"Kind":"x"', b'"Kind":"X"', ("Kind",)),
    "a structure as text": (b'{"Value":"v","Level":7}', b'"v"', ("Inner",)),
    "a structure in a list": (b'{"Value":"v","Level":7}', b'[{"Value":"v"}]', ("Inner",)),
    "a wrong member within": (b'"Level":7', b'"Level":"7"', ("Inner", "Level")),
    "a list as text": (b'["m","n"]', b'"m,n"', ("Names",)),
    "a list as a map": (b'["m","n"]', b'{"0":"m"}', ("Names",)),
    "a number in a list": (b'["m","n"]', b'["m",1]', ("Names", 1)),
    "null in a list": (b'["m","n"]', b'["m",null]', ("Names", 1)),
    "deep in a list": (b'"Level":8', b'"Level":8.5', ("Items", 0, "Level")),
    "a map as a list": (b'{"key":9}', b'[{"key":"key","value":9}]', ("Map",)),
    "a wrong value of a map": (b'{"key":9}', b'{"key":"9"}', ("Map", "key")),
    "two members of a union": (b'{"A":"a"}', b'{"A":"a","B":1}', ("Choice",)),
    "a union of nothing": (b'{"A":"a"}', b"{}", ("Choice",)),
    "a required member that is absent": (b'"Name":"name",', b"", ("Name",)),
    "null for a required member": (b'"Name":"name"', b'"Name":null', ("Name",)),
}


def test_the_tables_have_at_least_twenty_five_faults() -> None:
    assert min(len(JSON_FAULTS), len(CBOR_FAULTS)) >= 25


@pytest.mark.parametrize("protocol", ["json", "rest-json", "smithy-rpc-v2-cbor"])
def test_the_answer_without_a_fault_is_clean(protocol: str) -> None:
    assert _seen(protocol, _body(protocol)) == set()


@pytest.mark.parametrize("fault", JSON_FAULTS)
@pytest.mark.parametrize("protocol", ["json", "rest-json"])
def test_a_fault_in_json_is_seen_at_its_place(protocol: str, fault: str) -> None:
    before, after, path = JSON_FAULTS[fault]
    body = _body(protocol)
    assert body.count(before) == 1
    assert path in _seen(protocol, body.replace(before, after))


def _item(name: str, value: Any) -> bytes:
    return cbor2.dumps(name) + cbor2.dumps(value)


def _typed(member: str, before: Any, after: Any) -> tuple[bytes, bytes, Path]:
    return _item(member, before), _item(member, after), (member,)


_AT = cbor2.dumps("At") + b"\xc1" + cbor2.dumps(1577934245)
_INNER = _item("Inner", {"Value": "v", "Level": 7})
# As above; the head of the map is 0xad: thirteen members.
CBOR_FAULTS: dict[str, tuple[bytes, bytes, Path]] = {
    "cut off": (_item("Choice", {"A": "a"}), _item("Choice", {"A": "a"})[:-1], ()),
    "something behind": (_item("Choice", {"A": "a"}), _item("Choice", {"A": "a"}) + b"\x00", ()),
    "a map that says more than it has": (b"\xad" + cbor2.dumps("Name"), b"\xae" + cbor2.dumps("Name"), ()),
    "a map that says less than it has": (b"\xad" + cbor2.dumps("Name"), b"\xac" + cbor2.dumps("Name"), ()),
    "an item that does not exist": (_item("On", True), cbor2.dumps("On") + b"\xfc", ()),
    "text that is no UTF-8": (cbor2.dumps("name"), b"\x64n\xff\xffe", ("Name",)),
    "a length in more bytes": (cbor2.dumps("name"), b"\x78\x04name", ("Name",)),
    "a number in more bytes": (_item("Count", 12), cbor2.dumps("Count") + b"\x18\x0c", ("Count",)),
    "a member twice": (_item("Big", 13), _item("Count", 12), ("Count",)),
    "an unknown member": (_item("Big", 13), _item("Total", 13), ("Total",)),
    "another case": (_item("Count", 12), _item("count", 12), ("count",)),
    "a key that is bytes": (cbor2.dumps("Count"), cbor2.dumps(b"Count"), ()),
    "a number as text": _typed("Count", 12, "12"),
    "a fraction": _typed("Count", 12, 12.5),
    "a truth as a number": _typed("Count", 12, True),
    "beyond 32 bits": _typed("Count", 12, 2**31),
    "beyond 64 bits": _typed("Big", 13, 2**63),
    "a big number with a tag": _typed("Big", 13, 2**70),
    "a real as text": _typed("Ratio", 1.5, "1.5"),
    "a truth as text": _typed("On", True, "true"),
    "a digit for a truth": _typed("On", True, 1),
    "a moment without its tag": (_AT, _item("At", 1577934245), ("At",)),
    "a moment as text": (_AT, _item("At", "2020-01-02T03:04:05Z"), ("At",)),
    "a moment of another tag": (
        _AT,
        cbor2.dumps("At") + b"\xc0" + cbor2.dumps("2020-01-02T03:04:05Z"),
        ("At",),
    ),
    "text for bytes": _typed("Data", b"\x01\x02", "AQI="),
    "bytes for text": _typed("Name", "name", b"name"),
    "an unknown value": _typed("Kind", "x", "X"),
    "a structure as text": (_INNER, _item("Inner", "v"), ("Inner",)),
    "a structure in a list": (_INNER, _item("Inner", [{"Value": "v"}]), ("Inner",)),
    "a wrong member within": (_item("Level", 7), _item("Level", "7"), ("Inner", "Level")),
    "a list as a map": _typed("Names", ["m", "n"], {"0": "m"}),
    "a number in a list": (_item("Names", ["m", "n"]), _item("Names", ["m", 1]), ("Names", 1)),
    "null in a list": (_item("Names", ["m", "n"]), _item("Names", ["m", None]), ("Names", 1)),
    "deep in a list": (_item("Level", 8), _item("Level", "8"), ("Items", 0, "Level")),
    "a map as a list": _typed("Map", {"key": 9}, [9]),
    "a wrong value of a map": (_item("Map", {"key": 9}), _item("Map", {"key": "9"}), ("Map", "key")),
    "two members of a union": _typed("Choice", {"A": "a"}, {"A": "a", "B": 1}),
    "a union of nothing": _typed("Choice", {"A": "a"}, {}),
    "null for a required member": _typed("Name", "name", None),
    "a required member that is absent": (_item("Name", "name"), _item("Names", []), ("Name",)),
}


@pytest.mark.parametrize("fault", CBOR_FAULTS)
def test_a_fault_in_cbor_is_seen_at_its_place(fault: str) -> None:
    before, after, path = CBOR_FAULTS[fault]
    body = _body("smithy-rpc-v2-cbor")
    assert body.count(before) == 1
    assert path in _seen("smithy-rpc-v2-cbor", body.replace(before, after))
