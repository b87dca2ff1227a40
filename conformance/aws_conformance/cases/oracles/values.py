"""What a resource is told beyond what it needs: valid changes to single members, and broken ones.

It owns the choice among boundaries and mutations, and the few samples of data/oracles.yaml that no shape can
tell. It refuses to know whom they are sent to (scripts.py).
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from ...generate.boundaries import Boundary, boundaries, document_at, pointer_text
from ...generate.mutations import enumerated_mutations
from ...spec.shapes import Operation
from ..contract import Contract
from ..expectations import expectation_of

__all__ = [
    "Change",
    "broken_changes",
    "changes",
    "filter_samples",
    "fixed_members",
    "is_global",
    "malformed_filters",
]

# Filled by nobody, or of no consequence to what is made.
_ASIDE = re.compile(
    # What gets another name is not read by its old one.
    r"^New[A-Z]"
    r"|(?i:^(?:next|pagination|continuation|client|idempotency|clientrequest|creation).*token$)"
    r"|(?i:^dryrun$|^creatorrequestid$)"
)
_LONGEST = 300
_DEEPEST = 3
# Texts by what they are: the second has what markup and queries are made of.
_TEXTS = {"a text": "kept as it was sent", "a text with signs": 'kept <as> "it" & was + sent=100%'}
_MOST_OF_MEMBER = 4
_MOST = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a top-level member of an input; `pointer` is the place in it that the change is about."""

    member: str
    value: Any
    pointer: str
    label: str


@functools.cache
def _samples() -> Mapping[str, Any]:
    text = resources.files("aws_conformance").joinpath("data/oracles.yaml").read_text("utf-8")
    samples: Mapping[str, Any] = yaml.safe_load(text) or {}
    return samples


def fixed_members(service: str, operation: str) -> Mapping[str, Any]:
    """Members that a request of an operation always has, as data/oracles.yaml has it."""
    fixed: Mapping[str, Any] = _samples().get(service, {}).get(operation, {}).get("always", {})
    return fixed


def filter_samples(service: str, operation: str) -> tuple[Mapping[str, Any], ...]:
    """What lists are asked for whose filters no shape tells, as data/oracles.yaml has it."""
    return tuple(_samples().get(service, {}).get(operation, {}).get("filters", ()))


def malformed_filters(service: str, operation: str) -> tuple[Mapping[str, Any], ...]:
    """Members by which a list is asked for what AWS is known to refuse, as data/oracles.yaml has it."""
    return tuple(_samples().get(service, {}).get(operation, {}).get("malformed", ()))


def is_global(service: str) -> bool:
    """Whether what a service holds is the same in all regions, as data/oracles.yaml has it."""
    return service in _samples()["global"]


def changes(contract: Contract, operation: Operation, bound: frozenset[str]) -> Iterator[Change]:
    """Valid values of members that are not `bound`, one member each: samples first, then boundaries."""
    samples = _samples().get(contract.service.name, {}).get(operation.name, {})
    for sample in samples.get("changes", ()):
        for member, value in sample.items():
            yield Change(member, value, f"/{member}", "a sample")
    count: Counter[str] = Counter()
    for boundary in boundaries(contract.tree(operation.name)):
        pointer = boundary.pointer
        member = str(pointer[0]) if pointer else ""
        if not member or member in bound or member in samples.get("leave", ()) or _ASIDE.search(member):
            continue
        if boundary.extreme or len(pointer) > _DEEPEST or not isinstance(boundary.document, Mapping):
            continue
        place = pointer_text(pointer)
        value = boundary.document.get(member)
        if boundary.label == "longest" and len(str(value)) > _LONGEST:
            yield from _texts(contract, operation, boundary)
            continue
        if value in (None, "", [], {}) or len(str(value)) > _LONGEST or count[place] >= _MOST_OF_MEMBER:
            continue
        count[place] += 1
        if count.total() > _MOST:
            return
        yield Change(member, value, place, boundary.label)


def _texts(contract: Contract, operation: Operation, boundary: Boundary) -> Iterator[Change]:
    """Texts of a common length, as far as a member takes them, in the place of one that is too long."""
    member = str(boundary.pointer[0])
    validator = contract.validator(operation.name, "input")
    for label, text in _TEXTS.items():
        document = document_at(contract.tree(operation.name), boundary.pointer, text)
        if not any(finding.path[:1] == (member,) for finding in validator.findings(document)):
            yield Change(member, document[member], pointer_text(boundary.pointer), label)


def broken_changes(contract: Contract, operation: Operation, bound: frozenset[str]) -> Iterator[Change]:
    """Values of members that are not `bound` for which AWS is known to refuse a request."""
    for mutation in enumerated_mutations(contract.tree(operation.name)):
        member = str(mutation.pointer[0]) if mutation.pointer else ""
        document = mutation.document
        if not member or member in bound or not isinstance(document, Mapping) or member not in document:
            continue
        expectation = expectation_of(
            contract.protocol_name,
            mutation.keyword,
            mutation.value_class,
            mutation.node_kind,
            contract.service.name,
        )
        if expectation.earns == "refused" and len(str(document[member])) <= _LONGEST:
            yield Change(member, document[member], mutation.place, f"{mutation.keyword} broken")
