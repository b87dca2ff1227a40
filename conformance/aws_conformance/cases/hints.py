# SPDX-License-Identifier: Apache-2.0
"""Hints: what neither names nor shapes tell of what an operation needs, in few lines of YAML.

It owns the reading of data/hints.yaml and what its sections mean. It refuses to know what is done with them.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from .api_words import words_of

__all__ = ["Hints", "hints_of"]

_SECTIONS = ("links", "values", "before", "named", "omit", "uploads")


@dataclass(frozen=True, slots=True)
class Hints:
    """The hints of one service; `everywhere` are those of all."""

    name: str
    service: Mapping[str, Any]
    everywhere: Mapping[str, Any]

    def inputs(self, operation: str) -> Mapping[str, Any]:
        """Members of an operation's input with their values."""
        inputs: Mapping[str, Any] = self.service.get(operation) or {}
        return inputs if operation not in _SECTIONS else {}

    def before(self, operation: str) -> tuple[str, ...]:
        """Operations that have to come before one, in order; or uploads, by their names."""
        return tuple(self.service.get("before", {}).get(operation, ()))

    @property
    def named(self) -> Mapping[str, str]:
        """Members that name state on every target, with the source of each; empty for most services."""
        named: Mapping[str, str] = self.service.get("named", {})
        return named

    def omitted(self, operation: str) -> tuple[str, ...]:
        """Optional members of which nothing true can be made up."""
        return tuple(self.service.get("omit", {}).get(operation, ()))

    def upload(self, name: str) -> Mapping[str, Any] | None:
        """The upload of that name: its address, headers, columns and rows; None if there is none."""
        upload: Mapping[str, Any] | None = self.service.get("uploads", {}).get(name)
        return upload

    def link(self, member: str, operation: str = "") -> str:
        """The source of a member's value, `Operation.path` or `service:Operation.path`; empty if none."""
        links = self.service.get("links", {})
        by_operation = f"{operation}.{member}"
        own = links.get(by_operation) or links.get(member) or self.named.get(by_operation)
        common = self._common_link(member)
        # What a service makes itself is known by its model.
        return str(own) if own else "" if common.startswith(f"{self.name}:") else common

    def _common_link(self, member: str) -> str:
        """The source of members that end like that in any service: an ExecutionRoleArn is a RoleArn."""
        links = self.everywhere.get("links", {})
        words = words_of(_capital(member))
        ends = ("".join(words[start:]) for start in range(len(words)))
        return next(
            (str(links[name]) for end in ends for name in (end, end.removesuffix("s")) if name in links), ""
        )

    def own_value(self, member: str) -> Any:
        """The service's value for members of that name; None if it has none."""
        return self.service.get("values", {}).get(member)

    def common_value(self, member: str) -> Any:
        """A value for members of that name in any service; None if there is none."""
        return self.everywhere.get("values", {}).get(_capital(member))


def _capital(member: str) -> str:
    return member[:1].upper() + member[1:]


@functools.cache
def _all() -> Mapping[str, Mapping[str, Any]]:
    text = resources.files("aws_conformance").joinpath("data/hints.yaml").read_text("utf-8")
    hints: Mapping[str, Mapping[str, Any]] = substitute_samples(yaml.safe_load(text) or {})
    return hints


def substitute_samples(hints: Any) -> Any:
    """Hints with the text of a file of data/samples in the place of each `{$sample: name}`."""
    match hints:
        case {"$sample": str(name), **rest} if not rest:
            content = resources.files("aws_conformance").joinpath("data/samples", name).read_bytes()
            return base64.b64encode(content).decode() if name.endswith(".zip") else content.decode().strip()
        case dict():
            return {key: substitute_samples(item) for key, item in hints.items()}
        case list():
            return [substitute_samples(item) for item in hints]
        case _:
            return hints


def forget() -> None:
    """Go on without any hint, to see what the models tell alone."""
    hints_of.cache_clear()
    _all.cache_clear()
    globals()["_all"] = dict


@functools.cache
def hints_of(service: str) -> Hints:
    """The hints of a service; empty for most."""
    return Hints(service, _all().get(service, {}), _all().get("everywhere", {}))
