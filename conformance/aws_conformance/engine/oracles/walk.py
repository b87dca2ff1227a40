# SPDX-License-Identifier: Apache-2.0
"""One script on its way: requests are filled, sent and told, pages turned, and what was made is undone.

It owns the order of things within a walk. It refuses to know which scripts there are, and what a story ought
to tell.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...cases.contract import Contract
from ...cases.expectations import Expectation
from ...cases.oracles.families import CREATE, RelatedOperation
from ...cases.oracles.paging import paging_of
from ...cases.oracles.script import Move, Script
from ...cases.symbols import is_symbol, substitute, value_at
from ...checks.judge import judge, judge_breaches
from ...checks.meaning import is_foreign
from ...checks.oracles import OracleCheck
from ...checks.oracles.story import AnsweredMove, Story
from ...checks.response import AnswerCheck, DecodedResponse, interpret
from ...http import Exchange, header, uncarriable
from ...reproduce.mask import without_secrets
from ...reproduce.transcript import Transcript, TranscriptStep
from ...results.events import Violation
from ...spec.shapes import Operation
from ..bounds import InventedNames, bounded
from ..crashes import Crashes
from ..environment import Environment
from ..evidence import Evidence
from ..histories.harness import Blocked, said_of
from ..histories.result import Execution
from ..session import Session
from .tell import ScriptTeller

__all__ = ["ScriptJudges", "ScriptMemory", "ScriptWalker"]

# Pages of a list that are turned.
_PAGES = 40
# What is not shown yet is asked for again, so many seconds later.
_LATER = (0.05, 0.15)
_LATER_AFAR = (1.0, 3.0, 6.0)
_IN_VAIN = (
    *("act", "again", "drop", "elsewhere", "forge", "late", "misuse", "replay", "stranger", "unmet", "vain"),
    *("purge", "version"),
)
_LOOKS = ("read", "list", "filter", "batch", "members", "version")
# Of versions, which not every write makes.
_OF_VERSIONS = ("version", "purge")
_PAGED = ("list", "page", "elsewhere", "filter", "facet", "members")
# Moves that look at what there is.
_SHOWING = ("read", "tags", "batch", "version", *_PAGED)
# Moves that leave everything as it is.
_ASKING = (*_LOOKS, "page", "elsewhere", "facet", "sought")
# Looks that a target may lack.
_OPTIONAL = ("read", "list", "batch", "members", "sought", "version")
# Without these a script goes no further.
_NEEDED = ("create", "provide")
_GENERATED = "x-aws-conformance"


@dataclass(frozen=True, slots=True)
class ScriptJudges:
    """What looks at a script: at each of its answers, and at all of them together."""

    answers: tuple[AnswerCheck, ...]
    oracles: tuple[OracleCheck, ...]
    severities: Mapping[str, str]


@dataclass(slots=True)
class ScriptMemory:
    """What walks on one target share: operations that have answered, and those that are not there.

    `absent` has the evidence by operation, `asked` what looks for it.
    """

    answered: set[str] = field(default_factory=set)
    absent: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Evidence] = field(default_factory=dict)
    names: InventedNames = field(default_factory=InventedNames)
    # Keys of violations that have been waited for, and did not pass.
    waited: set[tuple[str, ...]] = field(default_factory=set)


@dataclass(slots=True)
class ScriptWalker:
    """Makes the moves of one script on one target, in an environment that has what its family needs."""

    session: Session
    contract: Contract
    environment: Environment
    judges: ScriptJudges
    script: Script
    memory: ScriptMemory
    _answered: list[AnsweredMove] = field(default_factory=list)
    _violations: list[tuple[Violation, int, int]] = field(default_factory=list)
    # Where the steps of each move end in the transcript.
    _ends: list[int] = field(default_factory=list)
    # The index of the script's move that each answer is of.
    _moves: list[int] = field(default_factory=list)
    _missing: tuple[str, str] = ("", "")
    _chosen: dict[tuple[str, str], str] = field(default_factory=dict)
    _teller: ScriptTeller = field(init=False)

    def __post_init__(self) -> None:
        self._teller = ScriptTeller(
            self.contract.service.name, self.script, self.session.credentials["elsewhere"].region
        )

    def walk(self) -> Execution:
        """Make all moves, judge what they showed, and clean up."""
        reason = ""
        try:
            self._provide()
            for index, move in enumerate(self.script.moves):
                self._perform(index, move)
        except Blocked as blocked:
            reason = str(blocked)
            self._missing = (blocked.missing, blocked.evidence)
        story = self._story()
        judged = self._judged(story)
        secrets = self.session.secrets(self.contract.of(story.creator), None)
        for violation, index in judged:
            masked = replace(
                violation,
                got=without_secrets(violation.got, secrets),
                expected=without_secrets(violation.expected, secrets),
            )
            self._violations.append((masked, self._moves[index], self._ends[index]))
        shown = story.shows_again()
        if not shown and not any(move.role == "refuse" for move in self.script.moves):
            reason = reason or "nothing that was asked later shows what was created"
        execution = self._execution(self._teller.transcript(), reason, shown=shown)
        self._tidy_up()
        return execution

    def _execution(self, transcript: Transcript, reason: str, *, shown: bool) -> Execution:
        succeeded = frozenset(move.operation.name for move in self._answered if move.kind == "success")
        wrong = {violation.operation for violation, *_ in self._violations if violation.severity == "error"}
        service = self.contract.service.name
        return Execution(
            (),
            transcript,
            tuple(self._violations),
            reason,
            missing=self._missing[0],
            evidence=self._missing[1],
            reached=frozenset(name for name in succeeded if shown and f"{service}:{name}" not in wrong),
            succeeded=succeeded,
            refused=tuple(
                dict.fromkeys((move.operation.name, move.code) for move in self._answered if move.code)
            ),
            requests=len(self._teller.steps),
        )

    def _provide(self) -> None:
        self.environment.provide()
        failed = self.environment.failed_steps()
        for reason in failed.values():
            raise Blocked(f"what it needs could not be provided: {reason}")
        self._teller.setup(self.script.family.recipe.steps, self.environment.prefix)

    def _story(self) -> Story:
        family = self.script.family
        return Story(
            self.contract.service,
            family.noun,
            family.creator,
            family.naming,
            tuple(self._answered),
            self.session.plan.region,
            timely="clock" not in self.session.plan.target.claims and not self.session.channel.masks_secrets,
        )

    def _perform(self, index: int, move: Move) -> None:
        operation = self.contract.operation(move.operation)
        if move.times > 1:
            self._at_once(index, move, operation)
            return
        try:
            document = self._filled(move, operation)
        except Blocked:
            if move.role in _OF_VERSIONS:
                # Not every write makes a version.
                return
            raise
        if move.role in _OPTIONAL and move.operation in self.memory.absent:
            return
        answered = self._ask(index, move, operation, document)
        if answered is None:
            return
        self._answered.append(answered)
        self._ends.append(len(self._teller.steps))
        self._moves.append(index)
        if move.role in _LOOKS:
            self._look_again(index, move, operation, document)
        elif self._is_needed(move) and answered.kind != "success":
            raise Blocked(f"{move.operation} was refused with {answered.status} {answered.code}".rstrip())
        elif self._is_needed(move):
            waited = self.session.settle(self.contract.of(operation), document, answered.document)
            if waited:
                self._teller.steps.append(TranscriptStep("pause", index, seconds=waited))
        elif move.role == "refuse" and answered.kind == "success":
            # Cases of their own are about that; what is shown from here on came with the request.
            raise Blocked(f"{move.operation} was to be refused, and was accepted")

    def _is_needed(self, move: Move) -> bool:
        """Whether nothing can be done without what a move makes."""
        return move.role in _NEEDED or (move.role == "associate" and move.label == CREATE)

    def _look_again(self, index: int, move: Move, operation: Operation, document: Any) -> None:
        """Ask once more, a little later, while something is not shown yet that should be."""
        for seconds in _LATER_AFAR if self.session.plan.allow_remote else _LATER:
            shown = self._shown_last()
            if shown <= self.memory.waited:
                return
            time.sleep(seconds)
            self._teller.steps.pop()
            again = self._ask(index, move, operation, document)
            self._answered[-1] = again or self._answered[-1]
        # What did not pass once is not waited for again.
        self.memory.waited |= self._shown_last()

    def _judged(self, story: Story) -> list[tuple[Violation, int]]:
        """All violations in a story, each with the index of the answer that shows it."""
        breaches = judge_breaches(story, checks=self.judges.oracles, severities=self.judges.severities)
        return [
            (violation, next(index for index, move in enumerate(story.moves) if move is breach.shown_by))
            for violation, breach in breaches
        ]

    def _shown_last(self) -> set[tuple[str, ...]]:
        """The keys of what the last answer shows."""
        judged = self._judged(self._story())
        return {violation.key for violation, at in judged if at == len(self._answered) - 1}

    def _ask(self, index: int, move: Move, operation: Operation, document: Any) -> AnsweredMove | None:
        """Send a move's request, with all pages of what is a list, and tell it.

        None where the target has nothing to look with. Raises Blocked if it lacks what writes.
        """
        began, mark = time.time(), self.session.channel.mark()
        exchange = self._send(operation, document, "elsewhere" if move.role == "elsewhere" else "")
        if not self._is_there(operation, document, exchange, mark):
            if move.role in _OPTIONAL:
                return None
            evidence = self.memory.absent[operation.name]
            reason = f"{operation.name} is not implemented: {evidence}"
            raise Blocked(reason, missing=operation.name, evidence=evidence)
        answer = self._taken(index, move, operation, document, exchange, mark)
        first = answer.decoded.document if answer.kind == "success" and answer.decoded else None
        self._tell(index, move, operation, answer, exchange)
        if move.role in _SHOWING and is_foreign(answer):
            # That is told of the answer; of what was made it tells nothing, whatever it lacks. What a write
            # is answered with is another matter: the looks after it tell what came of it.
            raise Blocked(f"{move.operation} was answered with another operation's document")
        pages, complete, repeats = [first], True, False
        if move.role in _PAGED and isinstance(first, Mapping):
            more, complete, repeats = self._turned(operation, document, first, move)
            pages += more
            if more:
                self._teller.note(f"and {len(more)} more pages")
        return AnsweredMove(
            move.label,
            move.role,
            move.about,
            operation,
            document,
            _free(move),
            answer.kind,
            answer.response.status,
            answer.code,
            first,
            tuple(pages),
            complete,
            repeats,
            began,
            time.time(),
        )

    def _is_there(self, operation: Operation, document: Any, exchange: Exchange, mark: int) -> bool:
        """Whether the target has an operation at all, as far as its answers tell."""
        if operation.name in self.memory.answered:
            return True
        answer = self._interpreted(operation, document, exchange)
        if answer.kind == "error":
            if operation.name not in self.memory.asked:
                self.memory.asked[operation.name] = Evidence(self.session, self.contract.of(operation))
            evidence = self.memory.asked[operation.name].of(document, answer, mark)
            if evidence:
                self.memory.absent[operation.name] = evidence
                return False
        self.memory.answered.add(operation.name)
        return True

    def _turned(
        self, operation: Operation, document: Mapping[str, Any], first: Any, move: Move
    ) -> tuple[list[Any], bool, bool]:
        """The pages after the first, whether the last was seen, and whether a token came again."""
        paging = paging_of(self.contract.service, operation, self.script.family.noun)
        pages: list[Any] = []
        asked = [paging.following(first)]
        while asked[-1] and len(pages) < _PAGES:
            sent = {**document, **asked[-1]}
            principal = "elsewhere" if move.role == "elsewhere" else ""
            exchange = self._send(operation, sent, principal)
            answer = self._interpreted(operation, sent, exchange)
            if answer.kind != "success" or answer.decoded is None:
                return pages, False, False
            pages.append(answer.decoded.document)
            following = paging.following(answer.decoded.document)
            if following and following in asked:
                return pages, False, True
            asked.append(following)
        return pages, not asked[-1], False

    def _at_once(self, index: int, move: Move, operation: Operation) -> None:
        """Send a request several times at the same moment; the first that is accepted is the creation."""
        document = self._filled(move, operation)
        request = self.contract.of(operation).encode_request(document)
        began = time.time()
        exchanges = self.session.send_at_once(self.contract, [(operation, request)] * move.times)
        ended = time.time()
        # Of requests at once nobody can tell whose stack is whose.
        answers = [self._taken(index, move, operation, document, exchange, None) for exchange in exchanges]
        # A success is told first: the reads after it are about what that has made.
        order = sorted(range(len(answers)), key=lambda number: answers[number].kind != "success")
        for number, at in enumerate(order):
            answer = answers[at]
            self._tell(index, move, operation, answer, exchanges[at])
            self._answered.append(
                AnsweredMove(
                    move.label if number == 0 else f"{move.label} ({number})",
                    move.role if number == 0 else "again",
                    move.about,
                    operation,
                    document,
                    _free(move),
                    answer.kind,
                    answer.response.status,
                    answer.code,
                    answer.decoded.document if answer.kind == "success" and answer.decoded else None,
                    repeats=True,
                    began=began,
                    ended=ended,
                )
            )
            self._ends.append(len(self._teller.steps))
            self._moves.append(index)
        if answers[order[0]].kind != "success":
            raise Blocked(f"{move.operation} was refused, however often it was sent")

    def _send(self, operation: Operation, document: Any, principal: str = "") -> Exchange:
        request = self.contract.of(operation).encode_request(document)
        if reason := uncarriable(request):
            raise Blocked(f"HTTP can not carry it: {reason}")
        exchange = self.session.send(self.contract.of(operation), request, principal=principal)
        response = exchange.response
        if response.fate == "withheld":
            raise Blocked(f"not sent: {response.detail}")
        if response.fate in ("gone", "refused"):
            raise Blocked(f"no connection: {response.detail}")
        if header(response.headers, _GENERATED) is not None:
            raise Blocked("the answer is generated, and of no state")
        return exchange

    def _taken(
        self,
        index: int,
        move: Move,
        operation: Operation,
        document: Any,
        exchange: Exchange,
        mark: int | None,
    ) -> DecodedResponse:
        """An answer, interpreted; what is wrong with it alone is a violation at once.

        `mark` is where the target's log stood before the request, if it can be told.
        """
        answer = self._interpreted(operation, document, exchange)
        if move.role == "refuse":
            # Cases of their own are about the answer, with the constraint that is broken.
            return answer
        secrets = self.session.secrets(self.contract.of(operation), exchange)
        judged = judge(answer, checks=self.judges.answers, severities=self.judges.severities)
        crashes = Crashes(self.session, self.judges.answers, self.judges.severities)
        odd = self.session.leftovers.without(self.memory.names.bounded(judged))
        named = crashes.named(odd, answer, mark, secrets)
        self._violations += [
            (replace(item, got=without_secrets(item.got, secrets)), index, len(self._teller.steps) + 1)
            for item in named
            # Whether what is asked for in vain is refused is the story's to tell.
            if move.role not in _IN_VAIN or not item.check.startswith("request.")
        ]
        return answer

    def _interpreted(self, operation: Operation, document: Any, exchange: Exchange) -> DecodedResponse:
        return bounded(
            interpret(
                self.contract.service,
                operation,
                self.contract.protocol,
                self.contract.validators(operation.name),
                exchange.response,
                Expectation("answered"),
                document,
            )
        )

    def _filled(self, move: Move, operation: Operation) -> Any:
        """A move's document, with this run's values. Raises Blocked if one is missing."""

        def resolve(symbol: Mapping[str, Any]) -> Any:
            return self._resolved(symbol, move, operation)

        return substitute(dict(move.input), resolve)

    def _resolved(self, symbol: Mapping[str, Any], move: Move, operation: Operation) -> Any:
        if "$name" in symbol:
            key = (move.label, str(symbol["$name"]))
            if key not in self._chosen:
                self._chosen[key] = self._named(symbol, move, operation)
            return self._chosen[key]
        source = str(symbol.get("$from", ""))
        label, _, path = source.partition(".")
        creation = next((item for item in self._answered if item.label == label), None)
        coming = next((item for item in self.script.moves if item.label == label), None)
        if creation is None and coming is not None and path.startswith("$in."):
            # What will be sent later: a look before that asks for the same.
            return self._to_be_sent(coming, path.removeprefix("$in."))
        if creation is None:
            if lacking := self.environment.missing(dict(symbol)):
                raise Blocked(lacking)
            return self.environment.fill(dict(symbol))
        value: Any = creation.document
        if path.startswith("$in."):
            value, path = creation.sent, path.removeprefix("$in.")
        value = value_at(value, path.split("."))
        if value is None or value == "":
            # Nobody can be asked for what has an empty name.
            raise Blocked(f"{creation.operation.name} answered without {path}")
        return value

    def _to_be_sent(self, move: Move, path: str) -> Any:
        """What a later move will be sent at a place."""
        operation = self.contract.operation(move.operation)

        def resolve(symbol: Mapping[str, Any]) -> Any:
            return self._resolved(symbol, move, operation)

        return substitute(value_at(dict(move.input), path.split(".")), resolve)

    def _named(self, symbol: Mapping[str, Any], move: Move, operation: Operation) -> str:
        """A name that nothing else has, in the first form that the model allows."""
        form = str(symbol["$name"])
        word, pattern = ("name", form) if "{}" in form else (form, "{}")
        name = str(self.environment.fill({"$name": word}))
        member = next((key for key, item in move.input.items() if item == symbol), "")
        validator = self.contract.validator(operation.name, "input")
        forms = [
            pattern.format(name),
            name.replace("-", ""),
            f"https://{name}.example.com",
            f"{name}.example.com",
        ]
        for candidate in forms:
            findings = validator.findings({member: candidate})
            if not any(finding.path[:1] == (member,) for finding in findings):
                return candidate
        return forms[0]

    def _tell(
        self, index: int, move: Move, operation: Operation, answer: DecodedResponse, exchange: Exchange
    ) -> None:
        secrets = self.session.secrets(self.contract.of(operation), exchange)
        said = said_of(self.contract, exchange.response, answer, secrets)

        def resolve(symbol: Mapping[str, Any]) -> Any:
            return self._resolved(symbol, move, operation)

        self._teller.tell(index, move, said, resolve, success=answer.kind == "success")

    def _tidy_up(self) -> None:
        """Take away what was made, the newest first; what can't be is left."""
        gone = 0
        creations = 0
        purged = {move.about for move in self._answered if move.role == "purge" and move.kind == "success"}
        for creation in reversed(self._answered):
            creates = creation.kind == "success" and creation.operation == self.script.family.creator
            if not creates or creation.label in purged:
                continue
            creations += 1
            for deleter in self.script.family.deleters[:1]:
                gone += self._undo(deleter, creation)
        deleted = sum(
            move.role in ("delete", "dissociate") and move.kind == "success" for move in self._answered
        )
        asked = all(move.kind == "error" or move.role in _ASKING for move in self._answered)
        arranged = any(move.role == "arrange" and move.kind == "success" for move in self._answered)
        if arranged or (not asked and (not creations or gone + deleted < creations)):
            self.environment.change()
            if self.script.associates:
                # What is still added would be in the way of whoever adds it next.
                self.environment.spoil()
        self._tidy_up_beside()

    def _tidy_up_beside(self) -> None:
        """Take away what was provided besides; where part of what all stands on is gone, all is made anew."""
        for provided in self._answered:
            if provided.role != "provide" or provided.kind != "success":
                continue
            for step in self.script.family.recipe.steps:
                if step.operation == provided.operation.name and step.undo is not None:
                    inputs = _of_label(step.undo.input, step.name, provided.label)
                    undo = RelatedOperation(self.contract.operation(step.undo.operation), inputs)
                    self._undo(undo, provided, provided.label)
        if any(move.role == "drop" and move.kind != "error" for move in self._answered):
            self.environment.spoil()

    def _undo(self, deleter: RelatedOperation, creation: AnsweredMove, label: str = CREATE) -> bool:
        """Take away what was created; whether the target says that it is."""
        move = Move("undo", "delete", deleter.name, deleter.template, creation.label)
        first = replace(creation, label=label)
        answered, self._answered = self._answered, [first]
        try:
            exchange = self._send(deleter.operation, self._filled(move, deleter.operation))
        except Blocked:
            # It stays, and the target's end will take it away.
            return False
        else:
            return 200 <= exchange.response.status < 300
        finally:
            self._answered = answered


def _of_label(template: Any, step: str, label: str) -> Any:
    """A template with symbols for what a step has made as those for what a move has made."""

    def renamed(symbol: Mapping[str, Any]) -> Any:
        source, _, path = str(symbol.get("$from", "")).partition(".")
        return {"$from": f"{label}.{path}"} if source == step else dict(symbol)

    return substitute(template, renamed)


def _free(move: Move) -> frozenset[str]:
    """Members of a move's input that no symbol stands for."""
    return frozenset(name for name, item in move.input.items() if not is_symbol(item))
