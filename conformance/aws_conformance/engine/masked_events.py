# SPDX-License-Identifier: Apache-2.0
"""Events without secrets: what a target said in them is looked through once more before anybody hears it.

It owns which fields of an event hold words of the target's, as a table. It refuses to know who made an event
and who takes it. Ids, and what the kit itself sends, are left as they are, so that events still fit together
and requests can be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..protocols.spelled import possible_secrets
from ..reproduce.mask import without_secrets
from ..results.events import (
    CaseFinished,
    Covered,
    Errored,
    Event,
    Flaky,
    Inconclusive,
    Lived,
    NotImplementedByTarget,
    OperationFinished,
    Reported,
    Reproduction,
    UnrepeatedViolation,
    Violated,
    Violation,
)

__all__ = ["masked_events", "violation_without"]

# The fields that are or hold what a target said. What a violation is known by (its path and its cause) was
# looked through when it was found: what is issued later must not change it.
_SAID: Mapping[type, tuple[str, ...]] = {
    CaseFinished: ("outcome", "code", "answer"),
    Covered: ("unjudged",),
    Errored: ("reason",),
    Flaky: ("violations",),
    Inconclusive: ("reason",),
    Lived: ("reason",),
    NotImplementedByTarget: ("evidence",),
    OperationFinished: (
        "evidence",
        "errors",
        "unreached",
        "findings",
        "histories",
        "deaths",
        "unrepeated",
        "coverage",
        "chain",
    ),
    Reported: ("violation", "reproduction"),
    Reproduction: ("request", "response"),
    UnrepeatedViolation: ("violation", "reason", "reproduction"),
    Violated: ("violations",),
    Violation: ("expected", "got", "site", "thrown"),
}


def masked_events(
    emit: Callable[[Event], None], secrets: Callable[[], Iterable[str]]
) -> Callable[[Event], None]:
    """A consumer that hands on each event without the secrets of that moment."""

    def take(event: Event) -> None:
        if type(event) in _SAID:
            possible = possible_secrets(_texts(event), secrets())
            event = _masked(event, possible) if possible else event
        emit(event)

    return take


def violation_without(violation: Violation, secrets: Iterable[str]) -> Violation:
    """A violation without secrets, wherever the target put them: in values, names and codes.

    For one that nobody has taken note of yet, since what it is known by is changed too.
    """
    names = ("path", "cause", *_SAID[Violation])
    possible = possible_secrets((getattr(violation, name) for name in names), secrets)
    if not possible:
        return violation
    texts: dict[str, Any] = {name: without_secrets(getattr(violation, name), possible) for name in names}
    return replace(violation, **texts)


def _texts(value: Any) -> Iterator[str]:
    """The texts of the target's in a value."""
    match value:
        case str():
            yield value
        case Mapping():
            for name, item in value.items():
                yield str(name)
                yield from _texts(item)
        case tuple() | list():
            for item in value:
                yield from _texts(item)
        case _:
            for name in _SAID.get(type(value), ()):
                yield from _texts(getattr(value, name))


def _masked(value: Any, secrets: tuple[str, ...]) -> Any:
    match value:
        case str():
            return without_secrets(value, secrets)
        case Mapping():
            return {_masked(name, secrets): _masked(item, secrets) for name, item in value.items()}
        case tuple():
            return tuple(_masked(item, secrets) for item in value)
        case list():
            return [_masked(item, secrets) for item in value]
        case _ if type(value) in _SAID:
            names = _SAID[type(value)]
            return replace(value, **{name: _masked(getattr(value, name), secrets) for name in names})
        case _:
            return value
