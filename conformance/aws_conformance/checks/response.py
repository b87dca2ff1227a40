"""A response, interpreted once for all checks: what kind it is, its document, what does not fit.

It owns the interpretation and refuses to judge: every oddity is only laid out here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..cases.expectations import Expectation
from ..http import Response, header
from ..protocols.findings import Decoded, DecodedError, Finding, Path
from ..protocols.record import Protocol
from ..results.terms import Provenance, Severity
from ..spec.schema.validate import SchemaFinding, Validators
from ..spec.shapes import ListShape, MapShape, Operation, Service, StructureShape
from .errata import answers_late

__all__ = ["Breach", "Check", "DecodedResponse", "interpret", "looks_like_html", "place", "shorten"]

Kind: TypeAlias = Literal["success", "error", "none"]


@dataclass(frozen=True, slots=True)
class DecodedResponse:
    """What a target answered to one case.

    `root` is the shape that the document is of: the output's, an error's, or None.
    `findings` are the codec's, `unfit` the schema's. `sent` is the request's document, where it is known.
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


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule at a place of the answer's document; `cause` tells apart what shares a place.

    `everywhere` marks a cause that lies in front of all operations, whatever the check's own scope.
    `provenance` is who says so in this case, where that is not always the same. `quotes` tells that
    `expected` quotes a value which the target showed before.
    """

    path: Path
    expected: str
    got: str
    cause: str = ""
    everywhere: bool = False
    provenance: Provenance | None = None
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: a stable id, what it requires, how grave a breach is, who says so, and the function.

    `scope` is "target" where one cause shows in every operation alike and is reported once.
    `looks_at` tells what a rule is about: the answer as a whole, the codec's findings (bytes) or what does
    not fit the schema (document). Rules about documents are not held against the answer to a request
    that should have been refused, because whatever is odd there came with the request.
    """

    id: str
    requirement: str
    severity: Severity
    provenance: Provenance
    citation: str
    run: Callable[[DecodedResponse], Iterator[Breach]]
    scope: Literal["operation", "target"] = "operation"
    looks_at: Literal["answer", "bytes", "document"] = "answer"


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


def looks_like_html(response: Response) -> bool:
    """Whether the body is a web page, which no AWS API answers with."""
    content_type = (header(response.headers, "content-type") or "").lower()
    start = response.body[:512].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) or (
        content_type.startswith("text/html") and start.startswith(b"<")
    )


@dataclass(frozen=True, slots=True)
class DocumentPlace:
    """A path in words: exact, generalised over indices and keys, and whether its value is secret."""

    exact: str
    general: str
    sensitive: bool = field(default=False)


def place(service: Service, root: str | None, path: Path) -> DocumentPlace:
    """The JSONPath of a place of a document whose root is the shape `root` (None: unknown)."""
    exact = general = "$"
    sensitive = False
    name = root
    for step in path:
        shape = service.shapes.get(name) if name else None
        name = None
        match shape:
            case StructureShape(event_stream=True) if isinstance(step, int):
                # A stream is a list of its events; what each may be is of the same shape.
                exact, general = f"{exact}[{step}]", f"{general}[*]"
                name = shape.name
            case StructureShape(members=members):
                exact, general = f"{exact}{_step(step)}", f"{general}{_step(step)}"
                name = members[str(step)].target if str(step) in members else None
            case ListShape(member=member):
                exact, general = f"{exact}[{step}]", f"{general}[*]"
                name = member.target
            case MapShape(value=member):
                exact, general = f"{exact}{_step(step)}", f"{general}[*]"
                name = member.target
            case _:
                exact, general = f"{exact}{_step(step)}", f"{general}{_step(step)}"
        sensitive = sensitive or bool(shape is not None and shape.sensitive)
    shape = service.shapes.get(name) if name else None
    return DocumentPlace(exact, general, sensitive or bool(shape is not None and shape.sensitive))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if step.isidentifier() else f"[{json.dumps(step)}]"


def shorten(value: Any, limit: int = 100) -> str:
    """A value as JSON, cut to a length that fits a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
