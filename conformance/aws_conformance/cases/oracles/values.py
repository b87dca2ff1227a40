# SPDX-License-Identifier: Apache-2.0
"""What a resource is told beyond what it needs: valid changes to single members, and broken ones.

It owns the choice among boundaries and mutations. It refuses to know whom they are sent to (scripts.py).
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...generate.boundaries import Boundary, boundaries, document_at, pointer_text, sites
from ...generate.mutations import MutationDraft, mutation_drafts
from ...generate.places import Pointer
from ..contract import Contract, OperationContract
from ..expectations import expectation_of
from .samples import changes_to, left_alone

__all__ = ["Change", "broken_changes", "changes", "weight"]

# Filled by nobody, or of no consequence to what is made.
_ASIDE = re.compile(
    # What gets another name is not read by its old one.
    r"^New[A-Z]"
    r"|(?i:^(?:next|pagination|continuation|client|idempotency|clientrequest|creation).*token$)"
    r"|(?i:^dryrun$|^creatorrequestid$)"
    # These are of how it travels, and only one text would be right.
    r"|(?i:^contentmd5$|^checksumalgorithm$)"
)
_LONGEST = 300
_DEEPEST = 3
# Texts by what they are: the second has what markup and queries are made of.
_TEXTS = {"a text": "kept as it was sent", "a text with signs": 'kept <as> "it" & was + sent=100%'}
_BOUNDS = ("longest", "shortest")
_NUMBER = 7
_MOST_OF_MEMBER = 4
_MOST = 60


@dataclass(frozen=True, slots=True)
class Change:
    """A value of a top-level member of an input; `pointer` is the place in it that the change is about."""

    member: str
    value: Any
    pointer: str
    label: str


def changes(contract: OperationContract, bound: frozenset[str]) -> Iterator[Change]:
    """Valid values of members that are not `bound`, one member each: samples first, then boundaries.

    Each member has its turn before any has its next, so that a limit leaves no member out.
    """
    for sample in changes_to(contract.service.name, contract.name):
        for member, value in sample.items():
            yield Change(member, value, f"/{member}", "a sample")
    queues: dict[str, deque[Change]] = {}
    for change in _boundary_changes(contract, bound):
        queues.setdefault(change.member, deque()).append(change)
    count = 0
    while queues and count < _MOST:
        for member in tuple(queues):
            yield queues[member].popleft()
            count += 1
            if not queues[member]:
                del queues[member]


def _boundary_changes(contract: OperationContract, bound: frozenset[str]) -> Iterator[Change]:
    count: Counter[str] = Counter()
    defaults: list[Change] = []
    left = left_alone(contract.service.name, contract.name)
    validator = contract.validator("input")
    tree = contract.tree

    def is_told(pointer: Pointer) -> bool:
        member = str(pointer[0]) if pointer else ""
        aside = not member or member in bound or member in left or _ASIDE.search(member)
        return not aside and len(pointer) <= _DEEPEST

    for boundary in boundaries(tree, (site for site in sites(tree) if is_told(site.pointer))):
        pointer = boundary.pointer
        member = str(pointer[0])
        if boundary.extreme or not isinstance(boundary.document, Mapping):
            continue
        place = pointer_text(pointer)
        value = boundary.document.get(member)
        if boundary.label in _BOUNDS and (len(str(value)) > _LONGEST or value == ""):
            # Neither a text that is too long for the eye nor none at all says whether it is kept.
            yield from _texts(contract, boundary)
            continue
        if value in (None, "", [], {}) or len(str(value)) > _LONGEST or count[place] >= _MOST_OF_MEMBER:
            continue
        count[place] += 1
        if boundary.label.startswith("enum ") and count[place] == 1:
            # What comes first is mostly the default, which may go without saying.
            defaults.append(Change(member, value, place, boundary.label))
            continue
        if boundary.label == "all members" and (more := _telling(value)) != value:
            findings = validator.findings({**boundary.document, member: more})
            if not any(finding.path[:1] == (member,) for finding in findings):
                # First what leaves no doubt.
                yield Change(member, _counted(more), place, "all members, each with something to tell")
        yield Change(member, _counted(value), place, boundary.label)
    yield from defaults


def _telling(value: Any) -> Any:
    """A value with something else than nothing at each of its places."""
    match value:
        case Mapping():
            return {name: _telling(item) for name, item in value.items()}
        case list():
            return [_telling(item) for item in value]
        case bool():
            return True
        case 0:
            return _NUMBER
        case "":
            return _TEXTS["a text"]
        case _:
            return value


def _counted(value: Any) -> Any:
    """A value whose structures say how many elements they have, where they say it."""
    match value:
        case {"Quantity": int(), **rest}:
            items = rest.get("Items")
            count = len(items) if isinstance(items, list) else 0
            return {"Quantity": count, **{name: _counted(item) for name, item in rest.items()}}
        case Mapping():
            return {name: _counted(item) for name, item in value.items()}
        case list():
            return [_counted(item) for item in value]
        case _:
            return value


def weight(value: Any) -> int:
    """How much a value says: its texts, numbers and what is true, however they are wrapped."""
    if isinstance(value, Mapping):
        return sum(map(weight, value.values()))
    if isinstance(value, list):
        return sum(map(weight, value))
    return int(value not in (None, "", False))


def _texts(contract: OperationContract, boundary: Boundary) -> Iterator[Change]:
    """Texts of a common length, as far as a member takes them, in the place of one that is too long."""
    member = str(boundary.pointer[0])
    validator = contract.validator("input")
    for label, text in _TEXTS.items():
        document = document_at(contract.tree, boundary.pointer, text)
        if not any(finding.path[:1] == (member,) for finding in validator.findings(document)):
            yield Change(member, document[member], pointer_text(boundary.pointer), label)


def broken_changes(contract: OperationContract, bound: frozenset[str]) -> Iterator[Change]:
    """Values of members that are not `bound` for which AWS is known to refuse a request.

    One for each kind of constraint: documents take long to make, and most are of few kinds.
    """
    tree = contract.tree
    known: set[str] = set()
    for draft in mutation_drafts(tree, sites(tree)):
        within = str(draft.site.pointer[0]) if draft.site.pointer else ""
        if draft.keyword in known or within in bound or not _is_refused(contract.service_contract, draft):
            continue
        mutation = draft.mutation(tree)
        member = str(mutation.pointer[0]) if mutation.pointer else ""
        document = mutation.document
        if not member or member in bound or not isinstance(document, Mapping) or member not in document:
            continue
        if len(str(document[member])) <= _LONGEST:
            known.add(draft.keyword)
            yield Change(member, document[member], mutation.place, f"{mutation.keyword} broken")


def _is_refused(contract: Contract, draft: MutationDraft) -> bool:
    expectation = expectation_of(
        contract.protocol_name, draft.keyword, draft.value_class, draft.node_kind, contract.service.name
    )
    return expectation.earns == "refused"
