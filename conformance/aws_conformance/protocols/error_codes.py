# SPDX-License-Identifier: Apache-2.0
"""Codes in error envelopes: sanitised, and those that a service had when it spoke query.

It owns the two rules that the protocols of SDKs share. It refuses to know any protocol's envelope.

Sources: Smithy's "operation error serialization" (what stands before the first `:`, and of that what stands
behind `#`) and its awsQueryCompatible trait.
"""

from __future__ import annotations

from ..http import Response, header
from ..spec.shapes import Service

__all__ = ["QUERY_ERROR", "former_code", "query_error", "sanitise_code"]

QUERY_ERROR = "x-amzn-query-error"


def sanitise_code(raw: str) -> str:
    """The shape name within an error code: `aws.ns#Name:http://...` is `Name`."""
    # The address behind the colon may have a fragment of its own.
    return raw.partition(":")[0].rpartition("#")[2].strip()


def former_code(service: Service, response: Response, code: str | None) -> str | None:
    """The code of the header `x-amzn-query-error` where it overrides the body's `code`.

    It does unless it holds a code of which the model knows nothing while the body names an error that it
    knows (SQS).
    """
    former, _, fault = (header(response.headers, QUERY_ERROR) or "").partition(";")
    if not (service.query_compatible and former and fault) or ";" in fault:
        return None
    overrides = code not in service.error_shapes or service.error_shape(former) is not None
    return former if overrides else None


def query_error(code: str, status: int) -> tuple[str, str]:
    """The header that tells a client of the query protocol's time the code that it knows."""
    return QUERY_ERROR, f"{code};{'Receiver' if status >= 500 else 'Sender'}"
