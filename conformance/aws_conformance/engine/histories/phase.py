# SPDX-License-Identifier: Apache-2.0
"""The histories of one operation: which there are, each walked, what they show confirmed and shortened.

It owns the phase `stateful` of an operation. It refuses to know how a history is walked (execute.py) and what
is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ...cases.contract import Contract, OperationContract
from ...cases.lifecycles.belief import Rules
from ...cases.lifecycles.histories import (
    History,
    Step,
    check_fits,
    doubled,
    from_json,
    history,
    shorter,
    without_stops,
    without_uploads,
)
from ...cases.lifecycles.model import Lifecycle
from ...cases.lifecycles.registry import histories_of, lifecycles_of
from ...cases.lifecycles.simulate import foresee, keeps_meaning
from ...checks import CATALOGUE
from ...errors import UsageError
from ...results.events import (
    CaseInfo,
    Reproduction,
    Violation,
)
from ..plan import Plan
from ..session import Session
from .context import Memory
from .execute import Executor
from .harness import Harness, Judges
from .result import Execution, Unconfirmed

__all__ = ["Harnesses", "StatefulPhase"]

# So often a history is walked again to confirm what it showed, and one of requests at once.
_TRIES = 2
_RACES = 6
# So many shorter histories are tried for one finding.
_SHORTER = 40


@dataclass(slots=True)
class Harnesses:
    """Where the histories of one lifecycle are walked: a harness for each setting, and what walks share."""

    session: Session
    contract: Contract
    rules: Rules
    judges: Judges
    prefix: str
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    memory: Memory = field(default_factory=Memory)
    answered: set[str] = field(default_factory=set)
    _by_setting: dict[str, Harness] = field(default_factory=dict)

    def walker(self, kind: str, setting: str) -> Executor:
        """A walker for one history, on the setting's harness."""
        if setting not in self._by_setting:
            self._by_setting[setting] = Harness(
                self.session,
                self.contract,
                self.rules.lifecycle,
                setting,
                self.prefix,
                self.judges,
                self.answered,
            )
        return Executor(
            self._by_setting[setting],
            self.rules,
            kind,  # type: ignore[arg-type]  # one of HistoryKind, as it is in a History
            self.memory,
            self.known,
            self.expired,
            setting=self.rules.lifecycle.setting(setting).facts,
        )

    def walk(self, history: History) -> Execution:
        """Walk a history; if it doesn't meet the state that it is about, by another way there.

        The last way is without uploads, for a target that has no place for a file and needs none. Where no
        way leads to the state, the first is what is told.
        """
        execution = first = self.walker(history.kind, history.setting).walk(history.moves)
        bare = without_uploads(history, self.rules.lifecycle).moves
        ways = [*history.otherwise, *((bare,) if bare != history.moves else ())]
        for steps in ways if history.kind == "forbidden" else ():
            if history.state == execution.met or self.expired():
                break
            execution = self.walker(history.kind, history.setting).walk(steps)
        return execution if history.state == execution.met else first

    def close(self) -> None:
        """Undo what harnesses stand on."""
        for harness in self._by_setting.values():
            harness.close()
        self._by_setting.clear()


@dataclass(slots=True)
class StatefulPhase:
    """The histories of one operation, of all lifecycles that have some."""

    session: Session
    contract: OperationContract
    plan: Plan
    judges: Judges
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    _harnesses: dict[str, Harnesses] = field(default_factory=dict)

    @property
    def lifecycles(self) -> tuple[Lifecycle, ...]:
        """The lifecycles of the operation's service."""
        return lifecycles_of(self.contract.service.name, self.plan.lifecycles)

    def planned(self) -> int:
        """How many histories there will be."""
        return sum(
            len(self._enumerated(lifecycle)) + self._by_chance(lifecycle) for lifecycle in self.lifecycles
        )

    def enumerated(self) -> Iterator[tuple[History, Callable[[], Execution]]]:
        """Each history that needs no chance, with what walks it."""
        for lifecycle in self.lifecycles:
            harnesses = self._harnesses_for(lifecycle, "life")
            for planned in self._enumerated(lifecycle):
                yield planned, lambda planned=planned, harnesses=harnesses: harnesses.walk(planned)  # type: ignore[misc]

    def written(self, shown: Reproduction) -> tuple[History, Callable[[], Execution]] | None:
        """A history that was written down, with what walks it; None if it is something else."""
        source = shown.source.sent.get("history")
        if source is None:
            return None
        history = from_json(shown.case, source)
        lifecycle = self._lifecycle(history.lifecycle)
        check_fits(history, lifecycle)
        return history, lambda: self._harnesses_for(lifecycle, "life").walk(history)

    def random(self, take: Callable[[History, Execution], None]) -> None:
        """Walk the histories that Hypothesis chooses; `take` gets each."""
        for lifecycle in self.lifecycles:
            if self._by_chance(lifecycle):
                self._walk_by_chance(lifecycle, take)

    def _walk_by_chance(self, lifecycle: Lifecycle, take: Callable[[History, Execution], None]) -> None:
        from .machine import random_histories

        harnesses = self._harnesses_for(lifecycle, "life")
        walking: list[tuple[Executor, str]] = []

        def begin(setting: str) -> Callable[[Step], None]:
            walker = harnesses.walker("walk", setting)
            walking[:] = [(walker, setting)]
            walker.begin()
            return lambda move: None if walker.dead else self._perform(walker, move)

        def end() -> None:
            for walker, setting in walking:
                take(_chosen(lifecycle, setting, tuple(walker.moves)), walker.finish())
            walking.clear()

        name = f"{self.plan.seed}:{lifecycle.service}:{lifecycle.name}"
        count = self._by_chance(lifecycle)
        random_histories(harnesses.rules, name, count, begin, end, moves_time=self.session.moves_time)

    def chosen(self) -> Iterator[CaseInfo]:
        """Random histories that will not be walked: they are not even chosen."""
        for lifecycle in self.lifecycles:
            for number in range(self._by_chance(lifecycle)):
                name = f"by chance: number {number + 1}, which was not chosen"
                yield history(lifecycle, "walk", name, "", (), lifecycle.subject, name).info

    def _perform(self, walker: Executor, move: Step) -> None:
        if self.expired():
            walker.stop("the time for the run was up")
        else:
            walker.perform(move)

    def until(self, violation: Violation, history: History, execution: Execution) -> History | None:
        """As much of a history as shows a violation, by its walk; None if that doesn't show it."""
        at = execution.shows(violation.key)
        return None if at is None else self._of(history, execution.moves[: at + 1])

    def confirmed(
        self, violation: Violation, history: History, execution: Execution
    ) -> tuple[History, Execution] | Unconfirmed | None:
        """The shortest history that shows the violation from fresh state, and its execution.

        None if none shows it, Unconfirmed if none came as far. What is wrong with the form of an answer is
        shown by that answer, and stands without a repetition.
        """
        cut = self.until(violation, history, execution)
        if cut is None:
            return None
        unbounded = violation.check == "lifecycle.stuck" and not self.session.moves_time
        if unbounded or self.expired() or not self.session.liveness.revive():
            # What lasts too long is not waited for again and again, and a dead target shows nothing more.
            return cut, execution
        again = self._shown_again(cut, violation)
        if not isinstance(again, tuple) and _shown_by_answer_alone(violation):
            return cut, execution
        if not isinstance(again, tuple) and violation.check == "request.valid.refused":
            # Accepted once and never again: nothing that is done afresh can show it, but to do it once more.
            more = self._harnesses_for(self._lifecycle(history.lifecycle), "life").walk(cut)
            return (cut, more) if more.shows(violation.key) is not None else again
        if not isinstance(again, tuple):
            return again
        best, walked = self._shortest(again, violation)
        return self._of(best, best.moves), walked

    def _shown_again(
        self, cut: History, violation: Violation
    ) -> tuple[History, Execution] | Unconfirmed | None:
        """The first of some tries from fresh state that shows a violation.

        What depends on who comes first may take several; what was accepted before may have been so in
        another history, and then needs both in one.
        """
        tries = [cut] * (_RACES if cut.kind == "race" else _TRIES) + [doubled(cut)]
        direct = without_stops(cut)
        if direct != cut:
            tries.insert(0, direct)
        reasons = []
        for attempt in tries:
            execution = self.replayed(attempt)
            again = _cut_where_shown(attempt, execution, violation)
            if again is not None:
                return again
            reasons.append(execution.reason)
        # What was refused on its way to the place confirms nothing and excuses nothing.
        return Unconfirmed(reasons[-1]) if all(reasons) else None

    def _shortest(self, best: tuple[History, Execution], violation: Violation) -> tuple[History, Execution]:
        """The shortest history that still shows a violation and whose moves mean what they did."""
        rules = self._harnesses_for(self._lifecycle(best[0].lifecycle), "again").rules
        left = _SHORTER
        while True:
            meant = foresee(rules, best[0])
            worth = (
                candidate for candidate in shorter(best[0]) if keeps_meaning(foresee(rules, candidate), meant)
            )
            better = None
            for candidate in worth:
                left -= 1
                if left < 0 or self.expired():
                    return best
                better = self._again(candidate, violation)
                if better is not None:
                    break
            if better is None:
                return best
            best = better

    def replayed(self, history: History) -> Execution:
        """A history walked on a setup made for it alone. Raises UsageError for one that there can't be."""
        lifecycle = self._lifecycle(history.lifecycle)
        check_fits(history, lifecycle)
        harnesses = self._harnesses_for(lifecycle, "again")
        # Whoever repeats it knows of no other history.
        harnesses.memory = Memory()
        try:
            return harnesses.walk(history)
        finally:
            harnesses.close()

    def close(self) -> None:
        """Undo whatever histories stood on."""
        for harnesses in self._harnesses.values():
            harnesses.close()

    def _of(self, history: History, moves: tuple[Step, ...]) -> History:
        """A history with other moves. One that was made by chance is called by its moves."""
        if history.kind == "walk":
            return _chosen(self._lifecycle(history.lifecycle), history.setting, moves)
        return replace(history, moves=moves, otherwise=())

    def _lifecycle(self, name: str) -> Lifecycle:
        lifecycle = next((known for known in self.lifecycles if known.name == name), None)
        if lifecycle is None:
            raise UsageError(f"there is no lifecycle {name!r} (any more).", "Name its file.")
        return lifecycle

    def _again(self, history: History, violation: Violation) -> tuple[History, Execution] | None:
        return _cut_where_shown(history, self.replayed(history), violation)

    def _enumerated(self, lifecycle: Lifecycle) -> tuple[History, ...]:
        every = histories_of(lifecycle.service, self.plan.lifecycles, lifecycle.name)
        return tuple(planned for planned in every if planned.subject == self.contract.name)

    def _by_chance(self, lifecycle: Lifecycle) -> int:
        return self.plan.max_examples if lifecycle.subject == self.contract.name else 0

    def _harnesses_for(self, lifecycle: Lifecycle, prefix: str) -> Harnesses:
        key = f"{prefix} {lifecycle.name}"
        if key not in self._harnesses:
            self._harnesses[key] = Harnesses(
                self.session,
                self.contract.service_contract,
                Rules(lifecycle),
                self.judges,
                self.plan.prefix(prefix, self.contract.full_name),
                self.known,
                self.expired,
            )
        return self._harnesses[key]


def _cut_where_shown(
    history: History, execution: Execution, violation: Violation
) -> tuple[History, Execution] | None:
    """A history up to where its execution shows a violation; None if it does not."""
    at = execution.shows(violation.key)
    return None if at is None else (replace(history, moves=execution.moves[: at + 1]), execution)


def _shown_by_answer_alone(violation: Violation) -> bool:
    """Whether a violation is one of an answer's bytes or document, whatever state it met."""
    check = CATALOGUE.get(violation.check)
    return check is not None and check.shown_by_bytes


def _chosen(lifecycle: Lifecycle, setting: str, moves: tuple[Step, ...]) -> History:
    """A history that was made by chance."""
    several = len({step.who for step in moves}) > 1
    done = ", ".join(
        " ".join(
            word
            for word in (
                step.name or step.do,
                f"({step.variant})" if step.variant else "",
                f"the {step.who}" if several else "",
            )
            if word
        )
        for step in moves
    )
    return history(lifecycle, "walk", f"by chance: {done}"[:300], setting, moves, lifecycle.subject)
