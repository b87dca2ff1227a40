# SPDX-License-Identifier: Apache-2.0
"""What an output holds that nobody judged: texts whose documented pattern has no translation.

It owns the search for them. It refuses to know why a pattern is refused (spec/patterns).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..cases.compile import contract_of
from ..http import Response
from ..spec.patterns.refusal import PatternRefused
from ..spec.patterns.translate import translate
from ..spec.shapes import ListShape, MapShape, Operation, Service, StringShape, StructureShape
from .places import place

__all__ = ["unjudged_patterns"]


def unjudged_patterns(
    service: str, operation: str, output: Any, *, protocol: str | None = None, schemas: Path | None = None
) -> list[str]:
    """A line for each text of an output, decoded or as a response, whose pattern could not be judged.

    Raises UsageError for an unknown service or protocol.
    """
    contract = contract_of(service, protocol, schemas)
    known = contract.operation(operation)
    document = output
    if isinstance(output, Response):
        success = 200 <= output.status < 300
        decode = contract.protocol.decode_response
        document = decode(contract.service, known, output).document if success else None
    return [
        f"{place(contract.service, known.output, path).exact}: its pattern was not judged: {reason}"
        for path, reason in _refused(contract.service, known, document)
    ]


def _refused(
    service: Service, operation: Operation, document: Any
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Places of texts whose pattern is refused, each with the reason."""
    left: list[tuple[tuple[str | int, ...], str | None, Any]] = [((), operation.output, document)]
    while left:
        path, name, value = left.pop(0)
        match service.shapes.get(name) if name else None, value:
            case StringShape(pattern=str(pattern), enum=()), str():
                try:
                    translate(pattern)
                except PatternRefused as refusal:
                    yield path, refusal.reason
            case StructureShape(members=members), dict():
                left += [
                    ((*path, key), members[key].target, item) for key, item in value.items() if key in members
                ]
            case ListShape(member=member), list():
                left += [((*path, index), member.target, item) for index, item in enumerate(value)]
            case MapShape(value=member), dict():
                left += [((*path, key), member.target, item) for key, item in value.items()]
            case _:
                pass
