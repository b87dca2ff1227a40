# SPDX-License-Identifier: Apache-2.0
"""What is wrong with one operation: each finding once, confirmed from fresh state, shrunk, attributed.

It owns the findings of an operation on their way to a report. It refuses to know of cases that found
nothing, and of other operations.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from ..cases.case import Case
from ..cases.contract import OperationContract
from ..cases.expectations import Expectation
from ..checks.verdict import is_crash
from ..reproduce.case import reproduction
from ..reproduce.history import history_reproduction
from ..reproduce.transcript import Transcript
from ..results.cause_words import is_valid
from ..results.causes import cause_key
from ..results.events import CaseInfo, Reported, Reproduction, UnrepeatedViolation, Violation
from ..results.terms import at_least
from ..spec.shapes import StructureShape
from .attempt import Attempt, Attempter
from .confirmation import Doubt, FreshConfirmer, doubt_of, needs_repetition, with_new_names
from .environment import Environment
from .histories.result import Execution, Unconfirmed, WalkedStory
from .histories.walked import HistoryConfirmer
from .plan import Plan
from .shrink import shrink

__all__ = ["Findings"]

# So many cases of a finding are remembered by their ids.
_MOST_CASE_IDS = 3
# So many cases of a violation are sent again before it is left in doubt.
_REPETITIONS = 3
# A case is sent again under its own names and under new ones.
_NAMES = 2


@dataclass(frozen=True, slots=True)
class _HistoryWitness:
    """A history that shows a violation, and how it went."""

    history: WalkedStory
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class _HistoryDoubt:
    """A grave violation that a history showed once; `unconfirmed` if no repetition came as far."""

    violation: Violation
    witness: _HistoryWitness
    unconfirmed: Unconfirmed | None

    @property
    def outcome(self) -> Literal["flaky", "unconfirmed"]:
        return "flaky" if self.unconfirmed is None else "unconfirmed"

    @property
    def reason(self) -> str:
        said = "it did not show it" if self.unconfirmed is None else self.unconfirmed.reason
        return f"walked again from fresh state: {said}"


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
        if case.repeatable and case.id not in self.cases and len(self.cases) < _MOST_CASE_IDS:
            self.cases.append(case.id)


_S = TypeVar("_S", bound=WalkedStory)


@dataclass(slots=True)
class Findings:
    """The findings of one operation; `make_environment` makes state apart from the run's to confirm them in.

    `make_shrunk` makes a random case anew, from other choices; once the run's time has `expired`, nothing is
    made smaller any more.

    `endpoint` is how reproductions call the target's address. `fresh` looks for them on a target that holds
    nothing. `crash_places` are where crashes happen that were seen twice in the run: where time is limited,
    what happens there needs no repetition.
    """

    contract: OperationContract
    plan: Plan
    attempter: Attempter
    endpoint: str
    make_environment: Callable[[], Environment]
    make_shrunk: Callable[[OperationContract, Case, tuple[int, ...]], Case]
    expired: Callable[[], bool] = lambda: False
    fresh: FreshConfirmer | None = None
    crash_places: set[str] = field(default_factory=set)
    _by_key: dict[tuple[str, ...], _RecordedFinding] = field(default_factory=dict)
    _doubts: dict[tuple[str, ...], Doubt] = field(default_factory=dict)
    _repetitions: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _histories_in_doubt: dict[tuple[str, ...], _HistoryDoubt] = field(default_factory=dict)
    _twins: dict[str, tuple[Violation, Attempt] | None] = field(default_factory=dict)
    _environment: Environment | None = None
    # The attempt of which something was confirmed last, with its repetition and with what it was shrunk to.
    _shown_again: tuple[Attempt, Attempt] | None = None
    _shown_smaller: tuple[Attempt, Attempt] | None = None
    _reproductions: dict[int, Reproduction] = field(default_factory=dict)
    _sightings: dict[str, list[str]] = field(default_factory=dict)

    def see(self, violation: Violation, case: Case, attempt: Attempt) -> Doubt | None:
        """Record a violation; the doubt about it if it is grave, has to show again, and did not."""
        violation, attempt = self.attributed(violation, attempt)
        if self._seen_before(violation, case.info):
            return None
        if self._repetitions[violation.key] >= _REPETITIONS:
            return self._doubts[violation.key]
        if at_least(violation.severity, self.plan.fail_on):
            confirmed = self._confirm(violation, attempt)
            if isinstance(confirmed, Doubt):
                # The next cases that show it may confirm it.
                self._repetitions[violation.key] += 1
                self._doubts.setdefault(violation.key, confirmed)
                return confirmed
            attempt = confirmed
            violation = _as_shown(violation, attempt)
        self._doubts.pop(violation.key, None)
        self._record(violation, attempt, case.info)
        return None

    def see_history(
        self, violation: Violation, history: _S, execution: Execution, confirmer: HistoryConfirmer[_S]
    ) -> Unconfirmed | bool:
        """Record a violation that a history shows; True if it did not come back from fresh state.

        Unconfirmed if nothing came as far as to show whether it does.
        """
        if self._seen_before(violation, history.info):
            return False
        if violation.key in self._histories_in_doubt:
            return self._histories_in_doubt[violation.key].unconfirmed or True
        witness = _HistoryWitness(
            confirmer.until(violation, history, execution) or history,
            execution.transcript_until(violation.key),
        )
        # What lifecycles say is told by the shortest history, even where it is no error.
        story = violation.check.startswith("lifecycle.") and violation.severity == "warning"
        if story or at_least(violation.severity, self.plan.fail_on):
            confirmed = confirmer.confirmed(violation, history, execution)
            if not isinstance(confirmed, tuple) and needs_repetition(violation):
                self._histories_in_doubt[violation.key] = _HistoryDoubt(violation, witness, confirmed)
                return confirmed or True
            if isinstance(confirmed, tuple):
                witness = _HistoryWitness(confirmed[0], confirmed[1].transcript_until(violation.key))
        self._record(violation, witness, history.info)
        return False

    def accepted(self, case: Case) -> None:
        """A valid request was accepted: what comes after it may run into what it has left."""
        if self.fresh is not None:
            self.fresh.accepted(case)

    def add(self, violation: Violation, attempt: Attempt) -> None:
        """Record a violation as it is, without asking for it again."""
        self._by_key.setdefault(violation.key, _RecordedFinding(violation, attempt))
        self._count(violation, attempt.case.info)

    def confirmed(self, violation: Violation, attempt: Attempt) -> None:
        """Take a violation for confirmed; whatever case shows it is counted when it is seen."""
        self._by_key.setdefault(violation.key, _RecordedFinding(violation, attempt))

    def close(self) -> None:
        """Undo the state that findings were confirmed in."""
        if self._environment is not None:
            self._environment.reset()

    def events(self) -> Iterator[Reported]:
        """Each finding with its count and with the ways to see it again."""
        name = self.contract.full_name
        for finding in self._by_key.values():
            shown = self._shown(finding.witness)
            cases = tuple(finding.cases)
            yield Reported(finding.violation, finding.count, shown, operations=(name,), cases=cases)

    def _seen_before(self, violation: Violation, info: CaseInfo) -> bool:
        """Whether a violation was weighed before, as no less grave; one that was confirmed is counted."""
        known = self._by_key.get(violation.key)
        if known is None or not at_least(known.violation.severity, violation.severity):
            return False
        self._count(known.violation, info)
        return True

    def _record(self, violation: Violation, witness: Attempt | _HistoryWitness, info: CaseInfo) -> None:
        """Keep a finding with what shows it; one that was known as less grave is the same from now on."""
        finding, known = _RecordedFinding(violation, witness), self._by_key.get(violation.key)
        if known is not None:
            finding.count, finding.cases = known.count, known.cases
        self._by_key[violation.key] = finding
        self._count(violation, info)

    def _count(self, violation: Violation, info: CaseInfo) -> None:
        """A case shows a finding."""
        self._by_key[violation.key].see(info)
        self._sightings.setdefault(info.id, []).append(violation.id)

    def shown_by(self, case: str) -> tuple[str, ...]:
        """The ids of the findings that a case was counted for, once; nobody has to remember them longer."""
        return tuple(self._sightings.pop(case, ()))

    def unrepeated(self) -> tuple[UnrepeatedViolation, ...]:
        """The grave violations that did not show again and are no findings."""
        cases = (
            UnrepeatedViolation(doubt.violation, doubt.outcome, doubt.reason, self._shown(doubt.attempt))
            for key, doubt in self._doubts.items()
            if key not in self._by_key
        )
        histories = (
            UnrepeatedViolation(doubt.violation, doubt.outcome, doubt.reason, self._shown(doubt.witness))
            for key, doubt in self._histories_in_doubt.items()
            if key not in self._by_key
        )
        return (*cases, *histories)

    def _shown(self, witness: Attempt | _HistoryWitness) -> Reproduction:
        if isinstance(witness, _HistoryWitness):
            return history_reproduction(witness.history, witness.transcript, self.endpoint, self.plan.region)
        # What one answer shows is seen again in one way, however much of it there is.
        if id(witness) not in self._reproductions:
            self._reproductions[id(witness)] = self._reproduced(witness)
        return self._reproductions[id(witness)]

    def _reproduced(self, witness: Attempt) -> Reproduction:
        return reproduction(
            self.contract,
            witness.case,
            witness.exchange,
            self.endpoint,
            self.plan.region,
            self.attempter.secrets(witness.exchange),
            witness.beside,
            self.attempter.waits_after,
            afresh=witness.afresh,
        )

    def attributed(self, violation: Violation, attempt: Attempt) -> tuple[Violation, Attempt]:
        """The violation with its witness, or those of the case's twin.

        What breaks without the mutation isn't due to it.
        """
        case = attempt.case
        if violation.check != "server.crash" or case.twin is None:
            return violation, attempt
        for control in _controls(self.contract, case):
            crash = self._crash_of(control)
            if crash is not None:
                return crash
        return violation, attempt

    def _crash_of(self, control: Case) -> tuple[Violation, Attempt] | None:
        """The crash that a request without any fault shows, sent once for all that ask for it."""
        key = _key(control)
        if key not in self._twins:
            attempt = self.attempter.attempt(control, self._fresh())
            crash = next((item for item in attempt.violations if item.check == "server.crash"), None)
            self._twins[key] = None if crash is None else (crash, attempt)
        return self._twins[key]

    def _fresh(self) -> Environment:
        """State apart from the run's, in which findings are confirmed."""
        if self._environment is None:
            self._environment = self.make_environment()
        return self._environment

    def _confirm(self, violation: Violation, first: Attempt) -> Attempt | Doubt:
        """The attempt that shows the violation to whoever begins with nothing, or why there is none.

        Requests that a client might send are looked at one by one; of the others, whose faults are found in
        many places, one of each cause.
        """
        confirmed = self._confirm_here(violation, first)
        if self.fresh is None or isinstance(confirmed, Doubt) or not _is_answered(confirmed):
            return confirmed
        if not needs_repetition(violation, confirmed.answer):
            return confirmed
        reported = Reported(violation, 1, self._reproduced(confirmed))
        cause = cause_key(reported)
        alone = is_valid(reported) and _is_looked_at_alone(violation, confirmed)
        if not alone and self.fresh.has_shown(cause):
            return confirmed
        return self.fresh.shown(violation, confirmed, cause)

    def _confirm_here(self, violation: Violation, first: Attempt) -> Attempt | Doubt:
        """The shortest attempt that shows the violation from freshly provisioned state, or why there is none.

        What one answer's bytes show needs no repetition: there the first attempt counts.
        """
        case = first.case
        if self._shown_smaller is not None and self._shown_smaller[0] is first:
            # What else the same answer showed was made smaller with it, as long as it still shows.
            smaller = self._shown_smaller[1]
            if _shows(smaller, violation):
                return smaller
        confirmed = self._repeated(violation, first) if self._is_doubtful(violation, first) else first
        if isinstance(confirmed, Doubt) or not case.choices or confirmed.answer is None:
            return confirmed
        if confirmed.answer.kind == "none" or self.expired():
            # Each try would cost a whole timeout.
            return confirmed
        fresh = self._fresh()
        best = {case.choices: confirmed}
        # Many choices make one and the same request, which is sent once.
        sent: dict[tuple[str, ...], Attempt] = {_request(case): confirmed}

        def fails(offsets: tuple[int, ...]) -> bool:
            if self.expired():
                return False
            candidate = self.make_shrunk(self.contract, case, offsets)
            key = _request(candidate)
            if key not in sent:
                sent[key] = _again(self.attempter, candidate, fresh)
            shows = _shows(sent[key], violation)
            if shows:
                best[offsets] = replace(sent[key], case=candidate)
            return shows

        smallest = best[shrink(case.choices, fails)]
        self._shown_smaller = (first, smallest)
        return smallest

    def _is_doubtful(self, violation: Violation, first: Attempt) -> bool:
        """Whether a violation has to be seen again to count."""
        place = _crash_place(violation)
        if self.plan.max_time is not None and place in self.crash_places:
            return False
        return needs_repetition(violation, first.answer)

    def _repeated(self, violation: Violation, first: Attempt) -> Attempt | Doubt:
        """An attempt from fresh state that shows the violation again, the second under new names.

        Where earlier repetitions have left something behind, and it does not show, once more without that.
        """
        case, fresh = first.case, self._fresh()
        if self._shown_again is not None and self._shown_again[0] is first:
            again = self._shown_again[1]
            if _shows(again, violation):
                # One repetition confirms all that one answer showed.
                return again
        renamed = with_new_names(self.contract, case)
        doubts: list[Doubt] = []
        for candidate in (case, renamed, *((case,) if fresh.spoilt else ())):
            # What crashes may be what an earlier request has left there.
            if fresh.spoilt and (violation.check.startswith("server.") or len(doubts) == _NAMES):
                fresh.reset()
            again = _again(self.attempter, candidate, fresh)
            if _shows(again, violation):
                self.crash_places |= {_crash_place(violation)} - {""}
                again = replace(again, case=case)
                self._shown_again = (first, again)
                return again
            doubts.append(doubt_of(violation, first, again))
        # A repetition that was answered to the point weighs more than one that said nothing.
        return min(doubts, key=lambda doubt: doubt.outcome)


def _twin(case: Case) -> Case:
    """The case without its fault, as a case of its own."""
    info = replace(
        case.info, kind="positive", title="a valid request", pointer="", keyword="", value_class=""
    )
    return Case(info, case.twin, Expectation("accepted"))


def _controls(contract: OperationContract, case: Case) -> Iterator[Case]:
    """Valid requests that lack a case's fault: its twin, and that without the member the fault is in.

    A null that crashes a target as the member's absence does is not what crashes it.
    """
    twin = _twin(case)
    yield twin
    shape = contract.service.shapes.get(contract.operation.input or "")
    name = case.info.pointer.split("/")[1] if "/" in case.info.pointer else ""
    if not isinstance(shape, StructureShape) or not isinstance(twin.template, dict):
        return
    if name in twin.template and name not in shape.required:
        rest = {member: item for member, item in twin.template.items() if member != name}
        yield replace(twin, template=rest)


def _key(case: Case) -> str:
    """What tells apart the requests of cases that differ in their templates alone."""
    return json.dumps(case.template, sort_keys=True, default=str)


def _request(case: Case) -> tuple[str, ...]:
    """What tells apart all that cases send and expect that were made from other choices."""
    return (case.info.pointer, case.info.keyword, case.tamper, case.signature, _key(case))


def _again(attempter: Attempter, case: Case, environment: Environment) -> Attempt:
    """The case sent again from fresh state."""
    environment.renew()
    return attempter.attempt(case, environment)


def _as_shown(violation: Violation, attempt: Attempt) -> Violation:
    """The violation in the words of the answer that is shown for it: a smaller request may earn another."""
    alike = (item for item in attempt.violations if item.key == violation.key)
    shown = next(alike, violation)
    return shown if shown.severity == violation.severity else violation


def _is_answered(attempt: Attempt) -> bool:
    """Whether the target has answered; what it dies of was looked at on a target that was started for it."""
    return attempt.answer is not None and attempt.answer.response.fate == "answered"


def _is_looked_at_alone(violation: Violation, attempt: Attempt) -> bool:
    """Whether a violation is one of a request that ought to succeed, so that it is none of many alike."""
    crashed = attempt.answer is not None and is_crash(attempt.answer)
    return crashed or violation.check.startswith(("server.", "request.valid."))


def _crash_place(violation: Violation) -> str:
    """Where a crash happens, as the target's log has it; the empty string where only an answer says so."""
    site = violation.site if violation.check == "server.crash" else ""
    return site if " in " in site else ""


def _shows(attempt: Attempt, violation: Violation) -> bool:
    """Whether an attempt shows the same violation."""
    return any(item.key == violation.key for item in attempt.violations)
