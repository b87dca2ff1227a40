"""What a report holds of a case beside its template, so that it can be made again (rebuild.py).

It owns the form of a written case, which the kit made up, so that nothing in it is a secret. It refuses to
know why somebody wants it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ..cases.case import Case
from ..results.events import CaseSource

__all__ = ["source_of"]


_VERSION = 1


# What a Reproduction holds elsewhere.
_ELSEWHERE = frozenset({"info", "template", "expectation", "choices"})


def source_of(case: Case) -> CaseSource:
    """What is written of a case beside its template; nothing in it is a secret: the kit made it up."""
    sent = _changed_fields(case, _ELSEWHERE)
    return CaseSource(
        sent=sent,
        expectation={
            "earns": case.expectation.earns,
            **_changed_fields(case.expectation, frozenset({"earns"})),
        },
        choices=case.choices,
        version=_VERSION,
    )


def _changed_fields(value: Any, but: frozenset[str]) -> dict[str, Any]:
    """The fields that are not at their defaults, as JSON values."""
    values = {}
    for item in dataclasses.fields(value):
        held = getattr(value, item.name)
        if item.name not in but and held != item.default:
            values[item.name] = list(held) if isinstance(held, tuple) else held
    return values
