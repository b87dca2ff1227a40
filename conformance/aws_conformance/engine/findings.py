"""What is wrong with one operation: each finding once, confirmed from fresh state, shrunk, attributed.

It owns the findings of an operation on their way to a report. It refuses to know of cases that found
nothing, and of other operations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..cases.cases import Case, shrunk_case
from ..cases.contract import Contract
from ..cases.expectations import Expectation
from ..cases.lifecycles.histories import History
from ..reproduce.case import reproduction
from ..reproduce.history import retold
from ..reproduce.transcript import Transcript
from ..results.events import CaseInfo, Reported, Reproduction, Violation, at_least
from ..spec.shapes import Operation
from .attempt import Attempt, Attempter
from .environment import Environment
from .histories.execute import Execution
from .histories.phase import StatefulPhase, Unconfirmed
from .plan import Plan
from .shrink import shrink

__all__ = ["Findings"]

# So many cases of a finding are remembered by their ids.
_CASES_KEPT = 3


@dataclass(frozen=True, slots=True)
class _HistoryWitness:
    """A history that shows a violation, and how it went."""

    history: History
    transcript: Transcript


@dataclass(slots=True)
class _RecordedFinding:
    """A violation seen in this operation, with its first witness."""

    violation: Violation
    witness: Attempt | _HistoryWitness
    count: int = 0
    cases: list[str] = field(default_factory=list)

    def see(self, case: CaseInfo) -> None:
        """Count a case that shows it; the first ones that every run has are kept by their ids."""
        self.count += 1
        if case.repeatable and case.id not in self.cases and len(self.cases) < _CASES_KEPT:
            self.cases.append(case.id)


@dataclass(slots=True)
class Findings:
    """The findings of one operation; `make_environment` makes state apart from the run's to confirm them in.

    `endpoint` is how reproductions call the target's address.
    """

    compiled: Contract
    operation: Operation
    plan: Plan
    attempter: Attempter
    endpoint: str
    make_environment: Callable[[], Environment]
    _found: dict[tuple[str, ...], _RecordedFinding] = field(default_factory=dict)
    _unconfirmed: set[tuple[str, ...]] = field(default_factory=set)
    _blocked: dict[tuple[str, ...], Unconfirmed] = field(default_factory=dict)
    _twins: dict[str, tuple[Violation, Attempt] | None] = field(default_factory=dict)
    _environment: Environment | None = None

    def see(self, violation: Violation, case: Case, attempt: Attempt) -> bool:
        """Record a violation; True if it is grave and did not come back from fresh state."""
        violation, attempt = self.attributed(violation, attempt)
        if self._seen_before(violation, case.info):
            return violation.key in self._unconfirmed
        if at_least(violation.severity, self.plan.fail_on):
            confirmed = self._confirm(violation, case)
            if confirmed is None:
                self._unconfirmed.add(violation.key)
                return True
            attempt = confirmed
        finding = self._found[violation.key] = _RecordedFinding(violation, attempt)
        finding.see(case.info)
        return False

    def see_history(
        self, violation: Violation, whole: History, walk: Execution, lives: StatefulPhase
    ) -> Unconfirmed | bool:
        """Record a violation that a history shows; True if it did not come back from fresh state.

        Unconfirmed if nothing came as far as to show whether it does.
        """
        if self._seen_before(violation, whole.info):
            return self._blocked.get(violation.key, violation.key in self._unconfirmed)
        witness = _HistoryWitness(
            lives.until(violation, whole, walk) or whole, walk.transcript_until(violation.key)
        )
        # What lifecycles say is told by the shortest history, even where it is no error.
        story = violation.check.startswith("lifecycle.") and violation.severity == "warning"
        if story or at_least(violation.severity, self.plan.fail_on):
            confirmed = lives.confirmed(violation, whole, walk)
            if not isinstance(confirmed, tuple):
                self._unconfirmed.add(violation.key)
                if isinstance(confirmed, Unconfirmed):
                    self._blocked[violation.key] = confirmed
                return confirmed or True
            witness = _HistoryWitness(confirmed[0], confirmed[1].transcript_until(violation.key))
        finding = self._found[violation.key] = _RecordedFinding(violation, witness)
        finding.see(whole.info)
        return False

    def add(self, violation: Violation, attempt: Attempt) -> None:
        """Record a violation as it is, without asking for it again."""
        self._found.setdefault(violation.key, _RecordedFinding(violation, attempt)).see(attempt.case.info)

    def confirmed(self, violation: Violation, attempt: Attempt) -> None:
        """Take a violation for confirmed; whatever case shows it is counted when it is seen."""
        self._found.setdefault(violation.key, _RecordedFinding(violation, attempt))

    def close(self) -> None:
        """Undo the state that findings were confirmed in."""
        if self._environment is not None:
            self._environment.reset()

    def events(self) -> Iterator[Reported]:
        """Each finding with its count and with the ways to see it again."""
        name = f"{self.compiled.service.name}:{self.operation.name}"
        for finding in self._found.values():
            shown = self._shown(finding.witness)
            cases = tuple(finding.cases)
            yield Reported(finding.violation, finding.count, shown, operations=(name,), cases=cases)

    def _seen_before(self, violation: Violation, info: CaseInfo) -> bool:
        """Whether a violation was weighed before; one that was confirmed is counted."""
        known = self._found.get(violation.key)
        if known is not None:
            known.see(info)
        return known is not None or violation.key in self._unconfirmed

    def _shown(self, witness: Attempt | _HistoryWitness) -> Reproduction:
        if isinstance(witness, _HistoryWitness):
            return retold(witness.history, witness.transcript, self.endpoint, self.plan.region)
        return reproduction(
            self.compiled,
            self.operation,
            witness.case,
            witness.exchange,
            self.endpoint,
            self.plan.region,
            self.attempter.secrets(witness.exchange),
        )

    def attributed(self, violation: Violation, attempt: Attempt) -> tuple[Violation, Attempt]:
        """The violation with its witness, or those of the case's twin.

        What breaks without the mutation isn't due to it.
        """
        case = attempt.case
        if violation.check != "server.crash" or case.twin is None or case.expectation.protocol_level:
            return violation, attempt
        key = json.dumps(case.twin, sort_keys=True, default=str)
        if key not in self._twins:
            twin = self.attempter.attempt(_twin(case), self._fresh())
            crash = next((item for item in twin.violations if item.check == "server.crash"), None)
            self._twins[key] = None if crash is None else (crash, twin)
        return self._twins[key] or (violation, attempt)

    def _fresh(self) -> Environment:
        """State apart from the run's, in which findings are confirmed."""
        if self._environment is None:
            self._environment = self.make_environment()
        return self._environment

    def _confirm(self, violation: Violation, case: Case) -> Attempt | None:
        """The shortest attempt that shows the violation again from freshly provisioned state."""
        fresh = self._fresh()
        if violation.cause == "" and case.twin is not None and violation.check == "server.crash":
            # What the twin showed is shown by the twin.
            case = _twin(case)
        again = _again(self.attempter, case, fresh, violation) or _again(
            self.attempter, case, fresh, violation
        )
        if again is None or not case.choices or again.answer is None:
            return again
        if again.answer.kind == "none":
            # Each try would cost a whole timeout.
            return again
        best = {case.choices: again}

        def fails(offsets: tuple[int, ...]) -> bool:
            candidate = shrunk_case(self.compiled, self.operation, case, offsets)
            found = _again(self.attempter, candidate, fresh, violation)
            if found is not None:
                best[offsets] = found
            return found is not None

        return best[shrink(case.choices, fails)]


def _twin(case: Case) -> Case:
    """The case without its fault, as a case of its own."""
    info = replace(
        case.info, kind="positive", title="a valid request", pointer="", keyword="", value_class=""
    )
    return Case(info, case.twin, Expectation("accepted"))


def _again(
    attempter: Attempter, case: Case, environment: Environment, violation: Violation
) -> Attempt | None:
    """The case sent again from fresh state, if the same violation shows."""
    environment.renew()
    attempt = attempter.attempt(case, environment)
    shows = any(found.key == violation.key for found in attempt.violations)
    return replace(attempt, case=case) if shows else None
