# SPDX-License-Identifier: Apache-2.0
"""Hypothesis as a driver of the generators: documents of a schema as a strategy that shrinks.

It owns the one class that answers choices with Hypothesis's draws. It is the only module of the package
that imports Hypothesis, which takes a moment, and it refuses to know what documents look like (model.py).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from ..choices import SeededChoices
from .compiler import compile_schema
from .nodes import Tree
from .values import generate

__all__ = ["documents", "tree_documents"]


_Draw = Callable[[st.SearchStrategy[Any]], Any]

# Hypothesis gives up on examples that need many kilobytes of choices, and warns. A document that has been
# decided by so many choices is rich enough: the rest of it is as simple as can be.
_MOST_DRAWS = 800
_REHEARSALS = 12


class _DrawnChoices:
    """Choices answered by Hypothesis, up to a number of draws; the simplest ones behind that."""

    __slots__ = ("_draw", "_left", "_makers", "_part")

    def __init__(self, draw: _Draw) -> None:
        self._draw = draw
        self._left = _MOST_DRAWS
        # One strategy for all parts of a document: making a strategy costs more than drawing from it.
        self._makers: list[Callable[[], Any]] = []
        self._part = st.builds(self._make)

    def integer(self, low: int, high: int) -> int:
        if low == high or self._left == 0:
            return low
        self._left -= 1
        # Hypothesis shrinks towards zero, so it is asked for the distance from the simplest answer.
        return low + int(self._draw(_upto(high - low)))

    def grouped(self, make: Callable[[], Any]) -> Any:
        # A draw within a draw: Hypothesis knows the inner one's choices to belong together.
        self._makers.append(make)
        return self._draw(self._part)

    def _make(self) -> Any:
        return self._makers.pop()()


@functools.lru_cache(maxsize=4096)
def _upto(high: int) -> st.SearchStrategy[int]:
    return st.integers(0, high)


def documents(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Documents that a schema accepts under every reading; shrinks to the smallest one of the schema.

    Raises PatternRefused if there is a pattern in the schema that cannot be generated from.
    """
    return tree_documents(compile_schema(schema))


def tree_documents(tree: Tree) -> st.SearchStrategy[Any]:
    """The same of a schema that is compiled already."""
    # Patterns are prepared when first met. Hypothesis would take that for slow drawing, and warn.
    for seed in range(_REHEARSALS):
        generate(tree, SeededChoices(seed))
    return _documents(tree)


@st.composite
def _documents(draw: _Draw, tree: Tree) -> Any:
    return generate(tree, _DrawnChoices(draw))
