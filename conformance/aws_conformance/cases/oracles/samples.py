# SPDX-License-Identifier: Apache-2.0
"""What no shape tells of the requests that oracles make: data/oracles.yaml, read.

It owns the form of that file. It refuses to know which requests are made of it (scripts.py).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, TypeAlias

import yaml

__all__ = [
    "changes_to",
    "filter_samples",
    "fixed_members",
    "is_global",
    "is_gone",
    "left_alone",
    "refused_again",
    "refused_members",
    "versioned_by",
]

Members: TypeAlias = Mapping[str, Any]


@functools.cache
def _samples() -> Mapping[str, Any]:
    text = resources.files("aws_conformance").joinpath("data/oracles.yaml").read_text("utf-8")
    samples: Mapping[str, Any] = yaml.safe_load(text) or {}
    return samples


def _of(service: str, operation: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = _samples().get(service, {}).get(operation, {})
    return row


def fixed_members(service: str, operation: str) -> Members:
    """Members that a request of an operation always has."""
    fixed: Members = _of(service, operation).get("always", {})
    return fixed


def left_alone(service: str, operation: str) -> tuple[str, ...]:
    """Members of an operation that are not changed."""
    return tuple(_of(service, operation).get("leave", ()))


def changes_to(service: str, operation: str) -> tuple[Members, ...]:
    """Members by which requests of an operation are changed first."""
    return tuple(_of(service, operation).get("changes", ()))


def filter_samples(service: str, operation: str) -> tuple[Members, ...]:
    """What a list is asked for by filters that no shape tells."""
    return tuple(_of(service, operation).get("filters", ()))


def refused_members(service: str, operation: str) -> tuple[Members, ...]:
    """Members for which AWS is known to refuse a request that is right by its shapes."""
    return tuple(_of(service, operation).get("refused", ()))


def refused_again(service: str, operation: str) -> tuple[Members, ...]:
    """The same for a request about what is there already."""
    return tuple(_of(service, operation).get("refused-again", ()))


def is_gone(service: str, operation: str) -> bool:
    """Whether AWS is known to refuse a read where what it shows was taken away."""
    return bool(_of(service, operation).get("gone", False))


def versioned_by(service: str, operation: str) -> Members:
    """The `operation`, `with` its members, by which what another writes gets versions; empty for none."""
    switch: Members = _of(service, operation).get("versioned-by", {})
    return switch


def is_global(service: str) -> bool:
    """Whether what a service holds is the same in all regions."""
    return service in _samples()["global"]
