"""What must never leave a run: credentials in headers, and members that the model marks sensitive.

It owns the replacement of both, and refuses to know what the text is for.
"""

from __future__ import annotations

import re
from typing import Any

from .resources import is_symbol
from .shapes import ListShape, MapShape, Service, StructureShape
from .wire import Headers

__all__ = ["REDACTED", "redact_document", "redact_headers"]

REDACTED = "***"

_SECRET_HEADERS = frozenset({"x-amz-security-token", "cookie", "set-cookie", "proxy-authorization"})
_AUTHORIZATION = re.compile(r"(Credential=)[^/,\s]+|(Signature=)[0-9a-fA-F]+")


def redact_headers(headers: Headers) -> Headers:
    """Headers without access keys, signatures, tokens and cookies."""
    return tuple((name, _header_value(name.lower(), value)) for name, value in headers)


def _header_value(name: str, value: str) -> str:
    if name in _SECRET_HEADERS:
        return REDACTED
    if name == "authorization":
        if "Credential=" not in value:
            return REDACTED
        return _AUTHORIZATION.sub(lambda match: f"{match[1] or match[2]}{REDACTED}", value)
    return value


def redact_document(service: Service, root: str | None, document: Any) -> Any:
    """A document with every value that a sensitive shape holds replaced; the original is left as it is."""
    if root is None or root not in service.shapes:
        return document
    shape = service.shapes[root]
    if shape.sensitive and document is not None and not is_symbol(document):
        return REDACTED
    match shape, document:
        case StructureShape(members=members), dict():
            return {
                name: redact_document(service, members[name].target if name in members else None, item)
                for name, item in document.items()
            }
        case ListShape(member=member), list():
            return [redact_document(service, member.target, item) for item in document]
        case MapShape(value=value), dict():
            return {name: redact_document(service, value.target, item) for name, item in document.items()}
        case _:
            return document
