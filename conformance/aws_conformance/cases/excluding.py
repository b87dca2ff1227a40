# SPDX-License-Identifier: Apache-2.0
"""Requests with two members of which the documents allow one.

It owns the choice of their values. It refuses to know in which sentences documents say so
(spec/documented_exclusions.py), and what such a request earns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..generate.boundaries import boundaries, document_at, sites
from ..spec.shapes import Exclusion
from .contract import OperationContract

__all__ = ["ExcludingPair", "excludes_itself", "excluding_documents"]

_NOTHING: tuple[Any, ...] = (None, "", 0, False, [], {})
_TEXT, _NUMBER = "conformance", 7


@dataclass(frozen=True, slots=True)
class ExcludingPair:
    """A member with another that it excludes, a document with both, and one with the first alone."""

    name: str
    exclusion: Exclusion
    document: Mapping[str, Any]
    single: Mapping[str, Any]

    @property
    def keyword(self) -> str:
        """The kind of what is broken, as findings tell it apart."""
        return f"beside {self.exclusion.other}"


def excluding_documents(contract: OperationContract) -> Iterator[ExcludingPair]:
    """Each pair of members of an input that documents say exclude each other, once."""
    seen: set[frozenset[str]] = set()
    structure = contract.service.structure(contract.operation.input)
    for name, member in structure.members.items():
        for exclusion in member.exclusions:
            pair = frozenset({name, exclusion.other})
            if pair in seen or pair <= {*structure.required}:
                continue
            seen.add(pair)
            single, other = (_document(contract, key) for key in (name, exclusion.other))
            if single is not None and other is not None:
                yield ExcludingPair(name, exclusion, {**other, **single}, single)


def excludes_itself(contract: OperationContract, document: Any) -> bool:
    """Whether a document, valid by its shapes, sends members of which documents allow one."""
    if not isinstance(document, Mapping):
        return False
    members = contract.service.structure(contract.operation.input).members
    return any(
        exclusion.other in document
        for name in document
        if name in members
        for exclusion in members[name].exclusions
    )


def _document(contract: OperationContract, name: str) -> Mapping[str, Any] | None:
    """The smallest document in which a member of the input says something; None if no value does."""
    tree, validator = contract.tree, contract.validator("input")
    places = (site for site in sites(tree) if site.pointer == (name,))
    documents = [boundary.document for boundary in boundaries(tree, places)]
    values = [document[name] for document in documents if isinstance(document, Mapping) and name in document]
    if any(isinstance(value, str) for value in values):
        # Between no text and the longest there is none at a boundary.
        values = [*values, _TEXT]
    if any(isinstance(value, int) and not isinstance(value, bool) for value in values):
        values = [*values, _NUMBER]
    # Of lists the first element is enough.
    values += [value[:1] for value in values if isinstance(value, list)]
    for value in sorted(values, key=lambda value: len(str(value))):
        document: Mapping[str, Any] = document_at(tree, (name,), value)
        if value not in _NOTHING and not validator.findings(document):
            return document
    return None
