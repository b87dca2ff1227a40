# SPDX-License-Identifier: Apache-2.0
"""What of a request's headers tells it from others in a recording.

It owns the list of headers that differ from one attempt to the next. It refuses to know which hold members.
"""

from __future__ import annotations

import re

from ...http import Request
from ..request_traits import content_md5

__all__ = ["identity_headers"]

_MD5 = "content-md5"
# Of transport, signature and attempt.
_TRANSIENT = re.compile(
    r"(?:authorization|host|connection|content-length|transfer-encoding|expect|user-agent"
    r"|accept(?:-encoding)?|x-amz-(?:date|security-token|content-sha256|user-agent)"
    r"|amz-sdk-.*|traceparent|tracestate|x-amzn-trace-id)$",
    re.IGNORECASE,
)


def identity_headers(request: Request) -> tuple[str, ...]:
    """All headers that may be members or say what a body is, sorted.

    A checksum that is the body's says no more than the body; recordings from before it was sent have none.
    """
    return tuple(
        sorted(
            f"{name.lower()}: {value}"
            for name, value in request.headers
            if not _TRANSIENT.match(name)
            and not (name.lower() == _MD5 and value == content_md5(request.body))
        )
    )
