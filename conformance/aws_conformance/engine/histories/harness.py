# SPDX-License-Identifier: Apache-2.0
"""What walks stand on: one target with the setup of a lifecycle; requests sent, interpreted and told.

It owns the way from a template to a judged answer, and the steps of the transcript. It refuses to know
states and what is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...cases.contract import Contract
from ...cases.expectations import Expectation
from ...cases.lifecycles.model import Csv, Lifecycle, Put
from ...cases.prerequisites import Prerequisites
from ...cases.setup import SetupStep
from ...cases.symbols import substitute, symbols
from ...checks.history_subjects import HistoryMoment, HistorySubject
from ...checks.judge import judge
from ...checks.lifecycle import HistoryCheck
from ...checks.response import AnswerCheck, DecodedResponse, interpret
from ...checks.verdict import is_crash
from ...errors import ConformanceError
from ...http import Exchange, Response
from ...protocols.masking import fixed, mask_body, mask_urls
from ...reproduce.mask import without_secrets
from ...reproduce.transcript import TranscriptStep
from ...results.events import Violation
from ...spec.shapes import Operation
from ..bounds import InventedNames, bounded
from ..crashes import Crashes
from ..csv_upload import csv_bytes
from ..environment import Environment
from ..evidence import Evidence
from ..session import Session

__all__ = ["Blocked", "Harness", "Judges", "Reply", "variable"]

_BODY_READ = 4_000

Resolve = Callable[[Mapping[str, Any]], Any]


class Blocked(Exception):  # noqa: N818 - no mistake of anybody: a history that can't go on
    """A history can't go on; the text says why, `missing` which operation the target does not implement."""

    def __init__(self, reason: str, missing: str = "", evidence: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class Judges:
    """The checks that apply, for single answers and for histories, and their severities."""

    answers: tuple[AnswerCheck, ...]
    moments: tuple[HistoryCheck, ...]
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with what is wrong with it; `document` is a success's, `said` tells it in a line.

    `sent` is the document of its request, `secrets` are values that nothing which is told may show.
    """

    operation: Operation
    answer: DecodedResponse
    violations: tuple[Violation, ...]
    said: str
    sent: Any = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def success(self) -> bool:
        return self.answer.kind == "success"

    @property
    def document(self) -> Any:
        return self.answer.decoded.document if self.answer.decoded is not None else None

    @property
    def crashed(self) -> bool:
        """Whether this is no answer to build on: a crash, or none at all."""
        return self.answer.kind == "none" or is_crash(self.answer)


class Harness:
    """One setting of a lifecycle on one target; `prefix` begins the names that it makes up."""

    def __init__(
        self,
        session: Session,
        contract: Contract,
        lifecycle: Lifecycle,
        setting: str,
        prefix: str,
        judges: Judges,
        answered: set[str],
    ) -> None:
        """`answered` are operations that have given answers of their own, and so are implemented."""
        self.session = session
        self.contract = contract
        self.lifecycle = lifecycle
        self.judges = judges
        self.steps: list[TranscriptStep] = []
        self.sent = 0
        self.move = -1
        # Variables of what is made up in this history, in order.
        self.secrets: dict[str, None] = {}
        self._provided: set[str] = set()
        self._prefix = prefix
        self._names = 0
        self._answered = answered
        self._evidence: dict[str, Evidence] = {}
        self._crashes = Crashes(session, judges.answers, judges.severities)
        self._invented: dict[str, InventedNames] = {}
        change = lifecycle.setting(setting).change
        self._setup = tuple(_changed(step, change.get(step.name, {})) for step in lifecycle.setup)
        recipe = Prerequisites(steps=self._setup, others=lifecycle.others)
        self._environment = Environment(session, contract, recipe, prefix)
        # What requests of this lifecycle take from answers and names.
        self.sent_symbols = (*_symbols_of(self._setup, lifecycle),)

    def begin(self) -> None:
        """A new history: the transcript is empty, and a setup that proves nothing any more goes."""
        self.steps = []
        self.secrets = {}
        self.sent = 0
        self.move = -1
        self._provided = set()
        self.session.liveness.revive()
        self._environment.refresh()

    def provide(self, templates: Iterable[Any]) -> None:
        """Carry out the steps of the setup that templates need. Raises Blocked if one fails."""
        needed: set[str] = set()
        left = [_step_of(symbol) for template in templates for symbol in symbols(template)]
        by_name = {step.name: step for step in self._setup}
        while left:
            name = left.pop()
            if name and name not in needed:
                needed.add(name)
                left += [*by_name[name].needs, *map(_step_of, symbols(by_name[name].input))]
        self.move += 1
        new = needed - self._provided
        if not new:
            return
        self._environment.provide([name for name in by_name if name not in needed], keep=True)
        self.steps += [self._setup_step(step) for step in self._setup if step.name in new]
        self._provided |= new
        failed = self._environment.failed_steps()
        for name in by_name:
            if name in needed and name in failed:
                raise Blocked(failed[name])

    def spoil(self) -> None:
        """What was left behind proves nothing any more: the next walk gets a new setup."""
        self._environment.spoil()

    def close(self) -> None:
        """Undo the setup."""
        self._environment.reset()

    def resolve(self, symbol: Mapping[str, Any]) -> Any:
        """The value of a symbol that is about no resource. Raises LookupError if there is none."""
        (word, name), *_ = symbol.items()
        match word:
            case "$name":
                self._names += 1
                return f"{self._prefix}-{name.replace(' ', '-')[:16]}-{self._names}"
            case "$text":
                return name
            case "$secret":
                secret = f"Aa1!{hashlib.sha256(f'{self._prefix} {name}'.encode()).hexdigest()[:16]}"
                self.session.keep_secret(secret)
                return secret
            case _:
                return self._environment.fill(dict(symbol))

    def request(
        self,
        operation: Operation,
        template: Any,
        resolve: Resolve,
        expectation: Expectation,
        *,
        lenient: bool = False,
    ) -> Reply:
        """Send one request and judge its answer; with `lenient`, crashes are warnings.

        Raises Blocked if a value is missing, or if the target shows that it lacks the operation.
        """
        document = self._filled(template, resolve)
        request = self.contract.of(operation).encode_request(document)
        mark = self.session.channel.mark()
        exchange = self.session.send(self.contract.of(operation), request)
        self.sent += 1
        return self.judged(operation, document, exchange, expectation, mark=mark, lenient=lenient)

    def at_once(
        self, requests: Sequence[tuple[Operation, Any]], resolve: Resolve, expectation: Expectation
    ) -> tuple[Reply, ...]:
        """Send requests at the same moment, and judge each answer."""
        filled = [(operation, self._filled(template, resolve)) for operation, template in requests]
        encode = self.contract.protocol.encode_request
        ready = [
            (operation, encode(self.contract.service, operation, document)) for operation, document in filled
        ]
        exchanges = self.session.send_at_once(self.contract, ready)
        self.sent += len(exchanges)
        return tuple(
            self.judged(operation, document, exchange, expectation)
            for (operation, document), exchange in zip(filled, exchanges, strict=True)
        )

    def judged(
        self,
        operation: Operation,
        document: Any,
        exchange: Exchange,
        expectation: Expectation,
        *,
        mark: int | None = None,
        lenient: bool = False,
    ) -> Reply:
        """An exchange, interpreted and judged. Raises Blocked where there is nothing to judge."""
        response = exchange.response
        if response.fate == "withheld":
            raise Blocked(f"not sent: {response.detail}")
        if response.fate in ("gone", "refused"):
            raise Blocked(f"no connection: {response.detail}")
        answer = bounded(
            interpret(
                self.contract.service,
                operation,
                self.contract.protocol,
                self.contract.validators(operation.name),
                response,
                expectation,
                document,
            )
        )
        if answer.kind == "error" and operation.name not in self._answered and mark is not None:
            self._require(operation, document, answer, mark)
        self._answered.add(operation.name)
        severities = dict(self.judges.severities)
        if lenient:
            severities = {"server.crash": "warning", "server.timeout": "warning", **severities}
        secrets = self.session.secrets(self.contract.of(operation), exchange)
        violations = self._violations(answer, severities, secrets, mark)
        said = said_of(self.contract, response, answer, secrets)
        return Reply(operation, answer, violations, said, document, secrets)

    def rejudged(self, reply: Reply, expectation: Expectation) -> Reply:
        """The same answer, of which more is known now."""
        answer = replace(reply.answer, expectation=expectation)
        violations = self._violations(answer, self.judges.severities, reply.secrets)
        return replace(reply, answer=answer, violations=violations)

    def _violations(
        self,
        answer: DecodedResponse,
        severities: Mapping[str, str],
        secrets: tuple[str, ...],
        mark: int | None = None,
    ) -> tuple[Violation, ...]:
        """What is wrong with an answer, told without secrets."""
        judged = judge(answer, checks=self.judges.answers, severities=severities)
        names = self._invented.setdefault(answer.operation.name, InventedNames())
        odd = self.session.leftovers.without(names.bounded(judged))
        violations = self._crashes.named(odd, answer, mark, secrets)
        return tuple(
            replace(violation, got=without_secrets(violation.got, secrets)) for violation in violations
        )

    def moment(self, moment: HistorySubject) -> list[Violation]:
        """What is wrong with a moment of a history."""
        subject = HistoryMoment(self.contract.service, moment)
        return judge(subject, checks=self.judges.moments, severities=self.judges.severities)

    def put(self, put: Put, csv: Csv, resolve: Resolve) -> tuple[bytes, str, Response]:
        """Upload a CSV file: its bytes, the answer in a word, the answer. Raises Blocked if it can't be."""
        url = self._filled(put.url, resolve)
        columns = self._filled(put.columns, resolve)
        if not isinstance(url, str) or not isinstance(columns, list):
            raise Blocked("the address or the columns for the CSV file are not usable")
        body = self._csv(csv, [str(column) for column in columns], resolve)
        try:
            response = self.session.put(url, put.headers, body).response
        except ConformanceError as error:
            raise Blocked(f"the upload to the address that the target gave was not made: {error}") from None
        self.sent += 1
        return body, f"{response.status or response.fate}", response

    def tell(self, step: TranscriptStep) -> None:
        """Add a step to the transcript."""
        self.steps.append(step)

    def believe(self, who: str, label: str) -> None:
        """Where a resource is believed to be after the last step."""
        belief = self.steps[-1].believed if self.steps else ""
        if f"{who} is {label}" not in belief:
            self.note(f"{who} is {label}")

    def note(self, text: str) -> None:
        """Something to be said of the last step."""
        if self.steps:
            belief = self.steps[-1].believed
            self.steps[-1] = replace(self.steps[-1], believed=f"{belief}; {text}" if belief else text)

    def shown(self, template: Any, who: str, resolve: Resolve) -> Any:
        """A template as it is told: identifiers are variables."""
        return substitute(template, lambda symbol: self._stand_in(symbol, who, resolve))

    def _stand_in(self, symbol: Mapping[str, Any], who: str, resolve: Resolve) -> Any:
        (word, name), *_ = symbol.items()
        match word:
            case "$from":
                return f"${variable(name)}"
            case "$own":
                return f"${variable(f'{who}.{name}')}"
            case "$secret":
                self.secrets[variable(name)] = None
                return f"${variable(name)}"
            case _:
                return resolve(symbol)

    def _filled(self, template: Any, resolve: Resolve) -> Any:
        try:
            return substitute(template, resolve)
        except LookupError as error:
            raise Blocked(f"a value is missing: {error}") from None

    def _csv(self, csv: Csv, columns: list[str], resolve: Resolve) -> bytes:
        if csv.text is not None:
            return f"{csv.before}{csv.text}".encode()
        rows = [{name: str(value) for name, value in self._filled(row, resolve).items()} for row in csv.rows]
        shown = [column for column in columns if column not in csv.leave_out]
        return csv_bytes(shown, rows, before=csv.before, width=csv.width, pad=csv.pad)

    def _require(self, operation: Operation, document: Any, answer: DecodedResponse, mark: int) -> None:
        """Raises Blocked if the answer shows that the target does not implement the operation."""
        known = self._evidence.setdefault(operation.name, Evidence(self.session, self.contract.of(operation)))
        evidence = known.of(document, answer, mark)
        if evidence:
            reason = f"{operation.name} is not implemented: {evidence}"
            raise Blocked(reason, missing=operation.name, evidence=evidence)

    def _setup_step(self, step: SetupStep) -> TranscriptStep:
        failed = self._environment.failed_steps().get(step.name, "")

        def stand_in(symbol: Mapping[str, Any]) -> Any:
            (word, name), *_ = symbol.items()
            match word:
                case "$name":
                    return f"{self._prefix}-{name}"
                case "$text":
                    return name
                case _:
                    return f"${variable(str(name))}"

        return TranscriptStep(
            "request",
            -1,
            operation=step.operation,
            document=substitute(step.input, stand_in),
            answer=failed or "success",
            success=not failed,
            saves={variable(name): path for name, path in self._saved(step.name)},
        )

    def _saved(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        """The values of a step's answer that anything of the lifecycle asks for."""
        sources = [str(symbol["$from"]) for symbol in self.sent_symbols if "$from" in symbol]
        paths = {
            source: tuple(source.split(".")[1:]) for source in sources if source.partition(".")[0] == name
        }
        return sorted(paths.items())


def said_of(contract: Contract, response: Response, answer: DecodedResponse, secrets: tuple[str, ...]) -> str:
    """An answer in a line, without secrets."""
    if response.fate != "answered":
        return f"{response.fate}: {response.detail}"
    if answer.kind == "error" and answer.code:
        text = answer.error.message if answer.error is not None else ""
        return without_secrets(f"{response.status} {answer.code}: {text or ''}", secrets)
    root = answer.operation.output if answer.kind == "success" else None
    body = response.body[:_BODY_READ].decode("utf-8", "backslashreplace")
    masked = mask_body(contract.protocol.masking, contract.service, root, body, fixed)
    return without_secrets(mask_urls(f"{response.status} {masked}"), secrets)


def variable(source: str) -> str:
    """The name of the shell variable for a value of an answer."""
    return "".join(char if char.isalnum() else "_" for char in source)


def _step_of(symbol: Mapping[str, Any]) -> str:
    return str(symbol.get("$from", "")).partition(".")[0]


def _symbols_of(setup: Iterable[SetupStep], life: Lifecycle) -> Iterable[Mapping[str, str]]:
    """The symbols in all that is ever sent."""
    templates: list[Any] = [step.input for step in setup]
    templates += [reader.input for reader in life.readers.values()]
    templates += [effect.input for effect in life.effects]
    templates += [refusal.replace for refusal in life.refusals]
    for action in life.actions.values():
        templates += [action.input, *(variant.input for variant in action.variants)]
        templates += [row for variant in action.variants if variant.csv for row in variant.csv.rows]
        if action.put is not None:
            templates += [action.put.url, action.put.columns]
    for template in templates:
        yield from symbols(dict(template) if isinstance(template, Mapping) else template)


def _changed(step: SetupStep, change: Mapping[str, Any]) -> SetupStep:
    """A step with members of its input replaced; None leaves a member out."""
    members = {**step.input, **change}
    return replace(step, input={name: value for name, value in members.items() if value is not None})
