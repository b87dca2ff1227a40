# SPDX-License-Identifier: Apache-2.0
"""What the reference refuses, as it is raised.

It owns the two kinds of refusal. It refuses to know how they are spelled on the wire (answers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

__all__ = ["Refusal", "StorageRefusal"]


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """An error answer on its way out of a handler; the state is unchanged when it is raised.

    Not frozen, because Python writes the traceback into it. `status` None means what the model says of
    the code (400 for codes that it doesn't have).
    """

    code: str
    message: str | None = None
    key: Literal["message", "Message"] = "message"
    status: int | None = None
    members: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(eq=False)
class StorageRefusal(Exception):  # noqa: N818 - as above
    """A refused upload, in S3's own form."""

    code: str
    message: str
    status: int = 403
