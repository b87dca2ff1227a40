# SPDX-License-Identifier: Apache-2.0
"""Documented errors that no request can provoke, on request: fault injection.

It owns the header that asks for one and the answer that it gets. It refuses to know handlers: the
operation never runs, so nothing changes.
"""

from __future__ import annotations

from ..http import Request, header
from ..spec.shapes import Operation, Service, StringShape
from .refusal import Refusal

__all__ = ["FAULT_HEADER", "inject"]

FAULT_HEADER = "x-aws-conformance-fault"


def inject(service: Service, operation: Operation, request: Request) -> None:
    """Raises Refusal if the request asks for a fault: the error it names, as the model describes it.

    An error that the operation does not declare is the asker's mistake: InvalidParameterException.
    """
    name = header(request.headers, FAULT_HEADER)
    if name is None:
        return
    if name not in operation.errors:
        declared = ", ".join(operation.errors)
        raise Refusal(
            "InvalidParameterException",
            f"{operation.name} does not declare {name!r}. It declares: {declared}.",
        )
    shape = service.structure(name)
    members = {
        key: f"injected {key}"
        for key, member in shape.members.items()
        if key.lower() != "message" and isinstance(service.shape(member.target), StringShape)
    }
    raise Refusal(
        service.error_code(name),
        f"{name} was asked for by the header {FAULT_HEADER}.",
        status=service.error_status(name),
        members=members,
    )
