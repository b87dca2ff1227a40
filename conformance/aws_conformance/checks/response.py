# SPDX-License-Identifier: Apache-2.0
"""A response, interpreted once for all checks: what kind it is, its document, what does not fit.

It owns the interpretation and refuses to judge: every oddity is only laid out here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..cases.expectations import Expectation
from ..http import Response
from ..protocols.findings import Decoded, DecodedError, DocumentPlace, Finding, Path
from ..protocols.record import Protocol
from ..results.terms import Answers
from ..spec.schema.validate import SchemaFinding, Validators
from ..spec.shapes import BlobShape, Operation, Service, StringShape
from .check import (
    ANSWER,
    BYTES,
    CASE_ERROR,
    CASE_SUCCESS,
    DOCUMENT,
    ERROR,
    EXCHANGE,
    FORGED,
    FRAMING,
    SUCCESS,
    Breach,
    Check,
)
from .errata import answers_late
from .places import place

__all__ = ["INSTANCE_TOPICS", "AnswerCheck", "DecodedResponse", "interpret", "shorten"]

Kind: TypeAlias = Literal["success", "error", "none"]

_TOPICS: Mapping[Kind, frozenset[str]] = {
    "success": ANSWER | EXCHANGE | SUCCESS,
    "error": ANSWER | EXCHANGE | ERROR,
    "none": ANSWER | EXCHANGE,
}
_CASE_TOPICS: Mapping[Kind, frozenset[str]] = {
    "success": _TOPICS["success"] | CASE_SUCCESS,
    "error": _TOPICS["error"] | CASE_ERROR,
    "none": _TOPICS["none"],
}
INSTANCE_TOPICS = ANSWER | SUCCESS

# How a page begins, behind a prolog. A document of a protocol may be told to be HTML, too.
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s+|<\?xml[^>]{0,200}\?>|<!--.{0,400}?-->)*"
    rb"<(?:!doctype\s+html|html|head|body|title|h[1-6]|p|pre|div|center|script)[\s/>]",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class DecodedResponse:
    """What a target answered to one case.

    `root` is the shape that the document is of: the output's, an error's, or None.
    `findings` are the codec's, `unfit` the schema's. `sent` is the request's document, where it is known.
    `bare` is a success of which the document and the status are all that is known.
    """

    service: Service
    protocol: Protocol
    operation: Operation
    response: Response
    kind: Kind
    expectation: Expectation | None = None
    decoded: Decoded | None = None
    error: DecodedError | None = None
    root: str | None = None
    findings: tuple[Finding, ...] = ()
    unfit: tuple[SchemaFinding, ...] = ()
    sent: Any = None
    bare: bool = False

    @property
    def code(self) -> str:
        """The error code, or the empty string."""
        return (self.error.code or "") if self.error else ""

    @property
    def code_path(self) -> Path:
        """Where reports say that the error's code stands."""
        return self.protocol.error_place.path

    @property
    def expects_envelope(self) -> bool:
        return self.expectation is None or self.expectation.envelope

    @property
    def is_web_page(self) -> bool:
        """Whether the body is a web page, whatever its content type says. No AWS API answers with its own."""
        return _PAGE.match(self.response.body[:1024]) is not None and not self._bears_content

    @property
    def _bears_content(self) -> bool:
        """Whether the body is what somebody has stored, and no document of the operation."""
        if self.kind != "success":
            return False
        output = self.service.structure(self.operation.output)
        if output.payload is None:
            return False
        return isinstance(self.service.shape(output.members[output.payload].target), (BlobShape, StringShape))

    @property
    def topics(self) -> frozenset[str]:
        """What can be asked of it. Most answers are in order: neither bytes nor document is then asked of."""
        broken = self.expectation
        topics = _TOPICS[self.kind] if broken is None else _CASE_TOPICS[self.kind]
        if self.bare:
            topics = INSTANCE_TOPICS
        if self.response.framing:
            topics |= FRAMING
        if broken is not None and broken.forgery:
            topics |= FORGED
        if not self.findings and not self.unfit:
            return topics
        refusable = broken is not None and broken.earns in ("refused", "unknown")
        if broken is not None and refusable and (broken.protocol_level or not broken.codes):
            return topics | BYTES
        return topics | BYTES | DOCUMENT

    @property
    def everywhere(self) -> bool:
        """Whether whatever is wrong with it lies in front of all operations."""
        return self.expectation is not None and self.expectation.protocol_level

    @property
    def answers(self) -> Answers:
        """The kind of an answer: whoever mends what all of a kind show has often not mended the others."""
        if self.kind == "success":
            return "successes"
        return "modelled errors" if self.root is not None else "answers below the document"

    def locate(self, breach: Breach) -> DocumentPlace:
        """The place of a breach, in words."""
        return place(self.service, self.root, breach.path)


AnswerCheck: TypeAlias = Check[DecodedResponse]


def interpret(
    service: Service,
    operation: Operation,
    protocol: Protocol,
    validators: Validators,
    response: Response,
    expectation: Expectation | None = None,
    sent: Any = None,
) -> DecodedResponse:
    """The answer that a response is, to what was sent. Never raises for anything that a target may send."""
    if response.fate != "answered":
        return DecodedResponse(service, protocol, operation, response, "none", expectation, sent=sent)
    if 200 <= response.status < 300 and not _is_late_error(service, operation, protocol, response):
        decoded = protocol.decode_response(service, operation, response)
        unfit: tuple[SchemaFinding, ...] = ()
        if decoded.readable and not any(finding.rule == "body.root" for finding in decoded.findings):
            unfit = validators.output.findings(decoded.document)
        return DecodedResponse(
            service,
            protocol,
            operation,
            response,
            "success",
            expectation,
            decoded=decoded,
            root=operation.output,
            findings=decoded.findings,
            unfit=unfit,
            sent=sent,
        )
    error = protocol.decode_error(service, response)
    validator = validators.error(error.code) if error.code and error.readable else None
    unfit = validator.findings(_modelled(service, error)) if validator else ()
    return DecodedResponse(
        service,
        protocol,
        operation,
        response,
        "error",
        expectation,
        error=error,
        root=_error_shape(service, operation, error.code),
        findings=error.findings,
        unfit=unfit,
        sent=sent,
    )


def _is_late_error(service: Service, operation: Operation, protocol: Protocol, response: Response) -> bool:
    """Whether a 2xx holds an error, as AWS's own may where an operation answers before it is through."""
    if not response.body or not answers_late(f"{service.name}:{operation.name}"):
        return False
    error = protocol.decode_error(service, response)
    return error.readable and bool(error.code)


def _modelled(service: Service, error: DecodedError) -> Mapping[str, Any]:
    """The error's members; the text under the name that its shape has for it (casing has its own check)."""
    document = dict(error.document)
    modelled = service.message_member(error.code or "")
    # It has that name already where the codec reads members by other names that they have on the wire.
    if modelled and error.message_key != modelled and error.message_key in document:
        document.setdefault(modelled, document.pop(error.message_key))
    return document


def _error_shape(service: Service, operation: Operation, code: str | None) -> str | None:
    return next((name for name in operation.errors if service.error_code(name) == code), None)


def shorten(value: Any, limit: int = 100) -> str:
    """A value as JSON, cut to a length that fits a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
