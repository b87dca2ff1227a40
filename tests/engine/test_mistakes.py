# SPDX-License-Identifier: Apache-2.0
"""What a run does with a mistake of ours: it costs one operation, and never the verdict of the others."""

from __future__ import annotations

from typing import Any

import pytest
from tests.switchable import events_of

from aws_conformance.engine import mistakes
from aws_conformance.engine.case_trials import CaseTrials
from aws_conformance.engine.plan import Plan
from aws_conformance.errors import TargetUnreachableError, UsageError
from aws_conformance.results.events import (
    CaseFinished,
    Errored,
    OperationFinished,
    OperationStarted,
    RunFinished,
)

NAMES = ("cognito-idp:GetCSVHeader", "cognito-idp:ListUserImportJobs")


@pytest.fixture
def weighing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the third case of the first operation on, whatever is weighed raises."""
    weigh = CaseTrials.weigh
    weighed = []

    def fails(self: CaseTrials, case: Any, *rest: Any) -> None:
        weighed.append(case)
        if case.info.operation == NAMES[0] and len(weighed) > 2:
            raise TypeError("unhashable type: 'list'")
        weigh(self, case, *rest)

    monkeypatch.setattr(CaseTrials, "weigh", fails)


def test_the_run_goes_on_and_does_not_conform(weighing_fails: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "TOLERATED", (Exception,))
    events = events_of(Plan(NAMES, phases=("enumerated",)))
    assert [event.operation for event in events if isinstance(event, OperationStarted)] == list(NAMES)
    first, second = (event for event in events if isinstance(event, OperationFinished))
    assert (first.errored, first.verified) == (1, 2)
    assert second.verified == second.cases > 20
    (errored,) = (
        event.outcome
        for event in events
        if isinstance(event, CaseFinished) and isinstance(event.outcome, Errored)
    )
    assert errored.reason.startswith("internal error: TypeError: unhashable type: 'list' (test_mistakes.py:")
    end = next(event for event in events if isinstance(event, RunFinished))
    assert end.exit == 4


def test_a_test_of_ours_sees_it(weighing_fails: None) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        events_of(Plan(NAMES, phases=("enumerated",)))


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (KeyError("a"), True),
        (UsageError("a"), False),
        (TargetUnreachableError("a"), False),
        (OSError(28, "No space left on device"), False),
        (MemoryError(), False),
    ],
)
def test_what_is_not_ours_ends_the_run(error: Exception, ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistakes, "TOLERATED", (Exception,))
    assert mistakes.is_ours(error) is ours
