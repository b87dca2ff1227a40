# SPDX-License-Identifier: Apache-2.0
"""The scripts of one operation: which there are, each walked, what they show confirmed.

It owns an operation's part of the phase `stateful` that needs nothing but its model. It refuses to know how a
script is walked (walk.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ...cases.contract import OperationContract
from ...cases.oracles.families import Family
from ...cases.oracles.script import Script
from ...cases.oracles.script_reading import script_from_json
from ...cases.prerequisites import Prerequisites
from ...checks import CATALOGUE
from ...results.events import CaseInfo, Reproduction, Violation
from ..environment import Environment
from ..histories.result import Execution, Unconfirmed
from ..plan import Plan
from ..session import Session
from .learning import CreatorSearch, knows, learned_script
from .walk import ScriptJudges, ScriptMemory, ScriptWalker

__all__ = ["OraclePhase"]

# So often a script is walked again to confirm what it showed, and one of requests at once.
_TRIES = 2
_RACES = 6
# So many moves are made to find which of a script's moves are needed.
_SHORTENING = 150


@dataclass(slots=True)
class OraclePhase:
    """The scripts of one operation."""

    session: Session
    contract: OperationContract
    plan: Plan
    judges: ScriptJudges
    # Makes the scripts, when somebody wants to walk them.
    scripts: Callable[[], tuple[Script, ...]] = tuple
    expired: Callable[[], bool] = lambda: False
    search: CreatorSearch = lambda creator: None
    _environments: dict[str, Environment] = field(default_factory=dict)
    _counter: int = 0
    _memory: ScriptMemory = field(default_factory=ScriptMemory)

    def planned(self) -> int:
        """How many scripts there are."""
        return len(self.scripts())

    def enumerated(self) -> Iterator[tuple[Script, Callable[[], Execution]]]:
        """Each script, with what walks it."""
        for script in self.scripts():
            yield script, lambda script=script: self._walk(script, "oracle")  # type: ignore[misc]

    def written(self, shown: Reproduction) -> tuple[Script, Callable[[], Execution]] | None:
        """A script that was written down, with what walks it; None if it is something else."""
        source = shown.source.sent.get("oracle")
        if source is None:
            return None
        script = script_from_json(self.contract.service_contract, shown.case, source)
        return script, lambda: self._walk(script, "oracle")

    def random(self, take: Callable[[Script, Execution], None]) -> None:
        """Nothing of an oracle is left to chance."""

    def chosen(self) -> Iterator[CaseInfo]:
        """No script is made by chance."""
        return iter(())

    def until(self, violation: Violation, script: Script, execution: Execution) -> Script | None:
        """As much of a script as shows a violation, by its walk; None if that doesn't show it."""
        at = execution.shows(violation.key)
        return None if at is None else replace(script, moves=script.moves[: at + 1])

    def confirmed(
        self, violation: Violation, script: Script, execution: Execution
    ) -> tuple[Script, Execution] | Unconfirmed | None:
        """The script that shows the violation from fresh state, and its execution.

        None if it does not, Unconfirmed if none came as far. What is wrong with the form of an answer stands
        without a repetition.
        """
        cut = self.until(violation, script, execution)
        if cut is None:
            return None
        if self.expired() or not self.session.liveness.revive():
            return cut, execution
        reasons = []
        for _ in range(_RACES if any(move.times > 1 for move in cut.moves) else _TRIES):
            again = self.replayed(cut)
            if again.shows(violation.key) is not None:
                return self._shortest(cut, again, violation)
            reasons.append(again.reason)
        check = CATALOGUE.get(violation.check)
        if check is not None and check.shown_by_bytes:
            return cut, execution
        return Unconfirmed(reasons[-1]) if all(reasons) else None

    def _shortest(self, cut: Script, execution: Execution, violation: Violation) -> tuple[Script, Execution]:
        """The script without moves that it shows the violation without; a long one without some of them."""
        number = 1
        tries = _SHORTENING // len(cut.moves)
        while number < len(cut.moves) - 1 and tries > 0 and not self.expired():
            tries -= 1
            candidate = replace(cut, moves=cut.moves[:number] + cut.moves[number + 1 :])
            again = self.replayed(candidate)
            if again.shows(violation.key) is None:
                number += 1
            else:
                cut, execution = candidate, again
        return cut, execution

    def replayed(self, script: Script) -> Execution:
        """A script walked on a setup made for it alone."""
        try:
            return self._walk(script, "again")
        finally:
            self._environments.pop(self._key(script.family, "again")).reset()

    def close(self) -> None:
        """Undo whatever scripts stood on."""
        for environment in self._environments.values():
            environment.reset()
        self._environments.clear()

    def _walk(self, script: Script, prefix: str) -> Execution:
        """A script walked; where it comes no further than its creation, again as a search finds a way."""
        known = self.contract.service_contract.learned.get(script.family.creator.name)
        if script.associates and isinstance(known, Prerequisites) and not knows(self.session, script):
            learned_script(self.session, script, lambda _: known)
        learned = learned_script(self.session, script)
        execution = self._walk_once(learned or script, prefix)
        begins = script.moves[0].role == "create" or script.associates
        refused = begins and execution.is_stuck_before(script.family.creator.name)
        if learned is None and refused and not knows(self.session, script) and not self.expired():
            learned = learned_script(self.session, script, self.search)
            if learned is not None and not self.expired():
                self._environments.pop(self._key(script.family, prefix)).reset()
                # Where the target failed, that is what this script shows; others go on from what was learned.
                if not execution.crashes_at(script.family.creator.name):
                    execution = self._walk_once(learned, prefix)
        return execution

    def _walk_once(self, script: Script, prefix: str) -> Execution:
        self.session.liveness.revive()
        environment = self._environment(script.family, prefix)
        return ScriptWalker(
            self.session, self.contract.service_contract, environment, self.judges, script, self._memory
        ).walk()

    def _environment(self, family: Family, prefix: str) -> Environment:
        key = self._key(family, prefix)
        if key not in self._environments:
            # What outlives its deletion, and who comes after it, must not meet under one name.
            self._counter += 1
            identity = f"{self.contract.name} {key} {self._counter}"
            salt = hashlib.sha256(identity.encode()).hexdigest()[:5]
            recipe = replace(family.recipe, salt=salt)
            name = self.plan.prefix("or", self.contract.full_name)
            self._environments[key] = Environment(
                self.session, self.contract.service_contract, recipe, name, f"{prefix} story"
            )
        return self._environments[key]

    def _key(self, family: Family, prefix: str) -> str:
        return f"{prefix} {family.creator.name}"
