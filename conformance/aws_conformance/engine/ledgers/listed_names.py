# SPDX-License-Identifier: Apache-2.0
"""Whether what a list shows is called as something that was asked for, and the answer that it stands for.

It owns the comparison of names with what a service makes of them. It refuses to know which lists there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...cases.name_reading import is_own_name
from ...cases.oracles.words import is_naming, noun_of, plain
from ...spec.shapes import Operation, Service, StringShape, StructureShape

__all__ = ["as_answer", "is_called", "would_show"]

# A name stands last in an ARN and in an address.
_PARTS = re.compile(r"[:/]")


def is_called(element: Any, names: Mapping[str, str], creator: str) -> bool:
    """Whether an element of a list shows one of the names that a thing was to have.

    `names` are by members of the creator's input. A text counts whole, with the dot behind it that a domain
    has, and as the last part of an ARN or an address.
    """
    if isinstance(element, str):
        return any(_is_same(element, text, in_parts=True) for text in names.values())
    if not isinstance(element, Mapping):
        return False
    return any(
        isinstance(shown, str) and _is_same(shown, text, in_parts=_is_address(leaf, creator))
        for leaf, shown in element.items()
        for member, text in names.items()
        if _is_address(leaf, creator) or _shows(leaf, member, creator)
    )


def would_show(shapes: Iterable[StructureShape], names: Mapping[str, str], creator: str) -> bool:
    """Whether elements of a list have a member of their own for one of the names."""
    return any(
        _shows(leaf, member, creator) for shape in shapes for leaf in shape.members for member in names
    )


def as_answer(service: Service, creator: Operation, path: str, element: Any) -> dict[str, Any]:
    """The answer of a creator that shows what an element of the list at a path shows.

    A list shows of each thing what its creator shows at the root of its answer, or in a structure there.
    """
    members = service.structure(creator.output).members
    if isinstance(element, str):
        single = plain(path.rpartition(".")[2])
        texts = (name for name, member in members.items() if _is_text(service, member.target))
        return {name: element for name in texts if plain(name) == single}
    if not isinstance(element, Mapping):
        return {}
    within = (
        name for name, member in members.items() if isinstance(service.shape(member.target), StructureShape)
    )
    return {**element, **{name: dict(element) for name in within}}


def _shows(leaf: str, member: str, creator: str) -> bool:
    """Whether a member of an element is for what a member of the creator's input says."""
    return leaf.lower() == member.lower() or (_names(leaf, creator) and _names(member, creator))


def _names(member: str, creator: str) -> bool:
    return is_naming(member, noun_of(creator)) or is_own_name(member, creator)


def _is_address(leaf: str, creator: str) -> bool:
    """Whether a member of an element is the thing's own ARN or address."""
    thing = plain(noun_of(creator))
    return plain(leaf) in ("arn", "url", "uri", f"{thing}arn", f"{thing}url", f"{thing}uri")


def _is_same(shown: str, text: str, *, in_parts: bool) -> bool:
    return text in (shown, shown.removesuffix(".")) or (in_parts and _PARTS.split(shown)[-1] == text)


def _is_text(service: Service, target: str) -> bool:
    return isinstance(service.shape(target), StringShape)
