# SPDX-License-Identifier: Apache-2.0
"""From a valid instance to one with exactly one named constraint broken.

It owns what can be broken at each kind of place and how the broken value looks, from the schema alone.
It refuses to know what a target should make of it (data/expectations.yaml) and how it travels; that the
broken document is still invalid after the wire is proved in cases/cases.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..choices import Choices
from ..spec.shapes import UNKNOWN_MEMBER
from .boundaries import document_at, generalised, pointer_text, sites
from .broken_values import NODE_KINDS, BrokenValue, broken_values
from .nodes import (
    ListNode,
    MapNode,
    Node,
    ObjectNode,
    Tree,
)
from .places import Pointer, Site
from .values import minimal

__all__ = [
    "Mutation",
    "MutationDraft",
    "Place",
    "enumerated_mutations",
    "mutation_drafts",
    "mutations_at",
    "places_within",
]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A document with one thing changed: where, which keyword it breaks, and by what kind of value.

    `place` is the pointer with `*` for indices and keys, the same for all documents. `node_kind` is the
    kind of the place (`string`, `integer`, ...), `bound` the value of the broken keyword, in words.
    `healthy` is the valid value that stood at `site`, which is the place or its parent.
    """

    pointer: Pointer
    place: str
    keyword: str
    value_class: str
    node_kind: str
    bound: str
    document: Any
    site: Pointer
    healthy: Any


@dataclass(frozen=True, slots=True)
class Place:
    """A place of one document: its pointer, its node, whether its parent requires it, and its value.

    `general` is the pointer with `*` for indices and keys.
    """

    pointer: Pointer
    general: Pointer
    node: Node
    required: bool
    value: Any


@dataclass(frozen=True, slots=True)
class MutationDraft:
    """A mutation of a place whose document is not made yet: whoever chooses among many needs none."""

    site: Site
    _broken: BrokenValue
    _healthy: Any

    @property
    def keyword(self) -> str:
        return self._broken.keyword

    @property
    def value_class(self) -> str:
        return self._broken.value_class

    @property
    def node_kind(self) -> str:
        """The kind of the place: `string`, `integer`, ..."""
        return NODE_KINDS[type(self.site.node)]

    @property
    def member(self) -> str:
        """The member that is missing or unknown, or the empty string."""
        return "".join(map(str, _member(self._broken)))

    @property
    def place(self) -> str:
        """The generalised pointer of what the mutation is of."""
        return _place(self.site, generalised(self.site.pointer), self._broken)

    def mutation(self, tree: Tree) -> Mutation:
        """The mutation in the smallest document that has the place."""
        document = document_at(tree, self.site.pointer, self._broken.value)
        return _mutation(self.site, generalised(self.site.pointer), self._broken, document, self._healthy)


def enumerated_mutations(tree: Tree) -> Iterator[Mutation]:
    """Every mutation of every place once, each in the smallest document that has the place."""
    for draft in mutation_drafts(tree, sites(tree)):
        yield draft.mutation(tree)


def mutation_drafts(tree: Tree, places: Iterable[Site]) -> Iterator[MutationDraft]:
    """Every mutation of these places once, in the order of the places."""
    for site in places:
        healthy = minimal(tree, site.node)
        for broken in broken_values(tree, site, healthy, None):
            if broken.remove is None or broken.remove in healthy:
                yield MutationDraft(site, broken, healthy)


def places_within(tree: Tree, document: Any) -> list[Place]:
    """The places that a valid document has, parents before children."""
    return list(_places(tree, tree.root, document, (), (), True))


def mutations_at(tree: Tree, document: Any, place: Place, choices: Choices) -> list[Callable[[], Mutation]]:
    """What makes each mutation of one place of a valid document; the document itself is left as it is."""
    site = Site(place.pointer, place.node, place.required)
    # A key of the document says nothing about whether it is a map's; the general pointer does.
    kind = Site(place.general, place.node, place.required)

    def make(broken: BrokenValue) -> Mutation:
        changed = _replaced(document, place.pointer, broken.value)
        return _mutation(site, place.general, broken, changed, place.value)

    return [functools.partial(make, broken) for broken in broken_values(tree, kind, place.value, choices)]


def _places(
    tree: Tree, node: Node, value: Any, pointer: Pointer, general: Pointer, required: bool
) -> Iterator[Place]:
    resolved = tree.resolve(node)
    yield Place(pointer, general, resolved, required, value)
    match resolved, value:
        case ObjectNode(properties=properties, required=names), dict():
            for name, item in value.items():
                inner = (*pointer, name)
                yield from _places(tree, properties[name], item, inner, (*general, name), name in names)
        case ListNode(items=items), list() if value:
            # One element stands for all: what is broken in the second is broken in the first.
            yield from _places(tree, items, value[0], (*pointer, 0), (*general, "*"), True)
        case MapNode(values=values), dict() if value:
            key = next(iter(value))
            yield from _places(tree, values, value[key], (*pointer, key), (*general, "*"), True)
        case _:
            return


def _replaced(root: Any, pointer: Pointer, value: Any) -> Any:
    """The document with another value at a pointer; what leads there is new, all else the same objects."""
    if not pointer:
        return value
    step = pointer[0]
    copied = root.copy()
    copied[step] = _replaced(root[step], pointer[1:], value)
    return copied


def _member(broken: BrokenValue) -> Pointer:
    """The step from a place to the member that a mutation is of, if it is of one."""
    if broken.keyword == "additionalProperties":
        return (UNKNOWN_MEMBER,)
    return () if broken.remove is None else (broken.remove,)


def _place(site: Site, general: Pointer, broken: BrokenValue) -> str:
    return pointer_text((*general, *_member(broken)))


def _mutation(site: Site, general: Pointer, broken: BrokenValue, document: Any, healthy: Any) -> Mutation:
    kind = NODE_KINDS[type(site.node)]
    return Mutation(
        (*site.pointer, *_member(broken)),
        _place(site, general, broken),
        broken.keyword,
        broken.value_class,
        kind,
        broken.bound,
        document,
        site.pointer,
        healthy,
    )
