"""A case: a request's template with its expectation and how it was made.

It owns the record, and what is done to the bytes of a request below its document. It refuses to know how
cases come about (cases.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..http import Request, header
from ..results.events import CaseInfo
from .expectations import Expectation

__all__ = ["Case", "Tamper", "tamper"]


# What can be wrong with a request below its document.
Tamper: TypeAlias = Literal["", "truncated", "not json", "content-type", "unknown target", "missing target"]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of an operation.

    `template` is the document to send, with symbols; `tamper` what is done to the request's bytes;
    `fault` the error that a target with fault injection is asked for; `principal` "other" signs as
    another account; `signature` is the forgery that it is signed by; `without` leaves steps of the recipe
    out; `twice` sends the request two times.
    `twin` is the template without its mutation: a valid request that tells whether the mutation matters.
    `choices` are the answers from which a random template was made, for shrinking.
    """

    info: CaseInfo
    template: Any
    expectation: Expectation
    tamper: Tamper = ""
    fault: str = ""
    principal: str = ""
    signature: str = ""
    without: tuple[str, ...] = ()
    twice: bool = False
    twin: Any = field(default=None, compare=False)
    choices: tuple[int, ...] = field(default=(), compare=False)


def tamper(request: Request, kind: Tamper) -> Request:
    """The request with what is wrong below its document."""
    match kind:
        case "":
            return request
        case "truncated":
            return Request(request.method, request.path, request.headers, request.body[:-1] or b"{")
        case "not json":
            return Request(request.method, request.path, request.headers, b"this is not JSON")
        case "content-type":
            return request.with_headers([("Content-Type", "text/plain")])
        case "unknown target":
            prefix = (header(request.headers, "X-Amz-Target") or "").rpartition(".")[0]
            return request.with_headers([("X-Amz-Target", f"{prefix}.AwsConformanceNoSuchOperation")])
        case "missing target":
            return request.without_header("X-Amz-Target")
