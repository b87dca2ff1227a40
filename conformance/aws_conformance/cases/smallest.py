# SPDX-License-Identifier: Apache-2.0
"""The smallest input of an operation, of its shapes alone.

It owns nothing but the way there. It refuses to know protocols: what has a contract asks that.
"""

from __future__ import annotations

from typing import Any

from ..choices import RecordedChoices
from ..generate.compiler import compile_schema
from ..generate.values import generate
from ..spec.patterns.refusal import PatternRefused
from ..spec.schema.write import side_schema
from ..spec.shapes import Service

__all__ = ["smallest_input"]


def smallest_input(service: Service, operation: str) -> Any:
    """The smallest valid input of an operation; None where a pattern can't be met."""
    protocol = service.protocols[0] if service.protocols else "unknown"
    schema = side_schema(service, service.operations[operation], "input", protocol)
    try:
        return generate(compile_schema(schema), RecordedChoices(()))
    except PatternRefused:
        return None
