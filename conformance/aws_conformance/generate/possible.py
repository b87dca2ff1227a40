# SPDX-License-Identifier: Apache-2.0
"""A tree without what no instance can be made of: a few models have patterns that no text can meet.

It owns what is done about such a place: an optional member is left out, a required text is made by its
lengths alone. It refuses to know why a pattern is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace

from ..spec.patterns.refusal import PatternRefused
from .nodes import Node, ObjectNode, StringNode, Tree, heights_of
from .values import text_language

__all__ = ["possible"]

_ENDLESS = 1_000_000


def possible(tree: Tree) -> Tree:
    """The tree as far as instances of it can be made."""
    definitions = {name: _possible(tree, node) for name, node in tree.definitions.items()}
    if all(definitions[name] is node for name, node in tree.definitions.items()):
        return tree
    return Tree(_possible(tree, tree.root), definitions, heights_of(definitions))


def _possible(tree: Tree, node: Node) -> Node:
    match node:
        case ObjectNode(properties=properties, required=required):
            left: Mapping[str, Node] = {
                name: item
                for name, item in properties.items()
                if name in required or not _is_impossible(tree.resolve(item))
            }
            return node if len(left) == len(properties) else replace(node, properties=left)
        case StringNode() if _is_impossible(node):
            return replace(node, source=None)
        case _:
            return node


def _is_impossible(node: Node) -> bool:
    return isinstance(node, StringNode) and node.source is not None and _has_no_text(node)


@functools.lru_cache(maxsize=8192)
def _has_no_text(node: StringNode) -> bool:
    """Whether no text is as a node asks; one shape stands in many operations."""
    try:
        most = _ENDLESS if node.max is None else node.max
        return text_language(node).lengths(node.min, most) is None
    except PatternRefused:
        return True
