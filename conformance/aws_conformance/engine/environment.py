# SPDX-License-Identifier: Apache-2.0
"""The state that a case needs: steps of a recipe carried out on a target, kept, renewed and undone.

It owns the answers of steps and the resolution of symbols by them. It refuses to know what a case is
worth, and it never fails: what could not be provided is said in `missing`.
"""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..cases.additions import additions
from ..cases.contract import Contract
from ..cases.prerequisites import Prerequisites
from ..cases.setup import SetupStep
from ..cases.symbols import is_symbol, name_of, substitute, symbols, value_at
from .session import Session
from .setup_requests import carried_out, put_file
from .shared_states import SharedState, state_key

__all__ = ["Environment"]

# A pool holds a thousand jobs; a new one in time keeps a long run from meeting that limit.
_USES = 200
_DEADLY = 2
# More than a recipe has steps.
_ALL = sys.maxsize
# What is seen in a state that is whole in part is confirmed in one that is whole.
_IN_PART = frozenset({"run"})


class Environment:
    """What one operation's recipe has provided so far on one target."""

    def __init__(
        self, session: Session, contract: Contract, recipe: Prerequisites, prefix: str, purpose: str = ""
    ) -> None:
        """With a `purpose`, what is left whole is kept, and used by whoever needs it for the same purpose."""
        self._session = session
        self._contract = contract
        self._recipe = recipe
        self.prefix = f"{prefix}{recipe.salt}"
        self._answers: dict[str, Any] = {}
        # What was sent for each step: a name that it chose is a name to ask by.
        self._sent: dict[str, Any] = {}
        self._missing: dict[str, str] = {}
        self._carried_out: list[SetupStep] = []
        self._names = 0
        self._used = 0
        self._spoilt = False
        self._doubtful = False
        # So many of the recipe's steps, first to last, are as they were made, whatever was asked since.
        self._intact = _ALL
        self._purpose = purpose
        self._generation = session.liveness.generation
        # Steps under which the target died, with how often: what kills it twice is not done again.
        self._deadly: dict[str, int] = {}

    def refresh(self, *, clean: bool = True) -> None:
        """Begin to use the state once more; what was used often, or was spoilt, is made anew."""
        self._check_generation()
        if self._used >= _USES:
            self._undo()
        elif (self._spoilt or self._doubtful) and clean:
            self._put_aside()
        elif not clean and self._is_intact() and self._spoilt_key() in self._session.states:
            # What is whole is left to those who ask for that.
            self.reset()
        self._used += 1

    def provide(self, without: Iterable[str] = (), *, clean: bool = True, keep: bool = False) -> None:
        """Carry out every step that is not in force yet; steps that failed once are not tried again.

        State that was spoilt or is in doubt is made anew, unless the case does not ask for `clean` state;
        with `keep`, nothing that is in force is touched.
        """
        left_out = set(without)
        self._check_generation()
        if not keep:
            self.refresh(clean=clean)
        self._take_provided()
        if not left_out:
            self._take_shared(clean=clean)
        for step in self._recipe.steps:
            if step.name in self._answers or step.name in self._missing:
                continue
            if step.name in left_out or left_out.intersection(step.needs):
                left_out.add(step.name)
                continue
            lacking = next((name for name in step.needs if name in self._missing), None)
            if lacking is not None:
                self._missing[step.name] = self._missing[lacking]
                continue
            self._carry_out(step)

    def _take_provided(self) -> None:
        """Let the project's own values stand for what steps would make; nothing of that is ever undone."""
        if not additions.providers:
            return
        inputs = [
            template
            for template in (self._recipe.bind, *(step.input for step in self._recipe.steps))
            if isinstance(template, Mapping)
        ]
        for member, symbol in (pair for template in inputs for pair in template.items()):
            source = symbol.get("$from", "") if is_symbol(symbol) else ""
            step, _, path = source.partition(".")
            give = additions.providers.get((self._contract.service.name, member))
            if give is None or not path or path.startswith("$in.") or self._lookup(source) is not None:
                continue
            answer = self._answers.setdefault(step, {})
            *above, last = path.split(".")
            for name in above:
                answer = answer.setdefault(name, {})
            answer[last] = give()

    def consumed(self) -> None:
        """An accepted request used up what is fresh: do what comes after it, and forget those steps."""
        for step in self._recipe.after:
            self._invoke(step)
        if self._recipe.base:
            # What was learned does not say which of the steps are used up.
            self.renew()
        else:
            self._forget(self._recipe.fresh)

    def spoil(self) -> None:
        """A request that should have been refused was accepted: what it left behind proves nothing."""
        self._spoilt = True
        self.change()

    @property
    def spoilt(self) -> bool:
        """Whether it holds what a request that should have been refused has left behind."""
        return self._spoilt

    def doubt(self) -> None:
        """The target broke over a request that it should have refused: it may have done half of it."""
        self._doubtful = True
        self.change()

    def change(self, *, everything: bool = False) -> None:
        """A request may have left something else behind than what was made: nobody else is to use it.

        What it is about is the last of the steps that its input names: what that stands on is whole, unless
        `everything` may have changed.
        """
        self._intact = min(self._intact, 0 if everything else self._subject)

    @functools.cached_property
    def _subject(self) -> int:
        """Which step, in their order, the operation is about; 0 where nothing in front of it is sure."""
        if self._purpose not in _IN_PART or self._session.states.entire:
            return 0
        sources = (
            symbol.get("$from", "")
            for symbol in symbols({"bind": self._recipe.bind, "base": self._recipe.base})
        )
        named = {source.partition(".")[0] for source in sources}
        return max(
            (number for number, step in enumerate(self._recipe.steps) if step.name in named), default=0
        )

    def discard(self, document: Any, sent: Any = None) -> bool:
        """Undo what an accepted request of the operation itself has made, so that no other meets it.

        Whether that succeeded.
        """
        self._check_generation()
        own = self._recipe.own
        if own is None or own.undo is None or self._recipe.after or own.name in self._answers:
            return False
        self._answers[own.name], self._sent[own.name] = document, sent
        undone, *_ = self._invoke(own.undo)
        self._answers.pop(own.name)
        self._sent.pop(own.name)
        return undone

    def renew(self) -> None:
        """Undo and forget the fresh steps: state was made odd, or a case asks for its own."""
        self._check_generation()
        for step in reversed(self._carried_out):
            if step.undo is not None and step.name in self._recipe.fresh:
                self._invoke(step.undo)
        self._forget(self._recipe.fresh)

    def reset(self) -> None:
        """Undo everything that was made, newest first, and start over. What can't be undone is left.

        What is whole is kept, for whoever needs the same, or begins with it, for the same purpose.
        """
        self._check_generation()
        if not self._may_be_shared(self._intact):
            self._leave_spoilt()
            return
        self._intact = min(self._intact, self._lasting)
        self._undo_changed()
        if self._carried_out:
            self._give(self._key())

    def rest(self) -> None:
        """Leave what is made to others until the next turn; where time is short, but what can't serve them.

        What valid requests of the operation have changed serves its own next ones, as if there were no turns.
        """
        self._check_generation()
        changed = self._is_intact() and not self._may_be_shared(self._intact)
        if not (changed and self._session.states.keeps_spoilt):
            self.reset()

    def _put_aside(self) -> None:
        """Make room for clean state, and keep of what there is as much as is whole."""
        if self._intact:
            self._undo_changed()
        else:
            self._leave_spoilt()

    def _leave_spoilt(self) -> None:
        """Leave what is not whole to those who need nothing better, where time is short; else undo it."""
        if self._purpose in _IN_PART and self._session.states.keeps_spoilt and self._may_be_shared(_ALL):
            self._give(self._spoilt_key())
        else:
            self._undo()

    def _give(self, key: str) -> None:
        """Let others use what is carried out."""
        state = SharedState(
            tuple(self._carried_out),
            dict(self._answers),
            dict(self._sent),
            self._names,
            self._used,
            self._generation,
            self._apart()._undo,
        )
        self._start_over()
        self._session.states.give(key, state)

    def _is_intact(self) -> bool:
        sound = not (self._spoilt or self._doubtful)
        return self._purpose in _IN_PART and sound and bool(self._carried_out)

    def _may_be_shared(self, number: int) -> bool:
        """Whether so many steps of what was made are of use to others, if they are as they were made."""
        intact = self._recipe.steps[: min(number, self._lasting)]
        complete = bool(intact) and tuple(self._carried_out[: len(intact)]) == intact and not self._missing
        return complete and bool(self._purpose) and self._used < _USES and not additions.providers

    @functools.cached_property
    def _lasting(self) -> int:
        """How many of the steps, first to last, come before those that a success uses up."""
        if self._recipe.fresh and self._session.states.entire:
            return 0
        steps = enumerate(self._recipe.steps)
        return next((number for number, step in steps if step.name in self._recipe.fresh), _ALL)

    def _apart(self) -> Environment:
        """Another that has what this has."""
        other = copy.copy(self)
        other._answers, other._sent = dict(self._answers), dict(self._sent)
        other._missing, other._carried_out = dict(self._missing), list(self._carried_out)
        return other

    def _take_shared(self, *, clean: bool) -> None:
        """Use what another has left, if nothing is in force; what it has beyond the same steps is undone."""
        if not self._purpose or self._carried_out or self._answers or self._missing:
            return
        steps, states = self._recipe.steps[: self._lasting], self._session.states
        state = None if clean else states.take(self._spoilt_key(), steps, self._generation)
        if state is not None:
            self._spoilt = True
            self._intact = 0
        else:
            state = states.take(self._key(), steps, self._generation)
        if state is None:
            return
        self._carried_out = list(state.steps)
        self._answers, self._sent = dict(state.answers), dict(state.sent)
        self._used += state.uses
        # Names that others have chosen in this state are taken.
        self._names = max(self._names, state.names)
        if not self._take_back(self._carried_out[state.serving(steps) :]):
            # What is left of it nobody knows.
            self._undo()

    def _spoilt_key(self) -> str:
        return f"spoilt {self._key()}"

    def _key(self) -> str:
        contract = self._contract
        return state_key(self._purpose, contract.service.name, contract.protocol_name)

    def _undo(self) -> None:
        self._check_generation()
        for step in reversed(self._carried_out):
            if step.undo is not None:
                self._invoke(step.undo)
        self._start_over()

    def _undo_changed(self) -> None:
        """Undo what may not be as it was made, newest first; everything, where that can't be undone."""
        self._check_generation()
        intact = {step.name for step in self._recipe.steps[: self._intact]}
        changed = [step for step in self._carried_out if step.name not in intact]
        if self._take_back(changed) and self._carried_out:
            self._settle_down()
        else:
            self._undo()

    def _take_back(self, steps: Sequence[SetupStep]) -> bool:
        """Undo and forget some steps, newest first; whether each of them could be."""
        for step in reversed(steps):
            if step.undo is None or not self._invoke(step.undo)[0]:
                return False
            self._forget({step.name})
        return True

    def _check_generation(self) -> None:
        """What a target held that has died since is gone, and needs no undoing."""
        if self._generation != self._session.liveness.generation:
            self._generation = self._session.liveness.generation
            self._start_over()

    def _start_over(self) -> None:
        self._carried_out.clear()
        self._answers.clear()
        self._used = 0
        self._settle_down()

    def _settle_down(self) -> None:
        """What is carried out is as it was made."""
        self._missing.clear()
        self._spoilt = False
        self._doubtful = False
        self._intact = _ALL

    def missing(self, template: Any) -> str:
        """Why a symbol of the template has no value, or the empty string."""
        for symbol in symbols(template):
            source = symbol.get("$from", "")
            step = source.partition(".")[0]
            if source in self._recipe.fallback:
                continue
            if source and step not in self._answers:
                return self._missing.get(step, f"{step} was left out")
            if source and self._lookup(source) is None:
                return f"{step} answered without {source.partition('.')[2]}"
        return ""

    def knows(self, member: str) -> bool:
        """Whether what a member of the input names was made on the target: others don't exist there."""
        source = self._recipe.bind.get(member, {}).get("$from", "")
        return source.partition(".")[0] in self._answers

    def failed_steps(self) -> Mapping[str, str]:
        """Steps that could not be carried out, and why."""
        return dict(self._missing)

    def fill(self, template: Any) -> Any:
        """The template with this run's values. Raises LookupError if one is missing (see `missing`)."""
        return substitute(template, self._resolve)

    def _resolve(self, symbol: Mapping[str, str]) -> Any:
        if "$name" in symbol:
            self._names += 1
            return name_of(symbol["$name"], self.prefix, self._names)
        if "$other" in symbol:
            return self._recipe.others[symbol["$other"]]
        value = self._lookup(symbol["$from"])
        if value is None:
            value = self._recipe.fallback.get(symbol["$from"])
        if value is None:
            raise LookupError(f"nothing provides {symbol['$from']}")
        return value

    def _lookup(self, source: str) -> Any:
        step, _, path = source.partition(".")
        value = self._answers.get(step)
        if path.startswith("$in."):
            value, path = self._sent.get(step), path.removeprefix("$in.")
        return value_at(value, path.split(".")) if path else value

    def _carry_out(self, step: SetupStep) -> None:
        if self._deadly.get(step.name, 0) >= _DEADLY:
            self._missing[step.name] = f"the target dies of {step.operation}"
            return
        reason = self._upload(step) if step.upload else self._step(step)
        if self._session.liveness.death:
            self._deadly[step.name] = self._deadly.get(step.name, 0) + 1
        if reason:
            self._missing[step.name] = reason
        else:
            self._carried_out.append(step)

    def _step(self, step: SetupStep) -> str:
        lacking = self.missing(step.input)
        if lacking:
            return lacking
        sent = self.fill(step.input)
        ok, document, said = carried_out(self._session, self._contract.owner(step.operation), sent)
        if not ok:
            return f"{step.operation} did not succeed: {said}"
        self._answers[step.name], self._sent[step.name] = document, sent
        self._session.settle(self._contract.owner(step.operation), sent, document)
        return ""

    def _invoke(self, step: SetupStep) -> tuple[bool, Any, str]:
        """Whether a step's operation succeeded, its document, and what was said otherwise."""
        if self.missing(step.input):
            return False, None, "its input is missing"
        return carried_out(self._session, self._contract.owner(step.operation), self.fill(step.input))

    def _upload(self, step: SetupStep) -> str:
        upload = step.upload
        assert upload is not None
        lacking = self.missing(upload.url) or self.missing(upload.columns)
        if lacking:
            return lacking
        reason = put_file(self._session, upload, self.fill(upload.url), self.fill(upload.columns))
        if not reason:
            self._answers[step.name] = {}
        return reason

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._answers.pop(name, None)
            self._missing.pop(name, None)
        forgotten = set(names)
        # What was used up needs no undoing, but for steps that made something which stays (a pool).
        self._carried_out = [step for step in self._carried_out if step.name not in forgotten]
