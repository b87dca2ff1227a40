# SPDX-License-Identifier: Apache-2.0
"""Cases in reports: the case made again from what is written of it (source.py).

It owns the way back to a case. It refuses to know why somebody wants it again. What a report must not
hold is not needed: a case with secrets in it is found by its id, or made anew from its random choices.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

from ..cases.case import Case
from ..cases.cases import enumerated_cases, shrunk_case
from ..cases.chains import thawed, thawed_steps
from ..cases.contract import OperationContract
from ..cases.expectations import Expectation
from ..cases.prerequisites import with_steps, with_waits
from ..cases.setup import StepWait
from ..errors import UsageError
from ..protocols.masking import REDACTED
from ..results.events import Reproduction
from .source import _VERSION, AFRESH, BESIDE, CHAIN, WAITS

__all__ = ["as_learned", "rebuilt"]


# What was sent beside the case, or is told of it.
_OF_TARGETS = frozenset({AFRESH, BESIDE, CHAIN, WAITS})


def rebuilt(contract: OperationContract, shown: Reproduction, claims: tuple[str, ...] = ()) -> Case:
    """The case that a report shows. Raises UsageError for one that can't be made again, and says why."""
    source = shown.source
    if source.version != _VERSION:
        raise UsageError(
            f"its case is written in version {source.version}, and this release reads {_VERSION}."
        )
    if not source.expectation:
        raise UsageError("the report does not hold its case.", "Make it again with this release.")
    if source.redacted or _holds_redacted(shown.template):
        return _regenerated(contract, shown, claims)
    try:
        expectation = _read(Expectation, source.expectation)
        case = Case(info=shown.case, template=shown.template, expectation=expectation, choices=source.choices)
        sent = {name: item for name, item in source.sent.items() if name not in _OF_TARGETS}
        return dataclasses.replace(case, **_fields(Case, sent))
    except TypeError as error:
        raise UsageError(f"its case can't be read ({error}).") from None


def as_learned(contract: OperationContract, shown: Reproduction) -> OperationContract:
    """The contract with what had been learned of the target when a case was sent, and what it takes beside.

    Raises UsageError for what does not fit the model.
    """
    chain, beside = shown.source.sent.get(CHAIN), shown.source.sent.get(BESIDE, ())
    if chain is not None:
        contract = contract.apart()
        contract.service_contract.learned[contract.name] = thawed(contract, chain)
    if beside:
        contract = with_steps(contract, thawed_steps(contract, beside))
    waits = shown.source.sent.get(WAITS)
    return with_waits(contract, _waits(waits)) if waits else contract


def _waits(raw: Any) -> dict[str, StepWait]:
    """What is waited for, by the full names of operations. Raises UsageError for what is none of that."""
    try:
        return {
            name: StepWait(str(item["operation"]), item["input"], tuple(map(str, item["until"])))
            for name, item in raw.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"what its steps wait for can't be read ({error}).", "Make the report again."
        ) from None


def _holds_redacted(document: Any) -> bool:
    """Whether something of a document was replaced, so that it can't be sent any more."""
    match document:
        case dict():
            return any(map(_holds_redacted, document.values()))
        case list():
            return any(map(_holds_redacted, document))
        case _:
            return bool(document == REDACTED)


def _regenerated(contract: OperationContract, shown: Reproduction, claims: tuple[str, ...]) -> Case:
    case: Case | None = None
    if shown.case.phase == "enumerated":
        candidates = (case for case in enumerated_cases(contract, claims) if case.info.id == shown.case.id)
        case = next(candidates, None)
        if case is not None and case.info.kind != shown.case.kind:
            # What was sent is the valid request that it was made from.
            expectation = _read(Expectation, shown.source.expectation)
            case = Case(shown.case, case.twin, expectation)
    elif shown.source.choices:
        example = Case(shown.case, None, Expectation("unknown"))
        case = shrunk_case(contract, example, shown.source.choices)
    if case is None or case.info.id != shown.case.id:
        raise UsageError(
            f"its case {shown.case.id} is not written out ({REDACTED} where a secret was, or told in short), "
            "and is not made any more.",
            "Models have changed since: run again.",
        )
    return case


def _read(cls: type[Expectation], raw: Mapping[str, Any]) -> Expectation:
    return cls(**_fields(cls, raw))


def _fields(cls: type, raw: Mapping[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {
        name: tuple(item) if typing.get_origin(hints.get(name)) is tuple else item
        for name, item in raw.items()
    }
