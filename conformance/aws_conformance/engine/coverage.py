# SPDX-License-Identifier: Apache-2.0
"""What there is to judge of one operation, what of it was judged, and what departs.

It owns the numbers of one operation: constraints and values of its input, members of its output, declared
errors, documented histories. What is tried twice counts once. It refuses to know how cases are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..cases.case import Case
from ..checks.response import DecodedResponse
from ..results.coverage import NAMED, subject_of
from ..results.events import CaseInfo, Covered, Outcome, Verified, Violated, Violation
from ..results.terms import at_least
from ..spec.shapes import ListShape, MapShape, Operation, Service, StructureShape

__all__ = ["OperationCoverage"]

# Elements of a list beyond these show what the first ones show.
_ELEMENTS = 5
_DEEPEST = 16


@dataclass(slots=True)
class _Tallies:
    """One kind of what there is: all of it, and what was judged and departs."""

    known: set[str] = field(default_factory=set)
    judged: set[str] = field(default_factory=set)
    departing: set[str] = field(default_factory=set)

    def judge(self, item: str, *, departs: bool) -> None:
        """An item was judged; what is not known to be there is none."""
        if item in self.known:
            self.judged.add(item)
            if departs:
                self.departing.add(item)


class OperationCoverage:
    """The coverage of one operation, told case by case and answer by answer."""

    def __init__(
        self,
        service: Service,
        operation: Operation,
        cases: Iterable[Case],
        beyond: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`cases` are all that a run of the operation has, `beyond` places and keywords left out."""
        self._service = service
        self._operation = operation
        self._constraints, self._values, self._histories = _Tallies(), _Tallies(), _Tallies()
        self._members = _Tallies(set(_members(service, operation.output)))
        self._errors = _Tallies({service.error_code(name) for name in operation.errors})
        self._kinds = {
            "input constraints": self._constraints,
            "input values": self._values,
            "output members": self._members,
            "errors": self._errors,
            "histories": self._histories,
        }
        self.tries(cases, beyond)

    def tries(self, cases: Iterable[Case], beyond: Iterable[tuple[str, str]] = ()) -> None:
        """There are these cases of the operation, too, and beyond them places and keywords left out."""
        for case in cases:
            subject = subject_of(case.info)
            if subject is not None and case.info.phase == "enumerated":
                self._kinds[subject[0]].known.add(subject[1])
        self._constraints.known |= {f"{pointer} {keyword}" for pointer, keyword in beyond}

    def lives(self, histories: Iterable[CaseInfo]) -> None:
        """There are these histories of the operation, too."""
        self._histories.known |= {info.id for info in histories}

    def came_out(self, info: CaseInfo, outcome: Outcome) -> None:
        """A case or a history is through."""
        if not isinstance(outcome, Verified | Violated):
            return
        departs = isinstance(outcome, Violated)
        subject = subject_of(info)
        if subject is not None:
            self._kinds[subject[0]].judge(subject[1], departs=departs)

    def answered(self, answer: DecodedResponse, violations: Iterable[Violation]) -> None:
        """An answer was judged, and these violations are all that is wrong with it."""
        wrong = {item.path for item in violations if at_least(item.severity, "warning")}
        if answer.kind == "error" and answer.code:
            self._errors.judge(answer.code, departs=any(item.startswith("$") for item in wrong))
        elif answer.kind == "success" and answer.decoded is not None:
            document = answer.decoded.document
            for path in _shown(self._service, self._operation.output, document, "$"):
                self._members.judge(path, departs=path in wrong)
            for path in wrong:
                self._members.judge(path, departs=True)

    def figures(self) -> tuple[Covered, ...]:
        """Each kind of what there is with its numbers; kinds that there is nothing of are left out."""
        return tuple(
            Covered(
                what,
                len(items.known),
                len(items.judged),
                len(items.departing),
                # An operation's event tells its histories itself, with why they were not judged.
                () if what == "histories" else tuple(sorted(items.known - items.judged)[:NAMED]),
            )
            for what, items in self._kinds.items()
            if items.known
        )

    def items(self) -> dict[str, dict[str, str]]:
        """What `figures` counts, item by item: "" for what was not judged, "judged" or "departing"."""
        return {
            what: {
                item: "departing" if item in items.departing else "judged" if item in items.judged else ""
                for item in sorted(items.known)
            }
            for what, items in self._kinds.items()
            if items.known
        }


def _members(service: Service, root: str | None) -> Iterator[str]:
    """The places of all members of a shape, generalised; what contains itself is entered once."""

    def walk(name: str, path: str, trail: tuple[str, ...]) -> Iterator[str]:
        if name in trail or len(trail) > _DEEPEST:
            return
        match service.shapes.get(name):
            case StructureShape(members=members):
                for member, reference in members.items():
                    yield f"{path}.{member}"
                    yield from walk(reference.target, f"{path}.{member}", (*trail, name))
            case ListShape(member=member):
                yield from walk(member.target, f"{path}[*]", (*trail, name))
            case MapShape(value=value):
                yield from walk(value.target, f"{path}[*]", (*trail, name))

    if root is not None:
        yield from walk(root, "$", ())


def _shown(service: Service, name: str | None, document: Any, path: str, depth: int = 0) -> Iterator[str]:
    """The places of members that a document has, generalised."""
    shape = service.shapes.get(name) if name else None
    if depth > _DEEPEST:
        return
    match shape, document:
        case StructureShape(members=members), Mapping():
            for member in members.keys() & document.keys():
                yield f"{path}.{member}"
                target = members[member].target
                yield from _shown(service, target, document[member], f"{path}.{member}", depth + 1)
        case ListShape(member=element), list():
            for item in document[:_ELEMENTS]:
                yield from _shown(service, element.target, item, f"{path}[*]", depth + 1)
        case MapShape(value=value), Mapping():
            for item in list(document.values())[:_ELEMENTS]:
                yield from _shown(service, value.target, item, f"{path}[*]", depth + 1)
