# SPDX-License-Identifier: Apache-2.0
"""One search for a state: producers carried out, refusals learned from, a step after the other.

It owns the order of tries within a search, and what is remembered of a target between searches. It refuses
to judge, and to know what becomes of a chain that was come to.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..cases.api_words import words_of
from ..cases.contract import Contract, OperationContract
from ..cases.drafts import NOTHING, InputPlace, InputVariant, Path, accepts, draft, places
from ..cases.hints import Hints, hints_of
from ..cases.lessons import lessons
from ..cases.links import links_of
from ..cases.name_reading import is_fabricated, is_left_alone, is_own_name, read_name
from ..cases.rejection import Rejection
from ..cases.setup import SetupStep
from ..cases.symbols import is_symbol, substitute
from .evidence import is_unknown
from .session import Session
from .shown_texts import needs_of
from .trial_chain import TrialChain

__all__ = ["SearchTarget", "SearchTrial", "new_name"]

_NESTED = 14
_MAKING = 30
# So often in vain, and a producer is tried no more.
_FAILURES = 2
# So many lessons are taken of a refusal that was met before with other values.
_AGAIN = 1
_DEEPEST = 5
_PRODUCERS = 4
# How a new name may be written where its place does not take the usual way.
_FORMS = (
    "{}",
    "{}.example.com",
    "{}@example.com",
    "/{}",
    "alias/{}",
    "arn:aws:iam::123456789012:role/{}",
    "https://{}.example.com/",
)


@dataclass(slots=True)
class SearchMemory:
    """What is known of one service on one target."""

    variants: dict[str, InputVariant] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    places: dict[str, tuple[InputPlace, ...]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)


class SearchTarget:
    """A target as searches see it: what is known of it, what it lacks, and whether it may be asked more."""

    def __init__(self, session: Session, expired: Callable[[], bool] = lambda: False) -> None:
        self._session = session
        self._expired = expired

    def memory(self, contract: Contract) -> SearchMemory:
        """What is known of a service."""
        key = f"{contract.service.name} {contract.protocol_name}"
        memory: SearchMemory = self._session.memory.setdefault(key, SearchMemory())
        return memory

    def is_absent(self, contract: OperationContract, refusal: Rejection) -> bool:
        """Whether the first refusal of an operation shows that the target lacks it."""
        if refusal.status == 501:
            return True
        if any(signature in refusal.text for signature in self._session.not_implemented):
            return True
        memory = self.memory(contract.service_contract)
        if contract.name in memory.present or refusal.response is None:
            return False
        if is_unknown(self._session, contract, refusal.sent, refusal.response):
            return True
        memory.present.add(contract.name)
        return False

    def is_over(self) -> bool:
        """Whether no more is to be sent."""
        return self._expired() or self._session.liveness.gone


class SearchTrial:
    """One search: a chain, and how many requests it may still send."""

    def __init__(self, target: SearchTarget, chain: TrialChain, requests: int) -> None:
        self._target = target
        self.chain = chain
        self._most = requests
        # What could not be carried out for the operation that is searched for, and the last of its refusals.
        self.refused: dict[str, Rejection] = {}
        # Gates that could not be passed, with how many steps there were then.
        self._shut: dict[str, int] = {}

    def clean(self, contract: Contract) -> list[str]:
        """Undo what the search has made."""
        return self.chain.undo_all(contract)

    def attained(
        self, contract: OperationContract, way: tuple[str, ...], most: int, mode: str = ""
    ) -> tuple[InputVariant, Any] | Rejection:
        """Carry out an operation, by whatever variant succeeds; if none does, the refusal after most steps.

        `mode` is what hints call one of its ways.
        """
        memory, chain = self._target.memory(contract.service_contract), self.chain
        name = contract.name
        full = f"{contract.service.name}:{name}"
        hints = hints_of(contract.service.name)
        start = memory.variants.get(name + mode) or _first(hints, name, mode)
        tried: set[str] = set()
        refusals: dict[str, set[str]] = {}
        furthest: Rejection | None = None
        carried_out = -1
        waiting = deque([start])
        if start != InputVariant():
            waiting.append(InputVariant())
        limit = chain.requests + most
        while waiting and chain.requests < min(limit, self._most) and not self._target.is_over():
            variant = waiting.popleft()
            if variant.key in tried:
                continue
            tried.add(variant.key)
            for gate in variant.gates:
                self._pass_gate(contract.service_contract, gate, (*way, full), most // 3)
            literals = {
                path: self._placed(contract.service_contract, literal, (*way, full), most)
                for path, literal in variant.literals.items()
            }
            choice = self._choice(contract, variant, way, most)
            template = draft(contract, replace(variant, literals=literals), choice)
            if not isinstance(template, dict):
                return furthest or Rejection(0, "", "no valid input can be put together")
            if self._target.is_over():
                # What the input needs took the rest of the time.
                break
            answer = chain.send(contract, template)
            if not isinstance(answer, Rejection):
                memory.variants[name + mode] = replace(variant, passed={}, fresh=frozenset())
                self.add(contract, template, answer, way, mode)
                return variant, template
            if answer.status == 0:
                # Nobody answers, or no recording has it: there is nothing to learn.
                return furthest or answer
            if furthest is None and self._target.is_absent(contract, answer):
                memory.dead[name] = str(answer)
                return answer
            if len(chain.steps) > carried_out:
                furthest, carried_out = answer, len(chain.steps)
            waiting.extendleft(reversed(self._learned(contract, variant, answer, refusals)))
            # Whatever was carried out since may have answered with what belongs here.
            waiting.extendleft(
                other for other in self._as_answered(contract, start) if other.key not in tried
            )
        refusal = furthest or Rejection(0, "", "no time was left to try")
        if len(way) == 1 and refusal.status:
            self.refused[name] = refusal
        return refusal

    def _learned(
        self,
        contract: OperationContract,
        variant: InputVariant,
        refusal: Rejection,
        refusals: dict[str, set[str]],
    ) -> list[InputVariant]:
        """What a refusal teaches: all of one that is new, the likeliest of one that other values met before.

        `refusals` has those that were met, each with the listed values that it was met with.
        """
        listed = {place.path for place in self.places(contract) if place.listed_values}
        values = repr(sorted(item for item in variant.literals.items() if item[0] in listed))
        met = refusals.setdefault(refusal.key, set())
        if values in met:
            return []
        most = None if not met else _AGAIN
        met.add(values)
        more = lessons(links_of(contract.service), contract.name, self.places(contract), variant, refusal)
        return list(itertools.islice(more, most))

    def _as_answered(self, contract: OperationContract, variant: InputVariant) -> Iterator[InputVariant]:
        """The variant with what earlier answers gave under the very names of members here: a session."""
        texts: list[Path] = []
        kinds: dict[Path, Any] = {}
        for place in self.places(contract):
            text = self.chain.texts.answered(place.name, place.shape) if len(place.path) == 1 else None
            if text is None or place.path in variant.literals:
                continue
            if place.enumerates(text):
                kinds[place.path] = text
            elif place.optional and place.is_text and not is_left_alone(place.name):
                texts.append(place.path)
        if texts:
            answered = variant.adding(*texts)
            yield replace(
                answered,
                optional=answered.optional.union(kinds),
                literals={**answered.literals, **kinds},
            )

    def add(
        self,
        contract: OperationContract,
        template: Any,
        document: Any,
        way: tuple[str, ...],
        mode: str,
    ) -> None:
        chain = self.chain
        template = chain.grounded(template)
        own = contract.service.name
        outer = way[0].partition(":")[0] if way else own
        full = contract.name if own == outer else f"{own}:{contract.name}"
        step = SetupStep(
            chain.free_name(full + mode), full, template, needs=tuple(sorted(needs_of(template)))
        )
        chain.add(contract.service_contract, step, document)
        undo = chain.texts.undo(contract.service_contract, step)
        if undo is not None:
            chain.steps[-1] = replace(step, undo=undo)

    def _pass_gate(self, contract: Contract, gate: str, way: tuple[str, ...], most: int) -> None:
        source, slash, mode = gate.partition("/")
        owner = contract.owner(source)
        full = owner.full_name
        known = self.chain.step_of(gate)
        if known is not None:
            self.chain.gates.add(known.name)
            return
        if full + slash + mode in way or owner.name in self._target.memory(owner.service_contract).dead:
            return
        if len(way) > _DEEPEST or self._shut.get(gate) == len(self.chain.steps):
            return
        outcome = self.attained(owner, way, max(most, 4), slash + mode)
        if isinstance(outcome, Rejection):
            self._shut[gate] = len(self.chain.steps)
        else:
            self.chain.gates.add(self.chain.steps[-1].name)

    def places(self, contract: OperationContract) -> tuple[InputPlace, ...]:
        memory = self._target.memory(contract.service_contract)
        if contract.name not in memory.places:
            memory.places[contract.name] = tuple(places(contract))
        return memory.places[contract.name]

    def _choice(
        self, contract: OperationContract, variant: InputVariant, way: tuple[str, ...], most: int
    ) -> Callable[[InputPlace], Any]:
        """What stands at the places of a draft: names of its own, what the chain knows, what can be made."""
        hints = hints_of(contract.service.name)

        here = (*way, contract.full_name)

        def choose(place: InputPlace) -> Any:
            if is_left_alone(place.name):
                return NOTHING
            creates = read_name(contract.name).verb == "create"
            own = hints.own_value(place.name)
            if own is not None and (creates or not is_symbol(own)):
                return own
            if place.path in variant.fresh or (creates and is_own_name(place.name, contract.name)):
                return new_name(place)
            link = hints.link(place.name, contract.name)
            linked = self._linked(contract.service_contract, link, here, most) if link else None
            if linked is not None:
                return linked
            passed = variant.passed.get(place.path, 0)
            known = self.chain.candidates
            fitting = (
                known(contract.service_contract, place, contract.name, fitting=True) if place.is_text else []
            )
            symbols = known(contract.service_contract, place, contract.name) if place.is_text else []
            # A name where an ARN is asked for may have an answer yet to come that shows the ARN.
            if len(symbols) > passed and (fitting or passed):
                return symbols[passed]
            common = hints.common_value(place.name)
            if common is not None and (not isinstance(common, str) or accepts(place.node, common)):
                return common
            if place.is_text and (passed or self._may_be_produced(contract, place)):
                symbols = self._produced(contract, place, way, most)
            return symbols[min(passed, len(symbols) - 1)] if symbols else NOTHING

        return choose

    def _may_be_produced(self, contract: OperationContract, place: InputPlace) -> bool:
        """Whether it is worth a try to have some operation show what a place asks for."""
        need = place.need(contract.name)
        if links_of(contract.service).makers(need):
            return True
        if links_of(contract.service).givers(need):
            return True
        # Names that nothing makes are made up, and so are versions; identifiers come from somewhere.
        return need.is_identity and not is_fabricated(place.name) and not place.name.endswith("Version")

    def _linked(self, contract: Contract, link: str, way: tuple[str, ...], most: int) -> Any:
        """The symbol of a hinted source, after the operation that it names; None where that fails."""
        source, _, path = link.partition(".")
        self._pass_gate(contract, source, way, most // 2)
        step = self.chain.step_of(source)
        symbol = {"$from": f"{step.name}.{path}"} if step is not None else None
        # What is there to be listed may be nothing.
        return symbol if symbol is not None and self.chain.fill(symbol) != "" else None

    def _placed(self, contract: Contract, literal: Any, way: tuple[str, ...], most: int) -> Any:
        """A hinted value with the sources in it carried out."""

        def resolve(symbol: Mapping[str, str]) -> Any:
            if "$from" not in symbol:
                return dict(symbol)
            return self._linked(contract, symbol["$from"], way, most) or ""

        return substitute(literal, resolve)

    def _produced(
        self, contract: OperationContract, place: InputPlace, way: tuple[str, ...], most: int
    ) -> list[dict[str, str]]:
        """Symbols for a place after what may show it was carried out."""
        memory, chain = self._target.memory(contract.service_contract), self.chain
        here = (*way, contract.full_name)
        if len(here) > _DEEPEST:
            return []
        tried = 0
        before = chain.candidates(contract.service_contract, place, contract.name)
        for name in links_of(contract.service).producers(place.need(contract.name)):
            full = f"{contract.service.name}:{name}"
            if name in memory.dead or full in here or chain.step_of(name) is not None:
                continue
            if tried >= _PRODUCERS or chain.requests >= self._most:
                break
            limit = min(_MAKING if read_name(name).word == "Create" else _NESTED, most // 2)
            outcome = self.attained(
                contract.service_contract.of(contract.service_contract.operation(name)), here, limit
            )
            # What a target lacks altogether is no try.
            tried += name not in memory.dead
            failed = isinstance(outcome, Rejection) and limit >= _NESTED and name not in memory.dead
            # What no time was left for says nothing of the next search.
            if failed and not self._target.is_over():
                memory.failed[name] = memory.failed.get(name, 0) + 1
                if memory.failed[name] >= _FAILURES:
                    memory.dead[name] = str(outcome)
            # Though it failed, what it needs itself may have shown the value.
            symbols = chain.candidates(contract.service_contract, place, contract.name)
            if symbols == before and not isinstance(outcome, Rejection):
                symbols = self._read_again(contract, name, place, here)
            if symbols != before:
                return symbols
        return chain.candidates(contract.service_contract, place, contract.name)

    def _read_again(
        self, contract: OperationContract, name: str, place: InputPlace, way: tuple[str, ...]
    ) -> list[dict[str, str]]:
        """Symbols for a place, after what a reader reads of was made where there was nothing to read."""
        chain, service_contract = self.chain, contract.service_contract
        if read_name(name).verb == "read":
            for gate in links_of(contract.service).gates(name)[:2]:
                self._pass_gate(service_contract, gate, way, _NESTED)
                if chain.step_of(gate) is not None:
                    self.attained(service_contract.of(service_contract.operation(name)), way, 3)
                    break
        return chain.candidates(service_contract, place, contract.name)


def _first(hints: Hints, operation: str, mode: str) -> InputVariant:
    """The variant that hints describe; of a mode, on top of what they say of the operation."""
    inputs = {**hints.inputs(operation), **(hints.inputs(operation + mode) if mode else {})}
    literals: dict[Path, Any] = {(name,): value for name, value in inputs.items()}
    # A search sends operations alone: what an upload brings about is for who knows when it is called for.
    gates = tuple(gate for gate in hints.before(operation + mode) if hints.upload(gate) is None)
    return InputVariant(optional=frozenset(literals), literals=literals, gates=gates)


def new_name(place: InputPlace) -> Any:
    """A symbol for a name that nothing has yet, of a form that the place allows."""
    word = "".join(words_of(place.name)).lower()[:8] or "name"
    for form in (word, *_FORMS):
        sample = form.replace("{}", "run0aaaa12") if "{}" in form else f"run0aaaa-{form}-12"
        if accepts(place.node, sample):
            return {"$name": form}
    return NOTHING
