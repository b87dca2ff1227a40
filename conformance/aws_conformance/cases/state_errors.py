# SPDX-License-Identifier: Apache-2.0
"""Requests that provoke an error which is documented for a state, and what an account has one of.

It owns the reading of data/state-errors.yaml. It refuses to know how the state comes about.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from ..results.terms import Provenance
from .expectations import Earns

__all__ = ["Probe", "StateErrors", "state_errors_of"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A request with an expectation of its own, mostly that it provokes a documented error.

    `input` overrides members, `without` leaves steps out, `principal` "other" signs as another account,
    `twice` sends the request again after it was accepted. `codes` are what may answer.
    """

    title: str
    codes: tuple[str, ...]
    evidence: str
    provenance: Provenance
    earns: Earns = "refused"
    input: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    principal: str = ""
    twice: bool = False


@dataclass(frozen=True, slots=True)
class StateErrors:
    """What is on record of a service: probes and what is held by operation, identifiers that nobody has."""

    probes: Mapping[str, tuple[Probe, ...]] = field(default_factory=lambda: MappingProxyType({}))
    exclusive: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    others: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@functools.cache
def state_errors_of(service: str) -> StateErrors:
    """What is on record of a service; nothing for most."""
    text = resources.files("aws_conformance").joinpath("data/state-errors.yaml").read_text("utf-8")
    raw: Mapping[str, Any] = yaml.safe_load(text).get(service, {})
    probes = {
        operation: tuple(_probe(item) for item in items)
        for operation, items in raw.get("operations", {}).items()
    }
    return StateErrors(probes, raw.get("exclusive", {}), raw.get("others", {}))


def _probe(item: Mapping[str, Any]) -> Probe:
    return Probe(
        title=item["title"],
        codes=tuple(item["codes"]),
        evidence=item["evidence"],
        provenance=item["provenance"],
        earns=item.get("earns", "refused"),
        input=item.get("input", {}),
        without=tuple(item.get("without", ())),
        principal=item.get("principal", ""),
        twice=bool(item.get("twice")),
    )
