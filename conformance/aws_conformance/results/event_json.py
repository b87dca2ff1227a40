# SPDX-License-Identifier: Apache-2.0
"""Events as JSON and back: what files and other processes are told in.

It owns the form, and what reads that of the versions before. It refuses to know what an event means
(events.py), and what a file of them is (reports/ndjson.py).
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import UsageError
from .events import (
    EVENTS_VERSION,
    CaseInfo,
    CaseSource,
    Covered,
    Event,
    Lived,
    Outcome,
    Reproduction,
    RunStarted,
    UnrepeatedViolation,
    Violation,
)

__all__ = ["READABLE_VERSIONS", "case_from_json", "event_from_json", "event_to_json"]

READABLE_VERSIONS = (1, EVENTS_VERSION)

_CLASSES: Mapping[str, type] = {
    cls.__name__: cls
    for cls in (
        *typing.get_args(Event),
        *typing.get_args(Outcome),
        Violation,
        CaseInfo,
        CaseSource,
        Covered,
        Lived,
        Reproduction,
        UnrepeatedViolation,
    )
}


def event_to_json(event: Event) -> dict[str, Any]:
    """The event as JSON values; unions carry their class as `kind`."""
    encoded = _encode(event)
    assert isinstance(encoded, dict)
    return encoded


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        body = {item.name: _encode(getattr(value, item.name)) for item in fields(value)}
        if isinstance(value, Violation):
            body |= {"id": value.id, "message": value.message}
        return {"@": type(value).__name__, **body}
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_encode(item) for item in value]
    return value


def event_from_json(raw: Mapping[str, Any]) -> Event:
    """The event that `event_to_json` wrote. Raises UsageError for anything else."""
    try:
        event = _decode(raw)
    except (KeyError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise UsageError(f"This is not an event of aws-conformance ({what}).") from error
    if not isinstance(event, typing.get_args(Event)):
        raise UsageError("This is not an event of aws-conformance.")
    return typing.cast("Event", event)


def case_from_json(raw: Mapping[str, Any]) -> CaseInfo:
    """The case that some version of a report holds. Raises TypeError for anything else."""
    return CaseInfo(**_upgraded_case(raw))


def _upgraded_case(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    if raw.get("phase") != "stateful" or "lifecycle" in raw:
        return raw
    moved = {"lifecycle": raw.get("keyword", ""), "state": raw.get("value_class", "")}
    return {**raw, **moved, "keyword": "", "value_class": ""}


# What is read is of the version that this release writes, whatever it was.
_UPGRADES: Mapping[type, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    CaseInfo: _upgraded_case,
    RunStarted: lambda raw: {**raw, "version": EVENTS_VERSION},
}


def _decode(value: Any) -> Any:
    if isinstance(value, Mapping) and "@" in value:
        cls = _CLASSES[value["@"]]
        known = _hints(cls)
        value = _UPGRADES[cls](value) if cls in _UPGRADES else value
        return cls(**{key: _field(known[key], item) for key, item in value.items() if key in known})
    if isinstance(value, Mapping):
        return {key: _decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item) for item in value]
    return value


@functools.cache
def _hints(cls: type) -> Mapping[str, Any]:
    hints = typing.get_type_hints(cls)
    return {item.name: hints[item.name] for item in fields(cls)}


def _field(hint: Any, value: Any) -> Any:
    """A field's value: a list becomes a tuple again where the field is one; a template stays as it is."""
    if hint is Any or typing.get_origin(hint) is Mapping:
        return value
    decoded = _decode(value)
    return tuple(decoded) if typing.get_origin(hint) is tuple else decoded
