# SPDX-License-Identifier: Apache-2.0
"""What is tried of one operation of the `aws` command: about twenty invocations, in order.

It owns the trials, which documents they start from and their stable ids. It refuses to know how they are
put on a command line (invocation.py) and what should come of them (checks/cli.py).

Starting the command costs more than half a second, so each promise is tried once, and only what has to
succeed uses up state: the others name a resource that does not exist, and are judged by what is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ...cases.case import Case
from ...cases.cases import enumerated_cases
from ...cases.contract import OperationContract
from ...cases.symbols import symbols
from ...checks.command import About, Trial
from ...results.events import CaseInfo, Kind
from ...spec.cli_pages.names import kebab_case
from ...spec.shapes import BooleanShape, IntegerShape, ListShape, MapShape, Shape, StringShape
from .case import CommandCase, Skeleton

__all__ = ["command_cases"]


def command_cases(contract: OperationContract) -> tuple[CommandCase, ...]:
    """The trials of an operation: skeletons first, then what succeeds, then what is refused."""
    return tuple(_CommandCaseMaker(contract).all())


class _CommandCaseMaker:
    def __init__(self, contract: OperationContract) -> None:
        self._service = contract.service
        self._contract = contract
        self._name = contract.full_name
        self._structure = contract.service.structure(contract.operation.input)
        cases = list(_plain_cases(contract))
        first = next((case for case in cases if case.info.kind == "positive"), None)
        self._valid: dict[str, Any] = dict(first.template) if first and first.template else {}
        absent = next((case for case in cases if _names_nothing(case)), None)
        self._nobody = absent is not None
        # What names nothing is refused by the service and changes nothing.
        self._harmless: dict[str, Any] = dict(absent.template) if absent else self._valid

    def all(self) -> Iterator[CommandCase]:
        yield from self._skeletons()
        if not self._contract.operation.input or self._valid or not self._structure.required:
            yield self._case("options", "every value by an option", options=True, succeeds=True)
            yield self._case("file", "the whole request as JSON", file=True, succeeds=True)
        yield from self._together()
        yield from self._refused_options()
        yield from self._refused_files()
        yield from self._failures()

    def _skeletons(self) -> Iterator[CommandCase]:
        yield self._case("skeleton input", "an input skeleton", skeleton="input")
        yield self._case("skeleton", "a skeleton of no kind", skeleton="bare")
        ignored = replace(
            self._case("skeleton ignoring", "an input skeleton beside an option", skeleton="input"),
            template=self._harmless,
            options=tuple(self._harmless)[-1:],
        )
        yield ignored
        yield self._case("skeleton output", "an output skeleton", options=True, skeleton="output")
        for name in self._required()[:1]:
            yield self._case(
                "skeleton output required",
                f"an output skeleton without --{kebab_case(name)}",
                name,
                options=True,
                without=name,
                skeleton="output",
            )
        for name, low in self._minimums()[:1]:
            case = self._case(
                "skeleton output invalid", f"an output skeleton with {name} below its minimum", name
            )
            yield replace(case, file=tuple(self._harmless), extra=((name, low),), skeleton="output")

    def _together(self) -> Iterator[CommandCase]:
        """Options and JSON in one invocation, and a key that the JSON has twice."""
        names = tuple(self._harmless)
        for name in self._changeable()[:1]:
            title = f"{name} in the JSON and another value as an option"
            yield replace(self._case("override", title, name, options=True), file=(name,), other=name)
            title = f"{name} twice in the JSON"
            yield replace(self._case("duplicate", title, name, file=True), before=name)
        if names:
            title = f"--{kebab_case(names[0])} as an option and the rest in the JSON"
            yield replace(self._case("merge", title), options=names[:1], file=names[1:])

    def _refused_options(self) -> Iterator[CommandCase]:
        for name in self._required():
            title = f"no --{kebab_case(name)}"
            yield self._case("missing option", title, name, options=True, without=name)

    def _refused_files(self) -> Iterator[CommandCase]:
        yield replace(self._case("bad json", "JSON cut off in the middle"), raw='{"A": ')
        yield replace(self._case("no object", "JSON that is a list"), raw="[]")
        case = self._case("unknown key", "a key that no member has", file=True)
        yield replace(case, extra=(("AwsConformanceUnknown", "x"),))
        for name in self._required()[:1]:
            yield self._case("missing member", f"no {name} in the JSON", name, file=True, without=name)
        for name in self._changeable()[:1]:
            wrong: Any = "text" if isinstance(self._shape(name), IntegerShape | BooleanShape) else 5
            case = self._case("wrong type", f"{name} of a wrong type", name, file=True)
            yield replace(case, extra=((name, wrong),))
        for name, low in self._minimums()[:1]:
            case = self._case("below minimum", f"{name} below its minimum", name, file=True)
            yield replace(case, extra=((name, low),))

    def _failures(self) -> Iterator[CommandCase]:
        if self._nobody:
            yield self._case("service error", "what does not exist", options=True)
        if self._contract.operation.signed:
            case = self._case("credentials", "no credentials", options=True)
            yield replace(case, credentials=False)
        case = self._case("connection", "an endpoint that refuses connections", options=True)
        yield replace(case, endpoint="refusing")

    def _case(
        self,
        about: About,
        title: str,
        member: str = "",
        *,
        options: bool = False,
        file: bool = False,
        without: str = "",
        skeleton: Skeleton = "",
        succeeds: bool = False,
    ) -> CommandCase:
        template = self._valid if succeeds else self._harmless
        members = tuple(name for name in template if name != without)
        identity = json.dumps([self._name, "cli", about, member, template], sort_keys=True, default=str)
        info = CaseInfo(
            id=hashlib.sha256(identity.encode()).hexdigest()[:12],
            operation=self._name,
            phase="enumerated",
            kind=_KINDS.get(about, "negative"),
            title=f"{about}: {title}",
            pointer=f"/{member}" if member else "",
            keyword="cli",
            value_class=about,
        )
        return CommandCase(
            info,
            Trial(about, title, f"--{kebab_case(member)}" if member else "", member),
            template,
            options=members if options else (),
            file=members if file else None,
            skeleton=skeleton,
            succeeds=succeeds,
        )

    def _required(self) -> list[str]:
        return [name for name in self._structure.required if name in self._harmless]

    def _shape(self, name: str) -> Shape:
        return self._service.shape(self._structure.members[name].target)

    def _changeable(self) -> list[str]:
        """Members whose value can be another one of the same type; required ones first."""
        simple = [
            name
            for name in self._harmless
            if isinstance(self._shape(name), StringShape | IntegerShape | BooleanShape)
        ]
        return sorted(simple, key=lambda name: name not in self._structure.required)

    def _minimums(self) -> list[tuple[str, Any]]:
        """Members with a minimum, each with a value just below it."""
        minimums: list[tuple[str, Any]] = []
        for name in self._harmless:
            match self._shape(name):
                case StringShape(min=low, enum=()) if low:
                    minimums.append((name, "x" * (low - 1)))
                case IntegerShape(min=low) if low is not None:
                    minimums.append((name, int(low) - 1))
                case ListShape(min=1):
                    minimums.append((name, []))
                case MapShape(min=1):
                    minimums.append((name, {}))
                case _:
                    pass
        return minimums


_KINDS: dict[About, Kind] = {
    "options": "positive",
    "file": "positive",
    "skeleton": "positive",
    "skeleton input": "positive",
    "skeleton ignoring": "positive",
    "skeleton output": "positive",
    "override": "unbound",
    "duplicate": "unbound",
    "merge": "unbound",
    "service error": "probe",
    "credentials": "probe",
    "connection": "probe",
}


def _plain_cases(contract: OperationContract) -> Iterator[Case]:
    """The cases of an operation that are nothing but a document to send."""
    for case in enumerated_cases(contract):
        plain = not (
            case.tamper or case.fault or case.principal or case.signature or case.without or case.twice
        )
        if plain and isinstance(case.template, dict):
            yield case


def _names_nothing(case: Case) -> bool:
    return case.info.kind == "probe" and any("$other" in symbol for symbol in symbols(case.template))
