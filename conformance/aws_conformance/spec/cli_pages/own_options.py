# SPDX-License-Identifier: Apache-2.0
"""What the `aws` command makes of an operation that its page then shows as the operation's own.

It owns the table of such options (data/cli-options.yaml) and which differences between a page and a model
come of them. It refuses to know how differences are searched for.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

from ..diff import ModelSource
from ..difference import Difference
from ..shapes import StructureShape
from .names import kebab_case
from .page import Page

__all__ = ["RemadeOperation", "is_by_command", "remade", "stated"]


@dataclass(frozen=True, slots=True)
class RemadeOperation:
    """Options of the command's own; members that they fill; members of the answer that it takes or adds."""

    own: frozenset[str] = frozenset()
    fills: frozenset[str] = frozenset()
    output: frozenset[str] = frozenset()


@functools.cache
def _remade_operations() -> Mapping[tuple[str, str], RemadeOperation]:
    text = resources.files("aws_conformance").joinpath("data/cli-options.yaml").read_text("utf-8")
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]] = yaml.safe_load(text)
    return MappingProxyType(
        {
            (service, operation): RemadeOperation(**{side: frozenset(names) for side, names in sides.items()})
            for service, operations in rows.items()
            for operation, sides in operations.items()
        }
    )


def remade(service: str, operation: str) -> RemadeOperation:
    """What the command makes of an operation; nothing for most."""
    return _remade_operations().get((service, operation), RemadeOperation())


def is_by_command(service: str, difference: Difference) -> bool:
    """Whether a difference between a page and a model of that service comes of the command alone."""
    known = remade(service, difference.operation)
    path = difference.path.removeprefix("$.")
    top = path.partition(".")[0].partition("[")[0].partition("{")[0]
    if difference.side == "output":
        return "*" in known.output or top in known.output
    if difference.side != "input":
        return False
    # Of what is filled in another way the page may tell the member itself otherwise, and nothing below it.
    return path in known.fills or kebab_case(top) in known.own


def stated(page: Page) -> ModelSource:
    """What a page says itself, to be compared: without the errors, which a model lends it.

    Of a structure that is switched by an option and its negation the page leaves out the members.
    """
    roots = {root for each in page.service.operations.values() for root in (each.input, each.output)}
    untold = {
        name
        for name, shape in page.service.shapes.items()
        if isinstance(shape, StructureShape) and not shape.members and name not in roots
    }
    operations = {name: replace(operation, errors=()) for name, operation in page.service.operations.items()}
    service = replace(page.service, operations=MappingProxyType(operations))
    return ModelSource(service, page.carries, page.tentative | untold)
