# SPDX-License-Identifier: Apache-2.0
"""Which checks a plan asks for, and how grave each is for a service.

It owns the selection among the catalogues. It refuses to know what a check looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from ..checks import ALL_CHECKS, CATALOGUE
from ..checks.check import Check
from ..checks.lifecycle import LIFECYCLE_CATALOGUE, HistoryCheck
from ..checks.oracles import ORACLE_CATALOGUE, OracleCheck
from ..checks.response import AnswerCheck
from ..errors import UsageError
from .plan import AwsCliTarget, Plan

__all__ = ["selected_checks", "selected_history_checks", "selected_oracles", "severities_for"]

SubjectT = TypeVar("SubjectT")


def selected_checks(plan: Plan) -> tuple[AnswerCheck, ...]:
    """The checks that a plan asks for. Raises UsageError for an id that there isn't."""
    from ..errors import did_you_mean

    for name in (*plan.checks, *plan.excluded_checks):
        if name not in ALL_CHECKS:
            hint = did_you_mean(name, ALL_CHECKS) or "`aws-conformance checks` lists them."
            raise UsageError(f"There is no check {name!r}.", hint)
    for name in plan.checks:
        if name.startswith("cli.") != isinstance(plan.target, AwsCliTarget):
            # A check that looks at nothing would let everything pass.
            hint = "Checks of the `aws` command go with --target aws-cli, and no others do."
            raise UsageError(f"The check {name!r} does not apply to this target.", hint)
    for name in plan.checks:
        if (name in LIFECYCLE_CATALOGUE or name in ORACLE_CATALOGUE) and "stateful" not in plan.phases:
            hint = "Add --phase stateful."
            raise UsageError(f"The check {name!r} looks at histories, and none is walked.", hint)
    return _selected(plan, CATALOGUE)


def selected_history_checks(plan: Plan) -> tuple[HistoryCheck, ...]:
    """The checks of histories that a plan asks for."""
    return _selected(plan, LIFECYCLE_CATALOGUE)


def selected_oracles(plan: Plan) -> tuple[OracleCheck, ...]:
    """The oracles that a plan asks for."""
    return _selected(plan, ORACLE_CATALOGUE)


def _selected(plan: Plan, catalogue: Mapping[str, Check[SubjectT]]) -> tuple[Check[SubjectT], ...]:
    asked = plan.checks or tuple(catalogue)
    return tuple(
        check for name, check in catalogue.items() if name in asked and name not in plan.excluded_checks
    )


def severities_for(plan: Plan, service: str) -> dict[str, str]:
    """Severities for one service: those for all, overridden by those of `service/check-id`."""
    everywhere = {key: value for key, value in plan.severities.items() if "/" not in key}
    prefix = f"{service}/"
    own = {
        key.removeprefix(prefix): value for key, value in plan.severities.items() if key.startswith(prefix)
    }
    return everywhere | own
