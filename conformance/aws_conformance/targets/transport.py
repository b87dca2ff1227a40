# SPDX-License-Identifier: Apache-2.0
"""What carries a request to a target: as little of a connection as those need who send over it.

It owns this interface. It refuses to know sockets.
"""

from __future__ import annotations

from typing import Protocol

from ..http import Exchange, Request

__all__ = ["Transport"]


class Transport(Protocol):
    """Sends requests to one address; `host` is what its Host header says."""

    host: str

    def send(self, request: Request, *, timeout: float | None = None) -> Exchange:
        """Send a request and read its answer; how the connection ended is the response's `fate`."""
