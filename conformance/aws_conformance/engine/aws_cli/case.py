# SPDX-License-Identifier: Apache-2.0
"""A case of the `aws` command: what is typed, and what should come of it.

It owns the record. It refuses to know how such cases come about (cases.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ...checks.command import Trial
from ...results.events import CaseInfo

__all__ = ["CommandCase", "Skeleton"]


Skeleton: TypeAlias = Literal["", "bare", "input", "output"]


@dataclass(frozen=True, slots=True)
class CommandCase:
    """One invocation of an operation.

    `template` is the request that should be sent, with symbols. `options` are the members given as
    options, `file` those given as JSON (None: no JSON). In the JSON `other` has another value than the
    template's, `before` stands once more in front with another value, `extra` are keys besides; `raw` is
    the JSON's text, if it is no document. `succeeds` tells that the service should accept the request.
    """

    info: CaseInfo
    trial: Trial
    template: Any = field(default_factory=dict)
    options: tuple[str, ...] = ()
    file: tuple[str, ...] | None = None
    other: str = ""
    before: str = ""
    extra: tuple[tuple[str, Any], ...] = ()
    raw: str | None = None
    skeleton: Skeleton = ""
    credentials: bool = True
    endpoint: Literal["relay", "refusing"] = "relay"
    succeeds: bool = False
