# SPDX-License-Identifier: Apache-2.0
"""The public names of aws-conformance, and nothing else.

Importing this package imports none of its machinery: names are resolved when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checks.check import Breach as Breach
    from .checks.extensions import after_response as after_response
    from .checks.extensions import before_request as before_request
    from .checks.extensions import expectation as expectation
    from .checks.extensions import provider as provider
    from .checks.response import DecodedResponse as DecodedResponse
    from .checks.validate import validate_exchange as validate_exchange
    from .checks.validate import validate_instance as validate_instance
    from .engine.plan import EmbeddedReference as EmbeddedReference
    from .engine.plan import Plan as Plan
    from .engine.plan import StartedTarget as StartedTarget
    from .engine.plan import UrlTarget as UrlTarget
    from .engine.run import run as run
    from .errors import ConformanceError as ConformanceError
    from .errors import TargetUnreachableError as TargetUnreachableError
    from .errors import UsageError as UsageError
    from .frontends.plugin.answers import check as check
    from .frontends.plugin.cases_api import operation as operation
    from .results.events import Violation as Violation

__all__ = [
    "Breach",
    "ConformanceError",
    "DecodedResponse",
    "EmbeddedReference",
    "Plan",
    "StartedTarget",
    "TargetUnreachableError",
    "UrlTarget",
    "UsageError",
    "Violation",
    "after_response",
    "before_request",
    "check",
    "expectation",
    "operation",
    "provider",
    "run",
    "validate_exchange",
    "validate_instance",
]

_HOMES = {
    "Breach": "checks.check",
    "DecodedResponse": "checks.response",
    "after_response": "checks.extensions",
    "before_request": "checks.extensions",
    "expectation": "checks.extensions",
    "provider": "checks.extensions",
    "ConformanceError": "errors",
    "EmbeddedReference": "engine.plan",
    "Plan": "engine.plan",
    "StartedTarget": "engine.plan",
    "TargetUnreachableError": "errors",
    "UrlTarget": "engine.plan",
    "UsageError": "errors",
    "Violation": "results.events",
    "check": "frontends.plugin.answers",
    "operation": "frontends.plugin.cases_api",
    "run": "engine.run",
    "validate_exchange": "checks.validate",
    "validate_instance": "checks.validate",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
