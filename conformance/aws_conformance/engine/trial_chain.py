# SPDX-License-Identifier: Apache-2.0
"""A chain of requests on trial: what was done so far, and how it is undone.

It owns the answers of one attempt to come to a state. Everything is kept as templates with symbols, so that
what worked is a recipe already. It refuses to choose what is tried, and to know which texts give what
(shown_texts.py).
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence, Set
from typing import Any

from ..cases.contract import Contract, OperationContract
from ..cases.drafts import InputPlace
from ..cases.name_reading import read_name
from ..cases.rejection import Rejection
from ..cases.setup import SetupStep
from ..cases.symbols import name_of, substitute
from ..targets.stack_traces import thrown_in
from .session import Session
from .shown_texts import ShownTexts, needs_of, value_of

__all__ = ["TrialChain"]

# How long, in seconds, a stack may lag behind the answer that it explains, and how often in vain.
_LOG_DELAY = 0.2
_PATIENCE = 3


class TrialChain:
    """Steps carried out one after the other on a target, each known by its name."""

    def __init__(self, session: Session, prefix: str, taken: Set[str] = frozenset()) -> None:
        """Names that are `taken` are given to no step."""
        self._session = session
        self._taken = taken
        self._prefix = prefix
        self._names = 0
        self._answers: dict[str, Any] = {}
        self._sent: dict[str, Any] = {}
        self.texts = ShownTexts()
        self.steps: list[SetupStep] = []
        # Steps that were carried out for what they do, not for what they show.
        self.gates: set[str] = set()
        self.requests = 0
        self._silent = 0
        self._last_sent: Any = None

    def step_of(self, operation: str) -> SetupStep | None:
        """The first step that carried out an operation, `Operation/mode` where it has several ways."""
        return next((step for step in self.steps if step.name == _step_name(operation)), None)

    def send(self, contract: OperationContract, template: Any) -> Rejection | Any:
        """Send a template with the chain's values: the document of a success, else the refusal."""
        sent = self.fill(template)
        self.requests += 1
        mark = self._session.channel.mark()
        exchange = self._session.invoke(contract, sent)
        response = exchange.response
        if response.fate != "answered":
            return Rejection(0, response.fate, response.detail, sent)
        if 200 <= response.status < 300:
            decoded = contract.decode_response(response)
            # It succeeded, whatever is wrong with the form of its answer; that is for the checks to say.
            self._last_sent = sent
            return decoded.document if decoded.readable and decoded.document is not None else {}
        error = contract.protocol.decode_error(contract.service, response)
        message = error.message or ""
        if response.status >= 500 and self._session.reads_log:
            # What it crashed of tells what it missed.
            message = self._thrown(mark) or message
        return Rejection(response.status, error.code or "", message, sent, response)

    def _thrown(self, mark: int) -> str:
        """What the target's log says was thrown since the mark; it may be written after the answer."""
        until = time.monotonic() + (_LOG_DELAY if self._silent < _PATIENCE else 0.0)
        while True:
            exception = thrown_in(self._session.channel.log_since(mark))
            if exception is not None:
                self._silent = 0
                return f"{exception.name}: {exception.message}"
            if time.monotonic() >= until:
                self._silent += 1
                return ""
            time.sleep(_LOG_DELAY / 10)

    def add(self, contract: Contract, step: SetupStep, document: Any) -> None:
        """A step was carried out, and answered with a document."""
        self.steps.append(step)
        self._session.settle(contract.owner(step.operation), self._last_sent, document)
        self._answers[step.name], self._sent[step.name] = document, self._last_sent
        self.texts.add(contract, step, document, self._last_sent)

    def free_name(self, operation: str) -> str:
        """A name for one more step of an operation."""
        names = self._taken | {step.name for step in self.steps}
        name, number = _step_name(operation), 2
        while name in names:
            name, number = f"{_step_name(operation)}_{number}", number + 1
        return name

    def candidates(
        self, contract: Contract, place: InputPlace, operation: str, *, fitting: bool = False
    ) -> list[dict[str, str]]:
        """Symbols of known texts that may stand at a place, the likeliest first.

        Only those of a form that the model allows, if they have to be `fitting`.
        """
        return self.texts.candidates(contract, place, operation, fitting=fitting)

    def fill(self, template: Any) -> Any:
        """The template with this chain's values."""
        return substitute(template, self._resolve)

    def _resolve(self, symbol: Mapping[str, str]) -> Any:
        if "$name" in symbol:
            self._names += 1
            return name_of(symbol["$name"], self._prefix, self._names)
        value = value_of(symbol["$from"], self._answers, self._sent)
        return "" if value is None else value

    def grounded(self, template: Any) -> Any:
        """The template with each text from the first step that gave it, so that it stands on few."""

        def first(symbol: Mapping[str, str]) -> dict[str, str]:
            if "$from" not in symbol:
                return dict(symbol)
            return {"$from": self.texts.first_source(symbol["$from"])}

        return substitute(template, first)

    def pruned(self, operation: str, template: Any) -> tuple[SetupStep, ...]:
        """The steps that a template of an operation stands on, as far as can be told.

        Besides those that it takes values from: gates, and what changes the same thing.
        """
        noun = read_name(operation).noun
        changing = [step for step in self.steps if read_name(step.operation).verb != "read"]
        changes = [step.name for step in changing]
        akin = {step.name for step in changing if read_name(step.operation).noun == noun}
        wanted = self.gates | needs_of(template) | akin
        chosen: list[SetupStep] = []
        for number, step in reversed(list(enumerate(self.steps))):
            if step.name in wanted:
                chosen.append(step)
                wanted |= set(step.needs)
                if step.name not in changes:
                    # What it showed was there by what was done before it.
                    wanted |= {earlier.name for earlier in self.steps[:number]}.intersection(changes)
        return tuple(reversed(chosen))

    def renew(self, contract: Contract, steps: Sequence[SetupStep]) -> bool:
        """Undo steps and carry them out anew; whether all of them succeeded."""
        for step in reversed(steps):
            if step.undo is not None:
                self.send(contract.owner(step.undo.operation), step.undo.input)
        for step in steps:
            answer = self.send(contract.owner(step.operation), step.input)
            if isinstance(answer, Rejection):
                return False
            self._answers[step.name], self._sent[step.name] = answer, self._last_sent
        return True

    def undo_all(self, contract: Contract) -> list[str]:
        """Undo every step that can be, newest first; names of what was refused."""
        left = []
        for step in reversed(self.steps):
            if step.undo is None:
                continue
            answer = self.send(contract.owner(step.undo.operation), step.undo.input)
            if isinstance(answer, Rejection):
                left.append(f"{step.operation}: {answer}")
        return left


def _step_name(operation: str) -> str:
    return re.sub(r"\W", "_", operation)
