# SPDX-License-Identifier: Apache-2.0
"""Errors as XML: the envelopes of query, ec2 and rest-xml, read and written by what differs between them.

It owns where code, text and members of an error stand. It refuses to know how values are read.

Sources: Smithy's protocol specifications, "operation error serialization"; recorded answers of AWS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ...http import Response, header
from ...spec.shapes import Service, XmlNamespace
from ..findings import DecodedError, Finding
from ..lexical import write_text
from .read import XmlReader
from .text import Element, child_named, escape_text, generic_value, read_xml, write_element
from .write import write_members

__all__ = [
    "CODE_SOURCE",
    "XML_TYPES",
    "ErrorEnvelope",
    "content_type_findings",
    "decode_error",
    "error_body",
    "request_id",
]

# What stands in front of the code, in words; the place is the same for all who read the envelope rightly.
CODE_SOURCE = "Code"
# RFC 7303: the two say the same of a document.
XML_TYPES = ("text/xml", "application/xml")
# Every envelope that AWS has, so that an error in the wrong one is still read.
_KNOWN = (("ErrorResponse", "Error"), ("Response", "Errors", "Error"), ("Error",))


@dataclass(frozen=True, slots=True)
class ErrorEnvelope:
    """How a protocol wraps errors: the elements from the root to the error, the element of the request id.

    `open` marks services whose errors hold elements that no model has (S3: Resource, BucketName, HostId).
    """

    protocol: str
    path: tuple[str, ...]
    request_id: str
    has_type: bool
    open: bool = False


def request_id(content: str) -> str:
    """An id for an answer, made of its content: codecs have neither clock nor chance."""
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def error_body(
    envelope: ErrorEnvelope,
    service: Service,
    code: str,
    document: Mapping[str, Any],
    status: int,
    namespace: XmlNamespace | None = None,
) -> bytes:
    """The body of an error; `document` holds the members of the error's shape, its text among them."""
    shape = service.error_shape(code)
    modelled = service.message_member(code)
    message = next((name for name in (modelled, "Message", "message") if name in document), None)
    members = {name: value for name, value in document.items() if name != message}
    parts = []
    if envelope.has_type:
        parts.append(write_element("Type", "Receiver" if status >= 500 else "Sender"))
    parts.append(write_element("Code", escape_text(code)))
    if message is not None:
        parts.append(write_element("Message", escape_text(write_text(document[message]))))
    if shape is not None:
        parts.append(write_members(service, shape, members))
    else:
        parts += [write_element(name, escape_text(write_text(value))) for name, value in members.items()]
    content = "".join(parts)
    id_element = write_element(envelope.request_id, request_id(content))
    root, *inner = envelope.path
    if not inner:
        return write_element(root, content + id_element, namespace=namespace).encode("utf-8")
    for name in reversed(inner):
        content = write_element(name, content)
    return write_element(root, content + id_element, namespace=namespace).encode("utf-8")


def _nowhere(_: str) -> Mapping[str, str]:
    return {}


def decode_error(
    envelope: ErrorEnvelope,
    service: Service,
    response: Response,
    elsewhere: Callable[[str], Mapping[str, str]] = _nowhere,
) -> DecodedError:
    """The error that a response's body is.

    `elsewhere(shape)` are the members of an error's shape that do not travel in the body, in words.
    """
    parsed = read_xml(response.body)
    findings = list(parsed.findings)
    if parsed.root is None:
        return DecodedError(None, findings=tuple(findings), readable=False)
    findings += content_type_findings(response, XML_TYPES[0] if envelope.has_type else XML_TYPES[-1])
    error = _error_element(envelope, parsed.root, findings)
    if error is None:
        document = generic_value(parsed.root)
        members = document if isinstance(document, dict) else {}
        return DecodedError(
            None,
            document=MappingProxyType(members),
            findings=tuple(findings),
            readable=isinstance(document, dict),
        )
    # In the envelope; within the error where there is no other element (S3).
    ids = (child_named(parsed.root, envelope.request_id), child_named(error, envelope.request_id))
    texts = {child.name: child.text for child in error.children if not child.children}
    raw = texts.get("Code")
    code = (raw or "").strip() or None
    message_tag = next((tag for tag in ("Message", "message") if tag in texts), None)
    modelled = service.message_member(code or "")
    if message_tag == "message":
        place = (modelled or message_tag,)
        findings.append(Finding("member.place", place, "an element Message", "an element message"))
    document = _members(envelope, service, code, error, elsewhere, findings)
    key = (modelled or "Message") if message_tag else None
    if key and message_tag and (modelled or code not in service.declared_codes):
        document[key] = texts[message_tag]
    return DecodedError(
        code=code,
        raw_code=raw,
        message=texts[message_tag] if message_tag else None,
        message_key=key,
        document=MappingProxyType(document),
        findings=tuple(findings),
        source=CODE_SOURCE if code else None,
        codes=MappingProxyType({CODE_SOURCE: code} if code else {}),
        request_id=next((child.text for child in ids if child is not None and child.text), None),
    )


def _error_element(envelope: ErrorEnvelope, root: Element, findings: list[Finding]) -> Element | None:
    """The element that holds code and text; a finding where the elements around it are not the protocol's."""
    for path in (envelope.path, *_KNOWN):
        element = _descend(root, path)
        if element is not None:
            if path != envelope.path:
                expected, got = "/".join(envelope.path), "/".join(path)
                findings.append(Finding("xml.wrapper", (), expected, got))
            return element
    findings.append(Finding("xml.wrapper", (), "/".join(envelope.path), root.name))
    return None


def _descend(root: Element, path: tuple[str, ...]) -> Element | None:
    if root.name != path[0]:
        return None
    element: Element | None = root
    for name in path[1:]:
        element = child_named(element, name) if element is not None else None
    return element


def _members(
    envelope: ErrorEnvelope,
    service: Service,
    code: str | None,
    error: Element,
    elsewhere: Callable[[str], Mapping[str, str]],
    findings: list[Finding],
) -> dict[str, Any]:
    """The members of the error's shape; of an error without one, all elements but those of the envelope."""
    shape = service.error_shape(code) if code else None
    own = {"Code", "Message", "message", "Type", envelope.request_id}
    if shape is None:
        return {child.name: generic_value(child) for child in error.children if child.name not in own}
    modelled = service.structure(shape).members
    # An element that is both the envelope's and the shape's is the shape's, but for the text and the code.
    ignored = own - (set(modelled) - {"Code", "Message", "message"})
    if envelope.open:
        ignored |= {child.name for child in error.children} - set(modelled)
    reader = XmlReader(service, envelope.protocol, findings)
    document = reader.structure(shape, error, (), elsewhere(shape), tuple(ignored))
    return document if isinstance(document, dict) else {}


def content_type_findings(response: Response, expected: str) -> list[Finding]:
    """A finding if a response is not labelled as XML."""
    label = header(response.headers, "content-type")
    if label is not None and label.partition(";")[0].strip().lower() in XML_TYPES:
        return []
    return [Finding("content-type", (), expected, repr(label) if label is not None else "no Content-Type")]
