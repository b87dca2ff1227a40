# SPDX-License-Identifier: Apache-2.0
"""A call to an AWS API as it was seen from outside: at a client, or in a recording.

It owns the value alone. It refuses to know where calls are seen, and what is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...http import Request, Response

__all__ = ["ObservedCall"]


@dataclass(frozen=True, slots=True)
class ObservedCall:
    """A call that was seen. `service` and `operation` are what the client says, `protocol` what it speaks.

    Where only bytes were seen (requests) these are None; the request tells them. `response` is None if there
    was none; `parsed` is what took its place where a client was stubbed above the wire. `unread_request`
    and `unread_response` are why something could not be looked at without a change to what the suite does;
    then `request` and `response` lack it.
    """

    url: str
    request: Request
    response: Response | None = None
    service: str | None = None
    operation: str | None = None
    protocol: str | None = None
    parsed: Mapping[str, Any] | None = None
    unread_request: str | None = None
    unread_response: str | None = None
