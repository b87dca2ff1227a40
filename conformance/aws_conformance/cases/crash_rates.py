# SPDX-License-Identifier: Apache-2.0
"""How much sooner than others a kind of request is worth another try, by how often it crashes targets.

It owns the weights, which come from whole runs: of what has another JSON type than its place, most crashes
where the one is a container and the other is not. It refuses to know how a case is made, and what was tried.
"""

from __future__ import annotations

__all__ = ["crash_weight", "kind_of_boundary", "kind_of_value"]

# Kinds of values, and the types that are of the kind.
_CONTAINERS = ("array", "object", "container")
_NUMBERS = ("integer", "number")
# Valid requests that have more, or less, in them than what is usual; and enumerations, each value of which
# mostly has code of its own.
_TELLING_LABELS = frozenset({"minimal", "all members", "fewest", "most", "two", "enum"})


def crash_weight(keyword: str, value_class: str = "", place_kind: str = "") -> int:
    """How many requests of a kind are worth as much as one of those that hardly anything crashes of.

    `keyword` is what is broken, or the kind of a boundary; `value_class` by what; `place_kind` is of what
    kind the place is.
    """
    if keyword == "type":
        return _of_type(value_class, place_kind)
    if keyword == "required":
        return 3
    return 2 if keyword in _TELLING_LABELS else 1


def kind_of_value(keyword: str, value_class: str) -> str:
    """What values of one kind have in common; of a wrong type, whether it is a container, or nothing."""
    if keyword != "type":
        return value_class
    if value_class.startswith("null"):
        return "null"
    return "container" if value_class in _CONTAINERS else "scalar"


def kind_of_boundary(label: str) -> str:
    """A boundary's label without its value: which value of an enumeration it is makes no kind of its own."""
    word = label.partition(" ")[0]
    return word if word in ("enum", "key") else label


def _of_type(value_class: str, place_kind: str) -> int:
    if place_kind in ("list", "map"):
        return 4
    if place_kind == "string" and value_class in _CONTAINERS:
        return 4
    if place_kind == "structure" or value_class.startswith("null"):
        return 2
    return 2 if place_kind in _NUMBERS else 1
