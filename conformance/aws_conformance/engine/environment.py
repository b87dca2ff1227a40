# SPDX-License-Identifier: Apache-2.0
"""The state that a case needs: steps of a recipe carried out on a target, kept, renewed and undone.

It owns the answers of steps and the resolution of symbols by them. It refuses to know what a case is
worth, and it never fails: what could not be provided is said in `missing`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from ..cases.additions import additions
from ..cases.contract import Contract
from ..cases.prerequisites import Prerequisites
from ..cases.setup import SetupStep
from ..cases.symbols import is_symbol, name_of, substitute, symbols, value_at
from ..errors import ConformanceError
from ..reproduce.mask import without_secrets
from .csv_upload import csv_bytes
from .session import Session
from .shared_states import SharedState, state_key

__all__ = ["Environment"]

# A pool holds a thousand jobs; a new one in time keeps a long run from meeting that limit.
_USES = 200
_DEADLY = 2


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
        # Whether all requests have left what was made as it was.
        self._unchanged = True
        self._purpose = purpose
        self._generation = session.liveness.generation
        # Steps under which the target died, with how often: what kills it twice is not done again.
        self._deadly: dict[str, int] = {}

    def refresh(self, *, clean: bool = True) -> None:
        """Begin to use the state once more; what was used often, or was spoilt, is made anew."""
        self._check_generation()
        if self._used >= _USES or ((self._spoilt or self._doubtful) and clean):
            self._undo()
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
            self._take_shared()
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

    @property
    def spoilt(self) -> bool:
        """Whether it holds what a request that should have been refused has left behind."""
        return self._spoilt

    def doubt(self) -> None:
        """The target broke over a request that it should have refused: it may have done half of it."""
        self._doubtful = True

    def change(self) -> None:
        """A request may have left something else behind than what was made: nobody else is to use it."""
        self._unchanged = False

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

        What is whole is kept, for whoever needs the same for the same purpose.
        """
        self._check_generation()
        if not self._may_be_shared():
            self._undo()
            return
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
        self._session.states.give(self._key(), state)

    def _may_be_shared(self) -> bool:
        """Whether what was made is all that the recipe asks for, and as it was when it was made."""
        if not self._purpose or not self._unchanged or self._spoilt or self._recipe.fresh:
            return False
        complete = len(self._carried_out) == len(self._recipe.steps) == len(self._answers)
        return complete and bool(self._carried_out) and self._used < _USES and not additions.providers

    def _apart(self) -> Environment:
        """Another that has what this has."""
        other = copy.copy(self)
        other._answers, other._sent = dict(self._answers), dict(self._sent)
        other._missing, other._carried_out = dict(self._missing), list(self._carried_out)
        return other

    def _take_shared(self) -> None:
        """Use what another has left, if nothing is in force."""
        if not self._purpose or self._carried_out or self._answers or self._missing or self._recipe.fresh:
            return
        state = self._session.states.take(self._key())
        if state is None or state.generation != self._generation:
            return
        self._carried_out = list(state.steps)
        self._answers, self._sent = dict(state.answers), dict(state.sent)
        self._used += state.uses
        # Names that others have chosen in this state are taken.
        self._names = max(self._names, state.names)

    def _key(self) -> str:
        contract = self._contract
        return state_key(self._purpose, contract.service.name, contract.protocol_name, self._recipe.steps)

    def _undo(self) -> None:
        self._check_generation()
        for step in reversed(self._carried_out):
            if step.undo is not None:
                self._invoke(step.undo)
        self._start_over()

    def _check_generation(self) -> None:
        """What a target held that has died since is gone, and needs no undoing."""
        if self._generation != self._session.liveness.generation:
            self._generation = self._session.liveness.generation
            self._start_over()

    def _start_over(self) -> None:
        self._carried_out.clear()
        self._answers.clear()
        self._missing.clear()
        self._used = 0
        self._spoilt = False
        self._doubtful = False
        self._unchanged = True

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
        ok, document, said = self._send(step.operation, sent)
        if not ok:
            return f"{step.operation} did not succeed: {said}"
        self._answers[step.name], self._sent[step.name] = document, sent
        self._session.settle(self._contract.owner(step.operation), sent, document)
        return ""

    def _invoke(self, step: SetupStep) -> tuple[bool, Any, str]:
        """Whether a step's operation succeeded, its document, and what was said otherwise."""
        if self.missing(step.input):
            return False, None, "its input is missing"
        return self._send(step.operation, self.fill(step.input))

    def _send(self, name: str, document: Any) -> tuple[bool, Any, str]:
        contract = self._contract.owner(name)
        exchange = self._session.invoke(contract, document)
        response = exchange.response
        if response.fate != "answered":
            return False, None, f"{response.fate} {response.detail}".strip()
        if 200 <= response.status < 300:
            decoded = contract.decode_response(response)
            return decoded.readable, decoded.document, "an unreadable body"
        error = contract.protocol.decode_error(contract.service, response)
        said = f"{response.status} {error.code or ''} {error.message or ''}".strip()
        return False, None, without_secrets(said, self._session.secrets(contract, exchange))

    def _upload(self, step: SetupStep) -> str:
        upload = step.upload
        assert upload is not None
        lacking = self.missing(upload.url) or self.missing(upload.columns)
        if lacking:
            return lacking
        columns = self.fill(upload.columns)
        url = self.fill(upload.url)
        if not isinstance(url, str) or not isinstance(columns, list):
            return "the address or the columns for the CSV file are not usable"
        body = csv_bytes([str(column) for column in columns], upload.rows)
        try:
            response = self._session.put(url, upload.headers, body).response
        except ConformanceError:
            # Leave to go there would only send the file to a stranger.
            return (
                f"the target handed out an upload address that is not its own: {_origin(url)}; "
                "--allow-upload-to HOST:PORT lets it"
            )
        if response.fate == "refused":
            return f"nothing serves the upload address that the target handed out: {_origin(url)}"
        if not 200 <= response.status < 300:
            return f"the upload was answered with {response.status or response.fate}"
        self._answers[step.name] = {}
        return ""

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._answers.pop(name, None)
            self._missing.pop(name, None)
        forgotten = set(names)
        # What was used up needs no undoing, but for steps that made something which stays (a pool).
        self._carried_out = [step for step in self._carried_out if step.name not in forgotten]


def _origin(url: str) -> str:
    """Scheme and host of an address, without the signature in what comes after them."""
    return "/".join(url.split("/", 3)[:3])
