# SPDX-License-Identifier: Apache-2.0
"""Requests that name a resource otherwise: by its ARN where others say its name, and the other way round.

It owns where documents say that either will do. It refuses to know which
operations a family has, and how what they answer is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...spec.shapes import Operation, Service
from ..symbols import is_symbol

__all__ = ["named_otherwise"]


def named_otherwise(
    service: Service, operation: Operation, template: Mapping[str, Any], name: str, arn: str
) -> dict[str, Any] | None:
    """The input with the ARN in the place of the name, or the reverse; None where no member takes both.

    `name` and `arn` are sources of symbols (`create.$in.Name`), the name empty where nothing is named.
    """
    members = service.structure(operation.input).members
    for member, item in template.items():
        beside = members[member].beside_arn if member in members else ""
        several = isinstance(item, list) and len(item) == 1
        named = item[0] if several else item
        source = str(named.get("$from", "")) if is_symbol(named) else ""
        if not beside or not source.startswith("create."):
            continue
        other = arn if source != arn else name if beside == "name" else ""
        if not other:
            return None
        return {**template, member: [{"$from": other}] if several else {"$from": other}}
    return None
