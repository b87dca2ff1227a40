"""The public names of aws-conformance, and nothing else.

Importing this package imports none of its machinery: names are resolved when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine.run import run as run
    from .errors import ConformanceError as ConformanceError
    from .errors import TargetUnreachableError as TargetUnreachableError
    from .errors import UsageError as UsageError
    from .outcomes import Violation as Violation
    from .plan import EmbeddedReference as EmbeddedReference
    from .plan import Plan as Plan
    from .plan import StartedTarget as StartedTarget
    from .plan import UrlTarget as UrlTarget
    from .plugin.answers import check as check
    from .plugin.incode import operation as operation
    from .validation import validate_exchange as validate_exchange
    from .validation import validate_instance as validate_instance

__all__ = [
    "ConformanceError",
    "EmbeddedReference",
    "Plan",
    "StartedTarget",
    "TargetUnreachableError",
    "UrlTarget",
    "UsageError",
    "Violation",
    "check",
    "operation",
    "run",
    "validate_exchange",
    "validate_instance",
]

_HOMES = {
    "ConformanceError": "errors",
    "EmbeddedReference": "plan",
    "Plan": "plan",
    "StartedTarget": "plan",
    "TargetUnreachableError": "errors",
    "UrlTarget": "plan",
    "UsageError": "errors",
    "Violation": "outcomes",
    "check": "plugin.answers",
    "operation": "plugin.incode",
    "run": "engine",
    "validate_exchange": "validation",
    "validate_instance": "validation",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
