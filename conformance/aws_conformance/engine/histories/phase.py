"""The histories of one operation: which there are, each walked, what they show confirmed and shortened.

It owns the phase `stateful` of an operation. It refuses to know how a history is walked (execute.py) and what
is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ...cases.contract import Contract
from ...cases.lifecycles.belief import Rules
from ...cases.lifecycles.histories import (
    History,
    Step,
    check_fits,
    doubled,
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
    Inconclusive,
    NotImplementedByTarget,
    Outcome,
    Severity,
    Verified,
    Violated,
    Violation,
    at_least,
)
from ...spec.shapes import Operation
from ..histories.harness import Harness, Judges
from ..plan import Plan
from ..session import Session
from .context import Memory
from .execute import Execution, Executor

__all__ = ["Harnesses", "StatefulPhase", "Unconfirmed", "outcome_of_walk"]

# So often a history is walked again to confirm what it showed, and one of requests at once.
_TRIES = 2
_RACES = 6
# So many shorter histories are tried for one finding.
_SHORTER = 40


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """No repetition of a history came as far as what it showed before; `reason` is what kept the last."""

    reason: str


@dataclass(slots=True)
class Harnesses:
    """Where the histories of one lifecycle are walked: a stage for each setting, and what walks share."""

    session: Session
    compiled: Contract
    rules: Rules
    judges: Judges
    prefix: str
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    memory: Memory = field(default_factory=Memory)
    answered: set[str] = field(default_factory=set)
    _stages: dict[str, Harness] = field(default_factory=dict)

    def walker(self, kind: str, setting: str) -> Executor:
        """A walker for one history, on the setting's stage."""
        if setting not in self._stages:
            self._stages[setting] = Harness(
                self.session,
                self.compiled,
                self.rules.lifecycle,
                setting,
                self.prefix,
                self.judges,
                self.answered,
            )
        return Executor(
            self._stages[setting],
            self.rules,
            kind,  # type: ignore[arg-type]  # one of HistoryKind, as it is in a History
            self.memory,
            self.known,
            self.expired,
            setting=self.rules.lifecycle.setting(setting).facts,
        )

    def walk(self, whole: History) -> Execution:
        """Walk a history; if it doesn't meet the state that it is about, by another way there.

        The last way is without uploads, for a target that has no place for a file and needs none. Where no
        way leads to the state, the first is what is told.
        """
        execution = first = self.walker(whole.kind, whole.setting).walk(whole.moves)
        bare = without_uploads(whole, self.rules.lifecycle).moves
        ways = [*whole.otherwise, *((bare,) if bare != whole.moves else ())]
        for steps in ways if whole.kind == "forbidden" else ():
            if whole.state == execution.met or self.expired():
                break
            execution = self.walker(whole.kind, whole.setting).walk(steps)
        return execution if whole.state == execution.met else first

    def close(self) -> None:
        """Undo what stages stand on."""
        for stage in self._stages.values():
            stage.close()
        self._stages.clear()


@dataclass(slots=True)
class StatefulPhase:
    """The histories of one operation, of all lifecycles that have some."""

    session: Session
    compiled: Contract
    operation: Operation
    plan: Plan
    judges: Judges
    known: frozenset[tuple[str, ...]] = frozenset()
    expired: Callable[[], bool] = lambda: False
    _theatres: dict[str, Harnesses] = field(default_factory=dict)

    @property
    def lifecycles(self) -> tuple[Lifecycle, ...]:
        """The lifecycles of the operation's service."""
        return lifecycles_of(self.compiled.service.name, self.plan.lifecycles)

    def planned(self) -> int:
        """How many histories there will be."""
        return sum(len(self._enumerated(one)) + self._by_chance(one) for one in self.lifecycles)

    def enumerated(self) -> Iterator[tuple[History, Callable[[], Execution]]]:
        """Each history that needs no chance, with what walks it."""
        for lifecycle in self.lifecycles:
            theatre = self._theatre(lifecycle, "life")
            for one in self._enumerated(lifecycle):
                yield one, lambda one=one, theatre=theatre: theatre.walk(one)  # type: ignore[misc]

    def random(self, take: Callable[[History, Execution], None]) -> None:
        """Walk the histories that Hypothesis chooses; `take` gets each."""
        for lifecycle in self.lifecycles:
            if self._by_chance(lifecycle):
                self._walk_by_chance(lifecycle, take)

    def _walk_by_chance(self, lifecycle: Lifecycle, take: Callable[[History, Execution], None]) -> None:
        from .machine import random_histories

        theatre = self._theatre(lifecycle, "life")
        walking: list[tuple[Executor, str]] = []

        def begin(setting: str) -> Callable[[Step], None]:
            walker = theatre.walker("walk", setting)
            walking[:] = [(walker, setting)]
            walker.begin()
            return lambda move: None if walker.dead else self._perform(walker, move)

        def end() -> None:
            for walker, setting in walking:
                take(_chosen(lifecycle, setting, tuple(walker.moves)), walker.finish())
            walking.clear()

        name = f"{self.plan.seed}:{lifecycle.service}:{lifecycle.name}"
        count = self._by_chance(lifecycle)
        random_histories(theatre.rules, name, count, begin, end, moves_time=self.session.moves_time)

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

    def until(self, violation: Violation, whole: History, walk: Execution) -> History | None:
        """As much of a history as shows a violation, by its walk; None if that doesn't show it."""
        at = walk.shows(violation.key)
        return None if at is None else self._of(whole, walk.moves[: at + 1])

    def confirmed(
        self, violation: Violation, whole: History, walk: Execution
    ) -> tuple[History, Execution] | Unconfirmed | None:
        """The shortest history that shows the violation from fresh state, and its execution.

        None if none shows it, Unconfirmed if none came as far. What is wrong with the form of an answer is
        shown by that answer, and stands without a repetition.
        """
        cut = self.until(violation, whole, walk)
        if cut is None:
            return None
        unbounded = violation.check == "lifecycle.stuck" and not self.session.moves_time
        if unbounded or self.expired() or not self.session.liveness.revive():
            # What lasts too long is not waited for again and again, and a dead target shows nothing more.
            return cut, walk
        found = self._shown_again(cut, violation)
        if not isinstance(found, tuple) and _shown_by_one_answer(violation):
            return cut, walk
        if isinstance(found, Unconfirmed):
            return found
        if found is None and violation.check == "request.valid.refused":
            # Accepted once and never again: nothing that is done afresh can show it, but to do it once more.
            more = self._theatre(self._lifecycle(whole.lifecycle), "life").walk(cut)
            return (cut, more) if more.shows(violation.key) is not None else None
        if found is None:
            return None
        best, walked = self._shortest(found, violation)
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

    def _shortest(self, found: tuple[History, Execution], violation: Violation) -> tuple[History, Execution]:
        """The shortest history that still shows a violation and whose moves mean what they did."""
        rules = self._theatre(self._lifecycle(found[0].lifecycle), "again").rules
        left = _SHORTER
        while True:
            meant = foresee(rules, found[0])
            worth = (one for one in shorter(found[0]) if keeps_meaning(foresee(rules, one), meant))
            better = None
            for one in worth:
                left -= 1
                if left < 0 or self.expired():
                    return found
                better = self._again(one, violation)
                if better is not None:
                    break
            if better is None:
                return found
            found = better

    def replayed(self, whole: History) -> Execution:
        """A history walked on a setup made for it alone. Raises UsageError for one that there can't be."""
        lifecycle = self._lifecycle(whole.lifecycle)
        check_fits(whole, lifecycle)
        theatre = self._theatre(lifecycle, "again")
        # Whoever repeats it knows of no other history.
        theatre.memory = Memory()
        try:
            return theatre.walk(whole)
        finally:
            theatre.close()

    def close(self) -> None:
        """Undo whatever histories stood on."""
        for theatre in self._theatres.values():
            theatre.close()

    def _of(self, whole: History, moves: tuple[Step, ...]) -> History:
        """A history with other moves. One that was made by chance is called by its moves."""
        if whole.kind == "walk":
            return _chosen(self._lifecycle(whole.lifecycle), whole.setting, moves)
        return replace(whole, moves=moves, otherwise=())

    def _lifecycle(self, name: str) -> Lifecycle:
        found = next((one for one in self.lifecycles if one.name == name), None)
        if found is None:
            raise UsageError(f"there is no lifecycle {name!r} (any more).", "Name its file.")
        return found

    def _again(self, whole: History, violation: Violation) -> tuple[History, Execution] | None:
        return _cut_where_shown(whole, self.replayed(whole), violation)

    def _enumerated(self, lifecycle: Lifecycle) -> tuple[History, ...]:
        every = histories_of(lifecycle.service, self.plan.lifecycles, lifecycle.name)
        return tuple(one for one in every if one.subject == self.operation.name)

    def _by_chance(self, lifecycle: Lifecycle) -> int:
        return self.plan.max_examples if lifecycle.subject == self.operation.name else 0

    def _theatre(self, lifecycle: Lifecycle, prefix: str) -> Harnesses:
        key = f"{prefix} {lifecycle.name}"
        if key not in self._theatres:
            self._theatres[key] = Harnesses(
                self.session,
                self.compiled,
                Rules(lifecycle),
                self.judges,
                f"{prefix}{self.plan.seed % 10_000}",
                self.known,
                self.expired,
            )
        return self._theatres[key]


def _cut_where_shown(
    whole: History, execution: Execution, violation: Violation
) -> tuple[History, Execution] | None:
    """A history up to where its execution shows a violation; None if it does not."""
    at = execution.shows(violation.key)
    return None if at is None else (replace(whole, moves=execution.moves[: at + 1]), execution)


def _shown_by_one_answer(violation: Violation) -> bool:
    """Whether a violation is one of an answer's bytes or document, whatever state it met."""
    check = CATALOGUE.get(violation.check)
    return check is not None and check.looks_at != "answer"


def _chosen(lifecycle: Lifecycle, setting: str, moves: tuple[Step, ...]) -> History:
    """A history that was made by chance."""
    several = len({one.who for one in moves}) > 1
    done = ", ".join(
        " ".join(
            word
            for word in (
                one.name or one.do,
                f"({one.variant})" if one.variant else "",
                f"the {one.who}" if several else "",
            )
            if word
        )
        for one in moves
    )
    return history(lifecycle, "walk", f"by chance: {done}"[:300], setting, moves, lifecycle.subject)


def outcome_of_walk(
    whole: History, walk: Execution, *, subject: str, reached: bool, fail_on: Severity
) -> Outcome:
    """The outcome of a history, given whether its operation has been reached in this run."""
    grave = tuple(one for one, *_ in walk.violations if at_least(one.severity, fail_on))
    if grave:
        return Violated(tuple({one.key: one for one in grave}.values()))
    if walk.missing == subject:
        return NotImplementedByTarget(walk.evidence)
    if walk.reason:
        return Inconclusive(walk.reason)
    if whole.state and whole.state != walk.met:
        return Inconclusive(f"{whole.state} was not met, but {walk.met or 'nothing'}")
    if walk.let_pass:
        return Inconclusive("accepted; what AWS does here is not on record")
    if whole.kind == "forbidden" and not reached:
        return Inconclusive("the operation was not reached in this run")
    return Verified()
