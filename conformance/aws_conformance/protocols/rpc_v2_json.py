# SPDX-License-Identifier: Apache-2.0
"""Smithy RPC v2 JSON: RPC v2 with JSON in both directions.

It owns the language of its bodies: JSON in which numbers without bounds are texts. It refuses to know what is
around them (rpc_v2.py). No service of botocore speaks it yet; models in Smithy's form may.

Source: Smithy's rpcv2Json specification and its protocol tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from ..spec.shapes import FloatShape, IntegerShape, ListShape, MapShape, Service, StructureShape
from .findings import Decoded, Finding, Path
from .json_masking import JSON_MASKING
from .json_text import EMPTY_BODY, canonical_json, dump_json, literal, read_json, unreadable
from .json_values import integer_findings
from .rpc_v2 import BodyLanguage, rpc_v2_protocol

__all__ = ["PROTOCOL"]

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_Number: TypeAlias = IntegerShape | FloatShape
# What becomes of a number without bounds at a path.
_Change: TypeAlias = Callable[[_Number, Any, Path], Any]


def _with_big_numbers(service: Service) -> frozenset[str]:
    """The shapes that are numbers without bounds, or reach one."""
    return service.holders(lambda shape: isinstance(shape, _Number) and shape.big)


def _changed(service: Service, name: str | None, value: Any, change: _Change, path: Path = ()) -> Any:
    """A value with its numbers without bounds changed, all else as it is."""
    if name is None or name not in service.derived(_with_big_numbers):
        return value
    shape = service.shape(name)
    match shape, value:
        case StructureShape(members=members), dict():
            return {
                key: _changed(
                    service, members[key].target if key in members else None, item, change, (*path, key)
                )
                for key, item in value.items()
            }
        case ListShape(member=member), list():
            return [
                _changed(service, member.target, item, change, (*path, index))
                for index, item in enumerate(value)
            ]
        case MapShape(value=member), dict():
            return {
                key: _changed(service, member.target, item, change, (*path, key))
                for key, item in value.items()
            }
        case IntegerShape() | FloatShape(), _:
            return change(shape, value, path)
        case _:
            return value


def _write(service: Service, shape: str | None, document: Any) -> bytes:
    return dump_json(_changed(service, shape, document, lambda _, value, path: _as_text(value)))


def _as_text(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _read(service: Service, shape: str | None, body: bytes) -> Decoded:
    decoded = read_json(body) if body else unreadable(EMPTY_BODY)
    if not decoded.readable:
        return decoded
    document, findings = decoded.document, list(decoded.findings)
    if not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", literal(document)))
    elif shape is not None:
        integer_findings(service, shape, document, (), findings)

        def as_number(number: _Number, value: Any, path: Path) -> Any:
            match number, value:
                case IntegerShape(), str() if _WHOLE.fullmatch(value):
                    return int(value)
                case FloatShape(), str() if _DECIMAL.fullmatch(value):
                    return float(value)
                case _, int() | float() if not isinstance(value, bool):
                    findings.append(Finding("integer.form", path, "a number as a text", literal(value)))
            return value

        document = _changed(service, shape, document, as_number)
    return Decoded(document, tuple(findings))


PROTOCOL = rpc_v2_protocol(
    "smithy-rpc-v2-json",
    BodyLanguage(
        name="JSON",
        header="rpc-v2-json",
        media_type="application/json",
        write=_write,
        read=_read,
        canonical=canonical_json,
        noise=b"this is not JSON",
        least=b"{",
        masking=JSON_MASKING,
    ),
)
