# SPDX-License-Identifier: Apache-2.0
"""Places in the documents of a schema, by their pointers.

It owns how a place is called. It refuses to know what stands there, and which places there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .nodes import Node

__all__ = ["Pointer", "Site"]

Pointer: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the documents of a schema: its pointer, its node, and whether its parent requires it.

    In a pointer 0 stands for a list's element and the empty string for a map's value. `shape` is the name
    of the definition that the node comes from, or the empty string.
    """

    pointer: Pointer
    node: Node
    required: bool
    shape: str = ""
