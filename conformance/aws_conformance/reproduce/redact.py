# SPDX-License-Identifier: Apache-2.0
"""What must never leave a run: credentials in headers, and members that the model marks sensitive.

It owns the replacement of both, and refuses to know what the text is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..cases.symbols import is_symbol
from ..http import Headers
from ..protocols.masking import REDACTED, mask_urls
from ..protocols.spelled import SHORTEST_SECRET
from ..spec.shapes import ListShape, MapShape, Service, StructureShape

__all__ = ["hidden_texts", "redact_document", "redact_headers"]

_SECRET_HEADERS = frozenset(
    {
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-access-token",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-session-token",
        "x-subject-token",
    }
)
# Headers that hold an address; whatever its query calls a secret is taken for one.
_ADDRESSES = frozenset({"content-location", "link", "location", "refresh", "referer"})
_QUERY = re.compile(
    r"([?&;#][^=&\s]*(?:token|secret|passw(?:or)?d|key|signature|credential|code|session)[^=&\s]*=)[^&\s\"'<>#]+",
    re.IGNORECASE,
)
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
    if name in _ADDRESSES:
        return _QUERY.sub(lambda match: f"{match[1]}{REDACTED}", mask_urls(value))
    return value


def redact_document(service: Service, root: str | None, document: Any) -> Any:
    """A document with every value that a sensitive shape holds replaced; the original is left as it is.

    What stands where no shape says anything of it (a member in the wrong place, or in another case) goes
    by its name.
    """
    shape = service.shapes.get(root) if root is not None else None
    if shape is not None and shape.sensitive and document is not None and not _of_symbols(document):
        return REDACTED
    match shape, document:
        case StructureShape(members=members), dict():
            return {
                name: redact_document(service, members[name].target, item)
                if name in members
                else _by_name(service, name, item)
                for name, item in document.items()
            }
        case ListShape(member=member), list():
            return [redact_document(service, member.target, item) for item in document]
        case MapShape(value=value), dict():
            return {name: redact_document(service, value.target, item) for name, item in document.items()}
        case _, dict():
            return {name: _by_name(service, name, item) for name, item in document.items()}
        case _, list():
            return [redact_document(service, None, item) for item in document]
        case _:
            return document


def hidden_texts(service: Service, root: str | None, document: Any) -> tuple[str, ...]:
    """The texts that `redact_document` takes out of a document, the longest first.

    Texts so short that they stand everywhere by chance are left out.
    """
    texts = _differing(document, redact_document(service, root, document))
    return tuple(sorted({text for text in texts if len(text) >= SHORTEST_SECRET}, key=len, reverse=True))


def _differing(document: Any, redacted: Any) -> Iterator[str]:
    match document, redacted:
        case dict(), dict():
            for name, item in document.items():
                yield from _differing(item, redacted[name])
        case list(), list():
            for item, other in zip(document, redacted, strict=True):
                yield from _differing(item, other)
        case dict(), _:
            for item in document.values():
                yield from _differing(item, REDACTED)
        case list(), _:
            for item in document:
                yield from _differing(item, REDACTED)
        case str(), _ if document != redacted:
            yield document
        case _:
            pass


def _of_symbols(document: Any) -> bool:
    """Whether nothing stands in a document but symbols, of which none is a secret."""
    if is_symbol(document):
        return True
    items = document.values() if isinstance(document, dict) else document
    return isinstance(document, dict | list) and bool(document) and all(map(_of_symbols, items))


def _by_name(service: Service, name: str, item: Any) -> Any:
    secret = name.lower() in service.sensitive_names and item is not None and not is_symbol(item)
    return REDACTED if secret else redact_document(service, None, item)
