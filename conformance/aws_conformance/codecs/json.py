"""AWS JSON 1.0 and 1.1: one POST to `/`, the operation in X-Amz-Target, JSON in both directions.

It owns the protocol's bytes. It refuses to judge what a document says: whether members fit their
shapes is for the schema, whether a finding is bad is for the checks.

Sources: Smithy's AWS JSON 1.0 and 1.1 protocol specifications; for the error envelope, recorded
answers (`__type` in the body, `message` or `Message`), and the sanitising rule that SDKs share: what
stands behind `#`, up to the first `:`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..shapes import IntegerShape, ListShape, MapShape, Operation, Service, StructureShape
from ..wire import Request, Response, header
from . import Codec
from .findings import Decoded, DecodedError, DecodedRequest, Finding, Path

__all__ = ["CODEC", "sanitise_code"]

# Python's own JSON reader recurses; a document deeper than this is a finding, not a crash. AWS's models
# nest at most a few dozen levels, recursive ones included.
_DEPTH = 200
_TARGET = "X-Amz-Target"


def content_type(service: Service) -> str:
    """`application/x-amz-json-1.0` or `-1.1`, as the model's jsonVersion says."""
    return f"application/x-amz-json-{service.json_version or '1.1'}"


def encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body.

    The document need not be valid, nor an object: negatives are encoded by the same function.
    """
    headers = (
        ("Content-Type", content_type(service)),
        (_TARGET, f"{service.target_prefix}.{operation.name}"),
    )
    return Request("POST", "/", headers, _dump(document))


def decode_request(service: Service, request: Request) -> DecodedRequest:
    """The operation that the request names and its document, as a server reads them."""
    target = header(request.headers, _TARGET) or ""
    prefix, _, name = target.rpartition(".")
    operation = name if prefix == service.target_prefix and name else None
    if not request.body:
        # Smithy: a service should take a missing body for an empty document.
        return DecodedRequest(operation, {}, ())
    decoded = _read(request.body)
    return DecodedRequest(operation, decoded.document, decoded.findings, decoded.readable)


def encode_response(service: Service, operation: Operation, document: Any) -> Response:
    """A 200 with that document; an operation without output answers with an empty object or nothing."""
    body = _dump(document) if operation.output is not None else b""
    return Response(200, (("Content-Type", content_type(service)),), body)


def decode_response(service: Service, operation: Operation, response: Response) -> Decoded:
    """The document of a successful response, with a finding for each oddity of its bytes.

    An empty body is the empty document only for an operation that has no output.
    """
    if not response.body and operation.output is None:
        return Decoded({})
    decoded = _read(response.body)
    if not decoded.readable:
        return decoded
    document, findings = decoded.document, list(decoded.findings)
    if not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", _shorten(document)))
    elif operation.output is not None:
        _lexical(service, operation.output, document, (), findings)
    if operation.output is not None or response.body:
        findings.extend(_content_type_findings(service, response))
    return Decoded(document, tuple(findings))


def encode_error(service: Service, code: str, document: Mapping[str, Any], status: int) -> Response:
    """An error response; `document` holds the members of the error's shape, `message` among them."""
    headers = (("Content-Type", content_type(service)), ("x-amzn-ErrorType", f"{code}:"))
    return Response(status, headers, _dump({"__type": code, **document}))


def decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope, read where SDKs of this protocol read it: `__type` in the body."""
    decoded = _read(response.body)
    findings = list(decoded.findings)
    if not decoded.readable:
        return DecodedError(None, findings=tuple(findings), readable=False)
    document = decoded.document
    if not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", _shorten(document)))
        return DecodedError(None, findings=tuple(findings), readable=False)
    findings.extend(_content_type_findings(service, response))
    raw = document.get("__type", document.get("code"))
    raw_code = raw if isinstance(raw, str) else None
    key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
    message = document.get(key) if key else None
    return DecodedError(
        code=sanitise_code(raw_code) if raw_code else None,
        raw_code=raw_code,
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType({k: v for k, v in document.items() if k not in ("__type", "code")}),
        findings=tuple(findings),
    )


def sanitise_code(raw: str) -> str:
    """The shape name within an error code: `aws.ns#Name:http://...` is `Name`."""
    return raw.rpartition("#")[2].partition(":")[0].strip()


def _content_type_findings(service: Service, response: Response) -> list[Finding]:
    got = header(response.headers, "content-type")
    expected = content_type(service)
    if got is not None and got.partition(";")[0].strip().lower() == expected:
        return []
    return [Finding("content-type", (), expected, repr(got) if got is not None else "no Content-Type")]


def _dump(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=True).encode(
        "utf-8", "surrogatepass"
    )


def _read(body: bytes) -> Decoded:
    """Strict JSON: UTF-8 without a mark, one value, no NaN, no duplicate keys, bounded depth."""
    findings: list[Finding] = []
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        got = f"byte 0x{body[error.start]:02x} at offset {error.start}"
        return _unreadable(Finding("body.encoding", (), "UTF-8", got))
    if text.startswith("\ufeff"):
        findings.append(Finding("body.encoding", (), "UTF-8 without a byte-order mark", "a byte-order mark"))
        text = text[1:]
    if _depth(text) > _DEPTH:
        return _unreadable(
            Finding("body.depth", (), f"JSON at most {_DEPTH} levels deep", f"{_depth(text)} levels"),
            *findings,
        )
    # Objects that had a key twice, by identity: they all live as long as the document does.
    repeated: dict[int, tuple[str, ...]] = {}
    marked = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) == len(items):
            return made
        names = [key for key, _ in items]
        repeated[id(made)] = tuple(key for key in made if names.count(key) > 1)
        return made

    def constant(name: str) -> float:
        nonlocal marked
        marked = True
        return float(name)

    try:
        document = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as error:
        # A ValueError beside JSONDecodeError is Python's guard against integers of thousands of digits.
        where = (
            f"{error.msg} at offset {error.pos}"
            if isinstance(error, json.JSONDecodeError)
            else "a huge number"
        )
        got = f"{where}: {_shorten(text)}" if text else "an empty body"
        return _unreadable(Finding("body.malformed", (), "JSON", got), *findings)
    if marked or repeated:
        _locate(document, (), repeated, findings)
    return Decoded(document, tuple(findings))


def _locate(value: Any, path: Path, repeated: Mapping[int, tuple[str, ...]], findings: list[Finding]) -> None:
    """Findings with their places for repeated keys and for numbers that JSON does not have."""
    match value:
        case dict():
            findings.extend(
                Finding("body.duplicate-key", (*path, key), "each key once", f"{key!r} more than once")
                for key in repeated.get(id(value), ())
            )
            for key, item in value.items():
                _locate(item, (*path, key), repeated, findings)
        case list():
            for index, item in enumerate(value):
                _locate(item, (*path, index), repeated, findings)
        case float() if not math.isfinite(value):
            findings.append(Finding("body.nonfinite", path, "a finite JSON number", repr(value)))
        case _:
            pass


def _unreadable(*findings: Finding) -> Decoded:
    return Decoded(None, findings, readable=False)


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside of strings; read before parsing, which recurses."""
    if text.count("[") + text.count("{") <= _DEPTH:
        return 0
    depth = deepest = 0
    quoted = escaped = False
    for char in text:
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _lexical(service: Service, name: str, value: Any, path: Path, findings: list[Finding]) -> None:
    """Findings for whole numbers that are written as decimals, wherever a shape says integer."""
    shape = service.shape(name)
    match shape, value:
        case StructureShape(members=members), dict():
            for key, item in value.items():
                member = members.get(key)
                if member is not None:
                    _lexical(service, member.target, item, (*path, key), findings)
        case ListShape(member=member), list():
            for index, item in enumerate(value):
                _lexical(service, member.target, item, (*path, index), findings)
        case MapShape(value=member), dict():
            for key, item in value.items():
                _lexical(service, member.target, item, (*path, key), findings)
        case IntegerShape(), float() if value.is_integer():
            # Some SDKs refuse 1.0 and 1e3 where the model says integer. JSON Schema does not, so it is
            # found here; a number with a real fraction is a type error, which the schema finds.
            got = f"the decimal {value!r}"
            findings.append(Finding("integer.form", path, "digits without fraction or exponent", got))
        case _:
            pass


def _shorten(value: Any, limit: int = 60) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= limit else f"{text[:limit]}..."


CODEC = Codec(
    name="json",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    encode_error=encode_error,
    decode_error=decode_error,
    content_type=content_type,
)
