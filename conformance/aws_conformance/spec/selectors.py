# SPDX-License-Identifier: Apache-2.0
"""Selectors become operations: what a user wrote to what the models hold.

It owns the grammar (`service`, `service:Operation`, `service:Glob*`, `*`) and the suggestions for a word
that nothing is named by. It refuses to know what happens to an operation once it is selected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from ..errors import UsageError, did_you_mean
from . import botocore as models
from .shapes import Operation, Service

__all__ = ["find_operation", "select", "split_operation"]

_GLOB = frozenset("*?[")


def select(selectors: Sequence[str]) -> tuple[str, ...]:
    """Full names (`service:Operation`) of all selected operations, each once.

    Services stand in the order in which they were first named, operations in the order of their model,
    so that two ways to say the same selection give the same run. Raises UsageError, with a suggestion,
    for a service, an operation or a glob that selects nothing.
    """
    chosen: dict[str, set[str]] = {}
    for selector in selectors:
        for service, names in _matches(selector):
            chosen.setdefault(service, set()).update(names)
    return tuple(
        f"{service}:{name}"
        for service, names in chosen.items()
        for name in models.load_service(service).operations
        if name in names
    )


def find_operation(text: str) -> tuple[Service, Operation]:
    """The one operation that `service:Operation` names. Raises UsageError, with a suggestion."""
    service_name, name = split_operation(text)
    service = models.load_service(service_name)
    if name not in service.operations:
        raise _unknown_operation(service, name)
    return service, service.operations[name]


def split_operation(text: str) -> tuple[str, str]:
    """`service:Operation` in two. Raises UsageError if either part is missing."""
    service, colon, name = text.partition(":")
    if not (service and colon and name):
        raise UsageError(f"{text!r} does not name an operation.", _FORM)
    return service, name


_FORM = "An operation is written SERVICE:OPERATION, such as cognito-idp:StartUserImportJob."


def _matches(selector: str) -> Iterator[tuple[str, Sequence[str]]]:
    service_name, colon, pattern = selector.partition(":")
    if not service_name or (colon and not pattern):
        raise UsageError(f"{selector!r} selects nothing.", _FORM)
    if service_name == "*":
        yield from _everywhere(selector, pattern or "*")
        return
    # Nobody writes a service in capitals; a bare operation is the likelier slip.
    if not colon and service_name[0].isupper():
        raise UsageError(f"There is no service named {service_name!r}.", _FORM)
    service = models.load_service(service_name)
    names = _named(service.operations, pattern or "*")
    if names:
        yield service.name, names
        return
    if not _GLOB.isdisjoint(pattern):
        hint = f"`aws-conformance plan {service.name}` lists its operations."
        raise UsageError(f"No operation of {service.name} matches {pattern!r}.", hint)
    raise _unknown_operation(service, pattern)


def _everywhere(selector: str, pattern: str) -> Iterator[tuple[str, Sequence[str]]]:
    matched = False
    for service_name in models.service_names():
        names = _named(models.load_service(service_name).operations, pattern)
        if names:
            matched = True
            yield service_name, names
    if not matched:
        raise UsageError(f"No operation of any service matches {selector!r}.", _FORM)


def _named(operations: Mapping[str, Operation], pattern: str) -> Sequence[str]:
    if _GLOB.isdisjoint(pattern):
        return (pattern,) if pattern in operations else ()
    return [name for name in operations if fnmatchcase(name, pattern)]


def _unknown_operation(service: Service, name: str) -> UsageError:
    hint = did_you_mean(name, service.operations)
    hint = hint or f"`aws-conformance plan {service.name}` lists its operations."
    return UsageError(f"{service.name} has no operation named {name!r}.", hint)
