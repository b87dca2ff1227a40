# SPDX-License-Identifier: Apache-2.0
"""The explorations behind the items: one target, opened once, and each operation explored once.

It owns what an item of one phase makes of an exploration of all of its operation's phases, so that its
verdict is the command line's. It refuses to know pytest's reports.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from ...cases.compile import contract_of
from ...engine.explore import explore
from ...engine.head import head_of
from ...engine.opening import opened
from ...engine.plan import Plan
from ...errors import ConformanceError
from ...results.events import CaseFinished, Event, OperationFinished, Phase, Reported, Verified, Violated
from ...results.terms import at_least
from ...results.verdict import decide

if TYPE_CHECKING:
    from ...engine.session import Session

__all__ = ["Explored", "PhaseVerdict", "PluginRun", "judge_phase"]

Kind: TypeAlias = Literal["conforms", "violated", "unreached", "not implemented", "no cases"]


@dataclass(frozen=True, slots=True)
class Explored:
    """What came of an operation: its tally, its findings, the outcome of each case.

    `complaints` are about the baseline.
    """

    finished: OperationFinished
    findings: tuple[Reported, ...]
    cases: tuple[CaseFinished, ...]
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseVerdict:
    """The verdict on one phase of an operation; `why` is its one line, `findings` what fails it.

    `lesser` are findings that do not fail it: below the threshold, or in the baseline.
    """

    kind: Kind
    why: str
    findings: tuple[Reported, ...] = ()
    lesser: tuple[Reported, ...] = ()
    cases: tuple[CaseFinished, ...] = ()


@dataclass(slots=True)
class PluginRun:
    """One process's run of a plan: the target is opened by the first operation that needs it.

    `emit` gets each event. What kept the target from being opened is raised again for each operation.
    """

    plan: Plan
    emit: Callable[[Event], None]
    _stack: ExitStack = field(default_factory=ExitStack)
    _session: Session | None = None
    _failed: ConformanceError | None = None
    _began: float = field(default_factory=time.monotonic)
    _explored: dict[str, Explored] = field(default_factory=dict)

    def explored(self, name: str, phases: Iterable[Phase]) -> Explored:
        """The exploration of an operation in all of these phases; made by the first who asks.

        All phases share one exploration, as they do on the command line: what one of them reached counts
        for the others, and no case is sent twice. Raises TargetUnreachableError or UsageError.
        """
        if name not in self._explored:
            self._explored[name] = self._explore(name, tuple(phases))
        return self._explored[name]

    def close(self) -> None:
        """Stop the target, if it is ours to stop."""
        self._stack.close()
        self._session = None

    def _explore(self, name: str, phases: tuple[Phase, ...]) -> Explored:
        plan = replace(self.plan, phases=phases)
        session = self._opened(plan)
        service, _, operation = name.partition(":")
        contract = contract_of(service, plan.protocol)
        seen: list[Event] = []

        def take(event: Event) -> None:
            seen.append(event)
            self.emit(event)

        limit = plan.max_time
        explore(
            session,
            contract.of(contract.operation(operation)),
            plan,
            take,
            expired=lambda: limit is not None and time.monotonic() - self._began > limit,
        )
        finished = next(event for event in seen if isinstance(event, OperationFinished))
        reported = tuple(event for event in seen if isinstance(event, Reported))
        cases = tuple(event for event in seen if isinstance(event, CaseFinished))
        return self._judged(plan, replace(finished, findings=finished.findings or reported), cases)

    def _judged(self, plan: Plan, finished: OperationFinished, cases: tuple[CaseFinished, ...]) -> Explored:
        """The operation with the baseline applied, by the same rules as a whole run."""
        name = finished.operation
        head = head_of(replace(plan, operations=(name,)))
        if plan.baseline is not None:
            listed = plan.baseline.of(head.target).unreached.get(head.target, ())
            excused = name in listed and finished.implemented and not finished.reached
            finished = replace(finished, excused=excused)
        verified = frozenset(
            case.case.id for case in cases if case.case.repeatable and isinstance(case.outcome, Verified)
        )
        verdict = decide(head, {name: finished}, baseline=plan.baseline, verified=verified)
        return Explored(finished, verdict.findings, cases, verdict.complaints)

    def _opened(self, plan: Plan) -> Session:
        if self._failed is not None:
            raise self._failed
        if self._session is None:
            try:
                self._session = self._stack.enter_context(opened(plan))
            except ConformanceError as error:
                self._failed = error
                raise
        return self._session


def judge_phase(explored: Explored, phase: Phase, plan: Plan, *, first: bool) -> PhaseVerdict:
    """The verdict on one phase, of which those on all phases together are the command line's.

    What no phase can be blamed for (an operation that was never reached) is said by each; what only the
    whole can be blamed for (a stale baseline) by the `first`.
    """
    finished = explored.finished
    cases = tuple(entry for entry in explored.cases if entry.case.phase == phase)
    shown = {
        violation.key
        for entry in cases
        if isinstance(entry.outcome, Violated)
        for violation in entry.outcome.violations
    }
    own = [
        entry
        for entry in explored.findings
        if entry.violation.key in shown or entry.reproduction.case.phase == phase
    ]
    failing = tuple(
        entry for entry in own if at_least(entry.violation.severity, plan.fail_on) and not entry.baseline
    )
    lesser = tuple(entry for entry in own if entry not in failing)
    if failing:
        number = len(failing)
        checks = ", ".join(dict.fromkeys(entry.violation.check for entry in failing))
        why = f"{number} violation{'' if number == 1 else 's'}: {checks}"
        return PhaseVerdict("violated", why, failing, lesser, cases)
    if first and explored.complaints:
        return PhaseVerdict("violated", "; ".join(explored.complaints), (), lesser, cases)
    if not finished.implemented:
        return PhaseVerdict("not implemented", finished.evidence, (), lesser, cases)
    if not cases:
        return PhaseVerdict("no cases", f"the {phase} phase has no cases", (), lesser)
    if not finished.reached and not finished.excused:
        why = f"{finished.operation} was not reached: {finished.unreached}"
        return PhaseVerdict("unreached", why, (), lesser, cases)
    return PhaseVerdict("conforms", "", (), lesser, cases)
