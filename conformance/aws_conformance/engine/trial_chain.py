# SPDX-License-Identifier: Apache-2.0
"""A chain of requests on trial: what was done so far, and every text that it has shown.

It owns the answers of one attempt to come to a state, and which of their texts give what. Everything is
kept as templates with symbols, so that what worked is a recipe already. It refuses to choose what is tried.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cases.contract import Contract
from ..cases.drafts import InputPlace, accepts
from ..cases.lessons import Rejection
from ..cases.links import fit, is_own_name, links_of, noun_at, read_name
from ..cases.setup import SetupStep
from ..cases.symbols import name_of, substitute, symbols, value_at
from ..spec.shapes import ListShape, MapShape, Operation, StringShape, StructureShape
from ..targets.stack_traces import thrown_in
from .session import Session

__all__ = ["KnownText", "TrialChain", "needs_of"]

_ELEMENTS = 3
# A source of a member of an input itself has so many dots: `Step.$in.Member`.
_TOP = 2
# How long, in seconds, a stack may lag behind the answer that it explains, and how often in vain.
_LOG_DELAY = 0.2
_PATIENCE = 3
_DEPTH = 6


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that a step has shown or was sent: its symbol, member, shape, and what its step is about."""

    source: str
    name: str
    shape: str
    noun: str
    text: str
    step: int
    sent: bool
    verb: str


class TrialChain:
    """Steps carried out one after the other on a target, each known by its name."""

    def __init__(self, session: Session, prefix: str) -> None:
        self._session = session
        self._prefix = prefix
        self._names = 0
        self._answers: dict[str, Any] = {}
        self._sent: dict[str, Any] = {}
        self._texts: list[KnownText] = []
        self.steps: list[SetupStep] = []
        # Steps that were carried out for what they do, not for what they show.
        self.gates: set[str] = set()
        self.requests = 0
        self._silent = 0
        self._last_sent: Any = None

    def step_of(self, operation: str) -> SetupStep | None:
        """The first step that carried out an operation, `Operation/mode` where it has several ways."""
        return next((step for step in self.steps if step.name == _step_name(operation)), None)

    def send(self, contract: Contract, operation: Operation, template: Any) -> Rejection | Any:
        """Send a template with the chain's values: the document of a success, else the refusal."""
        sent = self.fill(template)
        self.requests += 1
        mark = self._session.channel.mark()
        exchange = self._session.invoke(contract, operation, sent)
        response = exchange.response
        if response.fate != "answered":
            return Rejection(0, response.fate, response.detail, sent)
        if 200 <= response.status < 300:
            decoded = contract.protocol.decode_response(contract.service, operation, response)
            # It succeeded, whatever is wrong with the form of its answer; that is for the checks to say.
            self._last_sent = sent
            return decoded.document if decoded.readable and decoded.document is not None else {}
        error = contract.protocol.decode_error(contract.service, response)
        message = error.message or ""
        if response.status >= 500 and self._session.reads_log:
            # What it crashed of tells what it missed.
            message = self._thrown(mark) or message
        return Rejection(response.status, error.code or "", message, sent)

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
        operation = contract.operation(step.operation.rpartition(":")[2])
        self.steps.append(step)
        self._answers[step.name], self._sent[step.name] = document, self._last_sent
        number = len(self.steps)
        reading = read_name(operation.name)
        for path, name, shape, text in _texts(contract, operation.output, document):
            source = ".".join((step.name, *path))
            noun = noun_at(_holder(path), reading.noun)
            self._texts.append(KnownText(source, name, shape, noun, text, number, False, reading.verb))
        for path, name, shape, text in _texts(contract, operation.input, self._last_sent):
            origin = value_at(step.input, path)
            if isinstance(origin, dict) and "$from" in origin:
                # What was taken from elsewhere belongs to where it came from.
                continue
            source = ".".join((step.name, "$in", *path))
            noun = noun_at(_holder(path), reading.noun)
            self._texts.append(KnownText(source, name, shape, noun, text, number, True, reading.verb))

    def free_name(self, operation: str) -> str:
        """A name for one more step of an operation."""
        names = {step.name for step in self.steps}
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
        need = place.need(operation)
        common = links_of(contract.service).common
        ranked: list[tuple[tuple[int, ...], KnownText]] = []
        for text in self._texts:
            rank = fit(text.name, text.shape, text.noun, need, common)
            if rank is None or (text.sent and not self._may_echo(text, need.nouns, rank)):
                continue
            unfit = 0 if accepts(place.node, text.text) else 3
            if fitting and unfit:
                continue
            order = (rank + unfit, text.verb == "read", text.sent, -text.step)
            ranked.append((tuple(map(int, order)), text))
        ranked.sort(key=lambda pair: pair[0])
        seen: dict[str, KnownText] = {}
        for _, known in ranked:
            seen.setdefault(known.text, known)
        return [{"$from": text.source} for text in seen.values()]

    def _may_echo(self, text: KnownText, nouns: Iterable[str], rank: int) -> bool:
        """Whether a text that was sent names what its step is about, rather than being any text."""
        step = self.steps[text.step - 1]
        if is_own_name(text.name, step.operation):
            return True
        # Deeper inside there may be anything of that name.
        return text.source.count(".") == _TOP and (rank <= 2 or text.noun in nouns)

    def fill(self, template: Any) -> Any:
        """The template with this chain's values."""
        return substitute(template, self._resolve)

    def _resolve(self, symbol: Mapping[str, str]) -> Any:
        if "$name" in symbol:
            self._names += 1
            return name_of(symbol["$name"], self._prefix, self._names)
        step, _, path = symbol["$from"].partition(".")
        document = self._answers.get(step)
        if path == "$in" or path.startswith("$in."):
            document, path = self._sent.get(step), path[4:]
        value = value_at(document, path.split(".") if path else ())
        return "" if value is None else value

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

    def undo_all(self, contract: Contract) -> list[str]:
        """Undo every step that can be, newest first; names of what was refused."""
        left = []
        for step in reversed(self.steps):
            if step.undo is None:
                continue
            answer = self.send(*contract.owner(step.undo.operation), step.undo.input)
            if isinstance(answer, Rejection):
                left.append(f"{step.operation}: {answer}")
        return left


def _step_name(operation: str) -> str:
    return re.sub(r"\W", "_", operation)


def needs_of(template: Any) -> set[str]:
    """The names of the steps that a template takes values from."""
    return {symbol["$from"].partition(".")[0] for symbol in symbols(template) if "$from" in symbol}


def _holder(path: tuple[str, ...]) -> str:
    """The member that a text's member stands under."""
    names = [part for part in path if not part.isdecimal()]
    return names[-2] if len(names) > 1 else ""


def _texts(
    contract: Contract, root: str | None, document: Any
) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """The texts of a document: path, member's name, shape and text; those near the root first."""
    service = contract.service
    level: list[tuple[tuple[str, ...], str, str, Any]] = [((), "", root, document)] if root else []
    for _ in range(2 * _DEPTH):
        below: list[tuple[tuple[str, ...], str, str, Any]] = []
        for path, name, target, value in level:
            shape = service.shapes.get(target)
            if isinstance(shape, StringShape) and isinstance(value, str):
                if value and not shape.enum:
                    yield path, name, target, value
            elif isinstance(shape, StructureShape) and isinstance(value, dict):
                below += [
                    ((*path, key), key, member.target, value[key])
                    for key, member in shape.members.items()
                    if key in value
                ]
            elif isinstance(shape, ListShape) and isinstance(value, list):
                below += [
                    ((*path, str(index)), name, shape.member.target, item)
                    for index, item in enumerate(value[:_ELEMENTS])
                ]
            elif isinstance(shape, MapShape) and isinstance(value, dict):
                below += [
                    ((*path, key), key, shape.value.target, item)
                    for key, item in list(value.items())[:_ELEMENTS]
                    if "." not in key
                ]
        level = below
        if not level:
            return
