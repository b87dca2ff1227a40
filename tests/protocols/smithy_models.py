# SPDX-License-Identifier: Apache-2.0
"""Smithy's published JSON AST read as far as its event-stream cases need it: into a service of our own.

A reader of models is not tested here; this one exists so that the cases can be run.
"""

from __future__ import annotations

import functools
import gzip
import json
from typing import Any

from tests.shared_data import require

from aws_conformance.spec.botocore import parse_service
from aws_conformance.spec.shapes import Service

__all__ = ["smithy_ast", "smithy_service"]

_NUMBERS = {"byte": "integer", "short": "integer", "intEnum": "integer", "enum": "string"}
_PRELUDE = {
    "Blob": "blob",
    "Boolean": "boolean",
    "Byte": "integer",
    "Integer": "integer",
    "Long": "long",
    "Short": "integer",
    "String": "string",
    "Timestamp": "timestamp",
}
_FORMATS = {"date-time": "iso8601", "http-date": "rfc822", "epoch-seconds": "unixTimestamp"}


@functools.cache
def smithy_ast() -> dict[str, Any]:
    """The shapes of the published AST, by their absolute names."""
    with gzip.open(require("protocol-cases/smithy-ast.json.gz")) as file:
        shapes: dict[str, Any] = json.load(file)["shapes"]
    return shapes


def smithy_service(operations: tuple[str, ...], protocol: str) -> Service:
    """A service of these operations (absolute names), over one protocol."""
    return _Reader(protocol).service(operations)


class _Reader:
    def __init__(self, protocol: str) -> None:
        self._protocol = protocol
        self._shapes: dict[str, Any] = {}

    def service(self, operations: tuple[str, ...]) -> Service:
        raw = {
            "metadata": {"protocol": self._protocol, "apiVersion": "2019-12-16"},
            "operations": {name.partition("#")[2]: self._operation(name) for name in operations},
            "shapes": self._shapes,
        }
        return parse_service("smithy", raw)

    def _operation(self, name: str) -> dict[str, Any]:
        shape = smithy_ast()[name]
        http = shape["traits"]["smithy.api#http"]
        operation = {
            "http": {"method": http["method"], "requestUri": http["uri"]},
            "errors": [{"shape": self._shape(error["target"])} for error in shape.get("errors", ())],
        }
        for side in ("input", "output"):
            target = shape[side]["target"]
            if target != "smithy.api#Unit":
                operation[side] = {"shape": self._shape(target)}
        return operation

    def _shape(self, name: str) -> str:
        local = name.partition("#")[2]
        if local in self._shapes:
            return local
        if name.startswith("smithy.api#"):
            self._shapes[local] = {"type": _PRELUDE[local]}
            return local
        shape = smithy_ast()[name]
        traits = shape.get("traits", {})
        raw: dict[str, Any] = {"type": _NUMBERS.get(shape["type"], shape["type"])}
        self._shapes[local] = raw
        if shape["type"] in ("structure", "union"):
            raw["type"] = "structure"
            raw["union"] = shape["type"] == "union"
            raw["members"] = {key: self._member(key, member, raw) for key, member in shape["members"].items()}
            raw["required"] = [
                key
                for key, member in shape["members"].items()
                if "smithy.api#required" in member.get("traits", {})
            ]
        if shape["type"] == "union" and "smithy.api#streaming" in traits:
            raw |= {"eventstream": True, "union": False}
        if "smithy.api#error" in traits:
            raw["exception"] = True
        if "smithy.api#timestampFormat" in traits:
            raw["timestampFormat"] = _FORMATS[traits["smithy.api#timestampFormat"]]
        return local

    def _member(self, name: str, member: dict[str, Any], structure: dict[str, Any]) -> dict[str, Any]:
        traits = member.get("traits", {})
        raw: dict[str, Any] = {"shape": self._shape(member["target"])}
        if "smithy.api#eventHeader" in traits:
            raw["eventheader"] = True
        if "smithy.api#eventPayload" in traits:
            raw["eventpayload"] = True
        if "smithy.api#httpHeader" in traits:
            raw |= {"location": "header", "locationName": traits["smithy.api#httpHeader"]}
        if "smithy.api#httpPayload" in traits:
            structure["payload"] = name
        return raw
