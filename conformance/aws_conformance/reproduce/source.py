# SPDX-License-Identifier: Apache-2.0
"""What a report holds of a case beside its template, so that it can be made again (rebuild.py).

It owns the form of a written case, which the kit made up, so that nothing in it is a secret. It refuses to
know why somebody wants it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..cases.case import Case
from ..cases.chains import frozen, frozen_steps
from ..cases.prerequisites import Prerequisites
from ..cases.setup import SetupStep, StepWait
from ..results.events import CaseSource

__all__ = ["AFRESH", "BESIDE", "CHAIN", "WAITS", "source_of"]


_VERSION = 1


# What a Reproduction holds elsewhere.
_ELSEWHERE = frozenset({"info", "template", "expectation", "choices"})


# The name in what was sent of the steps that the case stands on, if they were learned of the target.
CHAIN = "chain"
# The name of those that were carried out beside, without which a target that holds nothing does not show it;
# and that one has shown it.
BESIDE = "beside"
AFRESH = "afresh"
# The name of what was waited for, by the full names of operations.
WAITS = "waits"


def source_of(
    case: Case,
    learned: object = None,
    beside: Sequence[SetupStep] = (),
    waits: Mapping[str, StepWait] | None = None,
    *,
    afresh: bool = False,
) -> CaseSource:
    """What is written of a case beside its template; nothing in it is a secret: the kit made it up.

    `learned` is the recipe by which it was sent, if that is none of the models' own. `beside` are steps that
    it takes as well, on a target that holds nothing; `afresh` tells that such a one has shown it. `waits` are
    what is waited for after operations.
    """
    sent = _changed_fields(case, _ELSEWHERE)
    if isinstance(learned, Prerequisites):
        sent[CHAIN] = frozen(learned)
    if beside:
        sent[BESIDE] = frozen_steps(beside)
    if waits:
        sent[WAITS] = {name: dataclasses.asdict(wait) for name, wait in waits.items()}
    if afresh:
        sent[AFRESH] = True
    return CaseSource(
        sent=sent,
        expectation={
            "earns": case.expectation.earns,
            **_changed_fields(case.expectation, frozenset({"earns"})),
        },
        choices=case.choices,
        version=_VERSION,
    )


def _changed_fields(value: Any, but: frozenset[str]) -> dict[str, Any]:
    """The fields that are not at their defaults, as JSON values."""
    values = {}
    for item in dataclasses.fields(value):
        held = getattr(value, item.name)
        if item.name not in but and held != item.default:
            values[item.name] = list(held) if isinstance(held, tuple) else held
    return values
