# SPDX-License-Identifier: Apache-2.0
"""Hooks around requests and values for members that a project has added.

It owns these registers, of which each process has one. It refuses to know how they are filled
(checks/extensions.py) and when requests are sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..errors import UsageError
from ..http import Exchange, Request

__all__ = ["Additions", "AfterResponse", "BeforeRequest", "Provider", "additions"]

BeforeRequest: TypeAlias = Callable[[Request], Request]
AfterResponse: TypeAlias = Callable[[Exchange], None]
Provider: TypeAlias = Callable[[], Any]


@dataclass(slots=True)
class Additions:
    """Hooks in the order in which they were added, and providers by service and member."""

    before: list[BeforeRequest] = field(default_factory=list)
    after: list[AfterResponse] = field(default_factory=list)
    providers: dict[tuple[str, str], Provider] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget all of them."""
        self.before.clear()
        self.after.clear()
        self.providers.clear()

    def prepared(self, request: Request) -> Request:
        """The request as the hooks want it sent. Raises UsageError for a hook that gives none back."""
        for hook in self.before:
            sent: object = hook(request)
            if not isinstance(sent, Request):
                name = getattr(hook, "__name__", repr(hook))
                raise UsageError(
                    f"The hook {name!r} gave back a {type(sent).__name__}.", "Return the request."
                )
            request = sent
        return request

    def answered(self, exchange: Exchange) -> None:
        """Show an exchange to the hooks."""
        for hook in self.after:
            hook(exchange)


additions = Additions()
