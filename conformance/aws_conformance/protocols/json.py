"""AWS JSON 1.0 and 1.1: one POST to `/`, the operation in X-Amz-Target, JSON in both directions.

It owns the protocol's bytes. It refuses to judge what a document says: whether members fit their
shapes is for the schema, whether a finding is bad is for the checks.

Sources: Smithy's AWS JSON 1.0 and 1.1 protocol specifications; for the error envelope, recorded
answers (`__type` in the body, `message` or `Message`), and the sanitising rule that SDKs share: what
stands before the first `:`, and of that what stands behind `#`.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from ..http import Headers, Request, Response, header
from ..spec.shapes import IntegerShape, ListShape, MapShape, Operation, Service, StructureShape
from .codec import Codec
from .findings import CodeSource, Decoded, DecodedError, DecodedRequest, Finding, Path

__all__ = ["CODEC", "sanitise_code"]

# Python's own JSON reader recurses; a document deeper than this is a finding, not a crash. AWS's models
# nest at most a few dozen levels, recursive ones included.
_DEPTH = 200
_TARGET = "X-Amz-Target"
_QUERY_ERROR: Literal["x-amzn-query-error"] = "x-amzn-query-error"
_EMPTY = Finding("body.malformed", (), "JSON", "an empty body")
_HALF = re.compile(r"[\ud800-\udfff]")
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def content_type(service: Service) -> str:
    """`application/x-amz-json-1.0` or `-1.1`, as the model's jsonVersion says."""
    return f"application/x-amz-json-{service.json_version or '1.1'}"


def encode_request(service: Service, operation: Operation, document: Any) -> Request:
    """A request with that document as its body.

    The document need not be valid, nor an object: negatives are encoded by the same function.
    """
    headers: Headers = (
        ("Content-Type", content_type(service)),
        (_TARGET, f"{service.target_prefix}.{operation.name}"),
    )
    if service.query_compatible:
        # Asks for the error codes that the service had when it spoke query.
        headers += (("x-amzn-query-mode", "true"),)
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

    An empty body is the empty document only for an operation whose output has no members.
    """
    if not response.body and not service.structure(operation.output).members:
        # Clients take nothing for the empty document where there is nothing to say.
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
    """An error response; `document` holds the members of the error's shape, `message` among them.

    Services that once spoke query name the shape in the body and the code that they used to have beside it.
    """
    headers: Headers = (("Content-Type", content_type(service)),)
    name = code
    if service.query_compatible:
        name = _shape_of(service, code)
        headers += ((_QUERY_ERROR, f"{code};{'Receiver' if status >= 500 else 'Sender'}"),)
    headers += (("x-amzn-ErrorType", f"{name}:"),)
    return Response(status, headers, _dump({"__type": name, **document}))


def _shape_of(service: Service, code: str) -> str:
    """The error shape that is known by a code; the code itself if there is none."""
    names = sorted(_error_shapes(service))
    return next((name for name in names if service.error_code(name) == code), code)


def _error_shapes(service: Service) -> set[str]:
    return {name for operation in service.operations.values() for name in operation.errors}


def decode_error(service: Service, response: Response) -> DecodedError:
    """The error's envelope: its code from wherever there is one, with the place, best places first.

    For services that once spoke query the header `x-amzn-query-error` overrides the body, unless it holds a
    code of which the model knows nothing while the body names an error that it knows (SQS).
    """
    announced = header(response.headers, "x-amzn-errortype")
    decoded = _read(response.body) if response.body else _unreadable(_EMPTY)
    findings = list(decoded.findings)
    document = decoded.document
    if decoded.readable and not isinstance(document, dict):
        findings.append(Finding("body.root", (), "a JSON object", _shorten(document)))
    if not isinstance(document, dict):
        return DecodedError(
            code=sanitise_code(announced) or None if announced else None,
            raw_code=announced,
            findings=tuple(findings),
            readable=False,
            source="x-amzn-errortype" if announced else None,
        )
    findings.extend(_content_type_findings(service, response))
    named: tuple[tuple[CodeSource, Any], ...] = (
        ("__type", document.get("__type")),
        ("x-amzn-errortype", announced),
    )
    codes = {place: sanitise_code(text) for place, text in named if isinstance(text, str)}
    raw_code, code, source = _envelope_code(document, announced)
    former = _former_code(service, response, code) if source == "__type" else None
    if former is not None:
        code, source = former, _QUERY_ERROR
    key = next((name for name in ("message", "Message", "errorMessage") if name in document), None)
    message = document.get(key) if key else None
    # A `code` that is no text is a member of the shape.
    envelope = {"__type"} | ({"code"} if isinstance(document.get("code"), str) else set())
    return DecodedError(
        code=code,
        raw_code=raw_code,
        message=message if isinstance(message, str) else None,
        message_key=key,
        document=MappingProxyType({k: v for k, v in document.items() if k not in envelope}),
        findings=tuple(findings),
        source=source,
        codes=MappingProxyType({place: code for place, code in codes.items() if code}),
    )


def _envelope_code(
    document: Mapping[str, Any], announced: str | None
) -> tuple[str | None, str | None, CodeSource | None]:
    """The raw text, the code and the place of the best code there is; the first text where none is a code."""
    places: tuple[tuple[CodeSource, Any], ...] = (
        ("__type", document.get("__type")),
        ("code", document.get("code")),
        ("x-amzn-errortype", announced),
    )
    texts = [(place, text) for place, text in places if isinstance(text, str)]
    for place, text in texts:
        if code := sanitise_code(text):
            return text, code, place
    return (texts[0][1] if texts else None), None, None


def _former_code(service: Service, response: Response, code: str | None) -> str | None:
    """The code of the header `x-amzn-query-error` where it overrides the body's `code`."""
    former, _, fault = (header(response.headers, _QUERY_ERROR) or "").partition(";")
    if not (service.query_compatible and former and fault) or ";" in fault:
        return None
    shapes = _error_shapes(service)
    overrides = code not in shapes or former in (service.error_code(shape) for shape in shapes)
    return former if overrides else None


def sanitise_code(raw: str) -> str:
    """The shape name within an error code: `aws.ns#Name:http://...` is `Name`."""
    # The address behind the colon may have a fragment of its own.
    return raw.partition(":")[0].rpartition("#")[2].strip()


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
    if _is_deep(text):
        expected = f"JSON at most {_DEPTH} levels deep"
        return _unreadable(Finding("body.depth", (), expected, "deeper JSON"), *findings)
    # Objects that had a key twice, by identity. They are kept here as well: one that is itself the value
    # of a repeated key is not in the document, and its identity must not pass to another object.
    repeated: dict[int, tuple[dict[str, Any], tuple[str, ...]]] = {}
    marked = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(items)
        if len(members) == len(items):
            return members
        counts = Counter(key for key, _ in items)
        repeated[id(members)] = (members, tuple(key for key, count in counts.items() if count > 1))
        return members

    def constant(name: str) -> float:
        nonlocal marked
        marked = True
        return float(name)

    def number(literal: str) -> float:
        nonlocal marked
        value = float(literal)
        # JSON's grammar has 1e999, but a reader makes infinity of it, or refuses it.
        marked = marked or math.isinf(value)
        return value

    try:
        document = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_float=number)
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
    if _ESCAPED_HALF.search(text):
        document = _without_halves(document, (), findings)
    return Decoded(document, tuple(findings))


def _sound(text: str) -> str:
    return _HALF.sub("\ufffd", text)


def _without_halves(value: Any, path: Path, findings: list[Finding]) -> Any:
    """The value with U+FFFD for each half of a surrogate pair, which no text can hold, and findings.

    Python takes `"\\ud800"` for a text; it is none that could be written, compared or shown.
    """
    match value:
        case str() if _HALF.search(value):
            got = json.dumps(value[:60])
            findings.append(Finding("body.encoding", path, "Unicode text", f"half a surrogate pair in {got}"))
            return _sound(value)
        case list():
            return [_without_halves(item, (*path, index), findings) for index, item in enumerate(value)]
        case dict():
            members: dict[str, Any] = {}
            for key, item in value.items():
                name = _without_halves(key, (*path, _sound(key)), findings)
                members[name] = _without_halves(item, (*path, name), findings)
            return members
        case _:
            return value


def _locate(
    value: Any,
    path: Path,
    repeated: Mapping[int, tuple[dict[str, Any], tuple[str, ...]]],
    findings: list[Finding],
) -> None:
    """Findings with their places for repeated keys and for numbers that JSON does not have."""
    match value:
        case dict():
            findings.extend(
                Finding(
                    "body.duplicate-key", (*path, _sound(key)), "each key once", f"{key!r} more than once"
                )
                for key in repeated.get(id(value), (value, ()))[1]
            )
            for key, item in value.items():
                _locate(item, (*path, _sound(key)), repeated, findings)
        case list():
            for index, item in enumerate(value):
                _locate(item, (*path, index), repeated, findings)
        case float() if not math.isfinite(value):
            findings.append(Finding("body.nonfinite", path, "a finite JSON number", repr(value)))
        case _:
            pass


def _unreadable(*findings: Finding) -> Decoded:
    return Decoded(None, findings, readable=False)


def _is_deep(text: str) -> bool:
    """Whether brackets outside of strings nest too deeply; asked before parsing, which recurses."""
    if text.count("[") + text.count("{") <= _DEPTH:
        return False
    depth = 0
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
            if depth > _DEPTH:
                return True
        elif char in "]}":
            depth -= 1
    return False


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
