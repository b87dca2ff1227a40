# SPDX-License-Identifier: Apache-2.0
"""What an account is spared: operations that are never sent, those that cost, those that read.

It owns the reading of data/account-limits.yaml and of operations' names. It refuses to know requests.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import translate
from importlib import resources
from typing import Any

import yaml

from ...cases.name_reading import read_name
from ...spec.shapes import Operation, Service

__all__ = ["cost_of", "denial_of", "reads"]

_READERS = re.compile(r"(?:Describe|Get|List)(?![a-z])")
_SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class _Limit:
    operations: re.Pattern[str]
    reason: str


@functools.cache
def _limits(kind: str) -> tuple[_Limit, ...]:
    text = resources.files("aws_conformance").joinpath("data/account-limits.yaml").read_text("utf-8")
    raw: Mapping[str, Any] = yaml.safe_load(text)
    return tuple(_Limit(re.compile(translate(row["operations"])), row["reason"]) for row in raw[kind])


@functools.lru_cache(maxsize=65536)
def _reason(kind: str, service: str, operation: str) -> str:
    name = f"{service}:{operation}"
    return next((limit.reason for limit in _limits(kind) if limit.operations.match(name)), "")


def denial_of(service: Service, operation: Operation) -> str:
    """Why an operation is never sent to an account, or the empty string."""
    return _reason("denied", service.name, operation.name)


def cost_of(service: Service, operation: Operation) -> str:
    """Why an operation is known to cost, or the empty string."""
    return _reason("costly", service.name, operation.name)


def reads(service: Service, operation: Operation) -> bool:
    """Whether an operation only reads: its model says so, or its name, or its HTTP method.

    Smithy's models have a mark; botocore's have none, so there it is Describe, Get and List. GET and HEAD are
    safe by HTTP (RFC 9110, 9.2.1), unless the name says that something is made or taken away.
    """
    if _reason("acting", service.name, operation.name):
        return False
    if operation.readonly or _READERS.match(operation.name):
        return True
    return operation.method in _SAFE and read_name(operation.name).verb == "read"
