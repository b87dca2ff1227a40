# SPDX-License-Identifier: Apache-2.0
"""Errors that models leave out: of any AWS service, and of one service alone, by data/common-errors.json.

It owns the form of that file, where each list has its evidence. It refuses to know what an answer with such
an error is worth.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

__all__ = ["framework_codes", "is_common"]


@functools.cache
def _lists() -> Mapping[str, Any]:
    text = resources.files("aws_conformance").joinpath("data/common-errors.json").read_text("utf-8")
    lists: Mapping[str, Any] = json.loads(text)
    return lists


@functools.cache
def framework_codes() -> frozenset[str]:
    """The codes that any AWS service may answer with."""
    return frozenset(_lists()["every service"])


@functools.cache
def _codes_of(service: str) -> frozenset[str]:
    return frozenset(_lists()["of a service"].get(service, ()))


def is_common(service: str, code: str) -> bool:
    """Whether an error may come from any operation of a service, though none declares it."""
    return code in framework_codes() or code in _codes_of(service)
