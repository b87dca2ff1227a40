# SPDX-License-Identifier: Apache-2.0
"""How a list is paged: which members hold the token, the limit and the results, by botocore's paginators.

It owns the reading of their rows, and of the members where there is no row. It refuses to know how pages are
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath

from ...spec.botocore import paginators
from ...spec.shapes import (
    IntegerShape,
    ListShape,
    MapShape,
    Operation,
    Service,
    StringShape,
    StructureShape,
)

__all__ = ["Paging", "paging_of"]

_TOKEN = re.compile(r"(?i)^(?:next|pagination|continuation)_?(?:page)?_?(?:token|marker)$|^marker$")
# What is called so is at least 20 where the model does not say: in rds, redshift, elasticache, dms and others
# the words of the documents do.
_RECORDS, _LEAST_RECORDS = "MaxRecords", 20
_LIMIT = re.compile(r"(?i)^(?:limit|max_?(?:results|items|records|keys)|page_?size)$")


@dataclass(frozen=True, slots=True)
class Paging:
    """The members of a paged operation; `shown` are expressions that give the next page's tokens.

    `limit` is the input's bound on a page, with the `least` that it may be; empty if there is none. `opaque`
    tells that a token means nothing to whoever holds it. `results` are paths to the lists of a page.
    """

    tokens: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    more: str = ""
    limit: str = ""
    least: int = 1
    results: tuple[str, ...] = ()
    opaque: bool = False

    def following(self, document: Any) -> Mapping[str, Any]:
        """The members that ask for the page after the one shown; empty if it is the last."""
        if self.more and not jmespath.search(self.more, document):
            return {}
        values = (jmespath.search(expression, document) for expression in self.shown)
        return {
            name: value for name, value in zip(self.tokens, values, strict=True) if value not in (None, "")
        }

    def elements(self, document: Any) -> Iterator[tuple[str, int, Any]]:
        """Each element of a page: the path to its list, its index, and itself."""
        for path in self.results:
            listed = jmespath.search(path, document) or ()
            if isinstance(listed, Mapping):
                listed = list(listed.items())
            yield from ((path, index, element) for index, element in enumerate(listed))

    def shapes(self, service: Service, operation: Operation) -> Iterator[StructureShape]:
        """The structures that the elements of its lists are, of those at the root of an answer."""
        members = service.structure(operation.output).members
        for path in self.results:
            shape = service.shape(members[path].target) if path in members else None
            element = service.shape(shape.member.target) if isinstance(shape, ListShape) else None
            if isinstance(element, StructureShape):
                yield element


def paging_of(service: Service, operation: Operation, noun: str) -> Paging:
    """How an operation is paged; without tokens where it is not, and then with the lists that it shows."""
    known = service.derived(_rows)
    key = (operation.name, noun)
    if key not in known:
        row = paginators(service.name).get(operation.name)
        known[key] = _of_row(service, operation, row) if row else _of_members(service, operation, noun)
    return known[key]


def _rows(service: Service) -> dict[tuple[str, str], Paging]:
    return {}


def _of_row(service: Service, operation: Operation, row: Mapping[str, Any]) -> Paging:
    tokens = _several(row.get("input_token", ()))
    limit = str(row.get("limit_key", ""))
    return Paging(
        tokens,
        _several(row.get("output_token", ())),
        str(row.get("more_results", "")),
        limit,
        _least(service, operation, limit),
        _several(row.get("result_key", ())),
        all(_TOKEN.match(name) for name in tokens) and bool(tokens),
    )


def _of_members(service: Service, operation: Operation, noun: str) -> Paging:
    inputs = service.structure(operation.input).members
    outputs = service.structure(operation.output).members
    token = next(
        (
            name
            for name, member in inputs.items()
            if _TOKEN.match(name)
            and name in outputs
            and isinstance(service.shape(member.target), StringShape)
        ),
        "",
    )
    limit = next(
        (
            name
            for name, member in inputs.items()
            if _LIMIT.match(name) and isinstance(service.shape(member.target), IntegerShape)
        ),
        "",
    )
    lists = [name for name, member in outputs.items() if _is_collection(service, member.target)]
    named = [name for name in lists if name.lower().startswith(noun.lower()[:4])]
    tokens = (token,) if token else ()
    return Paging(
        tokens,
        tokens,
        "",
        limit,
        _least(service, operation, limit),
        tuple(named[:1] or lists[:1]),
        bool(token),
    )


def _is_collection(service: Service, target: str) -> bool:
    match service.shape(target):
        case ListShape() | MapShape():
            return True
        case _:
            return False


def _least(service: Service, operation: Operation, limit: str) -> int:
    members = service.structure(operation.input).members
    shape = service.shapes.get(members[limit].target) if limit in members else None
    if isinstance(shape, IntegerShape) and shape.min is not None:
        return max(1, int(shape.min))
    return _LEAST_RECORDS if limit == _RECORDS else 1


def _several(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
